//! What goes into a letter: parts of drafts that its reader's organisation sees and
//! its reader is not known to hold, as far as they fit one parcel.

use std::collections::BTreeSet;

use tern_crdt::identity::{FederationId, OrgId, ParcelId, PublicKey};
use tern_crdt::parcel::{INSIDE_BYTES, Lane, LetterRefused, pack_bytes, secret_of};
use tern_crdt::sealed::{CONTENT_BYTES_MAX, EncryptionKey};
use tern_crdt::timestamp::Timestamp;

use super::correspondence::{Correspondence, Sent};
use super::{Body, Mark, bytes_of, mark, reading_key};
use crate::gate::Examined;
use crate::library::{Library, PieceId};
use crate::limits::{LETTER_MARKS_MAX, MESSAGE_BYTES_MAX, PIECES_MAX};
use crate::meeting::set::PartId;
use crate::message::Piece;
use crate::packing::Packed;
use crate::routing::desk::{LIFE, Outgoing, Sender};
use crate::routing::{HeldParcel, Rest};
use crate::store::{Store, StoreError};

/// What a body has beside its marks and pieces, at most.
const BODY_BYTES: usize = 40;
/// Nearer than this to a full parcel it is measured what pieces take, packed.
const NEAR_BYTES: usize = 2 * 1024;

const _: () = assert!(16 * LETTER_MARKS_MAX + BODY_BYTES + INSIDE_BYTES < CONTENT_BYTES_MAX / 2);

/// A letter that is to be written: what it says, and to whom.
#[derive(Clone, Debug)]
pub struct DraftLetter {
    reader: PublicKey,
    key: EncryptionKey,
    n: u64,
    expires: u32,
    body: Body,
    brings: BTreeSet<Mark>,
    known: Correspondence,
}

impl DraftLetter {
    /// For which node it is.
    pub const fn reader(&self) -> &PublicKey {
        &self.reader
    }

    /// How many pieces of drafts are in it, packed, in bytes.
    pub fn bytes(&self) -> usize {
        self.body.pieces.len()
    }

    /// Seals it: to be written in one commit with what is remembered of it.
    ///
    /// # Errors
    /// The reader's key cannot be encrypted to.
    pub fn seal(
        &self,
        federation: FederationId,
        sender: &Sender<'_>,
    ) -> Result<Outgoing, LetterRefused> {
        let mut body = Vec::new();
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(&self.body, &mut body);
        let lane = Lane { to: self.reader, n: self.n };
        let label = (sender.node, lane, self.expires);
        let (label, sealed) =
            pack_bytes(federation, label, &body, &[self.key], sender.key, &sender.chance)?;
        let own = |_| LetterRefused::Malformed("its own label");
        let label = label.verify(federation).map_err(own)?;
        let parcel = HeldParcel::examine(label, Rest::Sealed(sealed))
            .map_err(|_| LetterRefused::Malformed("its own label"))?;
        let id: ParcelId = parcel.id();
        let mut known = self.known.clone();
        if self.body.again != 0 && known.asked == 0 {
            known.asked = self.n;
        }
        known.send(Sent {
            n: self.n,
            at: sender.now,
            parcel: id,
            secret: secret_of(&sender.chance).into(),
            marks: bytes_of(&self.brings),
            key: self.key.into(),
            again: self.body.again,
            over: false,
        });
        let private = vec![known.keep(&self.reader)];
        Ok(Outgoing { parcel: Examined::Parcel(Box::new(parcel)), id, private })
    }
}

impl<S: Store> Library<S> {
    /// The letter that is due to a reader, if one is.
    pub(super) fn letter_for(
        &self,
        node: &PublicKey,
        (reader, org): (PublicKey, OrgId),
        known: Correspondence,
        now: Timestamp,
        wait: i64,
    ) -> Result<Option<DraftLetter>, StoreError> {
        // Of a clock that was set back nobody can tell: then it is due.
        let rests = |at: Timestamp| (0..wait).contains(&now.since(at));
        let Some(key) = reading_key(self.authority(), org, &reader) else { return Ok(None) };
        let open = known.open();
        let unreadable = open.is_some_and(|sent| *sent.key != key);
        if rests(known.since) || open.is_some_and(|sent| rests(sent.at)) && !unreadable {
            return Ok(None);
        }
        let asks = known.again != 0 && open.is_none_or(|sent| sent.again != known.again);
        let holds = known.held();
        let mut told = holds.clone();
        told.extend(open.iter().flat_map(|sent| super::marks_of(&sent.marks)));
        let all = self.marks_with(&org);
        if !asks && !unreadable && all.is_subset(&told) {
            return Ok(None);
        }
        let own: BTreeSet<Mark> = all.into_iter().take(LETTER_MARKS_MAX).collect();
        let room = CONTENT_BYTES_MAX - INSIDE_BYTES - BODY_BYTES - 16 * own.len();
        let (pieces, brings) = self.pieces_for(&org, &holds, room)?;
        let again = known.again;
        let useless = brings.is_empty() && again == 0 || !unreadable && brings.is_subset(&told);
        let standing = self.lanes.get(&(*node, reader)).map_or(0, |(n, _)| *n);
        let n = standing.max(known.last()).checked_add(1);
        let Some(n) = n.filter(|_| asks || !useless) else { return Ok(None) };
        let have = known.took.map_or(0, |took| took.n);
        let body = Body { have, again, marks: bytes_of(&own), pieces: Packed::of(&pieces) };
        let expires = self.authority().beacon().saturating_add(LIFE);
        Ok(Some(DraftLetter { reader, key, n, expires, body, brings, known }))
    }

    /// Pieces that an organisation's node lacks which holds these, each after those on
    /// which it builds, as many as fit so many bytes; and what it holds with them.
    fn pieces_for(
        &self,
        org: &OrgId,
        holds: &BTreeSet<Mark>,
        room: usize,
    ) -> Result<(Vec<Piece>, BTreeSet<Mark>), StoreError> {
        let (mut pieces, mut bytes, mut brings) = (Vec::new(), 0, BTreeSet::new());
        // What they took when they were packed last, and what they were then.
        let mut measured = (0, 0);
        for (draft, parts) in self.drafts_in_letters(org) {
            if parts.iter().all(|part| holds.contains(&mark(part))) {
                continue;
            }
            // A segment that it holds may have grown here since: so its changes too.
            let past = self.draft_past(&draft)?;
            let changes = past.metas().iter().map(|change| change.hash);
            let named: BTreeSet<PartId> = parts
                .iter()
                .copied()
                .chain(changes)
                .filter(|part| holds.contains(&mark(part)))
                .collect();
            for id in self.draft_pieces_for(org, &draft, &named)? {
                let (piece, with) = match &id {
                    // It cannot ask: so each segment says by itself whose it is.
                    PieceId::Draft(draft, group) => {
                        (self.draft_piece(draft, group, false)?, self.heads_of(draft, group))
                    }
                    PieceId::Audience(_, audience) => {
                        (self.piece(&id)?, vec![*audience.as_bytes()])
                    }
                    _ => continue,
                };
                let Some(piece) = piece else { break };
                bytes += piece.content_bytes();
                pieces.push(piece);
                let mut full = bytes > MESSAGE_BYTES_MAX / 2 || pieces.len() > PIECES_MAX;
                // Where what came since fits twice over they need not be packed anew.
                let (packed, of) = measured;
                if !full && packed + 2 * (bytes - of) + NEAR_BYTES > room {
                    measured = (Packed::of(&pieces).len(), bytes);
                    full = measured.0 > room;
                }
                if full {
                    measured = (packed, of);
                    let left = pieces.pop();
                    bytes -= left.map_or(0, |piece| piece.content_bytes());
                    // What follows may build on it; other drafts do not.
                    break;
                }
                brings.extend(with.iter().map(mark));
            }
        }
        Ok((pieces, brings))
    }
}
