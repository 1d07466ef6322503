//! The cut of a certificate that ends: everything under it that is held here.
//!
//! Nobody can tell a thief's back-dated statement from an honest one. What
//! this node holds when somebody decides was there before the decision, so it
//! stands; what turns up later does not, unless somebody adopts it.

use tern_crdt::authority::{Cut, CutPart, Prefix};
use tern_crdt::identity::{FederationId, SecretKey};
use tern_crdt::signed::{Record, Statement};

/// The cut that lists these, with the parts that have to be held before it.
pub(super) fn of(
    listed: Vec<Prefix>,
    federation: FederationId,
    root: &SecretKey,
) -> (Cut, Vec<Record>) {
    let mut parts = Vec::new();
    let cut = Cut::of(listed, Vec::new(), |part: CutPart| {
        let record = part.prepare().sign(federation, root);
        let id = record.id();
        parts.push(record);
        id
    });
    (cut, parts)
}
