//! The lists that forms and filters offer. This crate knows no code of any of
//! them: what a node's taxonomy holds is what people can choose.

use std::collections::BTreeMap;

/// One thing to choose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// What is stored and sent.
    pub code: String,
    /// What people read, in the language asked for.
    pub label: String,
}

/// Every list of choices, in the order in which it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vocabularies {
    /// The objectives of the Global Compact, codes `1` to `23`, short labels.
    pub objectives: Vec<Choice>,
    /// The guiding principles.
    pub principles: Vec<Choice>,
    /// Kinds of practice.
    pub kinds: Vec<Choice>,
    /// Cross-cutting topics.
    pub topics: Vec<Choice>,
    /// Targets of the Sustainable Development Goals, codes such as `10.7`.
    pub sdg_targets: Vec<Choice>,
    /// Stages of migration.
    pub stages: Vec<Choice>,
    /// Geographic levels.
    pub levels: Vec<Choice>,
    /// Countries (ISO 3166-1 alpha-2), sorted for the language.
    pub countries: Vec<Choice>,
    /// Regions below the continents (M49).
    pub subregions: Vec<Choice>,
    /// The same and the continents, to filter by.
    pub places: Vec<Choice>,
    /// Planned, mostly done, done in full.
    pub completions: Vec<Choice>,
    /// Kinds of organisation.
    pub organisation_kinds: Vec<Choice>,
    /// Groups of people a practice is for.
    pub target_groups: Vec<Choice>,
    /// How well results are known.
    pub evidence: Vec<Choice>,
    /// Kinds of resource.
    pub resource_types: Vec<Choice>,
    /// Who may see a practice.
    pub visibilities: Vec<Choice>,
    /// Licences (SPDX).
    pub licences: Vec<Choice>,
    /// How a translation was made.
    pub translations: Vec<Choice>,
    /// Languages of content (BCP 47), labelled by their own name.
    pub languages: Vec<Choice>,
    /// Kinds of support. A list from here on may leave its labels equal to the
    /// codes: then the pages have words of their own for them.
    pub support_types: Vec<Choice>,
    /// What an expert can do in a language: work, write, train.
    pub abilities: Vec<Choice>,
    /// Bands of years of experience.
    pub years: Vec<Choice>,
    /// At a distance, on a visit, both.
    pub modalities: Vec<Choice>,
    /// What support costs.
    pub costs: Vec<Choice>,
    /// How urgent a request is.
    pub urgencies: Vec<Choice>,
    /// Whether there is money for it.
    pub budgets: Vec<Choice>,
    /// Why an expert declines.
    pub decline_reasons: Vec<Choice>,
    /// The bound of a field of a practice by its key (`acronyms.short` for a
    /// part of a list): characters of a text in one language, entries of a
    /// list. Fields of a request, a card and an answer are found under
    /// `ask.KEY`, `card.KEY` and `reply.KEY`. What is not here has none that
    /// a form could tell.
    pub limits: BTreeMap<String, u64>,
}

impl Vocabularies {
    /// The label of `code` in `list`, or the code itself where the list does
    /// not know it (a newer node may have more codes).
    #[must_use]
    pub fn label<'a>(list: &'a [Choice], code: &'a str) -> &'a str {
        list.iter().find(|choice| choice.code == code).map_or(code, |choice| &choice.label)
    }
}
