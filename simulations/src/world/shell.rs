//! What every shell does around its replica, in virtual time: it steps with
//! what it heard and carries out what comes back.

use tern_protocol::limits::INPUTS_MAX;
use tern_protocol::message::Piece;
use tern_protocol::replica::Replica;
use tern_protocol::step::{Command, CommandId, Input, Output, Settings, Worked};
use tern_protocol::store::StoreError;

use super::{Happening, World};
use crate::invariants::Digest;
use crate::model::{Item, Own};
use crate::node::{Asked, Desk, Nature};

impl World {
    /// Hands what the network says to the nodes that hear it.
    pub fn deliver(&mut self) {
        while let Some((node, input)) = self.network.heard.pop_front() {
            self.hears(node, input);
        }
    }

    /// A node hears something and will step.
    pub fn hears(&mut self, node: usize, input: Input) {
        if self.nodes[node].nature == Nature::Stranger {
            return self.stranger_hears(node, input);
        }
        if self.nodes[node].is_up() {
            self.nodes[node].inputs.push_back(input);
            self.plan_step(node);
        }
    }

    fn plan_step(&mut self, node: usize) {
        if !self.nodes[node].stepping {
            self.nodes[node].stepping = true;
            let life = self.nodes[node].life;
            let wait = self.chance.between(0, self.scenario.faults.batch);
            self.agenda.after(wait, Happening::Step { node, life });
        }
    }

    pub fn alarm(&mut self, node: usize, life: u64, alarm: u64) {
        if self.nodes[node].life == life && self.nodes[node].alarm == alarm {
            self.hears(node, Input::Tick);
        }
    }

    pub fn worked(&mut self, node: usize, life: u64, worked: Worked) {
        if self.nodes[node].life == life {
            self.hears(node, Input::Worked(worked));
        }
    }

    /// One step of one replica.
    pub fn step(&mut self, number: usize, life: u64) -> Result<(), String> {
        let node = &mut self.nodes[number];
        if node.life != life || !node.is_up() {
            return Ok(());
        }
        node.stepping = false;
        let many = 1 + self.chance.below(INPUTS_MAX as u64) as usize;
        let inputs: Vec<Input> = node.inputs.drain(..many.min(node.inputs.len())).collect();
        for input in &inputs {
            if let Input::Taken { link, bytes } = input
                && let Some(link) = node.links.get_mut(link)
            {
                link.in_flight = link.in_flight.saturating_sub(*bytes);
            }
            if let Input::Disconnected { link } = input {
                node.links.remove(link);
            }
            if let Input::Received { frame, .. } = input
                && let Some(villain) = self.lies.get(frame)
            {
                *node.lied_to.entry(*villain).or_default() += 1;
            }
        }
        let now = node.time(self.agenda.now());
        let Some(replica) = &mut node.replica else { return Ok(()) };
        match replica.step(now, inputs.into_iter()) {
            Ok(outputs) => self.carry_out(number, now, outputs)?,
            Err(error) => self.storage_failed(number, error)?,
        }
        if !self.nodes[number].inputs.is_empty() {
            self.plan_step(number);
        }
        Ok(())
    }

    fn storage_failed(&mut self, node: usize, error: StoreError) -> Result<(), String> {
        let wait = match error {
            StoreError::Full => 5_000,
            StoreError::Failed(_) => {
                self.nodes[node].disk.fault(None);
                self.chance.between(0, 10_000)
            }
            other => return Err(format!("the store of {}: {other}", self.name(node))),
        };
        self.stop(node, None, wait);
        Ok(())
    }

    /// A node stops, with what it was if that is known, and starts again.
    pub fn stop(&mut self, node: usize, before: Option<Digest>, wait: i64) {
        self.tell(|world| format!("{} stops", world.name(node)));
        let unnoticed = self.quality.unnoticed;
        // In a world of requests nobody comes to know addresses later.
        if self.support.is_some() {
            let lost = std::mem::take(&mut self.nodes[node].commands);
            let address = |item: &Item| match item {
                Item::Own(Own::Address { node, door }) => Some((*node, *door)),
                _ => None,
            };
            let lost = lost.values().filter_map(|asked| match asked {
                Asked::Write(items) => Some(items.iter().filter_map(address)),
                _ => None,
            });
            self.nodes[node].again.extend(lost.flatten());
        }
        self.network.crash(&mut self.agenda, &mut self.chance, node, unnoticed);
        let stopped = &mut self.nodes[node];
        stopped.before = before;
        stopped.replica = None;
        stopped.life += 1;
        stopped.inputs.clear();
        stopped.stepping = false;
        stopped.links.clear();
        stopped.commands.clear();
        stopped.desk = Desk::default();
        self.restarts += 1;
        self.agenda.after(wait, Happening::Start(node));
    }

    /// A node starts.
    pub fn start(&mut self, node: usize) -> Result<(), String> {
        if self.nodes[node].nature == Nature::Stranger {
            self.nodes[node].life += 1;
            return Ok(());
        }
        if self.nodes[node].is_up() || self.nodes[node].gone {
            return Ok(());
        }
        match self.open(node) {
            Ok(outputs) => {
                let now = self.nodes[node].time(self.agenda.now());
                self.tell(|world| format!("{} starts", world.name(node)));
                self.check_reopened(node)?;
                self.carry_out(node, now, outputs)?;
                for (other, door) in std::mem::take(&mut self.nodes[node].again) {
                    let peer = Some(self.nodes[other].key.public());
                    self.save_address(node, other, door, peer);
                }
                self.opens_desk(node)
            }
            Err(StoreError::Full) => {
                self.agenda.after(5_000, Happening::Start(node));
                Ok(())
            }
            Err(StoreError::Failed(_)) => {
                self.nodes[node].disk.fault(None);
                self.agenda.after(1_000, Happening::Start(node));
                Ok(())
            }
            Err(error) => Err(format!("{} does not open: {error}", self.name(node))),
        }
    }

    /// Starts a node whose disk is new and sound.
    pub fn start_now(&mut self, node: usize) {
        let opened = self.open(node);
        debug_assert!(opened.is_ok(), "a new disk is sound: {opened:?}");
    }

    fn open(&mut self, number: usize) -> Result<Vec<Output>, StoreError> {
        let seed = self.chance.any();
        let now = self.nodes[number].time(self.agenda.now());
        let node = &mut self.nodes[number];
        let Some(party) = node.party else { return Ok(vec![]) };
        let settings = Settings {
            federation: self.federation,
            org: self.parties[party].org(),
            auto: node.auto,
            learns: node.learns,
            joining: node.knock.clone(),
            tariff: node.tariff.clone(),
        };
        let opened = Replica::open(settings, node.key.public(), node.disk.clone(), seed, now);
        let (replica, outputs) = opened?;
        node.replica = Some(replica);
        Ok(outputs)
    }

    /// Asks a node for something.
    pub fn ask(&mut self, node: usize, command: Command, asked: Asked) {
        if self.nodes[node].is_up() {
            let id = CommandId(self.nodes[node].next());
            self.nodes[node].commands.insert(id, asked);
            self.hears(node, Input::Command { id, command });
        }
    }

    /// Asks a node to write pieces that were made there.
    pub fn write(&mut self, node: usize, pieces: &[Piece], items: Vec<Item>) {
        for item in &items {
            self.model.asked(*item);
        }
        self.write_as(node, pieces, Asked::Write(items));
    }

    /// Asks a node to write pieces, whatever becomes of it.
    pub fn write_as(&mut self, node: usize, pieces: &[Piece], asked: Asked) {
        let federation = self.federation;
        let examined: Result<Vec<_>, _> =
            pieces.iter().map(|piece| tern_protocol::gate::examine(piece, federation)).collect();
        match examined {
            Ok(pieces) => self.ask(node, Command::Write { pieces, private: vec![] }, asked),
            Err(refused) => self.tell(|_| format!("examined and refused: {refused}")),
        }
    }
}
