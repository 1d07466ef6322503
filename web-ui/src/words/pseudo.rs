//! Two languages nobody speaks, made from the English sentences.
//!
//! Only the fixed text of a sentence is changed, never what is interpolated:
//! a name or a number looks as it will in a real language.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Words, bundle};

/// Longer English, then right-to-left English.
pub(super) fn all(english: &Arc<Words>) -> impl Iterator<Item = Words> {
    let made = |lang, dir, name, change: fn(&str) -> Cow<'_, str>| {
        let mut bundle = bundle("en", "en");
        bundle.set_transform(Some(change));
        Words { lang, dir, name, bundle, fallback: Some(english.clone()) }
    };
    [
        made("en-XA", "ltr", "Ḷóṇǧęŕ", longer),
        made("ar-XB", "rtl", "\u{202E}Backwards\u{202C}", backwards),
    ]
    .into_iter()
}

/// The same words with accents, drawn out by two fifths: what German or
/// Russian will need.
fn longer(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_alphabetic) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut debt = 0_usize;
    for letter in text.chars() {
        out.push(accented(letter));
        debt += 2;
        if debt >= 5 && letter.is_alphabetic() {
            out.push(accented(letter));
            debt -= 5;
        }
    }
    out.extend(std::iter::repeat_n('~', debt.div_ceil(5)));
    Cow::Owned(out)
}

fn accented(letter: char) -> char {
    const PLAIN: &str = "aceginorsuyzACEGINORSUYZ";
    const ACCENTED: &str = "åçéĝîñöŕšûýžÅÇÉĜÎÑÖŔŠÛÝŽ";
    PLAIN
        .chars()
        .position(|plain| plain == letter)
        .and_then(|at| ACCENTED.chars().nth(at))
        .unwrap_or(letter)
}

/// The same words, each forced to run from right to left.
fn backwards(text: &str) -> Cow<'_, str> {
    const OVERRIDE: char = '\u{202E}';
    const END: char = '\u{202C}';
    let mut out = String::with_capacity(text.len() * 2);
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        if word.is_empty() {
            continue;
        }
        out.push(OVERRIDE);
        out.push_str(word);
        out.push(END);
    }
    Cow::Owned(out)
}
