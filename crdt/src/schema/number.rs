//! Numbers, and what people write where a number is asked for.

use serde_json::Value as Json;

use super::refused::{At, FieldRefused};
use super::shape::Shape;
use super::word::Date;
use crate::taxonomy::{self, Term};
use crate::value::Value;

/// An objective of the Global Compact, 1 to 23.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Objective(u8);

impl Objective {
    /// The objective of a number, if there is one.
    pub fn new(number: u8) -> Option<Self> {
        taxonomy::objective(number).map(|_| Self(number))
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its labels.
    pub fn term(self) -> Option<&'static Term> {
        taxonomy::objective(self.0)
    }
}

impl Shape for Objective {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let number = match json {
            Json::String(digits) => digits.trim().parse().ok(),
            other => other.as_u64(),
        };
        let objective = number.and_then(|number| u8::try_from(number).ok()).and_then(Self::new);
        objective.ok_or_else(|| {
            at.refuse(format!("{json} is no objective: they are numbered from 1 to 23"))
        })
    }

    fn write_json(&self) -> Option<Json> {
        Some(self.0.into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        let Value::Int(number) = value else { return None };
        Self::new(u8::try_from(*number).ok()?)
    }

    fn write_value(&self) -> Option<Value> {
        Some(Value::Int(self.0.into()))
    }
}

/// Yes or no, where nothing said means no.
impl Shape for bool {
    fn absent() -> Option<Self> {
        Some(false)
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        match json {
            Json::Bool(yes) => Ok(*yes),
            Json::String(word) if word == "true" => Ok(true),
            Json::String(word) if word == "false" => Ok(false),
            _ => Err(at.refuse("is neither true nor false")),
        }
    }

    fn write_json(&self) -> Option<Json> {
        self.then_some(Json::Bool(true))
    }

    fn read_value(value: &Value) -> Option<Self> {
        if let Value::Bool(yes) = value { Some(*yes) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        self.then_some(Value::Bool(true))
    }
}

/// A count.
impl Shape for u64 {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let count = json.as_u64().ok_or_else(|| at.refuse("is not a whole number from 0"))?;
        if count > at.limit {
            return Err(at.beyond(format!("is {count}, and at most {} fits", at.limit)));
        }
        Ok(count)
    }

    fn write_json(&self) -> Option<Json> {
        Some((*self).into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        if let Value::Int(count) = value { (*count).try_into().ok() } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        i64::try_from(*self).ok().map(Value::Int)
    }
}

/// A coordinate in degrees, at most the bound on either side of zero.
impl Shape for f64 {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let degrees = json.as_f64().ok_or_else(|| at.refuse("is not a number"))?;
        if degrees.abs() > at.limit as Self {
            let limit = at.limit;
            return Err(at.beyond(format!("is {degrees}, and lies between -{limit} and {limit}")));
        }
        Ok(degrees)
    }

    fn write_json(&self) -> Option<Json> {
        Some((*self).into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        if let Value::Float(degrees) = value { Some(*degrees) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        Some(Value::Float(*self + 0.0))
    }
}

/// What people write as the value of an indicator or the size of a gift: a
/// number where there is one, else words such as "about a third".
#[derive(Clone, PartialEq, Debug)]
pub enum Figure {
    /// A whole number.
    Whole(i64),
    /// Any other number; finite.
    Measured(f64),
    /// Words.
    Words(String),
}

impl Shape for Figure {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        if let Some(number) = json.as_i64() {
            return Ok(Self::Whole(number));
        }
        match json.as_f64() {
            Some(number) if number.is_finite() => Ok(Self::Measured(number + 0.0)),
            _ => String::read_json(json, at).map(Self::Words),
        }
    }

    fn write_json(&self) -> Option<Json> {
        Some(match self {
            Self::Whole(number) => (*number).into(),
            Self::Measured(number) => (*number).into(),
            Self::Words(words) => words.as_str().into(),
        })
    }

    fn read_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Int(number) => Self::Whole(*number),
            Value::Float(number) => Self::Measured(*number),
            Value::Word(words) => Self::Words(words.clone()),
            _ => return None,
        })
    }

    fn write_value(&self) -> Option<Value> {
        Some(match self {
            Self::Whole(number) => Value::Int(*number),
            Self::Measured(number) => Value::Float(*number),
            Self::Words(words) => Value::Word(words.clone()),
        })
    }
}

/// Refuses an end before the start, and an end of what still goes on.
pub(crate) fn span(
    start: Option<Date>,
    end: Option<Date>,
    ongoing: bool,
    at: At<'_>,
) -> Result<(), FieldRefused> {
    let at = at.key("end", 0);
    match (start, end) {
        (_, Some(end)) if ongoing => {
            Err(at.refuse(format!("is {end}, but `ongoing` says that it has not ended")))
        }
        (Some(start), Some(end)) if end.is_before(start) => {
            Err(at.refuse(format!("is {end}, which is before the start, {start}")))
        }
        _ => Ok(()),
    }
}
