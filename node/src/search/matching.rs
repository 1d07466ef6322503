//! What people type, as the engine's query.
//!
//! Words are looked for in every language at once, since nobody says in which
//! one they type. A practice has to have all words, but for function words
//! and lone letters next to others; words in quotation marks have to follow
//! each other, and so have the characters of a passage without spaces. The
//! last word may be the beginning of one. There is no further syntax, so
//! nothing can be wrong.

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::analysis::{Analyser, Form, Script, Tongue, Word, cut, is_function_word, plain, tidy};
use super::query::QUERY_CHARS_MAX;
use super::schema::Fields;

/// At most this many words are looked for.
const WORDS_MAX: usize = 32;
/// A word may have a mistake if it has at least this many characters.
const MISTAKE_CHARS_MIN: usize = 5;
/// How much it counts that a word is there whole, begins a word, or resembles
/// one: always less than to have it in its own language.
const WHOLE_SCORE: f32 = 0.03;
const PREFIX_SCORE: f32 = 0.01;
const SIMILAR_SCORE: f32 = 0.003;
/// How much a word counts in a second field or language next to the first.
const TIE_BREAKER: f32 = 0.1;

/// How closely words have to fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closeness {
    /// As typed, or inflected.
    Typed,
    /// With one mistake in each longer word.
    Similar,
}

/// What somebody typed, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typed(Vec<Sought>);

/// Something that a practice has to have.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sought {
    /// A word, tidy.
    Word(String),
    /// The beginning of a word, tidy.
    Beginning(String),
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

    /// The query that finds it.
    pub fn query(&self, fields: &Fields, closeness: Closeness) -> Box<dyn Query> {
        let needed = |sought: &&Sought| !sought.is_dispensable();
        let all_dispensable = self.0.iter().all(Sought::is_dispensable);
        let clauses = self.0.iter().map(|sought| {
            let must = all_dispensable || needed(&sought);
            let occur = if must { Occur::Must } else { Occur::Should };
            (occur, sought.query(fields, closeness))
        });
        Box::new(BooleanQuery::new(clauses.collect()))
    }
}

fn read_words(part: &str, open_ended: bool, sought: &mut Vec<Sought>) {
    let words: Vec<Word<'_>> = cut(part).collect();
    let ends_in_word = open_ended && words.last().is_some_and(|word| part.ends_with(word.text));
    for (at, word) in words.iter().enumerate() {
        let text = word.text.to_owned();
        let lone = word.script == Script::Unspaced && text.chars().nth(1).is_none();
        sought.push(match word.script {
            Script::Unspaced if !lone => Sought::Phrase(text),
            // A lone character of such a script begins some pair.
            _ if lone || (ends_in_word && at + 1 == words.len()) => Sought::Beginning(text),
            _ => Sought::Word(text),
        });
    }
}

const fn is_quotation_mark(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '「' | '」' | '『' | '』' | '＂')
}

impl Sought {
    fn text(&self) -> &str {
        let (Self::Word(text) | Self::Beginning(text) | Self::Phrase(text)) = self;
        text
    }

    fn is_dispensable(&self) -> bool {
        match self {
            Self::Phrase(_) => false,
            Self::Word(word) | Self::Beginning(word) => {
                let is_lone_letter = word.chars().nth(1).is_none()
                    && word.chars().all(|c| c.is_alphabetic() && u32::from(c) < 0xe00);
                is_lone_letter || is_function_word(&plain(word))
            }
        }
    }

    fn query(&self, fields: &Fields, closeness: Closeness) -> Box<dyn Query> {
        let mut ways = Vec::new();
        for (tongue, texts) in &fields.texts {
            for (field, weight) in texts.weighted() {
                for query in self.in_tongue(*tongue, field) {
                    ways.push(Box::new(BoostQuery::new(query, weight)) as Box<dyn Query>);
                }
            }
        }
        ways.extend(self.whole(fields.words));
        if closeness == Closeness::Similar {
            ways.extend(self.similar(fields.words));
        }
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, TIE_BREAKER))
    }

    /// Ways to find it in a field of one language.
    fn in_tongue(&self, tongue: Tongue, field: Field) -> Vec<Box<dyn Query>> {
        match self {
            Self::Word(word) | Self::Beginning(word) => {
                let (typed, second) = tongue.stems().of(word);
                let terms = [Some(typed), second].into_iter().flatten();
                terms.map(|term| term_query(field, &term, IndexRecordOption::WithFreqs)).collect()
            }
            Self::Phrase(words) => phrase_query(tongue, field, words).into_iter().collect(),
        }
    }

    /// The word as it stands, or as the beginning of one.
    fn whole(&self, words: Field) -> Option<Box<dyn Query>> {
        let (query, score) = match self {
            Self::Phrase(_) => return None,
            Self::Word(word) => {
                (term_query(words, &plain(word), IndexRecordOption::Basic), WHOLE_SCORE)
            }
            Self::Beginning(word) => {
                let term = Term::from_field_text(words, &plain(word));
                let query = FuzzyTermQuery::new_prefix(term, 0, true);
                (Box::new(query) as Box<dyn Query>, PREFIX_SCORE)
            }
        };
        Some(Box::new(ConstScoreQuery::new(query, score)))
    }

    /// Words with one character more, less, other or exchanged.
    fn similar(&self, words: Field) -> Option<Box<dyn Query>> {
        let (Self::Word(word) | Self::Beginning(word)) = self else { return None };
        let word = plain(word);
        word.chars().nth(MISTAKE_CHARS_MIN - 1)?;
        let query = FuzzyTermQuery::new(Term::from_field_text(words, &word), 1, true);
        Some(Box::new(ConstScoreQuery::new(Box::new(query), SIMILAR_SCORE)))
    }
}

fn term_query(field: Field, term: &str, record: IndexRecordOption) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, term), record))
}

/// The terms of some words, next to each other. The last character of a
/// passage without spaces need not end it, so its own term is left out.
fn phrase_query(tongue: Tongue, field: Field, words: &str) -> Option<Box<dyn Query>> {
    let mut terms = Analyser::new(Form::Stems(tongue)).terms(words);
    // The first term of a word is always indexed, the second may not be.
    terms.dedup_by_key(|(position, _)| *position);
    let ends_unspaced = cut(words).last().is_some_and(|word| word.script == Script::Unspaced);
    if ends_unspaced && terms.len() > 1 {
        terms.pop();
    }
    let last = terms.pop()?;
    if terms.is_empty() {
        return Some(term_query(field, &last.1, IndexRecordOption::WithFreqs));
    }
    terms.push(last);
    let terms = terms.into_iter().map(|(at, term)| (at, Term::from_field_text(field, &term)));
    Some(Box::new(PhraseQuery::new_with_offset(terms.collect())))
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
    fn a_passage_without_spaces_is_looked_for_as_a_whole() {
        assert_eq!(
            read("移民治理 能"),
            [Sought::Phrase("移民治理".into()), Sought::Beginning("能".into())]
        );
    }

    #[test]
    fn what_is_typed_is_bounded() {
        assert_eq!(read(&"a b ".repeat(10_000)).len(), WORDS_MAX);
        assert_eq!(read(" .,;:!?-*+()[]{}~^\\/"), []);
    }
}
