//! Requests for a translation: an edition that is to be read in one more language.
//!
//! Such a request is one like all others, which names the edition and the language
//! (`translate`). What a file leaves open follows from the edition; what need not be
//! asked is refused before it is sent; and what came of it is what stands of
//! translations of the practice ([`crate::annotations`]), whoever made them.

use serde_json::{Value, json};
use tern_crdt::ask::{Ask, TITLE_CHARACTERS_MAX, Wanted};
use tern_crdt::identity::{DocumentId, EditionId};
use tern_crdt::practice::Tag;
use tern_crdt::timestamp::Timestamp;

use super::Person;
use super::acting::invalid;
use crate::accounts::Account;
use crate::annotations::translations;
use crate::handle::NodeReplica;
use crate::ops::{Fields, OpError};
use crate::reading::{PracticeRead, Verdict};
use crate::reviews::person;
use crate::running::Node;

/// What is to be translated, with its names.
#[derive(Clone, PartialEq, Debug)]
pub struct TranslateRead {
    /// The practice.
    pub practice: DocumentId,
    /// Its title, if it is held here and counts.
    pub title: Option<(Tag, String)>,
    /// The edition.
    pub edition: EditionId,
    /// Its number, if it is held here.
    pub number: Option<u32>,
    /// Into which language.
    pub language: Tag,
    /// Whether the edition has a title in that language of its own.
    pub own: bool,
    /// The translation that is there.
    pub came: Option<CameRead>,
}

/// A translation that is there.
#[derive(Clone, PartialEq, Debug)]
pub struct CameRead {
    /// Who translated.
    pub by: Person,
    /// Of which edition, by its number.
    pub number: u32,
    /// When, as is claimed.
    pub claimed: Timestamp,
}

/// The translation into a language of an edition of at least this number: of several the
/// one that is shown first.
async fn came(
    node: &Node,
    read: &PracticeRead,
    language: &Tag,
    least: u32,
) -> Result<Option<CameRead>, OpError> {
    let of = |id: &EditionId| {
        let held = read.editions.iter().find(|held| held.id == *id)?;
        Some(held.statement().number)
    };
    let found = translations(&read.said).into_iter().find_map(|(one, translation)| {
        let number = of(one.body.editions.first()?)?;
        let fits = number >= least && translation.language.as_ref() == Some(language);
        fits.then_some((one.body.by, number, one.body.claimed_at))
    });
    let Some((by, number, claimed)) = found else { return Ok(None) };
    let by = node.handle().read(move |replica: &NodeReplica| person(replica, &by)).await?;
    Ok(Some(CameRead { by, number, claimed }))
}

impl Node {
    /// Names for what a request wants translated, and what came of it; `None` where it
    /// asks for something else.
    ///
    /// # Errors
    /// The store's.
    pub async fn to_translate(&self, ask: &Ask) -> Result<Option<TranslateRead>, OpError> {
        let Some(Wanted { practice, edition, language, .. }) = ask.translate.clone() else {
            return Ok(None);
        };
        let mut told = TranslateRead {
            practice,
            title: None,
            edition,
            number: None,
            language,
            own: false,
            came: None,
        };
        let Some(read) = self.reading().held(practice).await? else { return Ok(Some(told)) };
        let Some(at) = read.editions.iter().position(|held| held.id == edition) else {
            return Ok(Some(told));
        };
        let number = read.editions[at].statement().number;
        told.number = Some(number);
        let content = self.reading().content(&read, at).await?;
        if content.verdict != Verdict::Quarantined {
            told.title = content.practice.own_title();
            told.own = content.practice.title.get(&told.language).is_some();
            told.came = came(self, &read, &told.language, number).await?;
        }
        Ok(Some(told))
    }

    /// Refuses to ask for a translation of what is not held, or that is there already.
    ///
    /// # Errors
    /// `translate`, with what to do instead; the store's.
    pub async fn needs_translating(&self, ask: &Ask) -> Result<(), OpError> {
        let Some(told) = self.to_translate(ask).await? else { return Ok(()) };
        let refuse = |what: String| Err(invalid("translate", what));
        let language = &told.language;
        if told.number.is_none() {
            return refuse(format!(
                "names edition {} of {}, which is not held here: ask once it has arrived",
                told.edition, told.practice
            ));
        }
        if let Some(came) = told.came {
            return refuse(format!(
                "asks for what is there: {} translated edition {} into {language}",
                came.by.org.name, came.number
            ));
        }
        if told.own {
            return refuse(format!("asks for {language}, in which the edition is written already"));
        }
        if told.title.is_none() {
            return refuse("names an edition that does not count, so nobody reads it".to_owned());
        }
        Ok(())
    }

    /// Reads a request file, as [`read_ask`](Self::read_ask), and what it leaves open of
    /// a translation that is asked for follows from the edition. Not for forms: what is
    /// empty there somebody has emptied.
    ///
    /// # Errors
    /// As there; a practice or an edition that is not held.
    pub async fn read_ask_file(&self, account: &Account, mut file: Fields) -> Result<Ask, OpError> {
        self.fill_translate(&mut file).await?;
        self.read_ask(account, Value::Object(file)).await
    }

    /// Fills in which practice and edition the words of a file mean (the latest if it
    /// names none), and, from that edition, the title, the need, the objectives and both
    /// languages.
    async fn fill_translate(&self, fields: &mut Fields) -> Result<(), OpError> {
        let Some(wanted) = fields.get("translate").and_then(Value::as_object) else {
            return Ok(());
        };
        let mut wanted = wanted.clone();
        // Anything else is refused by name when the form is read.
        let Some(practice) = wanted.get("practice").and_then(Value::as_str) else { return Ok(()) };
        let read = self.reading().practice(practice).await;
        let read = read.map_err(|error| error.in_field("translate"))?;
        let at = match wanted.get("edition") {
            Some(Value::String(which)) if !which.trim().is_empty() => read.find(which.trim()),
            Some(Value::Number(number)) => read.find(&number.to_string()),
            _ => Ok(read.latest()),
        };
        let at = at.map_err(|error| error.in_field("translate"))?;
        wanted.insert("practice".into(), read.id.to_string().into());
        wanted.insert("edition".into(), read.editions[at].id.to_string().into());
        let language =
            wanted.get("language").and_then(Value::as_str).unwrap_or_default().to_owned();
        fields.insert("translate".into(), Value::Object(wanted));
        let content = self.reading().content(&read, at).await?;
        let said = &content.practice;
        if content.verdict == Verdict::Quarantined || language.is_empty() {
            return Ok(());
        }
        let (from, title) = said
            .own_title()
            .map_or_else(|| (String::new(), String::new()), |(tag, text)| (tag.to_string(), text));
        let number = read.editions[at].statement().number;
        let line = format!("Translate into {language}: {title}");
        let bound = usize::try_from(TITLE_CHARACTERS_MAX).unwrap_or(usize::MAX);
        let line: String = line.chars().take(bound).collect();
        let objectives: Vec<u8> =
            said.primary_objectives.iter().map(|objective| objective.number()).collect();
        let mut fill = |key: &str, value: Value| {
            let blank = match fields.get(key) {
                None | Some(Value::Null) => true,
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(Value::Array(entries)) => entries.is_empty(),
                Some(_) => false,
            };
            if blank {
                fields.insert(key.into(), value);
            }
            blank
        };
        let words = [
            fill("title", line.into()),
            fill("need", need(&title, number, &from, &language).into()),
        ];
        if words == [true, true] {
            fill("language", "en".into());
        }
        fill("objectives", json!(objectives));
        fill("languages_out", json!([language]));
        if !from.is_empty() {
            fill("languages_in", json!([from]));
        }
        Ok(())
    }
}

/// What is asked for, in words: for those who send a file and write none.
fn need(title: &str, number: u32, from: &str, language: &str) -> String {
    format!(
        "Please translate edition {number} of the practice \"{title}\" from {from} into {language}. \
         Each of its texts stands beside its translation on the practice's page, under Translate \
         it; whatever is left empty is read in the original. The translation is signed by your \
         organisation and goes to every member. Once it is published, say so in your answer and \
         cite the practice."
    )
}
