//! What meetings came to, counted from what the replica hears and says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tern_crdt::identity::PublicKey;
use tern_protocol::step::{Event, Input, LinkId, Output};

/// Counters since the start; read by anybody.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
    refused: AtomicU64,
    repeated: AtomicU64,
    damaged: AtomicU64,
    settled: AtomicU64,
    broken: AtomicU64,
    hung_up: AtomicU64,
    unreachable: AtomicU64,
}

/// How meetings ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcomes {
    /// Both held the same.
    pub settled: u64,
    /// The link was lost before.
    pub broken: u64,
    /// This side ended it because of what the peer did.
    pub hung_up: u64,
    /// Nobody answered.
    pub unreachable: u64,
}

impl Traffic {
    /// Bytes sent in meetings.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes received in meetings.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Pieces that were not held.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Pieces that came although they were held.
    pub fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    /// Stored things that could not be read any more.
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// How meetings ended.
    pub fn outcomes(&self) -> Outcomes {
        Outcomes {
            settled: self.settled.load(Ordering::Relaxed),
            broken: self.broken.load(Ordering::Relaxed),
            hung_up: self.hung_up.load(Ordering::Relaxed),
            unreachable: self.unreachable.load(Ordering::Relaxed),
        }
    }
}

fn one_more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Follows links, to tell a meeting that broke off from one that was over. The
/// driver's thread owns it.
#[derive(Debug)]
pub struct Meetings {
    traffic: Arc<Traffic>,
    links: BTreeMap<LinkId, PublicKey>,
    /// Peers whose meeting has its outcome.
    over: BTreeSet<PublicKey>,
}

impl Meetings {
    /// Nobody is linked yet.
    pub const fn new(traffic: Arc<Traffic>) -> Self {
        Self { traffic, links: BTreeMap::new(), over: BTreeSet::new() }
    }

    /// Counts what the replica is about to hear.
    pub fn heard(&mut self, input: &Input) {
        match input {
            Input::Connected { link, peer, .. } => {
                self.links.insert(*link, *peer);
                self.over.remove(peer);
            }
            Input::Disconnected { link } => {
                if let Some(peer) = self.links.remove(link)
                    && !self.over.remove(&peer)
                {
                    one_more(&self.traffic.broken);
                }
            }
            Input::DialFailed { .. } => one_more(&self.traffic.unreachable),
            Input::Received { frame, .. } => {
                self.traffic.received.fetch_add(frame.len() as u64, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// Counts what the replica said.
    pub fn said(&mut self, output: &Output) {
        match output {
            Output::Send { frame, .. } => {
                self.traffic.sent.fetch_add(frame.len() as u64, Ordering::Relaxed);
            }
            Output::Event(Event::Settled(peer)) => {
                one_more(&self.traffic.settled);
                self.over.insert(*peer);
            }
            Output::Event(Event::HungUp { peer, .. }) => {
                one_more(&self.traffic.hung_up);
                self.over.insert(*peer);
            }
            Output::Event(Event::Refused { .. }) => one_more(&self.traffic.refused),
            Output::Event(Event::Repeated { pieces, .. }) => {
                self.traffic.repeated.fetch_add(*pieces, Ordering::Relaxed);
            }
            Output::Event(Event::Damaged(_)) => one_more(&self.traffic.damaged),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tern_protocol::gate::GateRefused;

    use super::*;

    const CHAD: PublicKey = PublicKey::new([1; 32]);
    const NEPAL: PublicKey = PublicKey::new([2; 32]);

    fn linked(link: u64, peer: PublicKey) -> Input {
        let (dialled, address, near) = (true, String::new(), true);
        Input::Connected { link: LinkId(link), peer, dialled, address, near }
    }

    #[test]
    fn a_meeting_has_one_outcome_for_each_way_it_can_end() {
        let traffic = Arc::new(Traffic::default());
        let mut niger = Meetings::new(traffic.clone());
        niger.heard(&linked(1, CHAD));
        niger.heard(&Input::Received { link: LinkId(1), frame: vec![0; 70].into() });
        niger.said(&Output::Send { link: LinkId(1), frame: vec![0; 30].into() });
        niger.said(&Output::Event(Event::Settled(CHAD)));
        niger.heard(&Input::Disconnected { link: LinkId(1) });
        assert_eq!((traffic.sent(), traffic.received()), (30, 70));
        assert_eq!(traffic.outcomes(), Outcomes { settled: 1, ..Outcomes::default() });
        niger.heard(&linked(2, CHAD));
        niger.heard(&Input::Disconnected { link: LinkId(2) });
        assert_eq!(traffic.outcomes().broken, 1, "the second one with Chad was lost");
        niger.heard(&linked(3, NEPAL));
        let reason = "it speaks out of turn".to_owned();
        niger.said(&Output::Event(Event::HungUp { peer: NEPAL, reason: reason.clone() }));
        niger.heard(&Input::Disconnected { link: LinkId(3) });
        niger.heard(&Input::DialFailed { address: String::new(), reason });
        let all = Outcomes { settled: 1, broken: 1, hung_up: 1, unreachable: 1 };
        assert_eq!(traffic.outcomes(), all);
    }

    #[test]
    fn pieces_that_are_refused_or_repeated_and_things_that_are_damaged_are_counted() {
        let traffic = Arc::new(Traffic::default());
        let mut niger = Meetings::new(traffic.clone());
        let refused = Event::Refused { peer: CHAD, reason: GateRefused::Erased };
        niger.said(&Output::Event(refused));
        niger.said(&Output::Event(Event::Damaged("an edition".into())));
        niger.said(&Output::Event(Event::Repeated { peer: CHAD, pieces: 3 }));
        assert_eq!((traffic.refused(), traffic.damaged(), traffic.repeated()), (1, 1, 3));
    }
}
