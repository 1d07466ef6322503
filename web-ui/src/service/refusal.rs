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
    /// The field's key, as in practice files; a row of a list adds its place
    /// (`partners.0.org`).
    pub field: String,
    /// A stable word for programs, such as `too-long`.
    pub code: String,
    /// The sentence for people: what is wrong and what to do.
    pub message: String,
    /// The limit that was met, where there is one.
    pub limit: Option<String>,
}
