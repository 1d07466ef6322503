//! The path that a parcel took, as receipts tell it.

use super::Party;
use crate::service::Seconds;

/// The path of one parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trail {
    /// What was carried.
    pub what: Carried,
    /// For whom.
    pub to: Party,
    /// What is known of its way, oldest first.
    pub steps: Vec<Step>,
}

/// What a parcel holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carried {
    /// The request.
    Request,
    /// A word about it: an acceptance, an award, a confirmation.
    Word,
    /// The answer.
    Answer,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What happened there.
    pub stage: Stage,
    /// The node's id.
    pub node: String,
    /// Its organisation's name; empty when unknown.
    pub organisation: String,
    /// When, by that node's clock.
    pub at: Seconds,
}

/// What happens to a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It was made and encrypted.
    Made,
    /// A node holds it that cannot read it.
    Carried,
    /// It reached a node that can.
    Arrived,
    /// Its reader opened it.
    Opened,
}

impl Stage {
    /// Its word in receipts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Carried => "carried",
            Self::Arrived => "arrived",
            Self::Opened => "opened",
        }
    }
}
