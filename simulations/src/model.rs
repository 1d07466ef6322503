//! What the world knows to be true, told by nobody's replica.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{
    CertificateId, DocumentId, DraftId, EditionId, OrgId, ParcelId, PublicKey, RecordId, RequestId,
};
use tern_protocol::ledger::Ledger;
use tern_protocol::store::{Space, Store, StoreError};

use crate::node::address;

/// Something that was written by a command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Item {
    /// A record of the authority set.
    Authority(RecordId),
    /// A card, or a record of an unknown kind, by this certificate.
    Public(RecordId),
    /// An edition.
    Edition(DocumentId, EditionId),
    /// A parcel, carried or ended.
    Parcel(ParcelId),
    /// A parcel that ended.
    Ended(ParcelId),
    /// A change of a shared draft.
    Draft(DraftId, [u8; 32]),
    /// A value that only the node itself knows.
    Own(Own),
}

/// What a node keeps for itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Own {
    /// Something that somebody noted down.
    Note(u64),
    /// An invitation that was written there.
    Invitation(PublicKey),
    /// How to reach a node, by one of its doors.
    Address { node: usize, door: u8 },
    /// A request that was asked or filed there.
    Request(RequestId),
    /// What became of it.
    Said(RequestId, RecordId),
}

impl Own {
    /// The name of the local value.
    pub fn name(&self) -> Vec<u8> {
        match self {
            Self::Note(number) => [&b"note/"[..], &number.to_be_bytes()].concat(),
            Self::Invitation(key) => [&b"invited/"[..], key.as_bytes()].concat(),
            Self::Address { node, door } => {
                [b"address/", address(*node, *door).as_bytes()].concat()
            }
            Self::Request(request) => [&b"request/"[..], request.as_bytes()].concat(),
            Self::Said(request, event) => {
                [&b"event/"[..], request.as_bytes(), event.as_bytes()].concat()
            }
        }
    }
}

impl Item {
    /// What an erase of it would name.
    pub fn object(&self) -> [u8; 32] {
        match self {
            Self::Authority(id) | Self::Public(id) => *id.as_bytes(),
            Self::Edition(practice, _) => *practice.as_bytes(),
            Self::Parcel(_) | Self::Ended(_) | Self::Draft(..) | Self::Own(_) => [0; 32],
        }
    }

    /// Whether a store holds it.
    pub fn is_in<S: Store>(&self, ledger: &Ledger<S>) -> Result<bool, StoreError> {
        Ok(match self {
            Self::Authority(id) => ledger.record(Space::Authority, id)?.is_some(),
            Self::Public(id) => ledger.record(Space::Record, id)?.is_some(),
            Self::Edition(practice, id) => ledger.edition(practice, id)?.is_some(),
            Self::Parcel(id) => ledger.parcel(id)?.is_some(),
            Self::Ended(id) => ledger.parcel(id)?.is_some_and(|parcel| parcel.is_ended()),
            Self::Draft(draft, change) => {
                let name = [b"x", draft.as_bytes().as_slice(), change].concat();
                ledger.draft(&name)?.is_some()
            }
            Self::Own(own) => ledger.local(&own.name())?.is_some(),
        })
    }
}

/// What is known of a thing that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// The node that was asked has not answered, and may never.
    Unknown,
    /// This node said that it is written.
    Acknowledged { by: usize },
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub items: BTreeMap<Item, Fate>,
    /// Erases by the object that they name, with the record.
    pub erased: BTreeMap<[u8; 32], Vec<RecordId>>,
    /// Ids that nobody may hold, and why.
    pub forged: BTreeMap<[u8; 32], &'static str>,
    /// Who approved whom.
    pub approvals: BTreeMap<OrgId, BTreeSet<usize>>,
    /// Nodes with the organisation that granted their certificate.
    pub nodes: BTreeMap<PublicKey, OrgId>,
    pub founders: BTreeSet<OrgId>,
    /// Approvals that make a majority.
    pub majority: usize,
    /// Certificates that somebody revoked.
    pub revoked: BTreeSet<CertificateId>,
    /// Adoptions that were written.
    pub adopted: u64,
    /// Who signed editions, cards and erases, by id.
    pub by: BTreeMap<[u8; 32], CertificateId>,
    /// The practice that an annotation is about, or the listing that a record is of: it goes
    /// with it.
    pub about: BTreeMap<[u8; 32], [u8; 32]>,
    /// Cards that are shown, to be erased one day.
    pub cards: Vec<(RecordId, CertificateId)>,
}

impl Model {
    /// Whether an organisation may be a member by now.
    pub fn admitted(&self, org: &OrgId) -> bool {
        self.founders.contains(org)
            || self.approvals.get(org).is_some_and(|by| by.len() >= self.majority)
    }

    /// Whether a key is that of a node of an organisation that may be a member
    /// by now: no other may be told anything.
    pub fn may_be_told(&self, node: &PublicKey) -> bool {
        self.nodes.get(node).is_some_and(|org| self.admitted(org))
    }

    /// A command that writes this is on its way.
    pub fn asked(&mut self, item: Item) {
        self.items.entry(item).or_insert(Fate::Unknown);
    }

    /// A node said that it is written.
    pub fn acknowledged(&mut self, item: Item, by: usize) {
        self.items.insert(item, Fate::Acknowledged { by });
    }

    fn is_acknowledged(&self, item: &Item) -> bool {
        matches!(self.items.get(item), Some(Fate::Acknowledged { .. }))
    }

    /// What a node acknowledged.
    pub fn acknowledged_by(&self, node: usize) -> Vec<Item> {
        let by_node = |fate: &Fate| *fate == Fate::Acknowledged { by: node };
        self.items.iter().filter(|(_, fate)| by_node(fate)).map(|(item, _)| *item).collect()
    }

    /// Whether an erase of this item may be in force somewhere, or a cut may
    /// leave it out.
    pub fn may_be_gone(&self, item: &Item) -> bool {
        let id = match item {
            Item::Edition(_, edition) => *edition.as_bytes(),
            other => other.object(),
        };
        let cut = self.by.get(&id).is_some_and(|by| self.revoked.contains(by));
        let about = self.about.get(&id).is_some_and(|about| self.erased.contains_key(about));
        self.erased.contains_key(&item.object()) || about || cut
    }

    /// An edition that was written, by its id.
    pub fn edition(&self, id: &[u8; 32]) -> Option<Item> {
        let edition = |item: &&Item| matches!(item, Item::Edition(_, e) if e.as_bytes() == id);
        self.items.keys().find(edition).copied()
    }

    /// Whether an edition was acknowledged and is in no danger of an erase.
    pub fn is_listed(&self, item: &Item) -> bool {
        self.is_acknowledged(item) && !self.erased.contains_key(&item.object())
    }

    /// Whether an erase of this item must be in force.
    pub fn is_erased(&self, item: &Item) -> bool {
        let object = self.about.get(&item.object()).copied().unwrap_or(item.object());
        let erases = self.erased.get(&object).into_iter().flatten();
        // The erase of somebody who was revoked may have fallen with them.
        let stands =
            |id: &&RecordId| self.by.get(id.as_bytes()).is_none_or(|by| !self.revoked.contains(by));
        let mut erases = erases.into_iter().filter(stands);
        erases.any(|id| self.is_acknowledged(&Item::Authority(*id)))
    }

    /// What every member must hold once all have met.
    pub fn lasting(&self) -> impl Iterator<Item = Item> + '_ {
        let common = |item: &Item| !matches!(item, Item::Own(_) | Item::Draft(..));
        let shared = move |item: &Item| common(item) && !self.may_be_gone(item);
        self.items.keys().copied().filter(move |item| self.is_acknowledged(item) && shared(item))
    }

    /// Changes of a draft that somebody acknowledged, and which node has to keep
    /// each.
    pub fn saved(&self, draft: DraftId) -> impl Iterator<Item = ([u8; 32], usize)> + '_ {
        let items = self.items.range(Item::Draft(draft, [0; 32])..);
        let changes = items.map_while(move |(item, fate)| match item {
            Item::Draft(of, change) if *of == draft => Some((*change, fate)),
            _ => None,
        });
        changes.filter_map(|(change, fate)| match fate {
            Fate::Acknowledged { by } => Some((change, *by)),
            Fate::Unknown => None,
        })
    }

    /// What no member may hold once all have met.
    pub fn gone(&self) -> impl Iterator<Item = Item> + '_ {
        self.items.keys().copied().filter(|item| self.is_erased(item))
    }
}
