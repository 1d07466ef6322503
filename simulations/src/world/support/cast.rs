//! Who is in the stories of support, and how such a world begins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use tern_crdt::authority::{Role, Roles};
use tern_crdt::identity::{CertificateId, FederationId, SecretKey};
use tern_crdt::signed::Statement;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::Examined;
use tern_protocol::library::Library;
use tern_protocol::store::memory::MemoryStore;

use super::{Helper, Part, Reader, Support};
use crate::chance::Chance;
use crate::model::Model;
use crate::node::{Nature, Node};
use crate::people::{Party, Person, found};
use crate::scenario::Scenario;
use crate::world::fail::Failing;
use crate::world::{Happening, Tell, World};

/// Organisations: one asks, two have experts, two carry.
const NAMES: [&str; 5] = ["Chad", "Nepal", "Moldova", "Niger", "Fiji"];
/// The number of the one between.
pub(super) const BETWEEN: usize = 3;
/// Which organisations may have a second node.
const SECOND: [usize; 2] = [0, 1];

/// The federation of every seed.
struct Cast {
    federation: FederationId,
    parties: Vec<Party>,
    nodes: Vec<(SecretKey, CertificateId)>,
    seconds: Vec<(SecretKey, CertificateId)>,
    people: Vec<Helper>,
    desks: Vec<Reader>,
    own_keys: Vec<Reader>,
    /// A disk that holds all of it.
    disk: MemoryStore,
}

fn reader(key: &SecretKey) -> Reader {
    Reader { key: key.clone(), public: key.encryption_public() }
}

fn cast() -> Result<&'static Cast, String> {
    static CAST: OnceLock<Result<Cast, String>> = OnceLock::new();
    CAST.get_or_init(Cast::new).as_ref().map_err(Clone::clone)
}

impl Cast {
    fn new() -> Result<Self, String> {
        let mut chance = Chance::new(1);
        let (mut parties, mut nodes) = (Vec::new(), Vec::new());
        for name in NAMES {
            let key = SecretKey::from_seed(&chance.bytes());
            let party = Party::new(name, key.public(), &mut chance);
            let last = party.log.last().ok_or("an organisation has a node")?;
            nodes.push((key, last.prepare().id().cast()));
            parties.push(party);
        }
        let mut people = Vec::new();
        let mut add = |party: usize, part, Person { key, certificate }: Person| {
            let name = format!("{part:?} {} of {}", people.len(), NAMES[party]);
            people.push(Helper { name, part, key, certificate, party });
        };
        add(0, Part::Asker, parties[0].publisher.clone());
        add(0, Part::Asker, parties[0].contributor.clone());
        add(0, Part::Focal, parties[0].hire(&[Role::FocalPoint], &mut chance));
        for party in [1, 2] {
            for _ in 0..2 {
                add(party, Part::Expert, parties[party].hire(&[Role::Expert], &mut chance));
            }
        }
        add(BETWEEN, Part::Desk, parties[BETWEEN].hire(&[Role::FocalPoint], &mut chance));
        let mut seconds = Vec::new();
        for party in SECOND {
            let key = SecretKey::from_seed(&chance.bytes());
            let certificate = parties[party].grant(key.public(), Roles::of(&[Role::Node]));
            seconds.push((key, certificate));
        }
        let stewards: Vec<&Party> = parties.iter().collect();
        let (federation, charter) = found("Hub", &stewards, chance.bytes());
        let records = parties.iter().flat_map(|party| party.records(federation));
        let mut library =
            Library::open(MemoryStore::new(), federation).map_err(|error| error.to_string())?;
        for record in charter.into_iter().chain(records) {
            let verified = record.verify(federation).map_err(|refused| refused.to_string())?;
            let admitted = library.admit(Examined::Record(verified));
            let admitted = admitted.map_err(|error| error.to_string())?;
            admitted.map_err(|refused| refused.to_string())?;
        }
        library.commit().map_err(|error| error.to_string())?;
        let desks = parties.iter().map(|party| reader(&party.desk)).collect();
        let own_keys = people.iter().map(|helper| reader(&helper.key)).collect();
        let disk = library.into_store();
        Ok(Self { federation, parties, nodes, seconds, people, desks, own_keys, disk })
    }

    fn support(&self) -> Support {
        let mut reads = BTreeMap::new();
        for (helper, own) in self.people.iter().zip(&self.own_keys) {
            let desk = self.desks[helper.party].public;
            reads.insert(helper.certificate, (Some(own.public), desk, helper.party));
        }
        let second = SECOND.into_iter().zip(&self.seconds);
        let all = self.nodes.iter().enumerate().chain(second);
        let nodes: BTreeMap<_, _> = all
            .map(|(party, (key, certificate))| {
                reads.insert(*certificate, (None, self.desks[party].public, party));
                (key.public(), *certificate)
            })
            .collect();
        Support {
            paths: BTreeSet::new(),
            people: self.people.clone(),
            reads,
            desks: self.desks.clone(),
            own_keys: self.own_keys.clone(),
            nodes,
            thorough: false,
            custody: false,
            wanted: 1,
            requests: BTreeMap::new(),
            untrue: BTreeSet::new(),
            forged: BTreeMap::new(),
            parcels: BTreeMap::new(),
            ended: BTreeSet::new(),
            held: BTreeSet::new(),
            letters: BTreeMap::new(),
            opened: BTreeMap::new(),
            texts: BTreeMap::new(),
            set_back: false,
        }
    }
}

/// Who can reach whom: most often everything goes over the node between.
fn paths(nodes: &[Node], parties: usize, chance: &mut Chance) -> BTreeSet<(usize, usize)> {
    let mut paths = BTreeSet::new();
    let mut path = |one: usize, other: usize| {
        paths.insert((one.min(other), one.max(other)));
    };
    match chance.below(10) {
        0..6 => [0, 1, 2].into_iter().for_each(|at| path(at, BETWEEN)),
        6..8 => [(0, BETWEEN), (BETWEEN, 1), (1, 2)].into_iter().for_each(|(a, b)| path(a, b)),
        _ => {
            for one in 0..=BETWEEN {
                (0..one).for_each(|other| path(one, other));
            }
        }
    }
    if parties > BETWEEN + 1 {
        let first = chance.below(4) as usize;
        path(BETWEEN + 1, first);
        path(BETWEEN + 1, (first + 1 + chance.below(3) as usize) % 4);
    }
    for (number, node) in nodes.iter().enumerate().skip(parties) {
        let first = node.party.unwrap_or(BETWEEN);
        path(number, if chance.percent(50) { BETWEEN } else { first });
    }
    paths
}

impl World {
    /// The world of a seed in which people ask for support.
    ///
    /// # Errors
    /// The cast does not stand, in words: a fault of this program.
    pub fn found_support(seed: u64, tell: Option<Tell>) -> Result<Self, String> {
        let cast = cast()?;
        let mut chance = Chance::new(seed);
        let scenario = Scenario::of_support(&mut chance);
        let mut support = cast.support();
        support.thorough = chance.percent(5);
        support.custody = chance.percent(25);
        // Between two requests there is more to forge.
        let two = if scenario.villain { 40 } else { 10 };
        support.wanted = if chance.percent(two) { 2 } else { 1 };
        let mut nodes = Vec::new();
        for (number, (key, _)) in cast.nodes.iter().take(scenario.parties).enumerate() {
            let villain = scenario.villain && number + 1 == scenario.parties;
            let nature = if villain { Nature::Villain } else { Nature::Honest };
            nodes.push(Node::new(NAMES[number].into(), key.clone(), Some(number), nature));
        }
        for ((key, _), (party, percent)) in
            cast.seconds.iter().zip(SECOND.into_iter().zip([60, 30]))
        {
            if chance.percent(percent) {
                let name = format!("{} again", NAMES[party]);
                nodes.push(Node::new(name, key.clone(), Some(party), Nature::Honest));
            }
        }
        for (number, helper) in support.people.iter().enumerate() {
            let at = |node: &Node| node.party == Some(helper.party);
            let first = nodes.iter().position(at);
            let second = nodes.iter().rposition(at);
            // Whoever decides sits at another node than those who ask.
            let apart = helper.part == Part::Focal || number % 2 == 0 && helper.party != 0;
            if let Some(home) = if apart { second } else { first } {
                nodes[home].people.push(number);
            }
        }
        support.paths = paths(&nodes, scenario.parties, &mut chance);
        let model = Model {
            founders: cast.parties.iter().map(Party::org).collect(),
            majority: 1,
            nodes: nodes
                .iter()
                .filter_map(|node| Some((node.key.public(), cast.parties[node.party?].org())))
                .collect(),
            ..Model::default()
        };
        for node in &nodes {
            node.disk.restore(cast.disk.clone());
        }
        let parties = cast.parties.iter().take(scenario.parties).cloned().collect();
        let mut world = Self::of(cast.federation, chance, scenario, parties, nodes, model, tell);
        world.support = Some(Box::new(support));
        world.begin_support();
        Ok(world)
    }

    fn begin_support(&mut self) {
        self.tell(|world| format!("{:?}", world.scenario));
        let error = self.scenario.faults.clock_error;
        for node in 0..self.nodes.len() {
            self.nodes[node].clock = self.chance.between(-error, error);
            self.start_now(node);
        }
        let paths = self.support.iter().flat_map(|support| support.paths.clone());
        for (one, other) in paths.collect::<Vec<_>>() {
            self.tell(|world| format!("{} reaches {}", world.name(one), world.name(other)));
            // One of them dials, or both do.
            let who = self.chance.below(3);
            for (from, to, way) in [(one, other, 1), (other, one, 2)] {
                if who == 0 || who == way {
                    let peer = Some(self.nodes[to].key.public());
                    self.save_address(from, to, 0, peer);
                }
            }
        }
        self.agenda.after(self.scenario.pause, Happening::Act);
        self.agenda.after(1_000, Happening::Habits);
        for failing in Failing::ALL {
            self.plan_failing(failing);
        }
    }

    /// The time by the clock of a node.
    pub fn clock(&self, node: usize) -> Timestamp {
        self.nodes[node].time(self.agenda.now())
    }
}
