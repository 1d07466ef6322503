//! Where a refused value stands, and why it was refused.

use thiserror::Error;

/// A value that a form cannot hold: the person who wrote it must act.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct FieldRefused {
    /// The field by its key, with the place inside it: `challenges[0].text.fr`.
    /// Empty when the file as a whole is meant.
    pub field: String,
    /// What is wrong and what to do, as words that follow the field's name.
    pub message: String,
    /// The bound that was met, if it was one.
    pub limit: Option<u64>,
}

/// The place of a value while it is read, with what applies there.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    within: Option<&'a At<'a>>,
    step: Step<'a>,
    /// The bound of the field: characters of a text, entries of a list.
    pub(crate) limit: u64,
    /// The language of texts that do not name theirs.
    pub(crate) language: &'a str,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Whole,
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The whole of what is read.
    pub(crate) const fn whole(language: &'a str) -> Self {
        Self { within: None, step: Step::Whole, limit: 0, language }
    }

    /// A member of an object, with its own bound.
    pub(crate) const fn key(&'a self, key: &'a str, limit: u64) -> At<'a> {
        At { within: Some(self), step: Step::Key(key), limit, language: self.language }
    }

    /// An entry of a list.
    pub(crate) const fn index(&'a self, index: usize) -> At<'a> {
        let (limit, language) = (self.limit, self.language);
        At { within: Some(self), step: Step::Index(index), limit, language }
    }

    /// A refusal of the value here.
    pub(crate) fn refuse(&self, message: impl Into<String>) -> FieldRefused {
        FieldRefused { field: self.path(), message: message.into(), limit: None }
    }

    /// A refusal of the value here because it is beyond the bound.
    pub(crate) fn beyond(&self, message: impl Into<String>) -> FieldRefused {
        FieldRefused { limit: Some(self.limit), ..self.refuse(message) }
    }

    fn path(&self) -> String {
        let before = self.within.map(At::path).unwrap_or_default();
        match self.step {
            Step::Whole => before,
            Step::Key(key) if before.is_empty() => key.chars().take(80).collect(),
            Step::Key(key) => format!("{before}.{}", key.chars().take(80).collect::<String>()),
            Step::Index(index) => format!("{before}[{index}]"),
        }
    }
}
