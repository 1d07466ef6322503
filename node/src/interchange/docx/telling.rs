//! A practice as a document: its title, where it stands and who signed it,
//! then every field under the label that pages give it.

use tern_web_ui::service::Fields;
use tern_web_ui::told;

use super::super::entry::{Entry, unmarked};
use super::package::{Body, Paragraph, Style};
use crate::service::vocabularies;

pub(super) fn tell(entry: Entry<'_>, body: &mut Body) {
    let words = entry.words();
    let (lang, title) = entry.title();
    body.paragraph(&Paragraph::new(Style::Title, lang, title));
    let mut note = |text: String| body.paragraph(&Paragraph::new(Style::Note, "", text));
    note(entry.status());
    if let Some(url) = entry.listed().and_then(|listed| listed["url"].as_str()) {
        note(format!("{} {url}", words.t("listed-source")));
    }
    note(entry.attribution());
    for (person, org) in entry.signers() {
        note(format!("{}: {person}, {org}", words.t("take-signed")));
    }
    for (key, value) in
        [("id-practice", entry.id()), ("id-edition", entry.edition()), ("id-content", entry.hash())]
    {
        if !value.is_empty() {
            note(format!("{}: {value}", words.t(key)));
        }
    }
    if !entry.hash().is_empty() {
        note(words.t("take-check"));
        let command = format!("tern practice verify {}", entry.id());
        body.paragraph(&Paragraph::new(Style::Key, "", command));
    }
    let fields = entry.shown()["fields"].clone();
    let Ok(fields) = serde_json::from_value::<Fields>(fields) else { return };
    for field in told(&fields, &vocabularies(words.lang), words) {
        if field.key == "title" && field.texts.len() < 2 {
            continue;
        }
        body.paragraph(&Paragraph::new(Style::Heading, words.lang, field.label));
        for text in field.texts {
            body.text(Style::Text, &text.lang, &unmarked(&text.text));
        }
    }
}
