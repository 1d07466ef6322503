//! The task that looks, accepts, puts and commits.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tern_crdt::annotation::TRANSLATION_BYTES_MAX;
use tern_crdt::identity::DocumentId;
use tern_protocol::meeting::set::State;
use tern_protocol::step::Event;
use thiserror::Error;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::entry::entry;
use super::{InUse, Progress};
use crate::acceptor::Acceptor;
use crate::driver::now;
use crate::handle::{Handle, NodeReplica, Stopped};
use crate::metrics::Timings;
use crate::reading::{PracticeRead, Verdict, accept};
use crate::search::{Index, SearchError};

/// Practices of one look at the replica …
const LOOK_MAX: usize = 32;
/// … which ends early once it has copied out this many bytes.
const LOOK_BYTES: usize = 8 * 1024 * 1024;
/// While more arrives than is put, it rests for so many times as long as it works, …
const ARRIVING_REST: u32 = 8;
/// … and no longer than this.
const ARRIVING_REST_MAX: Duration = Duration::from_secs(2);
/// A change is found at the latest this long after it was put, …
const COMMIT_AFTER: Duration = Duration::from_millis(200);
/// … or this long if more wait to be put, …
const BULK_COMMIT_AFTER: Duration = Duration::from_secs(1);
/// … or once there are so many.
const BULK_COMMIT: usize = 1_000;
/// Quiet for this long, what merging replaced is let go of.
const REST_AFTER: Duration = Duration::from_secs(5);
/// After a failure everything is compared anew, this much later.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Why keeping came to an end.
#[derive(Debug, Error)]
enum Ended {
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Failed(#[from] SearchError),
}

/// What became of a practice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Became {
    Found,
    Quarantined,
    Gone,
}

/// Puts that are not committed.
#[derive(Clone, Copy, Debug)]
struct Uncommitted {
    since: Instant,
    changes: usize,
}

/// Keeps the index, see the [module](super).
pub struct Keeper {
    index: Arc<InUse>,
    handle: Handle,
    acceptor: Acceptor,
    progress: watch::Sender<Progress>,
    commits: Arc<Timings>,
    held: u64,
    /// To be looked at.
    waiting: BTreeSet<DocumentId>,
    /// Looked at, and absent because they do not count. News of members can
    /// let them in; nothing that counted once is put out by such news, as the
    /// authority only grows.
    quarantined: BTreeSet<DocumentId>,
    uncommitted: Option<Uncommitted>,
    rest_at: Option<Instant>,
}

impl Keeper {
    /// Over an index that is open.
    pub const fn new(
        index: Arc<InUse>,
        handle: Handle,
        acceptor: Acceptor,
        progress: watch::Sender<Progress>,
        commits: Arc<Timings>,
    ) -> Self {
        Self {
            index,
            handle,
            acceptor,
            progress,
            commits,
            held: 0,
            waiting: BTreeSet::new(),
            quarantined: BTreeSet::new(),
            uncommitted: None,
            rest_at: None,
        }
    }

    /// Keeps the index for as long as there is a replica.
    pub async fn keep(mut self, mut events: Receiver<Event>) {
        loop {
            match self.follow(&mut events).await {
                Ok(()) | Err(Ended::Stopped(_)) => return,
                Err(Ended::Failed(error)) => {
                    tracing::error!(%error, "the search index fell behind; it is compared anew soon");
                    self.uncommitted = None;
                    sleep(RETRY_AFTER).await;
                }
            }
        }
    }

    /// Compares, then follows the facts until there are no more.
    async fn follow(&mut self, events: &mut Receiver<Event>) -> Result<(), Ended> {
        self.compare().await?;
        loop {
            self.hear(events).await?;
            if self.commit_at().is_some_and(|at| at <= Instant::now()) {
                self.commit().await?;
            }
            if !self.waiting.is_empty() {
                let begun = Instant::now();
                if self.look().await? && !self.waiting.is_empty() {
                    let rest = begun.elapsed().saturating_mul(ARRIVING_REST);
                    sleep(rest.min(ARRIVING_REST_MAX)).await;
                }
                continue;
            }
            let until = self.commit_at().or(self.rest_at);
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => self.note(&event),
                    Err(RecvError::Lagged(_)) => self.compare().await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    if self.uncommitted.is_none() {
                        self.rest().await?;
                    }
                }
            }
        }
    }

    /// Takes in the facts that wait already.
    async fn hear(&mut self, events: &mut Receiver<Event>) -> Result<(), Ended> {
        loop {
            match events.try_recv() {
                Ok(event) => self.note(&event),
                Err(TryRecvError::Lagged(_)) => self.compare().await?,
                // Who waits for the next one learns that there is none.
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
            }
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Practice(id) => {
                self.waiting.insert(*id);
            }
            Event::Members => self.waiting.append(&mut self.quarantined),
            _ => return,
        }
        self.tell();
    }

    /// Finds out what is missing, stale or gone.
    async fn compare(&mut self) -> Result<(), Ended> {
        self.commit().await?;
        let states = |replica: &NodeReplica| {
            let library = replica.library();
            (library.practices(), library.shown_states().collect::<Vec<_>>())
        };
        let (held, states) = self.handle.read(states).await?;
        let index = Arc::clone(&self.index);
        let (stale, gone) = blocking(move || difference(&index, &states)).await?;
        self.held = held;
        self.waiting = stale;
        self.changed(gone);
        self.tell();
        Ok(())
    }

    /// Looks at some of what waits, and puts or deletes it; tells whether more arrived
    /// since the look before.
    async fn look(&mut self) -> Result<bool, Ended> {
        let ids: Vec<DocumentId> =
            std::iter::from_fn(|| self.waiting.pop_first()).take(LOOK_MAX).collect();
        let look = move |replica: &NodeReplica| look(replica, ids);
        let Looked { held, practices, left } = self.handle.read(look).await?;
        // What arrives, and who reads meanwhile, come first: a library that comes whole
        // is found no later for it.
        let arriving = held > self.held;
        self.held = held;
        self.waiting.extend(left);
        let jobs = practices.into_iter().map(|(id, read)| {
            let (index, acceptor) = (Arc::clone(&self.index), self.acceptor.clone());
            let work = move || place(&index, &id, read);
            async move {
                let became = match arriving {
                    true => acceptor.run_patiently(work).await,
                    false => acceptor.run(work).await,
                };
                (id, became)
            }
        });
        // As many as there are threads: a person's practice is next in line.
        let threads = if arriving { 1 } else { available_parallelism().map_or(1, usize::from) };
        let mut done = stream::iter(jobs).buffer_unordered(threads);
        let mut outcomes = Vec::new();
        while let Some(outcome) = done.next().await {
            outcomes.push(outcome);
        }
        drop(done);
        for (id, outcome) in outcomes {
            self.settle(id, outcome)?;
        }
        self.tell();
        Ok(arriving)
    }

    fn settle(
        &mut self,
        id: DocumentId,
        outcome: Result<Result<Became, SearchError>, Stopped>,
    ) -> Result<(), Ended> {
        let became = match outcome {
            Ok(became) => became?,
            // Accepting it panicked, which its thread has told of.
            Err(Stopped) => {
                self.index.delete(&id.to_string())?;
                Became::Quarantined
            }
        };
        self.quarantined.remove(&id);
        if became == Became::Quarantined {
            self.quarantined.insert(id);
        }
        // To delete what is not there is no change. While something waits to
        // be committed that is not known for certain, and matters not.
        if became == Became::Found || self.index.holds(&id.to_string())? {
            self.changed(1);
        }
        Ok(())
    }

    fn changed(&mut self, changes: usize) {
        if changes > 0 {
            let now = Uncommitted { since: Instant::now(), changes: 0 };
            self.uncommitted.get_or_insert(now).changes += changes;
        }
    }

    fn commit_at(&self) -> Option<Instant> {
        let Uncommitted { since, changes } = self.uncommitted?;
        Some(match changes {
            BULK_COMMIT.. => since,
            _ if self.waiting.is_empty() => since + COMMIT_AFTER,
            _ => since + BULK_COMMIT_AFTER,
        })
    }

    async fn commit(&mut self) -> Result<(), Ended> {
        if self.uncommitted.take().is_some() {
            let (index, commits) = (Arc::clone(&self.index), Arc::clone(&self.commits));
            blocking(move || commits.time(|| index.commit())).await?;
            self.rest_at = Some(Instant::now() + REST_AFTER);
            self.tell();
        }
        Ok(())
    }

    async fn rest(&mut self) -> Result<(), Ended> {
        self.rest_at = None;
        let index = Arc::clone(&self.index);
        blocking(move || index.rest()).await
    }

    fn tell(&self) {
        let now = Progress {
            held: self.held,
            indexed: self.index.len(),
            building: !self.waiting.is_empty() || self.uncommitted.is_some(),
            waiting: self.waiting.len() as u64,
            quarantined: self.quarantined.len() as u64,
        };
        self.progress.send_if_modified(|told| std::mem::replace(told, now) != now);
    }
}

/// What the index lacks, and how many practices were deleted from it because
/// they are gone.
fn difference(
    index: &Index,
    states: &[(DocumentId, State)],
) -> Result<(BTreeSet<DocumentId>, usize), SearchError> {
    let mut indexed = index.states()?;
    let stale = states.iter().filter(|(id, state)| indexed.remove(&id.to_string()) != Some(*state));
    let stale = stale.map(|(id, _)| *id).collect();
    for id in indexed.keys() {
        index.delete(id)?;
    }
    Ok((stale, indexed.len()))
}

/// Practices as they were held at one moment.
struct Looked {
    held: u64,
    practices: Vec<(DocumentId, Option<PracticeRead>)>,
    /// What there was no room for.
    left: Vec<DocumentId>,
}

fn look(replica: &NodeReplica, ids: Vec<DocumentId>) -> Looked {
    let mut ids = ids.into_iter();
    let mut practices = Vec::new();
    let mut bytes = 0;
    for id in ids.by_ref() {
        match PracticeRead::look(replica.library(), &id) {
            Ok(read) => {
                let editions = read.iter().flat_map(|read| &read.editions);
                bytes += editions.map(|edition| edition.held.change.len()).sum::<usize>();
                // What is said beside them is copied too, each at most so long.
                bytes += read.iter().map(|read| read.said.stands.len()).sum::<usize>()
                    * TRANSLATION_BYTES_MAX;
                practices.push((id, read));
            }
            Err(error) => {
                tracing::error!(%id, %error, "a practice is left out of the search index")
            }
        }
        if bytes >= LOOK_BYTES {
            break;
        }
    }
    Looked { held: replica.library().practices(), practices, left: ids.collect() }
}

/// Puts a practice into the index if its latest edition counts, else takes it
/// out.
fn place(
    index: &Index,
    id: &DocumentId,
    read: Option<PracticeRead>,
) -> Result<Became, SearchError> {
    let absent = |became| index.delete(&id.to_string()).map(|()| became);
    let Some(read) = read else { return absent(Became::Gone) };
    let at = read.latest();
    let Some(latest) = read.editions.get(at) else { return absent(Became::Gone) };
    if latest.standing.refused.is_some() {
        return absent(Became::Quarantined);
    }
    let changes: Vec<_> = read.editions[..=at].iter().map(|e| e.held.change.clone()).collect();
    let content = accept(&changes, latest.statement().change, latest.statement().content);
    if content.verdict != Verdict::Accepted {
        return absent(Became::Quarantined);
    }
    index.put(&entry(&read, at, &content.practice, now()))?;
    Ok(Became::Found)
}

/// Runs what waits for the disk where waiting holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
) -> Result<T, Ended> {
    let done = tokio::task::spawn_blocking(work).await;
    let panicked = |_| SearchError::Failed("the engine panicked".into());
    Ok(done.map_err(panicked)??)
}
