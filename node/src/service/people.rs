//! Accounts, as the pages show and change them.

use std::sync::Arc;

use tern_crdt::authority::Role as Granted;
use tern_protocol::step::Command;
use tern_web_ui::service::{Account, AccountChange, AccountId, Refusal, Role};

use super::{invalid, refusal};
use crate::accounts::Account as LocalAccount;
use crate::keystore::{AccountName, Passphrase};
use crate::ops::OpError;
use crate::reading::org_name;
use crate::running::Node;

pub(super) fn role(role: Granted) -> Option<Role> {
    Some(match role {
        Granted::Contributor => Role::Contributor,
        Granted::Publisher => Role::Publisher,
        Granted::Reviewer => Role::Reviewer,
        Granted::FocalPoint => Role::FocalPoint,
        Granted::Expert => Role::Expert,
        Granted::Moderator => Role::Moderator,
        Granted::Operator => Role::Operator,
        Granted::Steward => Role::Steward,
        Granted::Node => return None,
    })
}

/// The account whose name and password these are. An impossible name or
/// password takes as long as a wrong one.
///
/// # Errors
/// Too little memory to find out.
pub async fn sign_in(
    node: &Arc<Node>,
    name: &str,
    password: &str,
) -> Result<Option<AccountId>, OpError> {
    let nobody = || "nobody".parse::<AccountName>();
    let account = name.parse::<AccountName>();
    let possible = account.is_ok() && Passphrase::new(password).is_ok();
    let password = Passphrase::new(password).or_else(|_| Passphrase::new("-"))?;
    let account = account.or_else(|_| nobody())?;
    let fits = node.password_fits(account, password).await?;
    if possible && fits { session(node, name.to_owned()).await } else { Ok(None) }
}

/// What a session holds of the account of this name, if it is there.
///
/// # Errors
/// The store's.
pub async fn session(node: &Node, name: String) -> Result<Option<AccountId>, OpError> {
    let accounts = node.handle().read(|replica| LocalAccount::all(replica.library())).await??;
    let found = accounts.into_iter().find(|account| account.name == name);
    Ok(found.map(|account| AccountId(account.session())))
}

/// The account, unless it was removed meanwhile.
///
/// # Errors
/// The store's.
pub async fn account(node: &Node, id: &AccountId) -> Result<Option<Account>, OpError> {
    let (session, shown) = (id.0.clone(), id.clone());
    let found = node
        .handle()
        .read(move |replica| {
            let library = replica.library();
            let account = LocalAccount::of_session(library, &session).ok()??;
            let authority = library.authority();
            let roles = account.roles(authority).into_iter().filter_map(role).collect();
            let certificates = account.certificates(authority);
            let page = Account {
                named: certificates.iter().any(|id| library.name(id).is_some()),
                id: shown,
                name: account.name.clone(),
                display: account.shown_name(library),
                organisation: org_name(authority, replica.org()).name,
                roles,
                lang: account.lang_chosen.then(|| account.lang.clone()),
                password: false,
                passphrase: false,
            };
            Some((account, page))
        })
        .await?;
    let Some((account, mut page)) = found else { return Ok(None) };
    page.password = node.verifiers().has(&account.account_name()?);
    page.passphrase = node.is_wrapped(account.sign).await?;
    Ok(Some(page))
}

/// Changes the signed-in person's own account.
pub async fn change(
    node: &Arc<Node>,
    mut account: LocalAccount,
    change: &AccountChange,
) -> Result<(), Refusal> {
    if let Some(password) = &change.password {
        let name = account.account_name()?;
        let new = new_password(&password.new, &account.name)?;
        if node.verifiers().has(&name) {
            let current = Passphrase::new(&password.current)
                .map_err(|_| invalid("current", "wrong", "Enter your present password.", None))?;
            if !node.password_fits(name.clone(), current).await? {
                let message = "This is not your present password.";
                return Err(invalid("current", "wrong", message, None));
            }
        }
        node.set_password(name, new).await?;
    }
    if let Some(display) = &change.display {
        node.give_name(&account, display, None).await?;
    }
    if let Some(lang) = &change.lang {
        account.lang_chosen = !lang.is_empty();
        if account.lang_chosen {
            account.lang.clone_from(lang);
        }
        let keep = Command::Write { pieces: Vec::new(), private: vec![account.keep()] };
        node.handle().command(keep).await.map_err(|failed| refusal(failed.into()))?;
    }
    Ok(())
}

/// A password of 12 to 128 characters that is not the account's name.
pub fn new_password(text: &str, account: &str) -> Result<Passphrase, Refusal> {
    let wrong = |message: &str| invalid("password", "weak", message, Some(12));
    if !(12..=128).contains(&text.chars().count()) {
        return Err(wrong("Choose a password of 12 to 128 characters."));
    }
    if text.contains(account) && text.chars().count() < account.chars().count() + 8 {
        return Err(wrong("Choose a password that is not made of your account's name."));
    }
    Passphrase::new(text).map_err(|error| wrong(&error.to_string()))
}
