//! Values that are replaced as a whole: names, dates, addresses, numbers.

use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

use super::calendar::{date_of, day_of};
use super::refused::{At, FieldRefused};
use super::shape::Shape;
use super::text::{Tag, tidy};
use crate::identity::{CertificateId, DocumentId, EditionId, ListingId, OrgId};
use crate::timestamp::Timestamp;
use crate::value::Value;

/// Gives a type the shape of a word that it parses from and displays as.
macro_rules! word {
    ($type:ty) => {
        impl Shape for $type {
            fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
                let text = json.as_str().ok_or_else(|| at.refuse("is not a text value"))?;
                text.trim()
                    .parse()
                    .map_err(|error: <Self as FromStr>::Err| at.refuse(error.to_string()))
            }

            fn write_json(&self) -> Option<Json> {
                Some(Json::String(self.to_string()))
            }

            fn read_value(value: &Value) -> Option<Self> {
                let Value::Word(word) = value else { return None };
                word.parse().ok()
            }

            fn write_value(&self) -> Option<Value> {
                Some(Value::Word(self.to_string()))
            }
        }
    };
}

word!(Tag);
word!(Date);
word!(Link);
word!(Mailbox);
word!(BlobHash);
word!(DocumentId);
word!(EditionId);
word!(CertificateId);
word!(OrgId);
word!(ListingId);

/// A name or short note on one line, in no particular language.
impl Shape for String {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let text = json.as_str().ok_or_else(|| at.refuse("is not a text value"))?;
        let text = tidy(text).replace(['\n', '\t'], " ");
        if text.is_empty() {
            return Err(at.refuse("is empty"));
        }
        let length = text.chars().count();
        if length as u64 > at.limit {
            let message = format!("has {length} characters, and at most {} fit", at.limit);
            return Err(at.beyond(message));
        }
        Ok(text)
    }

    fn write_json(&self) -> Option<Json> {
        Some(Json::String(self.clone()))
    }

    fn read_value(value: &Value) -> Option<Self> {
        if let Value::Word(word) = value { Some(word.clone()) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        Some(Value::Word(self.clone()))
    }
}

/// A day, a month or a year: `2024-05-17`, `2024-05` or `2024`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl Date {
    /// The year.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> Option<u8> {
        self.month
    }

    /// The day of the month.
    pub const fn day(self) -> Option<u8> {
        self.day
    }

    /// Whether all of it lies before any of `other`.
    pub fn is_before(self, other: Self) -> bool {
        let month = self.month.zip(other.month);
        let day = self.day.zip(other.day);
        (self.year, month.map(|m| m.0), day.map(|d| d.0))
            < (other.year, month.map(|m| m.1), day.map(|d| d.1))
    }
}

/// A text that is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct NotADate(String);

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let number = |part: &str, digits: usize| {
            let legal = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            legal.then(|| part.parse::<u16>().ok()).flatten()
        };
        let read = || {
            let mut parts = text.split('-');
            let year = number(parts.next()?, 4)?;
            let mut small = || match parts.next() {
                None => Some(None),
                Some(part) => Some(Some(u8::try_from(number(part, 2)?).ok()?)),
            };
            let date = Self { year, month: small()?, day: small()? };
            let month_exists = date.month.is_none_or(|month| (1..=12).contains(&month));
            let day_exists = date.day.is_none_or(|day| (1..=date.month_days()).contains(&day));
            (parts.next().is_none() && month_exists && day_exists).then_some(date)
        };
        read().ok_or_else(|| NotADate(text.chars().take(40).collect()))
    }
}

impl Date {
    /// The day of a moment, in UTC. Of moments outside the years 0 to 9999 the
    /// nearest day inside.
    pub fn of(moment: Timestamp) -> Self {
        let (year, month, day) = date_of(moment.0.div_euclid(DAY_MILLISECONDS));
        Self { year, month: Some(month), day: Some(day) }
    }

    /// The first day of it, in days since 1970-01-01.
    pub fn first_day(self) -> i64 {
        day_of(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    /// The last day of it, in days since 1970-01-01.
    pub fn last_day(self) -> i64 {
        let month = self.month.unwrap_or(12);
        let last = Self { month: Some(month), ..self }.month_days();
        day_of(self.year, month, self.day.unwrap_or(last))
    }

    /// How many days its month has (Gregorian).
    fn month_days(self) -> u8 {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            Some(2) => 28 + u8::from(leap),
            Some(4 | 6 | 9 | 11) => 30,
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        [self.month, self.day].iter().flatten().try_for_each(|part| write!(f, "-{part:02}"))
    }
}

const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1_000;
/// An address on the web has at most this many bytes.
pub const LINK_BYTES_MAX: usize = 2_000;

/// An address on the web, `https://…` or `http://…`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Link(String);

impl Link {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not an address on the web.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address that begins with https:// and has at most {LINK_BYTES_MAX} bytes")]
pub struct NotALink(String);

impl FromStr for Link {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, NotALink> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or("");
        let legal = text.len() <= LINK_BYTES_MAX
            && !host.is_empty()
            && !host.contains('@')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c));
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotALink(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a mailbox, which should be that of a role, not a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mailbox(String);

/// A text that is not the address of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither the address of a mailbox nor `through the Hub`")]
pub struct NotAMailbox(String);

impl FromStr for Mailbox {
    type Err = NotAMailbox;

    fn from_str(text: &str) -> Result<Self, NotAMailbox> {
        let legal = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\",".contains(c))
            && text.split_once('@').is_some_and(|(name, domain)| {
                !name.is_empty()
                    && !domain.contains('@')
                    && domain.split('.').count() > 1
                    && domain.split('.').all(|label| !label.is_empty())
            });
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAMailbox(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The BLAKE3 hash of a file, 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlobHash(pub [u8; 32]);

/// A text that is not the hash of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash of 64 hexadecimal digits")]
pub struct NotAHash(String);

impl FromStr for BlobHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let not = || NotAHash(text.chars().take(80).collect());
        let digits = text.bytes().map(|byte| (byte as char).to_digit(16));
        let digits: Vec<u32> = digits.collect::<Option<_>>().ok_or_else(not)?;
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect::<Option<_>>().ok_or_else(not)?;
        bytes.try_into().map(Self).map_err(|_| not())
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
