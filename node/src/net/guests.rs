//! Guests of a relay: who is no member, and is led to a member that keeps a slot.
//!
//! A newcomer that was invited by a node which nobody reaches directly knows a
//! secret of that node and nobody else; only that node can tell whether the secret
//! is good. So a relay leads strangers to those who keep a slot with it, as if these
//! stood beside a road, and lets the joining itself prove who comes. That costs the
//! relay what is bounded here, and never the place of a member: few at a time, for
//! minutes, with few bytes, and seldom from one place. A guest gets no slot.
//!
//! What a guest's connection may carry is fixed when that connection is made; who
//! became a member since has the bounds of members from the next one on.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libp2p::relay::{Event, StatusCode};
use tern_crdt::identity::PublicKey;

use super::address;

/// Guests that are led at one time, in all: a quarter of what is relayed.
pub(super) const GUESTS_MAX: usize = 4;
/// So often within [`HOUR`] somebody comes from one place: a newcomer that waits to
/// be let in calls anew whenever its time is over, at two addresses at once.
pub(super) const COMES_MAX: usize = 24;
const HOUR: Duration = Duration::from_secs(3_600);
/// Places that are remembered; from further ones nobody is let in for the moment.
const PLACES_MAX: usize = 1_024;
/// What one guest's connection may carry, both ways: a knock (`JOIN_BYTES_MAX`)
/// and what a federation is, several times.
pub(super) const GUEST_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// How long it lasts.
pub(super) const GUEST_TIME_MAX: Duration = Duration::from_secs(10 * 60);
/// Within this time libp2p has led somebody, or given up.
const LEADING_TIME_MAX: Duration = Duration::from_secs(60);

/// Who is here: shared between the swarm and the hub.
#[derive(Clone, Default, Debug)]
pub(super) struct Guests(Arc<Mutex<Book>>);

#[derive(Default, Debug)]
struct Book {
    /// When somebody came from each place, within [`HOUR`].
    came: BTreeMap<IpAddr, VecDeque<Instant>>,
    /// Who was let in and is not yet there, and when that was.
    coming: VecDeque<(PublicKey, Instant)>,
    /// Who is led, and how often at one time.
    led: BTreeMap<PublicKey, usize>,
}

impl Guests {
    fn open(&self) -> MutexGuard<'_, Book> {
        // Nothing that is done under the lock can leave the book half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a stranger may come in that asks from there, which is noted.
    pub(super) fn admit(&self, guest: PublicKey, place: IpAddr, now: Instant) -> bool {
        let mut book = self.open();
        let recent = |at: &Instant, time| now.saturating_duration_since(*at) < time;
        book.coming.retain(|(_, at)| recent(at, LEADING_TIME_MAX));
        book.came.retain(|_, times| {
            times.retain(|at| recent(at, HOUR));
            !times.is_empty()
        });
        let here = book.coming.len() + book.led.values().sum::<usize>();
        let places = book.came.len();
        let known = book.came.get(&place).map(VecDeque::len);
        if here >= GUESTS_MAX || known.map_or(places >= PLACES_MAX, |times| times >= COMES_MAX) {
            return false;
        }
        book.came.entry(place).or_default().push_back(now);
        book.coming.push_back((guest, now));
        true
    }

    /// Takes in what the relay tells of those who are no members.
    pub(super) fn note(&self, event: &Event, is_member: impl Fn(&PublicKey) -> bool) {
        let mut book = self.open();
        let of = |peer| address::key(peer).filter(|key| !is_member(key));
        match event {
            Event::CircuitReqAccepted { src_peer_id, .. } => {
                let Some(guest) = of(src_peer_id) else { return };
                book.comes_no_more(&guest);
                *book.led.entry(guest).or_default() += 1;
            }
            // Only who was let in hears that nobody keeps a slot there.
            Event::CircuitReqDenied { src_peer_id, status: StatusCode::NoReservation, .. } => {
                address::key(src_peer_id).iter().for_each(|guest| book.comes_no_more(guest));
            }
            // It may have become a member meanwhile.
            Event::CircuitClosed { src_peer_id, .. } => {
                let Some(guest) = address::key(src_peer_id) else { return };
                match book.led.get(&guest).copied() {
                    Some(0 | 1) => drop(book.led.remove(&guest)),
                    Some(times) => drop(book.led.insert(guest, times - 1)),
                    None => {}
                }
            }
            _ => {}
        }
    }

    /// Whether somebody is led, so that its connection is needed.
    pub(super) fn leads(&self, guest: &PublicKey) -> bool {
        self.open().led.contains_key(guest)
    }
}

impl Book {
    fn comes_no_more(&mut self, guest: &PublicKey) {
        if let Some(at) = self.coming.iter().position(|(coming, _)| coming == guest) {
            self.coming.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use libp2p::PeerId;

    use super::*;

    fn guest(number: u8) -> PublicKey {
        tern_crdt::identity::SecretKey::from_seed(&[number; 32]).public()
    }

    fn place(last: u32) -> IpAddr {
        IpAddr::V4((0xc000_0200 + last).into())
    }

    fn led(number: u8) -> Event {
        let src_peer_id = address::peer_id(guest(number));
        Event::CircuitReqAccepted { src_peer_id, dst_peer_id: PeerId::random() }
    }

    fn gone(number: u8) -> Event {
        let src_peer_id = address::peer_id(guest(number));
        Event::CircuitClosed { src_peer_id, dst_peer_id: PeerId::random(), error: None }
    }

    #[test]
    fn few_are_led_at_one_time_and_who_goes_makes_room() {
        let (guests, now) = (Guests::default(), Instant::now());
        for number in 1..=4 {
            assert!(guests.admit(guest(number), place(number.into()), now));
        }
        assert!(!guests.admit(guest(5), place(5), now), "four are on their way");
        for number in 1..=4 {
            guests.note(&led(number), |_| false);
        }
        let later = now + Duration::from_secs(300);
        assert!(
            guests.leads(&guest(2)) && !guests.admit(guest(5), place(5), later),
            "four are led"
        );
        guests.note(&gone(2), |_| true);
        assert!(!guests.leads(&guest(2)));
        assert!(guests.admit(guest(5), place(5), later), "also where it went as a member");
    }

    #[test]
    fn who_was_let_in_and_does_not_come_holds_no_place() {
        let (guests, now) = (Guests::default(), Instant::now());
        for number in 1..=4 {
            assert!(guests.admit(guest(number), place(number.into()), now));
        }
        let (src_peer_id, dst_peer_id) = (address::peer_id(guest(1)), PeerId::random());
        let status = StatusCode::NoReservation;
        guests.note(&Event::CircuitReqDenied { src_peer_id, dst_peer_id, status }, |_| false);
        assert!(guests.admit(guest(5), place(5), now), "nobody was there for the first");
        assert!(!guests.admit(guest(6), place(6), now));
        assert!(guests.admit(guest(6), place(6), now + LEADING_TIME_MAX));
        let status = StatusCode::ResourceLimitExceeded;
        let (src_peer_id, dst_peer_id) = (address::peer_id(guest(6)), PeerId::random());
        guests.note(&Event::CircuitReqDenied { src_peer_id, dst_peer_id, status }, |_| false);
        let pending = guests.open().coming.len();
        assert_eq!(pending, 1, "who asks too much makes no room by being refused");
    }

    #[test]
    fn nobody_comes_again_and_again_from_one_place_and_places_are_bounded() {
        let (guests, now) = (Guests::default(), Instant::now());
        let come = |number: u8, from: u32, at: Instant| {
            let admitted = guests.admit(guest(number), place(from), at);
            guests.open().coming.clear();
            admitted
        };
        for time in 0..COMES_MAX {
            assert!(come(time as u8 + 1, 1, now), "under as many keys as it likes");
        }
        assert!(!come(99, 1, now) && come(99, 2, now), "others come in");
        assert!(come(99, 1, now + HOUR));
        let later = now + 2 * HOUR;
        for from in 0..PLACES_MAX {
            assert!(come(1, from as u32, later));
        }
        assert!(!come(1, PLACES_MAX as u32, later));
        assert!(come(1, 0, later), "who is known already comes in");
        assert_eq!(guests.open().came.len(), PLACES_MAX);
    }
}
