//! What a node remembers of the runs of its peers.

use std::collections::BTreeMap;

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::{Run, read, versioned};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{RUNS_HEARD_MAX, RUNS_PEERS_MAX};
use crate::store::{Store, StoreError};

/// Under this and its key stands what was heard from a peer.
const HEARD: &[u8] = b"run/of/";

/// What writing down a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Noted {
    /// It is the last one still.
    Same,
    /// It is another than the last one, as after every start.
    Other,
    /// It is another, with a number that does not follow from the last one's.
    PutBack,
    /// It was here before, and the one named here in between.
    Twice(Run),
}

/// Runs of one peer, as they answered here.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
struct Heard {
    /// When the last one did, by this node's clock.
    #[n(0)]
    at: Timestamp,
    #[n(1)]
    runs: Vec<Run>,
}

/// Runs of peers, by their keys.
#[derive(Debug)]
pub(crate) struct Peers(BTreeMap<PublicKey, Heard>);

impl Peers {
    pub(super) fn load<S: Store>(library: &Library<S>) -> Result<Self, StoreError> {
        let mut peers = BTreeMap::new();
        for (name, value) in library.ledger().locals(HEARD)? {
            let damaged = || StoreError::Damaged("the key of a peer's runs".into());
            let key = name.get(HEARD.len()..).and_then(|key| key.try_into().ok());
            let key = PublicKey::new(key.ok_or_else(damaged)?);
            peers.insert(key, read(&value, "the runs of a peer")?);
        }
        Ok(Self(peers))
    }

    /// The last run of a peer that answered here.
    pub fn known_of(&self, peer: &PublicKey) -> Option<Run> {
        self.0.get(peer)?.runs.last().copied()
    }

    /// Writes down a run of a peer that has answered all that was written down
    /// of it before.
    pub fn note(&mut self, peer: PublicKey, run: Run, at: Timestamp) -> (Noted, Vec<Private>) {
        let mut kept = self.make_room(&peer);
        let heard = self.0.entry(peer).or_insert(Heard { at, runs: Vec::new() });
        heard.at = at;
        let last = heard.runs.last().copied();
        let before = heard.runs.iter().any(|known| known.is_same(&run));
        let noted = match last {
            Some(last) if last.is_same(&run) => Noted::Same,
            Some(last) if before => Noted::Twice(last),
            Some(last) if last.number >= run.number => Noted::PutBack,
            _ => Noted::Other,
        };
        match heard.runs.last_mut() {
            Some(last) if noted == Noted::Same => last.said = last.said.max(run.said),
            _ => heard.runs.push(run),
        }
        let spare = heard.runs.len().saturating_sub(RUNS_HEARD_MAX);
        heard.runs.drain(..spare);
        kept.push(Private::local(heard_name(&peer), Some(versioned(heard))));
        (noted, kept)
    }

    /// Forgets the peer that was not heard for the longest, if one more does
    /// not fit.
    fn make_room(&mut self, peer: &PublicKey) -> Vec<Private> {
        if self.0.contains_key(peer) || self.0.len() < RUNS_PEERS_MAX {
            return Vec::new();
        }
        let oldest = self.0.iter().min_by_key(|(_, heard)| heard.at).map(|(key, _)| *key);
        let gone = oldest.into_iter().map(|key| {
            self.0.remove(&key);
            Private::local(heard_name(&key), None)
        });
        gone.collect()
    }
}

fn heard_name(peer: &PublicKey) -> Vec<u8> {
    [HEARD, peer.as_bytes()].concat()
}

#[cfg(test)]
impl Peers {
    /// How many peers there are, and runs of this one.
    pub(super) fn count(&self, peer: &PublicKey) -> (usize, usize) {
        (self.0.len(), self.0.get(peer).map_or(0, |heard| heard.runs.len()))
    }
}
