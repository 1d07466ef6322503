//! Whose practice it is, and how to reach them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::parts::Listed;
use crate::schema::{At, FieldRefused, Mailbox, Shape};
use crate::value::Value;

/// The key of the sentence that stands everywhere at a listed entry: "Listed
/// by ORG from a public source; not written by those who did the work".
pub const LISTED_SENTENCE: &str = "listed-sentence";

/// Who wrote it.
#[derive(Clone, PartialEq, Debug)]
pub enum Basis {
    /// The publishing organisation, of its own work.
    Own,
    /// Listed from a public source. Such an entry cannot be reviewed or
    /// sealed, and everywhere says what [`LISTED_SENTENCE`] names.
    Listed(Listed),
}

impl Shape for Basis {
    fn absent() -> Option<Self> {
        Some(Self::Own)
    }

    /// `"own"`, `{"listed": {"url": …}}`, or the latter without its wrapper.
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        match json {
            Json::String(word) if word == "own" => Ok(Self::Own),
            Json::Object(object) if object.contains_key("listed") && object.len() == 1 => {
                Listed::read_json(&object["listed"], at.key("listed", 0)).map(Self::Listed)
            }
            Json::Object(_) => Listed::read_json(json, at).map(Self::Listed),
            _ => Err(at.refuse("is neither `own` nor {\"listed\": {url, seen_on, note}}")),
        }
    }

    fn write_json(&self) -> Option<Json> {
        Some(match self {
            Self::Own => "own".into(),
            Self::Listed(listed) => json!({ "listed": listed.write_json() }),
        })
    }

    fn read_value(value: &Value) -> Option<Self> {
        match value {
            Value::Word(word) if word == "own" => Some(Self::Own),
            Value::Map(map) if map.len() == 1 => {
                Listed::read_value(map.get("listed")?).map(Self::Listed)
            }
            _ => None,
        }
    }

    fn write_value(&self) -> Option<Value> {
        Some(match self {
            Self::Own => Value::Word("own".to_owned()),
            Self::Listed(listed) => {
                let listed = listed.write_value()?;
                Value::Map(BTreeMap::from([("listed".to_owned(), listed)]))
            }
        })
    }
}

/// How to reach those who wrote it. Never a person's own address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contact {
    /// Through the Hub.
    Hub,
    /// The mailbox of a role.
    Mailbox(Mailbox),
}

const THROUGH_THE_HUB: &str = "through the Hub";

impl Shape for Contact {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        match json.as_str() {
            Some(words) if words.eq_ignore_ascii_case(THROUGH_THE_HUB) => Ok(Self::Hub),
            _ => Mailbox::read_json(json, at).map(Self::Mailbox),
        }
    }

    fn write_json(&self) -> Option<Json> {
        match self {
            Self::Hub => Some(THROUGH_THE_HUB.into()),
            Self::Mailbox(mailbox) => mailbox.write_json(),
        }
    }

    fn read_value(value: &Value) -> Option<Self> {
        match value {
            Value::Word(words) if words == THROUGH_THE_HUB => Some(Self::Hub),
            other => Mailbox::read_value(other).map(Self::Mailbox),
        }
    }

    fn write_value(&self) -> Option<Value> {
        match self {
            Self::Hub => Some(Value::Word(THROUGH_THE_HUB.to_owned())),
            Self::Mailbox(mailbox) => mailbox.write_value(),
        }
    }
}
