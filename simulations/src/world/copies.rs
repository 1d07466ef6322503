//! Copies of nodes: who may be told what of its runs, and that copies which
//! meet somebody in common are told.

use tern_crdt::identity::PublicKey;
use tern_protocol::step::Event;
use tern_protocol::store::memory::MemoryStore;

use super::{PATIENCE, World};
use crate::invariants::Digest;

/// How long copies have to find those whom they know, before it is asked
/// whether they were noticed, in virtual milliseconds.
const ACQUAINTANCE: i64 = 60_000;

impl World {
    /// Nodes with this key that run or may, this one too.
    fn of_key(&self, key: PublicKey) -> impl Iterator<Item = usize> + '_ {
        let has = move |at: &usize| self.nodes[*at].key.public() == key && !self.nodes[*at].gone;
        (0..self.nodes.len()).filter(has)
    }

    /// Whether no copy of a node runs, and it is none itself.
    pub fn is_only_one(&self, node: usize) -> bool {
        self.of_key(self.nodes[node].key.public()).count() == 1
    }

    fn is_villain(&self, key: PublicKey) -> bool {
        self.nodes.iter().any(|node| node.key.public() == key && !node.is_honest())
    }

    /// A node says something about runs. One that was never copied is never
    /// said to be, and one that was never put back neither, but by a liar.
    pub fn check_runs(&mut self, number: usize, event: &Event) -> Result<(), String> {
        if matches!(event, Event::PutBack(_)) {
            self.nodes[number].put_back_at = Some(self.agenda.now());
        }
        let node = &self.nodes[number];
        if !node.is_honest() {
            return Ok(());
        }
        let own = node.key.public();
        let ever_copied =
            |key: PublicKey| self.nodes.iter().filter(|node| node.key.public() == key).count() > 1;
        let ever_set_back = |key: PublicKey| {
            self.nodes.iter().any(|node| node.key.public() == key && node.set_back)
        };
        let wrong = match event {
            Event::PutBack(Some(by)) => {
                let due = ever_copied(own) || ever_set_back(own) || self.is_villain(*by);
                self.put_back += 1;
                (!due).then_some("was never put back, and is said to be")
            }
            Event::Copied(by) if !self.is_villain(*by) => {
                let due = ever_copied(own) && !node.cleared;
                self.copied += 1;
                (!due).then_some("is no copy and has none, and is said to")
            }
            Event::OtherRun { peer, twice } if !self.is_villain(*peer) => {
                let due = ever_copied(*peer) || !twice && ever_set_back(*peer);
                (!due).then_some("says of a node that was always one that it is two")
            }
            _ => None,
        };
        wrong.map_or(Ok(()), |wrong| Err(format!("{} {wrong}: {event:?}", self.name(number))))
    }

    /// Copies that both meet an honest third are told, go on working and come
    /// into step. Then people stop all but one.
    pub fn copies_are_noticed(&mut self) -> Result<(), String> {
        if self.nodes.iter().all(|node| !node.twin) {
            return Ok(());
        }
        let begun = self.agenda.now();
        let mut looked = begun + ACQUAINTANCE;
        let mut waiting = String::new();
        while let Some(happening) = self.agenda.next(begun + PATIENCE) {
            self.happens(happening)?;
            if self.agenda.now() < looked {
                continue;
            }
            looked = self.agenda.now() + 1_000;
            match self.unnoticed() {
                Some(what) => waiting = what,
                None => return self.stop_copies(),
            }
        }
        Err(format!("copies are not noticed in {PATIENCE} ms: {waiting}"))
    }

    /// Two copies that a third is linked with, and what they lack.
    fn unnoticed(&self) -> Option<String> {
        let up = |at: usize| self.nodes[at].is_up() && self.is_member(at);
        // Who meets on command alone meets one of two with the same key.
        for third in (0..self.nodes.len()).filter(|at| up(*at) && self.nodes[*at].auto) {
            let peers = || self.nodes[third].links.values().map(|link| link.peer);
            for twin in peers().filter(|at| self.nodes[*at].twin && up(*at)) {
                let key = self.nodes[twin].key.public();
                for other in self.of_key(key).filter(|at| *at != twin && up(*at)) {
                    if !peers().any(|at| at == other) {
                        continue;
                    }
                    let held =
                        |at: usize| self.nodes[at].replica.as_ref().map(|r| *Digest::of(r).held());
                    for one in [twin, other] {
                        let node = &self.nodes[one];
                        let what = if !node.is_copied() {
                            "has not noticed"
                        } else if node.is_catching_up() {
                            "is catching up"
                        } else if held(one) != held(third) {
                            "is not in step"
                        } else {
                            continue;
                        };
                        let (name, third) = (self.name(one), self.name(third));
                        return Some(format!("{name} {what}, beside {third}"));
                    }
                }
            }
        }
        None
    }

    /// Its original stays; what only the copy held goes with it.
    fn stop_copies(&mut self) -> Result<(), String> {
        for node in 0..self.nodes.len() {
            if self.nodes[node].twin {
                self.stop(node, None, 0);
                self.nodes[node].gone = true;
                self.nodes[node].disk.restore(MemoryStore::new());
                self.forget_what_only_it_held(node)?;
            }
        }
        Ok(())
    }
}
