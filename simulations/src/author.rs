//! Signed editions, made as a shell makes them: content, change, statement,
//! signature.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::document::{DocumentError, next_change};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{DocumentId, EditionId, FederationId, Nonce, actor_id, document_id};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::{Value, content_hash};
use tern_protocol::message::Piece;

use crate::people::Person;

/// What a practice says.
pub type Content = BTreeMap<String, Value>;

/// An earlier edition, as far as the next one needs it.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its id.
    pub id: EditionId,
    /// Its statement.
    pub edition: Edition,
    /// Its change.
    pub change: Vec<u8>,
}

/// An edition that was written and signed.
#[derive(Debug, Clone)]
pub struct Written {
    /// The practice.
    pub practice: DocumentId,
    /// The edition.
    pub id: EditionId,
    /// Its statement.
    pub edition: Edition,
    /// The signed statement.
    pub statement: Record,
    /// Its change.
    pub change: Vec<u8>,
}

impl Written {
    /// As it travels.
    pub fn piece(&self) -> Piece {
        Piece::Edition {
            statement: self.statement.to_bytes().into(),
            change: self.change.clone().into(),
        }
    }

    /// As the next edition needs it.
    pub fn earlier(&self) -> Earlier {
        Earlier { id: self.id, edition: self.edition.clone(), change: self.change.clone() }
    }
}

/// The editions that no other follows, ascending by id.
fn tips(earlier: &[Earlier]) -> Vec<&Earlier> {
    let followed: BTreeSet<EditionId> =
        earlier.iter().flat_map(|e| e.edition.previous.iter().copied()).collect();
    let mut tips: Vec<&Earlier> = earlier.iter().filter(|e| !followed.contains(&e.id)).collect();
    tips.sort_unstable_by_key(|e| e.id);
    tips
}

/// The edition that follows all of `earlier`, or founds a practice if there
/// is none.
pub fn write(
    federation: FederationId,
    by: &Person,
    earlier: &[Earlier],
    content: &Content,
    nonce: Nonce,
    now: Timestamp,
) -> Result<Written, DocumentError> {
    let tips = tips(earlier);
    let practice = earlier.first().map_or_else(
        || document_id(federation, by.certificate, &nonce),
        |first| first.edition.practice,
    );
    let past: Vec<&[u8]> = earlier.iter().map(|e| e.change.as_slice()).collect();
    let mut heads: Vec<[u8; 32]> = tips.iter().map(|e| e.edition.change).collect();
    heads.sort_unstable();
    let actor = actor_id(federation, practice, by.certificate, &nonce);
    let change = next_change(&past, &heads, content, &actor, now.0 / 1_000)?;
    let edition = Edition {
        by: by.certificate,
        practice,
        number: tips.iter().map(|e| e.edition.number).max().unwrap_or(0) + 1,
        previous: tips.iter().map(|e| e.id).collect(),
        nonce,
        change: change.hash,
        content: content_hash(content),
        contributors: vec![],
        note: String::new(),
        claimed_at: now,
        cleared: None,
    };
    Ok(sign(federation, by, edition, change.bytes))
}

/// Signs a statement over a change, true or not.
pub fn sign(federation: FederationId, by: &Person, edition: Edition, change: Vec<u8>) -> Written {
    let statement = edition.prepare().sign(federation, &by.key);
    let (practice, id) = (edition.practice, statement.id().cast());
    Written { practice, id, edition, statement, change }
}
