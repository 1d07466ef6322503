//! What malicious peers say.
//!
//! A villain is a node of a member: it holds what all hold, says it in the
//! right order, and lies now and then, so that its lies reach every stage of
//! a meeting. A stranger has no rights and begins with the lie.

use bytes::Bytes;
use tern_crdt::address::NodeAddress;
use tern_crdt::authority::{Certificate, Charter, Erase, EraseReason, Grant, Role, Roles};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{CertificateId, FederationId, PublicKey, SecretKey, Signature};
use tern_crdt::segment::brief::Brief;
use tern_crdt::signed::{Record, Statement, Verified};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::limits::MESSAGE_BYTES_MAX;
use tern_protocol::message::{Hello, Join, Message, Piece, VERSIONS};
use tern_protocol::packing::Packed;
use tern_protocol::runs::Run;

use crate::author::{self, Earlier, Written};
use crate::chance::Chance;
use crate::people::{Party, Person, found};
use crate::world::act::draft;

/// What a villain has to work with.
pub(crate) struct Means<'a> {
    pub federation: FederationId,
    /// Its own organisation.
    pub own: &'a Party,
    /// One that it wrongs.
    pub other: &'a Party,
    /// Practices of both that it holds.
    pub charter: Verified,
    pub own_practice: Option<Vec<Earlier>>,
    pub other_practice: Option<Vec<Earlier>>,
    pub now: Timestamp,
}

/// Something that nobody may hold, or that does no harm where it is held.
pub(crate) struct Forged {
    pub piece: Piece,
    /// What it would be held as; `None` if that is also the id of what is
    /// true, or the rules allow it.
    pub id: Option<[u8; 32]>,
    /// Whether whoever takes it in has to refuse it.
    pub refused: bool,
    pub why: &'static str,
}

fn forged_record(record: Record, why: &'static str) -> Forged {
    let id = Some(*record.id().as_bytes());
    Forged { piece: Piece::Record(record.to_bytes().into()), id, refused: true, why }
}

fn forged_edition(written: &Written, why: &'static str) -> Forged {
    Forged { piece: written.piece(), id: Some(*written.id.as_bytes()), refused: true, why }
}

impl Means<'_> {
    /// One lie; `None` if what it needs is not there.
    pub fn forge(&self, chance: &mut Chance) -> Option<Forged> {
        match chance.below(15) {
            0 => self.edition(&self.own.contributor, chance, "by somebody without the role"),
            1 => self.edition(&nobody(chance), chance, "by nobody"),
            2 => self.record_of_nobody(chance),
            3 => self.edition_elsewhere(chance),
            4 => self.later_by_another(chance),
            5 => self.number_skipped(chance),
            6 => self.changed_letter(chance),
            7 => self.erase_of_another(),
            8 if chance.clone().percent(50) => self.address_of_another(),
            8 => self.grant_for_another(chance),
            9 => self.admission(chance),
            10 => self.name_of_another(),
            11 => self.same_actor_twice(chance),
            12 => self.charter_signed_again(),
            13 => self.node_of_another(chance),
            _ => self.other_change(chance),
        }
    }

    fn edition(&self, by: &Person, chance: &mut Chance, why: &'static str) -> Option<Forged> {
        let content = draft(chance);
        let nonce = chance.bytes();
        let written = author::write(self.federation, by, &[], &content, nonce, self.now).ok()?;
        Some(forged_edition(&written, why))
    }

    fn edition_elsewhere(&self, chance: &mut Chance) -> Option<Forged> {
        let federation = FederationId::new(chance.bytes());
        let (content, nonce) = (draft(chance), chance.bytes());
        let by = &self.own.publisher;
        let written = author::write(federation, by, &[], &content, nonce, self.now).ok()?;
        Some(forged_edition(&written, "signed for another federation"))
    }

    fn later_by_another(&self, chance: &mut Chance) -> Option<Forged> {
        let earlier = self.other_practice.as_ref()?;
        let (content, nonce, by) = (draft(chance), chance.bytes(), &self.own.publisher);
        let written =
            author::write(self.federation, by, earlier, &content, nonce, self.now).ok()?;
        Some(forged_edition(&written, "of another organisation's practice"))
    }

    fn number_skipped(&self, chance: &mut Chance) -> Option<Forged> {
        let earlier = self.own_practice.as_ref()?;
        let (content, nonce, by) = (draft(chance), chance.bytes(), &self.own.publisher);
        let honest = author::write(self.federation, by, earlier, &content, nonce, self.now).ok()?;
        let edition = Edition { number: honest.edition.number + 1, ..honest.edition };
        let written = author::sign(self.federation, by, edition, honest.change);
        Some(forged_edition(&written, "with a number that does not follow"))
    }

    fn changed_letter(&self, chance: &mut Chance) -> Option<Forged> {
        let theirs = self.other_practice.as_ref()?;
        let edition = theirs.first()?;
        let statement = edition.edition.prepare().sign(self.federation, &self.own.publisher.key);
        let mut change = edition.change.clone();
        flip(&mut change, chance);
        let piece =
            Piece::Edition { statement: statement.to_bytes().into(), change: change.into() };
        Some(Forged { piece, id: None, refused: true, why: "with a changed letter" })
    }

    fn other_change(&self, chance: &mut Chance) -> Option<Forged> {
        let by = &self.own.publisher;
        let mut write = || {
            let (content, nonce) = (draft(chance), chance.bytes());
            author::write(self.federation, by, &[], &content, nonce, self.now).ok()
        };
        let (one, other) = (write()?, write()?);
        let edition = Edition { change: other.edition.change, ..one.edition };
        let written = author::sign(self.federation, by, edition, other.change);
        Some(forged_edition(&written, "with the change of another practice"))
    }

    /// Nothing is wrong with it but that its actor wrote before: the rules let
    /// it in, and all have to live with it.
    fn same_actor_twice(&self, chance: &mut Chance) -> Option<Forged> {
        let (by, earlier) = (&self.own.publisher, self.own_practice.as_ref()?);
        let (first, content) = (earlier.first()?, draft(chance));
        let nonce = first.edition.nonce;
        let written = author::write(self.federation, by, &[], &content, nonce, self.now).ok()?;
        Some(Forged {
            piece: written.piece(),
            id: None,
            refused: false,
            why: "with an actor used twice",
        })
    }

    /// The true charter, with a signature of no consequence.
    fn charter_signed_again(&self) -> Option<Forged> {
        let charter = self.charter.record().peek::<Charter>().ok()?.prepare();
        let record = charter.sign(self.federation, &self.own.root);
        let piece = Piece::Record(record.to_bytes().into());
        Some(Forged { piece, id: None, refused: false, why: "the charter with another signature" })
    }

    /// A grant of its own to a node of somebody else: allowed, and of no use.
    fn node_of_another(&self, chance: &mut Chance) -> Option<Forged> {
        let certificate = Certificate {
            key: self.other.log.iter().find_map(|grant| {
                grant.certificate.roles.has(Role::Node).then_some(grant.certificate.key)
            })?,
            encryption: Some(chance.bytes()),
            roles: Roles::default(),
            scope: None,
            quota: None,
            last_beacon: None,
        };
        let grant = Grant { org: self.own.org(), prev: vec![self.own.org().cast()], certificate };
        let record = grant.prepare().sign(self.federation, &self.own.root);
        let piece = Piece::Record(record.to_bytes().into());
        Some(Forged {
            piece,
            id: None,
            refused: false,
            why: "a certificate for somebody else's node",
        })
    }

    fn record_of_nobody(&self, chance: &mut Chance) -> Option<Forged> {
        let person = nobody(chance);
        let card =
            NameCard { by: person.certificate, name: "Nobody".into(), basis: Basis::RoleName };
        Some(forged_record(card.prepare().sign(self.federation, &person.key), "by nobody"))
    }

    fn name_of_another(&self) -> Option<Forged> {
        let by = self.other.publisher.certificate;
        let card = NameCard { by, name: "A liar".into(), basis: Basis::Consent(self.now) };
        let record = card.prepare().sign(self.federation, &self.own.publisher.key);
        Some(forged_record(record, "a name for somebody else"))
    }

    /// It says where somebody else's node is, under that node's
    /// certificate.
    fn address_of_another(&self) -> Option<Forged> {
        let node = |grant: &&Grant| grant.certificate.roles.has(Role::Node);
        let theirs = self.other.log.iter().find(node)?.prepare().id().cast();
        let addresses = vec!["/sim/0/0".to_owned()];
        let address = NodeAddress { by: theirs, n: u64::MAX, addresses };
        let record = address.prepare().sign(self.federation, &self.own.publisher.key);
        Some(forged_record(record, "the address of somebody else's node"))
    }

    fn erase_of_another(&self) -> Option<Forged> {
        let practice = self.other_practice.as_ref()?.first()?.edition.practice;
        let erase = Erase {
            by: self.own.publisher.certificate,
            object: *practice.as_bytes(),
            author: self.other.publisher.certificate,
            reason: EraseReason::Unlawful,
        };
        let record = erase.prepare().sign(self.federation, &self.own.publisher.key);
        Some(forged_record(record, "an erase of another organisation's practice"))
    }

    fn grant_for_another(&self, chance: &mut Chance) -> Option<Forged> {
        let certificate = Certificate {
            key: SecretKey::from_seed(&chance.bytes()).public(),
            encryption: None,
            roles: Roles::of(&[Role::Publisher, Role::Node]),
            scope: None,
            quota: None,
            last_beacon: None,
        };
        let grant =
            Grant { org: self.other.org(), prev: vec![self.other.org().cast()], certificate };
        let record = grant.prepare().sign(self.federation, &self.own.root);
        Some(forged_record(record, "a grant in another organisation's log"))
    }

    fn admission(&self, chance: &mut Chance) -> Option<Forged> {
        let node = SecretKey::from_seed(&chance.bytes()).public();
        let friend = Party::new("A friend", node, chance);
        if chance.percent(50) {
            let genesis = friend.records(self.federation).swap_remove(0);
            return Some(forged_record(genesis, "an organisation that nobody admitted"));
        }
        let record = self.own.admit(self.federation, friend.org());
        Some(forged_record(record, "an admission by no steward"))
    }
}

fn nobody(chance: &mut Chance) -> Person {
    Person {
        key: SecretKey::from_seed(&chance.bytes()),
        certificate: CertificateId::new(chance.bytes()),
    }
}

fn flip(bytes: &mut [u8], chance: &mut Chance) {
    if let Some(at) = chance.place(bytes.len()) {
        bytes[at] ^= 1 << chance.below(8);
    }
}

/// What a villain makes of a frame that its honest half would send. The
/// second value is the lie in the last of them, if there is one.
pub(crate) fn twist(
    frame: &Bytes,
    chance: &mut Chance,
    forge: impl FnOnce(&mut Chance) -> Option<Forged>,
) -> (Vec<Bytes>, Option<Forged>) {
    let message = Message::from_bytes(frame);
    let compared = match &message {
        Ok(
            Message::Pieces { set, .. }
            | Message::Symbols { set, .. }
            | Message::Difference { set, .. }
            | Message::Told { set }
            | Message::Answer { set, .. },
        ) => Some(*set),
        _ => None,
    };
    if let Some(set) = compared
        && chance.percent(50)
        && let Some(forged) = forge(chance)
    {
        let packed = Packed::of(std::slice::from_ref(&forged.piece));
        let pieces = Message::Pieces { set, pieces: packed };
        return (vec![frame.clone(), pieces.to_bytes().into()], Some(forged));
    }
    if let Ok(Message::Run { mine, .. }) = message
        && chance.percent(30)
    {
        return (false_runs(frame, mine, chance), None);
    }
    if !chance.percent(4) {
        return (vec![frame.clone()], None);
    }
    let mut bytes = frame.to_vec();
    let frames = match (chance.below(6), message) {
        (0, _) => vec![frame.clone(), frame.clone()],
        (1, _) => vec![],
        (2, _) => {
            bytes.truncate(chance.below(bytes.len() as u64 + 1) as usize);
            vec![bytes.into()]
        }
        (3, _) => {
            let length = chance.below(2_000) as usize;
            vec![chance.some_bytes(length).into()]
        }
        (4, _) if chance.percent(5) => vec![vec![0; MESSAGE_BYTES_MAX].into()],
        (_, Ok(Message::Pieces { set, pieces })) => {
            let mut pieces = pieces.unpack().unwrap_or_default();
            for piece in &mut pieces {
                match piece {
                    Piece::Record(record) => flip(record, chance),
                    Piece::Edition { statement, change } => {
                        let one = if chance.percent(50) { statement } else { change };
                        flip(one, chance);
                    }
                    Piece::Parcel { label, sealed } => {
                        let one = if chance.percent(50) { label } else { sealed };
                        flip(one, chance);
                    }
                    Piece::Draft { statements, changes } => {
                        let parts = if chance.percent(50) { statements } else { changes };
                        if let Some(at) = chance.place(parts.len()) {
                            flip(&mut parts[at], chance);
                        }
                    }
                    Piece::Brief { changes, segments, .. } => {
                        if chance.percent(50)
                            && let Some(at) = chance.place(segments.len())
                        {
                            let (Brief::Whole { signature, .. } | Brief::After { signature, .. }) =
                                &mut segments[at];
                            signature[chance.below(64) as usize] ^= 1;
                        } else if let Some(at) = chance.place(changes.len()) {
                            flip(&mut changes[at], chance);
                        }
                    }
                    Piece::Ended { label, secret } => {
                        if chance.percent(50) {
                            flip(label, chance)
                        } else {
                            flip(secret, chance)
                        }
                    }
                }
            }
            let pieces = Packed::of(&pieces);
            vec![Message::Pieces { set, pieces }.to_bytes().into()]
        }
        _ => {
            flip(&mut bytes, chance);
            vec![bytes.into()]
        }
    };
    (frames, None)
}

/// Words about runs that nobody can refute: that it met a later state of the
/// other, that it heard two of it, that it is another each time.
fn false_runs(frame: &Bytes, mine: Run, chance: &mut Chance) -> Vec<Bytes> {
    let invented = |chance: &mut Chance| Run {
        number: chance.below(200),
        id: chance.bytes(),
        said: chance.below(9),
    };
    let other = invented(chance);
    let said = match chance.below(4) {
        0 => Message::Run { mine, yours: Some(Run { number: u64::MAX, ..other }) },
        1 => Message::Run { mine, yours: Some(other) },
        2 => Message::RunTwice { other },
        _ => Message::Run { mine: other, yours: None },
    };
    let said: Bytes = said.to_bytes().into();
    if chance.percent(50) { vec![said, frame.clone()] } else { vec![frame.clone(), said] }
}

/// What a stranger says when it is let in.
pub(crate) fn knock_about(
    federation: FederationId,
    overheard: Option<&Bytes>,
    chance: &mut Chance,
) -> Vec<Bytes> {
    let frame = match chance.below(6) {
        0 => {
            let federation =
                if chance.percent(50) { federation } else { FederationId::new(chance.bytes()) };
            let federation = Hello::federation(federation);
            let key = u64::from_le_bytes(chance.bytes());
            Message::Hello(Hello {
                versions: VERSIONS,
                federation,
                round: 1,
                key,
                sets: vec![],
                alone: None,
            })
            .to_bytes()
        }
        1 | 2 => stolen_invitation(federation, chance).to_bytes(),
        3 => overheard.map(|frame| frame.to_vec()).unwrap_or_default(),
        4 => {
            let length = chance.below(500) as usize;
            chance.some_bytes(length)
        }
        _ => return vec![],
    };
    vec![frame.into()]
}

fn stolen_invitation(federation: FederationId, chance: &mut Chance) -> Message {
    let node = SecretKey::from_seed(&chance.bytes()).public();
    let party = Party::new("A stranger", node, chance);
    let (_, charter) = found("Elsewhere", &[&party], chance.bytes());
    let records = party.records(federation).into_iter().chain(charter);
    Message::Join(Join {
        versions: VERSIONS,
        federation,
        invitation: PublicKey::new(chance.bytes()),
        proof: Signature(chance.bytes::<64>()),
        records: records.map(|record| record.to_bytes().into()).collect(),
    })
}
