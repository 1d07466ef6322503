//! Whom to dial, and when to wake up for it.

use std::collections::BTreeSet;

use rand_core::Rng;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::ledger::Private;
use crate::limits::{ADDRESS_BYTES_MAX, LINKS_SOUGHT_MAX};
use crate::membership::Knock;
use crate::peers::Saved;
use crate::session::Standing;
use crate::step::{CommandRefused, Output};
use crate::store::{Store, StoreError};
use crate::tariff::is_near;

/// Stands in the store of a node that learns addresses.
const LEARNS: &[u8] = b"learns";

impl<S: Store> Replica<S> {
    /// Whether an address is of no interest now: its peer is linked, is left
    /// alone, or only others are to be met.
    pub(super) fn skips(&self, now: Timestamp) -> impl Fn(&Saved) -> bool + use<S> {
        let linked: Vec<PublicKey> = self.links.values().map(|session| session.peer).collect();
        let wanted: Vec<PublicKey> = self.wanted.iter().map(|(peer, _)| *peer).collect();
        let inviter = self.joining.iter().map(|knock| knock.invitation.inviter);
        let only: Option<Vec<PublicKey>> =
            (!self.auto).then(|| wanted.iter().copied().chain(inviter).collect());
        let own = self.node;
        // What presses is told to whoever is reached.
        let pressing = self.is_pressing();
        let alone = self.left_alone(now).filter(|_| !pressing);
        let alone: BTreeSet<PublicKey> = alone.map(|(peer, _)| peer).collect();
        move |saved: &Saved| match &saved.peer {
            Some(peer) => {
                *peer == own
                    || linked.contains(peer)
                    || (alone.contains(peer) && !wanted.contains(peer))
                    || only.as_ref().is_some_and(|only| !only.contains(peer))
            }
            None => only.is_some(),
        }
    }

    /// Whether a peer is to be met, whatever it costs.
    fn is_wanted(&self) -> impl Fn(&Saved) -> bool + use<S> {
        let inviter = self.joining.iter().map(|knock| knock.invitation.inviter);
        let wanted: Vec<PublicKey> =
            self.wanted.iter().map(|(peer, _)| *peer).chain(inviter).collect();
        move |saved: &Saved| saved.peer.is_some_and(|peer| wanted.contains(&peer))
    }

    /// How many nodes of members are linked.
    pub(super) fn linked_members(&self) -> usize {
        let members = self.links.values().filter(|session| session.standing == Standing::Member);
        members.map(|session| session.peer).collect::<BTreeSet<_>>().len()
    }

    /// How many members more are to be linked because they told where they are.
    fn room(&self) -> usize {
        LINKS_SOUGHT_MAX.saturating_sub(self.linked_members() + self.addresses.dialling_learned())
    }

    /// Saves where a node of a member says that it is, if that is wanted, and
    /// forgets where it said so before.
    pub(super) fn learn(&mut self, now: Timestamp, node: PublicKey) {
        if !self.learns || node == self.node {
            return;
        }
        let member = self.library.authority().node(&node).is_some();
        let told = self.library.node_address(&node).filter(|_| member);
        let addresses = told.map_or(&[][..], |told| &told.addresses);
        let learned = self.addresses.learn(node, addresses, now);
        self.remember(learned);
    }

    /// A node was heard of in the local network. It is dialled if it is one of a
    /// member, or the one that invited this node.
    pub(super) fn found(&mut self, now: Timestamp, peer: PublicKey, address: String) {
        let invited = |knock: &Knock| knock.invitation.inviter == peer;
        let awaited = self.joining.as_ref().is_some_and(invited);
        let member = self.auto && self.library.authority().node(&peer).is_some();
        if peer != self.node && address.len() <= ADDRESS_BYTES_MAX && (member || awaited) {
            self.addresses.found(peer, address, now);
        }
    }

    /// Takes in where nodes say that they are.
    pub(super) fn learn_moves(&mut self, now: Timestamp) {
        for node in self.library.take_moved() {
            self.learn(now, node);
        }
    }

    /// Begins to learn where all are, or forgets it, after the setting changed.
    pub(super) fn begin_to_learn(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.library.local(LEARNS)?.is_some() == self.learns {
            return Ok(());
        }
        let value = self.learns.then(|| vec![1].into());
        self.library.write(Private::local(LEARNS.to_vec(), value));
        let nodes: Vec<PublicKey> = self.library.node_addresses().map(|(node, _)| node).collect();
        for node in nodes {
            self.learn(now, node);
        }
        if !self.learns {
            let forgotten = self.addresses.forget(|_, saved| saved.learned);
            self.remember(forgotten);
        }
        Ok(())
    }

    /// Writes down what changed in the book of addresses.
    pub(super) fn remember(&mut self, changed: Vec<Private>) {
        changed.into_iter().for_each(|private| self.library.write(private));
    }

    /// Dials what is due.
    pub(super) fn dial(&mut self, now: Timestamp) {
        let (skips, wanted, costly) = (self.skips(now), self.is_wanted(), self.is_for_contacts());
        let waits =
            |address: &str, saved: &Saved| skips(saved) || (costly(address) && !wanted(saved));
        let (room, chance) = (self.room(), &mut self.chance);
        let mut due = self.addresses.due(now, room, &wanted, waits, || chance.next_u64());
        if self.is_contact_due(now) {
            let of = |address: &str, saved: &Saved| costly(address) && !skips(saved);
            due.extend(self.addresses.one_due(now, self.is_pressing(), of));
        }
        if due.is_empty() && self.alone_due(now).is_some_and(|due| due.since(now) <= 0) {
            let of = |address: &str, saved: &Saved| !is_near(address) && !skips(saved);
            due.extend(self.addresses.one_alone(now, of));
        }
        for (address, peer) in due {
            self.out.push(Output::Dial { address, peer });
        }
    }

    /// When the next address is tried because all beyond the local network fail.
    fn alone_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.links.values().any(|session| !session.near) {
            return None;
        }
        let skips = self.skips(now);
        let of = |address: &str, saved: &Saved| !is_near(address) && !skips(saved);
        let due = self.addresses.alone_due(of)?;
        let costly = self.tariff.class.is_costly();
        Some(if costly { due.max(self.contact_is_due_at(now)) } else { due })
    }

    /// When the next step is due if nothing else happens.
    pub(super) fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let (skips, wanted, costly) = (self.skips(now), self.is_wanted(), self.is_for_contacts());
        let waits =
            |address: &str, saved: &Saved| skips(saved) || (costly(address) && !wanted(saved));
        let due = self.addresses.next_due(now, self.room(), &wanted, waits);
        let contact = self.contact_wakes(now);
        let alone = self.alone_ends(now, |address| !costly(address));
        let lost = self.alone_due(now);
        let next =
            due.into_iter().chain(contact).chain(alone).chain(lost).chain(self.patience()).min()?;
        Some(next.max(now.plus(1)))
    }

    pub(super) fn dial_failed(&mut self, now: Timestamp, address: &str, reason: &str) {
        let failed = self.addresses.failed(address, None, now, self.chance.next_u64());
        self.remember(failed);
        self.give_up(now, reason);
    }

    /// Tells who waits for a meeting with a peer of which no address is left
    /// to try now.
    pub(super) fn give_up(&mut self, now: Timestamp, reason: &str) {
        let Self { wanted, addresses, answers, .. } = self;
        wanted.retain(|(peer, id)| {
            let hope = addresses.is_hopeful(peer, now);
            if !hope {
                answers.push((*id, Err(CommandRefused::Unreachable(reason.into()))));
            }
            hope
        });
    }
}
