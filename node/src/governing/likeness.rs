//! Organisations that could be taken for one another.
//!
//! The first fraud against a federation is a second "Ministry of Labour". No
//! program can tell which of two is the true one; it can tell people that
//! there are two, before they sign. Names are compared without case, accents,
//! script and small words: by how they look (a Cyrillic `о` is an `o`) and by
//! how they sound, letter by letter, by words, and by initials. It errs on the
//! side of telling: a warning costs a telephone call.

use std::collections::BTreeSet;

use tern_crdt::authority::Profile;

use super::letters::{looks, sounds};
use crate::reading::OrgName;
use crate::search::{plain, tidy};

/// So many names of an organisation are compared.
const NAMES_MAX: usize = 16;
/// Names are compared to this length.
const CHARS_MAX: usize = 160;
/// Above this share of equal letters two names are one with a slip.
const SPELLING_MIN: f64 = 0.86;
/// Above this share of common words two names are one with a word changed.
const WORDS_MIN: f64 = 0.74;
/// The same, where both give the same country.
const WORDS_AT_HOME_MIN: f64 = 0.6;
/// Initials say something from this length on.
const INITIALS_MIN: usize = 3;
/// Shorter words are compared whole.
const WORD_SLIP_MIN: usize = 5;

/// Words that tell nothing apart.
const SMALL: [&str; 34] = [
    "the", "of", "for", "and", "in", "on", "to", "a", "an", "de", "des", "du", "d", "la", "le",
    "les", "l", "et", "pour", "el", "los", "las", "del", "y", "e", "para", "i", "und", "der",
    "die", "da", "do", "po", "al",
];

/// In what two organisations are alike, the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Likeness {
    /// They have the same name, as people read it.
    Name,
    /// Their names differ by a few letters.
    Spelling,
    /// Their names have most words in common.
    Words,
    /// The initials of one are the other's acronym.
    Initials,
}

impl Likeness {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spelling => "spelling",
            Self::Words => "words",
            Self::Initials => "initials",
        }
    }
}

/// An organisation that another could be taken for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alike {
    /// Which.
    pub org: OrgName,
    /// In what.
    pub likeness: Likeness,
    /// Whether both give the same country.
    pub same_country: bool,
}

/// A name in one of the ways in which it is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Reading {
    words: Vec<String>,
    /// The words in one piece.
    joined: String,
    /// Their letters in order, to tell soon what is spelled otherwise.
    letters: Vec<char>,
    /// The words in order, in one piece.
    sorted: String,
}

/// A name by how it looks and by how it sounds; once where that is the same.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Folded {
    readings: Vec<Reading>,
    /// The same with its small words, in one piece.
    whole: BTreeSet<String>,
    initials: BTreeSet<String>,
}

/// What is compared of an organisation.
#[derive(Clone, Debug)]
pub(super) struct Face {
    names: Vec<Folded>,
    acronyms: BTreeSet<String>,
    country: Option<String>,
}

impl Face {
    pub(super) fn of(profile: &Profile) -> Self {
        let names: Vec<Folded> =
            profile.names.values().take(NAMES_MAX).map(|name| Folded::of(name)).collect();
        let mut acronyms: BTreeSet<String> = profile.acronym.iter().map(|a| joined(a)).collect();
        // A name of one word, or a word in capitals, may be the acronym itself.
        for name in profile.names.values() {
            let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
            let capitals = |word: &&&str| {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                letters >= INITIALS_MIN && word.chars().all(|c| !c.is_lowercase())
            };
            acronyms.extend(words.iter().filter(capitals).map(|word| joined(word)));
        }
        acronyms.retain(|acronym| acronym.chars().count() >= INITIALS_MIN);
        Self { names, acronyms, country: profile.country.clone() }
    }

    pub(super) fn same_country(&self, other: &Self) -> bool {
        self.country.is_some() && self.country == other.country
    }

    /// In what two organisations are alike, if in anything.
    pub(super) fn like(&self, other: &Self) -> Option<Likeness> {
        let at_home = self.same_country(other);
        let pairs = self.names.iter().flat_map(|a| other.names.iter().map(move |b| (a, b)));
        let by_name = pairs.filter_map(|(a, b)| a.like(b, at_home)).min();
        let initials = |a: &Self, b: &Self| {
            a.names.iter().any(|name| name.initials.iter().any(|i| b.acronyms.contains(i)))
        };
        let by_initials = initials(self, other)
            || initials(other, self)
            || self.acronyms.iter().any(|acronym| other.acronyms.contains(acronym));
        by_name.or_else(|| by_initials.then_some(Likeness::Initials))
    }
}

impl Reading {
    fn of(words: Vec<String>) -> Self {
        let joined = words.concat();
        let mut letters: Vec<char> = joined.chars().collect();
        letters.sort_unstable();
        let mut sorted = words.clone();
        sorted.sort_unstable();
        Self { sorted: sorted.concat(), words, joined, letters }
    }

    /// Whether two differ by a few letters. What cannot reach the share is not
    /// compared letter by letter.
    fn spelled_like(&self, other: &Self) -> bool {
        let (a, b) = (self.letters.len(), other.letters.len());
        let (long, short) = (a.max(b), a.min(b));
        let enough = |equal: usize| equal as f64 >= long as f64 * SPELLING_MIN;
        short >= WORD_SLIP_MIN
            && enough(short)
            && enough(shared(&self.letters, &other.letters))
            && strsim::normalized_damerau_levenshtein(&self.joined, &other.joined) >= SPELLING_MIN
    }
}

/// How many letters two sorted lists have in common.
fn shared(a: &[char], b: &[char]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut count = 0;
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                count += 1;
                a.next();
                b.next();
            }
        }
    }
    count
}

type Fold = fn(char) -> Option<&'static str>;

impl Folded {
    fn of(name: &str) -> Self {
        let plain = seen(name);
        let all = || plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut telling: Vec<&str> = all().filter(|word| !SMALL.contains(word)).collect();
        if telling.is_empty() {
            telling = all().collect();
        }
        let folds: [Fold; 2] = [looks, sounds];
        let mut readings: Vec<Reading> = folds
            .map(|fold| {
                let words = telling.iter().map(|word| rewritten(word, fold));
                Reading::of(words.filter(|word| !word.is_empty()).collect())
            })
            .into();
        readings.dedup();
        readings.retain(|reading| !reading.words.is_empty());
        let whole = folds.map(|fold| all().map(|word| rewritten(word, fold)).collect::<String>());
        let initials = readings
            .iter()
            .map(|r| r.words.iter().filter_map(|word| word.chars().next()).collect::<String>())
            .filter(|initials| initials.chars().count() >= INITIALS_MIN)
            .collect();
        let whole = whole.into_iter().filter(|whole| !whole.is_empty()).collect();
        Self { readings, whole, initials }
    }

    fn like(&self, other: &Self, at_home: bool) -> Option<Likeness> {
        let pairs =
            || self.readings.iter().flat_map(|a| other.readings.iter().map(move |b| (a, b)));
        let whole = self.whole.iter().any(|whole| other.whole.contains(whole));
        if whole || pairs().any(|(a, b)| a.sorted == b.sorted) {
            return Some(Likeness::Name);
        }
        if pairs().any(|(a, b)| a.spelled_like(b)) {
            return Some(Likeness::Spelling);
        }
        let least = if at_home { WORDS_AT_HOME_MIN } else { WORDS_MIN };
        let common =
            |a: &Reading, b: &Reading| common(&a.words, &b.words).max(common(&b.words, &a.words));
        pairs().any(|(a, b)| common(a, b) > least).then_some(Likeness::Words)
    }
}

/// What is seen of a text: plain letters in lower case, without what has no
/// width.
fn seen(text: &str) -> String {
    let unseen = |c: &char| {
        matches!(*c, '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}')
            || matches!(*c, '\u{200b}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
    };
    let text: String = text.chars().filter(|c| !unseen(c)).take(CHARS_MAX).collect();
    plain(&tidy(&text))
}

/// Letters in lower case, without accents and blanks.
fn joined(text: &str) -> String {
    let folded = rewritten(&seen(text), looks);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn rewritten(text: &str, fold: fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match fold(character) {
            Some(letters) => out.push_str(letters),
            None => out.push(character),
        }
    }
    out
}

/// The share of words that two names have in common.
fn common(a: &[String], b: &[String]) -> f64 {
    let same = |x: &String, y: &String| {
        let long = x.chars().count().min(y.chars().count()) >= WORD_SLIP_MIN;
        x == y || long && strsim::damerau_levenshtein(x, y) <= 1
    };
    let mut left: Vec<&String> = b.iter().collect();
    let shared = a
        .iter()
        .filter(|x| match left.iter().position(|y| same(x, y)) {
            Some(at) => {
                left.swap_remove(at);
                true
            }
            None => false,
        })
        .count();
    // One word in common says nothing of long names.
    if shared < 2 {
        return 0.0;
    }
    shared as f64 / (a.len() + b.len() - shared) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn face(name: &str, country: &str) -> Face {
        let names = [("en".to_owned(), name.to_owned())].into();
        Face::of(&Profile { names, country: Some(country.into()), ..Profile::default() })
    }

    fn like(a: &str, b: &str) -> Option<Likeness> {
        face(a, "NE").like(&face(b, "TD"))
    }

    #[test]
    fn a_second_ministry_of_labour_is_noticed_however_it_is_written() {
        for other in [
            "Ministry of Labour",
            "MINISTRY OF LABOUR",
            "Ministry for Labour",
            "Labour, Ministry of",
            "Mínistry of Läbour",
            "Ministry of L\u{430}bour",
            "Ministry of La\u{200b}bour",
            "Ministry of Labou\u{200d}r",
            "Ｍｉｎｉｓｔｒｙ ｏｆ Ｌａｂｏｕｒ",
            "M1nistry of Labour",
        ] {
            let found = like("Ministry of Labour", other);
            assert!(
                matches!(found, Some(Likeness::Name | Likeness::Spelling)),
                "{other}: {found:?}"
            );
        }
        assert_eq!(like("Ministry of Labour", "Ministry of Labor"), Some(Likeness::Spelling));
        assert_eq!(like("Министерство труда", "Ministerstvo truda"), Some(Likeness::Name));
        assert_eq!(like("Ministère du Travail", "Ministere de travail"), Some(Likeness::Name));
    }

    #[test]
    fn in_one_country_fewer_words_in_common_are_told_of() {
        let (short, long) = ("Ministry of Labour", "Ministry of Labour and Employment");
        assert_eq!(face(short, "NE").like(&face(long, "NE")), Some(Likeness::Words));
        assert_eq!(face(short, "NE").like(&face(long, "TD")), None);
    }

    #[test]
    fn initials_and_acronyms_are_compared() {
        let long = "United Nations High Commissioner for Refugees";
        assert_eq!(like(long, "UNHCR"), Some(Likeness::Initials));
        assert_eq!(like(long, "UNHCR Niger Office"), Some(Likeness::Initials));
        assert_eq!(like("IOM", "I.O.M."), Some(Likeness::Name));
    }

    #[test]
    fn honest_neighbours_are_left_alone() {
        for (a, b) in [
            ("Ministry of Arrivals", "Upland Labour Office"),
            ("Ministry of Labour of Niger", "Ministry of Health of Niger"),
            ("Civil registry of Chad", "Coalition of Registries"),
            ("Harbour Cities Forum", "Cities of Arrival Network"),
            ("Red Cross", "Red Crescent"),
            ("هيئة الاندماج", "وزارة العمل"),
        ] {
            assert_eq!(face(a, "NE").like(&face(b, "NE")), None, "{a} and {b}");
        }
    }

    proptest! {
        #[test]
        fn everybody_is_like_themselves_and_likeness_is_mutual(a in "\\PC{1,60}", b in "\\PC{1,60}") {
            let (one, other) = (face(&a, "NE"), face(&b, "NE"));
            prop_assert_eq!(one.like(&other), other.like(&one));
            if a.chars().any(|c| c.is_ascii_alphanumeric()) {
                prop_assert_eq!(one.like(&one), Some(Likeness::Name));
            }
        }
    }
}
