//! One page of what was found, and the place where the next begins.
//!
//! A place is the last practice of a page with what it was ordered by. The
//! next page begins behind that practice wherever it stands by then, so that
//! what is indexed meanwhile neither repeats nor hides others; if it is gone,
//! the page begins where it stood.

use std::cmp::Ordering;
use std::io;

use tantivy::columnar::TermOrdHit;
use tantivy::{DocAddress, Score};

use super::error::SearchError;
use super::finding::{Found, Match};

/// What a place in a list is.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    score: Score,
    published: i64,
    id: String,
}

/// A practice on a page.
#[derive(Clone, PartialEq, Debug)]
pub struct Placed {
    /// Where it stands; its own id is in it.
    pub place: Place,
    /// Where its document is.
    pub address: DocAddress,
}

impl Placed {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.place.id
    }

    /// How well it fits.
    pub const fn score(&self) -> Score {
        self.place.score
    }
}

impl Place {
    /// As it is handed out: in hexadecimal, since it has no meaning elsewhere.
    pub fn to_text(&self) -> String {
        format!("{:08x}{:016x}{}", self.score.to_bits(), self.published, self.id)
    }

    /// Reads what was handed out.
    pub fn read(text: &str) -> Result<Self, SearchError> {
        let parts = || {
            let (score, rest) = text.split_at_checked(8)?;
            let (published, id) = rest.split_at_checked(16)?;
            let score = Score::from_bits(u32::from_str_radix(score, 16).ok()?);
            let published = u64::from_str_radix(published, 16).ok()?.cast_signed();
            Some(Self { score, published, id: id.to_owned() })
        };
        parts().ok_or_else(|| SearchError::Place(text.chars().take(80).collect()))
    }

    fn order(&self, other: &Self) -> Ordering {
        let by_rank = other.score.total_cmp(&self.score).then(other.published.cmp(&self.published));
        by_rank.then_with(|| self.id.cmp(&other.id))
    }
}

/// At most `limit` of what was found, from behind `after`; and whether more
/// follow.
pub fn page(
    found: &[Found],
    after: Option<Place>,
    limit: usize,
) -> io::Result<(Vec<Placed>, bool)> {
    let after = after.map(|place| now(found, place)).transpose()?;
    let mut rows = Vec::with_capacity(found.len());
    for found in found {
        rows.push(Row::new(found, after.as_ref(), limit)?);
    }
    let mut page = Vec::new();
    while page.len() < limit {
        let heads = rows.iter_mut().filter(|row| row.head.is_some());
        let first = heads.min_by(|a, b| match (&a.head, &b.head) {
            (Some(a), Some(b)) => a.place.order(&b.place),
            _ => Ordering::Equal,
        });
        let Some(row) = first else { break };
        page.extend(row.advance()?);
    }
    let more = rows.iter().any(|row| row.head.is_some());
    Ok((page, more))
}

/// Where the practice of a place stands now, if it is still found.
fn now(found: &[Found], place: Place) -> io::Result<Place> {
    for found in found {
        let Some(ordinal) = found.ids.dictionary().term_ord(&place.id)? else { continue };
        if let Some(at) = found.matches.iter().find(|at| at.id == ordinal) {
            return Ok(Place { score: at.score, published: at.published, id: place.id });
        }
    }
    Ok(place)
}

/// What is left of one segment: the next practice, and those behind it.
struct Row<'f> {
    found: &'f Found,
    rest: std::vec::IntoIter<Match>,
    head: Option<Placed>,
}

impl<'f> Row<'f> {
    /// Of a large library a page is a few practices: only they are sorted.
    fn new(found: &'f Found, after: Option<&Place>, limit: usize) -> io::Result<Self> {
        let mut rest = match after {
            None => found.matches.clone(),
            Some(after) => {
                let behind = match found.ids.dictionary().term_ord_or_next(&after.id)? {
                    TermOrdHit::Exact(ordinal) => ordinal + 1,
                    TermOrdHit::Next(ordinal) => ordinal,
                };
                let is_behind = |at: &&Match| {
                    let order = at.order(after.score, after.published);
                    order.then(at.id.cmp(&behind)) != Ordering::Less
                };
                found.matches.iter().filter(is_behind).copied().collect()
            }
        };
        // One more tells whether another page follows.
        if rest.len() > limit + 1 {
            rest.select_nth_unstable_by(limit, Match::before);
            rest.truncate(limit + 1);
        }
        rest.sort_unstable_by(Match::before);
        let mut row = Self { found, rest: rest.into_iter(), head: None };
        row.advance()?;
        Ok(row)
    }

    fn advance(&mut self) -> io::Result<Option<Placed>> {
        let next = match self.rest.next() {
            None => None,
            Some(at) => {
                let mut id = String::new();
                self.found.ids.ord_to_str(at.id, &mut id)?;
                let place = Place { score: at.score, published: at.published, id };
                Some(Placed { place, address: DocAddress::new(self.found.segment, at.doc) })
            }
        };
        Ok(std::mem::replace(&mut self.head, next))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_reads_back_as_what_it_was() -> Result<(), SearchError> {
        let place = Place { score: 1.5, published: -1, id: "tern1chad".into() };
        assert_eq!(Place::read(&place.to_text())?, place);
        Ok(())
    }

    proptest! {
        #[test]
        fn a_place_that_was_not_handed_out_is_refused_or_read(text in "\\PC{0,40}") {
            if let Ok(place) = Place::read(&text) {
                prop_assert!(text.ends_with(&place.id));
            }
        }
    }
}
