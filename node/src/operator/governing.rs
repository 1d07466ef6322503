//! The charter, what waits for approvals, members, and certificates that end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tern_crdt::authority::{Certificate, Charter, Role, RosterChange};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};

use super::people::ends_json;
use super::practices::not_found;
use super::telling::{
    changes_json, charter_json, ended_json, members, named, needs, org_json, orgs, pending_json,
    texts, warnings,
};
use super::{Acting, invalid};
use crate::adopting::{Aside, aside};
use crate::governing::{
    self, Amendment, Decision, Kind, Pending, certificate_called, certificates_before,
    of_federation, of_key, org_called,
};
use crate::handle::NodeReplica;
use crate::members::candidates;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, org_name};

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
        certificate: Option<String>,
        reason: String,
    ) -> Result<Value, OpError> {
        let reason = governing::revoke_reason(&reason)?;
        self.may_manage_people().await?;
        let own = self.node.identity().org;
        let find = move |replica: &NodeReplica| match &certificate {
            Some(certificate) => certificate_called(replica.library(), own, certificate),
            None => certificates_before(replica),
        };
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
                    "ends": ends_json(authority, &granted.certificate),
                    "only": only_json(replica, &granted.certificate),
                    "quota": granted.certificate.quota,
                })
            };
            let shown = authority.certificates().filter(|(_, granted)| all || granted.org == own);
            (authority.beacon(), shown.map(item).collect::<Vec<_>>())
        };
        let (beacon, items) = self.node.handle().read(look).await?;
        Ok(json!({ "beacon": beacon, "items": items }))
    }

    pub(super) async fn records_aside(self) -> Result<Value, OpError> {
        let look = |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            let item = |aside: Aside| {
                json!({
                    "id": aside.record.id().to_string(),
                    "kind": aside.record.record().kind().as_str(),
                    "person": library.name(&aside.certificate),
                    "org": org_name(authority, aside.org).name,
                    "certificate": aside.certificate.to_string(),
                    "by": authority.ended(&aside.certificate).map(|by| by.to_string()),
                })
            };
            Ok::<_, OpError>(aside(replica)?.into_iter().map(item).collect::<Vec<_>>())
        };
        Ok(json!({ "items": self.node.handle().read(look).await?? }))
    }

    pub(super) async fn adopt_record(
        self,
        record: &str,
        reason: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (id, adopted) = self
            .node
            .adopt_record(
                &account,
                record,
                &reason.unwrap_or_default(),
                self.caller.passphrase.clone(),
            )
            .await?;
        Ok(json!({ "id": id.to_string(), "adopted": adopted.to_string() }))
    }
}

/// What a certificate's roles are about; none where they are about everything.
fn only_json(replica: &NodeReplica, certificate: &Certificate) -> Value {
    let Some(objects) = governing::objects(replica, certificate) else { return Value::Null };
    let shown = objects.into_iter();
    let shown = shown.map(|object| json!({ "what": object.kind.code(), "id": object.id }));
    Value::Array(shown.collect())
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
        _ if pending.kind == Kind::Rekey => {
            let what = format!(
                "new keys are given with `tern rekey {} --reason TEXT`, after somebody compared their fingerprint",
                pending.id
            );
            Err(invalid("proposal", what))
        }
        _ => Err(invalid("proposal", "that cannot be approved")),
    }
}
