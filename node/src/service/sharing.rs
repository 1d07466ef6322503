//! Who sees a draft, as the pages show it.

use std::collections::BTreeSet;

use tern_crdt::authority::Standing;
use tern_crdt::identity::{DraftId, OrgId};
use tern_web_ui::service::{CoWriter, Phrase, Seer, Share, Sharing};

use super::experts::typed;
use super::seconds;
use super::writing::find;
use crate::accounts::Account;
use crate::drafts::Opened;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::org_name;
use crate::running::Node;
use crate::sharing::letters::reach_of;

/// Who sees a draft, and who could.
///
/// # Errors
/// There is no such draft.
pub async fn sharing(node: &Node, id: &str) -> Result<Sharing, OpError> {
    let Opened { stored, .. } = find(node, id).await?;
    let (shared, draft) = (stored.shared, stored.id);
    let (org, meta, unsigned) = (node.identity().org, stored.meta, stored.changes.len());
    let reached = node.handle().read(move |replica| reached(replica, &draft)).await??;
    let owner = shared.as_ref().map_or(org, |shared| shared.owner);
    let sees: BTreeSet<OrgId> =
        shared.iter().flat_map(|shared| shared.circle.orgs.iter().copied()).collect();
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        let member = |id: &OrgId| authority.standing(id) == Some(Standing::Member);
        let others = authority.organisations().map(|(id, ..)| id);
        let others = others.filter(|id| *id != owner && (member(id) || sees.contains(id)));
        let mut members: Vec<Seer> = others
            .map(|id| Seer {
                id: id.to_string(),
                name: org_name(authority, id).name,
                sees: sees.contains(&id),
            })
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        (org_name(authority, owner).name, members)
    };
    let (owner_name, members) = node.handle().read(look).await?;
    Ok(Sharing {
        title: Phrase { text: meta.title, lang: meta.lang },
        owner: owner_name,
        own: owner == org,
        members,
        shared: shared.is_some(),
        out: shared.is_some_and(|shared| shared.owner != org && !shared.circle.sees(&org)),
        unsigned,
        reached,
    })
}

/// How the others are reached that see a draft.
///
/// # Errors
/// The store's.
pub fn reached(replica: &NodeReplica, draft: &DraftId) -> Result<Vec<CoWriter>, OpError> {
    let library = replica.library();
    let Some((owner, circle)) = library.draft_circle(draft) else { return Ok(Vec::new()) };
    let own = replica.org();
    let sees = owner == own || circle.sees(&own);
    let all = std::iter::once(owner).chain(circle.orgs.iter().copied());
    let others = all.filter(|org| *org != own && sees);
    let told = others.map(|org| {
        let reach = reach_of(replica, &org)?;
        Ok(CoWriter {
            name: org_name(library.authority(), org).name,
            linked: reach.linked,
            heard: reach.heard.map(seconds),
            sent: reach.sent.map(seconds),
        })
    });
    told.collect()
}

/// Says who sees a draft, if this organisation began it, and sends what the
/// account wrote.
///
/// # Errors
/// As of [`Node::share_draft`].
pub async fn share(node: &Node, account: &Account, id: &str, share: &Share) -> Result<(), OpError> {
    let Opened { stored, .. } = find(node, id).await?;
    let own = stored.shared.as_ref().is_none_or(|shared| shared.owner == node.identity().org);
    let sees: BTreeSet<OrgId> =
        stored.shared.iter().flat_map(|shared| shared.circle.orgs.iter().copied()).collect();
    let asked = share.orgs.iter().map(|org| {
        org.parse::<OrgId>()
            .map_err(|_| OpError::new(ErrorCode::Invalid, "is no organisation").in_field("orgs"))
    });
    let asked: BTreeSet<OrgId> = asked.collect::<Result<_, _>>()?;
    let (show, hide) =
        if own { (&asked - &sees, &sees - &asked) } else { (BTreeSet::new(), BTreeSet::new()) };
    if stored.shared.is_none() && show.is_empty() {
        let what = "choose an organisation that is to see this draft";
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("orgs"));
    }
    let passphrase = typed(share.passphrase.as_deref())?;
    node.share_draft(account, stored.id, &show, &hide, passphrase).await.map(drop)
}
