//! The pages that people read and write, over the [`service::Service`] that a
//! node implements.
//!
//! Pages are rendered here, by typed templates, and work without JavaScript.
//! A page is a struct, a template of the same name, a handler and a file of
//! sentences. A handler asks the [`service`], never a document, a store or a
//! socket: this crate compiles without the network stack and imports no other
//! crate of Tern. A form answers with a redirect when it worked and with the
//! same page, its fields as typed and an error summary, when it did not.
//!
//! Invariants:
//! - nothing typed is lost: a form that is refused comes back as it was sent;
//! - every sentence comes from a language file ([`words`]), every name is
//!   isolated, and text in another language than the page says so;
//! - the browser is allowed nothing but this node's own files ([`guard`]);
//!   there is no inline script and no inline style, and the one script there
//!   is only keeps a page fresh that is whole without it;
//! - state is told by a word, never by colour alone.

use std::sync::Arc;

mod address;
mod api;
mod assets;
mod backoff;
pub mod diff;
mod failure;
mod feeds;
mod form;
pub mod guard;
pub mod mails;
mod markdown;
mod page;
mod pages;
mod picture;
mod qr;
pub mod service;
mod session;
mod settings;
mod site;
pub mod words;

pub use form::told::{Told, told};
pub use qr::terminal_code;
pub use settings::{Settings, own_public};

/// All pages and the reading API of one node, with every guard around them.
pub fn router(service: Arc<dyn service::Service>, settings: Settings) -> axum::Router {
    router_beside(service, settings, axum::Router::new())
}

/// As [`router`], with further routes of the node that programs speak: of the
/// guards these have the one against foreign host names.
pub fn router_beside(
    service: Arc<dyn service::Service>,
    settings: Settings,
    further: axum::Router,
) -> axum::Router {
    let site = Arc::new(site::Site::new(service, settings));
    let pages = pages::router().merge(api::router()).merge(feeds::router());
    guard::around(pages, pages::uploads(), &site).merge(guard::beside(further, &site))
}
