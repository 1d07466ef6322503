//! Drafts: documents that several people edit at once, offline, and merge.
//!
//! Whoever saves says which heads they saw. What they changed since then is
//! joined with what others changed meanwhile and written on top of everything
//! held, as one change of their own actor: so a late save loses nothing, and
//! an actor's changes never fork. [`Draft::clashes`] tells what both sides
//! changed, so that a page can show the joined text.
//!
//! Two things keep text from being lost where Automerge alone would prefer one
//! side. What two people begin at one place without knowing of each other is
//! shown joined, not hidden behind the later. And a field that is emptied
//! keeps its object, so that what somebody else is typing into it survives;
//! hence an empty text, list or map means the same as none.

use std::collections::BTreeMap;

use automerge::{Automerge, ROOT};

use super::fold::Several;
use super::history::History;
use super::write::{Manner, Writer};
use super::{DocumentError, NewChange, commit, guarded};
use crate::comment::{COMMENTS, Commented, comments};
use crate::identity::ActorId;
use crate::value::{Value, composed};

mod gentle;
mod merge;

pub use merge::Clash;

/// A draft as this node holds it.
#[derive(Clone)]
pub struct Draft {
    changes: Vec<Vec<u8>>,
    document: Automerge,
}

impl Default for Draft {
    fn default() -> Self {
        Self::new()
    }
}

impl Draft {
    /// A draft that says nothing yet.
    pub fn new() -> Self {
        Self { changes: Vec::new(), document: Automerge::new() }
    }

    /// The draft of these raw changes, in any order. They were accepted: those
    /// that are not sound are left out by the caller.
    pub fn load(changes: &[&[u8]]) -> Result<Self, DocumentError> {
        guarded(|| {
            let history = History::read(changes)?;
            history.fold()?;
            let document = history.document()?;
            let changes = history.chunks().iter().map(|chunk| chunk.bytes().to_vec()).collect();
            Ok(Self { changes, document })
        })
    }

    /// The raw changes.
    pub fn changes(&self) -> impl Iterator<Item = &[u8]> {
        self.changes.iter().map(Vec::as_slice)
    }

    /// The changes that no other follows, ascending.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<_> = self.document.get_heads().iter().map(|head| head.0).collect();
        heads.sort_unstable();
        heads
    }

    /// What the draft says.
    pub fn content(&self) -> Result<BTreeMap<String, Value>, DocumentError> {
        self.content_at(&self.heads())
    }

    /// What the draft said at these heads.
    pub fn content_at(&self, heads: &[[u8; 32]]) -> Result<BTreeMap<String, Value>, DocumentError> {
        let changes: Vec<&[u8]> = self.changes().collect();
        let history = History::read(&changes)?.up_to(heads)?;
        Ok(pruned(history.fold()?.content(Several::Joined)))
    }

    /// The comments, each with whoever set its words.
    pub fn comments(&self) -> Result<Vec<Commented>, DocumentError> {
        let changes: Vec<&[u8]> = self.changes().collect();
        let fold = History::read(&changes)?.fold()?;
        let content = pruned(fold.content(Several::Joined));
        let setters = fold.setters(COMMENTS);
        let told = comments(&content).into_iter().filter_map(|comment| {
            let set = setters.get(&comment.id)?;
            let (actor, resolver) = (*set.get("text")?, set.get("resolved").copied());
            Some(Commented { comment, actor, resolver })
        });
        Ok(told.collect())
    }

    /// Saves what somebody edited who saw the draft at `heads_seen`, by
    /// `actor`. Gives the new change, or `None` if there is nothing to save.
    pub fn save_at(
        &mut self,
        heads_seen: &[[u8; 32]],
        edited: &BTreeMap<String, Value>,
        actor: &ActorId,
        time_secs: i64,
    ) -> Result<Option<NewChange>, DocumentError> {
        self.save_over(&self.content_at(heads_seen)?, edited, actor, time_secs)
    }

    /// As [`save_at`](Self::save_at), of what somebody edited who saw `seen`,
    /// which this draft need never have said.
    pub fn save_over(
        &mut self,
        seen: &BTreeMap<String, Value>,
        edited: &BTreeMap<String, Value>,
        actor: &ActorId,
        time_secs: i64,
    ) -> Result<Option<NewChange>, DocumentError> {
        let now = self.content()?;
        let wanted = merge::joined(&tidied(seen), &now, &tidied(edited));
        if wanted == now {
            return Ok(None);
        }
        // A failed save leaves the draft as it was.
        let mut document = self.document.clone().with_actor((&actor[..]).into());
        let change = guarded(|| {
            let mut transaction = document.transaction();
            let mut writer = Writer { tx: &mut transaction, manner: Manner::Gentle };
            writer.gentle_map(&[ROOT], &now, &wanted, 1)?;
            let Some(hash) = commit(transaction, time_secs) else { return Ok(None) };
            let change = super::made(&document, hash)?;
            // What would not be shown elsewhere is not saved.
            let all: Vec<&[u8]> = self.changes().chain([&change.bytes[..]]).collect();
            History::read(&all)?.fold()?;
            Ok(Some(change))
        })?;
        if let Some(change) = &change {
            self.changes.push(change.bytes.clone());
            self.document = document;
        }
        Ok(change)
    }

    /// What both sides changed since `heads_seen`, by field, with what a save
    /// makes of it.
    pub fn clashes(
        &self,
        heads_seen: &[[u8; 32]],
        edited: &BTreeMap<String, Value>,
    ) -> Result<Vec<Clash>, DocumentError> {
        self.clashes_over(&self.content_at(heads_seen)?, edited)
    }

    /// What both sides changed since one saw `seen`, as [`clashes`](Self::clashes).
    pub fn clashes_over(
        &self,
        seen: &BTreeMap<String, Value>,
        edited: &BTreeMap<String, Value>,
    ) -> Result<Vec<Clash>, DocumentError> {
        Ok(merge::clashes(&tidied(seen), &self.content()?, &tidied(edited)))
    }
}

/// The content with composed texts and nothing empty.
fn tidied(content: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    pruned(content.iter().map(|(key, value)| (key.clone(), tidy(value))).collect())
}

fn tidy(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(composed(text)),
        Value::List(entries) => Value::List(entries.iter().map(tidy).collect()),
        Value::Map(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), tidy(value))).collect())
        }
        other => other.clone(),
    }
}

/// The content without empty texts, lists and maps.
fn pruned(content: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let entries = content.into_iter().map(|(key, value)| (key, prune(value)));
    entries.filter(|(_, value)| !is_empty(value)).collect()
}

fn prune(value: Value) -> Value {
    match value {
        Value::List(entries) => Value::List(entries.into_iter().map(prune).collect()),
        Value::Map(map) => Value::Map(pruned(map)),
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::List(entries) => entries.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
