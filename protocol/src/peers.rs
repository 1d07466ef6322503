//! Addresses of peers that this node remembers, and when to try them again.
//!
//! An address is saved by hand or by an invitation. Whose it is may be
//! unknown until somebody has answered there. Failures back off from one
//! second to five minutes; a newer address is tried before an older one.

use std::collections::BTreeMap;

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::store::{Store, StoreError};

const VERSION: u8 = 1;
/// The first pause after a failure, in milliseconds.
const PAUSE_MIN: i64 = 1_000;
/// The longest pause.
const PAUSE_MAX: i64 = 5 * 60 * 1_000;
/// How long a dial may go unanswered before the address is free again.
const DIAL_PATIENCE: i64 = 60_000;
/// No address waits longer than this: the longest pause and its jitter.
const WAIT_MAX: i64 = PAUSE_MAX + PAUSE_MAX / 4;
const _: () = assert!(DIAL_PATIENCE < WAIT_MAX);

/// One remembered address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// Who answered there, or has to.
    pub peer: Option<PublicKey>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// When somebody last answered there, if ever.
    pub met_at: Option<Timestamp>,
    failures: u32,
    next_try: Timestamp,
    /// It is being dialled and nobody has answered yet.
    dialled: bool,
}

impl Saved {
    /// Whether it may be tried now.
    pub const fn is_due(&self, now: Timestamp) -> bool {
        let wait = self.next_try.since(now);
        wait <= 0 || wait > WAIT_MAX
    }
}

#[derive(minicbor::Encode, minicbor::Decode)]
struct Stored {
    #[n(0)]
    peer: Option<PublicKey>,
    #[n(1)]
    saved_at: Timestamp,
    #[n(2)]
    met_at: Option<Timestamp>,
}

/// All remembered addresses. See the module.
#[derive(Debug, Default)]
pub struct Addresses(BTreeMap<String, Saved>);

impl Addresses {
    /// Reads what is remembered.
    pub fn load<S: Store>(library: &Library<S>) -> Result<Self, StoreError> {
        let mut addresses = BTreeMap::new();
        for (name, value) in library.ledger().locals(b"address/")? {
            let damaged = || StoreError::Damaged("a saved address".into());
            let address = name.get(8..).and_then(|text| std::str::from_utf8(text).ok());
            let stored: Stored = match value.split_first() {
                Some((&VERSION, body)) => minicbor::decode(body).map_err(|_| damaged())?,
                _ => return Err(damaged()),
            };
            let saved = Saved {
                peer: stored.peer,
                saved_at: stored.saved_at,
                met_at: stored.met_at,
                failures: 0,
                next_try: Timestamp(i64::MIN),
                dialled: false,
            };
            addresses.insert(address.ok_or_else(damaged)?.to_owned(), saved);
        }
        Ok(Self(addresses))
    }

    /// All of them, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Saved)> {
        self.0.iter().map(|(address, saved)| (address.as_str(), saved))
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether this address is remembered.
    pub fn knows(&self, address: &str) -> bool {
        self.0.contains_key(address)
    }

    /// Whether an address of this peer is being dialled or is due.
    pub fn is_hopeful(&self, peer: &PublicKey, now: Timestamp) -> bool {
        let mut of_peer = self.0.values().filter(|saved| saved.peer.as_ref() == Some(peer));
        of_peer.any(|saved| saved.dialled || saved.is_due(now))
    }

    fn stored(&self, address: &str) -> Private {
        let value = self.0.get(address).map(|saved| {
            let stored =
                Stored { peer: saved.peer, saved_at: saved.saved_at, met_at: saved.met_at };
            let mut bytes = vec![VERSION];
            // Writing into a Vec cannot fail.
            let _ = minicbor::encode(stored, &mut bytes);
            bytes.into()
        });
        Private::local([b"address/", address.as_bytes()].concat(), value)
    }

    /// Saves an address and makes it due. Saving it again changes nothing but
    /// that.
    pub fn save(&mut self, address: String, peer: Option<PublicKey>, now: Timestamp) -> Private {
        let saved = self.0.entry(address.clone()).or_insert(Saved {
            peer: None,
            saved_at: now,
            met_at: None,
            failures: 0,
            next_try: now,
            dialled: false,
        });
        saved.peer = peer.or(saved.peer);
        saved.failures = 0;
        saved.next_try = now;
        self.stored(&address)
    }

    /// Forgets the addresses for which `gone` is true.
    pub fn forget(&mut self, gone: impl Fn(&str, &Saved) -> bool) -> Vec<Private> {
        let names: Vec<String> =
            self.iter().filter(|(a, s)| gone(a, s)).map(|(a, _)| a.to_owned()).collect();
        names
            .into_iter()
            .map(|name| {
                self.0.remove(&name);
                self.stored(&name)
            })
            .collect()
    }

    /// Two nodes got into step: what failed before is forgiven.
    pub fn forgive(&mut self, peer: &PublicKey) {
        for saved in self.0.values_mut().filter(|saved| saved.peer.as_ref() == Some(peer)) {
            saved.failures = 0;
        }
    }

    /// Somebody answered at an address. That alone forgives no failure: a
    /// peer that hangs up at once is not dialled in a circle.
    pub fn answered(&mut self, address: &str, peer: PublicKey, now: Timestamp) -> Option<Private> {
        let saved = self.0.get_mut(address)?;
        saved.peer = Some(peer);
        saved.met_at = Some(now);
        saved.dialled = false;
        Some(self.stored(address))
    }

    /// Nobody answered at an address, or its link ended. `chance` (any number)
    /// spreads the retries of many nodes.
    pub fn failed(&mut self, address: &str, now: Timestamp, chance: u64) {
        if let Some(saved) = self.0.get_mut(address) {
            saved.dialled = false;
            saved.failures = saved.failures.saturating_add(1);
            let doubled = PAUSE_MIN << (saved.failures - 1).min(16);
            let pause = doubled.min(PAUSE_MAX);
            let jitter = i64::try_from(chance % 1_000).unwrap_or(0) * pause / 4_000;
            saved.next_try = now.plus(pause + jitter);
        }
    }

    /// Takes the addresses to dial now: for each peer that is not skipped the
    /// newest one that is due. They are busy until they answered or failed.
    pub fn due(
        &mut self,
        now: Timestamp,
        skip: impl Fn(&str, &Saved) -> bool,
    ) -> Vec<(String, Option<PublicKey>)> {
        let mut newest: BTreeMap<Option<PublicKey>, Vec<(Timestamp, String)>> = BTreeMap::new();
        for (address, saved) in &self.0 {
            if saved.is_due(now) && !skip(address, saved) {
                newest.entry(saved.peer).or_default().push((saved.saved_at, address.clone()));
            }
        }
        let mut dial = Vec::new();
        for (peer, mut addresses) in newest {
            addresses.sort_unstable();
            let take = if peer.is_some() { 1 } else { addresses.len() };
            for (_, address) in addresses.into_iter().rev().take(take) {
                if let Some(saved) = self.0.get_mut(&address) {
                    saved.next_try = now.plus(DIAL_PATIENCE);
                    saved.dialled = true;
                }
                dial.push((address, peer));
            }
        }
        dial
    }

    /// Takes one address to dial now, of those that are wanted: of the peer
    /// that answered last, the one that costs the fewest bytes.
    pub fn one_due(
        &mut self,
        now: Timestamp,
        wanted: impl Fn(&str, &Saved) -> bool,
    ) -> Option<(String, Option<PublicKey>)> {
        let of = self.0.iter_mut().filter(|(address, s)| s.is_due(now) && wanted(address, s));
        let due: Vec<(&String, &mut Saved)> = of.collect();
        let order = |saved: &Saved| (saved.failures == 0, saved.met_at, saved.saved_at);
        let best = due.iter().max_by_key(|(_, saved)| order(saved))?;
        let (peer, sound) = (best.1.peer, best.1.failures == 0);
        let equal = due.into_iter().filter(|(_, s)| s.peer == peer && (s.failures == 0) == sound);
        let (address, saved) = equal.max_by_key(|(a, s)| (is_lean(a), order(s)))?;
        saved.next_try = now.plus(DIAL_PATIENCE);
        saved.dialled = true;
        Some((address.clone(), saved.peer))
    }

    /// Whether one of these is being dialled.
    pub fn is_dialling(&self, of: impl Fn(&str, &Saved) -> bool) -> bool {
        self.0.iter().any(|(address, saved)| saved.dialled && of(address, saved))
    }

    /// Makes the addresses of a peer due at once; whether there are any.
    pub fn hurry(&mut self, peer: &PublicKey, now: Timestamp) -> bool {
        let mut any = false;
        for saved in self.0.values_mut().filter(|saved| saved.peer.as_ref() == Some(peer)) {
            if !saved.dialled {
                saved.next_try = now;
            }
            any = true;
        }
        any
    }

    /// When the next address is due, of those that are not skipped.
    pub fn next_due(
        &self,
        now: Timestamp,
        skip: impl Fn(&str, &Saved) -> bool,
    ) -> Option<Timestamp> {
        let waiting = self.0.iter().filter(|(address, saved)| !skip(address, saved));
        waiting.map(|(_, saved)| if saved.is_due(now) { now } else { saved.next_try }).min()
    }
}

/// Whether a connection takes few bytes to open: over TCP about an eighth of
/// what it takes over QUIC, whose first packets are filled up.
fn is_lean(address: &str) -> bool {
    address.contains("/tcp/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> PublicKey {
        tern_crdt::identity::SecretKey::from_seed(&[seed; 32]).public()
    }

    #[test]
    fn the_newest_address_of_a_peer_is_tried_first_and_the_next_once_it_failed() {
        let (mut book, nepal) = (Addresses::default(), key(1));
        book.save("old".into(), Some(nepal), Timestamp(0));
        book.save("new".into(), Some(nepal), Timestamp(10));
        assert_eq!(book.due(Timestamp(20), |_, _| false), [("new".into(), Some(nepal))]);
        book.failed("new", Timestamp(20), 0);
        assert_eq!(book.due(Timestamp(20), |_, _| false), [("old".into(), Some(nepal))]);
        assert_eq!(book.due(Timestamp(20), |_, _| false), [], "both are busy or backing off");
    }

    #[test]
    fn what_costs_money_begins_over_tcp_unless_that_failed() {
        let (mut book, nepal, chad) = (Addresses::default(), key(1), key(2));
        let (tcp, quic, other) = (
            "/ip4/192.0.2.1/tcp/4001",
            "/ip4/192.0.2.1/udp/4001/quic-v1",
            "/ip4/192.0.2.2/tcp/4001",
        );
        for (address, peer) in [(tcp, nepal), (other, chad), (quic, nepal)] {
            book.save(address.into(), Some(peer), Timestamp(0));
        }
        book.answered(other, chad, Timestamp(1));
        book.answered(quic, nepal, Timestamp(2));
        let one = |book: &mut Addresses, now| book.one_due(Timestamp(now), |_, _| true);
        assert_eq!(one(&mut book, 10), Some((tcp.into(), Some(nepal))), "Nepal answered last");
        book.failed(tcp, Timestamp(20), 0);
        assert_eq!(
            one(&mut book, 20),
            Some((quic.into(), Some(nepal))),
            "the way is closed to TCP"
        );
        book.failed(quic, Timestamp(30), 0);
        assert_eq!(one(&mut book, 30), Some((other.into(), Some(chad))));
        book.forgive(&nepal);
        assert_eq!(one(&mut book, 2_000), Some((tcp.into(), Some(nepal))));
    }

    #[test]
    fn failures_back_off_to_five_minutes_and_being_in_step_forgives_them() {
        let mut book = Addresses::default();
        book.save("a".into(), None, Timestamp(0));
        for _ in 0..40 {
            book.failed("a", Timestamp(0), 999);
        }
        let next = book.next_due(Timestamp(0), |_, _| false).expect("one address");
        assert!((PAUSE_MAX..PAUSE_MAX * 5 / 4 + 1).contains(&next.0), "{next:?}");
        book.answered("a", key(1), Timestamp(5));
        assert_eq!(book.next_due(Timestamp(5), |_, _| true), None, "it is linked");
        book.forgive(&key(1));
        book.failed("a", Timestamp(10), 0);
        assert_eq!(book.next_due(Timestamp(10), |_, _| false), Some(Timestamp(10 + PAUSE_MIN)));
    }

    #[test]
    fn a_clock_that_was_years_ahead_keeps_nobody_waiting_for_years() {
        let (mut book, ahead, right) = (Addresses::default(), Timestamp(1 << 42), Timestamp(0));
        book.save("a".into(), None, ahead);
        assert_eq!(book.due(ahead, |_, _| false).len(), 1);
        book.failed("a", ahead, 0);
        assert_eq!(book.due(ahead, |_, _| false), [], "it backs off");
        assert_eq!(book.next_due(right, |_, _| false), Some(right));
        assert_eq!(book.due(right, |_, _| false).len(), 1, "once the clock is set right");
    }
}
