//! What is checked of a world as it goes and at its end.

use tern_protocol::ledger::Ledger;

use super::{Report, World};
use crate::invariants::{Contents, Digest, check_rules, contents};
use crate::model::Item;

impl World {
    /// Whether a thing is on the disk of a node, started or not.
    pub fn on_disk(&self, node: usize, item: &Item) -> Result<bool, String> {
        let ledger = Ledger::new(self.nodes[node].disk.clone());
        item.is_in(&ledger).map_err(|error| error.to_string())
    }

    /// What was acknowledged is there, unless it was erased since.
    pub fn check_kept(&self, node: usize, item: &Item) -> Result<(), String> {
        if !self.model.may_be_gone(item) && !self.on_disk(node, item)? {
            return Err(format!("{} acknowledged {item:?} and lost it", self.name(node)));
        }
        Ok(())
    }

    /// A node that was opened again is what it was, and holds what it
    /// acknowledged.
    pub fn check_reopened(&mut self, node: usize) -> Result<(), String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let after = Digest::of(replica);
        if let Some(before) = self.nodes[node].before.take()
            && before != after
        {
            let name = self.name(node);
            return Err(format!("{name} was {before:?} and is {after:?} when opened again"));
        }
        for item in self.model.acknowledged_by(node) {
            self.check_kept(node, &item)?;
        }
        Ok(())
    }

    /// Whoever was lied to has said so. One lie may have been cut off before it
    /// was looked at, several not.
    fn check_complaints(&self, number: usize) -> Result<(), String> {
        let node = &self.nodes[number];
        for (villain, lies) in &node.lied_to {
            let villain = &self.nodes[*villain];
            if *lies > 3 && !node.complaints.contains(&villain.key.public()) {
                let (name, liar) = (&node.name, &villain.name);
                return Err(format!("{name} took in {lies} lies of {liar} without a word"));
            }
        }
        Ok(())
    }

    /// The trouble is over: everything works, and all but the malicious are
    /// there.
    pub fn heal(&mut self) -> Result<(), String> {
        self.tell(|_| "everything heals".into());
        self.trouble = false;
        self.parts = None;
        self.quality.jitter = 0;
        self.quality.unnoticed = 0;
        for node in 0..self.nodes.len() {
            self.nodes[node].disk.fault(None);
        }
        Ok(())
    }

    /// Honest nodes of organisations that may be members by now and were
    /// started.
    fn members(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|number| {
            let node = &self.nodes[*number];
            let started = node.is_up() || node.life > 0;
            node.is_honest() && node.party.is_some() && started && !node.gone
        })
    }

    /// Whether every member is up and holds the same.
    pub fn agrees(&self) -> bool {
        let mut digests = self.members().map(|node| {
            let replica = self.nodes[node].replica.as_ref()?;
            (!replica.is_joining() && !replica.is_catching_up())
                .then(|| *Digest::of(replica).held())
        });
        let Some(Some(first)) = digests.next() else { return false };
        let members: Vec<usize> = self.members().collect();
        digests.all(|digest| digest == Some(first)) && self.agrees_on_drafts(&members)
    }

    /// What stands between the members and agreement.
    pub fn differences(&self) -> String {
        let lines = self.members().map(|node| {
            let Some(replica) = &self.nodes[node].replica else {
                return format!("{} is down", self.name(node));
            };
            let digest = Digest::of(replica);
            let joining = if replica.is_joining() { ", joining" } else { "" };
            let restored = if replica.is_catching_up() { ", restored" } else { "" };
            let links = self.nodes[node].links.len();
            let held = digest
                .held()
                .map(|(root, count)| format!("{:02x}{:02x}/{count}", root[0], root[1]));
            let drafts: Vec<String> = self
                .members()
                .filter_map(|other| self.nodes[other].replica.as_ref())
                .map(|other| replica.library().drafts_with(&other.org()))
                .filter(|drafts| drafts.count() > 0)
                .map(|drafts| format!("{:02x}/{}", drafts.root()[0], drafts.count()))
                .collect();
            let drafts = if drafts.is_empty() { "".into() } else { format!(" {drafts:?}") };
            format!("{} ({links} links{joining}{restored}) {held:?}{drafts}", self.name(node))
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    /// The end: everything is looked at once more.
    pub fn judge(&mut self, healed: i64) -> Result<Report, String> {
        let members: Vec<usize> = self.members().collect();
        let mut first: Option<Contents> = None;
        let mut practices = 0;
        for node in &members {
            let Some(replica) = &self.nodes[*node].replica else { continue };
            let library = replica.library();
            let found = contents(library)?;
            for item in self.model.lasting() {
                if !self.on_disk(*node, &item)? {
                    return Err(format!("{} lacks {item:?}", self.name(*node)));
                }
            }
            for item in self.model.gone() {
                if self.on_disk(*node, &item)? {
                    return Err(format!("{} still holds {item:?}", self.name(*node)));
                }
            }
            for (object, edition) in found.keys() {
                let why = self.model.forged.get(object).or(self.model.forged.get(edition));
                if let Some(why) = why {
                    return Err(format!("{} holds something {why}", self.name(*node)));
                }
            }
            self.check_cuts(*node)?;
            self.check_addresses(*node)?;
            practices = library.practices();
            match &first {
                None => {
                    if self.support.is_none() {
                        check_rules(library)?;
                    }
                    first = Some(found);
                }
                Some(first) if *first != found => {
                    return Err(format!(
                        "{} holds other bytes under equal roots",
                        self.name(*node)
                    ));
                }
                Some(_) => {}
            }
        }
        let support = self.judge_support(&members)?;
        let writing = self.judge_drafts(&members)?;
        for node in &members {
            self.check_complaints(*node)?;
            self.stop_between_steps(*node, 0);
            self.start(*node)?;
        }
        Ok(Report {
            healed,
            members: members.len(),
            practices,
            objects: first.map_or(0, |contents| contents.len()),
            frames: self.network.frames,
            bytes: self.network.bytes,
            restarts: self.restarts,
            support,
            writing,
            moved: self.nodes.iter().map(|node| u64::from(node.moved)).sum(),
            revoked: self.model.revoked.len() as u64,
            adopted: self.model.adopted,
            copied: self.copied,
            put_back: self.put_back,
            lies: self.nodes.iter().flat_map(|node| node.lied_to.values()).sum(),
        })
    }
}
