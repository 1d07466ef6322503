//! Files that nothing names any more.
//!
//! Once an hour the folder is looked through. A file that neither a practice
//! nor a draft of this node names is marked, and removed when it is still so
//! after [`GRACE`]: unless somebody pinned it, or this node knows of nobody
//! else who has it. What an erased practice named goes at once, wherever else
//! it may be: that is what erasing is for.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tern_crdt::practice::BlobHash;
use tern_crdt::timestamp::Timestamp;

use crate::driver::now;
use crate::ops::OpError;
use crate::running::Node;

/// A file that nothing names is kept for so long: 30 days, in milliseconds.
pub const GRACE: i64 = 30 * 24 * 3_600 * 1_000;
/// How often the folder is looked through.
const EVERY: Duration = Duration::from_secs(3_600);

/// What becomes of a file that is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Something names it, somebody pinned it, or nobody else is known to have
    /// it.
    Stays,
    /// It is marked from now on.
    Marked,
    /// It is removed.
    Goes,
}

/// Decides about one file.
pub fn fate(
    named: bool,
    pinned: bool,
    elsewhere: bool,
    marked: Option<Timestamp>,
    now: Timestamp,
) -> Fate {
    match marked {
        _ if named || pinned => Fate::Stays,
        None => Fate::Marked,
        // A clock that was set back waits anew.
        Some(marked) if now.since(marked) < 0 => Fate::Marked,
        Some(marked) if now.since(marked) > GRACE && elsewhere => Fate::Goes,
        Some(_) => Fate::Stays,
    }
}

impl Node {
    /// Looks the folder through once: how many files and bytes went.
    ///
    /// # Errors
    /// A draft or the folder cannot be read; then nothing goes.
    pub async fn tidy_files(self: &Arc<Self>) -> Result<(u64, u64), OpError> {
        if !self.blobs().named().is_complete() {
            return Ok((0, 0));
        }
        let of_drafts = self.files_of_drafts().await?;
        let blobs = self.blobs().clone();
        let tidied = tokio::task::spawn_blocking(move || {
            let (store, at, mut gone) = (blobs.store(), now(), (0, 0));
            for (hash, entry) in store.list()? {
                let named = !blobs.named().of(&hash).is_empty() || of_drafts.contains_key(&hash);
                let marked = store.marked(&hash);
                match fate(named, entry.pinned, store.is_elsewhere(&hash), marked, at) {
                    Fate::Stays if named && marked.is_some() => store.mark(&hash, None)?,
                    Fate::Stays => {}
                    Fate::Marked => store.mark(&hash, Some(at))?,
                    Fate::Goes => {
                        gone = (gone.0 + 1, gone.1 + store.remove(&hash)?);
                        tracing::info!(%hash, "a file that nothing names any more was removed");
                    }
                }
            }
            Ok::<_, OpError>(gone)
        });
        tidied.await.map_err(|_| crate::running::stopping())?
    }

    /// A practice is gone: what it named and nothing else does goes at once.
    pub(super) async fn withdraw_files(&self, unnamed: Vec<BlobHash>) {
        if unnamed.is_empty() {
            return;
        }
        let kept = match self.files_of_drafts().await {
            Ok(kept) => kept,
            Err(error) => {
                let error = error.for_log();
                return tracing::error!(
                    error,
                    "files of a practice that is gone stay until it is known what drafts name"
                );
            }
        };
        for hash in unnamed.into_iter().filter(|hash| !kept.contains_key(hash)) {
            if let Some(fetching) = self.blobs().fetching().remove(&hash) {
                fetching.stop();
            }
            let store = self.blobs().store().clone();
            let removed = tokio::task::spawn_blocking(move || store.remove(&hash)).await;
            if let Ok(Err(error)) = removed {
                tracing::error!(%hash, %error, "a file of a practice that is gone could not be removed");
            }
        }
    }
}

/// Looks the folder through now and then, for as long as there is a node.
pub(crate) async fn keep(node: Weak<Node>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = node.tidy_files().await {
            tracing::error!(error = error.for_log(), "files were not looked through");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_only_when_nothing_names_it_for_long_and_somebody_else_has_it() {
        let at = |millis: i64| Timestamp(1_000 + millis);
        let later = at(GRACE + 1);
        assert_eq!(fate(false, false, true, None, later), Fate::Marked);
        assert_eq!(fate(false, false, true, Some(at(0)), at(GRACE)), Fate::Stays);
        assert_eq!(fate(false, false, true, Some(at(0)), later), Fate::Goes);
        assert_eq!(fate(false, false, false, Some(at(0)), later), Fate::Stays, "the last copy");
        assert_eq!(fate(false, true, true, Some(at(0)), later), Fate::Stays, "it is pinned");
        assert_eq!(fate(true, false, true, Some(at(0)), later), Fate::Stays, "it is named");
        assert_eq!(fate(false, false, true, Some(later), at(0)), Fate::Marked, "clocks are wrong");
    }
}
