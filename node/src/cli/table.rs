//! Text in columns, for a terminal.

use unicode_normalization::char::is_combining_mark;

/// Rows under headings, as wide as their widest cell.
pub(super) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// A cell is shown at most this wide.
const CELL_WIDTH_MAX: usize = 60;

impl Table {
    pub(super) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are headings.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.iter().map(|cell| shorten(&plain(cell), CELL_WIDTH_MAX)).collect());
    }

    /// The table, without columns that are empty throughout.
    pub(super) fn render(&self) -> String {
        let filled = |column: &usize| {
            self.rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()))
        };
        let columns: Vec<usize> = (0..self.headings.len()).filter(filled).collect();
        let headings: Vec<String> =
            self.headings.iter().map(|heading| heading.to_uppercase()).collect();
        let lines: Vec<&[String]> =
            std::iter::once(&headings).chain(&self.rows).map(Vec::as_slice).collect();
        let cell = |line: &[String], column: usize| line.get(column).cloned().unwrap_or_default();
        let widest = |column: usize| lines.iter().map(|line| width(&cell(line, column))).max();
        let mut text = String::new();
        for line in &lines {
            let mut shown = String::new();
            for column in &columns {
                let cell = cell(line, *column);
                let gap = widest(*column).unwrap_or(0) - width(&cell) + 2;
                shown += &cell;
                shown += &" ".repeat(gap);
            }
            text += shown.trim_end();
            text.push('\n');
        }
        text
    }
}

/// Names with their values, the values in one column.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let facts: Vec<_> = facts.iter().filter(|(_, value)| !value.is_empty()).collect();
    let widest = facts.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let line = |(name, value): &&(&str, String)| {
        format!("{name}{}{}\n", " ".repeat(widest - width(name) + 2), plain(value))
    };
    facts.iter().map(line).collect()
}

/// Text in one line, without what a terminal would obey: control characters,
/// and those that turn the direction of what follows (UAX 9, embeddings,
/// overrides and isolates).
pub(super) fn plain(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let calm = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().filter(|c| !turns(c)).map(calm).collect()
}

fn shorten(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let mut room = max - 1;
    let fits = |c: &char| {
        let width = char_width(*c);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    };
    text.chars().take_while(fits).collect::<String>() + "…"
}

/// How many columns a terminal gives to a text, nearly.
fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Marks stand on the letter before them; East Asian letters are two wide
/// (Unicode Standard Annex 11, its large blocks).
fn char_width(c: char) -> usize {
    match c {
        '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        c if is_combining_mark(c) => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_every_script() {
        let mut table = Table::new(&["title", "seal", "country"]);
        for (title, country) in [("技能护照", "CN"), ("नेपाल", "NP"), ("Skills", "MD")]
        {
            table.row(vec![title.into(), String::new(), country.into()]);
        }
        let lines: Vec<String> = table.render().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "TITLE     COUNTRY", "the empty column is left out");
        assert_eq!(lines[1], "技能护照  CN");
        assert!(lines[2].ends_with(" NP"));
        assert_eq!(lines[3], "Skills    MD");
    }

    #[test]
    fn nothing_from_elsewhere_moves_the_cursor_or_turns_the_text() {
        assert_eq!(plain("a\x1b[2Jb\u{202e}c\r\nd"), "a [2Jbc  d");
    }

    #[test]
    fn a_long_title_is_cut_and_says_so() {
        let mut table = Table::new(&["title"]);
        table.row(vec!["x".repeat(100)]);
        assert!(table.render().ends_with(&format!("{}…\n", "x".repeat(59))));
    }

    #[test]
    fn facts_without_a_value_are_not_told() {
        let told =
            facts(&[("Node", "tern1n".into()), ("Beacon", String::new()), ("Members", "3".into())]);
        assert_eq!(told, "Node     tern1n\nMembers  3\n");
    }
}
