//! Comments on the fields of a draft: writing them, answering, saying that they are
//! done with, and telling whose they are.
//!
//! They travel with the draft, are signed with it, and are gone with it: publishing
//! takes none along ([`tern_crdt::comment`]).

use tern_crdt::comment::{
    COMMENT_BYTES_MAX, COMMENTS_MAX, Comment, QUOTE_BYTES_MAX, comments, resolved, with,
};
use tern_crdt::identity::{CertificateId, DraftId};
use tern_crdt::practice::{Practice, Tag, tidy};
use tern_crdt::timestamp::Timestamp;

use super::held;
use super::telling::Signatory;
use crate::accounts::Account;
use crate::drafts::Opened;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::hex;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw};

/// What somebody does about comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Comments on a field.
    Add {
        /// The key of the field.
        field: String,
        /// The language of the text that is meant.
        lang: Option<String>,
        /// The words that it is about; empty if it is about all of them.
        quote: String,
        /// What it says.
        text: String,
    },
    /// Answers a comment, by its id.
    Answer {
        /// Which.
        comment: String,
        /// What it says.
        text: String,
    },
    /// Says that a comment is done with, or not.
    Resolve {
        /// Which, by its id.
        comment: String,
        /// Whether it is.
        done: bool,
    },
}

/// A comment with who is behind it.
#[derive(Clone, Debug)]
pub struct CommentTold {
    /// The comment.
    pub comment: Comment,
    /// Whether the words that it is about stand in its field.
    pub stands: bool,
    /// Who wrote it; unknown where their signature is not here.
    pub by: Option<Signatory>,
    /// Who said last whether it is done with.
    pub resolver: Option<Signatory>,
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

/// Words that are not too many, as they are written.
fn words(text: &str, field: &str, bytes_max: usize) -> Result<String, OpError> {
    let text = tidy(text);
    if text.len() > bytes_max {
        let what = format!("it has {} bytes, and at most {bytes_max} fit: shorten it", text.len());
        return Err(invalid(field, what).over(bytes_max as u64));
    }
    Ok(text)
}

/// The comment of this id.
fn found(all: &[Comment], id: &str) -> Result<Comment, OpError> {
    all.iter().find(|one| one.id == id.trim()).cloned().ok_or_else(|| {
        let what = format!("there is no comment `{id}` in this draft");
        OpError::new(ErrorCode::NotFound, what).in_field("comment")
    })
}

impl Node {
    /// Does something about the comments of a draft. Answers the draft as it is then,
    /// and the id of the comment.
    ///
    /// # Errors
    /// A field that a practice does not have, words that are not there, none or too
    /// many, a comment that is not there, or the account may not draft.
    pub async fn comment(
        &self,
        account: &Account,
        draft: DraftId,
        act: Act,
    ) -> Result<(Opened, String), OpError> {
        let drawn: [u8; 16] = draw()?;
        let id = match &act {
            Act::Add { .. } | Act::Answer { .. } => hex::encode(&drawn),
            Act::Resolve { comment, .. } => comment.trim().to_owned(),
        };
        let own = id.clone();
        let change = move |content: crate::drafts::Content| {
            let all = comments(&content);
            let written = match act {
                Act::Resolve { comment, done } => {
                    found(&all, &comment)?;
                    return Ok(resolved(content, comment.trim(), done));
                }
                Act::Answer { comment, text } => {
                    let answered = found(&all, &comment)?;
                    let quote = String::new();
                    Comment { text, quote, answers: Some(answered.id.clone()), ..answered }
                }
                Act::Add { field, lang, quote, text } => {
                    if !Practice::FIELDS.iter().any(|(key, _)| *key == field) {
                        let what = match field.as_str() {
                            "" => "choose the field that the comment is about".to_owned(),
                            _ => format!(
                                "a practice has no field `{field}`: choose one of its fields"
                            ),
                        };
                        return Err(invalid("field", what));
                    }
                    let lang = lang.as_deref().map(str::trim).filter(|lang| !lang.is_empty());
                    let lang = lang.map(str::parse::<Tag>).transpose();
                    let lang = lang.map_err(|why| invalid("lang", why.to_string()))?;
                    let quote = words(&quote, "quote", QUOTE_BYTES_MAX)?;
                    let (id, answers) = (String::new(), None);
                    Comment { id, field, lang, quote, text, answers, at: now(), resolved: false }
                }
            };
            let text = words(&written.text, "text", COMMENT_BYTES_MAX)?;
            if text.is_empty() {
                return Err(invalid("text", "write something"));
            }
            if all.len() >= COMMENTS_MAX {
                let what = format!("this draft has {COMMENTS_MAX} comments, which are the most");
                return Err(OpError::new(ErrorCode::TooLarge, what).over(COMMENTS_MAX as u64));
            }
            let comment = Comment { id: own, text, at: now(), resolved: false, ..written };
            if !comment.stands(&content) {
                let what = "the field does not say these words: quote it as it stands";
                return Err(invalid("quote", what));
            }
            Ok(with(content, &comment))
        };
        Ok((self.write_comments(account, draft, change).await?, id))
    }

    /// The comments of a draft, by time, with who is behind each.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn comments_told(&self, opened: &Opened) -> Result<Vec<CommentTold>, OpError> {
        if opened.comments.is_empty() {
            return Ok(Vec::new());
        }
        let authors = held::authors(self.identity().federation, &opened.stored);
        let comments = opened.comments.clone();
        let tell = move |replica: &NodeReplica| {
            let who = |id: &CertificateId| Signatory::of(replica, id);
            let told = comments.into_iter().map(|one| CommentTold {
                by: authors.get(&one.said.actor).map(who),
                resolver: one.said.resolver.and_then(|by| authors.get(&by).map(who)),
                stands: one.stands,
                comment: one.said.comment,
            });
            told.collect()
        };
        Ok(self.handle().read(tell).await?)
    }
}

impl CommentTold {
    /// When it was written, as its writer's clock says.
    pub const fn at(&self) -> Timestamp {
        self.comment.at
    }
}
