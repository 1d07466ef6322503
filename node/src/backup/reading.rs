//! Reading a backup: every frame, every part, and whether they belong together.
//!
//! Nothing of a file is believed before its checks hold. Reading ends at the
//! first frame that does not, or that does not follow from those before; what
//! counts are the parts that were whole until there.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::blobs::Reading;
use super::layout::{
    Blob, End, FILES_MAX, HEADER_BYTES_MAX, HEADER_SEAT, Header, Kind, PAYLOAD_BYTES_MAX,
    SmallFile, Start, VERSION, is_name,
};
use super::refused;
use crate::keystore::{FileKey, FileKeyRefused, PartKey, Passphrase};
use crate::ops::{ErrorCode, OpError};
use crate::store::frame::{HEAD_BYTES, Head, Seat};

/// A whole part.
#[derive(Clone, Debug)]
pub struct Part {
    /// How it begins.
    pub start: Start,
    /// How it ends.
    pub end: End,
}

/// A backup that was read to its end.
pub struct Whole {
    /// Whose it is.
    pub header: Header,
    /// Its key, if it is encrypted.
    pub key: Option<FileKey>,
    /// Its whole parts, at least one.
    pub parts: Vec<Part>,
    /// The blobs that the last of them names.
    pub blobs: Vec<Blob>,
    /// Hashes of all blobs whose bytes are in the file.
    pub carried: HashSet<[u8; 32]>,
    /// The place behind the last part.
    pub end: u64,
    /// Bytes behind that place that are no whole part.
    pub behind: u64,
}

impl Whole {
    /// The last part: the state that the backup is of.
    pub fn last(&self) -> &Part {
        // Nothing without a part is ever called whole.
        &self.parts[self.parts.len() - 1]
    }
}

/// What a part holds, as it is read. It counts only if the part is whole.
pub enum Piece<'a> {
    /// The next bytes of the journal.
    Journal(&'a [u8]),
    /// A small file.
    File(SmallFile),
    /// A blob; its bytes come next if they follow.
    Blob(Blob),
    /// The next bytes of that blob.
    Bytes(&'a [u8]),
}

/// Reads a backup. `visit` is handed what each part holds, with the number of
/// the part, before it is known whether that part is whole.
///
/// # Errors
/// No backup; a newer layout; a passphrase that is needed or fits not; nothing
/// whole in it; the system's refusal; and whatever `visit` refuses.
pub fn walk(
    path: &Path,
    passphrase: Option<&Passphrase>,
    mut visit: impl FnMut(u32, Piece<'_>) -> Result<(), OpError>,
) -> Result<Whole, OpError> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = opened.map_err(|cause| refused("read", path, &cause))?;
    let mut frames = Frames::new(path, BufReader::with_capacity(256 * 1024, file));
    let header = header(path, &mut frames)?;
    let key = open_key(path, &header, passphrase)?;
    frames.seat = header.seat;
    let mut parts: Vec<Part> = Vec::new();
    let mut journal = blake3::Hasher::new();
    let (mut blobs, mut carried) = (Vec::new(), HashSet::new());
    let mut end = frames.at;
    loop {
        let before = Before { part: parts.last(), carried: &carried };
        let Some((part, read)) = part(&mut frames, &key, &before, &mut journal, &mut visit)? else {
            break;
        };
        parts.push(part);
        blobs = read.named;
        carried.extend(read.read);
        end = frames.at;
    }
    if parts.is_empty() {
        let what = format!(
            "{} holds no whole backup: making it was interrupted, or the file is damaged; use another backup",
            path.display()
        );
        return Err(OpError::new(ErrorCode::Damaged, what));
    }
    Ok(Whole { header, key, parts, blobs, carried, end, behind: length.saturating_sub(end) })
}

fn header(path: &Path, frames: &mut Frames) -> Result<Header, OpError> {
    let foreign = || {
        let what = format!("{} is no backup of a node", path.display());
        OpError::new(ErrorCode::Invalid, what)
    };
    let (kind, body) = frames.next(HEADER_BYTES_MAX)?.ok_or_else(foreign)?;
    let header: Header = minicbor::decode(&body).map_err(|_| foreign())?;
    if kind != Kind::Header {
        return Err(foreign());
    }
    if !(1..=VERSION).contains(&header.version) {
        let what = format!(
            "{} has layout {}, and this version reads up to {VERSION}: use the version of tern that wrote it, or a newer one",
            path.display(),
            header.version
        );
        return Err(OpError::new(ErrorCode::Unsupported, what));
    }
    Ok(header)
}

fn open_key(
    path: &Path,
    header: &Header,
    passphrase: Option<&Passphrase>,
) -> Result<Option<FileKey>, OpError> {
    let Some(line) = &header.key else { return Ok(None) };
    let shown = path.display();
    let Some(passphrase) = passphrase else {
        let what = format!(
            "{shown} is encrypted: give its passphrase with --passphrase-file or TERN_PASSPHRASE_FILE"
        );
        return Err(OpError::new(ErrorCode::Locked, what));
    };
    FileKey::open(line, passphrase).map(Some).map_err(|why| match why {
        FileKeyRefused::WrongPassphrase => {
            let what = format!("the passphrase does not open {shown}");
            OpError::new(ErrorCode::WrongPassphrase, what)
        }
        FileKeyRefused::Damaged => {
            let what = format!("the header of {shown} is damaged: use another backup");
            OpError::new(ErrorCode::Damaged, what)
        }
        FileKeyRefused::Resources(why) => OpError::new(ErrorCode::Failed, why),
    })
}

/// What was whole before a part.
struct Before<'a> {
    part: Option<&'a Part>,
    carried: &'a HashSet<[u8; 32]>,
}

/// Reads one part; `None` if none follows that is whole and in its place.
fn part(
    frames: &mut Frames,
    key: &Option<FileKey>,
    before: &Before<'_>,
    journal: &mut blake3::Hasher,
    visit: &mut impl FnMut(u32, Piece<'_>) -> Result<(), OpError>,
) -> Result<Option<(Part, Reading)>, OpError> {
    let Some((Kind::Start, body)) = frames.next(PAYLOAD_BYTES_MAX)? else { return Ok(None) };
    let Some((cipher, body)) = begin(key, &body) else { return Ok(None) };
    let Ok(start) = minicbor::decode::<Start>(&body) else { return Ok(None) };
    if !follows(&start, before.part) {
        return Ok(None);
    }
    let (mut length, mut files, mut number) = (start.from, 0, 0);
    let mut blobs = Reading::default();
    loop {
        let Some((kind, body)) = frames.next(PAYLOAD_BYTES_MAX)? else { return Ok(None) };
        number += 1;
        let Some(body) = open(&cipher, number, kind, body) else { return Ok(None) };
        if kind != Kind::Piece && !blobs.is_between() {
            return Ok(None);
        }
        match kind {
            Kind::Journal => {
                journal.update(&body);
                length += body.len() as u64;
                visit(start.number, Piece::Journal(&body))?;
            }
            Kind::File => {
                let file = minicbor::decode::<SmallFile>(&body).ok();
                let Some(file) = file.filter(|file| is_name(&file.name)) else { return Ok(None) };
                files += 1;
                if files as usize > FILES_MAX {
                    return Ok(None);
                }
                visit(start.number, Piece::File(file))?;
            }
            Kind::Blob => {
                let Ok(blob) = minicbor::decode::<Blob>(&body) else { return Ok(None) };
                if !blobs.name(blob, before.carried) {
                    return Ok(None);
                }
                visit(start.number, Piece::Blob(blob))?;
            }
            Kind::Piece => {
                if !blobs.piece(&body) {
                    return Ok(None);
                }
                visit(start.number, Piece::Bytes(&body))?;
            }
            Kind::End => {
                let Ok(end) = minicbor::decode::<End>(&body) else { return Ok(None) };
                let whole = end.length == length
                    && end.files == files
                    && end.blobs == blobs.named.len() as u64
                    && end.digest == *journal.finalize().as_bytes();
                return Ok(whole.then_some((Part { start, end }, blobs)));
            }
            Kind::Header | Kind::Start => return Ok(None),
        }
    }
}

fn follows(start: &Start, before: Option<&Part>) -> bool {
    match before {
        None => start.number == 0 && start.from == 0,
        Some(Part { start: earlier, end }) => {
            start.number == earlier.number.saturating_add(1)
                && start.from == end.length
                && start.generation == earlier.generation
        }
    }
}

/// The key of a part from its salt, and the body of its start.
fn begin(key: &Option<FileKey>, body: &[u8]) -> Option<(Option<PartKey>, Vec<u8>)> {
    let Some(key) = key else { return Some((None, body.to_vec())) };
    let (salt, sealed) = body.split_first_chunk::<16>()?;
    let part = key.part(salt);
    let body = part.open(0, Kind::Start as u8, sealed)?;
    Some((Some(part), body))
}

fn open(cipher: &Option<PartKey>, number: u64, kind: Kind, body: Vec<u8>) -> Option<Vec<u8>> {
    match cipher {
        Some(cipher) => cipher.open(number, kind as u8, &body),
        None => Some(body),
    }
}

/// The frames of a file, one after the other.
struct Frames<'a> {
    path: &'a Path,
    input: BufReader<File>,
    seat: u64,
    at: u64,
}

impl<'a> Frames<'a> {
    const fn new(path: &'a Path, input: BufReader<File>) -> Self {
        Self { path, input, seat: HEADER_SEAT, at: 0 }
    }

    /// The kind and the body of the next frame; `None` where none stands that
    /// holds its checks.
    fn next(&mut self, max: u32) -> Result<Option<(Kind, Vec<u8>)>, OpError> {
        let mut head = [0; HEAD_BYTES];
        if !self.fill(&mut head)? {
            return Ok(None);
        }
        let seat = Seat { generation: self.seat, at: self.at };
        let head = Head::read(seat, &head).filter(|head| (1..=max).contains(&head.length));
        let Some(head) = head else { return Ok(None) };
        let mut payload = vec![0; head.length as usize];
        if !self.fill(&mut payload)? || !head.holds(&payload) {
            return Ok(None);
        }
        self.at += (HEAD_BYTES + payload.len()) as u64;
        let kind = Kind::of(payload.remove(0));
        Ok(kind.map(|kind| (kind, payload)))
    }

    /// Whether there was enough.
    fn fill(&mut self, into: &mut [u8]) -> Result<bool, OpError> {
        match self.input.read_exact(into) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
            Err(cause) => Err(refused("read", self.path, &cause)),
        }
    }
}
