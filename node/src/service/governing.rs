//! The charter, approvals, members and certificates, as the pages show them.

use std::sync::Arc;

use tern_crdt::authority::{
    Authority, Charter, Policies, Remove, Role, Standing as Belongs, Suspend,
};
use tern_crdt::identity::{CertificateId, OrgId, PublicKey, RecordId};
use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{
    Amended, Answer, CertificateLine, CharterBook, CharterChange, CharterCheck, CharterForm,
    CharterVersion, Governing, LookAlike, Member, MemberAct, MemberState, OrgLink,
    OrganisationBook, Policy, Proposals, Reader, Refusal, Waiting,
};

use super::experts::typed;
use super::people::role;
use super::vocabulary::choice;
use super::{Site, acting, invalid, refusal, seconds};
use crate::accounts::Account;
use crate::governing::{
    self, Amendment, CertificateState, Change, Decision, Ended, Pending, grouped, of_federation,
    of_key, reason_code,
};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::reading::OrgName;
use crate::running::Node;

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

fn policies(policies: Option<&Policies>) -> Vec<Policy> {
    let policies = policies.into_iter().flatten();
    policies.map(|(code, text)| Policy { code: code.clone(), text: text.clone() }).collect()
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

fn speaks(replica: &NodeReplica, account: &Account) -> bool {
    account.certificate_for(replica.library().authority(), Role::Steward).is_ok()
}

/// Whether the root key of the node's organisation needs its passphrase.
async fn root_is_wrapped(node: &Node) -> Result<bool, OpError> {
    let own = node.identity().org;
    let root = move |replica: &NodeReplica| {
        replica.library().authority().organisation(&own).and_then(|org| org.root)
    };
    match node.handle().read(root).await? {
        Some(root) => node.is_wrapped(root).await,
        None => Ok(false),
    }
}

async fn charter(node: &Node, account: &Account) -> Result<CharterBook, OpError> {
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

async fn charter_form(node: &Node, account: &Account) -> Result<CharterForm, OpError> {
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
async fn amendment(node: &Node, amended: &Amended) -> Result<Amendment, OpError> {
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

fn same(a: &[OrgId], b: &[OrgId]) -> bool {
    a.len() == b.len() && a.iter().all(|org| b.contains(org))
}

async fn check_charter(
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
fn in_charter(error: OpError) -> OpError {
    match (error.code, &error.field) {
        (ErrorCode::Invalid | ErrorCode::Conflict, None) => error.in_field("charter"),
        _ => error,
    }
}

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
        blocked: pending.blocked.map(|blocked| super::sentence(&blocked)),
        since: pending.since.map(seconds),
        invited_here: pending.invited_here,
        returns: pending.returns,
        alike: pending.alike.into_iter().map(alike).collect(),
        neighbours: linked(&pending.neighbours),
        id: pending.id,
    }
}

async fn proposals(node: &Node, account: &Account, lang: &str) -> Result<Proposals, OpError> {
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

async fn approve(
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
    node.approve_proposal(account, id, passphrase).await
}

pub(super) const fn member_state(standing: Belongs) -> Option<MemberState> {
    match standing {
        Belongs::Member => Some(MemberState::Member),
        Belongs::Suspended => Some(MemberState::Suspended),
        Belongs::Left => Some(MemberState::Left),
        Belongs::Removed => Some(MemberState::Removed),
        Belongs::Proposed { .. } => None,
    }
}

/// A line of the list of members; `None` for one that never was one.
pub(super) fn member(replica: &NodeReplica, org: OrgId, lang: &str) -> Option<Member> {
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
                own: mine.contains(&id) || granted.certificate.key == node,
            }
        })
        .collect();
    lines.sort_by_key(|line| line.entry);
    lines
}

fn reason(authority: &Authority, latest: &[RecordId]) -> Option<String> {
    latest.iter().find_map(|id| {
        let record = authority.record(id)?.record();
        let suspend = record.peek::<Suspend>().ok().map(|suspend| suspend.reason);
        suspend.or_else(|| record.peek::<Remove>().ok().map(|remove| remove.reason))
    })
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

async fn organisation(
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
            may_revoke: member.own && operator,
            reason: reason(authority, &folded.latest),
            fingerprint: folded.root.as_ref().map(|root| grouped(&of_key(root))),
            certificates: certificates(replica, org, &account, node_key),
            passphrase: false,
            member,
        })
    };
    let book = node.handle().read(look).await?.ok_or_else(unknown)?;
    Ok(OrganisationBook { passphrase: root_is_wrapped(node).await?, ..book })
}

async fn act_on_member(
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

async fn revoke(
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
            charter(node, &account).await.map_err(refusal)
        })
    }

    fn charter_form<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterForm> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            charter_form(node, &account).await.map_err(refusal)
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
            check_charter(node, &account, amended).await.map_err(shown)
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
            let amendment = amendment(node, amended).await.map_err(shown)?;
            let proposed = node.propose_charter(&account, amendment, passphrase).await;
            proposed.map(|proposed| proposed.in_force).map_err(|error| shown(in_charter(error)))
        })
    }

    fn proposals<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Proposals> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            proposals(node, &account, &reader.lang).await.map_err(refusal)
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
            approve(node, &account, id, opened(passphrase)?).await.map_err(shown)
        })
    }

    fn organisation<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, OrganisationBook> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            organisation(node, &account, id, &reader.lang).await.map_err(refusal)
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
            act_on_member(node, &account, id, act, reason, passphrase).await.map_err(shown)
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
            revoke(node, &account, certificate, reason, passphrase).await.map_err(shown)
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
