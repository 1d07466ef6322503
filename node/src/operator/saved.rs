//! Searches that an account keeps.

use serde_json::{Value, json};
use tern_crdt::timestamp::Timestamp;

use super::practices::known;
use super::{Acting, moment, page_size};
use crate::ops::OpError;
use crate::saved::Saved;
use crate::search::Query;

fn at(seconds: i64) -> Value {
    json!(moment(Timestamp(seconds.saturating_mul(1_000))))
}

fn told(id: &str, saved: &Saved) -> Value {
    json!({
        "id": id, "name": saved.name, "query": saved.text, "objectives": saved.objectives,
        "countries": saved.countries, "kinds": saved.kinds, "languages": saved.languages,
        "topics": saved.topics, "places": saved.places, "valid": saved.valid,
        "withdrawn": saved.withdrawn, "looked_at": at(saved.looked),
    })
}

impl Acting<'_> {
    pub(super) async fn save_search(self, name: String, query: Query) -> Result<Value, OpError> {
        known(&query)?;
        let account = self.account().await?;
        let id = self.node.save_search(&account, &name, &query).await?;
        Ok(json!({ "id": id, "name": name.trim() }))
    }

    pub(super) async fn saved_searches(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let kept = self.node.saved_searches(&account).await?;
        let items = kept.iter().map(|one| {
            let mut item = told(&one.id, &one.saved);
            item["total"] = json!(one.total);
            item["new"] = json!(one.fresh);
            item
        });
        Ok(json!({ "total": kept.len(), "items": items.collect::<Vec<_>>() }))
    }

    pub(super) async fn saved_search(
        self,
        which: String,
        all: bool,
        seen: bool,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (id, saved) = self.node.saved_search(&account, &which).await?;
        let query = Query { limit: page_size(None), ..saved.query(!all) };
        let node = self.node;
        let mut found = self.found(query).await?;
        found["name"] = json!(saved.name);
        found["looked_at"] = at(saved.looked);
        if seen {
            node.look_at_search(&account, &id).await?;
        }
        Ok(found)
    }

    pub(super) async fn forget_search(self, which: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (id, _) = self.node.saved_search(&account, &which).await?;
        self.node.forget_search(&account, &id).await?;
        Ok(json!({ "removed": id }))
    }
}
