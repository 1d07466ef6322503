//! The sheet as a page in one file, for a browser that prints.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::{KEEP, PURPOSE, Sheet, USE};

const STYLE: &str = "body{font:11pt/1.45 serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#000;background:#fff}\
h1{font-size:20pt;margin:0 0 .6rem}h2{font-size:12pt;margin:1.2rem 0 .4rem}\
dl{display:grid;grid-template-columns:9rem 1fr;margin:0}dd{margin:0}\
.words{display:grid;grid-template-columns:repeat(3,1fr);list-style:none;margin:0;padding:.8rem;border:2px solid #000;font:13pt/1.9 monospace}\
.words b{display:inline-block;width:2rem;font:9pt sans-serif}\
@media print{body{margin:0;max-width:none}h2,.words{break-inside:avoid}@page{margin:18mm}}";

pub(super) fn render(sheet: &Sheet) -> Zeroizing<String> {
    let mut page = Zeroizing::new(String::with_capacity(16 * 1024));
    // Writing into a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <title>Recovery sheet</title><style>{STYLE}</style></head><body>\n<h1>Recovery sheet</h1>\n<dl>"
    );
    for (name, value) in [
        ("Organisation", sheet.organisation.as_str()),
        ("Id", &sheet.org),
        ("Federation", sheet.federation.as_deref().unwrap_or("-")),
        ("Written on", &sheet.date),
        ("Key", &sheet.fingerprint()),
    ] {
        let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(value));
    }
    page.push_str("</dl>\n");
    for paragraph in PURPOSE {
        let _ = writeln!(page, "<p>{}</p>", escaped(paragraph));
    }
    page.push_str("<h2>The words</h2>\n<ol class=\"words\">\n");
    for (at, word) in sheet.words.iter().enumerate() {
        let _ = writeln!(page, "<li><b>{}</b> {}</li>", at + 1, **word);
    }
    page.push_str("</ol>\n");
    section(&mut page, "What to do with them", &USE);
    section(&mut page, "Where to keep this sheet", &KEEP);
    page.push_str("</body></html>\n");
    page
}

fn section(page: &mut String, title: &str, paragraphs: &[&str]) {
    let _ = write!(page, "<h2>{title}</h2>\n<ol>");
    for paragraph in paragraphs {
        let _ = write!(page, "<li>{}</li>", escaped(paragraph));
    }
    page.push_str("</ol>\n");
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
