//! Charters, proposals and members as JSON, and what a person has to know of
//! them in sentences.

use serde_json::{Value, json};
use tern_crdt::authority::{Authority, Charter, Role, Standing};
use tern_crdt::identity::OrgId;

use super::moment;
use crate::governing::{
    self, Alike, CertificateState, Change, Ended, Likeness, Pending, of_key, policy_name,
    reason_code,
};
use crate::handle::NodeReplica;
use crate::reading::{OrgName, org_name};

pub(super) fn ended_json(state: CertificateState) -> Option<Value> {
    match state {
        CertificateState::Ended(Ended { by, reason }) => Some(json!({
            "by": by.to_string(), "reason": reason.map_or("organisation-removed", reason_code),
        })),
        _ => None,
    }
}

pub(super) fn texts<T: ToString>(ids: Vec<T>) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

pub(super) fn named(authority: &Authority, ids: impl IntoIterator<Item = OrgId>) -> Vec<OrgName> {
    ids.into_iter().map(|org| org_name(authority, org)).collect()
}

pub(super) fn org_json(org: &OrgName) -> Value {
    json!({ "id": org.id.to_string(), "name": org.name })
}

pub(super) fn orgs(orgs: &[OrgName]) -> Value {
    orgs.iter().map(org_json).collect()
}

pub(super) fn charter_json(authority: &Authority, charter: &Charter) -> Value {
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

pub(super) fn changes_json(authority: &Authority, changes: &[Change]) -> Value {
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
pub(super) fn needs(pending: &Pending) -> Vec<String> {
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
pub(super) fn warnings(pending: &Pending) -> Vec<String> {
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

pub(super) fn pending_json(authority: &Authority, pending: &Pending) -> Value {
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

pub(super) fn members(replica: &NodeReplica) -> Vec<Value> {
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
                "reason": halted.then(|| governing::standing_reason(authority, &organisation.latest)).flatten(),
                "fingerprint": organisation.root.as_ref().map(of_key),
            })
        })
        .collect()
}
