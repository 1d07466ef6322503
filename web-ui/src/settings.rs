//! What a node chooses about its pages.

use std::net::IpAddr;

use axum::http::Uri;

/// Choices of the operator; each has a safe default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The address that pages are served on. Loopback by default; an
    /// unspecified address (`0.0.0.0`) means any of this machine's.
    pub listen: IpAddr,
    /// Further names under which browsers may reach this node, without port.
    pub hosts: Vec<String>,
    /// Where everybody reaches these pages, or those of another node that the
    /// organisation names: `https://tern.example.org`, without a path.
    pub public: Option<String>,
    /// Whether pages are reached over HTTPS only, so that cookies are too.
    pub https: bool,
    /// Whether the pseudo-locales for layout tests are offered.
    pub pseudo_locales: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            hosts: Vec::new(),
            public: None,
            https: false,
            pseudo_locales: false,
        }
    }
}

/// The public address, unless it is another node's, which holds other things: one of
/// the names in `hosts` is in it.
#[must_use]
pub fn own_public<'a>(public: Option<&'a str>, hosts: &[String]) -> Option<&'a str> {
    let ours = |public: &&str| {
        let uri = public.parse::<Uri>().ok();
        uri.as_ref().and_then(Uri::authority).is_some_and(|authority| {
            hosts.iter().any(|known| known == authority.as_str() || known == authority.host())
        })
    };
    public.filter(ours)
}
