//! What is carried in files: pieces of others, and knocks of newcomers.

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::gate::{Examined, GateRefused};
use crate::membership::Knocked;
use crate::message::{Join, Joined};
use crate::session::event_of;
use crate::step::{Change, Done, Event};
use crate::store::{Store, StoreError};

impl<S: Store> Replica<S> {
    /// What this node says to be let in, while it waits for that: a bundle
    /// carries it where no link does.
    pub fn knock(&self) -> Option<Join> {
        self.joining.as_ref().map(|knock| knock.message(self.node))
    }

    /// Takes in pieces that `writer` put into a bundle, each by itself: one
    /// that is refused spoils nothing.
    pub(super) fn take_in(
        &mut self,
        pieces: Vec<Examined>,
        writer: &PublicKey,
    ) -> Result<Done, StoreError> {
        let mut taken: Vec<Result<Change, GateRefused>> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            taken.push(self.library.receive(piece, writer)?);
        }
        let changes = taken.iter().flatten();
        self.events.extend(changes.clone().filter_map(|change| event_of(*change)));
        if changes.clone().any(|change| matches!(change, Change::Authority(_))) {
            self.authority_changed(self.library.now)?;
        }
        Ok(Done::TakenIn(taken))
    }

    /// A newcomer's knock came in a bundle that its node `peer` signed, which
    /// proves what a link would have proved.
    pub(super) fn knock_came(
        &mut self,
        now: Timestamp,
        join: &Join,
        peer: PublicKey,
    ) -> Result<Done, StoreError> {
        let Knocked { answer, org, .. } = self.library.knocked(join, peer, now)?;
        match (&answer, org) {
            (Joined::Member, _) => {
                self.events.push(Event::Members);
                self.authority_changed(self.library.now)?;
            }
            (Joined::Waiting(_), Some(org)) => self.events.push(Event::Knocked(org)),
            _ => {}
        }
        Ok(Done::Knocked(answer, org))
    }
}
