//! What somebody may have meant who mistyped a word.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::{Searcher, Term};

use super::analysis::plain;
use super::names::NAMES;
use super::schema::Fields;
use super::sought::Sought;

/// At most this many words are tried in place of one.
const MEANT_MAX: usize = 6;
/// At most this many words are looked at: in a large library some word is
/// within two mistakes of thousands.
const LOOKED_AT_MAX: usize = 4_096;

/// Words that are in the library, or name a code that is, and that are written
/// nearly like what was typed, the likeliest first.
///
/// # Errors
/// The engine's.
pub fn meant(
    searcher: &Searcher,
    fields: &Fields,
    sought: &Sought,
) -> tantivy::Result<Vec<String>> {
    let mistakes = sought.mistakes();
    if mistakes == 0 {
        return Ok(Vec::new());
    }
    let typed = plain(sought.text());
    let mut near: BTreeMap<String, u64> = BTreeMap::new();
    let term = Term::from_field_text(fields.words, &typed);
    let query = FuzzyTermQuery::new(term, u8::try_from(mistakes).unwrap_or(1), true);
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(fields.words)?;
        let mut terms = index.terms().search(query.automaton()?).into_stream()?;
        while near.len() < LOOKED_AT_MAX && terms.advance() {
            if let Ok(word) = str::from_utf8(terms.key()) {
                *near.entry(word.to_owned()).or_default() += u64::from(terms.value().doc_freq);
            }
        }
    }
    for (name, codes) in NAMES.similar(&typed, mistakes) {
        let mut carried = 0;
        for code in codes {
            carried += searcher.doc_freq(&Term::from_field_text(fields.codes, code))?;
        }
        if carried > 0 {
            *near.entry(name.to_owned()).or_default() += carried;
        }
    }
    near.remove(&typed);
    let mut ranked: Vec<(String, u64)> = near.into_iter().collect();
    ranked.sort_by_cached_key(|(word, often)| {
        let distance = strsim::osa_distance(word, &typed);
        // People mistype the first letter least.
        let begins = word.chars().next() == typed.chars().next();
        (distance, !begins, Reverse(*often))
    });
    ranked.truncate(MEANT_MAX);
    Ok(ranked.into_iter().map(|(word, _)| word).collect())
}
