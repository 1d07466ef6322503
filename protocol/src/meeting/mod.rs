//! Meetings: how two nodes get into step.
//!
//! A meeting is held on one link and goes in rounds. A round begins with a
//! `Hello` from each side; for every set whose roots differ, the authority
//! set first, both sides do the same four things and wait for the other after
//! each:
//!
//! 1. say the 256 bucket hashes;
//! 2. say the entries of the buckets that differ;
//! 3. say which editions they hold of practices that both hold in part;
//! 4. push what the other lacks.
//!
//! If anything was pushed by either side, both begin another round, at most
//! three times: so a meeting ends with equal roots, or with nothing pushed,
//! or unsettled because something pushed is not accepted. The link stays open
//! afterwards, and a later change begins the next meeting.
//!
//! What a [`Meeting`] is not: it neither verifies nor applies pieces (the
//! [session](crate::session) does), and it holds no copy of the other's set.
//! Every round repeats harmlessly, so a cut loses at most what was in flight.

use std::collections::VecDeque;

use minicbor::bytes::ByteVec;
use tern_crdt::identity::{DocumentId, EditionId, PublicKey};

use crate::library::Library;
use crate::limits::{ENTRIES_MAX, PIECES_BYTES, PIECES_MAX, ROUNDS_MAX};
use crate::message::{Hello, Message, RootOf, VERSIONS};
use crate::store::{Store, StoreError};

pub mod diff;
pub mod set;

use diff::Diff;
use set::{ObjectId, SetId};

/// How a meeting went, in bytes before transport encryption.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeetingReport {
    /// With whom.
    pub peer: PublicKey,
    /// What was counted.
    pub tally: Tally,
    /// Whether both hold the same now.
    pub settled: bool,
}

/// What is counted of a meeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Bytes sent, with the content.
    pub sent_bytes: u64,
    /// Bytes received, with the content.
    pub received_bytes: u64,
    /// Bytes of pieces among both.
    pub content_bytes: u64,
    /// How often this side had to wait for the other.
    pub round_trips: u32,
    /// Objects sent, each once.
    pub objects_sent: u64,
    /// Pieces received and new here.
    pub objects_received: u64,
}

/// Why a meeting cannot go on: what the peer did, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl From<&'static str> for Violation {
    fn from(what: &'static str) -> Self {
        Self(what.into())
    }
}

/// A store that fails, or a peer that breaks the rules.
#[derive(Debug)]
pub enum Broken {
    /// Ours.
    Store(StoreError),
    /// Theirs.
    Peer(Violation),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<V: Into<Violation>> From<V> for Broken {
    fn from(violation: V) -> Self {
        Self::Peer(violation.into())
    }
}

/// What the peer has to say next about the set that is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Expect {
    Buckets,
    Entries,
    Editions,
    Pieces,
    Nothing,
}

#[derive(Debug)]
struct Comparison {
    set: SetId,
    /// Sets to compare after this one, last first.
    rest: Vec<SetId>,
    expect: Expect,
    diff: Diff,
    /// What the other lacks; `None` until it has said what it has.
    sending: Option<VecDeque<Lacking>>,
    pushed: u64,
    /// Our part about this set is said.
    said: bool,
}

#[derive(Debug)]
struct Lacking {
    id: ObjectId,
    has: Vec<EditionId>,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Greeting(Vec<RootOf>),
    Comparing(Comparison),
}

/// One side of a meeting. See the module.
#[derive(Debug)]
pub struct Meeting {
    round: u32,
    stage: Stage,
    /// The library's revision when our last Hello was made.
    greeted_at: Option<u64>,
    settled: bool,
    /// Rounds of this meeting that followed from the one before.
    follow_ups: u32,
    /// Whether anything was pushed in this round, by either side.
    pushed: bool,
    /// The meeting ended and nobody asked about it yet.
    ended: bool,
    /// What was counted so far; whoever asks for a meeting resets it.
    pub tally: Tally,
}

impl Default for Meeting {
    fn default() -> Self {
        Self {
            round: 0,
            stage: Stage::Idle,
            greeted_at: None,
            settled: false,
            follow_ups: 0,
            pushed: false,
            ended: false,
            tally: Tally::default(),
        }
    }
}

impl Meeting {
    /// Whether no round is under way.
    pub const fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    /// Whether the last round found both sides equal.
    pub const fn is_settled(&self) -> bool {
        self.is_idle() && self.settled
    }

    /// Whether the meeting ended since this was last asked.
    pub const fn take_ended(&mut self) -> bool {
        std::mem::replace(&mut self.ended, false)
    }

    /// Whether the peer does not know yet what is held now.
    pub fn is_stale(&self, revision: u64) -> bool {
        self.greeted_at != Some(revision)
    }

    /// Objects that the peer is known to lack, and that we are known to lack.
    pub fn behind(&self) -> (u64, u64) {
        match &self.stage {
            Stage::Comparing(c) => {
                let to_send = c.sending.as_ref().map_or(c.diff.they_lack.len(), VecDeque::len);
                (to_send as u64, c.diff.we_lack)
            }
            _ => (0, 0),
        }
    }

    /// Begins a meeting, if none is under way.
    pub fn begin<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        if self.is_idle() {
            self.follow_ups = 0;
            self.greet(library, out);
        }
    }

    fn greet<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        self.round += 1;
        self.settled = false;
        self.pushed = false;
        self.greeted_at = Some(library.revision());
        self.tally.round_trips += 1;
        let roots: Vec<RootOf> = SetId::ALL
            .into_iter()
            .map(|id| {
                let set = library.set(id);
                RootOf { set: id as u8, root: set.root(), count: set.count() }
            })
            .collect();
        out.push(Message::Hello(Hello {
            versions: VERSIONS,
            federation: library.authority().federation(),
            round: self.round,
            roots: roots.clone(),
        }));
        self.stage = Stage::Greeting(roots);
    }

    /// Takes what the peer says next; pieces are the session's.
    pub fn received<S: Store>(
        &mut self,
        library: &Library<S>,
        message: Message,
        out: &mut Vec<Message>,
    ) -> Result<(), Broken> {
        match message {
            Message::Hello(hello) => self.greeted(library, &hello, out),
            Message::Buckets { set, hashes } => {
                let c = self.comparing(set, Expect::Buckets)?;
                c.diff = Diff::new(library.set(c.set), &hashes);
                say_entries(library, c, out);
                c.expect = Expect::Entries;
                self.tally.round_trips += 1;
                Ok(())
            }
            Message::Entries { set, bucket, entries } => {
                let c = self.comparing(set, Expect::Entries)?;
                let (entries, _) = entries.as_chunks::<64>();
                Ok(c.diff.entries(library.set(c.set), bucket, entries)?)
            }
            Message::Editions { practice, editions } => {
                let c = self.comparing(SetId::Public as u8, Expect::Editions)?;
                let (ids, _) = editions.as_chunks::<32>();
                Ok(c.diff.editions(practice, ids.iter().map(|id| EditionId::new(*id)))?)
            }
            Message::End { set, stage, pushed } => {
                self.pushed |= pushed > 0;
                self.said_all(library, set, stage, out)
            }
            _ => Err("a message that belongs to no meeting".into()),
        }
    }

    /// Whether pieces of this set are due now.
    pub fn expects_pieces(&self, set: u8) -> Option<SetId> {
        match &self.stage {
            Stage::Comparing(c) if c.set as u8 == set && c.expect == Expect::Pieces => Some(c.set),
            _ => None,
        }
    }

    fn comparing(&mut self, set: u8, expect: Expect) -> Result<&mut Comparison, Violation> {
        match &mut self.stage {
            Stage::Comparing(c) if c.set as u8 == set && c.expect == expect => Ok(c),
            _ => Err(Violation(format!("a message about set {set} out of turn"))),
        }
    }

    fn greeted<S: Store>(
        &mut self,
        library: &Library<S>,
        hello: &Hello,
        out: &mut Vec<Message>,
    ) -> Result<(), Broken> {
        if hello.versions.0 > VERSIONS.1 || hello.versions.1 < VERSIONS.0 {
            let ((from, to), (first, last)) = (hello.versions, VERSIONS);
            return Err(Violation(format!(
                "it speaks wire versions {from} to {to}, this node {first} to {last}: one of the two needs an upgrade"
            ))
            .into());
        }
        if hello.federation != library.authority().federation() {
            return Err("it belongs to another federation".into());
        }
        self.begin(library, out);
        let Stage::Greeting(ours) = &self.stage else {
            return Err("a greeting in the middle of a round".into());
        };
        if hello.round != self.round {
            return Err("a greeting for another round".into());
        }
        let differs = |set: &SetId| {
            let root = |roots: &[RootOf]| {
                roots.iter().find(|root| root.set == *set as u8).map(|root| root.root)
            };
            root(&hello.roots).is_some_and(|theirs| root(ours) != Some(theirs))
        };
        let sets: Vec<SetId> = SetId::ALL.into_iter().filter(differs).rev().collect();
        self.settled = sets.is_empty();
        self.next_set(library, sets, out);
        Ok(())
    }

    fn next_set<S: Store>(
        &mut self,
        library: &Library<S>,
        mut sets: Vec<SetId>,
        out: &mut Vec<Message>,
    ) {
        let Some(set) = sets.pop() else {
            if self.pushed && self.follow_ups < ROUNDS_MAX {
                self.follow_ups += 1;
                self.greet(library, out);
            } else {
                self.stage = Stage::Idle;
                self.ended = true;
            }
            return;
        };
        let hashes: ByteVec = library.set(set).bucket_hashes().concat().into();
        out.push(Message::Buckets { set: set as u8, hashes });
        self.tally.round_trips += 1;
        self.stage = Stage::Comparing(Comparison {
            set,
            rest: sets,
            expect: Expect::Buckets,
            diff: Diff::default(),
            sending: None,
            pushed: 0,
            said: false,
        });
    }

    fn said_all<S: Store>(
        &mut self,
        library: &Library<S>,
        set: u8,
        stage: u8,
        out: &mut Vec<Message>,
    ) -> Result<(), Broken> {
        match stage {
            0 => {
                let c = self.comparing(set, Expect::Entries)?;
                c.diff.finish(library.set(c.set));
                say_editions(library, c, out)?;
                c.expect = Expect::Editions;
                self.tally.round_trips += 1;
            }
            1 => {
                let c = self.comparing(set, Expect::Editions)?;
                c.expect = Expect::Pieces;
                let whole = std::mem::take(&mut c.diff.they_lack).into_iter();
                let parts = std::mem::take(&mut c.diff.differ).into_iter();
                let queue = whole
                    .map(|id| Lacking { id, has: Vec::new() })
                    .chain(parts.map(|(id, has)| Lacking { id, has }))
                    .collect();
                c.sending = Some(queue);
            }
            2 => {
                let c = self.comparing(set, Expect::Pieces)?;
                c.expect = Expect::Nothing;
                self.maybe_next(library, out);
            }
            _ => return Err("an end of an unknown stage".into()),
        }
        Ok(())
    }

    /// Goes on to the next set once both sides have said all about this one.
    fn maybe_next<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        if let Stage::Comparing(c) = &mut self.stage
            && c.said
            && c.expect == Expect::Nothing
        {
            let rest = std::mem::take(&mut c.rest);
            self.next_set(library, rest, out);
        }
    }

    /// Pushes what the other lacks while `room` bytes last, at least one
    /// message.
    pub fn pump<S: Store>(
        &mut self,
        library: &Library<S>,
        room: usize,
        out: &mut Vec<Message>,
    ) -> Result<(), StoreError> {
        let Stage::Comparing(c) = &mut self.stage else { return Ok(()) };
        let Some(queue) = &mut c.sending else { return Ok(()) };
        let mut sent = 0;
        while sent < room && !queue.is_empty() {
            let mut pieces = Vec::new();
            let mut bytes = 0;
            while bytes < PIECES_BYTES && pieces.len() < PIECES_MAX {
                let Some(lacking) = queue.pop_front() else { break };
                let found =
                    library.pieces(c.set, &lacking.id, |edition| !lacking.has.contains(edition))?;
                self.tally.objects_sent += u64::from(!found.is_empty());
                bytes += found.iter().map(|piece| piece.content_bytes()).sum::<usize>();
                pieces.extend(found);
            }
            c.pushed += pieces.len() as u64;
            sent += bytes;
            self.tally.content_bytes += bytes as u64;
            for pieces in split_pieces(pieces) {
                out.push(Message::Pieces { set: c.set as u8, pieces });
            }
        }
        if queue.is_empty() {
            c.sending = None;
            c.said = true;
            self.pushed |= c.pushed > 0;
            out.push(Message::End { set: c.set as u8, stage: 2, pushed: c.pushed });
            self.tally.round_trips += 1;
            self.maybe_next(library, out);
        }
        Ok(())
    }
}

/// Messages of at most [`PIECES_BYTES`] and one piece more each: a practice
/// with many editions can be larger than one message.
fn split_pieces(pieces: Vec<crate::message::Piece>) -> Vec<Vec<crate::message::Piece>> {
    let mut messages = Vec::new();
    let mut message = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        bytes += piece.content_bytes();
        message.push(piece);
        if bytes >= PIECES_BYTES || message.len() == PIECES_MAX {
            messages.push(std::mem::take(&mut message));
            bytes = 0;
        }
    }
    if !message.is_empty() {
        messages.push(message);
    }
    messages
}

fn say_entries<S: Store>(library: &Library<S>, c: &Comparison, out: &mut Vec<Message>) {
    let set = c.set as u8;
    for bucket in c.diff.differing() {
        let entries: Vec<[&[u8; 32]; 2]> =
            library.set(c.set).bucket(*bucket).iter().map(|(id, state)| [id, state]).collect();
        for part in entries.chunks(ENTRIES_MAX) {
            let entries: Vec<u8> =
                part.iter().flatten().flat_map(|half| half.iter()).copied().collect();
            out.push(Message::Entries { set, bucket: *bucket, entries: entries.into() });
        }
    }
    out.push(Message::End { set, stage: 0, pushed: 0 });
}

fn say_editions<S: Store>(
    library: &Library<S>,
    c: &Comparison,
    out: &mut Vec<Message>,
) -> Result<(), StoreError> {
    for id in c.diff.differ.keys() {
        let practice = DocumentId::new(*id);
        if c.set != SetId::Public {
            break;
        }
        let Some(entry) = library.ledger().practice(&practice)? else { continue };
        let editions: Vec<u8> =
            entry.editions.iter().flat_map(|edition| *edition.id.as_bytes()).collect();
        out.push(Message::Editions { practice, editions: editions.into() });
    }
    out.push(Message::End { set: c.set as u8, stage: 1, pushed: 0 });
    Ok(())
}
