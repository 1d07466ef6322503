//! `GET /metrics`, and who may ask for it.
//!
//! Figures name nobody, yet tell when people work and how much. So they are
//! for this machine, and for whoever holds the token of the data folder. A
//! request that a proxy passed on comes from loopback and is not from here:
//! it says so in its headers, and needs the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Extension, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, FORWARDED, VIA};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::gather;
use crate::api::Token;
use crate::config::MetricsAccess;
use crate::service::Site;

/// Where figures are told.
pub const METRICS_PATH: &str = "/metrics";
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone)]
struct Watched {
    site: Arc<Site>,
    token: Token,
    access: MetricsAccess,
}

/// The route, over the node whose figures are told.
pub fn routes(site: Arc<Site>, token: &str, access: MetricsAccess) -> Router {
    let watched = Watched { site, token: Token::new(token), access };
    Router::new().route(METRICS_PATH, get(tell)).with_state(watched)
}

/// Counts every request that passes, by its status and its time.
pub fn counted(router: Router, site: Arc<Site>) -> Router {
    router.layer(from_fn_with_state(site, count))
}

async fn count(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let begun = std::time::Instant::now();
    let answer = next.run(request).await;
    if let Some(node) = site.node() {
        node.visits().note(answer.status().as_u16(), begun.elapsed());
    }
    answer
}

async fn tell(
    State(watched): State<Watched>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let here = from.is_some_and(|Extension(ConnectInfo(from))| is_here(from, &headers));
    if !watched.access.admits(here, watched.token.admits(&headers)) {
        let what = "Figures are told to this machine, and to whoever brings the token in the data folder's api-token as a Bearer.\n";
        return (StatusCode::FORBIDDEN, what).into_response();
    }
    let Some(node) = watched.site.node() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "This node is not set up yet.\n").into_response();
    };
    match gather(node).await {
        Ok(told) => {
            let headers = [(CONTENT_TYPE, FORMAT), (CACHE_CONTROL, "no-store")];
            (headers, told.render()).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

/// Whether somebody on this machine asks, and nobody passed it on.
fn is_here(from: SocketAddr, headers: &HeaderMap) -> bool {
    let passed_on = [FORWARDED.as_str(), VIA.as_str(), "x-forwarded-for", "x-real-ip"];
    from.ip().to_canonical().is_loopback()
        && !passed_on.into_iter().any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_a_proxy_passed_on_is_not_from_this_machine() {
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        let none = HeaderMap::new();
        assert!(is_here(address("127.0.0.1:50000"), &none));
        assert!(is_here(address("[::1]:50000"), &none));
        assert!(is_here(address("[::ffff:127.0.0.1]:50000"), &none));
        assert!(!is_here(address("192.0.2.7:50000"), &none));
        for name in ["forwarded", "via", "x-forwarded-for", "x-real-ip"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, "192.0.2.7".parse().expect("a value"));
            assert!(!is_here(address("127.0.0.1:50000"), &headers), "{name}");
        }
    }

    #[test]
    fn each_choice_of_access_admits_whom_it_says() {
        use MetricsAccess::{Loopback, Off, Token};
        for (access, here, token, admitted) in [
            (Loopback, true, false, true),
            (Loopback, false, true, true),
            (Loopback, false, false, false),
            (Token, true, false, false),
            (Token, true, true, true),
            (Off, true, true, false),
        ] {
            assert_eq!(access.admits(here, token), admitted, "{access:?} {here} {token}");
        }
    }
}
