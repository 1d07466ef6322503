//! Where words begin and end.

use unicode_normalization::char::is_combining_mark;

/// A word has at most this many characters; what is longer is cut.
pub const WORD_CHARS_MAX: usize = 64;

/// How a passage is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script {
    /// With spaces between words: the passage is one word.
    Spaced,
    /// Without: the passage is as long as the writer made it.
    Unspaced,
}

/// A word, or a passage without spaces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word<'a> {
    /// Its text.
    pub text: &'a str,
    /// How it is written.
    pub script: Script,
}

/// The words of a tidy text, in their order.
pub fn cut(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let from = rest.find(|c| script(c).is_some())?;
        rest = &rest[from..];
        let begun = rest.chars().next().and_then(script)?;
        // A mark belongs to the letter before it, whichever script that is.
        let inside = |c: char| script(c) == Some(begun) || is_combining_mark(c);
        let until = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(until);
        rest = behind;
        let text = if begun == Script::Spaced { shortened(word) } else { word };
        Some(Word { text, script: begun })
    })
}

fn shortened(word: &str) -> &str {
    word.char_indices().nth(WORD_CHARS_MAX).map_or(word, |(at, _)| &word[..at])
}

fn script(character: char) -> Option<Script> {
    if character.is_ascii() {
        character.is_ascii_alphanumeric().then_some(Script::Spaced)
    } else if is_unspaced(character) {
        Some(Script::Unspaced)
    } else if character.is_alphanumeric() || is_combining_mark(character) {
        Some(Script::Spaced)
    } else {
        None
    }
}

/// Han, kana, Thai, Lao, Burmese and Khmer.
pub const fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{3096}'
            | '\u{309d}'..='\u{309f}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{30fc}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
            | '\u{e01}'..='\u{e3a}'
            | '\u{e40}'..='\u{e4e}'
            | '\u{e81}'..='\u{ece}'
            | '\u{edc}'..='\u{edf}'
            | '\u{1000}'..='\u{103f}'
            | '\u{1050}'..='\u{109f}'
            | '\u{1780}'..='\u{17d3}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        cut(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_end_at_spaces_and_signs_and_keep_their_marks() {
        assert_eq!(
            words("l'aide au retour, 2020–2023"),
            ["l", "aide", "au", "retour", "2020", "2023"]
        );
        assert_eq!(words("प्रवासी श्रमिक"), ["प्रवासी", "श्रमिक"]);
        assert_eq!(words("  "), [""; 0]);
    }

    #[test]
    fn a_passage_without_spaces_is_one_and_ends_where_the_script_changes() {
        let found: Vec<_> = cut("移民治理with全球契约2018").map(|w| (w.text, w.script)).collect();
        assert_eq!(
            found,
            [
                ("移民治理", Script::Unspaced),
                ("with", Script::Spaced),
                ("全球契约", Script::Unspaced),
                ("2018", Script::Spaced),
            ]
        );
        assert_eq!(words("การย้ายถิ่น"), ["การย้ายถิ่น"]);
    }

    proptest! {
        #[test]
        fn words_are_not_empty_and_stand_in_the_text_in_their_order(text in "\\PC{0,80}") {
            let mut rest = text.as_str();
            for word in cut(&text) {
                prop_assert!(!word.text.is_empty());
                let at = rest.find(word.text);
                prop_assert!(at.is_some());
                rest = &rest[at.unwrap_or(0) + word.text.len()..];
            }
        }
    }
}
