//! The board: needs that nobody met yet, and help for them.

use serde_json::{Value, json};
use tern_crdt::taxonomy::Vocabulary;

use super::{Acting, invalid, moment};
use crate::board::{Looking, Naming, NeedRead};
use crate::ops::OpError;

impl Acting<'_> {
    pub(super) async fn board(
        self,
        objective: Option<u8>,
        region: Option<String>,
    ) -> Result<Value, OpError> {
        if let Some(region) = &region
            && Vocabulary::Regions.term(region).is_none()
        {
            let terms = Vocabulary::Regions.terms().iter();
            let known: Vec<String> =
                terms.map(|term| format!("{} {}", term.code(), term.label("en").text)).collect();
            return Err(invalid("region", format!("`{region}` is none of {}", known.join(", "))));
        }
        let account = self.account().await?;
        let needs = self.node.board(&account, Looking { objective, region }).await?;
        let items: Vec<Value> = needs.iter().map(need_json).collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn post_need(
        self,
        id: String,
        title: Option<String>,
        naming: Option<String>,
    ) -> Result<Value, OpError> {
        let naming = match naming {
            None => Naming::Region,
            Some(code) => Naming::from_code(&code).ok_or_else(|| {
                let codes: Vec<&str> = Naming::ALL.iter().map(|one| one.code()).collect();
                invalid("naming", format!("`{code}` is none of {}", codes.join(", ")))
            })?,
        };
        let account = self.account().await?;
        let passphrase = self.caller.passphrase.clone();
        let need = self.node.post_need(&account, &id, title.as_deref(), naming, passphrase).await?;
        let seen = self.node.find_request(&account, &id).await?;
        Ok(json!({
            "id": seen.id().to_string(), "state": seen.case.state.code(),
            "need": need.to_string(),
        }))
    }

    pub(super) async fn take_need_down(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let id = self.node.take_down(&account, &id, self.caller.passphrase.clone()).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn offer_help(self, id: String, text: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.offer_help(&account, &id, text, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }
}

fn need_json(need: &NeedRead) -> Value {
    let mut json = need.stub.to_json();
    json["id"] = json!(need.id.to_string());
    json["signed"] = json!(moment(need.signed));
    json["expires"] = json!(moment(need.expires));
    json["ours"] = json!(need.ours.is_some());
    json
}
