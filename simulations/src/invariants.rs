//! What must be true whatever happens, checked without the code that is
//! meant to keep it so.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::address::NodeAddress;
use tern_crdt::annotation::Annotation;
use tern_crdt::authority::{Authority, Role, Standing};
use tern_crdt::chunk;
use tern_crdt::document::read_at;
use tern_crdt::identity::{CertificateId, OrgId, PublicKey, actor_id, document_id};
use tern_crdt::listing::Listing;
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::content_hash;
use tern_crdt::verdict::Verdict;
use tern_protocol::ledger::HeldEdition;
use tern_protocol::library::Library;
use tern_protocol::meeting::set::{Root, SetId};
use tern_protocol::message::Message;
use tern_protocol::replica::Replica;
use tern_protocol::routing::Rest;
use tern_protocol::store::{Space, Store};

/// What a replica is, apart from its links: equal before and after it is
/// opened anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Digest {
    pub roots: [(Root, u64); 3],
    pub practices: u64,
    pub waiting: Vec<(OrgId, Timestamp)>,
    pub addresses: Vec<(String, Option<PublicKey>, Timestamp, Option<Timestamp>)>,
    pub names: Vec<(CertificateId, String)>,
}

impl Digest {
    pub fn of<S: Store>(replica: &Replica<S>) -> Self {
        let library = replica.library();
        let addresses = replica.addresses().iter();
        let certificates = library.authority().certificates();
        Self {
            roots: SetId::ALL.map(|set| (library.set(set).root(), library.set(set).count())),
            practices: library.practices(),
            waiting: library.waiting().map(|(org, waiting)| (org, waiting.since)).collect(),
            addresses: addresses
                .map(|(address, saved)| (address.into(), saved.peer, saved.saved_at, saved.met_at))
                .collect(),
            names: certificates
                .filter_map(|(id, _)| Some((id, library.name(&id)?.to_owned())))
                .collect(),
        }
    }

    /// The roots of the sets alone.
    pub const fn held(&self) -> &[(Root, u64); 3] {
        &self.roots
    }
}

/// Everything in the sets, byte by byte.
pub(crate) type Contents = BTreeMap<([u8; 32], [u8; 32]), Vec<u8>>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Reads everything that a replica holds in its sets.
pub(crate) fn contents<S: Store>(library: &Library<S>) -> Result<Contents, String> {
    let mut contents = Contents::new();
    // The founding charter counts by its id, whoever signed it.
    let founding = |record: &&Verified| !library.authority().is_founding(record);
    for record in library.authority().records().filter(founding) {
        contents.insert((*record.id().as_bytes(), [0; 32]), record.record().to_bytes());
    }
    for record in library.ledger().records(Space::Record).map_err(text)? {
        contents.insert((*record.id().as_bytes(), [1; 32]), record.record().to_bytes());
    }
    library
        .ledger()
        .each_parcel(|parcel| {
            let label = parcel.label.record().to_bytes();
            let rest: &[u8] = match &parcel.rest {
                Rest::Sealed(sealed) => sealed,
                Rest::Ended(secret) => secret,
            };
            contents.insert((*parcel.id().as_bytes(), [2; 32]), [&label, rest].concat());
        })
        .map_err(text)?;
    for practice in library.practice_ids() {
        let held = library.practice(&practice).map_err(text)?;
        for edition in held.map(|(_, editions)| editions).unwrap_or_default() {
            let id = *edition.statement.id().as_bytes();
            let bytes = [&edition.statement.record().to_bytes()[..], &edition.change].concat();
            contents.insert((*practice.as_bytes(), id), bytes);
        }
    }
    Ok(contents)
}

/// Checks that the rules allow everything that a replica holds: signatures
/// from scratch, roles, foundations, numbers, and what each edition says.
pub(crate) fn check_rules<S: Store>(library: &Library<S>) -> Result<(), String> {
    let authority = library.authority();
    let verify = |record: &Record| {
        let again = Record::from_bytes(&record.to_bytes());
        again.and_then(|record| record.verify(authority.federation())).map(|_| ()).map_err(text)
    };
    for record in authority.records() {
        verify(record.record())?;
    }
    let mut nodes = BTreeSet::new();
    for record in library.ledger().records(Space::Record).map_err(text)? {
        verify(record.record())?;
        if record.record().is::<NodeAddress>() {
            let by = record.record().author().ok_or("an address without a node")?;
            check_signer(authority, by, record.only_signer(), Some(Role::Node))?;
            if authority.ended(&by).is_some() || !nodes.insert(record.only_signer()) {
                return Err(format!("{record:?} is the address of who is gone, or one too many"));
            }
        }
        let by = record.record().author().ok_or("a public record without an author")?;
        check_signer(authority, by, record.only_signer(), None)?;
        let key = record.only_signer().ok_or("a public record with more than one signature")?;
        authority.counts(by, key, None, record.id().as_bytes()).map_err(text)?;
        if let Ok(said) = record.record().peek::<Annotation>() {
            let practice = said.practice(authority.federation());
            if authority.is_erased(practice.as_bytes(), said.founder) {
                return Err(format!("{record:?} is held though its practice was erased"));
            }
        }
        if let Ok(said) = record.record().peek::<Listing>()
            && authority.is_erased(said.listing(authority.federation()).as_bytes(), said.founder)
        {
            return Err(format!("{record:?} is held though its listing was erased"));
        }
        if authority.is_erased(record.id().as_bytes(), by) {
            return Err(format!("{record:?} is held though it was erased"));
        }
    }
    for practice in library.practice_ids() {
        let held = library.practice(&practice).map_err(text)?;
        let (entry, editions) = held.ok_or("a practice without editions")?;
        for edition in &editions {
            verify(edition.statement.record())?;
        }
        check_practice(authority, &editions).map_err(|what| format!("{practice:?}: {what}"))?;
        if !library.verdicts(&practice, &entry, &editions).iter().all(Verdict::is_member) {
            return Err(format!("{practice:?} holds an edition that does not belong to it"));
        }
    }
    Ok(())
}

fn check_signer(
    authority: &Authority,
    by: CertificateId,
    key: Option<PublicKey>,
    role: Option<Role>,
) -> Result<OrgId, String> {
    let granted = authority.certificate(&by).ok_or(format!("{by:?} is not granted"))?;
    if key != Some(granted.certificate.key) {
        return Err(format!("{key:?} signed for {by:?}"));
    }
    if authority.standing(&granted.org) != Some(Standing::Member) {
        return Err(format!("{:?} is no member", granted.org));
    }
    if role.is_some_and(|role| !granted.certificate.roles.has(role)) {
        return Err(format!("{by:?} does not have the role {role:?}"));
    }
    Ok(granted.org)
}

fn check_practice(authority: &Authority, editions: &[HeldEdition]) -> Result<(), String> {
    let federation = authority.federation();
    let first = editions.first().ok_or("a practice without editions")?.statement.body();
    let founded = document_id(federation, first.by, &first.nonce);
    let origin = authority.certificate(&first.by).map(|founder| founder.org);
    let changes: Vec<&[u8]> = editions.iter().map(|held| &held.change[..]).collect();
    for (place, held) in editions.iter().enumerate() {
        let edition = held.statement.body();
        let signer = held.statement.only_signer();
        let org = check_signer(authority, edition.by, signer, Some(Role::Publisher))?;
        if Some(org) != origin || edition.practice != founded {
            return Err(format!("edition {place} is of another organisation or practice"));
        }
        let chunk = chunk::read(&held.change).map_err(text)?;
        let actor = actor_id(federation, founded, edition.by, &edition.nonce);
        if chunk.hash() != edition.change || chunk.actor() != actor || chunk.seq() != 1 {
            return Err(format!("the change of edition {place} is not the one that was signed"));
        }
        let before = &editions[..place];
        let previous: Vec<_> =
            before.iter().filter(|e| edition.previous.contains(&e.statement.id().cast())).collect();
        let number = previous.iter().map(|e| e.statement.body().number).max().unwrap_or(0) + 1;
        if previous.len() != edition.previous.len() || number != edition.number {
            return Err(format!("edition {place} does not follow from those before it"));
        }
        let content = read_at(&changes, &[edition.change]).map_err(text)?;
        if content_hash(&content) != edition.content {
            return Err(format!("edition {place} does not say what was signed"));
        }
    }
    Ok(())
}

/// Whether a frame may go to somebody who is no node of a member: it says no
/// more than what the sender makes of the other.
pub(crate) fn tells_nothing(frame: &[u8]) -> bool {
    matches!(
        Message::from_bytes(frame),
        Ok(Message::Goodbye { .. } | Message::Joined(_) | Message::Join(_))
    )
}
