//! The content of a practice, in the shape of practice files.
//!
//! Serialised as JSON this is exactly a *practice file*, so a node converts
//! by way of its own reader and writer of those files, and the reading API
//! prints what it got. Which codes exist, what is required and how long a
//! text may be is the node's to judge: here a code is a string.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::Phrase;

/// One text in one or more languages: `{language tag: text}`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<String, String>);

/// The tag of a text whose language is not known.
const UNDETERMINED: &str = "und";

impl Text {
    /// A text in one language.
    #[must_use]
    pub fn one(lang: &str, text: &str) -> Self {
        Self(BTreeMap::from([(lang.to_owned(), text.to_owned())]))
    }

    /// Whether there is no text in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(String::is_empty)
    }

    /// The text in this very language, or nothing.
    #[must_use]
    pub fn get(&self, lang: &str) -> &str {
        self.0.get(lang).map_or("", String::as_str)
    }

    /// Puts the text of one language; empty takes it out.
    pub fn set(&mut self, lang: &str, text: &str) {
        if text.is_empty() {
            self.0.remove(lang);
        } else {
            self.0.insert(lang.to_owned(), text.to_owned());
        }
    }

    /// The text with its language: in the first of `langs` that has one, else
    /// in any.
    #[must_use]
    pub fn best<'a>(&'a self, langs: &[&str]) -> Option<(&'a str, &'a str)> {
        let filled = |lang: &&str| self.0.get_key_value(*lang).filter(|(_, text)| !text.is_empty());
        langs
            .iter()
            .find_map(filled)
            .or_else(|| self.0.iter().find(|(_, text)| !text.is_empty()))
            .map(|(lang, text)| (lang.as_str(), text.as_str()))
    }

    /// As [`best`](Self::best), with its language beside it.
    #[must_use]
    pub fn phrase(&self, langs: &[&str]) -> Option<Phrase> {
        let phrase = |(lang, text): (&str, &str)| Phrase { text: text.into(), lang: lang.into() };
        self.best(langs).map(phrase)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Plain(String),
            Tagged(BTreeMap<String, String>),
        }
        Ok(match Either::deserialize(from)? {
            Either::Plain(text) => Self::one(UNDETERMINED, &text),
            Either::Tagged(texts) => Self(texts),
        })
    }
}

impl Fields {
    /// Whether it is for everybody, and not for members alone.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        self.visibility.as_deref().is_none_or(|visibility| visibility == "public")
    }
}

fn no_text(text: &Text) -> bool {
    text.is_empty()
}

/// All fields of a practice. A field left out of a file is empty here, and an
/// empty field is left out of a file.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// What it is called; at most 150 characters.
    #[serde(skip_serializing_if = "no_text")]
    pub title: Text,
    /// Abbreviations used in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acronyms: Vec<Acronym>,
    /// The practice in short; 300 to 3,000 characters for a review.
    #[serde(skip_serializing_if = "no_text")]
    pub summary: Text,
    /// Kind of practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// One to five objectives it serves first of all, 1 to 23.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary_objectives: Vec<u8>,
    /// Other objectives it touches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_objectives: Vec<u8>,
    /// Guiding principles, each with how it was followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub principles: Vec<Principle>,
    /// Cross-cutting topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Targets of the Sustainable Development Goals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sdg_targets: Vec<String>,
    /// Stages of migration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// From local to global.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geographic_level: Option<String>,
    /// Countries (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Regions (M49).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subregions: Vec<String>,
    /// Places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Start: YYYY, YYYY-MM or YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// End, in the same forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Whether it goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ongoing: bool,
    /// How far it was carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion: Option<String>,
    /// Who carried it out first of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_implementer: Option<String>,
    /// What kind of organisation that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implementer_kind: Option<String>,
    /// Who else took part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<Partner>,
    /// Who paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub donors: Vec<Donor>,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_groups: Vec<TargetGroup>,
    /// Context and problem.
    #[serde(skip_serializing_if = "no_text")]
    pub context: Text,
    /// What it set out to do.
    #[serde(skip_serializing_if = "no_text")]
    pub aims: Text,
    /// What was done.
    #[serde(skip_serializing_if = "no_text")]
    pub activities: Text,
    /// What changed.
    #[serde(skip_serializing_if = "no_text")]
    pub results: Text,
    /// Figures that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
    /// How well the results are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What was hard, and how it was overcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<Challenge>,
    /// What was learned.
    #[serde(skip_serializing_if = "no_text")]
    pub lessons: Text,
    /// Advice for those who want to do it too.
    #[serde(skip_serializing_if = "no_text")]
    pub recommendations: Text,
    /// What has to be in place.
    #[serde(skip_serializing_if = "no_text")]
    pub conditions: Text,
    /// What is new about it.
    #[serde(skip_serializing_if = "no_text")]
    pub innovation: Text,
    /// How it lasts.
    #[serde(skip_serializing_if = "no_text")]
    pub sustainability: Text,
    /// Gender, children, rights.
    #[serde(skip_serializing_if = "no_text")]
    pub rights: Text,
    /// How migrants took part.
    #[serde(skip_serializing_if = "no_text")]
    pub participation: Text,
    /// Risks, and how harm was avoided.
    #[serde(skip_serializing_if = "no_text")]
    pub risks: Text,
    /// Where to read on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Files that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// At most three pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Attachment>,
    /// A role mailbox, or "through the Hub".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// On whose behalf it is submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<OnBehalf>,
    /// The call it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The language it was written in (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_language: Option<String>,
    /// What it is a translation of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation_of: Option<TranslationOf>,
    /// What readers should bear in mind.
    #[serde(skip_serializing_if = "no_text")]
    pub disclaimer: Text,
    /// Who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Own experience, or listed from a public source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Licence (SPDX).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// An abbreviation.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Acronym {
    /// The short form.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub short: String,
    /// What it stands for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub long: String,
}

/// A guiding principle and how it was followed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Principle {
    /// The principle.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// How.
    #[serde(skip_serializing_if = "no_text")]
    pub how: Text,
}

/// A place.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Latitude in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    /// Longitude in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
}

/// An organisation that took part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Partner {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub org: String,
    /// What it did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
}

/// An organisation that paid.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Donor {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Figure>,
    /// Of which currency (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Activity identifier in the IATI registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iati: Option<String>,
}

/// People it is for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetGroup {
    /// The group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// How many were reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// A figure.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Indicator {
    /// What is measured.
    #[serde(skip_serializing_if = "no_text")]
    pub name: Text,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Figure>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Figure>,
    /// Unit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// When it was measured.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// How it is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// Something that was hard.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Challenge {
    /// What.
    #[serde(skip_serializing_if = "no_text")]
    pub text: Text,
    /// How it was overcome.
    #[serde(skip_serializing_if = "no_text")]
    pub overcome: Text,
}

/// Something to read on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// Its title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Where it is (https).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Or the hash of a file kept here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// A file that belongs to a practice.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Attachment {
    /// File name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Media type.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Hash of its content.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// Its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// What it shows, for those who cannot see it.
    #[serde(skip_serializing_if = "no_text")]
    pub alt: Text,
    /// Of a picture: who agreed that it is shown, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// On whose behalf a practice is submitted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OnBehalf {
    /// The organisation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub org: String,
    /// Who agreed, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// What a text is a translation of.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TranslationOf {
    /// The edition.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub edition: String,
    /// `human`, `machine` or `reviewed`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// A figure as written: a number, or words such as "about 40 per cent".
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// A number.
    Number(serde_json::Number),
    /// Words.
    Words(String),
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// Where the text comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Written by those who did the work.
    Own,
    /// Listed from a public source, not written by those who did the work.
    Listed(Source),
}

/// A public source.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Its address.
    pub url: String,
    /// When it was read: YYYY, YYYY-MM or YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_on: Option<String>,
    /// What the reader should know about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}
