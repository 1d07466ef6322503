//! Languages that the index knows the endings of.

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

use super::clitics;
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

    /// Those that a word can be of, by its letters: nobody looks for the stem of
    /// a Russian word among Arabic ones.
    pub fn of_word(word: &str) -> &'static [Self] {
        let letter = word.chars().find(|c| c.is_alphabetic());
        match letter {
            None => &Self::ALL,
            Some('\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}') => &[Self::Arabic, Self::Other],
            Some('\u{400}'..='\u{52f}') => &[Self::Russian, Self::Other],
            Some('\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') => {
                &[Self::English, Self::Spanish, Self::French, Self::Other]
            }
            Some(_) => &[Self::Other],
        }
    }

    /// What finds the stems of its words.
    pub fn stems(self) -> Stems {
        let analyser = self
            .language()
            .map(|language| TextAnalyzer::builder(Whole).filter(Stemmer::new(language)).build());
        Stems { analyser, arabic: self == Self::Arabic }
    }
}

/// Reduces words to stems.
#[derive(Clone)]
pub struct Stems {
    analyser: Option<TextAnalyzer>,
    arabic: bool,
}

impl Stems {
    /// The terms of a tidy word, one or more, each once. The first is the stem
    /// of the word without accents, which everybody can type. If the word has
    /// accents its true stem may follow, without accents, because endings are
    /// told by accents too (`qualifiés` and `qualifie` meet in `qualifi`); of an
    /// Arabic word the stems without what may be written before it.
    pub fn of(&mut self, word: &str) -> Vec<String> {
        let bare = plain(word);
        let mut terms = vec![self.stem(&bare)];
        let mut add = |term: String| {
            if !terms.contains(&term) {
                terms.push(term);
            }
        };
        if bare != word {
            add(plain(&self.stem(word)));
        }
        if self.arabic {
            clitics::without(&bare).for_each(|word| add(self.stem(word)));
        }
        terms
    }

    fn stem(&mut self, word: &str) -> String {
        let Some(analyser) = &mut self.analyser else { return word.to_owned() };
        let mut stream = analyser.token_stream(word);
        let stem = if stream.advance() { stream.token().text.clone() } else { String::new() };
        // A stemmer may leave nothing of a word that is all endings.
        if stem.is_empty() {
            return word.to_owned();
        }
        // Of `لاجئ` it takes what it leaves of `لاجئين`.
        let ends = stem.strip_suffix('ي').filter(|rest| self.arabic && rest.chars().count() > 2);
        ends.map(str::to_owned).unwrap_or(stem)
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
        "في من علي الي عن مع و او ما هذا هذه التي الذي كيف ماذا هل اين لماذا بين",
        "a an and are as at be been by can could do does for from has have how i in into is it its \
         of on or our should that the their there they this to us was we were what when where \
         which who why will with you",
        "al como con cual cuales de del donde el en es estan la las lo los nos o para por que \
         quien quienes se su sus un una y",
        "au aux avec ce ces comment d dans de des du en est et l la le les leur nous on ou par \
         pour qu que quel quelle quelles quels qui quoi s sa ses son sont sur un une vous",
        "в во где для до и из за к как какие каких кто ли мы на не о об от по при с со у что это",
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
            (Tongue::Arabic, "وللمهاجرين", "مهاجر"),
            (Tongue::Arabic, "وبالتعاونيات", "تعاونية"),
            (Tongue::Arabic, "للاجئين", "لاجئ"),
            (Tongue::Arabic, "فالعودة", "عودة"),
            (Tongue::Arabic, "للمغاربه", "المغاربة"),
            (Tongue::Other, "Nepáli", "nepali"),
        ] {
            let terms = |word: &str| tongue.stems().of(&tidy(word));
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
