//! What is remembered of another node with which letters are exchanged, as a local
//! value. Losing it costs letters and nothing else: this node says that it was put
//! back, and is told everything.
//!
//! | local name | value |
//! |---|---|
//! | `letters/` ‖ node | 1 ‖ CBOR of [`Correspondence`] |
//! | `letters-cleared` | when only one node was left of two, 8 bytes, big-endian |

use std::collections::BTreeSet;

use minicbor::bytes::{ByteArray, ByteVec};
use tern_crdt::identity::{ParcelId, PublicKey};
use tern_crdt::timestamp::Timestamp;

use super::{Mark, bytes_of, marks_of};
use crate::ledger::{Ledger, Private};
use crate::library::Library;
use crate::limits::LETTER_DRAFT_MARKS_MAX;
use crate::store::{Store, StoreError};

const NAME: &[u8] = b"letters/";
const CLEARED: &[u8] = b"letters-cleared";
const VERSION: u8 = 1;

/// The last letter of the other that was opened here.
#[derive(Clone, Copy, Debug, minicbor::Encode, minicbor::Decode)]
pub(super) struct Took {
    #[n(0)]
    pub n: u64,
    #[n(1)]
    pub parcel: ParcelId,
    /// Whether all of it is dealt with; else it is looked at again.
    #[n(2)]
    pub done: bool,
}

/// The last letter that was written to the other.
#[derive(Clone, Debug, minicbor::Encode, minicbor::Decode)]
pub(super) struct Sent {
    #[n(0)]
    pub n: u64,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub parcel: ParcelId,
    /// Ends it.
    #[n(3)]
    pub secret: ByteArray<32>,
    /// What it brings.
    #[n(4)]
    pub marks: ByteVec,
    /// To which key it is encrypted.
    #[n(5)]
    pub key: ByteArray<32>,
    /// What it said could not be taken in.
    #[n(6)]
    pub again: u64,
    /// Whether nothing more is to become of it.
    #[n(7)]
    pub over: bool,
}

/// See the module.
#[derive(Clone, Debug, minicbor::Encode, minicbor::Decode)]
pub(super) struct Correspondence {
    /// When both were last in step by a link, or when there was first something to
    /// tell, by this node's clock.
    #[n(0)]
    pub since: Timestamp,
    #[n(1)]
    holds: ByteVec,
    #[n(2)]
    sent: Option<Sent>,
    #[n(3)]
    pub took: Option<Took>,
    /// A letter of the other that builds on what is not here; 0 if there is none.
    #[n(4)]
    pub again: u64,
    /// The number of the own letter that said so first; 0 if it was answered.
    #[n(5)]
    pub asked: u64,
    /// When the other was last heard of by letter.
    #[n(6)]
    pub heard: Option<Timestamp>,
    /// The [life](Library::life) of which this speaks.
    #[n(7)]
    pub life: u64,
}

impl Correspondence {
    pub fn new(since: Timestamp, life: u64) -> Self {
        let holds = Vec::new().into();
        Self { since, holds, sent: None, took: None, again: 0, asked: 0, heard: None, life }
    }

    /// This node lost what it held since: all that was told it is to be told again.
    pub fn lost(&mut self, life: u64) {
        self.again = self.took.map_or(1, |took| took.n);
        (self.asked, self.life) = (0, life);
    }

    /// What the other is known to hold.
    pub fn held(&self) -> BTreeSet<Mark> {
        marks_of(&self.holds)
    }

    /// The other is known to hold these, and those more. What is beyond the bound is
    /// forgotten, the former first: what was told last stands at the ends.
    pub fn hold(&mut self, marks: BTreeSet<Mark>, more: &BTreeSet<Mark>) {
        let mut all = marks;
        all.extend(more);
        if all.len() > 2 * LETTER_DRAFT_MARKS_MAX {
            all.clone_from(more);
        }
        self.holds = bytes_of(&all);
    }

    /// The last letter, while something may become of it.
    pub fn open(&self) -> Option<&Sent> {
        self.sent.as_ref().filter(|sent| !sent.over)
    }

    /// The other cannot take in the last letter: it brings nothing.
    pub fn void(&mut self) {
        if let Some(sent) = &mut self.sent {
            sent.marks = Vec::new().into();
        }
    }

    /// The number of the last letter.
    pub fn last(&self) -> u64 {
        self.sent.as_ref().map_or(0, |sent| sent.n)
    }

    pub fn close(&mut self) {
        if let Some(sent) = &mut self.sent {
            sent.over = true;
        }
    }

    pub fn send(&mut self, sent: Sent) {
        self.sent = Some(sent);
    }

    pub fn keep(&self, other: &PublicKey) -> Private {
        let mut bytes = vec![VERSION];
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        Private::local(name(other), Some(bytes.into()))
    }
}

fn name(other: &PublicKey) -> Vec<u8> {
    [NAME, &other.as_bytes()[..]].concat()
}

/// Forgets what was exchanged, so that everything is told anew: of a node that lost
/// something it said to hold.
pub(crate) fn forget_letters<S: Store>(ledger: &Ledger<S>) -> Result<Vec<Private>, StoreError> {
    let kept = ledger.locals(NAME)?;
    Ok(kept.into_iter().map(|(name, _)| Private::local(name, None)).collect())
}

/// What stands for a node that was put back, or was found to run twice: another
/// number each time.
pub(crate) fn mark_lost(library: &mut Library<impl Store>, now: Timestamp) {
    let life = now.0.unsigned_abs().max(1);
    library.write(Private::local(CLEARED, Some(life.to_be_bytes().to_vec().into())));
}

impl<S: Store> Library<S> {
    /// What was told to this node before it was put back to an earlier state, or while
    /// somebody ran a copy of it, it may not hold: a number that is another one from
    /// then on; 0 if neither happened.
    pub(super) fn life(&self) -> Result<u64, StoreError> {
        let restored = self.load_restored()?.map_or(0, |mark| mark.at.0.unsigned_abs().max(1));
        let cleared = self.local(CLEARED)?.and_then(|value| value.first_chunk::<8>().copied());
        let cleared = cleared.map_or(0, u64::from_be_bytes);
        Ok(restored.wrapping_mul(3).wrapping_add(cleared))
    }

    pub(super) fn correspondence(
        &self,
        other: &PublicKey,
    ) -> Result<Option<Correspondence>, StoreError> {
        let Some(value) = self.local(&name(other))? else { return Ok(None) };
        let read = match value.split_first() {
            Some((&VERSION, body)) => minicbor::decode(body).ok(),
            _ => None,
        };
        let damaged = || StoreError::Damaged("what is remembered of letters".into());
        read.map(Some).ok_or_else(damaged)
    }
}
