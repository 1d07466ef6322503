//! Attaching a file of this node to a practice.
//!
//! The file comes in pieces ([`Node::put_file`]), is sniffed, cleaned if it is
//! a picture, kept under its hash, and named in a draft: the one that was asked
//! for, or one that is opened from the practice. What is published names it
//! from then on, and members may fetch it.

use std::sync::Arc;

use serde_json::{Value, json};
use tern_crdt::practice::BlobHash;
use tokio::time::{Duration, Instant};

use super::Upload;
use super::kind::{LOOKED_AT, sniff};
use super::picture::{PICTURE_BYTES_MAX, PictureRefused, clean, is_picture};
use crate::accounts::Account;
use crate::blob_store::BlobStore;
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
    /// What it shows, in the account's language.
    pub alt: Option<String>,
    /// Under which licence.
    pub licence: Option<String>,
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
}

impl Node {
    /// Begins to take a file in.
    ///
    /// # Errors
    /// Too many at one time, or the disk is full.
    pub async fn begin_file(self: &Arc<Self>) -> Result<u64, OpError> {
        let upload = u64::from_le_bytes(draw()?);
        let store = self.blobs().store().clone();
        let adding = tokio::task::spawn_blocking(move || store.add());
        let adding = adding.await.map_err(|_| stopping())??;
        let mut uploads = self.blobs().adding();
        uploads.retain(|_, upload| upload.since.elapsed() < UPLOAD_PATIENCE);
        if uploads.len() >= UPLOADS_MAX {
            let what =
                format!("{UPLOADS_MAX} files are being attached: try again when one is done");
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        uploads.insert(upload, Upload { adding, since: Instant::now() });
        Ok(upload)
    }

    /// Takes the next piece of a file.
    ///
    /// # Errors
    /// The file is longer than is allowed, or the disk is full; then it is
    /// forgotten.
    pub async fn put_file(self: &Arc<Self>, upload: u64, piece: Vec<u8>) -> Result<(), OpError> {
        let mut taken = self.take_upload(upload)?;
        let limit = self.settings().blobs_file;
        let pushed = tokio::task::spawn_blocking(move || {
            taken.adding.push(&piece, limit).map(|()| {
                taken.since = Instant::now();
                taken
            })
        });
        let taken = pushed.await.map_err(|_| stopping())?.map_err(|error| {
            let error = OpError::from(error);
            match error.code {
                ErrorCode::TooLarge => OpError {
                    message: format!("{}: `blobs.file_mb` sets how large", error.message),
                    ..error
                },
                _ => error,
            }
        })?;
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
    ) -> Result<Attached, OpError> {
        let Upload { adding, .. } = self.take_upload(upload)?;
        let opened = match self.find_draft(id).await? {
            Some(draft) => self.draft(draft).await?,
            None => self.draft_of(account, id).await?,
        };
        let limit = self.settings().blobs_files;
        if opened.content.attachments.len() >= limit {
            let what =
                format!("a practice names at most {limit} files here: `blobs.files` sets how many");
            return Err(OpError::new(ErrorCode::TooLarge, what).over(limit as u64));
        }
        let store = self.blobs().store().clone();
        let kept = tokio::task::spawn_blocking(move || {
            let (hash, _) = adding.finish()?;
            keep_clean(&store, hash)
        });
        let Kept { hash, bytes, media_type, cleaned } = kept.await.map_err(|_| stopping())??;
        let mut content = opened.content;
        let mut files = content.to_json()["attachments"].take();
        let list = files.as_array().cloned().unwrap_or_default();
        if !list.iter().any(|file| file["hash"] == hash.to_string()) {
            let mut file = json!({
                "name": name(&said.name), "media_type": media_type, "bytes": bytes,
                "hash": hash.to_string(),
            });
            for (key, value) in [("lang", said.lang), ("alt", said.alt), ("licence", said.licence)]
            {
                if let Some(value) = value {
                    file[key] = Value::String(value);
                }
            }
            files = Value::Array(list.into_iter().chain([file]).collect());
            content.set_field("attachments", &files, &account.lang)?;
            let (draft, heads) = (opened.stored.id, opened.heads);
            self.save_draft(account, draft, heads, content).await?;
        }
        let draft = opened.stored.id.to_string();
        Ok(Attached { draft, hash, bytes, media_type, cleaned })
    }
}

struct Kept {
    hash: BlobHash,
    bytes: u64,
    media_type: &'static str,
    cleaned: bool,
}

/// A file that was kept as it came: if it is a picture, it is replaced by a
/// clean one.
fn keep_clean(store: &BlobStore, hash: BlobHash) -> Result<Kept, OpError> {
    let here = || OpError::new(ErrorCode::NotFound, "the file is gone again");
    let mut held = store.read(&hash)?.ok_or_else(here)?;
    let bytes = held.shape().bytes();
    let media_type = sniff(&held.bytes(0, LOOKED_AT)?);
    if !is_picture(media_type) {
        return Ok(Kept { hash, bytes, media_type, cleaned: false });
    }
    let refused = |why: PictureRefused| {
        // It came for this alone; somebody may have pinned it before.
        if !store.is_pinned(&hash) {
            let _ = store.remove(&hash);
        }
        OpError::new(ErrorCode::Invalid, why.to_string())
    };
    if bytes > PICTURE_BYTES_MAX {
        return Err(refused(PictureRefused::TooLong));
    }
    let whole = held.bytes(0, usize::try_from(bytes).unwrap_or(usize::MAX))?;
    let Some(clean) = clean(media_type, &whole).map_err(refused)? else {
        return Ok(Kept { hash, bytes, media_type, cleaned: false });
    };
    if clean == whole {
        return Ok(Kept { hash, bytes, media_type, cleaned: false });
    }
    let mut adding = store.add()?;
    adding.push(&clean, u64::MAX)?;
    let (cleaned, shape) = adding.finish()?;
    store.remove(&hash)?;
    Ok(Kept { hash: cleaned, bytes: shape.bytes(), media_type, cleaned: true })
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
}
