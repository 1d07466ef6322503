//! Codes of the vocabularies.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value as Json;

use super::refused::{At, FieldRefused};
use super::shape::Shape;
use crate::taxonomy::{Term, Vocabulary};
use crate::value::Value;

/// Marks the vocabulary of a [`Code`].
pub trait Codes {
    /// The vocabulary.
    const VOCABULARY: Vocabulary;
    /// A second vocabulary whose codes are meant as well.
    const ALSO: Option<Vocabulary> = None;
    /// What stands for a code that is not given.
    const DEFAULT: Option<&'static str> = None;
}

/// A code of one vocabulary. One that is written here is known here; one
/// that came in a document may be from a later version.
pub struct Code<V>(String, PhantomData<V>);

impl<V: Codes> Code<V> {
    /// The code as it stands in documents.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code, if this version knows it.
    pub fn known(code: &str) -> Option<Self> {
        find::<V>(code).map(|term| Self(term.code().to_owned(), PhantomData))
    }

    /// Its labels, if this version knows them.
    pub fn term(&self) -> Option<&'static Term> {
        find::<V>(&self.0)
    }
}

fn find<V: Codes>(code: &str) -> Option<&'static Term> {
    let also = || V::ALSO.and_then(|vocabulary| vocabulary.term(code));
    V::VOCABULARY.term(code).or_else(also)
}

impl<V> Clone for Code<V> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<V> PartialEq for Code<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<V> Eq for Code<V> {}
impl<V> fmt::Debug for Code<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<V> fmt::Display for Code<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<V: Codes> Shape for Code<V> {
    fn absent() -> Option<Self> {
        V::DEFAULT.map(|code| Self(code.to_owned(), PhantomData))
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let typed = json.as_str().ok_or_else(|| at.refuse("is not a code"))?.trim();
        Self::known(typed).ok_or_else(|| {
            let (noun, shown) = (V::VOCABULARY.noun(), typed.chars().take(60).collect::<String>());
            at.refuse(match V::VOCABULARY.nearest(typed) {
                Some(near) => format!("`{shown}` is no known {noun}; did you mean `{near}`?"),
                None => format!("`{shown}` is no known {noun}"),
            })
        })
    }

    fn write_json(&self) -> Option<Json> {
        Some(self.0.as_str().into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        if let Value::Word(code) = value { Some(Self(code.clone(), PhantomData)) } else { None }
    }

    fn write_value(&self) -> Option<Value> {
        Some(Value::Word(self.0.clone()))
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident: $vocabulary:ident $(, also $also:ident)? $(, default $default:literal)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Codes for $name {
            const VOCABULARY: Vocabulary = Vocabulary::$vocabulary;
            $(const ALSO: Option<Vocabulary> = Some(Vocabulary::$also);)?
            $(const DEFAULT: Option<&'static str> = Some($default);)?
        }
    )*};
}

codes! {
    /// What a practice is.
    Kind: PracticeKinds;
    /// A guiding principle.
    Principles: Principles;
    /// A topic.
    Topic: Topics;
    /// An SDG target.
    Sdg: SdgTargets;
    /// A stage of migration.
    Stage: Stages;
    /// A geographic level.
    Level: GeographicLevels;
    /// A country.
    Country: Countries;
    /// A subregion.
    Subregion: Subregions;
    /// One of the five regions.
    Region: Regions;
    /// What an expert can give.
    Support: SupportTypes;
    /// How far it was carried out.
    Completed: Completion;
    /// A kind of stakeholder.
    Stakeholder: StakeholderKinds;
    /// Whom it is for.
    Group: TargetGroups, also StakeholderKinds;
    /// How well results are known.
    EvidenceLevel: Evidence;
    /// What a resource is.
    ResourceType: ResourceTypes;
    /// How it was translated.
    TranslatedBy: Translation;
    /// Who may read it.
    Audience: Visibility, default "public";
    /// A licence.
    Licence: Licences, default "CC-BY-4.0";
}
