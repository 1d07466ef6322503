//! Requests for support, and their answers, as people write and read them.
//!
//! [`Ask`] is the form of a request, [`Reply`] that of its answer. Both are
//! read from JSON strictly and from the tree that was signed leniently, as a
//! [practice](crate::practice) is; but their texts are plain, in the one
//! language that the form names, since nobody writes them together.
//!
//! These are the forms alone. Who signed one, to whom it was encrypted, and
//! what became of it stand in the statements and events around it. Nothing
//! here is public: a form is content of a sealed statement.
//!
//! Nothing is needed to save. Sending asks for some fields ([`Ask::lacks`]).

use serde_json::Value as Json;

use crate::identity::{CertificateId, DocumentId, EditionId};
use crate::schema::{
    At, Code, Country, Date, FieldRefused, Objective, Passage, Shape, Support, Tag, Topic, bounded,
    form, record,
};
use crate::timestamp::Timestamp;

mod choice;
mod reply;

pub use choice::{Award, Confidentiality, Funding, Modality, Mode, StubField, Urgency};
pub use reply::{CITED_MAX, NoFiles, REPLY_CHARACTERS_MAX, Reply};

/// The canonical form of a request, or of an answer, has at most this many
/// bytes (32 KiB).
pub const FORM_BYTES_MAX: usize = 32 * 1024;
/// A title that is sent has at least this many characters.
pub const TITLE_CHARACTERS_MIN: u64 = 10;
/// A title has at most this many characters.
pub const TITLE_CHARACTERS_MAX: u64 = 120;
/// A need that is sent has at least this many characters.
pub const NEED_CHARACTERS_MIN: u64 = 300;
/// A need has at most this many characters.
pub const NEED_CHARACTERS_MAX: u64 = 3_000;
/// A request names at most this many experts.
pub const EXPERTS_MAX: u64 = 8;
/// An answer is asked for at least this many days ahead.
pub const REPLY_DAYS_MIN: i64 = 3;
/// An answer is asked for at most this many days ahead.
pub const REPLY_DAYS_MAX: i64 = 120;

record! {
    /// Whether there is money, and what to know about it.
    Budget bare funding {
        /// Whether there is.
        funding: Funding, 0;
        /// How much, from whom.
        note: Option<String>, 300;
    }
}

record! {
    /// Whether the government has to agree, and who does.
    Endorsement bare required {
        /// Whether it has to.
        required: bool, 0;
        /// Who agrees, by their office.
        by: Option<String>, 300;
    }
}

record! {
    /// An edition that is to be translated.
    Wanted {
        /// The practice.
        practice: DocumentId, 0;
        /// Which edition of it.
        edition: EditionId, 0;
        /// Into which language.
        language: Tag, 0;
    }
}

record! {
    /// A request for support.
    Ask {
        /// Who gets it.
        mode: Mode, 0;
        /// What it is about, on one line.
        title: Option<String>, TITLE_CHARACTERS_MAX;
        /// Who asks, by name.
        organisation: Option<String>, 300;
        /// For which country.
        country: Option<Code<Country>>, 0;
        /// What kinds of support would help.
        support_types: Vec<Code<Support>>, 11;
        /// Which objectives it serves.
        objectives: Vec<Objective>, 23;
        /// Topics that cut across the objectives.
        topics: Vec<Code<Topic>>, 20;
        /// What is needed.
        need: Passage, NEED_CHARACTERS_MAX;
        /// What to know beforehand.
        background: Passage, 3_000;
        /// What it should lead to.
        desired_result: Passage, 2_000;
        /// Practices that were tried, or looked at, already.
        tried: Vec<DocumentId>, 20;
        /// The languages of what the expert will read and hear.
        languages_in: Vec<Tag>, 8;
        /// The languages in which the answer is wanted: any of them will do.
        languages_out: Vec<Tag>, 8;
        /// By when an answer is needed.
        needed_by: Option<Date>, 0;
        /// How much it presses.
        urgency: Urgency, 0;
        /// How long the work would take, in words.
        duration: Option<String>, 200;
        /// How people would meet; nothing said means either way.
        modality: Option<Modality>, 0;
        /// Whether there is money for it.
        budget: Option<Budget>, 0;
        /// Whether the government has to agree.
        endorsement: Option<Endorsement>, 0;
        /// To whom it is encrypted.
        confidentiality: Confidentiality, 0;
        /// What may be seen of it by all, once there is a public part.
        stub: Vec<StubField>, 7;
        /// Whether the answer may be used again, without names.
        reuse_consent: bool, 0;
        /// Who decides among the experts that accept.
        award: Award, 0;
        /// The experts of a directed request, by certificate.
        experts: Vec<CertificateId>, EXPERTS_MAX;
        /// The language of its texts.
        language: Option<Tag>, 0;
        /// What is to be translated, where that is what is asked for.
        translate: Option<Wanted>, 0;
    }
}

form!(Ask);

impl Ask {
    /// Reads a request file. Without `language` in it, its texts are taken to
    /// be in `language`; without languages in or out, these are the language
    /// of its texts. A request to experts chosen by hand is `directed`; what
    /// sending needs may still be missing.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound, or the whole
    /// when it is longer than [`FORM_BYTES_MAX`].
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let mut ask = Self::read_json(json, at)?;
        ask.language = ask.language.or_else(|| language.parse().ok());
        for languages in [&mut ask.languages_in, &mut ask.languages_out] {
            if languages.is_empty() {
                languages.extend(ask.language.clone());
            }
        }
        ask.check(at)?;
        Ok(ask)
    }

    /// The keys of the fields that sending still needs, in the order of the
    /// form.
    pub fn missing(&self) -> Vec<&'static str> {
        self.needs().into_iter().map(|need| need.key).collect()
    }

    /// What [`missing`](Self::missing) names, with what to do about each, and
    /// the least number of characters where there is one.
    pub fn lacks(&self) -> Vec<FieldRefused> {
        let refused = |need: Need| FieldRefused {
            field: need.key.to_owned(),
            message: match need {
                Need { given: 0, least: 1, .. } => "is needed to send the request".to_owned(),
                Need { given, least, .. } => {
                    format!("has {given} characters, and needs at least {least} to be sent")
                }
            },
            limit: (need.least > 1).then_some(need.least),
        };
        self.needs().into_iter().map(refused).collect()
    }

    fn needs(&self) -> Vec<Need> {
        let one = |key, given: bool| Need { key, given: u64::from(given), least: 1 };
        let title = self.title.as_ref().map_or(0, |title| title.chars().count() as u64);
        let directed = self.mode == Mode::Directed;
        let needs = [
            Need { key: "title", given: title, least: TITLE_CHARACTERS_MIN },
            one("organisation", self.organisation.is_some()),
            one("country", self.country.is_some()),
            // A translation is a kind of support by itself.
            one("support_types", !self.support_types.is_empty() || self.translate.is_some()),
            one("objectives", !self.objectives.is_empty()),
            Need { key: "need", given: self.need.characters(), least: NEED_CHARACTERS_MIN },
            one("languages_in", !self.languages_in.is_empty()),
            one("languages_out", !self.languages_out.is_empty()),
            one("needed_by", self.needed_by.is_some()),
            one("experts", !directed || !self.experts.is_empty()),
        ];
        needs.into_iter().filter(|need| need.given < need.least).collect()
    }

    /// Refuses a day for the answer that leaves less than 3 days or more than
    /// 120, counted from `now` by the asker's own clock, when it is sent.
    ///
    /// # Errors
    /// `needed_by`, with the bound that it misses, in days.
    pub fn reply_window(&self, now: Timestamp) -> Result<(), FieldRefused> {
        let Some(needed_by) = self.needed_by else { return Ok(()) };
        let days = needed_by.last_day() - Date::of(now).first_day();
        let refuse = |limit: i64, message: String| {
            let limit = u64::try_from(limit).ok();
            Err(FieldRefused { field: "needed_by".to_owned(), message, limit })
        };
        match days {
            ..0 => refuse(REPLY_DAYS_MIN, format!("is {needed_by}, which has passed")),
            0..REPLY_DAYS_MIN => refuse(
                REPLY_DAYS_MIN,
                format!("is {needed_by}: leave an expert at least {REPLY_DAYS_MIN} days"),
            ),
            REPLY_DAYS_MIN..=REPLY_DAYS_MAX => Ok(()),
            _ => refuse(
                REPLY_DAYS_MAX,
                format!("is {needed_by}, which is more than {REPLY_DAYS_MAX} days ahead"),
            ),
        }
    }

    fn check(&self, at: At<'_>) -> Result<(), FieldRefused> {
        if self.mode == Mode::Routed && !self.experts.is_empty() {
            return Err(at.key("experts", 0).refuse(
                "are chosen by matching in a routed request: write \"mode\": \"directed\" to \
                 name them",
            ));
        }
        if self.mode == Mode::Routed && self.confidentiality == Confidentiality::Chosen {
            return Err(at.key("confidentiality", 0).refuse(
                "is `chosen`, but a routed request goes to matched experts: write \"mode\": \
                 \"directed\", or `matched`",
            ));
        }
        bounded(&self.to_tree(), "request", FORM_BYTES_MAX)
    }
}

/// A field that sending needs, with how much of it there is.
struct Need {
    key: &'static str,
    given: u64,
    least: u64,
}

#[cfg(test)]
mod tests;
