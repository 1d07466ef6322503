//! TCP through the link: for each connection one towards whom it is for. What
//! is read goes in segments, and nothing is read for which there is no room.
//! The sockets have small buffers and ask for segments as on Ethernet, so that
//! a sender notices: with segments of loopback, 64 kB each, its system would
//! swallow megabytes at once, and pings would wait behind them for minutes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::counts::{Direction, SEGMENT_HEADER_BYTES};
use super::link::Link;

/// The payload of a full segment: an Ethernet packet without headers.
const SEGMENT_BYTES: usize = 1_460;
/// Segments on their way in one direction of a connection.
const UNDER_WAY_MAX: usize = 4_096;
/// The largest receive buffer that is asked for.
const BUFFER_BYTES_MAX: u32 = 1024 * 1024;
/// Connections that wait to be taken.
const BACKLOG: u32 = 64;

/// A socket whose receive buffer is about as large as the link's queue, and
/// whose peer sends segments of a link.
fn socket(link: &Link) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket2::SockRef::from(&socket).set_tcp_mss(SEGMENT_BYTES as u32)?;
    let bytes = u32::try_from(link.profile().conditions.queue_bytes).unwrap_or(u32::MAX);
    socket.set_recv_buffer_size(bytes.min(BUFFER_BYTES_MAX))?;
    Ok(socket)
}

/// Where the link is dialled.
pub(super) fn listen(link: &Link) -> io::Result<TcpListener> {
    let socket = socket(link)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(BACKLOG)
}

/// Carries connections to `listener` on to `target` until it is dropped.
pub(super) async fn carry(listener: TcpListener, target: SocketAddr, link: Arc<Link>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((dialled, _)) = listener.accept().await else { continue };
        connections.spawn(connection(dialled, target, Arc::clone(&link)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(mut dialled: TcpStream, target: SocketAddr, link: Arc<Link>) {
    let mut cuts = link.cuts();
    cuts.mark_unchanged();
    let listening = async { socket(&link)?.connect(target).await };
    let Ok(mut listening) = listening.await else {
        return reset(&dialled);
    };
    // Each segment leaves when it is written.
    let _ = (dialled.set_nodelay(true), listening.set_nodelay(true));
    let whole = tokio::select! {
        carried = both(&mut dialled, &mut listening, &link) => carried.is_ok(),
        _ = cuts.changed() => false,
    };
    if !whole {
        reset(&dialled);
        reset(&listening);
    }
}

/// Both ways, until both ends have said all.
async fn both(dialled: &mut TcpStream, listening: &mut TcpStream, link: &Link) -> io::Result<()> {
    // Connecting takes a round trip, which the system took on loopback.
    let down = || io::Error::from(io::ErrorKind::ConnectionReset);
    for direction in [Direction::Up, Direction::Down] {
        sleep_until(link.segment(direction, 0).await.ok_or_else(down)?).await;
    }
    link.segment(Direction::Up, 0).await.ok_or_else(down)?;
    let (from_dialled, to_dialled) = dialled.split();
    let (from_listening, to_listening) = listening.split();
    let up = one_way(from_dialled, to_listening, Direction::Up, link);
    let down = one_way(from_listening, to_dialled, Direction::Down, link);
    tokio::try_join!(up, down).map(|_| ())
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    link: &Link,
) -> io::Result<()> {
    let (queue, mut segments) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY_MAX);
    let reading = async move {
        let mut buffer = vec![0; SEGMENT_BYTES];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return Ok::<_, io::Error>(());
            }
            let at = link.segment(direction, length).await;
            let at = at.ok_or(io::ErrorKind::ConnectionReset)?;
            if queue.send((at, buffer[..length].to_vec())).await.is_err() {
                return Ok(());
            }
        }
    };
    let writing = async move {
        while let Some((at, bytes)) = segments.recv().await {
            sleep_until(at).await;
            if !link.arrives(bytes.len() + SEGMENT_HEADER_BYTES) {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(reading, writing).map(|_| ())
}

/// Closes as a broken link does: the other end reads an error, not an end.
fn reset(stream: &TcpStream) {
    // A socket that is gone needs no reset.
    let _ = stream.set_zero_linger();
}
