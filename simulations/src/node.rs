//! One node: a replica, and the shell around it as far as there is one in
//! virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tern_crdt::identity::{ParcelId, PublicKey, SecretKey};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::membership::Knock;
use tern_protocol::replica::Replica;
use tern_protocol::step::{CommandId, Input, LinkId};
use tern_protocol::store::memory::MemoryStore;
use tern_protocol::tariff::{LinkClass, Tariff};

use crate::disk::Disk;
use crate::invariants::Digest;
use crate::model::Item;
use crate::network::End;
use crate::world::post::Read;
use crate::world::sticks::{Bundle, Carried};

/// What a node is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nature {
    /// It does as it should.
    Honest,
    /// A node of a member that lies when it can.
    Villain,
    /// A node of nobody.
    Stranger,
}

/// What a command was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To write these.
    Write(Vec<Item>),
    /// To write what must be refused.
    Forbidden(&'static str),
    /// To remember an invitation for this node.
    Invitation { invited: usize, knock: Box<Knock> },
    /// To get into step.
    Meet,
    /// To go on after a restored backup.
    Resume,
    /// To believe that no copy runs any more.
    ClearCopied,
    /// To remember what a bundle tells, before it leaves on a stick.
    Bundle { stick: usize, bundle: Box<Bundle> },
    /// To take in what a stick brought.
    Carried(Box<Carried>),
    /// To remember what another node told in a bundle.
    Heard { writer: usize, counter: u64, complete: bool },
    /// To remember, end or send letters with parts of drafts.
    Post,
    /// To take in what such a letter brought.
    Letter(Box<Read>),
    /// What a node does by itself with the letters that it can open.
    Desk(Vec<Item>),
}

/// One end of a link as the shell keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub end: End,
    pub peer: usize,
    /// Bytes sent and not yet taken by the network.
    pub in_flight: usize,
}

/// What a shell keeps in memory of its desk.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// It will look at its parcels soon.
    pub due: bool,
    /// It waits for the answer to a command.
    pub busy: bool,
    /// Something was filed of which it has not thought yet.
    pub dirty: bool,
    /// Parcels that it looked at in this life.
    pub seen: BTreeSet<ParcelId>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Node {
    pub name: String,
    pub key: SecretKey,
    /// Its organisation, by number.
    pub party: Option<usize>,
    pub nature: Nature,
    pub auto: bool,
    /// Whether it saves where members say that their nodes are.
    pub learns: bool,
    /// How often it moved. Its doors are then closed, and it has another.
    pub moved: u8,
    /// What links cost it.
    pub tariff: Tariff,
    /// It is a copy of another node, and goes when that is noticed.
    pub twin: bool,
    /// It does not start any more.
    pub gone: bool,
    /// It was put back to an earlier state once, by its people or by hand.
    pub set_back: bool,
    /// When a word of a peer last put it back, by the world's clock.
    pub put_back_at: Option<i64>,
    /// Its people said that only this one runs, and so it is.
    pub cleared: bool,
    /// The node of which it is a copy.
    pub home: Option<usize>,
    /// Who of the people of a support scenario is here.
    pub people: Vec<usize>,
    pub desk: Desk,
    pub disk: Disk,
    pub replica: Option<Replica<Disk>>,
    /// How often it was started.
    pub life: u64,
    /// How far its clock is from the world's, in milliseconds.
    pub clock: i64,
    pub knock: Option<Knock>,
    /// Its invitation was refused: it needs another.
    pub needs_invitation: bool,
    pub inputs: VecDeque<Input>,
    pub stepping: bool,
    /// Which of its alarms is the one that counts.
    pub alarm: u64,
    pub links: BTreeMap<LinkId, Link>,
    pub commands: BTreeMap<CommandId, Asked>,
    /// Addresses, by node and door, that were not confirmed before it stopped:
    /// whoever wanted them says so again.
    pub again: Vec<(usize, u8)>,
    /// A backup, and when it was made by the node's clock.
    pub backup: Option<(MemoryStore, Timestamp)>,
    /// What it was when it was last known to be in step with its disk.
    pub before: Option<Digest>,
    /// Peers about which it told a refusal or that it hung up on.
    pub complaints: BTreeSet<PublicKey>,
    /// How many lies of each villain it has taken in.
    pub lied_to: BTreeMap<usize, u64>,
    pub count: u64,
}

impl Node {
    pub fn new(name: String, key: SecretKey, party: Option<usize>, nature: Nature) -> Self {
        Self {
            name,
            key,
            party,
            nature,
            auto: true,
            learns: true,
            moved: 0,
            tariff: Tariff::of(LinkClass::Broadband),
            twin: false,
            gone: false,
            set_back: false,
            put_back_at: None,
            cleared: false,
            home: None,
            people: Vec::new(),
            desk: Desk::default(),
            disk: Disk::default(),
            replica: None,
            life: 0,
            clock: 0,
            knock: None,
            needs_invitation: false,
            inputs: VecDeque::new(),
            stepping: false,
            alarm: 0,
            links: BTreeMap::new(),
            commands: BTreeMap::new(),
            again: Vec::new(),
            backup: None,
            before: None,
            complaints: BTreeSet::new(),
            lied_to: BTreeMap::new(),
            count: 0,
        }
    }

    /// The time by its own clock.
    pub const fn time(&self, now: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + now + self.clock)
    }

    /// A number that it never gave before.
    pub const fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Whether it listens and can be asked.
    pub const fn is_up(&self) -> bool {
        self.replica.is_some()
    }

    /// Whether it waits to meet somebody after its backup was restored.
    pub fn is_catching_up(&self) -> bool {
        self.replica.as_ref().is_some_and(Replica::is_catching_up)
    }

    /// Whether it was told that its key is at work twice.
    pub fn is_copied(&self) -> bool {
        self.replica.as_ref().is_some_and(Replica::is_copied)
    }

    pub fn is_honest(&self) -> bool {
        self.nature == Nature::Honest
    }
}

/// The address of a node; each has two, and after it moved another one.
pub(crate) fn address(node: usize, door: u8) -> String {
    format!("/sim/{node}/{door}")
}

/// The node at an address, if it is there, and by which door.
pub(crate) fn at_address(address: &str) -> Option<(usize, u8)> {
    let (node, door) = address.strip_prefix("/sim/")?.split_once('/')?;
    Some((node.parse().ok()?, door.parse().ok()?))
}
