//! Many pieces to a frame: collected until they are worth one.

use tern_crdt::sealed::PART_TAG_BYTES;

use super::frame::FRAME_HEAD_BYTES;
use super::part::Part;
use crate::limits::{BUNDLE_PIECES_BYTES, PIECES_MAX};
use crate::meeting::set::SetId;
use crate::message::Piece;
use crate::packing::Packed;

/// What a piece takes beside its content, at most.
const PIECE_HEAD_BYTES: usize = 24;
/// What a frame takes beside its pieces, at most: its head, the number of the
/// part, of the set, and of the pieces, and what encryption adds.
const PART_HEAD_BYTES: usize = FRAME_HEAD_BYTES + 24 + PART_TAG_BYTES + 8;

/// Collects pieces of one set after the other. What it was given and did not
/// give back as a part is written by nobody: [`close`](Self::close) it.
#[derive(Debug, Default)]
pub struct Packer {
    set: u8,
    pieces: Vec<Piece>,
    bytes: usize,
}

impl Packer {
    /// Takes a piece. Gives the part that was open, if that is full, or of
    /// another set.
    pub fn add(&mut self, set: SetId, piece: Piece) -> Option<Part> {
        let is_full = self.bytes >= BUNDLE_PIECES_BYTES || self.pieces.len() == PIECES_MAX;
        let part = if is_full || self.set != set as u8 { self.close() } else { None };
        self.set = set as u8;
        self.bytes += bytes_of(&piece);
        self.pieces.push(piece);
        part
    }

    /// The part that is open, if any piece is in it.
    pub fn close(&mut self) -> Option<Part> {
        let pieces = std::mem::take(&mut self.pieces);
        self.bytes = 0;
        (!pieces.is_empty()).then(|| Part::Pieces { set: self.set, packed: Packed::of(&pieces) })
    }

    /// How many bytes the frames of what is open and of `pieces` take at most.
    pub fn bytes_max(&self, pieces: &[Piece]) -> u64 {
        let added: usize = pieces.iter().map(bytes_of).sum();
        let frames = 2 + added / BUNDLE_PIECES_BYTES;
        (frames * PART_HEAD_BYTES + self.bytes + added) as u64
    }
}

fn bytes_of(piece: &Piece) -> usize {
    PIECE_HEAD_BYTES + piece.content_bytes()
}
