//! The charter, approvals, members and certificates, as the pages show them.

use std::sync::Arc;

use tern_crdt::authority::{Authority, Role};
use tern_crdt::identity::OrgId;
use tern_web_ui::service::{
    Amended, Answer, CharterBook, CharterChange, CharterCheck, CharterForm, Governing, MemberAct,
    OrgLink, OrganisationBook, Proposals, Reader, Refusal,
};

use super::experts::typed;
use super::{Site, acting, invalid, refusal};
use crate::accounts::Account;
use crate::governing::{self, Change};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::reading::OrgName;
use crate::running::Node;

mod approvals;
mod charter;
mod members;

pub(super) use members::member;

fn link(authority: &Authority, org: OrgId) -> OrgLink {
    OrgLink { id: org.to_string(), name: governing::called(authority, org) }
}

fn links(authority: &Authority, orgs: impl IntoIterator<Item = OrgId>) -> Vec<OrgLink> {
    orgs.into_iter().map(|org| link(authority, org)).collect()
}

fn linked(orgs: &[OrgName]) -> Vec<OrgLink> {
    let name = |org: &OrgName| match org.name.as_str() {
        "" => format!("{:?}", org.id),
        name => name.to_owned(),
    };
    orgs.iter().map(|org| OrgLink { id: org.id.to_string(), name: name(org) }).collect()
}

fn changed(authority: &Authority, changes: Vec<Change>) -> Vec<CharterChange> {
    let change = |change| match change {
        Change::Name { from, to } => CharterChange::Name { from, to },
        Change::Appoints(org) => CharterChange::Appoints(link(authority, org)),
        Change::Drops(org) => CharterChange::Drops(link(authority, org)),
        Change::Policy { code, from, to } => CharterChange::Policy { code, from, to },
        Change::Recall { from, to } => CharterChange::Recall { from, to },
    };
    changes.into_iter().map(change).collect()
}

fn speaks(replica: &NodeReplica, account: &Account) -> bool {
    account.certificate_for(replica.library().authority(), Role::Steward).is_ok()
}

/// Whether the root key of the node's organisation needs its passphrase.
pub(super) async fn root_is_wrapped(node: &Node) -> Result<bool, OpError> {
    let own = node.identity().org;
    let root = move |replica: &NodeReplica| {
        replica.library().authority().organisation(&own).and_then(|org| org.root)
    };
    match node.handle().read(root).await? {
        Some(root) => node.is_wrapped(root).await,
        None => Ok(false),
    }
}

/// A refusal that the page of an approval or of a form can show in its place.
fn shown(error: OpError) -> Refusal {
    match (error.code, error.field.as_deref()) {
        (ErrorCode::Conflict, Some("proposal" | "org" | "certificate")) => {
            Refusal::Conflict(super::sentence(&error.message))
        }
        (ErrorCode::NotAllowed, _) => Refusal::Forbidden(super::sentence(&error.message)),
        (ErrorCode::Unsupported, _) => Refusal::Unavailable(super::sentence(&error.message)),
        _ => refusal(error),
    }
}

fn opened(passphrase: Option<&str>) -> Result<Option<Passphrase>, Refusal> {
    typed(passphrase).map_err(|error| {
        invalid("passphrase", error.code.as_str(), &super::sentence(&error.message), None)
    })
}

impl Governing for Site {
    fn awaiting<'a>(&'a self, reader: &'a Reader) -> Answer<'a, u32> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            let waits = node.handle().read(governing::waiting_here).await;
            waits.map(|count| count as u32).map_err(|stopped| refusal(stopped.into()))
        })
    }

    fn charter<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterBook> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            charter::charter(node, &account).await.map_err(refusal)
        })
    }

    fn charter_form<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterForm> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            charter::charter_form(node, &account).await.map_err(refusal)
        })
    }

    fn check_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
    ) -> Answer<'a, CharterCheck> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            charter::check_charter(node, &account, amended).await.map_err(shown)
        })
    }

    fn propose_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = opened(passphrase)?;
            let amendment = charter::amendment(node, amended).await.map_err(shown)?;
            let proposed = node.propose_charter(&account, amendment, passphrase).await;
            proposed
                .map(|proposed| proposed.in_force)
                .map_err(|error| shown(charter::in_charter(error)))
        })
    }

    fn proposals<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Proposals> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            approvals::proposals(node, &account, &reader.lang).await.map_err(refusal)
        })
    }

    fn approve<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            approvals::approve(node, &account, id, opened(passphrase)?).await.map_err(shown)
        })
    }

    fn organisation<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, OrganisationBook> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            members::organisation(node, &account, id, &reader.lang).await.map_err(refusal)
        })
    }

    fn act_on_member<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: MemberAct,
        reason: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = opened(passphrase)?;
            members::act_on_member(node, &account, id, act, reason, passphrase).await.map_err(shown)
        })
    }

    fn revoke<'a>(
        &'a self,
        reader: &'a Reader,
        certificate: &'a str,
        reason: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, u64> {
        Box::pin(async move {
            let node: &Arc<Node> = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = opened(passphrase)?;
            members::revoke(node, &account, certificate, reason, passphrase).await.map_err(shown)
        })
    }

    fn data_policy<'a>(&'a self, _: &'a Reader) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let node = self.open()?;
            let look = |replica: &NodeReplica| {
                let charter = replica.library().authority().charter()?;
                charter.policies.as_ref()?.get("data-protection").cloned()
            };
            node.handle().read(look).await.map_err(|stopped| refusal(stopped.into()))
        })
    }
}
