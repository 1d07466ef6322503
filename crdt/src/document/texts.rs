//! How one text becomes another by few splices.
//!
//! Compared word by word, since people write words: so two who rewrite
//! different words of one sentence merge, and letters of two words never
//! mingle. Inside a word that changed, what it begins and ends with stays.

use super::difference::common;

/// Characters that go and characters that come at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Splice {
    /// How many characters stand before, in the old text.
    pub(super) at: usize,
    /// How many characters go.
    pub(super) delete: usize,
    /// What comes.
    pub(super) insert: String,
}

/// The splices from `old` to `new`, from the beginning to the end.
pub(super) fn splices(old: &str, new: &str) -> Vec<Splice> {
    let (old_words, new_words) = (words(old), words(new));
    let mut splices = Vec::new();
    let (mut from, mut to, mut at) = (0, 0, 0);
    let end = (old_words.len(), new_words.len());
    for (kept_old, kept_new) in common(&old_words, &new_words).into_iter().chain([end]) {
        let (goes, comes) = (&old_words[from..kept_old], &new_words[to..kept_new]);
        if !goes.is_empty() || !comes.is_empty() {
            splices.push(trimmed(at, &goes.concat(), &comes.concat()));
        }
        at += goes.iter().map(|word| word.chars().count()).sum::<usize>();
        at += old_words.get(kept_old).map_or(0, |word| word.chars().count());
        (from, to) = (kept_old + 1, kept_new + 1);
    }
    splices
}

/// A splice without the characters that both sides begin or end with.
fn trimmed(at: usize, goes: &str, comes: &str) -> Splice {
    let (goes, comes): (Vec<char>, Vec<char>) = (goes.chars().collect(), comes.chars().collect());
    let start = goes.iter().zip(&comes).take_while(|(a, b)| a == b).count();
    let (goes, comes) = (&goes[start..], &comes[start..]);
    let end = goes.iter().rev().zip(comes.iter().rev()).take_while(|(a, b)| a == b).count();
    let insert = comes[..comes.len() - end].iter().collect();
    Splice { at: at + start, delete: goes.len() - end, insert }
}

/// The text cut into words, and what stands between them character by
/// character.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let letters = |c: &char| c.is_alphanumeric() && !is_ideograph(*c);
        let length = rest.chars().take_while(letters).map(char::len_utf8).sum::<usize>();
        let (word, after) = rest.split_at(length.max(first.len_utf8()));
        words.push(word);
        rest = after;
    }
    words
}

/// Scripts without spaces are compared character by character.
const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn follow(old: &str, new: &str) -> String {
        let mut text: Vec<char> = old.chars().collect();
        for splice in splices(old, new).iter().rev() {
            let range = splice.at..splice.at + splice.delete;
            text.splice(range, splice.insert.chars());
        }
        text.into_iter().collect()
    }

    #[test]
    fn one_word_costs_one_splice_of_what_differs_in_it() {
        let splices = splices("58 per cent of the workers", "61 per cent of departing workers");
        let expected = [(0, 2, "61"), (15, 3, "departing")];
        let expected =
            expected.map(|(at, delete, insert)| Splice { at, delete, insert: insert.into() });
        assert_eq!(splices, expected);
    }

    #[test]
    fn equal_texts_need_nothing() {
        assert_eq!(splices("births are registered", "births are registered"), []);
    }

    proptest! {
        #[test]
        fn the_splices_lead_from_any_text_to_any_other(
            old in "[ab é中\u{639}]{0,30}", new in "[ab é中\u{639}]{0,30}",
        ) {
            prop_assert_eq!(follow(&old, &new), new);
        }
    }
}
