//! How organisations and their further nodes come in.

use tern_crdt::authority::{Role, Roles};
use tern_crdt::identity::SecretKey;
use tern_protocol::membership::{Invitation, Knock};
use tern_protocol::step::Command;

use super::World;
use crate::model::Item;
use crate::node::{Asked, Nature, Node};

impl World {
    /// Invites an organisation that is not here yet.
    pub fn invite(&mut self) -> bool {
        let started = |node: &Node| node.life > 0 || node.is_up() || node.knock.is_some();
        let absent = self.nodes.iter().position(|n| n.party.is_some() && !started(n));
        absent.is_some_and(|absent| self.invite_this(absent))
    }

    /// Has a steward write an invitation for a node.
    pub fn invite_this(&mut self, invited: usize) -> bool {
        let stewards: Vec<usize> = (0..self.nodes.len())
            .filter(|n| self.nodes[*n].party < Some(self.scenario.stewards))
            .filter(|n| *n != invited && self.is_member(*n) && !self.nodes[*n].twin)
            .collect();
        let Some(steward) = self.chance.pick(&stewards).copied() else { return false };
        self.invite_by(steward, invited);
        true
    }

    fn invite_by(&mut self, inviter: usize, invited: usize) {
        let expires = self.nodes[inviter].time(self.agenda.now()).plus(14 * 24 * 3_600_000);
        let invitation = Invitation {
            federation: self.federation,
            name: "Hub".into(),
            inviter: self.nodes[inviter].key.public(),
            addresses: self.addresses_of(inviter),
            secret: self.chance.bytes(),
            expires,
        };
        let Some(party) = self.party_of(invited) else { return };
        let (org, records) = (party.org(), party.records(self.federation));
        let public = invitation.public();
        let knock = Box::new(Knock { invitation, org, records });
        let command = Command::Invite { invitation: public, expires };
        self.tell(|world| format!("{} invites {}", world.name(inviter), world.name(invited)));
        self.ask(inviter, command, Asked::Invitation { invited, knock });
    }

    /// An organisation that is a member gets one more node.
    pub fn second_node(&mut self, node: usize) {
        let Some(number) = self.nodes[node].party else { return };
        if self.nodes[node].twin
            || self.nodes.len() >= self.scenario.parties + self.scenario.strangers + 2
        {
            return;
        }
        let key = SecretKey::from_seed(&self.chance.bytes());
        let Some(replica) = &self.nodes[node].replica else { return };
        let party = &mut self.parties[number];
        let org = party.org();
        let prev = replica.library().authority().log_tips(&org);
        let id = party.grant_after(prev, key.public(), Roles::of(&[Role::Node]));
        let Some(record) = party.records(self.federation).pop() else { return };
        self.model.nodes.insert(key.public(), org);
        let name = format!("{} again", self.parties[number].name);
        self.nodes.push(Node::new(name, key, Some(number), Nature::Honest));
        let added = self.nodes.len() - 1;
        self.write_record(node, &record, Item::Authority(id.cast()));
        self.invite_by(node, added);
    }
}
