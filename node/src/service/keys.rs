//! The recovery sheet, for the pages.

use tern_web_ui::service::{RecoverySheet, SheetStanding, SheetState};

use crate::accounts::Account;
use crate::keystore::Passphrase;
use crate::ops::OpError;
use crate::running::Node;
use crate::sheet;

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
