//! UDP through the link: a socket for those who dial, and for each of them one
//! towards whom they dial.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::counts::{DATAGRAM_HEADER_BYTES, Direction};
use super::link::Link;

/// The longest datagram.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// Datagrams on their way in one direction.
const UNDER_WAY_MAX: usize = 8_192;

/// A datagram on its way.
struct Parcel {
    at: Instant,
    bytes: Vec<u8>,
    to: SocketAddr,
    through: Arc<UdpSocket>,
}

/// Carries datagrams between `socket` and `target` until it is dropped.
pub(super) async fn carry(socket: UdpSocket, target: SocketAddr, link: Arc<Link>) {
    let socket = Arc::new(socket);
    let mut tasks = JoinSet::new();
    let (up, down) = (deliver(&mut tasks, &link), deliver(&mut tasks, &link));
    let mut flows: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer).await {
            Ok(got) => got,
            Err(error) if passing(&error) => continue,
            Err(_) => return,
        };
        let through = match flows.get(&from) {
            Some(through) => Arc::clone(through),
            None => {
                let Ok(through) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await else { continue };
                let through = Arc::new(through);
                flows.insert(from, Arc::clone(&through));
                let (back, link) = (down.clone(), Arc::clone(&link));
                tasks.spawn(answer(Arc::clone(&through), Arc::clone(&socket), from, back, link));
                through
            }
        };
        if let Some(at) = link.datagram(Direction::Up, length) {
            let bytes = buffer[..length].to_vec();
            // The other end lives as long as this task.
            let _ = up.send(Parcel { at, bytes, to: target, through }).await;
        }
    }
}

/// Carries what comes back to who dialled.
async fn answer(
    from: Arc<UdpSocket>,
    through: Arc<UdpSocket>,
    to: SocketAddr,
    queue: mpsc::Sender<Parcel>,
    link: Arc<Link>,
) {
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        let length = match from.recv(&mut buffer).await {
            Ok(length) => length,
            Err(error) if passing(&error) => continue,
            Err(_) => return,
        };
        if let Some(at) = link.datagram(Direction::Down, length) {
            let bytes = buffer[..length].to_vec();
            let _ = queue.send(Parcel { at, bytes, to, through: Arc::clone(&through) }).await;
        }
    }
}

/// Nobody listens there now.
fn passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
}

/// Hands over datagrams when they arrive, those that no cut met on the way.
fn deliver(tasks: &mut JoinSet<()>, link: &Arc<Link>) -> mpsc::Sender<Parcel> {
    let (queue, mut parcels) = mpsc::channel::<Parcel>(UNDER_WAY_MAX);
    let link = Arc::clone(link);
    tasks.spawn(async move {
        while let Some(parcel) = parcels.recv().await {
            sleep_until(parcel.at).await;
            if link.arrives(parcel.bytes.len() + DATAGRAM_HEADER_BYTES) {
                // Whoever is gone gets nothing.
                let _ = parcel.through.send_to(&parcel.bytes, parcel.to).await;
            }
        }
    });
    queue
}
