//! Thin, far and broken links for real programs, without privileges.
//!
//! An [`Emulator`] stands on loopback between who dials and who listens, for
//! UDP (and so QUIC) and for TCP, and lets pass what a link of its [`Profile`]
//! would, when it would. The two directions are two [`line::Line`]s, shared by
//! all flows; the link goes down as its [`Cut`] says, which resets connections
//! and swallows datagrams. Everything that is sent is counted ([`Counts`]).
//!
//! What becomes of packets is decided in virtual time by `line` and `outage`,
//! from a seed; `link`, `datagrams` and `streams` only move bytes when they
//! are told. With real programs at both ends a seed repeats the link, not the
//! run: they have clocks and keys of their own.
//!
//! Not modelled: packets that overtake each other, fragments, other traffic,
//! and for TCP what the module [`mod@line`] names.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinSet;

pub mod counts;
mod datagrams;
pub mod line;
mod link;
mod outage;
mod profile;
mod streams;

pub use counts::{Counts, Direction};
pub use profile::{Cut, Every, Profile};

use link::Link;

/// A link on loopback. It is gone when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    link: Arc<Link>,
    tcp: Option<SocketAddr>,
    udp: Option<SocketAddr>,
    _tasks: JoinSet<()>,
}

impl Emulator {
    /// A link towards these sockets, over each transport that is named. Needs
    /// a Tokio runtime, on which it runs.
    ///
    /// # Errors
    /// The system gives no socket. IPv4 only.
    pub async fn start(
        profile: Profile,
        seed: u64,
        tcp: Option<SocketAddr>,
        udp: Option<SocketAddr>,
    ) -> io::Result<Self> {
        let link = Link::new(profile, seed);
        let mut tasks = JoinSet::new();
        let mut emulator = (None, None);
        if let Some(target) = tcp {
            let listener = streams::listen(&link)?;
            emulator.0 = Some(listener.local_addr()?);
            tasks.spawn(streams::carry(listener, target, Arc::clone(&link)));
        }
        if let Some(target) = udp {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            emulator.1 = Some(socket.local_addr()?);
            tasks.spawn(datagrams::carry(socket, target, Arc::clone(&link)));
        }
        let time = Arc::clone(&link);
        tasks.spawn(async move { time.keep_time().await });
        let (tcp, udp) = emulator;
        Ok(Self { link, tcp, udp, _tasks: tasks })
    }

    /// Where to dial over TCP instead of the target.
    pub const fn tcp(&self) -> Option<SocketAddr> {
        self.tcp
    }

    /// Where to send datagrams instead of to the target.
    pub const fn udp(&self) -> Option<SocketAddr> {
        self.udp
    }

    /// What passed so far.
    pub fn counts(&self) -> Counts {
        self.link.counts()
    }

    /// What passed so far; counting begins anew.
    pub fn take_counts(&self) -> Counts {
        self.link.take_counts()
    }

    /// How long nothing was sent, either way.
    pub fn quiet(&self) -> Duration {
        self.link.quiet()
    }
}

#[cfg(test)]
mod tests;
