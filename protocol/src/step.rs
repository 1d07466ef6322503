//! What goes into a step and what comes out of it.
//!
//! The loop of every shell, real or simulated:
//!
//! 1. gather what happened as [`Input`]s;
//! 2. call [`Replica::step`](crate::replica::Replica::step): one commit;
//! 3. carry out every [`Output`]. Nothing that is said to anyone is said
//!    before what it rests on is durable, because outputs come only after.

use std::fmt;

use bytes::Bytes;
use tern_crdt::identity::{
    CertificateId, DiscussionId, DocumentId, DraftId, EditionId, FederationId, ListingId, OrgId,
    ParcelId, PublicKey, RecordId, SubmissionId,
};
use tern_crdt::timestamp::Timestamp;

use crate::gate::{Examined, GateRefused, examine};
use crate::ledger::Private;
use crate::meeting::MeetingReport;
use crate::membership::Knock;
use crate::message::{Join, Joined, Piece};
use crate::packing::{PackRefused, Packed};
use crate::tariff::Tariff;

/// One bidirectional stream with one peer, as the shell counts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u64);

/// The shell's number for a command, given back with its answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CommandId(pub u64);

/// The replica's number for a piece of work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(pub u64);

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// Time has passed; asked for by [`Output::WakeAt`].
    Tick,
    /// A stream is open. The transport has proved that the peer holds its key.
    Connected {
        /// The stream.
        link: LinkId,
        /// Who is at the other end.
        peer: PublicKey,
        /// Whether this side dialled.
        dialled: bool,
        /// The address that was dialled; empty when the peer dialled.
        address: String,
        /// Whether the peer is within the local network.
        near: bool,
    },
    /// A stream is gone, for whatever reason.
    Disconnected {
        /// The stream.
        link: LinkId,
    },
    /// Nobody answered, or the wrong one.
    DialFailed {
        /// The address that was dialled.
        address: String,
        /// Why, for people.
        reason: String,
    },
    /// A node was heard of in the local network, where anybody can say anything:
    /// who answers there has to prove that it is this one.
    Found {
        /// Which node.
        peer: PublicKey,
        /// Where.
        address: String,
    },
    /// One frame arrived whole.
    Received {
        /// On which stream.
        link: LinkId,
        /// The frame, at most
        /// [`MESSAGE_BYTES_MAX`](crate::limits::MESSAGE_BYTES_MAX).
        frame: Bytes,
    },
    /// The transport took bytes off the queue of a stream.
    Taken {
        /// Which stream.
        link: LinkId,
        /// How many bytes.
        bytes: usize,
    },
    /// Somebody on this node wants something.
    Command {
        /// Comes back with the answer.
        id: CommandId,
        /// What is wanted.
        command: Command,
    },
    /// A job is done.
    Worked(Worked),
}

/// What somebody on this node wants. People's keys never come here: what a
/// command brings is signed already (*prepare → sign → submit*).
#[derive(Debug)]
pub enum Command {
    /// Hold these pieces, made here, and change these private values with
    /// them in one commit. Pieces are taken in order; the first refusal ends
    /// the command and then no private value changes.
    Write {
        /// Examined by the shell, off the replica's thread.
        pieces: Vec<Examined>,
        /// Changes of drafts and local values.
        private: Vec<Private>,
    },
    /// Remember an invitation that was written here.
    Invite {
        /// The public half of its one-time secret.
        invitation: PublicKey,
        /// When it ends, by this node's clock.
        expires: Timestamp,
    },
    /// Remember the address of a peer and try it soon.
    SaveAddress {
        /// An address that the transport understands.
        address: String,
        /// Whose, if known.
        peer: Option<PublicKey>,
    },
    /// Forget an address, or every address of a peer.
    ForgetAddress {
        /// This address.
        address: Option<String>,
        /// Every address of this peer.
        peer: Option<PublicKey>,
    },
    /// Hold what was read from a bundle: each piece is judged as if a peer had
    /// sent it, and one that is refused ends nothing.
    TakeIn {
        /// Examined by the shell, off the replica's thread.
        pieces: Vec<Examined>,
        /// The node that signed the bundle.
        writer: PublicKey,
    },
    /// A newcomer's knock that was read from a bundle.
    Knock {
        /// What it says.
        join: Box<Join>,
        /// The node that signed the bundle.
        peer: PublicKey,
    },
    /// Get into step with a peer now and say how it went.
    Meet {
        /// Which peer.
        peer: PublicKey,
    },
    /// Bytes of files went beside a link, either way.
    NoteFiles {
        /// Whether it is within the local network.
        near: bool,
        /// How many.
        bytes: u64,
    },
    /// The operator says what links cost.
    Tariff(Tariff),
    /// People here wait for an answer, or for a request's asker, until this time
    /// by this node's clock: contacts that cost money are made more often. It is
    /// kept until the node stops, and the latest such time counts.
    Expect(Timestamp),
    /// The operator's word that a restored node goes on without having met
    /// anyone; see [`catching_up`](crate::catching_up).
    Resume,
    /// A bundle of this node was found that it does not remember writing: it
    /// was put back, or somebody runs a copy; see [`runs`](crate::runs).
    FoundLater,
    /// The operator's word that only this one runs now; see
    /// [`runs`](crate::runs).
    ClearCopied,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Everything is durable. What the pieces changed, in their order.
    Written(Vec<Change>),
    /// Everything that is held is durable. What became of each piece, in
    /// their order.
    TakenIn(Vec<Result<Change, GateRefused>>),
    /// What a newcomer is answered, and who it is unless it is refused.
    Knocked(Joined, Option<OrgId>),
    /// Noted durably.
    Noted,
    /// The meeting ended.
    Met(MeetingReport),
}

/// What admitting a piece changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing: it was held.
    Known,
    /// The authority set grew by this record or its signatures.
    Authority(RecordId),
    /// A practice has a new edition.
    Edition(DocumentId, EditionId),
    /// A certificate has a name.
    Card(CertificateId),
    /// An expert has a newer card.
    Expert(CertificateId),
    /// A node says where it is.
    NodeAddress(PublicKey),
    /// Something happened to a submission for review.
    Review(SubmissionId),
    /// Something is said about a practice, which need not be held.
    Annotation(DocumentId),
    /// Something was said of a collection or a resource.
    Listing(ListingId),
    /// Something was said in a discussion, or it was opened.
    Discussion(DiscussionId),
    /// A parcel is carried here, or ended.
    Parcel(ParcelId),
    /// A shared draft has other changes, or is seen by others.
    Draft(DraftId),
    /// Word of who holds a parcel.
    Custody(ParcelId),
    /// A record of a kind that this version does not show.
    Other(RecordId),
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandRefused {
    /// The gate refused what it brought.
    #[error(transparent)]
    Gate(#[from] GateRefused),
    /// The peer could not be reached.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// The peer is reached, but is not a member here or says so of us.
    #[error("the meeting ended: {0}")]
    Ended(String),
    /// This node was put back to an earlier state and has met nobody since.
    #[error(
        "this node was put back to an earlier state and signs nothing until it has met another member: let it connect, or go on without by `tern resume`"
    )]
    CatchingUp,
    /// What links cost cannot be so.
    #[error("{0}")]
    Tariff(&'static str),
    /// A value beyond its bound.
    #[error("{what} is longer than {max}")]
    TooLong {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: usize,
    },
}

/// A fact, told once it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A practice is new, has a new edition, or is gone; or something else is said
    /// about it than before, a seal included.
    Practice(DocumentId),
    /// A shared draft has other changes, or is seen by others.
    Draft(DraftId),
    /// The authority set or a name changed.
    Members,
    /// An expert has another card.
    Expert(CertificateId),
    /// Something happened to a submission for review.
    Review(SubmissionId),
    /// A collection or a resource has another record.
    Listing(ListingId),
    /// Something was said in a discussion, or it was opened.
    Discussion(DiscussionId),
    /// A parcel is carried here, or ended.
    Parcel(ParcelId),
    /// Word came of who holds a parcel.
    Custody(ParcelId),
    /// Somebody shows an invitation written here and waits for approval.
    Knocked(OrgId),
    /// This node's organisation is a member now.
    Joined,
    /// The inviter said that a person has to approve, and why.
    JoinWaits(String),
    /// The inviter refuses, and why.
    JoinRefused(String),
    /// A link of a member opened or closed.
    Peer(PublicKey),
    /// Two nodes hold the same.
    Settled(PublicKey),
    /// This node was put back and is in step again: with this
    /// peer, or by the operator's word.
    CaughtUp(Option<PublicKey>),
    /// This node was put back to an earlier state, or somebody runs a copy of
    /// it: this peer told, or a bundle of its own. It catches up.
    PutBack(Option<PublicKey>),
    /// Two nodes run with this node's key, as this peer saw.
    Copied(PublicKey),
    /// A peer came as a run that does not follow from the one that was here
    /// last: it was put back, or its key is used twice.
    OtherRun {
        /// Which peer.
        peer: PublicKey,
        /// Whether both runs live at one time.
        twice: bool,
    },
    /// Something that a peer sent was not held.
    Refused {
        /// Who sent it.
        peer: PublicKey,
        /// Why.
        reason: GateRefused,
    },
    /// Pieces came although they were held: what was under way when a link was
    /// lost comes again, and two peers may bring the same at one time.
    Repeated {
        /// Who sent them.
        peer: PublicKey,
        /// How many, of one message.
        pieces: u64,
    },
    /// Something that is held cannot be read any more, and what. It is passed
    /// on to nobody.
    Damaged(String),
    /// A link was closed by this side because of what the peer did.
    HungUp {
        /// Whose link.
        peer: PublicKey,
        /// What it did.
        reason: String,
    },
}

/// What to do.
#[derive(Debug)]
pub enum Output {
    /// Send one frame.
    Send {
        /// On which stream.
        link: LinkId,
        /// The frame.
        frame: Bytes,
    },
    /// As many bytes of received frames were dealt with: the shell may read
    /// on. What is not yet credited is held in memory, so a shell stops
    /// reading a link at
    /// [`WINDOW_BYTES`](crate::limits::WINDOW_BYTES) of it.
    Credit {
        /// On which stream.
        link: LinkId,
        /// How many bytes.
        bytes: usize,
    },
    /// Close a stream once what was sent before is out.
    Hangup {
        /// Which stream.
        link: LinkId,
    },
    /// Try an address.
    Dial {
        /// Which.
        address: String,
        /// Who has to answer, if known.
        peer: Option<PublicKey>,
    },
    /// Step with [`Input::Tick`] at this time. A later one replaces it.
    WakeAt(Timestamp),
    /// Slow, pure work: run it elsewhere and step with its result.
    Work(Job),
    /// A command ended.
    Answer {
        /// Which.
        id: CommandId,
        /// How.
        result: Result<Done, CommandRefused>,
    },
    /// A fact.
    Event(Event),
}

/// Slow, pure work.
pub struct Job {
    id: JobId,
    link: LinkId,
    federation: FederationId,
    pieces: Packed,
}

impl Job {
    pub(crate) const fn new(
        id: JobId,
        link: LinkId,
        federation: FederationId,
        pieces: Packed,
    ) -> Self {
        Self { id, link, federation, pieces }
    }

    /// The link for which it is done.
    pub const fn link(&self) -> LinkId {
        self.link
    }

    /// Does it, on the thread of the caller.
    pub fn run(self) -> Worked {
        let examined = self.pieces.unpack().map(|pieces| Pieces {
            bytes: pieces.iter().map(Piece::content_bytes).sum(),
            packed: self.pieces.len(),
            examined: pieces.iter().map(|piece| examine(piece, self.federation)).collect(),
        });
        Worked { id: self.id, examined }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job {} over {} packed bytes", self.id.0, self.pieces.len())
    }
}

/// The result of a [`Job`].
#[derive(Debug)]
pub struct Worked {
    pub(crate) id: JobId,
    pub(crate) examined: Result<Pieces, PackRefused>,
}

/// Pieces of one message, each examined by itself.
#[derive(Debug)]
pub(crate) struct Pieces {
    pub examined: Vec<Result<Examined, GateRefused>>,
    /// Their content in bytes.
    pub bytes: usize,
    /// What they took on the wire, in bytes.
    pub packed: usize,
}

impl Worked {
    /// Bytes of the pieces: how much a step with it has to do.
    pub fn weight(&self) -> usize {
        self.examined.as_ref().map_or(0, |pieces| pieces.bytes)
    }
}

/// What a replica is told when it opens.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The federation, fixed for the life of the store.
    pub federation: FederationId,
    /// The organisation of this node.
    pub org: OrgId,
    /// Whether to dial and to meet without being told to.
    pub auto: bool,
    /// Whether to save the addresses that nodes of members tell of themselves.
    pub learns: bool,
    /// The invitation to be shown until this node is a member.
    pub joining: Option<Knock>,
    /// What links cost as long as the operator has not said.
    pub tariff: Tariff,
}
