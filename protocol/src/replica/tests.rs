//! Stories of two or three replicas that are handed each other's frames.

use std::collections::VecDeque;

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use proptest::prelude::*;
use tern_crdt::authority::{Cut, Revoke, RevokeReason};
use tern_crdt::identity::{FederationId, PublicKey, SecretKey};
use tern_crdt::signed::Statement;
use tern_crdt::timestamp::Timestamp;

use super::*;
use crate::gate::examine;
use crate::ledger::Private;
use crate::limits::{
    ADDRESS_BYTES_MAX, JOIN_BYTES_MAX, LINKS_OF_PEER_MAX, MESSAGE_BYTES_MAX,
    PRIVATE_NAME_BYTES_MAX, STRANGER_PATIENCE, STRANGERS_MAX, WINDOW_BYTES,
};
use crate::meeting::set::SetId;
use crate::membership::Invitation;
use crate::message::{Hello, Join, Joined, Message, Offered, Piece, VERSIONS};
use crate::packing::Packed;
use crate::step::Command;
use crate::store::memory::MemoryStore;
use crate::store::{Batch, Page, Space};
use crate::story::{Hub, Party, piece};
use crate::tariff::{LinkClass, Tariff};

mod bundles;
mod catching_up;
mod contacts;
mod drafts;
mod letters;
mod meetings;
mod moving;
mod recovering;
mod routing;
mod runs;
mod sticks;
mod thrift;

const NOON: Timestamp = Timestamp(1_700_000_000_000);

/// A replica with a shell that works at once and forgets nothing.
struct Shell<S> {
    replica: Replica<S>,
    key: PublicKey,
    now: Timestamp,
    /// Frames to be carried to the others, in order.
    sent: VecDeque<(LinkId, Bytes)>,
    hung_up: Vec<LinkId>,
    dialled: Vec<String>,
    events: Vec<Event>,
    answers: Vec<(CommandId, Result<Done, CommandRefused>)>,
    wakes: Option<Timestamp>,
    credit: usize,
}

impl<S: Store> Shell<S> {
    fn open(settings: Settings, key: PublicKey, store: S) -> Self {
        Self::open_with(settings, key, store, 1)
    }

    fn open_with(settings: Settings, key: PublicKey, store: S, seed: u64) -> Self {
        let (replica, out) =
            Replica::open(settings, key, store, seed, NOON).expect("a sound store opens");
        let (sent, hung_up, dialled) = (VecDeque::new(), Vec::new(), Vec::new());
        let (events, answers, wakes) = (Vec::new(), Vec::new(), None);
        let mut shell = Self {
            replica,
            key,
            now: NOON,
            sent,
            hung_up,
            dialled,
            events,
            answers,
            wakes,
            credit: 0,
        };
        shell.carry_out(out);
        shell
    }

    fn carry_out(&mut self, out: Outputs) {
        let mut works = Vec::new();
        for output in out {
            match output {
                Output::Send { link, frame } => self.sent.push_back((link, frame)),
                Output::Credit { bytes, .. } => self.credit += bytes,
                Output::Hangup { link } => self.hung_up.push(link),
                Output::Dial { address, .. } => self.dialled.push(address),
                Output::WakeAt(at) => self.wakes = Some(at),
                Output::Work(job) => works.push(job),
                Output::Answer { id, result } => self.answers.push((id, result)),
                Output::Event(event) => self.events.push(event),
            }
        }
        for job in works {
            self.hears(Input::Worked(job.run()));
        }
    }

    fn hears(&mut self, input: Input) {
        let out = self.replica.step(self.now, std::iter::once(input)).expect("a sound store");
        self.carry_out(out);
    }

    fn receives(&mut self, link: u64, message: &Message) {
        let frame = message.to_bytes().into();
        self.hears(Input::Received { link: LinkId(link), frame });
    }

    fn asks(&mut self, id: u64, command: Command) -> Option<&Result<Done, CommandRefused>> {
        let id = CommandId(id);
        self.hears(Input::Command { id, command });
        self.answers.iter().find(|(answered, _)| *answered == id).map(|(_, result)| result)
    }

    fn connects(&mut self, link: u64, peer: PublicKey, address: &str) {
        let (link, address) = (LinkId(link), address.to_owned());
        let dialled = !address.is_empty();
        self.hears(Input::Connected { link, peer, dialled, address, near: false });
    }

    fn writes(&mut self, hub: &Hub, pieces: &[Piece]) {
        let pieces = pieces.iter().map(|piece| examine(piece, hub.federation).expect("honest"));
        let command = Command::Write { pieces: pieces.collect(), private: vec![] };
        assert!(matches!(self.asks(u64::MAX, command), Some(Ok(Done::Written(_)))));
        self.answers.clear();
    }

    /// What was said and not yet carried anywhere.
    fn says(&mut self) -> Vec<Message> {
        let frames = self.sent.drain(..);
        frames.map(|(_, frame)| Message::from_bytes(&frame).expect("own frames")).collect()
    }

    fn roots(&self) -> [crate::meeting::set::Root; 3] {
        crate::meeting::set::SetId::ALL.map(|set| self.replica.library().set(set).root())
    }
}

type Node = Shell<MemoryStore>;

fn settings(hub: &Hub, party: &Party, auto: bool) -> Settings {
    let tariff = Tariff::of(LinkClass::Broadband);
    Settings {
        federation: hub.federation,
        org: party.org(),
        auto,
        learns: true,
        joining: None,
        tariff,
    }
}

/// A node of a party that holds these records.
fn node(hub: &Hub, party: &Party, auto: bool, records: &[tern_crdt::signed::Record]) -> Node {
    let key = party.node.key.public();
    let mut node = Shell::open(settings(hub, party, auto), key, MemoryStore::new());
    let pieces: Vec<_> = records.iter().map(piece).collect();
    node.writes(hub, &pieces);
    node
}

/// Chad and Niger, who know of each other.
fn chad_and_niger(auto: bool) -> (Hub, Node, Node) {
    let hub = Hub::new();
    let records = hub.records();
    let chad = node(&hub, &hub.chad, auto, &records);
    let niger = node(&hub, &hub.niger, auto, &records);
    (hub, chad, niger)
}

/// Chad, Niger and Nepal, members all.
fn three_members() -> (Hub, [Node; 3]) {
    let mut hub = Hub::new();
    hub.nepal = Party::new("Nepal", 3);
    let mut records = hub.records();
    records.push(hub.chad.admits(hub.federation, &hub.nepal));
    records.extend(hub.nepal.records(hub.federation));
    let parties = [&hub.chad, &hub.niger, &hub.nepal];
    let nodes = parties.map(|party| node(&hub, party, true, &records));
    (hub, nodes)
}

/// Opens link 1 between two nodes.
fn connect(one: &mut Node, other: &mut Node) {
    let (key, peer) = (one.key, other.key);
    one.connects(1, peer, "other");
    other.connects(1, key, "");
}

/// Carries frames both ways until nobody has anything more to say.
fn converse(one: &mut Node, other: &mut Node) {
    while !(one.sent.is_empty() && other.sent.is_empty()) {
        carry(one, other);
        carry(other, one);
    }
}

/// Carries one frame, which the transport takes at once.
fn carry(from: &mut Node, to: &mut Node) {
    if let Some((link, frame)) = from.sent.pop_front() {
        from.hears(Input::Taken { link, bytes: frame.len() });
        to.hears(Input::Received { link, frame });
    }
}

#[test]
fn two_nodes_that_meet_hold_the_same_and_then_have_nothing_more_to_say() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let first = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    niger.writes(
        &hub,
        &[first.piece(), hub.edition(&hub.niger.publisher, &[&first], "Again").piece()],
    );
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    connect(&mut chad, &mut niger);
    converse(&mut chad, &mut niger);
    assert_eq!(chad.roots(), niger.roots());
    assert_eq!(chad.replica.library().practices(), 2);
    for (node, peer) in [(&chad, niger.key), (&niger, chad.key)] {
        assert!(node.events.contains(&Event::Settled(peer)), "{:?}", node.events);
    }
    chad.hears(Input::Tick);
    assert!(chad.sent.is_empty(), "both know that they hold the same");
}

#[test]
fn a_store_that_a_newer_version_wrote_is_refused_before_anything_is_read() {
    let hub = Hub::new();
    let chad = node(&hub, &hub.chad, true, &hub.records());
    let mut store = chad.replica.into_store();
    let layout = store.get(Space::Meta, b"layout").expect("sound").expect("it is told");
    assert_eq!(layout[..], 1_u32.to_le_bytes());
    let mut newer = Batch::default();
    newer.put(Space::Meta, &b"layout"[..], 2_u32.to_le_bytes().to_vec());
    store.commit(newer).expect("room");
    let key = hub.chad.node.key.public();
    let refused = Replica::open(settings(&hub, &hub.chad, true), key, store, 1, NOON).err();
    assert!(matches!(refused, Some(StoreError::Newer { layout: 2, known: 1 })), "{refused:?}");
}

fn offered(set: u8, root: [u8; 16], count: u64) -> Offered {
    Offered { set, root, count, since: None, symbols: None }
}

fn hello(federation: FederationId, round: u32, sets: Vec<Offered>) -> Hello {
    let federation = Hello::federation(federation);
    Hello { versions: VERSIONS, federation, round, key: 7, sets, alone: None }
}

/// Carries frames both ways, those of `newer` as a later version says them: it
/// speaks one wire version more, and knows a set more.
fn converse_with_a_newer_one(old: &mut Node, newer: &mut Node) {
    while !(old.sent.is_empty() && newer.sent.is_empty()) {
        if let Some((link, frame)) = newer.sent.front().cloned()
            && let Ok(Message::Hello(mut hello)) = Message::from_bytes(&frame)
        {
            hello.versions = (VERSIONS.0, VERSIONS.1 + 1);
            hello.sets.push(offered(9, [9; 16], 1));
            newer.sent[0] = (link, Message::Hello(hello).to_bytes().into());
        }
        carry(newer, old);
        carry(old, newer);
    }
}

#[test]
fn a_node_one_version_behind_still_meets() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births are registered").piece()]);
    connect(&mut chad, &mut niger);
    converse_with_a_newer_one(&mut chad, &mut niger);
    assert_eq!(chad.roots(), niger.roots());
    assert!(chad.events.contains(&Event::Settled(niger.key)), "{:?}", chad.events);
    assert_eq!(chad.hung_up, []);
}

#[test]
fn bytes_are_counted_by_peer_and_day_whichever_link_they_took() {
    let (_, mut chad, mut niger) = chad_and_niger(true);
    connect(&mut chad, &mut niger);
    converse(&mut chad, &mut niger);
    let today = |shell: &Node, peer: PublicKey| shell.replica.peer(peer).bytes_today;
    let first = today(&chad, niger.key);
    assert!(first > 0, "a meeting has bytes");
    assert_eq!(first, today(&niger, chad.key), "both ends count the same");
    chad.hears(Input::Disconnected { link: LinkId(1) });
    assert_eq!(today(&chad, niger.key), first, "the link is gone, the day is not");
    chad.now = chad.now.plus(DAY);
    chad.hears(Input::Tick);
    assert_eq!(today(&chad, niger.key), 0);
}

#[test]
fn a_meeting_that_was_asked_for_is_about_all_that_was_there_when_it_was_asked_for() {
    let (hub, mut chad, mut niger) = chad_and_niger(false);
    connect(&mut chad, &mut niger);
    assert_eq!(chad.asks(1, Command::Meet { peer: niger.key }), None);
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Written under way").piece()]);
    assert_eq!(chad.asks(2, Command::Meet { peer: niger.key }), None);
    converse(&mut chad, &mut niger);
    let [(CommandId(1), Ok(Done::Met(first))), (CommandId(2), Ok(Done::Met(second)))] =
        &chad.answers[..]
    else {
        panic!("{:?}", chad.answers);
    };
    assert_eq!((first.tally.objects_sent, second.tally.objects_sent), (0, 1));
    assert!(second.settled);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn who_cannot_be_met_is_told_at_once() {
    let (hub, mut chad, niger) = chad_and_niger(false);
    let unreachable = |node: &mut Node, id, peer| {
        matches!(node.asks(id, Command::Meet { peer }), Some(Err(CommandRefused::Unreachable(_))))
    };
    assert!(unreachable(&mut chad, 1, niger.key), "no address");
    let own = chad.key;
    assert!(unreachable(&mut chad, 2, own), "itself");
    chad.connects(1, hub.nepal.node.key.public(), "");
    let stranger = chad.asks(3, Command::Meet { peer: hub.nepal.node.key.public() });
    assert!(matches!(stranger, Some(Err(CommandRefused::Ended(_)))), "{stranger:?}");
    assert!(chad.says().is_empty(), "a stranger is not greeted");

    let address = "niger".to_owned();
    chad.asks(4, Command::SaveAddress { address: address.clone(), peer: Some(niger.key) });
    assert_eq!(chad.asks(5, Command::Meet { peer: niger.key }), None);
    assert_eq!(chad.dialled, ["niger"]);
    chad.hears(Input::DialFailed { address: address.clone(), reason: "it is night".into() });
    let night = CommandRefused::Unreachable("it is night".into());
    assert_eq!(chad.answers.last(), Some(&(CommandId(5), Err(night))));

    assert_eq!(chad.asks(6, Command::Meet { peer: niger.key }), None);
    let forget = Command::ForgetAddress { address: Some(address), peer: None };
    assert!(chad.asks(7, forget).is_some());
    assert!(chad.answers.iter().any(|(id, result)| *id == CommandId(6) && result.is_err()));
}

#[test]
fn a_node_that_meets_only_when_told_to_sleeps_while_nobody_tells_it() {
    let (_, mut chad, niger) = chad_and_niger(false);
    for number in 0..3 {
        let command = Command::SaveAddress { address: number.to_string(), peer: None };
        chad.asks(number, command);
    }
    assert_eq!((chad.wakes, &chad.dialled[..]), (None, &[][..]));
    chad.asks(8, Command::SaveAddress { address: "niger".into(), peer: Some(niger.key) });
    chad.asks(9, Command::Meet { peer: niger.key });
    assert_eq!(chad.dialled, ["niger"]);
    let wakes = chad.wakes.expect("the dial may go unanswered");
    assert!(wakes.since(NOON) >= 1_000, "and not before: {wakes:?}");
}

#[test]
fn a_stranger_may_stay_for_half_a_minute_by_whatever_clock() {
    let (hub, mut chad, _) = chad_and_niger(true);
    let nepal = hub.nepal.node.key.public();
    chad.connects(1, nepal, "");
    assert_eq!(chad.wakes, Some(NOON.plus(STRANGER_PATIENCE)));
    chad.now = NOON.plus(STRANGER_PATIENCE - 1);
    chad.hears(Input::Tick);
    assert_eq!(chad.hung_up, []);
    chad.now = NOON.plus(STRANGER_PATIENCE);
    chad.hears(Input::Tick);
    assert_eq!(chad.hung_up, [LinkId(1)]);
    chad.connects(2, nepal, "");
    chad.now = NOON.plus(-1_000_000_000);
    chad.hears(Input::Tick);
    assert_eq!(chad.hung_up, [LinkId(1), LinkId(2)], "the clock was set back");
}

#[test]
fn links_are_bounded_for_each_peer_and_for_strangers_together() {
    let (_, mut chad, niger) = chad_and_niger(true);
    for link in 1..=LINKS_OF_PEER_MAX as u64 + 1 {
        chad.connects(link, niger.key, "");
    }
    assert_eq!(chad.hung_up, [LinkId(1)], "the oldest may be dead");
    chad.hung_up.clear();
    for number in 0..=STRANGERS_MAX as u64 {
        let key = SecretKey::from_seed(&[number as u8; 32]).public();
        chad.connects(100 + number, key, "");
    }
    assert_eq!(chad.hung_up, [LinkId(100 + STRANGERS_MAX as u64)]);
    let own = chad.key;
    chad.connects(999, own, "mirror");
    assert_eq!(chad.hung_up.last(), Some(&LinkId(999)));
    chad.hears(Input::Tick);
    assert!(chad.dialled.is_empty());
}

#[test]
fn a_stranger_hears_nothing_but_that_it_is_one() {
    let (hub, mut chad, _) = chad_and_niger(true);
    let nepal = hub.nepal.node.key.public();
    let hello = |federation| Message::Hello(hello(federation, 1, vec![]));
    chad.connects(1, nepal, "");
    chad.receives(1, &hello(hub.federation));
    assert_eq!(chad.says(), [Message::Joined(Joined::Unknown)]);
    chad.receives(1, &hello(hub.federation));
    assert!(matches!(&chad.says()[..], [Message::Goodbye { .. }]));
    chad.connects(2, nepal, "");
    chad.receives(2, &hello(FederationId::new([7; 32])));
    assert!(
        matches!(&chad.says()[..], [Message::Goodbye { reason }] if reason.contains("another federation"))
    );
    chad.connects(3, nepal, "");
    let records = hub.nepal.records(hub.federation);
    let records = records.iter().map(|record| record.to_bytes().into()).collect();
    chad.receives(3, &Message::Credentials { records });
    assert!(matches!(&chad.says()[..], [Message::Goodbye { .. }]));
    assert_eq!(chad.hung_up, [LinkId(1), LinkId(2), LinkId(3)]);
    assert!(chad.replica.library().authority().organisation(&hub.nepal.org()).is_none());
}

#[test]
fn a_revocation_counts_at_once_even_if_what_came_with_it_was_refused() {
    let (hub, mut chad, _) = chad_and_niger(false);
    let gone = &hub.niger.publisher;
    let edition = hub.edition(gone, &[], "Births are registered");
    chad.writes(&hub, &[edition.piece()]);
    let practice = *edition.practice().as_bytes();
    assert!(chad.replica.library().holds(SetId::Public, &practice));
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![hub.niger.node.certificate.cast()],
        certificate: gone.certificate,
        reason: RevokeReason::Stolen,
        cut: Cut::default(),
    };
    let revoke = revoke.prepare().sign(hub.federation, &hub.niger.root);
    let records = [revoke.to_bytes(), b"no record".to_vec()].map(ByteVec::from).to_vec();
    chad.connects(3, hub.nepal.node.key.public(), "");
    chad.receives(3, &Message::Credentials { records });
    assert_eq!(chad.hung_up, [LinkId(3)], "a stranger that shows nonsense");
    let library = chad.replica.library();
    assert!(library.authority().ended(&gone.certificate).is_some());
    assert!(!library.holds(SetId::Public, &practice));
}

#[test]
fn a_member_shows_its_credentials_to_one_that_has_not_heard_of_it() {
    let hub = Hub::new();
    let mut founding = vec![hub.charter.clone()];
    founding.extend(hub.chad.records(hub.federation));
    let mut chad = node(&hub, &hub.chad, true, &founding);
    let mut niger = node(&hub, &hub.niger, true, &hub.records());
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    assert_eq!(chad.roots(), niger.roots());
    assert!(chad.hung_up.is_empty() && niger.hung_up.is_empty());
    assert_eq!(chad.replica.library().authority().node(&niger.key), Some(hub.niger.org()));
}

/// An invitation of Chad's to Nepal, which Chad remembers.
fn invite(hub: &Hub, chad: &mut Node, expires: Timestamp) -> Invitation {
    let invitation = Invitation {
        federation: hub.federation,
        name: "Hub".into(),
        inviter: chad.key,
        addresses: vec!["chad".into()],
        secret: [5; 32],
        expires,
    };
    let command = Command::Invite { invitation: invitation.public(), expires };
    assert_eq!(chad.asks(77, command), Some(&Ok(Done::Noted)));
    invitation
}

fn newcomer(hub: &Hub, invitation: Invitation) -> Node {
    let records = hub.nepal.records(hub.federation);
    let knock = Knock { invitation, org: hub.nepal.org(), records };
    let settings = Settings { joining: Some(knock), ..settings(hub, &hub.nepal, true) };
    Shell::open(settings, hub.nepal.node.key.public(), MemoryStore::new())
}

#[test]
fn nepal_knocks_waits_is_approved_and_holds_what_all_hold() {
    let (hub, mut chad, _) = chad_and_niger(true);
    chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], "Desks").piece()]);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let mut nepal = newcomer(&hub, invitation);
    assert_eq!(nepal.dialled, ["chad"]);
    connect(&mut nepal, &mut chad);
    converse(&mut nepal, &mut chad);
    assert!(chad.events.contains(&Event::Knocked(hub.nepal.org())));
    assert!(nepal.events.iter().any(|event| matches!(event, Event::JoinWaits(_))));
    assert!(nepal.replica.is_joining());
    let answer = nepal.replica.join_answer();
    assert!(matches!(answer, Some(Event::JoinWaits(_))), "whoever looks later finds it");
    assert_eq!(nepal.replica.library().set(crate::meeting::set::SetId::Authority).count(), 0);

    // Chad starts anew: who waits still waits.
    let store = chad.replica.into_store();
    let mut chad = Shell::open(settings(&hub, &hub.chad, true), chad.key, store);
    assert_eq!(chad.replica.library().waiting().count(), 1);
    nepal.hears(Input::Disconnected { link: LinkId(1) });
    connect(&mut nepal, &mut chad);
    converse(&mut nepal, &mut chad);
    chad.writes(&hub, &[piece(&hub.chad.admits(hub.federation, &hub.nepal))]);
    converse(&mut nepal, &mut chad);
    assert!(nepal.events.contains(&Event::Joined));
    assert_eq!(chad.roots(), nepal.roots());
    assert_eq!(nepal.replica.library().practices(), 1);
    assert_eq!(chad.replica.library().waiting().count(), 0);
}

#[test]
fn one_more_node_of_a_member_brings_its_own_certificate() {
    let (mut hub, mut chad, _) = chad_and_niger(true);
    let second = SecretKey::from_seed(&[44; 32]).public();
    hub.niger.grant(second, &[tern_crdt::authority::Role::Node]);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let records = hub.niger.records(hub.federation);
    let knock = Knock { invitation, org: hub.niger.org(), records };
    let settings = Settings { joining: Some(knock), ..settings(&hub, &hub.niger, true) };
    let mut niger = Shell::open(settings, second, MemoryStore::new());
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    assert!(niger.events.contains(&Event::Joined), "{:?}", niger.events);
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn one_more_node_of_a_member_waits_while_the_inviter_lacks_part_of_its_log() {
    let (mut hub, mut chad, _) = chad_and_niger(true);
    let second = SecretKey::from_seed(&[44; 32]).public();
    hub.niger.grant(SecretKey::from_seed(&[45; 32]).public(), &[tern_crdt::authority::Role::Node]);
    let missing = hub.niger.records(hub.federation).pop().expect("the last");
    hub.niger.grant(second, &[tern_crdt::authority::Role::Node]);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let mut records = hub.niger.records(hub.federation);
    records.remove(records.len() - 2);
    let knock = Knock { invitation, org: hub.niger.org(), records };
    let settings = Settings { joining: Some(knock), ..settings(&hub, &hub.niger, true) };
    let mut newer = Shell::open(settings, second, MemoryStore::new());
    connect(&mut newer, &mut chad);
    converse(&mut newer, &mut chad);
    assert!(newer.events.iter().any(|event| matches!(event, Event::JoinWaits(_))));
    assert!(!newer.events.contains(&Event::Joined));
    // Chad hears what it lacks, and lets the node in.
    chad.writes(&hub, &[piece(&missing)]);
    converse(&mut newer, &mut chad);
    assert!(newer.events.contains(&Event::Joined), "{:?}", newer.events);
}

/// What Chad answers to Nepal's knock, changed on its way.
fn answer_to(change: impl FnOnce(&mut Join), invited: impl FnOnce(&Hub, &mut Node)) -> String {
    let (hub, mut chad, _) = chad_and_niger(true);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    invited(&hub, &mut chad);
    let mut nepal = newcomer(&hub, invitation);
    nepal.connects(1, chad.key, "chad");
    chad.connects(1, nepal.key, "");
    let Some(Message::Join(mut join)) = nepal.says().pop() else { panic!("a knock") };
    change(&mut join);
    chad.receives(1, &Message::Join(join));
    match chad.says().first() {
        Some(Message::Joined(Joined::Refused(reason))) => reason.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_knock_that_is_refused_says_what_is_wrong_with_it() {
    let nothing = |_: &Hub, _: &mut Node| {};
    let other = FederationId::new([7; 32]);
    let answer = answer_to(|join| join.federation = other, nothing);
    assert!(answer.contains("another federation"), "{answer}");
    let answer = answer_to(|join| join.invitation = PublicKey::new([7; 32]), nothing);
    assert!(answer.contains("did not write that invitation"), "{answer}");
    let answer = answer_to(|join| join.proof.0[5] ^= 1, nothing);
    assert!(answer.contains("does not prove"), "{answer}");
    let answer = answer_to(|join| join.records.clear(), nothing);
    assert!(answer.contains("show one organisation"), "{answer}");
    let answer = answer_to(|join| join.records.truncate(2), nothing);
    assert!(answer.contains("has no certificate"), "{answer}");
    let answer = answer_to(|join| join.records[0][100] ^= 1, nothing);
    assert!(!answer.contains("Waiting"), "{answer}");
    let long = vec![vec![0; JOIN_BYTES_MAX].into(); 2];
    let answer = answer_to(|join| join.records.extend(long), nothing);
    assert!(answer.contains("too many records"), "{answer}");
    let answer = answer_to(|_| {}, |_, chad| chad.now = NOON.plus(2_000));
    assert!(answer.contains("has expired"), "{answer}");
    let answer = answer_to(|_| {}, |_, _| {});
    assert!(answer.contains("Waiting"), "{answer}");
}

#[test]
fn an_invitation_serves_one_organisation() {
    let (hub, mut chad, _) = chad_and_niger(true);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let mut nepal = newcomer(&hub, invitation.clone());
    connect(&mut nepal, &mut chad);
    converse(&mut nepal, &mut chad);
    let mut hub = hub;
    hub.nepal = Party::new("Moldova", 8);
    let mut moldova = newcomer(&hub, invitation);
    moldova.connects(2, chad.key, "chad");
    chad.connects(2, moldova.key, "");
    let (_, knock) = moldova.sent.pop_front().expect("it knocks");
    chad.sent.clear();
    chad.hears(Input::Received { link: LinkId(2), frame: knock });
    let said = chad.says();
    assert!(
        matches!(&said[..], [Message::Joined(Joined::Refused(reason)), ..] if reason.contains("used already")),
        "{said:?}"
    );
}

#[test]
fn no_more_is_handed_to_a_link_than_its_window_and_one_message() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    for card in 0..60_u32 {
        // Packs badly.
        let mut noise = vec![0; 50_000];
        blake3::Hasher::new().update(&card.to_le_bytes()).finalize_xof().fill(&mut noise);
        let long: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
        chad.writes(&hub, &[hub.edition(&hub.chad.publisher, &[], &long).piece()]);
    }
    connect(&mut niger, &mut chad);
    let mut most = 0;
    while !(chad.sent.is_empty() && niger.sent.is_empty()) {
        // Niger says all it has; Chad's transport takes one frame at a time.
        while !niger.sent.is_empty() {
            carry(&mut niger, &mut chad);
        }
        let in_flight = chad.sent.iter().map(|(_, frame)| frame.len()).sum::<usize>();
        most = most.max(in_flight);
        carry(&mut chad, &mut niger);
    }
    assert!((WINDOW_BYTES..=WINDOW_BYTES + MESSAGE_BYTES_MAX).contains(&most), "{most}");
    assert_eq!(chad.roots(), niger.roots());
}

#[test]
fn every_byte_that_was_received_is_credited_once() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births").piece()]);
    connect(&mut chad, &mut niger);
    let mut received = 0;
    while !(chad.sent.is_empty() && niger.sent.is_empty()) {
        if let Some((link, frame)) = chad.sent.pop_front() {
            niger.hears(Input::Received { link, frame });
        }
        if let Some((link, frame)) = niger.sent.pop_front() {
            received += frame.len();
            chad.hears(Input::Received { link, frame });
        }
    }
    assert_eq!(chad.credit, received);
    let frame: Bytes = vec![0; 10].into();
    chad.hears(Input::Received { link: LinkId(1), frame: frame.clone() });
    assert_eq!(chad.hung_up, [LinkId(1)]);
    chad.hears(Input::Received { link: LinkId(1), frame });
    assert_eq!(chad.credit, received + 20, "also of a link that is gone");
}

#[test]
fn what_a_command_brings_is_bounded_before_it_is_stored() {
    let (_, mut chad, _) = chad_and_niger(true);
    let too_long = |answer: Option<&Result<Done, CommandRefused>>| {
        matches!(answer, Some(Err(CommandRefused::TooLong { .. })))
    };
    let address = |length| Command::SaveAddress { address: "a".repeat(length), peer: None };
    assert!(too_long(chad.asks(1, address(ADDRESS_BYTES_MAX + 1))));
    assert_eq!(chad.asks(2, address(ADDRESS_BYTES_MAX)), Some(&Ok(Done::Noted)));
    let write = |name, value: usize| Command::Write {
        pieces: vec![],
        private: vec![Private::local(vec![1; name], Some(vec![0; value].into()))],
    };
    assert!(too_long(chad.asks(3, write(PRIVATE_NAME_BYTES_MAX + 1, 1))));
    assert!(too_long(chad.asks(4, write(1, crate::store::VALUE_BYTES_MAX + 1))));
    let done = chad.asks(5, write(PRIVATE_NAME_BYTES_MAX, crate::store::VALUE_BYTES_MAX));
    assert_eq!(done, Some(&Ok(Done::Written(vec![]))));
}

#[test]
fn a_refused_piece_ends_a_command_and_keeps_its_private_part_out() {
    let (hub, mut chad, _) = chad_and_niger(true);
    let good = hub.edition(&hub.chad.publisher, &[], "Desks");
    let bad = hub.edition(&hub.chad.contributor, &[], "Loans");
    let pieces = vec![good.examined(), bad.examined()];
    let private = vec![Private::local(&b"draft"[..], Some(Bytes::from_static(b"published")))];
    let answer = chad.asks(1, Command::Write { pieces, private });
    assert!(matches!(answer, Some(Err(CommandRefused::Gate(_)))), "{answer:?}");
    assert_eq!(chad.replica.library().practices(), 1);
    assert_eq!(chad.replica.library().local(b"draft").expect("memory"), None);
}

/// A disk that is full from some commit on.
struct FullAfter(MemoryStore, usize);

impl Store for FullAfter {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.0.get(space, key)
    }
    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.0.scan(space, prefix, after, limit)
    }
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        if !batch.is_empty() {
            self.1 = self.1.checked_sub(1).ok_or(StoreError::Full)?;
        }
        self.0.commit(batch)
    }
}

#[test]
fn a_replica_whose_step_failed_says_nothing_and_takes_no_more_steps() {
    let hub = Hub::new();
    let settings = settings(&hub, &hub.chad, true);
    let key = hub.chad.node.key.public();
    let mut chad = Shell::open(settings.clone(), key, FullAfter(MemoryStore::new(), 2));
    let founding: Vec<_> = hub.records().iter().map(piece).collect();
    chad.writes(&hub, &founding);
    let root = chad.roots();
    let edition = hub.edition(&hub.chad.publisher, &[], "Desks");
    let command = Command::Write { pieces: vec![edition.examined()], private: vec![] };
    let input = Input::Command { id: CommandId(1), command };
    let full = chad.replica.step(NOON, std::iter::once(input));
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    let again = chad.replica.step(NOON, std::iter::once(Input::Tick));
    assert!(matches!(again, Err(StoreError::Failed(_))), "{again:?}");
    let mut store = chad.replica.into_store();
    store.1 = 10;
    let chad = Shell::open(settings, key, store);
    assert_eq!(chad.roots(), root, "opened anew it is what it was");
}

#[test]
fn a_peer_that_speaks_out_of_turn_is_hung_up_on_and_others_are_not() {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let silent = |chad: &mut Node, link, message: &Message| {
        chad.connects(link, hub.niger.node.key.public(), "");
        chad.says();
        chad.receives(link, message);
        chad.hung_up.last() == Some(&LinkId(link))
    };
    let hello = |round, versions| {
        Message::Hello(Hello { versions, ..hello(hub.federation, round, vec![]) })
    };
    let pieces = Message::Pieces { set: 1, pieces: Packed::of(&[]) };
    let buckets = Message::Buckets { set: 1, hashes: vec![0; 4096].into() };
    let end = Message::End { pushed: 0 };
    let roots = Message::Roots { root: [0; 16] };
    for (number, message) in
        [hello(2, VERSIONS), hello(1, (7, 9)), pieces, buckets, end, roots].iter().enumerate()
    {
        assert!(silent(&mut chad, 10 + number as u64, message), "{message:?}");
    }
    chad.says();
    connect(&mut chad, &mut niger);
    converse(&mut chad, &mut niger);
    assert!(chad.events.contains(&Event::Settled(niger.key)));
}

#[test]
fn too_many_refused_pieces_end_the_link() {
    let (hub, mut chad, niger) = chad_and_niger(true);
    chad.connects(1, niger.key, "");
    let [authority, ..] = chad.roots();
    let sets = vec![offered(0, authority, 9), offered(1, [7; 16], 9)];
    chad.receives(1, &Message::Hello(hello(hub.federation, 1, sets)));
    let forged = hub.edition(&hub.niger.contributor, &[], "Desks").piece();
    chad.receives(1, &Message::Pieces { set: 1, pieces: Packed::of(&vec![forged.clone(); 256]) });
    let refusals = |chad: &Node| {
        chad.events.iter().filter(|event| matches!(event, Event::Refused { .. })).count()
    };
    assert_eq!((refusals(&chad), chad.hung_up.len()), (1, 0), "told once, as it is the same");
    chad.receives(1, &Message::Pieces { set: 1, pieces: Packed::of(&[forged]) });
    assert_eq!(chad.hung_up, [LinkId(1)]);
}

/// Anything that can be said, sense or not.
fn any_message(hub: &Hub) -> impl Strategy<Value = Message> + use<> {
    let federation = hub.federation;
    let by = hub.niger.publisher.clone();
    let honest = hub.edition(&by, &[], "Births are registered").piece();
    let records: Vec<ByteVec> =
        hub.nepal.records(federation).iter().map(|record| record.to_bytes().into()).collect();
    let bytes = |longest| prop::collection::vec(any::<u8>(), 0..longest).prop_map(ByteVec::from);
    let piece = prop_oneof![
        Just(honest),
        bytes(80).prop_map(Piece::Record),
        (bytes(80), bytes(80)).prop_map(|(statement, change)| Piece::Edition { statement, change }),
    ];
    let symbols = || prop::collection::vec(any::<[u8; 13]>(), 0..4).prop_map(|s| s.concat().into());
    let since = prop::option::of(any::<[u8; 8]>());
    let set = (0..3u8, any::<[u8; 16]>(), any::<u64>(), since, prop::option::of(symbols()));
    let set = set.prop_map(|(set, root, count, since, symbols)| Offered {
        since,
        symbols,
        ..offered(set, root, count)
    });
    let ids = prop::collection::vec(any::<[u8; 32]>(), 0..4);
    let fours = || prop::collection::vec(any::<[u8; 4]>(), 0..4).prop_map(|f| f.concat().into());
    let eights = || prop::collection::vec(any::<[u8; 8]>(), 0..4).prop_map(|e| e.concat().into());
    let range = || (0..3u8, prop_oneof![Just(256_u16), 0..300_u16]);
    let begins = (0..3u32, prop::collection::vec(set, 0..3))
        .prop_map(move |(round, sets)| Message::Hello(hello(federation, round, sets)));
    let tells = prop_oneof![
        (0..3u8, any::<u8>())
            .prop_map(|(set, fill)| Message::Buckets { set, hashes: vec![fill; 4_096].into() }),
        (0..3u8, any::<u8>(), eights(), any::<bool>())
            .prop_map(|(set, bucket, names, last)| Message::Names { set, bucket, names, last }),
        (range(), symbols()).prop_map(|((set, range), symbols)| Message::Symbols {
            set,
            range,
            symbols
        }),
        (range(), prop::collection::vec(0..4u8, 0..3)).prop_map(|((set, range), answers)| {
            Message::Answer { set, range, answers: answers.into() }
        }),
    ];
    let finds = prop_oneof![
        (range(), 0..3_000_u32).prop_map(|((set, range), symbols)| Message::More {
            set,
            range,
            symbols
        }),
        (0..3u8).prop_map(|set| Message::Divide { set }),
        (range(), fours(), eights()).prop_map(|((set, range), lacks, has)| {
            Message::Difference { set, range, lacks, has }
        }),
        range().prop_map(|(set, range)| Message::Everything { set, range }),
        (0..3u8).prop_map(|set| Message::Told { set }),
    ];
    prop_oneof![
        begins,
        tells,
        finds,
        (any::<[u8; 32]>(), ids).prop_map(|(object, parts)| Message::Parts {
            set: 1,
            object: object.into(),
            parts: parts.concat().into(),
        }),
        (0..3u8, prop::collection::vec(piece, 0..3))
            .prop_map(|(set, pieces)| Message::Pieces { set, pieces: Packed::of(&pieces) }),
        (0..2u64).prop_map(|pushed| Message::End { pushed }),
        any::<[u8; 16]>().prop_map(|root| Message::Roots { root }),
        Just(Message::Joined(Joined::Unknown)),
        Just(Message::Joined(Joined::Member)),
        Just(Message::Credentials { records }),
    ]
}

/// A peer that takes its turns in a meeting: what it begins with, and then
/// whatever comes.
fn turns(hub: &Hub) -> impl Strategy<Value = Vec<Message>> + use<> {
    let sets = |count, symbols: Option<usize>| {
        let symbols = symbols.map(|number| vec![3; 13 * number].into());
        vec![Offered { symbols, ..offered(1, [9; 16], count) }]
    };
    let hello = |sets| Message::Hello(hello(hub.federation, 1, sets));
    let (set, range) = (1, 256);
    let finds = vec![
        hello(sets(3, None)),
        Message::More { set, range, symbols: 24 },
        Message::Divide { set },
        Message::Everything { set, range: 7 },
        Message::Told { set },
    ];
    let tells = vec![
        hello(sets(3, Some(12))),
        Message::Symbols { set, range, symbols: vec![3; 13 * 12].into() },
        Message::Buckets { set, hashes: vec![7; 4_096].into() },
    ];
    let many =
        vec![hello(sets(9_000, None)), Message::Buckets { set, hashes: vec![7; 4_096].into() }];
    let begin = prop_oneof![Just(finds), Just(tells), Just(many)];
    let rest = prop::collection::vec(any_message(hub), 0..12);
    (begin, any::<prop::sample::Index>(), rest).prop_map(move |(begin, turns, rest)| {
        [begin[..=turns.index(begin.len())].to_vec(), rest].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whatever_one_peer_says_nothing_panics_and_the_others_get_into_step(
        said in turns(&Hub::new()), member in any::<bool>(), flip in any::<prop::sample::Index>(),
    ) {
        let (hub, mut chad, mut niger) = chad_and_niger(true);
        niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Desks").piece()]);
        let who = if member { &hub.niger } else { &hub.nepal };
        chad.connects(50, who.node.key.public(), "");
        let mut received = 0;
        for message in said {
            let mut frame = message.to_bytes();
            if flip.index(4) == 0 {
                let at = flip.index(frame.len());
                frame[at] ^= 1;
            }
            received += frame.len();
            chad.hears(Input::Received { link: LinkId(50), frame: frame.into() });
        }
        prop_assert_eq!(chad.credit, received);
        if !member {
            let told = chad.sent.iter().map(|(_, frame)| Message::from_bytes(frame));
            for message in told {
                let tells = matches!(message, Ok(Message::Goodbye { .. } | Message::Joined(_)));
                prop_assert!(tells, "{:?}", message);
            }
        }
        chad.sent.retain(|(link, _)| link.0 != 50);
        connect(&mut chad, &mut niger);
        while !(chad.sent.is_empty() && niger.sent.is_empty()) {
            chad.sent.retain(|(link, _)| link.0 != 50);
            carry(&mut chad, &mut niger);
            carry(&mut niger, &mut chad);
        }
        prop_assert_eq!(chad.roots(), niger.roots());
    }
}
