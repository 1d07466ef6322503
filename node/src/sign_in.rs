//! One-time sign-in links: how the person at the machine gets into the pages
//! without a password.
//!
//! A token is drawn, shown once, and kept only as its hash, in memory: a
//! restart forgets it. It works once, within fifteen minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ops::{ErrorCode, OpError};

/// How long a link works.
pub const LINK_TIME: Duration = Duration::from_secs(15 * 60);
/// Links that wait at the same time; the oldest goes first.
const LINKS_MAX: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub struct SignInLinks(Mutex<BTreeMap<[u8; 32], (String, Instant)>>);

impl SignInLinks {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], (String, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new token for an account.
    ///
    /// # Errors
    /// The system gives no chance.
    pub fn make(&self, account: &str) -> Result<String, OpError> {
        let mut chance = [0; 32];
        getrandom::fill(&mut chance).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("no chance to draw: {cause}"))
        })?;
        let token = crate::hex::encode(&chance);
        let mut waiting = self.waiting();
        if waiting.len() >= LINKS_MAX {
            let oldest = waiting.iter().min_by_key(|(_, (_, made))| *made).map(|(hash, _)| *hash);
            oldest.and_then(|hash| waiting.remove(&hash));
        }
        waiting.insert(hash(&token), (account.to_owned(), Instant::now()));
        Ok(token)
    }

    /// The account for which a token was made, which is spent thereby.
    pub fn redeem(&self, token: &str) -> Option<String> {
        let (account, made) = self.waiting().remove(&hash(token))?;
        (made.elapsed() <= LINK_TIME).then_some(account)
    }
}

fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_signs_in_once_and_a_guess_never() {
        let links = SignInLinks::default();
        let token = links.make("awa").expect("chance");
        assert_eq!(links.redeem("0000"), None);
        assert_eq!(links.redeem(&token).as_deref(), Some("awa"));
        assert_eq!(links.redeem(&token), None);
    }

    #[test]
    fn the_oldest_link_makes_room_for_a_new_one() {
        let links = SignInLinks::default();
        let first = links.make("awa").expect("chance");
        for _ in 0..LINKS_MAX {
            links.make("binta").expect("chance");
        }
        assert_eq!(links.redeem(&first), None);
    }
}
