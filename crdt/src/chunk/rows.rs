//! How many operations and predecessors a change has, and whether the columns
//! that name no operation have as many values.
//!
//! A column with fewer or more values than operations would be read in one
//! way by one version of Automerge and in another by the next.

use super::columns::{Column, Columns};
use super::reader::Reader;
use super::runs::Runs;
use super::{ChunkRefused, OPERATIONS_MAX, PREDECESSORS_MAX};

/// The actions that Automerge knows are 0 to 7.
const ACTION_MAX: u64 = 7;

/// Counts the operations: each has one action.
pub(super) fn operations(columns: &Columns<'_>) -> Result<u64, ChunkRefused> {
    let mut ops = 0_u64;
    for run in Runs::<u64>::new(columns, Column::Actions) {
        let run = run?;
        if run.value.is_none_or(|action| action > ACTION_MAX) {
            return Err(Column::Actions.unfit("an unknown action"));
        }
        ops = ops.saturating_add(run.count);
        if ops > OPERATIONS_MAX {
            return Err(ChunkRefused::Operations { max: OPERATIONS_MAX });
        }
    }
    Ok(ops)
}

/// Checks that the predecessors of all operations together are not too many.
pub(super) fn predecessors(columns: &Columns<'_>) -> Result<(), ChunkRefused> {
    let mut all = 0_u64;
    for run in Runs::<u64>::new(columns, Column::PredecessorCounts) {
        let run = run?;
        let each = run.value.ok_or(Column::PredecessorCounts.unfit("a number is missing"))?;
        all = all.saturating_add(run.count.saturating_mul(each));
        if all > PREDECESSORS_MAX {
            return Err(ChunkRefused::Predecessors { max: PREDECESSORS_MAX });
        }
    }
    Ok(())
}

/// Checks the columns that name no operation: marks, values, names of marks.
pub(super) fn check(columns: &Columns<'_>, ops: u64) -> Result<(), ChunkRefused> {
    same(Column::Inserts, booleans(columns, Column::Inserts)?, ops)?;
    optional(Column::Expands, booleans(columns, Column::Expands)?, ops)?;
    let mut names = 0_u64;
    for run in Runs::<&[u8]>::new(columns, Column::MarkNames) {
        names = names.saturating_add(run?.count);
    }
    optional(Column::MarkNames, names, ops)?;
    same(Column::ValueKinds, values(columns)?, ops)
}

fn same(column: Column, found: u64, ops: u64) -> Result<(), ChunkRefused> {
    if found == ops { Ok(()) } else { Err(column.unfit("too few or too many of them")) }
}

fn optional(column: Column, found: u64, ops: u64) -> Result<(), ChunkRefused> {
    if found == 0 { Ok(()) } else { same(column, found, ops) }
}

/// Counts the values of a boolean column: how many are false, then how many
/// are true, and so on. Only the first count may be 0.
fn booleans(columns: &Columns<'_>, column: Column) -> Result<u64, ChunkRefused> {
    let mut reader = columns.get(column);
    let mut all = 0_u64;
    let mut first = true;
    while !reader.is_empty() {
        let count = reader.unsigned()?;
        if count == 0 && !first {
            return Err(column.unfit("a run of no length"));
        }
        all = all.saturating_add(count);
        first = false;
    }
    Ok(all)
}

/// Counts the values, and checks that each fills the bytes that its kind
/// (length ‖ type, 4 bits) announces, and all together fill their column.
fn values(columns: &Columns<'_>) -> Result<u64, ChunkRefused> {
    let mut values = columns.get(Column::Values);
    let mut all = 0_u64;
    for run in Runs::<u64>::new(columns, Column::ValueKinds) {
        let run = run?;
        let kind = run.value.ok_or(Column::ValueKinds.unfit("a kind is missing"))?;
        let length = kind >> 4;
        let bytes = values.take(run.count.saturating_mul(length))?;
        check_values(kind & 0x0f, length, bytes)?;
        all = all.saturating_add(run.count);
    }
    if values.is_empty() { Ok(all) } else { Err(Column::Values.unfit("too many of them")) }
}

/// Checks values of one type and length that stand one after another.
fn check_values(kind: u64, length: u64, bytes: &[u8]) -> Result<(), ChunkRefused> {
    let unfit = || Err(Column::Values.unfit("a value of another length than its kind has"));
    match kind {
        // Nothing, false, true.
        0..=2 if length > 0 => unfit(),
        // An unsigned number; signed ones: integer, counter, timestamp.
        3 | 4 | 8 | 9 if length == 0 => unfit(),
        3 | 4 | 8 | 9 => bytes.chunks_exact(length as usize).try_for_each(|value| {
            let mut reader = Reader::new(value, Column::Values.name());
            if kind == 3 {
                reader.unsigned()?;
            } else {
                reader.signed()?;
            }
            if reader.is_empty() { Ok(()) } else { unfit() }
        }),
        // A float.
        5 if length != 8 => unfit(),
        _ => Ok(()),
    }
}
