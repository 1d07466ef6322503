//! Who is signed in.
//!
//! A session is 32 random bytes in a cookie; here, in memory, is only their
//! SHA-256, so that a core dump or a debugger's view yields no cookie. It ends
//! after 12 hours without a page, after 14 days whatever happens, on sign-out,
//! and when the process stops. Signing in always makes a new one.
//!
//! Cookies know no ports, and several nodes may run on one machine: the
//! cookie's name holds the port.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::service::AccountId;

const IDLE_SECONDS: u64 = 12 * 60 * 60;
const WHOLE_SECONDS: u64 = 14 * 24 * 60 * 60;
/// Sessions at once; the stalest gives way.
const SESSIONS_MAX: usize = 10_000;

type Hash = [u8; 32];

/// All sessions of this process.
#[derive(Default)]
pub struct Sessions {
    open: Mutex<HashMap<Hash, Session>>,
}

#[derive(Clone)]
struct Session {
    account: AccountId,
    began: u64,
    seen: u64,
    notice: Option<&'static str>,
}

impl Session {
    fn lives(&self, now: u64) -> bool {
        now.saturating_sub(self.seen) < IDLE_SECONDS
            && now.saturating_sub(self.began) < WHOLE_SECONDS
    }
}

impl Sessions {
    /// Begins a session; answers the token for the cookie.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn begin(&self, account: AccountId, now: u64) -> Result<String, getrandom::Error> {
        let mut token = [0; 32];
        getrandom::fill(&mut token)?;
        let token = hex(&token);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.lives(now));
        if open.len() >= SESSIONS_MAX
            && let Some(stalest) =
                open.iter().min_by_key(|(_, session)| session.seen).map(|(hash, _)| *hash)
        {
            open.remove(&stalest);
        }
        let session = Session { account, began: now, seen: now, notice: None };
        open.insert(hash(&token), session);
        Ok(token)
    }

    /// The account of a session that lives; reading a page keeps it alive.
    pub fn account(&self, token: &str, now: u64) -> Option<AccountId> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.get_mut(&hash(token)).filter(|session| session.lives(now))?;
        session.seen = now;
        Some(session.account.clone())
    }

    /// Whether a session lives. Asking does not keep it alive.
    pub fn lives(&self, token: &str, now: u64) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&hash(token)).is_some_and(|session| session.lives(now))
    }

    /// Ends a session.
    pub fn end(&self, token: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(token));
    }

    /// Ends every session of an account but this one: its password changed.
    pub fn end_others(&self, account: &AccountId, token: &str) {
        let keep = hash(token);
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|hash, session| *hash == keep || session.account != *account);
    }

    /// Leaves a notice (key of a sentence) for the next page of this session.
    pub fn leave_notice(&self, token: &str, key: &'static str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = open.get_mut(&hash(token)) {
            session.notice = Some(key);
        }
    }

    /// Takes the notice left by the page before.
    pub fn take_notice(&self, token: &str) -> Option<&'static str> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(&hash(token))
            .and_then(|session| session.notice.take())
    }
}

/// The session token that a request carries.
pub fn token(headers: &HeaderMap, https: bool) -> Option<String> {
    cookie(headers, &name(headers, https)).filter(|token| token.len() == 64)
}

/// A cookie that carries a session.
pub fn carry(headers: &HeaderMap, https: bool, token: &str) -> HeaderValue {
    set_cookie(&name(headers, https), token, WHOLE_SECONDS, https)
}

/// A cookie that takes a session away.
pub fn drop_cookie(headers: &HeaderMap, https: bool) -> HeaderValue {
    set_cookie(&name(headers, https), "", 0, https)
}

/// The value of a cookie of this name.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` that scripts cannot read and other sites' forms do not send.
pub fn set_cookie(name: &str, value: &str, seconds: u64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("names and values of cookies are plain ASCII here")
}

fn name(headers: &HeaderMap, https: bool) -> String {
    let port = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| host.rsplit_once(':'))
        .and_then(|(_, port)| port.parse::<u16>().ok());
    let prefix = if https { "__Host-" } else { "" };
    port.map_or(format!("{prefix}tern"), |port| format!("{prefix}tern-{port}"))
}

fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amina() -> AccountId {
        AccountId("amina".into())
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_on_sign_out() {
        let sessions = Sessions::default();
        let token = sessions.begin(amina(), 0).expect("randomness");
        assert!(sessions.lives(&token, IDLE_SECONDS - 1) && !sessions.lives(&token, IDLE_SECONDS));
        assert_eq!(sessions.account(&token, IDLE_SECONDS - 1), Some(amina()));
        assert_eq!(sessions.account(&token, 2 * IDLE_SECONDS - 1), None);
        let token = sessions.begin(amina(), 0).expect("randomness");
        let mut now = 0;
        while now + IDLE_SECONDS / 2 < WHOLE_SECONDS {
            now += IDLE_SECONDS / 2;
            assert_eq!(sessions.account(&token, now).is_some(), now < WHOLE_SECONDS);
        }
        assert_eq!(sessions.account(&token, WHOLE_SECONDS), None);
        let token = sessions.begin(amina(), 0).expect("randomness");
        sessions.end(&token);
        assert_eq!(sessions.account(&token, 1), None);
    }

    #[test]
    fn a_new_password_ends_the_other_sessions_only() {
        let sessions = Sessions::default();
        let here = sessions.begin(amina(), 0).expect("randomness");
        let there = sessions.begin(amina(), 0).expect("randomness");
        let other = sessions.begin(AccountId("bikash".into()), 0).expect("randomness");
        sessions.end_others(&amina(), &here);
        assert!(sessions.account(&here, 1).is_some());
        assert!(sessions.account(&there, 1).is_none());
        assert!(sessions.account(&other, 1).is_some());
    }

    #[test]
    fn a_notice_is_told_once() {
        let sessions = Sessions::default();
        let token = sessions.begin(amina(), 0).expect("randomness");
        sessions.leave_notice(&token, "saved");
        assert_eq!(sessions.take_notice(&token), Some("saved"));
        assert_eq!(sessions.take_notice(&token), None);
    }

    #[test]
    fn nodes_on_one_machine_do_not_sign_each_other_out() {
        let mut at = HeaderMap::new();
        at.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8480"));
        let first = carry(&at, false, "a");
        at.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8481"));
        let second = carry(&at, false, "a");
        assert_ne!(first, second);
        let secure = carry(&at, true, "a");
        let secure = secure.to_str().expect("ASCII");
        assert!(secure.starts_with("__Host-tern-8481=a") && secure.ends_with("; Secure"));
        assert!(secure.contains("HttpOnly") && secure.contains("SameSite=Lax"));
    }
}
