//! What is pushed of one set, piece by piece.

use std::collections::VecDeque;

use tern_crdt::identity::{ParcelId, RecordId};

use super::Tally;
use super::rationing::Rations;
use super::set::{ObjectId, PartId, SetId};
use super::view::View;
use crate::library::PieceId;
use crate::limits::{PIECES_BYTES, PIECES_MAX};
use crate::message::Piece;
use crate::store::{Store, StoreError};

/// An object, and which of its parts the peer holds.
type Object = (ObjectId, Vec<PartId>);

/// Objects that the peer lacks, in the order in which they are pushed.
#[derive(Debug)]
pub(super) struct Pushing {
    set: SetId,
    objects: VecDeque<Object>,
    /// Whether `objects` stand in their order.
    ordered: bool,
    /// What goes after all others, because its signer's share of this push was used.
    later: VecDeque<Object>,
    rations: Option<Rations>,
    /// The pieces of the object that is pushed now.
    pieces: VecDeque<PieceId>,
    /// Pieces that were pushed.
    pub pushed: u64,
    /// What could not be read to be pushed.
    pub damaged: Vec<String>,
}

impl Pushing {
    /// Of this set, and of nothing yet.
    pub const fn new(set: SetId) -> Self {
        Self {
            set,
            objects: VecDeque::new(),
            ordered: true,
            later: VecDeque::new(),
            rations: None,
            pieces: VecDeque::new(),
            pushed: 0,
            damaged: Vec::new(),
        }
    }

    /// The peer lacks this object, but for some parts.
    pub fn add(&mut self, object: ObjectId, has: Vec<PartId>) {
        self.objects.push_back((object, has));
        self.ordered = false;
    }

    /// How many objects are still to be pushed.
    pub fn len(&self) -> usize {
        self.objects.len() + self.later.len() + usize::from(!self.pieces.is_empty())
    }

    /// Whether nothing is left to be pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The object that is pushed next, with what of it the peer lacks. Who signed more
    /// than their share of what goes first waits until all others had their turn.
    fn turn<S: Store>(
        &mut self,
        library: &View<'_, S>,
    ) -> Result<Option<Vec<PieceId>>, StoreError> {
        while let Some((object, has)) = self.objects.pop_front() {
            let pieces = library.lacking(self.set, &object, &has)?;
            let rations = self.rations.get_or_insert_with(|| Rations::of(library.authority()));
            let waits = match self.set {
                SetId::Public | SetId::Parcels => rations.is_used_up(library, &pieces)?,
                SetId::Authority | SetId::Drafts => false,
            };
            if !waits {
                return Ok(Some(pieces));
            }
            self.later.push_back((object, has));
        }
        let last = self.later.pop_front();
        last.map(|(object, has)| library.lacking(self.set, &object, &has)).transpose()
    }

    /// Urgent parcels go first, and each record of the authority set after
    /// those on which it builds.
    fn order<S: Store>(&mut self, library: &View<'_, S>) {
        if std::mem::replace(&mut self.ordered, true) {
            return;
        }
        let mut objects = Vec::from(std::mem::take(&mut self.objects));
        match self.set {
            SetId::Public | SetId::Drafts => {}
            SetId::Parcels => {
                let urgency = |id: &ObjectId| library.urgency.get(&ParcelId::new(*id)).copied();
                objects.sort_by_key(|(id, _)| (urgency(id).is_none(), urgency(id)));
            }
            SetId::Authority => {
                let ids: Vec<RecordId> = objects.iter().map(|(id, _)| RecordId::new(*id)).collect();
                let records = library.authority().in_order(ids.iter());
                objects = records
                    .into_iter()
                    .map(|record| (*record.id().as_bytes(), Vec::new()))
                    .collect();
            }
        }
        self.objects = objects.into();
    }

    /// The pieces of the next message; none when all are pushed.
    pub fn next<S: Store>(
        &mut self,
        library: &View<'_, S>,
        tally: &mut Tally,
    ) -> Result<Vec<Piece>, StoreError> {
        self.order(library);
        let mut pieces = Vec::new();
        let mut bytes = 0;
        while bytes < PIECES_BYTES && pieces.len() < PIECES_MAX {
            let Some(next) = self.pieces.pop_front() else {
                let Some(pieces) = self.turn(library)? else { break };
                self.pieces = pieces.into();
                tally.objects_sent += u64::from(!self.pieces.is_empty());
                continue;
            };
            match library.piece(&next) {
                Ok(None) => {}
                Ok(Some(piece)) => {
                    bytes += piece.content_bytes();
                    pieces.push(piece);
                }
                // The others have it from somebody else; this node is told.
                Err(StoreError::Damaged(what)) => self.damaged.push(what),
                Err(error) => return Err(error),
            }
        }
        self.pushed += pieces.len() as u64;
        tally.content_bytes += bytes as u64;
        Ok(pieces)
    }
}
