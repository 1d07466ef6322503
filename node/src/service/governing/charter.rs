//! The charter, and the next one.

use tern_crdt::authority::{Authority, Charter, Policies, Role, Standing as Belongs};
use tern_crdt::identity::{OrgId, RecordId};
use tern_web_ui::service::{
    Amended, CharterBook, CharterCheck, CharterForm, CharterVersion, Policy,
};

use super::{changed, links, root_is_wrapped, speaks};
use crate::accounts::Account;
use crate::governing::{self, Amendment, Change, grouped, of_federation};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

fn policies(policies: Option<&Policies>) -> Vec<Policy> {
    let policies = policies.into_iter().flatten();
    policies.map(|(code, text)| Policy { code: code.clone(), text: text.clone() }).collect()
}

fn version(
    authority: &Authority,
    id: RecordId,
    charter: &Charter,
    signed: Vec<OrgId>,
    changes: Vec<Change>,
) -> CharterVersion {
    CharterVersion {
        id: id.to_string(),
        number: charter.n,
        name: charter.name.clone(),
        stewards: links(authority, charter.stewards.iter().copied()),
        majority: charter.majority() as u32,
        recall: charter.recall,
        policies: policies(charter.policies.as_ref()),
        signed: links(authority, signed),
        changes: changed(authority, changes),
    }
}

pub(super) async fn charter(node: &Node, account: &Account) -> Result<CharterBook, OpError> {
    let account = account.clone();
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        let mut versions: Vec<CharterVersion> = governing::versions(authority)
            .into_iter()
            .map(|v| version(authority, v.id, &v.charter, v.signed, v.changes))
            .collect();
        versions.reverse();
        let members = authority.organisations().filter(|(_, _, s)| *s == Belongs::Member).count();
        let waits = governing::pending(replica);
        let proposed = waits.iter().filter(|p| p.kind == governing::Kind::Charter).count();
        CharterBook {
            fingerprint: grouped(&of_federation(&authority.federation())),
            versions,
            proposed: proposed as u32,
            members: members as u32,
            may_propose: speaks(replica, &account),
        }
    };
    let book = node.handle().read(look).await?;
    match book.versions.is_empty() {
        true => Err(OpError::new(ErrorCode::NotFound, "no charter is held here yet")),
        false => Ok(book),
    }
}

pub(super) async fn charter_form(node: &Node, account: &Account) -> Result<CharterForm, OpError> {
    let account = account.clone();
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        account.certificate_for(authority, Role::Steward)?;
        let (id, now) = authority
            .charters()
            .last()
            .ok_or_else(|| OpError::new(ErrorCode::NotFound, "no charter is held here yet"))?;
        let members = authority.organisations().filter(|(_, _, s)| *s == Belongs::Member);
        Ok::<_, OpError>(CharterForm {
            number: now.n + 1,
            now: version(authority, id, now, Vec::new(), Vec::new()),
            members: links(authority, members.map(|(org, ..)| org)),
            codes: governing::known_policies().map(str::to_owned).collect(),
            passphrase: false,
        })
    };
    let form = node.handle().read(look).await??;
    Ok(CharterForm { passphrase: root_is_wrapped(node).await?, ..form })
}

/// What differs between the charter in force and what was typed.
pub(super) async fn amendment(node: &Node, amended: &Amended) -> Result<Amendment, OpError> {
    let stewards: Result<Vec<OrgId>, _> = amended.stewards.iter().map(|id| id.parse()).collect();
    let stewards = stewards.map_err(|_| {
        OpError::new(ErrorCode::Invalid, "one of these is no organisation").in_field("steward")
    })?;
    let now = node.handle().read(|replica| replica.library().authority().charter().cloned());
    let now = now
        .await?
        .ok_or_else(|| OpError::new(ErrorCode::NotFound, "no charter is held here yet"))?;
    let standing = now.policies.unwrap_or_default();
    let mut found = Amendment {
        name: Some(amended.name.clone()),
        // In another order it would be another charter of the same stewards.
        stewards: (!same(&stewards, &now.stewards)).then_some(stewards),
        ..Amendment::default()
    };
    for Policy { code, text } in &amended.policies {
        let text = text.replace("\r\n", "\n");
        match (text.trim().is_empty(), standing.get(code)) {
            (true, None) if !code.is_empty() => {}
            (true, _) => {
                found.without.insert(code.clone());
            }
            (false, Some(before)) if *before == text.trim() => {}
            (false, _) => {
                found.policies.insert(code.clone(), text);
            }
        }
    }
    Ok(found)
}

pub(super) fn same(a: &[OrgId], b: &[OrgId]) -> bool {
    a.len() == b.len() && a.iter().all(|org| b.contains(org))
}

pub(super) async fn check_charter(
    node: &Node,
    account: &Account,
    amended: &Amended,
) -> Result<CharterCheck, OpError> {
    let amendment = amendment(node, amended).await?;
    let next = node.charter_draft(account, amendment).await.map_err(in_charter)?;
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        let changes = authority.charter().map(|now| governing::changes(now, &next));
        CharterCheck {
            number: next.n,
            changes: changed(authority, changes.unwrap_or_default()),
            passphrase: false,
        }
    };
    let check = node.handle().read(look).await?;
    Ok(CharterCheck { passphrase: root_is_wrapped(node).await?, ..check })
}

/// What concerns the form as a whole stands at its head.
pub(super) fn in_charter(error: OpError) -> OpError {
    match (error.code, &error.field) {
        (ErrorCode::Invalid | ErrorCode::Conflict, None) => error.in_field("charter"),
        _ => error,
    }
}
