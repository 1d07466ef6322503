//! What somebody on this node wants.

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::gate::{Examined, GateRefused};
use crate::ledger::Private;
use crate::limits::{ADDRESS_BYTES_MAX, PRIVATE_NAME_BYTES_MAX, SAVED_ADDRESSES_MAX};
use crate::membership::{Invited, remember};
use crate::session::{Standing, event_of};
use crate::step::{Change, Command, CommandId, CommandRefused, Done, LinkId};
use crate::store::{Store, StoreError, VALUE_BYTES_MAX};
use crate::tariff::Purpose;

impl<S: Store> Replica<S> {
    pub(super) fn command(
        &mut self,
        now: Timestamp,
        id: CommandId,
        command: Command,
    ) -> Result<(), StoreError> {
        let result = match command {
            Command::Write { pieces, private } => self.write(pieces, private)?,
            Command::Invite { invitation, expires } => {
                let invited = Invited { expires, used_by: None };
                self.library.write(remember(&invitation, &invited));
                Ok(Done::Noted)
            }
            Command::SaveAddress { address, peer } => self.save_address(now, address, peer),
            Command::ForgetAddress { address, peer } => {
                let gone = self.addresses.forget(|a, saved| {
                    address.as_deref() == Some(a) || (peer.is_some() && saved.peer == peer)
                });
                gone.into_iter().for_each(|private| self.library.write(private));
                self.give_up(now, "its address was forgotten");
                Ok(Done::Noted)
            }
            Command::TakeIn { pieces, writer } => Ok(self.take_in(pieces, &writer)?),
            Command::Knock { join, peer } => Ok(self.knock_came(now, &join, peer)?),
            Command::Meet { peer } => return self.meet(now, id, peer),
            Command::Tariff(tariff) => self.set_tariff(tariff),
            Command::Expect(until) => Ok(self.expect(until)),
            Command::NoteFiles { near, bytes } => {
                self.spend(self.is_costly(near), Purpose::Files, bytes);
                Ok(Done::Noted)
            }
            Command::Resume => {
                self.caught_up(None, 0);
                Ok(Done::Noted)
            }
            Command::FoundLater => {
                self.put_back(now, None);
                Ok(Done::Noted)
            }
            Command::ClearCopied => {
                self.clear_copied(now);
                Ok(Done::Noted)
            }
        };
        self.answers.push((id, result));
        Ok(())
    }

    fn save_address(
        &mut self,
        now: Timestamp,
        address: String,
        peer: Option<PublicKey>,
    ) -> Result<Done, CommandRefused> {
        if address.len() > ADDRESS_BYTES_MAX {
            return Err(CommandRefused::TooLong { what: "an address", max: ADDRESS_BYTES_MAX });
        }
        let count = self.addresses.count() + usize::from(!self.addresses.knows(&address));
        if count > SAVED_ADDRESSES_MAX {
            let max = SAVED_ADDRESSES_MAX;
            return Err(CommandRefused::TooLong { what: "the list of saved addresses", max });
        }
        let saved = self.addresses.save(address, peer, now);
        self.library.write(saved);
        Ok(Done::Noted)
    }

    fn write(
        &mut self,
        pieces: Vec<Examined>,
        private: Vec<Private>,
    ) -> Result<Result<Done, CommandRefused>, StoreError> {
        if let Err(refused) = private.iter().try_for_each(check_private) {
            return Ok(Err(refused));
        }
        if self.is_catching_up() && !pieces.is_empty() {
            return Ok(Err(CommandRefused::CatchingUp));
        }
        let mut changes: Vec<Change> = Vec::with_capacity(pieces.len());
        let mut refused: Option<GateRefused> = None;
        for piece in pieces {
            if let Err(forbidden) = self.library.may_act(&piece) {
                refused = Some(forbidden.into());
                break;
            }
            match self.library.admit(piece)? {
                Ok(change) => changes.push(change),
                Err(reason) => {
                    refused = Some(reason);
                    break;
                }
            }
        }
        self.events.extend(changes.iter().filter_map(|change| event_of(*change)));
        if changes.iter().any(|change| matches!(change, Change::Authority(_))) {
            self.authority_changed(self.library.now)?;
        }
        if let Some(refused) = refused {
            return Ok(Err(refused.into()));
        }
        private.into_iter().for_each(|private| self.library.write(private));
        Ok(Ok(Done::Written(changes)))
    }

    fn meet(&mut self, now: Timestamp, id: CommandId, peer: PublicKey) -> Result<(), StoreError> {
        let refused = |reason: &str| Err(CommandRefused::Unreachable(reason.into()));
        let Some((link, standing)) = self.link_with(&peer) else {
            self.learn(now, peer);
            if peer == self.node {
                self.answers.push((id, refused("it is this node itself")));
            } else if self.addresses.hurry(&peer) {
                self.wanted.push((peer, id));
            } else {
                self.answers.push((id, refused("no address of it is known: add one")));
            }
            return Ok(());
        };
        if standing == Standing::Stranger {
            let reason = "it is no node of a member of this federation".to_owned();
            self.answers.push((id, Err(CommandRefused::Ended(reason))));
            return Ok(());
        }
        if let Some(session) = self.links.get_mut(&link) {
            session.asked.push((id, self.library.revision_for(&peer)));
        }
        self.begin(link);
        self.pump(now, link)
    }

    /// The link on which a peer is best met: one of a member if there is one.
    fn link_with(&self, peer: &PublicKey) -> Option<(LinkId, Standing)> {
        let links = self.links.iter().filter(|(_, session)| session.peer == *peer);
        links
            .map(|(link, session)| (*link, session.standing))
            .min_by_key(|(link, standing)| (*standing != Standing::Member, *link))
    }
}

fn check_private(private: &Private) -> Result<(), CommandRefused> {
    let at_most = |what, bytes: usize, max| {
        if bytes > max { Err(CommandRefused::TooLong { what, max }) } else { Ok(()) }
    };
    at_most("the name of a private value", private.name.len(), PRIVATE_NAME_BYTES_MAX)?;
    let bytes = private.value.as_ref().map_or(0, bytes::Bytes::len);
    at_most("a private value", bytes, VALUE_BYTES_MAX)
}
