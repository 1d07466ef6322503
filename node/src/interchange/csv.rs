//! Tables as text (RFC 4180), as spreadsheets really write them: comma,
//! semicolon or tab between fields, quoted fields with line breaks inside, and
//! a byte order mark.
//!
//! Invariant: no cell that is written here is a formula to a spreadsheet. One
//! that begins like one gets an apostrophe before it, which reading takes away
//! again (`'` before any further apostrophes and one of `= + - @`, a tab or a
//! carriage return; OWASP, CSV injection).

use super::columns::Table;

/// A table as text, for spreadsheets: with a byte order mark, every field
/// quoted.
pub(super) fn write(table: &Table) -> String {
    let mut text = String::from("\u{feff}");
    for row in std::iter::once(&table.headings).chain(&table.rows) {
        let quote = |cell: &String| format!("\"{}\"", guarded(cell).replace('"', "\"\""));
        text.push_str(&row.iter().map(quote).collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text
}

/// Whether a spreadsheet could take a text for a formula, or it has such
/// apostrophes already.
pub(super) fn is_like_a_formula(text: &str) -> bool {
    let begins = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    text.trim_start_matches('\'').starts_with(begins)
}

fn guarded(text: &str) -> String {
    if is_like_a_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// A cell without the apostrophe that kept it from being a formula.
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_like_a_formula(rest) => rest,
        _ => text,
    }
}

/// A record: where it stands, counted from 1 as a spreadsheet does, and its
/// fields, or what is broken in it.
pub(super) type CsvRow = (u64, Result<Vec<String>, String>);

/// Every record that is not empty. A stray quote spoils its own record alone;
/// a quote that is never closed spoils the rest.
pub(super) fn records(text: &str) -> Vec<CsvRow> {
    let separator = separator(text);
    let mut parser = Parser { rest: text.chars().peekable(), separator };
    let mut rows = Vec::new();
    let mut row = 0;
    while parser.rest.peek().is_some() {
        row += 1;
        match parser.record() {
            Ok(fields) if fields.iter().all(|field| field.trim().is_empty()) => {}
            record => rows.push((row, record)),
        }
    }
    rows
}

/// Whatever of `,`, `;` and tab is most frequent in the first record, outside
/// quotes.
fn separator(text: &str) -> char {
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(known, _)| *known == c).for_each(|(_, n)| *n += 1),
        }
    }
    // The first of equals: the comma.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(known, _)| *known)
}

struct Parser<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
}

impl Parser<'_> {
    fn record(&mut self) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        let mut broken = None;
        loop {
            match self.field() {
                Ok(field) => fields.push(field),
                Err(why) => broken = broken.or(Some(format!("column {}: {why}", fields.len() + 1))),
            }
            match self.rest.next() {
                Some(c) if c == self.separator => {}
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    break;
                }
                _ => break,
            }
        }
        broken.map_or(Ok(fields), Err)
    }

    /// One field, up to but without what ends it.
    fn field(&mut self) -> Result<String, &'static str> {
        let separator = self.separator;
        let ends = |c: &char| *c == separator || matches!(c, '\n' | '\r');
        let mut field = String::new();
        if self.rest.next_if_eq(&'"').is_none() {
            while let Some(c) = self.rest.next_if(|c| !ends(c)) {
                field.push(c);
            }
            return Ok(field);
        }
        loop {
            match self.rest.next() {
                Some('"') if self.rest.next_if_eq(&'"').is_some() => field.push('"'),
                Some('"') => break,
                Some(c) => field.push(c),
                None => return Err("a quote is opened and never closed"),
            }
        }
        let mut stray = false;
        while self.rest.next_if(|c| !ends(c)).is_some() {
            stray = true;
        }
        if stray { Err("text stands after a closing quote") } else { Ok(field) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        records(text).into_iter().map(|(_, record)| record.expect("whole")).collect()
    }

    #[test]
    fn quoted_fields_hold_separators_quotes_and_line_breaks() {
        let text = "title,summary\r\n\"Niger, Chad\",\"says \"\"no\"\"\r\nand yes\"\r\nplain,\r\n";
        assert_eq!(
            fields(text),
            [["title", "summary"], ["Niger, Chad", "says \"no\"\r\nand yes"], ["plain", ""]]
        );
    }

    #[test]
    fn semicolons_and_tabs_separate_where_the_heading_says_so() {
        assert_eq!(fields("a;b,c;d\n1;2,5;3"), [["a", "b,c", "d"], ["1", "2,5", "3"]]);
        assert_eq!(fields("a\tb\n1,5\t2"), [["a", "b"], ["1,5", "2"]]);
    }

    #[test]
    fn a_broken_record_is_told_by_its_row_and_the_next_is_read() {
        let text = "title,summary\n\"Niger\" and Chad,x\n\nMoldova,y\n";
        let read = records(text);
        assert_eq!(read[1], (2, Err("column 1: text stands after a closing quote".into())));
        assert_eq!(
            read[2],
            (4, Ok(vec!["Moldova".into(), "y".into()])),
            "an empty line is counted"
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_the_table() {
        let read = records("title\n\"Niger\nChad\n");
        assert_eq!(read[1], (2, Err("column 1: a quote is opened and never closed".into())));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn no_cell_that_is_written_is_a_formula_and_each_is_read_back_as_it_was() {
        let cells = [
            "=cmd|' /C calc'!A0",
            "@SUM(1)",
            "+1",
            "-1",
            "'=1",
            "''=1",
            "\t=1",
            "＝1",
            "plain",
            "'tis",
            "a;=1",
            "",
        ];
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let table =
            Table { headings: vec!["title".into(); cells.len()], rows: vec![cells.clone()] };
        let text = write(&table);
        let text = text.strip_prefix('\u{feff}').expect("a mark");
        let written = fields(text).remove(1);
        assert!(written.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));
        let read: Vec<&str> = written.iter().map(|cell| unguarded(cell)).collect();
        assert_eq!(read, cells);
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "['=+@\\-\ta\",;é\r\n]{0,10}") {
            let table = Table { headings: vec!["title".into()], rows: vec![vec![format!("{cell}x")]] };
            let text = write(&table);
            let read = fields(text.strip_prefix('\u{feff}').expect("a mark"));
            prop_assert_eq!(unguarded(&read[1][0]), format!("{cell}x"));
        }

        #[test]
        fn whatever_is_quoted_is_read_back(
            table in prop::collection::vec(prop::collection::vec("[a-z,;\t\"\r\n é]{1,6}x", 3), 1..5)
        ) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let lines = table.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(","));
            let text = lines.collect::<Vec<_>>().join("\r\n");
            prop_assert_eq!(fields(&text), table);
        }

        #[test]
        fn no_text_panics(text in "[a\",;\t\r\n]{0,40}") {
            records(&text);
        }
    }
}
