//! The thread that owns the replica, and what carries its inputs and outputs.
//!
//! One thread steps the [`NodeReplica`]; everybody else talks to it through
//! the [`Handle`]. All inputs that wait (bounded) go into one step and so into
//! one commit, what is asked here before what peers sent. Frames of peers are
//! read from the network only while less than [`UNREAD_BYTES_MAX`] of them wait
//! to be dealt with, so that a fast peer waits instead of filling memory.
//!
//! When the store fails, the replica is opened anew over a store opened anew,
//! every link is closed, and whoever waits for an answer learns that nothing
//! was confirmed. Nothing is repaired by guessing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::limits::INPUTS_MAX;
use tern_protocol::step::{
    CommandId, CommandRefused, Done, Event, Input, Job, LinkId, Output, Settings,
};
use tern_protocol::store::StoreError;
use tern_protocol::tariff::is_near;
use tokio::runtime::Handle as Runtime;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::acceptor::Acceptor;
use crate::handle::{Ask, CommandFailed, Handle, NodeReplica, NodeStore};
use crate::metrics::{Meetings, Traffic};
use crate::net::{Net, NetEvent};
use crate::running::draw;

/// Received bytes that may wait for the replica before reading pauses.
pub const UNREAD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Questions that may wait for the replica before askers are made to wait.
const ASKS_WAITING_MAX: usize = 1_024;
/// Facts that a slow reader may be behind before it is told so.
const EVENTS_WAITING_MAX: usize = 8_192;
/// Commands that go into one step before what peers sent has its turn.
const COMMANDS_MAX: usize = INPUTS_MAX / 2;
/// Reads that are answered before what peers sent has its turn.
const READS_MAX: usize = 64;
/// Who reads often reads on: after an answer a step waits so long for the next
/// question, instead of letting each question of one page wait for a step.
const READ_ON: Duration = Duration::from_millis(1);
/// All such waiting before a step is no more than this part of the step before.
const READ_ON_PART: u32 = 8;
/// Received bytes that go into one step. Who reads waits for a step; each costs a commit.
const STEP_BYTES: usize = 256 * 1024;
/// How long to wait before a failed store is tried again.
const REOPEN_PAUSE: Duration = Duration::from_secs(2);
/// Between two times that the disk is rid of what was erased.
const SHRED_PAUSE: Duration = Duration::from_secs(3_600);

/// Opens the store: at the start, and again after it failed.
pub type OpenStore = Box<dyn FnMut() -> Result<NodeStore, StoreError> + Send>;

/// The moment by the system's clock.
pub fn now() -> Timestamp {
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Timestamp(match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    })
}

enum Happened {
    Input(Input),
    Ask(Ask),
    Stop,
}

/// What goes into the next step.
#[derive(Default)]
struct Waiting {
    inputs: Vec<Input>,
    /// Received bytes among them.
    bytes: usize,
    /// Reads answered meanwhile.
    reads: usize,
    stop: bool,
}

/// The running driver.
#[derive(Debug)]
pub struct Driver {
    stop: mpsc::Sender<Happened>,
    thread: JoinHandle<()>,
    unread: watch::Sender<usize>,
}

struct Shell {
    /// Always there, except while the store is opened anew.
    replica: Option<NodeReplica>,
    open: OpenStore,
    settings: Settings,
    node: PublicKey,
    net: Option<Net>,
    runtime: Runtime,
    happened: mpsc::Sender<Happened>,
    acceptor: Acceptor,
    events: broadcast::Sender<Event>,
    unread: watch::Sender<usize>,
    waiting: BTreeMap<CommandId, oneshot::Sender<Result<Done, CommandFailed>>>,
    next_command: u64,
    links: BTreeSet<LinkId>,
    meetings: Meetings,
    wake: Option<tokio::task::JoinHandle<()>>,
    dialling: watch::Sender<Vec<Dialling>>,
    /// When the disk was last rid of what was erased.
    shredded: Option<Instant>,
}

/// An address that is being dialled, and who has to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dialling {
    address: String,
    peer: Option<PublicKey>,
}

/// Opens the replica and starts its thread. What arrives is verified on the patient
/// threads of the acceptor. Without a network it works all
/// the same, as a node that nobody can reach. Needs a Tokio runtime.
///
/// # Errors
/// The store's.
pub fn start(
    settings: Settings,
    node: PublicKey,
    mut open: OpenStore,
    seed: u64,
    net: Option<(Net, mpsc::Receiver<NetEvent>)>,
    acceptor: Acceptor,
) -> Result<(Driver, Handle), StoreError> {
    let (replica, outputs) = NodeReplica::open(settings.clone(), node, open()?, seed, now())?;
    let (happened, inbox) = mpsc::channel(ASKS_WAITING_MAX);
    let (asks, asked) = mpsc::channel(ASKS_WAITING_MAX);
    let (events, _) = broadcast::channel(EVENTS_WAITING_MAX);
    let (unread, _) = watch::channel(0);
    let (dialling, _) = watch::channel(Vec::new());
    let traffic = Arc::new(Traffic::default());
    let runtime = Runtime::current();
    let net = net.map(|(net, received)| {
        let (unread, dialling) = (unread.clone(), dialling.clone());
        runtime.spawn(listen(received, happened.clone(), unread, dialling));
        net
    });
    let mut shell = Shell {
        replica: Some(replica),
        open,
        settings,
        node,
        net,
        runtime,
        happened: happened.clone(),
        acceptor,
        events: events.clone(),
        unread: unread.clone(),
        waiting: BTreeMap::new(),
        next_command: 0,
        links: BTreeSet::new(),
        meetings: Meetings::new(Arc::clone(&traffic)),
        wake: None,
        dialling,
        shredded: None,
    };
    let thread = thread::Builder::new()
        .name("replica".into())
        .spawn(move || {
            shell.carry_out(outputs);
            shell.run(asked, inbox);
        })
        .map_err(|error| StoreError::Failed(format!("no thread for the replica: {error}")))?;
    Ok((Driver { stop: happened, thread, unread }, Handle::new(asks, events, traffic)))
}

impl Driver {
    /// Stops after the step under way. Stopping loses nothing: everything
    /// that was confirmed is durable already.
    pub async fn stop(self) {
        let _ = self.stop.send(Happened::Stop).await;
        let thread = self.thread;
        // A panic of the replica was reported by its own thread.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        drop(self.unread);
    }
}

/// Brings what happens on the network to the replica, as fast as it takes it.
async fn listen(
    mut received: mpsc::Receiver<NetEvent>,
    happened: mpsc::Sender<Happened>,
    unread: watch::Sender<usize>,
    dialling: watch::Sender<Vec<Dialling>>,
) {
    let mut room = unread.subscribe();
    while let Some(event) = received.recv().await {
        let inputs = match event {
            NetEvent::Listening { .. } => Vec::new(),
            NetEvent::Found { peer, address } => vec![Input::Found { peer, address }],
            NetEvent::Opened { link, peer, dialled, address } => {
                let near = is_near(&address);
                let address = if dialled { answered(&dialling, &address, peer) } else { None };
                let address = address.unwrap_or_default();
                vec![Input::Connected { link: LinkId(link), peer, dialled, address, near }]
            }
            NetEvent::Frame { link, frame } => {
                if room.wait_for(|bytes| *bytes < UNREAD_BYTES_MAX).await.is_err() {
                    return;
                }
                unread.send_modify(|bytes| *bytes += frame.len());
                vec![Input::Received { link: LinkId(link), frame }]
            }
            NetEvent::Taken { link, bytes } => vec![Input::Taken { link: LinkId(link), bytes }],
            NetEvent::Closed { link, reason } => {
                tracing::debug!(link, reason, "link closed");
                vec![Input::Disconnected { link: LinkId(link) }]
            }
            NetEvent::DialFailed { peer, reason } => failed(&dialling, peer, &reason),
        };
        for input in inputs {
            if happened.send(Happened::Input(input)).await.is_err() {
                return;
            }
        }
    }
}

/// The saved address by which a peer was reached. Every dial ends in one
/// event; where a peer is tried at two addresses at once, the one that
/// answered is told by its beginning.
fn answered(
    dialling: &watch::Sender<Vec<Dialling>>,
    address: &str,
    peer: PublicKey,
) -> Option<String> {
    let mut found = None;
    dialling.send_modify(|list| {
        let exact = list.iter().position(|d| d.address.starts_with(address));
        let at = exact.or_else(|| list.iter().position(|d| d.peer == Some(peer)));
        found = at.map(|at| list.remove(at).address);
    });
    found
}

fn failed(
    dialling: &watch::Sender<Vec<Dialling>>,
    peer: Option<PublicKey>,
    reason: &str,
) -> Vec<Input> {
    let mut failed = None;
    dialling.send_modify(|list| {
        failed = list.iter().position(|d| d.peer == peer).map(|at| list.remove(at));
    });
    let input = |d: Dialling| Input::DialFailed { address: d.address, reason: reason.to_owned() };
    failed.map(input).into_iter().collect()
}

impl Shell {
    /// Steps with what happens, until told to stop. What is asked here comes
    /// first, so that nobody waits for more than the step under way, however
    /// much peers have sent; it is bounded, so that peers have their turn in
    /// every round, however much is asked.
    fn run(&mut self, mut asked: mpsc::Receiver<Ask>, mut inbox: mpsc::Receiver<Happened>) {
        let runtime = self.runtime.clone();
        let mut stop = false;
        let mut last_step = Duration::ZERO;
        while !stop {
            let first = runtime.block_on(async {
                tokio::select! {
                    biased;
                    Some(ask) = asked.recv() => Happened::Ask(ask),
                    Some(happened) = inbox.recv() => happened,
                    else => Happened::Stop,
                }
            });
            let mut waiting = Waiting::default();
            self.take(first, &mut waiting);
            while waiting.inputs.len() < COMMANDS_MAX
                && waiting.reads < READS_MAX
                && let Ok(ask) = asked.try_recv()
            {
                self.take(Happened::Ask(ask), &mut waiting);
            }
            if !inbox.is_empty() {
                self.read_on(&mut asked, &mut waiting, last_step / READ_ON_PART);
            }
            while waiting.inputs.len() < INPUTS_MAX
                && waiting.bytes < STEP_BYTES
                && let Ok(happened) = inbox.try_recv()
            {
                self.take(happened, &mut waiting);
            }
            stop = waiting.stop;
            if !waiting.inputs.is_empty() {
                let begun = Instant::now();
                self.step(waiting.inputs);
                last_step = begun.elapsed();
            }
            self.shred_if_due();
        }
        self.close();
    }

    /// Answers what those read next who were answered in this round, waiting for it no
    /// longer than `patience` in all.
    fn read_on(
        &mut self,
        asked: &mut mpsc::Receiver<Ask>,
        waiting: &mut Waiting,
        patience: Duration,
    ) {
        let (runtime, answered) = (self.runtime.clone(), Instant::now());
        let mut next = async || tokio::time::timeout(READ_ON, asked.recv()).await;
        while (1..READS_MAX).contains(&waiting.reads)
            && waiting.inputs.len() < COMMANDS_MAX
            && answered.elapsed() + READ_ON <= patience
            && let Ok(Some(ask)) = runtime.block_on(next())
        {
            self.take(Happened::Ask(ask), waiting);
        }
    }

    fn take(&mut self, happened: Happened, waiting: &mut Waiting) {
        match happened {
            Happened::Stop => waiting.stop = true,
            Happened::Ask(Ask::Read(read)) => {
                waiting.reads += 1;
                if let Some(replica) = &self.replica {
                    read(replica);
                }
            }
            Happened::Ask(Ask::Command(command, answer)) => {
                let id = CommandId(self.next_command);
                self.next_command += 1;
                self.waiting.insert(id, answer);
                waiting.inputs.push(Input::Command { id, command });
            }
            Happened::Input(input) => {
                waiting.bytes += self.note(&input);
                waiting.inputs.push(input);
            }
        }
    }

    fn close(&mut self) {
        let Some(replica) = self.replica.take() else { return };
        if let Err(error) = replica.into_store().close() {
            tracing::warn!(%error, "the store was not closed cleanly; the next start takes longer");
        }
    }

    /// Keeps account of links; returns the weight of an input in bytes.
    fn note(&mut self, input: &Input) -> usize {
        self.meetings.heard(input);
        match input {
            Input::Connected { link, .. } => {
                self.links.insert(*link);
                0
            }
            Input::Disconnected { link } => {
                self.links.remove(link);
                0
            }
            Input::Received { frame, .. } => frame.len(),
            Input::Worked(worked) => worked.weight(),
            _ => 0,
        }
    }

    fn step(&mut self, inputs: Vec<Input>) {
        let Some(replica) = &mut self.replica else { return };
        match replica.step(now(), inputs.into_iter()) {
            Ok(outputs) => self.carry_out(outputs),
            Err(error) => self.reopen(&error),
        }
    }

    /// Rids the disk of what was erased: at once, but after a first time not
    /// again for an hour, since everything is written anew.
    fn shred_if_due(&mut self) {
        let Some(replica) = &mut self.replica else { return };
        let rested = self.shredded.is_none_or(|at| at.elapsed() >= SHRED_PAUSE);
        if !rested || !replica.library().is_shred_due() {
            return;
        }
        self.shredded = Some(Instant::now());
        match replica.shred(|store| store.shred()) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "what was erased is still in old bytes of the store; tried again in an hour");
            }
            Err(error) => self.reopen(&error),
        }
    }

    /// The store failed: memory is ahead of it and nothing can be confirmed.
    fn reopen(&mut self, error: &StoreError) {
        tracing::error!(%error, "the store failed; it is opened anew");
        for (_, answer) in std::mem::take(&mut self.waiting) {
            let _ = answer.send(Err(CommandFailed::Store(error.to_string())));
        }
        if let Some(net) = &self.net {
            self.links.iter().for_each(|link| net.hangup(link.0));
        }
        self.links.clear();
        self.unread.send_replace(0);
        // The store holds a lock: the old one goes before the new one comes.
        self.replica = None;
        loop {
            let opened = (self.open)().and_then(|store| {
                // Chance of its own: two copies may fail at one time.
                let seed = draw().map_or(self.next_command, u64::from_le_bytes);
                NodeReplica::open(self.settings.clone(), self.node, store, seed, now())
            });
            match opened {
                Ok((replica, outputs)) => {
                    self.replica = Some(replica);
                    return self.carry_out(outputs);
                }
                Err(error) => {
                    tracing::error!(%error, "the store cannot be opened; trying again");
                    thread::sleep(REOPEN_PAUSE);
                }
            }
        }
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            self.meetings.said(&output);
            match output {
                Output::Send { link, frame } => {
                    if let Some(net) = &self.net {
                        net.send(link.0, frame);
                    }
                }
                Output::Credit { bytes, .. } => {
                    self.unread.send_modify(|unread| *unread = unread.saturating_sub(bytes));
                }
                Output::Hangup { link } => {
                    if let Some(net) = &self.net {
                        net.hangup(link.0);
                    }
                }
                Output::Dial { address, peer } => self.dial(address, peer),
                Output::WakeAt(at) => self.wake_at(at),
                Output::Work(job) => self.work(job),
                Output::Answer { id, result } => self.answer(id, result),
                Output::Event(event) => {
                    log(&event);
                    // Nobody may be listening.
                    let _ = self.events.send(event);
                }
            }
        }
    }

    fn answer(&mut self, id: CommandId, result: Result<Done, CommandRefused>) {
        if let Some(answer) = self.waiting.remove(&id) {
            // Whoever asked may have gone.
            let _ = answer.send(result.map_err(CommandFailed::from));
        }
    }

    fn dial(&self, address: String, peer: Option<PublicKey>) {
        let Some(net) = &self.net else { return };
        self.dialling.send_modify(|list| list.push(Dialling { address: address.clone(), peer }));
        net.dial(peer, vec![address]);
    }

    fn wake_at(&mut self, at: Timestamp) {
        if let Some(earlier) = self.wake.take() {
            earlier.abort();
        }
        let pause = u64::try_from(at.since(now())).unwrap_or(0);
        let happened = self.happened.clone();
        self.wake = Some(self.runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let _ = happened.send(Happened::Input(Input::Tick)).await;
        }));
    }

    fn work(&self, job: Job) {
        let (acceptor, happened) = (self.acceptor.clone(), self.happened.clone());
        self.runtime.spawn(async move {
            let link = job.link();
            let worked = acceptor.run_patiently(|| job.run()).await;
            // A panic there is a bug of ours: its link ends, others go on.
            let input = worked.map_or(Input::Disconnected { link }, Input::Worked);
            let _ = happened.send(Happened::Input(input)).await;
        });
    }
}

fn log(event: &Event) {
    match event {
        Event::Refused { peer, reason } => {
            tracing::warn!(?peer, %reason, "refused what a peer sent");
        }
        Event::HungUp { peer, reason } => tracing::info!(?peer, reason, "hung up on a peer"),
        Event::JoinRefused(reason) => tracing::warn!(reason, "the inviter refuses"),
        Event::CaughtUp(Some(peer)) => tracing::info!(?peer, "put back, and in step again"),
        Event::CaughtUp(None) => tracing::info!("put back, and goes on by the operator's word"),
        Event::PutBack(Some(peer)) => {
            tracing::warn!(
                ?peer,
                "a peer met a later state of this node: it was put back, or a copy of it runs; it signs nothing until it is in step again"
            );
        }
        Event::PutBack(None) => {
            tracing::warn!(
                "a bundle of this node is from a later state: it was put back, or a copy of it runs; it signs nothing until it is in step again"
            );
        }
        Event::Copied(peer) => {
            tracing::warn!(
                ?peer,
                "two nodes run with this node's key, as a peer saw: see `tern copied`"
            );
        }
        Event::OtherRun { peer, twice: true } => {
            tracing::warn!(?peer, "two nodes run with the key of this peer; they were told");
        }
        Event::OtherRun { peer, twice: false } => {
            tracing::info!(?peer, "this peer was put back, or a copy of it runs");
        }
        Event::Knocked(org) => tracing::info!(?org, "an organisation asks to join"),
        event => tracing::debug!(?event),
    }
}
