//! What two nodes say to each other on one stream, and its bytes.
//!
//! CBOR by field number: a message is `[number, [fields …]]`. Decoding is
//! bounded: a frame is at most [`MESSAGE_BYTES_MAX`] before it comes here, and
//! every list is counted. Pieces stay raw bytes until they are verified.

use minicbor::bytes::{ByteArray, ByteVec};
use tern_crdt::identity::{DraftId, FederationId, PublicKey, Signature};
use tern_crdt::segment::brief::{BRIEF_SEGMENT_BYTES_MAX, Brief};
use thiserror::Error;

use crate::limits::{
    CUSTODIES_SAID_MAX, GREETING_SYMBOLS_MAX, JOIN_RECORDS_MAX, MESSAGE_BYTES_MAX, NAMES_MAX,
    NAMES_SAID, PARTS_MAX, SYMBOLS_MAX, TEXT_BYTES_MAX,
};
use crate::meeting::set::{BUCKETS, Root, SetId};
use crate::meeting::sketch::SYMBOL_BYTES;
use crate::packing::Packed;
use crate::runs::Run;

/// The wire versions that this code speaks, first and last.
pub const VERSIONS: (u16, u16) = (2, 2);

/// What a greeting says of one set.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Offered {
    /// Which set; unknown numbers are skipped.
    #[n(0)]
    pub set: u8,
    /// Its root.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub root: Root,
    /// How many objects it holds.
    #[n(2)]
    pub count: u64,
    /// The first bytes of a root that the set had before, if the sender knows what
    /// it took in since: the other's, or that which it had when both were last
    /// equal.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub since: Option<[u8; 8]>,
    /// The first [symbols](crate::meeting::sketch) of the set.
    #[n(4)]
    pub symbols: Option<ByteVec>,
}

impl Offered {
    /// How many symbols it tells.
    pub fn number_of_symbols(&self) -> usize {
        self.symbols.as_ref().map_or(0, |symbols| symbols.len() / SYMBOL_BYTES)
    }
}

/// Begins a round: what each side holds.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Hello {
    /// The first and last wire version that the sender speaks.
    #[n(0)]
    pub versions: (u16, u16),
    /// The first bytes of the federation's id: enough to see that it is
    /// another one. What is signed commits to the whole id.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub federation: [u8; 8],
    /// Which round of this link it is, from 1.
    #[n(2)]
    pub round: u32,
    /// The key of what the sender tells in this round.
    #[n(3)]
    pub key: u64,
    /// The sender's sets.
    #[n(4)]
    pub sets: Vec<Offered>,
    /// In how many seconds the sender makes contact again by itself, if this
    /// link costs it money: for so long it asks not to be dialled.
    #[n(5)]
    pub alone: Option<u32>,
}

impl Hello {
    /// What stands for a federation in a greeting.
    pub fn federation(id: FederationId) -> [u8; 8] {
        let mut first = [0; 8];
        first.copy_from_slice(&id.as_bytes()[..8]);
        first
    }

    /// Whether it is a greeting in this federation.
    pub fn is_of(&self, federation: FederationId) -> bool {
        self.federation == Self::federation(federation)
    }
}

/// One object on its way: travels and is committed whole.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Piece {
    /// A signed record.
    #[n(0)]
    Record(#[n(0)] ByteVec),
    /// A signed edition of a practice, with its change.
    #[n(1)]
    Edition {
        /// The signed statement.
        #[n(0)]
        statement: ByteVec,
        /// The raw change chunk.
        #[n(1)]
        change: ByteVec,
    },
    /// A parcel that is carried.
    #[n(2)]
    Parcel {
        /// The signed label.
        #[n(0)]
        label: ByteVec,
        /// The sealed bytes.
        #[n(1)]
        sealed: ByteVec,
    },
    /// A parcel that ended.
    #[n(3)]
    Ended {
        /// The signed label.
        #[n(0)]
        label: ByteVec,
        /// The secret that was inside it.
        #[cbor(n(1), with = "minicbor::bytes")]
        secret: [u8; 32],
    },
    /// Segments of a draft that build on each other, with their changes.
    #[n(4)]
    Draft {
        /// The signed segments.
        #[n(0)]
        statements: Vec<ByteVec>,
        /// The changes in [brief](tern_crdt::chunk::brief), each after those that
        /// it follows; their authors are the actors of the segments.
        #[n(1)]
        changes: Vec<ByteVec>,
    },
    /// The same in few bytes.
    #[n(5)]
    Brief {
        /// The draft; not named where every segment follows one that is held.
        #[n(0)]
        draft: Option<DraftId>,
        /// The segments.
        #[n(1)]
        segments: Vec<Brief>,
        /// As in [`Draft`](Self::Draft), where the first may also follow the
        /// heads that the segments name, in their order.
        #[n(2)]
        changes: Vec<ByteVec>,
    },
}

impl Piece {
    /// Its content in bytes, without the frame.
    pub fn content_bytes(&self) -> usize {
        match self {
            Self::Record(record) => record.len(),
            Self::Edition { statement, change } => statement.len() + change.len(),
            Self::Parcel { label, sealed } => label.len() + sealed.len(),
            Self::Ended { label, secret } => label.len() + secret.len(),
            Self::Draft { statements, changes } => {
                statements.iter().chain(changes).map(|part| part.len()).sum()
            }
            Self::Brief { segments, changes, .. } => {
                let signed = segments.len() * BRIEF_SEGMENT_BYTES_MAX;
                signed + changes.iter().map(|change| change.len()).sum::<usize>()
            }
        }
    }
}

/// A newcomer shows its invitation.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Join {
    /// As in [`Hello`].
    #[n(0)]
    pub versions: (u16, u16),
    /// The federation that it wants to join.
    #[n(1)]
    pub federation: FederationId,
    /// The public half of the invitation's one-time secret.
    #[n(2)]
    pub invitation: PublicKey,
    /// Signed with the one-time secret; see the joining module.
    #[n(3)]
    pub proof: Signature,
    /// The newcomer's genesis and the entries of its log.
    #[n(4)]
    pub records: Vec<ByteVec>,
}

/// The answer to [`Join`].
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Joined {
    /// The newcomer is a member: it can meet.
    #[n(0)]
    Member,
    /// Its wish is noted; somebody has to approve.
    #[n(1)]
    Waiting(#[n(0)] String),
    /// It will not be admitted on this invitation.
    #[n(2)]
    Refused(#[n(0)] String),
    /// It is no node of a member as far as is known here, and may show that it
    /// is.
    #[n(3)]
    Unknown,
}

/// Everything that is said on a link.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Message {
    /// Begins a round.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// The 256 bucket hashes of a set, 16 bytes each, in order.
    #[n(1)]
    Buckets {
        /// Which set.
        #[n(0)]
        set: u8,
        /// 4,096 bytes.
        #[n(1)]
        hashes: ByteVec,
    },
    /// Elements of one bucket, ascending, 8 bytes each.
    #[n(2)]
    Names {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which bucket.
        #[n(1)]
        bucket: u8,
        /// The elements.
        #[n(2)]
        names: ByteVec,
        /// Whether these are the last.
        #[n(3)]
        last: bool,
    },
    /// The [parts](crate::meeting::set::PartId) of an object that the sender
    /// holds, 32 bytes each.
    #[n(3)]
    Parts {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which object.
        #[n(1)]
        object: ByteArray<32>,
        /// The parts.
        #[n(2)]
        parts: ByteVec,
    },
    /// Objects that the receiver lacks.
    #[n(4)]
    Pieces {
        /// Of which set.
        #[n(0)]
        set: u8,
        /// In an order in which each builds only on those before it.
        #[n(1)]
        pieces: Packed,
    },
    /// The sender pushes nothing more in this round.
    #[n(5)]
    End {
        /// Pieces that it pushed in this round.
        #[n(0)]
        pushed: u64,
    },
    /// The sender leaves, and says why.
    #[n(6)]
    Goodbye {
        /// For people.
        #[n(0)]
        reason: String,
    },
    /// A newcomer shows its invitation.
    #[n(7)]
    Join(#[n(0)] Join),
    /// The answer to it, or to the greeting of a stranger.
    #[n(8)]
    Joined(#[n(0)] Joined),
    /// A member shows to another, who has not heard of it, that it is one.
    #[n(9)]
    Credentials {
        /// Its admission, its genesis, and the entries of its log up to the
        /// certificate of the node, each building only on those before it.
        #[n(0)]
        records: Vec<ByteVec>,
    },
    /// Who holds parcels that the receiver gave to the sender: signed
    /// [custodies](crate::routing::custody).
    #[n(10)]
    Custody {
        /// The records.
        #[n(0)]
        records: Vec<ByteVec>,
    },
    /// The custodies of the one message that was not answered yet are held
    /// durably, as far as they are acceptable.
    #[n(11)]
    CustodyTaken,
    /// Symbols of a range, after those told before, 13 bytes each.
    #[n(12)]
    Symbols {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which range: a bucket, or 256 for the whole set.
        #[n(1)]
        range: u16,
        /// The symbols.
        #[n(2)]
        symbols: ByteVec,
    },
    /// The sender needs more of a range.
    #[n(13)]
    More {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which range.
        #[n(1)]
        range: u16,
        /// How many symbols; 0 for the names of a bucket.
        #[n(2)]
        symbols: u32,
    },
    /// The sender goes on bucket by bucket, and needs their hashes.
    #[n(14)]
    Divide {
        /// Which set.
        #[n(0)]
        set: u8,
    },
    /// What the two have apart in a range.
    #[n(15)]
    Difference {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which range.
        #[n(1)]
        range: u16,
        /// The beginnings of the elements that the sender lacks, 4 bytes each.
        #[n(2)]
        lacks: ByteVec,
        /// Of objects that it holds, and the receiver does not or otherwise:
        /// the beginnings of the id and of the element, 4 + 4 bytes each.
        #[n(3)]
        has: ByteVec,
    },
    /// The sender holds nothing of a range.
    #[n(16)]
    Everything {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which range.
        #[n(1)]
        range: u16,
    },
    /// The sender has told all that the two have apart in a set: at the end, or
    /// before anything else, if it holds all that the other does.
    #[n(17)]
    Told {
        /// Which set.
        #[n(0)]
        set: u8,
    },
    /// The answer to what a difference said the other to hold.
    #[n(18)]
    Answer {
        /// Which set.
        #[n(0)]
        set: u8,
        /// Which range.
        #[n(1)]
        range: u16,
        /// For each object: 0 it is not lacking here, 1 all of it is, 2 the
        /// sender names the editions that it holds.
        #[n(2)]
        answers: ByteVec,
    },
    /// Both have ended: what the sender holds now.
    #[n(19)]
    Roots {
        /// See [`Agreed`](crate::meeting::Agreed).
        #[cbor(n(0), with = "minicbor::bytes")]
        root: Root,
    },
    /// Which [run](crate::runs) the sender is, and which one of the receiver
    /// it last knew.
    #[n(20)]
    Run {
        /// The sender's.
        #[n(0)]
        mine: Run,
        /// The receiver's that was written down here last.
        #[n(1)]
        yours: Option<Run>,
    },
    /// What the receiver said about runs is taken in durably.
    #[n(21)]
    RunTaken,
    /// The run that the receiver says it is lived before and after another one
    /// of the same key.
    #[n(22)]
    RunTwice {
        /// The other one.
        #[n(0)]
        other: Run,
    },
}

/// Why a frame is not a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageRefused {
    /// Longer than the bound.
    #[error("a message of {0} bytes is longer than {MESSAGE_BYTES_MAX}")]
    TooLong(usize),
    /// Not a message of a version that is spoken here.
    #[error("a message cannot be read: {0}")]
    Malformed(String),
    /// A list or text beyond its bound.
    #[error("a message holds {count} {what}, more than {max} or not a whole number of them")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many, or how many bytes.
        count: usize,
        /// The bound.
        max: usize,
    },
}

impl Message {
    /// A goodbye whose reason is cut to its bound.
    pub fn goodbye(reason: &str) -> Self {
        let end = reason.floor_char_boundary(TEXT_BYTES_MAX);
        Self::Goodbye { reason: reason[..end].to_owned() }
    }

    /// About how many bytes it is as a frame: its content without the heads.
    pub fn size(&self) -> usize {
        match self {
            Self::Names { names, .. } => names.len(),
            Self::Symbols { symbols, .. } => symbols.len(),
            Self::Difference { lacks, has, .. } => lacks.len() + has.len(),
            Self::Answer { answers, .. } => answers.len(),
            Self::Parts { parts, .. } => parts.len() + 34,
            Self::Pieces { pieces, .. } => pieces.len(),
            Self::Buckets { hashes, .. } => hashes.len(),
            Self::Hello(Hello { sets, .. }) => {
                sets.iter().filter_map(|set| set.symbols.as_ref()).map(|s| s.len()).sum()
            }
            Self::End { .. }
            | Self::More { .. }
            | Self::Divide { .. }
            | Self::Everything { .. }
            | Self::Told { .. }
            | Self::Roots { .. }
            | Self::Goodbye { .. }
            | Self::Joined(_)
            | Self::CustodyTaken
            | Self::Run { .. }
            | Self::RunTaken
            | Self::RunTwice { .. } => 0,
            Self::Join(Join { records, .. })
            | Self::Credentials { records }
            | Self::Custody { records } => records.iter().map(|record| record.len()).sum(),
        }
    }

    /// The message as one frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Reads one message that fills the frame exactly.
    pub fn from_bytes(frame: &[u8]) -> Result<Self, MessageRefused> {
        if frame.len() > MESSAGE_BYTES_MAX {
            return Err(MessageRefused::TooLong(frame.len()));
        }
        let mut d = minicbor::Decoder::new(frame);
        let message: Self =
            d.decode().map_err(|error| MessageRefused::Malformed(error.to_string()))?;
        if d.position() != frame.len() {
            return Err(MessageRefused::Malformed("bytes after its end".into()));
        }
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), MessageRefused> {
        let at_most = |what, count: usize, max| {
            if count <= max { Ok(()) } else { Err(MessageRefused::Count { what, count, max }) }
        };
        let whole = |what, bytes: usize, each: usize, max| {
            if !bytes.is_multiple_of(each) {
                return Err(MessageRefused::Count { what, count: bytes, max });
            }
            at_most(what, bytes / each, max)
        };
        match self {
            Self::Hello(hello) => {
                at_most("sets", hello.sets.len(), 16)?;
                let symbols = hello.sets.iter().filter_map(|set| set.symbols.as_ref());
                symbols.into_iter().try_for_each(|symbols| {
                    whole("symbols", symbols.len(), SYMBOL_BYTES, GREETING_SYMBOLS_MAX)
                })
            }
            Self::Buckets { hashes, .. } if hashes.len() != BUCKETS * 16 => {
                Err(MessageRefused::Count {
                    what: "bytes of bucket hashes",
                    count: hashes.len(),
                    max: BUCKETS * 16,
                })
            }
            Self::Names { names, .. } => whole("names", names.len(), 8, NAMES_SAID),
            Self::Symbols { symbols, .. } => {
                whole("symbols", symbols.len(), SYMBOL_BYTES, SYMBOLS_MAX)
            }
            Self::Difference { lacks, has, .. } => {
                whole("elements", lacks.len(), 4, NAMES_MAX)?;
                whole("objects", has.len(), 8, NAMES_MAX)
            }
            Self::Answer { answers, .. } => at_most("answers", answers.len(), NAMES_MAX),
            Self::Parts { parts, .. } => whole("parts", parts.len(), 32, PARTS_MAX),
            Self::Pieces { pieces, .. } => {
                at_most("bytes of packed pieces", pieces.size(), MESSAGE_BYTES_MAX)
            }
            Self::Goodbye { reason } => at_most("bytes of reason", reason.len(), TEXT_BYTES_MAX),
            Self::Join(Join { records, .. }) | Self::Credentials { records } => {
                at_most("records", records.len(), JOIN_RECORDS_MAX)
            }
            Self::Joined(Joined::Waiting(text) | Joined::Refused(text)) => {
                at_most("bytes of reason", text.len(), TEXT_BYTES_MAX)
            }
            Self::Custody { records } => at_most("custodies", records.len(), CUSTODIES_SAID_MAX),
            Self::Buckets { .. }
            | Self::End { .. }
            | Self::More { .. }
            | Self::Divide { .. }
            | Self::Everything { .. }
            | Self::Told { .. }
            | Self::Roots { .. }
            | Self::CustodyTaken
            | Self::Run { .. }
            | Self::RunTaken
            | Self::RunTwice { .. }
            | Self::Joined(Joined::Member | Joined::Unknown) => Ok(()),
        }
    }
}

/// The set that a message speaks of, if it is known here.
pub fn set_of(number: u8) -> Option<SetId> {
    SetId::from_number(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use tern_crdt::timestamp::Timestamp;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A run of this number, said once, whose id repeats a byte.
    const fn run(number: u64, id: u8) -> Run {
        Run { number, id: [id; 8], said: 1 }
    }

    const RUNS: &str = "8214828305480101010101010101018304480202020202020202 01";

    /// One example of each message, with its bytes as they stand in SPEC.md.
    fn golden() -> Vec<(Message, String)> {
        let federation = FederationId::new([0xfe; 32]);
        let fe = "fe".repeat(32);
        let set = Offered { set: 1, root: [0xaa; 16], count: 71, since: None, symbols: None };
        let told =
            Offered { since: Some([5; 8]), symbols: Some(vec![6; 13].into()), ..set.clone() };
        let hello = |sets| {
            let federation = Hello::federation(federation);
            Message::Hello(Hello {
                versions: (2, 2),
                federation,
                round: 1,
                key: 7,
                sets,
                alone: None,
            })
        };
        let (aa, fives, sixes) = ("aa".repeat(16), "05".repeat(8), "06".repeat(13));
        vec![
            (hello(vec![set]), format!("8200818582020248 {}0107818301 50{aa}1847", "fe".repeat(8))),
            (
                hello(vec![told]),
                format!(
                    "8200818582020248 {}0107818501 50{aa}184748{fives}4d{sixes}",
                    "fe".repeat(8)
                ),
            ),
            (
                Message::Buckets { set: 1, hashes: vec![0; 4096].into() },
                format!("82018201591000{}", "00".repeat(4096)),
            ),
            (
                Message::Names { set: 1, bucket: 7, names: vec![7; 8].into(), last: true },
                format!("820284010748 {}f5", "07".repeat(8)),
            ),
            (
                Message::Parts { set: 1, object: [3; 32].into(), parts: vec![4; 32].into() },
                format!("8203830158 20{}5820{}", "03".repeat(32), "04".repeat(32)),
            ),
            (
                Message::Pieces {
                    set: 1,
                    pieces: Packed::of(&[
                        Piece::Record(vec![1, 2].into()),
                        Piece::Edition { statement: vec![3].into(), change: vec![4].into() },
                    ]),
                },
                "8204820182004e 82820081420102820182 41034104".into(),
            ),
            (Message::End { pushed: 3 }, "82058103".into()),
            (Message::Goodbye { reason: "bye".into() }, "82068163627965".into()),
            (
                Message::Join(Join {
                    versions: (1, 1),
                    federation,
                    invitation: PublicKey::new([1; 32]),
                    proof: Signature([2; 64]),
                    records: vec![vec![9].into()],
                }),
                format!(
                    "8207818582010158 20{fe}5820{}5840{}814109",
                    "01".repeat(32),
                    "02".repeat(64)
                ),
            ),
            (Message::Joined(Joined::Waiting("soon".into())), "820881820181 64736f6f6e".into()),
            (Message::Joined(Joined::Unknown), "82088182 0380".into()),
            (Message::Credentials { records: vec![vec![9].into()] }, "820981814109".into()),
            (
                Message::Pieces {
                    set: 2,
                    pieces: Packed::of(&[Piece::Parcel {
                        label: vec![5].into(),
                        sealed: vec![6].into(),
                    }]),
                },
                "82048202820048 8182028241054106".into(),
            ),
            (
                Message::Pieces {
                    set: 3,
                    pieces: Packed::of(&[Piece::Brief {
                        draft: None,
                        segments: vec![Brief::After {
                            head: [4; 8],
                            first: 1,
                            last: 2,
                            claimed_at: Timestamp(3),
                            signature: std::array::from_fn(|place| place as u8).into(),
                        }],
                        changes: vec![vec![5].into()],
                    }]),
                },
                format!(
                    "8204820382005859 81820583f681 86014804040404040404040102035840{} 814105",
                    hex(&std::array::from_fn::<u8, 64, _>(|place| place as u8))
                ),
            ),
            (Message::Custody { records: vec![vec![9].into()] }, "820a81814109".into()),
            (Message::CustodyTaken, "820b80".into()),
            (
                Message::Symbols { set: 1, range: 256, symbols: vec![6; 13].into() },
                format!("820c83011901004d{sixes}"),
            ),
            (Message::More { set: 1, range: 7, symbols: 24 }, "820d8301071818".into()),
            (Message::Divide { set: 1 }, "820e8101".into()),
            (
                Message::Difference {
                    set: 1,
                    range: 256,
                    lacks: vec![4; 4].into(),
                    has: vec![8; 8].into(),
                },
                "820f8401190100 4404040404 480808080808080808".into(),
            ),
            (Message::Everything { set: 1, range: 7 }, "8210820107".into()),
            (Message::Told { set: 1 }, "82118101".into()),
            (
                Message::Answer { set: 1, range: 256, answers: vec![0, 1, 2].into() },
                "8212830119010043000102".into(),
            ),
            (Message::Roots { root: [0xaa; 16] }, format!("82138150{aa}")),
            (Message::Run { mine: run(5, 1), yours: Some(run(4, 2)) }, RUNS.into()),
            (
                Message::Run { mine: run(5, 1), yours: None },
                "8214818305480101010101010101 01".replace(' ', ""),
            ),
            (Message::RunTaken, "821580".into()),
            (Message::RunTwice { other: run(6, 3) }, "821681830648030303030303030301".into()),
        ]
    }

    #[test]
    fn every_message_has_the_bytes_that_the_specification_names() {
        for (message, bytes) in golden() {
            assert_eq!(hex(&message.to_bytes()), bytes.replace(' ', ""), "{message:?}");
            assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
        }
    }

    #[test]
    fn a_message_with_more_than_its_bound_is_refused() {
        let names = Message::Names { set: 1, bucket: 0, names: vec![0; 65].into(), last: true };
        let refused = Message::from_bytes(&names.to_bytes());
        assert!(matches!(refused, Err(MessageRefused::Count { .. })), "{refused:?}");
        let long = vec![0; MESSAGE_BYTES_MAX + 1];
        assert_eq!(Message::from_bytes(&long), Err(MessageRefused::TooLong(long.len())));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Message::from_bytes(&bytes);
        }

        #[test]
        fn a_damaged_message_is_refused_or_means_something_else(
            which in 0..14usize, at in any::<prop::sample::Index>(), bit in 0..8u8,
        ) {
            let (message, _) = golden().swap_remove(which);
            let mut bytes = message.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            // No equality: a shorter or longer integer form may mean the same.
            if let Ok(read) = Message::from_bytes(&bytes) { prop_assert!(read.check().is_ok()); }
        }
    }
}
