//! Fetching one file, because a person asked for it.
//!
//! One task for each file asks every member that is linked, and whoever is
//! linked later, and stops once it is whole or nobody who is there has it. What
//! came stays, and the next time goes on from there. Two who ask for one file
//! wait for one task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tern_crdt::identity::PublicKey;
use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::message::VERSION;
use tern_protocol::blobs::{Answer, Fetch, Groups, Kept, Question, Shape, Standing};
use tern_protocol::step::Command;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::estimate::Estimate;
use super::room::Room;
use super::{PATIENCE, QUIET, TRICKLE};
use crate::blob_store::{BlobError, Partial};
use crate::driver::now;
use crate::net::{Lane, Net};
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// What came is made durable once it is so much, …
const FLUSH_BYTES: u64 = 4 * 1024 * 1024;
/// … or after so long.
const FLUSH_AFTER: Duration = Duration::from_secs(10);
/// How often to look who is there, and whether links are quiet.
const LOOK: Duration = Duration::from_millis(250);
/// A source that went away is asked again after so long.
const AGAIN: Duration = Duration::from_secs(2);
/// When nobody is linked, members are dialled so often.
const DIAL_AGAIN: Duration = Duration::from_secs(30);
/// How many are dialled for a file at one time.
const DIALLED_MAX: usize = 3;
/// Nobody could be reached for so long.
const NOBODY_AFTER: Duration = Duration::from_secs(60);
/// What sources tell and this task has not read.
const TOLD_WAITING_MAX: usize = 64;

/// How a fetch stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It looks for somebody who has it, or waits for a link.
    Looking,
    /// It comes.
    Coming,
    /// It is here.
    Whole,
    /// It came to nothing, in words; what came is kept.
    Failed(String),
}

/// How far it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress {
    /// How it stands.
    pub state: State,
    /// The size of the file.
    pub bytes: u64,
    /// How many of them are here.
    pub have: u64,
    /// Who gives it now.
    pub sources: Vec<PublicKey>,
    /// Bytes a second, of the last seconds.
    pub rate: u64,
}

/// A task that fetches.
#[derive(Debug)]
pub struct Fetching {
    progress: watch::Receiver<Progress>,
    task: tokio::task::AbortHandle,
}

impl Fetching {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

impl Node {
    /// Fetches a file that a practice names, if it is not here; returns at once.
    ///
    /// # Errors
    /// Nothing names it, it is larger than is allowed here, there is no room or
    /// no network.
    pub async fn fetch_file(self: &Arc<Self>, hash: BlobHash) -> Result<(), OpError> {
        let Some(net) = self.net().cloned() else {
            return Err(OpError::new(ErrorCode::Unreachable, "this node has no network"));
        };
        self.blobs().all_named().await;
        let mention = self.blobs().named().of(&hash).first().cloned();
        let mention = mention.ok_or_else(|| {
            let what = format!("no practice that is held here names a file {hash}");
            OpError::new(ErrorCode::NotFound, what).in_field("hash")
        })?;
        let shape = mention.bytes.and_then(Shape::of).ok_or_else(|| {
            let what =
                format!("the practice does not say how large {hash} is, so it is not fetched");
            OpError::new(ErrorCode::Invalid, what)
        })?;
        let (store, quota) = (self.blobs().store().clone(), self.settings().blobs_quota);
        let root = self.folder().paths().root().to_owned();
        let begun = tokio::task::spawn_blocking(move || {
            if store.whole(&hash).is_some() {
                return Ok(None);
            }
            let have = store.list()?.get(&hash).map_or(0, |entry| entry.bytes());
            Room::of(&store, &root, quota)?.fits(shape.bytes().saturating_sub(have))?;
            Ok::<_, OpError>(Some(store.fetch(hash, shape)?))
        });
        let Some(partial) = begun.await.map_err(|_| crate::running::stopping())?? else {
            return Ok(());
        };
        let mut fetching = self.blobs().fetching();
        if fetching.get(&hash).is_some_and(|other| !other.task.is_finished()) {
            return Ok(());
        }
        let begins = Progress {
            state: State::Looking,
            bytes: shape.bytes(),
            have: 0,
            sources: Vec::new(),
            rate: 0,
        };
        let (told, progress) = watch::channel(begins);
        let task = tokio::spawn(Task::run(Arc::downgrade(self), net, hash, partial, told));
        fetching.insert(hash, Fetching { progress, task: task.abort_handle() });
        Ok(())
    }

    /// How far a fetch is, since this node started.
    pub fn file_progress(&self, hash: &BlobHash) -> Option<Progress> {
        Some(self.blobs().fetching().get(hash)?.progress())
    }

    /// What it would take to fetch so many bytes.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn estimate_file(&self, lacks: u64) -> Result<Estimate, OpError> {
        Ok(Estimate::of(lacks, &self.glance_at_links().await?, self.blobs().rate()))
    }

    /// Goes on with what an earlier process of this node was fetching.
    pub(crate) async fn resume_files(self: &Arc<Self>) {
        let store = self.blobs().store().clone();
        let listed = tokio::task::spawn_blocking(move || store.list()).await;
        let Ok(Ok(entries)) = listed else { return };
        for (hash, _) in entries.iter().filter(|(_, entry)| entry.part.is_some()) {
            if let Err(error) = self.fetch_file(*hash).await {
                tracing::info!(%hash, error = error.for_log(), "a file is not fetched further");
            }
        }
    }

    /// Bytes of files went over a link.
    pub(crate) async fn note_file_bytes(&self, near: bool, bytes: u64) {
        let noted = self.handle().command(Command::NoteFiles { near, bytes }).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "bytes of a file are not in this month's sum");
        }
    }
}

/// What a source tells the task.
enum Told {
    /// It answered; questions go there.
    Answered(Answer, mpsc::UnboundedSender<Question>),
    Data(Vec<u8>),
    Gone(String),
}

struct Task {
    node: Weak<Node>,
    net: Net,
    hash: BlobHash,
    fetch: Fetch,
    /// Away while it is written on another thread.
    partial: Option<Partial>,
    progress: watch::Sender<Progress>,
    /// Where questions go, and bytes that came and are not yet noted.
    sources: BTreeMap<PublicKey, (mpsc::UnboundedSender<Question>, bool, u64)>,
    /// Who was asked, and is not to be asked again before then.
    tried: BTreeMap<PublicKey, Option<Instant>>,
    /// What those said who do not have it.
    lacks: BTreeMap<PublicKey, String>,
    tell: mpsc::Sender<(PublicKey, bool, Told)>,
    unflushed: u64,
    flushed: Instant,
    asked: Instant,
    dialled: Option<Instant>,
    linked: Instant,
    /// When so much was here, to tell the rate.
    passed: std::collections::VecDeque<(Instant, u64)>,
}

impl Task {
    async fn run(
        node: Weak<Node>,
        net: Net,
        hash: BlobHash,
        mut partial: Partial,
        progress: watch::Sender<Progress>,
    ) {
        let (tree, have) = partial.found();
        let (tell, told) = mpsc::channel(TOLD_WAITING_MAX);
        let mut task = Self {
            node,
            net,
            hash,
            fetch: Fetch::new(tree, have),
            partial: Some(partial),
            progress,
            sources: BTreeMap::new(),
            tried: BTreeMap::new(),
            lacks: BTreeMap::new(),
            tell,
            unflushed: 0,
            flushed: Instant::now(),
            asked: Instant::now(),
            dialled: None,
            linked: Instant::now(),
            passed: std::collections::VecDeque::new(),
        };
        let ended = task.work(told).await;
        let state = match ended {
            Ok(()) => State::Whole,
            Err(reason) => {
                // What came is not lost.
                let _ = task.flush().await;
                tracing::info!(%hash, reason, "a file did not come");
                State::Failed(reason)
            }
        };
        task.sources.clear();
        let have = task.fetch.bytes();
        task.progress.send_modify(|told| {
            (told.state, told.have, told.sources, told.rate) = (state, have, Vec::new(), 0);
        });
    }

    async fn work(
        &mut self,
        mut told: mpsc::Receiver<(PublicKey, bool, Told)>,
    ) -> Result<(), String> {
        let mut tick = interval(LOOK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            match self.fetch.standing() {
                Standing::Whole => return self.finish().await,
                Standing::Running | Standing::Nobody => {}
            }
            tokio::select! {
                Some((peer, near, told)) = told.recv() => self.hear(peer, near, told).await?,
                _ = tick.tick() => self.look().await?,
            }
            self.ask();
        }
    }

    /// Takes what a source told.
    async fn hear(&mut self, peer: PublicKey, near: bool, told: Told) -> Result<(), String> {
        match told {
            Told::Answered(Answer::Have { shape, groups }, questions) => {
                if groups.is_none()
                    && let Some(node) = self.node.upgrade()
                {
                    // Only to know; it is fetched all the same.
                    let _ = node.blobs().store().elsewhere(&self.hash);
                }
                match self.fetch.offer(now(), peer, shape, groups) {
                    Ok(()) => {
                        self.sources.insert(peer, (questions, near, 0));
                    }
                    Err(refused) => {
                        self.lacks.insert(peer, refused.to_string());
                    }
                }
            }
            Told::Answered(Answer::Lack(lack), _) => {
                self.lacks.insert(peer, lack.to_string());
            }
            Told::Answered(Answer::Data(_), _) => {
                self.lacks.insert(peer, "sent what nobody had asked for".into());
            }
            Told::Data(data) => {
                if let Some((_, _, bytes)) = self.sources.get_mut(&peer) {
                    *bytes += data.len() as u64;
                }
                let (kept, done) = self.fetch.received(now(), peer, &data);
                if let Err(lie) = done {
                    tracing::warn!(peer = %peer.node(), hash = %self.hash, %lie, "a source of a file is left");
                    self.lacks.insert(peer, lie.to_string());
                    self.part(peer).await;
                }
                if !kept.is_empty() {
                    self.keep(kept).await?;
                }
            }
            Told::Gone(reason) => {
                self.part(peer).await;
                if !self.fetch.is_liar(peer) {
                    tracing::debug!(peer = %peer.node(), hash = %self.hash, reason, "a source of a file is gone");
                    self.tried.insert(peer, Some(Instant::now() + AGAIN));
                }
            }
        }
        Ok(())
    }

    /// A source is there no more.
    async fn part(&mut self, peer: PublicKey) {
        self.fetch.gone(peer);
        if let Some((_, near, bytes)) = self.sources.remove(&peer)
            && let Some(node) = self.node.upgrade()
        {
            node.note_file_bytes(near, bytes).await;
        }
    }

    /// Tells sources what to send, unless something else moves.
    fn ask(&mut self) {
        if self.net.is_busy(QUIET) && self.asked.elapsed() < TRICKLE {
            return;
        }
        for (peer, (questions, _, _)) in &self.sources {
            while let Some(question) = self.fetch.ask(now(), *peer) {
                self.asked = Instant::now();
                // Without a reader it is gone, and says so.
                let _ = questions.send(question);
            }
        }
    }

    /// Who is there, who stalls, and how far it is.
    async fn look(&mut self) -> Result<(), String> {
        let Some(node) = self.node.upgrade() else { return Err("the node is stopping".into()) };
        for peer in self.fetch.stalled(now()) {
            self.part(peer).await;
            self.lacks.insert(peer, "sends nothing".into());
        }
        let linked = node.handle().read(|replica| {
            let peers = replica.peers().into_iter().filter(|peer| peer.org.is_some());
            peers.map(|peer| (peer.node, peer.connected)).collect::<Vec<_>>()
        });
        let peers = linked.await.map_err(|stopped| stopped.to_string())?;
        let at = Instant::now();
        let linked: BTreeSet<PublicKey> =
            peers.iter().filter(|(_, connected)| *connected).map(|(peer, _)| *peer).collect();
        if !linked.is_empty() || !self.sources.is_empty() {
            self.linked = at;
        }
        for peer in &linked {
            let due = match self.tried.get(peer) {
                None => true,
                Some(None) => false,
                Some(Some(again)) => *again <= at,
            };
            if due && !self.sources.contains_key(peer) && !self.fetch.is_liar(*peer) {
                self.tried.insert(*peer, None);
                let source = source(self.net.clone(), *peer, self.hash, self.tell.clone());
                tokio::spawn(source);
            }
        }
        // Whoever went away is asked again when it is back.
        self.tried.retain(|peer, again| {
            again.is_some() || linked.contains(peer) || self.sources.contains_key(peer)
        });
        if peers.is_empty() {
            return Err("no other member is known here who could have it".into());
        }
        self.end_if_nobody(&linked, at)?;
        if linked.is_empty() && self.dialled.is_none_or(|dialled| dialled.elapsed() > DIAL_AGAIN) {
            self.dialled = Some(at);
            for (peer, _) in peers.into_iter().take(DIALLED_MAX) {
                let handle = node.handle().clone();
                // Whether it came to a link shows.
                tokio::spawn(async move { handle.command(Command::Meet { peer }).await });
            }
        }
        if self.unflushed > 0 && self.flushed.elapsed() > FLUSH_AFTER {
            self.flush().await?;
        }
        self.tell();
        Ok(())
    }

    /// Ends when everybody who is there said that they do not have it, or
    /// nobody was there for long.
    fn end_if_nobody(&self, linked: &BTreeSet<PublicKey>, at: Instant) -> Result<(), String> {
        if self.fetch.standing() != Standing::Nobody || !self.sources.is_empty() {
            return Ok(());
        }
        let said = |peer: &PublicKey| self.lacks.contains_key(peer);
        if !linked.is_empty() && linked.iter().all(said) {
            let reasons: BTreeSet<&str> = self.lacks.values().map(String::as_str).collect();
            let reasons: Vec<&str> = reasons.into_iter().collect();
            return Err(format!(
                "none of the {} members that are linked gives the file: each {}",
                linked.len(),
                reasons.join(", or ")
            ));
        }
        if linked.is_empty() && at.duration_since(self.linked) > NOBODY_AFTER {
            return Err(
                "no other member can be reached: it goes on when it is asked for again".into()
            );
        }
        Ok(())
    }

    fn tell(&mut self) {
        let (at, have) = (Instant::now(), self.fetch.bytes());
        self.passed.push_back((at, have));
        while self.passed.len() > 40 {
            self.passed.pop_front();
        }
        let rate = self.passed.front().map_or(0, |(since, before)| {
            let millis = u64::try_from(at.duration_since(*since).as_millis()).unwrap_or(u64::MAX);
            have.saturating_sub(*before).saturating_mul(1_000) / millis.max(1)
        });
        if rate > 0
            && self.sources.values().any(|(_, near, _)| !near)
            && let Some(node) = self.node.upgrade()
        {
            node.blobs().note_rate(rate);
        }
        let sources: Vec<PublicKey> = self.fetch.sources().collect();
        let state = if sources.is_empty() { State::Looking } else { State::Coming };
        self.progress.send_modify(|told| {
            (told.state, told.have, told.sources, told.rate) = (state, have, sources, rate);
        });
    }

    async fn with_partial<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Partial) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, String> {
        let Some(mut partial) = self.partial.take() else {
            return Err("writing it failed before".into());
        };
        let worked = tokio::task::spawn_blocking(move || {
            let done = work(&mut partial);
            (partial, done)
        });
        let (partial, done) = worked.await.map_err(|error| error.to_string())?;
        self.partial = Some(partial);
        done.map_err(|error| error.to_string())
    }

    async fn keep(&mut self, kept: Vec<Kept>) -> Result<(), String> {
        self.unflushed += kept.iter().map(|kept| kept.bytes.len() as u64).sum::<u64>();
        self.with_partial(move |partial| kept.iter().try_for_each(|kept| partial.keep(kept)))
            .await?;
        if self.unflushed >= FLUSH_BYTES { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), String> {
        let have: Groups = self.fetch.have().clone();
        (self.unflushed, self.flushed) = (0, Instant::now());
        self.with_partial(move |partial| partial.flush(&have)).await
    }

    async fn finish(&mut self) -> Result<(), String> {
        let peers: Vec<PublicKey> = self.sources.keys().copied().collect();
        for peer in peers {
            self.part(peer).await;
        }
        let Some(partial) = self.partial.take() else {
            return Err("writing it failed before".into());
        };
        let finished = tokio::task::spawn_blocking(move || partial.finish());
        finished.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

/// Speaks with one source until either end has enough.
async fn source(
    net: Net,
    peer: PublicKey,
    hash: BlobHash,
    tell: mpsc::Sender<(PublicKey, bool, Told)>,
) {
    let (near, reason) = match net.open_lane(peer).await {
        Ok(lane) => (lane.near, converse(lane, hash, &tell).await),
        Err(reason) => (true, reason),
    };
    // Without a reader the fetch is over.
    let _ = tell.send((peer, near, Told::Gone(reason))).await;
}

async fn converse(
    lane: Lane,
    hash: BlobHash,
    tell: &mpsc::Sender<(PublicKey, bool, Told)>,
) -> String {
    let Lane { peer, near, mut reader, mut writer } = lane;
    let want = Question::Want { version: VERSION, hash };
    if let Err(error) = writer.send(&want.encode(), PATIENCE).await {
        return error.to_string();
    }
    let (questions, mut asked) = mpsc::unbounded_channel::<Question>();
    let mut questions = Some(questions);
    let listening = async {
        loop {
            let frame = match reader.next(PATIENCE).await {
                Ok(Some(frame)) => frame,
                Ok(None) => return "it ended".to_owned(),
                Err(error) => return error.to_string(),
            };
            let told = match (Answer::decode(&frame), questions.take()) {
                (Ok(answer), Some(questions)) => Told::Answered(answer, questions),
                (Ok(Answer::Data(data)), None) => Told::Data(data),
                (Ok(_), None) => return "it does not keep to the protocol".to_owned(),
                (Err(error), _) => return error.to_string(),
            };
            if tell.send((peer, near, told)).await.is_err() {
                return "it is over".to_owned();
            }
        }
    };
    let speaking = async {
        while let Some(question) = asked.recv().await {
            if let Err(error) = writer.send(&question.encode(), PATIENCE).await {
                return error.to_string();
            }
        }
        writer.close(PATIENCE).await;
        "it is left".to_owned()
    };
    tokio::select! {
        reason = listening => reason,
        reason = speaking => reason,
    }
}
