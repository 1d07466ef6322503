//! Lists of choices of honest length, from the vocabularies of the project.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tern_web_ui::service::{Choice, Vocabularies};

const TAXONOMY: &str = include_str!("../../../../crdt/src/taxonomy/taxonomy.json");

/// Codes that the pages have words for.
fn bare(codes: &[&str]) -> Vec<Choice> {
    codes.iter().map(|c| Choice { code: (*c).to_owned(), label: (*c).to_owned() }).collect()
}

/// All lists, in English.
pub fn lists() -> Vocabularies {
    let taxonomy: Json = serde_json::from_str(TAXONOMY).expect("the vocabularies are JSON");
    let of = |name: &str, label: fn(&Json) -> &str| -> Vec<Choice> {
        let terms = taxonomy["vocabularies"][name]["terms"].as_array().expect("a list of terms");
        let word = |text: &str| text.to_owned();
        terms
            .iter()
            .map(|term| Choice {
                code: word(term["code"].as_str().expect("a code")),
                label: word(label(term)),
            })
            .collect()
    };
    let english: fn(&Json) -> &str = |term| term["labels"]["en"].as_str().expect("English");
    let own: fn(&Json) -> &str = |term| term["name"].as_str().expect("its own name");
    let mut countries = of("countries", english);
    let mut target_groups = of("target_groups", english);
    target_groups.extend(of("stakeholder_kinds", english));
    countries.sort_by(|a, b| a.label.cmp(&b.label));
    Vocabularies {
        objectives: of("objectives", english),
        principles: of("principles", english),
        kinds: of("practice_kinds", english),
        topics: of("topics", english),
        sdg_targets: of("sdg_targets", english),
        stages: of("stages", english),
        levels: of("geographic_levels", english),
        countries,
        subregions: of("subregions", english),
        places: of("subregions", english),
        completions: of("completion", english),
        organisation_kinds: of("stakeholder_kinds", english),
        target_groups,
        evidence: of("evidence", english),
        resource_types: of("resource_types", english),
        visibilities: of("visibility", english),
        licences: of("licences", english),
        translations: of("translation", english),
        languages: of("languages", own),
        support_types: of("support_types", english),
        abilities: bare(&["work", "write", "train"]),
        years: bare(&["0-4", "5-9", "10-19", "20+"]),
        modalities: bare(&["remote", "visit", "both"]),
        costs: bare(&["free", "expenses", "fee"]),
        urgencies: bare(&["normal", "urgent"]),
        budgets: bare(&["yes", "no", "unknown"]),
        decline_reasons: bare(&["no-time", "not-my-field", "conflict", "other"]),
        limits: BTreeMap::from([
            ("title".to_owned(), 150),
            ("summary".to_owned(), 3_000),
            ("images".to_owned(), 3),
            ("ask.title".to_owned(), 120),
            ("ask.need".to_owned(), 3_000),
            ("card.name".to_owned(), 80),
            ("card.availability".to_owned(), 6),
            ("reply.text".to_owned(), 8_000),
        ]),
    }
}
