//! A port of the router: where a node stands behind one that opens ports when asked
//! (UPnP, see `gateway.rs`), it asks for those on which it listens, so that others
//! reach it without anybody setting the router up.
//!
//! It asks only where that helps and costs nothing: not where an address is announced
//! or of the world already, not where links cost money (a node that is reached is
//! called), not for a command. What was opened lasts an hour and is renewed every
//! twenty minutes; when the node stops, or does not want it any more, it is taken
//! back. What the router says of its address is a claim like any other: it is told
//! as the other addresses are, and the calls of members tell whether it is true.
//!
//! There are libraries for this. What they read from whoever says that it is a router
//! has no bounds, and is read by recursion; so this is our own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tern_protocol::reach::{Reach, is_relayed, reach};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::relaying::is_reachable;
use crate::running::{Mode, Node};

mod gateway;
#[cfg(test)]
mod tests;
mod xml;

use gateway::{EVERYBODY, Gateway, RouterError, Transport};

/// How long a router passes on without being asked again, in seconds.
const LEASE: u32 = 3_600;
/// How often it is asked again.
const PACE: Duration = Duration::from_secs(20 * 60);
/// How often it is looked whether that is still wanted.
const LOOKS: Duration = Duration::from_secs(60);
/// Where another machine has the port, so many following ones are tried.
const PORTS_TRIED: u16 = 8;
/// Ports that are asked for: those of QUIC and of TCP.
const PORTS_MAX: usize = 4;
/// Taking back takes no longer when a node stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// How it stands with a port of the router.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum RouterPort {
    /// The settings say no, or this is a command.
    #[default]
    Off,
    /// There is an address of the world already, or none that a router could lead to.
    Unneeded,
    /// Links cost money.
    Costly,
    /// It is being looked for.
    Looking,
    /// No router answers.
    Nobody,
    /// The router has no address of the world itself.
    Inside,
    /// The router does not do it.
    Refused(String),
    /// It passes on what comes to these addresses.
    Open(Vec<String>),
}

impl RouterPort {
    /// `{state, addresses[], reason}`.
    pub(crate) fn to_json(&self) -> Value {
        let state = match self {
            Self::Off => "off",
            Self::Unneeded => "unneeded",
            Self::Costly => "costly",
            Self::Looking => "looking",
            Self::Nobody => "nobody",
            Self::Inside => "inside",
            Self::Refused(_) => "refused",
            Self::Open(_) => "open",
        };
        let reason = match self {
            Self::Refused(why) => json!(why),
            _ => Value::Null,
        };
        json!({ "state": state, "addresses": self.addresses(), "reason": reason })
    }

    /// Addresses in the world at which the router passes on.
    pub(crate) fn addresses(&self) -> &[String] {
        if let Self::Open(addresses) = self { addresses } else { &[] }
    }
}

/// What was asked of the router, and what it does.
#[derive(Default, Debug)]
pub(crate) struct Router {
    told: watch::Sender<RouterPort>,
    held: Mutex<Option<Held>>,
}

/// Ports that a router opened.
#[derive(Clone, Debug)]
struct Held {
    gateway: Gateway,
    ports: Vec<Port>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Port {
    transport: Transport,
    internal: u16,
    external: u16,
}

impl Port {
    fn address(self, host: Ipv4Addr) -> String {
        match self.transport {
            Transport::Tcp => format!("/ip4/{host}/tcp/{}", self.external),
            Transport::Udp => format!("/ip4/{host}/udp/{}/quic-v1", self.external),
        }
    }
}

impl Router {
    pub(crate) fn standing(&self) -> RouterPort {
        self.told.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<RouterPort> {
        self.told.subscribe()
    }

    fn tell(&self, now: RouterPort) {
        self.told.send_if_modified(|told| {
            let news = *told != now;
            *told = now;
            news
        });
    }

    fn take(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn hold(&self, held: Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    /// Asks the router for the ports of a node that listens at `listening`, anew or
    /// for longer. Routers are looked for at `everybody`.
    async fn ask(&self, listening: &[String], everybody: SocketAddr) {
        let before = self.take();
        let known = before.as_ref().map(|held| held.gateway.clone());
        let answered = match &known {
            Some(gateway) => gateway.external().await.ok().map(|host| (gateway.clone(), host)),
            None => None,
        };
        let found = match answered {
            Some(answered) => Ok(answered),
            None => found(everybody).await,
        };
        let (gateway, host) = match found {
            Ok(found) => found,
            Err(standing) => {
                // It may answer again, and what it opened is still to be taken back.
                if let Some(before) = before {
                    self.hold(before);
                }
                return self.tell(standing);
            }
        };
        let mut kept =
            before.filter(|held| held.gateway == gateway).map_or(Vec::new(), |h| h.ports);
        let wanted = wanted(listening, gateway.local);
        let gone: Vec<Port> = kept
            .extract_if(.., |port| !wanted.contains(&(port.transport, port.internal)))
            .collect();
        for port in gone {
            // It ends by itself within the hour.
            let _ = gateway.close(port.transport, port.external).await;
        }
        if reach(&format!("/ip4/{host}/tcp/1")) != Some(Reach::World) {
            close_all(Held { gateway, ports: kept }).await;
            return self.tell(RouterPort::Inside);
        }
        let (mut ports, mut addresses, mut refused) = (Vec::new(), Vec::new(), None);
        for (transport, internal) in wanted {
            let had =
                kept.iter().find(|port| (port.transport, port.internal) == (transport, internal));
            match open(&gateway, transport, internal, had.map(|port| port.external)).await {
                Ok(external) => {
                    let port = Port { transport, internal, external };
                    addresses.push(port.address(host));
                    ports.push(port);
                }
                Err(why) => {
                    // Open still, as far as is known: to be taken back, and not told.
                    ports.extend(had.copied());
                    refused = Some(why);
                }
            }
        }
        self.hold(Held { gateway, ports });
        self.tell(match refused {
            Some(why) if addresses.is_empty() => RouterPort::Refused(why.to_string()),
            _ if addresses.is_empty() => RouterPort::Unneeded,
            _ => RouterPort::Open(addresses),
        });
    }

    /// Takes back what was opened.
    pub(crate) async fn release(&self) {
        if let Some(held) = self.take() {
            // What is not taken back in time ends by itself.
            let _ = timeout(FAREWELL, close_all(held)).await;
        }
    }
}

/// The router that answers, and its address.
async fn found(everybody: SocketAddr) -> Result<(Gateway, Ipv4Addr), RouterPort> {
    let gateway = Gateway::find(everybody).await.ok_or(RouterPort::Nobody)?;
    match gateway.external().await {
        Ok(host) => Ok((gateway, host)),
        Err(why) => Err(RouterPort::Refused(why.to_string())),
    }
}

async fn close_all(held: Held) {
    for port in held.ports {
        // A router that is gone passes on nothing.
        let _ = held.gateway.close(port.transport, port.external).await;
    }
}

/// Opens the port that was had, or the same as within, or one that follows.
async fn open(
    gateway: &Gateway,
    transport: Transport,
    internal: u16,
    had: Option<u16>,
) -> Result<u16, RouterError> {
    let following = (0..PORTS_TRIED).filter_map(|step| internal.checked_add(step));
    for external in had.into_iter().chain(following) {
        if gateway.open(transport, internal, external, LEASE).await?.is_some() {
            return Ok(external);
        }
    }
    Err(RouterError::Taken)
}

/// The ports on which a node listens where the router finds it.
fn wanted(listening: &[String], local: Ipv4Addr) -> Vec<(Transport, u16)> {
    let host = local.to_string();
    let port = |address: &String| {
        let parts: Vec<&str> = address.split('/').skip(1).collect();
        match parts.as_slice() {
            ["ip4", at, "tcp", port] if *at == host => Some((Transport::Tcp, port.parse().ok()?)),
            ["ip4", at, "udp", port, "quic-v1"] if *at == host => {
                Some((Transport::Udp, port.parse().ok()?))
            }
            _ => None,
        }
    };
    let mut ports: Vec<(Transport, u16)> = listening.iter().filter_map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports.truncate(PORTS_MAX);
    ports
}

impl Node {
    /// Where others reach this node as far as its operator and the router say.
    pub(crate) fn announced(&self) -> Vec<String> {
        let router = self.router().standing();
        [self.settings().announce.as_slice(), router.addresses()].concat()
    }

    /// Whether a port of the router is wanted; if not, how it stands.
    async fn wants_port(&self) -> Result<(), RouterPort> {
        if self.mode() != Mode::Serving || !self.settings().upnp {
            return Err(RouterPort::Off);
        }
        let listening = self.listening();
        let within = |at: &String| {
            at.starts_with("/ip4/") && reach(at) == Some(Reach::Network) && !is_relayed(at)
        };
        if is_reachable(&self.settings().announce, &listening) || !listening.iter().any(within) {
            return Err(RouterPort::Unneeded);
        }
        let costly = self.handle().read(|replica| replica.tariff().class.is_costly()).await;
        // A node that is stopping wants nothing.
        if costly.unwrap_or(true) { Err(RouterPort::Costly) } else { Ok(()) }
    }

    /// Asks for what is wanted, and takes back what is not; tells when it is to be
    /// looked at again at the latest.
    async fn see_to_router(&self, everybody: SocketAddr, asked: &mut Option<Instant>) {
        if let Err(standing) = self.wants_port().await {
            *asked = None;
            self.router().release().await;
            return self.router().tell(standing);
        }
        if asked.is_none_or(|at| at.elapsed() >= PACE) {
            if asked.is_none() {
                self.router().tell(RouterPort::Looking);
            }
            *asked = Some(Instant::now());
            self.router().ask(&self.listening(), everybody).await;
        }
    }
}

/// Looks after it for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let mut listening = open.watch_listening();
    drop(open);
    let mut ticks = interval(LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = listening.changed() => asked = asked.map(|_| Instant::now() - PACE),
        }
        let Some(node) = node.upgrade() else { return };
        node.see_to_router(EVERYBODY, &mut asked).await;
    }
}
