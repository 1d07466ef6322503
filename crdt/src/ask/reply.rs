//! The form in which an expert answers.

use serde_json::Value as Json;

use super::FORM_BYTES_MAX;
use crate::identity::DocumentId;
use crate::schema::{At, FieldRefused, Passage, Shape, Tag, bounded, form, record};
use crate::value::Value;

/// An answer has at most this many characters.
pub const REPLY_CHARACTERS_MAX: u64 = 8_000;
/// An answer cites at most this many practices.
pub const CITED_MAX: u64 = 20;
record! {
    /// An answer to a request.
    Reply {
        /// What the expert says.
        text: Passage, REPLY_CHARACTERS_MAX;
        /// Practices that it cites.
        practices: Vec<DocumentId>, CITED_MAX;
        /// Files: none can be sent in this version.
        files: NoFiles, 0;
        /// The language of its text.
        language: Option<Tag>, 0;
    }
}

form!(Reply);

impl Reply {
    /// Reads an answer file. Without `language` in it, its text is taken to
    /// be in `language`.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound, or the whole
    /// when it is longer than [`FORM_BYTES_MAX`].
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let mut reply = Self::read_json(json, at)?;
        reply.language = reply.language.or_else(|| language.parse().ok());
        bounded(&reply.to_tree(), "answer", FORM_BYTES_MAX)?;
        Ok(reply)
    }

    /// The keys of the fields that sending still needs.
    pub fn missing(&self) -> Vec<&'static str> {
        if self.text.is_empty() { vec!["text"] } else { Vec::new() }
    }
}

/// Stands where files will: an answer carries none until files can be sent
/// through the Hub, and says so instead of losing one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoFiles;

impl Shape for NoFiles {
    fn absent() -> Option<Self> {
        Some(Self)
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        match json {
            Json::Array(files) if files.is_empty() => Ok(Self),
            Json::Null => Ok(Self),
            _ => Err(at.refuse(
                "cannot be sent yet: say in the text where they are, or cite a practice that \
                 links them",
            )),
        }
    }

    fn write_json(&self) -> Option<Json> {
        None
    }

    fn read_value(value: &Value) -> Option<Self> {
        // Files of a later version are kept with what is not known.
        if let Value::List(files) = value { files.is_empty().then_some(Self) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        None
    }
}
