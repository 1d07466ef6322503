//! A limit on everything, in one file.

use tern_crdt::address::{NODE_ADDRESS_BYTES_MAX, NODE_ADDRESSES_MAX};
use tern_crdt::sealed::SEALED_BYTES_MAX;
use tern_crdt::signed::RECORD_BYTES_MAX;

use crate::store::{KEY_BYTES_MAX, VALUE_BYTES_MAX};

/// One framed message on a link, decoded or not.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// A message of pieces is closed when it has grown past this.
pub const PIECES_BYTES: usize = 16 * 1024;
/// Pieces in one message.
pub const PIECES_MAX: usize = 1024;
/// Bytes handed to a link and not yet taken by its transport.
pub const WINDOW_BYTES: usize = 2 * 1024 * 1024;
/// Symbols of a set in a greeting.
pub const GREETING_SYMBOLS_MAX: usize = 1_024;
/// Symbols of a whole set in one round, before it is divided into buckets.
pub const SYMBOLS_MAX: usize = 2_048;
/// Symbols of a bucket in one round, before it is told by name.
pub const BUCKET_SYMBOLS_MAX: usize = 1_024;
/// How often symbols of one range are asked for in one round.
pub const SYMBOL_ASKS_MAX: u32 = 12;
/// Names of a bucket in one message; a larger bucket goes in several.
pub const NAMES_SAID: usize = 8_192;
/// Names of one bucket; what is beyond is not told.
pub const NAMES_MAX: usize = 65_536;
/// Buckets are asked about until so many bytes are due.
pub const ASKED_BYTES_MAX: usize = 16 * 1024;
/// Earlier states of a practice in which a peer is recognised to hold it.
pub const EARLIER_STATES_MAX: usize = 8;
/// Changes of all sets that are remembered to know what a peer lacks that was
/// equal before.
pub const NEWS_MAX: usize = 16_384;
/// Segments of one shared draft.
pub const SEGMENTS_MAX: usize = 2_000;
/// Segments of a draft that build on each other travel as one piece, with their
/// changes: of at most so many bytes, which fit a message.
pub const DRAFT_PIECE_BYTES_MAX: usize = 768 * 1024;
/// Such a piece goes in brief if it has at most so many bytes: it is put together
/// where the store is, not beside it.
pub const BRIEF_BYTES_MAX: usize = 64 * 1024;
/// Where a piece in brief does not name its draft, so many that it may be of are
/// tried.
pub const BRIEF_DRAFTS_MAX: usize = 4;
/// Signatures that are tried to read the segments of such a piece: where an actor
/// has many branches, they go as records.
pub const BRIEF_TRIES_MAX: usize = 2 * SEGMENTS_MAX;
/// For so long two nodes have not been in step by a link of their own when one
/// writes the other a letter, and so old is a letter before another takes its place:
/// a day in milliseconds.
pub const LETTER_WAIT: i64 = 24 * 3_600 * 1_000;
/// Parts of drafts that the writer of a letter says it holds.
pub const LETTER_MARKS_MAX: usize = 1_024;
/// Parts of all the drafts with an organisation of which letters are written; those
/// of drafts beyond go by links and in bundles alone.
pub const LETTER_DRAFT_MARKS_MAX: usize = 4_096;
/// Parts of one object that one side names: editions, or segments and audiences.
pub const PARTS_MAX: usize = 2_048;
/// Editions of one practice, with those kept aside: what is remembered of them
/// fits a stored value.
pub const EDITIONS_MAX: usize = 500;
/// Practices of which every edition is aside.
pub const ASIDE_PRACTICES_MAX: usize = 1_024;
/// Other records that are kept though a revocation left them out of its cut.
pub const RECORDS_ASIDE_MAX: usize = 1_024;
/// What is remembered of one edition, with as many others before it as it may
/// follow.
pub const EDITION_ENTRY_BYTES_MAX: usize = 649;
/// Messages of one peer waiting to be applied behind one that is verified.
pub const INBOX_MESSAGES_MAX: usize = 4_096;
/// Rounds that follow the first of a meeting before it is left unsettled.
pub const ROUNDS_MAX: u32 = 3;
/// Objects of a peer refused in one meeting before the link is closed.
pub const REFUSALS_MAX: usize = 256;
/// Objects refused in one meeting that an honest peer may have sent, because
/// what they build on is on its way, before the link is closed.
pub const DEFERRALS_MAX: usize = 4_096;
/// How long a stranger may keep a link without knocking, in milliseconds.
pub const STRANGER_PATIENCE: i64 = 30_000;
/// Once pieces of one peer take so much memory unpacked, further ones wait
/// packed.
pub const UNPACKED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Inputs taken into one step.
pub const INPUTS_MAX: usize = 256;
/// Records that a newcomer brings along, or a member shows.
pub const JOIN_RECORDS_MAX: usize = 512;
/// Their bytes together, so that they fit a stored value.
pub const JOIN_BYTES_MAX: usize = 256 * 1024;
/// Organisations that wait for approval on one node.
pub const KNOCKS_MAX: usize = 256;
/// The text of an invitation: what the checksum of its text form covers.
pub const INVITATION_TEXT_BYTES_MAX: usize = 1_000;
/// Addresses of peers that were saved on one node by hand or by an invitation.
pub const SAVED_ADDRESSES_MAX: usize = 4_096;
/// Addresses that one node saved because members told them of their nodes.
pub const LEARNED_ADDRESSES_MAX: usize = 4_096;
/// Addresses of members' nodes that were heard of in the local network.
pub const FOUND_ADDRESSES_MAX: usize = 256;
/// With links to so many members a node dials no address that it learned, unless
/// somebody asks for it.
pub const LINKS_SOUGHT_MAX: usize = 8;
/// Addresses in an invitation and saved of one peer.
pub const ADDRESSES_MAX: usize = 8;
/// One address.
pub const ADDRESS_BYTES_MAX: usize = 240;
/// The name of a private value: with its class it is a key.
pub const PRIVATE_NAME_BYTES_MAX: usize = KEY_BYTES_MAX - 1;
/// Links with one peer; the oldest makes room for the next.
pub const LINKS_OF_PEER_MAX: usize = 4;
/// Links of strangers that are open at one time.
pub const STRANGERS_MAX: usize = 64;
/// Nodes of which it is kept that they hold one parcel.
pub const CUSTODIES_MAX: usize = 256;
/// Events of one request that are filed.
pub const EVENTS_OF_REQUEST_MAX: usize = 500;
/// Offers of help that a node keeps for one need.
pub const HELPS_OF_NEED_MAX: usize = 200;
/// Custodies in one message.
pub const CUSTODIES_SAID_MAX: usize = 64;
/// One frame of a bundle.
pub const BUNDLE_FRAME_BYTES_MAX: usize = 1024 * 1024;
/// A frame of pieces is closed when they have grown past this before they are
/// packed. Unpacked it is bounded as a message is, by [`MESSAGE_BYTES_MAX`].
pub const BUNDLE_PIECES_BYTES: usize = 64 * 1024;
/// Bundles that are read in one folder.
pub const BUNDLE_FILES_MAX: usize = 256;
/// Files in which one bundle is written.
pub const BUNDLE_VOLUMES_MAX: u16 = 256;
/// Sets of which a bundle says how many objects they had.
pub const BUNDLE_SETS_MAX: usize = 16;
/// Elements of a frontier in one frame.
pub const FRONTIER_PART_MAX: usize = 65_536;
/// Elements of one frontier that a reader remembers.
pub const FRONTIER_ELEMENTS_MAX: usize = 1_048_576;
/// Texts that one small bundle is carried as.
pub const CODES_MAX: usize = 16;
/// The bytes of one of them: so far its checksum is sound, and its text fits a QR
/// code that a telephone reads.
pub const CODE_BYTES_MAX: usize = 600;
/// What people call a currency.
pub const CURRENCY_BYTES_MAX: usize = 16;
/// A link that costs money is closed when nothing was said on it for so long,
/// in milliseconds.
pub const CONTACT_LINGER: i64 = 10_000;
/// A link that costs money keeps a node from contact with others at most so
/// long, in milliseconds, after an object last went over it.
pub const CONTACT_PATIENCE: i64 = 120_000;
/// A peer to which links cost money is left alone at most so long, in
/// milliseconds.
pub const ALONE_MAX: i64 = 45 * 24 * 3_600 * 1_000;
/// Own runs that a node remembers, beside the current one.
pub const RUNS_OWN_MAX: usize = 64;
/// Runs of its own that a node was told of and does not remember.
pub const RUNS_FOREIGN_MAX: usize = 16;
/// Runs of one peer that are remembered.
pub const RUNS_HEARD_MAX: usize = 8;
/// Peers of which runs are remembered.
pub const RUNS_PEERS_MAX: usize = 4_096;
/// Words about runs on one link, by either side.
pub const RUN_WORDS_MAX: u32 = 32;
/// One blob (4 GiB).
pub const BLOB_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// One message about a blob.
pub const BLOB_MESSAGE_BYTES_MAX: usize = 40 * 1024;
/// Bytes of a blob in one message: what waits behind them waits for no more.
pub const BLOB_DATA_BYTES_MAX: usize = 2 * 1024;
/// Parts of a blob in one question.
pub const BLOB_PARTS_MAX: usize = 64;
/// Parts of a blob that one source was asked for and has not sent.
pub const BLOB_ASKED_PARTS_MAX: usize = 128;
/// Bytes of a blob that one source may have under way.
pub const BLOB_WINDOW_BYTES_MAX: u32 = 1024 * 1024;
/// A source that sends none of what it was told to send for so long is left, in
/// milliseconds.
pub const BLOB_PATIENCE: i64 = 60_000;
/// Sources of one blob at a time.
pub const BLOB_SOURCES_MAX: usize = 16;
/// A reason or a name in a message.
pub const TEXT_BYTES_MAX: usize = 1_000;

// Which groups a source has fits a message, and so does a full part of bytes.
const _: () = assert!(BLOB_BYTES_MAX / (16 * 1024) / 8 + 1024 < BLOB_MESSAGE_BYTES_MAX as u64);
const _: () = assert!(BLOB_DATA_BYTES_MAX + 1024 < BLOB_MESSAGE_BYTES_MAX);
// A window that is full of parts can be asked for.
const _: () = assert!(BLOB_WINDOW_BYTES_MAX as usize / (16 * 1024) < BLOB_ASKED_PARTS_MAX);
// The largest change with its statement fits a stored value and a message.
const _: () = assert!(256 * 1024 + 8 * 1024 < VALUE_BYTES_MAX);
const _: () = assert!(ADDRESS_BYTES_MAX + "address/".len() <= PRIVATE_NAME_BYTES_MAX);
// What a node tells of itself can be saved and be told in an invitation.
const _: () = assert!(NODE_ADDRESS_BYTES_MAX == ADDRESS_BYTES_MAX);
const _: () = assert!(NODE_ADDRESSES_MAX == ADDRESSES_MAX);
const _: () = assert!(JOIN_BYTES_MAX + JOIN_RECORDS_MAX * 8 + 64 < VALUE_BYTES_MAX);
const _: () = assert!(VALUE_BYTES_MAX + PIECES_BYTES < MESSAGE_BYTES_MAX);
const _: () = assert!(RECORD_BYTES_MAX + PIECES_BYTES < MESSAGE_BYTES_MAX);
const _: () = assert!(SEALED_BYTES_MAX + RECORD_BYTES_MAX < VALUE_BYTES_MAX);
const _: () = assert!(NAMES_MAX * 12 + 1024 < MESSAGE_BYTES_MAX);
const _: () = assert!(SYMBOLS_MAX * 13 + 1024 < MESSAGE_BYTES_MAX);
const _: () = assert!(NAMES_SAID * 8 + 1024 < MESSAGE_BYTES_MAX);
const _: () = assert!(EDITIONS_MAX * EDITION_ENTRY_BYTES_MAX + 64 < VALUE_BYTES_MAX);
const _: () = assert!(DRAFT_PIECE_BYTES_MAX + PIECES_BYTES + 64 * 1024 < MESSAGE_BYTES_MAX);
const _: () = assert!(PARTS_MAX * 32 + 1024 < MESSAGE_BYTES_MAX);
const _: () = assert!(EDITIONS_MAX <= PARTS_MAX && SEGMENTS_MAX + 16 <= PARTS_MAX);
// Every piece and every knock that can be held fits a frame of a bundle.
const _: () = assert!(VALUE_BYTES_MAX + RECORD_BYTES_MAX + 1024 < BUNDLE_FRAME_BYTES_MAX);
const _: () = assert!(BUNDLE_PIECES_BYTES + VALUE_BYTES_MAX + PIECES_MAX * 24 < MESSAGE_BYTES_MAX);
const _: () = assert!(JOIN_BYTES_MAX + JOIN_RECORDS_MAX * 8 + 1024 < BUNDLE_FRAME_BYTES_MAX);
const _: () = assert!(FRONTIER_PART_MAX * 8 + 1024 < BUNDLE_FRAME_BYTES_MAX);

#[cfg(test)]
mod tests {
    use tern_crdt::card::CARD_NAME_BYTES_MAX;
    use tern_crdt::chunk::{
        CHANGE_BYTES_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_CHANGES_MAX, DOCUMENT_OPERATIONS_MAX,
    };
    use tern_crdt::edition::{CONTRIBUTORS_MAX, NOTE_BYTES_MAX, PREVIOUS_MAX};
    use tern_crdt::parcel::LETTER_RECORDS_MAX;
    use tern_crdt::request::{AFTER_MAX, EXPERTS_MAX};
    use tern_crdt::sealed::{CONTENT_BYTES_MAX, READERS_MAX};
    use tern_crdt::signed::{KIND_BYTES_MAX, PAYLOAD_BYTES_MAX, SIGNATURES_MAX};

    use super::*;

    macro_rules! limits {
        ($($name:ident)*) => { [$((stringify!($name), $name as u64)),*] };
    }

    #[test]
    fn the_specification_names_every_limit_with_its_value() {
        let limits = limits!(
            PAYLOAD_BYTES_MAX SIGNATURES_MAX KIND_BYTES_MAX CHANGE_BYTES_MAX PREVIOUS_MAX
            CONTRIBUTORS_MAX NOTE_BYTES_MAX CARD_NAME_BYTES_MAX EDITIONS_MAX SEGMENTS_MAX DRAFT_PIECE_BYTES_MAX BRIEF_BYTES_MAX BRIEF_DRAFTS_MAX BRIEF_TRIES_MAX PARTS_MAX DOCUMENT_BYTES_MAX
            DOCUMENT_OPERATIONS_MAX DOCUMENT_CHANGES_MAX MESSAGE_BYTES_MAX PIECES_BYTES PIECES_MAX
            GREETING_SYMBOLS_MAX SYMBOLS_MAX BUCKET_SYMBOLS_MAX SYMBOL_ASKS_MAX NAMES_MAX TEXT_BYTES_MAX WINDOW_BYTES INBOX_MESSAGES_MAX ROUNDS_MAX REFUSALS_MAX
            DEFERRALS_MAX CONTACT_LINGER CONTACT_PATIENCE ALONE_MAX STRANGER_PATIENCE STRANGERS_MAX LINKS_OF_PEER_MAX JOIN_RECORDS_MAX
            JOIN_BYTES_MAX KNOCKS_MAX INVITATION_TEXT_BYTES_MAX SAVED_ADDRESSES_MAX LEARNED_ADDRESSES_MAX FOUND_ADDRESSES_MAX LINKS_SOUGHT_MAX ADDRESSES_MAX
            ADDRESS_BYTES_MAX CUSTODIES_MAX CUSTODIES_SAID_MAX EVENTS_OF_REQUEST_MAX HELPS_OF_NEED_MAX ASIDE_PRACTICES_MAX RECORDS_ASIDE_MAX READERS_MAX CONTENT_BYTES_MAX
            LETTER_RECORDS_MAX EXPERTS_MAX AFTER_MAX BUNDLE_FRAME_BYTES_MAX BUNDLE_PIECES_BYTES BUNDLE_FILES_MAX
            BUNDLE_VOLUMES_MAX BUNDLE_SETS_MAX FRONTIER_PART_MAX FRONTIER_ELEMENTS_MAX CODES_MAX CODE_BYTES_MAX RUNS_OWN_MAX RUNS_FOREIGN_MAX
            RUNS_HEARD_MAX RUNS_PEERS_MAX RUN_WORDS_MAX BLOB_BYTES_MAX BLOB_MESSAGE_BYTES_MAX
            BLOB_DATA_BYTES_MAX BLOB_PARTS_MAX BLOB_ASKED_PARTS_MAX BLOB_WINDOW_BYTES_MAX
            BLOB_PATIENCE BLOB_SOURCES_MAX LETTER_MARKS_MAX LETTER_DRAFT_MARKS_MAX LETTER_WAIT
        );
        let specification = include_str!("../SPEC.md");
        let rows: Vec<&str> = specification
            .lines()
            .filter(|line| line.starts_with("| `") && line.contains("_"))
            .filter(|line| line.as_bytes()[3].is_ascii_uppercase())
            .collect();
        for (name, value) in limits {
            let row = format!("| `{name}` | {value} |");
            assert!(rows.contains(&row.as_str()), "{row}");
        }
        assert_eq!(rows.len(), limits.len(), "and names no other");
    }
}
