//! Attaching a file of this node to a practice.
//!
//! The file comes in pieces ([`Node::put_file`]), is sniffed, cleaned if it is
//! a picture, kept under its hash, and named in a draft: the one that was asked
//! for, or one that is opened from the practice. What is published names it
//! from then on, and members may fetch it.
//!
//! How much may come is known before the first piece: what one file may have,
//! what the quota leaves, what the disk has room for. What is cut off, refused
//! or forgotten leaves nothing behind.

use std::sync::Arc;

use serde_json::{Value, json};
use tern_crdt::authority::Role;
use tern_crdt::practice::BlobHash;
use tokio::time::{Duration, Instant};

use super::Upload;
use super::kind::{LOOKED_AT, UNKNOWN, sniff};
use super::picture::{PICTURE_BYTES_MAX, PictureRefused, clean, is_cleanable, is_picture};
use super::room::Room;
use crate::accounts::Account;
use crate::blob_store::{Adding, BlobError, BlobStore};
use crate::drafts::drafter;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw, stopping};

/// Files that come in pieces at one time.
const UPLOADS_MAX: usize = 16;
/// One that nobody goes on with is forgotten after so long.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(600);
/// The name of a file is cut to so many characters.
const NAME_MAX: usize = 120;

/// What is said of a file that is attached.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What it is called.
    pub name: String,
    /// Its language.
    pub lang: Option<String>,
    /// What it shows.
    pub alt: Option<String>,
    /// The language of that; the account's if it is not said.
    pub alt_lang: Option<String>,
    /// Under which licence.
    pub licence: Option<String>,
}

/// To what a file is attached.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The heads of the draft that its writer saw; as it is now if none.
    pub seen: Option<Vec<[u8; 32]>>,
    /// It takes the place of this one, whose texts it keeps.
    pub instead_of: Option<BlobHash>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// The draft that names it.
    pub draft: String,
    /// Its hash.
    pub hash: BlobHash,
    /// Its size, as it is kept.
    pub bytes: u64,
    /// What it is.
    pub media_type: &'static str,
    /// Whether place, time and device were taken out.
    pub cleaned: bool,
    /// The draft named it before; nothing was changed.
    pub already: bool,
}

impl Node {
    /// Begins to take a file in, of about so many bytes as far as is known.
    ///
    /// # Errors
    /// The account may not draft, too many at one time, longer than is allowed, no
    /// room, or the disk is full.
    pub async fn begin_file(
        self: &Arc<Self>,
        account: &Account,
        expected: u64,
    ) -> Result<u64, OpError> {
        // Who may not draft, in any draft, need not send a file first.
        let own = account.clone();
        let drafts = [Role::Contributor, Role::Publisher, Role::FocalPoint];
        let may = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let roles = own.roles(authority);
            match drafts.iter().any(|role| roles.contains(role)) {
                true => Ok(()),
                false => drafter(&own, authority, None).map(drop),
            }
        };
        self.handle().read(may).await??;
        let upload = u64::from_le_bytes(draw()?);
        let store = self.blobs().store().clone();
        let (limit, quota) = (self.settings().blobs_file, self.settings().blobs_quota);
        if expected > limit {
            return Err(too_long(BlobError::TooLong(limit).into()));
        }
        let root = self.folder().paths().root().to_owned();
        let adding = tokio::task::spawn_blocking(move || {
            let room = Room::of(&store, &root, quota)?;
            room.fits(expected)?;
            Ok::<_, OpError>((store.add()?, room))
        });
        let (adding, room) = adding.await.map_err(|_| stopping())??;
        let mut uploads = self.blobs().adding();
        uploads.retain(|_, upload| upload.since.elapsed() < UPLOAD_PATIENCE);
        if uploads.len() >= UPLOADS_MAX {
            let what =
                format!("{UPLOADS_MAX} files are being attached: try again when one is done");
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        uploads.insert(upload, Upload { adding, room, since: Instant::now() });
        Ok(upload)
    }

    /// Nobody goes on with this file: nothing of it stays.
    pub fn forget_file(&self, upload: u64) {
        let forgotten = self.blobs().adding().remove(&upload);
        // Its file goes with it, which may wait for the disk.
        drop(forgotten);
    }

    /// Takes the next piece of a file.
    ///
    /// # Errors
    /// The file is longer than is allowed or than there is room for, a picture
    /// of a kind that cannot be cleaned, or the disk is full; then it is
    /// forgotten.
    pub async fn put_file(self: &Arc<Self>, upload: u64, piece: Vec<u8>) -> Result<(), OpError> {
        let mut taken = self.take_upload(upload)?;
        if taken.adding.bytes() == 0 {
            is_cleanable(sniff(&piece)).map_err(picture)?;
        }
        let limit = self.settings().blobs_file;
        let pushed = tokio::task::spawn_blocking(move || {
            let bytes = taken.adding.bytes() + piece.len() as u64;
            if bytes <= limit {
                taken.room.fits(bytes)?;
            }
            taken.adding.push(&piece, limit)?;
            taken.since = Instant::now();
            Ok(taken)
        });
        let taken = pushed.await.map_err(|_| stopping())?.map_err(too_long)?;
        self.blobs().adding().insert(upload, taken);
        Ok(())
    }

    fn take_upload(&self, upload: u64) -> Result<Upload, OpError> {
        self.blobs().adding().remove(&upload).ok_or_else(|| {
            let what = "this file is not being attached any more: begin again";
            OpError::new(ErrorCode::NotFound, what).in_field("upload")
        })
    }

    /// The file is all there: cleans it, keeps it, and names it in a draft.
    ///
    /// # Errors
    /// A picture that cannot be cleaned, no such draft or practice, too many
    /// files, or what the draft refuses.
    pub async fn attach_file(
        self: &Arc<Self>,
        account: &Account,
        id: &str,
        upload: u64,
        said: Said,
        place: Place,
    ) -> Result<Attached, OpError> {
        let Upload { adding, .. } = self.take_upload(upload)?;
        let mut opened = match self.find_draft(id).await? {
            Some(draft) => self.draft(draft).await?,
            None => self.draft_of(account, id).await?,
        };
        if let Some(seen) = place.seen {
            opened.content = self.draft_at(&opened, seen.clone()).await?;
            opened.heads = seen;
        }
        let mut content = opened.content;
        let list = content.to_json()["attachments"].take().as_array().cloned().unwrap_or_default();
        let entry = Entry::new(list, said, place.instead_of)?;
        if entry.at == entry.list.len() {
            self.another_file(entry.list.len())?;
        }
        // What is said of it is looked at before anything is kept.
        let named = entry.with(&BlobHash([0; 32]), 1, UNKNOWN);
        content.clone().set_field("attachments", &named, &account.lang)?;

        let Kept { hash, bytes, media_type, cleaned } = self.keep_added(adding).await?;
        let already = entry.names(&hash);
        if !already {
            content.set_field(
                "attachments",
                &entry.with(&hash, bytes, media_type),
                &account.lang,
            )?;
            let (draft, heads) = (opened.stored.id, opened.heads);
            self.save_draft(account, draft, heads, content).await?;
        }
        let draft = opened.stored.id.to_string();
        Ok(Attached { draft, hash, bytes, media_type, cleaned, already })
    }

    async fn keep_added(&self, adding: Adding) -> Result<Kept, OpError> {
        let store = self.blobs().store().clone();
        let (root, quota) = (self.folder().paths().root().to_owned(), self.settings().blobs_quota);
        let kept = tokio::task::spawn_blocking(move || {
            // Others may have come meanwhile.
            Room::of(&store, &root, quota)?.keeps(adding.bytes())?;
            keep_clean(&store, adding)
        });
        kept.await.map_err(|_| stopping())?
    }

    /// The file of a resource is all there: cleans it and keeps it. Answers how the form
    /// of the resource names it.
    ///
    /// # Errors
    /// A picture that cannot be cleaned, no such file, no room.
    pub async fn keep_upload(&self, upload: u64, called: &str) -> Result<Value, OpError> {
        let Upload { adding, .. } = self.take_upload(upload)?;
        let Kept { hash, bytes, media_type, .. } = self.keep_added(adding).await?;
        Ok(json!({
            "name": name(called), "hash": hash.to_string(), "bytes": bytes,
            "media_type": media_type,
        }))
    }

    /// Whether a practice that names so many files may name one more.
    ///
    /// # Errors
    /// It may not.
    pub fn another_file(&self, named: usize) -> Result<(), OpError> {
        let limit = self.settings().blobs_files;
        if named < limit {
            return Ok(());
        }
        let what =
            format!("a practice names at most {limit} files here: `blobs.files` sets how many");
        Err(OpError::new(ErrorCode::TooLarge, what).over(limit as u64).in_field("files"))
    }
}

fn too_long(error: OpError) -> OpError {
    match (error.code, &error.field) {
        (ErrorCode::TooLarge, None) => OpError {
            message: format!("{}: `blobs.file_mb` sets how large", error.message),
            ..error.in_field("file")
        },
        _ => error,
    }
}

fn picture(why: PictureRefused) -> OpError {
    let (code, field) = match why {
        PictureRefused::Kind(_) => (ErrorCode::Invalid, "kind"),
        PictureRefused::Damaged => (ErrorCode::Invalid, "damaged"),
        PictureRefused::TooLong => {
            return OpError::new(ErrorCode::TooLarge, why.to_string())
                .over(PICTURE_BYTES_MAX)
                .in_field("file");
        }
    };
    OpError::new(code, why.to_string()).in_field(field)
}

/// The files of a draft, and what is said of one more.
struct Entry {
    list: Vec<Value>,
    /// Where it stands; behind all others if it takes the place of none.
    at: usize,
    said: Value,
}

impl Entry {
    fn new(list: Vec<Value>, said: Said, instead_of: Option<BlobHash>) -> Result<Self, OpError> {
        let Said { name: called, lang, alt, alt_lang, licence } = said;
        let Some(before) = instead_of else {
            let mut file = json!({ "name": name(&called) });
            for (key, value) in [("lang", lang), ("licence", licence)] {
                if let Some(value) = value {
                    file[key] = Value::String(value);
                }
            }
            if let Some(alt) = alt {
                file["alt"] = match alt_lang {
                    Some(lang) => json!({ lang: alt }),
                    None => Value::String(alt),
                };
            }
            return Ok(Self { at: list.len(), list, said: file });
        };
        let at = list.iter().position(|file| file["hash"] == before.to_string());
        let at = at.ok_or_else(|| {
            let what = format!("the draft does not name the file {before} any more");
            OpError::new(ErrorCode::NotFound, what).in_field("hash")
        })?;
        let mut file = list[at].clone();
        file["name"] = renamed(file["name"].as_str().unwrap_or_default(), &name(&called)).into();
        Ok(Self { list, at, said: file })
    }

    fn names(&self, hash: &BlobHash) -> bool {
        self.list.iter().any(|file| file["hash"] == hash.to_string())
    }

    /// All files, with this one as it is kept.
    fn with(&self, hash: &BlobHash, bytes: u64, media_type: &str) -> Value {
        let mut file = self.said.clone();
        file["hash"] = hash.to_string().into();
        file["bytes"] = bytes.into();
        file["media_type"] = media_type.into();
        let mut list = self.list.clone();
        list.splice(self.at..list.len().min(self.at + 1), [file]);
        Value::Array(list)
    }
}

struct Kept {
    hash: BlobHash,
    bytes: u64,
    media_type: &'static str,
    cleaned: bool,
}

/// A file that came, kept under its hash; a picture is cleaned before, so that
/// what it tells never has a name here.
fn keep_clean(store: &BlobStore, came: Adding) -> Result<Kept, OpError> {
    let media_type = sniff(&came.begins(LOOKED_AT as u64)?);
    let clean = if is_picture(media_type) { cleaned(&came, media_type)? } else { None };
    let cleaned = clean.is_some();
    let adding = match clean {
        None => came,
        Some(clean) => {
            let mut adding = store.add()?;
            adding.push(&clean, u64::MAX)?;
            adding
        }
    };
    let (hash, shape) = adding.finish()?;
    Ok(Kept { hash, bytes: shape.bytes(), media_type, cleaned })
}

/// The picture without what it tells, if that is another one.
fn cleaned(came: &Adding, media_type: &'static str) -> Result<Option<Vec<u8>>, OpError> {
    if came.bytes() > PICTURE_BYTES_MAX {
        return Err(picture(PictureRefused::TooLong));
    }
    let whole = came.begins(PICTURE_BYTES_MAX)?;
    let clean = clean(media_type, &whole).map_err(picture)?;
    Ok(clean.filter(|clean| *clean != whole))
}

/// The last part of what a file is called, without what no file system or page
/// should be given.
fn name(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let legal = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c));
    let name: String = legal.take(NAME_MAX).collect();
    let name = name.trim().trim_matches('.').trim().to_owned();
    if name.is_empty() { "file".to_owned() } else { name }
}

/// The name that a file had, with the ending of the one that takes its place.
fn renamed(before: &str, now: &str) -> String {
    let ending = |name: &str| {
        let (stem, ending) = name.rsplit_once('.')?;
        let plain = (1..=5).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain && !stem.is_empty()).then(|| (stem.to_owned(), ending.to_owned()))
    };
    match (ending(before), ending(now)) {
        (Some((_, old)), Some((_, new))) if old.eq_ignore_ascii_case(&new) => before.to_owned(),
        (Some((stem, _)), Some((_, new))) => name(&format!("{stem}.{new}")),
        _ => before.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path() {
        assert_eq!(name("/home/amina/étude.pdf"), "étude.pdf");
        assert_eq!(name("..\\..\\C:\\windows\\a.exe"), "a.exe");
        assert_eq!(name("../"), "file");
        assert_eq!(name(".."), "file");
        assert_eq!(name("a\0b\n<script>.txt"), "abscript.txt");
        assert_eq!(name(&"é".repeat(500)).chars().count(), NAME_MAX);
    }

    #[test]
    fn what_takes_the_place_of_a_file_keeps_its_name_but_for_its_kind() {
        assert_eq!(renamed("report.docx", "final (2).pdf"), "report.pdf");
        assert_eq!(renamed("report.PDF", "b.pdf"), "report.PDF");
        assert_eq!(renamed("report", "b.pdf"), "report");
        assert_eq!(renamed("report 1.2 final", "b.pdf"), "report 1.2 final");
    }
}
