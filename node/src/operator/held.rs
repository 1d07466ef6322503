//! Held work of drafts: what it is, adopting it, taking it over, putting it away.

use serde_json::{Value, json};
use tern_crdt::identity::DraftId;

use super::Acting;
use super::practices::differences;
use crate::drafts::Opened;
use crate::ops::{ErrorCode, OpError};
use crate::sharing::{AdoptedTold, EndedTold, HeldTold, Signatory};

impl Acting<'_> {
    async fn draft_named(&self, id: &str) -> Result<DraftId, OpError> {
        self.node.find_draft(id).await?.ok_or_else(|| {
            OpError::new(ErrorCode::NotFound, format!("there is no draft `{id}` here"))
                .in_field("id")
        })
    }

    /// The held work of a draft, for JSON.
    pub(super) async fn held_json(&self, opened: &Opened) -> Result<Vec<Value>, OpError> {
        let now = opened.content.to_json();
        let told = self.node.held_told(opened).await?;
        Ok(told.iter().map(|held| held_json(held, &now)).collect())
    }

    pub(super) async fn adopt_in_draft(
        self,
        draft: DraftId,
        change: Option<String>,
        reason: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (reason, passphrase) = (reason.unwrap_or_default(), self.caller.passphrase.clone());
        let change = change.as_deref();
        let adopted = self.node.adopt_in_draft(&account, draft, change, &reason, passphrase);
        let (change, adopted) = adopted.await?;
        let adopted: Vec<String> = adopted.iter().map(ToString::to_string).collect();
        Ok(json!({
            "id": draft.to_string(), "change": crate::hex::encode(&change), "adopted": adopted,
        }))
    }

    pub(super) async fn take_over(
        self,
        id: String,
        change: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.draft_named(&id).await?;
        let (change, saved) = self.node.take_over(&account, draft, change.as_deref()).await?;
        let clashes: Vec<&str> = saved.clashes.iter().map(|clash| clash.field.as_str()).collect();
        Ok(json!({
            "id": draft.to_string(), "change": crate::hex::encode(&change), "clashes": clashes,
        }))
    }

    pub(super) async fn put_away(
        self,
        id: String,
        change: Option<String>,
        back: bool,
    ) -> Result<Value, OpError> {
        self.account().await?;
        let draft = self.draft_named(&id).await?;
        let change = match change {
            None => {
                self.node.put_draft_away(draft, !back).await?;
                None
            }
            Some(change) => Some(self.node.put_held_away(draft, &change, !back).await?),
        };
        let change = change.map(|change| crate::hex::encode(&change));
        Ok(json!({ "id": draft.to_string(), "change": change, "away": !back }))
    }
}

fn signatory(who: &Signatory) -> Value {
    json!({ "person": who.person, "org": who.org })
}

fn held_json(held: &HeldTold, now: &Value) -> Value {
    let work = &held.work;
    let ended = |ended: &EndedTold| {
        let mut told = signatory(&ended.who);
        told["certificate"] = json!(ended.certificate.to_string());
        told["reason"] = json!(ended.reason);
        told
    };
    let differs = work.content.as_ref().map(|content| differences(now, &content.to_json()));
    json!({
        "change": crate::hex::encode(&work.change),
        "by": held.writers.iter().map(signatory).collect::<Vec<_>>(),
        "revoked": held.ended.iter().map(ended).collect::<Vec<_>>(),
        "lost": work.lost,
        "changes": work.changes, "bytes": work.bytes,
        "differences": differs,
        "way": held.way.code(), "ours": work.anew.is_some(),
        "away": work.settled,
    })
}

/// Who adopted what of a draft, for JSON.
pub(super) fn adopted_json(adopted: &[AdoptedTold]) -> Vec<Value> {
    let told = |adopted: &AdoptedTold| {
        json!({
            "of": signatory(&adopted.who), "by": signatory(&adopted.by), "reason": adopted.reason,
        })
    };
    adopted.iter().map(told).collect()
}
