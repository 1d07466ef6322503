//! Reading a submission form back.
//!
//! Of a document only its tables are looked at, row by row: the cell with a
//! mark says which field it is, the next one what it says. Text that was
//! deleted under "track changes" is gone, text that was inserted is there.
//! There are no entities but those of XML itself, and no document types.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::archive::Package;
use super::super::{Cell, cell, merge};
use super::template::MARK;
use crate::ops::Fields;

/// The text of a document, unpacked, has at most this many bytes.
const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Elements stand at most this deep in each other.
const DEPTH_MAX: usize = 200;
/// Answers of one form.
const ANSWERS_MAX: usize = 1_000;
const DOCUMENT: &str = "word/document.xml";

/// The practice in a form.
pub(in super::super) fn practice(bytes: &[u8]) -> Result<Fields, String> {
    let mut package = Package::open(bytes)?;
    let Some(part) = package.part(DOCUMENT, DOCUMENT_BYTES_MAX)? else {
        return Err("it is no document of a word processor (DOCX)".into());
    };
    let text = std::str::from_utf8(&part)
        .map_err(|_| "its text is not UTF-8: save it anew as a DOCX document".to_owned())?;
    let rows = rows(text.trim_start_matches('\u{feff}'))?;
    let mut fields = Fields::new();
    let mut answered = 0;
    for row in rows {
        let Some((heading, answer)) = answer(&row) else { continue };
        answered += 1;
        if answered > ANSWERS_MAX {
            return Err(format!("it has more than {ANSWERS_MAX} answers"));
        }
        if answer.trim().is_empty() {
            continue;
        }
        let read: Cell = cell(heading, answer)?;
        merge(&mut fields, read)?;
    }
    match answered {
        0 => Err(format!(
            "it is no submission form of Tern: no row of a table has a line that begins with `{MARK}`; `tern practice template` writes one"
        )),
        _ => Ok(fields),
    }
}

/// The heading of a row, and what stands in the cell behind it.
fn answer(row: &[String]) -> Option<(&str, &str)> {
    let at = row.iter().position(|cell| heading(cell).is_some())?;
    Some((heading(&row[at])?, row.get(at + 1).map_or("", String::as_str)))
}

fn heading(cell: &str) -> Option<&str> {
    cell.lines().rev().find_map(|line| line.trim().strip_prefix(MARK)).map(str::trim)
}

/// The cells of the rows of all tables, as texts with a line for each paragraph.
/// A table in a cell belongs to the text of that cell.
fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut state = Walk::default();
    let mut xml = Reader::from_str(text);
    loop {
        let event = xml.read_event().map_err(|why| format!("it is damaged: {why}"))?;
        match event {
            Event::Start(start) => state.begin(&start)?,
            Event::Empty(start) => {
                state.begin(&start)?;
                state.end();
            }
            Event::End(_) => state.end(),
            Event::Text(text) => state.say(&text),
            Event::CData(text) => state.say(&text),
            Event::GeneralRef(name) => {
                let c = match name.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    _ => quick_xml::escape::resolve_predefined_entity(&name)
                        .and_then(|text| text.chars().next())
                        .ok_or("it is damaged: an entity in it is not known")?,
                };
                state.say(c.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err("it has a document type, which is not read".into()),
            Event::Decl(decl) => {
                let encoding = decl.encoding().and_then(Result::ok);
                if encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                    return Err("its text is not UTF-8: save it anew as a DOCX document".into());
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::PI(_) => {}
        }
    }
    match state.open.is_empty() {
        true => Ok(state.rows),
        false => Err("it is damaged: it ends in the middle".into()),
    }
}

/// What an element means here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Table,
    Row,
    Cell,
    Paragraph,
    Text,
    /// What is written twice, for programs that do not know the first.
    Fallback,
    Other,
}

#[derive(Default)]
struct Walk {
    open: Vec<Element>,
    rows: Vec<Vec<String>>,
}

impl Walk {
    fn tables(&self) -> usize {
        self.open.iter().filter(|element| **element == Element::Table).count()
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() >= DEPTH_MAX {
            return Err(format!("its elements stand more than {DEPTH_MAX} deep in each other"));
        }
        let name = start.local_name();
        let element = match name.as_ref() {
            "tbl" => Element::Table,
            "tr" => Element::Row,
            "tc" => Element::Cell,
            "p" => Element::Paragraph,
            "t" => Element::Text,
            "Fallback" => Element::Fallback,
            _ => Element::Other,
        };
        match (element, name.as_ref()) {
            (Element::Row, _) if self.tables() == 1 => self.rows.push(Vec::new()),
            (Element::Cell, _) if self.tables() == 1 => {
                if let Some(row) = self.rows.last_mut() {
                    row.push(String::new());
                }
            }
            (_, "br" | "cr") => self.add("\n"),
            (_, "tab") if self.open.last() != Some(&Element::Other) => self.add("\t"),
            _ => {}
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        if self.open.pop() == Some(Element::Paragraph) {
            self.add("\n");
        }
    }

    /// Text counts in `w:t` alone: what was deleted stands elsewhere.
    fn say(&mut self, text: &str) {
        if self.open.last() == Some(&Element::Text) {
            self.add(text);
        }
    }

    fn add(&mut self, text: &str) {
        if self.tables() > 0
            && !self.open.contains(&Element::Fallback)
            && let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut())
        {
            cell.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tern_crdt::practice::Practice;

    use super::super::super::archive::tests::{bomb, packed};
    use super::super::super::entry::tests::counselling;
    use super::super::super::entry::words;
    use super::super::form;
    use super::*;

    fn document(body: &str) -> Vec<u8> {
        let xml = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
        );
        packed(&[(DOCUMENT, xml.as_bytes())])
    }

    fn row(heading: &str, answer: &str) -> String {
        format!(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Label</w:t></w:r></w:p><w:p><w:r><w:t>tern:{heading}</w:t></w:r></w:p></w:tc><w:tc>{answer}</w:tc></w:tr></w:tbl>"
        )
    }

    fn said(text: &str) -> String {
        format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
    }

    #[test]
    fn a_form_that_was_filled_in_from_a_practice_is_read_as_that_practice() {
        let mut shown = counselling();
        shown["fields"]["aims"] =
            json!({ "ar": "الهدف\n\nثانياً", "en": "Know.\nAsk <b>&amp;</b> \"go\"." });
        let bytes = form(Some(&shown["fields"]), "en", &words("en")).expect("written");
        let read = Value::Object(practice(&bytes).expect("read"));
        let tidy = |fields: &Value| Practice::from_json(fields, "en").expect("fields").to_json();
        let (mut read, mut written) = (tidy(&read), tidy(&shown["fields"]));
        // An empty line is none in a document.
        assert_eq!(read["aims"]["ar"], "الهدف\nثانياً");
        read["aims"].take();
        written["aims"].take();
        assert_eq!(read, written);
    }

    #[test]
    fn an_empty_form_says_its_language_and_nothing_else() {
        let bytes = form(None, "fr", &words("en")).expect("written");
        let read = Value::Object(practice(&bytes).expect("read"));
        assert_eq!(read, json!({ "original_language": "fr" }));
    }

    #[test]
    fn what_was_deleted_is_gone_and_what_stands_twice_is_read_once() {
        let answer = r#"<w:p><w:r><w:t>A </w:t></w:r><w:del><w:r><w:delText>old </w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t><w:br/><w:t>line &#233; &amp; &lt;script&gt;</w:t></w:r></w:ins><mc:Fallback><w:r><w:t>twice</w:t></w:r></mc:Fallback></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>inner</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"#;
        let read = practice(&document(&row("summary.en", answer))).expect("read");
        let text = read["summary"]["en"].as_str().expect("text");
        assert_eq!(text, "A new\nline é & <script>\ninner");
    }

    #[test]
    fn a_document_that_is_no_form_or_not_whole_is_refused_in_one_sentence() {
        let laughs = r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>"#;
        let latin = [&b"<?xml version=\"1.0\"?><a>"[..], &[0xe9], b"</a>"].concat();
        let declared = r#"<?xml version="1.0" encoding="ISO-8859-1"?><a/>"#;
        let deep = format!("{}{}", "<w:p>".repeat(500), "</w:p>".repeat(500));
        let wide: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, why) in [
            (document(&said("A letter")), "it is no submission form of Tern"),
            (packed(&[("xl/workbook.xml", b"<a/>")]), "no document of a word processor"),
            (packed(&[(DOCUMENT, laughs.as_bytes())]), "a document type"),
            (packed(&[(DOCUMENT, &latin)]), "not UTF-8"),
            (packed(&[(DOCUMENT, declared.as_bytes())]), "not UTF-8"),
            (packed(&[(DOCUMENT, &wide)]), "not UTF-8"),
            (document(&deep), "more than 200 deep"),
            (document("<w:p>"), "damaged"),
            (document(&row("summary.en", &said("&nbsp;"))), "an entity in it is not known"),
            (bomb(DOCUMENT), "unpacks to more than"),
            (b"{\\rtf1 A}".to_vec(), "no such file"),
        ] {
            let told = practice(&bytes).expect_err(why);
            assert!(told.contains(why), "{told}");
        }
        let twice = document(&(row("title.en", &said("A")) + &row("title.en", &said("B"))));
        assert_eq!(practice(&twice), Err("`title.en` is given twice".into()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn no_document_panics(body in "(<w:(tbl|tr|tc|p|r|t|br/)>|</w:(tbl|tr|tc|p|r|t)>|&amp;|&#0;|tern:title|x){0,30}") {
            let _ = practice(&document(&body));
        }
    }
}
