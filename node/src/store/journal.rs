//! One generation of the journal: the file that durability rests on.
//!
//! ```text
//! file    = head ‖ snapshot frame* ‖ seal ‖ (batch frame | seal)*
//! head    = "tern journal" ‖ version u32 ‖ generation u64 ‖ BLAKE3(all before)[..8]
//! ```
//! Frames are those of [`frame`], payloads those of [`change`](super::change).
//! A generation is written beside under another name up to its first seal,
//! synced, and only then given its name: under that name head, snapshot and
//! seal are always whole. After that it only grows, one frame for a batch, and
//! the next frame is never begun before the last one was synced.
//!
//! So at most the last frame can be unfinished, and that is the rule by which
//! a torn end is told from damage. A frame that does not read is *torn*, and
//! cut off, if no head of a frame stands behind it; it is *damage* if one
//! does, or if the snapshot was not sealed before it. What cannot be told
//! apart: damage to the very last frame after an unclean stop looks torn. A
//! clean stop ends with a seal, so nothing of it can look torn.

use std::io::{self, BufReader, Read};

use tern_protocol::store::StoreError;

use super::files::{Files, LogFile, Stream, is_full, read_exact, refused};
use super::frame::{self, HEAD_BYTES, Head, Seat};

const MARK: &[u8; 12] = b"tern journal";
/// The layout that this program writes and reads.
pub const LAYOUT: u32 = 1;
/// So many bytes of a journal tell its layout.
pub const LAYOUT_BYTES: usize = MARK.len() + 4;
const FILE_HEAD_BYTES: usize = 32;
const SUFFIX: &str = ".journal";
/// Ends the name of a file that is not complete.
pub const UNFINISHED: &str = ".new";
const READ_BYTES: usize = 256 * 1024;
const ADVICE: &str = "stop the node and run `tern check --repair`, which keeps what can be read and \
                      fetches the rest from other members, or restore a backup into an empty folder";

/// A journal file, open.
#[derive(Debug)]
pub struct Journal<F> {
    file: F,
    generation: u64,
    end: u64,
}

/// How a journal ends, found by reading all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// The place behind the last frame that reads.
    pub end: u64,
    /// Whether that frame is a seal.
    pub sealed: bool,
    /// The bytes of a torn frame behind it.
    pub torn: u64,
}

/// The name of a generation's file.
pub fn file_name(generation: u64) -> String {
    format!("{generation:08}{SUFFIX}")
}

/// The generation whose file has this name.
pub fn generation_of(name: &str) -> Option<u64> {
    name.strip_suffix(SUFFIX)?.parse().ok().filter(|generation| file_name(*generation) == name)
}

/// The layout that the first bytes of a journal name; `None` if they are not
/// those of one.
pub fn layout_of(head: &[u8; LAYOUT_BYTES]) -> Option<u32> {
    let (mark, layout) = head.split_last_chunk::<4>()?;
    (mark == MARK).then(|| u32::from_le_bytes(*layout))
}

impl<F: LogFile> Journal<F> {
    /// Begins a generation under its unfinished name, with its head only.
    pub fn begin(files: &mut impl Files<File = F>, generation: u64) -> Result<Self, StoreError> {
        let name = file_name(generation) + UNFINISHED;
        let mut head = Vec::with_capacity(FILE_HEAD_BYTES);
        head.extend_from_slice(MARK);
        head.extend_from_slice(&LAYOUT.to_le_bytes());
        head.extend_from_slice(&generation.to_le_bytes());
        let check = blake3::hash(&head);
        head.extend_from_slice(&check.as_bytes()[..8]);
        let begun = files.create(&name).and_then(|mut file| file.append(&head).map(|()| file));
        let file = begun.map_err(|error| refused("write", &name, &error))?;
        Ok(Self { file, generation, end: FILE_HEAD_BYTES as u64 })
    }

    /// Opens a finished generation whose frames nobody has read yet.
    pub fn open(files: &mut impl Files<File = F>, generation: u64) -> Result<Self, StoreError> {
        let name = file_name(generation);
        let opened = files.open(&name);
        Self::over(opened.map_err(|error| refused("open", &name, &error))?, generation)
    }

    /// As [`open`](Self::open), over a file that is open already.
    pub fn over(file: F, generation: u64) -> Result<Self, StoreError> {
        let end = file.length();
        let end = end.map_err(|error| refused("open", &file_name(generation), &error))?;
        let journal = Self { file, generation, end };
        journal.check_head()?;
        Ok(journal)
    }

    /// A generation of which nothing is believed yet, not even its head: only
    /// for [`salvage`](Self::salvage).
    pub fn doubtful(files: &mut impl Files<File = F>, generation: u64) -> Result<Self, StoreError> {
        let name = file_name(generation);
        let opened = files.open(&name).and_then(|file| Ok((file.length()?, file)));
        let (end, file) = opened.map_err(|error| refused("open", &name, &error))?;
        Ok(Self { file, generation, end })
    }

    fn check_head(&self) -> Result<(), StoreError> {
        let damaged = || self.damaged(0, "the head of the journal does not match its check");
        if self.end < FILE_HEAD_BYTES as u64 {
            return Err(damaged());
        }
        let head = self.read(0, FILE_HEAD_BYTES)?;
        let (facts, check) = head.split_at(FILE_HEAD_BYTES - 8);
        if blake3::hash(facts).as_bytes()[..8] != *check || !facts.starts_with(MARK) {
            return Err(damaged());
        }
        let version = &facts[MARK.len()..MARK.len() + 4];
        if version != LAYOUT.to_le_bytes() {
            let version =
                version.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            let name = self.name();
            return Err(StoreError::Failed(format!(
                "{name} has layout {version} and this software reads {LAYOUT}: use a newer tern"
            )));
        }
        if facts[MARK.len() + 4..] != self.generation.to_le_bytes() {
            return Err(self.damaged(0, "the head names another generation than the file"));
        }
        Ok(())
    }

    /// The number of the generation.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The length of what has been written.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The name of the file.
    pub fn name(&self) -> String {
        file_name(self.generation)
    }

    /// The error that `what` was found at byte `at`.
    pub fn damaged(&self, at: u64, what: &str) -> StoreError {
        StoreError::Damaged(format!("{} at byte {at}: {what}; {ADVICE}", self.name()))
    }

    /// Where the payload of the next frame will stand.
    pub const fn next_payload(&self) -> u64 {
        self.end + HEAD_BYTES as u64
    }

    /// Writes a frame begun with [`frame::start`], not yet durable.
    pub fn append(&mut self, frame: &mut [u8]) -> io::Result<()> {
        frame::finish(Seat { generation: self.generation, at: self.end }, frame);
        self.file.append(frame)?;
        self.end += frame.len() as u64;
        Ok(())
    }

    /// Writes a frame begun with [`frame::start`] and makes it durable.
    /// [`StoreError::Full`]: nothing of it was kept, which is durable too.
    /// Any other error: not known.
    pub fn commit(&mut self, frame: &mut [u8]) -> Result<(), StoreError> {
        let before = self.end;
        let Err(error) = self.append(frame).and_then(|()| self.file.sync()) else {
            return Ok(());
        };
        let undone = self.file.truncate(before).and_then(|()| self.file.sync());
        self.end = before;
        match undone {
            Ok(()) if is_full(&error) => Err(StoreError::Full),
            Ok(()) => Err(refused("write", &self.name(), &error)),
            Err(_) => Err(StoreError::Failed(format!("could not write {}: {error}", self.name()))),
        }
    }

    /// Writes a seal and makes everything durable.
    pub fn seal(&mut self) -> Result<(), StoreError> {
        self.commit(&mut frame::start())
    }

    /// Makes durable what another process may have written without.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync().map_err(|error| refused("sync", &file_name(self.generation), &error))
    }

    /// Exactly `length` bytes at byte `at`.
    pub fn read(&self, at: u64, length: usize) -> Result<Vec<u8>, StoreError> {
        read_exact(&self.file, at, length).map_err(|error| self.unreadable(at, &error))
    }

    fn unreadable(&self, at: u64, error: &io::Error) -> StoreError {
        StoreError::Failed(format!("could not read {} at byte {at}: {error}", self.name()))
    }

    /// Reads every frame and hands each payload with its place to `each`.
    /// Damage is [`StoreError::Damaged`]; a torn end is not an error.
    pub fn walk<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(&[u8], u64) -> Result<(), E>,
    ) -> Result<Ending, E> {
        let length = self.file.length().map_err(|error| self.unreadable(0, &error))?;
        let mut at = FILE_HEAD_BYTES as u64;
        let mut stream = BufReader::with_capacity(READ_BYTES, Stream::new(&self.file, at, length));
        let mut snapshot_sealed = false;
        let mut sealed = false;
        let mut payload = Vec::new();
        while let Some(head) = self.next_frame(at, length, &mut stream, &mut payload)? {
            let payload_at = at + HEAD_BYTES as u64;
            sealed = head.length == 0;
            snapshot_sealed |= sealed;
            if !sealed {
                each(&payload, payload_at)?;
            }
            at = payload_at + u64::from(head.length);
        }
        if !snapshot_sealed {
            return Err(self
                .damaged(at, "a frame of the snapshot does not match its check")
                .into());
        }
        if at < length
            && let Some(behind) = self.find_frame(at + 1, length)?
        {
            let what = format!(
                "a frame does not match its check and another follows at byte {behind}, so it was \
                 confirmed"
            );
            return Err(self.damaged(at, &what).into());
        }
        Ok(Ending { end: at, sealed, torn: length - at })
    }

    /// Reads every frame that can be read, past what cannot, and hands each
    /// payload with its place to `each`. How many bytes of frames are lost
    /// between those that were read; a torn end is none.
    pub fn salvage<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(&[u8], u64) -> Result<(), E>,
    ) -> Result<u64, E> {
        let length = self.file.length().map_err(|error| self.unreadable(0, &error))?;
        let (mut at, mut lost, mut payload) = (FILE_HEAD_BYTES as u64, 0, Vec::new());
        loop {
            let stream = Stream::new(&self.file, at, length);
            let mut stream = BufReader::with_capacity(READ_BYTES, stream);
            while let Some(head) = self.next_frame(at, length, &mut stream, &mut payload)? {
                let payload_at = at + HEAD_BYTES as u64;
                if head.length > 0 {
                    each(&payload, payload_at)?;
                }
                at = payload_at + u64::from(head.length);
            }
            let Some(next) = self.find_frame(at + 1, length)? else { return Ok(lost) };
            lost += next - at;
            at = next;
        }
    }

    /// Reads the frame at `at` into `payload`, or `None` if none stands there.
    fn next_frame(
        &self,
        at: u64,
        length: u64,
        stream: &mut impl Read,
        payload: &mut Vec<u8>,
    ) -> Result<Option<Head>, StoreError> {
        let left = length.saturating_sub(at);
        if left < HEAD_BYTES as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD_BYTES];
        stream.read_exact(&mut head).map_err(|error| self.unreadable(at, &error))?;
        let seat = Seat { generation: self.generation, at };
        let Some(head) = Head::read(seat, &head) else {
            return Ok(None);
        };
        if u64::from(head.length) > left - HEAD_BYTES as u64 {
            return Ok(None);
        }
        payload.resize(head.length as usize, 0);
        stream.read_exact(payload).map_err(|error| self.unreadable(at, &error))?;
        Ok(head.holds(payload).then_some(head))
    }

    /// The place of the first head of a frame from `at` on.
    fn find_frame(&self, mut at: u64, length: u64) -> Result<Option<u64>, StoreError> {
        while at + HEAD_BYTES as u64 <= length {
            let wanted = usize::try_from(length - at).unwrap_or(usize::MAX).min(READ_BYTES);
            let bytes = self.read(at, wanted)?;
            if let Some(found) = frame::find_head(self.generation, at, &bytes) {
                return Ok(Some(at + found as u64));
            }
            // A head may stand across the border of two reads.
            at += (wanted - HEAD_BYTES + 1) as u64;
        }
        Ok(None)
    }

    /// Cuts off a torn end.
    pub fn cut(&mut self, ending: Ending) -> Result<(), StoreError> {
        self.end = ending.end;
        let cut = self.file.truncate(ending.end).and_then(|()| self.file.sync());
        cut.map_err(|error| refused("cut the torn end of", &file_name(self.generation), &error))
    }
}
