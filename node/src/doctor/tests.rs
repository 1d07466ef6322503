//! Every line of the doctor, seen in each way it can stand.

use std::collections::BTreeSet;
use std::time::Duration;

use tern_crdt::timestamp::Timestamp;
use tern_protocol::replica::Outlook;
use tern_protocol::tariff::{LinkClass, Price, Purpose, Spent, Tariff};

use super::facts::{Facts, Inside, KeyFacts, Opened, PeerFacts, PortState, Ports};
use super::machine::{FREE_ATTENTION, FREE_RED, RELEASED};
use super::others::DAY;
use super::{Backup, CHECKS, Endings, Level, RecoveryFacts, RootPlace, lines};
use crate::indexer::Progress;
use crate::links::Links;
use crate::net::Reachable;
use crate::notices::Standing as Mailing;
use crate::relaying::Reaching;
use crate::router::RouterPort;
use crate::sheet::SheetState;

/// Noon of a day, a year after this version was made.
const NOW: Timestamp = Timestamp(RELEASED.0 + 365 * DAY + DAY / 2);

/// A node of Niger that nothing is wrong with.
fn well() -> Facts {
    Facts {
        now: NOW,
        free: Some(50_000_000_000),
        written: Ok(Duration::from_millis(4)),
        exposed: Vec::new(),
        ports: Ports::Serving { http: "http://127.0.0.1:8480".into(), listening: 2, asked: 2 },
        warnings: Vec::new(),
        layout: Some(1),
        keys: Ok(KeyFacts { wrapped: 4, plain: 0, damaged: 0 }),
        backup: Ok(Some(Backup { at: NOW.plus(-2 * DAY), bytes: Some(4096) })),
        aside: false,
        inside: Inside::Open(Box::new(opened())),
    }
}

fn opened() -> Opened {
    Opened {
        serving: true,
        usable: true,
        damaged: 0,
        progress: Progress { held: 71, indexed: 71, ..Progress::default() },
        index_open: true,
        index_rebuilt: false,
        own_practice: true,
        locked: 0,
        recovery: RecoveryFacts {
            sheet: SheetState::Kept,
            root: RootPlace::Here,
            recovering: false,
        },
        claimed: Some(NOW.plus(-DAY)),
        peers: vec![PeerFacts { name: "Nepal".into(), last: Some(NOW.plus(-DAY)) }],
        endings: Endings::default(),
        links: metered(10),
        mail: Mailing::default(),
        reaching: Reaching::default(),
        memory: (Some(90_000_000), Some(1_000_000_000)),
        catching_up: None,
        found_later: false,
        copied: None,
    }
}

/// Links of which so many million bytes of fifty were spent.
fn metered(megabytes: u64) -> Links {
    let price = Some(Price { per_megabyte: 850, currency: "USD".into() });
    let tariff = Tariff { allowance: Some(50_000_000), price, ..Tariff::of(LinkClass::Metered) };
    let mut spent = Spent::default();
    spent.note(NOW, true, Purpose::Library, megabytes * 1_000_000);
    let outlook = Outlook { beyond: true, ..Outlook::default() };
    Links { tariff, said: true, spent, outlook, weighs: [None; 3] }
}

/// Mail that goes.
fn mailing() -> Mailing {
    Mailing { server: Some("mail.example.org:587".into()), people: 3, ..Mailing::default() }
}

/// Niger's node with something about it changed.
fn but(change: impl Fn(&mut Facts)) -> Facts {
    let mut facts = well();
    change(&mut facts);
    facts
}

fn inside(change: impl Fn(&mut Opened)) -> Facts {
    let mut opened = opened();
    change(&mut opened);
    Facts { inside: Inside::Open(Box::new(opened)), ..well() }
}

fn met(last: Option<Timestamp>) -> Facts {
    inside(|opened| {
        opened.peers = vec![PeerFacts { name: "Upland Labour Office".into(), last }];
    })
}

fn backed_up(days: i64) -> Facts {
    but(|facts| {
        facts.backup = Ok(Some(Backup { at: NOW.plus(-days * DAY), bytes: None }));
    })
}

/// What is the matter, on which line it shows, how, and in which words.
fn causes() -> Vec<(Facts, &'static str, Level, &'static str)> {
    use Level::{Attention, Ok, Red};
    let stopped = |state| Ports::Stopped(vec![("127.0.0.1:8480".to_owned(), state)]);
    let closed = || but(|f| f.inside = Inside::Closed("the journal is damaged".into()));
    vec![
        (but(|f| f.now = Timestamp(0)), "clock", Red, "1970-01-01T00:00:00Z"),
        (but(|f| f.now = RELEASED.plus(-1)), "clock", Red, "before this version"),
        (inside(|o| o.claimed = Some(NOW.plus(DAY))), "clock", Attention, "this clock is late"),
        (inside(|o| o.claimed = None), "clock", Ok, "is not known"),
        (but(|f| f.free = None), "disk", Attention, "does not tell"),
        (but(|f| f.free = Some(FREE_ATTENTION - 1)), "disk", Attention, "999 MB"),
        (but(|f| f.free = Some(FREE_RED - 1)), "disk", Red, "99 MB"),
        (but(|f| f.written = Err("Read-only file system".into())), "writing", Red, "Read-only"),
        (but(|f| f.written = Result::Ok(Duration::from_secs(3))), "writing", Attention, "3.0 s"),
        (but(|f| f.exposed = vec!["api-token".into()]), "permissions", Red, "api-token"),
        (
            but(|f| f.ports = Ports::Serving { http: String::new(), listening: 0, asked: 2 }),
            "ports",
            Red,
            "listens on no address",
        ),
        (but(|f| f.now = Timestamp(2_085_978_496_000)), "clock", Attention, "shows 2036-02-07"),
        (but(|f| f.ports = stopped(PortState::Taken)), "ports", Red, "in use by something else"),
        (but(|f| f.ports = stopped(PortState::Refused("no".into()))), "ports", Red, "refused: no"),
        (but(|f| f.ports = stopped(PortState::Free)), "ports", Ok, "are free"),
        (but(|f| f.ports = Ports::Unknown), "ports", Ok, "not tried"),
        (but(|f| f.warnings = vec!["X is ignored".into()]), "settings", Attention, "X is ignored."),
        (but(|f| f.layout = Some(2)), "format", Red, "has layout 2"),
        (but(|f| f.layout = None), "format", Red, "no journal"),
        (
            inside(|o| o.links = metered(50)),
            "links",
            Attention,
            "(50.00 of 50 MB this month, about 425.00 USD): requests",
        ),
        (inside(|o| o.links = metered(41)), "links", Attention, "82 % of the month's"),
        (inside(|o| o.links.tariff.class = LinkClass::Broadband), "links", Ok, "cost nothing"),
        (
            inside(|o| o.links.said = false),
            "links",
            Attention,
            "metered, with contact every 4 hours",
        ),
        (
            inside(|o| (o.links.said, o.links.outlook.beyond) = (false, false)),
            "links",
            Ok,
            "No other node beyond",
        ),
        (inside(|o| o.links = metered(40)), "links", Ok, "are metered: 40.00 of 50 MB"),
        (closed(), "links", Attention, "Not looked at"),
        (closed(), "mail", Attention, "Not looked at"),
        (inside(|o| o.mail = Mailing::default()), "mail", Ok, "No mail is sent"),
        (inside(|o| o.mail = mailing()), "mail", Ok, "3 people want mail, through mail"),
        (
            inside(|o| o.mail = Mailing { queued: 2, ..mailing() }),
            "mail",
            Ok,
            "2 mails wait to be sent",
        ),
        (
            inside(|o| o.mail = Mailing { held: Some("nobody pays"), ..mailing() }),
            "mail",
            Ok,
            "Mail waits: nobody pays",
        ),
        (
            inside(|o| o.mail = Mailing { trouble: Some("it is away".into()), ..mailing() }),
            "mail",
            Attention,
            "No mail goes through mail.example.org:587: it is away",
        ),
        (
            inside(|o| o.mail = Mailing { refused: 1, ..mailing() }),
            "mail",
            Attention,
            "refuses 1 person's address",
        ),
        (
            inside(|o| {
                let nowhere = Some("http://127.0.0.1:8480".into());
                o.mail = Mailing { nowhere, ..mailing() };
            }),
            "mail",
            Attention,
            "leads to this machine alone",
        ),
        (closed(), "node", Red, "the journal is damaged"),
        (inside(|o| o.serving = false), "node", Ok, "is stopped"),
        (closed(), "store", Attention, "Not looked at"),
        (inside(|o| o.usable = false), "store", Red, "takes no commits"),
        (inside(|o| o.damaged = 1), "store", Red, "1 stored thing could not be read"),
        (but(|f| f.aside = true), "store", Attention, "set aside"),
        (closed(), "index", Attention, "Not looked at"),
        (inside(|o| o.index_open = false), "index", Red, "is not kept"),
        (inside(|o| o.index_rebuilt = true), "index", Attention, "made anew"),
        (inside(|o| o.progress.quarantined = 2), "index", Ok, "2 more are held and do not count"),
        (
            inside(|o| (o.progress.building, o.progress.waiting) = (true, 9)),
            "index",
            Ok,
            "9 practices wait",
        ),
        (but(|f| f.keys = Err("no such folder".into())), "keys", Red, "no such folder"),
        (
            but(|f| f.keys = Result::Ok(KeyFacts { damaged: 1, ..KeyFacts::default() })),
            "keys",
            Red,
            "1 file of a key is damaged",
        ),
        (
            but(|f| f.keys = Result::Ok(KeyFacts { plain: 4, ..KeyFacts::default() })),
            "keys",
            Attention,
            "4 keys have no passphrase",
        ),
        (inside(|o| o.locked = 1), "keys", Attention, "may lie here unread"),
        (closed(), "recovery", Attention, "Not looked at"),
        (
            inside(|o| o.recovery.sheet = SheetState::ToTake),
            "recovery",
            Attention,
            "not been taken",
        ),
        (inside(|o| o.recovery.sheet = SheetState::Without), "recovery", Attention, "no next root"),
        (
            inside(|o| o.recovery.root = RootPlace::Away("/media/s".into())),
            "recovery",
            Ok,
            "/media/s",
        ),
        (
            inside(|o| o.recovery.root = RootPlace::Lost),
            "recovery",
            Attention,
            "nobody noted where",
        ),
        (inside(|o| o.recovery.root = RootPlace::Frozen), "recovery", Red, "frozen"),
        (inside(|o| o.recovery.recovering = true), "recovery", Attention, "wait for the stewards"),
        (but(|f| f.backup = Result::Ok(None)), "backup", Red, "No backup was ever made"),
        (backed_up(31), "backup", Red, "31 days ago"),
        (backed_up(30), "backup", Ok, "30 days ago"),
        (but(|f| f.backup = Err("expected value".into())), "backup", Attention, "expected value"),
        (closed(), "peers", Attention, "Not looked at"),
        (inside(|o| o.peers.clear()), "peers", Ok, "No other node"),
        (met(Some(NOW.plus(-9 * DAY))), "peers", Attention, "Upland Labour Office, 9 days ago"),
        (met(Some(NOW.plus(-40 * DAY))), "peers", Red, "No other node was met for 30 days"),
        (met(None), "peers", Red, "Upland Labour Office, never"),
        (
            inside(|o| {
                o.peers.push(PeerFacts { name: "Chad".into(), last: Some(NOW.plus(-99 * DAY)) });
            }),
            "peers",
            Attention,
            "Chad, 99 days ago.",
        ),
        (closed(), "restored", Attention, "Not looked at"),
        (
            inside(|o| o.catching_up = Some(NOW.plus(-3 * DAY))),
            "restored",
            Attention,
            "restored from a backup, 3 days ago",
        ),
        (
            inside(|o| (o.catching_up, o.found_later) = (Some(NOW.plus(-DAY)), true)),
            "restored",
            Attention,
            "put back to an earlier state, as was noticed 1 day ago",
        ),
        (closed(), "copied", Attention, "Not looked at"),
        (
            inside(|o| o.copied = Some((NOW.plus(-2 * DAY), "Nepal".into()))),
            "copied",
            Attention,
            "Nepal noticed it 2 days ago",
        ),
        (closed(), "reach", Attention, "Not looked at"),
        (
            inside(|o| {
                (o.reaching.direct, o.reaching.came) = (true, Reachable::No);
                o.reaching.relays = vec!["Niger".into()];
            }),
            "reach",
            Attention,
            "did not get through. It is reached through Niger",
        ),
        (
            inside(|o| o.reaching.relays = vec!["Niger".into(), "Nepal".into()]),
            "reach",
            Ok,
            "through Niger, Nepal, who cannot read",
        ),
        (
            inside(|o| {
                (o.reaching.direct, o.reaching.came) = (true, Reachable::Yes);
                (o.reaching.relaying, o.reaching.slots) = (true, 2);
            }),
            "reach",
            Ok,
            "reach this node directly. Through it 2 members are reached",
        ),
        (
            inside(|o| {
                (o.reaching.direct, o.reaching.came) = (true, Reachable::Yes);
                o.reaching.router = RouterPort::Open(Vec::new());
            }),
            "reach",
            Ok,
            "directly. The router passes its port on",
        ),
        (
            inside(|o| o.reaching.router = RouterPort::Refused("it does not answer".into())),
            "reach",
            Ok,
            "asked for a port, but it does not answer.",
        ),
        (closed(), "memory", Attention, "Not looked at"),
        (
            inside(|o| o.memory.0 = Some(1_000_000_001)),
            "memory",
            Attention,
            "uses 1000 MB of memory, of 1000 MB above which no other node is let in: none is now",
        ),
        (inside(|o| o.memory.0 = Some(910_000_000)), "memory", Attention, "nearly all"),
        (inside(|o| o.memory.1 = None), "memory", Ok, "does not tell"),
        (closed(), "endings", Attention, "Not looked at"),
        (inside(|o| o.endings.cards_due = 1), "endings", Attention, "1 expert card ends soon"),
        (inside(|o| o.endings.certificates = 2), "endings", Attention, "2 certificates here end"),
        (
            inside(|o| o.endings.invitations = vec![NOW.plus(DAY)]),
            "endings",
            Attention,
            "1 open invitation ends within 3 days",
        ),
        (
            inside(|o| o.endings.invitations = vec![NOW.plus(9 * DAY)]),
            "endings",
            Ok,
            "Nothing ends",
        ),
    ]
}

#[test]
fn a_node_that_is_well_has_one_line_for_each_check_and_no_advice() {
    let told = lines(&well());
    assert_eq!(told.len(), CHECKS.len());
    for (line, check) in told.iter().zip(CHECKS) {
        assert_eq!((line.check, line.level), (check.name, Level::Ok), "{line:?}");
        assert_eq!(line.advice, None, "{line:?}");
        assert!(line.message.ends_with('.'), "{line:?}");
    }
}

#[test]
fn each_cause_shows_on_its_own_line_and_every_line_that_is_not_ok_says_what_to_do() {
    for (facts, check, level, words) in causes() {
        let told = lines(&facts);
        let line = told.iter().find(|line| line.check == check).expect("a line");
        assert_eq!(line.level, level, "{line:?}");
        assert!(line.message.contains(words), "{words}: {line:?}");
        for line in told {
            assert_eq!(line.advice.is_some(), line.level != Level::Ok, "{line:?}");
            assert!(line.message.ends_with('.') && !line.message.contains(".."), "{line:?}");
        }
    }
}

#[test]
fn no_check_is_without_a_test_that_causes_its_warning() {
    let caused: BTreeSet<&str> = causes()
        .into_iter()
        .filter(|(_, _, level, _)| *level != Level::Ok)
        .map(|(_, check, ..)| check)
        .collect();
    let known: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
    assert_eq!(caused, known);
}

#[test]
fn the_guide_has_a_row_for_every_check() {
    let guide = include_str!("../../../deploy/watching.md");
    for check in CHECKS {
        assert!(guide.contains(&format!("\n| `{}` | ", check.name)), "{}", check.name);
    }
}

#[test]
fn without_a_practice_of_its_own_a_node_that_was_never_backed_up_is_not_red() {
    let mut facts = inside(|opened| opened.own_practice = false);
    facts.backup = Ok(None);
    let told = lines(&facts);
    let line = told.iter().find(|line| line.check == "backup").expect("a line");
    assert_eq!(line.level, Level::Attention, "{line:?}");
}
