//! Lanes: streams beside a link, on its connection.
//!
//! What travels on a lane never stands in the way of the link's frames: it has
//! its own queue, and whoever uses it [waits](super::Net::is_busy) while frames
//! move. A connection that carries a lane outlives its link, so that a file is
//! not cut off because everything else has been said.
//!
//! Frames are a length in four little-endian bytes and so many bytes, at most
//! [`LANE_FRAME_BYTES_MAX`].

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::io::{BufReader, ReadHalf, WriteHalf};
use futures::{AsyncReadExt, AsyncWriteExt};
use libp2p::swarm::Stream;
use tern_crdt::identity::PublicKey;
use tokio::time::{Instant, timeout};

/// A frame on a lane is at most this long.
pub const LANE_FRAME_BYTES_MAX: usize = 64 * 1024;
/// Lanes with one peer, whoever opened them.
pub(super) const LANES_OF_PEER_MAX: usize = 4;
/// Lanes that peers opened and nobody has taken.
pub(super) const LANES_WAITING_MAX: usize = 16;
/// Buffers of a lane are small: what lies in them waits for nobody.
const BUFFER_BYTES: usize = 8 * 1024;

/// How many lanes there are with each peer.
#[derive(Clone, Default, Debug)]
pub(super) struct Lanes(Arc<Mutex<BTreeMap<PublicKey, usize>>>);

/// Counts for as long as it lives.
#[derive(Debug)]
struct Counted(Lanes, PublicKey);

impl Drop for Counted {
    fn drop(&mut self) {
        let mut lanes = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = lanes.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                lanes.remove(&self.1);
            }
        }
    }
}

impl Lanes {
    /// Whether there is one with this peer.
    pub(super) fn any(&self, peer: &PublicKey) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(peer)
    }

    /// Makes a stream a lane, unless there are enough.
    pub(super) fn open(&self, peer: PublicKey, near: bool, stream: Stream) -> Option<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = lanes.entry(peer).or_default();
        if *count >= LANES_OF_PEER_MAX {
            return None;
        }
        *count += 1;
        drop(lanes);
        let counted = Arc::new(Counted(self.clone(), peer));
        let (input, output) = stream.split();
        let input = BufReader::with_capacity(BUFFER_BYTES, input);
        let reader = LaneReader { input, _counted: Arc::clone(&counted) };
        Some(Lane { peer, near, reader, writer: LaneWriter { output, _counted: counted } })
    }
}

/// A lane with a peer whose key is proved.
#[derive(Debug)]
pub struct Lane {
    /// The peer.
    pub peer: PublicKey,
    /// Whether it is within the local network, where bytes cost nothing.
    pub near: bool,
    /// What comes.
    pub reader: LaneReader,
    /// What goes.
    pub writer: LaneWriter,
}

/// The reading half of a lane.
#[derive(Debug)]
pub struct LaneReader {
    input: BufReader<ReadHalf<Stream>>,
    _counted: Arc<Counted>,
}

impl LaneReader {
    /// The next frame; `None` once the peer has closed its side. Not to be
    /// continued after its future was dropped.
    ///
    /// # Errors
    /// The connection is lost, a frame too long, or half sent for `patience`.
    pub async fn next(&mut self, patience: Duration) -> io::Result<Option<Bytes>> {
        let mut length = [0; 4];
        match self.input.read(&mut length[..1]).await? {
            0 => return Ok(None),
            _ => within(patience, self.input.read_exact(&mut length[1..])).await?,
        }
        let length = u32::from_le_bytes(length) as usize;
        if length > LANE_FRAME_BYTES_MAX {
            let what = format!("a frame of {length} bytes, where {LANE_FRAME_BYTES_MAX} fit");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let mut frame = vec![0; length];
        within(patience, self.input.read_exact(&mut frame)).await?;
        Ok(Some(frame.into()))
    }
}

/// The writing half of a lane.
#[derive(Debug)]
pub struct LaneWriter {
    output: WriteHalf<Stream>,
    _counted: Arc<Counted>,
}

impl LaneWriter {
    /// Sends a frame: returns when the transport took it.
    ///
    /// # Errors
    /// The connection is lost, or the peer took nothing for `patience`.
    pub async fn send(&mut self, frame: &[u8], patience: Duration) -> io::Result<()> {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let bytes = [&length.to_le_bytes()[..], frame].concat();
        within(patience, self.output.write_all(&bytes)).await?;
        within(patience, self.output.flush()).await
    }

    /// Tells the peer that nothing follows.
    pub async fn close(&mut self, patience: Duration) {
        // The peer learns it from the end of the stream as well.
        let _ = within(patience, self.output.close()).await;
    }
}

async fn within(patience: Duration, work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the peer takes and sends nothing");
    timeout(patience, work).await.map_err(late)?
}

/// When frames last moved on any link.
#[derive(Clone, Debug)]
pub(super) struct Stir(Arc<(Instant, AtomicU64)>);

impl Default for Stir {
    fn default() -> Self {
        // Nothing has moved yet.
        Self(Arc::new((Instant::now(), AtomicU64::new(0))))
    }
}

impl Stir {
    fn millis(&self) -> u64 {
        // From one on, as zero is never.
        u64::try_from(self.0.0.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// Some moved.
    pub(super) fn note(&self) {
        self.0.1.store(self.millis(), Ordering::Relaxed);
    }

    /// Whether some moved within this time.
    pub(super) fn within(&self, time: Duration) -> bool {
        let last = self.0.1.load(Ordering::Relaxed);
        last > 0 && u128::from(self.millis().saturating_sub(last)) < time.as_millis()
    }
}
