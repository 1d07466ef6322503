//! Until when the node has the next root key: until a person says that the
//! sheet is kept.

use tern_crdt::authority::commitment;
use tern_crdt::identity::{PublicKey, SecretKey};

use super::Sheet;
use crate::driver::now;
use crate::keystore::{Entry, Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::rotation::{RootKeys, root_keys};
use crate::running::Node;

/// Where the next root key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SheetState {
    /// On this node still: nobody said that the sheet is kept.
    ToTake,
    /// On the recovery sheet alone.
    Kept,
    /// The organisation committed to none.
    Without,
}

impl SheetState {
    /// Its word in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ToTake => "to-take",
            Self::Kept => "kept",
            Self::Without => "none",
        }
    }
}

/// Where the next root key is, as the keys that are here and the log say.
pub fn sheet_state(committed: Option<&RootKeys>, held: &[Entry]) -> SheetState {
    match (next_of(committed, held), committed) {
        (Some(_), _) => SheetState::ToTake,
        (None, Some(keys)) if keys.next.is_none() => SheetState::Without,
        (None, _) => SheetState::Kept,
    }
}

/// Of the next keys that are kept, the one to which the organisation
/// committed. Before it is a member nothing tells, and there is one.
fn next_of<'e>(committed: Option<&RootKeys>, held: &'e [Entry]) -> Option<&'e Entry> {
    let mut held = held.iter().filter(|key| key.purpose == Purpose::NextRoot);
    match committed {
        None => held.next(),
        Some(keys) => held.find(|entry| keys.next == Some(commitment(&entry.public))),
    }
}

impl Node {
    /// The next root key, while it is in the keystore.
    ///
    /// # Errors
    /// The keystore's.
    pub async fn next_root(&self) -> Result<Option<Entry>, OpError> {
        let committed = self.handle().read(root_keys).await?;
        Ok(next_of(committed.as_ref(), &self.keys().await?).cloned())
    }

    /// Where the next root key is.
    ///
    /// # Errors
    /// The keystore's.
    pub async fn sheet_state(&self) -> Result<SheetState, OpError> {
        let committed = self.handle().read(root_keys).await?;
        Ok(sheet_state(committed.as_ref(), &self.keys().await?))
    }

    /// What stands on the recovery sheet.
    ///
    /// # Errors
    /// The next key is not here any more, or is locked.
    pub async fn sheet(&self, passphrase: Option<Passphrase>) -> Result<Sheet, OpError> {
        let entry = self.next_root().await?.ok_or_else(no_sheet)?;
        let key: SecretKey = self.unlock(Purpose::NextRoot, entry.public, passphrase).await?;
        let named = self.handle().read(|replica| {
            let authority = replica.library().authority();
            authority.charter().map(|charter| charter.name.clone())
        });
        Ok(Sheet {
            organisation: entry.owner,
            org: self.identity().org.to_string(),
            federation: named.await?,
            date: crate::moment::rfc3339(now()).chars().take(10).collect(),
            public: entry.public,
            words: Sheet::words_of(&key),
        })
    }

    /// The sheet is kept: the next key is removed from this node.
    ///
    /// # Errors
    /// It is not here any more.
    pub async fn sheet_is_kept(&self) -> Result<PublicKey, OpError> {
        let entry = self.next_root().await?.ok_or_else(no_sheet)?;
        self.keystore().discard(Purpose::NextRoot, entry.public)?;
        Ok(entry.public)
    }
}

fn no_sheet() -> OpError {
    let what = "the next root key is not on this node: its words are on the recovery sheet alone, or there is none yet; `tern key rotate` makes new keys, and with them a new sheet";
    OpError::new(ErrorCode::Conflict, what)
}
