//! One router that opens ports when asked: UPnP Internet Gateway Device, versions 1
//! and 2 (UPnP Device Architecture 1.1 sections 1.3 and 3; WANIPConnection:1 sections
//! 2.4.16 to 2.4.18).
//!
//! It is looked for by a datagram to everybody in the local network, described in XML
//! over HTTP, and asked by SOAP. Anybody in the network can say that it is a router,
//! so everything that it says is bounded and read without recursion, nothing is asked
//! of any other machine than the one that answered, and what it says of addresses is
//! a claim: whether others get through is found out by their calls.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout, timeout_at};

use super::xml;

/// Where routers are asked to show themselves.
pub(crate) const EVERYBODY: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250)), 1900);
/// What is looked for.
const KINDS: [&str; 2] = [
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
];
/// The services that open ports.
const SERVICES: [&str; 3] = [
    "urn:schemas-upnp-org:service:WANIPConnection:1",
    "urn:schemas-upnp-org:service:WANIPConnection:2",
    "urn:schemas-upnp-org:service:WANPPPConnection:1",
];
/// Routers take up to two seconds to answer, as they are asked to.
const SEARCH_TIME: Duration = Duration::from_secs(4);
/// So many that answer are looked at.
const ANSWERS_MAX: usize = 16;
/// One question to a router, with its answer.
const ASKING_TIME: Duration = Duration::from_secs(5);
/// An answer is at most this long; descriptions of routers are a tenth of it.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// A datagram is not longer where it tells where a router describes itself.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// A path on a router is at most this long.
const PATH_BYTES_MAX: usize = 512;

/// Its codes for what stands in the way.
const CONFLICT: u32 = 718;
const ONLY_FOR_EVER: u32 = 725;

/// What is passed on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

/// Why a router did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RouterError {
    /// It does not answer.
    #[error("it does not answer")]
    Silent,
    /// What it answers is no answer.
    #[error("its answer cannot be read")]
    Unreadable,
    /// Other machines have the ports.
    #[error("other machines have this port and those that follow it")]
    Taken,
    /// It says no.
    #[error("it refuses, with code {0}")]
    Refused(u32),
}

/// A router that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Gateway {
    /// Where it is asked.
    control: SocketAddr,
    path: String,
    service: &'static str,
    /// Where this machine is in its network.
    pub(super) local: Ipv4Addr,
}

impl Gateway {
    /// Looks for a router; `None` if none shows itself in time.
    pub(super) async fn find(at: SocketAddr) -> Option<Self> {
        let deadline = Instant::now() + SEARCH_TIME;
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.ok()?;
        for kind in KINDS {
            let ask = format!(
                "M-SEARCH * HTTP/1.1\r\nHOST: {EVERYBODY}\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: {kind}\r\n\r\n"
            );
            socket.send_to(ask.as_bytes(), at).await.ok()?;
        }
        let mut datagram = [0; DATAGRAM_BYTES_MAX];
        let mut asked: Vec<(SocketAddr, String)> = Vec::new();
        for _ in 0..ANSWERS_MAX {
            let received = timeout_at(deadline, socket.recv_from(&mut datagram)).await.ok()?;
            let Ok((bytes, from)) = received else { continue };
            let Some(place) = described_at(&datagram[..bytes], from.ip()) else { continue };
            if asked.contains(&place) {
                continue;
            }
            if let Some(gateway) = Self::described(place.0, &place.1).await {
                return Some(gateway);
            }
            asked.push(place);
        }
        None
    }

    /// The router that describes itself there.
    async fn described(at: SocketAddr, path: &str) -> Option<Self> {
        let request = Request::builder().method(Method::GET).uri(path);
        let request = request.header(HOST, at.to_string()).body(Full::default()).ok()?;
        let (_, text, local) = ask(at, request).await.ok()?;
        let services = xml::services(&text)?;
        let (service, control) = services.into_iter().find_map(|(kind, control)| {
            SERVICES.into_iter().find(|known| *known == kind).map(|known| (known, control))
        })?;
        let (control, path) = place_on(at, &control)?;
        let IpAddr::V4(local) = local else { return None };
        Some(Self { control, path, service, local })
    }

    /// Its address in the world, as it says.
    pub(super) async fn external(&self) -> Result<Ipv4Addr, RouterError> {
        let told = self.call("GetExternalIPAddress", &[]).await?;
        let address = xml::value(&told, "NewExternalIPAddress").ok_or(RouterError::Unreadable)?;
        address.parse().map_err(|_| RouterError::Unreadable)
    }

    /// Asks it to pass on what comes to `external` to this machine's `internal`, for
    /// so many seconds; `None` if another machine has that port.
    pub(super) async fn open(
        &self,
        transport: Transport,
        internal: u16,
        external: u16,
        seconds: u32,
    ) -> Result<Option<()>, RouterError> {
        let asks = |seconds: u32| {
            [
                ("NewRemoteHost", String::new()),
                ("NewExternalPort", external.to_string()),
                ("NewProtocol", transport.name().to_owned()),
                ("NewInternalPort", internal.to_string()),
                ("NewInternalClient", self.local.to_string()),
                ("NewEnabled", "1".to_owned()),
                ("NewPortMappingDescription", "Tern".to_owned()),
                ("NewLeaseDuration", seconds.to_string()),
            ]
        };
        let opened = match self.call("AddPortMapping", &asks(seconds)).await {
            // Taken back when the node stops; else it stays until the router restarts.
            Err(RouterError::Refused(ONLY_FOR_EVER)) => self.call("AddPortMapping", &asks(0)).await,
            opened => opened,
        };
        match opened {
            Ok(_) => Ok(Some(())),
            Err(RouterError::Refused(CONFLICT)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks it to pass on no more.
    pub(super) async fn close(
        &self,
        transport: Transport,
        external: u16,
    ) -> Result<(), RouterError> {
        let asks = [
            ("NewRemoteHost", String::new()),
            ("NewExternalPort", external.to_string()),
            ("NewProtocol", transport.name().to_owned()),
        ];
        self.call("DeletePortMapping", &asks).await.map(drop)
    }

    /// One SOAP call; gives the answer. All arguments are numbers, addresses and words
    /// of ours, so that nothing in them has to be escaped.
    async fn call(&self, action: &str, asks: &[(&str, String)]) -> Result<String, RouterError> {
        let (service, told) = (self.service, xml::arguments(asks));
        let body = format!(
            "<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body><u:{action} xmlns:u=\"{service}\">{told}</u:{action}></s:Body></s:Envelope>\r\n"
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.path.as_str())
            .header(HOST, self.control.to_string())
            .header(CONTENT_TYPE, "text/xml; charset=\"utf-8\"")
            .header("SOAPAction", format!("\"{service}#{action}\""))
            .body(Full::from(body))
            .map_err(|_| RouterError::Unreadable)?;
        let (succeeded, text, _) = ask(self.control, request).await?;
        if succeeded {
            return Ok(text);
        }
        let code = xml::value(&text, "errorCode").and_then(|code| code.parse().ok());
        Err(code.map_or(RouterError::Unreadable, RouterError::Refused))
    }
}

/// One question over HTTP/1.1: whether it succeeded, the answer, and where this
/// machine was on that connection.
async fn ask(
    at: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<(bool, String, IpAddr), RouterError> {
    let asking = async {
        let stream = TcpStream::connect(at).await.map_err(|_| RouterError::Silent)?;
        let local = stream.local_addr().map_err(|_| RouterError::Silent)?.ip();
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|_| RouterError::Silent)?;
        // Ends with the connection; what went wrong there, the sender tells.
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|_| RouterError::Silent);
        let read = async {
            let answer = answer?;
            let succeeded = answer.status().is_success();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|_| RouterError::Unreadable)?.to_bytes();
            let text = String::from_utf8(body.to_vec()).map_err(|_| RouterError::Unreadable)?;
            Ok((succeeded, text, local))
        };
        let read = read.await;
        connection.abort();
        read
    };
    timeout(ASKING_TIME, asking).await.unwrap_or(Err(RouterError::Silent))
}

/// Where the sender of a datagram describes itself, which has to be in the local
/// network and on that very machine.
fn described_at(datagram: &[u8], from: IpAddr) -> Option<(SocketAddr, String)> {
    let IpAddr::V4(sender) = from else { return None };
    if !(sender.is_private() || sender.is_loopback() || sender.is_link_local()) {
        return None;
    }
    let text = std::str::from_utf8(datagram).ok()?;
    let (name, rest) = text.split_once("\r\n")?;
    if !name.starts_with("HTTP/1.") || !name.contains(" 200") {
        return None;
    }
    let place = rest.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("location").then(|| value.trim())
    })?;
    place_on(SocketAddr::new(from, 80), place)
}

/// A place on a machine, by its URL or by a path; `None` if it is elsewhere.
fn place_on(machine: SocketAddr, place: &str) -> Option<(SocketAddr, String)> {
    let plain = place.bytes().all(|byte| byte.is_ascii_graphic());
    if place.is_empty() || place.len() > PATH_BYTES_MAX || !plain {
        return None;
    }
    let Some(rest) = place.strip_prefix("http://") else {
        let path = if place.starts_with('/') { place.to_owned() } else { format!("/{place}") };
        return (!place.contains("://")).then_some((machine, path));
    };
    let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let named: SocketAddr =
        host.parse().ok().or_else(|| Some(SocketAddr::new(host.parse().ok()?, 80)))?;
    (named.ip() == machine.ip()).then(|| (named, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: &str = "192.168.1.1";

    fn at(location: &str, from: &str) -> Option<(String, String)> {
        let datagram = format!(
            "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {}\r\nLocation: {location}\r\n\r\n",
            KINDS[0]
        );
        let place = described_at(datagram.as_bytes(), from.parse().expect("an address"));
        place.map(|(at, path)| (at.to_string(), path))
    }

    #[test]
    fn only_the_machine_that_answers_is_asked_and_only_a_near_one() {
        let place = |at: &str, path: &str| Some((at.to_owned(), path.to_owned()));
        let described = place("192.168.1.1:5000", "/rootDesc.xml");
        assert_eq!(at("http://192.168.1.1:5000/rootDesc.xml", ROUTER), described);
        assert_eq!(at("http://192.168.1.1", ROUTER), place("192.168.1.1:80", "/"));
        assert_eq!(at("/igd.xml", ROUTER), place("192.168.1.1:80", "/igd.xml"));
        for elsewhere in [
            "http://192.168.1.9:5000/rootDesc.xml",
            "http://router.example/rootDesc.xml",
            "https://192.168.1.1/rootDesc.xml",
            "http://192.168.1.1@203.0.113.9/x",
            "http://192.168.1.1:99999/x",
            "/a b",
            "",
        ] {
            assert_eq!(at(elsewhere, ROUTER), None, "{elsewhere}");
        }
        assert_eq!(at("http://203.0.113.9/x", "203.0.113.9"), None, "beyond the local network");
        assert_eq!(at(&format!("/{}", "x".repeat(PATH_BYTES_MAX)), ROUTER), None);
        let from: IpAddr = ROUTER.parse().expect("an address");
        for noise in [&b"\xff\xfe"[..], b"", b"NOTIFY * HTTP/1.1\r\nLocation: /x\r\n\r\n"] {
            assert_eq!(described_at(noise, from), None);
        }
    }
}
