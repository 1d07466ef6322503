//! Offices that never reach each other and have no stick either: what they write
//! together goes in letters, through whoever reaches both and may see none of it.
//!
//! What must hold is what [`sharing`](super::sharing) says, and that nobody in between
//! is sent, or keeps, anything that names a draft.

use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, DraftId};
use tern_crdt::parcel::{Lane, pack_bytes};
use tern_protocol::gate::{Examined, GateRefused};
use tern_protocol::letters::{Arrived, Opened, open};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::{Message, Piece};
use tern_protocol::routing::desk::Sender;
use tern_protocol::step::{Change, Command};
use tern_protocol::store::{Space, Store};

use super::{Happening, World};
use crate::chance::Chance;
use crate::node::{Asked, Nature};

/// Between whom no link is but what goes through others.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// By number, the smaller first.
    pub apart: Vec<[usize; 2]>,
    /// How long two do not meet before one writes to the other.
    wait: i64,
    /// How many letters were sealed.
    pub written: u64,
    /// How many were taken in.
    pub taken: u64,
}

/// A letter that is being taken in.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    arrived: Arrived,
    opened: Opened,
}

impl PartialEq for Read {
    fn eq(&self, other: &Self) -> bool {
        self.arrived.parcel == other.arrived.parcel
    }
}

impl Eq for Read {}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Post {
    pub fn between(apart: Vec<[usize; 2]>, chance: &mut Chance) -> Self {
        Self { apart, wait: chance.between(1_000, 6_000), written: 0, taken: 0 }
    }
}

impl World {
    pub fn plan_post(&mut self) {
        for node in 0..self.nodes.len() {
            self.agenda.after(1_000, Happening::Post(node));
        }
    }

    /// A node looks after its letters, and will again.
    pub fn looks_after_post(&mut self, node: usize) -> Result<(), String> {
        let pause = self.chance.between(300, 2_000);
        self.agenda.after(pause, Happening::Post(node));
        let busy = |asked: &Asked| matches!(asked, Asked::Post | Asked::Letter(_));
        let waits = self.nodes[node].commands.values().any(busy);
        if waits || !self.is_member(node) || self.nodes[node].is_catching_up() {
            return Ok(());
        }
        if self.nodes[node].nature == Nature::Villain {
            return self.writes_garbage(node);
        }
        let (Some(post), Some(replica)) = (&self.post, &self.nodes[node].replica) else {
            return Ok(());
        };
        let own = self.nodes[node].key.public();
        let now = self.nodes[node].time(self.agenda.now());
        let found = replica.library().tend_letters(&own, now, post.wait, true).map_err(text)?;
        if !(found.private.is_empty() && found.endings.is_empty()) {
            self.posts_letter(node, found.endings, found.private);
            return Ok(());
        }
        if let Some(arrived) = self.chance.pick(&found.arrived).cloned()
            && self.chance.percent(70)
        {
            return self.opens_letter(node, arrived);
        }
        let Some(by) = self.signs_for(node) else { return Ok(()) };
        if let Some(letter) = found.due.first() {
            let (chance, key) = (self.chance.bytes(), self.nodes[node].key.clone());
            let sender = Sender { node: by, key: &key, chance, now };
            let sent = letter.seal(self.federation, &sender).map_err(text)?;
            let to = self.nodes.iter().position(|node| node.key.public() == *letter.reader());
            self.tell(|world| {
                let to = to.map_or("nobody", |to| world.name(to));
                format!("{} writes {to} a letter of {} bytes", world.name(node), letter.bytes())
            });
            if let Some(post) = &mut self.post {
                post.written += 1;
            }
            self.posts_letter(node, vec![sent.parcel], sent.private);
        }
        Ok(())
    }

    fn posts_letter(
        &mut self,
        node: usize,
        pieces: Vec<Examined>,
        private: Vec<tern_protocol::ledger::Private>,
    ) {
        self.ask(node, Command::Write { pieces, private }, Asked::Post);
    }

    /// The certificate under which a node speaks for itself.
    fn signs_for(&self, node: usize) -> Option<CertificateId> {
        let key = self.nodes[node].key.public();
        let authority = self.nodes[node].replica.as_ref()?.library().authority();
        let mut own = authority.certificates_of(&key);
        own.find(|(id, _)| authority.permits(*id, key, Role::Node).is_ok()).map(|(id, _)| id)
    }

    fn opens_letter(&mut self, node: usize, arrived: Arrived) -> Result<(), String> {
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let desk = party.desk.clone();
        match open(&arrived, &desk, self.federation) {
            Ok(opened) => {
                let (pieces, writer) = (opened.pieces.clone(), arrived.writer);
                let read = Box::new(Read { arrived, opened });
                self.ask(node, Command::TakeIn { pieces, writer }, Asked::Letter(read));
            }
            Err(refused) => {
                let honest = |other: &crate::node::Node| {
                    other.is_honest() && other.key.public() == arrived.writer
                };
                if self.nodes.iter().any(honest) {
                    return Err(format!("{} cannot open a letter: {refused}", self.name(node)));
                }
                let now = self.nodes[node].time(self.agenda.now());
                let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
                let unread = replica.library().letter_unread(&arrived, now).map_err(text)?;
                self.posts_letter(node, vec![], vec![unread]);
            }
        }
        Ok(())
    }

    /// What became of what a letter brought.
    pub fn took_letter(
        &mut self,
        node: usize,
        read: &Read,
        taken: &[Result<Change, GateRefused>],
    ) -> Result<(), String> {
        let mut wrong = taken.iter().filter_map(|taken| taken.as_ref().err());
        if let Some(wrong) = wrong.find(|refused| !refused.is_innocent()) {
            return Err(format!("{} says of a letter: {wrong}", self.name(node)));
        }
        let now = self.nodes[node].time(self.agenda.now());
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        // A peer's word may have put it back meanwhile.
        if replica.is_catching_up() {
            return Ok(());
        }
        let library = replica.library();
        let follows = library.letter_taken(&read.arrived, &read.opened, taken, now);
        let (pieces, private) = follows.map_err(text)?;
        if let Some(post) = &mut self.post {
            post.taken += pieces.len() as u64;
        }
        self.posts_letter(node, pieces, private);
        Ok(())
    }

    /// A villain fills a lane with what is no letter.
    fn writes_garbage(&mut self, node: usize) -> Result<(), String> {
        let to = self.chance.below(self.nodes.len() as u64) as usize;
        if !self.trouble || to == node || self.chance.percent(80) {
            return Ok(());
        }
        let (Some(by), Some(party)) = (self.signs_for(node), self.party_of(to)) else {
            return Ok(());
        };
        let readers = [party.desk.encryption_public()];
        let lane = Lane { to: self.nodes[to].key.public(), n: 1 + self.chance.below(4) };
        let (body, chance) = (self.chance.some_bytes(60), self.chance.bytes());
        let key = self.nodes[node].key.clone();
        let label = (by, lane, 60);
        let packed = pack_bytes(self.federation, label, &body, &readers, &key, &chance);
        let (label, sealed) = packed.map_err(text)?;
        let piece = Piece::Parcel { label: label.to_bytes().into(), sealed: sealed.into() };
        self.write_as(node, &[piece], Asked::Post);
        Ok(())
    }

    /// What goes to another node names no draft that is not for it, and what is
    /// sealed shows no word.
    pub fn check_post(&self, node: usize, to: usize, frame: &[u8]) -> Result<(), String> {
        let (Some(_), Some(sharing)) = (&self.post, &self.sharing) else { return Ok(()) };
        let Ok(Message::Pieces { set, pieces }) = Message::from_bytes(frame) else {
            return Ok(());
        };
        if set == SetId::Parcels as u8 {
            for piece in pieces.unpack().unwrap_or_default() {
                let bytes = piece.to_bytes();
                if bytes.windows(10).any(|word| word == b"registered") {
                    return Err(format!("{} sends words in a letter in clear", self.name(node)));
                }
            }
        }
        let org = self.party_of(to).map(crate::people::Party::org);
        if set == SetId::Drafts as u8 && !org.is_some_and(|org| sharing.is_for_some(&org)) {
            let (name, to) = (self.name(node), self.name(to));
            return Err(format!("{name} sends {to} parts of drafts, and none is for it"));
        }
        Ok(())
    }

    /// Whether a node has the name of a draft in what it stores, beside what all
    /// members hear of who may say what.
    pub fn keeps_name_of(&self, node: usize, draft: &DraftId) -> Result<bool, String> {
        let disk = &self.nodes[node].disk;
        for space in [Space::Record, Space::Draft, Space::Local] {
            let mut after = None::<bytes::Bytes>;
            loop {
                let page = disk.scan(space, b"", after.as_deref(), 500).map_err(text)?;
                let named = |bytes: &[u8]| bytes.windows(32).any(|id| id == draft.as_bytes());
                if page.entries.iter().any(|(key, value)| named(key) || named(value)) {
                    return Ok(true);
                }
                after = page.entries.last().map(|(key, _)| key.clone());
                if !page.more {
                    break;
                }
            }
        }
        Ok(false)
    }
}
