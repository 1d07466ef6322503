//! Why the node did not do what a page asked for.

use thiserror::Error;

/// A refusal, named after what the page must do with it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    /// There is nothing of this id that the reader may see.
    #[error("not found")]
    NotFound,
    /// The reader may not do this; the sentence says which role may.
    #[error("{0}")]
    Forbidden(String),
    /// What was sent breaks a rule, field by field; never empty.
    #[error("{} fields are not right", .0.len())]
    Invalid(Vec<FieldError>),
    /// Something changed since the reader saw it; the sentence says what.
    #[error("{0}")]
    Conflict(String),
    /// The node cannot do this now; the sentence says why and until when.
    #[error("{0}")]
    Unavailable(String),
}

/// One rule that one field breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// The field's key, as in practice files, with the place inside it:
    /// `challenges[0].text.fr`. Of other forms, the name of the struct's field.
    pub field: String,
    /// A stable word for programs, such as `too-long`.
    pub code: String,
    /// What is wrong and what to do, as words that follow the field's name
    /// ("has 170 characters, and at most 150 fit").
    pub message: String,
    /// The limit that was met, where there is one.
    pub limit: Option<String>,
}
