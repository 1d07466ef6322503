//! What Arabic writes before a word without a space.
//!
//! `وللمهاجرين` is *and for the migrants*: a conjunction, a preposition, the
//! article and the word. Which letters belong to the word is not always to be
//! seen, so every reading counts that leaves enough of one.

/// A word keeps at least so many letters.
const LETTERS_MIN: usize = 3;
/// Prepositions alone are taken off only a longer word: short ones often begin
/// with these letters.
const LETTERS_BEHIND_PREPOSITION_MIN: usize = 4;

/// A plain Arabic word without what may be written before it, in each way in
/// which it can be read; nothing if it can be read only as it stands.
pub fn without(word: &str) -> impl Iterator<Item = &str> {
    let alone = word.strip_prefix(['و', 'ف']).filter(|rest| has_letters(rest, LETTERS_MIN));
    let bases = std::iter::once(word).chain(alone);
    let readings = bases.flat_map(|base| {
        let article = ["ال", "بال", "كال", "لل"].map(|article| {
            base.strip_prefix(article).filter(|rest| has_letters(rest, LETTERS_MIN))
        });
        // Before a word that begins with `ل` one of three is not written.
        let preposition = base
            .strip_prefix(['ل', 'ب', 'ك'])
            .filter(|rest| has_letters(rest, LETTERS_BEHIND_PREPOSITION_MIN));
        article.into_iter().chain([preposition]).flatten()
    });
    alone.into_iter().chain(readings)
}

fn has_letters(word: &str, least: usize) -> bool {
    word.chars().nth(least - 1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(word: &str) -> Vec<&str> {
        without(word).collect()
    }

    #[test]
    fn every_reading_that_leaves_a_word_counts() {
        assert!(readings("وللمهاجرين").contains(&"مهاجرين"));
        assert!(readings("بالهجره").contains(&"هجره"));
        assert!(readings("للاجيين").contains(&"لاجيين"));
        assert_eq!(readings("هجره"), [""; 0]);
        assert_eq!(readings("في"), [""; 0]);
    }
}
