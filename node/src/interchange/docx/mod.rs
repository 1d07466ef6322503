//! Documents for word processors (Office Open XML, ECMA-376).
//!
//! A document says in which language each text is and which way it runs.
//! Markup of a practice's text stands in it as it was written. Nothing in it
//! is active: no fields, no macros, no links, nothing from elsewhere.

use serde_json::Value;
use tern_web_ui::words::Words;

use super::entry::Entry;
use crate::ops::{ErrorCode, OpError};

mod package;
mod reading;
mod telling;
mod template;

use package::Body;
pub(super) use reading::practice;

/// Practices to be read, one after the other.
pub(super) fn practices(entries: &[Entry<'_>]) -> Result<Vec<u8>, OpError> {
    let mut body = Body::default();
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            body.page_break();
        }
        telling::tell(*entry, &mut body);
    }
    packed(body)
}

/// The submission form, empty or filled in with the fields of a practice, for
/// text in the language `lang`; its own words are `words`.
///
/// # Errors
/// Never in memory, but what writing says.
pub fn form(practice: Option<&Value>, lang: &str, words: &Words) -> Result<Vec<u8>, OpError> {
    let mut body = Body::default();
    template::form(practice, lang, words, &mut body);
    packed(body)
}

fn packed(body: Body) -> Result<Vec<u8>, OpError> {
    body.pack().map_err(|why| {
        OpError::new(ErrorCode::Failed, format!("the document cannot be written: {why}"))
    })
}
