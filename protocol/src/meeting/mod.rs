//! Meetings: how two nodes get into step.
//!
//! A meeting is held on one link and goes in rounds. A round begins with a
//! `Hello` from each side; for every set whose roots differ, the authority
//! set first, both sides do the same four things, each when both have done the
//! one before:
//!
//! 1. say the 256 bucket hashes;
//! 2. say the entries of the buckets that differ;
//! 3. say which editions they hold of practices that both hold in part;
//! 4. push what the other lacks, so that each piece builds only on those
//!    before it.
//!
//! If anything was pushed by either side, both begin another round, at most
//! three times: so a meeting ends with equal roots, or with nothing pushed,
//! or unsettled because something pushed is not accepted. The link stays open
//! afterwards, and a later change begins the next meeting.
//!
//! While two nodes meet, both go on meeting others, so what they hold changes
//! under way. Both therefore compare the bucket hashes that were *said*, and
//! whatever else was overtaken is left to the next meeting.
//!
//! What a [`Meeting`] is not: it neither verifies nor applies pieces (the
//! [session](crate::session) does), and it holds no copy of the other's set.
//! Every round repeats harmlessly, so a cut loses at most what was in flight.

use tern_crdt::identity::{EditionId, PublicKey};

use crate::library::Library;
use crate::limits::ROUNDS_MAX;
use crate::message::{Hello, Message, RootOf, VERSIONS};
use crate::store::{Store, StoreError};

mod comparison;
pub mod diff;
pub mod set;

use comparison::{Comparison, Heard};
use set::SetId;

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

#[derive(Debug)]
enum Stage {
    Idle,
    Greeting(Vec<RootOf>),
    Comparing(Box<Comparison>),
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

    /// Whether the last round was about all that this revision of the library
    /// holds.
    pub fn is_about(&self, revision: u64) -> bool {
        self.greeted_at.is_some_and(|greeted| greeted >= revision)
    }

    /// Objects that the peer is known to lack, and that we are known to lack.
    pub fn behind(&self) -> (u64, u64) {
        match &self.stage {
            Stage::Comparing(c) => c.behind(),
            _ => (0, 0),
        }
    }

    /// What could not be read to be pushed, since this was last asked.
    pub fn take_damaged(&mut self) -> Vec<String> {
        match &mut self.stage {
            Stage::Comparing(c) => std::mem::take(&mut c.damaged),
            _ => Vec::new(),
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
                self.comparing(set, Heard::Nothing)?.buckets(&hashes);
                Ok(())
            }
            Message::Entries { set, bucket, entries } => {
                let c = self.comparing(set, Heard::Buckets)?;
                let (entries, _) = entries.as_chunks::<64>();
                Ok(c.diff.entries(library.set(c.set), bucket, entries)?)
            }
            Message::Editions { practice, editions } => {
                let c = self.comparing(SetId::Public as u8, Heard::Entries)?;
                let (ids, _) = editions.as_chunks::<32>();
                Ok(c.diff.editions(practice, ids.iter().map(|id| EditionId::new(*id)))?)
            }
            Message::End { set, stage: 0, .. } => {
                let c = self.comparing(set, Heard::Buckets)?;
                c.diff.finish(library.set(c.set));
                c.heard = Heard::Entries;
                Ok(())
            }
            Message::End { set, stage: 1, .. } => {
                self.comparing(set, Heard::Entries)?.heard = Heard::Editions;
                Ok(())
            }
            Message::End { set, stage: 2, pushed } => {
                self.comparing(set, Heard::Editions)?.heard = Heard::Pieces;
                self.pushed |= pushed > 0;
                self.go_on(library, out);
                Ok(())
            }
            _ => Err("a message that belongs to no meeting".into()),
        }
    }

    /// Whether pieces of this set are due now.
    pub fn expects_pieces(&self, set: u8) -> Option<SetId> {
        match &self.stage {
            Stage::Comparing(c) if c.set as u8 == set && c.heard == Heard::Editions => Some(c.set),
            _ => None,
        }
    }

    fn comparing(&mut self, set: u8, heard: Heard) -> Result<&mut Comparison, Violation> {
        match &mut self.stage {
            Stage::Comparing(c) if c.set as u8 == set && c.heard == heard => Ok(c),
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
        let hashes = library.set(set).bucket_hashes();
        out.push(Message::Buckets { set: set as u8, hashes: hashes.concat().into() });
        self.tally.round_trips += 1;
        self.stage = Stage::Comparing(Box::new(Comparison::new(set, sets, hashes)));
    }

    /// Goes on to the next set once both sides have said all about this one.
    fn go_on<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        if let Stage::Comparing(c) = &mut self.stage
            && c.is_over()
        {
            let rest = std::mem::take(&mut c.rest);
            self.next_set(library, rest, out);
        }
    }

    /// Says what is due, until the messages have grown past `room` bytes.
    pub fn pump<S: Store>(
        &mut self,
        library: &Library<S>,
        room: usize,
        out: &mut Vec<Message>,
    ) -> Result<(), StoreError> {
        let mut said = 0;
        while said < room
            && let Stage::Comparing(c) = &mut self.stage
            && let Some(message) = c.next(library, &mut self.tally)?
        {
            if let Message::End { pushed, .. } = &message {
                self.pushed |= *pushed > 0;
                self.tally.round_trips += 1;
            }
            said += message.size();
            out.push(message);
            self.go_on(library, out);
        }
        Ok(())
    }
}
