//! Nobody new is let in while this process uses more memory than it may.
//!
//! Each link has its bounds; this is for what they come to in all, and for what
//! nobody thought of. Links that are there stay, and this node calls others as
//! before: what it asks for itself it can stop asking for.

use std::time::{Duration, Instant};

use thiserror::Error;

/// It is looked at no more often than this.
const LOOKS: Duration = Duration::from_millis(250);

/// Too much is used.
#[derive(Debug, Error)]
#[error("{used} bytes of memory are used here, where {max} may be: try again later")]
pub(super) struct Full {
    used: u64,
    max: u64,
}

/// Refuses who comes while too much is used.
pub(super) struct Gate {
    max: Option<u64>,
    used: fn() -> Option<u64>,
    /// What was used when it was looked at last.
    looked: Option<(Instant, u64)>,
    refuses: bool,
}

impl Gate {
    /// At most `max` bytes of what `used` tells; without either there is no bound.
    pub(super) fn new(max: Option<u64>, used: fn() -> Option<u64>) -> Self {
        Self { max, used, looked: None, refuses: false }
    }

    /// Whether somebody new is let in.
    pub(super) fn look(&mut self, now: Instant) -> Result<(), Full> {
        let Some(max) = self.max else { return Ok(()) };
        let fresh = self.looked.filter(|(at, _)| now.saturating_duration_since(*at) < LOOKS);
        let used = match fresh {
            Some((_, used)) => used,
            None => (self.used)().unwrap_or(0),
        };
        if fresh.is_none() {
            self.looked = Some((now, used));
        }
        if self.refuses != (used > max) {
            self.refuses = used > max;
            if self.refuses {
                tracing::warn!(used, max, "too much memory is used: no other node is let in");
            } else {
                tracing::info!(used, max, "other nodes are let in again");
            }
        }
        if self.refuses { Err(Full { used, max }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_is_refused_while_too_much_is_used_and_let_in_again() {
        let now = Instant::now();
        let mut memory = Gate::new(Some(100), || Some(101));
        let refused = memory.look(now).map_err(|full| full.to_string());
        let words = "101 bytes of memory are used here, where 100 may be: try again later";
        assert_eq!(refused, Err(words.to_owned()));
        memory.used = || Some(100);
        assert!(memory.look(now + LOOKS / 2).is_err(), "looked at a moment ago");
        assert!(memory.look(now + LOOKS).is_ok());
        memory.used = || None;
        assert!(memory.look(now + 2 * LOOKS).is_ok(), "the system does not tell");
        assert!(Gate::new(None, || Some(u64::MAX)).look(now).is_ok());
    }
}
