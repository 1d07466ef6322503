//! What of a document counts: which of its changes are shown, and which of
//! those that are held stay outside the set.
//!
//! [`judge`] is a pure function of the authority set and of the changes and
//! signatures of one document: no clock, no beacon, no order of arrival. It is
//! one pass in causal order, and nothing refers back.
//!
//! - A change is *covered* when a signature of a certificate that counts, with
//!   the role, runs over it, and every cut that ended the certificate lists
//!   that signature or the run up to the change; else when somebody who may
//!   adopted it.
//! - It is a *member* of its set when it is covered, or when something covered
//!   builds on it: so that honest work on top of a revoked person's change is
//!   passed on with what it builds on, and can be adopted.
//! - It is *accepted* when it is covered, sound, on no losing branch, and all
//!   that it builds on is accepted.
//!
//! Two changes of one actor with one number are an *equivocation*: a cloned
//! machine, or malice. The branch with more support stands, the others are
//! kept for signing anew.
//!
//! What a change means, and whether it is sound, is the
//! [document](crate::document)'s question.

mod branches;
mod covering;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::{Authority, Role};
use crate::chunk::{ChangeMeta, Past};
use crate::edition::Edition;
use crate::identity::{ActorId, CertificateId, OrgId, RecordId, actor_id};
use crate::segment::Segment;
use crate::signed::Verified;
use covering::Covering;

/// The hash of a change.
pub type Hash = [u8; 32];

/// A signature over a run of changes of one actor: a segment, or an edition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The id of the signed record.
    pub id: RecordId,
    /// The certificate.
    pub by: CertificateId,
    /// Whose changes.
    pub actor: ActorId,
    /// The number of the first.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// The hash of the last.
    pub head: Hash,
}

impl Signature {
    /// What an edition signs: one change.
    pub fn of_edition(authority: &Authority, edition: &Verified<Edition>) -> Self {
        let body = edition.body();
        let actor = actor_id(authority.federation(), body.practice, body.by, &body.nonce);
        Self { id: edition.id(), by: body.by, actor, first: 1, last: 1, head: body.change }
    }

    /// What the segment of this id signs.
    pub fn of_segment(authority: &Authority, id: RecordId, body: &Segment) -> Self {
        Self {
            id,
            by: body.by,
            actor: body.actor(authority.federation()),
            first: body.first,
            last: body.last,
            head: body.head,
        }
    }
}

/// A document as it is held.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its id.
    pub document: &'a [u8; 32],
    /// Who may adopt: of a practice the organisation that founded it, of a
    /// draft those of its audience.
    pub home: &'a [OrgId],
    /// What signing, and adopting at home, asks for: publisher for a practice,
    /// contributor for a draft.
    pub role: Role,
    /// Its changes.
    pub past: &'a Past,
    /// The signatures over them: whole ones.
    pub signatures: &'a [Signature],
    /// Changes that are not sound.
    pub unsound: &'a BTreeSet<Hash>,
}

/// Why a change that is in the set is not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quarantine {
    /// Its certificate was revoked, and the cut does not list it; it is kept
    /// because others built on it.
    Revoked {
        /// The certificate.
        certificate: CertificateId,
        /// The revocation, or the removal of its organisation.
        by: RecordId,
    },
    /// Nobody who may signed it.
    Unsigned,
    /// Its content does not keep the schema.
    Unsound,
    /// Another change of its author with the same number stands.
    LosingBranch {
        /// Which.
        instead: Hash,
    },
    /// It builds on a change that is not accepted.
    BuildsOn(Hash),
}

/// What becomes of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Shown.
    Accepted,
    /// Shown, as adopted by this record's signer.
    Adopted(RecordId),
    /// In the set, not shown.
    Quarantined(Quarantine),
    /// In no set, not shown.
    Refused(Quarantine),
}

impl Verdict {
    /// Whether the change is shown.
    pub const fn is_shown(&self) -> bool {
        matches!(self, Self::Accepted | Self::Adopted(_))
    }

    /// Whether the change is in the set.
    pub const fn is_member(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// The verdict on each change of a document, by its hash.
pub fn judge(authority: &Authority, held: &Held<'_>) -> BTreeMap<Hash, Verdict> {
    let order = Order::of(held.past);
    let covering = Covering::of(authority, held, &order);
    let members = order.with_pasts(|place| covering.counts(place));
    let losing = branches::losing(authority, &order, &covering, &members);
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(order.changes.len());
    for (place, change) in order.changes.iter().enumerate() {
        let broken = order.deps[place].iter().find(|dep| !verdicts[**dep].is_shown());
        let why = if let Some(why) = covering.why_not(place) {
            Some(why)
        } else if held.unsound.contains(&change.hash) {
            Some(Quarantine::Unsound)
        } else if let Some(instead) = losing.get(&place) {
            Some(Quarantine::LosingBranch { instead: order.changes[*instead].hash })
        } else {
            broken.map(|dep| Quarantine::BuildsOn(order.changes[*dep].hash))
        };
        verdicts.push(match (why, covering.adopted(place)) {
            (Some(why), _) if members[place] => Verdict::Quarantined(why),
            (Some(why), _) => Verdict::Refused(why),
            (None, Some(by)) => Verdict::Adopted(by),
            (None, None) => Verdict::Accepted,
        });
    }
    order.changes.iter().map(|change| change.hash).zip(verdicts).collect()
}

/// The changes of a document in the order (depth, hash), by place.
struct Order<'a> {
    changes: Vec<&'a ChangeMeta>,
    deps: Vec<Vec<usize>>,
    places: BTreeMap<Hash, usize>,
}

impl<'a> Order<'a> {
    fn of(past: &'a Past) -> Self {
        let mut changes: Vec<&ChangeMeta> = past.metas().iter().collect();
        changes.sort_unstable_by_key(|change| (change.depth, change.hash));
        let places: BTreeMap<Hash, usize> =
            changes.iter().enumerate().map(|(place, change)| (change.hash, place)).collect();
        let deps = changes
            .iter()
            .map(|change| change.deps.iter().filter_map(|dep| places.get(dep).copied()).collect())
            .collect();
        Self { changes, deps, places }
    }

    /// The change before this one of its actor.
    fn previous(&self, place: usize) -> Option<usize> {
        let change = self.changes[place];
        self.deps[place].iter().copied().find(|dep| {
            self.changes[*dep].actor == change.actor && self.changes[*dep].seq + 1 == change.seq
        })
    }

    /// The changes of an actor from `head`, which has the number `last`, back
    /// to the number `first`.
    fn chain(&self, actor: &ActorId, first: u64, last: u64, head: &Hash) -> Vec<usize> {
        let mut at = self.places.get(head).copied();
        at = at.filter(|place| {
            self.changes[*place].actor == *actor && self.changes[*place].seq == last
        });
        let mut chain = Vec::new();
        while let Some(place) = at.filter(|place| self.changes[*place].seq >= first) {
            chain.push(place);
            at = self.previous(place);
        }
        chain
    }

    /// Those of which `begins` is true, and all in their pasts.
    fn with_pasts(&self, begins: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut found = vec![false; self.changes.len()];
        for place in (0..self.changes.len()).rev() {
            found[place] |= begins(place);
            if found[place] {
                self.deps[place].iter().for_each(|dep| found[*dep] = true);
            }
        }
        found
    }

    /// A change and all that builds on it.
    fn with_followers(&self, of: usize) -> Vec<bool> {
        let mut found = vec![false; self.changes.len()];
        found[of] = true;
        for place in of + 1..self.changes.len() {
            found[place] = self.deps[place].iter().any(|dep| found[*dep]);
        }
        found
    }
}
