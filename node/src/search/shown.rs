//! What a list shows of what was found, and why it was found.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::{plain, tidy};
use super::entry::{Card, Facts};
use super::marking::Marker;
use super::matching::Matching;
use super::paging::Placed;
use super::query::{Hit, Marked, Piece};
use super::sought::{Sought, Typed};

/// Shows hits to one reader.
pub struct Showing<'q> {
    reads: &'q [String],
    marker: Marker,
    codes: BTreeSet<&'static str>,
}

impl<'q> Showing<'q> {
    /// For somebody who reads some languages, best first, and looks for
    /// something.
    pub fn new(reads: &'q [String], typed: &Typed, matching: &Matching<'_>) -> Self {
        let dispensable = typed.dispensable();
        let sought = typed.0.iter().zip(&dispensable).filter(|(_, dispensable)| !**dispensable);
        let marker = Marker::new(sought.map(|(sought, _)| sought), matching.meant.iter().flatten());
        let mut codes: BTreeSet<&'static str> =
            matching.codes.iter().flat_map(BTreeMap::keys).copied().collect();
        codes.extend(matching.named_instead());
        Self { reads, marker, codes }
    }

    /// A practice with what was found in it.
    pub fn hit(&mut self, placed: &Placed, card: Card, texts: &BTreeMap<String, String>) -> Hit {
        let title = self.best(&card.titles, &card.facts);
        let title = title.map(|(tag, text)| self.marker.mark(tag, text)).unwrap_or_default();
        let passage = self.passage(&title.lang, &card, texts);
        let by = self.by(&card.facts);
        Hit { id: placed.id().to_owned(), score: placed.score(), title, passage, by, card }
    }

    /// The text in a language of the reader, else in the original one, else in
    /// English, else in any.
    fn best<'c>(
        &self,
        texts: &'c BTreeMap<String, String>,
        facts: &Facts,
    ) -> Option<(&'c str, &'c str)> {
        let original = facts.original_language.as_deref();
        let wishes = self.reads.iter().map(String::as_str).chain(original).chain(["en"]);
        let mut found = wishes.filter_map(|tag| texts.get_key_value(tag));
        let found = found.next().or_else(|| texts.iter().next());
        found.map(|(tag, text)| (tag.as_str(), text.as_str()))
    }

    /// The beginning of the summary if it has something that was looked for, or
    /// nothing was; else the passage that has most of it, in a language of the
    /// reader rather than in another.
    fn passage(&mut self, lang: &str, card: &Card, texts: &BTreeMap<String, String>) -> Marked {
        let summary = self.best(&card.summaries, &card.facts);
        let beginning = summary.map(|(tag, text)| self.marker.mark(tag, text)).unwrap_or_default();
        if self.marker.is_empty() || beginning.pieces.iter().any(|piece| piece.marked) {
            return beginning;
        }
        let near = [lang.to_owned(), beginning.lang.clone()];
        let near = self.reads.iter().chain(&near);
        let mut tags: Vec<&String> = near.filter(|tag| texts.contains_key(*tag)).collect();
        tags.extend(texts.keys());
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(*tag));
        let mut found = tags.into_iter().filter_map(|tag| self.marker.passage(tag, &texts[tag]));
        found.next().map_or(beginning, |(_, passage)| passage)
    }

    /// The codes of a practice that were named.
    fn by(&self, facts: &Facts) -> Vec<(char, String)> {
        let numbers = facts.objectives.iter().chain(&facts.related_objectives);
        let objectives = numbers.map(|number| ('o', number.to_string()));
        let lists = [('c', &facts.countries), ('t', &facts.topics), ('g', &facts.groups)];
        let lists = lists
            .into_iter()
            .flat_map(|(kind, codes)| codes.iter().map(move |code| (kind, code.clone())));
        let places = facts.places().into_iter().map(|place| ('p', place));
        let kind = facts.kind.iter().map(|kind| ('k', kind.clone()));
        let mut codes: Vec<_> = objectives.chain(lists).chain(places).chain(kind).collect();
        codes.retain(|(kind, code)| self.codes.contains(super::names::code(*kind, code).as_str()));
        codes.dedup();
        codes
    }

    /// The text that was meant: each mistaken word is the likeliest instead, as
    /// it is written in what was found.
    pub fn meant(&self, typed: &Typed, matching: &Matching<'_>, hits: &[Hit]) -> Option<String> {
        let mut changed = false;
        let words: Vec<String> = typed
            .0
            .iter()
            .zip(&matching.meant)
            .map(|(sought, meant)| match meant.first() {
                Some(word) if !matching.is_any_meant() => {
                    changed = true;
                    written(word, hits).unwrap_or_else(|| word.clone())
                }
                _ => match sought {
                    Sought::Phrase(phrase) => format!("\"{phrase}\""),
                    other => other.text().to_owned(),
                },
            })
            .collect();
        changed.then(|| words.join(" "))
    }
}

/// A plain word as it is written in a hit.
fn written(word: &str, hits: &[Hit]) -> Option<String> {
    let marked = hits.iter().flat_map(|hit| hit.title.pieces.iter().chain(&hit.passage.pieces));
    let same = |piece: &&Piece| piece.marked && plain(&tidy(&piece.text)) == word;
    marked.into_iter().find(same).map(|piece| piece.text.to_lowercase())
}
