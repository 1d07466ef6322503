//! Joining what two people made of the same content.
//!
//! What only one side changed is taken from that side; what one side removed
//! and the other changed is kept. Where both changed a text, the insertions
//! of both stand and what either deleted is gone; where both began one, both
//! stand, one below the other. Of other values that both changed, that of the
//! one who saves now.

use std::collections::BTreeMap;

use super::super::lists::{Step, steps};
use super::super::texts::{Splice, splices};
use crate::value::Value;

/// A field that both sides changed.
#[derive(Clone, PartialEq, Debug)]
pub struct Clash {
    /// The field, with the language or key inside it: `results.en`.
    pub field: String,
    /// What the other side made of it; `None` if it was removed.
    pub theirs: Option<Value>,
    /// What this side made of it.
    pub ours: Option<Value>,
    /// What a save makes of both.
    pub joined: Option<Value>,
}

type Content = BTreeMap<String, Value>;

/// What `theirs` and `ours` make of `seen` together.
pub(super) fn joined(seen: &Content, theirs: &Content, ours: &Content) -> Content {
    let keys = theirs.keys().chain(ours.keys().filter(|key| !theirs.contains_key(*key)));
    let entries = keys.filter_map(|key| {
        let value = entry(seen.get(key), theirs.get(key), ours.get(key));
        value.map(|value| (key.clone(), value))
    });
    entries.collect()
}

/// The fields that both changed, differently.
pub(super) fn clashes(seen: &Content, theirs: &Content, ours: &Content) -> Vec<Clash> {
    let mut clashes = Vec::new();
    find(seen, theirs, ours, "", &mut clashes);
    clashes
}

fn find(seen: &Content, theirs: &Content, ours: &Content, path: &str, clashes: &mut Vec<Clash>) {
    let mut keys: Vec<&String> = seen.keys().chain(theirs.keys()).chain(ours.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let none = Content::new();
    for key in keys {
        let (base, their, our) = (seen.get(key), theirs.get(key), ours.get(key));
        if their == base || our == base || their == our {
            continue;
        }
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if let (Some(Value::Map(their)), Some(Value::Map(our))) = (their, our) {
            let base = if let Some(Value::Map(base)) = base { base } else { &none };
            find(base, their, our, &field, clashes);
        } else {
            let joined = entry(base, their, our);
            clashes.push(Clash { field, theirs: their.cloned(), ours: our.cloned(), joined });
        }
    }
}

fn entry(seen: Option<&Value>, theirs: Option<&Value>, ours: Option<&Value>) -> Option<Value> {
    match (theirs, ours) {
        _ if ours == seen || ours == theirs => theirs.cloned(),
        _ if theirs == seen => ours.cloned(),
        (Some(theirs), Some(ours)) => Some(both(seen, theirs, ours)),
        (one, other) => one.or(other).cloned(),
    }
}

/// What two different changes of one value make together.
fn both(seen: Option<&Value>, theirs: &Value, ours: &Value) -> Value {
    match (seen, theirs, ours) {
        (Some(Value::Map(seen)), Value::Map(theirs), Value::Map(ours)) => {
            Value::Map(joined(seen, theirs, ours))
        }
        (_, Value::Map(theirs), Value::Map(ours)) => {
            Value::Map(joined(&Content::new(), theirs, ours))
        }
        (Some(Value::List(seen)), Value::List(theirs), Value::List(ours)) => {
            Value::List(lists(seen, theirs, ours))
        }
        (_, Value::List(theirs), Value::List(ours)) => Value::List(lists(&[], theirs, ours)),
        (Some(Value::Text(seen)), Value::Text(theirs), Value::Text(ours)) => {
            Value::Text(texts(seen, theirs, ours))
        }
        (_, Value::Text(theirs), Value::Text(ours)) => Value::Text(format!("{theirs}\n\n{ours}")),
        _ => ours.clone(),
    }
}

/// What happened to each entry of a list, and what came before each and at
/// the end.
fn fates<'v>(seen: &[Value], new: &'v [Value]) -> (Vec<Option<&'v Value>>, Vec<Vec<&'v Value>>) {
    let mut kept = Vec::with_capacity(seen.len());
    let mut came = vec![Vec::new()];
    let mut entries = new.iter();
    for step in steps(seen, new) {
        match step {
            Step::Insert(at) => {
                came[kept.len()].push(&new[at]);
                entries.next();
                continue;
            }
            Step::Remove => kept.push(None),
            Step::Keep | Step::Become(_) => kept.push(entries.next()),
        }
        came.push(Vec::new());
    }
    (kept, came)
}

fn lists(seen: &[Value], theirs: &[Value], ours: &[Value]) -> Vec<Value> {
    let (their_kept, their_new) = fates(seen, theirs);
    let (our_kept, our_new) = fates(seen, ours);
    let mut list: Vec<Value> = Vec::new();
    for at in 0..=seen.len() {
        for new in &their_new[at] {
            list.push((*new).clone());
        }
        for new in &our_new[at] {
            if !their_new.iter().flatten().any(|their| their == new) {
                list.push((*new).clone());
            }
        }
        if let Some(before) = seen.get(at) {
            list.extend(entry(Some(before), their_kept[at], our_kept[at]));
        }
    }
    list
}

fn texts(seen: &str, theirs: &str, ours: &str) -> String {
    let characters: Vec<char> = seen.chars().collect();
    let (theirs, ours) = (splices(seen, theirs), splices(seen, ours));
    let mut text = String::new();
    let mut places: Vec<usize> = std::iter::once(0)
        .chain(theirs.iter().chain(&ours).flat_map(|s| [s.at, s.at + s.delete]))
        .chain([characters.len()])
        .collect();
    places.sort_unstable();
    places.dedup();
    for (index, &place) in places.iter().enumerate() {
        let at = |side: &[Splice]| side.iter().find(|splice| splice.at == place).cloned();
        let (their, our) = (at(&theirs), at(&ours));
        text.extend(their.iter().map(|splice| splice.insert.as_str()));
        if our != their {
            text.extend(our.iter().map(|splice| splice.insert.as_str()));
        }
        let Some(&next) = places.get(index + 1) else { continue };
        let goes = |splice: &Splice| splice.at <= place && place < splice.at + splice.delete;
        if !theirs.iter().chain(&ours).any(goes) {
            text.extend(&characters[place..next]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_who_rewrite_different_words_of_one_sentence_both_stand() {
        let seen = "58 per cent of the workers attended";
        let niger = "61 per cent of the workers attended";
        let chad = "58 per cent of the workers attended in person";
        assert_eq!(texts(seen, niger, chad), "61 per cent of the workers attended in person");
    }

    #[test]
    fn what_both_wrote_alike_stands_once() {
        assert_eq!(texts("a b c", "a x c", "a x c d"), "a x c d");
    }

    #[test]
    fn a_country_that_one_added_and_one_that_the_other_removed() {
        let words = |all: &str| -> Vec<Value> {
            all.split(' ').map(|word| Value::Word(word.to_owned())).collect()
        };
        let joined = lists(&words("TD NE ML"), &words("TD NE NG ML"), &words("NE ML SN"));
        assert_eq!(joined, words("NE NG ML SN"));
    }

    #[test]
    fn what_one_removed_and_the_other_changed_is_kept() {
        let (seen, ours) = (Value::Text("desks".into()), Value::Text("more desks".into()));
        assert_eq!(entry(Some(&seen), None, Some(&ours)), Some(ours));
    }
}
