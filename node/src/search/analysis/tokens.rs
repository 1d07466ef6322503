//! The terms of a text, as the engine takes them.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::cut::{Script, cut};
use super::tidy::{plain, tidy};
use super::tongue::{Stems, Tongue};

/// In which form words become terms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// As the stems of a language.
    Stems(Tongue),
    /// Whole and without accents.
    Plain,
}

impl Form {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Tongue::ALL.into_iter().map(Self::Stems).chain([Self::Plain])
    }

    /// The name under which the engine knows the analyser.
    pub fn analyser(self) -> String {
        match self {
            Self::Stems(tongue) => format!("stems-{}", tongue.code()),
            Self::Plain => "plain".into(),
        }
    }
}

/// Makes the terms of a text in one form.
///
/// A word stands at one position with all its terms; a passage
/// without spaces at as many as it has characters, each with the pair that
/// begins there, the last with its one character. So each character of a
/// passage begins some term, and each part of it is a sequence of pairs.
#[derive(Clone)]
pub struct Analyser {
    form: Form,
    stems: Stems,
}

impl Analyser {
    /// The analyser of a form.
    pub fn new(form: Form) -> Self {
        let tongue = if let Form::Stems(tongue) = form { tongue } else { Tongue::Other };
        Self { form, stems: tongue.stems() }
    }

    /// Terms with their positions, in the order of the text.
    pub fn terms(&mut self, text: &str) -> Vec<(usize, String)> {
        let text = tidy(text);
        let mut terms = Vec::new();
        let mut position = 0;
        for word in cut(&text) {
            match word.script {
                Script::Spaced => {
                    terms.extend(self.word(word.text).into_iter().map(|term| (position, term)));
                    position += 1;
                }
                Script::Unspaced => {
                    for pair in pairs(word.text) {
                        terms.push((position, pair.to_owned()));
                        position += 1;
                    }
                }
            }
        }
        terms
    }

    fn word(&mut self, word: &str) -> Vec<String> {
        match self.form {
            Form::Stems(_) => self.stems.of(word),
            Form::Plain => vec![plain(word)],
        }
    }
}

/// Each character with the one behind it; the last alone.
fn pairs(passage: &str) -> impl Iterator<Item = &str> {
    passage.char_indices().map(|(at, _)| {
        let rest = &passage[at..];
        rest.char_indices().nth(2).map_or(rest, |(end, _)| &rest[..end])
    })
}

impl Tokenizer for Analyser {
    type TokenStream<'a> = Terms;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms {
        Terms { rest: self.terms(text).into_iter(), token: Token::default() }
    }
}

/// Terms as the engine takes them.
pub struct Terms {
    rest: std::vec::IntoIter<(usize, String)>,
    token: Token,
}

impl TokenStream for Terms {
    fn advance(&mut self) -> bool {
        let Some((position, text)) = self.rest.next() else { return false };
        self.token.position = position;
        self.token.text = text;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(form: Form, text: &str) -> Vec<(usize, String)> {
        Analyser::new(form).terms(text)
    }

    #[test]
    fn stems_stand_where_their_words_do() {
        let french = terms(Form::Stems(Tongue::French), "Migrants qualifiés");
        assert_eq!(french, [(0, "migr".into()), (1, "qualif".into()), (1, "qualifi".into())]);
        let plain = terms(Form::Plain, "Migrants qualifiés");
        assert_eq!(plain, [(0, "migrants".into()), (1, "qualifies".into())]);
    }

    #[test]
    fn a_passage_without_spaces_becomes_pairs_and_its_last_character() {
        let found = terms(Form::Plain, "移民治理 IOM");
        let expected = [(0, "移民"), (1, "民治"), (2, "治理"), (3, "理"), (4, "iom")];
        assert_eq!(found, expected.map(|(at, term)| (at, term.to_owned())));
    }
}
