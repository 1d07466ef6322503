//! Catching up: what a node does that was put back to an earlier state.
//!
//! A node that opened a backup does not know what it said after the backup was
//! made. Were it to go on at once it would say some of it a second time and
//! otherwise: another edition of one number, another award, another fork of
//! its organisation's log. So whoever restores a backup leaves a
//! [`mark`], durable before the node is opened for the first time. While the
//! mark stands, the replica reads, receives, passes on and keeps drafts as ever,
//! and takes no piece from its own people. The first meeting with another
//! member that ends with both holding the same takes the mark away; so does
//! the operator's word ([`Command::Resume`](crate::step::Command::Resume)),
//! which is needed where nobody else is there to be met.
//!
//! A node that was put back without a mark, by copying an old folder or with
//! the whole machine, learns of it from the first peer that met its later state
//! ([`runs`](crate::runs)), and catches up from then on.
//!
//! What this is not: proof. The member that was met may lack what a third one
//! has; then two editions of one number stand side by side as from any other
//! two nodes, and people settle it.

use bytes::Bytes;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::store::{Store, StoreError};

/// The name of the local value.
const NAME: &[u8] = b"restored";
const VERSION: u8 = 1;

/// The last time that a node was put back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Restored {
    /// When the state was that it was put back to, by the clock of the node.
    #[n(0)]
    pub to: Timestamp,
    /// When it was put back, by the same clock.
    #[n(1)]
    pub at: Timestamp,
    /// How it came to be in step again; until then it is catching up.
    #[n(2)]
    pub caught_up: Option<CaughtUp>,
    /// How it was found out that it was put back, where nobody said so on this
    /// machine; then `to` is not known and equals `at`.
    #[n(3)]
    pub found: Option<Found>,
}

/// How a node found out that it was put back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Found {
    /// The peer that knew of a later run of it; `None` by a bundle of its own
    /// that it does not remember.
    #[n(0)]
    pub by: Option<PublicKey>,
}

/// How a restored node came to be in step again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct CaughtUp {
    /// When, by the clock of the node.
    #[n(0)]
    pub at: Timestamp,
    /// With whom; `None` by the operator's word.
    #[n(1)]
    pub with: Option<PublicKey>,
    /// Objects that this meeting brought.
    #[n(2)]
    pub gained: u64,
}

impl Restored {
    /// The same as a value to be stored.
    pub fn keep(&self) -> Private {
        let mut value = vec![VERSION];
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut value);
        Private::local(NAME, Some(value.into()))
    }

    fn read(value: &Bytes) -> Option<Self> {
        let (version, body) = value.split_first()?;
        (*version == VERSION).then(|| minicbor::decode(body).ok())?
    }
}

/// The mark to be left in a store that was put back to the state of `to`.
pub fn mark(to: Timestamp, at: Timestamp) -> Private {
    Restored { to, at, caught_up: None, found: None }.keep()
}

/// The mark of a node that found out by itself that it was put back.
pub(crate) const fn found(by: Option<PublicKey>, at: Timestamp) -> Restored {
    Restored { to: at, at, caught_up: None, found: Some(Found { by }) }
}

impl<S: Store> Library<S> {
    /// The last time that this node was put back, if it ever was.
    pub(crate) fn load_restored(&self) -> Result<Option<Restored>, StoreError> {
        let Some(value) = self.local(NAME)? else { return Ok(None) };
        let damaged = || StoreError::Damaged("the mark of a restored backup".into());
        Restored::read(&value).map(Some).ok_or_else(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_reads_back_and_other_bytes_are_none() {
        let caught_up = CaughtUp { at: Timestamp(9), with: None, gained: 3 };
        let (to, at) = (Timestamp(1), Timestamp(2));
        let restored = Restored { to, at, caught_up: Some(caught_up), found: None };
        let value = restored.keep().value.expect("a value");
        assert_eq!(Restored::read(&value), Some(restored));
        assert_eq!(Restored::read(&Bytes::new()), None);
        assert_eq!(Restored::read(&Bytes::from_static(b"\x02\x80")), None);
    }
}
