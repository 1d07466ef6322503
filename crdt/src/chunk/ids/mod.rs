//! Whether every operation id that a change names lies in its past.
//!
//! An id is the index of an actor (0 is the author, then the other actors) and
//! a counter. It lies in the past if that actor wrote a change there whose
//! operations contain the counter, or if it is an earlier operation of the
//! change itself. Ids stand in columns of which many advance together, so
//! they are checked by the run: one look for a thousand letters in a row.

use super::columns::{Column, Columns};
use super::past::{Ancestry, Chain};
use super::runs::{Counters, Cursor, Differences};
use super::{COUNTER_MAX, Chunk, ChunkRefused};

/// Checks the columns of objects, keys and predecessors. `start_op` of the
/// chunk has been checked.
pub(super) fn check(
    chunk: &Chunk<'_>,
    past: &Ancestry<'_>,
    author: Chain<'_>,
) -> Result<(), ChunkRefused> {
    let mut chains = vec![author];
    for other in chunk.other_actors() {
        let chain = past.chain(&other);
        chain.last().ok_or(ChunkRefused::ActorForeign)?;
        chains.push(chain);
    }
    let named = Named { chains, start_op: chunk.start_op() as i64, ops: chunk.ops() };
    named.objects(&chunk.columns)?;
    named.keys(&chunk.columns)?;
    named.predecessors(&chunk.columns)
}

/// The operations that the change may name.
struct Named<'p> {
    /// What each actor of the change wrote in its past; the author first.
    chains: Vec<Chain<'p>>,
    start_op: i64,
    ops: u64,
}

/// Ids in a row, and who names them.
struct Row {
    column: Column,
    actor: u64,
    counters: Counters,
    count: u64,
    /// The operations that name them, of the change itself, from 0.
    by: Counters,
}

impl Named<'_> {
    /// An operation is in the root, or in the object that an id names.
    fn objects(&self, columns: &Columns<'_>) -> Result<(), ChunkRefused> {
        let mut actors = Cursor::<u64>::new(columns, Column::ObjectActors);
        let mut counters = Cursor::<u64>::new(columns, Column::ObjectCounters);
        let mut at = 0;
        while at < self.ops {
            let count = (self.ops - at).min(actors.left()?).min(counters.left()?);
            match (actors.take(count), counters.take(count)) {
                (None, None) => {}
                (Some(actor), Some(counter)) if counter < COUNTER_MAX => {
                    let counters = Counters { first: counter as i64, step: 0 };
                    let by = Counters { first: at as i64, step: 1 };
                    self.check(Row { column: Column::ObjectCounters, actor, counters, count, by })?;
                }
                _ => return Err(Column::ObjectCounters.unfit("half an id, or one above 2³¹")),
            }
            at += count;
        }
        actors.finish()?;
        counters.finish()
    }

    /// A key is a name, the head of a sequence (0 without actor), or the
    /// element that an id names.
    fn keys(&self, columns: &Columns<'_>) -> Result<(), ChunkRefused> {
        let mut actors = Cursor::<u64>::new(columns, Column::KeyActors);
        let mut counters = Differences::new(columns, Column::KeyCounters);
        let mut names = Cursor::<&[u8]>::new(columns, Column::KeyNames);
        let mut at = 0;
        while at < self.ops {
            let left = self.ops - at;
            let count = left.min(actors.left()?).min(counters.left()?).min(names.left()?);
            match (actors.take(count), counters.take(count)?, names.take(count)) {
                (None, None, Some(_)) => {}
                // Counters that begin at 0 stay there: they never fall below.
                (None, Some(Counters { first: 0, .. }), None) => {}
                (Some(actor), Some(counters), None) => {
                    let by = Counters { first: at as i64, step: 1 };
                    self.check(Row { column: Column::KeyCounters, actor, counters, count, by })?;
                }
                _ => return Err(Column::KeyCounters.unfit("an operation with no key, or two")),
            }
            at += count;
        }
        actors.finish()?;
        counters.finish()?;
        names.finish()
    }

    /// Predecessors stand one after another, for each operation so many as
    /// the column of numbers says.
    fn predecessors(&self, columns: &Columns<'_>) -> Result<(), ChunkRefused> {
        let mut numbers = Cursor::<u64>::new(columns, Column::PredecessorCounts);
        let mut actors = Cursor::<u64>::new(columns, Column::PredecessorActors);
        let mut counters = Differences::new(columns, Column::PredecessorCounters);
        let mut at = 0;
        while at < self.ops {
            let alike = numbers.left()?.min(self.ops - at);
            // None is missing: they were summed up.
            let each = numbers.value().unwrap_or(0);
            // Of operations with one predecessor each, many are looked at
            // together; of those with several, one at a time.
            let rows = if each > 1 { 1 } else { alike };
            numbers.take(rows);
            let step = if each > 1 { 0 } else { 1 };
            let mut done = 0;
            while done < rows * each {
                let left = rows * each - done;
                let count = left.min(actors.left()?).min(counters.left()?);
                let by = Counters { first: at as i64 + step * done as i64, step };
                match (actors.take(count), counters.take(count)?) {
                    (Some(actor), Some(counters)) => self.check(Row {
                        column: Column::PredecessorCounters,
                        actor,
                        counters,
                        count,
                        by,
                    })?,
                    _ => return Err(Column::PredecessorCounters.unfit("half an id")),
                }
                done += count;
            }
            at += rows;
        }
        numbers.finish()?;
        actors.finish()?;
        counters.finish()
    }

    fn check(&self, row: Row) -> Result<(), ChunkRefused> {
        let chain = usize::try_from(row.actor).ok().and_then(|actor| self.chains.get(actor));
        let chain = chain.ok_or(row.column.unfit("an actor that it does not list"))?;
        let count = row.count as i64;
        let mut done = 0;
        while done < count {
            let counter = row.counters.at(done);
            let foreign = ChunkRefused::Reference { column: row.column.name(), counter };
            let own = row.actor == 0 && counter >= self.start_op;
            let range = if own {
                self.start_op..COUNTER_MAX as i64
            } else {
                let change = chain.find(counter as u64).ok_or(foreign.clone())?;
                change.start_op as i64..change.end_op() as i64
            };
            let last = done + row.counters.in_a_row(done, &range).clamp(1, count - done) - 1;
            // Both advance evenly: the first and the last tell of all between.
            let later = |at: i64| row.counters.at(at) >= self.start_op + row.by.at(at);
            if own && (later(done) || later(last)) {
                return Err(foreign);
            }
            done = last + 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
