//! What waits for a person: one list, for the pages, the mail and the feed.
//!
//! Each thing has a key that stays the same for as long as it waits for the same:
//! the request that waits for an answer has another than the same request once
//! that answer is disputed. So whoever remembers keys tells new things from old
//! ones. A key is a hash, and says nothing of the thing to whoever reads it.
//!
//! What waits is worked out by the parts that decide it (whose turn a request is,
//! what an account may do in a review); nothing is decided here. It is worked out
//! once after each change: see [`Notices::changed`].
//!
//! [`Notices::changed`]: super::Notices::changed

use std::collections::BTreeMap;

use tern_crdt::authority::Role;
use tern_crdt::expert::Listing;
use tern_crdt::identity::digest;
use tern_crdt::timestamp::Timestamp;

use crate::accounts::Account;
use crate::driver::now;
use crate::governing;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::requests::{Seen, Turn};
use crate::running::Node;
use crate::search;

/// Things that one person is told of; of more the latest.
pub const WAITING_MAX: usize = 500;

/// Names a thing that waits, and that it waits for the same as before.
pub type Key = [u8; 16];

/// What kind of thing waits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A request for support waits for this expert, or desk.
    Asked,
    /// A request that was asked here waits for the asker's word.
    Own,
    /// A submission waits for a word: to accept, to review, to decide.
    Review,
    /// The clearance of a draft waits for a publisher, or for whoever asked for it.
    Clearance,
    /// A proposal waits for the approval of a steward.
    Approval,
    /// A report of a post waits for a moderator.
    Report,
    /// A practice of the organisation is to be confirmed.
    Practice,
    /// The person's expert card ends soon, or has ended.
    Card,
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Asked,
        Self::Own,
        Self::Review,
        Self::Clearance,
        Self::Approval,
        Self::Report,
        Self::Practice,
        Self::Card,
    ];

    /// Its word in JSON, in keys of sentences and in feeds.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Own => "own",
            Self::Review => "review",
            Self::Clearance => "clearance",
            Self::Approval => "approval",
            Self::Report => "report",
            Self::Practice => "practice",
            Self::Card => "card",
        }
    }
}

/// A thing that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waits {
    /// What kind.
    pub kind: Kind,
    /// Which, and for what it waits.
    pub key: Key,
    /// Since about when, by this node's clock.
    pub since: Timestamp,
}

impl Waits {
    fn new(kind: Kind, parts: &[&[u8]], since: Timestamp) -> Self {
        let parts = [&[kind.code().as_bytes()], parts].concat();
        let key = digest("tern/waits/v1", &parts);
        let mut short = Key::default();
        short.copy_from_slice(&key[..16]);
        Self { kind, key: short, since }
    }

    fn of_request(seen: &Seen, turn: Turn) -> Self {
        let kind = if turn.asks { Kind::Own } else { Kind::Asked };
        let news = seen.events.iter().map(|event| event.received).max();
        let count = (turn.count as u64).to_le_bytes();
        let id = seen.id();
        let parts: [&[u8]; 3] = [id.as_bytes(), turn.step.as_bytes(), &count];
        Self::new(kind, &parts, news.unwrap_or(seen.dossier.received))
    }
}

/// How many of each kind wait, and since when the last of them does.
pub fn by_kind(waits: &[Waits]) -> Vec<(Kind, u32, Timestamp)> {
    let mut counted: BTreeMap<Kind, (u32, Timestamp)> = BTreeMap::new();
    for one in waits {
        let (count, since) = counted.entry(one.kind).or_insert((0, one.since));
        *count += 1;
        *since = (*since).max(one.since);
    }
    counted.into_iter().map(|(kind, (count, since))| (kind, count, since)).collect()
}

/// Nothing, where the account has no part in it.
fn if_allowed<T: Default>(found: Result<T, OpError>) -> Result<T, OpError> {
    match found {
        Err(error) if error.code == ErrorCode::NotAllowed => Ok(T::default()),
        other => other,
    }
}

impl Node {
    /// All that waits for an account, the latest first.
    ///
    /// # Errors
    /// The store's or the index's, or the node is stopping.
    pub async fn waits_for(&self, account: &Account) -> Result<Vec<Waits>, OpError> {
        let generation = match self.waits_known(account) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let mut waits: Vec<Waits> = self.seen_by(account).await?.iter().filter_map(asked).collect();
        waits.extend(self.reviews_waiting(account).await?);
        for one in self.clearances(account, false).await? {
            let parts: [&[u8]; 2] = [one.draft.as_bytes(), one.step.id.as_bytes()];
            waits.push(Waits::new(Kind::Clearance, &parts, one.step.claimed_at));
        }
        waits.extend(self.approvals_waiting(account).await?);
        for report in if_allowed(self.reports(account).await)? {
            let parts: [&[u8]; 2] = [report.post.as_bytes(), report.account.as_bytes()];
            waits.push(Waits::new(Kind::Report, &parts, report.at));
        }
        waits.extend(self.practices_waiting(account).await?);
        waits.extend(self.card_waiting(account).await?);
        waits.sort_by_key(|one| (std::cmp::Reverse(one.since), one.kind, one.key));
        waits.truncate(WAITING_MAX);
        self.note_waits(account, generation, waits.clone());
        Ok(waits)
    }

    async fn reviews_waiting(&self, account: &Account) -> Result<Vec<Waits>, OpError> {
        let standing = self.review_standing(account).await?;
        if !standing.desk && standing.reviewers.is_empty() {
            return Ok(Vec::new());
        }
        let reviews = self.reviews().await?;
        let waits = reviews.iter().filter_map(|review| {
            let (may, state) = (review.may(&standing), review.case.state);
            let step = match may {
                _ if !may.waits(state) => return None,
                _ if may.answer => "answer",
                _ if may.review => "review",
                _ if may.decide => "decide",
                _ => "invite",
            };
            let parts: [&[u8]; 3] = [review.id.as_bytes(), step.as_bytes(), &[review.case.round]];
            Some(Waits::new(Kind::Review, &parts, review.case.since))
        });
        Ok(waits.collect())
    }

    async fn approvals_waiting(&self, account: &Account) -> Result<Vec<Waits>, OpError> {
        let account = account.clone();
        let look = move |replica: &NodeReplica| {
            if account.certificate_for(replica.library().authority(), Role::Steward).is_err() {
                return Vec::new();
            }
            let pending = governing::pending(replica).into_iter().filter(|one| one.is_for_us());
            let waits = pending.map(|one| {
                let parts: [&[u8]; 2] = [one.kind.code().as_bytes(), one.id.as_bytes()];
                Waits::new(Kind::Approval, &parts, one.since.unwrap_or(Timestamp(0)))
            });
            waits.collect()
        };
        Ok(self.handle().read(look).await?)
    }

    async fn practices_waiting(&self, account: &Account) -> Result<Vec<Waits>, OpError> {
        let (own, org) = (account.clone(), self.identity().org);
        let publishes = move |replica: &NodeReplica| {
            own.certificate_for(replica.library().authority(), Role::Publisher).is_ok()
        };
        if !self.handle().read(publishes).await? {
            return Ok(Vec::new());
        }
        let query = search::Query {
            origins: vec![org.to_string()],
            freshness: Some(search::Freshness::Stale),
            by_freshness: true,
            limit: search::HITS_MAX,
            ..search::Query::default()
        };
        let found = self.indexer().search(query).await?;
        let waits = found.hits.iter().map(|hit| {
            let renewed = hit.card.facts.renewed;
            let parts: [&[u8]; 2] = [hit.id.as_bytes(), &renewed.to_le_bytes()];
            let due = renewed.saturating_add(search::FRESH_FOR).saturating_mul(1_000);
            Waits::new(Kind::Practice, &parts, Timestamp(due))
        });
        Ok(waits.collect())
    }

    async fn card_waiting(&self, account: &Account) -> Result<Option<Waits>, OpError> {
        let (id, card) = match self.own_card(account).await {
            Ok((id, Some(card))) => (id, card),
            Ok((_, None)) => return Ok(None),
            Err(error) if error.code == ErrorCode::NotAllowed => return Ok(None),
            Err(error) => return Err(error),
        };
        let due = card.state == Listing::Listed && card.is_due(now());
        let parts: [&[u8]; 2] = [id.as_bytes(), &u64::from(card.n).to_le_bytes()];
        Ok(due.then(|| Waits::new(Kind::Card, &parts, card.claimed_at)))
    }
}

fn asked(seen: &Seen) -> Option<Waits> {
    seen.turn().map(|turn| Waits::of_request(seen, turn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_keeps_its_key_for_as_long_as_it_waits_for_the_same() {
        let key = |kind, step: &[u8], count: u64, since| {
            Waits::new(kind, &[&[7; 32], step, &count.to_le_bytes()], Timestamp(since)).key
        };
        let first = key(Kind::Asked, b"chosen", 0, 1);
        assert_eq!(first, key(Kind::Asked, b"chosen", 0, 9), "whenever it is looked");
        assert_ne!(first, key(Kind::Asked, b"chosen", 1, 1), "the answer is disputed");
        assert_ne!(first, key(Kind::Asked, b"asked", 0, 1), "for another step");
        assert_ne!(first, key(Kind::Own, b"chosen", 0, 1), "of another side");
    }

    #[test]
    fn what_waits_is_counted_by_kind_in_their_order() {
        let one = |kind, no: u8, since| Waits::new(kind, &[&[no]], Timestamp(since));
        let waits = [one(Kind::Card, 1, 5), one(Kind::Asked, 2, 3), one(Kind::Asked, 3, 4)];
        assert_eq!(
            by_kind(&waits),
            [(Kind::Asked, 2, Timestamp(4)), (Kind::Card, 1, Timestamp(5))]
        );
        assert!(Kind::ALL.is_sorted(), "in the order in which they are told");
    }
}
