//! Practices as files that readers take away.

use tern_crdt::practice::{NotATag, Tag};
use tern_web_ui::service::{
    EXPORT_FORMATS, EXPORT_PRACTICES_MAX, Exported, LIST_ITEMS_MAX, Query, Reader,
};

use super::library;
use crate::interchange::{Format, export_all, export_one, form, words};
use crate::operator::practice_json;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, stopping};

const _: () = assert!(EXPORT_FORMATS.len() == Format::ALL.len());

/// One edition of a practice.
///
/// # Errors
/// Not held here, or a format that there is not.
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
    let content = node.reading().content(&read, at).await?;
    let shown = practice_json(&read, at, &content);
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

/// All practices that fit a query.
///
/// # Errors
/// Too many, a format that there is not, or the index failed.
pub async fn found(
    node: &Node,
    reader: &Reader,
    query: &Query,
    format: &str,
) -> Result<Exported, OpError> {
    let format = Format::of(format)?;
    let mut page = Query { after: None, limit: LIST_ITEMS_MAX, ..query.clone() };
    let mut shown = Vec::new();
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
            let at = read.latest();
            let content = node.reading().content(&read, at).await?;
            shown.push(practice_json(&read, at, &content));
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
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
