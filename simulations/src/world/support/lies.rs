//! What somebody malicious tries with requests.
//!
//! They know more than they could: every id, every signed record, every sealed
//! letter. They hold the keys of their own organisation alone.

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{
    CertificateId, FederationId, ParcelId, RecordId, RequestId, SecretKey, digest,
};
use tern_crdt::parcel::{Address, Custody, Letter, Parcel, Urgency, pack};
use tern_crdt::request::{DeclineReason, Deed, Outcome, Request, RequestEvent, Step, Use};
use tern_crdt::sealed::{EncryptionKey, Sealed};
use tern_crdt::signed::{Record, Statement, Verified};
use tern_crdt::value::Tree;
use tern_protocol::message::{Message, Piece};
use tern_protocol::routing::Rest;

use super::Sent;
use crate::chance::Chance;
use crate::node::Asked;
use crate::villain::Forged;
use crate::world::World;

/// A letter that should do no harm.
struct Deceit {
    request: RequestId,
    records: Vec<Record>,
    readers: Vec<EncryptionKey>,
    why: &'static str,
}

/// A true record with one more signature, or with another instead of its own.
fn twice<T: Statement>(
    record: &Verified<T>,
    federation: FederationId,
    key: &SecretKey,
    instead: bool,
) -> Record {
    let more = record.body().prepare().sign(federation, key);
    if instead {
        return more;
    }
    let signatures = record.record().signatures().iter().chain(more.signatures());
    let signatures = signatures.copied().collect();
    record.body().prepare().signed(signatures)
}

impl World {
    /// The key and the certificate of a villain's node, and a person there.
    fn liar(&self, node: usize) -> Option<(SecretKey, CertificateId, crate::people::Person)> {
        let key = self.nodes[node].key.clone();
        let certificate = *self.support.as_ref()?.nodes.get(&key.public())?;
        Some((key, certificate, self.party_of(node)?.publisher.clone()))
    }

    /// A malicious node sends a letter of its own.
    pub(super) fn deceives(&mut self, node: usize) -> Result<(), String> {
        let mut chance = self.chance.clone();
        let piece = match chance.below(4) {
            0 => self.old_letter(node, &mut chance),
            1 => self.broken_letter(node, &mut chance),
            _ => self.false_letter(node, &mut chance),
        };
        self.chance = chance;
        let Some((piece, sent)) = piece else { return Ok(()) };
        let Piece::Parcel { label, .. } = &piece else { return Ok(()) };
        let id: ParcelId = Record::from_bytes(label).map_err(|e| e.to_string())?.id().cast();
        self.tell(|world| {
            let why = sent.lie.unwrap_or("nothing wrong");
            format!("{} sends {id:?}, with {why}", world.name(node))
        });
        if let Some(support) = &mut self.support {
            support.parcels.insert(id, sent);
        }
        self.write_as(node, &[piece], Asked::Write(vec![]));
        Ok(())
    }

    /// A letter with something in it that somebody else should have said.
    fn false_letter(&mut self, node: usize, chance: &mut Chance) -> Option<(Piece, Sent)> {
        let (key, by, _) = self.liar(node)?;
        let deceit = self.deceit(node, chance)?;
        let Deceit { request, records, readers, why } = deceit;
        let address = Address { by, request, urgency: Urgency::Urgent, expires: 60 };
        let all: Vec<&Record> = records.iter().collect();
        let (label, sealed) =
            pack(self.federation, address, &all, &readers, &key, &chance.bytes()).ok()?;
        let piece = Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() };
        let inside = records.iter().map(Record::id).collect();
        let readers = readers.into_iter().collect();
        Some((piece, Sent { request, readers, lie: Some(why), inside }))
    }

    fn deceit(&mut self, node: usize, chance: &mut Chance) -> Option<Deceit> {
        let (node_key, node_certificate, liar) = self.liar(node)?;
        let desk = self.party_of(node)?.org();
        let federation = self.federation;
        let now = self.clock(node);
        let support = self.support.as_mut()?;
        let requests: Vec<RequestId> = support.requests.keys().copied().collect();
        let id = *chance.pick(&requests)?;
        let truth = support.requests.get(&id)?;
        let request = truth.request.body().clone();
        let honest: Vec<(RecordId, RequestEvent)> =
            truth.events.iter().map(|(id, (event, _))| (*id, event.body().clone())).collect();
        let expert = *chance.pick(&request.to)?;
        let some = |chance: &mut Chance, kind: fn(&Deed) -> bool| {
            let fits: Vec<RecordId> =
                honest.iter().filter(|(_, e)| kind(&e.deed)).map(|(id, _)| *id).collect();
            chance.pick(&fits).copied().unwrap_or_else(|| RecordId::new(chance.bytes()))
        };
        let accept = some(chance, |deed| matches!(deed, Deed::Accept { .. }));
        let award = some(chance, |deed| matches!(deed, Deed::Award { .. }));
        let answer = some(chance, |deed| matches!(deed, Deed::Answer { .. }));
        let readers: Vec<EncryptionKey> =
            support.readers(request.to.iter().chain([&request.by])).into_iter().collect();
        let ask = some(chance, |deed| matches!(deed, Deed::Ask { .. }));
        let ended = some(chance, |deed| matches!(deed, Deed::Close { .. }));
        let choose = Deed::Award { round: 1, accept, expert, previous: None };
        let reply = Deed::Answer { award, reply: Tree::default() };
        let close = Deed::Close {
            outcome: Outcome::Unmet,
            rating: None,
            note: String::new(),
            follow_up: None,
        };
        let no = Deed::Decline { reason: DeclineReason::NoTime, note: String::new() };
        let yes = Deed::Accept { note: String::new() };
        let (theirs, own) = (request.by, liar.certificate);
        let (by, deed, key, why) = match chance.below(23) {
            0 => (own, choose, &liar.key, "an award by another organisation"),
            1 => (theirs, choose, &liar.key, "an award in the asker's name"),
            2 => (node_certificate, Deed::Received, &node_key, "a receipt of a mere carrier"),
            3 => (expert, Deed::Received, &node_key, "a receipt in an expert's name"),
            4 => (own, yes, &liar.key, "an acceptance by somebody who was not asked"),
            5 => (expert, no, &liar.key, "a refusal in an expert's name"),
            6 => (own, reply, &liar.key, "an answer by somebody who was not asked"),
            7 => (expert, reply, &liar.key, "an answer in an expert's name"),
            8 => (theirs, close, &liar.key, "an end in the asker's name"),
            9 => (own, Deed::Withdraw { reason: String::new() }, &liar.key, "an end by another"),
            10 => (own, Deed::Confirm { answer }, &liar.key, "a confirmation by another"),
            11 => (own, Deed::Offer { to: vec![own] }, &liar.key, "an offer to oneself"),
            16 => {
                let text = "What is it about?".to_owned();
                (own, Deed::Ask { text }, &liar.key, "a question by somebody who was not asked")
            }
            17 => {
                let text = "Nothing".to_owned();
                (own, Deed::Reply { ask, text }, &liar.key, "a reply by another organisation")
            }
            18 => {
                let text = "Half of it".to_owned();
                (expert, Deed::Progress { award, text }, &liar.key, "progress in an expert's name")
            }
            19 => {
                let refer = Deed::Refer { to: expert, note: String::new() };
                (own, refer, &liar.key, "an expert named by somebody who was not asked")
            }
            20 => {
                let reasons = "Nothing in it is right".to_owned();
                (own, Deed::Dispute { answer, reasons }, &liar.key, "a dispute by another")
            }
            21 => {
                let deed = Deed::FollowUp { close: ended, outcome: Use::Not, note: String::new() };
                (theirs, deed, &liar.key, "what became of it, in the asker's name")
            }
            22 => {
                let deed = Deed::Escalate { step: Step::Desks, desks: vec![desk], need: None };
                (own, deed, &liar.key, "a request brought before a liar's own desk")
            }
            12 => {
                let bad = Request { nonce: chance.bytes(), claimed_at: now, ..request };
                let record = bad.prepare().sign(federation, &liar.key);
                support.untrue.insert(record.id().cast());
                let (request, why) = (record.id().cast(), "a request in another's name");
                return Some(Deceit { request, records: vec![record], readers, why });
            }
            13 => {
                // True, and signed once more by somebody who has no say.
                let instead = chance.percent(50);
                let events: Vec<_> = truth.events.values().collect();
                let record = match chance.pick(&events) {
                    Some((event, _)) => twice(event, federation, &liar.key, instead),
                    None => twice(&truth.request, federation, &liar.key, instead),
                };
                let why = "a true record that somebody else signed too";
                return Some(Deceit { request: id, records: vec![record], readers, why });
            }
            14 => {
                let other = *chance.pick(&requests).filter(|other| **other != id)?;
                let records = truth.events.values().map(|(event, _)| event.record().clone());
                let records = records.chain([truth.request.record().clone()]).take(16).collect();
                let why = "true records in a letter about another request";
                return Some(Deceit { request: other, records, readers, why });
            }
            _ => {
                let basis = Basis::RoleName;
                let card = NameCard { by: own, name: "A liar".into(), basis };
                let records = vec![card.prepare().sign(federation, &liar.key)];
                let why = "a record that belongs in no letter";
                return Some(Deceit { request: id, records, readers, why });
            }
        };
        let after = if chance.percent(50) {
            let mut tips: Vec<RecordId> = honest.iter().map(|(id, _)| *id).take(16).collect();
            tips.sort_unstable();
            tips
        } else {
            vec![]
        };
        let event = RequestEvent { by, request: id, after, deed, claimed_at: now };
        let record = event.prepare().sign(federation, key);
        support.forged.insert(record.id(), why);
        Some(Deceit { request: id, records: vec![record], readers, why })
    }

    /// The sealed bytes of an honest letter under a label of the villain's.
    fn old_letter(&mut self, node: usize, chance: &mut Chance) -> Option<(Piece, Sent)> {
        let (key, by, _) = self.liar(node)?;
        let support = self.support.as_ref()?;
        let library = self.nodes[node].replica.as_ref()?.library();
        let parcels: Vec<ParcelId> = library.parcels().map(|(id, _)| id).collect();
        let id = *chance.pick(&parcels)?;
        let Rest::Sealed(sealed) = library.parcel(&id).ok()??.rest else { return None };
        let label = library.parcel(&id).ok()??.label;
        let sent = support.parcels.get(&id)?;
        let own = chance.percent(50);
        let request = if own { sent.request } else { RequestId::new(chance.bytes()) };
        let label =
            Parcel { by, request, expires: chance.below(99) as u32, ..label.body().clone() };
        let label = label.prepare().sign(self.federation, &key);
        let readers = if own { sent.readers.clone() } else { [].into() };
        let inside = sent.inside.clone();
        let lie = Some("an old letter under a new label");
        let piece = Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() };
        Some((piece, Sent { request, readers, lie, inside }))
    }

    /// Something sealed for the right readers that is no letter.
    fn broken_letter(&mut self, node: usize, chance: &mut Chance) -> Option<(Piece, Sent)> {
        let (key, by, _) = self.liar(node)?;
        let support = self.support.as_ref()?;
        let requests: Vec<RequestId> = support.requests.keys().copied().collect();
        let request = *chance.pick(&requests)?;
        let truth = support.requests.get(&request)?;
        let people = truth.request.body().to.iter().chain([&truth.request.body().by]);
        let readers = support.readers(people);
        let content = if chance.percent(50) {
            let length = chance.below(900) as usize;
            chance.some_bytes(length)
        } else {
            let records: Vec<ByteVec> = vec![truth.request.record().to_bytes().into()];
            let mut content = Vec::new();
            minicbor::encode(&Letter { secret: chance.bytes(), records }, &mut content).ok()?;
            content
        };
        let keys: Vec<EncryptionKey> = readers.iter().copied().collect();
        let sealed = Sealed::seal(&content, &keys, request.as_bytes(), &chance.bytes()).ok()?;
        let sealed = sealed.to_bytes();
        let label = Parcel {
            by,
            request,
            urgency: Urgency::Routine,
            expires: 60,
            end: chance.bytes(),
            sealed: digest("tern/parcel/v1", &[&sealed]),
            bytes: sealed.len() as u32,
            lane: None,
        };
        let label = label.prepare().sign(self.federation, &key);
        let piece = Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() };
        let lie = Some("no letter");
        Some((piece, Sent { request, readers, lie, inside: vec![] }))
    }

    /// Something that no node may take in.
    pub fn forge_support(&self, node: usize, chance: &mut Chance) -> Option<Forged> {
        let (key, own, liar) = self.liar(node)?;
        let support = self.support.as_ref()?;
        let library = self.nodes[node].replica.as_ref()?.library();
        let parcels: Vec<ParcelId> = library.parcels().map(|(id, _)| id).collect();
        let requests: Vec<RequestId> = support.requests.keys().copied().collect();
        let others: Vec<CertificateId> =
            support.nodes.values().filter(|other| **other != own).copied().collect();
        let other = *chance.pick(&others)?;
        let forged = |piece, why| Some(Forged { piece, id: None, refused: true, why });
        let parcel = chance.pick(&parcels).and_then(|id| library.parcel(id).ok().flatten());
        let choice = chance.below(7);
        if let Some(held) = parcel
            && let Rest::Sealed(mut sealed) = held.rest
            && choice < 5
        {
            let label: ByteVec = held.label.record().to_bytes().into();
            let label_by = |by: CertificateId, key: &SecretKey| {
                let label = Parcel { by, ..held.label.body().clone() };
                label.prepare().sign(self.federation, key)
            };
            return match choice {
                0 => forged(Piece::Ended { label, secret: chance.bytes() }, "an end by no reader"),
                1 | 2 => {
                    let (by, key, why) = if choice == 1 {
                        (other, &key, "a parcel in the name of another node")
                    } else {
                        (liar.certificate, &liar.key, "a parcel of a person")
                    };
                    let label = label_by(by, key);
                    // Without the other's signature it may be the true one.
                    let id = (label.id() != held.label.id()).then(|| *label.id().as_bytes());
                    let label = label.to_bytes().into();
                    let piece = Piece::Parcel { label, sealed: sealed.into() };
                    Some(Forged { piece, id, refused: true, why })
                }
                3 => {
                    let at = chance.place(sealed.len())?;
                    sealed[at] ^= 1;
                    forged(Piece::Parcel { label, sealed: sealed.into() }, "a changed letter")
                }
                _ => {
                    let word = Custody {
                        by: other,
                        parcel: held.label.id().cast(),
                        from: own,
                        at: self.clock(node),
                    };
                    let record = word.prepare().sign(self.federation, &key);
                    forged(Piece::Record(record.to_bytes().into()), "another's word of custody")
                }
            };
        }
        let truth = support.requests.get(chance.pick(&requests)?)?;
        let events: Vec<&Record> = truth.events.values().map(|(event, _)| event.record()).collect();
        let record = chance.pick(&events).copied().unwrap_or(truth.request.record());
        let id = Some(*record.id().as_bytes());
        let piece = Piece::Record(record.to_bytes().into());
        Some(Forged { piece, id, refused: true, why: "said in the open" })
    }

    /// A villain says now and then that somebody else holds a parcel.
    pub fn forge_custody(&mut self, node: usize) -> Option<Bytes> {
        self.support.as_ref()?;
        if !self.chance.percent(3) {
            return None;
        }
        let mut chance = self.chance.clone();
        let (key, own, _) = self.liar(node)?;
        let support = self.support.as_ref()?;
        let parcels: Vec<ParcelId> = support.parcels.keys().copied().collect();
        let others: Vec<CertificateId> =
            support.nodes.values().filter(|other| **other != own).copied().collect();
        let word = Custody {
            by: *chance.pick(&others)?,
            parcel: *chance.pick(&parcels)?,
            from: own,
            at: self.clock(node),
        };
        self.chance = chance;
        let record = word.prepare().sign(self.federation, &key);
        let message = Message::Custody { records: vec![record.to_bytes().into()] };
        let frame: Bytes = message.to_bytes().into();
        self.lies.insert(frame.clone(), node);
        Some(frame)
    }
}
