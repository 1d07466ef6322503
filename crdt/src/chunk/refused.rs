//! Why a change is not held.

use thiserror::Error;

/// The rule that a change breaks. Rules have the numbers of section 4
/// of the specification. All but [`ChunkRefused::Missing`] and the bounds of
/// the document are final: the same bytes are refused everywhere, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChunkRefused {
    /// Longer than a change may be (rule 1).
    #[error("a change has at most {max} bytes, this one has {bytes}")]
    TooLong {
        /// What came.
        bytes: usize,
        /// The limit it met.
        max: usize,
    },
    /// The bytes end where a field still has to follow (rule 2).
    #[error("the change ends inside its {within}")]
    Cut {
        /// The field.
        within: &'static str,
    },
    /// Not an Automerge chunk (rule 2).
    #[error("these bytes are not a change: they do not begin with 85 6f 4a 83")]
    Magic,
    /// A document, a deflated change, a bundle or something unknown (rule 3).
    #[error("a chunk of type {kind}: only type 1, a change that is not deflated, is held")]
    Kind {
        /// The type byte.
        kind: u8,
    },
    /// Bytes are missing or follow (rule 2).
    #[error("the change announces {announced} bytes after its header, {found} are there")]
    Length {
        /// What the header says.
        announced: u64,
        /// What is there.
        found: usize,
    },
    /// In its brief form it names a change or an author that is not there.
    #[error("it names a change or an author that did not come with it")]
    Absent,
    /// The bytes were damaged (rule 4).
    #[error("the checksum does not match: the change was damaged on its way or on disk")]
    Checksum,
    /// A number that is not in its shortest form, or that no field can hold (rule 5).
    #[error("a number in its {within} is too large or not in the shortest LEB128 form")]
    Number {
        /// The field.
        within: &'static str,
    },
    /// Too many deps (rule 6).
    #[error("a change follows at most {max} others, this one names {deps}")]
    Deps {
        /// What came.
        deps: u64,
        /// The limit it met.
        max: usize,
    },
    /// Deps that repeat or are out of order (rule 6).
    #[error("the changes it follows are not in strictly ascending order")]
    DepsOrder,
    /// An actor that is not 16 bytes long (rule 7).
    #[error("an actor has 16 bytes, this one has {bytes}")]
    ActorLength {
        /// What came.
        bytes: u64,
    },
    /// Other actors that repeat, are out of order, or name the author (rule 7).
    #[error("the other actors are not in strictly ascending order, or name the author")]
    ActorsOrder,
    /// A message that is too long (rule 8).
    #[error("the message of a change has at most {max} bytes, this one has {bytes}")]
    Message {
        /// What came.
        bytes: u64,
        /// The limit it met.
        max: usize,
    },
    /// A message that is not text (rule 8).
    #[error("the message of the change is not UTF-8")]
    MessageText,
    /// A column of an unknown number (rule 9).
    #[error("it has a column of the unknown number {number}")]
    ColumnUnknown {
        /// The column specification.
        number: u64,
    },
    /// A deflated column (rule 9).
    #[error("its column {number} is deflated")]
    ColumnDeflated {
        /// The column specification, without the bit that says so.
        number: u64,
    },
    /// Columns that repeat, are out of order, or are empty (rule 9).
    #[error("its columns are not in strictly ascending order, or one is empty")]
    ColumnsOrder,
    /// Bytes after the columns: the author footer of Automerge, for one (rule 10).
    #[error("{bytes} bytes follow the columns; none may")]
    Extra {
        /// How many.
        bytes: usize,
    },
    /// More operations than one change may hold (rule 11).
    #[error("a change has at most {max} operations, this one claims more")]
    Operations {
        /// The limit it met.
        max: u64,
    },
    /// More predecessors than one change may name (rule 11).
    #[error("a change names at most {max} predecessors, this one claims more")]
    Predecessors {
        /// The limit it met.
        max: u64,
    },
    /// A column that does not fit its operations (rule 12).
    #[error("its {column} do not fit its operations: {reason}")]
    Column {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Written by another actor than the one that signed it (rule 13).
    #[error("it is written by an actor that its signature does not cover")]
    Actor,
    /// A dep that is not held (rule 14). Not final: it may come.
    #[error("it follows the change {}, which is not held", short(.dep))]
    Missing {
        /// The first such dep.
        dep: [u8; 32],
    },
    /// A past with two different changes of one actor and sequence number (rule 15).
    #[error("it builds on two different changes that one actor numbered {seq}")]
    Equivocation {
        /// The number that was given twice.
        seq: u64,
    },
    /// A sequence number that does not follow from the past (rule 16).
    #[error("its actor's next change in this past is number {wanted}, this one says {found}")]
    Sequence {
        /// What it says.
        found: u64,
        /// What follows from its past.
        wanted: u64,
    },
    /// The actor's previous change is in the past but not among the deps (rule 16).
    #[error("it does not list its actor's previous change among those it follows")]
    Previous,
    /// A first operation number that does not follow from the past (rule 17).
    #[error("its first operation is number {wanted} after this past, it says {found}")]
    StartOp {
        /// What it says.
        found: u64,
        /// What follows from its past.
        wanted: u64,
    },
    /// An actor that wrote nothing in the past of this change (rule 18).
    #[error("it names an actor that wrote nothing before it")]
    ActorForeign,
    /// An operation id outside the past of this change (rule 19).
    #[error("its {column} name operation {counter}, which is not in its past")]
    Reference {
        /// Where.
        column: &'static str,
        /// The counter of the operation id.
        counter: i64,
    },
    /// The document has as many changes as it may have (rule 20).
    #[error("a document has at most {max} changes")]
    DocumentChanges {
        /// The limit it met.
        max: usize,
    },
    /// The document would have more operations than it may have (rule 20).
    #[error("a document has at most {max} operations")]
    DocumentOperations {
        /// The limit it met.
        max: u64,
    },
    /// The document would be longer than it may be (rule 20).
    #[error("the changes of a document have at most {max} bytes together")]
    DocumentBytes {
        /// The limit it met.
        max: u64,
    },
}

/// The first eight bytes of a hash, for an error sentence.
fn short(hash: &[u8; 32]) -> String {
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
