//! One file of a bundle while it is written: objects, many to a frame, up to
//! where there is room.

use std::path::PathBuf;

use tern_crdt::sealed::PART_TAG_BYTES;
use tern_protocol::bundle::{FRAME_HEAD_BYTES, Framer, Header, Packer, Part};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use crate::bundle::Sink;
use crate::ops::OpError;

/// What encryption adds to a frame, at most.
const SEALED_HEAD_BYTES: usize = PART_TAG_BYTES + 8;
/// With less room than this left, nothing more is looked for.
const SCRAP_BYTES: u64 = 256;

/// See the module. Dropped before [`finish`](Self::finish) it leaves nothing.
pub(super) struct Volume {
    pub(super) place: PathBuf,
    framer: Framer,
    sink: Sink,
    packer: Packer,
    /// Where the pieces have to end.
    pub(super) end_of_pieces: Option<u64>,
    /// Objects in it, but drafts: its end is read by whoever carries it.
    pub(super) objects: u64,
    /// Drafts in it.
    pub(super) drafts: u64,
    /// Bytes of content in it, before they were packed.
    pub(super) content: u64,
    /// The same, as they are packed.
    pub(super) packed: u64,
}

impl Volume {
    /// Begins a file at `place`; with a key of frames, encrypted.
    pub(super) fn begin(
        place: PathBuf,
        header: &Header,
        signed: &[u8],
        frames: Option<&[u8; 32]>,
    ) -> Result<Self, OpError> {
        let (mut framer, beginning) = Framer::begin(header, signed);
        let mut sink = Sink::create(&place)?;
        sink.write(&beginning)?;
        if let Some(frames) = frames {
            framer.encrypt(frames);
        }
        let packer = Packer::default();
        Ok(Self {
            place,
            framer,
            sink,
            packer,
            end_of_pieces: None,
            objects: 0,
            drafts: 0,
            content: 0,
            packed: 0,
        })
    }

    /// Writes an object, if there is room for all of it; whether there was.
    pub(super) fn put(&mut self, set: SetId, pieces: Vec<Piece>) -> Result<bool, OpError> {
        if !self.fits(set, &pieces)? {
            return Ok(false);
        }
        let count = if set == SetId::Drafts { &mut self.drafts } else { &mut self.objects };
        *count += 1;
        for piece in pieces {
            self.content += piece.content_bytes() as u64;
            if let Some(part) = self.packer.add(set, piece) {
                self.write(&part)?;
            }
        }
        Ok(true)
    }

    /// Writes an object that stands in another volume already, if there is room.
    pub(super) fn repeat(&mut self, set: SetId, pieces: Vec<Piece>) -> Result<bool, OpError> {
        let (objects, content) = (self.objects, self.content);
        let put = self.put(set, pieces)?;
        (self.objects, self.content) = (objects, content);
        Ok(put)
    }

    /// How large something is once it is packed is known when it is packed: where
    /// it gets tight, what is open is packed first, then the object by itself.
    fn fits(&mut self, set: SetId, pieces: &[Piece]) -> Result<bool, OpError> {
        let Some(end) = self.end_of_pieces else { return Ok(true) };
        if self.framer.bytes() + self.packer.bytes_max(pieces) <= end {
            return Ok(true);
        }
        self.close()?;
        if self.framer.bytes() + self.packer.bytes_max(pieces) <= end {
            return Ok(true);
        }
        let mut alone = Packer::default();
        let mut parts: Vec<Part> =
            pieces.iter().filter_map(|piece| alone.add(set, piece.clone())).collect();
        parts.extend(alone.close());
        let head = FRAME_HEAD_BYTES + SEALED_HEAD_BYTES;
        let size: usize = parts.iter().map(|part| head + part.to_bytes().len()).sum();
        Ok(self.framer.bytes() + size as u64 <= end)
    }

    /// Whether nothing was put.
    pub(super) const fn is_empty(&self) -> bool {
        self.objects == 0 && self.drafts == 0
    }

    /// Whether it is not worth looking for anything that still fits.
    pub(super) fn is_full(&self) -> bool {
        self.end_of_pieces.is_some_and(|end| self.framer.bytes() + SCRAP_BYTES > end)
    }

    fn close(&mut self) -> Result<(), OpError> {
        match self.packer.close() {
            Some(part) => self.write(&part),
            None => Ok(()),
        }
    }

    fn write(&mut self, part: &Part) -> Result<(), OpError> {
        if let Part::Pieces { packed, .. } = part {
            self.packed += packed.len() as u64;
        }
        let frame = self.framer.part(part);
        self.sink.write(&frame)
    }

    /// Writes a part behind what was put.
    pub(super) fn part(&mut self, part: &Part) -> Result<(), OpError> {
        self.close()?;
        self.write(part)
    }

    /// The hash of all before its end.
    pub(super) fn chain(&mut self) -> Result<[u8; 32], OpError> {
        self.close()?;
        Ok(self.framer.chain())
    }

    /// Ends it and moves it to its place; how many bytes it has.
    pub(super) fn finish(mut self, end: &Part) -> Result<u64, OpError> {
        self.part(end)?;
        let bytes = self.framer.bytes();
        self.sink.finish()?;
        Ok(bytes)
    }
}
