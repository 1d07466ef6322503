//! The library as lists.

use tern_crdt::authority::Standing;
use tern_crdt::identity::DocumentId;
use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{
    Arrival, Choice, Count, Facets, Found, Hit, Marked, Marks, Overview, Phrase, Piece, Query,
    Reader,
};

use super::seconds;
use super::vocabulary::{choice, objective};
use crate::driver::now;
use crate::operator::best;
use crate::ops::OpError;
use crate::running::Node;
use crate::search::{self, Freshness};

/// Entries of "lately arrived".
const ARRIVALS: usize = 5;

fn phrase(
    texts: &std::collections::BTreeMap<String, String>,
    original: Option<&str>,
    lang: &str,
) -> Phrase {
    let wanted = if texts.contains_key(lang) { Some(lang) } else { original };
    let (tag, text) = best(texts, wanted);
    Phrase { text: text.unwrap_or_default().into(), lang: tag.unwrap_or_default().into() }
}

pub(super) fn hit(hit: &search::Hit, lang: &str) -> Hit {
    let now = seconds(now());
    let facts = &hit.card.facts;
    let original = facts.original_language.as_deref();
    let summary = phrase(&hit.card.summaries, original, lang);
    let named = |vocabulary: Vocabulary, codes: &[String]| -> Vec<Choice> {
        codes.iter().map(|code| choice(vocabulary, code, lang)).collect()
    };
    Hit {
        id: hit.id.clone(),
        title: phrase(&hit.card.titles, original, lang),
        summary: Some(summary).filter(|summary| !summary.text.is_empty()),
        organisation: facts.organisation.clone(),
        kind: facts.kind.as_deref().map(|kind| choice(Vocabulary::PracticeKinds, kind, lang)),
        countries: named(Vocabulary::Countries, &facts.countries),
        objectives: facts.objectives.iter().map(|number| objective(*number, lang)).collect(),
        languages: named(Vocabulary::Languages, &facts.languages),
        start: facts.start,
        end: facts.end,
        ongoing: facts.ongoing,
        edition: facts.edition,
        signatures: facts.signatures,
        listed: facts.listed,
        marks: marks(hit, lang),
        sealed: false,
        withdrawn: facts.withdrawn,
        renewed: facts.renewed,
        stale: Freshness::of(facts.renewed, now) == Freshness::Stale,
        adapted: facts.adaptations,
    }
}

fn facets(facets: &search::Facets, lang: &str) -> Facets {
    let counts = |vocabulary: Vocabulary, list: &[(String, u64)]| -> Vec<Count> {
        let count = |(code, count): &(String, u64)| Count {
            choice: choice(vocabulary, code, lang),
            count: *count,
        };
        list.iter().map(count).collect()
    };
    Facets {
        objectives: facets
            .objectives
            .iter()
            .map(|(number, count)| Count { choice: objective(*number, lang), count: *count })
            .collect(),
        countries: counts(Vocabulary::Countries, &facets.countries),
        kinds: counts(Vocabulary::PracticeKinds, &facets.kinds),
        languages: counts(Vocabulary::Languages, &facets.languages),
        topics: counts(Vocabulary::Topics, &facets.topics),
        freshness: (facets.freshness[0], facets.freshness[1]),
        places: facets
            .places
            .iter()
            .map(|(code, count)| Count { choice: place(code, lang), count: *count })
            .collect(),
    }
}

/// An M49 region, grouping or subregion as a choice.
pub(super) fn place(code: &str, lang: &str) -> Choice {
    match Vocabulary::Regions.term(code) {
        Some(_) => choice(Vocabulary::Regions, code, lang),
        None => choice(Vocabulary::Subregions, code, lang),
    }
}

fn marks(found: &search::Hit, lang: &str) -> Marks {
    let pieces = |pieces: &[search::Piece]| {
        let piece = |one: &search::Piece| Piece { text: one.text.clone(), marked: one.marked };
        pieces.iter().map(piece).collect::<Vec<_>>()
    };
    let passage = &found.passage;
    let by = found.by.iter().filter_map(|(kind, code)| match kind {
        'o' => Some(objective(code.parse().ok()?, lang)),
        'c' => Some(choice(Vocabulary::Countries, code, lang)),
        'p' => Some(place(code, lang)),
        'k' => Some(choice(Vocabulary::PracticeKinds, code, lang)),
        't' => Some(choice(Vocabulary::Topics, code, lang)),
        'g' => Some(choice(Vocabulary::TargetGroups, code, lang)),
        _ => None,
    });
    Marks {
        title: pieces(&found.title.pieces),
        passage: (!passage.pieces.is_empty())
            .then(|| Marked { lang: passage.lang.clone(), pieces: pieces(&passage.pieces) }),
        by: by.collect(),
    }
}

/// A query as the index takes it.
pub(super) fn wanted(query: &Query, lang: &str, guest: bool) -> search::Query {
    let list = |code: &Option<String>| code.iter().cloned().collect::<Vec<_>>();
    search::Query {
        text: query.text.clone(),
        objectives: query.objective.iter().filter_map(|code| code.parse().ok()).collect(),
        countries: list(&query.country),
        kinds: list(&query.kind),
        languages: list(&query.lang),
        topics: list(&query.topic),
        places: list(&query.place),
        arrived_after: query.since,
        origins: list(&query.origin),
        guest,
        withdrawn: query.withdrawn,
        freshness: query.freshness.as_deref().and_then(Freshness::from_code),
        by_freshness: query.by_freshness,
        now: 0,
        reads: vec![lang.to_owned()],
        limit: query.limit,
        after: query.after.clone(),
    }
}

/// Practices that fit a query.
///
/// # Errors
/// A place to continue from that is none, or the index failed.
pub async fn search(node: &Node, reader: &Reader, query: &Query) -> Result<Found, OpError> {
    let results =
        node.indexer().search(wanted(query, &reader.lang, reader.account.is_none())).await?;
    let practice = |found: &search::Hit| found.id.parse::<DocumentId>().ok();
    let shown = results.hits.iter().filter_map(|found| {
        let facts = &found.card.facts;
        Some((practice(found)?, facts.edition, facts.listed))
    });
    let sealed = node.sealed(shown.collect()).await?;
    let hits = results.hits.iter().map(|found| {
        let sealed = practice(found).is_some_and(|id| sealed.contains(&id));
        Hit { sealed, ..hit(found, &reader.lang) }
    });
    Ok(Found {
        total: results.total,
        hits: hits.collect(),
        next: results.next,
        facets: facets(&results.facets, &reader.lang),
        indexing: node.indexer().progress().building,
        similar: results.similar,
        meant: results.meant,
        partly: results.partly,
    })
}

/// Figures and news of the first page.
///
/// # Errors
/// The index failed.
pub async fn overview(node: &Node, reader: &Reader) -> Result<Overview, OpError> {
    let lang = &reader.lang;
    let guest = reader.account.is_none();
    let latest = search::Query { limit: search::HITS_MAX, guest, ..search::Query::default() };
    let results = node.indexer().search(latest).await?;
    let counted = facets(&results.facets, lang);
    let by_objective = (1..=23)
        .map(|number| {
            let found = results.facets.objectives.iter().find(|(n, _)| *n == number);
            Count { choice: objective(number, lang), count: found.map_or(0, |(_, count)| *count) }
        })
        .collect();
    let own = node.identity().org.to_string();
    let arrivals = results
        .hits
        .iter()
        .filter(|found| found.card.facts.origin != own)
        .take(ARRIVALS)
        .map(|found| Arrival {
            id: found.id.clone(),
            title: phrase(&found.card.titles, found.card.facts.original_language.as_deref(), lang),
            organisation: found.card.facts.organisation.clone(),
            edition: found.card.facts.edition,
            at: found.card.facts.published,
        })
        .collect();
    let members = node.handle().read(|replica| {
        let organisations = replica.library().authority().organisations();
        organisations.filter(|(.., standing)| *standing == Standing::Member).count()
    });
    Ok(Overview {
        practices: node.indexer().progress().held,
        organisations: members.await? as u64,
        by_objective,
        by_country: counted.countries,
        arrivals,
    })
}
