//! The root key and the recovery sheet, for the pages.

use tern_web_ui::service::{RecoverySheet, RootKey, SheetStanding, SheetState};

use crate::accounts::Account;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::OpError;
use crate::rotation::root_keys;
use crate::running::Node;
use crate::sheet;

/// Where the root key is. One that conflicts with another is nowhere to be
/// found either, but what needs it says so itself.
///
/// # Errors
/// The account that asks is no operator's.
pub async fn root(node: &Node, account: &Account) -> Result<RootKey, OpError> {
    node.operates(account).await?;
    let keys = node.handle().read(root_keys).await?;
    let Some(root) = keys.and_then(|keys| keys.root) else { return Ok(RootKey::Plain) };
    let held = node.keys().await?;
    let held = held.iter().find(|key| key.purpose == Purpose::Root && key.public == root);
    Ok(match held {
        Some(key) if key.wrapped => RootKey::Wrapped,
        Some(_) => RootKey::Plain,
        None => RootKey::Away,
    })
}

/// Where the sheet is.
///
/// # Errors
/// The account that asks is no operator's.
pub async fn standing(node: &Node, account: &Account) -> Result<SheetStanding, OpError> {
    node.operates(account).await?;
    let state = match node.sheet_state().await? {
        sheet::SheetState::ToTake => SheetState::ToTake,
        sheet::SheetState::Kept => SheetState::Kept,
        sheet::SheetState::Without => SheetState::Without,
    };
    let locked = node.next_root().await?.is_some_and(|entry| entry.wrapped);
    Ok(SheetStanding { state, locked })
}

/// What stands on it.
///
/// # Errors
/// The account that asks is no operator's; the key is not here, or is locked.
pub async fn sheet(
    node: &Node,
    account: &Account,
    passphrase: Option<Passphrase>,
) -> Result<RecoverySheet, OpError> {
    node.operates(account).await?;
    let sheet = node.sheet(passphrase).await?;
    Ok(RecoverySheet {
        fingerprint: sheet.fingerprint(),
        words: sheet.words.iter().map(|word| word.to_string()).collect(),
        organisation: sheet.organisation,
        org: sheet.org,
        federation: sheet.federation,
        date: sheet.date,
    })
}

/// It is kept: the node forgets the words.
///
/// # Errors
/// The account that asks is no operator's; they are forgotten already.
pub async fn keep(node: &Node, account: &Account) -> Result<(), OpError> {
    node.operates(account).await?;
    node.sheet_is_kept().await.map(drop)
}
