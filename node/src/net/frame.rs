//! Frames on a stream of bytes: a length in four little-endian bytes, then so
//! many bytes.
//!
//! The length is checked before anything is set aside for it, and memory
//! grows only with what has arrived. A peer that stops in the middle, or does
//! not take what is offered, is given up after a while; an idle one is not.

use std::future::Future;
use std::io;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::FRAME_BYTES_MAX;
use super::activity::Activity;
use super::link::Ending;

/// Buffers of this size keep Yamux frames large and system calls few.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// So much is handed over at once. Yamux makes one frame of it, of which the
/// peer reads nothing before all has come: on a link that is cut often, long
/// ones would never come.
const WRITE_BYTES: usize = 4 * 1024;

/// The reading half of a link.
pub(super) struct FrameReader<'a, R> {
    input: BufReader<R>,
    stall: Duration,
    activity: &'a Activity,
}

impl<'a, R: AsyncRead + Unpin> FrameReader<'a, R> {
    pub(super) fn new(input: R, stall: Duration, activity: &'a Activity) -> Self {
        Self { input: BufReader::with_capacity(BUFFER_BYTES, input), stall, activity }
    }

    /// The next frame; not to be continued after its future was dropped.
    pub(super) async fn next(&mut self) -> Result<Bytes, Ending> {
        // Between frames a peer may be silent for as long as it lives.
        let waiting = self.input.fill_buf().await.map_err(lost)?;
        if waiting.is_empty() {
            return Err(Ending::PeerHungUp);
        }
        let mut length = Vec::with_capacity(4);
        self.fill(&mut length, 4).await?;
        let length = length.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if length > FRAME_BYTES_MAX {
            return Err(Ending::FrameTooLong(length));
        }
        let mut frame = Vec::with_capacity(length.min(BUFFER_BYTES));
        self.fill(&mut frame, length).await?;
        Ok(frame.into())
    }

    /// Reads until `bytes` is `length` long.
    async fn fill(&mut self, bytes: &mut Vec<u8>, length: usize) -> Result<(), Ending> {
        while bytes.len() < length {
            let part = timeout(self.stall, self.input.fill_buf())
                .await
                .map_err(|_| Ending::HalfSent(self.stall))?
                .map_err(lost)?;
            if part.is_empty() {
                return Err(Ending::Torn);
            }
            let part = &part[..part.len().min(length - bytes.len())];
            bytes.extend_from_slice(part);
            let used = part.len();
            self.input.consume_unpin(used);
            self.activity.hear();
        }
        Ok(())
    }

    /// Reads to the end and keeps nothing.
    pub(super) async fn discard(&mut self) {
        let mut end = futures::io::sink();
        // Only the end matters, not how it came about.
        let _ = futures::io::copy_buf(&mut self.input, &mut end).await;
    }
}

/// The writing half of a link.
pub(super) struct FrameWriter<'a, W> {
    output: W,
    buffer: Vec<u8>,
    stall: Duration,
    activity: &'a Activity,
}

impl<'a, W: AsyncWrite + Unpin> FrameWriter<'a, W> {
    pub(super) fn new(output: W, stall: Duration, activity: &'a Activity) -> Self {
        Self { output, buffer: Vec::new(), stall, activity }
    }

    /// Puts a byte that belongs to no frame into the buffer.
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.buffer.push(byte);
    }

    /// Puts a frame into the buffer; says whether that is worth writing.
    pub(super) fn push(&mut self, frame: &[u8]) -> bool {
        let length = u32::try_from(frame.len()).expect("the queue takes no frame above the bound");
        self.buffer.extend_from_slice(&length.to_le_bytes());
        self.buffer.extend_from_slice(frame);
        self.buffer.len() >= BUFFER_BYTES
    }

    /// Hands the buffer to the transport.
    pub(super) async fn write(&mut self) -> Result<(), Ending> {
        let mut rest = self.buffer.as_slice();
        while !rest.is_empty() {
            let write = self.output.write(&rest[..rest.len().min(WRITE_BYTES)]);
            match patiently(write, self.stall, self.activity).await? {
                0 => return Err(Ending::Lost("it takes no more bytes".to_owned())),
                written => {
                    self.activity.handed(written);
                    rest = &rest[written..];
                }
            }
        }
        self.buffer.clear();
        self.buffer.shrink_to(2 * BUFFER_BYTES);
        Ok(())
    }

    /// Has the transport send what it was handed.
    pub(super) async fn flush(&mut self) -> Result<(), Ending> {
        patiently(self.output.flush(), self.stall, self.activity).await
    }

    /// Tells the peer that nothing follows.
    pub(super) async fn close(&mut self) -> Result<(), Ending> {
        patiently(self.output.close(), self.stall, self.activity).await
    }
}

/// Waits for room, but not for ever. That bytes go into a buffer proves
/// nothing; that a full one came free proves that the peer is there.
async fn patiently<T>(
    work: impl Future<Output = io::Result<T>> + Unpin,
    stall: Duration,
    activity: &Activity,
) -> Result<T, Ending> {
    let mut work = work;
    let done = match futures::poll!(&mut work) {
        Poll::Ready(done) => done,
        Poll::Pending => {
            let done = timeout(stall, work).await.map_err(|_| Ending::NothingTaken(stall))?;
            activity.note();
            done
        }
    };
    done.map_err(lost)
}

pub(super) fn lost(error: io::Error) -> Ending {
    Ending::Lost(error.to_string())
}
