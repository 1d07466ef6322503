//! The cut of a certificate that ends: everything under it that is held here.
//!
//! Nobody can tell a thief's back-dated statement from an honest one. What
//! this node holds when somebody decides was there before the decision, so it
//! stands; what turns up later does not, unless somebody adopts it.

use std::collections::BTreeSet;

use tern_crdt::authority::{Cut, CutPart, CutRun, Prefix};
use tern_crdt::identity::{CertificateId, FederationId, SecretKey};
use tern_crdt::signed::{Record, Statement};

use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::ops::OpError;

/// What stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Ids of what was signed whole.
    listed: Vec<Prefix>,
    /// How far what was written in shared drafts had come.
    runs: Vec<CutRun>,
}

impl Standing {
    /// All that is held here of what these certificates signed.
    ///
    /// # Errors
    /// The store's.
    pub fn of(replica: &NodeReplica, by: &BTreeSet<CertificateId>) -> Result<Self, OpError> {
        let library = replica.library();
        let listed = library.signed_by(by).map_err(failed)?;
        Ok(Self { listed, runs: library.written_by(by).map_err(failed)? })
    }

    /// What is listed by hand.
    pub const fn listing(listed: Vec<Prefix>) -> Self {
        Self { listed, runs: Vec::new() }
    }

    /// How many things stand: records, and runs of changes in drafts.
    pub const fn count(&self) -> usize {
        self.listed.len() + self.runs.len()
    }
}

/// The cut that lists this, with the parts that have to be held before it.
pub(super) fn of(
    standing: Standing,
    federation: FederationId,
    root: &SecretKey,
) -> (Cut, Vec<Record>) {
    let mut parts = Vec::new();
    let cut = Cut::of(standing.listed, standing.runs, |part: CutPart| {
        let record = part.prepare().sign(federation, root);
        let id = record.id();
        parts.push(record);
        id
    });
    (cut, parts)
}
