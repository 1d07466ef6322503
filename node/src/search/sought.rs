//! What somebody typed, taken apart.
//!
//! There is no syntax but quotation marks, so nothing can be wrong. Words in
//! them have to follow each other. The last word may be the beginning of one.
//! A passage without spaces is taken for the words that readers see in it.

use super::analysis::{
    Script, Word, cut, is_function_word, is_particle, is_unspaced, plain, tidy, words_of,
};
use super::names::Part;
use super::query::QUERY_CHARS_MAX;

/// At most this many words are looked for.
pub const WORDS_MAX: usize = 32;
/// A word may have a mistake if it has at least this many characters …
const MISTAKE_CHARS_MIN: usize = 5;
/// … or this many in Arabic, which writes no short vowels.
const ARABIC_MISTAKE_CHARS_MIN: usize = 4;
/// A word of so many characters may have two mistakes.
const TWO_MISTAKES_CHARS_MIN: usize = 9;

/// What somebody typed, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typed(pub Vec<Sought>);

/// Something that a practice should have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sought {
    /// A word, tidy.
    Word(String),
    /// The beginning of a word, tidy.
    Beginning(String),
    /// A word of a script without spaces, tidy.
    Passage(String),
    /// Words that follow each other, tidy.
    Phrase(String),
}

impl Typed {
    /// Takes a text apart.
    pub fn read(text: &str) -> Self {
        let text: String = text.chars().take(QUERY_CHARS_MAX).collect();
        let mut sought = Vec::new();
        let mut parts = text.split(is_quotation_mark).peekable();
        let mut quoted = false;
        while let Some(part) = parts.next() {
            let part = tidy(part);
            let last = parts.peek().is_none();
            // An opening mark without a closing one is only a sign.
            if quoted && !last {
                sought.push(Sought::Phrase(part));
            } else {
                let open_ended = last && !part.ends_with(char::is_whitespace);
                read_words(&part, open_ended, &mut sought);
            }
            quoted = !quoted;
        }
        sought.retain(|sought| cut(sought.text()).next().is_some());
        sought.truncate(WORDS_MAX);
        Self(sought)
    }

    /// Whether there is nothing to look for.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which of them a practice need not have: those that say nothing by
    /// themselves, unless nothing else is typed.
    pub fn dispensable(&self) -> Vec<bool> {
        let all: Vec<bool> = self.0.iter().map(Sought::is_dispensable).collect();
        if all.iter().all(|dispensable| *dispensable) {
            return vec![false; all.len()];
        }
        all
    }
}

fn read_words(part: &str, open_ended: bool, sought: &mut Vec<Sought>) {
    let words: Vec<Word<'_>> = cut(part).collect();
    let ends_in_word = open_ended && words.last().is_some_and(|word| part.ends_with(word.text));
    for (at, word) in words.iter().enumerate() {
        match word.script {
            Script::Unspaced => {
                let words = words_of(word.text).into_iter();
                sought.extend(words.map(|word| match word.chars().nth(1) {
                    Some(_) => Sought::Passage(word.to_owned()),
                    // A lone character begins some pair.
                    None => Sought::Beginning(word.to_owned()),
                }));
            }
            Script::Spaced if ends_in_word && at + 1 == words.len() => {
                sought.push(Sought::Beginning(word.text.to_owned()));
            }
            Script::Spaced => sought.push(Sought::Word(word.text.to_owned())),
        }
    }
}

const fn is_quotation_mark(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '「' | '」' | '『' | '』' | '＂')
}

impl Sought {
    /// What was typed, tidy.
    pub fn text(&self) -> &str {
        let (Self::Word(text) | Self::Beginning(text) | Self::Passage(text) | Self::Phrase(text)) =
            self;
        text
    }

    /// As far as names are concerned; words in quotation marks mean themselves.
    pub fn part(&self) -> Option<Part<'_>> {
        match self {
            Self::Word(word) => Some(Part::Word(word)),
            Self::Beginning(word) => Some(Part::Beginning(word)),
            Self::Passage(passage) => Some(Part::Passage(passage)),
            Self::Phrase(_) => None,
        }
    }

    /// With how many mistakes it may be typed.
    pub fn mistakes(&self) -> usize {
        let (Self::Word(word) | Self::Beginning(word)) = self else { return 0 };
        let arabic = word.starts_with(|c| matches!(c, '\u{600}'..='\u{6ff}'));
        let least = if arabic { ARABIC_MISTAKE_CHARS_MIN } else { MISTAKE_CHARS_MIN };
        match plain(word).chars().count() {
            _ if word.contains(is_unspaced) => 0,
            length if length >= TWO_MISTAKES_CHARS_MIN => 2,
            length if length >= least => 1,
            _ => 0,
        }
    }

    fn is_dispensable(&self) -> bool {
        match self {
            Self::Phrase(_) => false,
            Self::Passage(word) => is_particle(word),
            Self::Word(word) | Self::Beginning(word) => {
                let is_lone = word.chars().nth(1).is_none();
                let is_letter = is_lone && word.chars().all(char::is_alphabetic);
                is_letter || is_function_word(&plain(word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Sought> {
        Typed::read(text).0
    }

    fn word(text: &str) -> Sought {
        Sought::Word(text.into())
    }

    #[test]
    fn the_last_word_may_be_a_beginning_until_something_follows() {
        assert_eq!(read("Labour mob"), [word("labour"), Sought::Beginning("mob".into())]);
        assert_eq!(read("Labour mob "), [word("labour"), word("mob")]);
        assert_eq!(read("Labour mob?"), [word("labour"), word("mob")]);
    }

    #[test]
    fn quotation_marks_of_any_kind_make_phrases_and_a_lone_one_makes_nothing() {
        let expected = [word("aide"), Sought::Phrase("retour volontaire".into()), word("tchad")];
        assert_eq!(read("aide «Retour volontaire» Tchad "), expected);
        assert_eq!(read("aide \"retour volontaire\" Tchad "), expected);
        assert_eq!(read("6\" pipes "), [word("6"), word("pipes")]);
        assert_eq!(read("\"\""), []);
    }

    #[test]
    fn a_passage_without_spaces_is_its_words() {
        let passage = |text: &str| Sought::Passage(text.into());
        assert_eq!(
            read("移民治理 能"),
            [passage("移民"), passage("治理"), Sought::Beginning("能".into())]
        );
        assert_eq!(read("「移民治理」"), [Sought::Phrase("移民治理".into())]);
    }

    #[test]
    fn what_says_nothing_is_dispensable_unless_it_is_all_there_is() {
        assert_eq!(Typed::read("移民的权利").dispensable(), [false, true, false]);
        assert_eq!(Typed::read("rights of the ").dispensable(), [false, true, true]);
        assert_eq!(Typed::read("the of ").dispensable(), [false, false]);
    }

    #[test]
    fn what_is_typed_is_bounded() {
        assert_eq!(read(&"a b ".repeat(10_000)).len(), WORDS_MAX);
        assert_eq!(read(" .,;:!?-*+()[]{}~^\\/"), []);
    }
}
