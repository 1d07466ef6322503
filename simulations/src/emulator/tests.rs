use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

use super::counts::{DATAGRAM_HEADER_BYTES, SEGMENT_HEADER_BYTES};
use super::line::Conditions;
use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

const fn clean(rate: Option<u64>, delay: u64) -> Profile {
    let conditions = Conditions {
        rate,
        delay: Duration::from_millis(delay),
        jitter: Duration::ZERO,
        loss_per_million: 0,
        queue_bytes: 64 * 1024,
    };
    Profile { name: "a link of this test", conditions, cut: None }
}

const fn cut_after(bytes: u64, down: u64) -> Option<Cut> {
    Some(Cut { every: Every::Bytes(bytes), down: Duration::from_millis(down) })
}

/// A listener that sends back what it reads, until there is no more.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                // A reset ends it as well.
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

async fn socket() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket")
}

async fn through(profile: Profile, tcp: SocketAddr) -> (Emulator, TcpStream) {
    let link = Emulator::start(profile, 1, Some(tcp), None).await.expect("a link");
    let stream = TcpStream::connect(link.tcp().expect("an address")).await.expect("a connection");
    (link, stream)
}

#[tokio::test]
async fn a_stream_arrives_whole_at_its_rate_and_is_counted() {
    // 40,000 bytes at 100,000 a second, both ways, and 50 ms each way.
    let (link, mut stream) = through(clean(Some(800_000), 50), echo().await).await;
    let sent: Vec<u8> = (0..40_000_u32).map(|at| at as u8).collect();
    let begun = Instant::now();
    let (mut from, mut to) = stream.split();
    let writing = async {
        to.write_all(&sent).await.expect("sent");
        to.shutdown().await.expect("ended");
    };
    let mut got = Vec::new();
    let reading = async { from.read_to_end(&mut got).await.expect("an echo and its end") };
    timeout(PATIENCE, async { tokio::join!(writing, reading) }).await.expect("in time");
    assert!(got == sent);
    let least = Duration::from_millis(400 + 4 * 50);
    assert!(begun.elapsed() >= least, "{:?}", begun.elapsed());
    let counts = link.take_counts();
    for direction in [Direction::Up, Direction::Down] {
        let way = counts[direction];
        assert_eq!((way.payload_bytes, way.lost, way.full, way.cut), (40_000, 0, 0, 0));
        assert!(way.packets >= 40_000 / 1_460, "{way:?}");
        assert!(way.wire_bytes >= 40_000 + way.packets * SEGMENT_HEADER_BYTES as u64, "{way:?}");
    }
    assert_eq!(link.counts()[Direction::Up], counts::Way::default());
}

#[tokio::test]
async fn datagrams_arrive_late_and_are_counted_to_the_byte() {
    let (target, client) = (socket().await, socket().await);
    let to = target.local_addr().expect("an address");
    let link = Emulator::start(clean(None, 100), 1, None, Some(to)).await.expect("a link");
    client.connect(link.udp().expect("an address")).await.expect("connected");
    let begun = Instant::now();
    for length in [1, 700, 1_400] {
        client.send(&vec![7; length]).await.expect("sent");
    }
    let mut buffer = [0; 2_000];
    let mut lengths = Vec::new();
    for _ in 0..3 {
        let got = timeout(PATIENCE, target.recv_from(&mut buffer)).await.expect("in time");
        let (length, from) = got.expect("a datagram");
        lengths.push(length);
        target.send_to(&buffer[..length], from).await.expect("sent back");
    }
    assert_eq!(lengths, [1, 700, 1_400]);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    for length in lengths {
        let got = timeout(PATIENCE, client.recv(&mut buffer)).await.expect("in time");
        assert_eq!(got.expect("a datagram"), length);
    }
    assert!(begun.elapsed() >= Duration::from_millis(200));
    let counts = link.counts();
    for direction in [Direction::Up, Direction::Down] {
        let way = counts[direction];
        assert_eq!((way.packets, way.payload_bytes), (3, 2_101));
        assert_eq!(way.wire_bytes, 2_101 + 3 * DATAGRAM_HEADER_BYTES as u64);
    }
    assert!(counts.turns >= 1 && counts.cuts == 0);
}

#[tokio::test]
async fn datagrams_are_lost_and_dropped_as_the_line_says() {
    let (target, client) = (socket().await, socket().await);
    let to = target.local_addr().expect("an address");
    let mut profile = clean(Some(16_000), 0);
    profile.conditions.queue_bytes = 3_000;
    profile.conditions.loss_per_million = 500_000;
    let link = Emulator::start(profile, 1, None, Some(to)).await.expect("a link");
    client.connect(link.udp().expect("an address")).await.expect("connected");
    for _ in 0..10 {
        client.send(&[7; 972]).await.expect("sent");
    }
    let counted = async {
        while link.counts()[Direction::Up].packets < 10 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, counted).await.expect("in time");
    let way = link.counts()[Direction::Up];
    assert!(way.full >= 6, "three of 1,000 bytes wait: {way:?}");
    let passed = 10 - way.full - way.lost;
    assert_eq!(way.wire_bytes, (10 - way.full) * 1_000);
    let mut buffer = [0; 2_000];
    for _ in 0..passed {
        timeout(PATIENCE, target.recv(&mut buffer)).await.expect("in time").expect("a datagram");
    }
    let more = timeout(Duration::from_millis(300), target.recv(&mut buffer)).await;
    assert!(more.is_err(), "what was lost does not arrive");
}

#[tokio::test]
async fn a_cut_resets_connections_and_the_next_one_passes() {
    let mut profile = clean(None, 0);
    profile.cut = cut_after(20_000, 100);
    let (link, mut stream) = through(profile, echo().await).await;
    let mut buffer = vec![0; 64 * 1024];
    let broken = async {
        loop {
            if let Err(error) = stream.write_all(&[7; 1_000]).await {
                return error;
            }
            if let Err(error) = stream.read_exact(&mut buffer[..1_000]).await {
                return error;
            }
        }
    };
    let error = timeout(PATIENCE, broken).await.expect("in time");
    let kinds = [io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    assert!(kinds.contains(&error.kind()), "{error}");
    let counts = link.counts();
    assert_eq!(counts.cuts, 1);
    let carried = counts[Direction::Up].payload_bytes + counts[Direction::Down].payload_bytes;
    assert!((17_000..21_000).contains(&carried), "{counts:?}");
    let again = async {
        loop {
            let address = link.tcp().expect("an address");
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let mut answer = [0; 5];
            let asked = stream.write_all(b"again").await;
            if asked.is_ok() && stream.read_exact(&mut answer).await.is_ok() {
                return answer;
            }
        }
    };
    assert_eq!(&timeout(PATIENCE, again).await.expect("in time"), b"again");
}

#[tokio::test]
async fn a_cut_swallows_datagrams_for_its_time() {
    let (target, client) = (socket().await, socket().await);
    let to = target.local_addr().expect("an address");
    let mut profile = clean(None, 0);
    profile.cut = cut_after(1_000, 300);
    let link = Emulator::start(profile, 1, None, Some(to)).await.expect("a link");
    client.connect(link.udp().expect("an address")).await.expect("connected");
    let mut buffer = [0; 2_000];
    client.send(&[1; 972]).await.expect("sent");
    let begun = Instant::now();
    let passed = async {
        let mut sent = 0_u8;
        loop {
            client.send(&[2, sent]).await.expect("sent");
            sent = sent.wrapping_add(1);
            let got = timeout(Duration::from_millis(20), target.recv(&mut buffer)).await;
            if got.is_ok() && buffer[0] == 2 {
                return begun.elapsed();
            }
        }
    };
    let dark = timeout(PATIENCE, passed).await.expect("in time");
    assert!(dark >= Duration::from_millis(250), "{dark:?}");
    let counts = link.counts();
    assert!(counts.cuts == 1 && counts[Direction::Up].cut > 0, "{counts:?}");
}
