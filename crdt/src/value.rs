//! What a document says, as a plain tree: the meeting point of the typed
//! schemas ([`practice`](crate::practice)) and the CRDT
//! ([`document`](crate::document)).

use std::collections::BTreeMap;

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
