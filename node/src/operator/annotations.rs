//! What organisations say about practices: saying it, showing it, finding what may be
//! the same.

use serde_json::{Value, json};

use super::Acting;
use crate::annotations::{Say, said_json};
use crate::ops::OpError;
use crate::service::likely_same;

impl Acting<'_> {
    pub(super) async fn annotate(self, id: String, say: Say) -> Result<Value, OpError> {
        let account = self.account().await?;
        let practice = self.node.reading().practice(&id).await?;
        let passphrase = self.caller.passphrase.clone();
        let said = self.node.annotate(&account, &practice, say, passphrase).await?;
        Ok(json!({ "id": said.to_string(), "practice": practice.id.to_string() }))
    }

    pub(super) async fn said(self, id: String, edition: Option<u32>) -> Result<Value, OpError> {
        let practice = self.node.reading().practice(&id).await?;
        let at = match edition {
            None => practice.latest(),
            Some(number) => practice.find(&number.to_string())?,
        };
        let content = self.node.reading().content(&practice, at).await?;
        let said = self.node.said(&practice, at, &content.practice).await?;
        let mut told = said_json(&said);
        told["id"] = json!(practice.id.to_string());
        told["edition"] = json!(practice.editions[at].statement().number);
        let refused = practice.said.refused.iter();
        told["refused"] = refused
            .map(|(id, why)| json!({ "id": id.to_string(), "reason": why.to_string() }))
            .collect();
        Ok(told)
    }

    pub(super) async fn duplicates(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let alike = likely_same(self.node, vec![account.lang], false, &id).await?;
        let items: Vec<Value> = alike
            .iter()
            .map(|one| {
                let facts = &one.hit.card.facts;
                let original = facts.original_language.as_deref();
                let (_, title) = super::best(&one.hit.card.titles, original);
                let parts = one
                    .parts
                    .iter()
                    .map(|part| (part.likeness.code().to_owned(), json!(part.points)));
                json!({
                    "id": one.hit.id, "title": title, "org": facts.organisation,
                    "points": one.points, "parts": parts.collect::<serde_json::Map<_, _>>(),
                })
            })
            .collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }
}
