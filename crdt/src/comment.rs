//! Comments on the fields of a draft: what those who write it say to each other
//! beside the text.
//!
//! They stand in the draft's document, so they travel, merge and are signed with
//! it, under one entry of the root that no field of a practice has
//! ([`COMMENTS`]): a map of comments, each under an id that was drawn for it, so
//! that whatever is said at two places stands twice. A comment names its field and,
//! if it is about certain words, quotes them: words that others change meanwhile
//! leave it where it is, and it is told that they changed.
//!
//! Nothing in a comment says who wrote it. Its author is whoever signed the change
//! that set its words ([`Commented::actor`]), and whoever changes them becomes
//! their author.
//!
//! **Publishing takes none of them along**: a practice never reads that entry
//! ([`Practice::from_value`](crate::practice::Practice::from_value)), so what is
//! made of one has it not.

use std::collections::BTreeMap;

use crate::identity::ActorId;
use crate::schema::{Tag, tidy};
use crate::timestamp::Timestamp;
use crate::value::Value;

/// The entry of a draft's root under which its comments stand.
pub const COMMENTS: &str = "comments";
/// At most this many comments of a draft are read: the first by time and id.
pub const COMMENTS_MAX: usize = 500;
/// The words of a comment have at most this many bytes: they are one word of the
/// document.
pub const COMMENT_BYTES_MAX: usize = 4_000;
/// A comment quotes at most this many bytes.
pub const QUOTE_BYTES_MAX: usize = 1_000;

/// One comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comment {
    /// What was drawn for it.
    pub id: String,
    /// The key of the field.
    pub field: String,
    /// The language of the text that is meant, if it is one.
    pub lang: Option<Tag>,
    /// The words that it is about; empty if it is about all of them.
    pub quote: String,
    /// What it says.
    pub text: String,
    /// The comment that it answers.
    pub answers: Option<String>,
    /// When, by the clock of whoever wrote it.
    pub at: Timestamp,
    /// Whether somebody said that it is done with.
    pub resolved: bool,
}

/// A comment with whoever set what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commented {
    /// The comment.
    pub comment: Comment,
    /// Whose change set its words.
    pub actor: ActorId,
    /// Whose change said last whether it is done with.
    pub resolver: Option<ActorId>,
}

impl Comment {
    /// As it stands in a document.
    pub fn to_value(&self) -> Value {
        let word = |text: &str| Value::Word(text.to_owned());
        let mut entries = BTreeMap::from([
            ("field".to_owned(), word(&self.field)),
            ("text".to_owned(), word(&self.text)),
            ("at".to_owned(), Value::Int(self.at.0)),
        ]);
        let lang = self.lang.as_ref().map(Tag::as_str);
        let quote = Some(self.quote.as_str()).filter(|quote| !quote.is_empty());
        for (key, text) in [("lang", lang), ("quote", quote), ("answers", self.answers.as_deref())]
        {
            if let Some(text) = text {
                entries.insert(key.to_owned(), word(text));
            }
        }
        if self.resolved {
            entries.insert("resolved".to_owned(), Value::Bool(true));
        }
        Value::Map(entries)
    }

    /// Reads one; `None` for what is none.
    fn from_value(id: &str, value: &Value) -> Option<Self> {
        let Value::Map(entries) = value else { return None };
        let word = |key: &str, max: usize| match entries.get(key) {
            Some(Value::Word(text)) if text.len() <= max => Some(text.clone()),
            _ => None,
        };
        Some(Self {
            id: id.to_owned(),
            field: word("field", 64)?,
            text: word("text", COMMENT_BYTES_MAX).filter(|text| !text.trim().is_empty())?,
            lang: word("lang", 64).and_then(|tag| tag.parse().ok()),
            quote: word("quote", QUOTE_BYTES_MAX).unwrap_or_default(),
            answers: word("answers", 64),
            at: match entries.get("at") {
                Some(Value::Int(at)) => Timestamp(*at),
                _ => Timestamp(0),
            },
            resolved: entries.get("resolved") == Some(&Value::Bool(true)),
        })
    }

    /// Whether what a draft says has the words that it is about, in its field.
    pub fn stands(&self, content: &BTreeMap<String, Value>) -> bool {
        let Some(value) = content.get(&self.field) else { return self.quote.is_empty() };
        let value = match (value, &self.lang) {
            (Value::Map(texts), Some(lang)) => texts.get(lang.as_str()).unwrap_or(value),
            _ => value,
        };
        self.quote.is_empty() || says(value, &tidy(&self.quote))
    }
}

/// Whether some text or word below a value has these words.
fn says(value: &Value, words: &str) -> bool {
    match value {
        Value::Text(text) | Value::Word(text) => text.contains(words),
        Value::List(entries) => entries.iter().any(|entry| says(entry, words)),
        Value::Map(entries) => entries.values().any(|entry| says(entry, words)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

/// The comments in a draft's content, by time and id. What is none is left out.
pub fn comments(content: &BTreeMap<String, Value>) -> Vec<Comment> {
    let Some(Value::Map(entries)) = content.get(COMMENTS) else { return Vec::new() };
    let read = entries.iter().filter_map(|(id, value)| Comment::from_value(id, value));
    let mut all: Vec<Comment> = read.collect();
    all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    all.truncate(COMMENTS_MAX);
    all
}

/// The content of a draft without its comments: what its fields say.
pub fn without(mut content: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    content.remove(COMMENTS);
    content
}

/// The content with one comment set.
pub fn with(mut content: BTreeMap<String, Value>, comment: &Comment) -> BTreeMap<String, Value> {
    let all = content.entry(COMMENTS.to_owned()).or_insert_with(|| Value::Map(BTreeMap::new()));
    if let Value::Map(entries) = all {
        entries.insert(comment.id.clone(), comment.to_value());
    }
    content
}

/// The content in which a comment is done with, or not any more; unchanged if there
/// is none of this id.
pub fn resolved(
    mut content: BTreeMap<String, Value>,
    id: &str,
    done: bool,
) -> BTreeMap<String, Value> {
    if let Some(Value::Map(all)) = content.get_mut(COMMENTS)
        && let Some(Value::Map(comment)) = all.get_mut(id)
    {
        comment.insert("resolved".to_owned(), Value::Bool(done));
    }
    content
}

#[cfg(test)]
mod tests;
