//! Drafts that travel in letters: Chad and Niger write one and never connect; Nepal,
//! who meets both, carries what it cannot read.

use minicbor::bytes::ByteVec;
use tern_crdt::document::Draft;
use tern_crdt::identity::ParcelId;
use tern_crdt::parcel::{Lane, pack_bytes};

use super::drafts::{Drafting, meet, opened, says, state_with};
use super::*;
use crate::catching_up::{CaughtUp, Restored};
use crate::gate::{Examined, GateRefused};
use crate::letters::{LETTER_WAIT, open};
use crate::routing::Rest;
use crate::routing::desk::Sender;
use crate::step::Change;
use crate::story::Holder;

/// Does what there is to do about letters; how many were written.
fn tends(hub: &Hub, node: &mut Node, of: &Party) -> usize {
    let mut written = 0;
    let (mut looked, mut turns) = (false, 0);
    loop {
        turns += 1;
        assert!(turns < 20, "it comes to an end");
        let library = node.replica.library();
        let found = library.tend_letters(&node.key, node.now, LETTER_WAIT, true).expect("memory");
        if !(found.private.is_empty() && found.endings.is_empty()) {
            submits(node, found.endings, found.private);
            continue;
        }
        if !std::mem::replace(&mut looked, found.arrived.is_empty()) && !found.arrived.is_empty() {
            looked = true;
            for arrived in found.arrived {
                let read = match open(&arrived, &of.node.key, hub.federation) {
                    Ok(read) => read,
                    Err(_) => {
                        let library = node.replica.library();
                        let unread = library.letter_unread(&arrived, node.now).expect("memory");
                        submits(node, vec![], vec![unread]);
                        continue;
                    }
                };
                let command =
                    Command::TakeIn { pieces: read.pieces.clone(), writer: arrived.writer };
                let taken = match node.asks(900, command) {
                    Some(Ok(Done::TakenIn(taken))) => taken.clone(),
                    other => panic!("{other:?}"),
                };
                node.answers.clear();
                let library = node.replica.library();
                let follows = library.letter_taken(&arrived, &read, &taken, node.now);
                let (pieces, private) = follows.expect("memory");
                submits(node, pieces, private);
            }
            continue;
        }
        if found.due.is_empty() {
            return written;
        }
        for letter in found.due {
            let mut chance = [written as u8; 32];
            chance[..8].copy_from_slice(&node.now.0.to_be_bytes());
            chance[8..16].copy_from_slice(&of.node.certificate.as_bytes()[..8]);
            let sender =
                Sender { node: of.node.certificate, key: &of.node.key, chance, now: node.now };
            let sent = letter.seal(hub.federation, &sender).expect("its key is one");
            submits(node, vec![sent.parcel], sent.private);
            written += 1;
        }
    }
}

fn submits(node: &mut Node, pieces: Vec<Examined>, private: Vec<Private>) {
    let done = node.asks(901, Command::Write { pieces, private });
    assert!(matches!(done, Some(Ok(Done::Written(_)))), "{done:?}");
    node.answers.clear();
}

/// The parcel that stands between two nodes, and whether it ended.
fn lane(node: &Node, from: &Node, to: &Node) -> Option<(ParcelId, bool)> {
    let library = node.replica.library();
    let (_, id) = library.lanes.get(&(from.key, to.key))?;
    Some((*id, library.parcel(id).expect("memory").expect("held").is_ended()))
}

impl Drafting {
    /// A day later both look after their letters, and Nepal carries to and fro.
    fn a_day_later(&mut self) -> [usize; 2] {
        for node in [&mut self.chad, &mut self.niger, &mut self.nepal] {
            node.now = node.now.plus(LETTER_WAIT + 1);
        }
        let hub = self.hub.clone();
        let mut written = [0, 0];
        for _ in 0..2 {
            written[0] += tends(&hub, &mut self.chad, &hub.chad);
            meet(&mut self.chad, &mut self.nepal);
            meet(&mut self.nepal, &mut self.niger);
            written[1] += tends(&hub, &mut self.niger, &hub.niger);
            meet(&mut self.niger, &mut self.nepal);
            meet(&mut self.nepal, &mut self.chad);
        }
        written[0] += tends(&hub, &mut self.chad, &hub.chad);
        written
    }

    fn agree(&self) -> bool {
        let (chad, niger) = (&self.hub.chad, &self.hub.niger);
        let ours = state_with(&self.chad, self.draft, niger);
        ours.is_some() && ours == state_with(&self.niger, self.draft, chad)
    }
}

/// Ada of Chad begins a draft that Niger sees; Chad has looked after its letters.
fn begun() -> (Drafting, Draft) {
    let mut all = Drafting::begun();
    let audience = all.told(1, &[&all.hub.niger.clone()], &[]);
    all.chad.writes(&all.hub, &[audience]);
    let mut document = Draft::new();
    all.ada.saves(&mut document, "title", "Zanzibar orchid desks");
    all.chad_signs(&document);
    let hub = all.hub.clone();
    assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 0, "it waits a day");
    (all, document)
}

/// Whether a node has these words in anything that it stores.
fn knows(node: &Node, words: &[u8]) -> bool {
    let store = node.replica.library().ledger().store();
    let spaces = [Space::Authority, Space::Record, Space::Draft, Space::Local];
    spaces.into_iter().any(|space| {
        let (mut after, mut found) = (None::<Bytes>, false);
        loop {
            let page = store.scan(space, b"", after.as_deref(), 500).expect("memory");
            for (key, value) in &page.entries {
                found |= [key, value].iter().any(|b| b.windows(words.len()).any(|w| w == words));
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return found;
            }
        }
    })
}

#[test]
fn two_who_never_connect_write_one_draft_through_a_third_who_learns_no_word() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    assert_eq!(all.a_day_later(), [1, 0], "it is not told back");
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Zanzibar orchid desks"));
    assert!(all.agree());
    // Who took it in ended it, everywhere.
    for node in [&all.chad, &all.niger, &all.nepal] {
        assert_eq!(lane(node, &all.chad, &all.niger).map(|(_, ended)| ended), Some(true));
    }
    assert_eq!(all.a_day_later(), [0, 0], "there is nothing more to say");

    // Both write on.
    let mut here = opened(&all.niger, all.draft).expect("shared");
    all.ben.saves(&mut here, "summary", "Where people are registered");
    all.niger_signs(&here);
    all.ada.saves(&mut document, "title", "Zanzibar orchid desks in the provinces");
    all.chad_signs(&document);
    assert_eq!(all.a_day_later(), [1, 1]);
    for node in [&all.chad, &all.niger] {
        let title = says(node, all.draft, "title");
        assert_eq!(title.as_deref(), Some("Zanzibar orchid desks in the provinces"));
        let summary = says(node, all.draft, "summary");
        assert_eq!(summary.as_deref(), Some("Where people are registered"));
    }
    assert!(all.agree());
    let reached = all.chad.replica.library().reached(&all.chad.key, &hub.niger.org());
    let reached = reached.expect("memory");
    assert!(reached[0].0 == all.niger.key && reached[0].1.holds_all, "{reached:?}");
    assert!(reached[0].1.heard.is_some() && reached[0].1.sent.is_none());

    // Nepal carried it all, and holds no word, nor that there is a draft.
    assert_eq!(all.nepal.replica.library().shared_drafts().count(), 0);
    for words in [&b"orchid"[..], b"Zanzibar", b"registered", all.draft.as_bytes()] {
        assert!(!knows(&all.nepal, words));
    }
    assert!(knows(&all.niger, b"orchid") && knows(&all.niger, all.draft.as_bytes()));
}

#[test]
fn a_letter_that_nobody_took_gives_way_to_the_next_which_says_all() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    let later = |node: &mut Node| node.now = node.now.plus(LETTER_WAIT + 1);
    for (turn, words) in ["one", "two", "three"].into_iter().enumerate() {
        all.ada.saves(&mut document, "summary", words);
        all.chad_signs(&document);
        later(&mut all.chad);
        assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 1);
        assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 0, "one in a day");
        meet(&mut all.chad, &mut all.nepal);
        let lanes: Vec<u64> = all.nepal.replica.library().lanes.values().map(|l| l.0).collect();
        assert_eq!(lanes, [turn as u64 + 1], "one stands");
        assert_eq!(all.nepal.replica.library().carried(), 1);
    }
    later(&mut all.chad);
    assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 0, "it says all already");
    all.a_day_later();
    assert_eq!(says(&all.niger, all.draft, "summary").as_deref(), Some("three"));
    assert!(all.agree());
}

#[test]
fn a_node_that_was_put_back_or_mended_is_written_again_what_it_lost() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    let key = all.niger.key;
    let before = all.niger.replica.library().ledger().store().clone();
    all.a_day_later();
    // Put back to before it took anything in: what it ended is gone everywhere.
    let now = all.niger.now;
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, before);
    all.niger.now = now;
    assert_eq!(says(&all.niger, all.draft, "title"), None);
    for _ in 0..2 {
        all.a_day_later();
    }
    assert!(all.agree());

    // Put back to when it lacks what a letter builds on.
    let before = all.niger.replica.library().ledger().store().clone();
    all.ada.saves(&mut document, "summary", "Where people are registered");
    all.chad_signs(&document);
    all.a_day_later();
    let now = all.niger.now;
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, before);
    all.niger.now = now;
    all.ada.saves(&mut document, "context", "Two towns on the river");
    all.chad_signs(&document);
    for _ in 0..3 {
        all.a_day_later();
    }
    let context = says(&all.niger, all.draft, "context");
    assert_eq!(context.as_deref(), Some("Two towns on the river"));
    assert!(all.agree());

    // A change rots, and is mended away.
    let mut store = all.niger.replica.into_store();
    let kept = store.scan(Space::Draft, b"Bx", None, 9).expect("sound").entries;
    let mut rot = Batch::default();
    rot.put(Space::Draft, kept[0].0.clone(), kept[0].1[..40].to_vec());
    store.commit(rot).expect("room");
    let mark = Private::local("mended", Some(vec![1].into()));
    let (store, _) = crate::mending::mend(store, hub.federation, mark).expect("it reads");
    let now = all.chad.now;
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, store);
    all.niger.now = now;
    for _ in 0..3 {
        all.a_day_later();
    }
    assert!(all.agree());
    assert_eq!(all.a_day_later(), [0, 0], "and then nothing more");
}

#[test]
fn a_node_that_knows_that_it_was_put_back_says_so_to_whom_it_does_not_meet_any_more() {
    let (mut all, _) = begun();
    let hub = all.hub.clone();
    let before = all.niger.replica.library().ledger().store().clone();
    // Both met, so nothing is sealed anywhere, and Chad takes it for told.
    meet(&mut all.chad, &mut all.niger);
    let (key, now) = (all.niger.key, all.niger.now);
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, before);
    all.niger.now = now;
    assert_eq!(all.a_day_later(), [0, 0]);
    assert!(!all.agree(), "nobody knows of it");
    let caught_up = Some(CaughtUp { at: now, with: None, gained: 0 });
    let mark = Restored { to: now, at: now, caught_up, found: None };
    submits(&mut all.niger, vec![], vec![mark.keep()]);
    for _ in 0..3 {
        all.a_day_later();
    }
    assert!(all.agree());
    assert_eq!(all.a_day_later(), [0, 0], "and then nothing more");
}

#[test]
fn who_meets_is_written_nothing_and_what_was_on_its_way_ends() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    meet(&mut all.chad, &mut all.niger);
    for title in ["Desks", "Many desks"] {
        all.ada.saves(&mut document, "title", title);
        all.chad_signs(&document);
        all.chad.now = all.chad.now.plus(LETTER_WAIT - 1);
        assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 0, "within a day of a meeting");
        all.niger.now = all.chad.now;
        meet(&mut all.chad, &mut all.niger);
    }
    // What was told in meetings is not told again.
    all.ada.saves(&mut document, "title", "Desks in the provinces");
    all.chad_signs(&document);
    all.chad.now = all.chad.now.plus(LETTER_WAIT + 1);
    let library = all.chad.replica.library();
    let due = library.tend_letters(&all.chad.key, all.chad.now, LETTER_WAIT, true);
    let due = due.expect("memory").due;
    assert!(due[0].bytes() < 400, "{}", due[0].bytes());
    assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 1);
    all.chad.now = all.chad.now.plus(1);
    meet(&mut all.chad, &mut all.niger);
    assert_eq!(lane(&all.chad, &all.chad, &all.niger).map(|(_, ended)| ended), Some(false));
    tends(&hub, &mut all.chad, &hub.chad);
    assert_eq!(lane(&all.chad, &all.chad, &all.niger).map(|(_, ended)| ended), Some(true));
}

#[test]
fn who_was_taken_out_is_told_so_by_letter_and_nothing_more() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    all.a_day_later();
    let audience = all.told(2, &[], &[&hub.niger]);
    all.chad.writes(&hub, &[audience]);
    all.ada.saves(&mut document, "title", "Desks, in confidence");
    all.chad_signs(&document);
    all.a_day_later();
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Zanzibar orchid desks"));
    let held = all.niger.replica.library().shared_draft(&all.draft).expect("sound").expect("held");
    assert!(held.circle.left.contains(&hub.niger.org()) && held.circle.n == 2);
    assert!(!knows(&all.niger, b"in confidence"));
}

#[test]
fn what_is_too_large_for_a_letter_waits_and_holds_up_nothing_else() {
    let (mut all, mut document) = begun();
    let hub = all.hub.clone();
    let founder = hub.chad.publisher.clone();
    // Of two drafts one is of bytes that nothing makes smaller.
    let mut noise = String::new();
    for number in 0..12_000_u64 {
        noise.push_str(&format!("{:x} ", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    }
    for part in 0..noise.len() / 20_000 {
        let text = &noise[part * 20_000..(part + 1) * 20_000];
        all.ada.saves(&mut document, &format!("part{part}"), text);
    }
    all.chad_signs(&document);
    let small = hub.draft(&founder);
    let audience = piece(&hub.audience(&founder, &founder, 1, &[&hub.niger], &[]));
    let mut other = crate::story::Writing::of(&hub, &hub.chad.contributor, small, 3);
    let mut text = Draft::new();
    other.saves(&mut text, "title", "Roads");
    let signed = crate::story::draft_piece(hub.federation, &[other.signs(&text, false)]);
    all.chad.writes(&hub, &[audience, signed]);
    all.a_day_later();
    assert_eq!(says(&all.niger, small, "title").as_deref(), Some("Roads"));
    assert_eq!(says(&all.niger, all.draft, "title"), None);
    assert_eq!(all.a_day_later(), [0, 0], "no letter says nothing");
    meet(&mut all.chad, &mut all.niger);
    assert!(all.agree());
}

/// A letter of a node with any bytes inside.
pub(super) fn letter(
    hub: &Hub,
    by: &Holder,
    to: (PublicKey, [u8; 32]),
    n: u64,
    body: &[u8],
) -> Piece {
    let lane = Lane { to: to.0, n };
    let chance = tern_crdt::identity::digest("letter", &[body, &n.to_be_bytes()]);
    let label = (by.certificate, lane, 60);
    let packed = pack_bytes(hub.federation, label, body, &[to.1], &by.key, &chance);
    let (label, sealed) = packed.expect("one reader");
    Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() }
}

/// What a letter says that is written by hand.
fn body(have: u64, again: u64, marks: &[u8], pieces: &Packed) -> Vec<u8> {
    let marks: ByteVec = marks.to_vec().into();
    minicbor::to_vec((have, again, marks, pieces)).expect("a vector takes it")
}

fn end_of(piece: &Piece, secret: [u8; 32]) -> Piece {
    match piece {
        Piece::Parcel { label, .. } => Piece::Ended { label: label.clone(), secret },
        _ => unreachable!("no parcel"),
    }
}

#[test]
fn of_a_lane_one_stands_whatever_its_writer_or_others_send() {
    let hub = Hub::new();
    let niger = hub.niger.node.key.public();
    let to = (niger, hub.niger.node.key.encryption_public());
    let by = &hub.chad.node;
    let all: Vec<Piece> = (1..=4).map(|n| letter(&hub, by, to, n, b"x")).collect();
    let twin = letter(&hub, by, to, 4, b"y");
    let mut roots = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]] {
        let mut library = hub.library();
        for at in order {
            let piece = all.get(at).unwrap_or(&twin);
            assert!(hub.submit(&mut library, piece).is_ok());
        }
        assert_eq!((library.carried(), library.lanes.len(), library.laned.len()), (1, 1, 1));
        // Replayed, an earlier one changes nothing, and is nobody's fault.
        assert_eq!(hub.submit(&mut library, &all[0]), Ok(Change::Known));
        library.commit().expect("memory");
        let root = library.set(SetId::Parcels).root();
        let again = Library::open(library.into_store(), hub.federation).expect("sound");
        assert_eq!((again.set(SetId::Parcels).root(), again.lanes.len()), (root, 1));
        roots.push(root);
    }
    assert!(roots.windows(2).all(|pair| pair[0] == pair[1]), "in whatever order");

    let mut library = hub.library();
    let mut refused = |piece: &Piece| hub.submit(&mut library, piece).expect_err("refused");
    // By no member, by a person, for a node of nobody, ended by who did not read it.
    let stranger = letter(&hub, &hub.nepal.node, to, 1, b"x");
    assert!(matches!(refused(&stranger), GateRefused::Forbidden(_)));
    let person = letter(&hub, &hub.chad.contributor, to, 1, b"x");
    assert!(matches!(refused(&person), GateRefused::Forbidden(_)));
    let nobody = SecretKey::from_seed(&[99; 32]);
    let lost = letter(&hub, by, (nobody.public(), nobody.encryption_public()), 1, b"x");
    assert!(matches!(refused(&lost), GateRefused::NotYet(_)));
    assert!(matches!(refused(&end_of(&all[0], [0; 32])), GateRefused::Parcel(_)));
    // In somebody else's name.
    let forger = Holder { key: hub.niger.node.key.clone(), certificate: hub.chad.node.certificate };
    let forged = letter(&hub, &forger, to, 9, b"x");
    assert!(matches!(refused(&forged), GateRefused::Forbidden(_)));
}

#[test]
fn a_letter_of_a_revoked_node_is_dropped_unless_its_cut_lists_it() {
    let (mut all, _) = begun();
    let hub = all.hub.clone();
    let to = (all.chad.key, hub.chad.node.key.encryption_public());
    let sent = letter(&hub, &hub.niger.node, to, 1, b"x");
    all.nepal.writes(&hub, std::slice::from_ref(&sent));
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![hub.niger.records(hub.federation).last().expect("a grant").id()],
        certificate: hub.niger.node.certificate,
        reason: RevokeReason::Stolen,
        cut: Cut::default(),
    };
    let revoke = piece(&revoke.prepare().sign(hub.federation, &hub.niger.root));
    all.nepal.writes(&hub, &[revoke]);
    assert_eq!(
        (all.nepal.replica.library().carried(), lane(&all.nepal, &all.niger, &all.chad)),
        (0, None)
    );
    let examined = examine(&sent, hub.federation).expect("signed");
    let command = Command::TakeIn { pieces: vec![examined], writer: all.chad.key };
    match all.nepal.asks(5, command) {
        Some(Ok(Done::TakenIn(taken))) => assert!(taken[0].is_err(), "{taken:?}"),
        other => panic!("{other:?}"),
    };
}

/// What became of a letter of Niger's to Chad, with this inside: whether it ended.
fn chad_reads(all: &mut Drafting, n: u64, body: &[u8]) -> bool {
    let hub = all.hub.clone();
    let to = (all.chad.key, hub.chad.node.key.encryption_public());
    all.chad.writes(&hub, &[letter(&hub, &hub.niger.node, to, n, body)]);
    tends(&hub, &mut all.chad, &hub.chad);
    lane(&all.chad, &all.niger, &all.chad).expect("it stands").1
}

#[test]
fn what_a_liar_puts_into_a_letter_is_refused_and_spoils_nothing() {
    let (mut all, _) = begun();
    let hub = all.hub.clone();
    let roots = |all: &Drafting| {
        let library = all.chad.replica.library();
        (library.set(SetId::Public).root(), library.set(SetId::Authority).root())
    };
    let before = roots(&all);
    // Garbage, bytes behind, marks that are none, too many, and a bomb.
    let none = Packed::of(&[]);
    let honest = body(0, 0, &[], &none);
    let behind = [honest.clone(), vec![0]].concat();
    let bomb = minicbor::to_vec((u32::MAX, ByteVec::from(vec![0; 40]))).expect("a vector");
    let bomb = [&[0x84, 0, 0, 0x40][..], &bomb].concat();
    let many = body(0, 0, &[7; 16 * 1_025], &none);
    for (n, wrong) in [&b"garbage"[..], &behind, &body(0, 0, &[1; 15], &none), &many, &bomb]
        .into_iter()
        .enumerate()
    {
        assert!(!chad_reads(&mut all, n as u64 + 1, wrong), "{n}: it is no letter");
    }
    // Records, editions and parcels do not come by letter; nor does a draft that is
    // not for Chad, nor one in another's name.
    let card = piece(&hub.card(&hub.niger.contributor, "Ben"));
    let edition = hub.edition(&hub.niger.publisher, &[], "Desks").piece();
    let founder = &hub.niger.contributor;
    let not_for_us = piece(&hub.audience(founder, founder, 1, &[&hub.nepal], &[]));
    let forged = piece(&hub.audience(founder, &hub.chad.contributor, 2, &[&hub.niger], &[]));
    let pieces = Packed::of(&[card, edition, forged]);
    assert!(chad_reads(&mut all, 10, &body(0, 0, &[], &pieces)), "it is dealt with");
    assert_eq!(roots(&all), before, "and nothing came of it");
    let pieces = Packed::of(&[not_for_us]);
    chad_reads(&mut all, 11, &body(0, 0, &[], &pieces));
    assert!(all.chad.replica.library().shared_drafts().eq([all.draft]));
    // An honest letter between them is taken in.
    all.a_day_later();
    assert!(all.agree());
}

#[test]
fn a_letter_for_who_has_another_key_now_is_written_again() {
    let (mut all, _) = begun();
    let mut hub = all.hub.clone();
    all.chad.now = all.chad.now.plus(LETTER_WAIT + 1);
    assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 1);
    let old = hub.niger.node.clone();
    let fresh = SecretKey::from_seed(&[88; 32]);
    let reads = Some(fresh.encryption_public());
    let next = hub.niger.grant_read(old.key.public(), reads, &[tern_crdt::authority::Role::Node]);
    let grant = hub.niger.records(hub.federation).last().expect("it was granted").clone();
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![next.cast()],
        certificate: old.certificate,
        reason: RevokeReason::Replaced,
        cut: Cut::default(),
    };
    let revoke = revoke.prepare().sign(hub.federation, &hub.niger.root);
    all.chad.writes(&hub, &[piece(&grant), piece(&revoke)]);
    assert_eq!(tends(&hub, &mut all.chad, &hub.chad), 1, "at once");
    let library = all.chad.replica.library();
    let (n, id) = library.lanes[&(all.chad.key, all.niger.key)];
    assert_eq!(n, 2);
    let held = library.parcel(&id).expect("memory").expect("held");
    let Rest::Sealed(sealed) = &held.rest else { panic!("it ended") };
    let opens = |key| tern_crdt::parcel::unpack_bytes(held.label.body(), sealed, key).is_ok();
    assert!(opens(&fresh) && !opens(&old.key));
}
