//! One-time links: how the person at the machine gets into the pages without a
//! password, and how somebody who forgot theirs sets a new one.
//!
//! A token is drawn, shown once, and kept only as its hash, in memory: a
//! restart forgets it. It works once, within fifteen minutes, and for what it
//! was made for alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ops::{ErrorCode, OpError};

/// How long a link works.
pub const LINK_TIME: Duration = Duration::from_secs(15 * 60);
/// Links that wait at the same time; the oldest goes first.
const LINKS_MAX: usize = 64;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkUse {
    /// Signs in at once.
    SignIn,
    /// Shows a page where a new password is set.
    NewPassword,
}

impl LinkUse {
    /// The page of a token, below the node's address.
    pub fn path(self, token: &str) -> String {
        match self {
            Self::SignIn => format!("/sign-in/link/{token}"),
            Self::NewPassword => format!("/sign-in/password/{token}"),
        }
    }
}

#[derive(Clone, Debug)]
struct Waiting {
    account: String,
    purpose: LinkUse,
    made: Instant,
}

/// See the module.
#[derive(Debug, Default)]
pub struct SignInLinks(Mutex<BTreeMap<[u8; 32], Waiting>>);

impl SignInLinks {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new token for an account.
    ///
    /// # Errors
    /// The system gives no chance.
    pub fn make(&self, account: &str, purpose: LinkUse) -> Result<String, OpError> {
        let mut chance = [0; 32];
        getrandom::fill(&mut chance).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("no chance to draw: {cause}"))
        })?;
        let token = crate::hex::encode(&chance);
        let mut waiting = self.waiting();
        if waiting.len() >= LINKS_MAX {
            let oldest = waiting.iter().min_by_key(|(_, link)| link.made).map(|(hash, _)| *hash);
            oldest.and_then(|hash| waiting.remove(&hash));
        }
        let link = Waiting { account: account.to_owned(), purpose, made: Instant::now() };
        waiting.insert(hash(&token), link);
        Ok(token)
    }

    /// The account for which a token was made, which still works.
    pub fn look(&self, token: &str, purpose: LinkUse) -> Option<String> {
        let waiting = self.waiting();
        let link = waiting.get(&hash(token)).filter(|link| link.purpose == purpose)?;
        (link.made.elapsed() <= LINK_TIME).then(|| link.account.clone())
    }

    /// The account for which a token was made, which is spent thereby.
    pub fn redeem(&self, token: &str, purpose: LinkUse) -> Option<String> {
        let account = self.look(token, purpose)?;
        self.waiting().remove(&hash(token)).map(|_| account)
    }

    /// No link of an account works any more.
    pub fn forget(&self, account: &str) {
        self.waiting().retain(|_, link| link.account != account);
    }
}

fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::LinkUse::{NewPassword, SignIn};
    use super::*;

    #[test]
    fn a_link_signs_in_once_and_a_guess_never() {
        let links = SignInLinks::default();
        let token = links.make("awa", SignIn).expect("chance");
        assert_eq!(links.redeem("0000", SignIn), None);
        assert_eq!(links.redeem(&token, SignIn).as_deref(), Some("awa"));
        assert_eq!(links.redeem(&token, SignIn), None);
    }

    #[test]
    fn the_oldest_link_makes_room_for_a_new_one() {
        let links = SignInLinks::default();
        let first = links.make("awa", SignIn).expect("chance");
        for _ in 0..LINKS_MAX {
            links.make("binta", SignIn).expect("chance");
        }
        assert_eq!(links.redeem(&first, SignIn), None);
    }

    #[test]
    fn a_link_does_what_it_was_made_for_and_looking_does_not_spend_it() {
        let links = SignInLinks::default();
        let token = links.make("awa", NewPassword).expect("chance");
        assert_eq!(links.redeem(&token, SignIn), None);
        for _ in 0..2 {
            assert_eq!(links.look(&token, NewPassword).as_deref(), Some("awa"));
        }
        assert_eq!(links.redeem(&token, NewPassword).as_deref(), Some("awa"));
        assert_eq!(links.look(&token, NewPassword), None);
    }

    #[test]
    fn the_links_of_one_account_are_forgotten_and_no_others() {
        let links = SignInLinks::default();
        let (gone, kept) = (links.make("awa", SignIn), links.make("binta", SignIn));
        links.forget("awa");
        assert_eq!(links.redeem(&gone.expect("chance"), SignIn), None);
        assert_eq!(links.redeem(&kept.expect("chance"), SignIn).as_deref(), Some("binta"));
    }
}
