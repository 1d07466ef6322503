//! A small bundle as a few texts, which telephones, letters and people carry: each
//! fits a QR code, or the text box of a page, and says which of how many it is.
//!
//! The texts may come in any order, more than once, in capital letters as QR codes
//! hold them, and among other words. What they give together is a bundle like one
//! from a stick: the checksum of each text finds what was mistyped, and a name for the
//! whole finds texts of another bundle; what counts is what is signed inside.

use std::collections::BTreeMap;

use tern_crdt::identity::{digest, text_of_bytes, text_to_bytes};
use thiserror::Error;

use crate::limits::{CODE_BYTES_MAX, CODES_MAX};

/// The letter of a code's text, as for ids.
const LETTER: char = 't';
/// How every text of ours begins.
const BEGINNING: &str = "tern1";
/// The version byte.
const VERSION: u8 = 1;
/// Version, number, of how many, and the name of the whole.
const HEAD_BYTES: usize = 3 + NAME_BYTES;
const NAME_BYTES: usize = 8;
/// Texts that are looked at; each may be there several times.
const TEXTS_MAX: usize = 8 * CODES_MAX;

const _: () = assert!(CODES_MAX <= u8::MAX as usize && HEAD_BYTES < CODE_BYTES_MAX);

/// Why a bundle makes no codes, or codes no bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodesRefused {
    /// It is too large.
    #[error("it has {0} bytes, more than the {max} that {CODES_MAX} codes hold", max = BYTES_MAX)]
    TooLarge(usize),
    /// There is none.
    #[error("there is no code in it: one begins with `{BEGINNING}{LETTER}`")]
    None,
    /// A character is missing or mistyped in the one at this place, from 1.
    #[error(
        "the code at place {0} is not whole: a character is missing or mistyped, copy it again"
    )]
    Malformed(usize),
    /// There are more than a bundle has.
    #[error("these are more than {TEXTS_MAX} codes: give those of one bundle")]
    TooMany,
    /// They do not belong together.
    #[error("these codes are of different bundles: give those of one at a time")]
    Mixed,
    /// Some are not there, by their numbers.
    #[error("of {of} codes {} not there yet: give all of them together", missing(.numbers))]
    Missing {
        /// How many there are.
        of: u8,
        /// Which are not there.
        numbers: Vec<u8>,
    },
    /// Together they are not what was written.
    #[error("these codes do not make what was written: have them made anew")]
    Changed,
}

const BYTES_MAX: usize = CODES_MAX * (CODE_BYTES_MAX - HEAD_BYTES);

fn missing(numbers: &[u8]) -> String {
    let listed: Vec<String> = numbers.iter().map(u8::to_string).collect();
    format!("{} {}", listed.join(", "), if numbers.len() == 1 { "is" } else { "are" })
}

fn name(bundle: &[u8]) -> [u8; NAME_BYTES] {
    let whole = digest("tern/bundle-code/v1", &[bundle]);
    let mut name = [0; NAME_BYTES];
    name.copy_from_slice(&whole[..NAME_BYTES]);
    name
}

/// A bundle as texts of about equal length.
///
/// # Errors
/// It is larger than [`CODES_MAX`] of them hold, or empty.
pub fn codes(bundle: &[u8]) -> Result<Vec<String>, CodesRefused> {
    let of = bundle.len().div_ceil(CODE_BYTES_MAX - HEAD_BYTES);
    if bundle.is_empty() || of > CODES_MAX {
        return Err(CodesRefused::TooLarge(bundle.len()));
    }
    let (name, all) = (name(bundle), of as u8);
    let texts = bundle.chunks(bundle.len().div_ceil(of)).zip(1..).map(|(part, number): (_, u8)| {
        let head = [&[VERSION, number, all][..], &name].concat();
        text_of_bytes(LETTER, &[&head, part].concat())
    });
    Ok(texts.collect())
}

/// The bundle that codes make, which stand among other words.
///
/// # Errors
/// See [`CodesRefused`].
pub fn read_codes(text: &str) -> Result<Vec<u8>, CodesRefused> {
    let begins = |word: &&str| {
        word.get(..BEGINNING.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(BEGINNING))
    };
    let (mut parts, mut whole) = (BTreeMap::new(), None);
    for (at, word) in text.split_whitespace().filter(begins).enumerate() {
        if at == TEXTS_MAX {
            return Err(CodesRefused::TooMany);
        }
        let bytes = text_to_bytes(LETTER, word).filter(|bytes| bytes.len() <= CODE_BYTES_MAX);
        let malformed = CodesRefused::Malformed(at + 1);
        let bytes = bytes.ok_or_else(|| malformed.clone())?;
        let (head, part) = bytes.split_at_checked(HEAD_BYTES).ok_or_else(|| malformed.clone())?;
        let [VERSION, number, of, name @ ..] = head else { return Err(malformed) };
        if *number == 0 || number > of || usize::from(*of) > CODES_MAX || part.is_empty() {
            return Err(malformed);
        }
        if *whole.get_or_insert((*of, name.to_vec())) != (*of, name.to_vec()) {
            return Err(CodesRefused::Mixed);
        }
        if parts.insert(*number, part.to_vec()).is_some_and(|before| before != part) {
            return Err(CodesRefused::Mixed);
        }
    }
    let (of, wanted) = whole.ok_or(CodesRefused::None)?;
    let numbers: Vec<u8> = (1..=of).filter(|number| !parts.contains_key(number)).collect();
    if !numbers.is_empty() {
        return Err(CodesRefused::Missing { of, numbers });
    }
    let bundle = parts.into_values().collect::<Vec<_>>().concat();
    if name(&bundle)[..] == wanted { Ok(bundle) } else { Err(CodesRefused::Changed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The vector of section 20 of the specification.
    #[test]
    fn a_code_is_what_the_specification_names() {
        let texts = codes(b"tern bundle").expect("it is small");
        assert_eq!(texts, ["tern1tqyqsz0hgelhqkxsq2e6x2unwyp382mnyd3jskz4242"]);
    }

    #[test]
    fn codes_are_read_in_any_order_among_other_words_and_in_capital_letters() {
        let bundle: Vec<u8> = (0..2_000_u32).map(|at| (at * 7 % 251) as u8).collect();
        let texts = codes(&bundle).expect("it is small");
        assert_eq!(texts.len(), 4);
        assert!(texts.iter().all(|text| text.len() <= 1_000), "each fits a QR code");
        let told = format!(
            "2 of 4:\n{}\n1 of 4: {}\n{} {}\n{}",
            texts[1],
            texts[0].to_ascii_uppercase(),
            texts[3],
            texts[2],
            texts[1]
        );
        assert_eq!(read_codes(&told), Ok(bundle));
    }

    #[test]
    fn what_is_missing_mixed_or_mistyped_is_told() {
        let texts = codes(&[7; 1_500]).expect("it is small");
        let lacking = read_codes(&texts[1]).expect_err("two are missing");
        let words = "of 3 codes 1, 3 are not there yet: give all of them together";
        assert_eq!(lacking.to_string(), words);
        let other = codes(&[8; 1_500]).expect("it is small");
        let mixed = [&texts[..2], &other[2..]].concat().join(" ");
        assert_eq!(read_codes(&mixed), Err(CodesRefused::Mixed));
        let mut typed = texts.join("\n");
        typed.replace_range(40..41, if &typed[40..41] == "q" { "p" } else { "q" });
        assert_eq!(read_codes(&typed), Err(CodesRefused::Malformed(1)));
        assert_eq!(read_codes("nothing here"), Err(CodesRefused::None));
        let crowd = [texts[0].as_str(); TEXTS_MAX + 1].join(" ");
        assert_eq!(read_codes(&crowd), Err(CodesRefused::TooMany));
        assert_eq!(codes(&vec![0; BYTES_MAX]).map(|texts| texts.len()), Ok(CODES_MAX));
        let large = CodesRefused::TooLarge(BYTES_MAX + 1);
        assert_eq!(codes(&vec![0; BYTES_MAX + 1]), Err(large));
        let forged = text_of_bytes(LETTER, &[&[VERSION, 1, 1][..], &[0; 8], b"bundle"].concat());
        assert_eq!(read_codes(&forged), Err(CodesRefused::Changed));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bundle in proptest::collection::vec(any::<u8>(), 1..3_000)) {
            let mut texts = codes(&bundle).expect("it is small");
            texts.reverse();
            prop_assert_eq!(read_codes(&texts.join("\n")), Ok(bundle));
        }

        #[test]
        fn no_text_makes_it_panic(text in "(tern1t[02-9ac-hj-np-z]{0,40} |[ -~]{0,10}){0,6}") {
            let _ = read_codes(&text);
        }
    }
}
