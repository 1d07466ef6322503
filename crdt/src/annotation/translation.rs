//! The form of a translation: the texts of a practice in one more language.

use serde_json::Value as Json;

use crate::practice::{LONG_MAX, Practice};
use crate::schema::{
    At, Code, FieldRefused, Passage, Shape, Tag, Texts, TranslatedBy, bounded, form, record,
};

/// The canonical form of a translation has at most this many bytes (56 KiB): it
/// travels in one record.
pub const TRANSLATION_BYTES_MAX: usize = 56 * 1024;

const CHALLENGE_MAX: u64 = 5_000;
const CHALLENGES_MAX: u64 = 30;

/// The texts of a practice, each with the bound that it has there.
macro_rules! translation {
    ($($(#[$doc:meta])* $field:ident: $limit:expr;)*) => {
        record! {
            /// What an edition says, in another language. What is left out is not
            /// translated.
            Translation {
                /// Into which language.
                language: Option<Tag>, 0;
                /// From which of those that the edition stands in.
                from: Option<Tag>, 0;
                /// By whom: people, a machine, or a machine and then people.
                by: Option<Code<TranslatedBy>>, 0;
                $($(#[$doc])* $field: Passage, $limit;)*
                /// Challenges.
                challenges: Vec<TranslatedChallenge>, CHALLENGES_MAX;
            }
        }

        impl Translation {
            /// The keys of the texts that can be translated, beside challenges.
            pub const TEXTS: &[&str] = &[$(stringify!($field)),*];

            /// The text of a key, as it is translated.
            pub fn text(&self, key: &str) -> Option<&Passage> {
                match key {
                    $(stringify!($field) => Some(&self.$field),)*
                    _ => None,
                }
            }

            /// What an edition says under a key.
            pub fn source<'a>(practice: &'a Practice, key: &str) -> Option<&'a Texts> {
                match key {
                    $(stringify!($field) => Some(&practice.$field),)*
                    _ => None,
                }
            }

            fn put_texts(&self, practice: &mut Practice, language: &Tag) {
                $(put(&mut practice.$field, language, &self.$field);)*
            }
        }
    };
}

translation! {
    /// Its title.
    title: 150;
    /// Its summary.
    summary: 3_000;
    /// The situation and the problem.
    context: LONG_MAX;
    /// What it set out to do.
    aims: LONG_MAX;
    /// What was done.
    activities: LONG_MAX;
    /// What came of it.
    results: LONG_MAX;
    /// What was learnt.
    lessons: LONG_MAX;
    /// Advice to those who want to do the same.
    recommendations: LONG_MAX;
    /// What has to be in place.
    conditions: LONG_MAX;
    /// What is new about it.
    innovation: LONG_MAX;
    /// How it goes on.
    sustainability: LONG_MAX;
    /// Gender, children and rights.
    rights: LONG_MAX;
    /// How migrants took part.
    participation: LONG_MAX;
    /// Risks, and how harm is avoided.
    risks: LONG_MAX;
    /// What the organisation says about its responsibility.
    disclaimer: 3_000;
}

record! {
    /// A challenge of the edition, translated.
    TranslatedChallenge {
        /// Which of the edition's, counted from 1.
        number: u64, CHALLENGES_MAX;
        /// The difficulty.
        text: Passage, CHALLENGE_MAX;
        /// How it was overcome.
        overcome: Passage, CHALLENGE_MAX;
    }
}

form!(Translation);

/// The organisation's own words in a language stand before anybody's translation.
fn put(texts: &mut Texts, language: &Tag, translated: &Passage) {
    if texts.get(language).is_none() && !translated.is_empty() {
        texts.set(language.clone(), translated.as_str());
    }
}

/// What is translated: the text in one language, or in all but the target's.
fn source_of<'a>(texts: &'a Texts, from: Option<&Tag>, into: &Tag) -> Vec<(&'a Tag, &'a str)> {
    let meant = |tag: &Tag| from.map_or(tag != into, |from| tag == from);
    texts.iter().filter(|(tag, _)| meant(tag)).collect()
}

impl Translation {
    /// Reads a translation file.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound, or the whole when
    /// it is longer than [`TRANSLATION_BYTES_MAX`].
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let mut translation = Self::read_json(json, at)?;
        translation.language = translation.language.or_else(|| language.parse().ok());
        bounded(&translation.to_tree(), "translation", TRANSLATION_BYTES_MAX)?;
        Ok(translation)
    }

    pub(super) fn is_legal(&self) -> bool {
        Self::read_json(&self.to_json(), At::whole("en")).is_ok()
    }

    /// Whether nothing is translated.
    pub fn is_empty(&self) -> bool {
        self.texts().next().is_none() && self.challenges.is_empty()
    }

    /// The texts that are translated, each with its key.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = Self::TEXTS.iter().filter_map(|key| Some((*key, self.text(key)?)));
        all.filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key, text.as_str()))
    }

    /// Puts it beside what an edition says. Where the edition itself has text in
    /// the language, that stays.
    pub fn put(&self, practice: &mut Practice) {
        let Some(language) = &self.language else { return };
        self.put_texts(practice, language);
        for challenge in &self.challenges {
            let at = usize::try_from(challenge.number).ok().and_then(|at| at.checked_sub(1));
            let Some(one) = at.and_then(|at| practice.challenges.get_mut(at)) else { continue };
            put(&mut one.text, language, &challenge.text);
            put(&mut one.overcome, language, &challenge.overcome);
        }
    }

    /// The keys of what it translates that a later edition says differently: there
    /// the translation is out of date.
    pub fn outdated(&self, translated: &Practice, now: &Practice) -> Vec<&'static str> {
        let Some(into) = &self.language else { return Vec::new() };
        let from = self.from.as_ref();
        let differ = |key: &&'static str| {
            let texts = [translated, now].map(|practice| Self::source(practice, key));
            let [Some(then), Some(now)] = texts else { return false };
            source_of(then, from, into) != source_of(now, from, into)
        };
        let mut keys: Vec<&'static str> = self.texts().map(|(key, _)| key).filter(differ).collect();
        let changed = |one: &TranslatedChallenge| {
            let at = usize::try_from(one.number).unwrap_or(0).wrapping_sub(1);
            let texts = [translated, now].map(|practice| {
                practice.challenges.get(at).map(|challenge| {
                    [&challenge.text, &challenge.overcome].map(|one| source_of(one, from, into))
                })
            });
            texts[0] != texts[1]
        };
        if self.challenges.iter().any(changed) {
            keys.push("challenges");
        }
        keys
    }

    /// The keys of what an edition says and it leaves out.
    pub fn missing(&self, practice: &Practice) -> Vec<&'static str> {
        let Some(into) = &self.language else { return Vec::new() };
        let left_out = |key: &&&'static str| {
            let said = Self::source(practice, key);
            said.is_some_and(|texts| !texts.is_empty() && texts.get(into).is_none())
                && self.text(key).is_none_or(Passage::is_empty)
        };
        let mut keys: Vec<&'static str> = Self::TEXTS.iter().filter(left_out).copied().collect();
        let own = |challenge: &crate::practice::Challenge| challenge.text.get(into).is_some();
        let done = |number: usize| {
            self.challenges.iter().any(|one| usize::try_from(one.number) == Ok(number))
        };
        let mut all = practice.challenges.iter().enumerate();
        if all.any(|(at, challenge)| !own(challenge) && !done(at + 1)) {
            keys.push("challenges");
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_the_bound_that_it_has_in_a_practice() {
        for key in Translation::TEXTS {
            let limit = |fields: &[(&str, u64)]| {
                fields.iter().find(|(known, _)| known == key).map(|(_, limit)| *limit)
            };
            assert_eq!(limit(Translation::FIELDS), limit(Practice::FIELDS), "{key}");
        }
        assert_eq!(
            TranslatedChallenge::FIELDS[1..],
            *crate::practice::Challenge::FIELDS,
            "challenges"
        );
    }
}
