//! Drafts and publishing, as the pages do them.

use serde_json::Value;
use tern_crdt::authority::Role;
use tern_crdt::identity::{DocumentId, DraftId};
use tern_crdt::practice::Practice;
use tern_web_ui::service::{
    Answer, Clash, CommentAct, Commenting, Draft, DraftComment, DraftEntry, Fields, Party, Phrase,
    Publish, Published, Reader, Readiness, Save, Saved,
};

use super::practices::fields;
use super::sharing::reached;
use super::{Site, acting, mending, seconds};
use crate::accounts::Account;
use crate::drafts::{Meta, Opened, all_and_over};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PracticeRead, org_name};
use crate::running::Node;
use crate::sharing::{CommentAct as Act, Signatory};

fn hex_all(heads: &[[u8; 32]]) -> Vec<String> {
    heads.iter().map(|head| crate::hex::encode(head)).collect()
}

pub(super) fn read_heads(heads: &[String]) -> Result<Vec<[u8; 32]>, OpError> {
    let read = |head: &String| {
        crate::hex::decode::<32>(head).ok_or_else(|| {
            let what = "the form does not say which text it changes: open the draft again";
            OpError::new(ErrorCode::Invalid, what).in_field("heads")
        })
    };
    heads.iter().map(read).collect()
}

pub(super) async fn find_id(node: &Node, id: &str) -> Result<DraftId, OpError> {
    let draft = node.find_draft(id).await?;
    draft.ok_or_else(|| OpError::new(ErrorCode::NotFound, "no such draft"))
}

pub(super) async fn find(node: &Node, id: &str) -> Result<Opened, OpError> {
    node.draft(find_id(node, id).await?).await
}

async fn page(node: &Node, opened: &Opened) -> Result<Draft, OpError> {
    let id = opened.stored.id;
    Ok(Draft {
        id: id.to_string(),
        practice: opened.stored.meta.practice.map(|practice| practice.to_string()),
        heads: hex_all(&opened.heads),
        fields: fields(&opened.content)?,
        changed: seconds(opened.stored.meta.saved),
        audience: node.handle().read(move |replica| seers(replica, &id)).await?,
        reached: node.handle().read(move |replica| reached(replica, &id)).await??,
        held: mending::held(node, opened).await?,
        adopted: mending::adopted(node, opened).await?,
        comments: comments(node, opened).await?,
        missing: opened.content.missing_for_review().iter().map(|key| (*key).into()).collect(),
    })
}

async fn comments(node: &Node, opened: &Opened) -> Result<Vec<DraftComment>, OpError> {
    let party = |who: Signatory| Party { person: who.person, organisation: who.org };
    let told = node.comments_told(opened).await?.into_iter().map(|told| DraftComment {
        at: seconds(told.at()),
        by: told.by.map(party),
        stands: told.stands,
        id: told.comment.id,
        field: told.comment.field,
        lang: told.comment.lang.map(|tag| tag.as_str().to_owned()).unwrap_or_default(),
        quote: told.comment.quote,
        text: told.comment.text,
        answers: told.comment.answers,
        resolved: told.comment.resolved,
    });
    Ok(told.collect())
}

impl Commenting for Site {
    fn comment<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a CommentAct,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let id = find_id(node, draft).await?;
            let act = match act.clone() {
                CommentAct::Add { field, lang, quote, text } => {
                    Act::Add { field, lang: Some(lang), quote, text }
                }
                CommentAct::Answer { comment, text } => Act::Answer { comment, text },
                CommentAct::Resolve { comment, done } => Act::Resolve { comment, done },
            };
            let (_, comment) = node.comment(&account, id, act).await?;
            Ok(comment)
        })
    }
}

/// The names of all who see a draft, its owner first; none if only this
/// organisation does.
fn seers(replica: &NodeReplica, id: &DraftId) -> Vec<String> {
    let library = replica.library();
    let Some((owner, circle)) = library.draft_circle(id) else { return Vec::new() };
    if owner == replica.org() && circle.orgs.is_empty() {
        return Vec::new();
    }
    let name = |org| org_name(library.authority(), org).name;
    std::iter::once(owner).chain(circle.orgs.iter().copied()).map(name).collect()
}

/// All drafts of this node.
///
/// # Errors
/// The store's.
pub async fn drafts(node: &Node) -> Result<Vec<DraftEntry>, OpError> {
    let look = |replica: &NodeReplica| {
        let (open, over) = all_and_over(replica)?;
        let open = open.into_iter().map(|(id, meta)| entry(replica, id, meta, false));
        let over = over.into_iter().map(|(id, meta)| entry(replica, id, meta, true));
        Ok::<_, OpError>(open.chain(over).collect())
    };
    node.handle().read(look).await?
}

fn entry(replica: &NodeReplica, id: DraftId, meta: Meta, away: bool) -> DraftEntry {
    let library = replica.library();
    let circle = library.draft_circle(&id);
    let own = replica.org();
    DraftEntry {
        id: id.to_string(),
        title: Phrase { text: meta.title, lang: meta.lang },
        practice: meta.practice.map(|practice| practice.to_string()),
        changed: seconds(meta.saved),
        by: Some(meta.saved_by),
        audience: seers(replica, &id),
        over: circle.is_some_and(|(owner, circle)| owner != own && !circle.sees(&own)),
        away,
    }
}

/// Begins a draft with a title.
///
/// # Errors
/// The title or the language, or the account may not draft.
pub async fn new_draft(
    node: &Node,
    account: &Account,
    title: &str,
    lang: &str,
) -> Result<String, OpError> {
    let file = serde_json::json!({ "title": { lang: title }, "original_language": lang });
    let content = Practice::from_json(&file, lang)?;
    Ok(node.new_draft(account, content).await?.stored.id.to_string())
}

/// A draft as it is now, or as it was at the heads a writer saw.
///
/// # Errors
/// There is none, or it never had these heads.
pub async fn draft(node: &Node, id: &str, at: Option<&[String]>) -> Result<Draft, OpError> {
    let mut opened = find(node, id).await?;
    if let Some(heads) = at {
        let heads = read_heads(heads)?;
        opened.content = node.draft_at(&opened, heads.clone()).await?;
        opened.heads = heads;
    }
    page(node, &opened).await
}

/// The content of a form: what a practice file says.
fn read_form(form: &Fields, lang: &str) -> Result<Practice, OpError> {
    let file: Value = serde_json::to_value(form).map_err(|error| {
        OpError::new(ErrorCode::Invalid, format!("the form cannot be read: {error}"))
    })?;
    let lang = form.original_language.as_deref().unwrap_or(lang);
    Ok(Practice::from_json(&file, lang)?)
}

/// Saves a form on top of the heads its writer saw.
///
/// # Errors
/// A field, or the draft is gone.
pub async fn save(node: &Node, account: &Account, id: &str, save: &Save) -> Result<Saved, OpError> {
    let seen = read_heads(&save.heads)?;
    let content = read_form(&save.fields, &account.lang)?;
    let draft = find(node, id).await?.stored.id;
    let saved = node.save_draft(account, draft, seen, content).await?;
    let by = Some(saved.before).filter(|by| *by != account.name);
    let clashes = saved.clashes.iter().map(|found| clash(found, by.as_deref())).collect();
    Ok(Saved { heads: hex_all(&saved.now.heads), merged: saved.merged, clashes })
}

/// A passage that two people changed; `by` is the other one.
pub(super) fn clash(found: &tern_crdt::document::Clash, by: Option<&str>) -> Clash {
    Clash {
        field: found.field.clone(),
        by: by.map(str::to_owned),
        yours: text_of(found.ours.as_ref()),
        joined: text_of(found.joined.as_ref()),
    }
}

/// What a field says, for people to compare.
fn text_of(value: Option<&tern_crdt::value::Value>) -> String {
    use tern_crdt::value::Value;
    match value {
        None => String::new(),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Word(text) | Value::Text(text)) => text.clone(),
        Some(Value::List(entries)) => {
            entries.iter().map(|entry| text_of(Some(entry))).collect::<Vec<_>>().join("\n")
        }
        Some(Value::Map(parts)) => {
            parts.values().map(|part| text_of(Some(part))).collect::<Vec<_>>().join(" · ")
        }
    }
}

/// What stands between a draft and its publication.
///
/// # Errors
/// There is no such draft.
pub async fn readiness(node: &Node, account: &Account, id: &str) -> Result<Readiness, OpError> {
    let opened = find(node, id).await?;
    let practice = opened.stored.meta.practice;
    let base = match practice {
        Some(practice) => node.reading().held(practice).await?,
        None => None,
    };
    let own = account.clone();
    let refused = node
        .handle()
        .read(move |replica| {
            let authority = replica.library().authority();
            let about = practice.as_ref().map(DocumentId::as_bytes);
            own.certificate_about(authority, Role::Publisher, about).err()
        })
        .await?;
    Ok(Readiness {
        draft: page(node, &opened).await?,
        number: base.as_ref().map_or(1, next_number),
        required: opened.content.missing_to_publish().iter().map(|key| (*key).into()).collect(),
        passphrase: node.is_wrapped(account.sign).await?,
        refused: refused.map(|refused| super::sentence(&refused.message)),
        uncleared: node.cleared(account.sign, &opened).await.is_err(),
    })
}

fn next_number(base: &PracticeRead) -> u32 {
    base.editions[base.latest()].statement().number + 1
}

/// Signs and publishes a draft as it was read.
///
/// # Errors
/// The draft moved on, the passphrase is wrong, or the gate refuses.
pub async fn publish(
    node: &Node,
    account: &Account,
    id: &str,
    publish: &Publish,
) -> Result<Published, OpError> {
    let stored = find(node, id).await?.stored;
    let (draft, practice) = (stored.id, stored.meta.practice);
    let passphrase = super::experts::typed(publish.passphrase.as_deref())?;
    let pen = node.pen(account, practice, passphrase).await?;
    let read = read_heads(&publish.heads)?;
    let (published, _) = node.publish_draft(&pen, draft, Some(read), publish.note.clone()).await?;
    Ok(Published {
        practice: published.practice.to_string(),
        edition: published.edition.to_string(),
        number: published.number,
    })
}
