//! The desk of a node: what a shell does with parcels.
//!
//! It looks at every parcel once in its life, when it comes or when the node
//! starts: signs for it, opens it if one of its keys does, files the letter.
//! Then it does what the rules say a node does by itself, one thing at a time.

use tern_crdt::identity::{CertificateId, OrgId, ParcelId, RecordId, RequestId};
use tern_crdt::parcel::{Custody, Letter, LetterRefused, unpack};
use tern_crdt::request::{Deed, RequestEvent, Step};
use tern_crdt::sealed::EncryptionKey;
use tern_crdt::signed::{Statement, Verified};
use tern_protocol::gate::Examined;
use tern_protocol::ledger::Private;
use tern_protocol::replica::Replica;
use tern_protocol::routing::desk::{Dossier, Duty, Outgoing, Sender};
use tern_protocol::routing::{HeldParcel, Rest};
use tern_protocol::step::Command;

use super::{Reader, Sent, Support};
use crate::disk::Disk;
use crate::model::{Item, Own};
use crate::node::Asked;
use crate::world::{Happening, World};

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What somebody honest said of a request.
fn truth_of<'a>(
    support: &'a Support,
    request: RequestId,
    event: &RecordId,
) -> Option<&'a RequestEvent> {
    support.requests.get(&request)?.events.get(event).map(|(event, _)| event.body())
}

/// What a letter brings, as the model knows it.
pub(super) fn items(request: RequestId, private: &[Private]) -> Vec<Item> {
    let said = |private: &Private| {
        let id = private.name.strip_prefix(b"event/").and_then(|name| name.get(32..))?;
        let own = Own::Said(request, RecordId::from_slice(id)?);
        Some(Item::Own(own))
    };
    let asked = |private: &&Private| private.name.starts_with(b"request/");
    let asked = private.iter().filter(asked).map(|_| Item::Own(Own::Request(request)));
    asked.chain(private.iter().filter_map(said)).collect()
}

impl World {
    /// A parcel is carried here, or ended.
    pub fn holds_parcel(&mut self, node: usize, parcel: ParcelId) {
        let key = self.nodes[node].key.public();
        if let Some(support) = &mut self.support {
            support.held.insert((key, parcel));
            self.calls_desk(node);
        }
    }

    /// A command is done: there may be more to do.
    pub fn filed_something(&mut self, node: usize) {
        self.nodes[node].desk.dirty = true;
        self.calls_desk(node);
    }

    /// A node started: it looks at everything again.
    pub fn opens_desk(&mut self, node: usize) -> Result<(), String> {
        let key = self.nodes[node].key.public();
        let (Some(support), Some(replica)) = (&mut self.support, &self.nodes[node].replica) else {
            return Ok(());
        };
        // It may have stopped between a commit and word of it.
        let each = |parcel: HeldParcel| {
            support.held.insert((key, parcel.id()));
        };
        replica.library().ledger().each_parcel(each).map_err(text)?;
        self.nodes[node].desk.dirty = true;
        self.calls_desk(node);
        Ok(())
    }

    fn calls_desk(&mut self, node: usize) {
        if self.support.is_some() && !self.nodes[node].desk.due {
            self.nodes[node].desk.due = true;
            let longest = if self.trouble { 1_500 } else { 50 };
            let wait = self.chance.between(0, longest);
            let life = self.nodes[node].life;
            self.agenda.after(wait, Happening::Desk { node, life });
        }
    }

    /// Whether no desk has anything left to do.
    pub fn desks_rest(&self) -> bool {
        self.support.is_none()
            || self.nodes.iter().enumerate().all(|(number, node)| {
                let desk = &node.desk;
                let rests = !desk.due && !desk.busy && node.commands.is_empty();
                let told =
                    |replica: &Replica<Disk>| self.untold(number, replica.library()) == Ok(0);
                node.gone || rests && node.replica.as_ref().is_some_and(told)
            })
    }

    /// A shell looks at its desk.
    pub fn desk(&mut self, node: usize, life: u64) -> Result<(), String> {
        if self.nodes[node].life != life {
            return Ok(());
        }
        self.nodes[node].desk.due = false;
        let looks = self.nodes[node].is_up() && !self.nodes[node].is_catching_up();
        if !looks || self.nodes[node].desk.busy {
            return Ok(());
        }
        if self.looks_at_parcels(node)? {
            return Ok(());
        }
        if self.nodes[node].is_honest() && self.nodes[node].desk.dirty {
            self.nodes[node].desk.dirty = self.does_duties(node)?;
        }
        Ok(())
    }

    /// Has the desk write something; it goes on when that is done.
    fn writes_desk(
        &mut self,
        node: usize,
        pieces: Vec<Examined>,
        private: Vec<Private>,
        items: Vec<Item>,
    ) {
        items.iter().for_each(|item| self.model.asked(*item));
        self.nodes[node].desk.busy = true;
        self.ask(node, Command::Write { pieces, private }, Asked::Desk(items));
    }

    /// Signs for what came, and files what can be opened; whether there was
    /// anything to write.
    fn looks_at_parcels(&mut self, node: usize) -> Result<bool, String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
        let new: Vec<ParcelId> = replica
            .library()
            .parcels()
            .map(|(id, _)| id)
            .filter(|id| !self.nodes[node].desk.seen.contains(id))
            .collect();
        let (mut pieces, mut private, mut filed) = (Vec::new(), Vec::new(), Vec::new());
        for id in new {
            self.nodes[node].desk.seen.insert(id);
            let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
            let library = replica.library();
            let Some(parcel) = library.parcel(&id).map_err(text)? else { continue };
            if let Some(custody) = self.signs_custody(node, &id)? {
                pieces.push(custody);
            }
            if !self.nodes[node].is_honest() || library.is_filed(&parcel.label).map_err(text)? {
                continue;
            }
            let Some(letter) = self.opens(node, &parcel)? else { continue };
            let now = self.clock(node);
            let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
            let letter = replica.library().file(&parcel, &letter, now).map_err(text)?;
            let request = parcel.label.body().request;
            filed.extend(items(request, &letter.private));
            self.tell(|world| {
                let refused = letter.refused.join("; ");
                format!("{} files letter {id:?} {refused}", world.name(node))
            });
            private.extend(letter.private);
        }
        if pieces.is_empty() && private.is_empty() {
            return Ok(false);
        }
        self.writes_desk(node, pieces, private, filed);
        Ok(true)
    }

    /// The node's word that it holds a parcel that somebody gave.
    fn signs_custody(&self, node: usize, id: &ParcelId) -> Result<Option<Examined>, String> {
        let Some(support) = self.support.as_ref().filter(|support| support.custody) else {
            return Ok(None);
        };
        let Some(replica) = &self.nodes[node].replica else { return Ok(None) };
        let library = replica.library();
        let key = &self.nodes[node].key;
        let (Some(giver), Some(by)) =
            (library.giver(id).map_err(text)?, support.nodes.get(&key.public()))
        else {
            return Ok(None);
        };
        let from = *support.nodes.get(&giver).ok_or("a giver is a node of the stories")?;
        let said = library.custodies(id).map_err(text)?;
        if said.iter().any(|word| word.by == *by) {
            return Ok(None);
        }
        let custody = Custody { by: *by, parcel: *id, from, at: self.clock(node) };
        let record = custody.prepare().sign(self.federation, key);
        record.verify(self.federation).map(|record| Some(Examined::Record(record))).map_err(text)
    }

    /// The keys with which a node reads.
    fn keys(&self, node: usize) -> Vec<Reader> {
        let Some(support) = &self.support else { return vec![] };
        let desk = self.nodes[node].party.and_then(|party| support.desks.get(party));
        let own = self.nodes[node].people.iter().filter_map(|person| support.own_keys.get(*person));
        desk.into_iter().chain(own).cloned().collect()
    }

    /// Opens a parcel with the keys of a node. Whoever it was sealed for can,
    /// and nobody else.
    fn opens(&mut self, node: usize, parcel: &HeldParcel) -> Result<Option<Letter>, String> {
        let id = parcel.id();
        let Rest::Sealed(sealed) = &parcel.rest else { return Ok(None) };
        let keys = self.keys(node);
        let Some(support) = &mut self.support else { return Ok(None) };
        let Sent { readers, lie, .. } =
            support.parcels.get(&id).cloned().ok_or(format!("nobody sent {id:?}"))?;
        let mut letter = None;
        for key in keys {
            let expected = readers.contains(&key.public);
            if !expected && !support.thorough {
                continue;
            }
            // What one reader found inside the others would find.
            let known = if support.thorough {
                support.opened.get(&(id, key.public)).cloned()
            } else {
                support.letters.get(&id).cloned().map(Some)
            };
            let opened = match known {
                Some(opened) => opened,
                None => {
                    let opened = unpack(parcel.label.body(), sealed, &key.key);
                    let wrong = match &opened {
                        Ok(_) => !expected,
                        Err(LetterRefused::ForOthers) => expected,
                        Err(_) => lie.is_none(),
                    };
                    if wrong {
                        return Err(format!(
                            "{} opens {id:?}: {:?}, which was {} for it",
                            self.nodes[node].name,
                            opened.err(),
                            if expected { "sealed" } else { "not sealed" }
                        ));
                    }
                    let opened = opened.ok();
                    support.opened.insert((id, key.public), opened.clone());
                    support.letters.extend(opened.clone().map(|letter| (id, letter)));
                    opened
                }
            };
            letter = letter.or(opened);
            if letter.is_some() && !support.thorough {
                break;
            }
        }
        Ok(letter)
    }

    /// Does the first thing that a node has to do by itself; whether there was
    /// one.
    fn does_duties(&mut self, node: usize) -> Result<bool, String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
        let org = replica.org();
        for request in replica.library().requests().map_err(text)? {
            let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
            let library = replica.library();
            let Some(dossier) = library.dossier(&request).map_err(text)? else { continue };
            self.check_case(node, &dossier)?;
            let Some(support) = &self.support else { return Ok(false) };
            let here = |certificate: &CertificateId| {
                let mut people = self.nodes[node].people.iter();
                people.any(|person| support.people[*person].certificate == *certificate)
            };
            let duties = dossier.duties(library.authority(), &org, here);
            if !duties.is_empty() && support.untrue.contains(&request) {
                let name = self.name(node);
                return Err(format!("{name} does {duties:?} for a request nobody may ask"));
            }
            for duty in duties {
                if self.does(node, &dossier, duty)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn does(&mut self, node: usize, dossier: &Dossier, duty: Duty) -> Result<bool, String> {
        match duty {
            Duty::Receive => {
                let Some(support) = &self.support else { return Ok(false) };
                let key = self.nodes[node].key.clone();
                let by = *support.nodes.get(&key.public()).ok_or("a node of the stories")?;
                self.says(node, dossier, by, &key, Deed::Received, true)?;
                Ok(true)
            }
            Duty::Award(deed) => {
                let asker = dossier.request.body().by;
                let Some(support) = &self.support else { return Ok(false) };
                let person = support.people.iter().find(|person| person.certificate == asker);
                let key = person.ok_or("an asker of the stories")?.key.clone();
                self.says(node, dossier, asker, &key, deed, true)?;
                Ok(true)
            }
            Duty::End(parcels) => self.ends(node, parcels),
        }
    }

    fn ends(&mut self, node: usize, parcels: Vec<(ParcelId, [u8; 32])>) -> Result<bool, String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
        let (mut pieces, mut items) = (Vec::new(), Vec::new());
        for (id, secret) in parcels {
            let Some(held) = replica.library().parcel(&id).map_err(text)? else { continue };
            if !held.is_ended() {
                let rest = Rest::Ended(secret);
                pieces.push(Examined::Parcel(Box::new(HeldParcel { rest, ..held })));
                items.push(id);
            }
        }
        if pieces.is_empty() {
            return Ok(false);
        }
        self.tell(|world| format!("{} ends {} parcels", world.name(node), items.len()));
        if let Some(support) = &mut self.support {
            support.ended.extend(&items);
        }
        self.writes_desk(node, pieces, vec![], items.into_iter().map(Item::Ended).collect());
        Ok(true)
    }

    /// Somebody here says something about a request: it is signed, put into a
    /// letter and written.
    pub(super) fn says(
        &mut self,
        node: usize,
        dossier: &Dossier,
        by: CertificateId,
        key: &tern_crdt::identity::SecretKey,
        deed: Deed,
        by_itself: bool,
    ) -> Result<(), String> {
        let (now, chance) = (self.clock(node), self.chance.bytes());
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let authority = replica.library().authority();
        let (event, envelope) = dossier.says(authority, by, deed, now);
        let record = event.prepare().sign(self.federation, key);
        let event: Verified<RequestEvent> =
            record.verify(self.federation).and_then(Verified::read).map_err(text)?;
        let node_key = self.nodes[node].key.clone();
        let Some(support) = &self.support else { return Ok(()) };
        let certificate = *support.nodes.get(&node_key.public()).ok_or("a node")?;
        let sender = Sender { node: certificate, key: &node_key, chance, now };
        let outgoing = envelope.seal(self.federation, event.record(), &sender).map_err(text)?;
        let case = dossier.case(authority);
        let asker = dossier.request.body().by;
        let asked = || case.asked.iter().map(|asked| asked.expert);
        let mut readers = vec![asker, by];
        match &event.body().deed {
            Deed::Offer { to } => readers.extend(to),
            Deed::Confirm { .. } | Deed::Dispute { .. } | Deed::FollowUp { .. } => {
                readers.extend(case.holder);
            }
            Deed::Reply { ask, .. } => {
                readers.extend(truth_of(support, dossier.id(), ask).map(|event| event.by));
            }
            Deed::Award { .. } | Deed::Close { .. } | Deed::Withdraw { .. } => {
                readers.extend(asked());
            }
            _ => {}
        }
        let mut readers = support.readers(&readers);
        let desks: Vec<OrgId> = match &event.body().deed {
            Deed::Escalate { desks, .. } => desks.clone(),
            Deed::Close { .. } | Deed::Withdraw { .. } => {
                let held = dossier.events.values().map(|held| &held.event.body().deed);
                let brought = held.filter_map(|deed| match deed {
                    Deed::Escalate { desks, .. } => Some(desks.clone()),
                    _ => None,
                });
                brought.flatten().collect()
            }
            _ => vec![],
        };
        readers.extend(desks.iter().filter_map(|org| self.desk_of(support, org)));
        let request = dossier.id();
        let sent = Sent { request, readers: readers.clone(), lie: None, inside: vec![] };
        let parties = support.parties_of(&readers);
        let what = event.body().deed.code();
        self.tell(|world| {
            let who = world.who(&by).unwrap_or_else(|| format!("the node of {}", world.name(node)));
            format!("{who} says {what} of {request:?} in {:?}", outgoing.id)
        });
        let Some(support) = &mut self.support else { return Ok(()) };
        for text in super::people::texts(&event.body().deed) {
            support.texts.insert(text, parties.clone());
        }
        support.parcels.insert(outgoing.id, sent);
        let truth = support.requests.get_mut(&request).ok_or("a request that was asked")?;
        if let Deed::Offer { .. } | Deed::Escalate { step: Step::Desks, .. } = event.body().deed {
            // Whoever is asked later gets the request too.
            for text in &truth.texts {
                support.texts.entry(text.clone()).or_default().extend(&parties);
            }
        }
        truth.events.insert(event.id(), (event, outgoing.id));
        self.posts(node, request, outgoing, by_itself);
        Ok(())
    }

    /// Writes a letter with what is kept of it.
    pub(super) fn posts(
        &mut self,
        node: usize,
        request: RequestId,
        outgoing: Outgoing,
        by_itself: bool,
    ) {
        let Outgoing { parcel, id, private } = outgoing;
        let mut kept = items(request, &private);
        kept.push(Item::Parcel(id));
        if by_itself {
            self.writes_desk(node, vec![parcel], private, kept);
        } else {
            kept.iter().for_each(|item| self.model.asked(*item));
            let command = Command::Write { pieces: vec![parcel], private };
            self.ask(node, command, Asked::Write(kept));
        }
    }

    /// The key that reads for an organisation.
    fn desk_of(&self, support: &Support, org: &OrgId) -> Option<EncryptionKey> {
        let at = self.parties.iter().position(|party| party.org() == *org)?;
        support.desks.get(at).map(|desk| desk.public)
    }

    /// What the people of the stories call somebody.
    pub(super) fn who(&self, certificate: &CertificateId) -> Option<String> {
        let people = &self.support.as_ref()?.people;
        let person = people.iter().find(|person| person.certificate == *certificate)?;
        Some(person.name.clone())
    }
}
