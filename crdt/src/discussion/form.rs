//! The form of a discussion: what it is called, why it is held, and what it
//! asks.

use serde_json::Value as Json;

use crate::schema::{At, Date, FieldRefused, Objective, Shape, Tag, Texts, bounded, form, record};

/// The canonical form of a discussion has at most this many bytes (32 KiB).
pub const FORM_BYTES_MAX: usize = 32 * 1024;
/// A discussion asks at most this many questions.
pub const QUESTIONS_MAX: u64 = 20;

record! {
    /// A question to everybody.
    Question bare text {
        /// The question.
        text: Texts, 500;
    }
}

record! {
    /// What opens a discussion.
    DiscussionForm {
        /// What it is called.
        title: Texts, 150;
        /// Why it is held, and for whom.
        purpose: Texts, 3_000;
        /// The languages in which its moderators read.
        languages: Vec<Tag>, 12;
        /// The objectives that it is about.
        objectives: Vec<Objective>, 23;
        /// From when posts are awaited: told to people, never enforced.
        opens: Option<Date>, 0;
        /// Until when: as above.
        closes: Option<Date>, 0;
        /// What is asked.
        questions: Vec<Question>, QUESTIONS_MAX;
    }
}

form!(DiscussionForm);

impl DiscussionForm {
    /// Reads a file of a discussion.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound; what makes a
    /// discussion unusable, see [`flaw`](Self::flaw).
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let form = Self::read_json(json, at)?;
        if let Some((field, flaw)) = form.flaw() {
            return Err(at.key(field, 0).refuse(flaw));
        }
        bounded(&form.to_tree(), "discussion", FORM_BYTES_MAX)?;
        Ok(form)
    }

    /// What makes it unusable: the field, and what is wrong with it.
    pub fn flaw(&self) -> Option<(&'static str, &'static str)> {
        let backwards = match (self.opens, self.closes) {
            (Some(opens), Some(closes)) => closes.is_before(opens),
            _ => false,
        };
        if self.title.is_empty() {
            Some(("title", "is missing: say what the discussion is about"))
        } else if backwards {
            Some(("closes", "is before it opens"))
        } else if self.questions.len() as u64 > QUESTIONS_MAX {
            Some(("questions", "are more than 20"))
        } else if self.questions.iter().any(|question| question.text.is_empty()) {
            Some(("questions", "hold one that asks nothing"))
        } else {
            None
        }
    }
}
