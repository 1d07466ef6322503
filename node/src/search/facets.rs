//! The counts of all segments, put together.

use std::collections::BTreeMap;

use super::finding::Counts;
use super::query::Facets;

/// At most this many codes are told of; there are 249 countries.
const CODES_MAX: usize = 256;

/// How all practices divide.
pub fn facets(segments: impl Iterator<Item = Counts>) -> Facets {
    let mut objectives = BTreeMap::new();
    let [mut countries, mut kinds, mut languages, mut topics, mut places] =
        [const { BTreeMap::new() }; 5];
    let mut freshness = [0; 2];
    for counts in segments {
        add(&mut objectives, counts.objectives);
        add(&mut countries, counts.countries);
        add(&mut kinds, counts.kinds);
        add(&mut languages, counts.languages);
        add(&mut topics, counts.topics);
        add(&mut places, counts.places);
        freshness.iter_mut().zip(counts.freshness).for_each(|(sum, count)| *sum += count);
    }
    let numbers = objectives.into_iter();
    Facets {
        objectives: numbers.filter_map(|(at, count)| Some((at.try_into().ok()?, count))).collect(),
        countries: most_first(countries),
        kinds: most_first(kinds),
        languages: most_first(languages),
        topics: most_first(topics),
        places: most_first(places),
        freshness,
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, counts: Vec<(K, u64)>) {
    for (key, count) in counts {
        *sums.entry(key).or_default() += count;
    }
}

fn most_first(sums: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = sums.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(CODES_MAX);
    counts
}
