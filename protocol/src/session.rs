//! One link with one peer: who it is to us, and what it may say.
//!
//! Messages of a link are dealt with strictly in order; while pieces are
//! being examined elsewhere, what came after them waits in the inbox. A
//! stranger may knock and nothing else; a member may meet. A peer that breaks
//! a rule is told so and hung up on; what others said is untouched.

use std::collections::VecDeque;

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::identity::{OrgId, PublicKey};
use tern_crdt::signed::Record;
use tern_crdt::timestamp::Timestamp;

use crate::gate::GateRefused;
use crate::library::Library;
use crate::limits::{
    CUSTODIES_SAID_MAX, DEFERRALS_MAX, INBOX_MESSAGES_MAX, REFUSALS_MAX, UNPACKED_BYTES_MAX,
    WINDOW_BYTES,
};
use crate::meeting::{Broken, Meeting, Tally, Violation};
use crate::message::{Join, Joined, Message};
use crate::packing::{PackRefused, Packed};
use crate::routing::custody::Word;
use crate::runs::{Run, Talk};
use crate::step::{Change, CommandId, Event, JobId, Pieces};
use crate::store::{Store, StoreError};
use crate::tariff::Purpose;

/// What the peer is to this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// A node of a member.
    Member,
    /// Nobody known: it may knock.
    Stranger,
    /// It knocked here and waits for approval.
    Knocking(OrgId),
    /// This node asked to be let in: it knocked there as a newcomer, or showed
    /// its credentials.
    Asked,
}

#[derive(Debug)]
enum Inbound {
    Message {
        message: Message,
        bytes: usize,
    },
    /// Waits until there is room to unpack it.
    Packed {
        pieces: Packed,
        bytes: usize,
    },
    Examining {
        job: JobId,
        bytes: usize,
        size: usize,
    },
    Examined {
        pieces: Result<Pieces, PackRefused>,
        bytes: usize,
        size: usize,
    },
}

/// What a link asks of the replica.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// To be sent, in order.
    pub messages: Vec<Message>,
    /// Facts to be told once durable.
    pub events: Vec<Event>,
    /// Bytes of received frames dealt with.
    pub credit: usize,
    /// Pieces to be examined elsewhere.
    pub work: Vec<(JobId, Packed)>,
    /// A newcomer knocked.
    pub knock: Option<Join>,
    /// A stranger showed its credentials.
    pub shown: Option<Vec<ByteVec>>,
    /// The peer answered, or does not know this node.
    pub joined: Option<Joined>,
    /// Close the link after the messages, and why.
    pub hangup: Option<String>,
    /// What the peer said about runs, in order.
    pub runs: Vec<RunWord>,
    /// Who may say what changed.
    pub authority_changed: bool,
}

/// What a peer says about runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RunWord {
    /// Which run it is, and which of this node it knew.
    Is { theirs: Run, ours: Option<Run> },
    /// It took in what this side said.
    Taken,
    /// This node's run lives beside another one.
    Twice(Run),
}

impl Effects {
    /// Whether the replica has to see to something before the next message.
    pub const fn is_urgent(&self) -> bool {
        self.knock.is_some() || self.shown.is_some() || self.joined.is_some()
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    pub peer: PublicKey,
    /// The address that was dialled; empty when the peer dialled.
    pub address: String,
    pub standing: Standing,
    pub meeting: Meeting,
    /// What is said about runs.
    pub talk: Talk,
    /// Commands that wait for a meeting about all that this revision of the
    /// library holds.
    pub asked: Vec<(CommandId, u64)>,
    pub since: Timestamp,
    /// Whether it stays within the local network.
    pub near: bool,
    /// Whether bytes on it cost this node money.
    pub costly: bool,
    /// When a frame was last said or heard.
    pub last_heard: Timestamp,
    /// Objects that went over it when they were last looked at, and when that
    /// changed.
    moved: (u64, Timestamp),
    in_flight: usize,
    /// Bytes of received frames not dealt with yet.
    pub uncredited: usize,
    inbox: VecDeque<Inbound>,
    /// Bytes that are unpacked, or being unpacked.
    unpacked: usize,
    refusals: usize,
    deferrals: usize,
    /// The stranger greeted and was asked who it is.
    greeted: bool,
    /// What a node of a member knocked with, while it builds on entries that are
    /// not held.
    pub knock: Option<Box<Join>>,
    /// Custodies that were told and not taken yet.
    telling: Vec<Word>,
}

impl Session {
    pub fn new(
        meeting: Meeting,
        peer: PublicKey,
        address: String,
        standing: Standing,
        since: Timestamp,
    ) -> Self {
        Self {
            peer,
            address,
            standing,
            meeting,
            talk: Talk::default(),
            asked: Vec::new(),
            since,
            near: true,
            costly: false,
            last_heard: since,
            moved: (0, since),
            in_flight: 0,
            uncredited: 0,
            inbox: VecDeque::new(),
            unpacked: 0,
            refusals: 0,
            deferrals: 0,
            greeted: false,
            knock: None,
            telling: Vec::new(),
        }
    }

    /// Begins a meeting, if none is under way.
    pub fn begin<S: Store>(&mut self, library: &Library<S>, out: &mut Vec<Message>) {
        self.meeting.begin(library, out);
    }

    /// After a meeting ended: takes those who asked for it, if it was about
    /// all that was held when they did. What was counted of it, and held
    /// against the peer, ends with it.
    pub fn take_answerable(&mut self) -> Vec<(CommandId, Tally)> {
        let tally = self.meeting.tally;
        let asked = std::mem::take(&mut self.asked);
        let (over, on): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|(_, revision)| self.meeting.is_about(*revision));
        self.asked = on;
        if self.asked.is_empty() {
            self.meeting.tally = Tally::default();
        }
        (self.refusals, self.deferrals) = (0, 0);
        over.into_iter().map(|(id, _)| (id, tally)).collect()
    }

    /// The room that the transport has for more.
    pub const fn room(&self) -> usize {
        WINDOW_BYTES.saturating_sub(self.in_flight)
    }

    /// A frame goes out.
    pub const fn sent(&mut self, bytes: usize) {
        self.in_flight += bytes;
        self.meeting.tally.sent_bytes += bytes as u64;
    }

    /// The transport took bytes.
    pub const fn taken(&mut self, bytes: usize) {
        self.in_flight = self.in_flight.saturating_sub(bytes);
    }

    /// A frame came in: what it is for.
    pub fn received(&mut self, frame: &Bytes, fx: &mut Effects) -> Purpose {
        let bytes = frame.len();
        self.uncredited += bytes;
        self.meeting.tally.received_bytes += bytes as u64;
        let message = Message::from_bytes(frame);
        let purpose = message.as_ref().map_or(Purpose::Finding, Purpose::of);
        match message {
            Err(refused) => fx.hangup = Some(refused.to_string()),
            Ok(_) if self.inbox.len() >= INBOX_MESSAGES_MAX => {
                fx.hangup = Some("it sends more than it is given credit for".into());
            }
            Ok(Message::Pieces { pieces, set }) if self.standing == Standing::Member => {
                // The set is checked in its turn, by a message without pieces.
                let turn = Message::Pieces { set, pieces: Packed::of(&[]) };
                self.inbox.push_back(Inbound::Message { message: turn, bytes: 0 });
                self.inbox.push_back(Inbound::Packed { pieces, bytes });
            }
            Ok(message) => self.inbox.push_back(Inbound::Message { message, bytes }),
        }
        purpose
    }

    /// Whether nothing is under way, and nobody waits for anything.
    pub fn is_quiet(&self) -> bool {
        self.meeting.is_idle() && self.asked.is_empty() && self.inbox.is_empty()
    }

    /// Notes whether objects went over it since this was last asked.
    pub const fn note_moves(&mut self, now: Timestamp) {
        let moved = self.meeting.tally.objects_sent + self.meeting.tally.objects_received;
        if moved != self.moved.0 {
            self.moved = (moved, now);
        }
    }

    /// When objects last went over it, or it was opened.
    pub const fn moved_at(&self) -> Timestamp {
        self.moved.1
    }

    /// Has pieces examined elsewhere, as many as there is room for: a frame
    /// may unpack to many times its size.
    pub fn start_work(&mut self, next_job: &mut u64, fx: &mut Effects) {
        for entry in &mut self.inbox {
            if self.unpacked > UNPACKED_BYTES_MAX {
                return;
            }
            let Inbound::Packed { pieces, bytes } = entry else { continue };
            let (job, size, bytes) = (JobId(*next_job), pieces.size(), *bytes);
            let examining = Inbound::Examining { job, bytes, size };
            if let Inbound::Packed { pieces, .. } = std::mem::replace(entry, examining) {
                *next_job += 1;
                self.unpacked += size;
                fx.work.push((job, pieces));
            }
        }
    }

    /// Pieces of this link were examined.
    pub fn examined(&mut self, id: JobId, pieces: Result<Pieces, PackRefused>) {
        let waiting = self
            .inbox
            .iter_mut()
            .find(|entry| matches!(entry, Inbound::Examining { job, .. } if *job == id));
        if let Some(entry) = waiting
            && let Inbound::Examining { bytes, size, .. } = *entry
        {
            *entry = Inbound::Examined { pieces, bytes, size };
        }
    }

    /// Deals with what is due, in order.
    pub fn process<S: Store>(
        &mut self,
        library: &mut Library<S>,
        fx: &mut Effects,
    ) -> Result<(), StoreError> {
        while fx.hangup.is_none() && !fx.is_urgent() {
            let done = match self.inbox.pop_front() {
                None => break,
                Some(waiting @ (Inbound::Packed { .. } | Inbound::Examining { .. })) => {
                    self.inbox.push_front(waiting);
                    break;
                }
                Some(Inbound::Message { message, bytes }) => {
                    self.credit(bytes, fx);
                    self.message(library, message, fx)
                }
                Some(Inbound::Examined { pieces, bytes, size }) => {
                    self.credit(bytes, fx);
                    self.unpacked -= size;
                    match pieces {
                        Ok(pieces) => self.pieces(library, pieces, fx),
                        Err(refused) => Err(Violation(refused.to_string()).into()),
                    }
                }
            };
            match done {
                Ok(()) => {}
                Err(Broken::Store(error)) => return Err(error),
                Err(Broken::Peer(Violation(what))) => fx.hangup = Some(what),
            }
        }
        Ok(())
    }

    const fn credit(&mut self, bytes: usize, fx: &mut Effects) {
        self.uncredited -= bytes;
        fx.credit += bytes;
    }

    fn message<S: Store>(
        &mut self,
        library: &mut Library<S>,
        message: Message,
        fx: &mut Effects,
    ) -> Result<(), Broken> {
        match (message, self.standing) {
            (Message::Goodbye { reason }, _) => {
                fx.hangup = Some(format!("the peer left: {reason}"));
                Ok(())
            }
            (Message::Join(join), Standing::Stranger) => {
                fx.knock = Some(join);
                Ok(())
            }
            // The newcomer does not know yet that it is a member.
            (Message::Join(_), Standing::Member) => {
                fx.messages.push(Message::Joined(Joined::Member));
                Ok(())
            }
            (Message::Hello(hello), Standing::Stranger) if !self.greeted => {
                if !hello.is_of(library.authority().federation()) {
                    return Err("it belongs to another federation".into());
                }
                self.greeted = true;
                fx.messages.push(Message::Joined(Joined::Unknown));
                Ok(())
            }
            (Message::Credentials { records }, Standing::Stranger) => {
                fx.shown = Some(records);
                Ok(())
            }
            // It heard of this node before it saw what was shown to it.
            (Message::Credentials { .. }, Standing::Member) => {
                fx.messages.push(Message::Joined(Joined::Member));
                Ok(())
            }
            (Message::Joined(Joined::Unknown), Standing::Asked) => {
                Err("it asks again who this node is".into())
            }
            (Message::Joined(joined), Standing::Asked)
            | (Message::Joined(joined @ Joined::Unknown), Standing::Member) => {
                fx.joined = Some(joined);
                Ok(())
            }
            // It began to meet before our asking arrived: to it we are a member.
            (hello @ Message::Hello(_), Standing::Asked) => {
                self.standing = Standing::Member;
                self.meeting.received(library, hello, &mut fx.messages)
            }
            (Message::Joined(_), Standing::Member) => Ok(()),
            // It heard of this node between its asking and what followed it.
            (Message::RunTaken, Standing::Asked) => Ok(()),
            // Said after its greeting, before it heard that it is a stranger.
            (Message::Run { .. }, Standing::Stranger) if self.greeted => Ok(()),
            (_, Standing::Stranger) => Err("it is no node of a member of this federation".into()),
            (_, Standing::Knocking(_)) => {
                Err("it has to wait for the approval of its knock".into())
            }
            (_, Standing::Asked) => Err("it spoke before it answered".into()),
            (Message::Pieces { set, .. }, Standing::Member) => {
                self.meeting.expects_pieces(set).ok_or("pieces that nobody waits for")?;
                Ok(())
            }
            (Message::Custody { records }, Standing::Member) => {
                self.custodies(library, &records, fx)
            }
            (Message::CustodyTaken, Standing::Member) => {
                let told = std::mem::take(&mut self.telling);
                Ok(library.mark_told(&self.peer, &told)?)
            }
            (Message::Run { mine, yours }, Standing::Member) => {
                fx.runs.push(RunWord::Is { theirs: mine, ours: yours });
                Ok(())
            }
            (Message::RunTaken, Standing::Member) => {
                fx.runs.push(RunWord::Taken);
                Ok(())
            }
            (Message::RunTwice { other }, Standing::Member) => {
                fx.runs.push(RunWord::Twice(other));
                Ok(())
            }
            (message, Standing::Member) => {
                self.meeting.received(library, message, &mut fx.messages)
            }
        }
    }

    /// The peer tells who holds what it got from here.
    fn custodies<S: Store>(
        &mut self,
        library: &mut Library<S>,
        records: &[ByteVec],
        fx: &mut Effects,
    ) -> Result<(), Broken> {
        let federation = library.authority().federation();
        for bytes in records {
            let examined = Record::from_bytes(bytes).and_then(|record| record.verify(federation));
            let admitted = match examined {
                Ok(record) => library.admit_custody(record)?,
                Err(refused) => Err(refused.into()),
            };
            match admitted {
                Ok(change) => self.changed(change, fx),
                Err(refused) => self.refused(refused, fx)?,
            }
        }
        fx.messages.push(Message::CustodyTaken);
        Ok(())
    }

    /// Tells the peer who holds what it gave, if there is news and the last
    /// was taken.
    pub fn tell_custody<S: Store>(
        &mut self,
        library: &Library<S>,
    ) -> Result<Option<Message>, StoreError> {
        if self.standing != Standing::Member || !self.telling.is_empty() {
            return Ok(None);
        }
        let untold = library.untold_to(&self.peer, CUSTODIES_SAID_MAX)?;
        if untold.is_empty() {
            return Ok(None);
        }
        let records = untold.iter().map(|(_, record)| record.to_bytes().into()).collect();
        self.telling = untold.into_iter().map(|(word, _)| word).collect();
        Ok(Some(Message::Custody { records }))
    }

    fn pieces<S: Store>(
        &mut self,
        library: &mut Library<S>,
        pieces: Pieces,
        fx: &mut Effects,
    ) -> Result<(), Broken> {
        self.meeting.tally.content_bytes += pieces.bytes as u64;
        self.meeting.tally.packed_bytes += pieces.packed as u64;
        let mut known = 0;
        for piece in pieces.examined {
            let admitted = match piece {
                Ok(piece) => library.receive(piece, &self.peer)?,
                Err(refused) => Err(refused),
            };
            match admitted {
                Ok(change) => {
                    known += u64::from(change == Change::Known);
                    self.changed(change, fx);
                }
                Err(refused) => self.refused(refused, fx)?,
            }
        }
        if known > 0 {
            fx.events.push(Event::Repeated { peer: self.peer, pieces: known });
        }
        Ok(())
    }

    fn changed(&mut self, change: Change, fx: &mut Effects) {
        if change != Change::Known {
            self.meeting.tally.objects_received += 1;
        }
        fx.authority_changed |= matches!(change, Change::Authority(_));
        fx.events.extend(event_of(change));
    }

    fn refused(&mut self, reason: GateRefused, fx: &mut Effects) -> Result<(), Violation> {
        let (count, max) = if reason.is_innocent() {
            (&mut self.deferrals, DEFERRALS_MAX)
        } else {
            (&mut self.refusals, REFUSALS_MAX)
        };
        *count += 1;
        let too_many = *count > max;
        fx.events.push(Event::Refused { peer: self.peer, reason });
        if too_many {
            return Err("too much of what it sent was refused".into());
        }
        Ok(())
    }
}

/// The fact to tell of a change.
pub(crate) fn event_of(change: Change) -> Option<Event> {
    match change {
        Change::Known | Change::NodeAddress(_) | Change::Other(_) => None,
        // Told as a change of the practice, if that is held.
        Change::Annotation(_) => None,
        Change::Authority(_) | Change::Card(_) => Some(Event::Members),
        Change::Edition(practice, _) => Some(Event::Practice(practice)),
        Change::Draft(draft) => Some(Event::Draft(draft)),
        Change::Expert(expert) => Some(Event::Expert(expert)),
        Change::Review(submission) => Some(Event::Review(submission)),
        Change::Listing(listing) => Some(Event::Listing(listing)),
        Change::Discussion(discussion) => Some(Event::Discussion(discussion)),
        Change::Parcel(parcel) => Some(Event::Parcel(parcel)),
        Change::Custody(parcel) => Some(Event::Custody(parcel)),
    }
}
