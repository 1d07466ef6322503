//! Drafts: begin, edit, publish.

use serde_json::{Value, json};
use tern_crdt::identity::{DraftId, OrgId};
use tern_crdt::practice::{FieldRefused, Practice};

use super::comments::comments_json;
use super::practices::{page_size, title};
use super::{Acting, invalid, moment};
use crate::accounts::Account;
use crate::drafts::all_and_over;
use crate::governing::org_called;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, Fields, OpError};
use crate::reading::org_name;
use crate::sharing::Sharing;
use crate::sharing::letters::reach_of;

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
        let opened = self.node.new_draft(&account, content).await?;
        Ok(json!({ "id": opened.stored.id.to_string() }))
    }

    pub(super) async fn edit(self, id: String, set: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let write = |content: &mut Practice| {
            set.iter().try_for_each(|(key, value)| content.set_field(key, value, &account.lang))
        };
        // A field that is refused opens no draft.
        write(&mut Practice::default())?;
        let opened = match self.node.find_draft(&id).await? {
            Some(draft) => self.node.draft(draft).await?,
            None => self.node.draft_of(&account, &id).await?,
        };
        let mut content = opened.content;
        write(&mut content)?;
        let (id, heads) = (opened.stored.id, opened.heads);
        let saved = self.node.save_draft(&account, id, heads, content).await?;
        Ok(json!({ "id": id.to_string(), "heads": hex_all(&saved.now.heads) }))
    }

    pub(super) async fn share(
        self,
        id: String,
        show: Vec<String>,
        hide: Vec<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.node.find_draft(&id).await?.ok_or_else(|| {
            OpError::new(ErrorCode::NotFound, format!("there is no draft `{id}` here"))
                .in_field("id")
        })?;
        let find = move |replica: &NodeReplica| {
            let called = |names: Vec<String>| {
                names.iter().map(|name| org_called(replica, name)).collect::<Result<_, OpError>>()
            };
            Ok::<_, OpError>((called(show)?, called(hide)?))
        };
        let (show, hide) = self.node.handle().read(find).await??;
        let passphrase = self.caller.passphrase.clone();
        let sharing = self.node.share_draft(&account, draft, &show, &hide, passphrase).await?;
        let told = move |replica: &NodeReplica| sharing_json(replica, &sharing);
        let mut told = self.node.handle().read(told).await?;
        told["id"] = json!(draft.to_string());
        Ok(told)
    }

    pub(super) async fn publish(self, id: String, note: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.node.find_draft(&id).await?.ok_or_else(|| {
            let what = format!(
                "there is no draft `{id}` here: `tern practice edit {id} --set FIELD=VALUE` opens one from a practice"
            );
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })?;
        let practice = self.node.draft(draft).await?.stored.meta.practice;
        let pen = self.node.pen(&account, practice, self.caller.passphrase.clone()).await?;
        let note = note.unwrap_or_default();
        let (published, missing) = self.node.publish_draft(&pen, draft, None, note).await?;
        Ok(json!({
            "id": published.practice.to_string(), "edition": published.number,
            "edition_id": published.edition.to_string(), "missing": missing,
        }))
    }

    pub(super) async fn drafts(
        self,
        away: bool,
        limit: Option<usize>,
        after: Option<String>,
    ) -> Result<Value, OpError> {
        let (open, over) = self.node.handle().read(all_and_over).await??;
        let put_away = over.len();
        let drafts = if away { over } else { open };
        let begin = match &after {
            None => 0,
            Some(after) => {
                let at = drafts.iter().position(|(id, _)| id.to_string() == *after);
                1 + at.ok_or_else(|| {
                    let what = "the list cannot go on from there: begin it again without `after`";
                    invalid("after", what)
                })?
            }
        };
        let shown = &drafts[begin..];
        let shown = &shown[..shown.len().min(page_size(limit))];
        let ids: Vec<DraftId> = shown.iter().map(|(id, _)| *id).collect();
        let look = move |replica: &NodeReplica| {
            ids.iter().map(|id| circle_json(replica, id)).collect::<Vec<Value>>()
        };
        let circles = self.node.handle().read(look).await?;
        let items: Vec<Value> = shown
            .iter()
            .zip(circles)
            .map(|((id, meta), shared)| {
                json!({
                    "id": id.to_string(), "title": meta.title, "lang": meta.lang, "state": "draft",
                    "practice": meta.practice.map(|practice| practice.to_string()),
                    "saved": moment(meta.saved), "saved_by": meta.saved_by, "shared": shared,
                })
            })
            .collect();
        let more = begin + items.len() < drafts.len();
        let next = shown.last().filter(|_| more).map(|(id, _)| id.to_string());
        Ok(json!({
            "total": drafts.len(), "items": items, "next": next, "drafts": true, "away": put_away,
        }))
    }

    pub(super) async fn show_draft(self, draft: DraftId) -> Result<Value, OpError> {
        let opened = self.node.draft(draft).await?;
        let held = self.held_json(&opened).await?;
        let adopted = self.node.adopted_told(&opened.stored).await?;
        let comments = comments_json(&self.node.comments_told(&opened).await?);
        let fields = opened.content.to_json();
        let unsigned = opened.stored.changes.len();
        let sharing = opened.stored.shared.as_ref().map(|shared| Sharing::of(shared, unsigned));
        let told =
            move |replica: &NodeReplica| sharing.map(|sharing| sharing_json(replica, &sharing));
        Ok(json!({
            "shared": self.node.handle().read(told).await?,
            "id": draft.to_string(), "title": title(&fields), "draft": true,
            "practice": opened.stored.meta.practice.map(|practice| practice.to_string()),
            "heads": hex_all(&opened.heads), "fields": fields,
            "missing": opened.content.missing_for_review(),
            "missing_to_publish": opened.content.missing_to_publish(),
            "saved": moment(opened.stored.meta.saved), "saved_by": opened.stored.meta.saved_by,
            "held": held, "adopted": super::held::adopted_json(&adopted),
            "comments": comments,
        }))
    }
}

/// Whose a draft is and who sees it beside; null for one that is shared with
/// nobody.
fn circle_json(replica: &NodeReplica, draft: &DraftId) -> Value {
    let Some((owner, circle)) = replica.library().draft_circle(draft) else { return Value::Null };
    let authority = replica.library().authority();
    let org = |org: OrgId| json!({ "org": org.to_string(), "name": org_name(authority, org).name });
    json!({
        "owner": org(owner),
        "orgs": circle.orgs.iter().copied().map(org).collect::<Vec<Value>>(),
    })
}

/// Who sees a draft, for JSON.
fn sharing_json(replica: &NodeReplica, sharing: &Sharing) -> Value {
    let authority = replica.library().authority();
    let own = replica.org();
    let org = |org: OrgId| {
        let name = org_name(authority, org);
        let reach = (org != own).then(|| reach_of(replica, &org).unwrap_or_default().to_json());
        json!({ "org": org.to_string(), "name": name.name, "reach": reach })
    };
    let orgs: Vec<Value> = sharing.orgs.iter().copied().map(org).collect();
    json!({ "owner": org(sharing.owner), "orgs": orgs, "unsigned": sharing.unsigned })
}

fn hex_all(hashes: &[[u8; 32]]) -> Vec<String> {
    hashes.iter().map(|hash| crate::hex::encode(hash)).collect()
}
