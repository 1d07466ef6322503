//! Whether the columns of a change are in the one form that Automerge writes.
//!
//! Automerge keeps operations, not bytes: when it saves a document and loads
//! it again, it writes each change anew, and a change that was written in
//! another form has another hash then, so the document no longer loads. Runs
//! can be written in many ways: a run in two pieces, a single value as a run
//! of one, two lists of values that differ. Only one of them is Automerge's.

use super::columns::{Column, Columns};
use super::runs::Value;
use super::{Chunk, ChunkRefused};

impl Chunk<'_> {
    /// Checks that Automerge would write the operations in these bytes. It has
    /// been held, and has no marks.
    pub fn check_form(&self) -> Result<(), ChunkRefused> {
        let columns = &self.columns;
        for column in [
            Column::ObjectActors,
            Column::ObjectCounters,
            Column::KeyActors,
            Column::Actions,
            Column::ValueKinds,
            Column::PredecessorCounts,
            Column::PredecessorActors,
        ] {
            runs::<u64>(columns, column)?;
        }
        runs::<i64>(columns, Column::KeyCounters)?;
        runs::<i64>(columns, Column::PredecessorCounters)?;
        runs::<&[u8]>(columns, Column::KeyNames)?;
        for column in [Column::Expands, Column::MarkNames] {
            if !columns.get(column).is_empty() {
                return Err(column.unfit("there are no marks"));
            }
        }
        self.check_actors()
    }

    /// Every other actor is named by an operation, since Automerge lists no
    /// others.
    fn check_actors(&self) -> Result<(), ChunkRefused> {
        let mut named = vec![false; self.other_actors().count() + 1];
        named[0] = true;
        for column in [Column::ObjectActors, Column::KeyActors, Column::PredecessorActors] {
            for run in super::runs::Runs::<u64>::new(&self.columns, column) {
                let actor = run?.value.and_then(|actor| usize::try_from(actor).ok());
                if let Some(named) = actor.and_then(|actor| named.get_mut(actor)) {
                    *named = true;
                }
            }
        }
        if named.iter().all(|named| *named) { Ok(()) } else { Err(ChunkRefused::ActorForeign) }
    }
}

/// What stands in a column at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece<T> {
    /// One value, at least twice.
    Same(T),
    /// Values that differ from their neighbours; this is the last of them.
    Differing(T),
    /// No values.
    Nothing,
}

/// Checks a run-length column: equal neighbours are one run, values that
/// differ from their neighbours one list, absent values one gap; a column
/// with absent values only is absent.
fn runs<'a, T: Value<'a> + PartialEq>(
    columns: &Columns<'a>,
    column: Column,
) -> Result<(), ChunkRefused> {
    let unfit = Err(column.unfit("not in the form that Automerge writes"));
    let mut reader = columns.get(column);
    let mut before: Option<Piece<T>> = None;
    let mut values = reader.is_empty();
    while !reader.is_empty() {
        let count = reader.signed()?;
        let piece = if count > 0 {
            let value = T::read(&mut reader)?;
            let equal = match before {
                Some(Piece::Same(other) | Piece::Differing(other)) => other == value,
                _ => false,
            };
            if count == 1 || equal {
                return unfit;
            }
            Piece::Same(value)
        } else if count == 0 {
            reader.unsigned()?;
            if matches!(before, Some(Piece::Nothing)) {
                return unfit;
            }
            Piece::Nothing
        } else {
            let mut last = match before {
                Some(Piece::Differing(_)) => return unfit,
                Some(Piece::Same(value)) => Some(value),
                _ => None,
            };
            for _ in 0..count.unsigned_abs() {
                let value = T::read(&mut reader)?;
                if last == Some(value) {
                    return unfit;
                }
                last = Some(value);
            }
            match last {
                Some(value) => Piece::Differing(value),
                None => return unfit,
            }
        };
        values |= !matches!(piece, Piece::Nothing);
        before = Some(piece);
    }
    if values { Ok(()) } else { unfit }
}
