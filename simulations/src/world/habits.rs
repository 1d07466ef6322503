//! What people look after whenever they come by: approvals, invitations that
//! went wrong, meetings of a node that meets only when told to.

use tern_crdt::authority::Standing;
use tern_crdt::identity::OrgId;
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use super::{Happening, World};
use crate::model::Item;
use crate::node::{Asked, Nature, address};

impl World {
    pub fn habits(&mut self) -> Result<(), String> {
        let pause = self.chance.between(2_000, 9_000);
        self.agenda.after(pause, Happening::Habits);
        for node in 0..self.nodes.len() {
            if self.is_member(node) {
                self.approve(node);
            }
            if self.nodes[node].needs_invitation && self.chance.percent(50) {
                self.invite_this(node);
            }
            let bereft = self.nodes.iter().any(|node| node.gone);
            if bereft && self.is_member(node) && self.nodes[node].links.is_empty() {
                self.ask_around(node);
            }
            self.tell_address(node);
            if self.nodes[node].is_up() && !self.nodes[node].auto {
                self.meet_all(node);
            }
            if self.nodes[node].is_catching_up() {
                self.go_on(node);
            }
            if self.nodes[node].is_copied() && !self.trouble && self.is_only_one(node) {
                self.ask(node, Command::ClearCopied, Asked::ClearCopied);
            }
            if self.nodes[node].nature == Nature::Villain {
                self.seek_out(node);
            }
            if self.nodes[node].nature == Nature::Stranger {
                self.try_doors(node);
            }
        }
        Ok(())
    }

    /// A steward approves who waits here, and who waits for its signature.
    fn approve(&mut self, node: usize) {
        let Some(number) = self.nodes[node].party.filter(|p| *p < self.scenario.stewards) else {
            return;
        };
        let Some(replica) = &self.nodes[node].replica else { return };
        let library = replica.library();
        let proposed = library
            .authority()
            .organisations()
            .filter(|(_, _, standing)| matches!(standing, Standing::Proposed { .. }))
            .map(|(org, ..)| org);
        let wanting: Vec<OrgId> = library.waiting().map(|(org, _)| org).chain(proposed).collect();
        for org in wanting {
            let record = self.parties[number].admit(self.federation, org);
            let held = self.nodes[node].replica.as_ref().is_some_and(|replica| {
                let held = replica.library().authority().record(&record.id());
                let root = self.parties[number].root.public();
                held.is_some_and(|held| held.signers().any(|signer| signer == root))
            });
            if !held {
                self.tell(|world| format!("{} approves {org:?}", world.name(node)));
                self.model.approvals.entry(org).or_default().insert(number);
                let item = Item::Authority(record.id());
                self.write(node, &[Piece::Record(record.to_bytes().into())], vec![item]);
            }
        }
    }

    /// Who may have known a copy alone, that is gone now, learns where another
    /// member is.
    fn ask_around(&mut self, node: usize) {
        let others: Vec<usize> =
            (0..self.nodes.len()).filter(|n| *n != node && self.is_member(*n)).collect();
        if let Some(other) = self.chance.pick(&others).copied() {
            self.save_address(node, other, 0, None);
        }
    }

    /// The operator of a restored node says to go on: seldom, and where it
    /// reaches nobody.
    fn go_on(&mut self, node: usize) {
        let alone = self.nodes[node].links.is_empty();
        let likely = if alone && !self.trouble { 50 } else { 3 };
        if self.chance.percent(likely) {
            self.ask(node, Command::Resume, Asked::Resume);
        }
    }

    fn meet_all(&mut self, node: usize) {
        let Some(replica) = &self.nodes[node].replica else { return };
        let peers: Vec<_> = replica.peers().iter().map(|view| view.node).collect();
        for peer in peers {
            self.ask(node, Command::Meet { peer }, Asked::Meet);
        }
    }

    /// A villain learns where everybody is.
    fn seek_out(&mut self, node: usize) {
        let Some(replica) = &self.nodes[node].replica else { return };
        if replica.addresses().count() > self.nodes.len() {
            return;
        }
        for other in 0..self.nodes.len() {
            if other != node {
                self.save_address(node, other, 0, None);
            }
        }
    }

    fn try_doors(&mut self, node: usize) {
        let others: Vec<usize> = (0..self.nodes.len()).filter(|n| self.nodes[*n].is_up()).collect();
        if let Some(other) = self.chance.pick(&others).copied() {
            let life = self.nodes[node].life;
            self.answered_dial(node, life, address(other, 0), None);
        }
    }
}
