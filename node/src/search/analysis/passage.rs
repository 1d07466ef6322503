//! The words of a passage that is written without spaces, as people type it.
//!
//! What is indexed is cut into pairs of characters and needs no dictionary;
//! only what is typed is cut into words, so that `尼泊尔汇款` finds a text that
//! has the two words apart. A word that the dictionary does not know falls into
//! single characters; they are put together again.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;

/// Words of Chinese that say nothing by themselves.
const FUNCTION_WORDS: &str = "的 和 与 及 在 对 为 了 等 是 有 中 以 由 从 向 把 被 或 并 也 都 就 而 \
                              如何 什么 怎么 怎样 哪些 哪个 我们 他们 可以 关于 以及 对于 怎么样";

/// Whether such a word says nothing by itself.
pub fn is_particle(word: &str) -> bool {
    FUNCTION_WORDS.split_ascii_whitespace().any(|known| known == word)
}

/// The words of a passage, in their order and without gaps, each of one
/// character or more.
pub fn words_of(passage: &str) -> Vec<&str> {
    if passage.chars().nth(2).is_none() {
        return vec![passage];
    }
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    let breaks: Vec<usize> = segmenter.segment_str(passage).collect();
    let mut words: Vec<(usize, usize, bool)> = Vec::new();
    for ends in breaks.windows(2) {
        let (from, to) = (ends[0], ends[1]);
        let word = &passage[from..to];
        let single = word.chars().nth(1).is_none() && !is_particle(word);
        match words.last_mut() {
            Some((_, end, true)) if single => *end = to,
            _ => words.push((from, to, single)),
        }
    }
    words.into_iter().map(|(from, to, _)| &passage[from..to]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_passage_falls_into_the_words_that_readers_see() {
        assert_eq!(words_of("尼泊尔汇款"), ["尼泊尔", "汇款"]);
        assert_eq!(words_of("移民能力建设"), ["移民", "能力", "建设"]);
        assert_eq!(words_of("移民的权利"), ["移民", "的", "权利"]);
        assert_eq!(words_of("移民"), ["移民"]);
        assert!(is_particle("的") && !is_particle("法"));
    }

    proptest! {
        #[test]
        fn no_character_of_a_passage_is_lost(passage in "[移民治理法的汇款กขคงาあいう]{1,40}") {
            prop_assert_eq!(words_of(&passage).concat(), passage);
        }
    }
}
