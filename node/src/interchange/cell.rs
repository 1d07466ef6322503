//! One value given as text (a cell of a table, `--set FIELD=VALUE`) turned
//! into what practice files write for that field.
//!
//! A heading is a key of practice files, with a dot before a language or an
//! inner key (`title.fr`, `basis.url`). Values of lists stand between `;`;
//! codes and numbers also between commas. A field that is made of parts takes
//! JSON (`[{"text": …}]`), or what stands for the whole by itself.
//!
//! [`cells`] is the way back: what it writes, [`cell`] and [`merge`] read.

use serde_json::{Map, Value};

use crate::ops::Fields;

/// How a field is written in a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Codes or numbers.
    Codes,
    /// Names or texts, in which commas are common.
    Names,
    /// One thing that may have parts.
    Whole,
    /// `true` or `false`.
    Flag,
    /// Prose, as it stands.
    Prose,
}

fn shape(key: &str) -> Shape {
    match key {
        "primary_objectives" | "related_objectives" | "principles" | "topics" | "sdg_targets"
        | "stages" | "countries" | "subregions" | "target_groups" => Shape::Codes,
        "acronyms" | "places" | "partners" | "donors" | "indicators" | "challenges"
        | "resources" | "attachments" | "images" => Shape::Names,
        "on_behalf_of" | "translation_of" | "basis" => Shape::Whole,
        "ongoing" => Shape::Flag,
        _ => Shape::Prose,
    }
}

/// A field and its value, still apart from the practice they belong to.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// The key, and the inner key after the dot.
    path: (String, Option<String>),
    value: Value,
}

/// Reads a heading and its cell. An empty cell is `null`: nothing given, or,
/// in an edit, the field cleared.
pub fn cell(heading: &str, text: &str) -> Result<Cell, String> {
    let heading = heading.trim();
    let (key, inner) = match heading.split_once('.') {
        Some((key, inner)) => (key, Some(inner)),
        None => (heading, None),
    };
    if key.is_empty() || inner.is_some_and(str::is_empty) {
        return Err(format!("`{heading}` names no field"));
    }
    let text = text.trim();
    let value = match (text, inner) {
        ("", _) => Value::Null,
        (_, Some(_)) => Value::from(text),
        (_, None) => value(key, text)?,
    };
    Ok(Cell { path: (key.to_owned(), inner.map(str::to_owned)), value })
}

fn value(key: &str, text: &str) -> Result<Value, String> {
    let shape = shape(key);
    if shape != Shape::Prose && text.starts_with(['[', '{']) {
        return serde_json::from_str(text).map_err(|why| format!("`{key}` is no JSON: {why}"));
    }
    Ok(match shape {
        Shape::Codes => split(text, &[';', '\n', ',']).map(code).collect(),
        Shape::Names => split(text, &[';', '\n']).map(Value::from).collect(),
        Shape::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Value::Bool(true),
            "false" | "no" | "0" => Value::Bool(false),
            _ => return Err(format!("`{key}` is true or false, not `{text}`")),
        },
        Shape::Whole | Shape::Prose => Value::from(text),
    })
}

fn split<'t>(text: &'t str, at: &[char]) -> impl Iterator<Item = &'t str> {
    text.split(at).map(str::trim).filter(|part| !part.is_empty())
}

/// The numbers of objectives are numbers in practice files.
fn code(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
}

impl Cell {
    /// The key of the field.
    pub fn key(&self) -> &str {
        &self.path.0
    }

    /// Whether the cell is empty.
    pub fn is_empty(&self) -> bool {
        self.value.is_null()
    }
}

/// Puts a cell among the fields of its practice; says so if it contradicts one
/// that is there.
pub fn merge(fields: &mut Fields, cell: Cell) -> Result<(), String> {
    let Cell { path: (key, inner), value } = cell;
    let twice = |name: &str| Err(format!("`{name}` is given twice"));
    let Some(inner) = inner else {
        return match fields.insert(key.clone(), value) {
            None => Ok(()),
            Some(_) => twice(&key),
        };
    };
    let name = format!("{key}.{inner}");
    match fields.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(parts) => match parts.insert(inner, value) {
            None => Ok(()),
            Some(_) => twice(&name),
        },
        _ => twice(&name),
    }
}

/// The part that stands for a whole item by itself, where that is no text by
/// language.
fn bare(key: &str) -> Option<&'static str> {
    Some(match key {
        "acronyms" => "short",
        "principles" | "target_groups" => "code",
        "places" | "donors" => "name",
        "partners" | "on_behalf_of" => "org",
        "resources" | "basis" => "url",
        "translation_of" => "edition",
        _ => return None,
    })
}

/// A field as practice files write it, as headings and cells; none for null.
pub(super) fn cells(key: &str, value: &Value) -> Vec<(String, String)> {
    let one = |text: String| vec![(key.to_owned(), text)];
    match (shape(key), value) {
        (_, Value::Null) => Vec::new(),
        (Shape::Prose, Value::Object(texts)) => {
            let text = |(tag, text): (&String, &Value)| {
                Some((format!("{key}.{tag}"), text.as_str()?.to_owned()))
            };
            texts.iter().filter_map(text).collect()
        }
        (Shape::Prose | Shape::Whole, Value::String(text)) => one(text.clone()),
        (Shape::Flag, Value::Bool(flag)) => one(flag.to_string()),
        (shape @ (Shape::Codes | Shape::Names), Value::Array(items)) => {
            let told: Option<Vec<String>> =
                items.iter().map(|item| plain_item(key, shape, item)).collect();
            let joined = told.map(|items| items.join("; "));
            let plain = joined.filter(|joined| !joined.starts_with(['[', '{']));
            one(plain.unwrap_or_else(|| value.to_string()))
        }
        (_, other) => one(other.to_string()),
    }
}

/// An item that is read back as it is from between separators.
fn plain_item(key: &str, shape: Shape, item: &Value) -> Option<String> {
    let item = match item {
        Value::Object(parts) if parts.len() == 1 => parts.get(bare(key)?)?,
        item => item,
    };
    let text = match item {
        Value::String(text) => text.clone(),
        Value::Number(number) if shape == Shape::Codes => number.to_string(),
        _ => return None,
    };
    let at: &[char] = if shape == Shape::Codes { &[';', '\n', ','] } else { &[';', '\n'] };
    let read = if shape == Shape::Codes { code(&text) } else { Value::from(text.as_str()) };
    (!text.is_empty() && text.trim() == text && !text.contains(at) && read == *item).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use tern_crdt::practice::Practice;

    use super::*;

    fn fields(cells: &[(&str, &str)]) -> Result<Value, String> {
        let mut fields = Fields::new();
        for (heading, text) in cells {
            merge(&mut fields, cell(heading, text)?)?;
        }
        Ok(Value::Object(fields))
    }

    #[test]
    fn a_cell_becomes_what_practice_files_write() {
        let read = fields(&[
            ("title.en", "Birth registration at the border"),
            ("title.fr", "Enregistrement des naissances"),
            ("summary", "[Draft] 23; 4, and more"),
            ("primary_objectives", "4; 12"),
            ("countries", "TD, NE"),
            ("principles", "people-centred;gender-responsive"),
            ("partners", "UNHCR; Ministry of Justice, Chad"),
            ("challenges", r#"[{"text": "Rain", "overcome": "Boats"}]"#),
            ("ongoing", "yes"),
            ("start", "2019-03"),
            ("basis.url", "https://example.org"),
        ]);
        let expected = json!({
            "title": { "en": "Birth registration at the border", "fr": "Enregistrement des naissances" },
            "summary": "[Draft] 23; 4, and more",
            "primary_objectives": [4, 12],
            "countries": ["TD", "NE"],
            "principles": ["people-centred", "gender-responsive"],
            "partners": ["UNHCR", "Ministry of Justice, Chad"],
            "challenges": [{ "text": "Rain", "overcome": "Boats" }],
            "ongoing": true,
            "start": "2019-03",
            "basis": { "url": "https://example.org" },
        });
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn an_empty_cell_clears() {
        assert_eq!(
            fields(&[("summary", " "), ("title.fr", "")]),
            Ok(json!({ "summary": null, "title": { "fr": null } }))
        );
    }

    #[test]
    fn what_makes_no_sense_is_told_by_its_field() {
        for (cells, told) in [
            (&[("ongoing", "perhaps")][..], "`ongoing` is true or false, not `perhaps`"),
            (&[("title", "A"), ("title", "B")], "`title` is given twice"),
            (&[("title", "A"), ("title.fr", "B")], "`title.fr` is given twice"),
            (&[("", "A")], "`` names no field"),
            (&[("title.", "A")], "`title.` names no field"),
        ] {
            assert_eq!(fields(cells), Err(told.to_owned()));
        }
        let broken = fields(&[("challenges", "[{")]).expect_err("refused");
        assert!(broken.starts_with("`challenges` is no JSON: "), "{broken}");
    }

    /// What the cells of a practice are read back as.
    fn back(practice: &Value) -> Value {
        let mut read = Fields::new();
        for (key, value) in practice.as_object().expect("an object") {
            for (heading, text) in cells(key, value) {
                let cell = cell(&heading, &text).expect("it was written here");
                merge(&mut read, cell).expect("once");
            }
        }
        let read = Practice::from_json(&Value::Object(read), "en").expect("a practice");
        read.to_json()
    }

    #[test]
    fn a_practice_with_every_field_goes_into_cells_and_comes_back() {
        let whole = include_str!("../../../crdt/src/practice/whole.json");
        let whole: Value = serde_json::from_str(whole).expect("JSON");
        let practice = Practice::from_json(&whole, "en").expect("a practice").to_json();
        assert_eq!(back(&practice), practice);
    }

    proptest! {
        #[test]
        fn whatever_names_and_texts_hold_comes_back(
            name in "[\\[{a;,\n'=\"é]{0,12}x", text in "[=+@'a\n;é\\-]{0,12}x", number in 1_u8..24,
        ) {
            let practice = json!({
                "title": { "en": text, "ar": name }, "partners": [{ "org": name }, { "org": text, "role": name }],
                "primary_objectives": [number], "subregions": ["034"], "countries": ["NE"],
                "target_groups": [{ "code": "women" }, { "code": "children", "number": 3 }],
                "basis": { "listed": { "url": "https://example.org/a;b,c" } },
            });
            let practice = Practice::from_json(&practice, "en").expect("a practice").to_json();
            prop_assert_eq!(back(&practice), practice);
        }
    }
}
