//! A form with a file in it (RFC 7578), taken as it comes.
//!
//! Nothing of the file is kept here: each piece goes to the node before the next
//! is read, and what is read ahead of that is bounded, whatever was sent. Once
//! the node refuses the file the rest is read and thrown away, as browsers show
//! no answer before everything was sent; then what was typed is still there.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use futures::{Stream, StreamExt};

use super::Typed;
use crate::failure::Failure;
use crate::service::{BeginFile, Reader, Refusal};
use crate::site::Site;

/// The node gets pieces of about so many bytes.
const PIECE_BYTES: usize = 256 * 1024;
/// No more bytes are read ahead of what was taken; no one part of a body is
/// longer either.
const AHEAD_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// So much of a file that is too long is thrown away; then the line is cut.
const REST_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Of somebody who is not signed in, less.
const STRANGE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// What stands around the file in a body, at the most.
const AROUND_BYTES: u64 = 16 * 1024;
/// What is typed beside a file, in one field.
const FIELD_BYTES_MAX: usize = 16 * 1024;
/// Fields of such a form.
const FIELDS_MAX: usize = 32;

/// What a form with a file said.
pub struct Sent {
    /// What was typed.
    pub typed: Typed,
    /// The file, if one was chosen that says something; or why it is refused.
    pub file: Result<Option<Came>, Refusal>,
}

/// A file that came whole. Dropped, it is forgotten by the node, unless it was
/// attached.
pub struct Came {
    upload: Held,
    /// What it is called where it came from.
    pub name: String,
}

impl Came {
    /// The name under which the node knows it.
    #[must_use]
    pub fn upload(&self) -> &str {
        &self.upload.name
    }
}

struct Held {
    site: Arc<Site>,
    name: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.site.service.forget_file(&self.name);
    }
}

/// Takes a form with a file for a draft.
///
/// # Errors
/// The node takes no file from this reader now, or the form was cut off.
pub async fn take(
    site: &Arc<Site>,
    reader: &Reader,
    draft: &str,
    replaces: bool,
    request: Request,
) -> Result<Sent, Failure> {
    let said = request.headers().get(header::CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse::<u64>().ok()).unwrap_or(0);
    let limit = site.service.file_limits().await?.bytes;
    let file = BeginFile { bytes: said.saturating_sub(AROUND_BYTES), replaces };
    let begun = site.service.begin_file(reader, draft, file).await;
    let begun = begun.map(|name| Held { site: Arc::clone(site), name });

    let (parts, body) = request.into_parts();
    let (body, ahead) = Paced::of(body, limit.saturating_add(REST_BYTES_MAX));
    let request = Request::from_parts(parts, Body::from_stream(body));
    let form = Multipart::from_request(request, &());
    let form = form.await.map_err(|_| not_understood())?;
    let mut taking = Taking { held: begun, typed: Typed::default(), chosen: None, bytes: 0 };
    let read = taking.all(form, &ahead).await;
    match (taking.held, read) {
        (Err(refusal), _) => Ok(Sent { typed: taking.typed, file: Err(refusal) }),
        (Ok(_), Err(_)) => Err(not_understood()),
        (Ok(upload), Ok(())) => {
            let name = taking.chosen.filter(|_| taking.bytes > 0);
            Ok(Sent { typed: taking.typed, file: Ok(name.map(|name| Came { upload, name })) })
        }
    }
}

/// Reads what somebody sends who may not, and throws it away, so that they see
/// the answer.
pub async fn discard(body: Body) {
    let (mut body, ahead) = Paced::of(body, STRANGE_BYTES_MAX);
    while let Some(Ok(_)) = body.next().await {
        ahead.store(0, Ordering::Relaxed);
    }
}

const fn not_understood() -> Failure {
    Failure::Plain(StatusCode::BAD_REQUEST, "error-cut-off")
}

struct Taking {
    held: Result<Held, Refusal>,
    typed: Typed,
    /// What the file is called that was chosen.
    chosen: Option<String>,
    bytes: u64,
}

impl Taking {
    async fn all(&mut self, mut form: Multipart, ahead: &AtomicU64) -> Result<(), MultipartError> {
        while let Some(field) = form.next_field().await? {
            ahead.store(0, Ordering::Relaxed);
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            match file {
                Some(file) => {
                    let chosen = name == "file" && !file.is_empty() && self.chosen.is_none();
                    if chosen {
                        self.chosen = Some(file);
                    }
                    self.file(field, ahead, chosen).await?;
                }
                None => self.text(name, field, ahead).await?,
            }
        }
        Ok(())
    }

    async fn file(
        &mut self,
        mut field: Field<'_>,
        ahead: &AtomicU64,
        wanted: bool,
    ) -> Result<(), MultipartError> {
        let mut piece = Vec::new();
        loop {
            let chunk = field.chunk().await?;
            ahead.store(0, Ordering::Relaxed);
            let ended = chunk.is_none();
            if wanted && self.held.is_ok() {
                piece.extend_from_slice(&chunk.unwrap_or_default());
                if piece.len() >= PIECE_BYTES || (ended && !piece.is_empty()) {
                    self.put(std::mem::take(&mut piece)).await;
                }
            }
            if ended {
                return Ok(());
            }
        }
    }

    async fn put(&mut self, piece: Vec<u8>) {
        let Ok(held) = &self.held else { return };
        self.bytes += piece.len() as u64;
        if let Err(refusal) = held.site.service.put_file(&held.name, piece).await {
            self.held = Err(refusal);
        }
    }

    /// What was typed; of more than there could be, as much as there could be.
    async fn text(
        &mut self,
        name: String,
        mut field: Field<'_>,
        ahead: &AtomicU64,
    ) -> Result<(), MultipartError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await? {
            ahead.store(0, Ordering::Relaxed);
            let rest = FIELD_BYTES_MAX - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(rest)]);
        }
        if self.typed.0.len() < FIELDS_MAX {
            self.typed.put(name, String::from_utf8_lossy(&bytes));
        }
        Ok(())
    }
}

/// A body that is read one part at a time, and never far ahead of what was
/// taken of it.
struct Paced {
    body: BodyDataStream,
    left: u64,
    ahead: Arc<AtomicU64>,
    gave: bool,
}

impl Paced {
    fn of(body: Body, bytes_max: u64) -> (Self, Arc<AtomicU64>) {
        let ahead = Arc::<AtomicU64>::default();
        let body = body.into_data_stream();
        (Self { body, left: bytes_max, ahead: Arc::clone(&ahead), gave: false }, ahead)
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Whoever reads until there is nothing gets one part each time.
        if std::mem::take(&mut self.gave) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(part) = Pin::new(&mut self.body).poll_next(context) else {
            return Poll::Pending;
        };
        let Some(Ok(bytes)) = &part else { return Poll::Ready(part) };
        let more = bytes.len() as u64;
        let ahead = self.ahead.fetch_add(more, Ordering::Relaxed) + more;
        self.gave = true;
        match self.left.checked_sub(more) {
            Some(left) if ahead <= AHEAD_BYTES_MAX => {
                self.left = left;
                Poll::Ready(part)
            }
            _ => Poll::Ready(Some(Err(axum::Error::new("more was sent than is read")))),
        }
    }
}
