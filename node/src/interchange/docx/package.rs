//! The package: paragraphs and tables as WordprocessingML, and the parts that
//! make a document of them.

use std::borrow::Cow;
use std::io::{self, Cursor, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use tern_web_ui::words::direction;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const PART_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = include_str!("styles.xml");

/// How a paragraph looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The name of the whole.
    Title,
    /// A part.
    Heading,
    /// What is read.
    Text,
    /// What is beside it.
    Note,
    /// What programs read.
    Key,
}

impl Style {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::Heading => "Heading1",
            Self::Text => "Normal",
            Self::Note => "Note",
            Self::Key => "Key",
        }
    }
}

/// A paragraph: its style, its language (empty where it has none), its text.
pub(super) struct Paragraph<'t> {
    pub(super) style: Style,
    pub(super) lang: &'t str,
    pub(super) text: Cow<'t, str>,
}

impl<'t> Paragraph<'t> {
    pub(super) fn new(style: Style, lang: &'t str, text: impl Into<Cow<'t, str>>) -> Self {
        Self { style, lang, text: text.into() }
    }
}

/// A row of a table: a label, and an answer in its language.
pub(super) struct Row {
    pub(super) label: Vec<Paragraph<'static>>,
    pub(super) lang: String,
    pub(super) answer: String,
}

/// What stands in a document, piece by piece.
pub(super) struct Body {
    xml: Writer<Vec<u8>>,
    /// The first failure; nothing is written after it.
    written: io::Result<()>,
}

impl Default for Body {
    fn default() -> Self {
        Self { xml: Writer::new(Vec::new()), written: Ok(()) }
    }
}

impl Body {
    fn put(&mut self, put: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) {
        if self.written.is_ok() {
            self.written = put(&mut self.xml);
        }
    }

    /// A text as paragraphs, one a line.
    pub(super) fn text(&mut self, style: Style, lang: &str, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.paragraph(&Paragraph::new(style, lang, line));
        }
    }

    pub(super) fn paragraph(&mut self, paragraph: &Paragraph<'_>) {
        self.put(|xml| write_paragraph(xml, paragraph));
    }

    /// A table of two columns.
    pub(super) fn table(&mut self, rows: Vec<Row>) {
        self.put(|xml| {
            xml.create_element("w:tbl").write_inner_content(|xml| {
                write_frame(xml)?;
                for row in &rows {
                    xml.create_element("w:tr").write_inner_content(|xml| {
                        write_cell(xml, "3400", &row.label)?;
                        let lines = row.answer.lines().filter(|line| !line.trim().is_empty());
                        let mut lines: Vec<_> = lines
                            .map(|line| Paragraph::new(Style::Text, &row.lang, line))
                            .collect();
                        // A cell without a paragraph is none.
                        if lines.is_empty() {
                            lines.push(Paragraph::new(Style::Text, &row.lang, ""));
                        }
                        write_cell(xml, "6200", &lines)
                    })?;
                }
                Ok(())
            })?;
            Ok(())
        });
    }

    pub(super) fn page_break(&mut self) {
        self.put(|xml| {
            xml.create_element("w:p").write_inner_content(|xml| {
                xml.create_element("w:r").write_inner_content(|xml| {
                    xml.create_element("w:br").with_attribute(("w:type", "page")).write_empty()?;
                    Ok(())
                })?;
                Ok(())
            })?;
            Ok(())
        });
    }

    /// The document as a file.
    ///
    /// # Errors
    /// Never in memory, but what writing says.
    pub(super) fn pack(self) -> io::Result<Vec<u8>> {
        self.written?;
        let mut xml = Writer::new(Vec::new());
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))))?;
        let body = self.xml.into_inner();
        xml.create_element("w:document").with_attribute(("xmlns:w", MAIN)).write_inner_content(
            |xml| {
                xml.create_element("w:body").write_inner_content(|xml| {
                    xml.get_mut().write_all(&body)?;
                    xml.create_element("w:sectPr").write_inner_content(|xml| {
                        let size = [("w:w", "11906"), ("w:h", "16838")];
                        xml.create_element("w:pgSz").with_attributes(size).write_empty()?;
                        let margins = ["w:top", "w:right", "w:bottom", "w:left"];
                        let margins = margins.map(|side| (side, "1134"));
                        let further = [("w:header", "709"), ("w:footer", "709"), ("w:gutter", "0")];
                        xml.create_element("w:pgMar")
                            .with_attributes(margins)
                            .with_attributes(further)
                            .write_empty()?;
                        Ok(())
                    })?;
                    Ok(())
                })?;
                Ok(())
            },
        )?;
        let document = xml.into_inner();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, part) in [
            ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
            ("_rels/.rels", RELATIONS.as_bytes()),
            ("word/_rels/document.xml.rels", PART_RELATIONS.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
            ("word/document.xml", &document),
        ] {
            zip.start_file(name, options)?;
            zip.write_all(part)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// Lines around all cells, and how wide the columns are.
fn write_frame(xml: &mut Writer<Vec<u8>>) -> io::Result<()> {
    xml.create_element("w:tblPr").write_inner_content(|xml| {
        let width = [("w:w", "9600"), ("w:type", "dxa")];
        xml.create_element("w:tblW").with_attributes(width).write_empty()?;
        xml.create_element("w:tblBorders").write_inner_content(|xml| {
            for side in ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"] {
                let line = [("w:val", "single"), ("w:sz", "4"), ("w:color", "999999")];
                xml.create_element(side).with_attributes(line).write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    xml.create_element("w:tblGrid").write_inner_content(|xml| {
        for width in ["3400", "6200"] {
            xml.create_element("w:gridCol").with_attribute(("w:w", width)).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_cell(
    xml: &mut Writer<Vec<u8>>,
    width: &str,
    paragraphs: &[Paragraph<'_>],
) -> io::Result<()> {
    xml.create_element("w:tc").write_inner_content(|xml| {
        xml.create_element("w:tcPr").write_inner_content(|xml| {
            let width = [("w:w", width), ("w:type", "dxa")];
            xml.create_element("w:tcW").with_attributes(width).write_empty()?;
            Ok(())
        })?;
        paragraphs.iter().try_for_each(|paragraph| write_paragraph(xml, paragraph))
    })?;
    Ok(())
}

fn write_paragraph(xml: &mut Writer<Vec<u8>>, paragraph: &Paragraph<'_>) -> io::Result<()> {
    let to_the_left = !paragraph.lang.is_empty() && direction(paragraph.lang) == "rtl";
    xml.create_element("w:p").write_inner_content(|xml| {
        xml.create_element("w:pPr").write_inner_content(|xml| {
            let style = ("w:val", paragraph.style.name());
            xml.create_element("w:pStyle").with_attribute(style).write_empty()?;
            if to_the_left {
                xml.create_element("w:bidi").write_empty()?;
            }
            Ok(())
        })?;
        xml.create_element("w:r").write_inner_content(|xml| {
            xml.create_element("w:rPr").write_inner_content(|xml| {
                if to_the_left {
                    xml.create_element("w:rtl").write_empty()?;
                }
                if !paragraph.lang.is_empty() {
                    let kinds = ["w:val", "w:eastAsia", "w:bidi"];
                    let tags = kinds.map(|kind| (kind, paragraph.lang));
                    xml.create_element("w:lang").with_attributes(tags).write_empty()?;
                }
                Ok(())
            })?;
            let text: String = paragraph.text.chars().filter(|c| is_xml(*c)).collect();
            xml.create_element("w:t")
                .with_attribute(("xml:space", "preserve"))
                .write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// `Char` of XML 1.0, section 2.2.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::super::entry::tests::counselling;
    use super::super::super::entry::{Entry, words};

    fn document(bytes: Vec<u8>) -> String {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a package");
        for name in ["[Content_Types].xml", "_rels/.rels", "word/styles.xml"] {
            let mut part = String::new();
            archive.by_name(name).expect(name).read_to_string(&mut part).expect("text");
            roxmltree::Document::parse(&part).expect(name);
        }
        let mut text = String::new();
        archive.by_name("word/document.xml").expect("it").read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn another_reader_of_xml_finds_every_text_with_its_language_and_its_direction() {
        let (mut shown, words) = (counselling(), words("en"));
        shown["fields"]["context"] = serde_json::json!({ "en": "a\u{0}b\u{b}c\u{fffe}" });
        let bytes = super::super::practices(&[Entry::new(&shown, &words)]).expect("written");
        let text = document(bytes);
        let read = roxmltree::Document::parse(&text).expect("well formed");
        let paragraphs: Vec<_> =
            read.descendants().filter(|node| node.has_tag_name((super::MAIN, "p"))).collect();
        let found = |said: &str| {
            let said_in = |node: &roxmltree::Node<'_, '_>| {
                let texts = node.descendants().filter(roxmltree::Node::is_text);
                texts.filter_map(|node| node.text()).collect::<String>() == said
            };
            *paragraphs
                .iter()
                .find(|node| said_in(node))
                .unwrap_or_else(|| panic!("{said}\n{text}"))
        };
        let arabic = found("المشورة قبل المغادرة");
        assert!(arabic.descendants().any(|node| node.has_tag_name((super::MAIN, "bidi"))));
        let lang = arabic.descendants().find(|node| node.has_tag_name((super::MAIN, "lang")));
        assert_eq!(lang.and_then(|lang| lang.attribute((super::MAIN, "bidi"))), Some("ar"));
        found("Desks <script>alert(1)</script> {inform} 100% of $ & _all_.");
        found("Not reviewed");
        found("Signed by: Bina Example, Upland Labour Office");
        found("abc");
    }
}
