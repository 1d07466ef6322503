//! How one list becomes another with few edits.

use crate::value::Value;

/// Beyond this many comparisons lists are not compared entry by entry.
const COMPARISONS_MAX: usize = 1_000_000;

/// What happens to the entries of the old list, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The entry stays as it is.
    Keep,
    /// The entry becomes that of the new list, in place.
    Become(usize),
    /// The entry goes.
    Remove,
    /// An entry of the new list comes in here.
    Insert(usize),
}

/// The steps from `old` to `new`: a longest common subsequence stays; between
/// two entries that stay, records become records in order (so that what others
/// write in them merges), and the rest goes or comes.
pub(super) fn steps(old: &[Value], new: &[Value]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(old.len().max(new.len()));
    let (mut from, mut to) = (0, 0);
    for (kept_old, kept_new) in common(old, new) {
        between(&old[from..kept_old], &new[to..kept_new], to, &mut steps);
        steps.push(Step::Keep);
        (from, to) = (kept_old + 1, kept_new + 1);
    }
    between(&old[from..], &new[to..], to, &mut steps);
    steps
}

fn between(old: &[Value], new: &[Value], offset: usize, steps: &mut Vec<Step>) {
    let mut entries = new.iter().enumerate().peekable();
    for before in old {
        match entries.next_if(|(_, after)| are_same_container(before, after)) {
            Some((at, _)) => steps.push(Step::Become(offset + at)),
            None => steps.push(Step::Remove),
        }
    }
    steps.extend(entries.map(|(at, _)| Step::Insert(offset + at)));
}

fn are_same_container(before: &Value, after: &Value) -> bool {
    matches!(
        (before, after),
        (Value::Map(_), Value::Map(_))
            | (Value::List(_), Value::List(_))
            | (Value::Text(_), Value::Text(_))
    )
}

/// The places of a longest common subsequence, both ascending.
fn common(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let mut kept: Vec<_> = (0..start).map(|at| (at, at)).collect();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let width = new_rest.len() + 1;
    if old_rest.len() * width > COMPARISONS_MAX {
        return kept;
    }
    // longest[i][j]: how many of old_rest[i..] and new_rest[j..] can stay.
    let mut longest = vec![0_u32; (old_rest.len() + 1) * width];
    for i in (0..old_rest.len()).rev() {
        for j in (0..new_rest.len()).rev() {
            longest[i * width + j] = if old_rest[i] == new_rest[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old_rest.len() && j < new_rest.len() {
        if old_rest[i] == new_rest[j] {
            kept.push((start + i, start + j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(words: &str) -> Vec<Value> {
        words.chars().map(|word| Value::Word(word.to_string())).collect()
    }

    fn follow(old: &[Value], new: &[Value]) -> Vec<Value> {
        let mut entries = old.iter();
        let taken = steps(old, new).into_iter().filter_map(|step| match step {
            Step::Keep => entries.next(),
            Step::Become(at) => entries.next().map(|_| &new[at]),
            Step::Remove => entries.next().and(None),
            Step::Insert(at) => Some(&new[at]),
        });
        taken.cloned().collect()
    }

    #[test]
    fn a_country_added_between_two_leaves_both_alone() {
        let steps = steps(&words("ac"), &words("abc"));
        assert_eq!(steps, [Step::Keep, Step::Insert(1), Step::Keep]);
    }

    #[test]
    fn a_record_that_changed_stays_the_same_record() {
        let old = [Value::Text("Chad".into()), Value::Text("Niger".into())];
        let new = [Value::Text("Chad".into()), Value::Text("Nigeria".into())];
        assert_eq!(steps(&old, &new), [Step::Keep, Step::Become(1)]);
    }

    proptest! {
        #[test]
        fn the_steps_lead_from_any_list_to_any_other(old in "[a-d]{0,12}", new in "[a-d]{0,12}") {
            let (old, new) = (words(&old), words(&new));
            prop_assert_eq!(follow(&old, &new), new);
        }
    }
}
