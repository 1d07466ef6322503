//! Putting names to what stands: who said it, and which editions and other practices it
//! names.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::annotation::fold::Stands;
use tern_crdt::annotation::{Adaptation, Aliases, Deed, Remark, Translation};
use tern_crdt::identity::{DocumentId, EditionId, OrgId, RecordId};
use tern_crdt::practice::Practice;

use super::{
    AdaptationRead, OtherRead, SaidRead, SameRead, TOLD_MAX, TranslationRead, WithdrawalRead, Word,
    translations,
};
use crate::accounts::failed;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::reading::{EditionRead, PracticeRead, Verdict};
use crate::requests::Person;
use crate::reviews::person;
use crate::running::Node;
use crate::search::Freshness;

/// Names for what is said, in one look.
#[derive(Default)]
struct Named {
    people: BTreeMap<RecordId, Person>,
    /// Of other practices: those that are named, and those that name this one with what
    /// they say.
    others: BTreeMap<DocumentId, Option<PracticeRead>>,
    naming: Vec<(DocumentId, Stands)>,
}

fn names(replica: &NodeReplica, read: &PracticeRead) -> Result<Named, OpError> {
    let library = replica.library();
    let stands = || read.said.stands.iter();
    let replaced = stands().filter_map(|one| match &one.body.deed {
        Deed::Withdraw { replaced_by, .. } => *replaced_by,
        _ => None,
    });
    let same = stands().filter_map(|one| match &one.body.deed {
        Deed::SameAs { practice, .. } => *practice,
        _ => None,
    });
    let mut wanted: Vec<DocumentId> = replaced.chain(same.take(TOLD_MAX)).collect();
    wanted.extend(read.named_by.iter().take(TOLD_MAX));
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
    Ok(OtherRead { id, title: said.own_title(), org, members_only: said.is_for_members() })
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
        let named = match read.said.stands.is_empty() && read.named_by.is_empty() {
            true => Named::default(),
            false => {
                let of = read.clone();
                self.handle().read(move |replica| names(replica, &of)).await??
            }
        };
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
                Deed::SameAs { practice, aliases } if told.same.len() < TOLD_MAX => {
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
        let room = TOLD_MAX.saturating_sub(told.same.len());
        for (there, one) in named.naming.iter().take(room) {
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
        let reached =
            |edition: &&EditionRead| read.said.withdrawn.get(&edition.id) == Some(&one.id);
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
            let practices: BTreeSet<DocumentId> = authority
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
