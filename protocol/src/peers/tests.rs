//! What the book of addresses promises.

use super::*;
use crate::store::memory::MemoryStore;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn key(seed: u8) -> PublicKey {
    tern_crdt::identity::SecretKey::from_seed(&[seed; 32]).public()
}

/// What is dialled by who has no link yet.
fn dials(book: &mut Addresses, now: Timestamp) -> Vec<(String, Option<PublicKey>)> {
    book.due(now, 8, |_| false, |_, _| false, || 0)
}

fn next(book: &Addresses, now: Timestamp) -> Option<Timestamp> {
    book.next_due(now, 8, |_| false, |_, _| false)
}

fn list(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(|address| (*address).to_owned()).collect()
}

fn texts(book: &Addresses) -> Vec<&str> {
    book.iter().map(|(address, _)| address).collect()
}

/// A store, and what is read from it once all this is written.
struct Kept(Library<MemoryStore>);

impl Kept {
    fn new() -> Self {
        let federation = crate::story::Hub::new().federation;
        Self(Library::open(MemoryStore::new(), federation).expect("an empty store opens"))
    }

    fn write(&mut self, private: Vec<Private>) {
        private.into_iter().for_each(|private| self.0.write(private));
        self.0.commit().expect("memory does not fail");
    }

    fn read(&self) -> Addresses {
        Addresses::load(&self.0).expect("sound")
    }
}

#[test]
fn the_newest_address_of_a_peer_is_tried_first_and_the_next_once_it_failed() {
    let (mut book, nepal) = (Addresses::default(), key(1));
    book.save("old".into(), Some(nepal), Timestamp(0));
    book.save("new".into(), Some(nepal), Timestamp(10));
    assert_eq!(dials(&mut book, Timestamp(20)), [("new".into(), Some(nepal))]);
    book.failed("new", None, Timestamp(20), 0);
    assert_eq!(dials(&mut book, Timestamp(20)), [("old".into(), Some(nepal))]);
    assert_eq!(dials(&mut book, Timestamp(20)), [], "both are busy or backing off");
}

#[test]
fn failures_back_off_to_five_minutes_and_being_in_step_forgives_them() {
    let mut book = Addresses::default();
    book.save("a".into(), None, Timestamp(0));
    for _ in 0..40 {
        book.failed("a", None, Timestamp(0), 999);
    }
    let due = next(&book, Timestamp(0)).expect("one address");
    assert!((PAUSE_SHORT..PAUSE_SHORT * 5 / 4 + 1).contains(&due.0), "{due:?}");
    book.answered("a", key(1), Timestamp(5));
    let linked = book.next_due(Timestamp(5), 8, |_| false, |_, _| true);
    assert_eq!(linked, None, "it is linked");
    book.forgive(&key(1));
    book.failed("a", None, Timestamp(10), 0);
    assert_eq!(next(&book, Timestamp(10)), Some(Timestamp(10 + PAUSE_MIN)));
}

#[test]
fn a_clock_that_was_years_ahead_keeps_nobody_waiting_for_years() {
    let (mut book, ahead, right) = (Addresses::default(), Timestamp(1 << 42), Timestamp(0));
    book.save("a".into(), None, ahead);
    assert_eq!(dials(&mut book, ahead).len(), 1);
    book.failed("a", None, ahead, 0);
    assert_eq!(dials(&mut book, ahead), [], "it backs off");
    assert_eq!(next(&book, right), Some(right));
    assert_eq!(dials(&mut book, right).len(), 1, "once the clock is set right");
}

/// Tries one address whenever it is due until `until`; gives the number of
/// tries and of writes, and the longest pause.
fn in_vain(book: &mut Addresses, kept: &mut Kept, from: i64, until: i64) -> (u32, usize, i64) {
    let (mut now, mut tries, mut writes, mut longest) = (Timestamp(from), 0, 0, 0);
    while now.0 < until {
        for (address, _) in dials(book, now) {
            let private = book.failed(&address, None, now, 0);
            writes += private.len();
            kept.write(private);
            tries += 1;
        }
        let Some(due) = next(book, now) else { break };
        longest = longest.max(due.since(now));
        now = due.max(now.plus(1));
    }
    (tries, writes, longest)
}

#[test]
fn who_is_gone_is_tried_four_times_a_day_and_a_start_does_not_begin_anew() {
    let (mut book, mut kept) = (Addresses::default(), Kept::new());
    kept.write(vec![book.save("/ip4/192.0.2.7/tcp/1".into(), Some(key(1)), Timestamp(0))]);
    let (tries, writes, longest) = in_vain(&mut book, &mut kept, 0, 30 * DAY);
    assert!(tries < 260, "{tries}");
    assert!(writes < 150, "{writes}");
    assert_eq!(longest, PAUSE_MAX);
    let (late, _, _) = in_vain(&mut book, &mut kept, 30 * DAY, 40 * DAY);
    assert!(late <= 41, "{late}");
    let now = Timestamp(40 * DAY + MINUTE);
    let mut again = kept.read();
    assert_eq!(dials(&mut again, now), [], "eleven starts dial it no sooner");
    let due = next(&again, now).expect("it is not given up");
    assert!(due.since(now) <= PAUSE_MAX);
    assert_eq!(dials(&mut again, due).len(), 1);
    // Somebody answers, and all is forgiven for good.
    kept.write(again.answered("/ip4/192.0.2.7/tcp/1", key(1), due));
    kept.write(again.forgive(&key(1)));
    assert_eq!(dials(&mut kept.read(), due.plus(1)).len(), 1);
}

#[test]
fn a_node_whose_own_link_was_away_is_back_within_an_eighth_of_the_time() {
    for away in [HOUR, 6 * HOUR, DAY, 2 * DAY] {
        let (mut book, mut kept) = (Addresses::default(), Kept::new());
        book.save("a".into(), Some(key(1)), Timestamp(0));
        in_vain(&mut book, &mut kept, 0, away);
        let due = next(&book, Timestamp(away)).expect("one address");
        assert!(due.since(Timestamp(away)) <= (away / PAUSE_PART).max(PAUSE_SHORT), "{due:?}");
    }
}

#[test]
fn a_start_after_a_short_outage_costs_one_dial() {
    let (mut book, mut kept) = (Addresses::default(), Kept::new());
    kept.write(vec![book.save("a".into(), Some(key(1)), Timestamp(0))]);
    let (_, writes, _) = in_vain(&mut book, &mut kept, 0, HOUR);
    assert_eq!(writes, 1, "an hour of failures is one write");
    let mut again = kept.read();
    let (tries, _, _) = in_vain(&mut again, &mut kept, HOUR, HOUR + 4 * MINUTE);
    assert_eq!(tries, 1);
}

#[test]
fn what_a_node_tells_is_saved_beside_what_is_known_and_goes_when_it_tells_others() {
    let (mut book, mut kept, chad) = (Addresses::default(), Kept::new(), key(1));
    kept.write(vec![book.save("by hand".into(), Some(chad), Timestamp(0))]);
    kept.write(book.learn(chad, &list(&["by hand", "first"]), Timestamp(1)));
    assert_eq!(texts(&book), ["by hand", "first"], "it is known already");
    assert_eq!(texts(&kept.read()), ["by hand", "first"]);
    kept.write(book.learn(chad, &list(&["second"]), Timestamp(2)));
    assert_eq!(texts(&book), ["by hand", "second"]);
    assert_eq!(
        kept.read().iter().map(|(_, saved)| saved.learned).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(dials(&mut book, Timestamp(3)), [("second".into(), Some(chad))]);
    book.failed("second", None, Timestamp(3), 0);
    assert_eq!(dials(&mut book, Timestamp(3)), [("by hand".into(), Some(chad))]);
    kept.write(book.learn(chad, &[], Timestamp(4)));
    assert_eq!(texts(&kept.read()), ["by hand"]);
}

#[test]
fn who_tells_the_address_of_another_takes_nobodys_place() {
    let (mut book, liar, chad) = (Addresses::default(), key(1), key(2));
    book.learn(liar, &list(&["chad's"]), Timestamp(0));
    book.learn(chad, &list(&["chad's"]), Timestamp(1));
    let mut dialled = dials(&mut book, Timestamp(2));
    dialled.sort_unstable();
    let mut both = vec![("chad's".to_owned(), Some(liar)), ("chad's".to_owned(), Some(chad))];
    both.sort_unstable();
    assert_eq!(dialled, both);
    book.answered("chad's", chad, Timestamp(3));
    book.failed("chad's", Some(&liar), Timestamp(3), 0);
    let met: Vec<_> = book.iter().map(|(_, saved)| (saved.peer, saved.met_at)).collect();
    assert!(met.contains(&(Some(chad), Some(Timestamp(3)))) && met.contains(&(Some(liar), None)));
    // Nor does an address by hand change hands because a learned one answered.
    let (niger, nepal) = (key(3), key(4));
    book.save("old".into(), Some(niger), Timestamp(0));
    book.learn(nepal, &list(&["old"]), Timestamp(1));
    book.answered("old", nepal, Timestamp(2));
    assert!(book.is_hopeful(&niger, Timestamp(2)));
}

#[test]
fn what_was_learned_and_failed_for_two_weeks_is_forgotten_and_what_was_saved_never() {
    let (mut book, mut kept, chad) = (Addresses::default(), Kept::new(), key(1));
    kept.write(vec![book.save("by hand".into(), Some(chad), Timestamp(0))]);
    kept.write(book.learn(chad, &list(&["told"]), Timestamp(1)));
    in_vain(&mut book, &mut kept, 0, 13 * DAY);
    assert_eq!(texts(&kept.read()), ["by hand", "told"]);
    in_vain(&mut book, &mut kept, 13 * DAY, 15 * DAY);
    assert_eq!((texts(&book), texts(&kept.read())), (vec!["by hand"], vec!["by hand"]));
    // A clock that goes on by years ends nothing.
    kept.write(book.learn(chad, &list(&["told"]), Timestamp(0)));
    book.failed("told", None, Timestamp(1), 0);
    book.failed("told", None, Timestamp(1 << 42), 0);
    assert_eq!(texts(&book), ["by hand", "told"]);
}

#[test]
fn with_links_enough_nobody_is_dialled_only_because_it_said_where_it_is() {
    let mut book = Addresses::default();
    for seed in 0..20 {
        book.learn(key(seed), &[format!("/ip4/192.0.2.{seed}/tcp/1")], Timestamp(0));
    }
    book.save("by hand".into(), Some(key(30)), Timestamp(0));
    let now = Timestamp(1);
    assert_eq!(
        book.due(now, 0, |_| false, |_, _| false, || 0),
        [("by hand".into(), Some(key(30)))]
    );
    book.failed("by hand", None, now, 0);
    let later = book.next_due(now, 0, |_| false, |_, _| false);
    assert_eq!(later, Some(now.plus(PAUSE_MIN)), "nor is anybody woken for it");
    let mut draws = 0;
    let mut chance = || {
        draws += 7;
        draws
    };
    assert_eq!(book.due(now, 3, |_| false, |_, _| false, &mut chance).len(), 3);
    assert_eq!(book.dialling_learned(), 3);
    let asked = |saved: &Saved| saved.peer == Some(key(5)) && !saved.dialled;
    let dialled = book.due(now, 0, asked, |_, _| false, || 0).len();
    assert!(dialled <= 1, "whom somebody asks for is dialled");
}

#[test]
fn a_federation_that_tells_too_many_addresses_fills_nothing() {
    let mut book = Addresses::default();
    for number in 0..LEARNED_ADDRESSES_MAX {
        let seed: [u8; 32] = tern_crdt::identity::digest("many", &[&number.to_be_bytes()]);
        let peer = tern_crdt::identity::SecretKey::from_seed(&seed).public();
        book.learn(peer, &list(&["a", "b"]), Timestamp(0));
        if book.iter().count() >= LEARNED_ADDRESSES_MAX {
            break;
        }
    }
    assert_eq!(book.iter().count(), LEARNED_ADDRESSES_MAX);
    assert_eq!(book.learn(key(1), &list(&["c"]), Timestamp(0)).len(), 0);
    assert_eq!(book.count(), 0, "and what is saved by hand has its own room");
    let many: Vec<String> = (0..20).map(|at| at.to_string()).collect();
    let mut book = Addresses::default();
    book.learn(key(1), &many, Timestamp(0));
    assert_eq!(book.iter().count(), ADDRESSES_MAX);
}

#[test]
fn who_moves_all_the_time_has_nobody_called_for_it() {
    let (mut book, liar) = (Addresses::default(), key(1));
    let mut called = 0;
    for victim in 0..100 {
        let now = Timestamp(victim * 1_000);
        book.learn(liar, &[format!("/ip4/198.51.100.{victim}/tcp/25")], now);
        called += dials(&mut book, now).len();
    }
    assert_eq!(called, MOVES_MAX as usize);
    assert_eq!(next(&book, Timestamp(99_000)), Some(Timestamp(99_000 + MOVES_TIME)));
    let hour = Timestamp(99_000 + MOVES_TIME);
    assert_eq!(dials(&mut book, hour).len(), 1, "the last of them");
}

#[test]
fn who_is_found_next_door_is_called_whatever_links_there_are_and_nothing_is_stored() {
    let (mut book, mut kept, chad) = (Addresses::default(), Kept::new(), key(1));
    let near = "/ip4/192.168.1.7/tcp/4480";
    kept.write(book.learn(chad, &list(&["told"]), Timestamp(0)));
    book.failed("told", None, Timestamp(0), 0);
    book.found(chad, near.into(), Timestamp(1));
    let dialled = book.due(Timestamp(1), 0, |_| false, |_, _| false, || 0);
    assert_eq!(dialled, [(near.to_owned(), Some(chad))]);
    kept.write(book.answered(near, chad, Timestamp(2)));
    kept.write(book.forgive(&chad));
    assert_eq!(texts(&kept.read()), ["told"]);
    // What it tells by a record does not end what was found, nor the other way.
    kept.write(book.learn(chad, &list(&[near]), Timestamp(3)));
    assert_eq!(texts(&kept.read()), [near]);
    book.found(chad, "/ip4/192.168.1.8/tcp/4480".into(), Timestamp(4));
    assert_eq!(book.iter().count(), 2);
    for at in 0..4 {
        let failed = book.failed("/ip4/192.168.1.8/tcp/4480", None, Timestamp(5 + at), 0);
        assert_eq!(failed.len(), 0);
    }
    assert_eq!(texts(&book), [near], "and is forgotten soon");
}

#[test]
fn a_network_in_which_somebody_cries_all_the_time_calls_nobody_for_it() {
    let (mut book, chad) = (Addresses::default(), key(1));
    let mut called = 0;
    for cry in 0..1_000 {
        let now = Timestamp(cry * 100);
        book.found(chad, format!("/ip4/192.168.1.{}/tcp/4480", cry % 250), now);
        for (address, _) in dials(&mut book, now) {
            book.failed(&address, None, now, 0);
            called += 1;
        }
    }
    assert!(called <= FINDS_MAX * FOUND_FAILURES, "{called}");
    assert!(book.iter().count() <= ADDRESSES_MAX);
    for seed in 0..100 {
        for at in 0..10 {
            book.found(key(seed), format!("/ip4/10.0.0.{at}/tcp/{}", seed + 1), Timestamp(0));
        }
    }
    assert!(book.iter().count() <= FOUND_ADDRESSES_MAX);
}

#[test]
fn what_costs_money_begins_over_tcp_unless_that_failed() {
    let (mut book, nepal, chad) = (Addresses::default(), key(1), key(2));
    let (tcp, quic, other) =
        ("/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1", "/ip4/192.0.2.2/tcp/4001");
    for (address, peer) in [(tcp, nepal), (other, chad), (quic, nepal)] {
        book.save(address.into(), Some(peer), Timestamp(0));
    }
    book.answered(other, chad, Timestamp(1));
    book.answered(quic, nepal, Timestamp(2));
    let one = |book: &mut Addresses, now| book.one_due(Timestamp(now), true, |_, _| true);
    assert_eq!(one(&mut book, 10), Some((tcp.into(), Some(nepal))), "Nepal answered last");
    book.failed(tcp, None, Timestamp(20), 0);
    assert_eq!(one(&mut book, 20), Some((quic.into(), Some(nepal))), "the way is closed to TCP");
    book.failed(quic, None, Timestamp(30), 0);
    assert_eq!(one(&mut book, 30), Some((other.into(), Some(chad))));
    book.forgive(&nepal);
    assert_eq!(one(&mut book, 2_000), Some((tcp.into(), Some(nepal))));
}

#[test]
fn whoever_reaches_nobody_tries_all_in_turn_for_its_own_link_may_be_back_for_minutes() {
    let (mut book, all) = (Addresses::default(), |_: &str, _: &Saved| true);
    for (address, peer) in [("niger", 1), ("nepal", 2), ("fiji", 3)] {
        book.save(address.into(), Some(key(peer)), Timestamp(0));
    }
    assert_eq!(book.alone_due(all), None, "nothing fails yet");
    let fails = |book: &mut Addresses, address: &str, at: i64| {
        book.failed(address, None, Timestamp(at), 0);
    };
    // A mobile network that was away since the afternoon.
    for half in 0..20 {
        for (minute, address) in (0..).zip(["niger", "nepal", "fiji"]) {
            fails(&mut book, address, half * HOUR / 2 + minute * MINUTE);
        }
    }
    let last = 19 * HOUR / 2 + 2 * MINUTE;
    assert!(next(&book, Timestamp(last)).is_some_and(|due| due.0 > 10 * HOUR), "backed off");
    assert_eq!(book.alone_due(all), Some(Timestamp(last + ALONE_PAUSE_MIN)));
    assert_eq!(book.one_alone(Timestamp(last + 9 * MINUTE), all), None);
    let at = last + ALONE_PAUSE_MIN;
    assert_eq!(book.one_alone(Timestamp(at), all), Some(("niger".into(), Some(key(1)))));
    assert_eq!(book.alone_due(all), None, "it is being tried");
    fails(&mut book, "niger", at);
    let at = at + ALONE_PAUSE_MIN;
    assert_eq!(book.one_alone(Timestamp(at), all), Some(("nepal".into(), Some(key(2)))));
    book.answered("nepal", key(2), Timestamp(at));
    book.forgive(&key(2));
    assert_eq!(book.alone_due(all), None, "somebody is reached");
    // Days later it is the others who are gone.
    for address in ["niger", "nepal", "fiji"] {
        (0..8).for_each(|day| fails(&mut book, address, (1 + day) * DAY));
    }
    assert_eq!(book.alone_due(all), Some(Timestamp(8 * DAY + ALONE_PAUSE_MAX)));
}
