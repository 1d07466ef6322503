//! Reading the first sheet of a workbook.
//!
//! Cells come one after the other; nothing is made as large as a workbook says
//! that it is. Of a formula the value counts that stands beside it.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;

use calamine::{Data, Reader, Xlsx};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use super::super::archive::{Package, UNPACKED_BYTES_MAX};
use super::super::table::Record;

/// A sheet has at most this many rows with something in them.
pub(in super::super) const SHEET_ROWS_MAX: usize = 100_000;
/// The cells of a sheet have at most this many bytes of text together.
const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A row has at most this many cells with something in them.
const ROW_CELLS_MAX: usize = 2_000;
/// So much room is made for a style, at least.
const STYLE_BYTES: u64 = 1_000;

/// The rows of the first sheet that have something in them, by their numbers.
/// Each is filled up to all headings only when its turn comes: many headings and
/// few cells would be many empty ones.
pub(in super::super) fn rows(bytes: &[u8]) -> Result<impl Iterator<Item = Record> + use<>, String> {
    check(bytes)?;
    let damaged = |why: calamine::XlsxError| format!("it is no workbook, or damaged: {why}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    let Some(name) = names.first() else { return Err("it has no sheet".into()) };
    let mut cells = book.worksheet_cells_reader(name).map_err(damaged)?;
    let mut found: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    let mut bytes = 0;
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let Some(text) = text(Data::from(cell.get_value().clone())) else { continue };
        bytes += text.len();
        if bytes > TEXT_BYTES_MAX {
            return Err(format!("its cells have more than {TEXT_BYTES_MAX} bytes: split it"));
        }
        let cells = found.entry(row).or_default();
        cells.insert(column, text);
        if cells.len() > ROW_CELLS_MAX {
            return Err(format!("row {} has more than {ROW_CELLS_MAX} cells", row + 1));
        }
        if found.len() > SHEET_ROWS_MAX {
            return Err(format!(
                "its first sheet has more than {SHEET_ROWS_MAX} rows: split it into several workbooks"
            ));
        }
    }
    // The headings say which columns there are.
    let headings = found.values().next();
    let columns: Vec<u32> = headings.map(|row| row.keys().copied().collect()).unwrap_or_default();
    let record = move |(row, mut cells): (u32, BTreeMap<u32, String>)| {
        let mut record: Vec<String> =
            columns.iter().map(|column| cells.remove(column).unwrap_or_default()).collect();
        // What stands under no heading is told.
        record.extend(cells.into_values());
        (u64::from(row) + 1, Ok(record))
    };
    Ok(found.into_iter().map(record))
}

/// Measures, and refuses parts for which more room would be made than they have
/// content.
fn check(bytes: &[u8]) -> Result<(), String> {
    let mut package = Package::open(bytes)?;
    for name in package.names() {
        let lower = name.to_ascii_lowercase();
        let check = match () {
            () if lower.ends_with("sharedstrings.xml") => check_texts,
            () if lower.ends_with("styles.xml") => check_styles,
            () => continue,
        };
        check(&package.part(&name, UNPACKED_BYTES_MAX)?.unwrap_or_default())?;
    }
    Ok(())
}

/// Every element of a part, until `look` has seen enough.
fn elements(
    part: &[u8],
    mut look: impl FnMut(&BytesStart<'_>) -> Result<ControlFlow<()>, String>,
) -> Result<(), String> {
    let mut xml = quick_xml::Reader::from_reader(part);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer);
        match event.map_err(|why| format!("it is damaged: {why}"))? {
            Event::Start(start) | Event::Empty(start) if look(&start)?.is_break() => return Ok(()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn attributes<'s>(
    start: &'s BytesStart<'_>,
) -> impl Iterator<Item = Result<Attribute<'s>, String>> {
    let mut attributes = start.attributes();
    attributes.with_checks(false);
    attributes.map(|attribute| attribute.map_err(|why| format!("it is damaged: {why}")))
}

/// Room for as many texts as the table says is made before they are read.
fn check_texts(part: &[u8]) -> Result<(), String> {
    let texts_max = part.len() / "<si/>".len();
    elements(part, |start| {
        if start.local_name().as_ref() != "sst" {
            return Ok(ControlFlow::Continue(()));
        }
        for attribute in attributes(start) {
            let attribute = attribute?;
            let is_count = attribute.key.as_ref() == "uniqueCount";
            let said: Option<usize> = attribute.value.trim().parse().ok();
            if is_count && said.is_some_and(|said| said > texts_max) {
                return Err("its texts say that they are more than they are".into());
            }
        }
        Ok(ControlFlow::Break(()))
    })
}

/// Every style of a cell gets its own copies of what it names: of a format, the
/// name of a font.
fn check_styles(part: &[u8]) -> Result<(), String> {
    let (mut styles, mut longest) = (0_u64, STYLE_BYTES);
    elements(part, |start| {
        styles += u64::from(start.local_name().as_ref() == "xf");
        for attribute in attributes(start) {
            longest = longest.max(attribute?.value.len() as u64);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if styles.saturating_mul(longest) > UNPACKED_BYTES_MAX {
        return Err("it has too many styles, or too long ones: save its cells anew as CSV".into());
    }
    Ok(())
}

/// What people see in a cell, as far as practices have it.
fn text(value: Data) -> Option<String> {
    let text = match value {
        Data::Empty | Data::Error(_) => return None,
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTimeIso(date) => date.get(..10).unwrap_or(&date).to_owned(),
        Data::String(text) | Data::DurationIso(text) => text,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

    use super::super::super::archive::tests::{bomb, packed};
    use super::super::super::columns::Table;
    use super::super::super::entry::tests::counselling;
    use super::super::super::entry::{Entry, words};
    use super::super::super::table;
    use super::*;

    fn rows(bytes: &[u8]) -> Result<Vec<Record>, String> {
        super::rows(bytes).map(Iterator::collect)
    }

    fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        workbook.save_to_buffer().expect("room")
    }

    #[test]
    fn a_practice_that_was_exported_as_a_workbook_is_imported_as_it_was() {
        let words = words("en");
        let mut shown = counselling();
        shown["fields"]["context"] = serde_json::json!({ "en": "long ".repeat(3_900) + "x" });
        let hostile = "=cmd|' /C calc'!A0";
        shown["fields"]["aims"] = serde_json::json!({ "en": hostile, "ar": "'=1" });
        let table = Table::of(&[Entry::new(&shown, &words)], 5_000).expect("small");
        let bytes = super::super::write(&table).expect("written");
        let read = table::practices(rows(&bytes).expect("read")).expect("a table").remove(0);
        let practice = |fields: &serde_json::Value| {
            tern_crdt::practice::Practice::from_json(fields, "en").expect("fields").to_json()
        };
        let fields = serde_json::Value::Object(read.1.expect("a practice"));
        assert_eq!(practice(&fields), practice(&shown["fields"]));
        assert_eq!(fields["aims"]["en"], hostile);
    }

    #[test]
    fn what_people_type_into_cells_is_what_they_meant() {
        let date = ExcelDateTime::parse_from_str("2024-03-09").expect("a date");
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let bytes = book(|sheet| {
            for (column, heading) in
                ["title", "start", "end", "ongoing", "summary"].iter().enumerate()
            {
                let column = u16::try_from(column).expect("few");
                sheet.write_string(0, column, *heading).expect("a cell");
            }
            sheet.write_string(4, 0, "Desks").expect("a cell");
            sheet.write_number(4, 1, 2019).expect("a cell");
            sheet.write_datetime_with_format(4, 2, &date, &day).expect("a cell");
            sheet.write_boolean(4, 3, true).expect("a cell");
            let formula = Formula::new("=1+1").set_result("two");
            sheet.write_formula(4, 4, formula).expect("a cell");
        });
        let read = rows(&bytes).expect("read");
        assert_eq!(read.len(), 2, "empty rows are none");
        let told = ["Desks", "2019", "2024-03-09", "true", "two"].map(str::to_owned).to_vec();
        assert_eq!(read[1], (5, Ok(told)));
    }

    #[test]
    fn a_sheet_of_a_million_rows_is_refused_with_what_to_do() {
        let mut sheet = String::from(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
        );
        for row in 1..=1_000_000 {
            sheet.push_str(&format!("<row r=\"{row}\"><c r=\"A{row}\"><v>1</v></c></row>"));
        }
        sheet.push_str("</sheetData></worksheet>");
        let why = rows(&workbook(&[("xl/worksheets/sheet1.xml", &sheet)])).expect_err("refused");
        assert!(why.contains("more than 100000 rows: split it"), "{why}");
    }

    /// A workbook of one sheet from these parts.
    fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
        const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
        const PACKAGE: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        let mut all: Vec<(&str, &[u8])> = vec![
            ("_rels/.rels", PACKAGE.as_bytes()),
            ("xl/workbook.xml", BOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ];
        all.extend(parts.iter().map(|(name, part)| (*name, part.as_bytes())));
        packed(&all)
    }

    #[test]
    fn no_workbook_makes_more_room_than_it_has_content() {
        let sheet = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
        let read = rows(&workbook(&[("xl/worksheets/sheet1.xml", sheet)])).expect("read");
        assert_eq!(read.len(), 2, "a cell in the last corner is one cell");
        let texts = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="99999999999999"><si><t>a</t></si></sst>"#;
        // Also where it is not the first element, or has no end.
        for texts in
            [texts.to_owned(), format!("<a>{texts}</a>"), texts.replace("\"><si", "\"/><si")]
        {
            let parts = [("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", &texts)];
            assert!(rows(&workbook(&parts)).expect_err("refused").contains("more than they are"));
        }
        // How often texts are used says nothing of how many there are.
        let used =
            texts.replace("uniqueCount=\"99999999999999\"", "count=\"1000\" uniqueCount=\"1\"");
        let parts = [("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", &used)];
        assert_eq!(rows(&workbook(&parts)).expect("read").len(), 2);
        let format = "0".repeat(1_000_000);
        let styles = format!(
            r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="200" formatCode="{format}"/></numFmts><cellXfs>{}</cellXfs></styleSheet>"#,
            r#"<xf numFmtId="200"/>"#.repeat(100_000)
        );
        let parts = [("xl/worksheets/sheet1.xml", sheet), ("xl/styles.xml", styles.as_str())];
        assert!(rows(&workbook(&parts)).expect_err("refused").contains("too many styles"));
        assert!(rows(&bomb("xl/worksheets/sheet1.xml")).expect_err("refused").contains("unpacks"));
        let wrong = "<worksheet><sheetData><row><c><v>\u{1}";
        assert!(rows(&workbook(&[("xl/worksheets/sheet1.xml", wrong)])).is_err());
        assert!(rows(b"title\nA\n").expect_err("refused").contains("no such file"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_damage_panics(at in 0_usize..4_000, byte: u8) {
            let mut bytes = book(|sheet| {
                sheet.write_string(0, 0, "title").expect("a cell");
                sheet.write_string(1, 0, "Desks").expect("a cell");
            });
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = rows(&bytes);
        }
    }
}
