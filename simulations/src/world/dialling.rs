//! Who reaches whom.

use tern_crdt::identity::PublicKey;
use tern_protocol::step::{Command, Input, LinkId};

use super::support::Support;
use super::{Happening, World};
use crate::model::{Item, Own};
use crate::node::{Asked, Link, address, at_address};

impl World {
    pub fn dials(&mut self, node: usize, address: String, peer: Option<PublicKey>) {
        let wait = self.quality.latency * 2 + self.chance.between(0, self.quality.jitter);
        let life = self.nodes[node].life;
        self.agenda.after(wait, Happening::Answered { node, life, address, peer });
    }

    /// Whether two nodes can reach each other now.
    fn reach(&self, one: usize, other: usize) -> bool {
        let path = |support: &Support| {
            let [one, other] = [one, other].map(|at| self.nodes[at].home.unwrap_or(at));
            support.paths.contains(&(one.min(other), one.max(other)))
        };
        self.parts.as_ref().is_none_or(|parts| parts.get(one) == parts.get(other))
            && self.support.as_deref().is_none_or(path)
            && !self.are_apart(one, other)
    }

    pub fn answered_dial(
        &mut self,
        node: usize,
        life: u64,
        address: String,
        wanted: Option<PublicKey>,
    ) {
        if self.nodes[node].life != life {
            return;
        }
        let fails = self.trouble && self.chance.percent(self.scenario.faults.dials);
        let answers = at_address(&address).filter(|(other, door)| self.has_door(*other, *door));
        let answers = answers.map(|(other, _)| other).filter(|other| {
            let known = self.nodes.get(*other);
            let right = |key: PublicKey| wanted.is_none_or(|wanted| wanted == key);
            *other != node
                && known.is_some_and(|other| other.is_up() && right(other.key.public()))
                && self.reach(node, *other)
        });
        let Some(other) = answers.filter(|_| !fails) else {
            let reason = "nobody answers".to_owned();
            return self.hears(node, Input::DialFailed { address, reason });
        };
        let links = [node, other].map(|at| (at, LinkId(self.nodes[at].next())));
        let ends = self.network.connect(links, self.quality);
        for (side, (at, link)) in links.into_iter().enumerate() {
            let peer = [other, node][side];
            self.nodes[at].links.insert(link, Link { end: ends[side], peer, in_flight: 0 });
            let peer = self.nodes[peer].key.public();
            let address = if side == 0 { address.clone() } else { String::new() };
            self.hears(
                at,
                Input::Connected { link, peer, dialled: side == 0, address, near: false },
            );
        }
    }

    /// A node is told how to reach another.
    pub fn save_address(&mut self, node: usize, other: usize, door: u8, peer: Option<PublicKey>) {
        let item = Item::Own(Own::Address { node: other, door });
        self.model.asked(item);
        let command = Command::SaveAddress { address: address(other, door), peer };
        self.ask(node, command, Asked::Write(vec![item]));
    }

    /// The addresses by which a node is told how to reach another.
    pub fn addresses_of(&mut self, node: usize) -> Vec<String> {
        let mut doors = vec![address(node, self.door(node))];
        if self.chance.percent(30) {
            doors.push("/sim/nowhere/0".into());
        }
        doors
    }
}
