//! What goes wrong.

use tern_crdt::timestamp::Timestamp;
use tern_protocol::catching_up::mark;
use tern_protocol::ledger::Ledger;
use tern_protocol::store::memory::MemoryStore;

use super::{Happening, World};
use crate::disk::Fault;
use crate::invariants::Digest;
use crate::model::Fate;
use crate::node::Node;

/// A sort of failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failing {
    /// A wire is cut.
    Cut,
    /// Half of the nodes cannot reach the other half.
    Partition,
    /// A node stops without warning.
    Crash,
    /// A disk is full.
    FullDisk,
    /// A node is replaced by an older copy of itself.
    Backup,
    /// A clock jumps.
    Clock,
    /// A copy of a node runs beside it.
    Twin,
    /// A node moves to another address.
    Move,
}

impl Failing {
    pub const ALL: [Self; 8] = [
        Self::Cut,
        Self::Partition,
        Self::Crash,
        Self::FullDisk,
        Self::Backup,
        Self::Clock,
        Self::Twin,
        Self::Move,
    ];
}

impl World {
    /// Plans the next failure of this sort, if the scenario has any.
    pub fn plan_failing(&mut self, failing: Failing) {
        let faults = &self.scenario.faults;
        let pause = match failing {
            Failing::Cut => faults.cuts,
            Failing::Partition => faults.partitions,
            Failing::Crash => faults.crashes,
            Failing::FullDisk => faults.full_disks,
            Failing::Backup => faults.backups,
            Failing::Clock => faults.clock_jumps,
            Failing::Twin => faults.twins,
            Failing::Move => faults.moves,
        };
        if let Some(pause) = pause {
            let wait = self.chance.between(0, pause * 2);
            self.agenda.after(wait, Happening::Fails(failing));
        }
    }

    pub fn fails(&mut self, failing: Failing) -> Result<(), String> {
        if !self.trouble {
            return Ok(());
        }
        self.plan_failing(failing);
        let up: Vec<usize> = (0..self.nodes.len()).filter(|n| self.nodes[*n].is_up()).collect();
        match failing {
            Failing::Cut => self.cut_one(),
            Failing::Partition => {
                let parts: Vec<bool> = self.nodes.iter().map(|_| self.chance.percent(50)).collect();
                self.part(parts);
            }
            Failing::Crash => {
                if let Some(node) = self.chance.pick(&up).copied() {
                    self.crashes(node);
                }
            }
            Failing::FullDisk => {
                if let Some(node) = self.chance.pick(&up).copied()
                    && self.nodes[node].disk.has().is_none()
                {
                    self.tell(|world| format!("the disk of {} is full", world.name(node)));
                    self.nodes[node].disk.fault(Some(Fault::Full));
                }
            }
            Failing::Backup => {
                if let Some(node) = self.chance.pick(&up).copied() {
                    self.backup(node)?;
                }
            }
            Failing::Twin => {
                if let Some(node) = self.chance.pick(&up).copied() {
                    self.twin(node);
                }
            }
            Failing::Move => self.moves(),
            Failing::Clock => {
                if let Some(node) = self.chance.pick(&up).copied() {
                    let error = self.scenario.faults.clock_error;
                    self.nodes[node].clock = self.chance.between(-error, error);
                    self.tell(|world| {
                        let clock = world.nodes[node].clock;
                        format!("the clock of {} is wrong by {clock}", world.name(node))
                    });
                }
            }
        }
        Ok(())
    }

    /// Copies the disk and the key of a member's node to another machine.
    fn twin(&mut self, node: usize) {
        if !self.is_member(node) || self.nodes.len() > self.scenario.parties + 3 {
            return;
        }
        let original = &self.nodes[node];
        let (name, key) = (format!("{} (copy)", original.name), original.key.clone());
        let mut twin = Node::new(name, key, original.party, original.nature);
        twin.twin = true;
        twin.home = Some(node);
        twin.people = original.people.clone();
        twin.disk.restore(original.disk.backup());
        self.tell(|world| format!("{} is copied", world.name(node)));
        self.support.iter_mut().for_each(|support| support.set_back = true);
        self.nodes.push(twin);
        self.agenda.after(1_000, Happening::Start(self.nodes.len() - 1));
    }

    fn cut_one(&mut self) {
        let wires: Vec<(u64, [usize; 2])> = self.network.wires().collect();
        if let Some((wire, [one, other])) = self.chance.pick(&wires).copied() {
            self.tell(|world| format!("{} –/– {}", world.name(one), world.name(other)));
            let unnoticed = self.quality.unnoticed;
            self.network.cut(&mut self.agenda, &mut self.chance, wire, unnoticed);
        }
    }

    fn part(&mut self, parts: Vec<bool>) {
        self.tell(|_| format!("partition {parts:?}"));
        let apart: Vec<u64> = self
            .network
            .wires()
            .filter(|(_, [one, other])| parts.get(*one) != parts.get(*other))
            .map(|(wire, _)| wire)
            .collect();
        let unnoticed = self.quality.unnoticed;
        for wire in apart {
            self.network.cut(&mut self.agenda, &mut self.chance, wire, unnoticed);
        }
        self.parts = Some(parts);
        let wait = self.chance.between(1_000, 30_000);
        self.agenda.after(wait, Happening::Joins);
    }

    fn crashes(&mut self, node: usize) {
        if self.chance.percent(self.scenario.faults.torn) {
            let fault = if self.chance.percent(50) { Fault::Lost } else { Fault::Kept };
            self.tell(|world| format!("the next commit of {} is {fault:?}", world.name(node)));
            self.nodes[node].disk.fault(Some(fault));
        } else {
            let wait = self.chance.between(0, 20_000);
            self.stop_between_steps(node, wait);
        }
    }

    /// Stops a node whose memory is in step with its disk.
    pub fn stop_between_steps(&mut self, node: usize, wait: i64) {
        let before = self.nodes[node].replica.as_ref().map(Digest::of);
        self.stop(node, before, wait);
    }

    /// Makes a backup, or if there is one puts it in the place of the disk.
    fn backup(&mut self, node: usize) -> Result<(), String> {
        let Some((backup, made)) = self.nodes[node].backup.take() else {
            let now = self.clock(node);
            self.nodes[node].backup = Some((self.nodes[node].disk.backup(), now));
            return Ok(());
        };
        self.tell(|world| format!("{} is restored from a backup", world.name(node)));
        // Who means ill does not wait to be in step again; some copy an old
        // folder by hand, and the node has to find out.
        let by_hand = self.support.is_none() && self.chance.percent(40);
        let backup = if self.nodes[node].is_honest() && !by_hand {
            marked(backup, made, self.clock(node))?
        } else {
            backup
        };
        self.stop(node, None, 1_000);
        self.support.iter_mut().for_each(|support| support.set_back = true);
        self.nodes[node].set_back = true;
        self.nodes[node].disk.restore(backup);
        self.forget_what_only_it_held(node)?;
        Ok(())
    }

    /// What a node acknowledged since the backup to which it went back is now
    /// another's to keep, or lost and nobody can help it.
    pub fn forget_what_only_it_held(&mut self, restored: usize) -> Result<(), String> {
        for item in self.model.acknowledged_by(restored) {
            let mut keeper = None;
            for node in (0..self.nodes.len()).rev().chain([restored]) {
                if self.nodes[node].is_honest() && self.on_disk(node, &item)? {
                    keeper = Some(node);
                }
            }
            let fate = keeper.map_or(Fate::Unknown, |by| Fate::Acknowledged { by });
            self.model.items.insert(item, fate);
        }
        Ok(())
    }
}

/// A backup as it stands in the place of a disk.
fn marked(backup: MemoryStore, to: Timestamp, at: Timestamp) -> Result<MemoryStore, String> {
    let mut ledger = Ledger::new(backup);
    ledger.write(mark(to, at));
    ledger.commit().map_err(|error| error.to_string())?;
    Ok(ledger.into_store())
}
