//! How a world begins: who is there, and what is planned.

use std::collections::{BTreeMap, VecDeque};

use tern_crdt::identity::{FederationId, SecretKey};
use tern_protocol::message::Piece;
use tern_protocol::tariff::{LinkClass, Tariff};

use super::{Happening, Tell, World};
use crate::agenda::Agenda;
use crate::chance::Chance;
use crate::model::{Item, Model};
use crate::network::Network;
use crate::node::{Nature, Node};
use crate::people::{NAMES, Party, found};
use crate::scenario::Scenario;
use crate::world::fail::Failing;
use crate::world::post::Post;
use crate::world::sticks::apart;

impl World {
    /// The world of a seed, with its stewards at work and all else planned.
    pub fn found(seed: u64, tell: Option<Tell>) -> Self {
        let mut chance = Chance::new(seed);
        let scenario = Scenario::of(&mut chance);
        Self::found_as(scenario, chance, tell)
    }

    /// The world of a seed in which people write drafts together.
    pub fn found_drafts(seed: u64, tell: Option<Tell>) -> Self {
        let mut chance = Chance::new(seed);
        let scenario = Scenario::of_drafts(&mut chance);
        // Aside, so that worlds that were before there were sticks are as before.
        let mut aside = chance.clone();
        let honest = scenario.stewards;
        let by_stick = aside.percent(50);
        let mut also = aside.clone();
        let by_letter = !by_stick && also.percent(70);
        let mut world = if by_letter {
            Self::found_reading(scenario, chance, tell)
        } else {
            Self::found_as(scenario, chance, tell)
        };
        if by_letter {
            let apart = apart(&mut also, honest).into_iter().map(|stick| stick.between);
            world.post = Some(Post::between(apart.collect(), &mut also));
            world.tell(|world| format!("by letter alone: {:?}", world.post));
            world.plan_post();
        }
        if by_stick {
            world.sticks = apart(&mut aside, honest);
            world.tell(|world| format!("by stick alone: {:?}", world.sticks));
            world.plan_sticks();
            // What a stick brought and was put back is nowhere else.
            if aside.percent(40) && world.scenario.faults.backups.is_none() {
                world.scenario.faults.backups = Some(aside.between(4_000, 15_000));
                world.plan_failing(Failing::Backup);
            }
        }
        world.sharing = Some(Default::default());
        world
    }

    fn found_as(scenario: Scenario, chance: Chance, tell: Option<Tell>) -> Self {
        Self::founded(scenario, chance, tell, false)
    }

    /// The same, and something can be encrypted to every node.
    fn found_reading(scenario: Scenario, chance: Chance, tell: Option<Tell>) -> Self {
        Self::founded(scenario, chance, tell, true)
    }

    fn founded(scenario: Scenario, chance: Chance, tell: Option<Tell>, reads: bool) -> Self {
        let mut chance = chance;
        let mut parties = Vec::new();
        let mut nodes = Vec::new();
        for number in 0..scenario.parties {
            let name = NAMES[number % NAMES.len()];
            let key = SecretKey::from_seed(&chance.bytes());
            let mut party = Party::new(name, key.public(), &mut chance);
            if reads {
                party.grant_reading(key.public());
            }
            parties.push(party);
            let villain = scenario.villain && number + 1 == scenario.parties;
            let nature = if villain { Nature::Villain } else { Nature::Honest };
            nodes.push(Node::new(name.into(), key, Some(number), nature));
        }
        for _ in 0..scenario.strangers {
            let key = SecretKey::from_seed(&chance.bytes());
            nodes.push(Node::new("a stranger".into(), key, None, Nature::Stranger));
        }
        let stewards: Vec<&Party> = parties.iter().take(scenario.stewards).collect();
        let (federation, charter) = found("Hub", &stewards, chance.bytes());
        let model = Model {
            founders: stewards.iter().map(|party| party.org()).collect(),
            majority: scenario.stewards / 2 + 1,
            nodes: nodes
                .iter()
                .filter_map(|node| Some((node.key.public(), parties[node.party?].org())))
                .collect(),
            ..Model::default()
        };
        let founding = charter.into_iter().chain(
            parties.iter().take(scenario.stewards).flat_map(|party| party.records(federation)),
        );
        let founding: Vec<Piece> =
            founding.map(|record| Piece::Record(record.to_bytes().into())).collect();
        let mut world = Self::of(federation, chance, scenario, parties, nodes, model, tell);
        world.plan(&founding);
        world
    }

    /// A world in which nothing is planned yet.
    pub fn of(
        federation: FederationId,
        chance: Chance,
        scenario: Scenario,
        parties: Vec<Party>,
        nodes: Vec<Node>,
        model: Model,
        tell: Option<Tell>,
    ) -> Self {
        let quality = scenario.quality;
        Self {
            agenda: Agenda::new(),
            chance,
            scenario,
            federation,
            parties,
            nodes,
            network: Network::new(),
            model,
            parts: None,
            quality,
            trouble: true,
            overheard: VecDeque::new(),
            lies: BTreeMap::new(),
            restarts: 0,
            copied: 0,
            put_back: 0,
            support: None,
            sharing: None,
            sticks: Vec::new(),
            post: None,
            tell,
        }
    }

    fn plan(&mut self, founding: &[Piece]) {
        let scenario = self.scenario.clone();
        self.tell(|world| format!("{:?}", world.scenario));
        for node in 0..self.nodes.len() {
            let error = self.scenario.faults.clock_error;
            self.nodes[node].clock = self.chance.between(-error, error);
        }
        self.nodes[scenario.stewards % scenario.parties].auto = !scenario.manual;
        for number in 0..scenario.thrifty {
            let node = &mut self.nodes[(scenario.stewards + number) % scenario.parties];
            node.tariff = Tariff { every: 60_000, ..Tariff::of(LinkClass::Satellite) };
        }
        for steward in 0..scenario.stewards {
            self.start_now(steward);
            let items = self.submit(steward, founding.to_vec());
            self.tell(|world| format!("{} founds with {} records", world.name(steward), items));
            for other in 0..scenario.stewards {
                if other != steward {
                    let peer = Some(self.nodes[other].key.public());
                    self.save_address(steward, other, 0, peer);
                }
            }
        }
        for stranger in self.strangers() {
            self.agenda.after(0, Happening::Start(stranger));
        }
        self.agenda.after(scenario.pause, Happening::Act);
        self.agenda.after(1_000, Happening::Habits);
        for failing in Failing::ALL {
            self.plan_failing(failing);
        }
    }

    fn strangers(&self) -> Vec<usize> {
        let numbered = self.nodes.iter().enumerate();
        numbered.filter(|(_, n)| n.nature == Nature::Stranger).map(|(number, _)| number).collect()
    }

    /// The name of a node.
    pub fn name(&self, node: usize) -> &str {
        &self.nodes[node].name
    }

    fn submit(&mut self, node: usize, pieces: Vec<Piece>) -> usize {
        let items: Vec<Item> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Record(bytes) => {
                    let record = tern_crdt::signed::Record::from_bytes(bytes).ok()?;
                    Some(Item::Authority(record.id()))
                }
                _ => None,
            })
            .collect();
        let count = items.len();
        self.write(node, &pieces, items);
        count
    }
}
