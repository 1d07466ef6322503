//! The values that operations set.

use super::WORD_BYTES_MAX;
use super::said::{Kind, deeper};
use crate::chunk::Stretch;
use crate::document::unsound::Unsound;
use crate::value::Value;

/// Automerge's numbers for what an operation does.
const MAKE_MAP: u64 = 0;
const SET: u64 = 1;
const MAKE_LIST: u64 = 2;
const DELETE: u64 = 3;
const MAKE_TEXT: u64 = 4;

/// Values in a row, one for each operation.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Values {
    /// An object of this level.
    Object(Kind, usize),
    /// The characters of a text.
    Characters(Vec<char>),
    /// Anything else.
    Scalars(Vec<Value>),
}

impl Values {
    /// How many.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Object(..) => 1,
            Self::Characters(text) => text.len() as u64,
            Self::Scalars(values) => values.len() as u64,
        }
    }

    /// One of them.
    pub(super) fn one(&self, at: u64) -> Self {
        self.part(at, 1)
    }

    /// Some of them.
    pub(super) fn part(&self, at: u64, count: u64) -> Self {
        let range = at as usize..(at + count) as usize;
        match self {
            Self::Characters(text) => Self::Characters(text[range].to_vec()),
            Self::Scalars(values) => Self::Scalars(values[range].to_vec()),
            object @ Self::Object(..) => object.clone(),
        }
    }

    /// Adds values of the same sort; whether they are.
    pub(super) fn prolong(&mut self, more: &Self) -> bool {
        match (self, more) {
            (Self::Characters(text), Self::Characters(more)) => text.extend_from_slice(more),
            (Self::Scalars(values), Self::Scalars(more)) => values.extend_from_slice(more),
            _ => return false,
        }
        true
    }
}

/// Whether operations delete; refuses those that do neither this nor set.
pub(super) fn deletes(stretch: &Stretch<'_>) -> Result<bool, Unsound> {
    let counter = stretch.first.counter;
    match stretch.action {
        SET => Ok(false),
        MAKE_MAP | MAKE_LIST | MAKE_TEXT | DELETE if stretch.kind != 0 => {
            Err(Unsound::Operation { counter, what: "makes or deletes, and has a value" })
        }
        MAKE_MAP | MAKE_LIST | MAKE_TEXT => Ok(false),
        DELETE if stretch.insert => {
            Err(Unsound::Operation { counter, what: "inserts and deletes at once" })
        }
        DELETE => Ok(true),
        _ => Err(Unsound::Operation { counter, what: "counts, marks or makes a table" }),
    }
}

/// The values that a stretch sets in an object of this kind and level.
pub(super) fn read(stretch: &Stretch<'_>, kind: Kind, level: usize) -> Result<Values, Unsound> {
    let counter = stretch.first.counter;
    let made = match stretch.action {
        MAKE_MAP => Kind::Map,
        MAKE_LIST => Kind::List,
        MAKE_TEXT => Kind::Text,
        _ if kind == Kind::Text => return characters(stretch),
        _ => return scalars(stretch).map(Values::Scalars),
    };
    if kind == Kind::Text {
        return Err(Unsound::Operation { counter, what: "makes an object inside a text" });
    }
    deeper(level, counter).map(|level| Values::Object(made, level))
}

/// Each value is one character.
fn characters(stretch: &Stretch<'_>) -> Result<Values, Unsound> {
    let counter = stretch.first.counter;
    let not = || Unsound::Operation { counter, what: "puts something else than a character" };
    let text = std::str::from_utf8(stretch.values).map_err(|_| not())?;
    let characters: Vec<char> = text.chars().collect();
    let each = stretch.length as usize;
    let fits = each > 0 && characters.iter().all(|character| character.len_utf8() == each);
    if fits && stretch.kind == STRING { Ok(Values::Characters(characters)) } else { Err(not()) }
}

/// Automerge's numbers for the types of values that documents have.
const FALSE: u64 = 1;
const TRUE: u64 = 2;
const INTEGER: u64 = 4;
const FLOAT: u64 = 5;
const STRING: u64 = 6;

fn scalars(stretch: &Stretch<'_>) -> Result<Vec<Value>, Unsound> {
    let counter = stretch.first.counter;
    let length = stretch.length as usize;
    if stretch.kind == STRING && length > WORD_BYTES_MAX {
        let max = WORD_BYTES_MAX;
        return Err(Unsound::TooLong { counter, what: "word", bytes: length, max });
    }
    let value = |at: u64| {
        let start = at as usize * length;
        scalar(stretch.kind, stretch.values.get(start..start + length)?)
    };
    let values = (0..stretch.count).map(value);
    let what = "puts a value that documents do not have";
    values.collect::<Option<_>>().ok_or(Unsound::Operation { counter, what })
}

fn scalar(kind: u64, bytes: &[u8]) -> Option<Value> {
    match kind {
        FALSE => Some(Value::Bool(false)),
        TRUE => Some(Value::Bool(true)),
        INTEGER => signed(bytes).map(Value::Int),
        FLOAT => {
            let number = f64::from_le_bytes(bytes.try_into().ok()?);
            number.is_finite().then_some(Value::Float(number))
        }
        STRING => std::str::from_utf8(bytes).ok().map(|word| Value::Word(word.to_owned())),
        _ => None,
    }
}

/// A signed number in LEB128 that fills `bytes`.
fn signed(bytes: &[u8]) -> Option<i64> {
    let mut number = 0_i64;
    for (at, byte) in bytes.iter().enumerate() {
        let shift = u32::try_from(at * 7).ok().filter(|shift| *shift < 64)?;
        number |= i64::from(byte & 0x7f) << shift;
        let last = at + 1 == bytes.len();
        if last != (byte & 0x80 == 0) {
            return None;
        }
        if last && byte & 0x40 != 0 && shift + 7 < 64 {
            number |= -1 << (shift + 7);
        }
    }
    (!bytes.is_empty()).then_some(number)
}
