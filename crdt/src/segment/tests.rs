use std::collections::BTreeMap;

use proptest::prelude::*;

use super::brief::{Author, Brief};
use super::*;
use crate::chunk::{hold, read};
use crate::document::Draft;
use crate::identity::{Id, SecretKey};
use crate::value::Value;

const NONCE: Nonce = [9; 16];

fn federation() -> FederationId {
    Id::new([5; 32])
}

fn amina() -> CertificateId {
    Id::new([7; 32])
}

fn document() -> DocumentId {
    Id::new([6; 32])
}

/// A draft that Amina of Chad saved so many times, as what is held of it.
fn saved(times: usize) -> Past {
    let actor = actor_id(federation(), document(), amina(), &NONCE);
    let mut draft = Draft::new();
    for time in 0..times {
        let text = Value::Word(format!("{time} desks"));
        let content = BTreeMap::from([("title".to_owned(), text)]);
        let heads = draft.heads();
        draft.save_at(&heads, &content, &actor, 0).expect("a save");
    }
    let mut past = Past::default();
    for change in draft.changes() {
        let chunk = read(change).expect("readable");
        past.push(hold(&chunk, &past, Some(&actor)).expect("held"));
    }
    past
}

fn segment(past: &Past, first: usize, last: usize) -> Segment {
    let changes = &past.metas()[first - 1..last];
    Segment::covering(amina(), document(), NONCE, changes, Timestamp(1)).expect("a run")
}

fn signed(segment: &Segment) -> Verified<Segment> {
    let record = segment.prepare().sign(federation(), &SecretKey::from_seed(&[1; 32]));
    record.verify(federation()).and_then(Verified::read).expect("own signature")
}

#[test]
fn a_segment_is_whole_when_its_changes_chain_up_to_its_head() {
    let past = saved(4);
    let changes = segment(&past, 2, 4).whole(federation(), &past).expect("whole");
    assert_eq!(changes.iter().map(|change| change.seq).collect::<Vec<_>>(), [4, 3, 2]);
}

#[test]
fn a_segment_that_came_before_its_changes_waits_for_them() {
    let (all, some) = (saved(4), saved(3));
    let whole = segment(&all, 1, 4).whole(federation(), &some);
    assert_eq!(whole, Err(NotWhole::Missing { seq: 4 }));
}

#[test]
fn a_segment_of_another_certificate_or_nonce_covers_nothing() {
    let past = saved(2);
    let own = segment(&past, 1, 2);
    let stolen = Segment { by: Id::new([8; 32]), ..own.clone() };
    let other_run = Segment { nonce: [1; 16], ..own };
    for segment in [stolen, other_run] {
        let whole = segment.whole(federation(), &past);
        assert_eq!(whole, Err(NotWhole::Head { last: 2 }));
    }
}

#[test]
fn a_segment_that_lies_about_sizes_is_not_whole() {
    let past = saved(2);
    let own = segment(&past, 1, 2);
    let larger = Segment { bytes: own.bytes + 1, ..own.clone() };
    let (bytes, ops) = (own.bytes, own.ops);
    assert_eq!(larger.whole(federation(), &past), Err(NotWhole::Sizes { bytes, ops }));
    let misnumbered = Segment { last: 3, ..own };
    assert_eq!(misnumbered.whole(federation(), &past), Err(NotWhole::Head { last: 3 }));
}

#[test]
fn the_open_segment_grows_by_being_replaced() {
    let past = saved(5);
    let held = [signed(&segment(&past, 1, 2)), signed(&segment(&past, 3, 3))];
    let longer = signed(&segment(&past, 3, 5));
    assert_eq!(admit(&longer, &held, &past), Admitted::Held { instead: vec![1] });
    assert_eq!(admit(&held[1], &[longer], &past), Admitted::Known);
}

#[test]
fn the_next_segment_stands_beside_the_closed_one() {
    let past = saved(3);
    let held = [signed(&segment(&past, 1, 2))];
    let next = signed(&segment(&past, 3, 3));
    assert_eq!(admit(&next, &held, &past), Admitted::Held { instead: vec![] });
}

#[test]
fn of_two_signatures_over_the_same_changes_the_smaller_bytes_stay() {
    let past = saved(1);
    let early = segment(&past, 1, 1);
    let late = Segment { claimed_at: Timestamp(2), ..early.clone() };
    let (early, late) = (signed(&early), signed(&late));
    assert_eq!(admit(&late, std::slice::from_ref(&early), &past), Admitted::Known);
    assert_eq!(admit(&early, &[late], &past), Admitted::Held { instead: vec![0] });
}

#[test]
fn a_segment_keeps_to_256_changes() {
    let past = saved(257);
    let changes = past.metas();
    let covering = |changes| Segment::covering(amina(), document(), NONCE, changes, Timestamp(1));
    assert_eq!(covering(changes), None);
    let full = covering(&changes[..256]).expect("a run");
    assert!(!full.has_room_for(&changes[256]));
    let longer = Segment { last: 257, ..full };
    assert!(longer.check().is_err());
}

#[test]
fn a_segment_reads_back_from_its_record() {
    let segment = segment(&saved(2), 1, 2);
    assert_eq!(signed(&segment).body(), &segment);
}

proptest! {
    #[test]
    fn nodes_hold_the_same_segments_whatever_their_order_of_arrival(
        ranges in proptest::collection::vec((1..7_usize, 0..6_usize, 0..2_i64), 1..8),
        order in any::<prop::sample::Index>(),
    ) {
        let past = saved(6);
        let mut segments: Vec<Verified<Segment>> = ranges.iter().map(|(first, more, at)| {
            let whole = segment(&past, *first, (first + more).min(6));
            signed(&Segment { claimed_at: Timestamp(*at), ..whole })
        }).collect();
        let hold_all = |segments: &[Verified<Segment>]| {
            let mut held: Vec<Verified<Segment>> = Vec::new();
            for segment in segments {
                if let Admitted::Held { instead } = admit(segment, &held, &past) {
                    instead.iter().rev().for_each(|&place| {
                        held.remove(place);
                    });
                    held.push(segment.clone());
                }
            }
            let mut ids: Vec<_> = held.iter().map(Verified::id).collect();
            ids.sort_unstable();
            ids
        };
        let one = hold_all(&segments);
        let turn = order.index(segments.len());
        segments.rotate_left(turn);
        segments.reverse();
        prop_assert_eq!(one, hold_all(&segments));
    }
}

fn author() -> Author {
    let Segment { by, document, nonce, .. } = segment(&saved(1), 1, 1);
    Author { by, key: SecretKey::from_seed(&[1; 32]).public(), document, nonce }
}

fn encoded(brief: &Brief) -> Vec<u8> {
    minicbor::to_vec(brief).expect("room")
}

#[test]
fn a_segment_in_brief_is_half_as_long_and_read_back_into_what_was_signed() {
    let past = saved(100);
    let signed = signed(&segment(&past, 1, 100));
    let brief = Brief::whole(&signed).expect("one signature");
    let length = encoded(&brief).len();
    assert!(length <= 106 && length * 19 < signed.record().to_bytes().len() * 10, "{length} bytes");
    let again = brief.read(&author(), federation(), &past).expect("its author's");
    assert_eq!(again.record(), signed.record());
    let Brief::Whole { by, nonce, signature, .. } = brief.clone() else { panic!("{brief:?}") };
    let (first, last, claimed_at) = (u64::MAX, u64::MAX, Timestamp(i64::MIN));
    let longest = Brief::Whole { by, nonce, first, last, claimed_at, signature };
    assert!(encoded(&longest).len() <= brief::BRIEF_SEGMENT_BYTES_MAX);
    for other in [
        Author { document: Id::new([8; 32]), ..author() },
        Author { nonce: [8; 16], ..author() },
        Author { by: Id::new([8; 32]), ..author() },
        Author { key: SecretKey::from_seed(&[2; 32]).public(), ..author() },
    ] {
        assert_eq!(brief.read(&other, federation(), &past), None);
    }
    // Who lacks a change cannot read it.
    assert_eq!(brief.read(&author(), federation(), &saved(99)), None);
}

#[test]
fn a_live_save_costs_less_than_96_bytes_beside_its_change() {
    let past = saved(200);
    let head = segment(&past, 1, 199).head;
    let mut later = segment(&past, 1, 200);
    later.claimed_at = Timestamp(1_795_426_200_000);
    let later = signed(&later);
    let brief = Brief::after(&later, &head).expect("one signature");
    let length = encoded(&brief).len();
    assert!(length <= 90, "{length} bytes");
    let again = brief.read(&author(), federation(), &past).expect("its author's");
    assert_eq!(again.record(), later.record());
}

#[test]
fn every_branch_that_ends_where_a_segment_does_is_a_signature_to_try() {
    let (past, actor) = (saved(5), segment(&saved(1), 1, 1).actor(federation()));
    let mut forked = past.clone();
    let twin = ChangeMeta { hash: [7; 32], ..past.metas()[4].clone() };
    forked.push(twin);
    let ends = [(actor, 5), (actor, 4), ([0; 16], 5)];
    assert_eq!((brief::tries(&ends, &past), brief::tries(&ends, &forked)), (2, 3));
}

proptest! {
    #[test]
    fn any_bytes_are_read_briefly_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(brief) = minicbor::decode::<Brief>(&bytes) {
            let _ = brief.read(&author(), federation(), &saved(3));
        }
    }

    #[test]
    fn a_flipped_bit_never_verifies_as_another_segment(at in 0..900usize, later in any::<bool>()) {
        let past = saved(5);
        let whole = signed(&segment(&past, 1, 5));
        let brief = match later {
            true => Brief::after(&whole, &segment(&past, 1, 3).head),
            false => Brief::whole(&whole),
        };
        let mut bytes = encoded(&brief.expect("one signature"));
        let at = at % (bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let read = minicbor::decode::<Brief>(&bytes).ok();
        let read = read.and_then(|brief| brief.read(&author(), federation(), &past));
        prop_assert!(read.is_none_or(|read| read.id() == whole.id()));
    }
}
