//! Requests for support: people of one organisation ask experts of others,
//! over nodes between that can read nothing of it.
//!
//! The cast is the same in every seed, so that a seed costs little; who asks
//! whom, who can reach whom, what they say and what fails is the seed's.
//! Every node has a shell with a [`desk`]: it opens what its keys open, files
//! it, signs for what it carries, and does what the rules say a node does by
//! itself. Somebody malicious forges what they can ([`lies`]). What must hold
//! whatever happens stands in [`check`], against the rules as [`rules`] tells
//! them a second time.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{CertificateId, ParcelId, PublicKey, RecordId, RequestId, SecretKey};
use tern_crdt::parcel::Letter;
use tern_crdt::request::{Deed, Request, RequestEvent};
use tern_crdt::sealed::EncryptionKey;
use tern_crdt::signed::Verified;

mod cast;
mod check;
mod desk;
mod lies;
mod people;
mod rules;

/// With this every text begins that somebody writes into a request: no store
/// and no frame that is not for its readers may hold it.
const MARK: &[u8] = b"zqxjkvwp";

/// What somebody does in these stories.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// Asks.
    Asker,
    /// Decides for the organisation that asks.
    Focal,
    /// Answers.
    Expert,
    /// Holds the desk of an organisation that carries, and may know somebody.
    Desk,
}

/// Somebody who asks, decides or answers.
#[derive(Clone, Debug)]
pub(crate) struct Helper {
    pub name: String,
    pub part: Part,
    pub key: SecretKey,
    pub certificate: CertificateId,
    /// Their organisation, by number.
    pub party: usize,
}

/// A key that reads letters.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub key: SecretKey,
    pub public: EncryptionKey,
}

/// A request with all that honest people said about it.
#[derive(Debug)]
pub(crate) struct Truth {
    pub request: Verified<Request>,
    pub parcel: ParcelId,
    /// Its words.
    pub texts: Vec<Vec<u8>>,
    pub events: BTreeMap<RecordId, (Verified<RequestEvent>, ParcelId)>,
}

/// A letter that somebody sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub request: RequestId,
    /// Whose keys open it.
    pub readers: BTreeSet<EncryptionKey>,
    /// What is wrong with it, if anything is.
    pub lie: Option<&'static str>,
    /// What is inside that should not be.
    pub inside: Vec<RecordId>,
}

/// What became of the requests of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// Requests that were asked.
    pub requests: u64,
    /// What honest people and nodes said about them.
    pub said: u64,
    /// Answers among it.
    pub answers: u64,
    /// Questions among it, replies to them, and word of progress.
    pub talked: u64,
    /// Experts who were named among it.
    pub named: u64,
    /// Answers that were disputed.
    pub disputed: u64,
    /// Steps further to find somebody.
    pub escalated: u64,
    /// What was said after the end.
    pub followed_up: u64,
    /// Parcels that were sent, and those that ended.
    pub parcels: u64,
    /// See above.
    pub ended: u64,
    /// Awards that another overtook.
    pub superseded: u64,
    /// Forged letters that were sent.
    pub forged: u64,
    /// Nodes' words about parcels that came back to somebody.
    pub custodies: u64,
    /// Experts who were asked and cannot know of an award, because it was made
    /// where nobody knew yet that they are asked.
    pub unaware: u64,
}

impl Journey {
    /// Counts what somebody said.
    const fn said(&mut self, deed: &Deed) {
        self.said += 1;
        match deed {
            Deed::Answer { .. } => self.answers += 1,
            Deed::Ask { .. } | Deed::Reply { .. } | Deed::Progress { .. } => self.talked += 1,
            Deed::Refer { .. } => self.named += 1,
            Deed::Dispute { .. } => self.disputed += 1,
            Deed::Escalate { .. } => self.escalated += 1,
            Deed::FollowUp { .. } => self.followed_up += 1,
            _ => {}
        }
    }

    /// Counts another world's with this one's.
    pub const fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.said += other.said;
        self.answers += other.answers;
        self.talked += other.talked;
        self.named += other.named;
        self.disputed += other.disputed;
        self.escalated += other.escalated;
        self.followed_up += other.followed_up;
        self.parcels += other.parcels;
        self.ended += other.ended;
        self.superseded += other.superseded;
        self.forged += other.forged;
        self.custodies += other.custodies;
        self.unaware += other.unaware;
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Support {
    /// Pairs of nodes that reach each other when nothing is wrong, the smaller
    /// number first.
    pub paths: BTreeSet<(usize, usize)>,
    pub people: Vec<Helper>,
    /// What reads for a certificate: the person's own key, and the desk of the
    /// organisation with its number.
    pub reads: BTreeMap<CertificateId, (Option<EncryptionKey>, EncryptionKey, usize)>,
    /// The keys of each node's desk, by organisation, and of each person.
    pub desks: Vec<Reader>,
    pub own_keys: Vec<Reader>,
    /// The certificate of each node, by its key.
    pub nodes: BTreeMap<PublicKey, CertificateId>,
    /// Whether every node tries every key, also on what is not for it.
    pub thorough: bool,
    /// Whether shells sign for what they carry.
    pub custody: bool,
    /// Requests still to be asked.
    pub wanted: u64,
    pub requests: BTreeMap<RequestId, Truth>,
    /// Requests that nobody may ask in this way.
    pub untrue: BTreeSet<RequestId>,
    /// Events that may count nowhere, and why.
    pub forged: BTreeMap<RecordId, &'static str>,
    pub parcels: BTreeMap<ParcelId, Sent>,
    /// Parcels that somebody who may end them ended.
    pub ended: BTreeSet<ParcelId>,
    /// Which node held which parcel at some time.
    pub held: BTreeSet<(PublicKey, ParcelId)>,
    /// What was inside parcels that somebody opened.
    pub letters: BTreeMap<ParcelId, Letter>,
    /// What each key found that was tried.
    pub opened: BTreeMap<(ParcelId, EncryptionKey), Option<Letter>>,
    /// Who may hold each text, by number of organisation.
    pub texts: BTreeMap<Vec<u8>, BTreeSet<usize>>,
    /// Whether a disk was set back, or a node copied.
    pub set_back: bool,
}

impl Support {
    /// The keys that read what is meant for these certificates.
    pub fn readers<'a>(
        &self,
        people: impl IntoIterator<Item = &'a CertificateId>,
    ) -> BTreeSet<EncryptionKey> {
        let reads = people.into_iter().filter_map(|person| self.reads.get(person));
        reads.flat_map(|(own, desk, _)| own.iter().copied().chain([*desk])).collect()
    }

    /// The organisations whose desks are among these keys.
    pub fn parties_of(&self, readers: &BTreeSet<EncryptionKey>) -> BTreeSet<usize> {
        let desks = self.desks.iter().enumerate();
        desks.filter(|(_, desk)| readers.contains(&desk.public)).map(|(number, _)| number).collect()
    }

    /// The organisation of a certificate, by number.
    pub fn party_of(&self, certificate: &CertificateId) -> Option<usize> {
        self.reads.get(certificate).map(|(.., party)| *party)
    }
}
