//! An organisation with a replica, that publishes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;
use tern_crdt::authority::{Charter, Erase, EraseReason, Genesis, Profile, Role, Roles};
use tern_crdt::document::next_change;
use tern_crdt::edition::Edition;
use tern_crdt::identity::{
    CertificateId, DocumentId, FederationId, Nonce, SecretKey, actor_id, document_id,
};
use tern_crdt::practice::Practice;
use tern_crdt::signed::{Record, Statement};
use tern_crdt::value::content_hash;
use tern_protocol::gate::{Examined, examine};
use tern_protocol::message::Piece;
use tern_protocol::step::{Command, Settings};
use tern_protocol::tariff::Tariff;

use super::super::Indexer;
use crate::acceptor::Acceptor;
use crate::driver::{self, Driver, now};
use crate::handle::{Handle, NodeStore};
use crate::identity::NewKeys;
use crate::reading::PracticeRead;
use crate::store::JournalStore;

/// What it is called.
pub const NAME: &str = "Ministère du Travail du Tchad";

/// A node without a network and without people.
pub struct Office {
    federation: FederationId,
    person: SecretKey,
    certificate: CertificateId,
    driver: Driver,
    handle: Handle,
    acceptor: Acceptor,
    folder: TempDir,
    published: AtomicU8,
}

impl Office {
    /// Founds a federation of one.
    pub async fn open() -> Self {
        let key = |letter: u8| SecretKey::from_seed(&[letter; 32]);
        let (node, root, person, desk) = (key(b'n'), key(b'r'), key(b'p'), key(b'd'));
        let names = BTreeMap::from([("fr".into(), NAME.into())]);
        let profile = Profile { names, acronym: None, kind: None, country: None, website: None };
        let genesis = Genesis {
            root: root.public(),
            desk: desk.encryption_public(),
            next: None,
            profile,
            spares: None,
        };
        let org = genesis.prepare().id().cast();
        let reads = key(b'a').encryption_public();
        let keys = NewKeys { node, reads, root, person, encrypt: key(b'e'), genesis, org };
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Migration Practice Network".into(),
            stewards: vec![org],
            recall: 1,
            roster: Vec::new(),
            supersedes: Vec::new(),
            rules: 1,
            nonce: [0; 16],
            policies: None,
        };
        let charter = charter.prepare();
        let federation: FederationId = charter.id().cast();
        let roles = Roles::of_founder().with(Role::Steward);
        let (log, card) = keys.log(federation, roles, None, now());
        let certificate = log.last().expect("a certificate").id().cast();
        let tariff = Tariff::unsaid();
        let settings =
            Settings { federation, org, auto: false, learns: false, joining: None, tariff };
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("store");
        let store = move || Ok(Box::new(JournalStore::open(&path)?) as NodeStore);
        let acceptor = Acceptor::start().expect("threads");
        let (driver, handle) =
            driver::start(settings, keys.node.public(), Box::new(store), 1, None, acceptor.clone())
                .expect("opens");
        let office = Self {
            federation,
            person: keys.person,
            certificate,
            driver,
            handle,
            acceptor,
            folder,
            published: AtomicU8::new(0),
        };
        let founding = [charter.sign(federation, &keys.root)];
        let records = founding.into_iter().chain(log).chain([card]);
        office.write(records.map(|record| office.examined(record)).collect()).await;
        office
    }

    /// Starts to index.
    pub fn indexer(&self) -> Indexer {
        Indexer::start(&self.index_folder(), self.handle(), self.acceptor()).expect("starts")
    }

    /// Stops everything.
    pub async fn close(self, indexer: Indexer) {
        indexer.stop().await;
        self.driver.stop().await;
    }

    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub fn acceptor(&self) -> Acceptor {
        self.acceptor.clone()
    }

    pub fn index_folder(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    pub async fn publish(&self, content: &Practice) -> DocumentId {
        let (id, piece) = self.edition(None, content, None);
        self.write(vec![piece]).await;
        id
    }

    pub async fn publish_next(&self, practice: DocumentId, content: &Practice) {
        self.next(practice, content, None).await;
    }

    /// Signs an edition with the hash of other content than it has.
    pub async fn publish_wrong(&self, practice: DocumentId, content: &Practice) {
        self.next(practice, content, Some([7; 32])).await;
    }

    pub async fn erase(&self, practice: DocumentId) {
        let (by, object) = (self.certificate, *practice.as_bytes());
        let erase = Erase { by, object, author: by, reason: EraseReason::TakenBack };
        let record = erase.prepare().sign(self.federation, &self.person);
        self.write(vec![self.examined(record)]).await;
    }

    pub async fn write(&self, pieces: Vec<Examined>) {
        let command = Command::Write { pieces, private: Vec::new() };
        self.handle.command(command).await.expect("written");
    }

    async fn next(&self, practice: DocumentId, content: &Practice, signed: Option<[u8; 32]>) {
        let base = self.handle.read(move |replica| held(replica, practice)).await.expect("runs");
        let (_, piece) = self.edition(Some(&base), content, signed);
        self.write(vec![piece]).await;
    }

    /// An edition that is signed and ready for the gate.
    pub fn edition(
        &self,
        base: Option<&PracticeRead>,
        content: &Practice,
        signed: Option<[u8; 32]>,
    ) -> (DocumentId, Examined) {
        let (federation, by) = (self.federation, self.certificate);
        let nonce: Nonce = [self.published.fetch_add(1, Ordering::Relaxed); 16];
        let practice =
            base.map_or_else(|| document_id(federation, by, &nonce), |practice| practice.id);
        let editions = base.map_or(&[][..], |practice| &practice.editions);
        let last = editions.last();
        let past: Vec<&[u8]> = editions.iter().map(|edition| &edition.held.change[..]).collect();
        let heads: Vec<_> = last.iter().map(|last| last.statement().change).collect();
        let value = content.to_value();
        let actor = actor_id(federation, practice, by, &nonce);
        let change = next_change(&past, &heads, &value, &actor, 0).expect("a change");
        let edition = Edition {
            by,
            practice,
            number: last.map_or(1, |last| last.statement().number + 1),
            previous: last.iter().map(|last| last.id).collect(),
            nonce,
            change: change.hash,
            content: signed.unwrap_or_else(|| content_hash(&value)),
            contributors: Vec::new(),
            note: String::new(),
            claimed_at: now(),
            cleared: None,
        };
        let statement = edition.prepare().sign(federation, &self.person).to_bytes().into();
        let piece = Piece::Edition { statement, change: change.bytes.into() };
        (practice, examine(&piece, federation).expect("sound"))
    }

    fn examined(&self, record: Record) -> Examined {
        Examined::Record(record.verify(self.federation).expect("signed"))
    }
}

fn held(replica: &crate::handle::NodeReplica, practice: DocumentId) -> PracticeRead {
    PracticeRead::look(replica.library(), &practice).expect("readable").expect("held")
}
