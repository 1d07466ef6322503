//! Practices as files that readers take away.

use serde_json::Value;
use tern_crdt::practice::{NotATag, Tag};
use tern_web_ui::service::{
    EXPORT_FORMATS, EXPORT_PRACTICES_MAX, Exported, LIST_ITEMS_MAX, Query, Reader,
};

use super::library;
use super::practices::shown;
use crate::annotations::said_json;
use crate::interchange::{Format, export_all, export_one, form, words};
use crate::operator::{beside, practice_json, seal_json};
use crate::ops::{ErrorCode, OpError};
use crate::reading::PracticeRead;
use crate::running::{Node, stopping};

/// The practices of one file have at most this many bytes of JSON together:
/// twice what a large library has.
const EXPORT_BYTES_MAX: usize = 64 * 1024 * 1024;

const _: () = assert!(EXPORT_FORMATS.len() == Format::ALL.len());
const _: () = assert!(EXPORT_BYTES_MAX <= crate::interchange::EXPORT_BYTES_MAX);

/// What a file tells of an edition, with what is said about it.
///
/// # Errors
/// It is for members alone, and the reader is a guest.
async fn told(
    node: &Node,
    reader: &Reader,
    read: &PracticeRead,
    at: usize,
) -> Result<Value, OpError> {
    let content = shown(node, reader, read, at).await?;
    let mut told = practice_json(read, at, &content);
    let seals = node.seals(read.id, read.editions[at].id).await?;
    told["seals"] = seals.iter().map(seal_json).collect();
    let said = node.said(read, at, &content.practice).await?;
    beside(&mut told, said_json(&said));
    Ok(told)
}

/// One edition of a practice.
///
/// # Errors
/// Not held here, for members alone, or a format that there is not.
pub async fn practice(
    node: &Node,
    reader: &Reader,
    id: &str,
    edition: Option<&str>,
    format: &str,
) -> Result<Exported, OpError> {
    let format = Format::of(format)?;
    let read = node.reading().practice(id).await?;
    let at = edition.map_or(Ok(read.latest()), |which| read.find(which))?;
    let shown = told(node, reader, &read, at).await?;
    let id = read.id.to_string();
    let number = read.editions[at].statement().number;
    let words = words(&reader.lang);
    let bytes = made(move || export_one(format, &shown, &words)).await?;
    let end = id.get(id.len().saturating_sub(10)..).unwrap_or(&id);
    let name = format!("tern-{end}-{number}.{}", format.ending());
    Ok(Exported { name, media_type: format.media_type().into(), bytes })
}

/// The submission form for text in the language `lang`.
///
/// # Errors
/// That is no language.
pub fn submission_form(reader: &Reader, lang: &str) -> Result<Exported, OpError> {
    let tag: Tag = lang
        .parse()
        .map_err(|why: NotATag| OpError::new(ErrorCode::Invalid, why.to_string()).in_field("in"))?;
    let bytes = form(None, tag.as_str(), &words(&reader.lang))?;
    let name = format!("tern-form-{tag}.docx");
    Ok(Exported { name, media_type: Format::Docx.media_type().into(), bytes })
}

/// All practices that fit a query, as the list shows them: where nothing fits as
/// it was typed, those that come closest.
///
/// # Errors
/// Too many or too long, a format that there is not, or the index failed.
pub async fn found(
    node: &Node,
    reader: &Reader,
    query: &Query,
    format: &str,
) -> Result<Exported, OpError> {
    let format = Format::of(format)?;
    let mut page = Query { after: None, limit: LIST_ITEMS_MAX, ..query.clone() };
    let (mut shown, mut bytes) = (Vec::new(), 0);
    loop {
        let found = library::search(node, reader, &page).await?;
        if found.total > EXPORT_PRACTICES_MAX as u64 {
            let what = format!(
                "{} practices fit, and one file takes {EXPORT_PRACTICES_MAX}: search for less, or take all with `tern practice export --all`",
                found.total
            );
            let refused = OpError::new(ErrorCode::TooLarge, what).in_field("q");
            return Err(refused.over(EXPORT_PRACTICES_MAX as u64));
        }
        for hit in &found.hits {
            // What was erased since it was found is not in the file.
            let Ok(read) = node.reading().practice(&hit.id).await else { continue };
            // So is what has become one for members alone.
            let one = match told(node, reader, &read, read.latest()).await {
                Err(refused) if refused.code == ErrorCode::NotAllowed => continue,
                one => one?,
            };
            bytes += one.to_string().len();
            fits(bytes)?;
            shown.push(one);
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    written(shown, reader, format).await
}

/// Whether practices of so many bytes fit one file.
fn fits(bytes: usize) -> Result<(), OpError> {
    if bytes <= EXPORT_BYTES_MAX {
        return Ok(());
    }
    let what = format!(
        "these practices have more than {EXPORT_BYTES_MAX} bytes, too many for one file: search for less, or take all with `tern practice export --all`"
    );
    let refused = OpError::new(ErrorCode::TooLarge, what).in_field("q");
    Err(refused.over(EXPORT_BYTES_MAX as u64))
}

/// These editions, each of the practice of a whole id; the one that is shown where none is
/// named. What the reader may not see is not in the file.
///
/// # Errors
/// Too long, or a format that there is not.
pub async fn chosen(
    node: &Node,
    reader: &Reader,
    editions: &[(String, Option<String>)],
    format: &str,
) -> Result<Exported, OpError> {
    let format = Format::of(format)?;
    let (mut shown, mut bytes) = (Vec::new(), 0);
    for (id, edition) in editions {
        let Ok(read) = node.reading().practice(id).await else { continue };
        let at = edition.as_deref().and_then(|which| read.find(which).ok());
        let one = match told(node, reader, &read, at.unwrap_or_else(|| read.latest())).await {
            Err(refused) if refused.code == ErrorCode::NotAllowed => continue,
            one => one?,
        };
        bytes += one.to_string().len();
        fits(bytes)?;
        shown.push(one);
    }
    written(shown, reader, format).await
}

async fn written(shown: Vec<Value>, reader: &Reader, format: Format) -> Result<Exported, OpError> {
    let words = words(&reader.lang);
    let bytes = made(move || export_all(format, &shown, &words)).await?;
    let name = format!("tern-practices.{}", format.ending());
    Ok(Exported { name, media_type: format.media_type().into(), bytes })
}

/// Files are made beside the tasks that answer.
async fn made(
    make: impl FnOnce() -> Result<Vec<u8>, OpError> + Send + 'static,
) -> Result<Vec<u8>, OpError> {
    tokio::task::spawn_blocking(make).await.map_err(|_| stopping())?
}
