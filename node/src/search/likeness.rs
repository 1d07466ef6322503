//! Practices from places like mine, and on what mine are about.
//!
//! A [`Profile`] says where somebody is and what it is about; each practice
//! gets points for what it shares with it, and every point is explained by a
//! [`Part`]. Points are counted, not learned: the same practices on the same
//! profile give the same answer on every node.

use std::collections::BTreeMap;

use tantivy::query::{BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tern_crdt::taxonomy::regions_of;

use super::entry::Facts;
use super::error::SearchError;
use super::finding::Finding;
use super::index::Index;
use super::matching::{Matching, term_query};
use super::names::code;
use super::paging::page;
use super::query::{self, HITS_MAX, Hit};
use super::schema::{Fields, RELATED};
use super::shown::Showing;
use super::sought::Typed;

/// Points for the same country, …
const COUNTRY: u32 = 30;
/// … a country of the same M49 subregion, of the same grouping of subregions,
/// of the same region.
const PLACES: [u32; 3] = [20, 14, 8];
/// Points for each shared primary objective, and for each that is primary for
/// one and related for the other.
const OBJECTIVE: u32 = 12;
const RELATED_OBJECTIVE: u32 = 5;
/// Points for each shared topic, …
const TOPIC: u32 = 6;
/// … for each shared target group, …
const GROUP: u32 = 4;
/// … for the same kind of practice, …
const KIND: u32 = 4;
/// … and for having most of the words.
const WORDS: u32 = 10;

/// What practices are compared with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// Countries.
    pub countries: Vec<String>,
    /// Objectives.
    pub objectives: Vec<u8>,
    /// Topics.
    pub topics: Vec<String>,
    /// Target groups.
    pub groups: Vec<String>,
    /// The kind of practice.
    pub kind: Option<String>,
    /// What it is about, in words.
    pub text: String,
    /// Not this practice.
    pub except: Option<String>,
    /// Only practices that share some place.
    pub near: bool,
    /// Languages that the reader reads, best first.
    pub reads: Vec<String>,
    /// Only practices that everybody may read.
    pub guest: bool,
}

/// In what a practice is like a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Likeness {
    /// The same country.
    Country,
    /// The nearest region, grouping or subregion that both lie in.
    Place,
    /// Objectives.
    Objectives,
    /// Topics.
    Topics,
    /// Target groups.
    Groups,
    /// The kind of practice.
    Kind,
    /// Words.
    Words,
}

impl Likeness {
    /// Its code, in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Place => "place",
            Self::Objectives => "objectives",
            Self::Topics => "topics",
            Self::Groups => "groups",
            Self::Kind => "kind",
            Self::Words => "words",
        }
    }
}

/// One part of what a practice shares with a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// In what.
    pub likeness: Likeness,
    /// The codes that are shared; none for words.
    pub codes: Vec<String>,
    /// Points for it.
    pub points: u32,
}

/// A practice that is like a profile.
#[derive(Clone, PartialEq, Debug)]
pub struct Alike {
    /// The practice.
    pub hit: Hit,
    /// The sum of its parts.
    pub points: u32,
    /// What it shares, in the order in which it is explained.
    pub parts: Vec<Part>,
}

impl Profile {
    /// The places of its countries, each with its points: the nearer the more.
    fn places(&self) -> BTreeMap<&'static str, u32> {
        let mut places = BTreeMap::new();
        for country in &self.countries {
            let chain = regions_of(country);
            for (at, place) in chain.iter().enumerate() {
                let points = if at + 1 == chain.len() { PLACES[2] } else { PLACES[at.min(1)] };
                let known = places.entry(*place).or_insert(0);
                *known = points.max(*known);
            }
        }
        places
    }

    /// What a practice shares with it, but for words.
    fn parts(&self, facts: &Facts) -> Vec<Part> {
        let shared = |ours: &[String], theirs: &[String]| -> Vec<String> {
            ours.iter().filter(|code| theirs.contains(code)).cloned().collect()
        };
        let part = |likeness, codes: Vec<String>, each: u32| {
            let points = u32::try_from(codes.len()).unwrap_or(u32::MAX).saturating_mul(each);
            (!codes.is_empty()).then_some(Part { likeness, codes, points })
        };
        let countries = shared(&self.countries, &facts.countries);
        let country = (!countries.is_empty()).then_some(Part {
            likeness: Likeness::Country,
            codes: countries,
            points: COUNTRY,
        });
        let nearest = || {
            let theirs = facts.places();
            let places = self.places().into_iter();
            let both = places.filter(|(place, _)| theirs.contains(*place));
            let (place, points) = both.max_by_key(|(_, points)| *points)?;
            Some(Part { likeness: Likeness::Place, codes: vec![place.to_owned()], points })
        };
        let number = |numbers: &[u8]| -> Vec<String> {
            let shared = self.objectives.iter().filter(|number| numbers.contains(number));
            shared.map(u8::to_string).collect()
        };
        let primary = number(&facts.objectives);
        let mut related = number(&facts.related_objectives);
        related.retain(|number| !primary.contains(number));
        let points = primary.len() as u32 * OBJECTIVE + related.len() as u32 * RELATED_OBJECTIVE;
        let objectives =
            Part { likeness: Likeness::Objectives, codes: [primary, related].concat(), points };
        let kind = self.kind.iter().filter(|kind| facts.kind.as_ref() == Some(kind));
        let parts = [
            country.or_else(nearest),
            (points > 0).then_some(objectives),
            part(Likeness::Topics, shared(&self.topics, &facts.topics), TOPIC),
            part(Likeness::Groups, shared(&self.groups, &facts.groups), GROUP),
            part(Likeness::Kind, kind.cloned().collect(), KIND),
        ];
        parts.into_iter().flatten().collect()
    }

    /// The query that gives as many points.
    fn query(&self, fields: &Fields) -> Box<dyn Query> {
        let carries = |code: &str, points: u32| {
            let query = term_query(fields.codes, code, IndexRecordOption::Basic);
            Box::new(ConstScoreQuery::new(query, points as f32)) as Box<dyn Query>
        };
        let countries = self.countries.iter().map(|country| carries(&code('c', country), COUNTRY));
        let places = self.places().into_iter();
        let places = places.map(|(place, points)| carries(&code('p', place), points));
        let near: Vec<_> = countries.chain(places).collect();
        let objectives = self.objectives.iter().map(|number| {
            let number = number.to_string();
            let ways =
                [(code('o', &number), OBJECTIVE), (code(RELATED, &number), RELATED_OBJECTIVE)];
            let ways = ways.iter().map(|(code, points)| carries(code, *points)).collect();
            Box::new(DisjunctionMaxQuery::new(ways)) as Box<dyn Query>
        });
        let topics = self.topics.iter().map(|topic| carries(&code('t', topic), TOPIC));
        let groups = self.groups.iter().map(|group| carries(&code('g', group), GROUP));
        let kind = self.kind.iter().map(|kind| carries(&code('k', kind), KIND));
        let typed = Typed::read(&self.text);
        let matching = Matching::typed(&typed);
        let words = (!typed.is_empty()).then(|| {
            let query = matching.most(fields).unwrap_or_else(|| matching.whole(fields));
            Box::new(ConstScoreQuery::new(query, WORDS as f32)) as Box<dyn Query>
        });
        let subject = objectives.chain(topics).chain(groups).chain(words);
        let subject: Vec<_> = subject.map(|query| (Occur::Should, query)).collect();
        // What the same place or kind alone makes alike is no answer to a
        // question about something.
        let about = !subject.is_empty();
        let mut all = Vec::new();
        if about {
            all.push((Occur::Must, Box::new(BooleanQuery::new(subject)) as Box<dyn Query>));
        }
        if !near.is_empty() {
            let occur = if self.near || !about { Occur::Must } else { Occur::Should };
            all.push((occur, Box::new(DisjunctionMaxQuery::new(near))));
        }
        all.extend(kind.map(|kind| (Occur::Should, kind)));
        if let Some(id) = &self.except {
            let query = TermQuery::new(fields.id_term(id), IndexRecordOption::Basic);
            all.push((Occur::MustNot, Box::new(query)));
        }
        Box::new(BooleanQuery::new(all))
    }

    /// Whether there is anything to compare with.
    fn is_empty(&self) -> bool {
        let lists = [&self.countries, &self.topics, &self.groups];
        lists.iter().all(|list| list.is_empty())
            && self.objectives.is_empty()
            && self.text.trim().is_empty()
    }
}

impl Index {
    /// The practices that are most like a profile, at most `limit`; those with
    /// most points first, then the latest.
    ///
    /// # Errors
    /// The engine's.
    pub fn alike(&self, profile: &Profile, limit: usize) -> Result<Vec<Alike>, SearchError> {
        if profile.is_empty() || (profile.near && profile.countries.is_empty()) {
            return Ok(Vec::new());
        }
        let searcher = self.searcher();
        let fields = self.fields();
        let all = query::Query { guest: profile.guest, ..query::Query::default() };
        let found = searcher.search(&profile.query(fields), &Finding::new(&all, true))?;
        let limit = limit.clamp(1, HITS_MAX);
        let (placed, _) = page(&found, None, limit).map_err(tantivy::TantivyError::from)?;
        let typed = Typed::read(&profile.text);
        let matching = Matching::typed(&typed);
        let mut showing = Showing::new(&profile.reads, &typed, &matching);
        let mut alike = Vec::with_capacity(placed.len());
        for placed in &placed {
            let hit = self.hit(&searcher, &mut showing, placed)?;
            let mut parts = profile.parts(&hit.card.facts);
            let points: u32 = parts.iter().map(|part| part.points).sum();
            // Words are all that the engine counts besides.
            if placed.score() >= (points + WORDS) as f32 {
                parts.push(Part { likeness: Likeness::Words, codes: Vec::new(), points: WORDS });
            }
            alike.push(Alike { points: parts.iter().map(|part| part.points).sum(), parts, hit });
        }
        Ok(alike)
    }
}
