//! Expert cards: what an expert offers, as every node may know it.
//!
//! An [`ExpertCard`] is of class A: every node holds it, and matches requests
//! against it without telling anybody. It is signed by the expert's own key:
//! that signature is the consent to show what it says, on the day that it
//! names, and it ends with the card. A later card of the same certificate
//! takes the place of the earlier one ([`newest`]); one that says *removed*
//! carries nothing.
//!
//! A card is not a profile: contacts and a CV are of class D and stay on their
//! node. Whether the certificate has the role of an expert is the
//! [`authority`](crate::authority)'s question, and the name of the
//! organisation is its.

use crate::identity::{CertificateId, RecordId};
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

mod form;

pub use form::{CARD_BYTES_MAX, Card, Cost, HOURS_MAX, Skill, Spoken, Window, Years};

/// A card ends at most this many milliseconds after it was signed: twelve
/// months, counted as 366 days.
pub const CARD_LIFE_MAX: i64 = 366 * 24 * 60 * 60 * 1_000;
/// A card is due for renewal this many milliseconds (30 days) before it ends.
pub const CARD_RENEWAL: i64 = 30 * 24 * 60 * 60 * 1_000;
/// The cards of one certificate are numbered up to this.
pub const CARD_NUMBER_MAX: u32 = 1_000_000;

/// Whether a card takes part in matching.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Listing {
    /// It does.
    #[n(0)]
    Listed,
    /// Not for now.
    #[n(1)]
    Paused,
    /// Not any more; the statement says nothing else.
    #[n(2)]
    Removed,
}

/// What an expert offers, until when. Signed by the expert's own key.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct ExpertCard {
    /// Whose card this is, and who signs.
    #[n(0)]
    pub by: CertificateId,
    /// 1, then one more than the card whose place it takes; at most
    /// [`CARD_NUMBER_MAX`].
    #[n(1)]
    pub n: u32,
    /// Whether it takes part in matching.
    #[n(2)]
    pub state: Listing,
    /// What it says: a [`Card`], of at most [`CARD_BYTES_MAX`] bytes. Empty
    /// when removed.
    #[n(3)]
    pub card: Tree,
    /// When it was signed, by the expert's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
    /// When it ends: later than it was signed, and by at most
    /// [`CARD_LIFE_MAX`].
    #[n(5)]
    pub expires: Timestamp,
}

impl Statement for ExpertCard {
    const KIND: Kind = Kind::known("expert-card");

    fn check(&self) -> Result<(), &'static str> {
        if self.n == 0 || self.n > CARD_NUMBER_MAX {
            return Err("an expert card has a number from 1 to 1,000,000");
        }
        if self.card.check().is_err() || self.card.to_bytes().len() > CARD_BYTES_MAX {
            return Err("an expert card is longer than 1,500 bytes, or nested too deep");
        }
        if self.state == Listing::Removed && !self.card.0.is_empty() {
            return Err("a card that is removed still says something");
        }
        if !(1..=CARD_LIFE_MAX).contains(&self.expires.since(self.claimed_at)) {
            return Err("an expert card ends within 12 months after it was signed");
        }
        Ok(())
    }
}

impl ExpertCard {
    /// The card that takes the place of `before`, or the first one, as `by`
    /// signs it at `now`: it ends after [`CARD_LIFE_MAX`], and says nothing if
    /// it is removed.
    pub fn next(
        before: Option<&Self>,
        by: CertificateId,
        state: Listing,
        card: &Card,
        now: Timestamp,
    ) -> Self {
        let n = before.map_or(0, |before| before.n).saturating_add(1);
        let card = if state == Listing::Removed { Tree::default() } else { card.to_tree() };
        Self { by, n, state, card, claimed_at: now, expires: now.plus(CARD_LIFE_MAX) }
    }

    /// Whether a card that has not been removed should be signed anew: less
    /// than [`CARD_RENEWAL`] is left, or nothing.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state != Listing::Removed && self.expires.since(now) < CARD_RENEWAL
    }

    /// What it says, as a form.
    pub fn form(&self) -> Card {
        Card::from_tree(&self.card)
    }

    /// Whether it takes part in matching at `now`: it is listed and has not
    /// ended. A matter of this node's clock, never of a verdict.
    pub fn is_matched(&self, now: Timestamp) -> bool {
        self.state == Listing::Listed && now < self.expires
    }
}

/// The card that stands, of the cards of one certificate: the one with the
/// highest number; of several the one with the larger id. The same on every
/// node that holds the same cards, in whatever order they came. It may be
/// paused, removed or ended: then the expert is not matched, and no earlier
/// card is.
pub fn newest<'a>(
    cards: impl IntoIterator<Item = (RecordId, &'a ExpertCard)>,
) -> Option<(RecordId, &'a ExpertCard)> {
    cards.into_iter().max_by_key(|(id, card)| (card.n, *id))
}

#[cfg(test)]
mod tests;
