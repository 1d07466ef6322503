//! Values of arguments, checked while the line is read, so that a slip is
//! wrong usage and not a failed command.

use tern_crdt::authority::Role;

use crate::governing::BEACONS_AHEAD_MAX;
use crate::interchange::{Cell, cell};
use crate::keystore::AccountName;
use crate::links;

/// Lists are at most this long at once.
const LIMIT_MAX: usize = 1_000;

/// `FIELD=VALUE`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Setting(pub(super) Cell);

pub(super) fn setting(text: &str) -> Result<Setting, String> {
    let (field, value) = text.split_once('=').ok_or("write it as FIELD=VALUE")?;
    cell(field, value).map(Setting)
}

/// The name of an organisation or a person.
pub(super) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let length = text.chars().count();
    if !(2..=120).contains(&length) {
        return Err(format!("a name has 2 to 120 characters, and this has {length}"));
    }
    match text.chars().any(char::is_control) {
        true => Err("a name stands on one line".into()),
        false => Ok(text.to_owned()),
    }
}

/// A country by its two letters. Whether it is one, the vocabulary tells.
pub(super) fn country(text: &str) -> Result<String, String> {
    let letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters
        .then(|| text.to_ascii_uppercase())
        .ok_or_else(|| "write a country as two letters, like NE".into())
}

pub(super) fn account(text: &str) -> Result<String, String> {
    let name: AccountName =
        text.parse().map_err(|why: crate::keystore::KeystoreError| why.to_string())?;
    Ok(name.to_string())
}

/// A role that a person can be granted.
pub(super) fn role(text: &str) -> Result<String, String> {
    let mut codes = Role::ALL.into_iter().filter(|role| *role != Role::Node).map(Role::code);
    match codes.clone().any(|code| code == text) {
        true => Ok(text.to_owned()),
        false => Err(format!("roles are {}", codes.by_ref().collect::<Vec<_>>().join(", "))),
    }
}

/// `CODE=TEXT`.
pub(super) fn policy(text: &str) -> Result<(String, String), String> {
    let (code, text) = text.split_once('=').ok_or("write it as CODE=TEXT")?;
    Ok((code.trim().to_owned(), text.trim().to_owned()))
}

/// Why a certificate is revoked.
pub(super) fn revoke_reason(text: &str) -> Result<String, String> {
    let known = crate::governing::revoke_reason(text);
    known
        .map(|_| text.to_owned())
        .map_err(|_| "reasons are left, replaced, lost, stolen and misused".to_owned())
}

/// For how long a certificate is granted.
pub(super) fn weeks(text: &str) -> Result<u32, String> {
    let weeks: u32 = text.parse().map_err(|_| "this is no number of weeks".to_owned())?;
    match weeks {
        1..=BEACONS_AHEAD_MAX => Ok(weeks),
        _ => Err(format!(
            "a certificate is granted for 1 to {BEACONS_AHEAD_MAX} weeks, or without an end: leave it out"
        )),
    }
}

/// What people say of links, as it is written; kept as text once it reads.
fn said<T>(text: &str, read: fn(&str) -> Result<T, String>) -> Result<String, String> {
    read(text).map(|_| text.trim().to_owned())
}

/// The class of links beyond the local network.
pub(super) fn link_class(text: &str) -> Result<String, String> {
    said(text, links::class_named)
}

/// The time between two contacts.
pub(super) fn link_every(text: &str) -> Result<String, String> {
    said(text, links::every)
}

/// Hours of contacts.
pub(super) fn link_hours(text: &str) -> Result<String, String> {
    said(text, links::hours)
}

/// What a megabyte costs.
pub(super) fn link_price(text: &str) -> Result<String, String> {
    said(text, links::price)
}

/// Megabytes of a month.
pub(super) fn megabytes(text: &str) -> Result<u64, String> {
    links::megabytes(text).map(|bytes| bytes / links::MEGABYTE)
}

pub(super) fn limit(text: &str) -> Result<usize, String> {
    let limit: usize = text.parse().map_err(|_| "this is no number".to_owned())?;
    match limit {
        1..=LIMIT_MAX => Ok(limit),
        _ => Err(format!("a list has 1 to {LIMIT_MAX} items at once")),
    }
}
