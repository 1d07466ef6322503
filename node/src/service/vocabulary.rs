//! The taxonomy as lists to choose from, labelled in a language; made once a
//! language.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tern_crdt::ask::{Ask, Funding, Modality, Reply, Urgency};
use tern_crdt::expert::{Card, Cost, Skill, Years};
use tern_crdt::practice::Practice;
use tern_crdt::request::DeclineReason;
use tern_crdt::taxonomy::{Term, Vocabulary};
use tern_web_ui::service::{Choice, Vocabularies};

/// Languages whose lists are remembered.
const REMEMBERED: usize = 16;

static LISTS: Mutex<BTreeMap<String, Arc<Vocabularies>>> = Mutex::new(BTreeMap::new());

/// All lists in a language, English where a label has no translation.
pub fn of(lang: &str) -> Arc<Vocabularies> {
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lists.get(lang) {
        return Arc::clone(known);
    }
    let made = Arc::new(make(lang));
    if lists.len() < REMEMBERED {
        lists.insert(lang.to_owned(), Arc::clone(&made));
    }
    made
}

/// One code as a choice.
pub fn choice(vocabulary: Vocabulary, code: &str, lang: &str) -> Choice {
    let label = vocabulary.term(code).map(|term| term.label(lang).text.to_owned());
    Choice { code: code.to_owned(), label: label.unwrap_or_else(|| code.to_owned()) }
}

/// An objective as a choice: its number and its short label.
pub fn objective(number: u8, lang: &str) -> Choice {
    let label = tern_crdt::taxonomy::objective(number).map(|t| t.label(lang).text.to_owned());
    Choice { code: number.to_string(), label: label.unwrap_or_else(|| number.to_string()) }
}

/// Codes for which the pages have words of their own.
fn words(codes: impl Iterator<Item = &'static str>) -> Vec<Choice> {
    codes.map(|code| Choice { code: code.to_owned(), label: code.to_owned() }).collect()
}

/// The bounds of all forms by their keys.
fn limits() -> BTreeMap<String, u64> {
    let forms = [
        ("", Practice::FIELDS),
        ("ask.", Ask::FIELDS),
        ("card.", Card::FIELDS),
        ("reply.", Reply::FIELDS),
    ];
    let of = |(prefix, fields): (&'static str, &'static [(&'static str, u64)])| {
        let bounded = fields.iter().filter(|(_, limit)| *limit > 0);
        bounded.map(move |(key, limit)| (format!("{prefix}{key}"), *limit))
    };
    forms.into_iter().flat_map(of).collect()
}

fn make(lang: &str) -> Vocabularies {
    let list = |vocabulary: Vocabulary| -> Vec<Choice> {
        let terms = vocabulary.terms().iter();
        terms
            .map(|term: &Term| Choice {
                code: term.code().to_owned(),
                label: term.label(lang).text.to_owned(),
            })
            .collect()
    };
    let mut countries = list(Vocabulary::Countries);
    countries.sort_by(|a, b| a.label.cmp(&b.label));
    let languages = Vocabulary::Languages.terms().iter().map(|term| Choice {
        code: term.code().to_owned(),
        label: term.own_name().map_or_else(|| term.label(lang).text.to_owned(), str::to_owned),
    });
    let mut target_groups = list(Vocabulary::TargetGroups);
    target_groups.extend(list(Vocabulary::StakeholderKinds));
    Vocabularies {
        objectives: (1..=23).map(|number| objective(number, lang)).collect(),
        principles: list(Vocabulary::Principles),
        kinds: list(Vocabulary::PracticeKinds),
        topics: list(Vocabulary::Topics),
        sdg_targets: list(Vocabulary::SdgTargets),
        stages: list(Vocabulary::Stages),
        levels: list(Vocabulary::GeographicLevels),
        countries,
        subregions: list(Vocabulary::Subregions),
        places: [list(Vocabulary::Regions), list(Vocabulary::Subregions)].concat(),
        completions: list(Vocabulary::Completion),
        organisation_kinds: list(Vocabulary::StakeholderKinds),
        target_groups,
        evidence: list(Vocabulary::Evidence),
        resource_types: list(Vocabulary::ResourceTypes),
        visibilities: list(Vocabulary::Visibility),
        licences: list(Vocabulary::Licences),
        translations: list(Vocabulary::Translation),
        support_types: list(Vocabulary::SupportTypes),
        abilities: words(Skill::ALL.iter().map(|one| one.as_str())),
        years: words(Years::ALL.iter().map(|one| one.as_str())),
        modalities: words(Modality::ALL.iter().map(|one| one.as_str())),
        costs: words(Cost::ALL.iter().map(|one| one.as_str())),
        urgencies: words(Urgency::ALL.iter().map(|one| one.as_str())),
        budgets: words(Funding::ALL.iter().map(|one| one.as_str())),
        decline_reasons: words(DeclineReason::ALL.iter().map(|one| one.code())),
        limits: limits(),
        languages: languages.collect(),
    }
}
