//! How malicious nodes are set going.

use bytes::Bytes;
use tern_protocol::step::Input;

use super::World;
use crate::author::Earlier;
use crate::node::Link;
use crate::villain::{Forged, Means, knock_about, twist};

impl World {
    /// A villain sends a frame of its honest half, or something else.
    pub fn lies(&mut self, node: usize, to: Link, frame: Bytes) -> Result<(), String> {
        if self.nodes[node].replica.as_ref().is_none_or(|replica| replica.is_joining()) {
            self.network.send(&mut self.agenda, to.end, frame);
            return Ok(());
        }
        let mut chance = self.chance.clone();
        let replayed = self.chance.percent(2);
        let forge = |chance: &mut crate::chance::Chance| self.forge(node, chance);
        let (mut frames, forged) = twist(&frame, &mut chance, forge);
        self.chance = chance;
        if let Some(forged) = forged {
            self.tell(|world| format!("{} lies: {}", world.name(node), forged.why));
            let frame = frames.last().filter(|_| forged.refused);
            self.lies.extend(frame.map(|frame| (frame.clone(), node)));
            if let Some(id) = forged.id {
                self.model.forged.insert(id, forged.why);
            }
        }
        if replayed {
            let place = self.chance.place(self.overheard.len());
            frames.extend(place.and_then(|place| self.overheard.get(place)).cloned());
        }
        frames.extend(self.forge_custody(node));
        for frame in frames {
            self.network.send(&mut self.agenda, to.end, frame);
        }
        Ok(())
    }

    fn forge(&mut self, node: usize, chance: &mut crate::chance::Chance) -> Option<Forged> {
        if self.support.is_some() {
            return self.forge_support(node, chance);
        }
        let party = self.nodes[node].party?;
        let others: Vec<usize> = (0..self.parties.len()).filter(|p| *p != party).collect();
        let other = *chance.pick(&others)?;
        let practice = |world: &mut Self, own| -> Option<Vec<Earlier>> {
            let practice = world.some_practice(node, own)?;
            world.earlier(node, &practice).ok()
        };
        let own_practice = practice(self, true);
        let other_practice = practice(self, false);
        let library = self.nodes[node].replica.as_ref()?.library();
        let means = Means {
            charter: library.authority().record(&self.federation.cast())?.clone(),
            federation: self.federation,
            own: &self.parties[party],
            other: &self.parties[other],
            own_practice,
            other_practice,
            now: self.nodes[node].time(self.agenda.now()),
        };
        means.forge(chance)
    }

    /// A stranger is let in, or hears something.
    pub fn stranger_hears(&mut self, node: usize, input: Input) {
        let link = match &input {
            Input::Connected { link, .. } | Input::Received { link, .. } => *link,
            _ => return,
        };
        let Some(to) = self.nodes[node].links.get(&link).copied() else { return };
        if let Input::Received { frame, .. } = &input {
            // It keeps nobody waiting, so that all is said to it that would be.
            let _ = self.network.credit(&mut self.agenda, to.end, frame.len());
        }
        let place = self.chance.place(self.overheard.len());
        let overheard = place.and_then(|place| self.overheard.get(place)).cloned();
        let frames = knock_about(self.federation, overheard.as_ref(), &mut self.chance);
        for frame in frames {
            self.network.send(&mut self.agenda, to.end, frame);
        }
    }
}
