//! A federation that governs itself: its charter, who belongs, whose keys act.
//!
//! The rules are the authority's. Here a person's wish becomes the statement
//! that the rules ask for, with everything that it has to name: the charter
//! before, the roster records that must not fall, what stands of a key that
//! ends. What waits for approvals is told so that a person can decide: who
//! has approved, whose word is missing, what would change, and whom a
//! newcomer could be mistaken for.
//!
//! Not here: how words come in and go out (`operator`, `service`), and
//! founding, inviting and joining ([`members`](crate::members)).
//!
//! Invariants:
//! - nothing is signed but by the organisation's root key, for an account
//!   with the role: a steward's for what the stewards decide, an operator's
//!   for what the organisation does to itself;
//! - an organisation never approves two charters of one number of which
//!   neither knows the other;
//! - a decision that is proposed already is approved, not proposed again.

mod certificates;
mod charter;
mod clearance;
mod cut;
mod ends;
mod finding;
mod fingerprint;
mod granting;
mod leaving;
mod letters;
mod likeness;
mod pending;
mod policies;
mod proposing;
mod recovered;
mod roster;

#[cfg(test)]
mod tests;

use tern_crdt::authority::{Authority, Role, Standing};
use tern_crdt::identity::OrgId;

use crate::accounts::Account;
use crate::ops::{ErrorCode, OpError};
use crate::reading::org_name;

pub use certificates::{CertificateState, Ended, Revoked, reason_code, revoke_reason};
pub(crate) use certificates::{entry_number, has_operator, has_room, state};
#[cfg(test)]
pub(crate) use charter::next;
pub use charter::{Amendment, Change, Version, changes, versions};
pub use ends::BEACONS_AHEAD_MAX;
pub(crate) use ends::{ending_soon, is_over, last_beacon, left};
pub use finding::{certificate_called, org_called};
pub use fingerprint::{grouped, of_federation, of_key};
pub(crate) use granting::{certificate_with, objects};
pub(crate) use leaving::LEAVING;
pub use likeness::{Alike, Likeness};
pub use pending::{Kind, Pending, pending, waiting_here, with_likeness};
pub use policies::{POLICY_TEXT_BYTES_MAX, known_policies, policy_name};
pub(crate) use recovered::{certificates_before, has_recovered};
pub(crate) use roster::standing_reason;
pub use roster::{Decided, Decision};

fn refused(code: ErrorCode, what: impl Into<String>) -> OpError {
    OpError::new(code, what)
}

/// An organisation in a sentence: its name, or what is seen of its id.
pub(crate) fn called(authority: &Authority, org: OrgId) -> String {
    let name = org_name(authority, org).name;
    if name.is_empty() { format!("{org:?}") } else { name }
}

/// Organisations in a sentence.
fn all_called(authority: &Authority, orgs: impl IntoIterator<Item = OrgId>) -> String {
    orgs.into_iter().map(|org| called(authority, org)).collect::<Vec<_>>().join(", ")
}

/// Whether an account may speak for a steward: it has the role, and its
/// organisation is one.
///
/// # Errors
/// Says which is missing, and who decides instead.
pub(crate) fn speaks_for_steward(
    authority: &Authority,
    account: &Account,
    own: OrgId,
) -> Result<(), OpError> {
    account.certificate_for(authority, Role::Steward)?;
    if authority.stewards().any(|steward| steward == own) {
        return Ok(());
    }
    let what = format!(
        "{} is no steward, and the stewards decide who belongs: ask {}",
        called(authority, own),
        all_called(authority, authority.stewards())
    );
    Err(refused(ErrorCode::NotAllowed, what))
}

/// The word for where an organisation stands.
pub(crate) const fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Proposed { .. } => "waiting",
        Standing::Member => "member",
        Standing::Suspended => "suspended",
        Standing::Left => "left",
        Standing::Removed => "removed",
    }
}
