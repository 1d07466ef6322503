//! Stories of parcels: Chad sends, Niger carries, Nepal reads.

use tern_crdt::authority::Forbidden;
use tern_crdt::identity::{CertificateId, ParcelId, RequestId};
use tern_crdt::parcel::{Address, Custody, Parcel, Urgency, pack, unpack};
use tern_crdt::request::{Deed, Request, RequestEvent};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::value::Tree;

use super::*;
use crate::gate::{Examined, GateRefused};
use crate::meeting::set::SetId;
use crate::routing::Rest;
use crate::routing::desk::{Dossier, HeldEvent};
use crate::story::Holder;

const TITLE: &str = "Registering births abroad";

/// The key with which Nepal's expert reads.
fn reader() -> SecretKey {
    SecretKey::from_seed(&[77; 32])
}

/// A letter of a party's node to the reader.
pub(super) fn parcel(hub: &Hub, node: &Holder, number: u8) -> Piece {
    let address = Address {
        by: node.certificate,
        request: RequestId::new([number; 32]),
        urgency: Urgency::Routine,
        expires: 60,
    };
    let inside = hub.card(node, TITLE);
    let readers = [reader().encryption_public()];
    let packed = pack(hub.federation, address, &[&inside], &readers, &node.key, &[number; 32]);
    let (label, sealed) = packed.expect("one reader");
    Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() }
}

fn id(piece: &Piece) -> ParcelId {
    match piece {
        Piece::Parcel { label, .. } | Piece::Ended { label, .. } => {
            Record::from_bytes(label).expect("own bytes").id().cast()
        }
        _ => unreachable!("no parcel"),
    }
}

/// The parcel as it is after its reader showed the secret.
fn ended(piece: &Piece) -> Piece {
    let Piece::Parcel { label, sealed } = piece else { unreachable!("no parcel") };
    let read = Record::from_bytes(label).and_then(|r| r.peek::<Parcel>()).expect("own bytes");
    let letter = unpack(&read, sealed, &reader()).expect("its reader");
    Piece::Ended { label: label.clone(), secret: letter.secret }
}

/// Three nodes of which the first and the last never connect.
struct Chain {
    hub: Hub,
    nodes: [Node; 3],
}

impl Chain {
    fn new() -> Self {
        let hub = Hub::new();
        let mut records = hub.records();
        records.push(hub.chad.admits(hub.federation, &hub.nepal));
        records.extend(hub.nepal.records(hub.federation));
        let nodes =
            [&hub.chad, &hub.niger, &hub.nepal].map(|party| node(&hub, party, true, &records));
        Self { hub, nodes }
    }

    fn holder(&self, at: usize) -> Holder {
        [&self.hub.chad, &self.hub.niger, &self.hub.nepal][at].node.clone()
    }

    /// Opens link 1 between Chad and Niger, link 2 between Niger and Nepal.
    fn connect(&mut self) {
        let keys = self.nodes.each_ref().map(|node| node.key);
        for (link, one, other) in [(1, 0, 1), (2, 1, 2)] {
            self.nodes[one].connects(link, keys[other], "other");
            self.nodes[other].connects(link, keys[one], "");
        }
    }

    fn disconnect(&mut self) {
        for (link, at) in [(1, 0), (1, 1), (2, 1), (2, 2)] {
            self.nodes[at].hears(Input::Disconnected { link: LinkId(link) });
            self.nodes[at].sent.clear();
        }
    }

    /// Carries frames until nobody has more to say; each node signs for the
    /// parcels that came. Gives back the frames that Niger saw.
    fn converse(&mut self) -> Vec<Bytes> {
        let mut seen = Vec::new();
        while let Some(from) = (0..3).find(|at| !self.nodes[*at].sent.is_empty()) {
            let (link, frame) = self.nodes[from].sent.pop_front().expect("found above");
            let to = match (from, link.0) {
                (1, 1) => 0,
                (1, _) => 2,
                _ => 1,
            };
            seen.push(frame.clone());
            self.nodes[from].hears(Input::Taken { link, bytes: frame.len() });
            self.nodes[to].hears(Input::Received { link, frame });
            self.sign_custody(to);
        }
        seen
    }

    fn sign_custody(&mut self, at: usize) {
        let (holder, node) = (self.holder(at), &mut self.nodes[at]);
        let parcel = |event: &Event| match event {
            Event::Parcel(id) => Some(*id),
            _ => None,
        };
        let parcels: Vec<ParcelId> = node.events.iter().filter_map(parcel).collect();
        node.events.retain(|event| parcel(event).is_none());
        for id in parcels {
            let library = node.replica.library();
            let Some(giver) = library.giver(&id).expect("memory") else { continue };
            let (from, _) = library.authority().certificate_of(&giver).expect("a member's node");
            node.writes(&self.hub, &[custody(&self.hub, &holder, id, from)]);
        }
    }
}

fn custody(hub: &Hub, by: &Holder, parcel: ParcelId, from: CertificateId) -> Piece {
    let custody = Custody { by: by.certificate, parcel, from, at: NOON };
    piece(&custody.prepare().sign(hub.federation, &by.key))
}

fn holds(node: &Node, id: &ParcelId) -> Option<bool> {
    node.replica.library().parcel(id).expect("memory").map(|parcel| !parcel.is_ended())
}

#[test]
fn a_parcel_reaches_its_reader_over_a_node_between_and_the_trail_comes_back() {
    let mut chain = Chain::new();
    chain.connect();
    chain.converse();
    let sent = parcel(&chain.hub, &chain.holder(0), 1);
    let id = id(&sent);
    chain.nodes[0].writes(&chain.hub, std::slice::from_ref(&sent));
    let seen = chain.converse();
    assert_eq!(chain.nodes.each_ref().map(|node| holds(node, &id)), [Some(true); 3]);
    assert_eq!(chain.nodes[0].roots(), chain.nodes[2].roots());
    // Nepal reads it.
    let held = chain.nodes[2].replica.library().parcel(&id).expect("memory").expect("held");
    let Rest::Sealed(sealed) = &held.rest else { panic!("it ended") };
    let letter = unpack(held.label.body(), sealed, &reader()).expect("its reader");
    assert_eq!(letter.records.len(), 1);
    // What Niger saw holds nothing of it.
    let told = |bytes: &[u8]| bytes.windows(9).any(|part| TITLE.as_bytes().starts_with(part));
    assert!(!seen.iter().any(|frame| told(frame)));
    // Chad knows that Nepal has it, and from whom.
    let trail = chain.nodes[0].replica.library().custodies(&id).expect("memory");
    let mut trail: Vec<_> = trail.iter().map(|word| (word.by, word.from)).collect();
    trail.sort_unstable();
    let [chad, niger, nepal] = [0, 1, 2].map(|at| chain.holder(at).certificate);
    let mut expected = vec![(niger, chad), (nepal, niger)];
    expected.sort_unstable();
    assert_eq!(trail, expected);
    assert!(chain.nodes[0].events.contains(&Event::Custody(id)));
}

#[test]
fn a_parcel_that_ended_is_brought_back_by_nobody_who_was_away() {
    let mut chain = Chain::new();
    chain.connect();
    let sent = parcel(&chain.hub, &chain.holder(0), 1);
    let id = id(&sent);
    chain.nodes[0].writes(&chain.hub, std::slice::from_ref(&sent));
    chain.converse();
    chain.disconnect();
    chain.nodes[2].writes(&chain.hub, &[ended(&sent)]);
    assert_eq!(
        chain.nodes.each_ref().map(|node| holds(node, &id)),
        [Some(true), Some(true), Some(false)]
    );
    chain.connect();
    chain.converse();
    assert_eq!(chain.nodes.each_ref().map(|node| holds(node, &id)), [Some(false); 3]);
    assert_eq!(chain.nodes[0].roots(), chain.nodes[2].roots());
    // A carrier forgets the trail, the sender keeps it for people to see.
    let trail = |at: usize| chain.nodes[at].replica.library().custodies(&id).expect("memory").len();
    assert_eq!((trail(0), trail(1)), (2, 0));
    chain.nodes[1].writes(&chain.hub, &[sent]);
    assert_eq!(holds(&chain.nodes[1], &id), Some(false));
}

#[test]
fn a_trail_that_was_cut_off_is_told_on_the_next_link() {
    let mut chain = Chain::new();
    let sent = parcel(&chain.hub, &chain.holder(0), 1);
    let id = id(&sent);
    chain.nodes[0].writes(&chain.hub, &[sent]);
    chain.connect();
    // Every custody that goes from Niger to Chad is lost with its link.
    loop {
        let lost = chain.nodes[1]
            .sent
            .iter()
            .any(|(_, frame)| matches!(Message::from_bytes(frame), Ok(Message::Custody { .. })));
        if lost {
            break;
        }
        let Some(from) = (0..3).find(|at| !chain.nodes[*at].sent.is_empty()) else {
            panic!("nothing was told")
        };
        let (link, frame) = chain.nodes[from].sent.pop_front().expect("found above");
        let to = if from == 1 { if link.0 == 1 { 0 } else { 2 } } else { 1 };
        chain.nodes[to].hears(Input::Received { link, frame });
        chain.sign_custody(to);
    }
    chain.disconnect();
    chain.connect();
    chain.converse();
    let trail = chain.nodes[0].replica.library().custodies(&id).expect("memory");
    assert_eq!(trail.len(), 2);
    // Told once: after a restart there is nothing more to say.
    for node in &chain.nodes {
        assert!(node.replica.library().load_untold().expect("memory").is_empty());
    }
}

#[test]
fn what_no_honest_node_would_send_is_refused_by_name() {
    let hub = Hub::new();
    let mut library = hub.library();
    let sent = parcel(&hub, &hub.niger.node, 1);
    let Piece::Parcel { label, sealed } = sent.clone() else { unreachable!() };
    let mut refused = |piece: &Piece| hub.submit(&mut library, piece).expect_err("refused");
    // A stranger's node, and a member's person.
    let bad = parcel(&hub, &hub.nepal.node, 1);
    let unknown = Forbidden::UnknownCertificate(hub.nepal.node.certificate);
    assert_eq!(refused(&bad), GateRefused::Forbidden(unknown));
    let bad = parcel(&hub, &hub.niger.publisher, 1);
    assert!(matches!(refused(&bad), GateRefused::Forbidden(Forbidden::WithoutRole { .. })));
    // Other bytes under an honest label.
    let Piece::Parcel { sealed: other, .. } = parcel(&hub, &hub.niger.node, 2) else {
        unreachable!()
    };
    let bad = Piece::Parcel { label: label.clone(), sealed: other };
    assert!(matches!(refused(&bad), GateRefused::Parcel(_)));
    let mut flipped = sealed.to_vec();
    flipped[100] ^= 1;
    let bad = Piece::Parcel { label: label.clone(), sealed: flipped.into() };
    assert!(matches!(refused(&bad), GateRefused::Parcel(_)));
    // Ended by somebody who never read it.
    let bad = Piece::Ended { label: label.clone(), secret: [0; 32] };
    assert!(matches!(refused(&bad), GateRefused::Parcel(_)));
    // A label without its parcel; a word about a parcel that nobody has.
    assert!(matches!(refused(&Piece::Record(label)), GateRefused::Parcel(_)));
    let word = custody(&hub, &hub.niger.node, id(&sent), hub.chad.node.certificate);
    assert!(matches!(refused(&word), GateRefused::NotYet(_)));
    assert!(hub.submit(&mut library, &sent).is_ok());
    let forged = custody(
        &hub,
        &Holder { key: hub.chad.node.key.clone(), certificate: hub.niger.node.certificate },
        id(&sent),
        hub.chad.node.certificate,
    );
    let refused = hub.submit(&mut library, &forged);
    assert!(matches!(refused, Err(GateRefused::Forbidden(Forbidden::OtherKey { .. }))));
    assert!(library.set(SetId::Public).iter().next().is_none());
}

#[test]
fn a_copy_that_somebody_else_signed_does_not_stand_in_the_place_of_the_true_one() {
    let hub = Hub::new();
    let mut library = hub.library();
    let asker = &hub.chad.publisher;
    let request = Request {
        by: asker.certificate,
        nonce: [1; 16],
        ask: Tree::default(),
        to: vec![hub.niger.publisher.certificate],
        claimed_at: NOON,
    };
    let request = request.prepare().sign(hub.federation, &asker.key);
    let id: RequestId = request.id().cast();
    let expert = &hub.niger.publisher;
    let deed = Deed::Accept { note: "Gladly".into() };
    let accept =
        RequestEvent { by: expert.certificate, request: id, after: vec![], deed, claimed_at: NOON };
    let signed = |key| accept.prepare().sign(hub.federation, key);
    let (yes, others) = (signed(&expert.key), signed(&hub.niger.node.key));
    let both = yes.signatures().iter().chain(others.signatures()).copied().collect();
    let twice = accept.prepare().signed(both);
    assert_eq!((others.id(), twice.id()), (yes.id(), yes.id()));
    let mut files = |number: u8, records: &[&Record]| {
        let node = &hub.niger.node;
        let by = node.certificate;
        let address = Address { by, request: id, urgency: Urgency::Routine, expires: 60 };
        let readers = [reader().encryption_public()];
        let packed = pack(hub.federation, address, records, &readers, &node.key, &[number; 32]);
        let (label, sealed) = packed.expect("one reader");
        let piece = Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.clone().into() };
        let Ok(Examined::Parcel(parcel)) = examine(&piece, hub.federation) else {
            panic!("an honest label")
        };
        let letter = unpack(parcel.label.body(), &sealed, &reader()).expect("its reader");
        let filed = library.file(&parcel, &letter, NOON).expect("memory");
        filed.private.into_iter().for_each(|private| library.write(private));
        library.commit().expect("memory");
        let dossier = library.dossier(&id).expect("memory");
        let held = |dossier: &Dossier| {
            let signers = |held: &HeldEvent| held.event.only_signer();
            dossier.events.values().map(signers).collect::<Vec<_>>()
        };
        (filed.refused.len(), dossier.as_ref().map(held))
    };
    // The copies come first, and are named.
    assert_eq!(files(1, &[&request, &others]), (1, Some(vec![])));
    assert_eq!(files(2, &[&twice]), (1, Some(vec![])));
    let held = Some(vec![Some(expert.key.public())]);
    assert_eq!(files(3, &[&yes]), (0, held.clone()));
    assert_eq!(files(4, &[&twice]), (1, held));
}
