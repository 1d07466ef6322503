//! Languages that the index knows the endings of.

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

use super::tidy::plain;

/// A language whose words are reduced to stems, or any other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tongue {
    /// Arabic.
    Arabic,
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Russian.
    Russian,
    /// Any other: its words stay as they are.
    Other,
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Arabic, Self::English, Self::Spanish, Self::French, Self::Russian, Self::Other];

    /// That of a language tag, by its first part.
    pub fn of(tag: &str) -> Self {
        let language = tag.split('-').next().unwrap_or(tag);
        let of = |tongue: &Self| tongue.code().eq_ignore_ascii_case(language);
        Self::ALL.into_iter().find(of).unwrap_or(Self::Other)
    }

    /// Its code (ISO 639-1), as the fields of the index are called.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Russian => "ru",
            Self::Other => "other",
        }
    }

    const fn language(self) -> Option<Language> {
        match self {
            Self::Arabic => Some(Language::Arabic),
            Self::English => Some(Language::English),
            Self::Spanish => Some(Language::Spanish),
            Self::French => Some(Language::French),
            Self::Russian => Some(Language::Russian),
            Self::Other => None,
        }
    }

    /// What finds the stems of its words.
    pub fn stems(self) -> Stems {
        Stems(
            self.language().map(|language| {
                TextAnalyzer::builder(Whole).filter(Stemmer::new(language)).build()
            }),
        )
    }
}

/// Reduces words to stems.
#[derive(Clone)]
pub struct Stems(Option<TextAnalyzer>);

impl Stems {
    /// The terms of a tidy word. The first is the stem of the word without
    /// accents, which everybody can type. If the word has accents a second
    /// may follow: its true stem, without accents, because endings are told
    /// by accents too (`qualifiés` and `qualifie` meet in `qualifi`).
    pub fn of(&mut self, word: &str) -> (String, Option<String>) {
        let bare = plain(word);
        let typed = self.stem(&bare);
        if bare == word {
            return (typed, None);
        }
        let true_stem = plain(&self.stem(word));
        let differs = true_stem != typed;
        (typed, differs.then_some(true_stem))
    }

    fn stem(&mut self, word: &str) -> String {
        let Some(analyser) = &mut self.0 else { return word.to_owned() };
        let mut stream = analyser.token_stream(word);
        let stem = if stream.advance() { stream.token().text.clone() } else { String::new() };
        // A stemmer may leave nothing of a word that is all endings.
        if stem.is_empty() { word.to_owned() } else { stem }
    }
}

/// The whole text as one token: words are cut already.
#[derive(Clone)]
struct Whole;

struct OneToken(Option<Token>, Token);

impl Tokenizer for Whole {
    type TokenStream<'a> = OneToken;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> OneToken {
        let token = Token { text: text.to_owned(), position: 0, ..Token::default() };
        OneToken(Some(token), Token::default())
    }
}

impl TokenStream for OneToken {
    fn advance(&mut self) -> bool {
        self.0.take().map(|token| self.1 = token).is_some()
    }

    fn token(&self) -> &Token {
        &self.1
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.1
    }
}

/// Whether a plain word says nothing by itself in one of the languages, so
/// that a practice need not have it: `rights of migrants` finds a practice on
/// migrants' rights.
pub fn is_function_word(word: &str) -> bool {
    const FUNCTION_WORDS: [&str; 5] = [
        "في من علي الي عن مع و او ما هذا هذه التي الذي",
        "a an and are as at be by for from in into is it its of on or that the their this to was \
         with",
        "al con de del el en es la las lo los o para por que se su sus un una y",
        "au aux avec ce ces d dans de des du en est et l la le les leur ou par pour qu que qui s \
         sa ses son sur un une",
        "в во для до и из за к на не о об от по при с со у что",
    ];
    FUNCTION_WORDS.iter().any(|words| words.split(' ').any(|known| known == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::tidy;

    #[test]
    fn a_tag_has_the_tongue_of_its_language() {
        assert_eq!(Tongue::of("fr"), Tongue::French);
        assert_eq!(Tongue::of("es-BO"), Tongue::Spanish);
        assert_eq!(Tongue::of("EN"), Tongue::English);
        for tag in ["zh-Hant", "ne", "", "other", "frp"] {
            assert_eq!(Tongue::of(tag), Tongue::Other, "{tag}");
        }
    }

    #[test]
    fn inflected_words_of_a_language_meet_in_one_term() {
        for (tongue, one, other) in [
            (Tongue::English, "policies", "policy"),
            (Tongue::French, "qualifiées", "qualifié"),
            (Tongue::French, "RÉINTÉGRATION", "reintegration"),
            (Tongue::Spanish, "migraciones", "migración"),
            (Tongue::Russian, "мигрантов", "мигранты"),
            (Tongue::Russian, "миграционной", "миграционная"),
            (Tongue::Arabic, "المهاجرين", "مهاجرون"),
            (Tongue::Arabic, "الْهِجْرَة", "هجرة"),
            (Tongue::Other, "Nepáli", "nepali"),
        ] {
            let terms = |word: &str| {
                let (first, second) = tongue.stems().of(&tidy(word));
                [Some(first), second].into_iter().flatten().collect::<Vec<_>>()
            };
            let (one, other) = (terms(one), terms(other));
            assert!(one.iter().any(|term| other.contains(term)), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn function_words_are_written_as_they_are_looked_up() {
        for word in ["of", "para", "des", "для", "الي", "d"] {
            assert!(is_function_word(word), "{word}");
            assert_eq!(plain(&tidy(word)), word);
        }
        assert!(!is_function_word("migration"));
        assert!(!is_function_word(""));
    }
}
