//! Accounts in real life: a forgotten password, lost keys, a person who leaves.

use serde_json::{Value, json};
use tern_crdt::authority::Standing;
use tern_crdt::identity::CertificateId;

use super::{Acting, moment};
use crate::accounts::Account;
use crate::departure::{Departed, Leaving};
use crate::governing;
use crate::ops::{ErrorCode, OpError};
use crate::rekey::Rekeyed;
use crate::requests::Seen;
use crate::sign_in::{LINK_TIME, LinkUse};

impl Acting<'_> {
    pub(super) async fn reset_account(self, name: String) -> Result<Value, OpError> {
        self.may_let_people_in().await?;
        let account = self.account_of(name).await?;
        // A link that nobody can open must not cost the old password.
        self.http()?;
        self.node.close_the_door(&account).await?;
        self.link_for(&account, LinkUse::NewPassword)
    }

    pub(super) async fn link(self, name: Option<String>) -> Result<Value, OpError> {
        let account = match name.or_else(|| self.caller.account.clone()) {
            Some(name) => self.account_of(name).await?,
            None => self.account().await?,
        };
        self.link_for(&account, LinkUse::SignIn)
    }

    fn link_for(&self, account: &Account, purpose: LinkUse) -> Result<Value, OpError> {
        let http = self.http()?;
        let token = self.node.links().make(&account.name, purpose)?;
        let expires = crate::driver::now().plus(LINK_TIME.as_millis() as i64);
        let link = format!("{}{}", self.node.settings().home(http), purpose.path(&token));
        Ok(json!({ "name": account.name, "link": link, "expires": moment(expires) }))
    }

    fn http(&self) -> Result<&str, OpError> {
        self.node.http().ok_or_else(|| {
            let what = "a sign-in link works on a running node only: start it with `tern serve`";
            OpError::new(ErrorCode::Conflict, what)
        })
    }

    pub(super) async fn rekey_account(self, name: String) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let (acting, account) = (self.account().await?, self.account_of(name).await?);
        let (root, new) = (self.caller.passphrase.clone(), self.caller.new_passphrase.clone());
        let rekeyed = self.node.rekey(&acting, &account, root, new).await?;
        let mut told = rekeyed_json(&rekeyed);
        told["wrapped"] = json!(self.node.is_wrapped(rekeyed.account.sign).await?);
        Ok(told)
    }

    pub(super) async fn remove_account(
        self,
        name: String,
        to: Option<String>,
        keep_certificates: bool,
    ) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let (acting, leaving) = (self.account().await?, self.account_of(name).await?);
        let successor = match to {
            Some(to) => Some(self.account_of(to).await.map_err(|error| error.in_field("to"))?),
            None => None,
        };
        let asked = Leaving {
            successor: successor.as_ref(),
            keep_certificates,
            passphrase: self.caller.passphrase.clone(),
            theirs: self.caller.new_passphrase.clone(),
        };
        let departed = self.node.depart(&acting, &leaving, asked).await?;
        Ok(departed_json(&leaving, successor.as_ref(), &departed))
    }

    pub(super) async fn account_of(&self, name: String) -> Result<Account, OpError> {
        let find = move |replica: &crate::handle::NodeReplica| {
            Account::find(replica.library(), Some(&name))
        };
        let found = self.node.handle().read(find).await?;
        found.map_err(|error| error.in_field("name"))
    }

    /// As [`may_manage_people`](Self::may_manage_people); before the
    /// organisation is a member nobody has a role, and whoever holds the
    /// folder lets people in.
    pub(super) async fn may_let_people_in(&self) -> Result<(), OpError> {
        let org = self.node.identity().org;
        let standing = self
            .node
            .handle()
            .read(move |replica| replica.library().authority().standing(&org))
            .await?;
        match standing {
            Some(Standing::Member) => self.may_manage_people().await,
            _ => Ok(()),
        }
    }

    /// Accounts and roles are the operator's, for an organisation that the
    /// operator's person belongs to. Where the last operator's certificate
    /// ended, it is whoever holds the folder, and what is granted needs the
    /// root key.
    pub(super) async fn may_manage_people(&self) -> Result<(), OpError> {
        let org = self.node.identity().org;
        let operates = self.node.operates(&self.account().await?).await;
        match operates {
            Err(refused) if refused.code == ErrorCode::NotAllowed => {
                let look = move |replica: &crate::handle::NodeReplica| {
                    governing::has_operator(replica, &org)
                        || replica.library().authority().standing(&org) != Some(Standing::Member)
                };
                if self.node.handle().read(look).await? { Err(refused) } else { Ok(()) }
            }
            other => other,
        }
    }
}

fn texts(ids: &[CertificateId]) -> Vec<String> {
    ids.iter().map(CertificateId::to_string).collect()
}

fn rekeyed_json(rekeyed: &Rekeyed) -> Value {
    let request = |seen: &Seen| {
        json!({
            "id": seen.id().to_string(), "state": seen.case.state.code(),
            "side": if seen.asks { "asker" } else { "asked" },
            "may": seen.doings().map(|doing| doing.code()).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": rekeyed.account.name, "id": rekeyed.certificate.map(|id| id.to_string()),
        "new": rekeyed.new, "before": texts(&rekeyed.before), "card": rekeyed.card,
        "cards_before": texts(&rekeyed.cards_before),
        "requests": rekeyed.requests.iter().map(request).collect::<Vec<_>>(),
    })
}

fn departed_json(leaving: &Account, to: Option<&Account>, departed: &Departed) -> Value {
    let ids = |ids: Vec<String>| json!(ids);
    let kept: Vec<Value> = departed
        .kept
        .iter()
        .map(|kept| json!({ "what": kept.what, "id": kept.id, "reason": kept.reason }))
        .collect();
    json!({
        "name": leaving.name, "to": to.map(|to| to.name.clone()),
        "moved": {
            "drafts": ids(departed.drafts.iter().map(ToString::to_string).collect()),
            "requests": ids(departed.requests.iter().map(ToString::to_string).collect()),
        },
        "declined": ids(departed.declined.iter().map(ToString::to_string).collect()),
        "revoked": texts(&departed.revoked), "stands": departed.stands,
        "kept": kept,
    })
}
