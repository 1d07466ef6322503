//! A federation in virtual time: everything that happens is here or follows
//! from the seed.
//!
//! Trouble first: people found, invite, approve, publish and erase while
//! links, disks, clocks and peers fail. Then everything heals but the
//! malicious, and progress is demanded: all members hold the same, within
//! [`PATIENCE`].

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use tern_crdt::identity::{FederationId, PublicKey};
use tern_protocol::step::Worked;

use crate::agenda::Agenda;
use crate::chance::Chance;
use crate::model::Model;
use crate::network::{Network, Quality, Wired};
use crate::node::Node;
use crate::people::Party;
use crate::scenario::Scenario;
use post::Post;
use sharing::Sharing;
use sticks::Stick;
use support::Support;

pub(crate) mod act;
mod check;
mod copies;
mod dialling;
mod fail;
mod founding;
mod habits;
mod invite;
mod lies;
mod moving;
mod outputs;
pub(crate) mod post;
mod revoke;
mod saying;
mod sharing;
mod shell;
pub(crate) mod sticks;
mod support;

/// How long the members may take to agree once nothing goes wrong any more,
/// in virtual milliseconds.
pub(crate) const PATIENCE: i64 = 20 * 60 * 1_000;

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A node takes in what it heard.
    Step { node: usize, life: u64 },
    /// An alarm rings.
    Alarm { node: usize, life: u64, alarm: u64 },
    /// Somebody answers a dial, or nobody does.
    Answered { node: usize, life: u64, address: String, peer: Option<PublicKey> },
    /// A worker is done.
    Worked { node: usize, life: u64, worked: Box<Worked> },
    /// Something happens on a wire.
    Wired(Wired),
    /// A node starts.
    Start(usize),
    /// Somebody does something.
    Act,
    /// People look after what waits for them.
    Habits,
    /// Something goes wrong.
    Fails(fail::Failing),
    /// A partition is over.
    Joins,
    /// A stick comes by an office.
    Stick(usize),
    /// A node looks after its letters.
    Post(usize),
    /// The shell of a node looks at its desk.
    Desk { node: usize, life: u64 },
}

impl From<Wired> for Happening {
    fn from(wired: Wired) -> Self {
        Self::Wired(wired)
    }
}

pub use sharing::Writing;
pub use support::Journey;

/// How a world ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Virtual milliseconds until all members agreed, after the trouble.
    pub healed: i64,
    /// Nodes of members that agree.
    pub members: usize,
    /// Practices that each of them holds.
    pub practices: u64,
    /// Everything that each of them holds.
    pub objects: usize,
    /// Frames that arrived.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How often a node stopped and started.
    pub restarts: u64,
    /// Lies that arrived.
    pub lies: u64,
    /// How often a node moved to another address.
    pub moved: u64,
    /// Certificates that were revoked.
    pub revoked: u64,
    /// Nodes that found out that a copy of them ran.
    pub copied: u64,
    /// How often a node found out that it was put back.
    pub put_back: u64,
    /// Adoptions of what was left out of a cut.
    pub adopted: u64,
    /// What became of requests for support, where people ask for it.
    pub support: Option<Journey>,
    /// What became of drafts, where people write them together.
    pub writing: Option<Writing>,
}

/// See the module.
pub(crate) struct World {
    pub agenda: Agenda<Happening>,
    pub chance: Chance,
    pub scenario: Scenario,
    pub federation: FederationId,
    pub parties: Vec<Party>,
    pub nodes: Vec<Node>,
    pub network: Network,
    pub model: Model,
    /// Which part of a partition a node is in.
    pub parts: Option<Vec<bool>>,
    pub quality: Quality,
    /// Whether things still go wrong.
    pub trouble: bool,
    /// Frames of members, for those who replay them.
    pub overheard: VecDeque<Bytes>,
    /// Frames with a lie, and who made them.
    pub lies: BTreeMap<Bytes, usize>,
    pub restarts: u64,
    pub copied: u64,
    pub put_back: u64,
    /// Who asks whom for support, in worlds in which somebody does.
    pub support: Option<Box<Support>>,
    /// Drafts that people write together, in worlds in which they do.
    pub sharing: Option<Sharing>,
    /// Between whom no link is, but a stick is carried.
    pub sticks: Vec<Stick>,
    /// Letters, in worlds in which some reach each other by them alone.
    pub post: Option<Post>,
    tell: Option<Tell>,
}

/// Who is told what happens.
pub type Tell = Box<dyn FnMut(String)>;

impl World {
    /// Tells what happens, if somebody listens.
    pub fn tell(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.tell.is_some() {
            let line = format!("{:>9} {}", self.agenda.now(), what(self));
            if let Some(tell) = &mut self.tell {
                tell(line);
            }
        }
    }

    /// Lives through a seed.
    pub fn run(seed: u64, tell: Option<Tell>) -> Result<Report, String> {
        Self::found(seed, tell).live()
    }

    /// Lives through a seed in which people ask each other for support.
    pub fn run_requests(seed: u64, tell: Option<Tell>) -> Result<Report, String> {
        Self::found_support(seed, tell)?.live()
    }

    /// Lives through a seed in which people write drafts together.
    pub fn run_drafts(seed: u64, tell: Option<Tell>) -> Result<Report, String> {
        Self::found_drafts(seed, tell).live()
    }

    fn live(self) -> Result<Report, String> {
        let mut world = self;
        world.troubled()?;
        world.heal()?;
        world.copies_are_noticed()?;
        let healed = world.agenda.now();
        // Who makes contact each minute takes longer to get round.
        let patience = if world.scenario.thrifty > 0 { 2 * PATIENCE } else { PATIENCE };
        let until = healed + patience;
        let mut looked = healed;
        while let Some(happening) = world.agenda.next(until) {
            world.happens(happening)?;
            if world.agenda.now() >= looked + 500 {
                looked = world.agenda.now();
                if world.agrees() && world.desks_rest() && world.all_told() {
                    return world.judge(looked - healed);
                }
            }
        }
        Err(format!("no agreement in {patience} ms: {}", world.differences()))
    }

    fn troubled(&mut self) -> Result<(), String> {
        while let Some(happening) = self.agenda.next(self.scenario.trouble) {
            self.happens(happening)?;
        }
        Ok(())
    }

    fn happens(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Step { node, life } => self.step(node, life)?,
            Happening::Alarm { node, life, alarm } => self.alarm(node, life, alarm),
            Happening::Answered { node, life, address, peer } => {
                self.answered_dial(node, life, address, peer);
            }
            Happening::Worked { node, life, worked } => self.worked(node, life, *worked),
            Happening::Wired(wired) => {
                self.network.happens(&mut self.agenda, &mut self.chance, wired);
            }
            Happening::Start(node) => self.start(node)?,
            Happening::Act => self.act()?,
            Happening::Habits => self.habits()?,
            Happening::Fails(failing) => self.fails(failing)?,
            Happening::Stick(stick) => self.stick_comes_by(stick)?,
            Happening::Post(node) => self.looks_after_post(node)?,
            Happening::Desk { node, life } => self.desk(node, life)?,
            Happening::Joins => {
                self.parts = None;
                self.tell(|_| "the partition is over".into());
            }
        }
        self.deliver();
        Ok(())
    }
}
