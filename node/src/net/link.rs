//! One link: a task that carries frames between a stream and two queues.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::activity::Activity;
use super::frame::{FrameReader, FrameWriter};
use super::lane::Stir;
use super::{FRAME_BYTES_MAX, LinkId, NetEvent, NetLimits};

/// So many waiting frames are looked at in one go.
const BATCH_FRAMES: usize = 128;

/// The byte with which the end that decides makes a stream the link.
pub(super) const CHOSEN: u8 = 1;

/// Why a link ended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Ending {
    #[error("this node hung up")]
    HungUp,
    #[error("the peer hung up")]
    PeerHungUp,
    #[error("the connection was lost: {0}")]
    Lost(String),
    #[error("the peer has not answered for {} seconds", .0.as_secs_f32())]
    NoAnswer(Duration),
    #[error("the peer has opened a newer connection")]
    Replaced,
    #[error("the peer broke off in the middle of a frame")]
    Torn,
    #[error("the peer announced a frame of {0} bytes, where {FRAME_BYTES_MAX} are allowed")]
    FrameTooLong(usize),
    #[error("the peer left a frame half sent for {} seconds", .0.as_secs_f32())]
    HalfSent(Duration),
    #[error("the peer has taken nothing for {} seconds", .0.as_secs_f32())]
    NothingTaken(Duration),
    #[error("the peer opened a second stream, where one is allowed")]
    SecondStream,
    #[error("a frame of {0} bytes was to be sent, where {FRAME_BYTES_MAX} are allowed")]
    SendTooLong(usize),
    #[error("more than {0} bytes wait to be sent to a peer that takes them too slowly")]
    QueueFull(usize),
}

/// Ends a link at once, from outside.
#[derive(Clone, Debug)]
pub(super) struct Cut(Arc<watch::Sender<Option<Ending>>>);

impl Cut {
    pub(super) fn now(&self, ending: Ending) {
        // The first reason is the reason.
        self.0.send_if_modified(|cut| {
            let first = cut.is_none();
            cut.get_or_insert(ending);
            first
        });
    }
}

/// The way into a link for frames. Once dropped, what waits is still sent.
#[derive(Debug)]
struct Outbox {
    frames: mpsc::UnboundedSender<Bytes>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    cut: Cut,
}

/// All open links, by id: shared between the handles and the tasks.
#[derive(Clone, Default, Debug)]
pub(super) struct Links {
    outboxes: Arc<Mutex<BTreeMap<LinkId, Outbox>>>,
    stir: Stir,
}

impl Links {
    fn open(&self) -> MutexGuard<'_, BTreeMap<LinkId, Outbox>> {
        // Nothing that is done under the lock can leave the map half changed.
        self.outboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn send(&self, link: LinkId, frame: Bytes) {
        let links = self.open();
        let Some(outbox) = links.get(&link) else { return };
        if frame.len() > FRAME_BYTES_MAX {
            return outbox.cut.now(Ending::SendTooLong(frame.len()));
        }
        let waiting = outbox.waiting.fetch_add(frame.len(), Ordering::Relaxed);
        if waiting + frame.len() > outbox.waiting_max {
            return outbox.cut.now(Ending::QueueFull(outbox.waiting_max));
        }
        // No receiver: the link has just ended, and says so by itself.
        let _ = outbox.frames.send(frame);
    }

    pub(super) fn hangup(&self, link: LinkId) {
        self.open().remove(&link);
    }

    /// Whether frames wait to be sent on any, or moved within this time.
    pub(super) fn are_busy(&self, within: Duration) -> bool {
        let waits = |outbox: &Outbox| outbox.waiting.load(Ordering::Relaxed) > 0;
        self.stir.within(within) || self.open().values().any(waits)
    }

    pub(super) fn hangup_all(&self) {
        self.open().clear();
    }
}

/// A link that is about to open.
pub(super) struct Link<S> {
    pub id: LinkId,
    /// What is told when it opens.
    pub opened: NetEvent,
    pub stream: S,
    /// Whether this end decided, and tells the other.
    pub decided: bool,
    pub limits: NetLimits,
    /// The task of the previous link with this peer.
    pub previous: Option<JoinHandle<()>>,
}

/// A link whose task runs.
pub(super) struct Running {
    pub id: LinkId,
    pub cut: Cut,
    pub activity: Arc<Activity>,
    pub task: JoinHandle<()>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Link<S> {
    /// Runs the link in a task. When it has ended, first its id goes to
    /// `ended`, then [`NetEvent::Closed`] to `events`.
    pub(super) fn run(
        self,
        links: Links,
        events: mpsc::Sender<NetEvent>,
        ended: mpsc::UnboundedSender<LinkId>,
    ) -> Running {
        let id = self.id;
        let cut = Cut(Arc::new(watch::Sender::new(None)));
        let waiting = Arc::new(AtomicUsize::new(0));
        let activity = Arc::new(Activity::new(waiting.clone()).stirring(links.stir.clone()));
        let (frames, queue) = mpsc::unbounded_channel();
        let waiting_max = self.limits.queue_bytes_max;
        let outbox = Outbox { frames, waiting: waiting.clone(), waiting_max, cut: cut.clone() };
        let (cutting, moving) = (cut.0.subscribe(), activity.clone());
        let task = tokio::spawn(async move {
            if let Some(previous) = self.previous {
                // It fails only by panic, and then the link is gone as well.
                let _ = previous.await;
            }
            links.open().insert(id, outbox);
            let queue = Queue { frames: queue, waiting, events: events.clone(), link: id };
            let _ = events.send(self.opened).await;
            let ending = tokio::select! {
                ending = cut_off(cutting) => ending,
                ending = carry(self.stream, self.decided, &self.limits, &moving, queue) => ending,
            };
            links.hangup(id);
            let _ = ended.send(id);
            let _ = events.send(NetEvent::Closed { link: id, reason: ending.to_string() }).await;
        });
        Running { id, cut, activity, task }
    }
}

async fn cut_off(mut cut: watch::Receiver<Option<Ending>>) -> Ending {
    let ending = cut.wait_for(Option::is_some).await.ok().and_then(|ending| ending.clone());
    match ending {
        Some(ending) => ending,
        // Nobody is left who could cut it.
        None => std::future::pending().await,
    }
}

/// What waits to be sent, and where to tell what happens.
struct Queue {
    frames: mpsc::UnboundedReceiver<Bytes>,
    waiting: Arc<AtomicUsize>,
    events: mpsc::Sender<NetEvent>,
    link: LinkId,
}

/// Reads and writes until one of both ends.
async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    decided: bool,
    limits: &NetLimits,
    activity: &Activity,
    queue: Queue,
) -> Ending {
    let (input, output) = stream.split();
    let mut reader = FrameReader::new(input, limits.stall, activity);
    let mut writer = FrameWriter::new(output, limits.stall, activity);
    if decided {
        writer.push_byte(CHOSEN);
    }
    let (events, link) = (queue.events.clone(), queue.link);
    let ending = {
        let reading = pin!(receive(&mut reader, events, link));
        let writing = pin!(send(&mut writer, queue));
        match select(reading, writing).await {
            Either::Left((ending, _)) => Err(ending),
            Either::Right((sent, _)) => sent,
        }
    };
    match ending {
        Ok(()) => {
            // The peer has read everything once it closes its side as well.
            let _ = timeout(limits.linger, reader.discard()).await;
            Ending::HungUp
        }
        Err(ending) => ending,
    }
}

/// Takes the next frame only when there is room for this one.
async fn receive<R: AsyncRead + Unpin>(
    reader: &mut FrameReader<'_, R>,
    events: mpsc::Sender<NetEvent>,
    link: LinkId,
) -> Ending {
    loop {
        let frame = match reader.next().await {
            Ok(frame) => frame,
            Err(ending) => return ending,
        };
        if events.send(NetEvent::Frame { link, frame }).await.is_err() {
            return Ending::HungUp;
        }
    }
}

/// Sends what waits, until nothing more can come. Small frames share a
/// buffer; the last one does not wait for company.
async fn send<W: AsyncWrite + Unpin>(
    writer: &mut FrameWriter<'_, W>,
    mut queue: Queue,
) -> Result<(), Ending> {
    writer.write().await?;
    writer.flush().await?;
    let mut batch = Vec::with_capacity(BATCH_FRAMES);
    while queue.frames.recv_many(&mut batch, BATCH_FRAMES).await > 0 {
        let mut bytes = 0;
        for frame in batch.drain(..) {
            bytes += frame.len();
            if writer.push(&frame) {
                writer.write().await?;
                queue.taken(std::mem::take(&mut bytes)).await;
            }
        }
        writer.write().await?;
        if queue.frames.is_empty() {
            writer.flush().await?;
        }
        queue.taken(bytes).await;
    }
    writer.close().await
}

impl Queue {
    async fn taken(&self, bytes: usize) {
        if bytes > 0 {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            // No receiver: the reading half ends the link.
            let _ = self.events.send(NetEvent::Taken { link: self.link, bytes }).await;
        }
    }
}
