//! What somebody says of links: read, checked, and laid over what was said
//! before.

use tern_protocol::limits::CURRENCY_BYTES_MAX;
use tern_protocol::tariff::{LinkClass, Price, Tariff};

use super::MEGABYTE;
use crate::ops::{ErrorCode, OpError};

/// Every class by its code.
pub(crate) const CLASSES: [(&str, LinkClass); 4] = [
    ("lan", LinkClass::Lan),
    ("broadband", LinkClass::Broadband),
    ("metered", LinkClass::Metered),
    ("satellite", LinkClass::Satellite),
];

/// Minutes between two contacts: at most the longest month.
const EVERY_MAX: i64 = 31 * 24 * 60;
/// An allowance is at most a million gigabytes.
const MEGABYTES_MAX: u64 = 1_000_000_000;

/// What somebody says; `None` is what was not said. Of the inner ones `None`
/// takes back what was said before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    /// The class of links beyond the local network.
    pub class: Option<LinkClass>,
    /// Minutes between two contacts.
    pub every: Option<i64>,
    /// Bytes in a calendar month.
    pub allowance: Option<Option<u64>>,
    /// First and last hour of the day, in UTC.
    pub hours: Option<Option<(u8, u8)>>,
    /// Hundredths of the currency for a million bytes.
    pub price: Option<Option<u32>>,
    /// What people call the currency.
    pub currency: Option<String>,
}

impl Said {
    /// What holds from now on.
    ///
    /// # Errors
    /// What cannot be, with the name of its field.
    pub(crate) fn over(self, before: Tariff) -> Result<Tariff, OpError> {
        if self == Self::default() {
            return Err(invalid(
                "class",
                "say what links cost: a class, a price, a limit or hours",
            ));
        }
        let known = before.price.clone();
        let currency = self.currency.map(|name| name.trim().to_owned()).filter(|n| !n.is_empty());
        let currency = currency.or_else(|| known.as_ref().map(|price| price.currency.clone()));
        let per_megabyte = self.price.unwrap_or(known.map(|price| price.per_megabyte));
        let price = match (per_megabyte, currency) {
            (None, None) => None,
            (None, Some(_)) if self.price.is_some() => None,
            (None, Some(_)) => {
                return Err(invalid("price", "say what a megabyte costs in this currency"));
            }
            (Some(_), None) => {
                return Err(invalid("currency", "say the currency of the price, such as USD"));
            }
            (Some(per_megabyte), Some(currency)) => Some(Price { per_megabyte, currency }),
        };
        if price.as_ref().is_some_and(|price| !is_name(&price.currency)) {
            let what = format!(
                "a currency is a word of at most {CURRENCY_BYTES_MAX} bytes, such as USD or FCFA"
            );
            return Err(invalid("currency", what));
        }
        let tariff = Tariff {
            class: self.class.unwrap_or(before.class),
            every: self.every.map_or(before.every, |minutes| minutes.saturating_mul(60_000)),
            allowance: self.allowance.unwrap_or(before.allowance),
            hours: self.hours.unwrap_or(before.hours),
            price,
        };
        tariff.check().map_err(|why| invalid("every", why))?;
        Ok(tariff)
    }
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

fn is_name(currency: &str) -> bool {
    currency.len() <= CURRENCY_BYTES_MAX && !currency.chars().any(char::is_control)
}

/// A class by its code.
///
/// # Errors
/// There is none, in words.
pub(crate) fn class_named(text: &str) -> Result<LinkClass, String> {
    let found = CLASSES.iter().find(|(name, _)| *name == text.trim());
    let names = CLASSES.map(|(name, _)| name).join(", ");
    found.map(|(_, class)| *class).ok_or_else(|| format!("a class is one of {names}"))
}

/// `30m`, `4h` or `1d`, in minutes.
///
/// # Errors
/// No such time, or one that is too long, in words.
pub(crate) fn every(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let read = |unit: char, minutes: i64| {
        let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(minutes)
    };
    let minutes = read('m', 1).or_else(|| read('h', 60)).or_else(|| read('d', 24 * 60));
    minutes
        .filter(|minutes| (1..=EVERY_MAX).contains(minutes))
        .ok_or_else(|| "write a time between 1m and 31d, such as 30m, 4h or 1d".into())
}

/// `22-05`: the first and the last hour of the day in which contact is made;
/// `any` is every hour.
///
/// # Errors
/// Hours that there are not, in words.
pub(crate) fn hours(text: &str) -> Result<Option<(u8, u8)>, String> {
    if text.trim() == "any" {
        return Ok(None);
    }
    let hour = |text: &str| text.trim().parse::<u8>().ok().filter(|hour| *hour < 24);
    let read = text.split_once('-').and_then(|(from, to)| Some((hour(from)?, hour(to)?)));
    read.map(Some).ok_or_else(|| {
        "write the first and the last hour from 0 to 23 in UTC, such as 22-05, or any".into()
    })
}

/// `8.50`, in hundredths, with a point or a comma; `none` takes it back.
///
/// # Errors
/// No such sum, in words.
pub(crate) fn price(text: &str) -> Result<Option<u32>, String> {
    let text = text.trim();
    if text == "none" {
        return Ok(None);
    }
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let read = || {
        let whole: u32 = Some(whole).filter(|whole| digits(whole))?.parse().ok()?;
        let part: u32 = match part.len() {
            0..=2 if digits(part) => format!("{part:0<2}").parse().ok()?,
            _ => return None,
        };
        whole.checked_mul(100)?.checked_add(part)
    };
    read().map(Some).ok_or_else(|| {
        "write what a megabyte costs with at most two decimals, such as 8.50, or none".into()
    })
}

/// Megabytes as bytes.
///
/// # Errors
/// No such number, in words.
pub(crate) fn megabytes(text: &str) -> Result<u64, String> {
    let read = text.trim().parse::<u64>().ok().filter(|number| *number <= MEGABYTES_MAX);
    read.map(|number| number * MEGABYTE).ok_or_else(|| {
        format!("write a whole number of megabytes, from 0 to {MEGABYTES_MAX}, such as 50")
    })
}
