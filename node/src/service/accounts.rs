//! The accounts of the node, for whoever runs it, and the link by which a new
//! password is set.

use std::sync::Arc;

use serde_json::Value;
use tern_web_ui::service::{
    AccountEntry, AccountId, Departed, Kept, OneTimeLink, Refusal, Removal,
};

use super::experts::typed;
use super::people::{new_password, role, session};
use super::{refusal, seconds};
use crate::accounts::Account;
use crate::keystore::{AccountName, Passphrase};
use crate::operator::NodeOperator;
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};
use crate::running::Node;
use crate::sign_in::{LINK_TIME, LinkUse};

/// Sets a password by a one-time link, which is spent once it is set.
///
/// # Errors
/// A password that is too weak.
pub async fn set_password(
    node: &Arc<Node>,
    token: &str,
    password: &str,
) -> Result<Option<AccountId>, Refusal> {
    let Some(name) = node.links().look(token, LinkUse::NewPassword) else { return Ok(None) };
    let new = new_password(password, &name)?;
    if node.links().redeem(token, LinkUse::NewPassword).is_none() {
        // Somebody else was quicker.
        return Ok(None);
    }
    let Some(id) = session(node, name.clone()).await? else { return Ok(None) };
    let account: AccountName = name.parse().map_err(|error| refusal(OpError::from(error)))?;
    node.set_password(account, new).await?;
    Ok(Some(id))
}

/// Every account, the first one first.
///
/// # Errors
/// The account that asks is no operator's.
pub async fn list(node: &Arc<Node>, account: &Account) -> Result<Vec<AccountEntry>, OpError> {
    node.operates(account).await?;
    let own = account.name.clone();
    let entries = node.handle().read(move |replica| {
        let library = replica.library();
        let entry = |account: Account| {
            let roles = account.roles(library.authority()).into_iter().filter_map(role).collect();
            let display = account.shown_name(library);
            let own = account.name == own;
            AccountEntry { display, roles, own, name: account.name, password: false }
        };
        Account::all(library).map(|all| all.into_iter().map(entry).collect::<Vec<_>>())
    });
    let mut entries = entries.await??;
    let verifiers = node.verifiers();
    for entry in &mut entries {
        entry.password = verifiers.has(&entry.name.parse()?);
    }
    Ok(entries)
}

/// Takes a password away and makes a link to set a new one.
///
/// # Errors
/// The account that asks is no operator's; no such account.
pub async fn reset(
    node: &Arc<Node>,
    account: &Account,
    name: &str,
) -> Result<OneTimeLink, OpError> {
    refuse_own(account, name, "set a new password under Your account")?;
    let told = operate(node, account, Op::AccountReset { name: name.to_owned() }, None).await?;
    let link = told["link"].as_str().unwrap_or_default();
    let home = node.settings().home(node.http().unwrap_or_default());
    let path = link.strip_prefix(&home).unwrap_or(link).to_owned();
    let expires = seconds(crate::driver::now()) + LINK_TIME.as_secs() as i64;
    Ok(OneTimeLink { name: name.to_owned(), path, expires })
}

/// Removes the account of a person who left.
///
/// # Errors
/// As [`Op::AccountRemove`].
pub async fn remove(
    node: &Arc<Node>,
    account: &Account,
    name: &str,
    removal: Removal<'_>,
) -> Result<Departed, OpError> {
    refuse_own(account, name, "another operator has to remove it")?;
    let op = Op::AccountRemove {
        name: name.to_owned(),
        to: removal.to.map(str::to_owned),
        keep_certificate: removal.keep_certificate,
    };
    let passphrase = typed(removal.passphrase)?;
    let told = operate(node, account, op, passphrase).await.map_err(|error| {
        let unnamed = removal.to.is_none() && error.field.as_deref() == Some("to");
        let message = "this person leaves drafts or open requests: choose who goes on with them";
        if unnamed { OpError { message: message.into(), ..error } } else { error }
    })?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let count = |list: &Value| list.as_array().map_or(0, |list| list.len() as u32);
    let kept = told["kept"].as_array().into_iter().flatten().map(|kept| Kept {
        what: text(&kept["what"]).unwrap_or_default(),
        id: text(&kept["id"]),
        reason: text(&kept["reason"]).unwrap_or_default(),
    });
    Ok(Departed {
        name: name.to_owned(),
        to: text(&told["to"]),
        drafts: count(&told["moved"]["drafts"]),
        requests: count(&told["moved"]["requests"]),
        declined: count(&told["declined"]),
        revoked: count(&told["revoked"]),
        stands: told["stands"].as_u64().unwrap_or(0),
        kept: kept.collect(),
    })
}

/// The page would be gone with the session before it is shown.
fn refuse_own(account: &Account, name: &str, instead: &str) -> Result<(), OpError> {
    if account.name == name {
        let what = format!("this is your own account: {instead}");
        return Err(OpError::new(ErrorCode::Conflict, what));
    }
    Ok(())
}

async fn operate(
    node: &Arc<Node>,
    account: &Account,
    op: Op,
    passphrase: Option<Passphrase>,
) -> Result<Value, OpError> {
    // The node's own commands hold the folder; a session has to be an operator's.
    node.operates(account).await?;
    let caller = Caller { account: Some(account.name.clone()), passphrase, ..Caller::default() };
    NodeOperator(Arc::clone(node)).run(caller, op).await
}
