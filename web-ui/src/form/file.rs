//! From a file to what stands in its form, and back: practices, requests,
//! cards, each by its own table.
//!
//! Text in other languages than the form's, and whatever the form does not
//! show, stays as it is in the file underneath.

use serde_json::{Map, Value as Json};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::schema::{Book, Cell, Column, Field, Kind};
use super::{Errors, Typed};
use crate::words::Words;

/// No list takes more rows from a form.
pub const ROWS_MAX: usize = 110;

type Object = Map<String, Json>;

/// What stands in the form, in the language of the form.
#[must_use]
pub fn spread(book: &Book, content: &impl Serialize, lang: &str) -> Typed {
    let file = object_of(content);
    let mut typed = Typed::default();
    for field in book.fields() {
        if let Some(value) = file.get(field.key) {
            spread_field(field, value, lang, &mut typed);
        }
    }
    typed
}

fn spread_field(field: &Field, value: &Json, lang: &str, typed: &mut Typed) {
    let key = field.key;
    match &field.kind {
        Kind::Line | Kind::Prose => typed.put(key, text(value, Cell::Text, lang)),
        Kind::Word | Kind::Passage | Kind::Numeral | Kind::Date | Kind::One(_) | Kind::Flag => {
            typed.put(key, text(value, Cell::Word, lang));
        }
        Kind::Lines => {
            let lines: Vec<_> = rows(value).iter().map(|e| text(e, Cell::Word, lang)).collect();
            typed.put(key, lines.join("\n"));
        }
        Kind::Many(_) | Kind::Numbers(_) => {
            for entry in rows(value) {
                typed.put(key, text(entry, Cell::Word, lang));
            }
        }
        Kind::Each(_, column) => {
            for entry in rows(value) {
                let code = entry.get("code").and_then(Json::as_str).unwrap_or("");
                typed.put(key, code);
                spread_row(
                    &format!("{key}.{code}"),
                    std::slice::from_ref(column),
                    entry,
                    lang,
                    typed,
                );
            }
        }
        Kind::Rows(columns) | Kind::Files(columns) => {
            for (at, entry) in rows(value).iter().enumerate() {
                spread_row(&format!("{key}.{at}"), columns, entry, lang, typed);
            }
        }
        Kind::Row(columns) => spread_row(key, columns, value, lang, typed),
        Kind::Basis(columns) => match value.get("listed") {
            Some(source) => {
                typed.put(key, "listed");
                spread_row(key, columns, source, lang, typed);
            }
            None => typed.put(key, "own"),
        },
    }
}

fn spread_row(name: &str, columns: &[Column], row: &Json, lang: &str, typed: &mut Typed) {
    for column in columns {
        if let Some(value) = row.get(column.key) {
            typed.put(format!("{name}.{}", column.key), text(value, column.cell, lang));
        }
    }
}

fn text(value: &Json, cell: Cell, lang: &str) -> String {
    match (cell, value) {
        (Cell::Text, Json::Object(texts)) => {
            texts.get(lang).and_then(Json::as_str).unwrap_or("").to_owned()
        }
        (_, Json::String(text)) => text.clone(),
        (_, Json::Number(_) | Json::Bool(_)) => value.to_string(),
        _ => String::new(),
    }
}

/// The content as typed, on top of what it was when the form was opened.
///
/// # Errors
/// What cannot be read as the number it should be.
pub fn gather<T: Serialize + DeserializeOwned>(
    book: &Book,
    typed: &Typed,
    lang: &str,
    base: &T,
    words: &Words,
) -> Result<T, Errors> {
    let mut file = object_of(base);
    let mut reading = Reading { typed, lang, words, errors: Errors::default() };
    for field in book.fields() {
        let before = file.remove(field.key).unwrap_or(Json::Null);
        let after = reading.field(field, before);
        if !is_nothing(&after) {
            file.insert(field.key.to_owned(), after);
        }
    }
    if !reading.errors.is_empty() {
        return Err(reading.errors);
    }
    Ok(serde_json::from_value(Json::Object(file)).expect("the table and the fields agree"))
}

struct Reading<'a> {
    typed: &'a Typed,
    lang: &'a str,
    words: &'a Words,
    errors: Errors,
}

impl Reading<'_> {
    fn field(&mut self, field: &Field, before: Json) -> Json {
        let key = field.key;
        match &field.kind {
            Kind::Line | Kind::Prose => self.cell(key, Cell::Text, before),
            Kind::Word | Kind::Passage | Kind::Date | Kind::One(_) => {
                self.cell(key, Cell::Word, before)
            }
            Kind::Numeral => self.cell(key, Cell::Count, before),
            Kind::Lines => lines(&self.typed.get(key)).into_iter().map(Json::from).collect(),
            Kind::Flag => Json::Bool(self.typed.has(key, "true")),
            Kind::Many(_) => self.chosen(key, &before).into_iter().map(Json::from).collect(),
            Kind::Numbers(_) => {
                let chosen = self.chosen(key, &before);
                chosen.iter().filter_map(|code| code.parse::<u8>().ok()).map(Json::from).collect()
            }
            Kind::Each(_, column) => self.each(key, column, &before),
            Kind::Rows(columns) => self.rows(key, columns, &before),
            Kind::Files(columns) => {
                let files = rows(&before).iter().enumerate();
                files.map(|(at, file)| self.row(&format!("{key}.{at}"), columns, file)).collect()
            }
            Kind::Row(columns) => self.row(key, columns, &before),
            Kind::Basis(columns) => {
                if self.typed.has(key, "listed") {
                    let source = before.get("listed").cloned().unwrap_or(Json::Null);
                    let source = self.row(key, columns, &source);
                    Json::Object(Map::from_iter([("listed".to_owned(), source)]))
                } else {
                    Json::from("own")
                }
            }
        }
    }

    /// The codes that are ticked: first those that were, in their old order,
    /// so that a form sent back untouched changes nothing.
    fn chosen(&self, key: &str, before: &Json) -> Vec<String> {
        let code = |entry: &Json| text(entry.get("code").unwrap_or(entry), Cell::Word, self.lang);
        let known: Vec<String> = rows(before).iter().map(code).collect();
        let kept = known.iter().filter(|code| self.typed.has(key, code)).cloned();
        let new = self.typed.all(key).filter(|code| !known.iter().any(|known| known == code));
        kept.chain(new.map(str::to_owned)).collect()
    }

    fn each(&mut self, key: &str, column: &Column, before: &Json) -> Json {
        let mut list = Vec::new();
        for code in self.chosen(key, before) {
            let known = rows(before).iter().find(|entry| entry["code"] == code.as_str());
            let name = format!("{key}.{code}");
            let columns = std::slice::from_ref(column);
            let mut entry = self.row(&name, columns, known.unwrap_or(&Json::Null));
            entry["code"] = Json::from(code);
            list.push(entry);
        }
        Json::Array(list)
    }

    fn rows(&mut self, key: &str, columns: &[Column], before: &Json) -> Json {
        let before = rows(before);
        let prefix = format!("{key}.");
        let last = self
            .typed
            .0
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(&prefix)?.split('.').next()?.parse().ok())
            .max()
            .map_or(0, |last: usize| last.saturating_add(1));
        (0..last.min(ROWS_MAX))
            .map(|at| {
                let under = before.get(at).unwrap_or(&Json::Null);
                self.row(&format!("{key}.{at}"), columns, under)
            })
            .filter(|row| !is_nothing(row))
            .collect()
    }

    fn row(&mut self, name: &str, columns: &[Column], under: &Json) -> Json {
        let mut row = under.as_object().cloned().unwrap_or_default();
        for column in columns {
            let before = row.remove(column.key).unwrap_or(Json::Null);
            let after = self.cell(&format!("{name}.{}", column.key), column.cell, before);
            if !is_nothing(&after) {
                row.insert(column.key.to_owned(), after);
            }
        }
        Json::Object(row)
    }

    fn cell(&mut self, name: &str, cell: Cell, before: Json) -> Json {
        let typed = self.typed.get(name);
        if let Cell::Flag = cell {
            return Json::Bool(typed == "true");
        }
        if let Cell::Text = cell {
            let mut texts = before.as_object().cloned().unwrap_or_default();
            texts.remove(self.lang);
            if !typed.is_empty() {
                texts.insert(self.lang.to_owned(), Json::from(typed));
            }
            return Json::Object(texts);
        }
        if typed.is_empty() {
            return Json::Null;
        }
        if typed == text(&before, cell, self.lang) {
            return before; // a number is not written anew
        }
        let read = match cell {
            Cell::Figure => figure(&typed).or_else(|| Some(Json::from(typed))),
            Cell::Count => whole(&typed).map(Json::from),
            Cell::Degrees => {
                typed.parse().ok().and_then(serde_json::Number::from_f64).map(Json::Number)
            }
            _ => Some(Json::from(typed)),
        };
        read.unwrap_or_else(|| {
            let key =
                if matches!(cell, Cell::Count) { "form-not-whole" } else { "form-not-number" };
            self.errors.add(name, self.words.t(key));
            Json::Null
        })
    }
}

/// What stands on each line, without what is empty or stands twice.
pub fn lines(typed: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in typed.split(['\n', ',', ' ']).map(str::trim).filter(|line| !line.is_empty()) {
        if lines.len() < ROWS_MAX && lines.iter().all(|known| known != line) {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// A number, with or without spaces and commas between thousands.
fn figure(typed: &str) -> Option<Json> {
    if let Some(whole) = whole(typed) {
        return Some(Json::from(whole));
    }
    let plain = typed.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let number = plain.then(|| typed.parse::<f64>().ok()).flatten()?;
    serde_json::Number::from_f64(number).map(Json::Number)
}

fn whole(typed: &str) -> Option<u64> {
    let grouped = typed.split([',', ' ', '\u{a0}', '\u{202f}']);
    let groups: Vec<_> = grouped.collect();
    let well_grouped = groups.iter().skip(1).all(|group| group.len() == 3);
    (well_grouped && typed.starts_with(|first: char| first.is_ascii_digit()))
        .then(|| groups.concat().parse().ok())
        .flatten()
}

fn object_of(content: &impl Serialize) -> Object {
    match serde_json::to_value(content) {
        Ok(Json::Object(file)) => file,
        _ => unreachable!("fields are written as an object"),
    }
}

fn rows(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::schema::PRACTICE;
    use crate::service::Fields;
    use crate::words::Catalogue;
    use serde_json::json;

    fn full() -> Fields {
        serde_json::from_value(json!({
            "title": {"en": "Advice desks", "fr": "Guichets"},
            "kind": "service", "primary_objectives": [6, 3], "countries": ["NP", "IN"],
            "principles": [{"code": "people-centred", "how": {"en": "Asked.", "ne": "सोधियो"}},
                           {"code": "child-sensitive"}],
            "places": [{"name": "Lumbini", "lat": 27.5, "lon": 83.25}],
            "start": "2022-03", "ongoing": true,
            "donors": [{"name": "A fund", "amount": 182_000, "currency": "USD"}],
            "target_groups": [{"code": "women", "number": 1200}, {"code": "youth"}],
            "indicators": [{"name": {"en": "In person"}, "baseline": 23, "value": 61.5,
                            "unit": "per cent"}, {"name": {"en": "Calls"}, "value": "more"}],
            "challenges": [{"text": {"fr": "Horaires"}, "overcome": {"fr": "Le soir"}}],
            "attachments": [{"name": "guide.pdf", "hash": "ab", "bytes": 410_000}],
            "on_behalf_of": {"org": "A city", "consent": "by letter"},
            "basis": {"listed": {"url": "https://example.org/", "note": "title ours"}},
            "licence": "CC-BY-4.0"
        }))
        .expect("a practice file")
    }

    #[test]
    fn a_form_sent_back_untouched_changes_nothing() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        for lang in ["en", "fr", "zh"] {
            let typed = spread(&PRACTICE, &full(), lang);
            assert_eq!(gather(&PRACTICE, &typed, lang, &full(), words), Ok(full()), "{lang}");
        }
        let empty = Fields { basis: Some(crate::service::Basis::Own), ..Fields::default() };
        assert_eq!(
            gather(&PRACTICE, &spread(&PRACTICE, &empty, "en"), "en", &empty, words),
            Ok(empty)
        );
    }

    #[test]
    fn clearing_one_language_leaves_the_others() {
        let catalogue = Catalogue::new(false);
        let mut typed = spread(&PRACTICE, &full(), "en");
        typed.0.retain(|(name, _)| name != "title" && !name.starts_with("places."));
        let practice =
            gather(&PRACTICE, &typed, "en", &full(), catalogue.choose(["en"])).expect("readable");
        assert_eq!(practice.title.0, [("fr".to_owned(), "Guichets".to_owned())].into());
        assert!(practice.places.is_empty());
    }

    #[test]
    fn a_new_row_is_read_and_an_empty_one_is_not() {
        let catalogue = Catalogue::new(false);
        let mut typed = Typed::default();
        typed.put("partners.0.org", "");
        typed.put("partners.1.org", "City of Riverside");
        typed.put("partners.999999999999.org", "far away");
        typed.put("donors.0.amount", "1,284 000");
        typed.put("donors.0.name", "A fund");
        let practice =
            gather(&PRACTICE, &typed, "en", &Fields::default(), catalogue.choose(["en"]))
                .expect("readable");
        assert_eq!(practice.partners.len(), 1);
        assert_eq!(practice.partners[0].org, "City of Riverside");
        assert_eq!(
            practice.donors[0].amount.as_ref().map(ToString::to_string),
            Some("1284000".into())
        );
    }

    #[test]
    fn a_number_that_is_none_is_named_by_its_field() {
        let catalogue = Catalogue::new(false);
        let mut typed = Typed::default();
        typed.put("places.0.lat", "north");
        typed.put("target_groups.0.code", "women");
        typed.put("target_groups.0.number", "many");
        let errors = gather(&PRACTICE, &typed, "en", &Fields::default(), catalogue.choose(["en"]))
            .expect_err("neither is a number");
        assert!(errors.of("places.0.lat").is_some());
        assert!(errors.of("target_groups.0.number").is_some());
    }
}
