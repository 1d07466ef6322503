//! The cut of a revocation: what was signed before it, and stands.
//!
//! Nothing tells a change that was made before a key was stolen from one that
//! the thief dated back; so whoever revokes lists what they hold. What they
//! leave out by mistake is mended by an [`Adopt`](super::Adopt).

use minicbor::bytes::ByteVec;

use crate::identity::RecordId;
use crate::signed::{Kind, Statement};

/// A cut or one of its parts lists at most this many ids: with the runs it fits a record.
pub const CUT_LISTED_MAX: usize = 2_000;
/// A cut or one of its parts lists at most this many runs.
pub const CUT_RUNS_MAX: usize = 256;
/// A cut has at most this many further parts.
pub const CUT_PARTS_MAX: usize = 256;

/// The first 20 bytes of the id of something signed.
pub type Prefix = [u8; 20];

/// The prefix of an id.
pub fn prefix(id: &[u8; 32]) -> Prefix {
    let mut prefix = [0; 20];
    prefix.copy_from_slice(&id[..20]);
    prefix
}

/// How far an actor had come in a draft: its changes up to `last`, on the chain
/// that ends in `head`, stand.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct CutRun {
    /// The actor.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub actor: [u8; 16],
    /// The number of its last change that stands.
    #[n(1)]
    pub last: u64,
    /// The hash of that change.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub head: [u8; 32],
}

/// What stands of what was signed under a certificate, or by a whole
/// organisation: all that is listed here and in the parts.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Cut {
    /// Prefixes of ids, 20 bytes each, ascending.
    #[n(0)]
    pub listed: ByteVec,
    /// Changes in drafts.
    #[n(1)]
    pub runs: Vec<CutRun>,
    /// Further [`CutPart`]s. The statement with the cut is held once they are.
    #[n(2)]
    pub parts: Vec<RecordId>,
}

impl Default for Cut {
    /// The cut that lists nothing.
    fn default() -> Self {
        Self { listed: Vec::new().into(), runs: Vec::new(), parts: Vec::new() }
    }
}

impl Cut {
    /// The listed prefixes.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> + '_ {
        self.listed.as_chunks::<20>().0.iter().copied()
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if !self.listed.len().is_multiple_of(20) || self.listed.len() / 20 > CUT_LISTED_MAX {
            return Err("a cut lists more than 2,000 ids, or not whole ones");
        }
        if !self.listed.as_chunks::<20>().0.is_sorted_by(|a, b| a < b) {
            return Err("the ids of a cut are not in ascending order");
        }
        if self.runs.len() > CUT_RUNS_MAX || self.parts.len() > CUT_PARTS_MAX {
            return Err("a cut has more than 256 open segments or more than 256 parts");
        }
        Ok(())
    }

    /// The cut of all this, with the parts that it needs beside it. Each part
    /// stands in the authority set before the statement that names it.
    pub fn of(
        mut listed: Vec<Prefix>,
        runs: Vec<CutRun>,
        mut sign: impl FnMut(CutPart) -> RecordId,
    ) -> Self {
        listed.sort_unstable();
        listed.dedup();
        let piece = |listed: &[Prefix], runs: &[CutRun]| Self {
            listed: listed.concat().into(),
            runs: runs.to_vec(),
            parts: Vec::new(),
        };
        let (lists, runs): (Vec<_>, Vec<_>) =
            (listed.chunks(CUT_LISTED_MAX).collect(), runs.chunks(CUT_RUNS_MAX).collect());
        let count = lists.len().max(runs.len());
        let at = |n: usize| {
            piece(lists.get(n).copied().unwrap_or(&[]), runs.get(n).copied().unwrap_or(&[]))
        };
        let parts = (1..count).map(|n| sign(CutPart { cut: at(n) })).collect();
        Self { parts, ..at(0) }
    }
}

/// A part of a cut that is too large for one record.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct CutPart {
    /// What it lists. Its own parts count for nothing.
    #[n(0)]
    pub cut: Cut,
}

impl Statement for CutPart {
    const KIND: Kind = Kind::known("cut-part");

    fn check(&self) -> Result<(), &'static str> {
        if !self.cut.parts.is_empty() {
            return Err("a part of a cut has no parts");
        }
        self.cut.check()
    }
}
