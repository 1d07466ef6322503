//! What codes are called in six languages, and which of them somebody means.
//!
//! A practice carries codes, and each is called something in Arabic, Chinese,
//! English, French, Russian and Spanish: the labels of the
//! [taxonomy](tern_crdt::taxonomy) and the names beside this file, which are
//! only searched by and never shown. So `汇款` finds a French practice on
//! remittances. It works on what is typed, not on what is indexed: a new name
//! needs no new index.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tern_crdt::taxonomy::Vocabulary;

use super::analysis::{Script, Stems, Tongue, cut, is_function_word, plain, tidy};

/// A word that stands in names of more codes than this is looked for by names
/// that it makes up half of: `migrants` means nothing in particular.
const CODES_MAX: usize = 8;
/// The beginning of a word has to have so many characters to mean a name.
const BEGINNING_CHARS_MIN: usize = 3;

/// What names stand for, with a letter that keeps vocabularies apart in the
/// field of codes.
const KINDS: [(&str, char); 7] = [
    ("objective", 'o'),
    ("country", 'c'),
    ("place", 'p'),
    ("kind", 'k'),
    ("topic", 't'),
    ("group", 'g'),
    ("word", WORD),
];
/// A name of a word: what somebody means is that word, in any text.
pub const WORD: char = 'w';

const FILES: [(&str, &str); 6] = [
    ("ar", include_str!("ar.txt")),
    ("en", include_str!("en.txt")),
    ("es", include_str!("es.txt")),
    ("fr", include_str!("fr.txt")),
    ("ru", include_str!("ru.txt")),
    ("zh", include_str!("zh.txt")),
];

/// A code as it is indexed: the letter of its vocabulary, then itself.
pub fn code(kind: char, code: &str) -> String {
    format!("{kind}:{code}")
}

/// One name of one code.
struct Name {
    code: String,
    /// Its words but for function words; characters, where there are no spaces.
    size: usize,
}

/// A word of a name: which name, and the place of the word in it.
type At = (usize, usize);

/// All names.
pub struct Names {
    names: Vec<Name>,
    stems: BTreeMap<(Tongue, String), Vec<At>>,
    plain: BTreeMap<String, Vec<At>>,
    passages: Vec<(String, usize)>,
}

/// The names of the program.
pub static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

/// A part of what somebody typed, as far as names are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// A tidy word.
    Word(&'a str),
    /// The beginning of one.
    Beginning(&'a str),
    /// A word without spaces around it.
    Passage(&'a str),
}

impl Names {
    fn read() -> Self {
        let mut names = Self {
            names: Vec::new(),
            stems: BTreeMap::new(),
            plain: BTreeMap::new(),
            passages: Vec::new(),
        };
        let vocabularies = [
            ('o', Vocabulary::Objectives),
            ('c', Vocabulary::Countries),
            ('p', Vocabulary::Regions),
            ('p', Vocabulary::Subregions),
            ('k', Vocabulary::PracticeKinds),
            ('t', Vocabulary::Topics),
            ('g', Vocabulary::TargetGroups),
        ];
        let mut stems: BTreeMap<&str, Stems> = BTreeMap::new();
        for (kind, vocabulary) in vocabularies {
            for term in vocabulary.terms() {
                for (lang, _) in FILES {
                    let label = term.label(lang);
                    if !label.stands_in {
                        names.add(&mut stems, lang, code(kind, term.code()), label.text);
                    }
                }
            }
        }
        for (lang, file) in FILES {
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                let parts = line.split_once(" = ").and_then(|(of, called)| {
                    let (kind, code) = of.split_once(' ')?;
                    let (_, letter) = KINDS.iter().find(|(name, _)| *name == kind)?;
                    Some((*letter, code, called))
                });
                // Every line is checked by a test.
                let Some((kind, of, called)) = parts else { continue };
                for name in called.split('|') {
                    names.add(&mut stems, lang, code(kind, of), name.trim());
                }
            }
        }
        names
    }

    fn add<'l>(
        &mut self,
        stems: &mut BTreeMap<&'l str, Stems>,
        lang: &'l str,
        code: String,
        name: &str,
    ) {
        let tongue = Tongue::of(lang);
        let stems = stems.entry(lang).or_insert_with(|| tongue.stems());
        let (name, at) = (tidy(name), self.names.len());
        let mut size = 0;
        for word in cut(&name) {
            if word.script == Script::Unspaced {
                self.passages.push((word.text.to_owned(), at));
                size += word.text.chars().count();
                continue;
            }
            let whole = plain(word.text);
            if is_function_word(&whole) {
                continue;
            }
            for term in stems.of(word.text) {
                self.stems.entry((tongue, term)).or_default().push((at, size));
            }
            self.plain.entry(whole).or_default().push((at, size));
            size += 1;
        }
        self.names.push(Name { code, size: size.max(1) });
    }

    /// For each part the codes that it helps to name, each with how much of the
    /// name is typed: 1 if all of it is.
    pub fn meant(&self, parts: &[Part<'_>]) -> Vec<BTreeMap<&str, f32>> {
        let found: Vec<Vec<(At, usize)>> = parts.iter().map(|part| self.having(*part)).collect();
        let mut typed: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
        for ((name, at), size) in found.iter().flatten() {
            typed.entry(*name).or_default().insert(*at, *size);
        }
        let covered = |name: usize| {
            let size: usize = typed.get(&name).map_or(0, |places| places.values().sum());
            (size as f32 / self.names[name].size as f32).min(1.0)
        };
        let meant = found.iter().map(|found| {
            let mut codes: BTreeMap<&str, f32> = BTreeMap::new();
            for ((name, _), _) in found {
                let best = codes.entry(&self.names[*name].code).or_default();
                *best = best.max(covered(*name));
            }
            if codes.len() > CODES_MAX {
                codes.retain(|_, covered| *covered >= 0.5);
            }
            codes
        });
        meant.collect()
    }

    /// The words of names that have a part, with how many words or characters
    /// of the name it stands for.
    fn having(&self, part: Part<'_>) -> Vec<(At, usize)> {
        let mut found: BTreeSet<At> = BTreeSet::new();
        match part {
            Part::Word(word) | Part::Beginning(word) => {
                for tongue in Tongue::of_word(word) {
                    for term in tongue.stems().of(word) {
                        found.extend(self.stems.get(&(*tongue, term)).into_iter().flatten());
                    }
                }
                let word = plain(word);
                let open = matches!(part, Part::Beginning(_))
                    && word.chars().nth(BEGINNING_CHARS_MIN - 1).is_some();
                let names = self.plain.range(word.clone()..);
                let fits = |name: &str| name == word || (open && name.starts_with(&word));
                for (_, at) in names.take_while(|(name, _)| fits(name)) {
                    found.extend(at);
                }
                found.into_iter().map(|at| (at, 1)).collect()
            }
            Part::Passage(passage) => {
                let size = passage.chars().count();
                let names = self.passages.iter().filter(|_| size > 1);
                let having = names.filter_map(|(name, at)| Some((*at, name.find(passage)?)));
                having.map(|at| (at, size)).collect()
            }
        }
    }

    /// Words of names that are written nearly like a plain word, each with the
    /// codes that it helps to name.
    pub fn similar(&self, word: &str, distance: usize) -> Vec<(&str, Vec<&str>)> {
        let length = word.chars().count();
        let near = self.plain.iter().filter(|(name, _)| {
            name.chars().count().abs_diff(length) <= distance
                && strsim::osa_distance(name, word) <= distance
        });
        let codes =
            |at: &[At]| at.iter().map(|(name, _)| self.names[*name].code.as_str()).collect();
        near.map(|(name, at)| (name.as_str(), codes(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(parts: &[Part<'_>]) -> Vec<String> {
        let meant = NAMES.meant(parts);
        let whole = meant.iter().flatten().filter(|(_, covered)| **covered >= 1.0);
        let codes: BTreeSet<String> = whole.map(|(code, _)| (*code).to_owned()).collect();
        codes.into_iter().collect()
    }

    #[test]
    fn every_line_of_the_files_names_a_code_that_there_is() {
        for (lang, file) in FILES {
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                let (of, called) = line.split_once(" = ").expect(line);
                let (kind, code) = of.split_once(' ').expect(line);
                let there_is = match kind {
                    "objective" => Vocabulary::Objectives.term(code).is_some(),
                    "country" => Vocabulary::Countries.term(code).is_some(),
                    "place" => {
                        let within = [Vocabulary::Regions, Vocabulary::Subregions];
                        within.iter().any(|places| places.term(code).is_some())
                    }
                    "kind" => Vocabulary::PracticeKinds.term(code).is_some(),
                    "topic" => Vocabulary::Topics.term(code).is_some(),
                    "group" => Vocabulary::TargetGroups.term(code).is_some(),
                    "word" => true,
                    _ => false,
                };
                assert!(there_is, "{lang}: {line}");
                assert!(called.split('|').all(|name| !name.trim().is_empty()), "{lang}: {line}");
            }
        }
    }

    #[test]
    fn every_objective_topic_and_country_has_a_name_in_each_language() {
        for (lang, file) in FILES {
            let named = |kind: &str, code: &str, vocabulary: Vocabulary| {
                let label = vocabulary.term(code).map(|term| term.label(lang).stands_in);
                label == Some(false) || file.contains(&format!("{kind} {code} = "))
            };
            for (kind, vocabulary) in [
                ("objective", Vocabulary::Objectives),
                ("topic", Vocabulary::Topics),
                ("country", Vocabulary::Countries),
            ] {
                for term in vocabulary.terms() {
                    assert!(named(kind, term.code(), vocabulary), "{lang} {}", term.code());
                }
            }
        }
    }

    #[test]
    fn a_name_in_any_language_means_its_code() {
        for (word, code) in
            [("чад", "c:TD"), ("تشاد", "c:TD"), ("замбии", "c:ZM"), ("remesas", "o:20")]
        {
            assert!(codes(&[Part::Word(word)]).contains(&code.to_owned()), "{word}");
        }
        assert!(codes(&[Part::Passage("汇款")]).contains(&"o:20".to_owned()));
        assert!(codes(&[Part::Word("burkina"), Part::Word("faso")]).contains(&"c:BF".to_owned()));
        assert!(codes(&[Part::Beginning("kazakh")]).contains(&"c:KZ".to_owned()));
    }

    #[test]
    fn a_word_of_many_names_means_none_in_particular() {
        assert_eq!(codes(&[Part::Word("migrants")]), [""; 0]);
    }
}
