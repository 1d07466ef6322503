//! The statements of the authority set, as they are signed.
//!
//! Numbers of fields are signed: never reuse one. What is optional here and
//! was not there in an earlier version is absent from what that version signed.

mod beacon;
mod charter;
mod clearance;
mod content;
mod cut;
mod orglog;
mod recovery;
mod roster;

pub use beacon::Beacon;
pub use charter::{Charter, POLICIES_MAX, Policies, RECORDS_LISTED_MAX};
pub use clearance::{ClearanceNeed, ClearancePolicy};
pub use content::{Adopt, Adopted, Erase, EraseReason};
pub use cut::{CUT_LISTED_MAX, CUT_PARTS_MAX, CUT_RUNS_MAX, Cut, CutPart, CutRun, Prefix, prefix};
pub use orglog::{
    Genesis, Grant, Profile, Rekey, Revoke, RevokeReason, Rotate, SPARES_MAX, commitment,
};
pub use recovery::Recovery;
pub use roster::{Admit, Leave, Lift, Remove, Suspend};

/// Names an organisation or a federation has at most this many bytes of.
pub const NAME_BYTES_MAX: usize = 400;
/// An entry of a log follows at most this many tips.
pub const TIPS_MAX: usize = 16;
/// A reason in words has at most this many bytes.
pub const REASON_BYTES_MAX: usize = 1_000;

fn check_tips(prev: &[crate::identity::RecordId]) -> Result<(), &'static str> {
    if prev.is_empty() || prev.len() > TIPS_MAX {
        return Err("an entry of a log follows 1 to 16 others");
    }
    Ok(())
}

fn check_reason(reason: &str) -> Result<(), &'static str> {
    if reason.len() > REASON_BYTES_MAX {
        return Err("a reason is longer than 1,000 bytes");
    }
    Ok(())
}
