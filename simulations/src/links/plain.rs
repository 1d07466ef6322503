//! The same differences by Automerge's own sync protocol, in memory: a session
//! for each document, both sides remembering how the last one ended, as those
//! do that keep documents so.
//!
//! Counted are the messages alone, without any frame, link or encryption, and
//! without naming the document that each is of: what such a system says at least.

use std::collections::BTreeMap;
use std::fmt::Write;

use automerge::sync::{Message, State, SyncDoc};
use automerge::{Automerge, Change};
use tern_crdt::document::{NewChange, next_change};
use tern_crdt::value::Value;

use super::LinksError;
use crate::corpus::Corpus;

/// What a practice says.
type Content = BTreeMap<String, Value>;

/// Of a larger library so many documents are measured.
pub(super) const DOCUMENTS_MAX: u64 = 10_000;

/// What was said about a library in which some documents were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// By what.
    pub by: &'static str,
    /// Documents.
    pub documents: u64,
    /// How many of them one side has changed.
    pub changed: u64,
    /// Messages, both ways.
    pub messages: u64,
    /// Their bytes, the changes among them.
    pub bytes: u64,
    /// Bytes of the changes that the other side lacked.
    pub content: u64,
    /// How often both sides spoke, one after the other or at once, until the last
    /// document was the same, where that can be told.
    pub turns: Option<u64>,
}

struct Side {
    document: Automerge,
    state: State,
}

impl Side {
    fn of(changes: &[&[u8]]) -> Result<Self, LinksError> {
        let read = |bytes: &&[u8]| Change::from_bytes(bytes.to_vec()).map_err(refused);
        let mut document = Automerge::new();
        let changes = changes.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        document.apply_changes(changes).map_err(refused)?;
        Ok(Self { document, state: State::new() })
    }

    fn says(&mut self) -> Option<Vec<u8>> {
        Some(self.document.generate_sync_message(&mut self.state)?.encode())
    }

    fn hears(&mut self, bytes: &[u8]) -> Result<(), LinksError> {
        let message = Message::decode(bytes).map_err(refused)?;
        self.document.receive_sync_message(&mut self.state, message).map_err(refused)
    }

    /// What it remembers of the peer after the link is gone.
    fn remembers(&mut self) -> Result<(), LinksError> {
        self.state = State::decode(&self.state.encode()).map_err(refused)?;
        Ok(())
    }
}

pub(super) fn refused(why: impl std::fmt::Display) -> LinksError {
    LinksError::Refused { asked: "Automerge".into(), said: why.to_string() }
}

/// Speaks until neither side has anything to say; adds it up.
fn talk(one: &mut Side, other: &mut Side, said: &mut Said) -> Result<(), LinksError> {
    let mut turns = 0;
    loop {
        let (here, there) = (one.says(), other.says());
        if here.is_none() && there.is_none() {
            said.turns = said.turns.max(Some(turns));
            return Ok(());
        }
        turns += 1;
        for (message, hearer) in [(here, &mut *other), (there, &mut *one)] {
            if let Some(bytes) = message {
                said.messages += 1;
                said.bytes += bytes.len() as u64;
                hearer.hears(&bytes)?;
            }
        }
    }
}

/// The library of practices (P1) of which the first so many have one more change
/// at one side.
///
/// # Errors
/// Automerge refuses its own messages.
pub(super) fn measure(documents: u64, changed: u64) -> Result<Said, LinksError> {
    let documents = documents.min(DOCUMENTS_MAX);
    let changed = changed.min(documents);
    let mut said = Said { by: "Automerge's sync", documents, changed, ..Said::default() };
    let corpus = Corpus::p1(super::library::SEED);
    for number in 0..documents {
        let mut nothing = Said::default();
        let (first, content) = first_change(&corpus, number)?;
        let (mut holder, mut reader) = (Side::of(&[&first.bytes])?, Side::of(&[&first.bytes])?);
        talk(&mut holder, &mut reader, &mut nothing)?;
        holder.remembers()?;
        reader.remembers()?;
        if number < said.changed {
            let second = edited(&first, content)?;
            said.content += second.len() as u64;
            let change = Change::from_bytes(second).map_err(refused)?;
            holder.document.apply_changes([change]).map_err(refused)?;
        }
        talk(&mut holder, &mut reader, &mut said)?;
    }
    Ok(said)
}

/// The change that makes a practice of the corpus, and what it says.
pub(super) fn first_change(
    corpus: &Corpus,
    number: u64,
) -> Result<(NewChange, Content), LinksError> {
    let practice = corpus.editions(number).into_iter().next();
    let content = practice.ok_or_else(|| refused("the corpus is empty"))?.to_value();
    let first = next_change(&[], &[], &content, &[1; 16], 0).map_err(refused)?;
    Ok((first, content))
}

/// The change that makes a sentence of a practice another one.
pub(super) fn edited(first: &NewChange, mut content: Content) -> Result<Vec<u8>, LinksError> {
    let sentence = Value::Text(super::library::SENTENCE.into());
    if let Some(Value::Map(summary)) = content.get_mut("summary") {
        summary.insert("en".into(), sentence);
    }
    let past: [&[u8]; 1] = [&first.bytes];
    let next = next_change(&past, &[first.hash], &content, &[2; 16], 60).map_err(refused)?;
    Ok(next.bytes)
}

/// The rows, under the table of links.
pub(super) fn markdown(rows: &[Said]) -> String {
    let mut text = String::from(
        "\nBeside it, the same documents as others bring them into step, in memory: messages \
         alone.\n\n\
         | by | documents | changed | messages | said B, content included | content B | turns |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    for said in rows {
        let Said { by, documents, changed, messages, bytes, content, turns } = said;
        let turns = turns.map_or_else(|| "–".to_owned(), |turns| turns.to_string());
        // A string takes everything.
        let _ = writeln!(
            text,
            "| {by} | {documents} | {changed} | {messages} | {bytes} | {content} | {turns} |"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_spoken_of_whether_it_changed_or_not() {
        let [same, one] = [0, 1].map(|changed| measure(20, changed).expect("documents"));
        assert!(same.messages >= 20 && same.content == 0, "{same:?}");
        assert!(one.bytes > same.bytes && one.content > 100, "{one:?} {same:?}");
        assert!(one.turns > same.turns || one.messages > same.messages, "{one:?} {same:?}");
    }
}
