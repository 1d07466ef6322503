//! A root key that comes with one operation and goes with it.
//!
//! A root key that lives in a key file is read by the command, not by the
//! node. What the command sends along is in reach of that operation, however
//! deep in it somebody asks for the root key, and of no other that runs at the
//! same time; nothing stores it.

use tern_crdt::identity::SecretKey;

tokio::task_local! {
    static LENT: Option<SecretKey>;
}

/// Runs an operation with what came along.
pub(crate) fn with<F: Future>(key: Option<SecretKey>, run: F) -> impl Future<Output = F::Output> {
    LENT.scope(key, run)
}

/// The key that came with the operation under way, if one did.
pub(crate) fn key() -> Option<SecretKey> {
    LENT.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_lent_to_one_operation_and_no_other() {
        let lent = SecretKey::from_seed(&[1; 32]);
        let public = lent.public();
        let (one, other) = tokio::join!(
            with(Some(lent), async {
                tokio::task::yield_now().await;
                key().map(|key| key.public())
            }),
            with(None, async {
                tokio::task::yield_now().await;
                key().map(|key| key.public())
            }),
        );
        assert_eq!((one, other), (Some(public), None));
        assert!(key().is_none());
    }
}
