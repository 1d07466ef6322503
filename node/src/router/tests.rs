//! A node and a router on this machine: a router of a few lines that speaks what
//! routers speak, and says no as they do.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use tokio::net::{TcpListener, UdpSocket};

use super::*;

const SERVICE: &str = "urn:schemas-upnp-org:service:WANIPConnection:1";

/// What the router was asked for and passes on: to whom, for how long.
#[derive(Default)]
struct Book {
    open: BTreeMap<(String, u16), (u16, u32)>,
    /// Ports that another machine has.
    taken: Vec<u16>,
    /// Whether it opens ports for ever alone.
    for_ever: bool,
    /// Whether it opens none.
    closed: bool,
    host: String,
}

struct Fake {
    everybody: SocketAddr,
    book: Arc<Mutex<Book>>,
}

impl Fake {
    async fn start(host: &str) -> Self {
        let book = Arc::new(Mutex::new(Book { host: host.into(), ..Book::default() }));
        let pages = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let (at, told) = (pages.local_addr().expect("bound"), book.clone());
        let answers = axum::Router::new().fallback(answer).with_state(told);
        tokio::spawn(async move { axum::serve(pages, answers).await });
        let ear = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
        let everybody = ear.local_addr().expect("bound");
        tokio::spawn(async move {
            let mut heard = [0; 2048];
            while let Ok((bytes, from)) = ear.recv_from(&mut heard).await {
                let asks = String::from_utf8_lossy(&heard[..bytes]).into_owned();
                assert!(asks.starts_with("M-SEARCH * HTTP/1.1\r\n"), "{asks}");
                // Somebody leads elsewhere first.
                for place in ["192.0.2.9:80".to_owned(), at.to_string()] {
                    let shows =
                        format!("HTTP/1.1 200 OK\r\nLOCATION: http://{place}/igd.xml\r\n\r\n");
                    let _ = ear.send_to(shows.as_bytes(), from).await;
                }
            }
        });
        Self { everybody, book }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().expect("whole"))
    }
}

async fn answer(
    State(book): State<Arc<Mutex<Book>>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let action = headers.get("SOAPAction").and_then(|action| action.to_str().ok());
    match (uri.path(), action.map(|action| action.trim_matches('"'))) {
        ("/igd.xml", None) => {
            let service = format!(
                "<service><serviceType>{SERVICE}</serviceType><controlURL>ctl</controlURL></service>"
            );
            let device = format!("<device><serviceList>{service}</serviceList></device>");
            (StatusCode::OK, format!("<root>{device}</root>"))
        }
        ("/ctl", Some(action)) => {
            let action = action.strip_prefix(&format!("{SERVICE}#")).unwrap_or_default();
            match done(&mut book.lock().expect("whole"), action, &body) {
                Ok(said) => (StatusCode::OK, format!("<s:Body><R>{said}</R></s:Body>")),
                Err(code) => {
                    let said = format!("<s:Fault><errorCode>{code}</errorCode></s:Fault>");
                    (StatusCode::INTERNAL_SERVER_ERROR, said)
                }
            }
        }
        _ => (StatusCode::NOT_FOUND, String::new()),
    }
}

fn done(book: &mut Book, action: &str, body: &str) -> Result<String, u32> {
    let of = |name: &str| xml::value(body, name).unwrap_or_default();
    let port = |name: &str| of(name).parse::<u16>().unwrap_or_default();
    let external = (of("NewProtocol"), port("NewExternalPort"));
    match action {
        "GetExternalIPAddress" => {
            Ok(format!("<NewExternalIPAddress>{}</NewExternalIPAddress>", book.host))
        }
        "AddPortMapping" if book.closed => Err(501),
        "AddPortMapping" if book.taken.contains(&external.1) => Err(718),
        "AddPortMapping" => {
            let lease = of("NewLeaseDuration").parse().unwrap_or_default();
            if book.for_ever && lease != 0 {
                return Err(725);
            }
            assert_eq!(of("NewInternalClient"), "127.0.0.1");
            book.open.insert(external, (port("NewInternalPort"), lease));
            Ok(String::new())
        }
        "DeletePortMapping" => book.open.remove(&external).map(|_| String::new()).ok_or(714),
        _ => Err(401),
    }
}

fn listening() -> Vec<String> {
    [
        "/ip4/127.0.0.1/udp/4480/quic-v1",
        "/ip4/127.0.0.1/tcp/4480",
        "/ip4/127.0.0.1/tcp/4481/ws",
        "/ip4/10.9.0.1/tcp/4480",
        "/ip6/::1/tcp/4480",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn open_at(ports: [u16; 2]) -> RouterPort {
    RouterPort::Open(vec![
        format!("/ip4/198.51.100.7/tcp/{}", ports[0]),
        format!("/ip4/198.51.100.7/udp/{}/quic-v1", ports[1]),
    ])
}

#[tokio::test]
async fn a_router_passes_on_what_a_node_listens_on_until_it_stops() {
    let (fake, router) = (Fake::start("198.51.100.7").await, Router::default());
    router.ask(&listening(), fake.everybody).await;
    assert_eq!(router.standing(), open_at([4480, 4480]));
    let passed = |fake: &Fake| fake.with(|book| book.open.clone());
    let (tcp, udp) = (("TCP".to_owned(), 4480), ("UDP".to_owned(), 4480));
    assert_eq!(passed(&fake), [(tcp, (4480, LEASE)), (udp.clone(), (4480, LEASE))].into());
    // It listens elsewhere meanwhile; what is not needed any more is taken back.
    let moved = vec!["/ip4/127.0.0.1/udp/4480/quic-v1".to_owned()];
    router.ask(&moved, fake.everybody).await;
    assert_eq!(passed(&fake), [(udp, (4480, LEASE))].into());
    router.release().await;
    assert_eq!(passed(&fake), BTreeMap::new());
}

#[tokio::test]
async fn where_another_machine_has_the_port_the_next_one_is_taken_and_kept() {
    let (fake, router) = (Fake::start("198.51.100.7").await, Router::default());
    fake.with(|book| (book.taken, book.for_ever) = (vec![4480, 4481], true));
    router.ask(&listening(), fake.everybody).await;
    assert_eq!(router.standing(), open_at([4482, 4482]));
    assert_eq!(fake.with(|book| book.open[&("TCP".to_owned(), 4482)]), (4480, 0), "for ever");
    // The other machine is gone; addresses that were told stay what they are.
    fake.with(|book| book.taken.clear());
    router.ask(&listening(), fake.everybody).await;
    assert_eq!(router.standing(), open_at([4482, 4482]));
    assert_eq!(fake.with(|book| book.open.len()), 2);
    fake.with(|book| (book.taken, book.open) = ((4480..4490).collect(), BTreeMap::new()));
    let other = Router::default();
    other.ask(&listening(), fake.everybody).await;
    let RouterPort::Refused(why) = other.standing() else { panic!("{:?}", other.standing()) };
    assert!(why.contains("other machines"), "{why}");
}

#[tokio::test]
async fn a_router_that_helps_nobody_is_told_as_what_it_is() {
    let (inside, router) = (Fake::start("100.64.3.4").await, Router::default());
    router.ask(&listening(), inside.everybody).await;
    assert_eq!(router.standing(), RouterPort::Inside);
    assert!(inside.with(|book| book.open.is_empty()));
    let refusing = Fake::start("198.51.100.7").await;
    refusing.with(|book| book.closed = true);
    router.ask(&listening(), refusing.everybody).await;
    assert_eq!(router.standing(), RouterPort::Refused("it refuses, with code 501".into()));
    let liar = Fake::start("no address").await;
    let router = Router::default();
    router.ask(&listening(), liar.everybody).await;
    assert_eq!(router.standing(), RouterPort::Refused("its answer cannot be read".into()));
    let nobody = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
    let router = Router::default();
    router.ask(&listening(), nobody.local_addr().expect("bound")).await;
    assert_eq!(router.standing(), RouterPort::Nobody);
}

#[tokio::test]
async fn a_description_without_an_end_is_given_up() {
    let pages = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let at = pages.local_addr().expect("bound");
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while let Ok((mut stream, _)) = pages.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'<'; 4096]).await.is_ok() {}
        }
    });
    let ear = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
    let everybody = ear.local_addr().expect("bound");
    tokio::spawn(async move {
        let mut heard = [0; 2048];
        while let Ok((_, from)) = ear.recv_from(&mut heard).await {
            let shows = format!("HTTP/1.1 200 OK\r\nLOCATION: http://{at}/\r\n\r\n");
            let _ = ear.send_to(shows.as_bytes(), from).await;
        }
    });
    let router = Router::default();
    router.ask(&listening(), everybody).await;
    assert_eq!(router.standing(), RouterPort::Nobody);
}
