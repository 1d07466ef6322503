//! Bundles of Niger, read by others: whole, cut, damaged, and made by somebody
//! who means harm.

use proptest::prelude::*;
use tern_crdt::identity::{FederationId, SecretKey};
use tern_crdt::timestamp::Timestamp;

use super::*;
use crate::gate::{GateRefused, examine};
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::message::Piece;
use crate::packing::{PackRefused, Packed};
use crate::step::Change;
use crate::store::memory::MemoryStore;
use crate::story::{Hub, piece};

type Memory = Library<MemoryStore>;

fn header(federation: FederationId, key: &SecretKey) -> Header {
    let written_at = Timestamp(1_000);
    Header {
        federation,
        node: key.public(),
        counter: 7,
        key: [9; 32],
        written_at,
        reader: None,
        volume: None,
    }
}

fn listed(library: &Memory) -> Vec<Listed> {
    let (mut place, mut all) = (Some(Place::default()), Vec::new());
    while let Some(at) = place {
        let listing = library.bundled(at, None).expect("memory does not fail");
        all.extend(listing.objects);
        place = listing.next;
    }
    all
}

/// Everything that a library holds, in the hand of the node with this key.
fn bundle_of(library: &Memory, key: &SecretKey) -> Vec<u8> {
    let header = header(library.authority().federation(), key);
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(key));
    let (mut frontier, objects) = (Frontier::default(), listed(library));
    let mut packer = Packer::default();
    for listed in &objects {
        frontier.add(listed.set, element(&header.key, &listed.id, &listed.state));
        for piece in library.stored_pieces(listed.set, &listed.id).expect("sound") {
            let full = packer.add(listed.set, piece);
            bytes.extend(full.map(|part| framer.part(&part)).unwrap_or_default());
        }
    }
    bytes.extend(packer.close().map(|part| framer.part(&part)).unwrap_or_default());
    frontier.finish();
    for part in frontier.parts() {
        bytes.extend(framer.part(&part));
    }
    let count = objects.len() as u64;
    let counts = Counts { objects: count, held: frontier.counts(), ..Counts::default() };
    let end = End::sign(counts, &framer.chain(), key);
    bytes.extend(framer.part(&Part::End(end)));
    assert_eq!(framer.bytes(), bytes.len() as u64);
    bytes
}

/// What can be read, and how it ended: whole, cut, or broken.
fn read(bytes: &[u8]) -> (Option<Header>, Vec<Read>, Result<Option<Counts>, Broken>) {
    let (mut reader, mut at, mut parts) = (Reader::default(), 0, Vec::new());
    let end = loop {
        match reader.next(&bytes[at..]) {
            Err(broken) => break Err(broken),
            Ok((0, Read::More(needed))) => {
                assert!(needed > bytes.len() - at, "it asks for what it has");
                break Ok(None);
            }
            Ok((taken, Read::Whole(end))) => {
                assert_eq!(at + taken, bytes.len(), "nothing follows the end");
                break Ok(Some(end.counts));
            }
            Ok((taken, read)) => {
                at += taken;
                if matches!(read, Read::Part(_) | Read::Pieces(..)) {
                    parts.push(read);
                }
            }
        }
    };
    (reader.header().cloned(), parts, end)
}

fn pieces(parts: Vec<Read>) -> impl Iterator<Item = Piece> {
    parts.into_iter().flat_map(|part| match part {
        Read::Pieces(_, pieces) => pieces,
        _ => Vec::new(),
    })
}

/// A part of these pieces.
fn packed(pieces: &[Piece]) -> Part {
    Part::Pieces { set: 1, packed: Packed::of(pieces) }
}

/// Takes in a bundle; what was new, and what was refused.
fn take_in(hub: &Hub, library: &mut Memory, bytes: &[u8]) -> (usize, Vec<GateRefused>) {
    let (header, parts, _) = read(bytes);
    let Some(header) = header else { return (0, Vec::new()) };
    let (mut new, mut refused) = (0, Vec::new());
    for piece in pieces(parts) {
        let taken = examine(&piece, hub.federation).and_then(|examined| {
            library.receive(examined, &header.node).expect("memory does not fail")
        });
        match taken {
            Ok(change) => new += usize::from(change != Change::Known),
            Err(reason) => refused.push(reason),
        }
    }
    library.commit().expect("room");
    (new, refused)
}

/// Niger's library: two practices, one of them in three editions, and cards.
fn niger() -> (Hub, Memory) {
    let hub = Hub::new();
    let mut library = hub.library();
    let first = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    let second = hub.edition(&hub.niger.publisher, &[&first], "Births, second");
    let third = hub.edition(&hub.niger.publisher, &[&second], "Births, third");
    let desks = hub.edition(&hub.niger.publisher, &[], "Desks at the border");
    for written in [&first, &second, &third, &desks] {
        library.admit(written.examined()).expect("sound").expect("admitted");
    }
    let card = hub.card(&hub.niger.publisher, "Awa");
    hub.submit(&mut library, &piece(&card)).expect("admitted");
    library.commit().expect("room");
    (hub, library)
}

fn empty(hub: &Hub) -> Memory {
    Library::open(MemoryStore::new(), hub.federation).expect("an empty store opens")
}

fn roots(library: &Memory) -> Vec<[u8; 16]> {
    SetId::ALL.into_iter().map(|set| library.set(set).root()).collect()
}

#[test]
fn whoever_knows_only_the_federation_reads_a_bundle_and_holds_the_same() {
    let (hub, niger) = niger();
    let bytes = bundle_of(&niger, &hub.niger.node.key);
    let mut nepal = empty(&hub);
    let (new, refused) = take_in(&hub, &mut nepal, &bytes);
    assert_eq!(refused, []);
    assert_eq!(roots(&nepal), roots(&niger));
    let (_, parts, end) = read(&bytes);
    assert_eq!(new, pieces(parts).count());
    let end = end.expect("in order").expect("whole");
    assert_eq!((end.objects, end.left_out), (listed(&niger).len() as u64, 0));
    assert_eq!(end.held.iter().map(|(_, count)| count).sum::<u64>(), end.objects);
    assert_eq!(take_in(&hub, &mut nepal, &bytes), (0, vec![]), "and nothing the second time");
}

#[test]
fn nobody_has_to_know_who_wrote_a_bundle() {
    let (hub, niger) = niger();
    let courier = SecretKey::from_seed(&[77; 32]);
    let mut nepal = empty(&hub);
    assert_eq!(take_in(&hub, &mut nepal, &bundle_of(&niger, &courier)).1, []);
    assert_eq!(roots(&nepal), roots(&niger));
}

#[test]
fn one_bad_piece_spoils_none_of_the_others() {
    let (hub, niger) = niger();
    let key = &hub.niger.node.key;
    let header = header(hub.federation, key);
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(key));
    let (_, parts, _) = read(&bundle_of(&niger, key));
    let stranger = crate::story::Party::new("Nobody", 9);
    let forged = piece(&hub.card(&stranger.publisher, "Somebody"));
    let garbage = Piece::Record(vec![0xff; 40].into());
    let all: Vec<Piece> = [forged, garbage].into_iter().chain(pieces(parts)).collect();
    bytes.extend(framer.part(&packed(&all)));
    let mut nepal = empty(&hub);
    let (_, refused) = take_in(&hub, &mut nepal, &bytes);
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert_eq!(roots(&nepal), roots(&niger));
}

#[test]
fn a_frontier_tells_what_its_writer_has_and_nothing_it_has_not() {
    let (hub, niger) = niger();
    let bytes = bundle_of(&niger, &hub.niger.node.key);
    let (header, parts, end) = read(&bytes);
    let (key, mut frontier) = (header.expect("a header").key, Frontier::default());
    for part in parts {
        if let Read::Part(Part::Frontier { set, elements }) = part {
            frontier.take(set, &elements);
        }
    }
    frontier.finish();
    assert_eq!(frontier.counts(), end.expect("in order").expect("whole").held);
    let has = |listed: &Listed, state: &[u8; 32]| {
        frontier.has(listed.set, &element(&key, &listed.id, state))
    };
    for listed in listed(&niger) {
        assert!(has(&listed, &listed.state));
        assert!(!has(&listed, &[0; 32]), "an earlier state of it");
    }
}

#[test]
fn an_end_that_the_writer_did_not_sign_is_noticed_and_a_later_part_passed_over() {
    let (hub, niger) = niger();
    let (key, other) = (&hub.niger.node.key, SecretKey::from_seed(&[78; 32]));
    let header = header(hub.federation, key);
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(key));
    bytes.extend(framer.frame(&[0x82, 0x18, 99, 0x80]));
    let signed =
        |by: &SecretKey, chain: &[u8; 32]| Part::End(End::sign(Counts::default(), chain, by));
    let mut changed = bytes.clone();
    let chain = framer.chain();
    let frame = framer.frame(&signed(&other, &chain).to_bytes());
    changed.extend(&frame);
    assert_eq!(read(&changed).2, Err(Broken::Changed));
    let (mut framer, _) = Framer::begin(&header, &header.sign(key));
    framer.frame(&[0x82, 0x18, 99, 0x80]);
    bytes.extend(framer.frame(&signed(key, &chain).to_bytes()));
    assert!(matches!(read(&bytes).2, Ok(Some(_))), "{:?}", read(&bytes).2);
    // Somebody else's header over the same frames.
    let forged = Framer::begin(&header, &header.sign(&other)).1;
    assert_eq!(read(&forged).2, Err(Broken::Header(HeaderRefused::Signature)));
    assert_eq!(read(b"a letter home").2, Err(Broken::NotABundle));
    let mut newer = bundle_of(&niger, key);
    newer[MAGIC.len()] = 3;
    assert_eq!(read(&newer).2, Err(Broken::Version(3)));
}

#[test]
fn frames_of_another_bundle_or_place_are_not_taken_for_this_ones() {
    let hub = Hub::new();
    let key = &hub.niger.node.key;
    let header = header(hub.federation, key);
    let other = Header { key: [8; 32], ..header.clone() };
    let card = vec![piece(&hub.card(&hub.niger.publisher, "Awa"))];
    let (mut framer, begun) = Framer::begin(&header, &header.sign(key));
    let frame = framer.part(&packed(&card));
    let twice = [&begun[..], &frame, &frame].concat();
    let (_, parts, end) = read(&twice);
    assert_eq!(parts, [Read::Pieces(1, card)]);
    assert_eq!(end, Err(Broken::Frame(2, BadFrame::Check)));
    let mixed = [&Framer::begin(&other, &other.sign(key)).1[..], &frame].concat();
    assert_eq!(read(&mixed).2, Err(Broken::Frame(1, BadFrame::Check)));
}

#[test]
fn who_holds_the_first_editions_of_a_practice_is_written_those_behind_them_alone() {
    let (hub, niger) = niger();
    let practices = listed(&niger).into_iter().filter(|listed| {
        let pieces = niger.stored_pieces(listed.set, &listed.id).expect("sound");
        pieces.len() == 3
    });
    let [births] = practices.collect::<Vec<_>>()[..] else { panic!("one has three editions") };
    let all = niger.stored_pieces(births.set, &births.id).expect("sound");
    let behind = |states: &[[u8; 32]]| {
        let holds = |state: &[u8; 32]| states.contains(state);
        niger.pieces_behind(births.set, &births.id, None, holds).expect("sound").expect("small")
    };
    assert_eq!(behind(&[]), all);
    let mut nepal = empty(&hub);
    for piece in pieces(read(&bundle_of(&niger, &hub.niger.node.key)).1) {
        // Nepal takes in one edition after the other.
        if !matches!(piece, Piece::Edition { .. }) || all.contains(&piece) {
            let examined = examine(&piece, hub.federation).expect("honest");
            nepal.receive(examined, &hub.niger.node.key.public()).expect("room").expect("held");
            nepal.commit().expect("room");
        }
        let held = all.iter().position(|edition| *edition == piece).map(|at| at + 1);
        if let Some(held) = held.filter(|held| *held < all.len()) {
            let state = *nepal.set(births.set).get(&births.id).expect("held");
            assert_eq!(behind(&[state]), all[held..]);
        }
    }
}

/// A part whose pieces are packed as these bytes, which say to be of this size.
fn says(size: u32, bytes: &[u8]) -> Vec<u8> {
    let mut body = vec![0x82, 0, 0x82, 1, 0x82, 0x1a];
    body.extend(size.to_be_bytes());
    body.push(0x59);
    body.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
    body.extend(bytes);
    body
}

#[test]
fn a_frame_that_unpacks_without_end_ends_the_file_and_what_came_before_stands() {
    let hub = Hub::new();
    let key = &hub.niger.node.key;
    let header = header(hub.federation, key);
    let card = vec![piece(&hub.card(&hub.niger.publisher, "Awa"))];
    // Zeros as large as a frame may be, and much larger: a few bytes each.
    let bomb = |size: usize| zstd::bulk::compress(&vec![0; size], 19).expect("it packs");
    let too_long = BadFrame::Packed(PackRefused::TooLong(9 << 20));
    let malformed = BadFrame::Packed(PackRefused::Malformed);
    for (size, packed_as, why) in [
        (9 << 20, bomb(9 << 20), too_long),
        (1 << 20, bomb(9 << 20), malformed),
        (1 << 20, bomb(1 << 20), malformed),
        (0, vec![0x9f; 9], malformed),
    ] {
        let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(key));
        bytes.extend(framer.part(&packed(&card)));
        bytes.extend(framer.frame(&says(size, &packed_as)));
        let (_, parts, end) = read(&bytes);
        assert_eq!(parts, [Read::Pieces(1, card.clone())]);
        assert_eq!(end, Err(Broken::Frame(2, why)), "{size}");
    }
}

#[test]
fn many_pieces_share_a_frame_and_no_frame_grows_beyond_what_a_reader_takes() {
    let hub = Hub::new();
    let key = &hub.niger.node.key;
    let header = header(hub.federation, key);
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(key));
    let mut packer = Packer::default();
    let all: Vec<Piece> = [60, 250_000, 250_000, 320_000, 7]
        .into_iter()
        .chain(std::iter::repeat_n(10, 3_000))
        .map(|size: usize| Piece::Record(vec![7; size].into()))
        .collect();
    for (at, piece) in all.iter().enumerate() {
        let set = if at == 0 { SetId::Authority } else { SetId::Public };
        let most = framer.bytes() + packer.bytes_max(std::slice::from_ref(piece));
        let full = packer.add(set, piece.clone());
        bytes.extend(full.map(|part| framer.part(&part)).unwrap_or_default());
        assert!(framer.bytes() + packer.bytes_max(&[]) <= most + 64);
    }
    let most = framer.bytes() + packer.bytes_max(&[]);
    bytes.extend(packer.close().map(|part| framer.part(&part)).unwrap_or_default());
    assert!(framer.bytes() <= most && packer.close().is_none());
    let (_, parts, end) = read(&bytes);
    assert_eq!(end, Ok(None));
    assert_eq!(parts.len(), 7, "one of the authority set, then by their size and number");
    assert_eq!(pieces(parts).collect::<Vec<_>>(), all);
}

#[test]
fn a_frame_that_claims_too_much_is_refused_before_anybody_fetches_it() {
    let hub = Hub::new();
    let key = &hub.niger.node.key;
    let header = header(hub.federation, key);
    let mut bytes = Framer::begin(&header, &header.sign(key)).1;
    bytes.extend(u32::MAX.to_le_bytes());
    assert_eq!(read(&bytes).2, Err(Broken::Frame(1, BadFrame::TooLong(u32::MAX))));
}

/// The vector of section 20 of the specification.
#[test]
fn a_bundle_has_the_bytes_that_the_specification_names() {
    let key = SecretKey::from_seed(&[2; 32]);
    let header = Header {
        federation: FederationId::new([1; 32]),
        node: key.public(),
        counter: 3,
        key: [4; 32],
        written_at: Timestamp(5),
        reader: None,
        volume: None,
    };
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(&key));
    let record = packed(&[Piece::Record(vec![1, 2].into())]);
    bytes.extend(framer.part(&record));
    let mut frontier = Frontier::default();
    frontier.add(SetId::Public, element(&header.key, &[6; 32], &[7; 32]));
    frontier.finish();
    for part in frontier.parts() {
        bytes.extend(framer.part(&part));
    }
    let counts = Counts { objects: 1, held: frontier.counts(), ..Counts::default() };
    let end = End::sign(counts, &framer.chain(), &key);
    bytes.extend(framer.part(&Part::End(end)));
    assert!(matches!(read(&bytes).2, Ok(Some(_))));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let specification = include_str!("../../SPEC.md");
    let (_, section) = specification.split_once("## 20.").expect("a section");
    let lines = section.lines().skip_while(|line| !line.starts_with("    7465726e"));
    let vector: String = lines.take_while(|line| line.starts_with("    ")).map(str::trim).collect();
    assert_eq!(hex, vector);
}

/// A bundle of Niger for the node of Nepal alone, and the key of its frames.
fn for_nepal(hub: &Hub, pieces: &[Piece]) -> Vec<u8> {
    let (niger, frames) = (&hub.niger.node.key, [6; 32]);
    let (nepal, reads) = (hub.nepal.node.key.public(), secret(81).encryption_public());
    let mut header = header(hub.federation, niger);
    let own = secret(82).encryption_public();
    header.address(nepal, &[reads, own], &frames, &[5; 32]).expect("keys");
    let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(niger));
    framer.encrypt(&frames);
    bytes.extend(framer.part(&packed(pieces)));
    let told = Told { since: Some(3), have: Some(4), elements: vec![8; 16].into(), all: true };
    bytes.extend(framer.part(&Part::Told(told)));
    let counts = Counts { objects: pieces.len() as u64, ..Counts::default() };
    let end = End::sign(counts, &framer.chain(), niger);
    bytes.extend(framer.part(&Part::End(end)));
    bytes
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// Reads with the key of the frames, once the header was read.
fn read_as(bytes: &[u8], reader: Option<&SecretKey>) -> (Vec<Read>, Result<Counts, Broken>) {
    let (mut source, mut at, mut all) = (Reader::default(), 0, Vec::new());
    loop {
        match source.next(&bytes[at..]) {
            Err(broken) => return (all, Err(broken)),
            Ok((_, Read::Whole(end))) => return (all, Ok(end.counts)),
            Ok((_, Read::More(_))) => panic!("it is whole"),
            Ok((taken, read)) => {
                at += taken;
                if let Read::Header(header) = &read
                    && let Some(key) = reader.and_then(|reader| header.open(reader))
                {
                    source.unlock(&key);
                }
                all.push(read);
            }
        }
    }
}

#[test]
fn what_is_for_one_node_is_read_by_it_and_by_its_writer_and_carried_unread_by_others() {
    let hub = Hub::new();
    let card = vec![piece(&hub.card(&hub.niger.publisher, "Awa"))];
    let bytes = for_nepal(&hub, &card);
    for reader in [secret(81), secret(82)] {
        let (read, end) = read_as(&bytes, Some(&reader));
        assert_eq!(read[2], Read::Pieces(1, card.clone()));
        let told = Told { since: Some(3), have: Some(4), elements: vec![8; 16].into(), all: true };
        assert_eq!(read[3], Read::Part(Part::Told(told)));
        assert_eq!(end.expect("whole").objects, 1);
    }
    for courier in [None, Some(&hub.nepal.node.key), Some(&secret(83))] {
        let (read, end) = read_as(&bytes, courier);
        assert_eq!(read[2..], [Read::Sealed, Read::Sealed]);
        assert!(end.is_ok(), "a courier sees that it is whole");
        let Read::Header(header) = &read[1] else { panic!("{read:?}") };
        assert_eq!(header.reader.as_ref().map(|to| to.node), Some(hub.nepal.node.key.public()));
    }
    let Piece::Record(record) = &card[0] else { panic!("a record") };
    assert!(!bytes.windows(16).any(|window| window == &record[40..56]));
}

#[test]
fn a_courier_who_puts_other_frames_into_what_it_cannot_read_is_noticed_before_they_are_read() {
    let hub = Hub::new();
    let bytes = for_nepal(&hub, &[piece(&hub.card(&hub.niger.publisher, "Awa"))]);
    let mut source = Reader::default();
    let (begun, _) = source.next(&bytes).expect("its beginning");
    let (taken, _) = source.next(&bytes[begun..]).expect("its header");
    let header = source.header().expect("read").clone();
    let (mut framer, beginning) = Framer::begin(&header, source.signed());
    assert_eq!(beginning, bytes[..begun + taken]);
    let sealed = |bytes: &[u8]| Part::Sealed(bytes.to_vec().into());
    let mut changed = beginning.clone();
    changed.extend(framer.part(&sealed(&[7; 60])));
    assert_eq!(read_as(&changed, Some(&secret(81))).1, Err(Broken::Frame(1, BadFrame::Sealed)));
    // Not encrypted at all: it is judged like everything that somebody says.
    let (mut framer, mut clear) = Framer::begin(&header, source.signed());
    clear.extend(framer.part(&packed(&[Piece::Record(vec![1].into())])));
    let end = End::sign(Counts::default(), &framer.chain(), &secret(83));
    clear.extend(framer.part(&Part::End(end)));
    assert_eq!(read_as(&clear, Some(&secret(81))).1, Err(Broken::Changed));
    // Encrypted twice, by who has the key: nothing is opened a second time.
    let (mut framer, mut twice) = Framer::begin(&header, source.signed());
    framer.encrypt(&[6; 32]);
    twice.extend(framer.part(&sealed(&[7; 60])));
    assert_eq!(read_as(&twice, Some(&secret(81))).1, Err(Broken::Frame(1, BadFrame::Malformed)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_cut_off_what_came_before_stands(at in any::<prop::sample::Index>()) {
        let (hub, niger) = niger();
        let bytes = bundle_of(&niger, &hub.niger.node.key);
        let (_, whole, _) = read(&bytes);
        let cut = &bytes[..at.index(bytes.len())];
        let (_, parts, end) = read(cut);
        prop_assert_eq!(end, Ok(None));
        prop_assert_eq!(&whole[..parts.len()], &parts[..]);
        let mut nepal = empty(&hub);
        prop_assert_eq!(take_in(&hub, &mut nepal, cut).1, vec![]);
    }

    #[test]
    fn a_flipped_bit_ends_the_file_where_it_is_and_never_later(
        at in any::<prop::sample::Index>(), bit in 0..8u8,
    ) {
        let (hub, niger) = niger();
        let mut bytes = bundle_of(&niger, &hub.niger.node.key);
        let (_, whole, _) = read(&bytes);
        let at = at.index(bytes.len());
        let (_, before, _) = read(&bytes[..at]);
        bytes[at] ^= 1 << bit;
        let (_, parts, end) = read(&bytes);
        prop_assert!(!matches!(end, Ok(Some(_))));
        prop_assert_eq!(&whole[..before.len()], &parts[..]);
    }

    #[test]
    fn no_bytes_panic_a_reader(
        begun in any::<bool>(), bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let key = SecretKey::from_seed(&[3; 32]);
        let header = header(FederationId::new([1; 32]), &key);
        let mut all = if begun { Framer::begin(&header, &header.sign(&key)).1 } else { vec![] };
        all.extend(&bytes);
        let _ = read(&all);
        let _ = Part::from_bytes(&bytes);
        let _ = Header::read(&bytes);
    }

    #[test]
    fn a_part_reads_back(
        set in any::<u8>(), bytes in prop::collection::vec(any::<u8>(), 0..300),
        secret in any::<[u8; 32]>(), which in 0..7usize, count in 0..40usize,
        since in any::<Option<u64>>(), have in any::<Option<u64>>(), all in any::<bool>(),
    ) {
        let bytes = minicbor::bytes::ByteVec::from(bytes);
        let piece = match which {
            0 => Piece::Record(bytes),
            1 => Piece::Edition { statement: bytes.clone(), change: bytes },
            2 => Piece::Parcel { label: bytes.clone(), sealed: bytes },
            _ => Piece::Ended { label: bytes, secret },
        };
        let elements = vec![set; count * 8].into();
        prop_assert_eq!(Piece::from_bytes(&piece.to_bytes()), Some(piece.clone()));
        let part = match which {
            4 => Part::Frontier { set, elements },
            5 => Part::Told(Told { since, have, elements, all }),
            6 => Part::Sealed(elements),
            _ => Part::Pieces { set, packed: Packed::of(&[piece]) },
        };
        prop_assert_eq!(Part::from_bytes(&part.to_bytes()), Ok(Some(part)));
    }
}
