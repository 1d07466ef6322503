//! Proposing a charter, and approving what others proposed.
//!
//! An approval is a signature on the very record that was proposed. What this
//! version cannot read to the last byte it does not sign.

use tern_crdt::authority::{
    Admit, Authority, Charter, Lift, Proposal, Proposed, Rekey, Remove, Standing, Suspend,
};
use tern_crdt::identity::{OrgId, RecordId};
use tern_crdt::signed::{Record, Statement, Unsigned};

use super::{Amendment, all_called, called, charter, refused};
use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;
use tern_crdt::authority::Role;

/// Whether an organisation's word has weight on a charter: it is a steward, the
/// charter would make it one, or the members can recall.
pub(super) fn has_a_say(authority: &Authority, own: &OrgId, proposed: Option<&Charter>) -> bool {
    let Some(head) = authority.charter() else { return false };
    head.stewards.contains(own)
        || proposed.is_some_and(|charter| charter.stewards.contains(own))
        || head.recall >= 2 && authority.standing(own) == Some(Standing::Member)
}

/// Why an organisation may not approve a proposal, if it may not.
pub(super) fn may_approve(
    authority: &Authority,
    own: OrgId,
    proposal: &Proposal,
) -> Result<(), OpError> {
    let not_allowed = |who: &str| {
        let what = format!(
            "{} {who}: ask {}",
            called(authority, own),
            all_called(authority, authority.stewards())
        );
        Err(refused(ErrorCode::NotAllowed, what).in_field("proposal"))
    };
    if let Proposed::Charter(proposed) = &proposal.what {
        if !has_a_say(authority, &own, Some(proposed)) {
            return not_allowed(
                "has no say on this charter, which the stewards and those it appoints decide",
            );
        }
        if let Some(other) = charter::contradicted(authority, &own, &proposal.id, proposed) {
            let what = format!(
                "{} has approved {other} for charter {}, and {} does not supersede it: two charters of one number would split the federation; propose it again from here with `tern charter propose`, which supersedes both",
                called(authority, own),
                proposed.n,
                proposal.id
            );
            return Err(refused(ErrorCode::Conflict, what).in_field("proposal"));
        }
        return Ok(());
    }
    match authority.stewards().any(|steward| steward == own) {
        true => Ok(()),
        false => not_allowed("is no steward, and the stewards decide this"),
    }
}

/// A proposal as it was signed, to be signed again; `None` if this version
/// does not know all that it says.
fn again(record: &Record) -> Option<Unsigned> {
    fn of<T: Statement>(record: &Record) -> Option<Unsigned> {
        record.peek::<T>().ok().map(|statement| statement.prepare())
    }
    let unsigned = of::<Charter>(record)
        .or_else(|| of::<Admit>(record))
        .or_else(|| of::<Suspend>(record))
        .or_else(|| of::<Lift>(record))
        .or_else(|| of::<Remove>(record))
        .or_else(|| of::<Rekey>(record))?;
    (unsigned.id() == record.id()).then_some(unsigned)
}

/// What came of a proposed charter.
#[derive(Clone, Debug)]
pub struct ProposedCharter {
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub charter: Charter,
    /// Whether it is in force at once.
    pub in_force: bool,
}

impl Node {
    /// Proposes the next charter, with this organisation's approval.
    ///
    /// # Errors
    /// The account has no steward's role, its organisation has no say, the
    /// charter breaks a rule, the root key is locked.
    pub(crate) async fn propose_charter(
        &self,
        account: &Account,
        amendment: Amendment,
        passphrase: Option<Passphrase>,
    ) -> Result<ProposedCharter, OpError> {
        let charter = self.charter_draft(account, amendment).await?;
        let root = self.root_key(passphrase).await?;
        let record = charter.prepare().sign(self.identity().federation, &root);
        let id = record.id();
        self.submit(vec![record]).await?;
        let in_force = move |replica: &NodeReplica| {
            replica.library().authority().charters().any(|(held, _)| held == id)
        };
        let in_force = self.handle().read(in_force).await?;
        Ok(ProposedCharter { id, charter, in_force })
    }

    /// The charter that would be proposed; signs nothing.
    ///
    /// # Errors
    /// As [`propose_charter`](Self::propose_charter).
    pub(crate) async fn charter_draft(
        &self,
        account: &Account,
        amendment: Amendment,
    ) -> Result<Charter, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            account.certificate_for(authority, Role::Steward)?;
            if !has_a_say(authority, &own, None) {
                let what = format!(
                    "{} is no steward, and {} decide about the charter",
                    called(authority, own),
                    all_called(authority, authority.stewards())
                );
                return Err(refused(ErrorCode::NotAllowed, what));
            }
            charter::next(authority, own, &amendment)
        };
        self.handle().read(look).await?
    }

    /// Approves a proposal that is held, for this organisation.
    ///
    /// # Errors
    /// Nothing of that id waits, it has this organisation's approval already,
    /// the organisation has no say or would contradict itself, the root key is
    /// locked.
    pub(crate) async fn approve_proposal(
        &self,
        account: &Account,
        id: RecordId,
        passphrase: Option<Passphrase>,
    ) -> Result<(), OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            account.certificate_for(authority, Role::Steward)?;
            let mut proposals = authority.proposals().into_iter();
            let proposal = proposals.find(|proposal| proposal.id == id).ok_or_else(|| {
                let what = format!(
                    "{id} does not wait for approvals: it counts already, was overtaken, or has not arrived here"
                );
                refused(ErrorCode::NotFound, what).in_field("proposal")
            })?;
            if authority.approved(&own, &id) {
                let what = format!("{id} has this organisation's approval already");
                return Err(refused(ErrorCode::Conflict, what).in_field("proposal"));
            }
            may_approve(authority, own, &proposal)?;
            let record = authority.record(&id).map(|held| held.record());
            record.and_then(again).ok_or_else(|| {
                let what = format!(
                    "{id} says something that this program does not understand, so it does not sign it: upgrade it"
                );
                refused(ErrorCode::Unsupported, what).in_field("proposal")
            })
        };
        let unsigned = self.handle().read(look).await??;
        let root = self.root_key(passphrase).await?;
        self.submit(vec![unsigned.sign(self.identity().federation, &root)]).await.map(drop)
    }
}
