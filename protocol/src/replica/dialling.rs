//! Whom to dial, and when to wake up for it.

use rand_core::Rng;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::peers::Saved;
use crate::step::{CommandRefused, Output};
use crate::store::Store;

impl<S: Store> Replica<S> {
    /// Whether an address is of no interest now: its peer is linked, or only
    /// others are to be met.
    fn skips(&self) -> impl Fn(&Saved) -> bool + use<S> {
        let linked: Vec<PublicKey> = self.links.values().map(|session| session.peer).collect();
        let only: Option<Vec<PublicKey>> = (!self.auto).then(|| {
            let inviter = self.joining.iter().map(|knock| knock.invitation.inviter);
            self.wanted.iter().map(|(peer, _)| *peer).chain(inviter).collect()
        });
        let own = self.node;
        move |saved: &Saved| match &saved.peer {
            Some(peer) => {
                *peer == own
                    || linked.contains(peer)
                    || only.as_ref().is_some_and(|only| !only.contains(peer))
            }
            None => only.is_some(),
        }
    }

    /// Dials what is due.
    pub(super) fn dial(&mut self, now: Timestamp) {
        let skips = self.skips();
        for (address, peer) in self.addresses.due(now, skips) {
            self.out.push(Output::Dial { address, peer });
        }
    }

    /// When the next step is due if nothing else happens.
    pub(super) fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let due = self.addresses.next_due(now, self.skips());
        let next = due.into_iter().chain(self.patience()).min()?;
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
