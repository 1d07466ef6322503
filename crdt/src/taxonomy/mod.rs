//! The vocabularies: every list of codes that people choose from, as data.
//!
//! One file, one version, built into the program: so a code means the same on
//! every node, and a practice is checked without asking anybody. Each
//! vocabulary says where it comes from, and pages say so where they show it.
//! Labels that a language lacks are shown in English and marked as such.
//!
//! This is not the place for names that a node may override (borders,
//! footnotes, country names in other languages): those are data of the node,
//! laid over these.

use std::sync::LazyLock;

use serde::Deserialize;

mod suggest;
mod term;

pub use suggest::nearest;
pub use term::{Label, Term};

/// The version of the built-in vocabularies.
pub const VERSION: u32 = 1;

/// Where a vocabulary comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// As shown on migrationnetwork.un.org.
    Hub,
    /// The text of the Global Compact, A/RES/73/195.
    Gcm,
    /// A well-known public fact, to be checked before it is shown as official.
    Knowledge,
    /// Tern's own proposal; no official list.
    Proposed,
}

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident $key:ident $noun:literal;)*) => {
        /// A list of codes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Vocabulary {
            $($(#[$doc])* $name,)*
        }

        impl Vocabulary {
            /// Every vocabulary.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What a person calls one of its codes, in an error sentence.
            pub const fn noun(self) -> &'static str {
                match self {
                    $(Self::$name => $noun,)*
                }
            }

            fn list(self) -> &'static List {
                match self {
                    $(Self::$name => &TAXONOMY.vocabularies.$key,)*
                }
            }
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Lists {
            $($key: List,)*
        }
    };
}

vocabularies! {
    /// The 23 objectives of the Global Compact, by number.
    Objectives objectives "objective";
    /// Its ten guiding principles.
    Principles principles "guiding principle";
    /// What a practice is: a law, a service, a fund …
    PracticeKinds practice_kinds "kind of practice";
    /// Topics that cut across the objectives.
    Topics topics "topic";
    /// Targets of the 2030 Agenda that speak of migration.
    SdgTargets sdg_targets "SDG target";
    /// Stages of migration.
    Stages stages "stage of migration";
    /// From global to local.
    GeographicLevels geographic_levels "geographic level";
    /// Who takes part: paragraph 44 of the Global Compact, and public bodies.
    StakeholderKinds stakeholder_kinds "kind of stakeholder";
    /// What an expert can give.
    SupportTypes support_types "type of support";
    /// Whom a practice is for; kinds of stakeholder may be named as well.
    TargetGroups target_groups "target group";
    /// How far a practice was carried out.
    Completion completion "state of completion";
    /// How well its results are known.
    Evidence evidence "level of evidence";
    /// What a linked resource is.
    ResourceTypes resource_types "type of resource";
    /// Who may read it on the pages of a node.
    Visibility visibility "visibility";
    /// How a translation was made.
    Translation translation "kind of translation";
    /// Licences, by SPDX identifier.
    Licences licences "licence";
    /// Languages with a name and a direction; texts may be in others too.
    Languages languages "language";
    /// The five regions of UN M49.
    Regions regions "region";
    /// Its subregions and intermediate groupings; the group is what it lies in.
    Subregions subregions "M49 subregion";
    /// Countries and areas by ISO 3166-1 alpha-2; the group is the subregion.
    Countries countries "country";
}

#[derive(Deserialize)]
struct List {
    provenance: Provenance,
    #[serde(default)]
    note: Option<String>,
    terms: Vec<Term>,
}

#[derive(Deserialize)]
struct Taxonomy {
    version: u32,
    vocabularies: Lists,
}

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(|| {
    let taxonomy: Taxonomy =
        serde_json::from_str(include_str!("taxonomy.json")).expect("the built-in vocabularies");
    assert_eq!(taxonomy.version, VERSION, "the version of the built-in vocabularies");
    taxonomy
});

impl Vocabulary {
    /// Its terms, in the order in which they are shown.
    pub fn terms(self) -> &'static [Term] {
        &self.list().terms
    }

    /// Where it comes from.
    pub fn provenance(self) -> Provenance {
        self.list().provenance
    }

    /// What has to be said beside it, in English.
    pub fn note(self) -> Option<&'static str> {
        self.list().note.as_deref()
    }

    /// The term of a code.
    pub fn term(self, code: &str) -> Option<&'static Term> {
        self.terms().iter().find(|term| term.code() == code)
    }

    /// The code that `typed` was probably meant to be, for a suggestion: that
    /// of the term which is called so, else the one spelled most like it.
    pub fn nearest(self, typed: &str) -> Option<&'static str> {
        let called = self.terms().iter().find(|term| term.is_called(typed)).map(Term::code);
        called.or_else(|| nearest(typed, self.terms().iter().map(Term::code)))
    }
}

/// An objective of the Global Compact by its number, 1 to 23.
pub fn objective(number: u8) -> Option<&'static Term> {
    Vocabulary::Objectives.terms().get(usize::from(number.checked_sub(1)?))
}

/// Whether a language is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    let language = tag.split('-').next().unwrap_or(tag);
    let script = tag.split('-').nth(1).filter(|part| part.len() == 4);
    match script {
        Some(script) => ["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm"].contains(&script),
        None => {
            ["he", "yi", "dv", "syr"].contains(&language)
                || Vocabulary::Languages.term(language).is_some_and(Term::is_right_to_left)
        }
    }
}

/// What a country lies in, nearest first: the M49 subregion, the intermediate
/// grouping if there is one, the region. Empty for areas without a region.
pub fn regions_of(country: &str) -> Vec<&'static str> {
    let mut chain = Vec::new();
    let mut within = Vocabulary::Countries.term(country).and_then(Term::group);
    while let Some(code) = within {
        chain.push(code);
        within = Vocabulary::Subregions.term(code).and_then(Term::group);
    }
    chain
}

/// The countries and areas of an M49 region, grouping or subregion.
pub fn countries_of(region: &str) -> Vec<&'static str> {
    let codes = Vocabulary::Countries.terms().iter().map(Term::code);
    codes.filter(|country| regions_of(country).contains(&region)).collect()
}

#[cfg(test)]
mod tests;
