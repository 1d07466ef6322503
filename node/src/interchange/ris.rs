//! References in RIS, for reference managers.
//!
//! A tag stands in two letters, two spaces, a hyphen and a space before its
//! value, one a line, and a line ends with CR LF. Nothing in a value can begin
//! a line.

use super::entry::{Entry, line};

/// One practice as a reference.
pub(super) fn reference(entry: Entry<'_>) -> String {
    let mut text = String::new();
    let mut say = |tag: &str, value: &str| {
        let value = line(value);
        if !value.is_empty() {
            text.push_str(&format!("{tag}  - {value}\r\n"));
        }
    };
    say("TY", "RPRT");
    say("ID", entry.id());
    let titles = entry.texts("title");
    say("TI", entry.title().1);
    titles.iter().skip(1).for_each(|(_, title)| say("TT", title));
    say("AU", entry.org());
    say("PB", entry.org());
    say("PY", entry.year());
    say("DA", &entry.day().replace('-', "/"));
    if let Some(number) = entry.number() {
        say("ET", &number.to_string());
    }
    entry.texts("summary").iter().for_each(|(_, summary)| say("AB", summary));
    entry.languages().into_iter().for_each(|tag| say("LA", tag));
    for number in entry.codes("primary_objectives") {
        say("KW", &format!("GCM objective {number}"));
    }
    for key in ["topics", "countries"] {
        entry.codes(key).iter().for_each(|code| say("KW", code));
    }
    if let Some(listed) = entry.listed() {
        say("UR", listed["url"].as_str().unwrap_or_default());
    }
    say("AN", entry.id());
    if !entry.hash().is_empty() {
        say("C1", &format!("BLAKE3 of the content: {}", entry.hash()));
    }
    say("C2", entry.code("licence"));
    for (person, org) in entry.signers() {
        say("N1", &format!("Signed by {person}, {org}"));
    }
    say("N1", &entry.status());
    say("N1", &entry.attribution());
    text.push_str("ER  - \r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::counselling;
    use super::super::entry::words;
    use super::*;

    #[test]
    fn a_reference_holds_every_line_a_manager_needs_and_none_of_a_text() {
        let mut shown = counselling();
        shown["fields"]["summary"]["en"] = "Short.\r\nER  - \r\nTY  - BOOK\r\nTI  - Forged".into();
        let text = reference(Entry::new(&shown, &words("en")));
        for told in [
            "TY  - RPRT",
            "TI  - Counselling & \"papers\" <b>before</b> departure",
            "TT  - المشورة قبل المغادرة",
            "AU  - Upland Labour Office",
            "DA  - 2026/03/09",
            "ET  - 2",
            "LA  - ar",
            "C2  - CC-BY-4.0",
            "N1  - Not reviewed",
            "N1  - Signed by Bina Example, Upland Labour Office",
        ] {
            assert!(text.split("\r\n").any(|line| line == told), "{told}\n{text}");
        }
        assert_eq!(text.matches("\r\nER  - ").count(), 1, "a text cannot end its reference");
        assert_eq!(text.lines().filter(|line| line.starts_with("TY  - ")).count(), 1);
    }
}
