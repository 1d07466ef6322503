//! The sheet as plain text: for any printer, or to be copied by hand.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::{KEEP, PURPOSE, Sheet, USE};

/// A line is at most this long, in characters, if its words are shorter.
const COLUMNS: usize = 80;
/// So many words stand beside each other.
const ABREAST: usize = 3;

const WORDS_TITLE: &str = "THE WORDS";
const USE_TITLE: &str = "WHAT TO DO WITH THEM";

/// The words on a sheet as it was written here; of any other text, all of it.
pub fn words_on(text: &str) -> &str {
    let between = text.split_once(WORDS_TITLE).and_then(|(_, rest)| rest.split_once(USE_TITLE));
    between.map_or(text, |(words, _)| words)
}

pub(super) fn render(sheet: &Sheet) -> Zeroizing<String> {
    // Room from the start, so that nothing of it is left where it grew out of.
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
    let head = [
        ("Organisation", sheet.organisation.as_str()),
        ("Id", &sheet.org),
        ("Federation", sheet.federation.as_deref().unwrap_or("-")),
        ("Written on", &sheet.date),
        ("Key", &sheet.fingerprint()),
    ];
    line(&mut text, "RECOVERY SHEET");
    line(&mut text, "==============");
    for (name, value) in head {
        wrapped(&mut text, &format!("{name:<14}"), value);
    }
    line(&mut text, "");
    for paragraph in PURPOSE {
        wrapped(&mut text, "", paragraph);
        line(&mut text, "");
    }
    line(&mut text, WORDS_TITLE);
    line(&mut text, "");
    for (row, words) in sheet.words.chunks(ABREAST).enumerate() {
        for (at, word) in words.iter().enumerate() {
            // Writing into a string cannot fail.
            let _ = write!(text, "   {:>2}. {:<12}", row * ABREAST + at + 1, **word);
        }
        line(&mut text, "");
    }
    section(&mut text, USE_TITLE, &USE);
    section(&mut text, "WHERE TO KEEP THIS SHEET", &KEEP);
    text
}

fn section(text: &mut String, title: &str, paragraphs: &[&str]) {
    line(text, "");
    line(text, title);
    line(text, "");
    for (at, paragraph) in paragraphs.iter().enumerate() {
        wrapped(text, &format!("{}. ", at + 1), paragraph);
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A paragraph behind what leads it, its other lines set in as far.
fn wrapped(text: &mut String, lead: &str, paragraph: &str) {
    let indent = " ".repeat(lead.len());
    let mut current = lead.to_owned();
    let mut empty = true;
    for word in paragraph.split_whitespace() {
        let wide = current.chars().count() + usize::from(!empty) + word.chars().count();
        if !empty && wide > COLUMNS {
            line(text, &current);
            current.clone_from(&indent);
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        // A word that is longer than a line is whole all the same.
        current.push_str(word);
        empty = false;
    }
    line(text, current.trim_end());
}
