//! What organisations say about practices, as this node knows it: withdrawn,
//! confirmed, used elsewhere too, translated, told of elsewhere too.
//!
//! What stands is the fold's ([`tern_crdt::annotation::fold`]), and part of every
//! practice that is [read](PracticeRead::said). Here names are put to it, and what it
//! names besides: editions by number, other practices by title. What is written here
//! ([`acting`]) is asked for its right before it is signed.

use std::collections::BTreeMap;

use tern_crdt::annotation::fold::{Said, Stands};
use tern_crdt::annotation::{Adaptation, Aliases, Deed, Reason, Remark, Translation};
use tern_crdt::identity::{DocumentId, EditionId, OrgId, RecordId};
use tern_crdt::practice::{Practice, Tag, Texts};
use tern_crdt::timestamp::Timestamp;

use crate::accounts::failed;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::reading::{PracticeRead, Verdict};
use crate::requests::Person;
use crate::reviews::person;
use crate::running::Node;
use crate::search::Freshness;

mod acting;
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
    let orgs: std::collections::BTreeSet<OrgId> = adapted.map(|one| one.org).collect();
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

/// Names for what is said, in one look.
struct Named {
    people: BTreeMap<RecordId, Person>,
    /// Of other practices: those that are named, and those that name this one with what
    /// they say.
    others: BTreeMap<DocumentId, Option<PracticeRead>>,
    naming: Vec<(DocumentId, Stands)>,
}

fn names(replica: &NodeReplica, read: &PracticeRead) -> Result<Named, OpError> {
    let library = replica.library();
    let mut wanted: Vec<DocumentId> = read
        .said
        .stands
        .iter()
        .filter_map(|one| match &one.body.deed {
            Deed::Withdraw { replaced_by, .. } => *replaced_by,
            Deed::SameAs { practice, .. } => *practice,
            _ => None,
        })
        .collect();
    let naming = library.annotations().same_as(&read.id);
    wanted.extend(naming.iter().take(TOLD_MAX));
    let (mut others, mut there) = (BTreeMap::new(), Vec::new());
    for id in wanted {
        if others.contains_key(&id) || id == read.id {
            continue;
        }
        let other = PracticeRead::look(library, &id).map_err(failed)?;
        for one in other.iter().flat_map(|other| &other.said.stands) {
            let names_this = matches!(
                one.body.deed, Deed::SameAs { practice: Some(practice), .. } if practice == read.id
            );
            if names_this {
                there.push((id, one.clone()));
            }
        }
        others.insert(id, other);
    }
    let all = read.said.stands.iter().chain(there.iter().map(|(_, one)| one));
    let people = all.map(|one| (one.id, person(replica, &one.body.by))).collect();
    Ok(Named { people, others, naming: there })
}

/// Another practice, as it is named.
async fn other(node: &Node, named: &Named, id: DocumentId) -> Result<OtherRead, OpError> {
    let unknown = OtherRead { id, title: None, org: None, members_only: false };
    let Some(Some(read)) = named.others.get(&id) else { return Ok(unknown) };
    let org = Some(read.origin.name.clone());
    let content = node.reading().content(read, read.latest()).await?;
    if content.verdict == Verdict::Quarantined {
        return Ok(OtherRead { org, ..unknown });
    }
    let said = &content.practice;
    let best = said.title.best(&[], said.original_language.as_ref());
    Ok(OtherRead {
        id,
        title: best.map(|(tag, text)| (tag.clone(), text.to_owned())),
        org,
        members_only: said.visibility.as_str() != "public",
    })
}

impl Node {
    /// Everything that stands of what is said about a practice, for the edition at a
    /// place, which says `content`.
    ///
    /// # Errors
    /// The store's.
    pub async fn said(
        &self,
        read: &PracticeRead,
        at: usize,
        content: &Practice,
    ) -> Result<SaidRead, OpError> {
        let of = read.clone();
        let named = self.handle().read(move |replica| names(replica, &of)).await??;
        let word = |one: &Stands| {
            let by = named.people.get(&one.id).cloned();
            let claimed = one.body.claimed_at;
            by.map(|by| Word { id: one.id, by, claimed })
        };
        let edition = read.editions[at].id;
        let now = now();
        let renewed = read.renewed(at, now);
        let mut told = SaidRead {
            withdrawal: None,
            beside: None,
            confirmed: None,
            renewed,
            freshness: Freshness::of(renewed.0.div_euclid(1_000), now.0.div_euclid(1_000)),
            adaptations: Vec::new(),
            translations: Vec::new(),
            same: Vec::new(),
        };
        if let Some(one) = read.withdrawal(at) {
            told.withdrawal = self.withdrawal(read, &named, one).await?;
        } else {
            let others = read.said.withdrawn.values().filter_map(|id| read.said.get(id));
            if let Some(one) = others.max_by_key(|one| (one.body.claimed_at, one.id)) {
                told.beside = self.withdrawal(read, &named, one).await?;
            }
        }
        if let Some(one) = read.said.confirmation(&edition)
            && let Deed::Confirm { note } = &one.body.deed
        {
            told.confirmed = word(one).map(|word| (word, Remark::from_tree(note).text));
        }
        for one in &read.said.stands {
            let Some(word) = word(one) else { continue };
            match &one.body.deed {
                Deed::Adapt { adaptation } => {
                    let adaptation = Adaptation::from_tree(adaptation);
                    told.adaptations.push(AdaptationRead { word, adaptation });
                }
                Deed::SameAs { practice, aliases } => {
                    let other = match practice.filter(|id| *id != read.id) {
                        Some(id) => Some(other(self, &named, id).await?),
                        None => None,
                    };
                    let aliases = Aliases::from_tree(aliases);
                    told.same.push(SameRead { word, other, aliases, said_there: false });
                }
                _ => {}
            }
        }
        for (there, one) in &named.naming {
            let Some(word) = word(one) else { continue };
            let other = Some(other(self, &named, *there).await?);
            let aliases = Aliases::default();
            told.same.push(SameRead { word, other, aliases, said_there: true });
        }
        told.adaptations.sort_by_key(|one| std::cmp::Reverse((one.word.claimed, one.word.id)));
        told.adaptations.truncate(TOLD_MAX);
        told.same.truncate(TOLD_MAX);
        for (one, translation) in translations(&read.said) {
            let Some(word) = word(one) else { continue };
            told.translations.push(self.translation(read, word, one, translation, content).await?);
        }
        Ok(told)
    }

    /// A withdrawal that stands.
    async fn withdrawal(
        &self,
        read: &PracticeRead,
        named: &Named,
        one: &Stands,
    ) -> Result<Option<WithdrawalRead>, OpError> {
        let Deed::Withdraw { reason, replaced_by, why, .. } = &one.body.deed else {
            return Ok(None);
        };
        let Some(by) = named.people.get(&one.id).cloned() else { return Ok(None) };
        let replaced_by = match replaced_by {
            Some(id) => Some(other(self, named, *id).await?),
            None => None,
        };
        let reached = |edition: &&crate::reading::EditionRead| {
            read.said.withdrawn.get(&edition.id) == Some(&one.id)
        };
        let editions = read.editions.iter().filter(reached);
        Ok(Some(WithdrawalRead {
            word: Word { id: one.id, by, claimed: one.body.claimed_at },
            reason: *reason,
            text: Remark::from_tree(why).text,
            replaced_by,
            editions: editions.map(|edition| edition.statement().number).collect(),
        }))
    }

    async fn translation(
        &self,
        read: &PracticeRead,
        word: Word,
        one: &Stands,
        translation: Translation,
        shown: &Practice,
    ) -> Result<TranslationRead, OpError> {
        let edition = one.body.editions.first().copied().unwrap_or(EditionId::new([0; 32]));
        let place = read.editions.iter().position(|held| held.id == edition);
        let (mut number, mut outdated) = (None, Vec::new());
        if let Some(place) = place {
            number = Some(read.editions[place].statement().number);
            let translated = self.reading().content(read, place).await?;
            if translated.verdict != Verdict::Quarantined {
                outdated = translation.outdated(&translated.practice, shown);
            }
        }
        let missing = translation.missing(shown);
        let edition = (edition, number);
        Ok(TranslationRead { word, translation, edition, outdated, missing })
    }

    /// What an organisation says that it uses too: each practice with how, the last to
    /// be said first.
    ///
    /// # Errors
    /// The store's.
    pub async fn adapted_by(
        &self,
        org: OrgId,
    ) -> Result<Vec<(OtherRead, AdaptationRead)>, OpError> {
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            let practices: std::collections::BTreeSet<DocumentId> = authority
                .certificates()
                .filter(|(_, granted)| granted.org == org)
                .flat_map(|(id, _)| library.annotations().by(&id).collect::<Vec<_>>())
                .collect();
            let mut found = Vec::new();
            for id in practices.into_iter().take(TOLD_MAX) {
                let Some(read) = PracticeRead::look(library, &id).map_err(failed)? else {
                    continue;
                };
                for one in read.said.stands.iter().filter(|one| one.org == org) {
                    if let Deed::Adapt { adaptation } = &one.body.deed {
                        let by = person(replica, &one.body.by);
                        let word = Word { id: one.id, by, claimed: one.body.claimed_at };
                        let adaptation = Adaptation::from_tree(adaptation);
                        found.push((read.clone(), AdaptationRead { word, adaptation }));
                    }
                }
            }
            Ok::<_, OpError>(found)
        };
        let mut told = Vec::new();
        for (read, one) in self.handle().read(look).await?? {
            let id = read.id;
            let others = BTreeMap::from([(id, Some(read))]);
            let named = Named { people: BTreeMap::new(), others, naming: Vec::new() };
            told.push((other(self, &named, id).await?, one));
        }
        told.sort_by_key(|(_, one)| std::cmp::Reverse((one.word.claimed, one.word.id)));
        Ok(told)
    }
}
