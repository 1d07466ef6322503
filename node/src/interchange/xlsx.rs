//! Workbooks.
//!
//! Invariant: every cell that is written is text, never a formula; one that
//! looks like a formula is also marked as text (`quotePrefix`), so that it
//! stays text when somebody goes into it.

mod reading;

pub(super) use reading::rows;

use rust_xlsxwriter::{DocProperties, Format, Workbook, XlsxError};

use super::columns::Table;
use super::csv::is_like_a_formula;
use crate::ops::{ErrorCode, OpError};

/// A cell has at most this many UTF-16 units (a limit of the format).
pub(super) const CELL_UNITS_MAX: usize = 32_767;
/// A sheet has at most this many columns (a limit of the format).
const COLUMNS_MAX: usize = 16_384;

/// A table as a workbook with one sheet.
pub(super) fn write(table: &Table) -> Result<Vec<u8>, OpError> {
    if table.headings.len() > COLUMNS_MAX {
        let what = format!(
            "the practices need {} columns, and a workbook has at most {COLUMNS_MAX}: take fewer",
            table.headings.len()
        );
        return Err(OpError::new(ErrorCode::TooLarge, what).over(COLUMNS_MAX as u64));
    }
    written(table).map_err(|why| {
        OpError::new(ErrorCode::Failed, format!("the workbook cannot be written: {why}"))
    })
}

fn written(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author("Tern"));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Practices")?;
    let (bold, plain) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let marked = Format::new().set_num_format("@").set_quote_prefix();
    for (column, heading) in (0_u16..).zip(&table.headings) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
        sheet.set_column_width(column, 24)?;
    }
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let format = if is_like_a_formula(cell) { &marked } else { &plain };
            sheet.write_string_with_format(row, column, cell, format)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::super::entry::tests::counselling;
    use super::super::entry::{Entry, words};
    use super::*;

    #[test]
    fn a_workbook_is_read_by_another_program_cell_for_cell_and_holds_no_formula() {
        let words = words("en");
        let mut shown = counselling();
        shown["fields"]["context"] = serde_json::json!({ "en": "x".repeat(40_000) });
        let table = Table::of(&[Entry::new(&shown, &words)], CELL_UNITS_MAX).expect("small");
        let bytes = write(&table).expect("written");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let formulas = book.worksheet_formula("Practices").expect("the sheet");
        assert!(formulas.used_cells().next().is_none(), "no formula");
        let sheet = book.worksheet_range("Practices").expect("the sheet");
        let mut rows = sheet.rows();
        let text = |cell: &Data| match cell {
            Data::Empty => String::new(),
            Data::String(text) => text.clone(),
            other => panic!("{other:?} is no text"),
        };
        let headings: Vec<String> = rows.next().expect("headings").iter().map(text).collect();
        assert_eq!(headings, table.headings);
        assert!(headings.contains(&"context.en#2".to_owned()), "a long cell goes on");
        let cells: Vec<String> = rows.next().expect("a row").iter().map(text).collect();
        assert_eq!(cells, table.rows[0]);
        assert!(cells.iter().any(|cell| cell.starts_with("=HYPERLINK")), "as text");
    }
}
