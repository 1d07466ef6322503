//! Forms as typed records: what the forms of this room are made of.
//!
//! A form (a [practice](crate::practice), a [request](crate::ask), an
//! [expert card](crate::expert)) is a table of fields, each named once with
//! its type and its bound. From the table come its two forms: the JSON that
//! people and programs write, read strictly and refused by name
//! ([`FieldRefused`]), and the tree of values that is signed, read leniently,
//! so that what a later version wrote is kept.
//!
//! What each form asks for stands with that form, not here.

mod calendar;
pub(crate) mod choice;
mod code;
mod number;
mod passage;
mod refused;
pub(crate) mod shape;
mod text;
mod word;

pub use code::{
    Audience, Code, Codes, Completed, Country, EvidenceLevel, Group, Kind, Level, Licence,
    Principles, Region, ResourceType, Sdg, Stage, Stakeholder, Subregion, Support, Topic,
    TranslatedBy,
};
pub use number::{Figure, Objective};
pub use passage::Passage;
pub use refused::FieldRefused;
pub use text::{LANGUAGES_MAX, NotATag, TAG_BYTES_MAX, Tag, Texts, tidy};
pub use word::{BlobHash, Date, LINK_BYTES_MAX, Link, Mailbox, NotADate, NotALink};

use crate::value::Tree;

pub(crate) use choice::choices;
pub(crate) use number::span;
pub(crate) use refused::At;
pub(crate) use shape::{Shape, form, record};

/// Refuses a form that is longer than fits the statement that carries it.
pub(crate) fn bounded(tree: &Tree, what: &str, bytes_max: usize) -> Result<(), FieldRefused> {
    let bytes = tree.to_bytes().len();
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(FieldRefused {
        field: String::new(),
        message: format!(
            "the {what} has {bytes} bytes, and at most {bytes_max} fit: shorten its longest texts"
        ),
        limit: Some(bytes_max as u64),
    })
}
