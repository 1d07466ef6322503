//! One replica: one `Input` in, one commit, all `Output`s out.
//!
//! A [`Replica`] is a dispatcher. What it knows is in the
//! [library](crate::library), what it says to one peer in a
//! [session](crate::session), whom it tries to reach in
//! [peers](crate::peers), who knocks in [membership](crate::membership).
//!
//! Invariants: it never waits, reads no clock and draws no chance but from
//! its seed; whatever an output says is durable when the output is returned;
//! opening a replica over its store again gives the same replica without its
//! links; nothing that a peer sends can end in a panic.

use std::collections::BTreeMap;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_crdt::authority::Standing as MemberStanding;
use tern_crdt::identity::{CertificateId, OrgId, PublicKey};
use tern_crdt::timestamp::Timestamp;

use crate::gate::{Examined, GateRefused};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{ADDRESS_BYTES_MAX, SAVED_ADDRESSES_MAX, STRANGER_PATIENCE};
use crate::meeting::{MeetingReport, Tally};
use crate::membership::{Invited, Knock, remember};
use crate::message::{Join, Joined, Message};
use crate::peers::Addresses;
use crate::session::{Effects, Session, Standing, event_of};
use crate::step::{
    Change, Command, CommandId, CommandRefused, Done, Event, Input, Job, JobId, LinkId, Output,
    Settings, Worked,
};
use crate::store::{Store, StoreError};

/// All that a step said, in order.
pub type Outputs = Vec<Output>;

/// See the module.
#[derive(Debug)]
pub struct Replica<S> {
    library: Library<S>,
    node: PublicKey,
    org: OrgId,
    auto: bool,
    joining: Option<Knock>,
    links: BTreeMap<LinkId, Session>,
    jobs: BTreeMap<JobId, LinkId>,
    next_job: u64,
    addresses: Addresses,
    met: BTreeMap<PublicKey, Timestamp>,
    /// Meetings asked for with peers that are not linked yet.
    wanted: Vec<(PublicKey, CommandId)>,
    answers: Vec<(CommandId, Result<Done, CommandRefused>)>,
    events: Vec<Event>,
    out: Outputs,
    chance: ChaCha8Rng,
}

/// How one peer stands with this node now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// The peer.
    pub node: PublicKey,
    /// Its organisation, if it is a node of a member.
    pub org: Option<OrgId>,
    /// Whether a link is open.
    pub connected: bool,
    /// When both last held the same, since this node started.
    pub last_met: Option<Timestamp>,
    /// Whether both held the same when they last spoke.
    pub settled: bool,
    /// Objects that the peer still lacks, as far as known.
    pub behind: u64,
    /// Objects that this node still lacks of the peer's, as far as known.
    pub waiting: u64,
    /// Bytes of this link, sent and received.
    pub bytes: u64,
}

impl<S: Store> Replica<S> {
    /// Opens the replica over its store. `node` is the public half of the
    /// node's key, `seed` its chance for this run.
    pub fn open(
        settings: Settings,
        node: PublicKey,
        store: S,
        seed: u64,
        now: Timestamp,
    ) -> Result<(Self, Outputs), StoreError> {
        let library = Library::open(store, settings.federation)?;
        let addresses = Addresses::load(&library)?;
        let member = library.authority().standing(&settings.org) == Some(MemberStanding::Member);
        let mut replica = Self {
            library,
            node,
            org: settings.org,
            auto: settings.auto,
            joining: settings.joining.filter(|_| !member),
            links: BTreeMap::new(),
            jobs: BTreeMap::new(),
            next_job: 0,
            addresses,
            met: BTreeMap::new(),
            wanted: Vec::new(),
            answers: Vec::new(),
            events: Vec::new(),
            out: Vec::new(),
            chance: ChaCha8Rng::seed_from_u64(seed),
        };
        if let Some(knock) = &replica.joining {
            let inviter = knock.invitation.inviter;
            for address in knock.invitation.addresses.clone() {
                let saved = replica.addresses.save(address, Some(inviter), now);
                replica.library.write(saved);
            }
        }
        let outputs = replica.step(now, std::iter::once(Input::Tick))?;
        Ok((replica, outputs))
    }

    /// What is held, and who may say what. Reads change nothing.
    pub const fn library(&self) -> &Library<S> {
        &self.library
    }

    /// This node's organisation.
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Gives the store back: stopping is crashing, tidily.
    pub fn into_store(self) -> S {
        self.library.into_store()
    }

    /// The addresses that are remembered.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Whether this node waits to become one of a member.
    pub const fn is_joining(&self) -> bool {
        self.joining.is_some()
    }

    /// Every peer that is linked or remembered, ascending by key.
    pub fn peers(&self) -> Vec<PeerView> {
        let mut keys: Vec<PublicKey> = self.addresses.iter().filter_map(|(_, s)| s.peer).collect();
        keys.extend(self.links.values().map(|session| session.peer));
        keys.extend(self.met.keys());
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter(|key| *key != self.node).map(|key| self.peer(key)).collect()
    }

    fn peer(&self, node: PublicKey) -> PeerView {
        let session = self.links.values().find(|session| session.peer == node);
        let (behind, waiting) = session.map_or((0, 0), |session| session.meeting.behind());
        let tally = session.map(|session| session.meeting.tally).unwrap_or_default();
        PeerView {
            node,
            org: self.library.authority().node(&node),
            connected: session.is_some(),
            last_met: self.met.get(&node).copied(),
            settled: session.is_some_and(|session| session.meeting.is_settled()),
            behind,
            waiting,
            bytes: tally.sent_bytes + tally.received_bytes,
        }
    }

    /// Takes in what happened, makes it durable in one commit, and says what
    /// to do. After an `Err` nothing of this step was said, memory is ahead
    /// of the store, and the replica has to be opened anew.
    pub fn step(
        &mut self,
        now: Timestamp,
        inputs: impl Iterator<Item = Input>,
    ) -> Result<Outputs, StoreError> {
        self.library.now = now;
        for input in inputs {
            self.take(now, input)?;
        }
        self.meet_where_stale(now)?;
        self.dismiss_strangers(now);
        self.dial(now);
        self.events.extend(self.library.take_erased().into_iter().map(Event::Practice));
        self.library.commit()?;
        let mut out = std::mem::take(&mut self.out);
        self.events.dedup();
        out.extend(self.events.drain(..).map(Output::Event));
        out.extend(self.answers.drain(..).map(|(id, result)| Output::Answer { id, result }));
        let linked = linked(&self.links);
        let due = self.addresses.next_due(linked).filter(|_| self.may_dial());
        let next = due.into_iter().chain(self.strangers().map(|(_, until)| until)).min();
        out.extend(next.map(|at| Output::WakeAt(at.max(now.plus(1)))));
        Ok(out)
    }

    /// Links of strangers, with the time until which they may stay.
    fn strangers(&self) -> impl Iterator<Item = (LinkId, Timestamp)> {
        let strangers = self.links.iter().filter(|(_, s)| s.standing == Standing::Stranger);
        strangers.map(|(link, session)| (*link, session.since.plus(STRANGER_PATIENCE)))
    }

    fn dismiss_strangers(&mut self, now: Timestamp) {
        let gone: Vec<LinkId> =
            self.strangers().filter(|(_, until)| *until <= now).map(|(link, _)| link).collect();
        for link in gone {
            self.hang_up(now, link, "it is no node of a member and did not knock");
        }
    }

    fn take(&mut self, now: Timestamp, input: Input) -> Result<(), StoreError> {
        match input {
            Input::Tick => {}
            Input::Connected { link, peer, address, .. } => {
                self.connected(now, link, peer, address);
            }
            Input::Disconnected { link } => self.disconnected(now, link, "the link was lost"),
            Input::DialFailed { address, reason } => self.dial_failed(now, &address, &reason),
            Input::Received { link, frame } => self.received(now, link, &frame)?,
            Input::Taken { link, bytes } => {
                if let Some(session) = self.links.get_mut(&link) {
                    session.taken(bytes);
                }
                self.pump(now, link)?;
            }
            Input::Command { id, command } => self.command(now, id, command)?,
            Input::Worked(Worked { id, examined, .. }) => {
                if let Some(link) = self.jobs.remove(&id) {
                    if let Some(session) = self.links.get_mut(&link) {
                        session.examined(id, examined);
                    }
                    self.process(now, link)?;
                }
            }
        }
        Ok(())
    }

    fn standing(&self, peer: &PublicKey) -> Standing {
        if self.joining.as_ref().is_some_and(|knock| knock.invitation.inviter == *peer) {
            Standing::Inviter
        } else if self.library.authority().node(peer).is_some() {
            Standing::Member
        } else {
            Standing::Stranger
        }
    }

    fn connected(&mut self, now: Timestamp, link: LinkId, peer: PublicKey, address: String) {
        if let Some(saved) = self.addresses.answered(&address, peer, now) {
            self.library.write(saved);
        }
        let standing = self.standing(&peer);
        let mut session = Session::new(peer, address, standing, now);
        self.wanted.retain(|(wanted, id)| {
            if *wanted == peer {
                session.meets.push(*id);
            }
            *wanted != peer
        });
        let ask = !session.meets.is_empty();
        self.links.insert(link, session);
        self.events.push(Event::Peer(peer));
        match (standing, &self.joining) {
            (Standing::Inviter, Some(knock)) => {
                let message = Message::Join(knock.message(self.node));
                self.say(link, &message);
            }
            (Standing::Member, _) if self.auto || ask => self.begin(link),
            _ => {}
        }
    }

    fn begin(&mut self, link: LinkId) {
        let mut messages = Vec::new();
        if let Some(session) = self.links.get_mut(&link) {
            session.meeting.begin(&self.library, &mut messages);
        }
        for message in &messages {
            self.say(link, message);
        }
    }

    fn say(&mut self, link: LinkId, message: &Message) {
        let frame: Bytes = message.to_bytes().into();
        if let Some(session) = self.links.get_mut(&link) {
            session.sent(frame.len());
            self.out.push(Output::Send { link, frame });
        }
    }

    fn disconnected(&mut self, now: Timestamp, link: LinkId, reason: &str) {
        let Some(session) = self.links.remove(&link) else { return };
        if session.uncredited > 0 {
            self.out.push(Output::Credit { link, bytes: session.uncredited });
        }
        self.jobs.retain(|_, of| *of != link);
        self.addresses.failed(&session.address, now, self.chance.next_u64());
        for id in session.meets {
            self.answers.push((id, Err(CommandRefused::Ended(reason.into()))));
        }
        self.events.push(Event::Peer(session.peer));
    }

    fn dial_failed(&mut self, now: Timestamp, address: &str, reason: &str) {
        self.addresses.failed(address, now, self.chance.next_u64());
        let peer = self.addresses.iter().find(|(a, _)| *a == address).and_then(|(_, s)| s.peer);
        let Some(peer) = peer else { return };
        let untried =
            self.addresses.iter().any(|(_, saved)| saved.peer == Some(peer) && saved.is_due(now));
        if untried {
            return;
        }
        let (failed, wanted) = self.wanted.drain(..).partition(|(wanted, _)| *wanted == peer);
        self.wanted = wanted;
        let answer = |(_, id)| (id, Err(CommandRefused::Unreachable(reason.into())));
        self.answers.extend(Vec::into_iter(failed).map(answer));
    }

    fn received(&mut self, now: Timestamp, link: LinkId, frame: &Bytes) -> Result<(), StoreError> {
        let mut fx = Effects::default();
        let job = JobId(self.next_job);
        match self.links.get_mut(&link) {
            Some(session) => session.received(frame, job, &mut fx),
            None => fx.credit = frame.len(),
        }
        self.carry_out(now, link, fx)?;
        self.process(now, link)
    }

    /// Deals with everything that is due on a link.
    fn process(&mut self, now: Timestamp, link: LinkId) -> Result<(), StoreError> {
        loop {
            let mut fx = Effects::default();
            let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
            session.process(&mut self.library, &mut fx)?;
            let more = fx.knock.is_some() || fx.joined.is_some();
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
            self.next_job += 1;
            self.jobs.insert(id, link);
            self.out.push(Output::Work(Job::new(
                id,
                link,
                self.library.authority().federation(),
                pieces,
            )));
        }
        if let Some(join) = fx.knock {
            self.knocked(now, link, &join)?;
        }
        if let Some(joined) = fx.joined {
            self.joined(link, joined);
        }
        if fx.authority_changed {
            self.authority_changed(now)?;
        }
        if let Some(reason) = fx.hangup {
            self.hang_up(now, link, &reason);
        }
        Ok(())
    }

    fn hang_up(&mut self, now: Timestamp, link: LinkId, reason: &str) {
        if let Some(peer) = self.links.get(&link).map(|session| session.peer) {
            self.say(link, &Message::goodbye(reason));
            self.out.push(Output::Hangup { link });
            self.events.push(Event::HungUp { peer, reason: reason.into() });
        }
        self.disconnected(now, link, reason);
    }

    fn pump(&mut self, now: Timestamp, link: LinkId) -> Result<(), StoreError> {
        let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
        let mut messages = Vec::new();
        if session.room() > 0 {
            session.meeting.pump(&self.library, session.room(), &mut messages)?;
        }
        for message in &messages {
            self.say(link, message);
        }
        self.note_settled(now, link);
        Ok(())
    }

    /// Tells who waited for a meeting that it is over.
    fn note_settled(&mut self, now: Timestamp, link: LinkId) {
        let Some(session) = self.links.get_mut(&link) else { return };
        if !session.meeting.take_ended() {
            return;
        }
        let settled = session.meeting.is_settled();
        let peer = session.peer;
        for id in std::mem::take(&mut session.meets) {
            let report = MeetingReport { peer, tally: session.meeting.tally, settled };
            self.answers.push((id, Ok(Done::Met(report))));
        }
        if settled {
            self.met.insert(peer, now);
            self.addresses.forgive(&peer);
            self.events.push(Event::Settled(peer));
        }
    }

    fn knocked(&mut self, now: Timestamp, link: LinkId, join: &Join) -> Result<(), StoreError> {
        let Some(peer) = self.links.get(&link).map(|session| session.peer) else { return Ok(()) };
        let (answer, org) = self.library.knocked(join, peer, now)?;
        self.say(link, &Message::Joined(answer.clone()));
        match (answer, org, self.links.get_mut(&link)) {
            (Joined::Waiting(_), Some(org), Some(session)) => {
                session.standing = Standing::Knocking(org);
                self.events.push(Event::Knocked(org));
                Ok(())
            }
            (Joined::Refused(reason), ..) => {
                self.hang_up(now, link, &reason);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn joined(&mut self, link: LinkId, joined: Joined) {
        match joined {
            Joined::Member => {
                if let Some(session) = self.links.get_mut(&link) {
                    session.standing = Standing::Member;
                }
                self.begin(link);
            }
            Joined::Waiting(why) => self.events.push(Event::JoinWaits(why)),
            Joined::Refused(why) => self.events.push(Event::JoinRefused(why)),
        }
    }

    /// After who may say what has changed: those who waited may be members,
    /// this node too, and a link may be one of a member now.
    fn authority_changed(&mut self, _now: Timestamp) -> Result<(), StoreError> {
        self.library.promote_waiting();
        if self.joining.is_some()
            && self.library.authority().standing(&self.org) == Some(MemberStanding::Member)
        {
            self.joining = None;
            self.events.push(Event::Joined);
        }
        let mut admitted = Vec::new();
        for (link, session) in &mut self.links {
            if matches!(session.standing, Standing::Stranger | Standing::Knocking(_))
                && self.library.authority().node(&session.peer).is_some()
            {
                let knocking = matches!(session.standing, Standing::Knocking(_));
                session.standing = Standing::Member;
                admitted.push((*link, knocking));
            }
        }
        for (link, knocking) in admitted {
            if knocking {
                self.say(link, &Message::Joined(Joined::Member));
            }
        }
        Ok(())
    }

    /// Begins a round on every idle link whose peer does not know what is
    /// held now.
    fn meet_where_stale(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if !self.auto {
            return Ok(());
        }
        let revision = self.library.revision();
        let stale: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, session)| {
                session.standing == Standing::Member
                    && session.meeting.is_idle()
                    && session.meeting.is_stale(revision)
            })
            .map(|(link, _)| *link)
            .collect();
        for link in stale {
            self.begin(link);
            self.pump(now, link)?;
        }
        Ok(())
    }

    fn may_dial(&self) -> bool {
        self.auto || self.joining.is_some() || !self.wanted.is_empty()
    }

    fn dial(&mut self, now: Timestamp) {
        if !self.may_dial() {
            return;
        }
        let only: Option<Vec<PublicKey>> = (!self.auto).then(|| {
            let inviter = self.joining.iter().map(|knock| knock.invitation.inviter);
            self.wanted.iter().map(|(peer, _)| *peer).chain(inviter).collect()
        });
        let linked = linked(&self.links);
        let skip = |peer: &PublicKey| {
            linked(peer) || only.as_ref().is_some_and(|only| !only.contains(peer))
        };
        for (address, peer) in self.addresses.due(now, skip) {
            self.out.push(Output::Dial { address, peer });
        }
    }

    fn command(
        &mut self,
        now: Timestamp,
        id: CommandId,
        command: Command,
    ) -> Result<(), StoreError> {
        let result = match command {
            Command::Write { pieces, private } => self.write(now, pieces, private)?,
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
                Ok(Done::Noted)
            }
            Command::Meet { peer } => return self.meet(now, id, peer),
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
        if self.addresses.count() >= SAVED_ADDRESSES_MAX {
            let max = SAVED_ADDRESSES_MAX;
            return Err(CommandRefused::TooLong { what: "the list of saved addresses", max });
        }
        let saved = self.addresses.save(address, peer, now);
        self.library.write(saved);
        Ok(Done::Noted)
    }

    fn write(
        &mut self,
        now: Timestamp,
        pieces: Vec<Examined>,
        private: Vec<Private>,
    ) -> Result<Result<Done, CommandRefused>, StoreError> {
        let mut changes: Vec<Change> = Vec::with_capacity(pieces.len());
        let mut refused: Option<GateRefused> = None;
        for piece in pieces {
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
            self.authority_changed(now)?;
        }
        if let Some(refused) = refused {
            return Ok(Err(refused.into()));
        }
        private.into_iter().for_each(|private| self.library.write(private));
        Ok(Ok(Done::Written(changes)))
    }

    fn meet(&mut self, now: Timestamp, id: CommandId, peer: PublicKey) -> Result<(), StoreError> {
        let link = self.links.iter().find(|(_, session)| session.peer == peer);
        if let Some(link) = link.map(|(link, _)| *link) {
            if let Some(session) = self.links.get_mut(&link) {
                session.meets.push(id);
                if session.meeting.is_idle() {
                    session.meeting.tally = Tally::default();
                }
            }
            self.begin(link);
            return self.pump(now, link);
        }
        if self.addresses.hurry(&peer, now) {
            self.wanted.push((peer, id));
        } else {
            let reason = "no address of it is known: add one".to_owned();
            self.answers.push((id, Err(CommandRefused::Unreachable(reason))));
        }
        Ok(())
    }

    /// The name shown for a certificate, if its holder gave one.
    pub fn name(&self, certificate: &CertificateId) -> Option<&str> {
        self.library.name(certificate)
    }
}

fn linked(links: &BTreeMap<LinkId, Session>) -> impl Fn(&PublicKey) -> bool + '_ {
    |peer| links.values().any(|session| session.peer == *peer)
}
