//! The fields of the index: what is searched, what is filtered by, what is
//! kept.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{TantivyDocument, Term};

use super::analysis::{Analyser, Form, Tongue};
use super::entry::{Card, Entry, EntryText, Facts, SUMMARY_CHARS};
use super::error::SearchError;
use super::marking::LOOKED_THROUGH_BYTES;
use super::names::code;

/// Grows with every change of how terms are made or of what a card holds. It
/// is part of the schema, and an index with another schema is built anew.
const VERSION: u32 = 3;

/// The letter of related objectives in the field of codes.
pub const RELATED: char = 'r';

/// Of each text of an entry at most this many bytes are searched.
const TEXT_BYTES_MAX: usize = 256 * 1024;
/// A title is kept up to this many characters.
const TITLE_CHARS: usize = 300;
/// A list of an entry is kept up to this length: there are 249 countries.
const LIST_MAX: usize = 256;
/// A code, tag or id longer than this is left out.
pub const CODE_BYTES_MAX: usize = 100;

/// For members alone.
pub const MEMBERS_ONLY: u64 = 1;
/// Withdrawn.
pub const WITHDRAWN: u64 = 2;

/// Columns by which practices are divided and ordered.
pub mod column {
    /// The id.
    pub const ID: &str = "id";
    /// Primary objectives.
    pub const OBJECTIVE: &str = "objective";
    /// Countries.
    pub const COUNTRY: &str = "country";
    /// The kind.
    pub const KIND: &str = "kind";
    /// Languages.
    pub const LANGUAGE: &str = "language";
    /// Topics.
    pub const TOPIC: &str = "topic";
    /// Regions, groupings and subregions.
    pub const PLACE: &str = "place";
    /// When it was published.
    pub const PUBLISHED: &str = "published";
    /// When it arrived.
    pub const ARRIVED: &str = "arrived";
    /// The organisation that it comes from.
    pub const ORIGIN: &str = "origin";
    /// When it was confirmed or published last.
    pub const RENEWED: &str = "renewed";
    /// Who does not find it: a sum of [`MEMBERS_ONLY`](super::MEMBERS_ONLY) and
    /// [`WITHDRAWN`](super::WITHDRAWN).
    pub const HIDDEN: &str = "hidden";
    /// What it was made from.
    pub const STATE: &str = "state";
}

/// The fields in which the words of a language are searched, and how much
/// each of them counts.
#[derive(Clone, Copy, Debug)]
pub struct TextFields {
    title: Field,
    summary: Field,
    body: Field,
}

impl TextFields {
    /// Each field with its weight.
    pub const fn weighted(self) -> [(Field, f32); 3] {
        [(self.title, 4.0), (self.summary, 2.0), (self.body, 1.0)]
    }
}

/// All fields.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The schema that they make.
    pub schema: Schema,
    /// Words by language.
    pub texts: BTreeMap<Tongue, TextFields>,
    /// All words of all languages and names, whole and without accents: for
    /// beginnings of words, for words with a mistake, and for those that a
    /// language other than their own would reduce.
    pub words: Field,
    /// Everything that is a code, each with the letter of its vocabulary.
    pub codes: Field,
    id: Field,
    objective: Field,
    country: Field,
    kind: Field,
    language: Field,
    topic: Field,
    place: Field,
    published: Field,
    arrived: Field,
    origin: Field,
    renewed: Field,
    hidden: Field,
    state: Field,
    card: Field,
    texts_kept: Field,
}

impl Fields {
    /// The fields of this version.
    pub fn new() -> Self {
        let mut schema = Schema::builder();
        let texts = Tongue::ALL.map(|tongue| {
            let options = indexed(Form::Stems(tongue), IndexRecordOption::WithFreqsAndPositions);
            let mut add =
                |part| schema.add_text_field(&format!("{part}_{}", tongue.code()), options.clone());
            let fields =
                TextFields { title: add("title"), summary: add("summary"), body: add("body") };
            (tongue, fields)
        });
        let code = || TextOptions::from(FAST);
        Self {
            texts: texts.into(),
            words: schema.add_text_field("words", indexed(Form::Plain, IndexRecordOption::Basic)),
            codes: schema.add_text_field("codes", STRING),
            id: schema.add_text_field(column::ID, STRING | STORED | FAST),
            objective: schema.add_u64_field(column::OBJECTIVE, FAST),
            country: schema.add_text_field(column::COUNTRY, code()),
            kind: schema.add_text_field(column::KIND, code()),
            language: schema.add_text_field(column::LANGUAGE, code()),
            topic: schema.add_text_field(column::TOPIC, code()),
            place: schema.add_text_field(column::PLACE, code()),
            published: schema.add_i64_field(column::PUBLISHED, FAST),
            arrived: schema.add_i64_field(column::ARRIVED, FAST),
            origin: schema.add_text_field(column::ORIGIN, code()),
            renewed: schema.add_i64_field(column::RENEWED, FAST),
            hidden: schema.add_u64_field(column::HIDDEN, FAST),
            state: schema.add_bytes_field(column::STATE, FAST),
            card: schema.add_bytes_field(&format!("card-{VERSION}"), STORED),
            texts_kept: schema.add_bytes_field("texts", STORED),
            schema: schema.build(),
        }
    }

    /// The analysers that the schema names.
    pub fn analysers() -> TokenizerManager {
        let manager = TokenizerManager::default();
        for form in Form::all() {
            manager.register(&form.analyser(), Analyser::new(form));
        }
        manager
    }

    /// What names a practice.
    pub fn id_term(&self, id: &str) -> Term {
        Term::from_field_text(self.id, id)
    }

    /// An entry as the engine takes it.
    pub fn document(&self, entry: &Entry) -> Result<TantivyDocument, SearchError> {
        let mut document = TantivyDocument::new();
        let facts = bounded(&entry.facts);
        document.add_text(self.id, &entry.id);
        document.add_bytes(self.state, &entry.state);
        document.add_i64(self.published, facts.published);
        document.add_i64(self.arrived, facts.arrived);
        document.add_i64(self.renewed, facts.renewed);
        document.add_text(self.origin, &facts.origin);
        let hidden = [(facts.members_only, MEMBERS_ONLY), (facts.withdrawn, WITHDRAWN)];
        let hidden = hidden.iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum();
        document.add_u64(self.hidden, hidden);
        codes(&facts).for_each(|code| document.add_text(self.codes, code));
        facts.places().iter().for_each(|place| document.add_text(self.place, place));
        for objective in &facts.objectives {
            document.add_u64(self.objective, u64::from(*objective));
        }
        for (field, codes) in [
            (self.country, &facts.countries),
            (self.language, &facts.languages),
            (self.topic, &facts.topics),
        ] {
            codes.iter().for_each(|code| document.add_text(field, code));
        }
        if let Some(kind) = &facts.kind {
            document.add_text(self.kind, kind);
        }
        for (tag, text) in entry.texts.iter().take(LIST_MAX) {
            let TextFields { title, summary, body } = self.texts[&Tongue::of(tag)];
            for (field, text) in
                [(title, &text.title), (summary, &text.summary), (body, &text.body)]
            {
                let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
                document.add_text(field, text);
                document.add_text(self.words, text);
            }
        }
        document.add_text(self.words, &facts.organisation);
        document.add_bytes(self.card, &packed(card(&entry.texts, facts))?);
        document.add_bytes(self.texts_kept, &packed(kept(&entry.texts))?);
        Ok(document)
    }

    /// The card of a document.
    pub fn card(&self, document: &TantivyDocument) -> Option<Card> {
        minicbor::decode(document.get_first(self.card)?.as_bytes()?).ok()
    }

    /// What a document says by language tag: the summary and all else but the
    /// title, to show where words were found.
    pub fn texts_kept(&self, document: &TantivyDocument) -> Option<BTreeMap<String, String>> {
        minicbor::decode(document.get_first(self.texts_kept)?.as_bytes()?).ok()
    }
}

fn packed<T: minicbor::Encode<()>>(kept: T) -> Result<Vec<u8>, SearchError> {
    minicbor::to_vec(kept).map_err(|error| SearchError::Failed(error.to_string()))
}

/// Every code of a practice as it is indexed.
fn codes(facts: &Facts) -> impl Iterator<Item = String> {
    let objectives = facts.objectives.iter().map(|n| code('o', &n.to_string()));
    let related = facts.related_objectives.iter().map(|n| code(RELATED, &n.to_string()));
    let lists = [('c', &facts.countries), ('t', &facts.topics), ('g', &facts.groups)];
    let lists =
        lists.into_iter().flat_map(|(kind, codes)| codes.iter().map(move |c| code(kind, c)));
    let places = facts.places().into_iter().map(|place| code('p', &place));
    let kind = facts.kind.iter().map(|kind| code('k', kind));
    objectives.chain(related).chain(lists).chain(places).chain(kind)
}

fn kept(texts: &BTreeMap<String, EntryText>) -> BTreeMap<String, String> {
    let kept = texts.iter().take(LIST_MAX).map(|(tag, text)| {
        let mut kept = text.summary[..text.summary.floor_char_boundary(TEXT_BYTES_MAX)].to_owned();
        if !kept.is_empty() {
            kept.push('\n');
        }
        kept.push_str(&text.body[..text.body.floor_char_boundary(TEXT_BYTES_MAX)]);
        // Nobody looks further for a passage to show.
        kept.truncate(kept.floor_char_boundary(LOOKED_THROUGH_BYTES));
        (tag.clone(), kept)
    });
    kept.collect()
}

fn indexed(form: Form, record: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(&form.analyser())
        .set_index_option(record)
        .set_fieldnorms(form != Form::Plain);
    TextOptions::default().set_indexing_options(indexing)
}

/// What came from elsewhere, with every list short and without repetition.
fn bounded(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    for objectives in [&mut facts.objectives, &mut facts.related_objectives] {
        *objectives = once(std::mem::take(objectives));
    }
    for codes in [
        &mut facts.countries,
        &mut facts.languages,
        &mut facts.topics,
        &mut facts.groups,
        &mut facts.subregions,
    ] {
        codes.retain(|code| code.len() <= CODE_BYTES_MAX);
        *codes = once(std::mem::take(codes));
    }
    facts.kind = facts.kind.filter(|kind| kind.len() <= CODE_BYTES_MAX);
    facts.organisation = beginning(&facts.organisation, TITLE_CHARS);
    facts
}

/// In their order, each at its first place.
fn once<T: Ord + Clone>(mut list: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    list.retain(|item| seen.insert(item.clone()));
    list.truncate(LIST_MAX);
    list
}

fn card(texts: &BTreeMap<String, EntryText>, facts: Facts) -> Card {
    let kept = |of: fn(&EntryText) -> &str, characters| {
        let texts = texts.iter().take(LIST_MAX).filter(|(_, text)| !of(text).is_empty());
        texts.map(|(tag, text)| (tag.clone(), beginning(of(text), characters))).collect()
    };
    Card {
        titles: kept(|text| &text.title, TITLE_CHARS),
        summaries: kept(|text| &text.summary, SUMMARY_CHARS),
        facts,
    }
}

/// The whole text if it has at most `characters`, else its first words, as
/// many as fit with the sign that more follows.
fn beginning(text: &str, characters: usize) -> String {
    if text.chars().nth(characters).is_none() {
        return text.to_owned();
    }
    let end = text.char_indices().nth(characters - 1).map_or(text.len(), |(at, _)| at);
    let cut = &text[..end];
    // Where there are no spaces nearby the script may have none.
    let words = cut.rfind(char::is_whitespace).filter(|at| at * 3 > cut.len() * 2);
    let mut kept = cut[..words.unwrap_or(cut.len())].trim_end().to_owned();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_is_cut_behind_a_word_and_says_so() {
        assert_eq!(beginning("Return and reintegration", 24), "Return and reintegration");
        assert_eq!(beginning("Return and reintegration", 14), "Return and…");
        assert_eq!(beginning("移民治理能力建设需要多方合作", 5), "移民治理…");
        let long = "Migrants and their families. ".repeat(40);
        assert!(beginning(&long, SUMMARY_CHARS).chars().count() <= SUMMARY_CHARS);
    }
}
