//! Practices as a table: one a row, one field a column, under the headings
//! that an import reads.
//!
//! A text has a column for each language (`title.en`); a cell that is longer
//! than its format takes goes on in the next column (`challenges#2`). Columns
//! that begin with `tern.` say where a practice comes from and how far it
//! counts; an import leaves them out.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::practice::Practice;

use super::cell::cells;
use super::entry::Entry;
use crate::ops::{ErrorCode, OpError};

/// A table has at most this many cells, empty ones too: room is made for each.
const CELLS_MAX: usize = 16_000_000;

/// Before the names of columns that are no fields.
pub(super) const BESIDE: &str = "tern.";
/// Between a heading and the number of its further columns.
pub(super) const GOES_ON: char = '#';

/// See the module.
pub(super) struct Table {
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

type Row = BTreeMap<String, String>;

impl Table {
    /// Practices whose cells have at most so many UTF-16 units.
    ///
    /// # Errors
    /// Together they need too many columns.
    pub(super) fn of(entries: &[Entry<'_>], units: usize) -> Result<Self, OpError> {
        let rows: Vec<Row> = entries.iter().map(|entry| row(*entry, units)).collect();
        let used: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
        let mut headings: Vec<String> = used.into_iter().cloned().collect();
        if headings.len().saturating_mul(rows.len()) > CELLS_MAX {
            let what = format!(
                "{} practices with {} columns are more than {CELLS_MAX} cells: take fewer, or another format",
                rows.len(),
                headings.len()
            );
            return Err(OpError::new(ErrorCode::TooLarge, what).over(CELLS_MAX as u64));
        }
        headings.sort_by_cached_key(|heading| place(heading));
        let filled = |mut row: Row| {
            headings.iter().map(|heading| row.remove(heading).unwrap_or_default()).collect()
        };
        let rows = rows.into_iter().map(filled).collect();
        Ok(Self { headings, rows })
    }
}

/// Provenance first, then fields in the order of practice files, languages by
/// tag, what goes on behind what it continues.
fn place(heading: &str) -> (usize, String, usize) {
    if let Some(name) = heading.strip_prefix(BESIDE) {
        return (
            0,
            format!("{:02}", BESIDES.iter().position(|known| *known == name).unwrap_or(99)),
            0,
        );
    }
    let (column, part) = heading.split_once(GOES_ON).unwrap_or((heading, "1"));
    let (key, inner) = column.split_once('.').unwrap_or((column, ""));
    let at = Practice::FIELDS.iter().position(|(known, _)| *known == key);
    (1 + at.unwrap_or(usize::MAX - 1), inner.to_owned(), part.parse().unwrap_or(0))
}

const BESIDES: [&str; 11] = [
    "id",
    "edition",
    "edition_id",
    "content_hash",
    "organisation",
    "organisation_id",
    "signers",
    "published",
    "languages",
    "status",
    "attribution",
];

fn row(entry: Entry<'_>, units: usize) -> Row {
    let mut row = Row::new();
    let signers: Vec<String> =
        entry.signers().map(|(person, org)| format!("{person}, {org}")).collect();
    let beside: [String; BESIDES.len()] = [
        entry.id().to_owned(),
        entry.number().map(|number| number.to_string()).unwrap_or_default(),
        entry.edition().to_owned(),
        entry.hash().to_owned(),
        entry.org().to_owned(),
        entry.org_id().to_owned(),
        signers.join("; "),
        entry.day().to_owned(),
        entry.languages().join("; "),
        entry.status(),
        entry.attribution(),
    ];
    for (name, text) in BESIDES.iter().zip(beside) {
        row.insert(format!("{BESIDE}{name}"), text);
    }
    let fields = entry.shown()["fields"].as_object().into_iter().flatten();
    for (key, value) in fields {
        // What a later version wrote has no column of this one.
        if Practice::FIELDS.iter().any(|(known, _)| known == key) {
            for (heading, text) in cells(key, value) {
                put(&mut row, &heading, &text, units);
            }
        }
    }
    row
}

fn put(row: &mut Row, heading: &str, text: &str, units: usize) {
    for (at, piece) in pieces(text, units).into_iter().enumerate() {
        let heading = match at {
            0 => heading.to_owned(),
            at => format!("{heading}{GOES_ON}{}", at + 1),
        };
        row.insert(heading, piece.to_owned());
    }
}

/// A text in pieces of at most so many UTF-16 units.
fn pieces(text: &str, units: usize) -> Vec<&str> {
    let (mut pieces, mut begin, mut long) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        if long + c.len_utf16() > units {
            pieces.push(&text[begin..at]);
            (begin, long) = (at, 0);
        }
        long += c.len_utf16();
    }
    pieces.push(&text[begin..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::counselling;
    use super::super::entry::words;
    use super::*;

    #[test]
    fn a_table_has_what_its_rows_need_in_the_order_of_practice_files() {
        let (shown, words) = (counselling(), words("en"));
        let table = Table::of(&[Entry::new(&shown, &words)], usize::MAX).expect("small");
        let headings: Vec<&str> = table.headings.iter().map(String::as_str).collect();
        assert_eq!(headings[..2], ["tern.id", "tern.edition"]);
        let at =
            |heading: &str| headings.iter().position(|known| *known == heading).expect("a column");
        assert!(at("title.ar") < at("title.en") && at("title.en") < at("summary.en"));
        let cell = |heading: &str| table.rows[0][at(heading)].as_str();
        assert_eq!(cell("primary_objectives"), "3; 6");
        assert_eq!(cell("countries"), "NP; QA");
        assert_eq!(cell("partners"), r#"[{"org":"@Radio; FM"}]"#, "its name holds what separates");
        assert_eq!(cell("ongoing"), "true");
        assert_eq!(cell("tern.status"), "Not reviewed");
    }

    #[test]
    fn practices_that_share_no_column_are_refused_before_room_is_made_for_all() {
        let words = words("en");
        let shown = (0..2_000).map(|at| {
            let mut shown = counselling();
            let tags = (0..5).map(|tag| (format!("x-{at}-{tag}"), "text".into()));
            shown["fields"]["aims"] = serde_json::Value::Object(tags.collect());
            shown
        });
        let shown: Vec<serde_json::Value> = shown.collect();
        let entries: Vec<Entry<'_>> = shown.iter().map(|one| Entry::new(one, &words)).collect();
        let refused = Table::of(&entries, usize::MAX).err().expect("too many");
        assert!(refused.message.contains("take fewer"), "{refused}");
    }

    #[test]
    fn a_text_is_cut_between_characters_and_nothing_is_lost() {
        let text = "a😀b😀".repeat(10);
        let cut = pieces(&text, 3);
        assert!(cut.iter().all(|piece| piece.encode_utf16().count() <= 3));
        assert_eq!(cut.concat(), text);
        assert_eq!(pieces("", 3), [""]);
    }
}
