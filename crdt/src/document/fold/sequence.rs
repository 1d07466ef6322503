//! The order of the elements of a list or text.
//!
//! Each element was inserted after another, or at the beginning: a tree. Its
//! elements stand in the order of a walk that visits those inserted after the
//! same one from the latest to the earliest (RGA: Roh et al., Replicated
//! abstract data types, 2011). Elements that were written one after another
//! are walked as a run, until something was inserted among them.

use std::collections::BTreeMap;

use super::said::{Piece, Place};
use crate::chunk::OpId;
use crate::identity::ActorId;

/// Elements of one piece in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'f> {
    pub(super) piece: &'f Piece,
    /// The id of the first.
    pub(super) first: OpId,
    /// Which of the piece's values it has.
    pub(super) offset: u64,
    pub(super) count: u64,
}

/// The elements of a sequence in order, given the pieces that inserted them.
pub(super) fn ordered<'f>(pieces: &[(ActorId, &'f Piece)]) -> Vec<Run<'f>> {
    // By actor first, so that what was inserted into a run stands together.
    let key = |id: OpId| (id.actor, id.counter);
    let mut after: BTreeMap<Option<(ActorId, u64)>, Vec<Run<'f>>> = BTreeMap::new();
    for &(actor, piece) in pieces {
        if let Place::After(element) = piece.place {
            let first = OpId { counter: piece.first, actor };
            let run = Run { piece, first, offset: 0, count: piece.count() };
            after.entry(element.map(key)).or_default().push(run);
        }
    }
    for runs in after.values_mut() {
        // The latest last, to be visited first.
        runs.sort_unstable_by_key(|run| run.first);
    }
    let mut order = Vec::with_capacity(pieces.len());
    let mut waiting = after.get(&None).cloned().unwrap_or_default();
    while let Some(run) = waiting.pop() {
        // The first element of the run after which others were inserted.
        let last = OpId { counter: run.first.counter + run.count - 1, ..run.first };
        let mut broken = after.range(Some(key(run.first))..=Some(key(last)));
        let Some((Some((actor, counter)), inserted)) = broken.next() else {
            order.push(run);
            continue;
        };
        let at = OpId { counter: *counter, actor: *actor };
        let count = at.counter - run.first.counter + 1;
        order.push(Run { count, ..run });
        // The rest of the run was inserted after `at` like the others.
        let rest = Run {
            first: OpId { counter: at.counter + 1, ..at },
            offset: run.offset + count,
            count: run.count - count,
            ..run
        };
        let earlier = inserted.partition_point(|other| other.first < rest.first);
        waiting.extend(&inserted[..earlier]);
        waiting.extend((rest.count > 0).then_some(rest));
        waiting.extend(&inserted[earlier..]);
    }
    order
}
