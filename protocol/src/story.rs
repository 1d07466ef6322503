//! The organisations of the tests in this room: their keys, their logs, and
//! what they sign.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::address::NodeAddress;
use tern_crdt::audience::Audience;
use tern_crdt::authority::{Admit, Certificate, Charter, Genesis, Grant, Profile, Role, Roles};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::chunk::{self, Past};
use tern_crdt::document::{Draft, next_change};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{
    ActorId, CertificateId, DocumentId, DraftId, EditionId, FederationId, Nonce, OrgId, PublicKey,
    RecordId, SecretKey, actor_id, document_id,
};
use tern_crdt::segment::Segment;
use tern_crdt::signed::{Record, Statement, Verified};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::{Value, content_hash};

use crate::gate::{Examined, GateRefused, examine};
use crate::library::Library;
use crate::message::Piece;
use crate::step::Change;
use crate::store::memory::MemoryStore;

/// A key and the certificate that was granted to it.
#[derive(Clone)]
pub struct Holder {
    pub key: SecretKey,
    pub certificate: CertificateId,
}

/// An organisation with a publisher, a contributor and a node.
#[derive(Clone)]
pub struct Party {
    pub root: SecretKey,
    pub genesis: Genesis,
    pub publisher: Holder,
    pub contributor: Holder,
    pub node: Holder,
    log: Vec<Grant>,
}

impl Party {
    pub fn new(name: &str, seed: u8) -> Self {
        let key =
            |number: u8| SecretKey::from_seed(&[seed, number].repeat(16).try_into().expect("32"));
        let names = [("en".to_owned(), name.to_owned())].into();
        let profile = Profile { names, ..Profile::default() };
        let genesis =
            Genesis { root: key(0).public(), desk: [seed; 32], next: None, profile, spares: None };
        let holder = |number| Holder { key: key(number), certificate: CertificateId::new([0; 32]) };
        let [publisher, contributor, node] = [holder(1), holder(2), holder(3)];
        let mut party =
            Self { root: key(0), genesis, publisher, contributor, node, log: Vec::new() };
        party.publisher.certificate = party.grant(party.publisher.key.public(), &[Role::Publisher]);
        party.contributor.certificate =
            party.grant(party.contributor.key.public(), &[Role::Contributor]);
        let node = party.node.key.clone();
        let reads = Some(node.encryption_public());
        party.node.certificate = party.grant_read(node.public(), reads, &[Role::Node]);
        party
    }

    pub fn org(&self) -> OrgId {
        self.genesis.prepare().id().cast()
    }

    pub fn grant(&mut self, key: PublicKey, roles: &[Role]) -> CertificateId {
        self.grant_read(key, None, roles)
    }

    /// The same of a key for which something can be encrypted.
    pub fn grant_read(
        &mut self,
        key: PublicKey,
        encryption: Option<[u8; 32]>,
        roles: &[Role],
    ) -> CertificateId {
        self.grants(Certificate {
            key,
            encryption,
            roles: Roles::of(roles),
            scope: None,
            quota: None,
            last_beacon: None,
        })
    }

    /// Grants just this.
    pub fn grants(&mut self, certificate: Certificate) -> CertificateId {
        let prev: RecordId = self.log.last().map_or(self.org().cast(), |last| last.prepare().id());
        let grant = Grant { org: self.org(), prev: vec![prev], certificate };
        self.log.push(grant.clone());
        grant.prepare().id().cast()
    }

    /// Its genesis and its log.
    pub fn records(&self, federation: FederationId) -> Vec<Record> {
        let genesis = self.genesis.prepare().sign(federation, &self.root);
        let log = self.log.iter().map(|grant| grant.prepare().sign(federation, &self.root));
        std::iter::once(genesis).chain(log).collect()
    }

    pub fn admits(&self, federation: FederationId, other: &Self) -> Record {
        Admit { org: other.org(), after: vec![] }.prepare().sign(federation, &self.root)
    }
}

/// A federation of which Chad is the one steward, and Niger a member. Nepal
/// has asked for nothing yet.
#[derive(Clone)]
pub struct Hub {
    pub federation: FederationId,
    pub charter: Record,
    pub chad: Party,
    pub niger: Party,
    pub nepal: Party,
}

impl Hub {
    pub fn new() -> Self {
        let [chad, niger, nepal] =
            [("Chad", 1), ("Niger", 2), ("Nepal", 3)].map(|(name, seed)| Party::new(name, seed));
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: vec![chad.org()],
            recall: 0,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: [1; 16],
            policies: None,
        }
        .prepare();
        let federation: FederationId = charter.id().cast();
        let charter = charter.sign(federation, &chad.root);
        Self { federation, charter, chad, niger, nepal }
    }

    /// The authority set with Chad and Niger.
    pub fn records(&self) -> Vec<Record> {
        let mut records = vec![self.charter.clone()];
        records.extend(self.chad.records(self.federation));
        records.push(self.chad.admits(self.federation, &self.niger));
        records.extend(self.niger.records(self.federation));
        records
    }

    /// A library that holds the authority set.
    pub fn library(&self) -> Library<MemoryStore> {
        let mut library =
            Library::open(MemoryStore::new(), self.federation).expect("an empty store opens");
        for record in self.records() {
            assert!(self.submit(&mut library, &piece(&record)).is_ok(), "{record:?}");
        }
        library
    }

    /// Lets a piece through both halves of the gate.
    pub fn submit(
        &self,
        library: &mut Library<MemoryStore>,
        piece: &Piece,
    ) -> Result<Change, GateRefused> {
        library.admit(examine(piece, self.federation)?).expect("memory does not fail")
    }

    pub fn card(&self, by: &Holder, name: &str) -> Record {
        let card =
            NameCard { by: by.certificate, name: name.into(), basis: Basis::Consent(Timestamp(0)) };
        card.prepare().sign(self.federation, &by.key)
    }

    /// Where a node says that it is.
    pub fn address(&self, by: &Holder, n: u64, addresses: &[&str]) -> Record {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        let address = NodeAddress { by: by.certificate, n, addresses };
        address.prepare().sign(self.federation, &by.key)
    }

    /// An edition that follows these, or founds a practice.
    pub fn edition(&self, by: &Holder, earlier: &[&Written], title: &str) -> Written {
        let nonce: Nonce = tern_crdt::identity::digest("story", &[title.as_bytes()])[..16]
            .try_into()
            .expect("sixteen bytes");
        let practice = earlier.first().map_or_else(
            || document_id(self.federation, by.certificate, &nonce),
            |first| first.edition.practice,
        );
        let whole = |written: &&Written| {
            written.past.iter().cloned().chain([written.change.clone()]).collect::<Vec<_>>()
        };
        let past: BTreeSet<Vec<u8>> = earlier.iter().flat_map(whole).collect();
        let changes: Vec<&[u8]> = past.iter().map(Vec::as_slice).collect();
        let mut heads: Vec<_> = earlier.iter().map(|written| written.edition.change).collect();
        heads.sort_unstable();
        let content: BTreeMap<String, Value> =
            [("title".to_owned(), Value::Text(title.to_owned()))].into();
        let actor = actor_id(self.federation, practice, by.certificate, &nonce);
        let change = next_change(&changes, &heads, &content, &actor, 0).expect("it is small");
        let mut previous: Vec<EditionId> = earlier.iter().map(|written| written.id()).collect();
        previous.sort_unstable();
        let edition = Edition {
            by: by.certificate,
            practice,
            number: earlier.iter().map(|w| w.edition.number).max().unwrap_or(0) + 1,
            previous,
            nonce,
            change: change.hash,
            content: content_hash(&content),
            contributors: vec![],
            note: String::new(),
            claimed_at: Timestamp(0),
            cleared: None,
        };
        Written { federation: self.federation, by: by.clone(), edition, change: change.bytes, past }
    }
}

/// An edition that can be changed before it is signed.
#[derive(Clone)]
pub struct Written {
    federation: FederationId,
    pub by: Holder,
    pub edition: Edition,
    pub change: Vec<u8>,
    past: BTreeSet<Vec<u8>>,
}

impl Written {
    pub fn id(&self) -> EditionId {
        self.edition.prepare().id().cast()
    }

    pub fn practice(&self) -> DocumentId {
        self.edition.practice
    }

    pub fn builds_on(&self, other: &Self) -> bool {
        self.past.contains(&other.change)
    }

    pub fn statement(&self) -> Record {
        self.edition.prepare().sign(self.federation, &self.by.key)
    }

    pub fn piece(&self) -> Piece {
        Piece::Edition {
            statement: self.statement().to_bytes().into(),
            change: self.change.clone().into(),
        }
    }

    pub fn examined(&self) -> Examined {
        examine(&self.piece(), self.federation).expect("an honest edition")
    }
}

pub fn piece(record: &Record) -> Piece {
    Piece::Record(record.to_bytes().into())
}

/// A draft of which Chad's contributor is the founder.
pub const DRAFT_NONCE: Nonce = [42; 16];

impl Hub {
    pub fn draft(&self, founder: &Holder) -> DraftId {
        document_id(self.federation, founder.certificate, &DRAFT_NONCE).cast()
    }

    /// The owner says who sees the draft that a founder of it began.
    pub fn audience(
        &self,
        by: &Holder,
        founder: &Holder,
        n: u64,
        sees: &[&Party],
        saw: &[&Party],
    ) -> Record {
        let orgs = |parties: &[&Party]| {
            let orgs: BTreeSet<OrgId> = parties.iter().map(|party| party.org()).collect();
            orgs.into_iter().collect()
        };
        let audience = Audience {
            by: by.certificate,
            draft: self.draft(founder),
            founder: founder.certificate,
            nonce: DRAFT_NONCE,
            n,
            orgs: orgs(sees),
            left: orgs(saw),
        };
        audience.prepare().sign(self.federation, &by.key)
    }
}

/// Somebody who writes in a draft during one run of a node.
pub struct Writing {
    federation: FederationId,
    by: Holder,
    draft: DraftId,
    nonce: Nonce,
    /// What is signed of theirs already.
    signed: u64,
}

impl Writing {
    pub fn of(hub: &Hub, by: &Holder, draft: DraftId, run: u8) -> Self {
        let (federation, by) = (hub.federation, by.clone());
        Self { federation, by, draft, nonce: [run; 16], signed: 0 }
    }

    pub fn actor(&self) -> ActorId {
        actor_id(self.federation, self.draft.cast(), self.by.certificate, &self.nonce)
    }

    /// Saves a text in a field, on top of all that the document says.
    pub fn saves(&self, document: &mut Draft, field: &str, text: &str) {
        let mut content = document.content().expect("sound");
        content.insert(field.to_owned(), Value::Text(text.to_owned()));
        let heads = document.heads();
        let saved = document.save_at(&heads, &content, &self.actor(), 0).expect("it is small");
        assert!(saved.is_some(), "something to save");
    }

    /// One segment over all that was saved; with it goes what is new, or all.
    pub fn signs(&mut self, document: &Draft, all: bool) -> (Record, Vec<Vec<u8>>) {
        let (mut past, mut own, mut raw) = (Past::default(), Vec::new(), Vec::new());
        for bytes in document.changes() {
            let chunk = chunk::read(bytes).expect("own change");
            let meta = chunk::hold(&chunk, &past, None).expect("in its order");
            past.push(meta.clone());
            if meta.actor == self.actor() {
                if all || meta.seq > self.signed {
                    raw.push(bytes.to_vec());
                }
                own.push(meta);
            }
        }
        own.sort_by_key(|meta| meta.seq);
        self.signed = own.len() as u64;
        let (by, document) = (self.by.certificate, self.draft.cast());
        let segment =
            Segment::covering(by, document, self.nonce, &own, Timestamp(self.signed as i64))
                .expect("a run of changes");
        (segment.prepare().sign(self.federation, &self.by.key), raw)
    }
}

/// Segments with changes as they travel.
pub fn draft_piece(federation: FederationId, signed: &[(Record, Vec<Vec<u8>>)]) -> Piece {
    let segments: Vec<Verified<Segment>> = signed
        .iter()
        .map(|(record, _)| {
            let verified = Record::from_bytes(&record.to_bytes()).expect("a record");
            verified.verify(federation).expect("signed").read().expect("a segment")
        })
        .collect();
    let changes: Vec<&[u8]> =
        signed.iter().flat_map(|(_, raw)| raw.iter().map(Vec::as_slice)).collect();
    crate::drafts::piece(&segments, &changes, federation).expect("by those who sign")
}
