//! What is kept of how one person is told: class D, on this node alone.
//!
//! | name in class D | value |
//! |---|---|
//! | `notice/` ‖ account | [`Record`] |
//!
//! Every step is a change of this value that is durable before anything is sent:
//! what is to be told stands in `queued` first, and in `told` once the mail server
//! has taken it. Killed in between, the same mail is sent again, under the same
//! message id; killed before, it is still queued. Nothing is sent to an address
//! that was not confirmed, save the one code that confirms it.

use minicbor::bytes::ByteArray;
use tern_crdt::identity::digest;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::ledger::Private;
use tern_protocol::library::Library;
use tern_protocol::store::Store;

use super::pace::Often;
use super::waiting::{Key, WAITING_MAX};
use super::{MailAddress, hash};
use crate::accounts::failed;
use crate::ops::{ErrorCode, OpError};
use crate::stored;

const PREFIX: &[u8] = b"notice/";
/// Keys that are remembered as told: those that wait, and as many that did.
pub(super) const TOLD_MAX: usize = 2 * WAITING_MAX;
/// Wrong codes before another one is needed.
const TRIES_MAX: u8 = 5;
/// How long a code confirms, in milliseconds.
const CODE_TIME: i64 = 24 * 3_600 * 1_000;

/// See the module.
#[derive(Clone, PartialEq, Eq, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Record {
    /// Where mail goes: confirmed.
    #[n(0)]
    pub address: Option<String>,
    /// An address that is to be confirmed.
    #[n(1)]
    pub pending: Option<Pending>,
    /// How often the person wants to be told.
    #[n(2)]
    pub often: Often,
    /// Keys of what was told, the latest last.
    #[n(3)]
    pub told: Vec<ByteArray<16>>,
    /// What is being told.
    #[n(4)]
    pub queued: Option<Queued>,
    /// By this mail is stopped without signing in.
    #[n(5)]
    pub stop: Option<ByteArray<32>>,
    /// The hash of the secret in the feed's address.
    #[n(6)]
    pub feed: Option<ByteArray<32>>,
    /// Why mail went to no good end.
    #[n(7)]
    pub failure: Option<Failure>,
    /// When the last mail went.
    #[n(8)]
    pub mailed: Option<Timestamp>,
}

/// An address that waits for its code.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Pending {
    /// The address.
    #[n(0)]
    pub address: String,
    /// What is mailed to it, and typed here.
    #[n(1)]
    pub code: String,
    /// When it was entered.
    #[n(2)]
    pub entered: Timestamp,
    /// Wrong codes since.
    #[n(3)]
    pub tries: u8,
    /// Whether the mail server has taken the code.
    #[n(4)]
    pub mailed: bool,
}

/// A mail that is on its way to the mail server.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Queued {
    /// Makes its message id, the same at every attempt.
    #[n(0)]
    pub id: ByteArray<16>,
    /// What was new when it was written.
    #[n(1)]
    pub keys: Vec<ByteArray<16>>,
}

/// Why a mail was refused for good.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Failure {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// What the mail server answered: its code.
    #[n(1)]
    pub code: String,
}

impl Record {
    /// That of an account; nothing is set where nobody set anything.
    ///
    /// # Errors
    /// The store's, or a damaged value.
    pub fn of<S: Store>(library: &Library<S>, account: &str) -> Result<Self, OpError> {
        let kept = library.local(&name(account)).map_err(failed)?;
        kept.map_or_else(|| Ok(Self::default()), |kept| stored::read(&kept, "how somebody is told"))
    }

    /// All that are kept, by account.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn all<S: Store>(library: &Library<S>) -> Result<Vec<(String, Self)>, OpError> {
        let all = library.ledger().locals(PREFIX).map_err(failed)?;
        let read = |(name, value): (bytes::Bytes, bytes::Bytes)| {
            let account = String::from_utf8_lossy(&name[PREFIX.len()..]).into_owned();
            Ok((account, stored::read(&value, "how somebody is told")?))
        };
        all.into_iter().map(read).collect()
    }

    /// The change that keeps it.
    pub fn keep(&self, account: &str) -> Private {
        let value = (*self != Self::default()).then(|| stored::write(self));
        Private::local(name(account), value)
    }

    /// The change that forgets it.
    pub fn forgotten(account: &str) -> Private {
        Private::local(name(account), None)
    }

    /// How often mail goes now: never while there is no address, or while the mail
    /// server refuses it.
    pub fn often(&self) -> Often {
        match (&self.address, &self.failure) {
            (Some(_), None) => self.often,
            _ => Often::Never,
        }
    }

    /// Enters an address, which is to be confirmed by a code.
    pub(super) fn enter(&mut self, address: &MailAddress, code: String, now: Timestamp) {
        let address = address.as_str().to_owned();
        self.failure = None;
        self.pending = Some(Pending { address, code, entered: now, tries: 0, mailed: false });
    }

    /// Confirms the address that waits, by its code; what waits now is known to
    /// whoever types it. On a refusal the try is to be kept.
    ///
    /// # Errors
    /// Nothing is to be confirmed, the code is another, or its time is over.
    pub(super) fn confirm(
        &mut self,
        code: &str,
        stop: [u8; 32],
        waits: &[Key],
        now: Timestamp,
    ) -> Result<(), OpError> {
        let refused = |code, what: &str| Err(OpError::new(code, what).in_field("code"));
        let Some(pending) = &mut self.pending else {
            return refused(
                ErrorCode::Conflict,
                "no address waits to be confirmed: enter one first",
            );
        };
        // A clock that jumped makes it too old.
        if pending.tries >= TRIES_MAX || now.since(pending.entered).saturating_abs() > CODE_TIME {
            return refused(
                ErrorCode::Expired,
                "this code confirms nothing any more: enter the address again, and another one is mailed",
            );
        }
        if digits(code) != pending.code {
            pending.tries += 1;
            return refused(
                ErrorCode::Invalid,
                "this is not the code that was mailed: type its digits as they stand there",
            );
        }
        self.address = Some(std::mem::take(&mut pending.address));
        (self.pending, self.failure, self.queued) = (None, None, None);
        self.stop = Some(stop.into());
        self.told = remembered(&self.told, waits);
        Ok(())
    }

    /// Forgets every address, and how often mail went to it; the feed stays.
    pub(super) fn forget_addresses(&mut self) {
        *self = Self { feed: self.feed, ..Self::default() };
    }

    /// What of this was not told yet.
    pub(super) fn fresh(&self, waits: &[Key]) -> Vec<Key> {
        let told = |key: &Key| self.told.iter().any(|told| **told == *key);
        waits.iter().filter(|key| !told(key)).copied().collect()
    }

    /// Queues a mail about what is new.
    pub(super) fn queue(&mut self, id: [u8; 16], fresh: &[Key]) {
        let keys = fresh.iter().map(|key| (*key).into()).collect();
        self.queued = Some(Queued { id: id.into(), keys });
    }

    /// Whether what is queued need not be said any more: nothing of it waits.
    pub(super) fn is_moot(&self, waits: &[Key]) -> bool {
        let waits = |key: &ByteArray<16>| waits.iter().any(|one| *one == **key);
        self.queued.as_ref().is_some_and(|queued| !queued.keys.iter().any(waits))
    }

    /// The mail went; all that waits was told by it.
    pub(super) fn mailed(&mut self, waits: &[Key], now: Timestamp) {
        let queued = self.queued.take().map(|queued| queued.keys).unwrap_or_default();
        let queued: Vec<Key> = queued.iter().map(|key| **key).collect();
        self.told = remembered(&self.told, &[queued.as_slice(), waits].concat());
        self.mailed = Some(now);
    }

    /// The mail server refused the address for good.
    pub(super) fn refused(&mut self, code: String, now: Timestamp) {
        self.queued = None;
        self.failure = Some(Failure { at: now, code });
    }

    /// Whether this is the secret that stops mail.
    pub(super) fn stops(&self, token: &[u8; 32]) -> bool {
        self.stop.is_some_and(|stop| hash(&stop) == hash(token))
    }

    /// Whether this is the secret of the feed.
    pub(super) fn feeds(&self, token: &[u8; 32]) -> bool {
        self.feed.is_some_and(|feed| *feed == hash(token))
    }
}

/// An address is somebody's: it does not get into a log by accident.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record(…)")
    }
}

fn name(account: &str) -> Vec<u8> {
    [PREFIX, account.as_bytes()].concat()
}

/// What was told and what is told now, the latest last, and no more than fits.
fn remembered(told: &[ByteArray<16>], now: &[Key]) -> Vec<ByteArray<16>> {
    let before = told.iter().filter(|told| !now.iter().any(|key| *key == ***told)).copied();
    let mut all: Vec<ByteArray<16>> = before.collect();
    for key in now {
        if !all.iter().any(|told| **told == *key) {
            all.push((*key).into());
        }
    }
    all.split_off(all.len().saturating_sub(TOLD_MAX))
}

/// A code as somebody typed it: its digits.
fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).take(16).collect()
}

/// Eight digits out of chance.
pub(super) fn code_of(chance: [u8; 8]) -> String {
    format!("{:08}", u64::from_le_bytes(chance) % 100_000_000)
}

/// Names a thing in a feed, for whoever has the feed alone.
pub(super) fn in_feed(key: &Key, feed: &[u8; 32]) -> String {
    crate::hex::encode(&digest("tern/feed/v1", &[key, feed])[..16])
}

#[cfg(test)]
mod tests;
