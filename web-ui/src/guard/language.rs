//! `?lang=` on any page chooses its language from then on.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::address::local;
use crate::session::set_cookie;
use crate::site::Site;

/// The cookie that remembers the choice.
pub const COOKIE: &str = "tern-lang";
const YEAR_SECONDS: u64 = 365 * 24 * 60 * 60;

pub(super) async fn switch(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let query = request.uri().query().unwrap_or("");
    let wish = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    let words = wish.and_then(|tag| site.catalogue.exactly(tag));
    let page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let (Some(words), true) = (words, page) else { return next.run(request).await };
    let rest: Vec<_> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    let path = local(request.uri().path());
    let target =
        if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let cookie = set_cookie(COOKIE, words.lang, YEAR_SECONDS, site.settings.https);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&target)).into_response()
}
