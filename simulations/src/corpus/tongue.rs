//! Sentences in six languages, put together from phrases.
//!
//! Each language is a file of lists: `name = phrase | phrase | …`. In a
//! phrase `{name}` stands for one phrase of that list, `{number}` for a count
//! and `{year}` for a year. So texts have the length of words, the
//! repetitions and the entropy of what people write about their work, and
//! compress like it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::chance::Chance;

/// One language.
#[derive(Debug)]
pub(super) struct Tongue {
    /// Its tag.
    pub tag: &'static str,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Every language, the most frequent first.
pub(super) static TONGUES: LazyLock<[Tongue; 6]> = LazyLock::new(|| {
    [
        Tongue::read("en", include_str!("phrases/en.txt")),
        Tongue::read("fr", include_str!("phrases/fr.txt")),
        Tongue::read("es", include_str!("phrases/es.txt")),
        Tongue::read("ar", include_str!("phrases/ar.txt")),
        Tongue::read("ru", include_str!("phrases/ru.txt")),
        Tongue::read("zh", include_str!("phrases/zh.txt")),
    ]
});

impl Tongue {
    fn read(tag: &'static str, file: &'static str) -> Self {
        let lists = file.lines().filter_map(|line| line.split_once(" = "));
        let lists = lists.map(|(name, list)| (name, list.split('|').map(str::trim).collect()));
        Self { tag, lists: lists.collect() }
    }

    /// A phrase of a list, with everything in it filled in, and its first
    /// letter a capital.
    pub fn say(&self, list: &str, chance: &mut Chance) -> String {
        let mut said = String::new();
        self.phrase(list, chance, &mut said);
        let mut letters = said.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    fn phrase(&self, list: &str, chance: &mut Chance, said: &mut String) {
        match list {
            "number" => {
                let most = *chance.pick(&[12, 60, 400, 4_800]).expect("not empty");
                said.push_str(&chance.between(2, most).to_string());
            }
            "year" => said.push_str(&chance.between(2009, 2024).to_string()),
            _ => {
                let list = self.lists.get(list).expect("phrases name lists of their file");
                let phrase = chance.pick(list).expect("no list is empty");
                self.fill(phrase, chance, said);
            }
        }
    }

    fn fill(&self, phrase: &str, chance: &mut Chance, said: &mut String) {
        let mut rest = phrase;
        while let Some((before, open)) = rest.split_once('{') {
            let (list, after) = open.split_once('}').expect("what is opened is closed");
            said.push_str(before);
            self.phrase(list, chance, said);
            rest = after;
        }
        said.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_phrase_of_every_language_can_be_said() {
        let mut chance = Chance::new(1);
        for tongue in TONGUES.iter() {
            for (name, list) in &tongue.lists {
                assert!(list.len() > 3, "{} has few {name}", tongue.tag);
                assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len(), "{name} twice");
                for phrase in list {
                    let mut said = String::new();
                    tongue.fill(phrase, &mut chance, &mut said);
                    assert!(!said.is_empty() && !said.contains(['{', '}', '|']), "{said}");
                }
            }
            for part in ["title", "sentence", "org", "town"] {
                assert!(!tongue.say(part, &mut chance).is_empty());
            }
        }
    }
}
