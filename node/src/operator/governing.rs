//! The charter, what waits for approvals, members, and certificates that end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tern_crdt::authority::{Authority, Charter, Remove, Role, RosterChange, Standing, Suspend};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};

use super::practices::not_found;
use super::{Acting, invalid, moment};
use crate::governing::{
    self, Alike, Amendment, CertificateState, Change, Decision, Ended, Kind, Likeness, Pending,
    certificate_called, of_federation, of_key, org_called, policy_name, reason_code,
};
use crate::handle::NodeReplica;
use crate::members::candidates;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PREFIX_MIN, org_name};

/// What an approval names.
enum Approves {
    Everyone,
    Newcomer(OrgId),
    Proposal(RecordId),
}

impl Acting<'_> {
    pub(super) async fn approve(self, proposal: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let waiting = governing::with_likeness(self.node).await?;
        let passphrase = self.caller.passphrase.clone();
        let approved = match approves(&waiting, proposal.as_deref())? {
            Approves::Proposal(id) => {
                self.node.approve_proposal(&account, id, passphrase).await?;
                vec![id.to_string()]
            }
            Approves::Newcomer(org) => {
                texts(self.node.approve(&account, Some(org), passphrase).await?)
            }
            Approves::Everyone => texts(self.node.approve(&account, None, passphrase).await?),
        };
        let warnings: Vec<String> = waiting
            .iter()
            .filter(|pending| approved.contains(&pending.id))
            .flat_map(warnings)
            .collect();
        let others = waiting
            .iter()
            .filter(|pending| pending.is_for_us() && !approved.contains(&pending.id))
            .count();
        let mut told = json!({ "approved": approved });
        if !warnings.is_empty() {
            told["warnings"] = json!(warnings);
        }
        if others > 0 {
            told["others"] = json!(others);
        }
        Ok(told)
    }

    pub(super) async fn proposals(self) -> Result<Value, OpError> {
        let waiting = governing::with_likeness(self.node).await?;
        let told = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            waiting.iter().map(|pending| pending_json(authority, pending)).collect::<Vec<_>>()
        };
        Ok(json!({ "items": self.node.handle().read(told).await? }))
    }

    pub(super) async fn charter(self) -> Result<Value, OpError> {
        let look = |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let versions = governing::versions(authority);
            let version = versions.last().ok_or_else(no_charter)?;
            let mut told = charter_json(authority, &version.charter);
            told["id"] = json!(version.id.to_string());
            told["federation"] = json!(authority.federation().to_string());
            told["fingerprint"] = json!(of_federation(&authority.federation()));
            told["signed"] = orgs(&named(authority, version.signed.iter().copied()));
            Ok(told)
        };
        self.node.handle().read(look).await?
    }

    pub(super) async fn charter_log(self) -> Result<Value, OpError> {
        let look = |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let items: Vec<Value> = governing::versions(authority)
                .iter()
                .map(|version| {
                    let mut told = charter_json(authority, &version.charter);
                    told["id"] = json!(version.id.to_string());
                    told["signed"] = orgs(&named(authority, version.signed.iter().copied()));
                    told["changes"] = changes_json(authority, &version.changes);
                    told
                })
                .collect();
            if items.is_empty() { Err(no_charter()) } else { Ok(json!({ "items": items })) }
        };
        self.node.handle().read(look).await?
    }

    pub(super) async fn charter_propose(
        self,
        name: Option<String>,
        stewards: Vec<String>,
        policies: BTreeMap<String, String>,
        without: Vec<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let find = move |replica: &NodeReplica| {
            let found: Result<Vec<OrgId>, _> =
                stewards.iter().map(|text| org_called(replica, text)).collect();
            found.map_err(|error| error.in_field("steward"))
        };
        let stewards = self.node.handle().read(find).await??;
        let amendment = Amendment {
            name,
            stewards: (!stewards.is_empty()).then_some(stewards),
            policies,
            without: without.into_iter().collect(),
        };
        let passphrase = self.caller.passphrase.clone();
        let proposed = self.node.propose_charter(&account, amendment, passphrase).await?;
        let id = proposed.id;
        let waiting = governing::with_likeness(self.node).await?;
        let pending = waiting.iter().find(|pending| pending.record == Some(id));
        let needs = pending.map(needs).unwrap_or_default();
        let told = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let before = proposed
                .charter
                .prev
                .and_then(|prev| authority.record(&prev)?.record().peek::<Charter>().ok());
            let changes = before.map(|before| governing::changes(&before, &proposed.charter));
            json!({
                "id": id.to_string(), "n": proposed.charter.n, "in_force": proposed.in_force,
                "changes": changes_json(authority, &changes.unwrap_or_default()),
                "needs": needs,
            })
        };
        Ok(self.node.handle().read(told).await?)
    }

    pub(super) async fn decide(self, org: String, decision: Decision) -> Result<Value, OpError> {
        let account = self.account().await?;
        let find = move |replica: &NodeReplica| org_called(replica, &org);
        let org = self.node.handle().read(find).await??;
        let passphrase = self.caller.passphrase.clone();
        let decided = self.node.decide(&account, org, decision, passphrase).await?;
        let org = self.node.handle().read(move |r| org_name(r.library().authority(), org)).await?;
        Ok(json!({
            "id": decided.id.to_string(), "org": org_json(&org),
            "state": decided.standing.map(governing::standing_code),
            "approvals": decided.approvals, "needed": decided.needed,
            "in_force": decided.approvals >= decided.needed, "advice": decided.advice,
        }))
    }

    pub(super) async fn leave(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (id, steward) = self.node.leave(&account, self.caller.passphrase.clone()).await?;
        let advice = steward.then_some(
            "the charter still names this organisation as a steward: ask the others to propose one that does not",
        );
        Ok(json!({
            "id": id.to_string(), "state": "left", "warning": governing::LEAVING, "advice": advice,
        }))
    }

    pub(super) async fn members(self) -> Result<Value, OpError> {
        let (mut items, waiting) =
            self.node.handle().read(|replica| (members(replica), candidates(replica))).await?;
        items.extend(waiting.into_iter().map(|candidate| {
            json!({
                "id": candidate.org.to_string(), "name": candidate.name,
                "country": candidate.country, "state": "waiting", "steward": false, "nodes": [],
                "approvals": candidate.approvals, "needed": candidate.needed,
                "fingerprint": of_key(&candidate.root),
            })
        }));
        Ok(json!({ "items": items }))
    }

    pub(super) async fn revoke(
        self,
        certificate: String,
        reason: String,
    ) -> Result<Value, OpError> {
        let reason = governing::revoke_reason(&reason)?;
        self.may_manage_people().await?;
        let own = self.node.identity().org;
        let find =
            move |replica: &NodeReplica| certificate_called(replica.library(), own, &certificate);
        let found = self.node.handle().read(find).await??;
        let node = self.node.identity().node;
        let own_node = {
            let found = found.clone();
            move |replica: &NodeReplica| {
                let authority = replica.library().authority();
                found
                    .iter()
                    .any(|id| authority.certificate(id).is_some_and(|g| g.certificate.key == node))
            }
        };
        let own_node = self.node.handle().read(own_node).await?;
        let revoked = self.node.revoke(found, reason, self.caller.passphrase.clone()).await?;
        let warning = match (revoked.last_operator, own_node) {
            (true, _) => Some(
                "nobody of this organisation operates a node any more: whoever holds the data folder and the root key can grant the role with `tern cert grant NAME --role operator`",
            ),
            (false, true) => Some(
                "this was the certificate of this very node: once others know, they meet it no more",
            ),
            _ => None,
        };
        Ok(json!({
            "certificates": texts(revoked.certificates), "revoked": texts(revoked.by),
            "stands": revoked.stands, "warning": warning,
        }))
    }

    pub(super) async fn certificates(self, all: bool) -> Result<Value, OpError> {
        let own = self.node.identity().org;
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            let item = |(id, granted): (CertificateId, &tern_crdt::authority::Granted)| {
                let state = governing::state(authority, &id, granted);
                json!({
                    "id": id.to_string(),
                    "person": library.name(&id),
                    "org": org_name(authority, granted.org).name,
                    "roles": granted.certificate.roles.iter().map(Role::code).collect::<Vec<_>>(),
                    "state": state.code(),
                    "ended": ended_json(state),
                })
            };
            let shown = authority.certificates().filter(|(_, granted)| all || granted.org == own);
            shown.map(item).collect::<Vec<_>>()
        };
        Ok(json!({ "items": self.node.handle().read(look).await? }))
    }
}

fn ended_json(state: CertificateState) -> Option<Value> {
    match state {
        CertificateState::Ended(Ended { by, reason }) => Some(json!({
            "by": by.to_string(), "reason": reason.map_or("organisation-removed", reason_code),
        })),
        _ => None,
    }
}

fn no_charter() -> OpError {
    let what = "this node holds no charter yet: a steward has to admit its organisation first";
    OpError::new(ErrorCode::NotFound, what)
}

fn approves(waiting: &[Pending], proposal: Option<&str>) -> Result<Approves, OpError> {
    let Some(text) = proposal else { return Ok(Approves::Everyone) };
    let admission = |pending: &&Pending| pending.kind == Kind::Roster(RosterChange::Admit);
    let named = |pending: &&Pending| {
        admission(pending) && pending.about.as_ref().is_some_and(|org| org.name == text)
    };
    let fits = |pending: &&Pending| {
        let begins = |id: &str| id == text || text.len() >= PREFIX_MIN && id.starts_with(text);
        begins(&pending.id) || pending.record.is_some_and(|id| begins(&id.to_string()))
    };
    let found: Vec<&Pending> = waiting.iter().filter(|p| fits(p) || named(p)).collect();
    let [pending] = found.as_slice() else {
        if found.is_empty() {
            return Err(not_found(format!("nobody called `{text}` waits for approval here, and no proposal begins so: `tern proposals` shows what does")).in_field("proposal"));
        }
        let ids: Vec<&str> = found.iter().take(4).map(|pending| pending.id.as_str()).collect();
        let what =
            format!("`{text}` is more than one that waits: give the id, {}", ids.join(" or "));
        return Err(OpError::new(ErrorCode::Ambiguous, what).in_field("proposal"));
    };
    match (pending.id.parse::<OrgId>(), pending.record) {
        (Ok(org), _) => Ok(Approves::Newcomer(org)),
        (_, Some(id)) => Ok(Approves::Proposal(id)),
        _ => Err(invalid("proposal", "that cannot be approved")),
    }
}

fn texts<T: ToString>(ids: Vec<T>) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

fn named(authority: &Authority, ids: impl IntoIterator<Item = OrgId>) -> Vec<OrgName> {
    ids.into_iter().map(|org| org_name(authority, org)).collect()
}

fn org_json(org: &OrgName) -> Value {
    json!({ "id": org.id.to_string(), "name": org.name })
}

fn orgs(orgs: &[OrgName]) -> Value {
    orgs.iter().map(org_json).collect()
}

fn charter_json(authority: &Authority, charter: &Charter) -> Value {
    let policies: Vec<Value> = charter
        .policies
        .iter()
        .flatten()
        .map(|(code, text)| json!({ "code": code, "name": policy_name(code), "text": text }))
        .collect();
    json!({
        "n": charter.n, "name": charter.name,
        "stewards": orgs(&named(authority, charter.stewards.iter().copied())),
        "majority": charter.majority(), "recall": charter.recall, "policies": policies,
    })
}

fn changes_json(authority: &Authority, changes: &[Change]) -> Value {
    let org = |id: &OrgId| json!(governing::called(authority, *id));
    let change = |change: &Change| match change {
        Change::Name { from, to } => json!({ "field": "name", "before": from, "after": to }),
        Change::Appoints(id) => {
            json!({ "field": "steward", "code": id.to_string(), "after": org(id) })
        }
        Change::Drops(id) => {
            json!({ "field": "steward", "code": id.to_string(), "before": org(id) })
        }
        Change::Policy { code, from, to } => {
            json!({ "field": "policy", "code": code, "before": from, "after": to })
        }
        Change::Recall { from, to } => json!({ "field": "recall", "before": from, "after": to }),
    };
    changes.iter().map(change).collect()
}

/// Whose word is missing, in sentences.
fn needs(pending: &Pending) -> Vec<String> {
    let names =
        |orgs: &[OrgName]| orgs.iter().map(|org| org.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut needs = Vec::new();
    let more = pending.needed.saturating_sub(pending.approved.len());
    if more > 0 {
        needs.push(format!("approval by {more} more of: {}", names(&pending.missing)));
    }
    if !pending.to_agree.is_empty() {
        needs.push(format!("consent of the new stewards: {}", names(&pending.to_agree)));
    }
    needs
}

/// What a person has to know before they approve, in sentences.
fn warnings(pending: &Pending) -> Vec<String> {
    let name = pending.about.as_ref().map_or("", |org| org.name.as_str());
    let told = |alike: &Alike| {
        let other = &alike.org;
        let like = match alike.likeness {
            Likeness::Name => "has the same name as",
            Likeness::Spelling => "is spelled almost like",
            Likeness::Words => "has most words in common with",
            Likeness::Initials => "has the initials of",
        };
        let country = if alike.same_country { ", in the same country" } else { "" };
        format!(
            "{name} {like} {} ({:?}){country}: call the organisation you know by a number you know, and compare the fingerprint",
            other.name, other.id
        )
    };
    let returns = format!(
        "{name} was a member before, and left or was removed: read why before you let it in again"
    );
    let returns = pending.returns.then_some(returns);
    returns.into_iter().chain(pending.alike.iter().map(told)).collect()
}

fn pending_json(authority: &Authority, pending: &Pending) -> Value {
    let country = pending.profile.as_ref().and_then(|profile| profile.country.clone());
    let alike = |alike: &Alike| {
        let mut told = org_json(&alike.org);
        told["like"] = json!(alike.likeness.code());
        told["same_country"] = json!(alike.same_country);
        told["state"] = json!(authority.standing(&alike.org.id).map(governing::standing_code));
        told
    };
    let changes = pending.charter.as_ref().map(|(_, changes)| changes_json(authority, changes));
    json!({
        "id": pending.id, "kind": pending.kind.code(),
        "org": pending.about.as_ref().map(org_json), "country": country,
        "fingerprint": pending.root.as_ref().map(of_key), "reason": pending.reason,
        "charter": pending.charter.as_ref().map(|(charter, _)| charter_json(authority, charter)),
        "changes": changes,
        "approved": orgs(&pending.approved), "missing": orgs(&pending.missing),
        "needed": pending.needed, "to_agree": orgs(&pending.to_agree),
        "recall": pending.recall.map(|(approved, needed)| {
            json!({ "approved": approved, "needed": needed })
        }),
        "approved_here": pending.approved_here, "for_us": pending.is_for_us(),
        "blocked": pending.blocked, "since": pending.since.map(moment),
        "invited_here": pending.invited_here,
        "alike": pending.alike.iter().map(alike).collect::<Vec<_>>(),
        "same_country": orgs(&pending.neighbours), "warnings": warnings(pending),
    })
}

/// Why an organisation stands where it does, in the stewards' words.
fn reason(authority: &Authority, latest: &[RecordId]) -> Option<String> {
    latest.iter().find_map(|id| {
        let record = authority.record(id)?.record();
        let suspend = || record.peek::<Suspend>().ok().map(|suspend| suspend.reason);
        suspend().or_else(|| record.peek::<Remove>().ok().map(|remove| remove.reason))
    })
}

fn members(replica: &NodeReplica) -> Vec<Value> {
    let authority = replica.library().authority();
    let stewards: Vec<OrgId> = authority.stewards().collect();
    authority
        .organisations()
        .filter(|(_, _, standing)| !matches!(standing, Standing::Proposed { .. }))
        .map(|(id, organisation, standing)| {
            let nodes: Vec<String> = authority
                .certificates()
                .filter(|(cert, g)| {
                    g.org == id
                        && g.certificate.roles.has(Role::Node)
                        && authority.ended(cert).is_none()
                })
                .map(|(_, g)| g.certificate.key.node().to_string())
                .collect();
            let halted = matches!(standing, Standing::Suspended | Standing::Removed);
            json!({
                "id": id.to_string(), "name": organisation.genesis.profile.name(&[]),
                "country": organisation.genesis.profile.country,
                "state": governing::standing_code(standing),
                "steward": stewards.contains(&id), "nodes": nodes,
                "reason": halted.then(|| reason(authority, &organisation.latest)).flatten(),
                "fingerprint": organisation.root.as_ref().map(of_key),
            })
        })
        .collect()
}
