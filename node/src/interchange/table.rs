//! The practices of a table, by its headings.
//!
//! Columns without a heading, and those that begin with `tern.`, are left out;
//! `KEY#2` goes on with what stands in `KEY`.

use std::collections::BTreeMap;

use super::columns::{BESIDE, GOES_ON};
use super::json::JsonRow;
use super::{Cell, cell, csv, merge};
use crate::ops::Fields;

/// The headings name at most this many columns; a workbook has no more either.
const COLUMNS_MAX: usize = 16_384;

/// A record: where it stands, and its cells, or what is broken in it.
pub(super) type Record = (u64, Result<Vec<String>, String>);

/// The practices of a table as text.
pub(super) fn of_text(text: &str) -> Result<Vec<JsonRow>, String> {
    let plain = |cell: String| match csv::unguarded(&cell) {
        same if same.len() == cell.len() => cell,
        rest => rest.to_owned(),
    };
    let records = csv::records(text).into_iter();
    practices(
        records
            .map(|(row, cells)| (row, cells.map(|cells| cells.into_iter().map(plain).collect()))),
    )
}

/// The practices of records of which the first holds the headings.
pub(super) fn practices(records: impl IntoIterator<Item = Record>) -> Result<Vec<JsonRow>, String> {
    let mut records = records.into_iter();
    let headings = match records.next() {
        Some((_, Ok(headings))) => headings,
        Some((_, Err(why))) => return Err(format!("the headings cannot be read: {why}")),
        None => return Err("it is empty: its first row names the fields".into()),
    };
    if headings.len() > COLUMNS_MAX {
        let (found, max) = (headings.len(), COLUMNS_MAX);
        return Err(format!("its first row has {found} cells, and {max} are read"));
    }
    let columns = Columns::of(&headings);
    let read = |record: Result<Vec<String>, String>| record.and_then(|cells| columns.row(cells));
    Ok(records.map(|(number, record)| (number, read(record))).collect())
}

/// What the headings say.
struct Columns<'h> {
    names: Vec<&'h str>,
    /// Of each heading the column, and which part of it; of some neither.
    places: Vec<Option<(usize, usize)>>,
}

impl<'h> Columns<'h> {
    fn of(headings: &'h [String]) -> Self {
        let mut columns = Self { names: Vec::new(), places: Vec::new() };
        let mut begun: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut seen: BTreeMap<(&str, usize), usize> = BTreeMap::new();
        for heading in headings {
            let heading = heading.trim();
            // A column of notes without a heading is nobody's business here.
            if heading.is_empty() || heading.starts_with(BESIDE) {
                columns.places.push(None);
                continue;
            }
            let further = heading.split_once(GOES_ON).and_then(|(name, part)| {
                part.parse::<usize>().ok().filter(|part| *part > 1).map(|part| (name, part))
            });
            let (name, part) = further.unwrap_or((heading, 1));
            // The same part a second time begins another column, which is refused
            // where both say something.
            let again = seen.entry((name, part)).or_default();
            let of_name = begun.entry(name).or_default();
            if *again == of_name.len() {
                of_name.push(columns.names.len());
                columns.names.push(name);
            }
            columns.places.push(Some((of_name[*again], part)));
            *again += 1;
        }
        columns
    }

    fn row(&self, cells: Vec<String>) -> Result<Fields, String> {
        let named = self.places.len();
        let extra = cells.iter().skip(named).any(|cell| !cell.trim().is_empty());
        if extra {
            let found = cells.len();
            return Err(format!("it has {found} cells, and the headings name {named} fields"));
        }
        let mut told: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
        for (place, text) in self.places.iter().zip(cells) {
            if let (Some((column, part)), false) = (place, text.is_empty()) {
                told.entry(*column).or_default().push((*part, text));
            }
        }
        let mut fields = Fields::new();
        for (column, mut parts) in told {
            parts.sort_by_key(|(part, _)| *part);
            let text: String = parts.into_iter().map(|(_, text)| text).collect();
            if !text.trim().is_empty() {
                let read: Cell = cell(self.names[column], &text)?;
                merge(&mut fields, read)?;
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::columns::Table;
    use super::super::entry::tests::counselling;
    use super::super::entry::{Entry, words};
    use super::*;

    #[test]
    fn what_goes_on_in_a_further_column_is_one_text_and_provenance_is_left_out() {
        let rows = of_text("context.en#2,tern.id,context.en,title\n end,tern1p,\"The \",A\n");
        let fields = rows.expect("a table").remove(0).1.expect("a practice");
        let read = json!({ "title": "A", "context": { "en": "The  end" } });
        assert_eq!(Value::Object(fields), read);
        let twice = of_text("title,title\nA,B\n").expect("a table").remove(0);
        assert_eq!(twice.1, Err("`title` is given twice".into()));
    }

    #[test]
    fn a_practice_that_was_exported_as_a_table_is_imported_as_it_was() {
        let (shown, words) = (counselling(), words("en"));
        let table = Table::of(&[Entry::new(&shown, &words)], 50).expect("small");
        let text = csv::write(&table);
        let text = text.strip_prefix('\u{feff}').expect("a mark");
        let fields = of_text(text).expect("a table").remove(0).1.expect("a practice");
        let read = |fields: &Value| {
            tern_crdt::practice::Practice::from_json(fields, "en").expect("fields").to_json()
        };
        assert_eq!(read(&Value::Object(fields)), read(&shown["fields"]));
    }
}
