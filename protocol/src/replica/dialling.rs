//! Whom to dial, and when to wake up for it.

use rand_core::Rng;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::peers::Saved;
use crate::step::{CommandRefused, Output};
use crate::store::Store;

impl<S: Store> Replica<S> {
    /// Whether an address is of no interest now: its peer is linked, dials
    /// this node itself, or only others are to be met.
    pub(super) fn skips(&self) -> impl Fn(&Saved) -> bool + use<S> {
        let linked: Vec<PublicKey> = self.links.values().map(|session| session.peer).collect();
        let wanted: Vec<PublicKey> = self.wanted.iter().map(|(peer, _)| *peer).collect();
        let inviter = self.joining.iter().map(|knock| knock.invitation.inviter);
        let only: Option<Vec<PublicKey>> =
            (!self.auto).then(|| wanted.iter().copied().chain(inviter).collect());
        let (own, dials_itself) = (self.node, self.dials_itself());
        move |saved: &Saved| match &saved.peer {
            Some(peer) => {
                *peer == own
                    || linked.contains(peer)
                    || (dials_itself(peer) && !wanted.contains(peer))
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

    /// Dials what is due.
    pub(super) fn dial(&mut self, now: Timestamp) {
        let (skips, wanted, costly) = (self.skips(), self.is_wanted(), self.is_for_contacts());
        let waits =
            |address: &str, saved: &Saved| skips(saved) || (costly(address) && !wanted(saved));
        let mut due = self.addresses.due(now, waits);
        if self.is_contact_due(now) {
            let of = |address: &str, saved: &Saved| costly(address) && !skips(saved);
            due.extend(self.addresses.one_due(now, of));
        }
        for (address, peer) in due {
            self.out.push(Output::Dial { address, peer });
        }
    }

    /// When the next step is due if nothing else happens.
    pub(super) fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let (skips, wanted, costly) = (self.skips(), self.is_wanted(), self.is_for_contacts());
        let due = self
            .addresses
            .next_due(now, |address, saved| skips(saved) || (costly(address) && !wanted(saved)));
        let contact = self.contact_wakes(now, |address, saved| skips(saved) || !costly(address));
        let next = due.into_iter().chain(contact).chain(self.patience()).min()?;
        Some(next.max(now.plus(1)))
    }

    pub(super) fn dial_failed(&mut self, now: Timestamp, address: &str, reason: &str) {
        self.addresses.failed(address, now, self.chance.next_u64());
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
