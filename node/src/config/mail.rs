//! How mail is sent, if it is: what an operator chooses in `[mail]`.
//!
//! Off until a server is named. What does not fit together (a server without an
//! address that mail comes from, a password that would travel in the clear) is
//! refused when the settings are read; whether the files that are named are there
//! and closed to others is seen when they are needed.

use std::fmt;
use std::path::{Path, PathBuf};

use super::known::{Given, text};
use crate::notices::MailAddress;
use crate::statement::read_bounded;

/// A password file, and a file of certificates, is at most this long.
const PASSWORD_BYTES_MAX: usize = 4 * 1024;
const AUTHORITIES_BYTES_MAX: usize = 1024 * 1024;

/// What can be chosen about mail.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MailSettings {
    /// The server that takes mail; without one none is sent.
    pub server: Option<MailServer>,
    /// How the way to it is encrypted.
    pub tls: MailTls,
    /// As whom to sign in there; empty: nobody asks.
    pub user: String,
    /// The file with the password for that.
    pub password_file: Option<PathBuf>,
    /// A file of certificates (PEM) that the server's is checked by as well.
    pub authorities: Option<PathBuf>,
    /// Whom mail comes from.
    pub from: Option<MailAddress>,
    /// When mail is sent where links cost money.
    pub links: MailLinks,
}

/// A host and its port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailServer {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl MailServer {
    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        is_here(&self.host)
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// How the way to the server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MailTls {
    /// It begins in the clear and is encrypted before anything is said (RFC 3207).
    #[default]
    Starttls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not, for a server on this machine.
    None,
    /// Not, wherever the server is.
    Unencrypted,
}

/// When mail is sent where links cost money.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MailLinks {
    /// Within the hours and the month's allowance that were said of links.
    #[default]
    Allowance,
    /// Whatever it costs.
    Always,
    /// Only where links cost nothing.
    Free,
}

impl MailSettings {
    /// Why the settings do not fit together, if so.
    pub(super) fn flaw(&self) -> Option<String> {
        let server = self.server.as_ref()?;
        if self.from.is_none() {
            let what = format!(
                "`mail.server` is {server} and nobody said whom mail comes from: set `mail.from`, as in \"tern@example.org\""
            );
            return Some(what);
        }
        if self.user.is_empty() != self.password_file.is_none() {
            let what = "`mail.user` and `mail.password_file` go together: set both, or neither";
            return Some(what.to_owned());
        }
        if self.tls == MailTls::None && !server.is_here() {
            let what = format!(
                "`mail.tls` is \"none\" and {server} is not on this machine: use \"starttls\" or \"implicit\"; \"unencrypted\" sends addresses in the clear all the same"
            );
            return Some(what);
        }
        if self.tls == MailTls::Unencrypted && !self.user.is_empty() {
            let what = "`mail.tls` is \"unencrypted\", so a password would travel in the clear: encrypt the way, or use a server that asks for none";
            return Some(what.to_owned());
        }
        None
    }

    /// The password, if somebody signs in.
    ///
    /// # Errors
    /// The file cannot be read, is too long, or is open to others: in one sentence.
    pub fn password(&self) -> Result<Option<String>, String> {
        let Some(path) = &self.password_file else { return Ok(None) };
        if crate::folder::is_open_to_others(path) {
            return Err(format!(
                "others can read the password in {}: close it with `chmod 600`",
                path.display()
            ));
        }
        let text = read(path, PASSWORD_BYTES_MAX)?;
        let password = text.lines().next().unwrap_or_default();
        if password.is_empty() {
            return Err(format!("there is no password in the first line of {}", path.display()));
        }
        Ok(Some(password.to_owned()))
    }

    /// Certificates that the server's is checked by as well, as text (PEM).
    ///
    /// # Errors
    /// The file cannot be read, or is too long: in one sentence.
    pub fn authorities(&self) -> Result<Option<String>, String> {
        self.authorities.as_deref().map(|path| read(path, AUTHORITIES_BYTES_MAX)).transpose()
    }
}

fn read(path: &Path, bytes_max: usize) -> Result<String, String> {
    read_bounded(path, bytes_max).map_err(|why| why.to_string())
}

/// Whether a host is this machine, by name or by address.
pub(crate) fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A host and port; nothing is none.
pub(super) fn server(given: &Given) -> Result<Option<MailServer>, String> {
    let text = text(given)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let of_hosts = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let fits = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
        !host.is_empty() && host.len() <= 253 && host.chars().all(fits)
    };
    let read = text.rsplit_once(':').and_then(|(host, port)| {
        let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
        let bare = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
        (bare && of_hosts(host)).then(|| MailServer { host: host.to_ascii_lowercase(), port })
    });
    read.map(Some)
        .ok_or_else(|| format!("`{text}` is no host and port; write it like mail.example.org:587"))
}

/// An address; nothing is none.
pub(super) fn from(given: &Given) -> Result<Option<MailAddress>, String> {
    let text = text(given)?.trim();
    let read = || text.parse().map_err(|why: crate::notices::NoAddress| why.to_string());
    (!text.is_empty()).then(read).transpose()
}

/// A whole path; nothing is none.
pub(super) fn path(given: &Given) -> Result<Option<PathBuf>, String> {
    let text = text(given)?.trim();
    let path = PathBuf::from(text);
    match (text.is_empty(), path.is_absolute()) {
        (true, _) => Ok(None),
        (_, true) => Ok(Some(path)),
        _ => Err(format!("`{text}` is no whole path; write it from the root on")),
    }
}

/// Whom to sign in as.
pub(super) fn user(given: &Given) -> Result<String, String> {
    let text = text(given)?.trim();
    if text.len() > 254 || text.chars().any(char::is_control) {
        return Err("this setting is a name of at most 254 bytes in one line".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn shown(path: Option<&PathBuf>) -> String {
    path.map_or_else(String::new, |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> MailSettings {
        MailSettings {
            server: Some(MailServer { host: host.into(), port: 587 }),
            from: Some("tern@example.org".parse().expect("an address")),
            ..MailSettings::default()
        }
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let read = |text| server(&Given::Text(text));
        let told = |text| read(text).expect("fits").map(|server| server.to_string());
        assert_eq!(told("Mail.Example.org:587").as_deref(), Some("mail.example.org:587"));
        assert_eq!(told("[::1]:25").as_deref(), Some("[::1]:25"));
        assert_eq!(told(""), None);
        for wrong in ["mail.example.org", "mail:0", "mail:99999", "::1:25", ":25", "a b:25"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_before_anything_is_sent() {
        assert_eq!(at("mail.example.org").flaw(), None);
        assert_eq!(MailSettings::default().flaw(), None, "nobody asked for mail");
        let nobody = MailSettings { from: None, ..at("mail.example.org") };
        assert!(nobody.flaw().is_some_and(|why| why.contains("mail.from")));
        let clear = |tls, host| MailSettings { tls, ..at(host) };
        assert!(clear(MailTls::None, "mail.example.org").flaw().is_some());
        assert_eq!(clear(MailTls::None, "127.0.0.1").flaw(), None);
        assert_eq!(clear(MailTls::Unencrypted, "mail.example.org").flaw(), None);
        let file = Some(PathBuf::from("/etc/tern/mail-password"));
        let user = MailSettings { user: "tern".into(), ..at("mail.example.org") };
        assert!(user.flaw().is_some_and(|why| why.contains("go together")));
        let both = MailSettings { password_file: file, ..user };
        assert_eq!(both.flaw(), None);
        let told = MailSettings { tls: MailTls::Unencrypted, ..both };
        assert!(told.flaw().is_some_and(|why| why.contains("in the clear")));
    }

    #[cfg(unix)]
    #[test]
    fn a_password_that_others_can_read_is_not_used() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("password");
        let settings = MailSettings { password_file: Some(path.clone()), ..at("mail") };
        assert!(settings.password().is_err_and(|why| why.contains("cannot read")));
        fs::write(&path, "four calm words\nand more\n").expect("room");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        mode(0o640).expect("changed");
        assert!(settings.password().is_err_and(|why| why.contains("chmod 600")));
        mode(0o600).expect("changed");
        assert_eq!(settings.password(), Ok(Some("four calm words".into())));
        fs::write(&path, "\n").expect("room");
        assert!(settings.password().is_err_and(|why| why.contains("no password")));
    }
}
