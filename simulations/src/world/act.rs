//! What people do: publish, publish again, name, erase, and write what no
//! version of the program knows yet.

use tern_crdt::authority::{Erase, EraseReason, Standing};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{CertificateId, DocumentId, OrgId, RecordId};
use tern_crdt::signed::{Kind, Record, Statement};
use tern_crdt::value::Value;
use tern_protocol::ledger::Private;
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use super::{Happening, World};
use crate::author::{self, Content, Earlier};
use crate::chance::Chance;
use crate::model::{Item, Own};
use crate::node::Asked;
use crate::people::Person;

/// A statement of a kind that no version knows.
#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
struct Forecast {
    #[n(0)]
    by: CertificateId,
    #[n(1)]
    text: String,
}

impl Statement for Forecast {
    const KIND: Kind = Kind::known("tide-forecast");
}

/// An entry of an organisation's log that no version knows.
#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
struct Treaty {
    #[n(0)]
    org: OrgId,
    #[n(1)]
    text: String,
}

impl Statement for Treaty {
    const KIND: Kind = Kind::known("treaty");
}

/// What somebody writes into a practice.
pub(crate) fn draft(chance: &mut Chance) -> Content {
    const WORDS: [&str; 8] = ["births", "are", "registered", "at", "the", "border", "in", "a day"];
    let words = |chance: &mut Chance, count| {
        let words: Vec<&str> = (0..count).filter_map(|_| chance.pick(&WORDS).copied()).collect();
        words.join(" ")
    };
    let text = |text: String| Value::Map([("en".to_owned(), Value::Text(text))].into());
    let count = if chance.percent(2) { 2_000 } else { 3 + chance.below(30) };
    let code = chance.below(23) as i64 + 1;
    [
        ("title".to_owned(), text(words(chance, 3))),
        ("summary".to_owned(), text(words(chance, count))),
        ("primary_objectives".to_owned(), Value::List(vec![Value::Int(code)])),
        ("ongoing".to_owned(), Value::Bool(chance.percent(50))),
    ]
    .into()
}

impl World {
    /// Somebody does something, and somebody will again.
    pub fn act(&mut self) -> Result<(), String> {
        if !self.trouble {
            return Ok(());
        }
        let pause = self.chance.between(0, self.scenario.pause * 2);
        self.agenda.after(pause, Happening::Act);
        if self.support.is_some() {
            return self.help();
        }
        if self.sharing.is_some() {
            return self.write_together();
        }
        if self.chance.percent(25) && self.invite() {
            return Ok(());
        }
        let members: Vec<usize> = (0..self.nodes.len()).filter(|n| self.is_member(*n)).collect();
        let Some(node) = self.chance.pick(&members).copied() else { return Ok(()) };
        match self.chance.below(100) {
            0..40 => self.publish(node, None),
            40..60 => self.publish_again(node)?,
            60..68 => self.name_somebody(node),
            68..76 => self.erase(node),
            76..80 => self.forecast(node),
            80..83 => self.annotate(node)?,
            83..84 => self.list(node)?,
            84..87 => self.treaty(node),
            87..90 => self.overstep(node),
            90..92 => self.second_node(node),
            92..94 => self.import(node),
            94..95 => self.note(node),
            95..97 => self.adopt(node)?,
            97..99 => self.revoke(node)?,
            _ => self.learn_address(node),
        }
        Ok(())
    }

    /// Whether a node is up and one of a member, as far as it knows.
    pub fn is_member(&self, node: usize) -> bool {
        let Some(replica) = &self.nodes[node].replica else { return false };
        replica.library().authority().standing(&replica.org()) == Some(Standing::Member)
            && self.nodes[node].is_honest()
    }

    pub fn party_of(&self, node: usize) -> Option<&crate::people::Party> {
        self.nodes[node].party.and_then(|party| self.parties.get(party))
    }

    /// The editions of a practice that a node holds.
    pub fn earlier(&self, node: usize, practice: &DocumentId) -> Result<Vec<Earlier>, String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(vec![]) };
        let held = replica.library().practice(practice).map_err(|error| error.to_string())?;
        let editions = held.map(|(_, editions)| editions).unwrap_or_default();
        Ok(editions
            .into_iter()
            .map(|held| Earlier {
                id: held.statement.id().cast(),
                edition: held.statement.body().clone(),
                change: held.change.to_vec(),
            })
            .collect())
    }

    fn publish(&mut self, node: usize, earlier: Option<Vec<Earlier>>) {
        let content = draft(&mut self.chance);
        let (nonce, now) = (self.chance.bytes(), self.nodes[node].time(self.agenda.now()));
        let Some(party) = self.party_of(node) else { return };
        let (by, earlier) = (party.publisher.clone(), earlier.unwrap_or_default());
        match author::write(self.federation, &by, &earlier, &content, nonce, now) {
            Ok(written) => {
                self.tell(|world| {
                    let (edition, practice) = (written.edition.number, written.practice);
                    format!("{} publishes edition {edition} of {practice:?}", world.name(node))
                });
                let item = Item::Edition(written.practice, written.id);
                self.model.by.insert(*written.id.as_bytes(), by.certificate);
                self.write(node, &[written.piece()], vec![item]);
            }
            Err(error) => self.tell(|_| format!("not written: {error}")),
        }
    }

    /// Somebody brings many practices at once.
    fn import(&mut self, node: usize) {
        let Some(party) = self.party_of(node) else { return };
        let by = party.publisher.clone();
        let now = self.nodes[node].time(self.agenda.now());
        let (mut pieces, mut items) = (Vec::new(), Vec::new());
        for _ in 0..self.chance.between(5, 40) {
            let (content, nonce) = (draft(&mut self.chance), self.chance.bytes());
            if let Ok(written) = author::write(self.federation, &by, &[], &content, nonce, now) {
                pieces.push(written.piece());
                items.push(Item::Edition(written.practice, written.id));
                self.model.by.insert(*written.id.as_bytes(), by.certificate);
            }
        }
        self.tell(|world| format!("{} imports {} practices", world.name(node), pieces.len()));
        self.write(node, &pieces, items);
    }

    /// A practice that the organisation of a node founded.
    pub fn some_practice(&mut self, node: usize, own: bool) -> Option<DocumentId> {
        let org = self.party_of(node)?.org();
        let library = self.nodes[node].replica.as_ref()?.library();
        let origin = |practice: &DocumentId| {
            let entry = library.ledger().practice(practice).ok().flatten()?;
            Some(library.authority().certificate(&entry.founder)?.org)
        };
        let practices: Vec<DocumentId> = library
            .practice_ids()
            .filter(|practice| origin(practice).is_some_and(|origin| (origin == org) == own))
            .collect();
        self.chance.pick(&practices).copied()
    }

    fn publish_again(&mut self, node: usize) -> Result<(), String> {
        if let Some(practice) = self.some_practice(node, true) {
            let mut earlier = self.earlier(node, &practice)?;
            if self.chance.percent(20) {
                // As somebody would who had not seen the latest.
                earlier.truncate(1);
            }
            self.publish(node, Some(earlier));
        }
        Ok(())
    }

    /// Has a node write one record.
    pub fn write_record(&mut self, node: usize, record: &Record, item: Item) {
        self.tell(|world| format!("{} writes {record:?}", world.name(node)));
        self.write(node, &[Piece::Record(record.to_bytes().into())], vec![item]);
    }

    fn name_somebody(&mut self, node: usize) {
        let now = self.nodes[node].time(self.agenda.now());
        let Some(party) = self.party_of(node) else { return };
        let Person { key, certificate } = party.publisher.clone();
        let name = format!("Amina {}", self.chance.below(100));
        let card = NameCard { by: certificate, name, basis: Basis::Consent(now) };
        let record = card.prepare().sign(self.federation, &key);
        self.model.by.insert(*record.id().as_bytes(), certificate);
        self.model.cards.push((record.id(), certificate));
        self.write_record(node, &record, Item::Public(record.id()));
    }

    fn forecast(&mut self, node: usize) {
        let Some(party) = self.party_of(node) else { return };
        let Person { key, certificate } = party.contributor.clone();
        let text = format!("high water {}", self.chance.any());
        let record = Forecast { by: certificate, text }.prepare().sign(self.federation, &key);
        self.write_record(node, &record, Item::Public(record.id()));
    }

    fn treaty(&mut self, node: usize) {
        let Some(party) = self.party_of(node) else { return };
        let (org, root) = (party.org(), party.root.clone());
        let text = format!("between two shores {}", self.chance.any());
        let record = Treaty { org, text }.prepare().sign(self.federation, &root);
        self.write_record(node, &record, Item::Authority(record.id()));
    }

    /// Takes back a name or a practice of the node's organisation.
    fn erase(&mut self, node: usize) {
        let Some(party) = self.party_of(node) else { return };
        let Person { key, certificate } = party.publisher.clone();
        let cards: Vec<RecordId> =
            self.model.cards.iter().filter(|(_, by)| *by == certificate).map(|(c, _)| *c).collect();
        let named = if self.chance.percent(50) {
            self.chance.pick(&cards).map(|card| (*card.as_bytes(), certificate))
        } else if self.chance.percent(15) {
            self.own_listing(node, certificate).map(|id| (*id.as_bytes(), certificate))
        } else {
            self.some_practice(node, true).and_then(|practice| {
                let library = self.nodes[node].replica.as_ref()?.library();
                let founder = library.ledger().practice(&practice).ok()??.founder;
                Some((*practice.as_bytes(), founder))
            })
        };
        let Some((object, author)) = named else { return };
        let reason = EraseReason::TakenBack;
        let erase = Erase { by: certificate, object, author, reason };
        let record = erase.prepare().sign(self.federation, &key);
        self.model.erased.entry(object).or_default().push(record.id());
        self.model.by.insert(*record.id().as_bytes(), certificate);
        self.write_record(node, &record, Item::Authority(record.id()));
    }

    /// Somebody does what is not theirs to do, on their own node.
    fn overstep(&mut self, node: usize) {
        let content = draft(&mut self.chance);
        let (nonce, now) = (self.chance.bytes(), self.nodes[node].time(self.agenda.now()));
        let Some(party) = self.party_of(node) else { return };
        let by = party.contributor.clone();
        if let Ok(written) = author::write(self.federation, &by, &[], &content, nonce, now) {
            self.model.forged.insert(*written.id.as_bytes(), "by somebody without the role");
            let asked = Asked::Forbidden("an edition by somebody without the role");
            self.write_as(node, &[written.piece()], asked);
        }
    }

    fn learn_address(&mut self, node: usize) {
        let known: Vec<usize> =
            (0..self.nodes.len()).filter(|n| *n != node && self.nodes[*n].is_up()).collect();
        if let Some(other) = self.chance.pick(&known).copied() {
            let peer = self.chance.percent(50).then(|| self.nodes[other].key.public());
            self.save_address(node, other, 1, peer);
        }
    }

    /// Somebody notes something down for themselves, with a practice or
    /// without.
    fn note(&mut self, node: usize) {
        let own = Own::Note(self.chance.any());
        let items = vec![Item::Own(own)];
        items.iter().for_each(|item| self.model.asked(*item));
        let private = vec![Private::local(own.name(), Some(self.chance.some_bytes(9).into()))];
        self.ask(node, Command::Write { pieces: vec![], private }, Asked::Write(items));
    }
}
