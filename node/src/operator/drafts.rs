//! Drafts: begin, edit, publish.

use serde_json::{Value, json};
use tern_crdt::identity::DraftId;
use tern_crdt::practice::{FieldRefused, Practice};

use super::practices::title;
use super::{Acting, moment};
use crate::accounts::Account;
use crate::drafts::{Opened, all, forget};
use crate::ops::{ErrorCode, Fields, OpError};
use crate::publishing::Manuscript;

impl From<FieldRefused> for OpError {
    fn from(refused: FieldRefused) -> Self {
        let limit = refused.limit;
        let code = if limit.is_some() { ErrorCode::TooLarge } else { ErrorCode::Invalid };
        let error = Self::new(code, refused.to_string()).in_field(refused.field);
        match limit {
            Some(limit) => error.over(limit),
            None => error,
        }
    }
}

/// The content of a practice file, with what its account implies.
///
/// # Errors
/// The field at fault.
pub(super) fn read_fields(fields: Fields, account: &Account) -> Result<Practice, OpError> {
    let mut fields = fields;
    fields.entry("original_language").or_insert_with(|| json!(account.lang));
    Ok(Practice::from_json(&Value::Object(fields), &account.lang)?)
}

impl Acting<'_> {
    pub(super) async fn draft(self, fields: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let content = read_fields(fields, &account)?;
        let opened = self.node.new_draft(&account, content, None).await?;
        Ok(json!({ "id": opened.stored.id.to_string() }))
    }

    pub(super) async fn edit(self, id: String, set: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let opened = match self.node.find_draft(&id).await? {
            Some(draft) => self.node.draft(draft).await?,
            None => self.open_from_practice(&account, &id).await?,
        };
        let mut content = opened.content;
        for (key, value) in &set {
            content.set_field(key, value, &account.lang)?;
        }
        let (id, heads) = (opened.stored.id, opened.heads);
        let saved = self.node.save_draft(&account, id, heads, content).await?;
        Ok(json!({ "id": id.to_string(), "heads": hex_all(&saved.now.heads) }))
    }

    async fn open_from_practice(&self, account: &Account, id: &str) -> Result<Opened, OpError> {
        let practice = self.node.reading().practice(id).await?;
        let content = self.node.reading().content(&practice, practice.latest()).await?;
        self.node.new_draft(account, content.practice.clone(), Some(practice.id)).await
    }

    pub(super) async fn publish(self, id: String, note: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.node.find_draft(&id).await?.ok_or_else(|| {
            let what = format!(
                "there is no draft `{id}` here: `tern practice edit {id} --set FIELD=VALUE` opens one from a practice"
            );
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })?;
        let pen = self.node.pen(&account, self.caller.passphrase.clone()).await?;
        let opened = self.node.draft(draft).await?;
        let missing = opened.content.missing_for_review();
        let manuscript = Manuscript {
            content: opened.content,
            practice: opened.stored.meta.practice,
            note: note.unwrap_or_default(),
        };
        let changes = opened.stored.meta.changes;
        let published = self.node.publish(&pen, manuscript, |_| forget(&draft, changes)).await?;
        Ok(json!({
            "id": published.practice.to_string(), "edition": published.number,
            "edition_id": published.edition.to_string(), "missing": missing,
        }))
    }

    pub(super) async fn drafts(self) -> Result<Value, OpError> {
        let drafts = self.node.handle().read(all).await??;
        let items: Vec<Value> = drafts
            .iter()
            .map(|(id, meta)| {
                json!({
                    "id": id.to_string(), "title": meta.title, "lang": meta.lang,
                    "practice": meta.practice.map(|practice| practice.to_string()),
                    "saved": moment(meta.saved), "saved_by": meta.saved_by,
                })
            })
            .collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn show_draft(self, draft: DraftId) -> Result<Value, OpError> {
        let opened = self.node.draft(draft).await?;
        let fields = opened.content.to_json();
        Ok(json!({
            "id": draft.to_string(), "title": title(&fields), "draft": true,
            "practice": opened.stored.meta.practice.map(|practice| practice.to_string()),
            "heads": hex_all(&opened.heads), "fields": fields,
            "missing": opened.content.missing_for_review(),
            "missing_to_publish": opened.content.missing_to_publish(),
            "saved": moment(opened.stored.meta.saved), "saved_by": opened.stored.meta.saved_by,
        }))
    }
}

fn hex_all(hashes: &[[u8; 32]]) -> Vec<String> {
    hashes.iter().map(|hash| crate::hex::encode(hash)).collect()
}
