//! Comments on the fields of drafts.

use serde_json::{Value, json};
use tern_crdt::practice::Tag;

use super::{Acting, invalid, moment};
use crate::ops::{ErrorCode, OpError};
use crate::sharing::{CommentAct, CommentTold};

/// A comment, or an answer to one, as somebody asks for it.
pub(super) fn written(
    text: String,
    field: Option<String>,
    lang: Option<String>,
    quote: String,
    reply_to: Option<String>,
) -> Result<CommentAct, OpError> {
    match (field, reply_to) {
        (None, Some(comment)) => Ok(CommentAct::Answer { comment, text }),
        (Some(field), None) => Ok(CommentAct::Add { field, lang, quote, text }),
        _ => Err(invalid("field", "name the field, or the comment that it answers")),
    }
}

impl Acting<'_> {
    pub(super) async fn comment(self, id: String, act: CommentAct) -> Result<Value, OpError> {
        let account = self.account().await?;
        let draft = self.node.find_draft(&id).await?.ok_or_else(|| {
            let what = format!("there is no draft `{id}` here: comments are for drafts");
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })?;
        let (_, comment) = self.node.comment(&account, draft, act).await?;
        Ok(json!({ "id": draft.to_string(), "comment": comment }))
    }
}

/// The comments of a draft.
pub(super) fn comments_json(all: &[CommentTold]) -> Value {
    let one = |told: &CommentTold| {
        let comment = &told.comment;
        json!({
            "id": comment.id, "field": comment.field,
            "lang": comment.lang.as_ref().map(Tag::as_str),
            "quote": Some(&comment.quote).filter(|quote| !quote.is_empty()),
            "text": comment.text, "answers": comment.answers, "resolved": comment.resolved,
            "stands": told.stands, "claimed_at": moment(told.at()),
            "person": told.by.as_ref().and_then(|by| by.person.clone()),
            "org": told.by.as_ref().map(|by| by.org.clone()),
            "resolved_by": told.resolver.as_ref().map(|by| by.org.clone()),
        })
    };
    all.iter().map(one).collect()
}
