//! What links cost.

use super::Seconds;

/// This month's bytes that cost money, for a line on every page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkMonth {
    /// So many, both ways.
    pub bytes: u64,
    /// So many may be.
    pub allowance: Option<u64>,
    /// What they cost, with its currency; where somebody said a price.
    pub bill: Option<String>,
    /// Whether requests and answers alone move until the month ends.
    pub used_up: bool,
    /// When the next month begins.
    pub ends: Seconds,
}

/// What links beyond the local network are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LinkClass {
    /// Bytes cost nothing.
    Free,
    /// Bytes cost money.
    #[default]
    Metered,
    /// The same, and far.
    Satellite,
}

/// Bytes of this month for one purpose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkSpent {
    /// What for: `requests`, `library`, `authority`, `finding`, `transport`.
    pub purpose: &'static str,
    /// Over links that cost money.
    pub costly: u64,
    /// Over others.
    pub free: u64,
}

/// What this node has to tell at its next contact, as far as it knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkWaits {
    /// Requests, answers, and word of them.
    pub requests: u64,
    /// Practices and other public records.
    pub library: u64,
    /// Records of who may say what.
    pub authority: u64,
    /// About so many bytes, where they could be counted.
    pub bytes: Option<u64>,
}

/// The page of what links cost.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Links {
    /// What is taken for true.
    pub class: LinkClass,
    /// Whether somebody said so.
    pub said: bool,
    /// This month.
    pub month: LinkMonth,
    /// Links that were opened this month and cost money.
    pub contacts: u32,
    /// Where the bytes went, in the order in which it is told.
    pub spent: Vec<LinkSpent>,
    /// Over links that cost nothing, all purposes together.
    pub free_bytes: u64,
    /// When contact was last made, since this node started.
    pub last: Option<Seconds>,
    /// When it is made next.
    pub next: Option<Seconds>,
    /// Whether it is being made now.
    pub in_contact: bool,
    /// What waits for it.
    pub waits: LinkWaits,
    /// What was said, as it was typed.
    pub typed: SayLinks,
    /// Whether this reader may make contact now.
    pub may_contact: bool,
    /// Whether this reader may say what links cost.
    pub may_say: bool,
}

/// What somebody types about links; what is empty is not said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SayLinks {
    /// `broadband`, `metered` or `satellite`.
    pub class: String,
    /// For a megabyte, with at most two decimals.
    pub price: String,
    /// Of the price.
    pub currency: String,
    /// Whole megabytes in a calendar month.
    pub monthly_mb: String,
    /// Between two contacts: `30m`, `4h`, `1d`.
    pub every: String,
    /// The first hour of contacts, in UTC.
    pub from: String,
    /// The last one.
    pub to: String,
}

impl SayLinks {
    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
