//! Run-length columns, walked without expanding them.
//!
//! A run is a signed count and what follows it: positive, a value that many
//! times; negative, that many values once each; zero, an unsigned count of
//! operations without a value. A few bytes can claim 2⁶³ values, so nothing
//! here works or allocates in proportion to a count.

use std::marker::PhantomData;

use super::columns::{Column, Columns};
use super::reader::Reader;
use super::{COUNTER_MAX, ChunkRefused};

/// What a run-length column can hold.
pub(super) trait Value<'a>: Copy {
    fn read(from: &mut Reader<'a>) -> Result<Self, ChunkRefused>;
}

impl Value<'_> for u64 {
    fn read(from: &mut Reader<'_>) -> Result<Self, ChunkRefused> {
        from.unsigned()
    }
}

impl Value<'_> for i64 {
    fn read(from: &mut Reader<'_>) -> Result<Self, ChunkRefused> {
        from.signed()
    }
}

impl<'a> Value<'a> for &'a [u8] {
    fn read(from: &mut Reader<'a>) -> Result<Self, ChunkRefused> {
        let length = from.unsigned()?;
        from.take(length)
    }
}

/// The same value, or none, so many times in a row; never zero times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run<T> {
    pub(super) count: u64,
    pub(super) value: Option<T>,
}

/// The runs of a column. Of values that differ, each is a run of one.
pub(super) struct Runs<'a, T> {
    column: Column,
    reader: Reader<'a>,
    /// How many values that differ are still to come.
    differing: u64,
    of: PhantomData<T>,
}

impl<'a, T: Value<'a>> Runs<'a, T> {
    pub(super) const fn new(columns: &Columns<'a>, column: Column) -> Self {
        Self { column, reader: columns.get(column), differing: 0, of: PhantomData }
    }

    fn read(&mut self) -> Result<Run<T>, ChunkRefused> {
        if self.differing == 0 {
            let count = self.reader.signed()?;
            if count > 0 {
                let value = Some(T::read(&mut self.reader)?);
                return Ok(Run { count: count.unsigned_abs(), value });
            }
            if count == 0 {
                return match self.reader.unsigned()? {
                    0 => Err(self.column.unfit("a run of no length")),
                    count => Ok(Run { count, value: None }),
                };
            }
            self.differing = count.unsigned_abs();
        }
        self.differing -= 1;
        Ok(Run { count: 1, value: Some(T::read(&mut self.reader)?) })
    }
}

impl<'a, T: Value<'a>> Iterator for Runs<'a, T> {
    type Item = Result<Run<T>, ChunkRefused>;

    fn next(&mut self) -> Option<Self::Item> {
        let more = self.differing > 0 || !self.reader.is_empty();
        more.then(|| self.read())
    }
}

/// A run-length column, walked side by side with others. An absent column has
/// no value for any operation.
pub(super) struct Cursor<'a, T> {
    runs: Runs<'a, T>,
    run: Run<T>,
    absent: bool,
}

impl<'a, T: Value<'a>> Cursor<'a, T> {
    pub(super) const fn new(columns: &Columns<'a>, column: Column) -> Self {
        let runs = Runs::new(columns, column);
        let absent = runs.reader.is_empty();
        let count = if absent { u64::MAX } else { 0 };
        Self { runs, run: Run { count, value: None }, absent }
    }

    /// How often the next value comes; at least once.
    pub(super) fn left(&mut self) -> Result<u64, ChunkRefused> {
        if self.run.count == 0 {
            let next = self.runs.next();
            self.run = next.ok_or(self.runs.column.unfit("too few of them"))??;
        }
        Ok(self.run.count)
    }

    /// The next value, after [`Cursor::left`].
    pub(super) const fn value(&self) -> Option<T> {
        self.run.value
    }

    /// The next value `count` times, which is at most [`Cursor::left`].
    pub(super) const fn take(&mut self, count: u64) -> Option<T> {
        self.run.count -= count;
        self.run.value
    }

    /// Checks that nothing is left.
    pub(super) fn finish(mut self) -> Result<(), ChunkRefused> {
        if self.absent || self.run.count == 0 && self.runs.next().is_none() {
            return Ok(());
        }
        Err(self.runs.column.unfit("too many of them"))
    }
}

/// Counters that grow or shrink by the same step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counters {
    pub(super) first: i64,
    pub(super) step: i64,
}

impl Counters {
    /// The counter after `steps` steps.
    pub(super) const fn at(self, steps: i64) -> i64 {
        self.first + self.step * steps
    }

    /// How many in a row, from that after `steps` steps, which lies in `range`,
    /// lie in `range`; many if all do.
    pub(super) const fn in_a_row(self, steps: i64, range: &std::ops::Range<i64>) -> i64 {
        match self.step {
            0 => i64::MAX,
            step if step > 0 => (range.end - 1 - self.at(steps)) / step + 1,
            step => (self.at(steps) - range.start) / -step + 1,
        }
    }
}

/// A column of counters, each kept as its difference to the one before.
pub(super) struct Differences<'a> {
    cursor: Cursor<'a, i64>,
    before: i64,
}

impl<'a> Differences<'a> {
    pub(super) const fn new(columns: &Columns<'a>, column: Column) -> Self {
        Self { cursor: Cursor::new(columns, column), before: 0 }
    }

    /// How often the same difference comes; at least once.
    pub(super) fn left(&mut self) -> Result<u64, ChunkRefused> {
        self.cursor.left()
    }

    /// The next `count` counters, where `count` is at most
    /// [`Differences::left`] and at most 200,000. All lie in 0 … 2³¹ − 1.
    pub(super) fn take(&mut self, count: u64) -> Result<Option<Counters>, ChunkRefused> {
        let Some(step) = self.cursor.take(count) else { return Ok(None) };
        let inside = |counter: &i64| (0..COUNTER_MAX as i64).contains(counter);
        let last = step.checked_mul(count as i64).and_then(|way| self.before.checked_add(way));
        let first = self.before.checked_add(step).filter(inside);
        match (first, last.filter(inside)) {
            (Some(first), Some(last)) => {
                self.before = last;
                Ok(Some(Counters { first, step }))
            }
            _ => Err(self.cursor.runs.column.unfit("a counter below 0 or above 2³¹")),
        }
    }

    /// Checks that nothing is left.
    pub(super) fn finish(self) -> Result<(), ChunkRefused> {
        self.cursor.finish()
    }
}
