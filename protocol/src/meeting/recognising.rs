//! Recognising in which state the peer holds an object, from the element that
//! it shows of it.
//!
//! Most of the time one side holds an earlier state of what the other holds
//! now. Earlier states of a practice are those of its first editions, in the
//! order of their numbers; so they need not be remembered. Whoever recognises
//! one knows without asking what is lacking. What is not recognised is asked
//! about, or pushed whole: a wrong guess costs bytes and no more.

use tern_crdt::identity::{DocumentId, DraftId, EditionId, ParcelId};

use super::set::{ObjectId, PartId, SetId, State};
use super::sketch::{Element, Key};
use super::view::View;
use crate::drafts::Shared;
use crate::limits::EARLIER_STATES_MAX;
use crate::routing;
use crate::store::{Store, StoreError};

/// How the peer's state of an object stands to ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Recognised {
    /// Theirs is earlier, with these editions.
    Earlier(Element, Vec<PartId>),
    /// Theirs is later.
    Later,
}

/// A state of an object other than the one that is held.
enum Other {
    Earlier(State, Vec<PartId>),
    Later(State),
}

/// Whether one of the elements that the peer alone holds is a known state of
/// our object.
pub(super) fn recognise<S: Store>(
    library: &View<'_, S>,
    set: SetId,
    id: &ObjectId,
    key: Key,
    theirs: impl Fn(Element) -> bool,
) -> Result<Option<Recognised>, StoreError> {
    Ok(others(library, set, id)?.into_iter().find_map(|other| match other {
        Other::Earlier(state, has) => {
            let element = key.element(id, &state);
            theirs(element).then_some(Recognised::Earlier(element, has))
        }
        Other::Later(state) => theirs(key.element(id, &state)).then_some(Recognised::Later),
    }))
}

/// The editions that the peer holds of a practice in an earlier state; none
/// if that state is not known.
pub(super) fn parts_of<S: Store>(
    library: &View<'_, S>,
    set: SetId,
    id: &ObjectId,
    earlier: &State,
) -> Result<Vec<PartId>, StoreError> {
    Ok(others(library, set, id)?
        .into_iter()
        .find_map(|other| match other {
            Other::Earlier(state, has) if state == *earlier => Some(has),
            _ => None,
        })
        .unwrap_or_default())
}

fn others<S: Store>(
    library: &View<'_, S>,
    set: SetId,
    id: &ObjectId,
) -> Result<Vec<Other>, StoreError> {
    match set {
        SetId::Authority => Ok(Vec::new()),
        SetId::Drafts => {
            let shared = library.drafts.shared.get(&DraftId::new(*id));
            let states = shared.into_iter().flat_map(Shared::earlier).cloned();
            Ok(states.map(|(state, has)| Other::Earlier(state, has)).collect())
        }
        SetId::Parcels => {
            let ended = !library.urgency.contains_key(&ParcelId::new(*id));
            let other = routing::state(!ended);
            Ok(vec![if ended { Other::Earlier(other, Vec::new()) } else { Other::Later(other) }])
        }
        SetId::Public => {
            let entry = library.ledger().practice(&DocumentId::new(*id))?;
            let states = entry.map(|entry| entry.earlier_states(EARLIER_STATES_MAX));
            let states = states.unwrap_or_default().into_iter();
            let parts = |has: Vec<EditionId>| has.iter().map(|id| *id.as_bytes()).collect();
            Ok(states.map(|(state, has)| Other::Earlier(state, parts(has))).collect())
        }
    }
}
