//! The facts of real practices that the demo publishes, as practice files.
//!
//! `data/practices_facts.json` holds facts from public listings, each with the
//! address of its source; the text of each practice lives there and is not
//! copied. They are published with the basis *listed*, so that every page says
//! that they were not written by those who did the work.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::ops::{Fields, ImportRow};

#[derive(Deserialize)]
struct File {
    practices: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    id: String,
    title: String,
    countries: Vec<String>,
    implementer: String,
    partners: Vec<String>,
    objectives: Vec<u8>,
    years: Option<String>,
    language: String,
    kind: String,
    numbers: Map<String, Value>,
    repository: String,
    url: String,
    note: Option<String>,
}

/// All facts as rows of an import, in the order of the file.
///
/// # Errors
/// Never for the file that this program was built with.
pub(super) fn rows() -> Result<Vec<ImportRow>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../../data/practices_facts.json"))?;
    let row = |(at, fact): (usize, Fact)| {
        let key = blake3::hash(fact.id.as_bytes());
        let key = crate::hex::encode(key.as_bytes());
        ImportRow { row: at as u64 + 1, key, practice: fields(&fact) }
    };
    Ok(file.practices.into_iter().enumerate().map(row).collect())
}

fn fields(fact: &Fact) -> Fields {
    let mut fields = Fields::new();
    let mut set = |key: &str, value: Value| {
        fields.insert(key.to_owned(), value);
    };
    set("title", json!({ fact.language.clone(): fact.title }));
    set("original_language", json!(fact.language));
    set("kind", json!(fact.kind));
    set("countries", json!(fact.countries));
    set("primary_objectives", json!(fact.objectives));
    if !fact.implementer.is_empty() {
        set("main_implementer", json!(fact.implementer));
    }
    let partner = |org: &String| json!({ "org": org });
    set("partners", fact.partners.iter().map(partner).collect());
    let indicator = |(name, value): (&String, &Value)| json!({ "name": name.replace('_', " "), "value": value });
    set("indicators", fact.numbers.iter().map(indicator).collect());
    if let Some(years) = &fact.years {
        let (start, end) = years.split_once('/').unwrap_or((years, years));
        set("start", json!(start));
        match end {
            "" => set("ongoing", json!(true)),
            end if years.contains('/') => set("end", json!(end)),
            _ => {}
        }
    }
    // Links are https; the listings that name http answer there as well.
    let url = fact.url.replacen("http://", "https://", 1);
    let note = fact.note.iter().map(String::as_str);
    let note: Vec<&str> = note.chain([repository(&fact.repository)]).collect();
    set("basis", json!({ "listed": { "url": url, "note": note.join("; ") } }));
    fields
}

const fn repository(code: &str) -> &str {
    match code.as_bytes() {
        b"hub" => "seen on the Migration Network Hub and its site",
        b"mptf" => "a joint programme of the Migration MPTF",
        b"gfmd" => "seen on the GFMD Platform for Partnerships",
        b"gcr" => "seen on the digital platform of the Global Compact on Refugees",
        b"acsg" => "seen on the portal of the Asylum Capacity Support Group",
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tern_crdt::practice::Practice;

    #[test]
    fn every_fact_is_a_practice_that_can_be_published_as_listed() {
        let rows = rows().expect("the built-in file");
        assert_eq!(rows.len(), 71);
        for row in rows {
            let practice = Practice::from_json(&Value::Object(row.practice.clone()), "en")
                .unwrap_or_else(|refused| panic!("row {}: {refused}", row.row));
            assert_eq!(practice.missing_to_publish(), Vec::<&str>::new(), "row {}", row.row);
        }
    }
}
