//! Peers to which links cost money: how long they are left alone.
//!
//! In its greeting such a peer says in how many seconds it makes contact by
//! itself, and so long nobody dials it. But it may know no address of this node,
//! or reach only part of the federation: a quarter of that time later it is
//! dialled, or later the more members this node is linked to, since what the peer
//! has is then likely to come by another way. So two nodes to which links cost
//! money meet as well, and of these the one with the smaller key begins.
//!
//! Nothing of this is stored: after a start everybody is dialled once.

use std::collections::BTreeSet;

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::limits::ALONE_MAX;
use crate::store::Store;

impl<S: Store> Replica<S> {
    /// What a peer said in its greeting.
    pub(super) fn note_thrift(&mut self, now: Timestamp, peer: PublicKey, alone: Option<u32>) {
        match alone {
            Some(seconds) => {
                self.thrifty.insert(peer, (now, i64::from(seconds).saturating_mul(1_000)));
            }
            None => {
                self.thrifty.remove(&peer);
            }
        }
    }

    /// Those who are left alone now, and until when. A clock that was set back
    /// since they said so leaves nobody alone.
    pub(super) fn left_alone(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (PublicKey, Timestamp)> + '_ {
        let others = i64::try_from(self.linked_members()).unwrap_or(i64::MAX);
        let costly = self.tariff.class.is_costly();
        self.thrifty.iter().filter_map(move |(peer, (said, alone))| {
            let times = others.saturating_mul(2).saturating_add(1);
            let quarters = if costly && self.node > *peer { 2 } else { 1 };
            let late = (alone / 4).saturating_mul(quarters);
            let lasts = alone.saturating_mul(times).saturating_add(late).min(ALONE_MAX);
            (0..lasts).contains(&now.since(*said)).then(|| (*peer, said.plus(lasts)))
        })
    }

    /// When the first of those is dialled of whom an address is `of` interest.
    pub(super) fn alone_ends(
        &self,
        now: Timestamp,
        of: impl Fn(&str) -> bool,
    ) -> Option<Timestamp> {
        let known: BTreeSet<PublicKey> = self
            .addresses
            .iter()
            .filter(|(address, _)| of(address))
            .filter_map(|(_, saved)| saved.peer)
            .collect();
        let linked = |peer: &PublicKey| self.links.values().any(|session| session.peer == *peer);
        let waits = self.left_alone(now).filter(|(peer, _)| known.contains(peer) && !linked(peer));
        waits.map(|(_, until)| until).filter(|_| self.auto).min()
    }
}
