//! What came in a letter. It is a peer's word like any other: bounded before it is
//! unpacked, each piece verified by itself and judged by the gate. Nothing but parts
//! of drafts is taken from it.

use tern_crdt::audience::Audience;
use tern_crdt::identity::{FederationId, SecretKey};
use tern_crdt::parcel::{LetterRefused, unpack_bytes};
use tern_crdt::timestamp::Timestamp;

use super::correspondence::{Correspondence, Took};
use super::{Arrived, Body, marks_of};
use crate::gate::{Examined, GateRefused, examine};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::LETTER_MARKS_MAX;
use crate::message::Piece;
use crate::routing::{HeldParcel, Rest};
use crate::step::Change;
use crate::store::{Store, StoreError};

/// A letter that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    secret: [u8; 32],
    body: Body,
    /// Its pieces, to be taken in as from any peer.
    pub pieces: Vec<Examined>,
    /// Why others of its pieces are not even looked at further.
    pub refused: Vec<GateRefused>,
}

/// Opens a letter with a reader's key. Slow, and needs nothing that is held.
///
/// # Errors
/// It is for others, or is no letter.
pub fn open(
    arrived: &Arrived,
    key: &SecretKey,
    federation: FederationId,
) -> Result<Opened, LetterRefused> {
    let Rest::Sealed(sealed) = &arrived.parcel.rest else { return Err(LetterRefused::ForOthers) };
    let (secret, bytes) = unpack_bytes(arrived.parcel.label.body(), sealed, key)?;
    let mut d = minicbor::Decoder::new(&bytes);
    let body: Body = d.decode().map_err(|_| LetterRefused::Malformed("not its layout"))?;
    if d.position() != bytes.len() {
        return Err(LetterRefused::Malformed("bytes after its end"));
    }
    if body.marks.len() > 16 * LETTER_MARKS_MAX || !body.marks.len().is_multiple_of(16) {
        return Err(LetterRefused::Malformed("it says of more than it may that it is held"));
    }
    let unpacked = body.pieces.unpack();
    let unpacked = unpacked.map_err(|_| LetterRefused::Malformed("its pieces do not unpack"))?;
    let (mut pieces, mut refused) = (Vec::new(), Vec::new());
    for piece in &unpacked {
        match examine(piece, federation) {
            Ok(examined) if is_of_draft(piece, &examined) => pieces.push(examined),
            Ok(_) => refused.push(GateRefused::Draft("a letter brings parts of drafts alone")),
            Err(reason) => refused.push(reason),
        }
    }
    Ok(Opened { secret, body, pieces, refused })
}

fn is_of_draft(piece: &Piece, examined: &Examined) -> bool {
    match (piece, examined) {
        (Piece::Draft { .. } | Piece::Brief { .. }, _) => true,
        (_, Examined::Record(record)) => record.record().is::<Audience>(),
        _ => false,
    }
}

/// Whether a piece may yet be held: what it builds on may come.
const fn may_come(refused: &GateRefused) -> bool {
    use GateRefused::{Crowded, Erased, Layout, Over};
    refused.is_innocent() && !matches!(refused, Crowded | Erased | Layout | Over)
}

impl<S: Store> Library<S> {
    /// What follows once the pieces of a letter were taken in, with what became of
    /// each: the letter, ended, unless it is to be looked at again, and what is to be
    /// remembered. To be written in one commit.
    ///
    /// # Errors
    /// The store's.
    pub fn letter_taken(
        &self,
        arrived: &Arrived,
        opened: &Opened,
        taken: &[Result<Change, GateRefused>],
        now: Timestamp,
    ) -> Result<(Vec<Examined>, Vec<Private>), StoreError> {
        let Arrived { writer, parcel, n } = arrived;
        let lacks = taken.iter().any(|taken| taken.as_ref().err().is_some_and(may_come));
        let before = self.correspondence(writer)?;
        let life = self.life()?;
        let mut known = before.unwrap_or_else(|| Correspondence::new(now, life));
        if known.took.is_none_or(|took| took.parcel != parcel.id()) {
            let body = &opened.body;
            let said = marks_of(&body.marks);
            // Whoever lacks what it was told says what it holds, and nothing else is
            // believed of it.
            let held = if body.again == 0 {
                known.held()
            } else {
                known.void();
                said.clone()
            };
            known.hold(held, &said);
            known.heard = Some(now);
            if lacks && (known.asked == 0 || body.have < known.asked) {
                known.again = *n;
            }
        }
        known.asked = if lacks { known.asked } else { 0 };
        known.took = Some(Took { n: *n, parcel: parcel.id(), done: !lacks });
        let mut pieces = Vec::new();
        if !lacks {
            let rest = Rest::Ended(opened.secret);
            let ended = HeldParcel { rest, ..parcel.clone() };
            pieces.push(Examined::Parcel(Box::new(ended)));
        }
        Ok((pieces, vec![known.keep(writer)]))
    }

    /// What is remembered of a letter that no key here opens, or that is none: it is
    /// looked at no more.
    ///
    /// # Errors
    /// The store's.
    pub fn letter_unread(&self, arrived: &Arrived, now: Timestamp) -> Result<Private, StoreError> {
        let Arrived { writer, parcel, n } = arrived;
        let before = self.correspondence(writer)?;
        let life = self.life()?;
        let mut known = before.unwrap_or_else(|| Correspondence::new(now, life));
        known.took = Some(Took { n: *n, parcel: parcel.id(), done: true });
        Ok(known.keep(writer))
    }
}
