//! What a document says, as a plain tree: the meeting point of the typed
//! schemas ([`practice`](crate::practice)) and the CRDT
//! ([`document`](crate::document)).
//!
//! The [`canonical`] form gives equal trees equal bytes and different trees
//! different bytes, so that its hash ([`content_hash`]) names what an edition
//! says, whatever the history that led there. It is CBOR (RFC 8949) of
//! definite lengths with the shortest heads and keys in bytewise order; words
//! are byte strings and texts are text strings. Text is hashed as it stands:
//! composing it (NFC) is done when it is written, because an old verifier
//! would compose the letters of a later Unicode differently.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::identity::digest;

mod tree;

pub use tree::{TREE_ENTRIES_MAX, TREE_LEVELS_MAX, Tree, TreeRefused};

/// A tree of values. Numbers are 64-bit integers or finite floats; there is no
/// null (what is not known is absent).
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A finite number that is not counted but measured.
    Float(f64),
    /// A word that is replaced as a whole: a code, a date, a tag, an address.
    Word(String),
    /// Text that people write together: merged character by character.
    Text(String),
    /// Values in an order that means something.
    List(Vec<Value>),
    /// Values by name.
    Map(BTreeMap<String, Value>),
}

/// Text as it is written into documents: composed (NFC), lines ended by one
/// line feed, no other control characters but tabs.
pub fn composed(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.nfc().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                kept.push('\n');
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\n' | '\t' => kept.push(character),
            '\u{feff}' => {}
            other if other.is_control() => {}
            other => kept.push(other),
        }
    }
    kept
}

/// The canonical form of a document's content.
pub fn canonical(content: &BTreeMap<String, Value>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    map(&mut bytes, content);
    bytes
}

/// What an edition signs of its content: BLAKE3 of the canonical form, apart
/// from every other hash.
pub fn content_hash(content: &BTreeMap<String, Value>) -> [u8; 32] {
    digest("tern/content/v1", &[&canonical(content)])
}

fn value(bytes: &mut Vec<u8>, tree: &Value) {
    match tree {
        Value::Bool(no) if !no => bytes.push(0xf4),
        Value::Bool(_) => bytes.push(0xf5),
        Value::Int(number) if *number >= 0 => head(bytes, 0, number.unsigned_abs()),
        Value::Int(number) => head(bytes, 1, number.unsigned_abs() - 1),
        Value::Float(number) => {
            bytes.push(0xfb);
            // Adding zero turns -0 into 0 and changes nothing else.
            bytes.extend_from_slice(&(number + 0.0).to_be_bytes());
        }
        Value::Word(word) => string(bytes, 2, word),
        Value::Text(text) => string(bytes, 3, text),
        Value::List(entries) => {
            head(bytes, 4, entries.len() as u64);
            entries.iter().for_each(|entry| value(bytes, entry));
        }
        Value::Map(entries) => map(bytes, entries),
    }
}

fn map(bytes: &mut Vec<u8>, entries: &BTreeMap<String, Value>) {
    head(bytes, 5, entries.len() as u64);
    for (key, entry) in entries {
        string(bytes, 3, key);
        value(bytes, entry);
    }
}

fn string(bytes: &mut Vec<u8>, major: u8, text: &str) {
    head(bytes, major, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// RFC 8949, section 3: the major type with its argument in the fewest bytes.
fn head(bytes: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let be = argument.to_be_bytes();
    match argument {
        0..=23 => bytes.push(major | be[7]),
        24..=0xff => bytes.extend_from_slice(&[major | 24, be[7]]),
        0x100..=0xffff => bytes.extend_from_slice(&[major | 25, be[6], be[7]]),
        0x1_0000..=0xffff_ffff => {
            bytes.push(major | 26);
            bytes.extend_from_slice(&be[4..]);
        }
        _ => {
            bytes.push(major | 27);
            bytes.extend_from_slice(&be);
        }
    }
}

#[cfg(test)]
mod tests;
