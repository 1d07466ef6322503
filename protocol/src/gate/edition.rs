//! Which editions are held, and which give way when a practice is full.
//!
//! Everything here is a question about the edition, what it follows, and who
//! may publish: never about what else is held or when it came, so that all
//! nodes hold the same.

use std::collections::BTreeSet;

use tern_crdt::authority::{Forbidden, Role};
use tern_crdt::chunk::{self, DOCUMENT_BYTES_MAX, DOCUMENT_OPERATIONS_MAX, Past};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{DocumentId, EditionId, actor_id, document_id};
use tern_crdt::signed::Verified;
use tern_crdt::verdict::Signature;

use super::GateRefused;
use crate::ledger::{EditionEntry, PracticeEntry};
use crate::library::Library;
use crate::limits::{ASIDE_PRACTICES_MAX, EDITIONS_MAX};
use crate::step::Change;
use crate::store::{Store, StoreError};

impl<S: Store> Library<S> {
    pub(super) fn admit_edition(
        &mut self,
        statement: &Verified<Edition>,
        change: &[u8],
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let practice = statement.body().practice;
        let id: EditionId = statement.id().cast();
        let held = self.ledger().practice_with_aside(&practice)?;
        if held.as_ref().is_some_and(|held| held.edition(&id).is_some()) {
            return Ok(Ok(Change::Known));
        }
        let (mut entry, counts) = match self.judge_edition(statement, change, held) {
            Ok(judged) => judged,
            Err(refused) => return Ok(Err(refused)),
        };
        if !counts || entry.aside.is_some() {
            let signature = Signature::of_edition(self.authority(), statement);
            self.sort_aside(&practice, &mut entry, Some(&signature))?;
            if entry.aside.iter().flatten().any(|edition| edition.id == id) {
                return Ok(self.put_aside(&practice, &entry, statement, change));
            }
        }
        let over = give_way(&mut entry);
        if over.contains(&id) {
            return Ok(Err(GateRefused::Crowded));
        }
        self.put_edition(&practice, &entry, statement, change);
        over.iter().for_each(|edition| self.drop_edition(&practice, edition));
        Ok(Ok(Change::Edition(practice, id)))
    }

    /// Keeps an edition that does not count, in case that somebody adopts it or
    /// one that counts builds on it.
    fn put_aside(
        &mut self,
        practice: &DocumentId,
        entry: &PracticeEntry,
        statement: &Verified<Edition>,
        change: &[u8],
    ) -> Result<Change, GateRefused> {
        let crowded = entry.all().count() > EDITIONS_MAX
            || entry.editions.is_empty() && self.aside.len() >= ASIDE_PRACTICES_MAX;
        if crowded {
            return Err(GateRefused::Crowded);
        }
        self.put_edition(practice, entry, statement, change);
        Ok(Change::Other(statement.id()))
    }

    /// The practice's entry with the edition in it, if it may be held, and
    /// whether what its certificate signed counts.
    fn judge_edition(
        &self,
        statement: &Verified<Edition>,
        change: &[u8],
        held: Option<PracticeEntry>,
    ) -> Result<(PracticeEntry, bool), GateRefused> {
        let edition = statement.body();
        let federation = self.authority().federation();
        let refused = |rule| Err(GateRefused::Edition(rule));
        let Some(key) = statement.only_signer() else {
            return refused("it has more than one signature");
        };
        let id = statement.id();
        let role = Some(Role::Publisher);
        let about = Some(edition.practice.as_bytes());
        let counted = self.authority().counts_about(edition.by, key, role, id.as_bytes(), about);
        let counts = counted.is_ok();
        let granted = match counted {
            Err(Forbidden::Revoked { certificate, .. }) => {
                self.authority().certificate(&certificate)
            }
            counted => Some(counted?),
        };
        let founder = held.as_ref().map_or(edition.by, |held| held.founder);
        if self.authority().is_erased(edition.practice.as_bytes(), founder) {
            return Err(GateRefused::Erased);
        }
        if edition.number == 1 {
            if document_id(federation, edition.by, &edition.nonce) != edition.practice {
                return refused("it claims a practice that its certificate did not found");
            }
        } else if held.is_none() {
            return Err(GateRefused::NotYet("an earlier edition"));
        }
        let origin = self.authority().certificate(&founder).map(|founder| founder.org);
        if origin.is_none() || origin != granted.map(|granted| granted.org) {
            return refused(
                "only publishers of the organisation that founded a practice publish its editions",
            );
        }
        let mut entry = held.unwrap_or(PracticeEntry::new(founder));
        let previous: Option<Vec<&EditionEntry>> =
            edition.previous.iter().map(|id| entry.edition(id)).collect();
        let previous = previous.ok_or(GateRefused::NotYet("an earlier edition"))?;
        let number = previous.iter().map(|previous| previous.number).max().unwrap_or(0) + 1;
        if edition.number != number {
            return refused("its number does not follow from those before it");
        }
        let chunk = chunk::read(change)?;
        if chunk.hash() != edition.change {
            return refused("its change is not the one that was signed");
        }
        let mut deps: Vec<_> = previous.iter().map(|previous| previous.change.hash).collect();
        deps.sort_unstable();
        if chunk.deps() != deps {
            return refused("its change builds on other editions than it names");
        }
        if chunk.seq() != 1 {
            return refused("its change is not the only one of its actor");
        }
        let actor = actor_id(federation, edition.practice, edition.by, &edition.nonce);
        let change = chunk::hold(&chunk, &past_of(&entry, &deps), Some(&actor))?;
        let (id, received) = (statement.id().cast(), self.now);
        entry.editions.push(EditionEntry { id, number, change, received });
        Ok((entry, counts))
    }
}

/// The changes that are reached by these: the past of a change that follows
/// them, whatever else the practice has.
fn past_of(entry: &PracticeEntry, deps: &[[u8; 32]]) -> Past {
    let mut reached: BTreeSet<[u8; 32]> = deps.iter().copied().collect();
    // Each has a larger number than those that it follows.
    let mut all: Vec<&EditionEntry> = entry.all().collect();
    all.sort_unstable_by_key(|edition| std::cmp::Reverse(edition.number));
    for edition in &all {
        if reached.contains(&edition.change.hash) {
            reached.extend(&edition.change.deps);
        }
    }
    let changes = all.iter().map(|edition| &edition.change);
    Past::from_metas(changes.filter(|change| reached.contains(&change.hash)).cloned().collect())
}

/// Keeps a practice bounded: an edition is held while those before it, by
/// number and id, do not exceed the bounds of a document. So the first of
/// those that exceed them is still held, and shows every node where the others
/// end, whatever the order in which they came. What an edition follows has a
/// smaller number, so nothing that is held builds on what is not.
fn give_way(entry: &mut PracticeEntry) -> BTreeSet<EditionId> {
    let mut order: Vec<&EditionEntry> = entry.editions.iter().collect();
    order.sort_unstable_by_key(|edition| (edition.number, edition.id));
    let (mut count, mut bytes, mut ops) = (0, 0, 0);
    let mut over = BTreeSet::new();
    for edition in order {
        if count >= EDITIONS_MAX || bytes > DOCUMENT_BYTES_MAX || ops > DOCUMENT_OPERATIONS_MAX {
            over.insert(edition.id);
        }
        count += 1;
        bytes += u64::from(edition.change.bytes);
        ops += edition.change.ops;
    }
    entry.editions.retain(|edition| !over.contains(&edition.id));
    // What is aside takes what room is left.
    let room = EDITIONS_MAX.saturating_sub(entry.editions.len());
    if let Some(aside) = &mut entry.aside {
        over.extend(aside.drain(room.min(aside.len())..).map(|edition| edition.id));
    }
    entry.aside = entry.aside.take().filter(|aside| !aside.is_empty());
    over
}
