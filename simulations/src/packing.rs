//! What documents take on the wire, signatures included, relative to what
//! Automerge's own `save()` takes of the same documents.
//!
//! Three corpora: P1, practices of one edition; P3, of three; D30, drafts of
//! thirty changes by three people, with a segment of each. Each is packed alone
//! and ten in a message, with the dictionary that is built in, and with one that
//! was trained on the form of practices alone: what real prose comes to lies
//! between.

use std::fmt;

use automerge::{Automerge, Change};
use tern_crdt::chunk::{self, Past};
use tern_crdt::identity::{
    ActorId, CertificateId, FederationId, Nonce, SecretKey, actor_id, digest, document_id,
};
use tern_crdt::segment::Segment;
use tern_crdt::signed::Statement;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::message::Piece;
use tern_protocol::packing::Packed;
use zstd::bulk::Compressor;

use crate::corpus::{self, Corpus, DRAFT_AUTHORS};
use crate::dictionary;
use crate::people::Person;

/// The effort with which pieces are packed.
const LEVEL: i32 = 3;
/// When segments were signed: as long as such numbers are.
const SIGNED: i64 = 1_795_426_200_000;
/// Documents in one message.
const TOGETHER: usize = 10;

/// One document: its pieces, and its changes.
struct Document {
    pieces: Vec<Piece>,
    changes: Vec<Vec<u8>>,
}

/// Bytes of one corpus.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// Automerge's `save()` of each.
    pub saved: u64,
    /// Packed alone.
    pub alone: u64,
    /// Packed ten in a message.
    pub together: u64,
    /// The same two with the dictionary of the form alone.
    pub plain_alone: u64,
    /// As above.
    pub plain_together: u64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |bytes: u64| bytes as f64 / self.saved.max(1) as f64;
        write!(
            f,
            "{:>9} bytes saved; packed alone {:.2}, ten in a message {:.2}; with the form alone {:.2}, {:.2}",
            self.saved,
            part(self.alone),
            part(self.together),
            part(self.plain_alone),
            part(self.plain_together)
        )
    }
}

/// The rows of P1, P3 and D30, of so many documents each.
///
/// # Errors
/// A document cannot be written, or there is no memory.
pub fn rows(documents: u64, seed: u64) -> Result<[(&'static str, Row); 3], String> {
    let plain = dictionary::plain(dictionary::BYTES).map_err(text)?;
    let mut plain = Compressor::with_dictionary(LEVEL, &plain).map_err(text)?;
    let practices = |corpus: &Corpus| {
        (0..documents).map(|number| practice(corpus, number)).collect::<Result<Vec<_>, _>>()
    };
    let drafts = (0..documents).map(|number| draft(seed, number)).collect::<Result<Vec<_>, _>>()?;
    Ok([
        ("P1", row(&practices(&Corpus::p1(seed))?, &mut plain)?),
        ("P3", row(&practices(&Corpus::p3(seed))?, &mut plain)?),
        ("D30", row(&drafts, &mut plain)?),
    ])
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

/// Somebody of their own for each document, so that nobody's ids are learnt.
fn person(number: u64) -> Person {
    let drawn = tern_crdt::identity::digest("tern/packing/v1", &[&number.to_le_bytes()]);
    Person { key: SecretKey::from_seed(&drawn), certificate: CertificateId::new(drawn) }
}

const FEDERATION: FederationId = FederationId::new([7; 32]);

fn practice(corpus: &Corpus, number: u64) -> Result<Document, String> {
    let written = corpus.written(number, FEDERATION, &person(number)).map_err(text)?;
    Ok(Document {
        pieces: written.iter().map(crate::author::Written::piece).collect(),
        changes: written.into_iter().map(|edition| edition.change).collect(),
    })
}

fn draft(seed: u64, number: u64) -> Result<Document, String> {
    let people: [Person; DRAFT_AUTHORS] =
        std::array::from_fn(|place| person(number * 16 + place as u64));
    let nonces: [Nonce; DRAFT_AUTHORS] = std::array::from_fn(|place| {
        let mut nonce = [0; 16];
        let of = [&seed.to_le_bytes()[..], &number.to_le_bytes(), &[place as u8]];
        nonce.copy_from_slice(&digest("tern/packing/nonce/v1", &of)[..16]);
        nonce
    });
    let document = document_id(FEDERATION, people[0].certificate, &nonces[0]);
    let actors: [ActorId; DRAFT_AUTHORS] = std::array::from_fn(|place| {
        actor_id(FEDERATION, document, people[place].certificate, &nonces[place])
    });
    let written = corpus::draft_by(seed, number, &actors).map_err(text)?;
    let mut past = Past::default();
    for change in &written.changes {
        let chunk = chunk::read(&change.bytes).map_err(text)?;
        past.push(chunk::hold(&chunk, &past, None).map_err(text)?);
    }
    let mut segments = Vec::new();
    for ((by, nonce), actor) in people.iter().zip(nonces).zip(&actors) {
        // At another moment each, as people do.
        let drawn = u16::from_le_bytes([actor[0], actor[1]]);
        let at = Timestamp(SIGNED + i64::from(drawn) * 1_009);
        let of_actor = past.metas().iter().filter(|change| change.actor == *actor);
        let mut run: Vec<_> = of_actor.cloned().collect();
        run.sort_by_key(|change| change.seq);
        let segment = Segment::covering(by.certificate, document, nonce, &run, at);
        let segment = segment.ok_or("the changes of an actor are no run")?;
        let signed = segment.prepare().sign(FEDERATION, &by.key);
        segments.push(signed.verify(FEDERATION).map_err(text)?.read().map_err(text)?);
    }
    let changes: Vec<Vec<u8>> = written.changes.into_iter().map(|change| change.bytes).collect();
    let whole: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let nothing = vec![None; segments.len()];
    let brief = tern_protocol::drafts::brief(&segments, &nothing, &whole, FEDERATION);
    Ok(Document { pieces: vec![brief.ok_or("a change of somebody else")?], changes })
}

fn row(documents: &[Document], plain: &mut Compressor<'_>) -> Result<Row, String> {
    let mut row = Row::default();
    for document in documents {
        row.saved += saved(document)?;
        row.alone += Packed::of(&document.pieces).len() as u64;
        row.plain_alone += packed_plain(&document.pieces, plain)?;
    }
    for ten in documents.chunks(TOGETHER) {
        let pieces: Vec<Piece> = ten.iter().flat_map(|document| document.pieces.clone()).collect();
        row.together += Packed::of(&pieces).len() as u64;
        row.plain_together += packed_plain(&pieces, plain)?;
    }
    Ok(row)
}

fn packed_plain(pieces: &[Piece], plain: &mut Compressor<'_>) -> Result<u64, String> {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(pieces, &mut bytes);
    Ok(plain.compress(&bytes).map_err(text)?.len() as u64)
}

fn saved(document: &Document) -> Result<u64, String> {
    let mut automerge = Automerge::new();
    let changes = document.changes.iter().map(|change| Change::from_bytes(change.clone()));
    let changes = changes.collect::<Result<Vec<_>, _>>().map_err(text)?;
    automerge.apply_changes(changes).map_err(text)?;
    Ok(automerge.save().len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_smaller_on_the_wire_than_at_rest_in_automerge_and_together_no_larger() {
        for (name, row) in rows(10, 5).expect("documents") {
            assert!(row.saved > 10_000, "{name}: {row}");
            assert!(row.alone < row.saved && row.together <= row.alone, "{name}: {row}");
            assert!(row.together < row.plain_together, "{name}: {row}");
        }
    }
}
