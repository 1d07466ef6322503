//! What is sought, as the engine's query.
//!
//! Words are looked for in every language that writes with their letters,
//! since nobody says in which one they type, and among the codes that are
//! [called](super::names) so. A practice has to have all words, but for those
//! that say nothing by themselves.

use std::collections::BTreeMap;

use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, FuzzyTermQuery,
    Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TERMINATED, Term};

use super::analysis::{Analyser, Form, Script, Tongue, cut, plain};
use super::names::{NAMES, Part, WORD};
use super::schema::{Fields, RELATED};
use super::sought::{Sought, Typed};

/// How much it counts that a word is there whole, or begins a word: always
/// less than to have it in its own language.
const WHOLE_SCORE: f32 = 0.03;
const PREFIX_SCORE: f32 = 0.01;
/// How much a word counts in a second field or language next to the first.
const TIE_BREAKER: f32 = 0.1;
/// How much it counts that a practice carries a code that is called so (more
/// than a title: whoever chose the code said what it is about; less by the
/// square if only a part of the name is typed) …
const NAME_WEIGHT: f32 = 5.0;
/// … and if the code is an objective that is only related.
const RELATED_WEIGHT: f32 = 0.4;
/// How much a word counts that was not typed but may have been meant.
const MEANT_WEIGHT: f32 = 0.5;
/// Of the pairs of a passage this part has to be there if it is not whole.
const PAIRS_PART: f32 = 0.6;
/// Of the words this part has to be there if not all are anywhere …
const WORDS_PART: f32 = 0.6;
/// … and so many are typed.
const PARTLY_WORDS_MIN: usize = 3;

/// What is sought, with all the ways in which each of its parts may be there.
pub struct Matching<'t> {
    typed: &'t Typed,
    dispensable: Vec<bool>,
    /// For each part the codes that it helps to name.
    pub codes: Vec<BTreeMap<&'static str, f32>>,
    /// For each part the words that may have been meant, best first.
    pub meant: Vec<Vec<String>>,
    /// Whether a passage need not be whole.
    pub loose: bool,
    /// Whether words were tried in place of those that are somewhere.
    pub anywhere: bool,
}

impl<'t> Matching<'t> {
    /// As it was typed.
    pub fn typed(typed: &'t Typed) -> Self {
        let parts: Vec<_> = typed.0.iter().map(Sought::part).collect();
        let known: Vec<_> = parts.iter().flatten().copied().collect();
        let mut meant = NAMES.meant(&known).into_iter();
        let codes = parts.iter().map(|part| match part {
            Some(_) => meant.next().unwrap_or_default(),
            None => BTreeMap::new(),
        });
        Self {
            codes: codes.collect(),
            dispensable: typed.dispensable(),
            meant: vec![Vec::new(); typed.0.len()],
            loose: false,
            anywhere: false,
            typed,
        }
    }

    /// The parts that a practice has to have.
    pub fn needed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.typed.0.len()).filter(|at| !self.dispensable[*at])
    }

    /// The query for practices that have all of it.
    pub fn whole(&self, fields: &Fields) -> Box<dyn Query> {
        let clauses = (0..self.typed.0.len()).map(|at| {
            let occur = if self.dispensable[at] { Occur::Should } else { Occur::Must };
            (occur, self.part(fields, at))
        });
        Box::new(BooleanQuery::new(clauses.collect()))
    }

    /// The query for practices that have most of it, where there is enough.
    pub fn most(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        let needed = self.needed().count();
        if needed < PARTLY_WORDS_MIN {
            return None;
        }
        let clauses = self.needed().map(|at| (Occur::Should, self.part(fields, at)));
        let least = (needed as f32 * WORDS_PART).ceil() as usize;
        Some(Box::new(BooleanQuery::with_minimum_required_clauses(clauses.collect(), least)))
    }

    /// Whether words were tried in place of all parts, because each of them is
    /// somewhere: then nobody knows which was mistaken.
    pub fn is_any_meant(&self) -> bool {
        self.anywhere
    }

    /// The codes that are called what may have been meant.
    pub fn named_instead(&self) -> Vec<&'static str> {
        let words = self.meant.iter().flatten();
        let meant = words.flat_map(|word| NAMES.meant(&[Part::Word(word)]));
        meant.flat_map(BTreeMap::into_keys).collect()
    }

    /// Whether nothing at all has a part, however it may be inflected.
    ///
    /// # Errors
    /// The engine's.
    pub fn is_unknown(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        at: usize,
    ) -> tantivy::Result<bool> {
        let weight =
            self.part(fields, at).weight(EnableScoring::disabled_from_searcher(searcher))?;
        for segment in searcher.segment_readers() {
            if weight.scorer(segment, 1.0)?.doc() != TERMINATED {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All ways in which one part may be there.
    fn part(&self, fields: &Fields, at: usize) -> Box<dyn Query> {
        let sought = &self.typed.0[at];
        let mut ways = ways(sought, fields);
        for (code, covered) in &self.codes[at] {
            ways.extend(named(fields, code, *covered));
        }
        for word in &self.meant[at] {
            for way in self::ways(&Sought::Word(word.clone()), fields) {
                ways.push(Box::new(BoostQuery::new(way, MEANT_WEIGHT)));
            }
            let matching = NAMES.meant(&[Part::Word(word)]);
            for (code, covered) in matching.iter().flatten() {
                ways.extend(named(fields, code, *covered * MEANT_WEIGHT));
            }
        }
        if let (Sought::Passage(passage), true) = (sought, self.loose) {
            ways.extend(pairs(fields, passage));
        }
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, TIE_BREAKER))
    }
}

/// The code of a name, if a practice carries it.
fn named(fields: &Fields, code: &str, covered: f32) -> Vec<Box<dyn Query>> {
    if let Some(word) = code.strip_prefix(WORD).and_then(|code| code.strip_prefix(':')) {
        // Only the whole name of a body means it.
        if covered < 1.0 {
            return Vec::new();
        }
        let word = term_query(fields.words, &word.to_lowercase(), IndexRecordOption::Basic);
        return vec![Box::new(BoostQuery::new(word, 1.0))];
    }
    let weight = NAME_WEIGHT * covered * covered;
    let query = |code: &str, weight| {
        let query = term_query(fields.codes, code, IndexRecordOption::Basic);
        Box::new(BoostQuery::new(query, weight)) as Box<dyn Query>
    };
    let related = code.strip_prefix("o:").map(|number| super::names::code(RELATED, number));
    let related = related.map(|code| query(&code, weight * RELATED_WEIGHT));
    std::iter::once(query(code, weight)).chain(related).collect()
}

/// Ways to find something in texts.
fn ways(sought: &Sought, fields: &Fields) -> Vec<Box<dyn Query>> {
    let mut ways = Vec::new();
    let tongues = match sought {
        Sought::Phrase(_) => &Tongue::ALL[..],
        Sought::Word(text) | Sought::Beginning(text) | Sought::Passage(text) => {
            Tongue::of_word(text)
        }
    };
    for tongue in tongues {
        for (field, weight) in fields.texts[tongue].weighted() {
            for query in in_tongue(sought, *tongue, field) {
                ways.push(Box::new(BoostQuery::new(query, weight)) as Box<dyn Query>);
            }
        }
    }
    ways.extend(whole(sought, fields.words));
    ways
}

/// Ways to find something in a field of one language.
fn in_tongue(sought: &Sought, tongue: Tongue, field: Field) -> Vec<Box<dyn Query>> {
    match sought {
        Sought::Word(word) | Sought::Beginning(word) => {
            let terms = tongue.stems().of(word).into_iter();
            terms.map(|term| term_query(field, &term, IndexRecordOption::WithFreqs)).collect()
        }
        Sought::Passage(words) | Sought::Phrase(words) => {
            phrase_query(tongue, field, words).into_iter().collect()
        }
    }
}

/// The word as it stands, or as the beginning of one.
fn whole(sought: &Sought, words: Field) -> Option<Box<dyn Query>> {
    let (query, score) = match sought {
        Sought::Phrase(_) | Sought::Passage(_) => return None,
        Sought::Word(word) => {
            (term_query(words, &plain(word), IndexRecordOption::Basic), WHOLE_SCORE)
        }
        Sought::Beginning(word) => {
            let term = Term::from_field_text(words, &plain(word));
            let query = FuzzyTermQuery::new_prefix(term, 0, true);
            (Box::new(query) as Box<dyn Query>, PREFIX_SCORE)
        }
    };
    Some(Box::new(ConstScoreQuery::new(query, score)))
}

/// Most pairs of a passage, wherever they stand.
fn pairs(fields: &Fields, passage: &str) -> Option<Box<dyn Query>> {
    let mut terms = Analyser::new(Form::Plain).terms(passage);
    terms.pop();
    if terms.len() < 2 {
        return None;
    }
    let least = (terms.len() as f32 * PAIRS_PART).ceil() as usize;
    let clauses = terms
        .iter()
        .map(|(_, term)| (Occur::Should, term_query(fields.words, term, IndexRecordOption::Basic)));
    let query = BooleanQuery::with_minimum_required_clauses(clauses.collect(), least);
    Some(Box::new(ConstScoreQuery::new(Box::new(query), PREFIX_SCORE)))
}

/// One term of a field.
pub fn term_query(field: Field, term: &str, record: IndexRecordOption) -> Box<dyn Query> {
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
