//! 32 bytes as 24 words and back: BIP 39, its English list.
//!
//! Of 264 bits the last eight check the others, so that one wrong word is
//! noticed with a chance of 255 in 256. People copy and type words, so they are
//! read leniently: in any case, numbered or not, cut after four letters, which
//! tell every word of the list apart.

use bip39::{Language, Mnemonic};
use thiserror::Error;
use zeroize::Zeroizing;

/// A sheet has this many words.
pub const WORDS: usize = 24;
/// What is typed is at most this long, in bytes.
const TYPED_BYTES_MAX: usize = 4_096;
/// So many letters tell a word of the list apart.
const LETTERS_ENOUGH: usize = 4;

/// Why words are not those of a sheet.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MisreadWords {
    /// More text than words take.
    #[error("this is too long to be the {WORDS} words of a recovery sheet")]
    TooLong,
    /// Too few or too many.
    #[error("a recovery sheet has {WORDS} words, and these are {0}")]
    Count(usize),
    /// One is not in the list.
    #[error("word {number} is not in the list of words{}", near(.nearest))]
    Unknown {
        /// Which, from 1.
        number: usize,
        /// The word of the list that is most like it.
        nearest: Option<&'static str>,
    },
    /// Each is in the list, and together they are no key.
    #[error(
        "the words do not fit together: one is wrong, or two are exchanged; compare each with the sheet"
    )]
    Check,
}

fn near(nearest: &Option<&'static str>) -> String {
    nearest.map(|word| format!(": is it `{word}`?")).unwrap_or_default()
}

/// The words of 32 secret bytes.
pub fn to_words(seed: &[u8; 32]) -> Vec<Zeroizing<String>> {
    // 32 bytes are a length that the scheme knows.
    let mnemonic = Mnemonic::from_entropy(seed).ok();
    mnemonic.iter().flat_map(Mnemonic::words).map(|word| Zeroizing::new(word.to_owned())).collect()
}

/// The 32 bytes of words as somebody typed them.
///
/// # Errors
/// See [`MisreadWords`].
pub fn from_words(typed: &str) -> Result<Zeroizing<[u8; 32]>, MisreadWords> {
    if typed.len() > TYPED_BYTES_MAX {
        return Err(MisreadWords::TooLong);
    }
    let lower = Zeroizing::new(typed.to_lowercase());
    let letters = |word: &&str| word.chars().any(char::is_alphabetic);
    let typed: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(letters).collect();
    if typed.len() != WORDS {
        return Err(MisreadWords::Count(typed.len()));
    }
    let mut words = Zeroizing::new(String::with_capacity(WORDS * 9));
    for (at, word) in typed.iter().enumerate() {
        let found = known(word)
            .ok_or_else(|| MisreadWords::Unknown { number: at + 1, nearest: nearest(word) })?;
        if at > 0 {
            words.push(' ');
        }
        words.push_str(found);
    }
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words)
        .map_err(|_| MisreadWords::Check)?;
    let (entropy, length) = mnemonic.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    let mut seed = Zeroizing::new([0; 32]);
    if length != seed.len() {
        return Err(MisreadWords::Check);
    }
    seed.copy_from_slice(&entropy[..length]);
    Ok(seed)
}

/// The word of the list that was typed, whole or its first letters.
fn known(typed: &str) -> Option<&'static str> {
    let list = Language::English.word_list();
    if let Ok(at) = list.binary_search(&typed) {
        return Some(list[at]);
    }
    if typed.chars().count() < LETTERS_ENOUGH {
        return None;
    }
    let mut like = list.iter().filter(|word| word.starts_with(typed));
    match (like.next(), like.next()) {
        (Some(word), None) => Some(word),
        _ => None,
    }
}

fn nearest(typed: &str) -> Option<&'static str> {
    let distance = |word: &&&str| strsim::damerau_levenshtein(typed, word);
    let list = Language::English.word_list();
    list.iter().min_by_key(distance).filter(|word| distance(word) <= 2).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(seed: &[u8; 32]) -> String {
        to_words(seed).iter().map(|word| word.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_words_are_those_of_the_standard() {
        // Of the test vectors of BIP 39.
        let zero = joined(&[0; 32]);
        assert_eq!(zero, format!("{}art", "abandon ".repeat(23)));
        let ones = joined(&[0xff; 32]);
        assert_eq!(ones, format!("{}vote", "zoo ".repeat(23)));
    }

    #[test]
    fn what_awa_copies_by_hand_is_read_as_she_writes_it() {
        let seed = [0x42; 32];
        let words = to_words(&seed);
        let numbered = words.iter().enumerate().map(|(at, word)| {
            let cut: String = word.chars().take(4).collect();
            format!("{}. {}\n", at + 1, cut.to_uppercase())
        });
        assert_eq!(*from_words(&numbered.collect::<String>()).expect("read"), seed);
    }

    #[test]
    fn a_slip_is_named_by_its_place() {
        let sound = joined(&[0; 32]);
        assert_eq!(from_words("abandon art").err(), Some(MisreadWords::Count(2)));
        let slip = sound.replacen("abandon", "abandom", 1);
        let refused = from_words(&slip).expect_err("refused");
        assert_eq!(refused, MisreadWords::Unknown { number: 1, nearest: Some("abandon") });
        assert_eq!(refused.to_string(), "word 1 is not in the list of words: is it `abandon`?");
        let other = sound.replacen("abandon", "ability", 1);
        assert_eq!(from_words(&other).err(), Some(MisreadWords::Check));
        assert_eq!(from_words(&"art ".repeat(5_000)).err(), Some(MisreadWords::TooLong));
    }

    proptest! {
        #[test]
        fn every_key_comes_back_from_its_words(seed: [u8; 32]) {
            prop_assert_eq!(to_words(&seed).len(), WORDS);
            prop_assert_eq!(*from_words(&joined(&seed)).expect("read"), seed);
        }

        #[test]
        fn any_text_is_refused_or_read(typed in "\\PC{0,400}") {
            let _ = from_words(&typed);
        }
    }
}
