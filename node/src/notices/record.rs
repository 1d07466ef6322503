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
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn key(no: u16) -> Key {
        let mut key = [0; 16];
        key[..2].copy_from_slice(&no.to_le_bytes());
        key
    }

    fn entered() -> Record {
        let mut record = Record { often: Often::Hour, ..Record::default() };
        record.enter(&"awa@example.org".parse().expect("an address"), "01234567".into(), NOW);
        record
    }

    fn confirmed() -> Record {
        let mut record = entered();
        record.confirm("0123 4567", [7; 32], &[key(1)], NOW).expect("confirmed");
        record
    }

    #[test]
    fn nothing_is_sent_to_an_address_before_its_code_came_back() {
        let mut record = entered();
        assert_eq!(record.often(), Often::Never);
        let refused = record.confirm("76543210", [7; 32], &[], NOW).expect_err("another code");
        assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::Invalid, Some("code")));
        record.confirm(" 0123-4567 ", [7; 32], &[key(1)], NOW).expect("confirmed");
        assert_eq!(record.often(), Often::Hour);
        assert_eq!(record.address.as_deref(), Some("awa@example.org"));
        assert!(record.pending.is_none() && record.stops(&[7; 32]) && !record.stops(&[8; 32]));
        assert_eq!(record.fresh(&[key(1), key(2)]), [key(2)], "what waits is known already");
    }

    #[test]
    fn a_code_ends_after_a_day_or_five_wrong_ones() {
        for late in [CODE_TIME + 1, -CODE_TIME - 1] {
            let refused = entered().confirm("01234567", [7; 32], &[], NOW.plus(late));
            assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::Expired));
        }
        let mut record = entered();
        for _ in 0..TRIES_MAX {
            assert!(record.confirm("1", [7; 32], &[], NOW).is_err());
        }
        let refused = record.confirm("01234567", [7; 32], &[], NOW);
        assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::Expired));
        assert_eq!(code_of([255; 8]).len(), 8);
        assert_eq!(code_of([1, 0, 0, 0, 0, 0, 0, 0]), "00000001");
    }

    #[test]
    fn what_was_told_is_not_told_again_and_what_waits_anew_is() {
        let mut record = confirmed();
        let fresh = record.fresh(&[key(1), key(2)]);
        record.queue([3; 16], &fresh);
        // Killed here, the same is read again.
        let kept = record.keep("awa").value.expect("a value");
        let mut record: Record = stored::read(&kept, "it").expect("read");
        assert!(!record.is_moot(&[key(1), key(2)]));
        assert!(record.is_moot(&[key(1)]), "somebody has dealt with it");
        record.mailed(&[key(1), key(2), key(5)], NOW);
        assert!(record.queued.is_none() && record.fresh(&[key(2), key(5)]).is_empty());
        assert_eq!(record.fresh(&[]), Vec::<Key>::new());
        assert!(record.fresh(&[key(2)]).is_empty(), "it is remembered while it does not wait");
        assert_eq!(record.fresh(&[key(2), key(4)]), [key(4)]);
    }

    proptest! {
        #[test]
        fn whatever_waits_in_whatever_order_is_told_once_for_as_long_as_it_waits(
            looks in vec(vec(0_u16..1_200, 0..80), 1..60),
        ) {
            let mut record = confirmed();
            for look in looks {
                let waits: Vec<Key> = look.into_iter().map(key).collect();
                let fresh = record.fresh(&waits);
                prop_assert!(fresh.iter().all(|key| waits.contains(key)));
                if fresh.is_empty() {
                    continue;
                }
                record.queue([1; 16], &fresh);
                prop_assert!(!record.is_moot(&waits));
                let kept = record.keep("awa").value.expect("a value");
                let mut read: Record = stored::read(&kept, "it").expect("read");
                prop_assert!(read == record);
                read.mailed(&waits, NOW);
                prop_assert!(read.fresh(&waits).is_empty(), "nothing is told twice");
                prop_assert!(read.told.len() <= TOLD_MAX);
                record = read;
            }
        }

        #[test]
        fn no_text_of_a_code_panics_or_confirms_but_the_right_one(typed in "\\PC{0,40}") {
            let mut record = entered();
            let right = digits(&typed) == "01234567";
            let told = record.confirm(&typed, [7; 32], &[], NOW);
            prop_assert_eq!(told.is_ok(), right);
            prop_assert_eq!(record.address.is_some(), right);
        }
    }

    #[test]
    fn no_more_is_remembered_than_fits_and_the_latest_stays() {
        let mut record = confirmed();
        for no in 0..u16::try_from(TOLD_MAX).expect("small") + 50 {
            record.mailed(&[key(no)], NOW);
        }
        assert_eq!(record.told.len(), TOLD_MAX);
        assert_eq!(record.fresh(&[key(0), key(1_049)]), [key(0)]);
    }

    #[test]
    fn an_address_that_is_refused_gets_nothing_until_it_is_entered_again() {
        let mut record = confirmed();
        record.refused("550".into(), NOW);
        assert_eq!(record.often(), Often::Never);
        record.enter(&"awa@example.net".parse().expect("an address"), "11111111".into(), NOW);
        assert_eq!(record.often(), Often::Hour, "the first one is asked again");
        record.forget_addresses();
        assert_eq!(record, Record::default());
        assert_eq!(record.keep("awa").value, None, "nothing is left of it");
    }

    #[test]
    fn a_feed_is_read_by_its_secret_and_two_feeds_name_nothing_alike() {
        let record = Record { feed: Some(hash(&[9; 32]).into()), ..Record::default() };
        assert!(record.feeds(&[9; 32]) && !record.feeds(&[8; 32]));
        assert!(!Record::default().feeds(&[0; 32]) && !Record::default().stops(&[0; 32]));
        assert_ne!(in_feed(&key(1), &[1; 32]), in_feed(&key(1), &[2; 32]));
    }
}
