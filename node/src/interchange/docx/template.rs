//! The submission form: a table with a label on the one side and room for an
//! answer on the other, empty or filled in from a practice.
//!
//! Below each label stands, in small grey letters, the heading that an import
//! knows the answer by (`title.en`); everything else may be changed, moved or
//! taken out. Labels and hints are those of the pages, in their language.

use serde_json::Value;
use tern_crdt::practice::Practice;
use tern_web_ui::service::{Choice, Vocabularies};
use tern_web_ui::words::Words;

use super::super::cell::cells;
use super::super::entry::unmarked;
use super::package::{Body, Paragraph, Row, Style};
use crate::service::vocabularies;

/// Before the heading of an answer, so that nothing else is taken for one.
pub(super) const MARK: &str = "tern:";

/// Fields that a form has no room for: files, and what the node notes.
const WITHOUT: [&str; 3] = ["attachments", "images", "translation_of"];
/// A list of choices is told up to this length.
const CHOICES_MAX: usize = 40;

/// The form, in the language of `words`, for text in the language `lang`.
pub(super) fn form(practice: Option<&Value>, lang: &str, words: &Words, body: &mut Body) {
    let lists = vocabularies(words.lang);
    body.text(Style::Title, words.lang, &words.t("template-title"));
    body.text(Style::Text, words.lang, &words.t("template-how"));
    body.text(Style::Text, words.lang, &words.t("template-back"));
    let said = |key: &str| practice.and_then(|practice| practice.get(key));
    let mut rows = Vec::new();
    for (key, _) in Practice::FIELDS.iter().filter(|(key, _)| !WITHOUT.contains(key)) {
        let filled = said(key).map(|value| cells(key, value)).unwrap_or_default();
        let mut hint = Vec::new();
        for ending in ["", "-hint"] {
            let name = format!("field-{key}{ending}");
            if words.has(&name) {
                hint.push(words.t(&name));
            }
        }
        if let Some(choices) = choices(key, &lists).filter(|choices| choices.len() <= CHOICES_MAX) {
            let told = choices.iter().map(|one| format!("{} ({})", one.code, one.label));
            hint.push(words.t1("template-choices", "choices", told.collect::<Vec<_>>().join(", ")));
        }
        if is_list(key) {
            hint.push(words.t("template-several"));
        }
        let empty = match (is_text(key), *key) {
            (true, key) => (format!("{key}.{lang}"), String::new()),
            (false, "original_language") => ((*key).to_owned(), lang.to_owned()),
            (false, key) => (key.to_owned(), String::new()),
        };
        let answers = if filled.is_empty() { vec![empty] } else { filled };
        for (heading, answer) in answers {
            rows.push((hint.clone(), heading, answer));
        }
    }
    let row = |(hint, heading, answer): (Vec<String>, String, String)| {
        let lang = heading.split_once('.').map_or("", |(_, lang)| lang).to_owned();
        let mut label: Vec<Paragraph<'static>> = Vec::new();
        for (at, text) in hint.into_iter().enumerate() {
            let style = if at == 0 { Style::Text } else { Style::Note };
            label.push(Paragraph::new(style, "", unmarked(&text)));
        }
        label.push(Paragraph::new(Style::Key, "", format!("{MARK}{heading}")));
        Row { label, lang, answer }
    };
    body.table(rows.into_iter().map(row).collect());
}

/// Whether a field is text by language.
fn is_text(key: &str) -> bool {
    matches!(
        key,
        "title"
            | "summary"
            | "context"
            | "aims"
            | "activities"
            | "results"
            | "lessons"
            | "recommendations"
            | "conditions"
            | "innovation"
            | "sustainability"
            | "rights"
            | "participation"
            | "risks"
            | "disclaimer"
    )
}

/// Whether it takes several answers.
fn is_list(key: &str) -> bool {
    matches!(
        key,
        "acronyms"
            | "primary_objectives"
            | "related_objectives"
            | "principles"
            | "topics"
            | "sdg_targets"
            | "stages"
            | "countries"
            | "subregions"
            | "places"
            | "partners"
            | "donors"
            | "target_groups"
            | "indicators"
            | "challenges"
            | "resources"
    )
}

fn choices<'l>(key: &str, lists: &'l Vocabularies) -> Option<&'l [Choice]> {
    Some(match key {
        "kind" => &lists.kinds,
        "primary_objectives" | "related_objectives" => &lists.objectives,
        "principles" => &lists.principles,
        "topics" => &lists.topics,
        "stages" => &lists.stages,
        "geographic_level" => &lists.levels,
        "completion" => &lists.completions,
        "implementer_kind" => &lists.organisation_kinds,
        "target_groups" => &lists.target_groups,
        "evidence" => &lists.evidence,
        "visibility" => &lists.visibilities,
        "licence" => &lists.licences,
        _ => return None,
    })
}
