//! Drafts that travel on sticks: in bundles that nodes of those who see them
//! write for each other, and nobody else can read.

use tern_crdt::document::Draft;

use super::drafts::{Drafting, opened, says, state_with};
use super::*;
use crate::bundle::{
    Counts, End, Framer, Header, Hearing, Packer, Part, Place, Read, Reader, Told,
};
use crate::meeting::set::ObjectId;
use crate::step::Change;

/// One writer's bundles for one reader, all that were ever written.
struct Bundle {
    bytes: Vec<u8>,
    header: Header,
    frames: [u8; 32],
    /// Of drafts, what was listed.
    drafts: Vec<ObjectId>,
}

impl Bundle {
    /// For who has not its key.
    fn locked(&self) -> Self {
        let header = self.header.clone();
        Self { bytes: Vec::new(), header, frames: [0; 32], drafts: Vec::new() }
    }
}

/// Has a node remember something.
fn remembers(node: &mut Node, private: Vec<Private>) {
    let command = Command::Write { pieces: Vec::new(), private };
    assert!(matches!(node.asks(u64::MAX - 1, command), Some(Ok(Done::Written(_) | Done::Noted))));
    node.answers.clear();
}

/// Writes what the reader does not hold, as far as this node knows.
fn writes_for(hub: &Hub, writer: &mut Node, of: &Party, reader: &Node, counter: u64) -> Bundle {
    let key = [counter as u8 ^ 0x5a; 32];
    let header = Header {
        federation: hub.federation,
        node: writer.key,
        counter,
        key,
        written_at: NOON,
        reader: None,
        volume: None,
    };
    let frames = [counter as u8; 32];
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(&of.node.key));
    framer.encrypt(&frames);
    let library = writer.replica.library();
    let telling = library.tell(&reader.key, counter, key).expect("sound");
    let (since, have, all) = (telling.since, telling.have, telling.all);
    let told = Told { since, have, elements: telling.elements.concat().into(), all };
    bytes.extend(framer.part(&Part::Told(told)));
    let known = library.known_to(&reader.key).expect("sound").expect("a member");
    let org = library.authority().node(&reader.key);
    let (mut place, mut packer) = (Some(Place::default()), Packer::default());
    let mut drafts = Vec::new();
    while let Some(at) = place {
        let listing = library.bundled(at, org.as_ref()).expect("sound");
        for object in listing.objects {
            if known.has(&object.id, &object.state) {
                continue;
            }
            drafts.extend((object.set == SetId::Drafts).then_some(object.id));
            let holds = |state: &[u8; 32]| known.has(&object.id, state);
            let pieces = library.pieces_behind(object.set, &object.id, org.as_ref(), holds);
            for piece in pieces.expect("sound").expect("small") {
                let full = packer.add(object.set, piece);
                bytes.extend(full.map(|part| framer.part(&part)).unwrap_or_default());
            }
        }
        place = listing.next;
    }
    bytes.extend(packer.close().map(|part| framer.part(&part)).unwrap_or_default());
    let end = End::sign(Counts::default(), &framer.chain(), &of.node.key);
    bytes.extend(framer.part(&Part::End(end)));
    remembers(writer, telling.private);
    Bundle { bytes, header, frames, drafts }
}

/// Reads a bundle as far as it goes; how many pieces were new.
fn reads(hub: &Hub, reader: &mut Node, bundle: &Bundle, bytes: &[u8]) -> usize {
    let (mut source, mut at, mut told, mut new) = (Reader::default(), 0, None, 0);
    let mut refused = false;
    source.unlock(&bundle.frames);
    loop {
        match source.next(&bytes[at..]) {
            Err(_) | Ok((0, Read::More(_))) => return new,
            Ok((_, Read::Whole(_))) => break,
            Ok((taken, read)) => {
                at += taken;
                match read {
                    Read::Part(Part::Told(part)) => told = Some(part),
                    Read::Pieces(_, pieces) => {
                        let pieces = pieces.iter().map(|p| examine(p, hub.federation));
                        let pieces = pieces.collect::<Result<_, _>>().expect("honest");
                        let command = Command::TakeIn { pieces, writer: bundle.header.node };
                        let taken = match reader.asks(500, command) {
                            Some(Ok(Done::TakenIn(taken))) => taken.clone(),
                            other => panic!("{other:?}"),
                        };
                        reader.answers.clear();
                        let changes = taken.iter().flatten();
                        new += changes.filter(|change| **change != Change::Known).count();
                        refused |= taken.iter().any(Result::is_err);
                    }
                    _ => {}
                }
            }
        }
    }
    let Told { since, have, all, elements } = told.expect("it stands in each");
    let (counter, key) = (bundle.header.counter, bundle.header.key);
    let elements = elements.as_chunks::<8>().0.to_vec();
    let hearing = Hearing { counter, key, since, have, all, part: 0, elements, last: true };
    let writer = bundle.header.node;
    let private = reader.replica.library().hear(&writer, &hearing).expect("sound");
    remembers(reader, private);
    if !refused {
        let all = reader.replica.library().heard_all(&writer, counter).expect("sound");
        remembers(reader, all.into_iter().collect());
    }
    new
}

/// Writes, carries and reads.
fn carries(hub: &Hub, from: &mut Node, of: &Party, to: &mut Node, counter: u64) -> Bundle {
    let bundle = writes_for(hub, from, of, to, counter);
    reads(hub, to, &bundle, &bundle.bytes);
    bundle
}

/// Chad and Niger, who never connect, and what they write; Nepal sees none of it.
fn apart() -> (Drafting, Draft) {
    let mut all = Drafting::begun();
    let audience = all.told(1, &[&all.hub.niger.clone()], &[]);
    all.chad.writes(&all.hub, &[audience]);
    (all, Draft::new())
}

#[test]
fn two_who_never_connect_write_one_draft_by_stick_and_who_carries_it_learns_no_word() {
    let (mut all, mut document) = apart();
    let hub = all.hub.clone();
    for part in 0..40 {
        let text: String =
            (0..60).map(|word| format!("{} ", (part * 7_919 + word * 104_729) % 99_991)).collect();
        all.ada.saves(&mut document, &format!("part{part}"), &text);
    }
    all.ada.saves(&mut document, "title", "Zanzibar orchid desks");
    all.chad_signs(&document);
    let first = carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 1);
    assert_eq!(first.drafts, [*all.draft.as_bytes()]);
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Zanzibar orchid desks"));
    assert_eq!(
        state_with(&all.chad, all.draft, &hub.niger),
        state_with(&all.niger, all.draft, &hub.chad)
    );
    // Niger goes on with it, and writes back.
    let mut here = opened(&all.niger, all.draft).expect("shared");
    all.ben.saves(&mut here, "summary", "Where people are registered");
    all.niger_signs(&here);
    let back = carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 2);
    assert!(back.bytes.len() < 1_500, "{}", back.bytes.len());
    let summary = says(&all.chad, all.draft, "summary");
    assert_eq!(summary.as_deref(), Some("Where people are registered"));

    // A word more costs a word and a signature, whatever this start remembers.
    let key = all.chad.key;
    all.chad = Shell::open(settings(&hub, &hub.chad, true), key, all.chad.replica.into_store());
    all.ada.saves(&mut document, "title", "Orchid desks in the provinces");
    all.chad_signs(&document);
    let more = carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 3);
    assert!(first.bytes.len() > 8_000 && more.bytes.len() < 1_200, "{}", more.bytes.len());
    let title = says(&all.niger, all.draft, "title");
    assert_eq!(title.as_deref(), Some("Orchid desks in the provinces"));
    // Acknowledged by what came back, it is left out.
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 4);
    let none = writes_for(&hub, &mut all.chad, &hub.chad, &all.niger, 5);
    assert_eq!(none.drafts, [[0; 32]; 0]);

    // For Nepal, and for all, nothing of it is listed; what Nepal carries says no
    // word.
    let nepal = writes_for(&hub, &mut all.chad, &hub.chad, &all.nepal, 6);
    assert_eq!(nepal.drafts, [[0; 32]; 0]);
    reads(&hub, &mut all.nepal, &nepal, &nepal.bytes);
    for carried in [&first, &more, &back] {
        assert!(!carried.bytes.windows(6).any(|window| window == b"rchid "));
        reads(&hub, &mut all.nepal, &carried.locked(), &carried.bytes);
    }
    assert_eq!(all.nepal.replica.library().shared_drafts().count(), 0);
}

#[test]
fn a_draft_is_never_framed_in_the_open() {
    let (mut all, mut document) = apart();
    all.ada.saves(&mut document, "title", "Zanzibar orchid desks");
    all.chad_signs(&document);
    let library = all.chad.replica.library();
    let (org, other) = (all.hub.niger.org(), all.hub.nepal.org());
    let (mut place, mut listed) = (Some(Place::default()), 0);
    while let Some(at) = place {
        let listing = library.bundled(at, None).expect("sound");
        listed += listing.objects.iter().filter(|object| object.set == SetId::Drafts).count();
        place = listing.next;
    }
    assert_eq!(listed, 0, "into what is for all no draft is listed");
    let id = all.draft.as_bytes();
    let pieces = |org| library.pieces_behind(SetId::Drafts, id, org, |_| false).expect("sound");
    assert_eq!(pieces(None), Some(vec![]), "nor given");
    assert_eq!(pieces(Some(&other)), Some(vec![]), "nor to who does not see it");
    let mut packer = Packer::default();
    for piece in pieces(Some(&org)).expect("small") {
        assert_eq!(packer.add(SetId::Drafts, piece), None);
    }
    let header = Header {
        federation: all.hub.federation,
        node: all.chad.key,
        counter: 1,
        key: [7; 32],
        written_at: NOON,
        reader: None,
        volume: None,
    };
    let (mut framer, begun) = Framer::begin(&header, &header.sign(&all.hub.chad.node.key));
    let part = packer.close().expect("some pieces");
    assert_eq!(framer.part(&part), [0; 0], "nor framed");
    assert_eq!(framer.bytes(), begun.len() as u64);
    framer.encrypt(&[8; 32]);
    assert!(framer.part(&part).len() > 200);
}

#[test]
fn who_was_taken_out_is_told_so_by_stick_and_nothing_more() {
    let (mut all, mut document) = apart();
    let hub = all.hub.clone();
    all.ada.saves(&mut document, "title", "Desks");
    all.chad_signs(&document);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 1);
    let audience = all.told(2, &[], &[&hub.niger]);
    all.chad.writes(&hub, &[audience]);
    all.ada.saves(&mut document, "title", "Desks, in confidence");
    all.chad_signs(&document);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 2);
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Desks"));
    let held = all.niger.replica.library().shared_draft(&all.draft).expect("sound").expect("held");
    assert!(held.circle.left.contains(&hub.niger.org()) && held.circle.n == 2);
    // What Niger writes now stays there.
    let mut here = opened(&all.niger, all.draft).expect("held");
    all.ben.saves(&mut here, "title", "All desks");
    all.niger_signs(&here);
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 3);
    assert_eq!(says(&all.chad, all.draft, "title").as_deref(), Some("Desks, in confidence"));
}

#[test]
fn a_node_that_was_put_back_or_mended_is_written_again_what_it_lost() {
    let (mut all, mut document) = apart();
    let hub = all.hub.clone();
    all.ada.saves(&mut document, "title", "Desks");
    all.chad_signs(&document);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 1);
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 2);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 3);
    // A row goes on over the backup.
    let backup = all.niger.replica.library().ledger().store().clone();
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 4);
    all.ada.saves(&mut document, "summary", "Where people are registered");
    all.chad_signs(&document);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 5);
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 6);
    let left_out = writes_for(&hub, &mut all.chad, &hub.chad, &all.niger, 7);
    assert_eq!(left_out.drafts, [[0; 32]; 0]);

    let key = all.niger.key;
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, backup);
    assert_eq!(says(&all.niger, all.draft, "summary"), None);
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 8);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 9);
    let summary = says(&all.niger, all.draft, "summary");
    assert_eq!(summary.as_deref(), Some("Where people are registered"));
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 10);

    // A change rots, and is mended away.
    let mut store = all.niger.replica.into_store();
    let kept = store.scan(Space::Draft, b"Bx", None, 9).expect("sound").entries;
    let mut rot = Batch::default();
    rot.put(Space::Draft, kept[0].0.clone(), kept[0].1[..40].to_vec());
    store.commit(rot).expect("room");
    let mark = Private::local("mended", Some(vec![1].into()));
    let (store, _) = crate::mending::mend(store, hub.federation, mark).expect("it reads");
    all.niger = Shell::open(settings(&hub, &hub.niger, true), key, store);
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 11);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 12);
    assert_eq!(
        state_with(&all.niger, all.draft, &hub.chad),
        state_with(&all.chad, all.draft, &hub.niger)
    );
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Desks"));
}

#[test]
fn what_is_cut_off_lost_old_or_read_twice_costs_a_bundle_and_no_word() {
    let (mut all, mut document) = apart();
    let hub = all.hub.clone();
    let mut written: Vec<Bundle> = Vec::new();
    for turn in 0..12_u64 {
        all.ada.saves(&mut document, "title", &format!("Desks {turn}"));
        all.chad_signs(&document);
        written.push(writes_for(&hub, &mut all.chad, &hub.chad, &all.niger, 2 * turn + 1));
        let newest = &written[written.len() - 1];
        match turn % 4 {
            0 => drop(reads(&hub, &mut all.niger, newest, &newest.bytes)),
            1 => {
                let cut = newest.bytes.len() * 2 / 3;
                reads(&hub, &mut all.niger, newest, &newest.bytes[..cut]);
            }
            2 => drop(reads(&hub, &mut all.niger, &written[0], &written[0].bytes)),
            _ => {}
        }
        if turn % 3 == 0 {
            carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 2 * turn + 2);
        }
    }
    carries(&hub, &mut all.niger, &hub.niger, &mut all.chad, 100);
    carries(&hub, &mut all.chad, &hub.chad, &mut all.niger, 101);
    assert_eq!(says(&all.niger, all.draft, "title").as_deref(), Some("Desks 11"));
    let twice = writes_for(&hub, &mut all.chad, &hub.chad, &all.niger, 102);
    reads(&hub, &mut all.niger, &twice, &twice.bytes);
    assert_eq!(reads(&hub, &mut all.niger, &twice, &twice.bytes), 0, "twice");
    assert_eq!(
        state_with(&all.niger, all.draft, &hub.chad),
        state_with(&all.chad, all.draft, &hub.niger)
    );
}
