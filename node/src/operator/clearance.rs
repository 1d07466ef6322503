//! Clearance before publishing.

use serde_json::{Value, json};
use tern_crdt::authority::ClearanceNeed;
use tern_crdt::identity::{DraftId, OrgId};

use super::{Acting, invalid, moment};
use crate::clearance::{Act, ClearanceTold, ClearedTold, StepTold, cleared_told};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::EditionRead;
use crate::sharing::Signatory;

impl Acting<'_> {
    pub(super) async fn clearance_policy(self, need: Option<String>) -> Result<Value, OpError> {
        let org: OrgId = self.node.identity().org;
        let mut entry = None;
        if let Some(code) = need {
            let need = ClearanceNeed::from_code(&code).ok_or_else(|| {
                let all: Vec<&str> = ClearanceNeed::ALL.iter().map(|need| need.code()).collect();
                let what = format!("`{code}` is nothing to ask for: there are {}", all.join(", "));
                invalid("need", what)
            })?;
            let account = self.account().await?;
            let passphrase = self.caller.passphrase.clone();
            entry = self.node.set_clearance(&account, need, passphrase).await?;
        }
        let read = move |replica: &NodeReplica| replica.library().authority().clearance_need(&org);
        let need = self.node.handle().read(read).await?;
        Ok(json!({ "need": need.code(), "entry": entry.map(|id| id.to_string()) }))
    }

    pub(super) async fn clearances(self, all: bool) -> Result<Value, OpError> {
        let account = self.account().await?;
        let items = self.node.clearances(&account, all).await?;
        let items = items.iter().map(|one| {
            json!({
                "id": one.draft.to_string(), "title": one.title, "state": one.state.code(),
                "person": one.who.person, "org": one.who.org,
                "since": moment(one.step.claimed_at), "text": one.step.deed.words(),
            })
        });
        Ok(json!({ "items": items.collect::<Vec<Value>>() }))
    }

    async fn draft_called(&self, id: &str) -> Result<DraftId, OpError> {
        self.node.find_draft(id).await?.ok_or_else(|| {
            let what = format!("there is no draft `{id}` here: clearance is for drafts");
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })
    }

    pub(super) async fn clearance_show(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let opened = self.node.draft(self.draft_called(&id).await?).await?;
        let told = self.node.clearance(&account, &opened).await?;
        let mut json = told_json(&told);
        json["id"] = json!(opened.stored.id.to_string());
        Ok(json)
    }

    pub(super) async fn clear(self, id: String, act: Act) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.draft_called(&id).await?;
        let passphrase = self.caller.passphrase.clone();
        let (opened, said) = self.node.clear(&account, draft, act, passphrase).await?;
        let told = self.node.clearance(&account, &opened).await?;
        let mut json = told_json(&told);
        json["id"] = json!(draft.to_string());
        json["said"] = json!(said.to_string());
        Ok(json)
    }

    /// By whom an edition was cleared.
    pub(super) async fn cleared_json(&self, edition: &EditionRead) -> Result<Value, OpError> {
        let statement = edition.held.statement.clone();
        let read = move |replica: &NodeReplica| cleared_told(replica, &statement);
        Ok(cleared_json(&self.node.handle().read(read).await?))
    }
}

/// The hash of a scan.
pub(super) fn sheet(hash: &str) -> Result<[u8; 32], OpError> {
    crate::hex::decode::<32>(hash)
        .ok_or_else(|| invalid("sheet", "the hash of a file has 64 hexadecimal digits"))
}

fn person(who: &Signatory) -> Value {
    json!({ "person": who.person, "org": who.org })
}

fn step_json(step: &StepTold) -> Value {
    json!({
        "what": step.what, "person": step.who.person, "org": step.who.org,
        "claimed_at": moment(step.at), "text": step.words, "current": step.current,
        "sheet": step.sheet.map(|(hash, _)| crate::hex::encode(&hash)),
    })
}

/// Where a draft lies.
fn told_json(told: &ClearanceTold) -> Value {
    json!({
        "need": told.need.code(), "state": told.state.code(),
        "content_hash": crate::hex::encode(&told.content),
        "asked_hash": told.asked.map(|hash| crate::hex::encode(&hash)),
        "last": told.last.and_then(|at| told.steps.get(at)).map(step_json),
        "steps": told.steps.iter().map(step_json).collect::<Vec<_>>(),
        "changed": told.changed, "can": told.can.iter().map(person).collect::<Vec<_>>(),
        "may": { "ask": told.may.ask, "answer": told.may.answer, "confirm": told.may.confirm },
    })
}

/// What is to be said of the clearance of an edition.
fn cleared_json(told: &ClearedTold) -> Value {
    use tern_crdt::clearance::Cleared;
    let (way, at) = match told.cleared {
        Cleared::By(proof) => (Some(proof.way.code()), Some(moment(proof.claimed_at))),
        Cleared::Without(need) => (Some(need.code()), None),
        Cleared::NotAsked | Cleared::Before => (None, None),
    };
    json!({
        "state": told.cleared.code(), "way": way, "claimed_at": at,
        "person": told.who.as_ref().and_then(|who| who.person.clone()),
        "org": told.who.as_ref().map(|who| who.org.clone()),
        "sheet": told.sheet().map(|hash| crate::hex::encode(&hash)),
    })
}
