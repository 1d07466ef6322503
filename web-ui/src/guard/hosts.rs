//! Only requests that name this node's own host.
//!
//! A page of another site can let its own name point to 127.0.0.1 and then
//! read a node as if it were its own server (DNS rebinding). Such a request
//! carries the other site's name in `Host`. An IP address there is always
//! meant: no name was resolved to reach it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::site::Site;

pub(super) async fn only_ours(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .and_then(|host| host.parse::<Authority>().ok()),
    };
    if host.is_some_and(|host| is_ours(&site.settings, host.host())) {
        next.run(request).await
    } else {
        Failure::Plain(StatusCode::MISDIRECTED_REQUEST, "error-host").into_response()
    }
}

/// Whether `host` (without port) is a name or address of this node.
fn is_ours(settings: &Settings, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    if host.eq_ignore_ascii_case("localhost")
        || settings.hosts.iter().any(|name| host.eq_ignore_ascii_case(name))
    {
        return true;
    }
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|address| {
        address.is_loopback() || settings.listen.is_unspecified() || address == settings.listen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(listen: &str) -> Settings {
        let listen = listen.parse().expect("an address");
        Settings { listen, hosts: vec!["tern.example.org".into()], ..Settings::default() }
    }

    #[test]
    fn loopback_and_named_hosts_are_ours_and_a_rebound_name_is_not() {
        let local = settings("127.0.0.1");
        for ours in ["localhost", "LOCALHOST.", "127.0.0.1", "[::1]", "Tern.Example.org"] {
            assert!(is_ours(&local, ours), "{ours}");
        }
        for foreign in ["attacker.example", "127.0.0.1.attacker.example", "192.0.2.2", ""] {
            assert!(!is_ours(&local, foreign), "{foreign}");
        }
    }

    #[test]
    fn on_a_lan_only_the_address_served_on_is_ours() {
        assert!(is_ours(&settings("192.0.2.2"), "192.0.2.2"));
        assert!(!is_ours(&settings("192.0.2.2"), "192.0.2.3"));
        assert!(is_ours(&settings("0.0.0.0"), "192.0.2.3"));
        assert!(!is_ours(&settings("0.0.0.0"), "attacker.example"));
    }
}
