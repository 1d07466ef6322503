//! Links: they open, carry messages both ways, and close.

use bytes::Bytes;
use rand_core::Rng;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::limits::{LINKS_OF_PEER_MAX, STRANGER_PATIENCE, STRANGERS_MAX};
use crate::meeting::set::SetId;
use crate::meeting::{Meeting, MeetingReport, Terms};
use crate::message::Message;
use crate::packing::PackRefused;
use crate::session::{Effects, Session, Standing, event_of};
use crate::step::{Change, CommandRefused, Done, Event, Job, LinkId, Output, Pieces};
use crate::store::{Store, StoreError};
use crate::tariff::{OPENING_BYTES, Purpose};

impl<S: Store> Replica<S> {
    pub(super) fn connected(
        &mut self,
        now: Timestamp,
        link: LinkId,
        peer: PublicKey,
        address: String,
        near: bool,
    ) {
        let saved = self.addresses.answered(&address, peer, now);
        self.remember(saved);
        self.learn(now, peer);
        let standing = self.standing(&peer);
        let costly = self.is_costly(near);
        let meeting = self.meeting_with(peer, self.terms(costly));
        let mut session = Session::new(meeting, peer, address, standing, now);
        (session.near, session.costly) = (near, costly);
        session.last_heard = now;
        self.spend(costly, Purpose::Transport, OPENING_BYTES);
        self.spent.contacts += u32::from(costly);
        self.wanted.retain(|(wanted, id)| {
            if *wanted == peer {
                session.asked.push((*id, self.library.revision_for(&peer)));
            }
            *wanted != peer
        });
        let ask = !session.asked.is_empty();
        self.links.insert(link, session);
        self.events.push(Event::Peer(peer));
        if peer == self.node {
            return self.hang_up(now, link, "it is this node itself");
        }
        self.make_room(now, link, peer);
        match (standing, &self.joining) {
            (Standing::Asked, Some(knock)) => {
                let message = Message::Join(knock.message(self.node));
                self.say(link, &message);
            }
            (Standing::Member, _) if self.auto || ask => self.begin(link),
            _ => {}
        }
    }

    /// A meeting of which nothing was said yet.
    pub(super) fn meeting_with(&mut self, peer: PublicKey, terms: Terms) -> Meeting {
        let agreed = self.agreed.get(&peer).copied().unwrap_or_default();
        Meeting::new(self.node, peer, agreed, terms, self.chance.next_u64())
    }

    /// Keeps the number of links bounded: an older link with the same peer may
    /// be dead without anybody having noticed, a stranger is nobody's loss.
    fn make_room(&mut self, now: Timestamp, new: LinkId, peer: PublicKey) {
        let of_peer: Vec<LinkId> =
            self.links.iter().filter(|(_, s)| s.peer == peer).map(|(link, _)| *link).collect();
        if of_peer.len() > LINKS_OF_PEER_MAX {
            self.hang_up(now, of_peer[0], "it opened more links than it needs");
        }
        let strangers = self.strangers().count();
        if strangers > STRANGERS_MAX && self.strangers().any(|(link, _)| link == new) {
            self.hang_up(now, new, "too many strangers are here now: try again later");
        }
    }

    pub(super) fn begin(&mut self, link: LinkId) {
        let mut messages = Vec::new();
        if let Some(session) = self.links.get_mut(&link)
            && session.standing == Standing::Member
        {
            session.begin(&self.library, &mut messages);
        }
        for message in &messages {
            self.say(link, message);
        }
    }

    pub(super) fn say(&mut self, link: LinkId, message: &Message) {
        let frame: Bytes = message.to_bytes().into();
        let now = self.library.now;
        if let Some(session) = self.links.get_mut(&link) {
            session.sent(frame.len());
            session.last_heard = now;
            let (peer, standing, costly) = (session.peer, session.standing, session.costly);
            if standing == Standing::Member {
                self.note_traffic(peer, frame.len());
            }
            self.spend_on(costly, Purpose::of(message), frame.len());
            self.out.push(Output::Send { link, frame });
        }
        if matches!(message, Message::Hello(hello) if hello.round == 1) {
            self.say_run(link);
        }
    }

    pub(super) fn disconnected(&mut self, now: Timestamp, link: LinkId, reason: &str) {
        let Some(session) = self.links.remove(&link) else { return };
        if session.uncredited > 0 {
            self.out.push(Output::Credit { link, bytes: session.uncredited });
        }
        // Where each link brings a little before it is cut, the next is soon.
        if session.meeting.tally.objects_received > 0 && !self.is_copied() {
            let forgiven = self.addresses.forgive(&session.peer);
            self.remember(forgiven);
        }
        let chance = self.chance.next_u64();
        let failed = self.addresses.failed(&session.address, Some(&session.peer), now, chance);
        self.remember(failed);
        for (id, _) in session.asked {
            self.answers.push((id, Err(CommandRefused::Ended(reason.into()))));
        }
        self.events.push(Event::Peer(session.peer));
    }

    pub(super) fn hang_up(&mut self, now: Timestamp, link: LinkId, reason: &str) {
        if let Some(peer) = self.links.get(&link).map(|session| session.peer) {
            self.say(link, &Message::goodbye(reason));
            self.out.push(Output::Hangup { link });
            self.events.push(Event::HungUp { peer, reason: reason.into() });
        }
        self.disconnected(now, link, reason);
    }

    pub(super) fn received(
        &mut self,
        now: Timestamp,
        link: LinkId,
        frame: &Bytes,
    ) -> Result<(), StoreError> {
        let mut fx = Effects::default();
        match self.links.get_mut(&link) {
            Some(session) => {
                let purpose = session.received(frame, &mut fx);
                session.last_heard = now;
                let (peer, standing, costly) = (session.peer, session.standing, session.costly);
                if standing == Standing::Member {
                    self.note_traffic(peer, frame.len());
                }
                self.spend_on(costly, purpose, frame.len());
            }
            None => fx.credit = frame.len(),
        }
        self.carry_out(now, link, fx)?;
        self.process(now, link)
    }

    /// Deals with everything that is due on a link.
    pub(super) fn process(&mut self, now: Timestamp, link: LinkId) -> Result<(), StoreError> {
        loop {
            let mut fx = Effects::default();
            let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
            session.process(&mut self.library, &mut fx)?;
            session.start_work(&mut self.next_job, &mut fx);
            let more = fx.is_urgent();
            self.carry_out(now, link, fx)?;
            if !more {
                break;
            }
        }
        self.pump(now, link)
    }

    fn carry_out(&mut self, now: Timestamp, link: LinkId, fx: Effects) -> Result<(), StoreError> {
        for message in &fx.messages {
            self.say(link, message);
        }
        self.events.extend(fx.events);
        if fx.credit > 0 {
            self.out.push(Output::Credit { link, bytes: fx.credit });
        }
        for (id, pieces) in fx.work {
            let peer = self.links.get(&link).map_or(self.node, |session| session.peer);
            self.jobs.insert(id, (link, peer));
            let federation = self.library.authority().federation();
            self.out.push(Output::Work(Job::new(id, link, federation, pieces)));
        }
        if let Some(join) = fx.knock {
            self.knocked(now, link, &join)?;
        }
        if let Some(records) = fx.shown {
            self.shown(now, link, &records)?;
        }
        if let Some(joined) = fx.joined {
            self.joined(now, link, joined);
        }
        if fx.authority_changed {
            self.authority_changed(now)?;
        }
        for word in fx.runs {
            self.run_word(now, link, word);
        }
        if let Some(reason) = fx.hangup {
            self.hang_up(now, link, &reason);
        }
        Ok(())
    }

    /// Takes in pieces that arrived whole before their link was lost: a link
    /// that is cut again and again gets somewhere all the same.
    pub(super) fn take_late(
        &mut self,
        now: Timestamp,
        peer: PublicKey,
        pieces: Result<Pieces, PackRefused>,
    ) -> Result<(), StoreError> {
        let Ok(pieces) = pieces else { return Ok(()) };
        let mut authority = false;
        for piece in pieces.examined {
            if self.standing(&peer) != Standing::Member {
                break;
            }
            let admitted = match piece {
                Ok(piece) => self.library.receive(piece, &peer)?,
                Err(refused) => Err(refused),
            };
            match admitted {
                Ok(change) => {
                    authority |= matches!(change, Change::Authority(_));
                    self.events.extend(event_of(change));
                }
                Err(reason) => self.events.push(Event::Refused { peer, reason }),
            }
        }
        if authority {
            self.authority_changed(now)?;
        }
        Ok(())
    }

    /// Says what there is room for.
    pub(super) fn pump(&mut self, now: Timestamp, link: LinkId) -> Result<(), StoreError> {
        let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
        let mut messages = Vec::new();
        session.meeting.pump(&self.library, session.room(), &mut messages)?;
        self.events.extend(session.meeting.take_damaged().into_iter().map(Event::Damaged));
        for message in &messages {
            self.say(link, message);
        }
        self.note_settled(now, link)
    }

    /// Tells who waited for a meeting that it is over, if it was about all
    /// that was here when they asked.
    fn note_settled(&mut self, now: Timestamp, link: LinkId) -> Result<(), StoreError> {
        let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
        if !session.meeting.take_ended() {
            return Ok(());
        }
        let (settled, whole) = (session.meeting.is_settled(), session.meeting.is_whole());
        let (costly, dialled) = (session.costly, !session.address.is_empty());
        let alone = session.meeting.alone_there();
        let (peer, gained) = (session.peer, session.meeting.tally.objects_received);
        for (id, tally) in session.take_answerable() {
            let report = MeetingReport { peer, tally, settled: whole };
            self.answers.push((id, Ok(Done::Met(report))));
        }
        let agreed = session.meeting.agreed();
        self.agreed.insert(peer, agreed);
        let ask_again = !session.asked.is_empty();
        if settled {
            self.met.insert(peer, now);
            // Where a peer keeps one link for each key, two copies take it from
            // each other: they do so less and less often.
            if !self.is_copied() {
                let forgiven = self.addresses.forgive(&peer);
                self.remember(forgiven);
            }
            if whole {
                self.events.push(Event::Settled(peer));
                self.caught_up(Some(peer), gained);
                let drafts = agreed.of(SetId::Drafts).map(|(root, _)| root);
                self.library.note_in_step(&peer, drafts, now)?;
            }
            if costly {
                self.made_contact(now, dialled);
            }
        }
        self.note_thrift(now, peer, alone);
        if ask_again {
            self.begin(link);
        }
        Ok(())
    }

    /// Begins a meeting on every idle link whose peer does not know what is
    /// held now.
    pub(super) fn meet_where_stale(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if !self.auto {
            return Ok(());
        }
        let stale: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, session)| {
                session.standing == Standing::Member
                    && session.meeting.is_idle()
                    && session.meeting.is_stale(self.library.revision_for(&session.peer))
            })
            .map(|(link, _)| *link)
            .collect();
        for link in stale {
            self.begin(link);
            self.pump(now, link)?;
        }
        Ok(())
    }

    /// Tells givers who holds what they gave.
    pub(super) fn tell_custodies(&mut self) -> Result<(), StoreError> {
        if self.library.untold.is_empty() {
            return Ok(());
        }
        let mut said = Vec::new();
        for (link, session) in &mut self.links {
            if let Some(message) = session.tell_custody(&self.library)? {
                said.push((*link, message));
            }
        }
        for (link, message) in said {
            self.say(link, &message);
        }
        Ok(())
    }

    /// Links of strangers, with the time since which they are here.
    fn strangers(&self) -> impl Iterator<Item = (LinkId, Timestamp)> {
        let strangers = self.links.iter().filter(|(_, s)| s.standing == Standing::Stranger);
        strangers.map(|(link, session)| (*link, session.since))
    }

    /// When the patience with strangers ends next.
    pub(super) fn patience(&self) -> Option<Timestamp> {
        self.strangers().map(|(_, since)| since.plus(STRANGER_PATIENCE)).min()
    }

    pub(super) fn dismiss_strangers(&mut self, now: Timestamp) {
        // A clock that was set back would let them stay for ever.
        let over = |since: Timestamp| !(0..STRANGER_PATIENCE).contains(&now.since(since));
        let gone: Vec<LinkId> =
            self.strangers().filter(|(_, since)| over(*since)).map(|(link, _)| link).collect();
        for link in gone {
            self.hang_up(now, link, "it is no node of a member and did not knock");
        }
    }
}
