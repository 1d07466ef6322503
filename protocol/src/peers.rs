//! Addresses of peers that this node remembers, and when to try them again.
//!
//! An address is saved by hand or by an invitation; whose it is may be unknown
//! until somebody has answered there. Or it is *learned*: a member told it of
//! its node ([`NodeAddress`](tern_crdt::address::NodeAddress)). What was learned
//! stands beside what was saved, never over it, and goes when its node tells
//! others, or when nobody answered there for [`LEARNED_PATIENCE`]. Or it was
//! *found* in the local network, and is not stored at all.
//!
//! Failures back off from one second to five minutes, and further the longer an
//! address has failed: a node whose own link was away is back soon, and one that
//! is gone for good is tried every six hours. What has failed for long is stored,
//! in few writes, so that a start does not begin anew with it. Of one peer a newer
//! address is tried before an older one. Where nobody is reached at all it is this
//! node's own link that is away, and it may be back for minutes: then they are
//! tried in turn, one every [ten minutes](ALONE_PAUSE_MIN), or every hour once
//! that has been so for days.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{ADDRESSES_MAX, FOUND_ADDRESSES_MAX, LEARNED_ADDRESSES_MAX};
use crate::reach::is_relayed;
use crate::store::{Store, StoreError};

mod stored;

/// The first pause after a failure, in milliseconds.
const PAUSE_MIN: i64 = 1_000;
/// The longest pause after failures that are no older than it.
const PAUSE_SHORT: i64 = 5 * 60 * 1_000;
/// The longest pause.
const PAUSE_MAX: i64 = 6 * 3_600 * 1_000;
/// A pause is at most this part of the time since when an address fails.
const PAUSE_PART: i64 = 8;
/// How long a dial may go unanswered before the address is free again.
const DIAL_PATIENCE: i64 = 60_000;
/// So many failures are stored the first time; the pause is then five minutes.
const FAILURES_KEPT: u32 = 9;
/// From this pause on every failure is stored.
const PAUSE_KEPT: i64 = 3_600 * 1_000;
/// The shortest pause between two tries of any address while all of them fail, in
/// milliseconds. A try costs a few hundred bytes over TCP, and some thousand over
/// QUIC, where the link is there and only the peers are not.
pub const ALONE_PAUSE_MIN: i64 = 10 * 60 * 1_000;
/// The longest.
pub const ALONE_PAUSE_MAX: i64 = 3_600 * 1_000;
/// Between them it is this part of the time since when all fail.
const ALONE_PART: i64 = 64;
/// How long an address that was learned may fail before it is forgotten, in
/// milliseconds.
pub const LEARNED_PATIENCE: i64 = 14 * 24 * 3_600 * 1_000;
/// It has failed at least so often then: a clock that was set on by years ends
/// no address.
const LEARNED_FAILURES: u32 = 30;

/// Since when an address fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
struct Failing {
    #[n(0)]
    since: Timestamp,
    #[n(1)]
    last: Timestamp,
    #[n(2)]
    times: u32,
}

impl Failing {
    /// Once more.
    fn again(before: Option<Self>, now: Timestamp) -> Self {
        // A clock that was set back tells nothing of how long it was.
        let since = before.map(|before| before.since).filter(|since| now.since(*since) >= 0);
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        Self { since: since.unwrap_or(now), last: now, times }
    }

    /// How long it has failed, in milliseconds.
    const fn lasted(&self) -> i64 {
        self.last.since(self.since)
    }

    /// How long to wait after the last time, without what spreads it.
    fn pause(&self) -> i64 {
        let longest = (self.lasted() / PAUSE_PART).clamp(PAUSE_SHORT, PAUSE_MAX);
        (PAUSE_MIN << self.times.saturating_sub(1).min(16)).min(longest)
    }

    /// Whether this is worth a write.
    fn is_kept(&self) -> bool {
        self.times == FAILURES_KEPT || self.pause() >= PAUSE_KEPT
    }
}

/// So often may a node move within [`MOVES_TIME`] before what it tells waits as
/// long: whoever tells of others' machines has few of them called.
const MOVES_MAX: u32 = 3;
/// So often a node is heard of in the local network within that time.
const FINDS_MAX: u32 = 16;
/// After so many failures what was found is forgotten.
const FOUND_FAILURES: u32 = 4;
const MOVES_TIME: i64 = 3_600 * 1_000;

/// One remembered address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// Who answered there, or has to.
    pub peer: Option<PublicKey>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// When somebody last answered there, if ever.
    pub met_at: Option<Timestamp>,
    /// Whether nobody saved it here: its node told it, or it was found.
    pub learned: bool,
    /// Whether it was found in the local network.
    pub found: bool,
    failing: Option<Failing>,
    /// Whether the store knows that it fails.
    kept: bool,
    /// The last time that it was put off, and for how long.
    put_off: Option<(Timestamp, i64)>,
    /// It is being dialled and nobody has answered yet.
    dialled: bool,
}

impl Saved {
    const fn new(peer: Option<PublicKey>, now: Timestamp, learned: bool) -> Self {
        Self {
            peer,
            saved_at: now,
            met_at: None,
            learned,
            found: false,
            failing: None,
            kept: false,
            put_off: None,
            dialled: false,
        }
    }

    /// Whether it may be tried now. A clock that was set back since it was put
    /// off makes it due.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.put_off.is_none_or(|(at, pause)| !(0..pause).contains(&now.since(at)))
    }

    /// When it is due next.
    fn next(&self, now: Timestamp) -> Timestamp {
        match self.put_off {
            Some((at, pause)) if !self.is_due(now) => at.plus(pause),
            _ => now,
        }
    }

    const fn dial(&mut self, now: Timestamp) {
        self.put_off = Some((now, DIAL_PATIENCE));
        self.dialled = true;
    }
}

/// An address, and of one that was learned, of whom: a member that tells
/// somebody else's takes nobody's place.
type Place = (String, Option<PublicKey>);

/// All remembered addresses. See the module.
#[derive(Debug, Default)]
pub struct Addresses {
    book: BTreeMap<Place, Saved>,
    /// How often each node told new addresses.
    moves: Pace,
    /// How often each was heard of in the local network.
    finds: Pace,
}

/// How often something was done for each node, and since when that is counted;
/// since this node started.
#[derive(Debug, Default)]
struct Pace(BTreeMap<PublicKey, (Timestamp, u32)>);

impl Pace {
    /// Counts once more; whether that is more than `max` within [`MOVES_TIME`].
    fn is_over(&mut self, peer: PublicKey, now: Timestamp, max: u32) -> bool {
        let (since, count) = self.0.entry(peer).or_insert((now, 0));
        if !(0..MOVES_TIME).contains(&now.since(*since)) {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count > max
    }
}

impl Addresses {
    /// Reads what is remembered.
    pub fn load<S: Store>(library: &Library<S>) -> Result<Self, StoreError> {
        Ok(Self { book: stored::load(library)?, ..Self::default() })
    }

    /// All of them, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Saved)> {
        self.book.iter().map(|((address, _), saved)| (address.as_str(), saved))
    }

    /// How many were saved by hand or by an invitation.
    pub fn count(&self) -> usize {
        self.book.values().filter(|saved| !saved.learned).count()
    }

    /// Whether this address was saved by hand or by an invitation.
    pub fn knows(&self, address: &str) -> bool {
        self.book.contains_key(&(address.to_owned(), None))
    }

    fn of(&self, peer: &PublicKey) -> impl Iterator<Item = (&Place, &Saved)> {
        let peer = *peer;
        self.book.iter().filter(move |(_, saved)| saved.peer == Some(peer))
    }

    /// Whether an address of this peer is being dialled or is due.
    pub fn is_hopeful(&self, peer: &PublicKey, now: Timestamp) -> bool {
        self.of(peer).any(|(_, saved)| saved.dialled || saved.is_due(now))
    }

    fn stored(&self, place: &Place) -> Private {
        stored::kept(place, self.book.get(place))
    }

    /// Saves an address and makes it due. Saving it again changes nothing but
    /// that.
    pub fn save(&mut self, address: String, peer: Option<PublicKey>, now: Timestamp) -> Private {
        let place = (address, None);
        let saved = self.book.entry(place.clone()).or_insert(Saved::new(None, now, false));
        saved.peer = peer.or(saved.peer);
        (saved.failing, saved.kept, saved.put_off) = (None, false, None);
        self.stored(&place)
    }

    /// Takes in what the node of a member tells of itself: the addresses that it
    /// told before and does not tell any more are forgotten. Of one node at most
    /// [`ADDRESSES_MAX`], of all [`LEARNED_ADDRESSES_MAX`].
    pub fn learn(&mut self, peer: PublicKey, addresses: &[String], now: Timestamp) -> Vec<Private> {
        let told = &addresses[..addresses.len().min(ADDRESSES_MAX)];
        let old = |address: &str, saved: &Saved| {
            let told_before = saved.learned && !saved.found && saved.peer == Some(peer);
            told_before && !told.iter().any(|told| told == address)
        };
        let mut private = self.forget(old);
        let learned = self.book.values().filter(|saved| saved.learned && !saved.found).count();
        let mut room = LEARNED_ADDRESSES_MAX.saturating_sub(learned);
        let mut restless = None;
        for address in told {
            let known = |(place, saved): (&Place, &Saved)| place.0 == *address && !saved.found;
            let known = self.of(&peer).any(known);
            if known || room == 0 {
                continue;
            }
            room -= 1;
            let place = (address.clone(), Some(peer));
            let waits = *restless.get_or_insert_with(|| self.moves.is_over(peer, now, MOVES_MAX));
            let put_off = waits.then_some((now, MOVES_TIME));
            self.book.insert(place.clone(), Saved { put_off, ..Saved::new(Some(peer), now, true) });
            private.push(self.stored(&place));
        }
        private
    }

    /// Takes in that a node was heard of in the local network: what is known of
    /// it is due, and what is not is tried. Nothing of it is stored.
    pub fn found(&mut self, peer: PublicKey, address: String, now: Timestamp) {
        if self.finds.is_over(peer, now, FINDS_MAX) {
            return;
        }
        let of_peer = self.book.iter_mut().filter(|(_, saved)| saved.peer == Some(peer));
        if let Some((_, saved)) = of_peer.into_iter().find(|(place, _)| place.0 == address) {
            if !saved.dialled {
                saved.put_off = None;
            }
            return;
        }
        let count = |of: &dyn Fn(&Saved) -> bool| {
            self.book.values().filter(|saved| saved.found && of(saved)).count()
        };
        if count(&|_| true) < FOUND_ADDRESSES_MAX
            && count(&|saved| saved.peer == Some(peer)) < ADDRESSES_MAX
        {
            let saved = Saved { found: true, ..Saved::new(Some(peer), now, true) };
            self.book.insert((address, Some(peer)), saved);
        }
    }

    /// Forgets the addresses for which `gone` is true.
    pub fn forget(&mut self, gone: impl Fn(&str, &Saved) -> bool) -> Vec<Private> {
        let gone = |((address, _), saved): &(&Place, &Saved)| gone(address, saved);
        let places: Vec<Place> = self.book.iter().filter(gone).map(|(p, _)| p.clone()).collect();
        places
            .iter()
            .filter_map(|place| {
                let removed = self.book.remove(place);
                removed.is_some_and(|saved| !saved.found).then(|| self.stored(place))
            })
            .collect()
    }

    /// Two nodes got into step: what failed before is forgiven.
    pub fn forgive(&mut self, peer: &PublicKey) -> Vec<Private> {
        let mut kept = Vec::new();
        for (place, saved) in self.book.iter_mut().filter(|(_, saved)| saved.peer == Some(*peer)) {
            saved.failing = None;
            if std::mem::take(&mut saved.kept) {
                kept.push(place.clone());
            }
        }
        kept.iter().map(|place| self.stored(place)).collect()
    }

    /// Somebody answered at an address. That alone forgives no failure: a
    /// peer that hangs up at once is not dialled in a circle.
    pub fn answered(&mut self, address: &str, peer: PublicKey, now: Timestamp) -> Vec<Private> {
        let learned: Place = (address.to_owned(), Some(peer));
        let saved: Place = (address.to_owned(), None);
        // Where a learned address of this peer was dialled, whoever was meant at
        // the one that was saved has not answered.
        let others = |saved: &Saved| saved.peer.is_some_and(|meant| meant != peer);
        let only_learned =
            self.book.contains_key(&learned) && self.book.get(&saved).is_some_and(others);
        let places = [Some(learned), (!only_learned).then_some(saved)];
        let mut private = Vec::new();
        for place in places.into_iter().flatten() {
            let Some(saved) = self.book.get_mut(&place) else { continue };
            saved.peer = Some(peer);
            saved.met_at = Some(now);
            saved.dialled = false;
            if !saved.found {
                private.push(self.stored(&place));
            }
        }
        private
    }

    /// Nobody answered at an address, or its link with `peer` ended. `chance`
    /// (any number) spreads the retries of many nodes.
    pub fn failed(
        &mut self,
        address: &str,
        peer: Option<&PublicKey>,
        now: Timestamp,
        chance: u64,
    ) -> Vec<Private> {
        let at = |(place, _): &(&Place, &mut Saved)| place.0 == address;
        let any_dialled = self.iter().any(|(place, saved)| place == address && saved.dialled);
        let (mut kept, mut gone, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let first = (address.to_owned(), None);
        for (place, saved) in self.book.range_mut(first..).take_while(at) {
            let meant = match peer {
                Some(peer) => saved.peer == Some(*peer),
                None => saved.dialled || !any_dialled,
            };
            if !meant {
                continue;
            }
            saved.dialled = false;
            let failing = Failing::again(saved.failing, now);
            let jitter = i64::try_from(chance % 1_000).unwrap_or(0) * failing.pause() / 4_000;
            saved.put_off = Some((now, failing.pause() + jitter));
            saved.failing = Some(failing);
            if saved.found {
                if failing.times >= FOUND_FAILURES {
                    found.push(place.clone());
                }
            } else if saved.learned
                && failing.lasted() >= LEARNED_PATIENCE
                && failing.times >= LEARNED_FAILURES
            {
                gone.push(place.clone());
            } else if failing.is_kept() {
                saved.kept = true;
                kept.push(place.clone());
            }
        }
        for place in gone.iter().chain(&found) {
            self.book.remove(place);
        }
        kept.iter().chain(&gone).map(|place| self.stored(place)).collect()
    }

    /// Peers of which an address was saved by hand or by an invitation.
    fn saved_peers(&self) -> BTreeSet<PublicKey> {
        let saved = self.book.values().filter(|saved| !saved.learned);
        saved.filter_map(|saved| saved.peer).collect()
    }

    /// How many peers are being dialled because their addresses were learned.
    pub fn dialling_learned(&self) -> usize {
        let told = self.book.values().filter(|saved| saved.learned && !saved.found);
        let dialled = told.filter(|saved| saved.dialled);
        dialled.filter_map(|saved| saved.peer).collect::<BTreeSet<_>>().len()
    }

    /// Takes the addresses to dial now: for each peer that is not skipped the
    /// newest one that is due. They are busy until they answered or failed. Of
    /// peers that are known only because they told of themselves, and that
    /// nobody `seeks`, at most `room`, which `chance` chooses.
    pub fn due(
        &mut self,
        now: Timestamp,
        room: usize,
        seeks: impl Fn(&Saved) -> bool,
        skip: impl Fn(&str, &Saved) -> bool,
        chance: impl FnMut() -> u64,
    ) -> Vec<(String, Option<PublicKey>)> {
        let by_hand = self.saved_peers();
        let mut newest: BTreeMap<Option<PublicKey>, Vec<(Timestamp, Place)>> = BTreeMap::new();
        let (mut told, mut near): (Vec<PublicKey>, BTreeSet<PublicKey>) = Default::default();
        for (place, saved) in &self.book {
            if saved.is_due(now) && !skip(&place.0, saved) {
                newest.entry(saved.peer).or_default().push((saved.saved_at, place.clone()));
                let heard = |peer: &PublicKey| !by_hand.contains(peer) && !seeks(saved);
                told.extend(saved.peer.filter(heard).filter(|_| !saved.found));
                near.extend(saved.peer.filter(|_| saved.found));
            }
        }
        told.retain(|peer| !near.contains(peer));
        told.sort_unstable();
        told.dedup();
        for peer in left_out(told, room, chance) {
            newest.remove(&Some(peer));
        }
        let mut dial = Vec::new();
        for (peer, mut addresses) in newest {
            addresses.sort_unstable();
            let take = if peer.is_some() { 1 } else { addresses.len() };
            for (_, place) in addresses.into_iter().rev().take(take) {
                if let Some(saved) = self.book.get_mut(&place) {
                    saved.dial(now);
                }
                dial.push((place.0, peer));
            }
        }
        dial
    }

    /// Takes one address to dial now, of those that are wanted: of the peer that
    /// has not answered for longest, so that everybody's turn comes, or where it
    /// `presses` of the one that answered last, the one that costs the fewest
    /// bytes and did not fail.
    pub fn one_due(
        &mut self,
        now: Timestamp,
        presses: bool,
        wanted: impl Fn(&str, &Saved) -> bool,
    ) -> Option<(String, Option<PublicKey>)> {
        let of = self.book.iter_mut().filter(|(place, s)| s.is_due(now) && wanted(&place.0, s));
        let due: Vec<(&Place, &mut Saved)> = of.collect();
        let sound = |saved: &Saved| saved.failing.is_none();
        let met = due.iter().map(|(_, saved)| (saved.peer, saved.met_at));
        let met =
            met.fold(BTreeMap::new(), |mut met: BTreeMap<_, Option<Timestamp>>, (peer, at)| {
                let last = met.entry(peer).or_default();
                *last = (*last).max(at);
                met
            });
        let turn = |saved: &Saved| {
            let last = met.get(&saved.peer).copied().flatten();
            let first = if presses { (sound(saved), last) } else { (false, None) };
            (first, Reverse(last), saved.peer)
        };
        let best = due.iter().map(|(_, saved)| turn(saved)).max()?;
        let of_best = due.into_iter().filter(|(_, saved)| turn(saved) == best);
        let (place, saved) = of_best
            .max_by_key(|(place, s)| (sound(s), leanness(&place.0), s.met_at, s.saved_at))?;
        saved.dial(now);
        Some((place.0.clone(), saved.peer))
    }

    /// When one of these is tried although it is not due, because all of them
    /// fail; `None` if one of them does not, or is being tried.
    pub fn alone_due(&self, of: impl Fn(&str, &Saved) -> bool) -> Option<Timestamp> {
        let (mut last, mut lasted) = (None, i64::MAX);
        for (_, saved) in self.iter().filter(|(address, saved)| of(address, saved)) {
            let failing = saved.failing.filter(|_| !saved.dialled)?;
            last = last.max(saved.put_off.map(|(at, _)| at));
            lasted = lasted.min(failing.lasted());
        }
        let pause = (lasted / ALONE_PART).clamp(ALONE_PAUSE_MIN, ALONE_PAUSE_MAX);
        last.map(|at| at.plus(pause))
    }

    /// Takes that one to dial now, if its time has come: the one that was tried
    /// longest ago.
    pub fn one_alone(
        &mut self,
        now: Timestamp,
        of: impl Fn(&str, &Saved) -> bool,
    ) -> Option<(String, Option<PublicKey>)> {
        if self.alone_due(&of)?.since(now) > 0 {
            return None;
        }
        let all = self.book.iter_mut().filter(|(place, saved)| of(&place.0, saved));
        let (place, saved) = all.min_by_key(|(_, saved)| saved.put_off)?;
        saved.dial(now);
        Some((place.0.clone(), saved.peer))
    }

    /// Whether one of these is being dialled.
    pub fn is_dialling(&self, of: impl Fn(&str, &Saved) -> bool) -> bool {
        self.iter().any(|(address, saved)| saved.dialled && of(address, saved))
    }

    /// Makes the addresses of a peer due at once; whether there are any.
    pub fn hurry(&mut self, peer: &PublicKey) -> bool {
        let mut any = false;
        for saved in self.book.values_mut().filter(|saved| saved.peer.as_ref() == Some(peer)) {
            if !saved.dialled {
                saved.put_off = None;
            }
            any = true;
        }
        any
    }

    /// When the next address is due, of those that are not skipped; `room` and
    /// `seeks` as in [`due`](Self::due).
    pub fn next_due(
        &self,
        now: Timestamp,
        room: usize,
        seeks: impl Fn(&Saved) -> bool,
        skip: impl Fn(&str, &Saved) -> bool,
    ) -> Option<Timestamp> {
        let by_hand = if room == 0 { self.saved_peers() } else { BTreeSet::new() };
        let put_by = |saved: &Saved| {
            room == 0
                && saved.learned
                && !saved.found
                && saved.peer.is_some_and(|peer| !by_hand.contains(&peer))
                && !seeks(saved)
        };
        let waiting = self.iter().filter(|(address, saved)| !skip(address, saved));
        waiting.filter(|(_, saved)| !put_by(saved)).map(|(_, saved)| saved.next(now)).min()
    }
}

/// How few bytes a connection takes to open, the leanest last: over a relay two are
/// opened, and over TCP one takes about an eighth of what it takes over QUIC, whose
/// first packets are filled up.
fn leanness(address: &str) -> (bool, bool) {
    (!is_relayed(address), address.contains("/tcp/"))
}

/// Those of `told` for whom there is no room.
fn left_out(
    mut told: Vec<PublicKey>,
    room: usize,
    mut chance: impl FnMut() -> u64,
) -> Vec<PublicKey> {
    for _ in 0..room {
        if told.is_empty() {
            break;
        }
        let at = chance() % told.len() as u64;
        // Less than their number.
        told.swap_remove(usize::try_from(at).unwrap_or(0));
    }
    told
}

#[cfg(test)]
mod tests;
