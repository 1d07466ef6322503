//! What waits for approvals, and approving it.

use tern_crdt::authority::Authority;
use tern_crdt::identity::{OrgId, RecordId};
use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{LookAlike, Proposals, Waiting};

use super::super::vocabulary::choice;
use super::super::{seconds, sentence};
use super::{changed, linked, root_is_wrapped, speaks};
use crate::accounts::{Account, failed};
use crate::governing::{self, Pending, grouped, of_federation, of_key};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// Why an organisation is given new keys that asked for them at this node: the
/// page has asked whether that was done.
const ASKED_HERE: &str = "It asked for new keys at our node, and we compared their fingerprint with somebody we know there.";

fn waiting(authority: &Authority, pending: Pending, lang: &str) -> Waiting {
    let number = pending.charter.as_ref().map_or(0, |(charter, _)| charter.n);
    let country = pending.profile.as_ref().and_then(|profile| profile.country.clone());
    let alike = |alike: governing::Alike| LookAlike {
        org: linked(&[alike.org]).swap_remove(0),
        like: alike.likeness.code().into(),
        same_country: alike.same_country,
    };
    Waiting {
        number,
        kind: pending.kind.code().into(),
        about: pending.about.map(|org| linked(&[org]).swap_remove(0)).unwrap_or_default(),
        country: country.map(|code| choice(Vocabulary::Countries, &code, lang).label),
        fingerprint: pending.root.as_ref().map(|root| grouped(&of_key(root))),
        reason: pending.reason,
        changes: changed(authority, pending.charter.map(|(_, c)| c).unwrap_or_default()),
        approved: linked(&pending.approved),
        missing: linked(&pending.missing),
        needed: pending.needed as u32,
        to_agree: linked(&pending.to_agree),
        recall: pending.recall.map(|(approved, needed)| (approved as u32, needed as u32)),
        approved_here: pending.approved_here,
        blocked: pending.blocked.map(|blocked| sentence(&blocked)),
        since: pending.since.map(seconds),
        invited_here: pending.invited_here,
        returns: pending.returns,
        alike: pending.alike.into_iter().map(alike).collect(),
        neighbours: linked(&pending.neighbours),
        id: pending.id,
    }
}

pub(super) async fn proposals(
    node: &Node,
    account: &Account,
    lang: &str,
) -> Result<Proposals, OpError> {
    let (account, lang) = (account.clone(), lang.to_owned());
    let waits = governing::with_likeness(node).await?;
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        let mut items: Vec<Waiting> =
            waits.into_iter().map(|pending| waiting(authority, pending, &lang)).collect();
        items.sort_by_key(|one| !one.is_for_us());
        Proposals {
            items,
            fingerprint: grouped(&of_federation(&authority.federation())),
            may_approve: speaks(replica, &account),
            passphrase: false,
        }
    };
    let found = node.handle().read(look).await?;
    Ok(Proposals { passphrase: root_is_wrapped(node).await?, ..found })
}

pub(super) async fn approve(
    node: &Node,
    account: &Account,
    id: &str,
    passphrase: Option<Passphrase>,
) -> Result<(), OpError> {
    if let Ok(org) = id.parse::<OrgId>() {
        return node.approve(account, Some(org), passphrase).await.map(drop);
    }
    let id: RecordId = id
        .parse()
        .map_err(|_| OpError::new(ErrorCode::NotFound, "there is no proposal of this id"))?;
    let asked = move |replica: &NodeReplica| {
        let asked = replica.library().recovering().map_err(failed)?;
        Ok::<_, OpError>(asked.into_iter().find(|asked| asked.id == id))
    };
    if let Some(asked) = node.handle().read(asked).await?? {
        let reason = Some(ASKED_HERE.to_owned());
        return node.propose_rekey(account, asked.asks, reason, passphrase).await.map(drop);
    }
    node.approve_proposal(account, id, passphrase).await
}
