//! The same over restarts: local values, each with some commits' steps in order.
//!
//! A hint as well: what does not read, or stands before a gap, is as if it had
//! never been, and what a power cut takes costs a question in the next meeting.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::ledger::{Ledger, Private};
use crate::limits::NEWS_MAX;
use crate::meeting::set::{ObjectId, Root, State};
use crate::store::{Store, StoreError};

/// The names of these values begin so; a number follows, big-endian.
const NAME: &[u8] = b"recent/";
const VERSION: u8 = 1;
/// The last value is written anew with what follows until it has so many steps,
/// so that many small commits leave few values.
const STEPS_MIN: usize = 16;
/// Steps of one value at most: about 40 kB.
const STEPS_MAX: usize = 512;

/// What happened to a set that everybody holds alike.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub(super) enum Step {
    /// It had this root, which somebody may have heard of.
    #[n(0)]
    Had {
        #[n(0)]
        set: u8,
        #[cbor(n(1), with = "minicbor::bytes")]
        root: Root,
    },
    /// An object changed that was in this state before, if it was there.
    #[n(1)]
    Changed {
        #[n(0)]
        set: u8,
        #[cbor(n(1), with = "minicbor::bytes")]
        id: ObjectId,
        #[cbor(n(2), with = "minicbor::bytes")]
        before: Option<State>,
    },
}

/// What is stored, and what is to be.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Steps since the last commit.
    fresh: Vec<Step>,
    /// The numbers of the values, ascending, with their steps.
    values: VecDeque<(u64, usize)>,
    /// Steps of all values.
    count: usize,
    /// Those of the last one.
    last: Vec<Step>,
}

impl Kept {
    /// Reads what is stored, and the steps that it tells without a gap.
    pub fn load<S: Store>(ledger: &Ledger<S>) -> Result<(Self, Vec<Step>), StoreError> {
        let (mut kept, mut steps) = (Self::default(), Vec::new());
        for (name, value) in ledger.locals(NAME)? {
            let number = name.get(NAME.len()..).and_then(|number| number.try_into().ok());
            let Some(number) = number.map(u64::from_be_bytes) else { continue };
            let follows =
                kept.values.back().is_none_or(|(last, _)| last.checked_add(1) == Some(number));
            let read = read(&value);
            if read.is_none() || !follows {
                steps.clear();
            }
            kept.last = read.unwrap_or_default();
            kept.values.push_back((number, kept.last.len()));
            kept.count += kept.last.len();
            steps.extend(kept.last.iter().cloned());
        }
        Ok((kept, steps))
    }

    /// A step to be kept with the next commit.
    pub fn note(&mut self, step: Step) {
        self.fresh.push(step);
    }

    /// What to store of what was noted, and what is too old to stay.
    pub fn commit(&mut self) -> Vec<Private> {
        if self.fresh.is_empty() {
            return Vec::new();
        }
        let mut next = self.values.back().map_or(0, |(last, _)| last.saturating_add(1));
        let mut steps = Vec::new();
        if self.last.len() < STEPS_MIN
            && let Some((number, _)) = self.values.pop_back()
        {
            next = number;
            steps = std::mem::take(&mut self.last);
            self.count -= steps.len();
        }
        steps.append(&mut self.fresh);
        let mut staged = Vec::new();
        for part in steps.chunks(STEPS_MAX) {
            staged.push(Private::local(name(next), Some(stored(part))));
            self.values.push_back((next, part.len()));
            self.count += part.len();
            self.last = part.to_vec();
            next = next.saturating_add(1);
        }
        while let Some((number, oldest)) = self.values.front().copied()
            && self.count - oldest >= NEWS_MAX
        {
            self.values.pop_front();
            self.count -= oldest;
            staged.push(Private::local(name(number), None));
        }
        staged
    }
}

/// Forgets it all, of a node that lost something.
pub(crate) fn forget<S: Store>(ledger: &Ledger<S>) -> Result<Vec<Private>, StoreError> {
    let names = ledger.locals(NAME)?.into_iter().map(|(name, _)| name);
    Ok(names.map(|name| Private::local(name, None)).collect())
}

fn name(number: u64) -> Vec<u8> {
    [NAME, &number.to_be_bytes()].concat()
}

fn stored(steps: &[Step]) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(steps, &mut bytes);
    bytes.into()
}

fn read(value: &Bytes) -> Option<Vec<Step>> {
    let (_, body) = value.split_first().filter(|(version, _)| **version == VERSION)?;
    minicbor::decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::set::SetId;
    use crate::store::memory::MemoryStore;

    fn step(number: u64) -> Step {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        Step::Changed { set: SetId::Public as u8, id, before: None }
    }

    fn ledger_with(staged: Vec<Private>, mut ledger: Ledger<MemoryStore>) -> Ledger<MemoryStore> {
        staged.into_iter().for_each(|private| ledger.write(private));
        ledger.commit().expect("room");
        ledger
    }

    #[test]
    fn small_commits_share_values_and_old_ones_make_room() {
        let (mut kept, mut ledger) = (Kept::default(), Ledger::new(MemoryStore::default()));
        let last = NEWS_MAX as u64 + 2_000;
        for number in 0..last {
            kept.note(step(number));
            ledger = ledger_with(kept.commit(), ledger);
        }
        let values = ledger.locals(NAME).expect("sound").len();
        assert!(values <= NEWS_MAX / STEPS_MIN + 1, "{values}");
        let (again, steps) = Kept::load(&ledger).expect("sound");
        assert!(steps.len() >= NEWS_MAX && steps.len() < NEWS_MAX + STEPS_MIN);
        assert_eq!(steps, (last - steps.len() as u64..last).map(step).collect::<Vec<_>>());
        assert_eq!((again.values, again.count), (kept.values, kept.count));
    }

    #[test]
    fn what_stands_before_a_gap_or_does_not_read_is_as_if_it_had_never_been() {
        let (mut kept, mut ledger) = (Kept::default(), Ledger::new(MemoryStore::default()));
        (0..2_000).for_each(|number| kept.note(step(number)));
        ledger = ledger_with(kept.commit(), ledger);
        let told = |ledger: &Ledger<MemoryStore>| Kept::load(ledger).expect("sound").1.len();
        assert_eq!(told(&ledger), 2_000);
        ledger = ledger_with(vec![Private::local(name(1), None)], ledger);
        assert_eq!(told(&ledger), 2_000 - 2 * STEPS_MAX);
        let unread = Private::local(name(3), Some(Bytes::from_static(b"\x07")));
        ledger = ledger_with(vec![unread], ledger);
        assert_eq!(told(&ledger), 0);
        let forgotten = forget(&ledger).expect("sound");
        ledger = ledger_with(forgotten, ledger);
        assert!(ledger.locals(NAME).expect("sound").is_empty());
    }
}
