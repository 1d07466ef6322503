//! Files beside practices: downloads, pictures on pages, and asking for a file to
//! be fetched.
//!
//! A picture that is small and of a kind that can do nothing is shown on the page
//! of its practice. Everything else is a download, and never shown by the browser: it is an attachment, of the kind
//! that its bytes say, in a sandbox without any rights. Its address is its
//! hash, so it never changes and may be kept for ever; parts can be asked for.

use std::sync::Arc;

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use futures::stream;

use crate::address;
use crate::form::Typed;
use crate::page::{Chrome, Member, Shown};
use crate::service::{FileHead, Refusal};
use crate::site::{Shared, Site};

/// Nothing that is in a file may do anything.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// `GET /files/{hash}`
pub(super) async fn download(
    State(site): Shared,
    c: Chrome,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Shown {
    let head = site.service.file(&c.reader(), &hash).await?;
    let tag = format!("\"{hash}\"");
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, told(&head, &tag)).into_response());
    }
    // Of a file that changed, parts would not fit; this one cannot.
    let same = headers.get(IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let range = headers.get(RANGE).filter(|_| same).and_then(|range| range.to_str().ok());
    let (first, end, status) = match range.map(|range| part(range, head.bytes)) {
        None | Some(Part::All) => (0, head.bytes, StatusCode::OK),
        Some(Part::Of(first, end)) => (first, end, StatusCode::PARTIAL_CONTENT),
        Some(Part::Beyond) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{}", head.bytes));
            return Ok(response);
        }
    };
    let mut response = Response::new(body(site, hash, first, end));
    *response.status_mut() = status;
    response.headers_mut().extend(told(&head, &tag));
    set(response.headers_mut(), CONTENT_LENGTH, &(end - first).to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{}", end - 1, head.bytes);
        set(response.headers_mut(), CONTENT_RANGE, &range);
    }
    Ok(response)
}

/// `GET /files/{hash}/picture`
pub(super) async fn picture(
    State(site): Shared,
    c: Chrome,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Shown {
    let head = site.service.file(&c.reader(), &hash).await?;
    if !head.is_shown() {
        return Err(Refusal::NotFound.into());
    }
    let tag = format!("\"{hash}\"");
    let mut told = told(&head, &tag);
    told.remove(CONTENT_DISPOSITION);
    told.remove(ACCEPT_RANGES);
    set(&mut told, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    set(&mut told, CONTENT_LENGTH, &head.bytes.to_string());
    Ok((told, body(site, hash, 0, head.bytes)).into_response())
}

/// `POST /files/{hash}/fetch`
pub(super) async fn fetch(
    State(site): Shared,
    member: Member,
    Path(hash): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    site.service.fetch_file(&c.reader(), &hash).await?;
    let typed = Typed(typed);
    let to = match typed.some("resource") {
        Some(resource) => format!("/resources/{}", address::encode(&resource)),
        None => format!("/practices/{}#files", address::encode(&typed.get("practice"))),
    };
    Ok(Redirect::to(&to).into_response())
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // All that is set here is ASCII.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn told(head: &FileHead, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // RFC 6266 with the name of RFC 8187: nothing of it can end the value.
    let name = address::encode(&head.name);
    set(&mut headers, CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{name}"));
    set(&mut headers, CONTENT_TYPE, &head.media_type);
    set(&mut headers, CONTENT_SECURITY_POLICY, SANDBOX);
    set(&mut headers, ETAG, tag);
    set(&mut headers, CACHE_CONTROL, "private, max-age=31536000, immutable");
    set(&mut headers, ACCEPT_RANGES, "bytes");
    headers
}

/// The bytes from `first` up to `end`, read as they are sent.
fn body(site: Arc<Site>, hash: String, first: u64, end: u64) -> Body {
    Body::from_stream(stream::unfold(first, move |at| {
        let (site, hash) = (Arc::clone(&site), hash.clone());
        async move {
            let rest = usize::try_from(end.checked_sub(at).filter(|rest| *rest > 0)?).ok();
            let piece = site.service.file_bytes(&hash, at).await.map_err(|_| gone());
            let piece = piece.and_then(|mut piece| {
                piece.truncate(rest.unwrap_or(usize::MAX));
                if piece.is_empty() { Err(gone()) } else { Ok(Bytes::from(piece)) }
            });
            // After an error nothing follows, and the connection breaks.
            let next = piece.as_ref().map_or(end, |piece| at + piece.len() as u64);
            Some((piece, next))
        }
    }))
}

fn gone() -> std::io::Error {
    std::io::Error::other("the file was removed while it was sent")
}

/// What part of so many bytes is asked for.
#[derive(PartialEq, Eq, Debug)]
enum Part {
    /// From, and up to.
    Of(u64, u64),
    /// Nothing that is understood, or several: all of it answers that.
    All,
    Beyond,
}

/// Reads `bytes=FIRST-LAST`, `bytes=FIRST-` and `bytes=-LAST` (RFC 9110, 14.2).
fn part(range: &str, all: u64) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Part::All;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= all => Part::Beyond,
        (Ok(first), Ok(last)) if last >= first => Part::Of(first, last.saturating_add(1).min(all)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Part::Of(first, all),
        (Err(_), Ok(0)) if first.trim().is_empty() => Part::Beyond,
        (Err(_), Ok(last)) if first.trim().is_empty() && all > 0 => {
            Part::Of(all.saturating_sub(last), all)
        }
        _ => Part::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_inside_the_file_or_refused() {
        assert_eq!(part("bytes=0-99", 1_000), Part::Of(0, 100));
        assert_eq!(part("bytes=900-", 1_000), Part::Of(900, 1_000));
        assert_eq!(part("bytes=-100", 1_000), Part::Of(900, 1_000));
        assert_eq!(part("bytes=-5000", 1_000), Part::Of(0, 1_000));
        assert_eq!(part("bytes=5-18446744073709551615", 1_000), Part::Of(5, 1_000));
        assert_eq!(part("bytes=1000-", 1_000), Part::Beyond);
        assert_eq!(part("bytes=-0", 1_000), Part::Beyond);
        assert_eq!(part("bytes=0-0", 0), Part::Beyond);
        for other in ["bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b"] {
            assert_eq!(part(other, 1_000), Part::All, "{other}");
        }
    }
}
