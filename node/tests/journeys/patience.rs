//! Waiting until something is so.

use std::thread;
use std::time::{Duration, Instant};

/// How long a process of this machine may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look.
const AGAIN: Duration = Duration::from_millis(10);

/// Looks until there is an answer, and returns it with how long that took.
pub fn until<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> (T, Duration) {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return (found, begun.elapsed());
        }
        assert!(begun.elapsed() < patience, "within {patience:?} it was not so that {what}");
        thread::sleep(AGAIN);
    }
}
