//! What a practice, a request or a card tells, field by field, as people read
//! it: for the facts on its page, for checking before signing, for comparing
//! two editions.

use serde_json::Value as Json;

use serde::Serialize;

use super::schema::{Book, Cell, Column, Field, Kind, List, PRACTICE};
use crate::service::{Choice, Fields, Phrase, Vocabularies};
use crate::words::Words;

/// One field with what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Its key.
    pub key: &'static str,
    /// Its label.
    pub label: String,
    /// What it says: one text for each language, or each entry of a list.
    pub texts: Vec<Phrase>,
    /// Whether it is long text.
    pub prose: bool,
}

/// Every field of a practice that says something, in the order of the form.
#[must_use]
pub fn told(practice: &Fields, lists: &Vocabularies, words: &Words) -> Vec<Told> {
    told_of(&PRACTICE, practice, lists, words)
}

/// As [`told`], of anything that has a form.
#[must_use]
pub fn told_of(
    book: &Book,
    content: &impl Serialize,
    lists: &Vocabularies,
    words: &Words,
) -> Vec<Told> {
    let Ok(Json::Object(file)) = serde_json::to_value(content) else { return Vec::new() };
    let teller = Teller { lists, words };
    book.fields()
        .filter_map(|field| {
            let texts = teller.field(field, file.get(field.key)?);
            (!texts.is_empty()).then(|| Told {
                key: field.key,
                label: words.t(&format!("{}-{}", book.label, field.key)),
                prose: matches!(field.kind, Kind::Prose | Kind::Passage),
                texts,
            })
        })
        .collect()
}

struct Teller<'a> {
    lists: &'a Vocabularies,
    words: &'a Words,
}

impl Teller<'_> {
    fn field(&self, field: &Field, value: &Json) -> Vec<Phrase> {
        let entries = || value.as_array().into_iter().flatten();
        match &field.kind {
            Kind::Line | Kind::Prose => texts(value),
            Kind::Word | Kind::Passage => plain(value.as_str().unwrap_or("")),
            Kind::Numeral => plain(&number(value).unwrap_or_default()),
            Kind::Lines => entries().flat_map(|line| plain(line.as_str().unwrap_or(""))).collect(),
            Kind::Date => plain(&self.words.partial(value.as_str().unwrap_or(""))),
            Kind::Flag => plain(&self.words.t("told-yes")),
            Kind::One(list) => plain(&self.choice(field.key, *list, value.as_str().unwrap_or(""))),
            Kind::Many(list) => entries()
                .flat_map(|code| plain(&self.choice(field.key, *list, code.as_str().unwrap_or(""))))
                .collect(),
            Kind::Numbers(list) => entries()
                .flat_map(|number| {
                    let code = number.to_string();
                    plain(&format!("{code} {}", self.label(*list, &code)))
                })
                .collect(),
            Kind::Each(list, column) => entries()
                .map(|entry| {
                    let label = self.label(*list, entry["code"].as_str().unwrap_or(""));
                    let more = self.row(std::slice::from_ref(column), entry);
                    let text = if more.text.is_empty() {
                        label.to_owned()
                    } else {
                        format!("{label}: {}", more.text)
                    };
                    Phrase { text, lang: more.lang }
                })
                .collect(),
            Kind::Rows(columns) => entries().map(|row| self.row(columns, row)).collect(),
            Kind::Files(_) => {
                entries().flat_map(|file| plain(file["name"].as_str().unwrap_or(""))).collect()
            }
            Kind::Row(columns) => vec![self.row(columns, value)],
            Kind::Basis(columns) => match value.get("listed") {
                None => plain(&self.words.t("told-own")),
                Some(source) => {
                    let row = self.row(columns, source);
                    plain(&self.words.t1("told-listed", "source", &row.text))
                }
            },
        }
    }

    /// The cells of a row that say something, in the language of the first
    /// text among them.
    fn row(&self, columns: &[Column], row: &Json) -> Phrase {
        let mut lang = String::new();
        let cells: Vec<String> = columns
            .iter()
            .filter_map(|column| {
                let value = row.get(column.key)?;
                let text = match (column.cell, value) {
                    (Cell::One(list), Json::String(code)) => self.choice(column.key, list, code),
                    (Cell::Date, Json::String(date)) => self.words.partial(date),
                    (Cell::Text, texts_by_language) => {
                        let best = best(&texts(texts_by_language), self.words.lang)?;
                        if lang.is_empty() {
                            lang.clone_from(&best.lang);
                        }
                        best.text
                    }
                    (_, Json::String(text)) => text.clone(),
                    (Cell::Flag, Json::Bool(true)) => self.words.t("told-yes"),
                    (_, Json::Number(_)) => number(value)?,
                    _ => return None,
                };
                Some(text)
            })
            .collect();
        Phrase { text: cells.join(" · "), lang }
    }

    fn choice(&self, field: &str, list: List, code: &str) -> String {
        self.words.choice(field, code, self.label(list, code))
    }

    fn label<'a>(&'a self, list: List, code: &'a str) -> &'a str {
        let known: &[Choice] = list(self.lists);
        Vocabularies::label(known, code)
    }
}

fn number(value: &Json) -> Option<String> {
    let Json::Number(number) = value else { return None };
    Some(match number.as_u64() {
        Some(whole) => crate::words::grouped(whole as f64),
        None => number.to_string(),
    })
}

fn plain(text: &str) -> Vec<Phrase> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![Phrase { text: text.to_owned(), lang: String::new() }]
    }
}

fn texts(value: &Json) -> Vec<Phrase> {
    let by_language = value.as_object().into_iter().flatten();
    by_language
        .filter_map(|(lang, text)| {
            let text = text.as_str().filter(|text| !text.is_empty())?;
            Some(Phrase { text: text.to_owned(), lang: lang.clone() })
        })
        .collect()
}

fn best(texts: &[Phrase], lang: &str) -> Option<Phrase> {
    texts.iter().find(|text| text.lang == lang).or(texts.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Catalogue;
    use serde_json::json;

    #[test]
    fn codes_are_told_by_their_labels_and_rows_in_one_line() {
        let practice: Fields = serde_json::from_value(json!({
            "title": {"en": "Desks"}, "kind": "service", "primary_objectives": [3],
            "start": "2022-03", "ongoing": true,
            "donors": [{"name": "A fund", "amount": 182_000, "currency": "USD"}],
            "target_groups": [{"code": "women", "number": 1200}],
            "basis": "own"
        }))
        .expect("a practice file");
        let lists = Vocabularies {
            kinds: vec![Choice { code: "service".into(), label: "Service".into() }],
            ..Vocabularies::default()
        };
        let catalogue = Catalogue::new(false);
        let told = told(&practice, &lists, catalogue.choose(["en"]));
        let say = |key: &str| {
            let told = told.iter().find(|told| told.key == key).expect("said");
            told.texts.iter().map(|p| crate::words::unmarked(&p.text)).collect::<Vec<_>>()
        };
        assert_eq!(say("kind"), ["Service"]);
        assert_eq!(say("primary_objectives"), ["3 3"]);
        assert_eq!(say("start"), ["March 2022"]);
        assert_eq!(say("donors"), ["A fund · 182,000 · USD"]);
        assert_eq!(say("target_groups"), ["women · 1,200"]);
        assert!(told.iter().all(|told| told.key != "summary"));
    }
}
