//! A proxy for what this node dials, in networks that let nothing else out:
//! SOCKS 5 (RFC 1928, 1929) or HTTP `CONNECT` (RFC 9110, section 9.3.6).
//!
//! Names go to the proxy as they are: such a network may have no name server that
//! knows them. Numbers within the local network are dialled without it. Datagrams
//! pass through neither kind, so there is no QUIC beside a proxy.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use libp2p::Multiaddr;
use libp2p::core::Transport;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::multiaddr::Protocol;
use libp2p::tcp;
use libp2p::tcp::tokio::TcpStream;
use tern_protocol::tariff::is_near;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// An answer of an HTTP proxy is at most this long before what it carries.
const ANSWER_BYTES_MAX: usize = 8 * 1024;
/// A name, and each of the two words by which the proxy knows this node.
const WORD_BYTES_MAX: usize = 255;

/// Why a text names no proxy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "this is no proxy; write it like socks5://192.0.2.1:1080 or http://user:word@proxy.example:3128"
)]
pub struct ProxyUnreadable;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Socks,
    Http,
}

/// A proxy, and who this node is there. Whoever prints it does not see the word.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    user: Option<(String, String)>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        let user = self.user.as_ref().map(|(user, _)| format!("{user}:…@")).unwrap_or_default();
        write!(f, "{kind}://{user}{}", at(&self.host, self.port))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Proxy {
    type Err = ProxyUnreadable;

    fn from_str(text: &str) -> Result<Self, ProxyUnreadable> {
        let (kind, rest) = text.trim().split_once("://").ok_or(ProxyUnreadable)?;
        let kind = match kind {
            "socks5" | "socks5h" => Kind::Socks,
            "http" => Kind::Http,
            _ => return Err(ProxyUnreadable),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let user = user.map(|user| {
            let (user, word) = user.split_once(':').unwrap_or((user, ""));
            (user.to_owned(), word.to_owned())
        });
        let (host, port) = place.rsplit_once(':').ok_or(ProxyUnreadable)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(ProxyUnreadable)?;
        let fits = |word: &str| (1..=WORD_BYTES_MAX).contains(&word.len());
        let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_graphic());
        let users = user.iter().all(|(user, word)| fits(user) && word.len() <= WORD_BYTES_MAX);
        if fits(host) && plain(text.trim()) && users && !host.contains(['/', '?', '#', '@']) {
            Ok(Self { kind, host: host.to_owned(), port, user })
        } else {
            Err(ProxyUnreadable)
        }
    }
}

/// Host and port as they stand in one text.
fn at(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl Proxy {
    /// Its kind, as it stands before `://`.
    pub const fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Socks => "socks5",
            Kind::Http => "http",
        }
    }

    /// Its name or number.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A connection to a place beyond the proxy.
    async fn connect(&self, host: &str, port: u16) -> io::Result<tokio::net::TcpStream> {
        let refused = |why: String| io::Error::other(format!("the proxy {self}: {why}"));
        let reached = tokio::net::TcpStream::connect((self.host.as_str(), self.port)).await;
        let mut stream = reached.map_err(|error| refused(error.to_string()))?;
        stream.set_nodelay(true)?;
        match self.kind {
            Kind::Socks => self.socks(&mut stream, host, port).await,
            Kind::Http => self.http(&mut stream, host, port).await,
        }
        .map_err(|error| refused(error.to_string()))?;
        Ok(stream)
    }

    async fn socks(
        &self,
        stream: &mut tokio::net::TcpStream,
        host: &str,
        port: u16,
    ) -> io::Result<()> {
        let methods: &[u8] = if self.user.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
        stream.write_all(methods).await?;
        let mut chosen = [0; 2];
        stream.read_exact(&mut chosen).await?;
        match (chosen, &self.user) {
            ([5, 0], _) => {}
            ([5, 2], Some((user, word))) => {
                let mut said = vec![1];
                said.extend(counted(user)?);
                said.extend(counted(word)?);
                stream.write_all(&said).await?;
                let mut answer = [0; 2];
                stream.read_exact(&mut answer).await?;
                if answer[1] != 0 {
                    return Err(io::Error::other("it does not accept the user and the word"));
                }
            }
            ([5, _], _) => return Err(io::Error::other("it wants a user and a word, or others")),
            _ => return Err(io::Error::other("it does not speak SOCKS 5")),
        }
        let mut asked = vec![5, 1, 0];
        match host.parse() {
            Ok(std::net::IpAddr::V4(ip)) => {
                asked.push(1);
                asked.extend(ip.octets());
            }
            Ok(std::net::IpAddr::V6(ip)) => {
                asked.push(4);
                asked.extend(ip.octets());
            }
            Err(_) => {
                asked.push(3);
                asked.extend(counted(host)?);
            }
        }
        asked.extend(port.to_be_bytes());
        stream.write_all(&asked).await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        if answer[1] != 0 {
            return Err(io::Error::other(match answer[1] {
                2 => "it does not allow this connection",
                3 | 4 => "it finds no way there",
                5 => "nobody answers there",
                6 => "nobody answered there in time",
                _ => "it cannot connect",
            }));
        }
        let bound = match answer[3] {
            1 => 4,
            4 => 16,
            3 => usize::from(stream.read_u8().await?),
            _ => return Err(io::Error::other("its answer makes no sense")),
        };
        let mut rest = vec![0; bound + 2];
        stream.read_exact(&mut rest).await?;
        Ok(())
    }

    async fn http(
        &self,
        stream: &mut tokio::net::TcpStream,
        host: &str,
        port: u16,
    ) -> io::Result<()> {
        let place = at(host, port);
        let user = self.user.as_ref().map(|(user, word)| {
            let known = base64(format!("{user}:{word}").as_bytes());
            format!("Proxy-Authorization: Basic {known}\r\n")
        });
        let user = user.unwrap_or_default();
        let asked = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{user}\r\n");
        stream.write_all(asked.as_bytes()).await?;
        // Byte by byte, as what follows is not the proxy's.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() == ANSWER_BYTES_MAX {
                return Err(io::Error::other("its answer is too long"));
            }
            answer.push(stream.read_u8().await?);
        }
        let mut words = answer.split(|byte| *byte == b' ');
        let speaks = words.next().is_some_and(|word| word.starts_with(b"HTTP/1."));
        let status = words.next().and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
        match status.filter(|_| speaks) {
            Some(200..=299) => Ok(()),
            Some(407) => Err(io::Error::other("it wants a user and a word, or others")),
            Some(status) => Err(io::Error::other(format!("it answers {status:03}"))),
            None => Err(io::Error::other("it does not speak HTTP")),
        }
    }
}

/// A word behind its length.
fn counted(word: &str) -> io::Result<Vec<u8>> {
    let length = u8::try_from(word.len()).map_err(|_| io::Error::other("a name is too long"))?;
    Ok([&[length], word.as_bytes()].concat())
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > three.len() as u32 { '=' } else { char::from(digit) });
        }
    }
    text
}

/// TCP, through the proxy where the peer is not near.
pub(super) struct Proxied {
    direct: tcp::tokio::Transport,
    proxy: Arc<Proxy>,
}

impl Proxied {
    pub(super) const fn new(direct: tcp::tokio::Transport, proxy: Arc<Proxy>) -> Self {
        Self { direct, proxy }
    }
}

/// Host and port of an address over TCP alone.
fn place(address: &Multiaddr) -> Option<(String, u16)> {
    let parts: Vec<Protocol> = address.iter().collect();
    let host = match parts.first()? {
        Protocol::Ip4(ip) => ip.to_string(),
        Protocol::Ip6(ip) => ip.to_string(),
        Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name) => name.to_string(),
        _ => return None,
    };
    match parts[1..] {
        [Protocol::Tcp(port)] | [Protocol::Tcp(port), Protocol::P2p(_)] => Some((host, port)),
        _ => None,
    }
}

impl Transport for Proxied {
    type Output = TcpStream;
    type Error = io::Error;
    type ListenerUpgrade = <tcp::tokio::Transport as Transport>::ListenerUpgrade;
    type Dial = BoxFuture<'static, io::Result<TcpStream>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        address: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        self.direct.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.direct.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        opts: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some((host, port)) = place(&address) else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        if is_near(&address.to_string()) {
            return self.direct.dial(address, opts).map(FutureExt::boxed);
        }
        let proxy = self.proxy.clone();
        Ok(async move { proxy.connect(&host, port).await.map(TcpStream) }.boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Pin::new(&mut self.direct).poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_and_shown_without_its_word() {
        for (text, shown) in [
            ("socks5://192.0.2.1:1080", "socks5://192.0.2.1:1080"),
            ("socks5h://proxy.example:1080/", "socks5://proxy.example:1080"),
            ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128"),
            ("http://awa:p@ss:w0rd@proxy.example:3128", "http://awa:…@proxy.example:3128"),
        ] {
            let proxy: Proxy = text.parse().expect(text);
            assert_eq!(
                (proxy.to_string(), format!("{proxy:?}")),
                (shown.to_owned(), shown.to_owned())
            );
        }
        for text in [
            "",
            "192.0.2.1:1080",
            "https://proxy.example:443",
            "socks5://proxy.example",
            "socks5://:1080",
            "socks5://proxy.example:0",
            "http://proxy.example:3128/path",
            "http://a b@proxy.example:3128",
        ] {
            assert_eq!(text.parse::<Proxy>(), Err(ProxyUnreadable), "{text}");
        }
    }

    #[test]
    fn words_for_a_proxy_are_written_as_the_standard_has_them() {
        for (plain, written) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), written);
        }
    }
}
