//! Attempts to reach peers: which belong together, and how they ended.
//!
//! One call of [`dial`](super::Net::dial) may become several attempts. It has
//! failed when all of them have, and then tells all their reasons.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io;

use libp2p::core::transport::TransportError;
use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{Multiaddr, PeerId};
use tern_crdt::identity::PublicKey;

use super::NetEvent;
use super::address::{self, AddressError};

/// More addresses of one peer are not tried.
const ADDRESSES_MAX: usize = 16;
/// The words of a failure are at most this long.
const REASON_CHARS_MAX: usize = 600;

/// One call of `dial`.
#[derive(Debug)]
struct Dial {
    peer: Option<PublicKey>,
    /// Attempts that have not ended.
    open: usize,
    linked: bool,
    reasons: Vec<String>,
}

impl Dial {
    fn failure(mut self) -> Option<NetEvent> {
        if self.linked {
            return None;
        }
        self.reasons.dedup();
        if self.reasons.is_empty() {
            self.reasons.push("no address is known".to_owned());
        }
        let reason = self.reasons.join("; ").chars().take(REASON_CHARS_MAX).collect();
        Some(NetEvent::DialFailed { peer: self.peer, reason })
    }
}

/// All calls whose end is still open.
#[derive(Default, Debug)]
pub(super) struct Dials {
    next: u64,
    open: HashMap<u64, Dial>,
    attempts: HashMap<ConnectionId, u64>,
}

impl Dials {
    /// Begins a call that made these attempts, after having failed for these
    /// reasons. Gives its failure if there was nothing to attempt.
    pub(super) fn begin(
        &mut self,
        peer: Option<PublicKey>,
        attempts: &[ConnectionId],
        reasons: Vec<String>,
    ) -> Option<NetEvent> {
        let dial = Dial { peer, open: attempts.len(), linked: false, reasons };
        if attempts.is_empty() {
            return dial.failure();
        }
        self.next += 1;
        self.open.insert(self.next, dial);
        self.attempts.extend(attempts.iter().map(|attempt| (*attempt, self.next)));
        None
    }

    /// Whether this is an attempt of a call whose end is open.
    pub(super) fn made(&self, attempt: ConnectionId) -> bool {
        self.attempts.contains_key(&attempt)
    }

    /// This attempt became the link.
    pub(super) fn linked(&mut self, attempt: ConnectionId) {
        // A call that has a link never fails, whatever its other attempts do.
        let _ = self.end(attempt, |dial| dial.linked = true);
    }

    /// This attempt did not. Gives the failure of its call, if it was the last.
    pub(super) fn failed(&mut self, attempt: ConnectionId, reason: String) -> Option<NetEvent> {
        self.end(attempt, |dial| dial.reasons.push(reason))
    }

    fn end(&mut self, attempt: ConnectionId, how: impl FnOnce(&mut Dial)) -> Option<NetEvent> {
        let call = self.attempts.remove(&attempt)?;
        let dial = self.open.get_mut(&call)?;
        how(dial);
        dial.open -= 1;
        if dial.open > 0 {
            return None;
        }
        self.open.remove(&call)?.failure()
    }
}

/// Addresses that are tried together.
#[derive(Debug)]
pub(super) struct Target {
    /// Who must answer there; any one if unknown.
    pub peer: Option<PublicKey>,
    /// Never empty; one only if the peer is unknown.
    pub addresses: Vec<Multiaddr>,
}

/// Whom to try where. The words tell which addresses cannot be tried.
pub(super) fn plan(peer: Option<PublicKey>, addresses: &[String]) -> (Vec<Target>, Vec<String>) {
    let mut known: BTreeMap<PublicKey, Vec<Multiaddr>> = BTreeMap::new();
    let (mut targets, mut reasons) = (Vec::new(), Vec::new());
    for text in addresses.iter().take(ADDRESSES_MAX) {
        match address::parse(text) {
            Ok((Some(named), _)) if peer.is_some_and(|meant| meant != named) => {
                let peer = peer.map(address::peer_id_text).unwrap_or_default();
                let address = text.clone();
                reasons.push(AddressError::OtherPeer { address, peer }.to_string());
            }
            Ok((named, address)) => match peer.or(named) {
                Some(key) => known.entry(key).or_default().push(address),
                None if address::relay(&address).is_some() => {
                    reasons
                        .push(format!("`{address}` goes over a relay and names nobody behind it"));
                }
                None => targets.push(Target { peer: None, addresses: vec![address] }),
            },
            Err(error) => reasons.push(error.to_string()),
        }
    }
    let known = known.into_iter();
    targets.extend(known.map(|(key, addresses)| Target { peer: Some(key), addresses }));
    (targets, reasons)
}

/// Why a peer could not be reached, for people.
pub(super) fn words(error: &DialError) -> String {
    match error {
        DialError::LocalPeerId { address } => format!("at {address} is this node itself"),
        DialError::WrongPeerId { obtained, address } => {
            format!("at {address} another peer answers, {}", peer_words(obtained))
        }
        DialError::Denied { cause } => cause
            .source()
            .map_or_else(|| "too many connections".to_owned(), |source| source.to_string()),
        // libp2p leaves out those on which it listens.
        DialError::NoAddresses => "at these addresses is this node itself".to_owned(),
        DialError::DialPeerConditionFalse(_) | DialError::Aborted => {
            "the attempt was given up".to_owned()
        }
        DialError::Transport(tried) => {
            tried.iter().map(attempt_words).collect::<Vec<_>>().join("; ")
        }
    }
}

fn peer_words(peer: &PeerId) -> String {
    peer.to_string().chars().take(64).collect()
}

fn attempt_words((address, error): &(Multiaddr, TransportError<io::Error>)) -> String {
    let why = match error {
        TransportError::MultiaddrNotSupported(_) => {
            return format!("{address} is no address to connect to");
        }
        TransportError::Other(error) => root_cause(error),
    };
    let address: Multiaddr = address
        .iter()
        .filter(|part| !matches!(part, libp2p::multiaddr::Protocol::P2p(_)))
        .collect();
    format!("{address}: {why}")
}

/// The innermost error: the outer ones only tell which layers it crossed.
pub(super) fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
