//! How one list becomes another with few edits.

use super::difference::common;
use crate::value::Value;

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
