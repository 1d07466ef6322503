//! Certificates that are granted for a time.
//!
//! The time is counted in the federation's beacons, about one a week, and not
//! by any machine's clock. When it is over the certificate acts no more: its
//! holder connects to nobody, is not matched, and is sent nothing. What it
//! signed counts as before; no verdict asks for the time.

use tern_crdt::authority::{Authority, Certificate, Granted};
use tern_crdt::identity::{CertificateId, PublicKey};

use super::refused;
use crate::ops::{ErrorCode, OpError};

/// A certificate is granted for at most so many beacons: about two years.
pub const BEACONS_AHEAD_MAX: u32 = 104;
/// A certificate that ends within so many beacons is told.
const SOON: u32 = 4;

/// The beacon with which a certificate ends that is granted now for so many
/// weeks.
///
/// # Errors
/// None, or more than [`BEACONS_AHEAD_MAX`].
pub(crate) fn last_beacon(authority: &Authority, weeks: u32) -> Result<u32, OpError> {
    if !(1..=BEACONS_AHEAD_MAX).contains(&weeks) {
        let what = format!(
            "a certificate is granted for 1 to {BEACONS_AHEAD_MAX} weeks, or without an end: leave --until out"
        );
        let limit = u64::from(BEACONS_AHEAD_MAX);
        return Err(refused(ErrorCode::Invalid, what).in_field("until").over(limit));
    }
    Ok(authority.beacon().saturating_add(weeks))
}

/// How many beacons a certificate acts on after the present one; `None` where
/// it has no end, or that is over.
pub(crate) fn left(authority: &Authority, certificate: &Certificate) -> Option<u32> {
    certificate.last_beacon?.checked_sub(authority.beacon())
}

/// Whether a certificate was granted for a time that is over.
pub(crate) fn is_over(authority: &Authority, certificate: &Certificate) -> bool {
    certificate.last_beacon.is_some_and(|last| last < authority.beacon())
}

/// How many certificates of these keys act and are about to end, without
/// another of the same key that allows as much for longer.
pub(crate) fn ending_soon(authority: &Authority, keys: &[PublicKey]) -> usize {
    let acts = |(id, granted): &(CertificateId, &Granted)| {
        authority.acts(*id, granted.certificate.key).is_ok()
    };
    let soon = |granted: &Granted| left(authority, &granted.certificate).is_some_and(|n| n <= SOON);
    let of_key = |key: &PublicKey| {
        let all: Vec<_> = authority.certificates_of(key).filter(acts).collect();
        let outlived = |one: &Granted| {
            all.iter().any(|(_, other)| {
                let allows = |role| other.certificate.roles.has(role);
                !soon(other) && one.certificate.roles.iter().all(allows)
            })
        };
        all.iter().filter(|(_, granted)| soon(granted) && !outlived(granted)).count()
    };
    keys.iter().map(of_key).sum()
}
