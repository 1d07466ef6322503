//! Whom to ask: a request against the expert cards that this node holds.
//!
//! [`match_experts`] is pure, in whole numbers, and gives the same answer on
//! every node that holds the same cards. It runs where the request is
//! written, before anybody else knows of it. Every point is explained by a
//! [`Reason`]: a code with its data, from which a page makes a sentence
//! (Speaks French: 15 of 15).
//!
//! It does not judge people, and does not decide who does the work: it says
//! in which order to ask. Whether a certificate is live, and has the role of
//! an expert, is found before: only such candidates come in.
//!
//! - A total is the sum of its [`Part`]s, each from 0 to its weight, together
//!   at most 100. What the request leaves open counts in full for everybody.
//! - Who shares no objective with the request, or cannot read it, or cannot
//!   answer in a language that it wants, is left out with that reason, however
//!   well the rest fits.
//! - Saying more of what is asked never lowers a total.
//! - Of equals, an organisation that comes up less often before goes first;
//!   then the order is drawn by lot from the request, so that no certificate
//!   is ahead of another in every request.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::ask::Ask;
use tern_crdt::expert::{Card, ExpertCard, Listing};
use tern_crdt::identity::{CertificateId, OrgId, digest};
use tern_crdt::timestamp::Timestamp;

mod parts;

pub use parts::{Part, Points, Reason};

/// How many experts a routed request goes to at first.
pub const ROUTED_EXPERTS: usize = 3;

/// An expert who may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The organisation of their certificate, which is the card's `by`.
    pub organisation: OrgId,
    /// Its country (ISO 3166-1 alpha-2), if it says.
    pub country: Option<&'a str>,
    /// The card that stands (`tern_crdt::expert::newest`).
    pub card: &'a ExpertCard,
    /// How many requests are known to be in their hands.
    pub load: u32,
}

/// An expert who can be asked, with why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Whom to ask.
    pub certificate: CertificateId,
    /// Their organisation.
    pub organisation: OrgId,
    /// 0 to 100: the sum of the parts.
    pub total: u8,
    /// The points, in the order of [`Part::ALL`].
    pub parts: [Points; Part::ALL.len()],
}

/// Why somebody is not asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// The card is paused.
    Paused,
    /// The card was removed.
    Removed,
    /// The card ended at this moment.
    Ended(Timestamp),
    /// It shares no objective with the request.
    NoObjective,
    /// It has no language in which the request can be read.
    CannotRead,
    /// It has no language in which an answer is wanted.
    CannotAnswer,
}

impl Unfit {
    /// Its code, by which pages find their sentence.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Removed => "removed",
            Self::Ended(_) => "ended",
            Self::NoObjective => "no-objective",
            Self::CannotRead => "cannot-read",
            Self::CannotAnswer => "cannot-answer",
        }
    }
}

/// An expert who is not asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Who.
    pub certificate: CertificateId,
    /// Their organisation.
    pub organisation: OrgId,
    /// Why.
    pub why: Unfit,
}

/// Who fits a request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matching {
    /// Who can be asked, best first; each certificate once.
    pub found: Vec<Match>,
    /// Who cannot, ascending by certificate.
    pub left_out: Vec<LeftOut>,
}

impl Matching {
    /// The best `k`, or as many as there are: [`ROUTED_EXPERTS`] for a routed
    /// request.
    pub fn best(&self, k: usize) -> &[Match] {
        self.found.get(..k).unwrap_or(&self.found)
    }
}

/// Who of the candidates fits a request at `now`. The order in which they are
/// named changes nothing. Each certificate is named once; of one that is named
/// twice the better match stands.
pub fn match_experts(ask: &Ask, candidates: &[Candidate<'_>], now: Timestamp) -> Matching {
    let asked = digest("tern/matching/v1", &[&ask.to_tree().to_bytes()]);
    let mut found = Vec::new();
    let mut left_out = Vec::new();
    for candidate in candidates {
        let (certificate, organisation) = (candidate.card.by, candidate.organisation);
        match points(ask, candidate, now) {
            Ok(parts) => {
                let total = parts.iter().map(|part| part.points).sum();
                found.push(Match { certificate, organisation, total, parts });
            }
            Err(why) => left_out.push(LeftOut { certificate, organisation, why }),
        }
    }
    left_out.sort_by_key(|left| left.certificate);
    Matching { found: in_order(found, &asked), left_out }
}

fn points(
    ask: &Ask,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> Result<[Points; Part::ALL.len()], Unfit> {
    let ExpertCard { state, expires, .. } = candidate.card;
    match state {
        Listing::Removed => return Err(Unfit::Removed),
        Listing::Paused => return Err(Unfit::Paused),
        Listing::Listed if now >= *expires => return Err(Unfit::Ended(*expires)),
        Listing::Listed => {}
    }
    let card: Card = candidate.card.form();
    Ok([
        parts::objectives(ask, &card)?,
        parts::support(ask, &card),
        parts::languages(ask, &card)?,
        parts::country(ask, &card, candidate.country),
        parts::topics(ask, &card),
        parts::availability(ask, &card, now),
        parts::load(candidate.load),
    ])
}

/// Highest total first; of equals, who stands for an organisation that has
/// fewer places before; then by lot.
fn in_order(mut found: Vec<Match>, asked: &[u8; 32]) -> Vec<Match> {
    let lot = |one: &Match| digest("tern/matching/lot/v1", &[asked, one.certificate.as_bytes()]);
    found.sort_by_cached_key(|one| (Reverse(one.total), lot(one)));
    let mut named = BTreeSet::new();
    found.retain(|one| named.insert(one.certificate));
    // How many places each organisation has before, were it first of equals.
    let mut places: BTreeMap<OrgId, usize> = BTreeMap::new();
    let mut ordered: Vec<(Reverse<u8>, usize, Match)> = Vec::with_capacity(found.len());
    for one in found {
        let place = places.entry(one.organisation).or_default();
        ordered.push((Reverse(one.total), *place, one));
        *place += 1;
    }
    // Stable: what is equal stays in the order of the lot.
    ordered.sort_by_key(|(total, place, _)| (*total, *place));
    ordered.into_iter().map(|(_, _, one)| one).collect()
}

#[cfg(test)]
mod tests;
