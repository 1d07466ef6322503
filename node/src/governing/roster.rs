//! Who belongs: what the stewards decide about a member.

use std::collections::BTreeSet;

use tern_crdt::authority::{
    Admit, Authority, Lift, Proposed, Remove, RosterChange, Standing, Suspend,
};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::signed::{Statement, Unsigned};

use super::{called, cut, refused, speaks_for_steward, standing_code};
use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// What is to happen to an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// One that left or was removed belongs again.
    Admit,
    /// It is halted, for this reason, until that is lifted.
    Suspend(String),
    /// A suspension ends.
    Lift,
    /// It is put out, for this reason; what is held of its work stands.
    Remove(String),
}

impl Decision {
    pub(super) const fn change(&self) -> RosterChange {
        match self {
            Self::Admit => RosterChange::Admit,
            Self::Suspend(_) => RosterChange::Suspend,
            Self::Lift => RosterChange::Lift,
            Self::Remove(_) => RosterChange::Remove,
        }
    }
}

/// The word for what a decision does.
pub(super) const fn change_code(change: RosterChange) -> &'static str {
    match change {
        RosterChange::Admit => "admit",
        RosterChange::Lift => "lift",
        RosterChange::Suspend => "suspend",
        RosterChange::Leave => "leave",
        RosterChange::Remove => "remove",
    }
}

/// Why an organisation stands where it does, in the stewards' words: of the
/// roster records about it that no other follows.
pub(crate) fn standing_reason(authority: &Authority, latest: &[RecordId]) -> Option<String> {
    latest.iter().find_map(|id| {
        let record = authority.record(id)?.record();
        let suspend = record.peek::<Suspend>().ok().map(|suspend| suspend.reason);
        suspend.or_else(|| record.peek::<Remove>().ok().map(|remove| remove.reason))
    })
}

/// What came of a decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The record that the stewards sign.
    pub id: RecordId,
    /// About whom.
    pub org: OrgId,
    /// Where it stands now.
    pub standing: Option<Standing>,
    /// Stewards that approved.
    pub approvals: usize,
    /// How many make it count.
    pub needed: usize,
    /// What else has to be done, in words.
    pub advice: Option<String>,
}

/// Whether a decision makes sense where the organisation stands.
fn check(
    authority: &Authority,
    own: OrgId,
    org: OrgId,
    decision: &Decision,
) -> Result<(), OpError> {
    let name = called(authority, org);
    let conflict = |what: String| Err(refused(ErrorCode::Conflict, what).in_field("org"));
    let standing = authority.standing(&org);
    let word = standing.map_or("unknown", standing_code);
    if org == own && decision.change() != RosterChange::Lift {
        let what = format!("{name} is your own organisation: it leaves with `tern leave`");
        return conflict(what);
    }
    match (decision, standing) {
        (Decision::Suspend(_), Some(Standing::Member))
        | (Decision::Lift, Some(Standing::Suspended))
        | (Decision::Remove(_), Some(Standing::Member | Standing::Suspended | Standing::Left))
        | (Decision::Admit, Some(Standing::Left | Standing::Removed)) => {}
        (Decision::Suspend(_), _) => {
            return conflict(format!("only a member is suspended, and {name} is {word}"));
        }
        (Decision::Lift, _) => {
            return conflict(format!(
                "{name} is not suspended, it is {word}: there is nothing to lift"
            ));
        }
        (Decision::Remove(_), _) => {
            return conflict(format!("{name} is {word}, so there is nothing to remove"));
        }
        (Decision::Admit, Some(Standing::Proposed { .. }) | None) => {
            return conflict(format!(
                "{name} waits for its first admission: `tern approve` gives it"
            ));
        }
        (Decision::Admit, _) => {
            return conflict(format!(
                "{name} is {word}: only one that left or was removed is admitted again"
            ));
        }
    }
    if let Decision::Suspend(reason) | Decision::Remove(reason) = decision
        && reason.trim().is_empty()
    {
        let what = "say why, in words that its people will read: --reason TEXT";
        return Err(refused(ErrorCode::Invalid, what).in_field("reason"));
    }
    let same = authority.proposals().into_iter().find(|proposal| {
        matches!(&proposal.what, Proposed::Roster { org: about, change, .. }
            if *about == org && *change == decision.change())
    });
    match same {
        Some(proposal) => conflict(format!(
            "that is proposed already, by {}: approve it with `tern approve {}`",
            super::all_called(authority, proposal.approved),
            proposal.id
        )),
        None => Ok(()),
    }
}

/// What else a decision asks for.
fn advice(authority: &Authority, org: OrgId, decision: &Decision) -> Option<String> {
    let steward = authority.stewards().any(|steward| steward == org);
    let puts_out = matches!(decision, Decision::Suspend(_) | Decision::Remove(_));
    (steward && puts_out).then(|| {
        format!(
            "{} is a steward and keeps its say until a charter names others: propose one with `tern charter propose --steward …` for all that stay",
            called(authority, org)
        )
    })
}

impl Node {
    /// Proposes a decision about a member, or takes it where this organisation
    /// alone makes the majority.
    ///
    /// # Errors
    /// The account speaks for no steward, the decision makes no sense or is
    /// proposed already, the root key is locked.
    pub(crate) async fn decide(
        &self,
        account: &Account,
        org: OrgId,
        decision: Decision,
        passphrase: Option<Passphrase>,
    ) -> Result<Decided, OpError> {
        let (account, wish) = (account.clone(), decision.clone());
        let own = self.identity().org;
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            speaks_for_steward(authority, &account, own)?;
            check(authority, own, org, &wish)?;
            let after = authority.organisation(&org).map(|o| o.latest.clone()).unwrap_or_default();
            let standing = match wish {
                Decision::Remove(_) => {
                    let of = authority.certificates().filter(|(_, granted)| granted.org == org);
                    let of: BTreeSet<CertificateId> = of.map(|(id, _)| id).collect();
                    cut::Standing::of(replica, &of)?
                }
                _ => cut::Standing::default(),
            };
            Ok::<_, OpError>((after, standing))
        };
        let (after, standing) = self.handle().read(look).await??;
        let root = self.root_key(passphrase).await?;
        let federation = self.identity().federation;
        let mut records = Vec::new();
        let statement: Unsigned = match decision.clone() {
            Decision::Admit => checked(&Admit { org, after })?,
            Decision::Suspend(reason) => checked(&Suspend { org, after, reason })?,
            Decision::Lift => checked(&Lift { org, after })?,
            Decision::Remove(reason) => {
                let (cut, parts) = cut::of(standing, federation, &root);
                records = parts;
                checked(&Remove { org, after, reason, cut })?
            }
        };
        let record = statement.sign(federation, &root);
        let id = record.id();
        records.push(record);
        self.submit(records).await?;
        let told = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            Decided {
                id,
                org,
                standing: authority.standing(&org),
                approvals: authority.stewards().filter(|s| authority.approved(s, &id)).count(),
                needed: authority.majority(),
                advice: advice(authority, org, &decision),
            }
        };
        Ok(self.handle().read(told).await?)
    }
}

fn checked<T: Statement>(statement: &T) -> Result<Unsigned, OpError> {
    let broken = |rule: &str| refused(ErrorCode::Invalid, rule.to_owned()).in_field("reason");
    statement.check().map_err(broken)?;
    Ok(statement.prepare())
}
