//! The columns in which a change keeps its operations: fourteen are known,
//! each stands for one field of every operation.

use super::ChunkRefused;
use super::reader::Reader;

/// One field of every operation, in the order in which they stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Column {
    ObjectActors,
    ObjectCounters,
    KeyActors,
    KeyCounters,
    KeyNames,
    Inserts,
    Actions,
    ValueKinds,
    Values,
    PredecessorCounts,
    PredecessorActors,
    PredecessorCounters,
    Expands,
    MarkNames,
}

/// Specification (number of the field ‖ deflated, 1 bit ‖ type, 3 bits),
/// column, and its name in an error sentence.
const KNOWN: [(u64, Column, &str); 14] = [
    (0x01, Column::ObjectActors, "actors of objects"),
    (0x02, Column::ObjectCounters, "counters of objects"),
    (0x11, Column::KeyActors, "actors of keys"),
    (0x13, Column::KeyCounters, "counters of keys"),
    (0x15, Column::KeyNames, "names of keys"),
    (0x34, Column::Inserts, "insert marks"),
    (0x42, Column::Actions, "actions"),
    (0x56, Column::ValueKinds, "kinds of values"),
    (0x57, Column::Values, "values"),
    (0x70, Column::PredecessorCounts, "numbers of predecessors"),
    (0x71, Column::PredecessorActors, "actors of predecessors"),
    (0x73, Column::PredecessorCounters, "counters of predecessors"),
    (0x94, Column::Expands, "expand marks"),
    (0xa5, Column::MarkNames, "names of marks"),
];

const DEFLATED: u64 = 0x08;

impl Column {
    /// What it is called in an error sentence.
    pub(super) const fn name(self) -> &'static str {
        KNOWN[self as usize].2
    }

    /// The refusal of a change in which it does not fit.
    pub(super) const fn unfit(self, reason: &'static str) -> ChunkRefused {
        ChunkRefused::Column { column: self.name(), reason }
    }
}

/// The bytes of each column; none where it is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Columns<'a>([&'a [u8]; KNOWN.len()]);

impl<'a> Columns<'a> {
    /// Reads the column list and the columns, up to the end of the chunk.
    pub(super) fn read(chunk: &mut Reader<'a>) -> Result<Self, ChunkRefused> {
        let count = chunk.within("column list").unsigned()?;
        let mut lengths = [0; KNOWN.len()];
        let mut before = 0;
        for _ in 0..count {
            let number = chunk.unsigned()?;
            let length = chunk.unsigned()?;
            if number & DEFLATED != 0 {
                return Err(ChunkRefused::ColumnDeflated { number: number ^ DEFLATED });
            }
            let known = KNOWN.iter().position(|known| known.0 == number);
            let at = known.ok_or(ChunkRefused::ColumnUnknown { number })?;
            if number <= before || length == 0 {
                return Err(ChunkRefused::ColumnsOrder);
            }
            lengths[at] = length;
            before = number;
        }
        let mut columns = [&[][..]; KNOWN.len()];
        for ((column, length), known) in columns.iter_mut().zip(lengths).zip(KNOWN) {
            *column = chunk.within(known.2).take(length)?;
        }
        match chunk.rest().len() {
            0 => Ok(Self(columns)),
            bytes => Err(ChunkRefused::Extra { bytes }),
        }
    }

    /// A cursor over one column.
    pub(super) const fn get(&self, column: Column) -> Reader<'a> {
        Reader::new(self.0[column as usize], column.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_known_in_the_order_in_which_they_stand() {
        assert!(KNOWN.is_sorted_by(|a, b| a.0 < b.0));
        assert!(KNOWN.iter().enumerate().all(|(at, known)| known.1 as usize == at));
        assert!(KNOWN.iter().all(|known| known.0 & DEFLATED == 0));
    }
}
