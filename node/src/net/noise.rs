//! Noise, in packets that are short enough for links that are cut.
//!
//! What is read of a Noise message is nothing until all of it has come, and
//! libp2p's are as long as they can be: 64 kB as soon as much is to be sent.
//! A link that carries less than that between two cuts would carry nothing at
//! all. So each message is closed after [`MESSAGE_BYTES`]; the two that speak
//! need not agree on that.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;
use futures::{AsyncRead, AsyncWrite, FutureExt, TryFutureExt};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo};
use libp2p::identity::Keypair;
use libp2p::{PeerId, noise};

/// Of these, 18 are added to each for its length and its seal.
const MESSAGE_BYTES: usize = 4 * 1024;

/// Noise with short messages. See the module.
#[derive(Clone)]
pub(super) struct Config(noise::Config);

impl Config {
    pub(super) fn new(key: &Keypair) -> Result<Self, noise::Error> {
        noise::Config::new(key).map(Self)
    }
}

impl UpgradeInfo for Config {
    type Info = <noise::Config as UpgradeInfo>::Info;
    type InfoIter = <noise::Config as UpgradeInfo>::InfoIter;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.protocol_info()
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> InboundConnectionUpgrade<T> for Config {
    type Output = (PeerId, Short<noise::Output<T>>);
    type Error = noise::Error;
    type Future = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, socket: T, info: Self::Info) -> Self::Future {
        self.0.upgrade_inbound(socket, info).map_ok(short).boxed()
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> OutboundConnectionUpgrade<T> for Config {
    type Output = (PeerId, Short<noise::Output<T>>);
    type Error = noise::Error;
    type Future = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, socket: T, info: Self::Info) -> Self::Future {
        self.0.upgrade_outbound(socket, info).map_ok(short).boxed()
    }
}

fn short<T>((peer, stream): (PeerId, T)) -> (PeerId, Short<T>) {
    (peer, Short { stream, open: 0 })
}

/// Flushes what it wraps after every [`MESSAGE_BYTES`].
pub(super) struct Short<T> {
    stream: T,
    /// Bytes written since it was last flushed.
    open: usize,
}

impl<T: AsyncRead + Unpin> AsyncRead for Short<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Short<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.open >= MESSAGE_BYTES {
            ready!(self.as_mut().poll_flush(cx))?;
        }
        let room = bytes.len().min(MESSAGE_BYTES - self.open);
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..room]))?;
        self.open += written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.open = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures::AsyncWriteExt;

    use super::*;

    /// Counts the bytes between two flushes.
    #[derive(Default)]
    struct Messages(Vec<usize>, usize);

    impl AsyncWrite for Messages {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.1 += bytes.len();
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            let length = std::mem::take(&mut self.1);
            self.0.push(length);
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    #[tokio::test]
    async fn no_message_is_longer_than_a_cut_link_carries() {
        let mut short = Short { stream: Messages::default(), open: 0 };
        for length in [100, 64 * 1024, 1, 0] {
            short.write_all(&vec![0; length]).await.expect("it takes all");
        }
        short.flush().await.expect("it takes all");
        let Messages(messages, open) = short.stream;
        assert_eq!((messages.iter().sum::<usize>(), open), (100 + 64 * 1024 + 1, 0));
        assert!(messages.iter().all(|length| *length <= MESSAGE_BYTES), "{messages:?}");
        assert_eq!(messages.len(), 17);
    }
}
