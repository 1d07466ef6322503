//! What other programs follow: OAI-PMH for catalogues, Atom for readers of
//! news, a map of the site for search engines.
//!
//! All but one are for guests: whoever reads them sees what a guest sees, and
//! nothing that is not for everybody. The one is a person's own (`personal`), at an
//! address that is a secret. Addresses in them are whole: below the public
//! address where the operator named one, else below the host asked for.
//!
//! Invariant: every text is XML 1.0 characters, escaped by its template.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::failure::Failure;
use crate::service::Reader;
use crate::settings::own_public;
use crate::site::Site;
use crate::words::FALLBACK;

mod atom;
mod oai;
mod personal;
mod sitemap;
mod when;

pub(crate) use personal::page_of;

/// The routes of feeds.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/oai", get(oai::get).post(oai::post))
        .route("/feed.atom", get(atom::feed))
        .route("/waiting/{token}/feed.atom", get(personal::feed))
        .route("/sitemap.xml", get(sitemap::map))
}

/// A guest.
fn guest() -> Reader {
    Reader { account: None, lang: FALLBACK.to_owned() }
}

/// Where this node is, without a slash at the end: `https://tern.example.org`.
pub(crate) fn place(site: &Site, headers: &HeaderMap) -> String {
    if let Some(public) = own_public(site.settings.public.as_deref(), &site.settings.hosts) {
        return public.trim_end_matches('/').to_owned();
    }
    let scheme = if site.settings.https { "https" } else { "http" };
    // The guard let only hosts of this node pass.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

/// A document of this media type.
fn document(template: &impl Template, media_type: &'static str) -> Result<Response, Failure> {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, template.render()?).into_response())
}

/// Text without characters that XML has no place for (`Char` of XML 1.0,
/// section 2.2).
fn xml(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}
