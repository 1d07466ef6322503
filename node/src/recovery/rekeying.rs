//! The stewards' side: a rekeying is proposed and approved.

use tern_crdt::authority::{Proposal, Recovery, Rekey, Role};
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Statement;

use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// What a steward is shown of a request.
#[derive(Clone, Debug)]
pub struct RekeyLook {
    /// The organisation's name.
    pub name: String,
    /// What it says now of its root key: `root`, `frozen`.
    pub frozen: bool,
    /// Whether the new keys are in force already.
    pub counts: bool,
    rekey: Rekey,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Rekeying {
    /// The record to be approved by others; none where somebody only looked.
    pub id: Option<RecordId>,
    /// The organisation's name.
    pub name: String,
    /// Whether the new keys are in force.
    pub counts: bool,
    /// Stewards that approved.
    pub approvals: usize,
    /// How many make a majority.
    pub needed: usize,
}

fn look(replica: &NodeReplica, request: &Recovery, reason: &str) -> Result<RekeyLook, OpError> {
    let authority = replica.library().authority();
    let organisation = authority.organisation(&request.org).ok_or_else(|| {
        let what = format!(
            "no organisation {} is known in this federation: it can only be invited anew",
            request.org
        );
        OpError::new(ErrorCode::NotFound, what).in_field("file")
    })?;
    if !organisation.was_member {
        let what = "this organisation was never a member: it can only be invited anew";
        return Err(OpError::new(ErrorCode::Conflict, what).in_field("file"));
    }
    let counts = organisation.root == Some(request.root);
    if !counts && authority.org_of_root(&request.root).is_some_and(|org| org != request.org) {
        let what = "this root key is another organisation's already: begin the recovery anew";
        return Err(OpError::new(ErrorCode::Conflict, what).in_field("file"));
    }
    Ok(RekeyLook {
        name: organisation.genesis.profile.name(&[]).to_owned(),
        frozen: organisation.is_frozen(),
        counts,
        rekey: Rekey {
            org: request.org,
            prev: authority.log_tips(&request.org),
            root: request.root,
            spares: None,
            desk: request.desk,
            next: Some(request.next),
            seen: authority.stands_by(&request.org),
            reason: reason.to_owned(),
        },
    })
}

/// The rekeyings that wait, to this root key.
pub(crate) fn waiting(replica: &NodeReplica, request: &Recovery) -> Option<Proposal> {
    let authority = replica.library().authority();
    authority.proposals().into_iter().find(|proposal| {
        let rekey = authority.record(&proposal.id).map(|r| r.record().peek::<Rekey>());
        matches!(rekey, Some(Ok(rekey)) if rekey.org == request.org && rekey.root == request.root)
    })
}

impl Node {
    /// Proposes new keys for the organisation of a request, with this
    /// organisation's approval; without a reason only looks.
    ///
    /// # Errors
    /// The account is no steward's; the organisation never was a member; the
    /// root key is not at hand.
    pub(crate) async fn propose_rekey(
        &self,
        account: &Account,
        request: Recovery,
        reason: Option<String>,
        passphrase: Option<Passphrase>,
    ) -> Result<Rekeying, OpError> {
        let (own, asked, why) = (account.clone(), request.clone(), reason.clone());
        let looked = self.handle().read(move |replica| {
            own.certificate_for(replica.library().authority(), Role::Steward)?;
            let look = look(replica, &asked, &why.unwrap_or_default())?;
            Ok::<_, OpError>((look, waiting(replica, &asked).map(|proposal| proposal.id)))
        });
        let (looked, known) = looked.await??;
        let mut id = known;
        if reason.is_some() && !looked.counts {
            let root = self.root_key(passphrase).await?;
            let federation = self.identity().federation;
            // A second word for the same key joins the first.
            let proposed = match known {
                Some(known) => self.statement_of(known).await?,
                None => {
                    looked.rekey.check().map_err(|rule| {
                        OpError::new(ErrorCode::Invalid, rule).in_field("reason")
                    })?;
                    looked.rekey.prepare()
                }
            };
            id = Some(proposed.id());
            self.submit(vec![proposed.sign(federation, &root)]).await?;
        }
        let told = self.handle().read(move |replica| {
            let authority = replica.library().authority();
            let counts = authority
                .organisation(&request.org)
                .is_some_and(|org| org.root == Some(request.root));
            let waits = waiting(replica, &request);
            let approvals = waits.map_or(0, |proposal| proposal.approved.len());
            (counts, approvals, authority.majority())
        });
        let (counts, approvals, needed) = told.await?;
        let approvals = if counts { needed } else { approvals };
        Ok(Rekeying { id, name: looked.name, counts, approvals, needed })
    }

    async fn statement_of(&self, id: RecordId) -> Result<tern_crdt::signed::Unsigned, OpError> {
        let held = self.handle().read(move |replica| {
            let record = replica.library().authority().record(&id);
            record.map(|held| held.record().unsigned())
        });
        let gone = || OpError::new(ErrorCode::NotFound, "this proposal is not held here any more");
        held.await?.ok_or_else(gone)
    }
}

#[cfg(test)]
mod tests;
