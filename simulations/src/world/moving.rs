//! A node moves, says where it is, and is known to be there by all.

use tern_crdt::address::NodeAddress;
use tern_crdt::authority::Role;
use tern_crdt::signed::Statement;
use tern_protocol::message::Piece;
use tern_protocol::replica::Replica;

use super::World;
use crate::disk::Disk;
use crate::node::{Asked, address};

/// The first door of a node that moved; before, it has those below.
const DOOR: u8 = 1;

impl World {
    /// The door by which a node is reached.
    pub fn door(&self, node: usize) -> u8 {
        match self.nodes[node].moved {
            0 => 0,
            moved => DOOR + moved,
        }
    }

    /// Whether somebody who comes to this door of a node is heard.
    pub fn has_door(&self, node: usize, door: u8) -> bool {
        let moved = self.nodes.get(node).map_or(0, |node| node.moved);
        if moved == 0 { door <= DOOR } else { door == DOOR + moved }
    }

    /// The last organisation that means well moves: its node starts elsewhere.
    /// Not while somebody is on the way there with an invitation.
    pub fn moves(&mut self) {
        let honest = self.scenario.parties - usize::from(self.scenario.villain);
        let node = honest - 1;
        let key = self.nodes[node].key.public();
        let invited = self.nodes.iter().any(|guest| {
            let by_it = guest.knock.as_ref().is_some_and(|knock| knock.invitation.inviter == key);
            let alone = |replica: &Replica<Disk>| {
                // It has met nobody who told it of others.
                let mut known = replica.addresses().iter();
                replica.is_joining() || known.all(|(_, saved)| saved.peer == Some(key))
            };
            by_it && guest.replica.as_ref().is_none_or(alone)
        });
        let inviting = |asked: &Asked| matches!(asked, Asked::Invitation { .. });
        let invites = self.nodes[node].commands.values().any(inviting);
        if node < self.scenario.stewards
            || self.support.is_some()
            || invited
            || invites
            || !self.is_member(node)
            || self.nodes[node].moved > 100
        {
            return;
        }
        self.nodes[node].moved += 1;
        self.tell(|world| format!("{} moves to {}", world.name(node), world.door(node)));
        let wait = self.chance.between(0, 5_000);
        self.stop_between_steps(node, wait);
    }

    /// What a node has to say of where it is, if it said so otherwise or not at
    /// all; in worlds in which somebody moves.
    fn address_to_tell(&self, number: usize) -> Option<NodeAddress> {
        let node = &self.nodes[number];
        if self.scenario.faults.moves.is_none()
            || node.twin
            || node.is_catching_up()
            || !self.is_member(number)
        {
            return None;
        }
        let (library, key) = (node.replica.as_ref()?.library(), node.key.public());
        let told = library.node_address(&key);
        let addresses = vec![address(number, self.door(number))];
        if told.is_some_and(|told| told.addresses == addresses) {
            return None;
        }
        let may = |id| library.authority().permits(id, key, Role::Node).is_ok();
        let mut own = library.authority().certificates_of(&key).map(|(id, _)| id);
        let by = own.find(|id| may(*id))?;
        let n = told.map_or(1, |told| told.n.saturating_add(1));
        Some(NodeAddress { by, n, addresses })
    }

    /// Whether every node said where it is.
    pub fn all_told(&self) -> bool {
        (0..self.nodes.len()).all(|node| self.address_to_tell(node).is_none())
    }

    /// What a shell does by itself: it says where its node is.
    pub fn tell_address(&mut self, number: usize) {
        let Some(address) = self.address_to_tell(number) else { return };
        let record = address.prepare().sign(self.federation, &self.nodes[number].key);
        self.tell(|world| format!("{} says where it is", world.name(number)));
        self.write(number, &[Piece::Record(record.to_bytes().into())], Vec::new());
    }

    /// Once all hold the same, each knows where to find who moved, by what it was
    /// told or by hand; and who moved is told by one record.
    pub fn check_addresses(&self, number: usize) -> Result<(), String> {
        let node = &self.nodes[number];
        let Some(replica) = &node.replica else { return Ok(()) };
        let library = replica.library();
        for (key, told) in library.node_addresses() {
            let Some(mover) = self.nodes.iter().position(|node| node.key.public() == key) else {
                return Err(format!("{} holds an address of nobody", node.name));
            };
            if library.authority().node(&key).is_none() || !self.nodes[mover].is_honest() {
                continue;
            }
            let here = vec![address(mover, self.door(mover))];
            if told.addresses != here {
                return Err(format!("{} looks for {} elsewhere", node.name, self.name(mover)));
            }
            let mut known = replica.addresses().iter();
            if key != node.key.public()
                && !known.any(|(address, saved)| address == here[0] && saved.peer == Some(key))
            {
                return Err(format!("{} does not know where {} is", node.name, self.name(mover)));
            }
        }
        Ok(())
    }
}
