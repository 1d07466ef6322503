//! One replica: one `Input` in, one commit, all `Output`s out.
//!
//! A [`Replica`] is a dispatcher. What it knows is in the
//! [library](crate::library), what it says to one peer in a
//! [session](crate::session), whom it tries to reach in
//! [peers](crate::peers), who knocks in [membership](crate::membership).
//! How it hands on what one of them learns to the others is told in `links`,
//! `dialling`, `joining`, `runs`, `bundles` and `commands`.
//!
//! Invariants: it never waits, reads no clock and draws no chance but from
//! its seed; whatever an output says is durable when the output is returned;
//! opening a replica over its store again gives the same replica without its
//! links; nothing that a peer sends can end in a panic.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use tern_crdt::identity::{CertificateId, DocumentId, OrgId, PublicKey};
use tern_crdt::timestamp::Timestamp;

use crate::catching_up::{CaughtUp, Restored};
use crate::library::Library;
use crate::meeting::Agreed;
use crate::membership::Knock;
use crate::peers::Addresses;
use crate::runs::Runs;
use crate::session::Session;
use crate::step::{
    CommandId, CommandRefused, Done, Event, Input, JobId, LinkId, Output, Settings, Worked,
};
use crate::store::{Store, StoreError};
use crate::tariff::{Spent, Tariff};

mod bundles;
mod commands;
mod contacts;
mod dialling;
mod joining;
mod links;
mod runs;
mod thrift;

pub use contacts::Outlook;

/// A day in milliseconds.
const DAY: i64 = 24 * 3_600 * 1_000;

/// All that a step said, in order.
pub type Outputs = Vec<Output>;

/// See the module.
#[derive(Debug)]
pub struct Replica<S> {
    library: Library<S>,
    node: PublicKey,
    org: OrgId,
    auto: bool,
    learns: bool,
    joining: Option<Knock>,
    join_answer: Option<Event>,
    links: BTreeMap<LinkId, Session>,
    /// Jobs under way, with whose they are.
    jobs: BTreeMap<JobId, (LinkId, PublicKey)>,
    next_job: u64,
    addresses: Addresses,
    met: BTreeMap<PublicKey, Timestamp>,
    /// Per node of a member: what both held when they were last equal, since
    /// this node started.
    agreed: BTreeMap<PublicKey, Agreed>,
    /// What links cost.
    tariff: Tariff,
    /// Whether somebody said so, and it is stored.
    tariff_said: bool,
    /// What was spent on them in this month.
    spent: Spent,
    /// What of it is stored.
    spent_kept: Spent,
    /// The last time that a meeting ended well on a link that costs money.
    contact: Option<contacts::Contact>,
    /// Until when people here wait for word of others.
    expects: Option<Timestamp>,
    /// The library's revision when this node started.
    first: u64,
    /// Peers to which links cost money: when they said so, and how long they ask
    /// not to be dialled, in milliseconds.
    thrifty: BTreeMap<PublicKey, (Timestamp, i64)>,
    /// Per node of a member: a day by this node's clock, and the bytes sent
    /// and received on it since this node started.
    traffic: BTreeMap<PublicKey, (i64, u64)>,
    /// Meetings asked for with peers that are not linked yet.
    wanted: Vec<(PublicKey, CommandId)>,
    answers: Vec<(CommandId, Result<Done, CommandRefused>)>,
    events: Vec<Event>,
    out: Outputs,
    chance: ChaCha8Rng,
    restored: Option<Restored>,
    runs: Runs,
    /// Memory knows what the store does not: a step failed.
    ahead: bool,
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
    pub they_lack: u64,
    /// Objects that this node still lacks of the peer's, as far as known.
    pub we_lack: u64,
    /// Bytes sent and received on the day of the last step, by this node's
    /// clock, since this node started.
    pub bytes_today: u64,
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
        let mut library = Library::open(store, settings.federation)?;
        library.set_home(settings.org);
        let addresses = Addresses::load(&library)?;
        let restored = library.load_restored()?;
        let first = library.revision();
        let said = library.load_tariff()?;
        let tariff_said = said.is_some();
        let tariff = said.unwrap_or(settings.tariff);
        let spent = library.load_spent()?;
        let mut runs = Runs::load(&library, seed, now)?;
        runs.was_put_back = restored.is_some_and(|restored| restored.caught_up.is_none());
        let member = joining::is_member(&library, &settings.org, &node);
        let mut replica = Self {
            library,
            node,
            org: settings.org,
            auto: settings.auto,
            learns: settings.learns,
            joining: settings.joining.filter(|_| !member),
            join_answer: None,
            links: BTreeMap::new(),
            jobs: BTreeMap::new(),
            next_job: 0,
            addresses,
            met: BTreeMap::new(),
            agreed: BTreeMap::new(),
            tariff,
            tariff_said,
            spent,
            spent_kept: spent,
            contact: None,
            expects: None,
            first,
            thrifty: BTreeMap::new(),
            traffic: BTreeMap::new(),
            wanted: Vec::new(),
            answers: Vec::new(),
            events: Vec::new(),
            out: Vec::new(),
            chance: ChaCha8Rng::seed_from_u64(seed),
            restored,
            runs,
            ahead: false,
        };
        if let Some(knock) = &replica.joining {
            let inviter = knock.invitation.inviter;
            for address in knock.invitation.addresses.clone() {
                let saved = replica.addresses.save(address, Some(inviter), now);
                replica.library.write(saved);
            }
        }
        replica.begin_to_learn(now)?;
        let outputs = replica.step(now, std::iter::once(Input::Tick))?;
        Ok((replica, outputs))
    }

    /// What is held, and who may say what. Reads change nothing.
    pub const fn library(&self) -> &Library<S> {
        &self.library
    }

    /// Has the store rid itself of the bytes of what was erased: `rid` is given
    /// the store between two steps. The inner error is `rid`'s: all is as it
    /// was, and what was erased is still due. After an outer one the replica has
    /// to be opened anew, as after a step that failed.
    pub fn shred(
        &mut self,
        rid: impl FnOnce(&mut S) -> Result<(), StoreError>,
    ) -> Result<Result<(), StoreError>, StoreError> {
        self.ahead = true;
        let done = self.library.shred(rid)?;
        self.ahead = false;
        Ok(done)
    }

    /// This node's key.
    pub const fn node(&self) -> PublicKey {
        self.node
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

    /// What the inviter last said since this node started, short of letting it
    /// in: [`Event::JoinWaits`] or [`Event::JoinRefused`].
    pub const fn join_answer(&self) -> Option<&Event> {
        self.join_answer.as_ref()
    }

    /// The last time that this node was restored from a backup, and how it
    /// came to be in step again.
    pub const fn restored(&self) -> Option<&Restored> {
        self.restored.as_ref()
    }

    /// Whether this node was restored from a backup and waits for its first
    /// meeting: it takes no piece from its own people.
    pub fn is_catching_up(&self) -> bool {
        self.restored.is_some_and(|restored| restored.caught_up.is_none())
    }

    /// A restored node is in step again.
    fn caught_up(&mut self, with: Option<PublicKey>, gained: u64) {
        let at = self.library.now;
        let Some(restored) = self.restored.as_mut().filter(|r| r.caught_up.is_none()) else {
            return;
        };
        restored.caught_up = Some(CaughtUp { at, with, gained });
        self.library.write(restored.keep());
        self.events.push(Event::CaughtUp(with));
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
        let (they_lack, we_lack) = session.map_or((0, 0), |session| session.meeting.behind());
        PeerView {
            node,
            org: self.library.authority().node(&node),
            connected: session.is_some(),
            last_met: self.met.get(&node).copied(),
            settled: session.is_some_and(|session| session.meeting.is_settled()),
            they_lack,
            we_lack,
            bytes_today: match self.traffic.get(&node) {
                Some((day, bytes)) if *day == self.today() => *bytes,
                _ => 0,
            },
        }
    }

    /// The day of the step under way, or of the last one, counted from 1970.
    const fn today(&self) -> i64 {
        self.library.now.0.div_euclid(DAY)
    }

    /// Notes bytes sent to or received from a node of a member.
    fn note_traffic(&mut self, peer: PublicKey, bytes: usize) {
        let today = self.today();
        let (day, sum) = self.traffic.entry(peer).or_insert((today, 0));
        if *day != today {
            (*day, *sum) = (today, 0);
        }
        *sum += bytes as u64;
    }

    /// Takes in what happened, makes it durable in one commit, and says what
    /// to do. After an `Err` nothing of this step was said, memory is ahead
    /// of the store, and the replica has to be opened anew: it takes no more
    /// steps.
    pub fn step(
        &mut self,
        now: Timestamp,
        inputs: impl Iterator<Item = Input>,
    ) -> Result<Outputs, StoreError> {
        if std::mem::replace(&mut self.ahead, true) {
            return Err(StoreError::Failed("an earlier step failed: open the store anew".into()));
        }
        let out = self.step_on(now, inputs)?;
        self.ahead = false;
        Ok(out)
    }

    fn step_on(
        &mut self,
        now: Timestamp,
        inputs: impl Iterator<Item = Input>,
    ) -> Result<Outputs, StoreError> {
        self.library.now = now;
        for input in inputs {
            self.take(now, input)?;
        }
        self.library.rejudge()?;
        self.learn_moves(now);
        self.meet_where_stale(now)?;
        self.dismiss_strangers(now);
        self.end_contacts(now);
        self.tell_custodies()?;
        self.dial(now);
        // Each once, however much is said about it.
        let changed: BTreeSet<DocumentId> = self.library.take_changed().into_iter().collect();
        self.events.extend(changed.into_iter().map(Event::Practice));
        self.events.extend(self.library.take_redrafted().into_iter().map(Event::Draft));
        self.keep_spent();
        self.library.commit()?;
        let mut out = std::mem::take(&mut self.out);
        self.events.dedup();
        out.extend(self.events.drain(..).map(Output::Event));
        out.extend(self.answers.drain(..).map(|(id, result)| Output::Answer { id, result }));
        out.extend(self.wakes(now).map(Output::WakeAt));
        Ok(out)
    }

    fn take(&mut self, now: Timestamp, input: Input) -> Result<(), StoreError> {
        match input {
            Input::Tick => {}
            Input::Connected { link, peer, address, near, .. } => {
                self.connected(now, link, peer, address, near);
            }
            Input::Disconnected { link } => self.disconnected(now, link, "the link was lost"),
            Input::DialFailed { address, reason } => self.dial_failed(now, &address, &reason),
            Input::Found { peer, address } => self.found(now, peer, address),
            Input::Received { link, frame } => self.received(now, link, &frame)?,
            Input::Taken { link, bytes } => {
                if let Some(session) = self.links.get_mut(&link) {
                    session.taken(bytes);
                }
                self.pump(now, link)?;
            }
            Input::Command { id, command } => self.command(now, id, command)?,
            Input::Worked(Worked { id, examined }) => {
                if let Some((link, peer)) = self.jobs.remove(&id) {
                    match self.links.get_mut(&link) {
                        Some(session) => session.examined(id, examined),
                        None => self.take_late(now, peer, examined)?,
                    }
                    self.process(now, link)?;
                }
            }
        }
        Ok(())
    }

    /// The name shown for a certificate, if its holder gave one.
    pub fn name(&self, certificate: &CertificateId) -> Option<&str> {
        self.library.name(certificate)
    }
}

#[cfg(test)]
mod tests;
