//! Offices that never reach each other, and a stick that comes by both: each
//! writes bundles for the other alone, and reads what lies there, the newest, an
//! old one, one that was cut off, or none as it was lost.
//!
//! The files themselves are not here, and nobody needs a key: what counts is
//! which bytes come in, and in what order.

use std::collections::BTreeSet;
use std::fmt;

use tern_crdt::identity::{FederationId, OrgId, PublicKey, SecretKey};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::bundle::{
    Counts, End, Framer, Header, Hearing, Packer, Part, Place, Read, Reader, Told,
};
use tern_protocol::gate::{GateRefused, examine};
use tern_protocol::ledger::Private;
use tern_protocol::library::Library;
use tern_protocol::message::Piece;
use tern_protocol::step::{Change, Command};
use tern_protocol::store::Store;

use super::{Happening, World};
use crate::chance::Chance;
use crate::node::Asked;

/// How often what was refused for now is tried again.
const AGAIN_MAX: usize = 4;

/// Two offices that a stick goes between.
#[derive(Debug, Clone)]
pub(crate) struct Stick {
    /// By number, the smaller first.
    pub between: [usize; 2],
    /// What each wrote, the newest last.
    lying: [Vec<Bundle>; 2],
}

/// One that was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bundle {
    writer: usize,
    header: Header,
    bytes: Vec<u8>,
    /// The key of its frames.
    frames: [u8; 32],
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bundle {}, {} bytes", self.header.counter, self.bytes.len())
    }
}

/// What is being read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    writer: usize,
    header: Header,
    pieces: Vec<Piece>,
    /// What was told; of one that is whole alone.
    told: Option<Told>,
    /// How often it was tried.
    tries: usize,
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (counter, whole) = (self.header.counter, self.told.is_some());
        write!(f, "{} pieces of bundle {counter}, whole: {whole}", self.pieces.len())
    }
}

/// Pairs of so many offices that never reach each other: not all, so that each
/// reaches every other one by way of some.
pub(crate) fn apart(chance: &mut Chance, offices: usize) -> Vec<Stick> {
    let mut sticks: Vec<Stick> = Vec::new();
    for one in 0..offices {
        for other in one + 1..offices {
            let between = [one, other];
            // Who is next to each other in this row stays so.
            if other != one + 1 && chance.percent(70) {
                sticks.push(Stick { between, lying: Default::default() });
            }
        }
    }
    sticks
}

/// Who writes a bundle, and when.
pub(crate) struct Writes<'k> {
    pub writer: usize,
    pub own: &'k SecretKey,
    pub counter: u64,
    pub written_at: Timestamp,
    /// For the key of its elements, and that of its frames.
    pub chance: [[u8; 32]; 2],
}

impl Writes<'_> {
    /// Writes what a reader lacks, as far as the writer knows, and what has to
    /// be remembered before it leaves; nothing for somebody who is no member.
    pub fn for_reader<S: Store>(
        &self,
        library: &Library<S>,
        reader: &PublicKey,
    ) -> Result<Option<(Bundle, Vec<Private>)>, String> {
        let Some(org) = library.authority().node(reader) else { return Ok(None) };
        let [key, frames] = self.chance;
        let (counter, written_at) = (self.counter, self.written_at);
        let header = Header {
            federation: library.authority().federation(),
            node: self.own.public(),
            counter,
            key,
            written_at,
            reader: None,
            volume: None,
        };
        let known = library.known_to(reader).map_err(text)?.ok_or("no member")?;
        let (mut framer, mut bytes) = Framer::begin(&header, &header.sign(self.own));
        framer.encrypt(&frames);
        let telling = library.tell(reader, counter, key).map_err(text)?;
        let elements = telling.elements.concat().into();
        let (since, have, all) = (telling.since, telling.have, telling.all);
        bytes.extend(framer.part(&Part::Told(Told { since, have, elements, all })));
        let (mut place, mut packer) = (Some(Place::default()), Packer::default());
        while let Some(at) = place {
            let listing = library.bundled(at, Some(&org)).map_err(text)?;
            for object in listing.objects {
                if known.has(&object.id, &object.state) {
                    continue;
                }
                let holds = |state: &[u8; 32]| known.has(&object.id, state);
                let pieces = library.pieces_behind(object.set, &object.id, Some(&org), holds);
                for piece in pieces.map_err(text)?.ok_or("too large a draft")? {
                    let full = packer.add(object.set, piece);
                    bytes.extend(full.map(|part| framer.part(&part)).unwrap_or_default());
                }
            }
            place = listing.next;
        }
        bytes.extend(packer.close().map(|part| framer.part(&part)).unwrap_or_default());
        let end = End::sign(Counts::default(), &framer.chain(), self.own);
        bytes.extend(framer.part(&Part::End(end)));
        let bundle = Bundle { writer: self.writer, header, bytes, frames };
        Ok(Some((bundle, telling.private)))
    }
}

impl Bundle {
    /// Its length in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// What can be read of it.
    pub fn opened(&self) -> Result<Carried, String> {
        let (mut reader, mut at, mut told) = (Reader::default(), 0, None);
        reader.unlock(&self.frames);
        let (writer, header) = (self.writer, self.header.clone());
        let mut carried = Carried { writer, header, pieces: Vec::new(), told: None, tries: 0 };
        loop {
            match reader.next(&self.bytes[at..]).map_err(text)? {
                (0, Read::More(_)) => return Ok(carried),
                (_, Read::Whole(_)) => break,
                (taken, read) => {
                    at += taken;
                    match read {
                        Read::Part(Part::Told(part)) => told = Some(part),
                        Read::Pieces(_, pieces) => carried.pieces.extend(pieces),
                        _ => {}
                    }
                }
            }
        }
        carried.told = told;
        Ok(carried)
    }
}

impl Carried {
    /// Who wrote it.
    pub const fn writer(&self) -> usize {
        self.writer
    }

    /// To take it in.
    pub fn command(&self, federation: FederationId, writer: PublicKey) -> Command {
        let pieces = self.pieces.iter().filter_map(|piece| examine(piece, federation).ok());
        Command::TakeIn { pieces: pieces.collect(), writer }
    }

    /// What became of it: whether what was refused for now is worth another try.
    pub fn tried(&mut self, taken: &[Result<Change, GateRefused>]) -> bool {
        let mut later = taken.iter().map(Result::is_err);
        self.pieces.retain(|_| later.next().unwrap_or(true));
        let gained = taken.iter().flatten().any(|change| *change != Change::Known);
        self.tries += 1;
        !self.pieces.is_empty() && gained && self.tries < AGAIN_MAX
    }

    /// What it told of what its writer holds, as what the reader keeps; nothing of
    /// one that was cut off.
    pub fn heard<S: Store>(
        &mut self,
        library: &Library<S>,
        writer: &PublicKey,
    ) -> Result<Option<Heard>, String> {
        let Some(Told { since, have, elements, all }) = self.told.take() else { return Ok(None) };
        let (counter, key) = (self.header.counter, self.header.key);
        let elements = elements.as_chunks::<8>().0.to_vec();
        let hearing = Hearing { counter, key, since, have, all, part: 0, elements, last: true };
        let private = library.hear(writer, &hearing).map_err(text)?;
        Ok(Some(Heard { private, counter, complete: self.pieces.is_empty() }))
    }
}

/// What a bundle told, to be kept.
pub(crate) struct Heard {
    pub private: Vec<Private>,
    pub counter: u64,
    /// Whether all that it brought came in.
    pub complete: bool,
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

impl World {
    /// Whether two nodes, or those of which they are copies, have no link.
    pub fn are_apart(&self, one: usize, other: usize) -> bool {
        let [one, other] = [one, other].map(|at| self.nodes[at].home.unwrap_or(at));
        let between = [one.min(other), one.max(other)];
        self.sticks.iter().any(|stick| stick.between == between)
            || self.post.as_ref().is_some_and(|post| post.apart.contains(&between))
    }

    pub fn plan_sticks(&mut self) {
        for stick in 0..self.sticks.len() {
            let wait = self.chance.between(500, 3_000);
            self.agenda.after(wait, Happening::Stick(stick));
        }
    }

    /// A stick comes by one of its two offices.
    pub fn stick_comes_by(&mut self, number: usize) -> Result<(), String> {
        // Seldom once all works: a row that begins anew for its length hides what
        // was lost in it.
        let most = if self.trouble { 4_000 } else { 24_000 };
        let pause = self.chance.between(500, most);
        self.agenda.after(pause, Happening::Stick(number));
        let (side, writes) = (self.chance.below(2) as usize, self.chance.percent(50));
        let node = self.sticks[number].between[side];
        let reader = self.sticks[number].between[1 - side];
        let carrying = |asked: &Asked| {
            matches!(asked, Asked::Carried(_) | Asked::Heard { .. } | Asked::Bundle { .. })
        };
        if !self.is_member(node) || self.nodes[node].commands.values().any(carrying) {
            return Ok(());
        }
        if writes {
            return self.writes_bundle(number, node, reader);
        }
        let lying = &self.sticks[number].lying[1 - side];
        let mut found = match self.trouble {
            true if self.chance.percent(20) => self.chance.pick(lying).cloned(),
            true if self.chance.percent(20) => None,
            _ => lying.last().cloned(),
        };
        if self.trouble
            && self.chance.percent(25)
            && let Some(cut) = &mut found
        {
            let to = self.chance.below(cut.bytes.len() as u64 + 1) as usize;
            cut.bytes.truncate(to);
        }
        if let Some(bundle) = found {
            let carried = bundle.opened()?;
            self.takes_in(node, carried);
        }
        Ok(())
    }

    /// A node writes what another one lacks, as far as it knows.
    fn writes_bundle(&mut self, stick: usize, node: usize, to: usize) -> Result<(), String> {
        // Each number is larger than all before: who was put back finds what it
        // wrote on the stick.
        let written = self.sticks.iter().flat_map(|stick| &stick.lying).flatten();
        let counter = 1 + written.map(|bundle| bundle.header.counter).max().unwrap_or(0);
        let written_at = self.nodes[node].time(self.agenda.now());
        let chance = [self.chance.bytes(), self.chance.bytes()];
        let (own, reader) = (self.nodes[node].key.clone(), self.nodes[to].key.public());
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let writes = Writes { writer: node, own: &own, counter, written_at, chance };
        if let Some((bundle, private)) = writes.for_reader(replica.library(), &reader)? {
            self.remember(node, private, Asked::Bundle { stick, bundle: Box::new(bundle) });
        }
        Ok(())
    }

    fn remember(&mut self, node: usize, private: Vec<Private>, asked: Asked) {
        self.ask(node, Command::Write { pieces: vec![], private }, asked);
    }

    /// What a bundle told is durable: it leaves.
    pub fn bundle_leaves(&mut self, stick: usize, bundle: Bundle) {
        let stick = &mut self.sticks[stick];
        let side = usize::from(stick.between[1] == bundle.writer);
        stick.lying[side].push(bundle);
    }

    fn takes_in(&mut self, node: usize, carried: Carried) {
        let writer = self.nodes[carried.writer].key.public();
        let command = carried.command(self.federation, writer);
        self.ask(node, command, Asked::Carried(Box::new(carried)));
    }

    /// What became of pieces that a stick brought: what was refused for now is
    /// tried again, as long as that brings something; what was told is heard.
    pub fn taken_in(
        &mut self,
        node: usize,
        carried: Carried,
        taken: &[Result<Change, GateRefused>],
    ) -> Result<(), String> {
        let name = self.name(carried.writer);
        let mut wrong = taken.iter().filter_map(|taken| taken.as_ref().err());
        if let Some(wrong) = wrong.find(|refused| !refused.is_innocent())
            && self.nodes[node].is_honest()
        {
            return Err(format!("{} says of a bundle of {name}: {wrong}", self.name(node)));
        }
        let mut carried = carried;
        if carried.tried(taken) {
            self.takes_in(node, carried);
            return Ok(());
        }
        let writer = self.nodes[carried.writer].key.public();
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let heard = carried.heard(replica.library(), &writer)?;
        let Some(Heard { private, counter, complete }) = heard else { return Ok(()) };
        let writer = carried.writer;
        self.remember(node, private, Asked::Heard { writer, counter, complete });
        Ok(())
    }

    /// What was told is remembered, and if all came in that too.
    pub fn heard(&mut self, node: usize, writer: usize, counter: u64) -> Result<(), String> {
        let writer = self.nodes[writer].key.public();
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let all = replica.library().heard_all(&writer, counter).map_err(text)?;
        self.remember(node, all.into_iter().collect(), Asked::Write(vec![]));
        Ok(())
    }

    /// Organisations that meet another one by stick alone.
    pub fn by_stick(&self) -> BTreeSet<OrgId> {
        self.orgs_at(self.sticks.iter().map(|stick| stick.between))
    }

    /// Organisations that meet another one by letter alone.
    pub fn by_letter(&self) -> BTreeSet<OrgId> {
        self.orgs_at(self.post.iter().flat_map(|post| post.apart.iter().copied()))
    }

    fn orgs_at(&self, between: impl Iterator<Item = [usize; 2]>) -> BTreeSet<OrgId> {
        let ends = between.flatten();
        ends.filter_map(|node| Some(self.parties[self.nodes[node].party?].org())).collect()
    }
}
