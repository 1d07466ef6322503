//! What organisations say about practices, as this node knows it: withdrawn,
//! confirmed, used elsewhere too, translated, told of elsewhere too.
//!
//! What stands is the fold's ([`tern_crdt::annotation::fold`]), and part of every
//! practice that is [read](crate::reading::PracticeRead::said). Here names are put to it, and what it
//! names besides: editions by number, other practices by title. What is written here
//! (`acting`) is asked for its right before it is signed.

use std::collections::BTreeSet;

use tern_crdt::annotation::fold::{Said, Stands};
use tern_crdt::annotation::{Adaptation, Aliases, Deed, Reason, Translation};
use tern_crdt::identity::{DocumentId, EditionId, OrgId, RecordId};
use tern_crdt::practice::{Tag, Texts};
use tern_crdt::timestamp::Timestamp;

use crate::requests::Person;
use crate::search::Freshness;

mod acting;
mod looking;
mod telling;

pub use acting::{Say, Withdrawing};
pub use telling::{said_json, withdrawal_json};

/// Of what is said about one practice at most so many of a kind are told.
pub const TOLD_MAX: usize = 200;

/// Who said something, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct Word {
    /// The annotation.
    pub id: RecordId,
    /// Who signed it.
    pub by: Person,
    /// When, as is claimed.
    pub claimed: Timestamp,
}

/// A withdrawal.
#[derive(Clone, PartialEq, Debug)]
pub struct WithdrawalRead {
    /// Who withdrew it.
    pub word: Word,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub text: Texts,
    /// What to read instead.
    pub replaced_by: Option<OtherRead>,
    /// The numbers of the editions that it reaches, ascending.
    pub editions: Vec<u32>,
}

/// Another practice that is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherRead {
    /// Its id.
    pub id: DocumentId,
    /// Its title with its language, if it is held here and counts.
    pub title: Option<(Tag, String)>,
    /// The organisation that it comes from, if it is held here.
    pub org: Option<String>,
    /// Whether it is for members alone.
    pub members_only: bool,
}

/// "We use this too."
#[derive(Clone, PartialEq, Debug)]
pub struct AdaptationRead {
    /// Who does.
    pub word: Word,
    /// How.
    pub adaptation: Adaptation,
}

/// A translation.
#[derive(Clone, PartialEq, Debug)]
pub struct TranslationRead {
    /// Who translated.
    pub word: Word,
    /// What they wrote.
    pub translation: Translation,
    /// The edition that they translated, and its number if it is held.
    pub edition: (EditionId, Option<u32>),
    /// Keys of texts that the shown edition has differently.
    pub outdated: Vec<&'static str>,
    /// Keys of texts that it leaves out.
    pub missing: Vec<&'static str>,
}

/// That another entry tells of the same work.
#[derive(Clone, PartialEq, Debug)]
pub struct SameRead {
    /// Who says so.
    pub word: Word,
    /// In another practice.
    pub other: Option<OtherRead>,
    /// Under which names elsewhere.
    pub aliases: Aliases,
    /// Whether it is said of the other practice, and names this one.
    pub said_there: bool,
}

/// Everything that stands of what is said about a practice, for one of its editions.
#[derive(Clone, PartialEq, Debug)]
pub struct SaidRead {
    /// The withdrawal of the edition.
    pub withdrawal: Option<WithdrawalRead>,
    /// A withdrawal of other editions, where this one is not withdrawn.
    pub beside: Option<WithdrawalRead>,
    /// The last confirmation of the edition.
    pub confirmed: Option<(Word, Texts)>,
    /// When it was published or confirmed last.
    pub renewed: Timestamp,
    /// Whether that was lately.
    pub freshness: Freshness,
    /// Who uses it too, the last to say so first.
    pub adaptations: Vec<AdaptationRead>,
    /// Translations, by language, the one that is shown first.
    pub translations: Vec<TranslationRead>,
    /// Where else the same is told of.
    pub same: Vec<SameRead>,
}

/// How many organisations say that they use a practice too.
pub fn adapted(said: &Said) -> u32 {
    let adapted = said.stands.iter().filter(|one| matches!(one.body.deed, Deed::Adapt { .. }));
    let orgs: BTreeSet<OrgId> = adapted.map(|one| one.org).collect();
    u32::try_from(orgs.len()).unwrap_or(u32::MAX)
}

/// The translations that stand, by language: the one that is shown first. By people
/// before one that a machine made, then the last.
pub fn translations(said: &Said) -> Vec<(&Stands, Translation)> {
    let mut found: Vec<(&Stands, Translation)> = said
        .stands
        .iter()
        .filter_map(|one| match &one.body.deed {
            Deed::Translate { translation } => Some((one, Translation::from_tree(translation))),
            _ => None,
        })
        .collect();
    found.sort_by_cached_key(|(one, translation)| {
        let machine = translation.by.as_ref().is_some_and(|by| by.as_str() == "machine");
        let last = std::cmp::Reverse((one.body.claimed_at, one.id));
        (translation.language.clone(), machine, last)
    });
    found.truncate(TOLD_MAX);
    found
}
