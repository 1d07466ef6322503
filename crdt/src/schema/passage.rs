//! Text of several lines in one language.

use std::fmt;

use serde_json::Value as Json;

use super::refused::{At, FieldRefused};
use super::shape::{Shape, is_blank};
use super::text::tidy;
use crate::value::Value;

/// Text of several lines, in the language that its form names. Nobody writes
/// it together and nobody translates it in place, unlike
/// [`Texts`](super::Texts). May be empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Passage(String);

impl Passage {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many characters it has.
    pub fn characters(&self) -> u64 {
        self.0.chars().count() as u64
    }
}

impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Shape for Passage {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        if is_blank(json) {
            return Ok(Self::default());
        }
        let text = json.as_str().ok_or_else(|| at.refuse("is not text"))?;
        let passage = Self(tidy(text));
        let (length, limit) = (passage.characters(), at.limit);
        if length > limit {
            return Err(at.beyond(format!("has {length} characters, and at most {limit} fit")));
        }
        Ok(passage)
    }

    fn write_json(&self) -> Option<Json> {
        (!self.is_empty()).then(|| self.as_str().into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        // Kept as it is: what was signed is shown, tidy or not.
        if let Value::Text(text) = value { Some(Self(text.clone())) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Text(self.0.clone()))
    }
}
