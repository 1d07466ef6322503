//! What a meeting says: no more than the two have apart.

use super::*;
use crate::meeting::Tally;
use crate::step::Done;

/// What was said, in order.
struct Said {
    message: Message,
    bytes: usize,
}

/// Opens a link and lets the two meet until so many pieces were carried; then
/// it is lost.
fn meet(chad: &mut Node, niger: &mut Node, link: u64, lasts: usize) -> Vec<Said> {
    chad.connects(link, niger.key, "other");
    niger.connects(link, chad.key, "");
    let said = listen(chad, niger, lasts);
    for node in [chad, niger] {
        node.sent.clear();
        node.hears(Input::Disconnected { link: LinkId(link) });
    }
    said
}

fn listen(chad: &mut Node, niger: &mut Node, lasts: usize) -> Vec<Said> {
    let mut said = Vec::new();
    while !(chad.sent.is_empty() && niger.sent.is_empty()) && pieces(&said).len() < lasts {
        for by_chad in [true, false] {
            let (from, to) =
                if by_chad { (&mut *chad, &mut *niger) } else { (&mut *niger, &mut *chad) };
            if let Some((_, frame)) = from.sent.front() {
                let message = Message::from_bytes(frame).expect("own frames");
                said.push(Said { message, bytes: frame.len() });
                carry(from, to);
            }
        }
    }
    said
}

/// Bytes that were said, and those of packed pieces among them.
fn bytes(said: &[Said]) -> (usize, usize) {
    let packed = said.iter().filter_map(|said| match &said.message {
        Message::Pieces { pieces, .. } => Some(pieces.len()),
        _ => None,
    });
    (said.iter().map(|said| said.bytes).sum(), packed.sum())
}

fn pieces(said: &[Said]) -> Vec<Piece> {
    let pieces = said.iter().filter_map(|said| match &said.message {
        Message::Pieces { pieces, .. } => Some(pieces.unpack().expect("own pieces")),
        _ => None,
    });
    pieces.flatten().collect()
}

fn count(said: &[Said], what: impl Fn(&Message) -> bool) -> usize {
    said.iter().filter(|said| what(&said.message)).count()
}

const WHOLE: usize = usize::MAX;

#[test]
fn who_hold_the_same_greet_and_say_no_more() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    for link in 1..3 {
        let said = meet(&mut chad, &mut niger, link, WHOLE);
        // And which run of the program each is, with the receipt of that.
        assert_eq!(said.len(), 6);
        assert!(bytes(&said).0 <= 300, "{:?}", bytes(&said));
    }
}

#[test]
fn one_new_edition_takes_a_greeting_each_and_goes_without_those_before_it() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let first = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    niger.writes(&hub, &[first.piece()]);
    meet(&mut chad, &mut niger, 1, WHOLE);
    let second = hub.edition(&hub.niger.publisher, &[&first], "Births and deaths are registered");
    niger.writes(&hub, &[second.piece()]);
    let said = meet(&mut chad, &mut niger, 2, WHOLE);
    assert_eq!(pieces(&said), [second.piece()]);
    assert_eq!(count(&said, |message| matches!(message, Message::Hello(_))), 2);
    // Niger pushes as soon as it has heard Chad's greeting.
    let asked = count(&said, |message| {
        matches!(message, Message::More { .. } | Message::Difference { .. })
    });
    assert_eq!(asked, 0, "nothing is asked");
    let (whole, content) = bytes(&said);
    assert!(whole - content <= 500, "{whole} bytes, {content} of them content");
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn on_a_link_that_stays_open_news_go_without_symbols() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    connect(&mut chad, &mut niger);
    converse(&mut chad, &mut niger);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    let said = listen(&mut chad, &mut niger, WHOLE);
    let (whole, content) = bytes(&said);
    assert_eq!((pieces(&said).len(), chad.roots()), (1, niger.roots()));
    assert!(whole - content <= 320, "{whole} bytes, {content} of them content");
}

#[test]
fn what_both_took_in_from_a_third_is_not_sent_again() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let shared = hub.edition(&hub.chad.publisher, &[], "Desks");
    meet(&mut chad, &mut niger, 1, WHOLE);
    let mut published = Vec::new();
    for (node, by) in [(&mut chad, &hub.chad.publisher), (&mut niger, &hub.niger.publisher)] {
        let own = hub.edition(by, &[], "Births are registered");
        node.writes(&hub, &[shared.piece(), own.piece()]);
        published.push(own.piece());
    }
    let said = meet(&mut chad, &mut niger, 2, WHOLE);
    assert_eq!(pieces(&said).len(), 2, "each lacks one");
    assert!(pieces(&said).iter().all(|piece| published.contains(piece)));
    assert_eq!(count(&said, |message| matches!(message, Message::More { .. })), 0);
    assert_eq!(chad.roots(), niger.roots());
}

/// Opened anew, a node does not know what it agreed on with whom.
fn opened_anew(hub: &Hub, node: Node, party: &Party) -> Node {
    Shell::open(settings(hub, party, true), node.key, node.replica.into_store())
}

#[test]
fn after_a_restart_an_earlier_edition_is_recognised_and_the_next_one_goes_alone() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let by = &hub.niger.publisher;
    let first = hub.edition(by, &[], "Births are registered");
    let second = hub.edition(by, &[&first], "Births and deaths are registered");
    let third = hub.edition(by, &[&second], "Births, deaths and marriages");
    chad.writes(&hub, &[first.piece()]);
    niger.writes(&hub, &[first.piece(), second.piece(), third.piece()]);
    // Whichever side finds: the other way round too.
    for turned in [false, true] {
        let (one, other) = (chad.replica.library(), niger.replica.library());
        let records = |library: &crate::library::Library<MemoryStore>| library.practices();
        assert_eq!((records(one), records(other)), (1, 1));
        let mut chad = opened_anew(&hub, node(&hub, &hub.chad, true, &hub.records()), &hub.chad);
        let mut niger = opened_anew(&hub, node(&hub, &hub.niger, true, &hub.records()), &hub.niger);
        let (less, more) = if turned { (&mut niger, &mut chad) } else { (&mut chad, &mut niger) };
        less.writes(&hub, &[first.piece()]);
        more.writes(&hub, &[first.piece(), second.piece(), third.piece()]);
        let said = meet(&mut chad, &mut niger, 1, WHOLE);
        assert_eq!(pieces(&said), [second.piece(), third.piece()]);
        assert_eq!(chad.roots(), niger.roots());
    }
}

/// Chad and Niger were equal; Niger went on with each of so many practices, and
/// both were started anew. Nobody greets unasked.
fn niger_went_on(practices: usize) -> (Hub, Node, Node) {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let by = &hub.niger.publisher;
    let titles = (0..practices).map(|number| format!("Practice {number}"));
    let firsts: Vec<_> = titles.map(|title| hub.edition(by, &[], &title)).collect();
    niger.writes(&hub, &firsts.iter().map(|first| first.piece()).collect::<Vec<_>>());
    meet(&mut chad, &mut niger, 1, WHOLE);
    for first in &firsts {
        niger.writes(&hub, &[hub.edition(by, &[first], "Once more").piece()]);
    }
    let silent = |node: Node, party| {
        Shell::open(settings(&hub, party, false), node.key, node.replica.into_store())
    };
    let (chad, niger) = (silent(chad, &hub.chad), silent(niger, &hub.niger));
    (hub, chad, niger)
}

/// One asks the other to meet: what was said, and how often the asker had to wait.
fn asked(asker: &mut Node, other: &mut Node) -> (Vec<Said>, u32) {
    connect(asker, other);
    asker.asks(4, Command::Meet { peer: other.key });
    let said = listen(asker, other, WHOLE);
    let done = asker.answers.drain(..).find_map(|(_, result)| match result {
        Ok(Done::Met(report)) => Some((report.settled, report.tally.round_trips)),
        _ => None,
    });
    let (settled, round_trips) = done.expect("they met");
    assert!(settled);
    assert_eq!(asker.roots(), other.roots());
    (said, round_trips)
}

/// Questions, and what is named to find a difference.
fn finding(message: &Message) -> bool {
    matches!(message, Message::More { .. } | Message::Divide { .. } | Message::Difference { .. })
}

#[test]
fn who_is_behind_is_recognised_after_a_restart_and_gets_all_in_one_round_trip() {
    for practices in [1, 100] {
        let (_, mut chad, mut niger) = niger_went_on(practices);
        let (said, round_trips) = asked(&mut chad, &mut niger);
        let (whole, content) = bytes(&said);
        assert_eq!((pieces(&said).len(), count(&said, finding), round_trips), (practices, 0, 1));
        assert!(whole - content <= 400, "{whole} bytes, {content} of them content");
        // Niger is told by the one word of Chad's that it has all.
        assert_eq!(count(&said, |message| matches!(message, Message::Roots { .. })), 1);
    }
}

#[test]
fn who_has_news_and_asks_says_so_at_once_and_waits_only_for_the_word_that_they_arrived() {
    let (_, mut chad, mut niger) = niger_went_on(100);
    let (said, round_trips) = asked(&mut niger, &mut chad);
    let (whole, content) = bytes(&said);
    assert_eq!((pieces(&said).len(), count(&said, finding), round_trips), (100, 0, 2));
    // Chad does not know that it is behind, and tells a few symbols.
    assert!(whole - content <= 600, "{whole} bytes, {content} of them content");
}

#[test]
fn of_two_that_greet_at_once_the_one_that_is_ahead_pushes_whoever_would_have_asked() {
    for niger_is_ahead in [true, false] {
        let (hub, mut chad, mut niger) = chad_and_niger(true);
        let by = &hub.niger.publisher;
        let first = hub.edition(by, &[], "Births are registered");
        let second = hub.edition(by, &[&first], "Births and deaths are registered");
        let (ahead, behind) =
            if niger_is_ahead { (&mut niger, &mut chad) } else { (&mut chad, &mut niger) };
        // The two never met: who held the same once is known by its root alone.
        behind.writes(&hub, &[first.piece()]);
        ahead.writes(&hub, &[first.piece()]);
        assert_eq!(ahead.roots(), behind.roots());
        ahead.writes(&hub, &[second.piece()]);
        let (mut chad, mut niger) =
            (opened_anew(&hub, chad, &hub.chad), opened_anew(&hub, niger, &hub.niger));
        let said = meet(&mut chad, &mut niger, 1, WHOLE);
        assert_eq!(pieces(&said), [second.piece()]);
        assert_eq!(count(&said, |message| matches!(message, Message::Told { .. })), 1);
        let named = |message: &Message| matches!(message, Message::Difference { .. });
        assert_eq!((count(&said, named), chad.roots()), (0, niger.roots()));
    }
}

#[test]
fn where_both_have_news_the_one_that_is_asked_tells_symbols_with_its_greeting() {
    let (hub, mut chad, mut niger) = niger_went_on(1);
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    let (said, round_trips) = asked(&mut chad, &mut niger);
    let asks = count(&said, |message| matches!(message, Message::More { .. }));
    // Its greeting, and the word that Chad's arrived.
    assert_eq!((pieces(&said).len(), asks, round_trips), (2, 0, 2));
    assert_eq!(count(&said, |message| matches!(message, Message::Roots { .. })), 2);
}

#[test]
fn what_a_node_remembers_falsely_costs_a_round_and_no_more() {
    let (hub, mut chad, mut niger) = niger_went_on(3);
    let root = chad.roots()[2];
    let third = hub.edition(&hub.niger.publisher, &[], "Marriages");
    niger.writes(&hub, &[third.piece()]);
    // As if an earlier version had not written down what it took in meanwhile.
    let mut store = niger.replica.into_store();
    let kept = store.scan(Space::Local, b"Drecent/", None, 9).expect("sound").entries;
    let mut batch = Batch::default();
    kept.iter().for_each(|(name, _)| batch.delete(Space::Local, name.clone()));
    let had = (0, (SetId::Public as u8, ByteVec::from(root.to_vec())));
    let practice = ByteVec::from(third.practice().as_bytes().to_vec());
    let changed = (1, (SetId::Public as u8, practice, None::<ByteVec>));
    let mut value = vec![1];
    minicbor::encode((had, changed), &mut value).expect("into a Vec");
    batch.put(Space::Local, kept[0].0.clone(), value);
    store.commit(batch).expect("room");
    let mut niger = Shell::open(settings(&hub, &hub.niger, false), niger.key, store);
    let (said, _) = asked(&mut chad, &mut niger);
    assert_eq!(pieces(&said)[0], third.piece(), "what it remembers");
    assert_eq!(count(&said, |message| matches!(message, Message::Hello(_))), 4);
    assert_eq!(pieces(&said).len(), 4, "and the rest is found");
}

#[test]
fn of_a_practice_that_both_went_on_with_each_sends_its_own_edition_alone() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let by = &hub.niger.publisher;
    let first = hub.edition(by, &[], "Births are registered");
    let [here, there] = ["Births and deaths", "Births and marriages"]
        .map(|title| hub.edition(by, &[&first], title));
    chad.writes(&hub, &[first.piece(), here.piece()]);
    niger.writes(&hub, &[first.piece(), there.piece()]);
    let said = meet(&mut chad, &mut niger, 1, WHOLE);
    let named = count(&said, |message| matches!(message, Message::Parts { .. }));
    assert_eq!((pieces(&said).len(), named), (2, 2));
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn one_hundred_new_editions_take_few_bytes_beside_what_they_say() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let by = &hub.niger.publisher;
    let titles: Vec<String> = (0..100).map(|number| format!("Practice {number}")).collect();
    let firsts: Vec<_> = titles.iter().map(|title| hub.edition(by, &[], title)).collect();
    niger.writes(&hub, &firsts.iter().map(|first| first.piece()).collect::<Vec<_>>());
    meet(&mut chad, &mut niger, 1, WHOLE);
    // Chad has something new too, so that a difference has to be found.
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    let seconds: Vec<_> =
        firsts.iter().map(|first| hub.edition(by, &[first], "Once more").piece()).collect();
    niger.writes(&hub, &seconds);
    let said = meet(&mut chad, &mut niger, 2, WHOLE);
    let (whole, content) = bytes(&said);
    assert!(whole - content <= 6_000, "{whole} bytes, {content} of them content");
    assert_eq!((pieces(&said).len(), chad.roots()), (101, niger.roots()));
    assert_eq!(count(&said, |message| matches!(message, Message::More { .. })), 0);
}

fn cards(hub: &Hub, by: &crate::story::Holder, from: usize, to: usize) -> Vec<Piece> {
    (from..to).map(|number| piece(&hub.card(by, &format!("Desk {number}")))).collect()
}

/// Two that were apart for a year: too much for one sketch.
fn apart() -> (Hub, Node, Node) {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let both = cards(&hub, &hub.chad.publisher, 0, 300);
    let chads = cards(&hub, &hub.chad.publisher, 300, 1_150);
    let nigers = cards(&hub, &hub.niger.publisher, 0, 850);
    for (node, own) in [(&mut chad, chads), (&mut niger, nigers)] {
        for part in [&both[..], &own[..]].concat().chunks(200) {
            node.writes(&hub, part);
        }
    }
    (hub, chad, niger)
}

#[test]
fn much_is_found_bucket_by_bucket_and_a_cut_loses_little_of_it() {
    let (_, mut chad, mut niger) = apart();
    let said = meet(&mut chad, &mut niger, 1, 300);
    assert_eq!(count(&said, |message| matches!(message, Message::Divide { .. })), 1);
    let first = pieces(&said).len();
    assert!((300..600).contains(&first), "{first} pieces before the cut");
    let said = meet(&mut chad, &mut niger, 2, WHOLE);
    let second = pieces(&said).len();
    assert_eq!(first + second, 1_700, "no piece goes twice");
    assert_eq!(chad.roots(), niger.roots());
    let (whole, content) = bytes(&said);
    let apart = second;
    assert!(
        whole - content < apart * (8 * 3 + 12) + 16_000,
        "{whole} bytes, {content} of them content, for {apart} differences"
    );
}

#[test]
fn pieces_that_arrived_before_the_link_was_lost_are_held_although_they_were_examined_after() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    connect(&mut chad, &mut niger);
    let mut works = Vec::new();
    while works.is_empty() {
        carry(&mut chad, &mut niger);
        let Some((link, frame)) = niger.sent.pop_front() else { continue };
        // What Chad is to examine waits.
        let input = Input::Received { link, frame };
        let out = chad.replica.step(chad.now, std::iter::once(input)).expect("a sound store");
        let (work, rest) = out.into_iter().partition(|o| matches!(o, Output::Work(_)));
        works = work;
        chad.carry_out(rest);
    }
    chad.hears(Input::Disconnected { link: LinkId(1) });
    assert_eq!(chad.replica.library().practices(), 0);
    chad.carry_out(works);
    assert_eq!(chad.replica.library().practices(), 1);
}

#[test]
fn whoever_holds_nothing_is_given_all_without_a_question() {
    let (hub, mut chad, _) = apart();
    let mut niger = node(&hub, &hub.niger, true, &hub.records());
    let said = meet(&mut chad, &mut niger, 1, WHOLE);
    assert_eq!((pieces(&said).len(), chad.roots()), (1_150, niger.roots()));
    let (whole, content) = bytes(&said);
    assert!(whole - content < 1_150 * 8 + 1_000, "{whole} bytes, {content} of them content");
}

#[test]
fn a_meeting_tells_how_often_it_had_to_wait() {
    let (hub, mut chad, mut niger) = chad_and_niger(false);
    connect(&mut chad, &mut niger);
    let mut tallies = Vec::new();
    for title in ["Births", "Deaths"] {
        niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], title).piece()]);
        niger.asks(5, Command::Meet { peer: chad.key });
        converse(&mut chad, &mut niger);
        let done = niger.answers.drain(..).find_map(|(_, result)| match result {
            Ok(Done::Met(report)) => Some((report.settled, report.tally)),
            _ => None,
        });
        tallies.push(done.expect("they met"));
    }
    let (settled, Tally { round_trips, objects_sent, .. }) = tallies[1];
    assert!(settled);
    // The greeting, and the word that all arrived.
    assert_eq!((round_trips, objects_sent), (2, 1));
}

#[test]
fn where_each_link_brings_a_little_before_it_is_cut_the_next_is_dialled_soon() {
    let (_, mut chad, mut niger) = apart();
    let now = chad.now;
    chad.replica.addresses.save("other".into(), Some(niger.key), now);
    let waits = |chad: &Node| {
        let due = chad
            .replica
            .addresses
            .next_due(chad.now, 1, |_| true, |_, _| false)
            .expect("an address");
        due.since(chad.now)
    };
    for link in 1..6 {
        meet(&mut chad, &mut niger, link, 20);
        assert!(waits(&chad) < 2_000, "after cut {link}: {} ms", waits(&chad));
    }
    // A link that brings nothing leaves the pauses to grow.
    for link in 6..11 {
        meet(&mut chad, &mut niger, link, 0);
    }
    assert!(waits(&chad) > 8_000, "{} ms", waits(&chad));
}

/// Chad's office puts in its whole archive at once, by a key with a quota, while its
/// publisher wrote four practices. The link holds for a few pieces only.
#[test]
fn what_one_member_sends_in_masses_goes_after_what_others_wrote() {
    let mut hub = Hub::new();
    let key = tern_crdt::identity::SecretKey::from_seed(&[77; 32]);
    let certificate = hub.chad.grants(tern_crdt::authority::Certificate {
        key: key.public(),
        encryption: None,
        roles: tern_crdt::authority::Roles::of(&[tern_crdt::authority::Role::Publisher]),
        scope: None,
        quota: Some(3),
        last_beacon: None,
    });
    let archive = crate::story::Holder { key, certificate };
    let records = hub.records();
    let mut chad = node(&hub, &hub.chad, true, &records);
    let mut niger = node(&hub, &hub.niger, true, &records);
    let masses: Vec<_> =
        (0..60).map(|at| hub.edition(&archive, &[], &format!("From the archive, {at}"))).collect();
    let few: Vec<_> = (0..4)
        .map(|at| hub.edition(&hub.chad.publisher, &[], &format!("What we learnt, {at}")))
        .collect();
    let all: Vec<Piece> = masses.iter().chain(&few).map(|written| written.piece()).collect();
    chad.writes(&hub, &all);

    let said = meet(&mut chad, &mut niger, 1, WHOLE);
    let by = |piece: &Piece| match piece {
        Piece::Edition { statement, .. } => {
            tern_crdt::signed::Record::from_bytes(statement).ok()?.author()
        }
        _ => None,
    };
    let order: Vec<_> = pieces(&said).iter().filter_map(by).collect();
    assert_eq!(order.len(), 64);
    let first = &order[..7];
    let of_few = first.iter().filter(|by| **by == hub.chad.publisher.certificate).count();
    assert_eq!(of_few, 4, "all that others wrote is among the first");
    assert!(order[7..].iter().all(|by| *by == certificate));
    assert_eq!(chad.roots(), niger.roots(), "a delay, never a refusal");
}

/// Chad remembers what it wrote before its node was started anew. Both hold all of it.
#[test]
fn what_is_written_after_a_start_goes_alone_though_more_is_remembered() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let written: Vec<_> =
        (0..20).map(|at| hub.edition(&hub.chad.publisher, &[], &format!("No. {at}"))).collect();
    let all: Vec<Piece> = written.iter().map(|written| written.piece()).collect();
    chad.writes(&hub, &all);
    meet(&mut chad, &mut niger, 1, WHOLE);
    let (key, store) = (chad.key, chad.replica.into_store());
    let mut chad = Node::open(settings(&hub, &hub.chad, true), key, store);
    chad.connects(2, niger.key, "other");
    niger.connects(2, chad.key, "");
    listen(&mut chad, &mut niger, WHOLE);
    let next = hub.edition(&hub.chad.publisher, &[], "What is new");
    chad.writes(&hub, &[next.piece()]);
    let said = listen(&mut chad, &mut niger, WHOLE);
    assert_eq!(pieces(&said), [next.piece()], "and nothing of what both hold");
    assert_eq!(chad.roots(), niger.roots());
}
