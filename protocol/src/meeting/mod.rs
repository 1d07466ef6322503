//! Meetings: how two nodes get into step.
//!
//! A meeting is held on one link and goes in rounds. A round begins with a
//! `Hello` from each side. If it shows that no set differs, both are settled.
//! Else what differs is found and pushed (see `round`): from what one side took
//! in since it held what the other holds now, which its root tells; from a
//! [`sketch`], of about the size of the difference; or, where much is apart,
//! bucket by bucket. Nothing but the differences themselves is ever named. Most
//! meetings take one round trip: the peer's greeting shows what it lacks.
//!
//! When both have pushed all, whoever was pushed anything says the root of what
//! it holds now; the other's is that of its greeting. If the roots differ, both
//! begin another round, at most three times, and after the first only if anything
//! was pushed: so a meeting ends with equal roots, or with nothing pushed, or
//! unsettled because something pushed is not accepted. The link stays open
//! afterwards, and a later change begins the next meeting.
//!
//! While two nodes meet, both go on meeting others, so what they hold changes
//! under way. What is told is therefore a snapshot, and whatever was overtaken
//! is left to the next round.
//!
//! What a [`Meeting`] is not: it neither verifies nor applies pieces (the
//! [session](crate::session) does), it holds no copy of the other's set, and it
//! loads no document. Every round repeats harmlessly, so a cut loses at most
//! what was in flight.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use tern_crdt::identity::{OrgId, PublicKey};

use self::view::View;
use crate::library::Library;
use crate::limits::ROUNDS_MAX;
use crate::message::{Hello, Message, Offered, VERSIONS};
use crate::store::{Store, StoreError};

mod agreed;
mod finder;
mod greeting;
mod pushing;
mod rationing;
mod recognising;
mod round;
pub mod set;
pub mod sketch;
mod teller;
mod view;

pub use agreed::Agreed;
use greeting::{Greeting, Said};
use round::{About, Round};
use set::{Range, Root, Set, SetId};
use sketch::{Element, Key};

/// What a finder is answered about an object that it holds.
mod answer {
    /// It is not lacking here.
    pub const NOTHING: u8 = 0;
    /// All of it is lacking here.
    pub const ALL: u8 = 1;
    /// Both hold some of its parts: ours are named next.
    pub const PARTS: u8 = 2;
}

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
    /// Bytes of pieces among both, unpacked.
    pub content_bytes: u64,
    /// Bytes of the same as they were sent and received, packed: what is left
    /// of those is what was said about them.
    pub packed_bytes: u64,
    /// How often this side had to wait for the other: for its greeting, for what
    /// is asked to find a difference (all that is asked at once counts as one),
    /// and for the word that what it pushed has arrived. What is pushed to it, it
    /// does not wait for: that comes in the same flight as what shows it.
    pub round_trips: u32,
    /// Objects sent, each once.
    pub objects_sent: u64,
    /// Pieces received and new here.
    pub objects_received: u64,
}

impl Tally {
    /// Counts a message that one of the two waits for the answer to.
    fn note(&mut self, message: &Message) {
        let asks = match message {
            Message::More { range, .. } => *range == Range::Whole.number(),
            Message::Divide { .. } | Message::Buckets { .. } => true,
            _ => false,
        };
        self.round_trips += u32::from(asks);
    }
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

/// What one side wants of a meeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// In how many seconds this side makes contact again by itself, if the link
    /// costs it money.
    pub alone: Option<u32>,
    /// Whether requests, and who may say what, are all that is met about.
    pub frugal: bool,
}

impl Terms {
    const fn sets(self) -> &'static [SetId] {
        if self.frugal { &[SetId::Authority, SetId::Parcels] } else { &SetId::MET }
    }
}

#[derive(Debug)]
enum Stage {
    Idle,
    Greeting {
        key: Key,
        said: Vec<Said>,
        held: Agreed,
    },
    Comparing {
        round: Box<Round>,
        /// What this side held when it greeted.
        held: Agreed,
        /// The root of what the peer held when it greeted.
        theirs: Root,
    },
    /// Both have pushed all, and the peer, which was pushed something, says what
    /// it holds now.
    Closing {
        held: Agreed,
        pushed: bool,
    },
}

/// One side of a meeting. See the module.
#[derive(Debug)]
pub struct Meeting {
    /// Whether this side's key is the smaller one.
    first: bool,
    peer: PublicKey,
    /// The peer's organisation, as of this round: with it drafts are compared.
    with: Option<OrgId>,
    chance: ChaCha8Rng,
    round: u32,
    stage: Stage,
    /// The library's revision that the peer knows of, if any.
    known_at: Option<u64>,
    /// What both held when they were last equal, on this link or before.
    agreed: Agreed,
    /// What this side wants.
    pub terms: Terms,
    /// The peer said that the link costs it money.
    alone_there: Option<u32>,
    /// Whether all sets were compared when both were last equal.
    whole: bool,
    /// Whether they were equal on this link.
    lively: bool,
    settled: bool,
    /// Rounds of this meeting that followed from the one before.
    follow_ups: u32,
    /// The meeting ended and nobody asked about it yet.
    ended: bool,
    /// What was counted so far; whoever asks for a meeting resets it.
    pub tally: Tally,
}

impl Meeting {
    /// Between a node and a peer that were equal once, or not as far as is
    /// known. `seed` is the chance of this link.
    pub fn new(node: PublicKey, peer: PublicKey, agreed: Agreed, terms: Terms, seed: u64) -> Self {
        Self {
            first: node < peer,
            peer,
            with: None,
            chance: ChaCha8Rng::seed_from_u64(seed),
            round: 0,
            stage: Stage::Idle,
            known_at: None,
            agreed,
            terms,
            alone_there: None,
            whole: false,
            lively: false,
            settled: false,
            follow_ups: 0,
            ended: false,
            tally: Tally::default(),
        }
    }

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
        self.known_at != Some(revision)
    }

    /// Whether the last round was about all that this revision of the library
    /// holds.
    pub fn is_about(&self, revision: u64) -> bool {
        self.known_at.is_some_and(|known| known >= revision)
    }

    /// What both held when they were last equal.
    pub const fn agreed(&self) -> Agreed {
        self.agreed
    }

    /// Whether the last round found both sides equal in all sets.
    pub const fn is_whole(&self) -> bool {
        self.is_settled() && self.whole
    }

    /// In how many seconds the peer makes contact by itself, if it said that
    /// the link costs it money.
    pub const fn alone_there(&self) -> Option<u32> {
        self.alone_there
    }

    /// Objects that the peer is known to lack, and that we are known to lack.
    pub fn behind(&self) -> (u64, u64) {
        match &self.stage {
            Stage::Comparing { round, .. } => round.behind(),
            _ => (0, 0),
        }
    }

    /// What could not be read to be pushed, since this was last asked.
    pub fn take_damaged(&mut self) -> Vec<String> {
        match &mut self.stage {
            Stage::Comparing { round, .. } => round.take_damaged(),
            _ => Vec::new(),
        }
    }

    /// Begins a meeting, if none is under way.
    pub fn begin<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        if self.is_idle() {
            self.follow_ups = 0;
            self.greet(library, None, out);
        }
    }

    /// Greets, if the peer did so before with what its greeting tells.
    fn greet<S: Store>(
        &mut self,
        library: &Library<S>,
        theirs: Option<&Hello>,
        out: &mut Vec<Message>,
    ) {
        self.with = library.authority().node(&self.peer);
        let library = &View::of(library, self.with);
        self.round += 1;
        self.tally.round_trips += 1;
        self.settled = false;
        self.known_at = Some(library.revision());
        let key = Key(self.chance.next_u64());
        let greeting = Greeting {
            library,
            key,
            agreed: &self.agreed,
            lively: self.lively,
            follows: self.follow_ups > 0,
            theirs,
        };
        let said: Vec<Said> = self.terms.sets().iter().map(|set| greeting.offer(*set)).collect();
        out.push(Message::Hello(Hello {
            versions: VERSIONS,
            federation: Hello::federation(library.authority().federation()),
            round: self.round,
            key: key.0,
            sets: said
                .iter()
                .map(|said| &said.offered)
                .filter(|offered| is_worth_saying(offered))
                .cloned()
                .collect(),
            alone: self.terms.alone,
        }));
        let held = Agreed::now(library, self.terms.sets());
        self.stage = Stage::Greeting { key, said, held };
    }

    /// Takes what the peer says next; pieces are the session's.
    pub fn received<S: Store>(
        &mut self,
        library: &Library<S>,
        message: Message,
        out: &mut Vec<Message>,
    ) -> Result<(), Broken> {
        self.tally.note(&message);
        let (set, about) = match message {
            Message::Hello(hello) => return self.greeted(library, &hello, out),
            Message::End { pushed } => {
                if self.comparing()?.heard_end.replace(pushed).is_some() {
                    return Err("it ends a round twice".into());
                }
                self.close(library, out);
                return Ok(());
            }
            Message::Roots { root } => return Ok(self.heard(library, root, out)?),
            Message::Symbols { set, range, symbols } => {
                (set, About::Symbols(named(range)?, symbols.into()))
            }
            Message::Buckets { set, hashes } => (set, About::Buckets(hashes.into())),
            Message::Names { set, bucket, names, last } => {
                (set, About::Names(bucket, names.into(), last))
            }
            Message::Answer { set, range, answers } => {
                (set, About::Answers(named(range)?, answers.into()))
            }
            Message::More { set, range, symbols } => {
                (set, About::More(named(range)?, symbols as usize))
            }
            Message::Divide { set } => (set, About::Divide),
            Message::Difference { set, range, lacks, has } => {
                (set, About::Difference(named(range)?, lacks.into(), has.into()))
            }
            Message::Everything { set, range } => (set, About::Everything(named(range)?)),
            Message::Told { set } => (set, About::Told),
            Message::Parts { set, object, parts } => {
                let (parts, _) = parts.as_chunks::<32>();
                (set, About::Parts(object.into(), parts.to_vec()))
            }
            _ => return Err("a message that belongs to no meeting".into()),
        };
        let view = View::of(library, self.with);
        self.comparing()?.about(&view, set, about)
    }

    fn comparing(&mut self) -> Result<&mut Round, Violation> {
        match &mut self.stage {
            Stage::Comparing { round, .. } => Ok(round),
            _ => Err("a message out of turn".into()),
        }
    }

    /// Whether pieces of this set are due now.
    pub fn expects_pieces(&self, set: u8) -> Option<SetId> {
        let set = SetId::from_number(set)?;
        match &self.stage {
            Stage::Comparing { round, .. } if round.expects_pieces(set) => Some(set),
            _ => None,
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
        if !hello.is_of(library.authority().federation()) {
            return Err("it belongs to another federation".into());
        }
        if self.is_idle() {
            self.follow_ups = 0;
            self.greet(library, Some(hello), out);
        }
        if hello.round != self.round {
            return Err("a greeting for another round".into());
        }
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Greeting { key, said, held } => {
                self.alone_there = hello.alone;
                let view = View::of(library, self.with);
                // What once was misleads at most once.
                let (first, recognises) = (self.first, self.follow_ups == 0);
                let round = Round::begin(&view, key, said, hello, first, recognises)?;
                let held = held.only(&round.common);
                if round.is_settled() {
                    self.agree(&held);
                } else {
                    let theirs = Agreed::of_greeting(hello, &round.common).root();
                    self.stage = Stage::Comparing { round: Box::new(round), held, theirs };
                }
                Ok(())
            }
            _ => Err("a greeting in the middle of a round".into()),
        }
    }

    /// Both held this at the same time.
    fn agree(&mut self, held: &Agreed) {
        self.known_at = held.revision().or(self.known_at);
        self.agreed.follow(held);
        self.whole = held.is_whole();
        self.lively = true;
        self.settled = true;
        self.end();
    }

    fn end(&mut self) {
        self.stage = Stage::Idle;
        self.ended = true;
    }

    /// If both have pushed all: says what this side holds now, if it was pushed
    /// anything, and waits for the same if it pushed anything.
    fn close<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        let Stage::Comparing { round, held, theirs } = &self.stage else { return };
        let (true, Some(received)) = (round.ended, round.heard_end) else { return };
        let (mut held, theirs, sent) = (*held, *theirs, round.pushed());
        if received > 0 {
            held = Agreed::now(&View::of(library, self.with), &round.common);
            out.push(Message::Roots { root: held.root() });
        }
        if sent > 0 {
            self.tally.round_trips += 1;
            self.stage = Stage::Closing { held, pushed: true };
        } else {
            self.compare(library, &held, theirs, received > 0, out);
        }
    }

    /// The peer says what it holds at the end of a round.
    fn heard<S: Store>(
        &mut self,
        library: &Library<S>,
        root: Root,
        out: &mut Vec<Message>,
    ) -> Result<(), Violation> {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Closing { held, pushed } => {
                self.compare(library, &held, root, pushed, out);
                Ok(())
            }
            _ => Err("roots out of turn".into()),
        }
    }

    /// What both hold at the end of a round is known: they are settled, or begin
    /// another, or leave it.
    fn compare<S: Store>(
        &mut self,
        library: &Library<S>,
        held: &Agreed,
        theirs: Root,
        pushed: bool,
        out: &mut Vec<Message>,
    ) {
        if held.root() == theirs {
            self.agree(held);
        } else if (pushed || self.follow_ups == 0) && self.follow_ups < ROUNDS_MAX {
            self.follow_ups += 1;
            self.greet(library, None, out);
        } else {
            self.end();
        }
    }

    /// Says what is due, until the messages have grown past `room` bytes.
    pub fn pump<S: Store>(
        &mut self,
        library: &Library<S>,
        room: usize,
        out: &mut Vec<Message>,
    ) -> Result<(), StoreError> {
        let view = View::of(library, self.with);
        let mut said = 0;
        while said < room {
            let Stage::Comparing { round, .. } = &mut self.stage else { break };
            let Some(message) = round.next(&view, &mut self.tally)? else { break };
            said += message.size();
            self.tally.note(&message);
            out.push(message);
            self.close(library, out);
        }
        Ok(())
    }
}

/// Two organisations that have no drafts in common say nothing of them.
const fn is_worth_saying(offered: &Offered) -> bool {
    offered.set != SetId::Drafts as u8 || offered.count > 0
}

/// The elements of a range under the key of a round.
fn elements(set: &Set, key: Key, range: Range) -> Vec<Element> {
    set.range(range).map(|(id, state)| key.element(id, state)).collect()
}

fn named(range: u16) -> Result<Range, Violation> {
    Range::from_number(range).ok_or_else(|| "a range that there is not".into())
}
