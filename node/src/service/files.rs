//! Files beside practices, as the pages show and take them.

use tern_crdt::practice::BlobHash;
use tern_web_ui::service::{
    Answer, AttachFile, AttachedFile, BeginFile, FILE_PIECE_BYTES_MAX, FieldError, FileCost,
    FileHead, FileLimits, FileState, Files, Reader, Refusal,
};

use super::{Site, acting, refusal, sentence, writing};
use crate::blob_store::BlobStore;
use crate::blobs::attaching::{Place, Said};
use crate::blobs::estimate::Estimate;
use crate::blobs::fetching::State;
use crate::blobs::kind::{LOOKED_AT, sniff};
use crate::blobs::sides::sides;
use crate::links::hundredths;
use crate::operator::name_of;
use crate::ops::OpError;
use crate::running::{Node, stopping};

/// So many of the first bytes of a picture are read for its sides.
const SIDES_WITHIN: usize = 64 * 1024;

fn hash_of(text: &str) -> Result<BlobHash, Refusal> {
    // One file has one address.
    let hash: BlobHash = text.parse().map_err(|_| Refusal::NotFound)?;
    if hash.to_string() == text { Ok(hash) } else { Err(Refusal::NotFound) }
}

/// How a file stands that is whole here.
fn here(store: &BlobStore, hash: &BlobHash) -> Option<FileState> {
    // What the disk does not give back is told to whoever downloads it.
    store.whole(hash).map(|_| picture(store, hash).unwrap_or(FileState::Here))
}

fn picture(store: &BlobStore, hash: &BlobHash) -> Option<FileState> {
    let mut held = store.read(hash).ok()??;
    let mut begins = held.bytes(0, LOOKED_AT).ok()?;
    let media_type = sniff(&begins).to_owned();
    let head = FileHead { name: String::new(), media_type, bytes: held.shape().bytes() };
    if !head.is_shown() {
        return None;
    }
    begins.extend(held.bytes(begins.len() as u64, SIDES_WITHIN - LOOKED_AT).ok()?);
    Some(FileState::Picture { sides: sides(&head.media_type, &begins) })
}

/// What is wrong with a file that is attached, in the words of the pages.
fn wrong(error: OpError) -> Refusal {
    let code = match error.field.as_deref() {
        Some("file") => "too-large",
        Some("files") => "too-many",
        Some("quota") => "over-quota",
        Some("disk") => "disk-full",
        Some(code @ ("kind" | "damaged")) => code,
        _ => return refusal(error),
    };
    Refusal::Invalid(vec![FieldError {
        field: "file".into(),
        code: code.into(),
        message: sentence(&error.message),
        limit: error.limit.map(|limit| limit.to_string()),
    }])
}

fn upload_of(text: &str) -> Result<u64, Refusal> {
    u64::from_str_radix(text, 16).map_err(|_| Refusal::NotFound)
}

async fn begin(
    node: &std::sync::Arc<Node>,
    reader: &Reader,
    draft: &str,
    file: BeginFile,
) -> Result<String, Refusal> {
    let account = acting(node, reader).await?;
    let named = writing::find(node, draft).await?.content.attachments.len();
    if !file.replaces {
        node.another_file(named).map_err(wrong)?;
    }
    let upload = node.begin_file(&account, file.bytes).await.map_err(wrong)?;
    Ok(format!("{upload:016x}"))
}

async fn attach(
    node: &std::sync::Arc<Node>,
    reader: &Reader,
    draft: &str,
    file: AttachFile,
) -> Result<AttachedFile, Refusal> {
    let account = acting(node, reader).await?;
    let instead_of = file.instead_of.as_deref().map(hash_of).transpose()?;
    let seen = Some(writing::read_heads(&file.heads)?);
    let (alt, alt_lang) = file.alt.map(|alt| (alt.text, alt.lang)).unzip();
    let AttachFile { name, lang, licence, .. } = file;
    let said = Said { name, lang, alt, alt_lang, licence };
    let id = writing::find(node, draft).await?.stored.id.to_string();
    let upload = upload_of(&file.upload)?;
    let place = Place { seen, instead_of };
    let attached = node.attach_file(&account, &id, upload, said, place).await.map_err(wrong)?;
    Ok(AttachedFile { cleaned: attached.cleaned, already: attached.already })
}

async fn state(node: &Node, hash: BlobHash, may_fetch: bool) -> Result<FileState, OpError> {
    let bytes = node.mention_of(&hash).await?.and_then(|mention| mention.bytes);
    let store = node.blobs().store().clone();
    let look = move || (here(&store, &hash), store.part(&hash));
    let (here, part) = tokio::task::spawn_blocking(look).await.map_err(|_| stopping())?;
    let bytes = match (here, bytes) {
        (Some(here), _) => return Ok(here),
        (None, None) => return Ok(FileState::Unknown),
        (None, Some(bytes)) => bytes,
    };
    let progress = node.file_progress(&hash);
    let kept = part.map_or(0, |(shape, groups)| groups.bytes(shape));
    let have = progress.as_ref().map_or(kept, |progress| progress.have.max(kept));
    let Estimate { bytes: travels, seconds, cost, costly } =
        node.estimate_file(bytes.saturating_sub(have)).await?;
    let cost = cost.map(|(sum, currency)| format!("{} {currency}", hundredths(sum)));
    let cost = FileCost { bytes: travels, seconds, costly, cost, may_fetch };
    Ok(match progress.map(|progress| (progress.state, progress.sources)) {
        None => FileState::Lacking(cost),
        Some((State::Failed(reason), _)) => FileState::Failed(sentence(&reason), cost),
        Some((_, sources)) => {
            let from = node
                .handle()
                .read(move |replica| sources.iter().map(|peer| name_of(replica, peer)).collect());
            FileState::Coming { have, bytes, from: from.await? }
        }
    })
}

impl Files for Site {
    fn files<'a>(&'a self, reader: &'a Reader, hashes: &'a [String]) -> Answer<'a, Vec<FileState>> {
        Box::pin(async move {
            let node = self.open()?;
            let mut states = Vec::new();
            for hash in hashes {
                states.push(match hash.parse() {
                    Ok(hash) => state(node, hash, reader.account.is_some()).await?,
                    Err(_) => FileState::Unknown,
                });
            }
            Ok(states)
        })
    }

    fn fetch_file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            node.fetch_file(hash_of(hash)?).await.map_err(|error| match refusal(error) {
                // There is no form to put a field's words beside.
                Refusal::Invalid(found) => Refusal::Conflict(
                    found.into_iter().next().map(|field| field.message).unwrap_or_default(),
                ),
                other => other,
            })
        })
    }

    fn file<'a>(&'a self, reader: &'a Reader, hash: &'a str) -> Answer<'a, FileHead> {
        Box::pin(async move {
            let (node, hash) = (self.open()?, hash_of(hash)?);
            // What drafts, or practices for members, alone name is for those who have an
            // account here.
            let named = if reader.account.is_some() {
                node.mention_of(&hash).await?
            } else {
                let named = node.blobs().named();
                named.of(&hash).iter().find(|mention| !mention.members_only).cloned()
            };
            let name = named.ok_or(Refusal::NotFound)?.name;
            let store = node.blobs().store().clone();
            let read = tokio::task::spawn_blocking(move || {
                let Some(mut held) = store.read(&hash)? else { return Ok(None) };
                let media_type = sniff(&held.bytes(0, LOOKED_AT)?).to_owned();
                let bytes = held.shape().bytes();
                Ok::<_, OpError>(Some(FileHead { name, media_type, bytes }))
            });
            let head = read.await.map_err(|_| refusal(stopping()))??;
            head.ok_or(Refusal::NotFound)
        })
    }

    fn file_bytes<'a>(&'a self, hash: &'a str, at: u64) -> Answer<'a, Vec<u8>> {
        Box::pin(async move {
            let (node, hash) = (self.open()?, hash_of(hash)?);
            let store = node.blobs().store().clone();
            let read = tokio::task::spawn_blocking(move || {
                let Some(mut held) = store.read(&hash)? else { return Ok(None) };
                Ok::<_, OpError>(Some(held.bytes(at, FILE_PIECE_BYTES_MAX)?))
            });
            let bytes = read.await.map_err(|_| refusal(stopping()))??;
            bytes.ok_or(Refusal::NotFound)
        })
    }

    fn file_limits(&self) -> Answer<'_, FileLimits> {
        Box::pin(async {
            let settings = self.open()?.settings();
            Ok(FileLimits { bytes: settings.blobs_file, files: settings.blobs_files })
        })
    }

    fn begin_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: BeginFile,
    ) -> Answer<'a, String> {
        Box::pin(async move { begin(self.open()?, reader, draft, file).await })
    }

    fn put_file<'a>(&'a self, upload: &'a str, piece: Vec<u8>) -> Answer<'a, ()> {
        Box::pin(
            async move { self.open()?.put_file(upload_of(upload)?, piece).await.map_err(wrong) },
        )
    }

    fn forget_file(&self, upload: &str) {
        if let (Ok(node), Ok(upload)) = (self.open(), upload_of(upload)) {
            node.forget_file(upload);
        }
    }

    fn attach_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: AttachFile,
    ) -> Answer<'a, AttachedFile> {
        Box::pin(async move { attach(self.open()?, reader, draft, file).await })
    }
}
