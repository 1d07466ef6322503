//! Members, what stewards do about them, and certificates.

use tern_crdt::authority::{Role, Standing as Belongs};
use tern_crdt::identity::{CertificateId, OrgId, PublicKey, RecordId};
use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{CertificateLine, Member, MemberAct, MemberState, OrganisationBook};

use super::super::people::role;
use super::super::vocabulary::choice;
use super::{root_is_wrapped, speaks};
use crate::accounts::Account;
use crate::governing::{self, CertificateState, Decision, Ended, grouped, of_key, reason_code};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

const fn member_state(standing: Belongs) -> Option<MemberState> {
    match standing {
        Belongs::Member => Some(MemberState::Member),
        Belongs::Suspended => Some(MemberState::Suspended),
        Belongs::Left => Some(MemberState::Left),
        Belongs::Removed => Some(MemberState::Removed),
        Belongs::Proposed { .. } => None,
    }
}

/// A line of the list of members; `None` for one that never was one.
pub(crate) fn member(replica: &NodeReplica, org: OrgId, lang: &str) -> Option<Member> {
    let authority = replica.library().authority();
    let organisation = authority.organisation(&org)?;
    let label = |vocabulary, code: &Option<String>| {
        code.as_ref().map(|code| choice(vocabulary, code, lang).label)
    };
    let profile = &organisation.genesis.profile;
    Some(Member {
        id: org.to_string(),
        name: profile.name(&[lang]).to_owned(),
        country: label(Vocabulary::Countries, &profile.country),
        kind: label(Vocabulary::StakeholderKinds, &profile.kind),
        state: member_state(organisation.standing)?,
        steward: authority.stewards().any(|steward| steward == org),
        own: org == replica.org(),
    })
}

fn certificates(
    replica: &NodeReplica,
    org: OrgId,
    account: &Account,
    node: PublicKey,
) -> Vec<CertificateLine> {
    let library = replica.library();
    let authority = library.authority();
    let numbers = governing::entry_number(authority, &org);
    let number = |id: RecordId| numbers.get(&id).map(|at| *at as u32);
    let mine = account.certificates(authority);
    let mut lines: Vec<CertificateLine> = authority
        .certificates()
        .filter(|(_, granted)| granted.org == org)
        .map(|(id, granted)| {
            let state = governing::state(authority, &id, granted);
            let ended = match state {
                CertificateState::Ended(Ended { by, reason }) => reason.map(|why| (by, why)),
                _ => None,
            };
            CertificateLine {
                id: id.to_string(),
                person: library.name(&id).map(str::to_owned),
                roles: granted.certificate.roles.iter().filter_map(role).collect(),
                node: granted.certificate.roles.has(Role::Node),
                fingerprint: grouped(&of_key(&granted.certificate.key)),
                entry: number(id.cast()).unwrap_or(0),
                state: state.code().into(),
                ended: ended.map(|(_, reason)| reason_code(reason).into()),
                ended_by: ended.and_then(|(by, _)| number(by)),
                only: governing::objects(replica, &granted.certificate).map(|objects| {
                    objects.into_iter().map(|one| (one.kind.code(), one.id)).collect()
                }),
                quota: granted.certificate.quota,
                ends: granted.certificate.last_beacon.and_then(|last| {
                    Some((last, governing::left(authority, &granted.certificate)?))
                }),
                own: mine.contains(&id) || granted.certificate.key == node,
            }
        })
        .collect();
    lines.sort_by_key(|line| line.entry);
    lines
}

/// What a person may do about a member.
fn acts(member: &Member, steward: bool, operator: bool, alone: bool) -> Vec<MemberAct> {
    match (member.own, member.state) {
        (true, MemberState::Member | MemberState::Suspended) if operator && !alone => {
            vec![MemberAct::Leave]
        }
        (false, MemberState::Member) if steward => vec![MemberAct::Suspend, MemberAct::Remove],
        (false, MemberState::Suspended) if steward => vec![MemberAct::Lift, MemberAct::Remove],
        (false, MemberState::Left) if steward => vec![MemberAct::Admit, MemberAct::Remove],
        (false, MemberState::Removed) if steward => vec![MemberAct::Admit],
        _ => Vec::new(),
    }
}

pub(super) async fn organisation(
    node: &Node,
    account: &Account,
    id: &str,
    lang: &str,
) -> Result<OrganisationBook, OpError> {
    let unknown = || OpError::new(ErrorCode::NotFound, "no organisation of this id is known here");
    let org: OrgId = id.parse().map_err(|_| unknown())?;
    let (account, lang, node_key) = (account.clone(), lang.to_owned(), node.identity().node);
    let look = move |replica: &NodeReplica| {
        let authority = replica.library().authority();
        let member = member(replica, org, &lang)?;
        let folded = authority.organisation(&org)?;
        let own = replica.org();
        let steward = speaks(replica, &account) && authority.stewards().any(|s| s == own);
        let operator = account.certificate_for(authority, Role::Operator).is_ok();
        let alone = member.steward && authority.stewards().count() == 1;
        Some(OrganisationBook {
            acts: acts(&member, steward, operator, alone),
            beacon: authority.beacon(),
            may_revoke: member.own && operator,
            reason: governing::standing_reason(authority, &folded.latest),
            fingerprint: folded.root.as_ref().map(|root| grouped(&of_key(root))),
            certificates: certificates(replica, org, &account, node_key),
            passphrase: false,
            member,
        })
    };
    let book = node.handle().read(look).await?.ok_or_else(unknown)?;
    Ok(OrganisationBook { passphrase: root_is_wrapped(node).await?, ..book })
}

pub(super) async fn act_on_member(
    node: &Node,
    account: &Account,
    id: &str,
    act: MemberAct,
    reason: &str,
    passphrase: Option<Passphrase>,
) -> Result<bool, OpError> {
    let org: OrgId = id
        .parse()
        .map_err(|_| OpError::new(ErrorCode::NotFound, "no organisation of this id is known"))?;
    let decision = match act {
        MemberAct::Suspend => Decision::Suspend(reason.to_owned()),
        MemberAct::Lift => Decision::Lift,
        MemberAct::Remove => Decision::Remove(reason.to_owned()),
        MemberAct::Admit => Decision::Admit,
        MemberAct::Leave if org == node.identity().org => {
            return node.leave(account, passphrase).await.map(|_| true);
        }
        MemberAct::Leave => {
            let what = "an organisation leaves by its own word alone";
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
    };
    let decided = node.decide(account, org, decision, passphrase).await?;
    Ok(decided.approvals >= decided.needed)
}

pub(super) async fn revoke(
    node: &Node,
    account: &Account,
    certificate: &str,
    reason: &str,
    passphrase: Option<Passphrase>,
) -> Result<u64, OpError> {
    node.operates(account).await?;
    let reason = governing::revoke_reason(reason)?;
    let id: CertificateId = certificate
        .parse()
        .map_err(|_| OpError::new(ErrorCode::NotFound, "no certificate of this id is known"))?;
    let own = node.identity().org;
    let find = move |replica: &NodeReplica| {
        governing::certificate_called(replica.library(), own, &id.to_string())
    };
    let found = node.handle().read(find).await??;
    Ok(node.revoke(found, reason, passphrase).await?.stands as u64)
}
