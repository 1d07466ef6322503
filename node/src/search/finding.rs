//! Which practices fit, in which order, and how they divide.
//!
//! One pass over all that have the words: each is held against the filters,
//! counted, and kept as a [`Match`] if it fits. A list that is counted as if
//! its own filter were not set counts those that fail no other filter.

use std::cmp::Ordering;
use std::io;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{BytesColumn, Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use super::query::{Freshness, Query};
use super::schema::{MEMBERS_ONLY, WITHDRAWN, column};

/// A practice that fits, by what lists are ordered by.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// How well it fits.
    pub score: Score,
    /// When it was published; in lists by freshness, when it was renewed.
    pub published: i64,
    /// Its id, as an ordinal of its segment's column: ascending as ids are.
    pub id: u64,
    /// Its number in its segment.
    pub doc: DocId,
}

impl Match {
    /// Its order relative to others: best first, then latest.
    pub fn order(&self, score: Score, published: i64) -> Ordering {
        score.total_cmp(&self.score).then(published.cmp(&self.published))
    }

    /// The order of lists within a segment.
    pub fn before(&self, other: &Self) -> Ordering {
        self.order(other.score, other.published).then(self.id.cmp(&other.id))
    }
}

/// What was found in one segment.
pub struct Found {
    /// Which segment.
    pub segment: SegmentOrdinal,
    /// The ids of its practices.
    pub ids: StrColumn,
    /// What fits, in no order.
    pub matches: Vec<Match>,
    /// How many have the words, whatever the filters.
    pub with_words: u64,
    /// By objective, country, kind, language, topic and place, in no order.
    pub counts: Counts,
}

/// How often something occurs.
#[derive(Clone, Default, Debug)]
pub struct Counts {
    /// Objectives.
    pub objectives: Vec<(u64, u64)>,
    /// Countries.
    pub countries: Vec<(String, u64)>,
    /// Kinds.
    pub kinds: Vec<(String, u64)>,
    /// Languages.
    pub languages: Vec<(String, u64)>,
    /// Topics.
    pub topics: Vec<(String, u64)>,
    /// Regions, groupings and subregions.
    pub places: Vec<(String, u64)>,
    /// Fresh ones and stale ones.
    pub freshness: [u64; 2],
}

/// Collects what fits a query's filters.
pub struct Finding<'q> {
    query: &'q Query,
    scored: bool,
}

impl<'q> Finding<'q> {
    /// For a query; `scored` if it has words.
    pub const fn new(query: &'q Query, scored: bool) -> Self {
        Self { query, scored }
    }
}

impl Collector for Finding<'_> {
    type Fruit = Vec<Found>;
    type Child = InSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<InSegment> {
        let columns = reader.fast_fields();
        let empty = || StrColumn::wrap(BytesColumn::empty(reader.max_doc()));
        let codes = |name| Ok::<_, TantivyError>(columns.str(name)?.unwrap_or_else(empty));
        let same = |code: &str, wanted: &str| code == wanted;
        let query = self.query;
        let countries = codes(column::COUNTRY)?;
        let kinds = codes(column::KIND)?;
        let languages = codes(column::LANGUAGE)?;
        let topics = codes(column::TOPIC)?;
        let places = codes(column::PLACE)?;
        let objectives = columns.column_opt(column::OBJECTIVE)?;
        Ok(InSegment {
            segment,
            ids: codes(column::ID)?,
            published: columns.i64(match query.by_freshness {
                true => column::RENEWED,
                false => column::PUBLISHED,
            })?,
            renewed: columns.i64(column::RENEWED)?,
            hidden: columns.u64(column::HIDDEN)?,
            shown: Shown::of(query),
            by_freshness: query.by_freshness,
            freshness: [0; 2],
            arrived: columns.i64(column::ARRIVED)?,
            arrived_after: query.arrived_after,
            divided: [
                Divided::numbers(objectives, reader.max_doc(), &query.objectives),
                Divided::codes(&countries, &query.countries, same)?,
                Divided::codes(&kinds, &query.kinds, same)?,
                Divided::codes(&languages, &query.languages, is_language)?,
                Divided::codes(&topics, &query.topics, same)?,
                Divided::codes(&places, &query.places, same)?,
                Divided::codes(&codes(column::ORIGIN)?, &query.origins, same)?,
            ],
            codes: [countries, kinds, languages, topics, places],
            matches: Vec::new(),
            with_words: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, found: Vec<io::Result<Found>>) -> tantivy::Result<Vec<Found>> {
        Ok(found.into_iter().collect::<io::Result<_>>()?)
    }
}

/// Whether a language tag is of the language that is wanted, or of a variant.
fn is_language(tag: &str, wanted: &str) -> bool {
    let Some((begin, rest)) = tag.split_at_checked(wanted.len()) else { return false };
    begin.eq_ignore_ascii_case(wanted) && (rest.is_empty() || rest.starts_with('-'))
}

/// What a query shows at all.
#[derive(Clone, Copy)]
struct Shown {
    /// What these bits hide is not there.
    hidden: u64,
    freshness: Option<Freshness>,
    now: i64,
}

impl Shown {
    const fn of(query: &Query) -> Self {
        let members = if query.guest { MEMBERS_ONLY } else { 0 };
        let withdrawn = if query.withdrawn { 0 } else { WITHDRAWN };
        Self { hidden: members | withdrawn, freshness: query.freshness, now: query.now }
    }
}

/// Collects in one segment.
pub struct InSegment {
    segment: SegmentOrdinal,
    ids: StrColumn,
    published: Column<i64>,
    arrived: Column<i64>,
    arrived_after: Option<i64>,
    renewed: Column<i64>,
    hidden: Column<u64>,
    shown: Shown,
    by_freshness: bool,
    freshness: [u64; 2],
    divided: [Divided; 7],
    codes: [StrColumn; 5],
    matches: Vec<Match>,
    with_words: u64,
}

impl SegmentCollector for InSegment {
    type Fruit = io::Result<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        if self.hidden.first(doc).unwrap_or(0) & self.shown.hidden != 0 {
            return;
        }
        self.with_words += 1;
        if let Some(after) = self.arrived_after
            && self.arrived.first(doc).is_none_or(|at| at <= after)
        {
            return;
        }
        let fresh = Freshness::of(self.renewed.first(doc).unwrap_or(0), self.shown.now);
        let fits = self.shown.freshness.is_none_or(|wanted| wanted == fresh);
        let mut failed = (0..self.divided.len()).filter(|at| !self.divided[*at].fits(doc));
        let failed = (failed.next(), failed.next());
        if failed.0.is_none() {
            self.freshness[usize::from(fresh == Freshness::Stale)] += 1;
        }
        match failed {
            _ if !fits => {}
            (None, _) => {
                let score = if self.by_freshness { 0.0 } else { score };
                self.divided.iter_mut().for_each(|divided| divided.count(doc));
                let published = self.published.first(doc).unwrap_or(i64::MIN);
                let id = self.ids.ords().first(doc).unwrap_or(0);
                self.matches.push(Match { score, published, id, doc });
            }
            (Some(only), None) => self.divided[only].count(doc),
            _ => {}
        }
    }

    fn harvest(self) -> io::Result<Found> {
        let [objectives, countries, kinds, languages, topics, places, _] = self.divided;
        let [country, kind, language, topic, place] = self.codes;
        Ok(Found {
            segment: self.segment,
            ids: self.ids,
            matches: self.matches,
            with_words: self.with_words,
            counts: Counts {
                objectives: objectives.occurring().collect(),
                countries: countries.named(&country)?,
                kinds: kinds.named(&kind)?,
                languages: languages.named(&language)?,
                topics: topics.named(&topic)?,
                places: places.named(&place)?,
                freshness: self.freshness,
            },
        })
    }
}

/// One way in which practices divide: by numbers, or by codes as ordinals.
struct Divided {
    ordinals: Column<u64>,
    counts: Vec<u64>,
    /// Which of them are wanted; all if nothing is said.
    wanted: Option<Vec<bool>>,
}

impl Divided {
    fn numbers(column: Option<Column<u64>>, docs: u32, wanted: &[u8]) -> Self {
        let all = usize::from(u8::MAX) + 1;
        let ordinals = column.unwrap_or_else(|| Column::build_empty_column(docs));
        let wanted = (!wanted.is_empty()).then(|| {
            let mut all = vec![false; all];
            wanted.iter().for_each(|number| all[usize::from(*number)] = true);
            all
        });
        Self { ordinals, counts: vec![0; all], wanted }
    }

    fn codes(
        column: &StrColumn,
        wanted: &[String],
        fits: impl Fn(&str, &str) -> bool,
    ) -> io::Result<Self> {
        let mut all = Vec::new();
        if !wanted.is_empty() {
            let mut codes = column.dictionary().stream()?;
            while codes.advance() {
                let code = str::from_utf8(codes.key()).unwrap_or_default();
                all.push(wanted.iter().any(|wanted| fits(code, wanted)));
            }
        }
        let wanted = (!wanted.is_empty()).then_some(all);
        Ok(Self { ordinals: column.ords().clone(), counts: vec![0; column.num_terms()], wanted })
    }

    fn fits(&self, doc: DocId) -> bool {
        let Some(wanted) = &self.wanted else { return true };
        let is_wanted =
            |ordinal| usize::try_from(ordinal).is_ok_and(|at| wanted.get(at) == Some(&true));
        self.ordinals.values_for_doc(doc).any(is_wanted)
    }

    fn count(&mut self, doc: DocId) {
        for ordinal in self.ordinals.values_for_doc(doc) {
            let at = usize::try_from(ordinal).unwrap_or(usize::MAX);
            if let Some(count) = self.counts.get_mut(at) {
                *count += 1;
            }
        }
    }

    fn occurring(self) -> impl Iterator<Item = (u64, u64)> {
        (0..).zip(self.counts).filter(|(_, count)| *count > 0)
    }

    fn named(self, column: &StrColumn) -> io::Result<Vec<(String, u64)>> {
        let name = |(ordinal, count)| {
            let mut code = String::new();
            column.ord_to_str(ordinal, &mut code)?;
            Ok((code, count))
        };
        self.occurring().map(name).collect()
    }
}
