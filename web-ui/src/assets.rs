//! Files that pages refer to, in the binary.
//!
//! The address of a file holds the beginning of its SHA-256, so that a browser
//! may keep it for ever and a new build is never mixed with an old file.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::failure::Failure;
use crate::service::Refusal;
use crate::session::hex;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// The address of the style sheet.
pub fn css() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("hub.css"))
}

/// The address of the script that keeps a page fresh.
pub fn live() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("live.js"))
}

/// The address of the script that shows how far a file is that is sent.
pub fn upload() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("upload.js"))
}

/// The address of the site's icon.
pub fn icon() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("icon.svg"))
}

fn address(name: &str) -> String {
    format!("/assets/{}/{name}", digest(name).expect("a file of this build"))
}

fn digest(name: &str) -> Option<String> {
    Files::get(name).map(|file| hex(&file.metadata.sha256_hash()[..4]))
}

/// `GET /assets/{digest}/{name}`
pub async fn serve(Path((wanted, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let file = Files::get(&name)
        .filter(|_| digest(&name).is_some_and(|digest| digest == wanted))
        .ok_or(Refusal::NotFound)?;
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.data).into_response())
}
