//! What people say about practices: their own and those of others, held and erased ones.

use tern_crdt::annotation::{Adaptation, Annotation, Deed, Reason, Remark, Translation};
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Statement;

use super::World;
use crate::model::Item;
use crate::people::Person;

impl World {
    /// Somebody says something about a practice, or takes back what they said.
    pub fn annotate(&mut self, node: usize) -> Result<(), String> {
        let own = self.chance.percent(50);
        let Some(practice) = self.some_practice(node, own) else { return Ok(()) };
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let library = replica.library();
        let founding = library.founding(&practice).map_err(|error| error.to_string())?;
        let Some((founder, founding)) = founding else { return Ok(()) };
        let said: Vec<RecordId> =
            library.annotations().of_practice(&practice).into_iter().collect();
        let editions = self.earlier(node, &practice)?;
        let edition = self.chance.pick(&editions).map(|edition| edition.id);
        let Some(edition) = edition else { return Ok(()) };
        let follows: Vec<RecordId> = self.chance.pick(&said).copied().into_iter().collect();
        let remark = || Remark::default().to_tree();
        let translation = serde_json::json!({ "language": "fr", "title": "Registres" });
        let deed = match self.chance.below(5) {
            0 => Deed::Withdraw {
                reason: Reason::Outdated,
                past: self.chance.percent(50),
                replaced_by: None,
                why: remark(),
            },
            1 => Deed::Confirm { note: remark() },
            2 => Deed::Adapt { adaptation: Adaptation::default().to_tree() },
            3 if !follows.is_empty() => Deed::TakeBack { why: remark() },
            _ => {
                let translation = Translation::from_json(&translation, "fr");
                let translation = translation.map_err(|error| error.to_string())?.to_tree();
                Deed::Translate { translation }
            }
        };
        let (nonce, now) = (self.chance.bytes(), self.nodes[node].time(self.agenda.now()));
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let Person { key, certificate } = party.publisher.clone();
        let annotation = Annotation {
            by: certificate,
            nonce,
            founder,
            founding,
            editions: vec![edition],
            deed,
            follows,
            claimed_at: now,
        };
        let record = annotation.prepare().sign(self.federation, &key);
        self.model.by.insert(*record.id().as_bytes(), certificate);
        self.model.about.insert(*record.id().as_bytes(), *practice.as_bytes());
        self.write_record(node, &record, Item::Public(record.id()));
        Ok(())
    }
}
