//! The practice: what people write, read and compare.
//!
//! [`Practice`] is the whole record as a typed schema, each field once, with
//! its bound. It is read from JSON strictly (what is unknown or too long is
//! refused by name, with what was probably meant) and from a document
//! leniently (what a later version wrote is kept in `other`, and goes back
//! into the document unchanged).
//!
//! Text for people stands by language and merges character by character;
//! codes, dates and names are words that are replaced as a whole; objectives
//! are numbers. A practice always fits the one change of its edition
//! ([`CONTENT_BYTES_MAX`]).
//!
//! Nothing is needed to save. Publishing and review ask for some fields:
//! [`Practice::missing_to_publish`] and [`Practice::missing_for_review`].

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::comment::COMMENTS;
use crate::value::{Value, canonical};

mod origin;
mod parts;

pub use origin::{Basis, Contact, LISTED_SENTENCE};
pub use parts::{
    Acronym, Attachment, Challenge, Donor, FILE_BYTES_MAX, Image, Indicator, LONG_MAX, Listed,
    NAME_MAX, NOTE_MAX, OnBehalfOf, PEOPLE_MAX, Partner, Place, Principle, Resource, TargetGroup,
    TranslationOf,
};

pub use crate::schema::{
    Audience, BlobHash, Code, Codes, Completed, Country, Date, EvidenceLevel, FieldRefused, Figure,
    Group, Kind, LANGUAGES_MAX, LINK_BYTES_MAX, Level, Licence, Link, Mailbox, NotADate, NotALink,
    NotATag, Objective, Principles, ResourceType, Sdg, Stage, Stakeholder, Subregion,
    TAG_BYTES_MAX, Tag, Texts, Topic, TranslatedBy, tidy,
};

use crate::schema::{At, Shape, record, span};

/// The canonical form of a practice has at most this many bytes (128 KiB), so
/// that its edition fits one change of 256 KiB.
pub const CONTENT_BYTES_MAX: usize = 128 * 1024;
/// A summary that is reviewed has at least this many characters.
pub const SUMMARY_MIN: usize = 300;

record! {
    /// A practice, as a draft or an edition holds it.
    Practice {
        /// What it is called.
        title: Texts, 150;
        /// Short forms with what they stand for.
        acronyms: Vec<Acronym>, 60;
        /// What was done, for whom, with what result.
        summary: Texts, 3_000;
        /// A law, a service, a fund …
        kind: Option<Code<Kind>>, 0;
        /// The objectives that it serves most.
        primary_objectives: Vec<Objective>, 5;
        /// Further objectives.
        related_objectives: Vec<Objective>, 23;
        /// Guiding principles, with how they were kept.
        principles: Vec<Principle>, 10;
        /// Topics that cut across the objectives.
        topics: Vec<Code<Topic>>, 20;
        /// Targets of the 2030 Agenda.
        sdg_targets: Vec<Code<Sdg>>, 20;
        /// Stages of migration.
        stages: Vec<Code<Stage>>, 6;
        /// From global to local.
        geographic_level: Option<Code<Level>>, 0;
        /// Where.
        countries: Vec<Code<Country>>, 249;
        /// M49 subregions.
        subregions: Vec<Code<Subregion>>, 24;
        /// Places inside countries.
        places: Vec<Place>, 100;
        /// When it began.
        start: Option<Date>, 0;
        /// When it ended.
        end: Option<Date>, 0;
        /// Whether it still goes on.
        ongoing: bool, 0;
        /// How far it was carried out.
        completion: Option<Code<Completed>>, 0;
        /// Who did the work.
        main_implementer: Option<String>, NAME_MAX;
        /// What kind of stakeholder that is.
        implementer_kind: Option<Code<Stakeholder>>, 0;
        /// Who else took part.
        partners: Vec<Partner>, 100;
        /// Who paid.
        donors: Vec<Donor>, 60;
        /// Whom it is for.
        target_groups: Vec<TargetGroup>, 50;
        /// The situation and the problem.
        context: Texts, LONG_MAX;
        /// What it set out to do.
        aims: Texts, LONG_MAX;
        /// What was done.
        activities: Texts, LONG_MAX;
        /// What came of it.
        results: Texts, LONG_MAX;
        /// What was measured.
        indicators: Vec<Indicator>, 60;
        /// How well the results are known.
        evidence: Option<Code<EvidenceLevel>>, 0;
        /// Difficulties, and what was done about them.
        challenges: Vec<Challenge>, 30;
        /// What was learnt.
        lessons: Texts, LONG_MAX;
        /// Advice to those who want to do the same.
        recommendations: Texts, LONG_MAX;
        /// What has to be in place.
        conditions: Texts, LONG_MAX;
        /// What is new about it.
        innovation: Texts, LONG_MAX;
        /// How it goes on.
        sustainability: Texts, LONG_MAX;
        /// Gender, children and rights.
        rights: Texts, LONG_MAX;
        /// How migrants took part.
        participation: Texts, LONG_MAX;
        /// Risks, and how harm is avoided.
        risks: Texts, LONG_MAX;
        /// What to read elsewhere.
        resources: Vec<Resource>, 100;
        /// Files.
        attachments: Vec<Attachment>, 50;
        /// Pictures.
        images: Vec<Image>, 3;
        /// How to reach those who wrote it.
        contact: Option<Contact>, 254;
        /// In whose name it was written.
        on_behalf_of: Option<OnBehalfOf>, 0;
        /// The call for practices that it answers.
        call: Option<String>, NAME_MAX;
        /// The language that it was written in.
        original_language: Option<Tag>, 0;
        /// What it was translated from.
        translation_of: Option<TranslationOf>, 0;
        /// What the organisation wants said about its responsibility.
        disclaimer: Texts, 3_000;
        /// Who may read it on the pages of a node.
        visibility: Code<Audience>, 0;
        /// Who wrote it.
        basis: Basis, 0;
        /// Under which licence it may be used.
        licence: Code<Licence>, 0;
    }
}

impl Default for Practice {
    fn default() -> Self {
        Self::from_value(&BTreeMap::new())
    }
}

impl Practice {
    /// Reads a practice file. Plain text where text by language is meant is
    /// taken to be in `language`.
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let practice = Self::read_json(json, at)?;
        practice.check(at)?;
        Ok(practice)
    }

    /// Whether it is for members of the federation alone.
    pub fn is_for_members(&self) -> bool {
        self.visibility.as_str() != "public"
    }

    /// Its title with the language: in the original one, else in any.
    pub fn own_title(&self) -> Option<(Tag, String)> {
        let best = self.title.best(&[], self.original_language.as_ref());
        best.map(|(tag, text)| (tag.clone(), text.to_owned()))
    }

    /// The practice as a practice file.
    pub fn to_json(&self) -> Json {
        self.write_json().unwrap_or_else(|| json!({}))
    }

    /// Sets one field as [`from_json`](Self::from_json) would read it. Text in
    /// one language leaves the other languages as they are; null or nothing
    /// clears the field. If refused, the practice is unchanged.
    pub fn set_field(
        &mut self,
        key: &str,
        json: &Json,
        language: &str,
    ) -> Result<(), FieldRefused> {
        let at = At::whole(language);
        let mut changed = self.clone();
        changed.amend(&json!({ key: json }), at)?;
        changed.check(at)?;
        *self = changed;
        Ok(())
    }

    /// The practice as the content of a document.
    pub fn to_value(&self) -> BTreeMap<String, Value> {
        match self.write_value() {
            Some(Value::Map(map)) => map,
            _ => BTreeMap::new(),
        }
    }

    /// Reads the content of a document. Never refuses: a field that has
    /// another shape than this version knows is kept in `other`. The comments of a
    /// draft are no part of a practice, and so of no edition.
    pub fn from_value(content: &BTreeMap<String, Value>) -> Self {
        let mut practice =
            Self::read_entries(content).expect("every field of a practice can be absent");
        practice.other.remove(COMMENTS);
        practice
    }

    /// The keys of the fields that publishing asks for and that are missing:
    /// a title, the original language, and a summary or a source.
    pub fn missing_to_publish(&self) -> Vec<&'static str> {
        let has_source = matches!(self.basis, Basis::Listed(_))
            || self.resources.iter().any(|resource| resource.url.is_some());
        missing(&[
            ("title", !self.title.is_empty()),
            ("summary", !self.summary.is_empty() || has_source),
            ("original_language", self.original_language.is_some()),
        ])
    }

    /// The keys of the fields that a review asks for and that are missing or
    /// too short.
    pub fn missing_for_review(&self) -> Vec<&'static str> {
        let summary = self.summary.best(&[], self.original_language.as_ref());
        missing(&[
            ("title", !self.title.is_empty()),
            ("summary", summary.is_some_and(|(_, text)| text.chars().count() >= SUMMARY_MIN)),
            ("kind", self.kind.is_some()),
            ("primary_objectives", !self.primary_objectives.is_empty()),
            ("principles", !self.principles.is_empty()),
            ("geographic_level", self.geographic_level.is_some()),
            ("countries", !self.countries.is_empty()),
            ("start", self.start.is_some()),
            ("main_implementer", self.main_implementer.is_some()),
            ("implementer_kind", self.implementer_kind.is_some()),
            ("aims", !self.aims.is_empty()),
            ("activities", !self.activities.is_empty()),
            ("results", !self.results.is_empty()),
            ("lessons", !self.lessons.is_empty()),
            ("recommendations", !self.recommendations.is_empty()),
            ("original_language", self.original_language.is_some()),
        ])
    }

    fn check(&self, at: At<'_>) -> Result<(), FieldRefused> {
        span(self.start, self.end, self.ongoing, at)?;
        let bytes = canonical(&self.to_value()).len();
        if bytes > CONTENT_BYTES_MAX {
            return Err(FieldRefused {
                field: String::new(),
                message: format!(
                    "the practice has {bytes} bytes, and at most {CONTENT_BYTES_MAX} fit one \
                     edition: shorten the longest texts or attach them as files"
                ),
                limit: Some(CONTENT_BYTES_MAX as u64),
            });
        }
        Ok(())
    }
}

fn missing(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, present)| !present).map(|(key, _)| *key).collect()
}

#[cfg(test)]
mod tests;
