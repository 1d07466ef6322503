//! How much was said in a round, and how much is asked for.

use crate::identity::RecordId;
use crate::review::NoReview;

/// What somebody who is invited said last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// Nothing.
    None,
    /// Nothing, and the board waits no longer, or their certificate ended.
    Released,
    /// Will review, in this event.
    Accepted(RecordId),
    /// Will not, in this event.
    Declined(RecordId, NoReview),
}

/// How many reviews there are in a round, and how many are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Internal reviews.
    pub internal: u64,
    /// External ones.
    pub external: u64,
    /// Internal ones that the policy asks for.
    pub internal_least: u64,
    /// External ones.
    pub external_least: u64,
    /// How many are asked for in all when they do not agree.
    pub divided_least: u64,
    /// Reviews that speak for a seal.
    pub speak_for: u64,
}

impl Tally {
    pub(super) const fn all(self) -> u64 {
        self.internal + self.external
    }

    pub(super) const fn quorum(self) -> bool {
        self.internal >= self.internal_least && self.external >= self.external_least
    }

    const fn agree(self) -> bool {
        self.speak_for == 0 || self.speak_for == self.all()
    }

    /// Whether the reviewers do not agree, and too few were heard for that.
    pub const fn is_divided(self) -> bool {
        self.quorum() && !self.agree() && self.all() < self.divided_least
    }

    /// Whether enough is said to decide.
    pub const fn is_met(self) -> bool {
        self.all() > 0 && self.quorum() && (self.agree() || self.all() >= self.divided_least)
    }

    /// Whether more speak for a seal than against it.
    pub const fn is_for(self) -> bool {
        self.speak_for * 2 > self.all()
    }
}
