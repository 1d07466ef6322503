//! What a node puts into a bundle: everything that it shares with all, and into
//! one for a node of an organisation the drafts that both may see; in the order
//! in which each object builds only on those before it.

use tern_crdt::identity::{DocumentId, DraftId, OrgId, ParcelId, RecordId};

use crate::library::Library;
use crate::limits::EARLIER_STATES_MAX;
use crate::meeting::set::{ObjectId, Set, SetId, State};
use crate::message::Piece;
use crate::store::{SCAN_ENTRIES_MAX, Space, Store, StoreError};

/// An object, as it was when it was listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The set that it is in.
    pub set: SetId,
    /// Its id there.
    pub id: ObjectId,
    /// Its state there.
    pub state: State,
}

/// How far a list has come: in which part of it, and behind which object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// 0 authority, 1 parcels, 2 public records, 3 practices, 4 drafts.
    pub part: u8,
    /// The last object that was listed of this part.
    pub after: Option<ObjectId>,
}

/// Some of what is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// In order.
    pub objects: Vec<Listed>,
    /// Where the list goes on, if it does.
    pub next: Option<Place>,
}

/// The parts of a list of what is for all.
const PARTS: u8 = 4;
/// Behind them, in a list of what is for one node.
const DRAFTS: u8 = 4;

impl<S: Store> Library<S> {
    /// Lists what a bundle holds from `place` on, in pages. Who may say what
    /// comes first, then parcels, the urgent ones before the others, then
    /// public records, then practices, and last, if the bundle is `to` a node of
    /// an organisation and encrypted to it, the drafts in common with that. What
    /// comes in between two pages may be missing or be there.
    ///
    /// # Errors
    /// The store's.
    pub fn bundled(&self, place: Place, to: Option<&OrgId>) -> Result<Listing, StoreError> {
        let (set, ids, more) = match place.part {
            0 => {
                let ids: Vec<RecordId> =
                    self.set(SetId::Authority).iter().map(|(id, _)| RecordId::new(*id)).collect();
                let ordered = self.authority().in_order(ids.iter());
                let ids = ordered.into_iter().map(|record| *record.id().as_bytes());
                let (ids, more) = page(ids, place.after);
                (SetId::Authority, ids, more)
            }
            1 => {
                let mut parcels: Vec<_> = self
                    .set(SetId::Parcels)
                    .iter()
                    .map(|(id, _)| (self.urgency.get(&ParcelId::new(*id)).copied(), *id))
                    .collect();
                parcels.sort_by_key(|(urgency, id)| (urgency.is_none(), *urgency, *id));
                let (ids, more) = page(parcels.into_iter().map(|(_, id)| id), place.after);
                (SetId::Parcels, ids, more)
            }
            2 | 3 => {
                let space = if place.part == 2 { Space::Record } else { Space::Document };
                let after = place.after.as_ref();
                let (ids, more) = self.ledger().ids_after(space, after, SCAN_ENTRIES_MAX)?;
                (SetId::Public, ids, more)
            }
            DRAFTS if to.is_some() => {
                let drafts = to.map(|org| self.drafts_with(org));
                let ids = drafts.into_iter().flat_map(Set::iter).map(|(id, _)| *id);
                let (ids, more) = page(ids, place.after);
                (SetId::Drafts, ids, more)
            }
            _ => return Ok(Listing { objects: Vec::new(), next: None }),
        };
        let parts = PARTS + u8::from(to.is_some());
        let next = match (more, ids.last()) {
            (true, Some(last)) => Some(Place { part: place.part, after: Some(*last) }),
            _ if place.part + 1 < parts => Some(Place { part: place.part + 1, after: None }),
            _ => None,
        };
        let held = match (set, to) {
            (SetId::Drafts, Some(org)) => self.drafts_with(org),
            _ => self.set(set),
        };
        let listed = |id: ObjectId| Some(Listed { set, id, state: *held.get(&id)? });
        Ok(Listing { objects: ids.into_iter().filter_map(listed).collect(), next })
    }
}

impl<S: Store> Library<S> {
    /// The pieces of an object that a node lacks which holds those of its states
    /// for which `holds` says so: of a practice, the editions behind the last
    /// such state; of a draft, for a bundle `to` its organisation, what is behind
    /// the parts of which it says so. `None` if it has to be left out, since a
    /// piece of it is too large.
    ///
    /// # Errors
    /// The store's; what is held is damaged.
    pub fn pieces_behind(
        &self,
        set: SetId,
        id: &ObjectId,
        to: Option<&OrgId>,
        holds: impl Fn(&State) -> bool,
    ) -> Result<Option<Vec<Piece>>, StoreError> {
        let practice = match (set, to) {
            (SetId::Public, _) => self.ledger().practice(&DocumentId::new(*id))?,
            (SetId::Drafts, Some(org)) => {
                return self.draft_pieces_behind(org, &DraftId::new(*id), holds);
            }
            (SetId::Drafts, None) => return Ok(Some(Vec::new())),
            (SetId::Authority | SetId::Parcels, _) => None,
        };
        let earlier = practice.map(|entry| entry.earlier_states(EARLIER_STATES_MAX));
        let held = earlier.into_iter().flatten().find(|(state, _)| holds(state));
        let Some((_, held)) = held else { return self.stored_pieces(set, id).map(Some) };
        let lacking = self.lacking(set, id, |edition| held.contains(edition))?;
        let pieces = lacking.iter().filter_map(|piece| self.piece(piece).transpose());
        pieces.collect::<Result<_, _>>().map(Some)
    }
}

/// The ids behind `after`, at most a page of them, and whether there are more.
fn page(ids: impl Iterator<Item = ObjectId>, after: Option<ObjectId>) -> (Vec<ObjectId>, bool) {
    let mut behind = ids.skip_while(|id| after.is_some_and(|after| after != *id));
    if after.is_some() {
        behind.next();
    }
    let page: Vec<ObjectId> = behind.by_ref().take(SCAN_ENTRIES_MAX).collect();
    (page, behind.next().is_some())
}
