//! Lists, filters, counts and pages.

use std::collections::BTreeSet;

use super::super::{Entry, Facets, Freshness, HITS_MAX, Query, SUMMARY_CHARS, SearchError};
use super::{Shelf, ids, practice};

fn of(id: &str, published: i64, objectives: &[u8], countries: &[&str], kind: &str) -> Entry {
    let mut entry = practice(id, "en", &format!("Practice {id}"), "cooperation");
    entry.facts.published = published;
    entry.facts.objectives = objectives.to_vec();
    entry.facts.countries = countries.iter().map(|code| (*code).into()).collect();
    entry.facts.kind = Some(kind.into());
    entry
}

fn library() -> Shelf {
    let mut niger = of("niger", 40, &[8, 23], &["NE", "TD"], "service");
    niger.facts.languages = vec!["fr".into(), "en".into()];
    let mut brazil = of("brazil", 50, &[21], &["BR"], "law");
    brazil.facts.languages = vec!["pt-BR".into()];
    Shelf::with(&[
        of("chad", 10, &[21], &["TD"], "service"),
        of("nepal", 30, &[6, 21], &["NP"], "law"),
        of("moldova", 20, &[21], &["MD"], "service"),
        niger,
        brazil,
    ])
}

#[test]
fn without_words_everything_is_listed_latest_first() {
    let results = library().search(&Query { limit: 10, ..Query::default() });
    assert_eq!(ids(&results), ["brazil", "niger", "nepal", "moldova", "chad"]);
    assert_eq!((results.total, results.next), (5, None));
}

#[test]
fn filters_of_a_kind_add_up_and_those_of_two_kinds_narrow() {
    let shelf = library();
    let find = |query: Query| ids(&shelf.search(&Query { limit: 10, ..query }));
    let query = Query { objectives: vec![21], ..Query::default() };
    assert_eq!(find(query), ["brazil", "nepal", "moldova", "chad"]);
    let query = Query { objectives: vec![6, 8], ..Query::default() };
    assert_eq!(find(query), ["niger", "nepal"]);
    let countries = vec!["TD".into()];
    assert_eq!(find(Query { countries: countries.clone(), ..Query::default() }), ["niger", "chad"]);
    let query = Query { countries, objectives: vec![21], ..Query::default() };
    assert_eq!(find(query), ["chad"]);
    let query = Query { kinds: vec!["law".into()], text: "cooperation".into(), ..Query::default() };
    assert_eq!(find(query), ["brazil", "nepal"]);
    let query = Query { countries: vec!["XX".into()], ..Query::default() };
    assert_eq!(find(query), [""; 0]);
}

#[test]
fn a_language_fits_its_variants_and_not_the_other_way_round() {
    let shelf = library();
    let find = |tag: &str| {
        let query = Query { languages: vec![tag.into()], limit: 10, ..Query::default() };
        ids(&shelf.search(&query))
    };
    assert_eq!(find("pt"), ["brazil"]);
    assert_eq!(find("PT-br"), ["brazil"]);
    assert_eq!(find("pt-PT"), [""; 0]);
    assert_eq!(find("fr"), ["niger"]);
}

#[test]
fn facets_are_counted_as_if_their_own_filter_were_not_set() {
    let counted = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(code, count)| ((*code).into(), *count)).collect()
    };
    let query =
        Query { objectives: vec![21], kinds: vec!["law".into()], limit: 10, ..Query::default() };
    let results = library().search(&query);
    assert_eq!(ids(&results), ["brazil", "nepal"]);
    let expected = Facets {
        // Among laws, whatever their objective.
        objectives: vec![(6, 1), (21, 2)],
        // Among laws for objective 21.
        countries: counted(&[("BR", 1), ("NP", 1)]),
        // For objective 21, whatever their kind.
        kinds: counted(&[("law", 2), ("service", 2)]),
        languages: counted(&[("en", 1), ("pt-BR", 1)]),
        topics: counted(&[]),
        // Asia, Latin America and what lies between.
        places: counted(&[("005", 1), ("019", 1), ("034", 1), ("142", 1), ("419", 1)]),
        freshness: [2, 0],
    };
    assert_eq!(results.facets, expected);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    // Three segments, and many that were published at the same moment.
    let entry = |n: u32| of(&format!("p{n:03}"), i64::from(n / 20), &[1], &["TD"], "law");
    let shelf = Shelf::with(&(0..40).map(entry).collect::<Vec<_>>());
    shelf.put(&(40..70).map(entry).collect::<Vec<_>>());
    shelf.put(&(70..100).map(entry).collect::<Vec<_>>());
    for text in ["", "cooperation", "practice"] {
        let mut query = Query { text: text.into(), limit: 7, ..Query::default() };
        let mut seen = Vec::new();
        loop {
            let page = shelf.search(&query);
            assert_eq!(page.total, 100);
            seen.extend(ids(&page));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 100, "{text}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 100, "{text}");
        if text.is_empty() {
            assert_eq!(seen[..2], ["p080", "p081"]);
            assert_eq!(seen[99], "p019");
        }
    }
}

#[test]
fn what_is_indexed_meanwhile_moves_no_later_page() {
    let shelf = library();
    let first = shelf.search(&Query { limit: 2, ..Query::default() });
    assert_eq!(ids(&first), ["brazil", "niger"]);
    shelf.put(&[of("newest", 60, &[1], &[], "law"), of("niger", 70, &[8], &["NE"], "law")]);
    let second = shelf.search(&Query { limit: 9, after: first.next.clone(), ..Query::default() });
    assert_eq!(ids(&second), ["newest", "brazil", "nepal", "moldova", "chad"], "behind niger");
    shelf.index.delete("niger").expect("deleted");
    shelf.index.commit().expect("committed");
    let second = shelf.search(&Query { limit: 9, after: first.next, ..Query::default() });
    assert_eq!(ids(&second), ["nepal", "moldova", "chad"], "where niger stood");
}

#[test]
fn a_place_of_no_list_is_refused() {
    let query = Query { after: Some("page 2".into()), limit: 5, ..Query::default() };
    let refused = library().index.search(&query);
    assert!(matches!(refused, Err(SearchError::Place(place)) if place == "page 2"));
}

#[test]
fn a_page_is_never_longer_than_its_limit() {
    let entry = |n: u32| of(&format!("p{n:03}"), 1, &[1], &[], "law");
    let shelf = Shelf::with(&(0..250).map(entry).collect::<Vec<_>>());
    for (asked, given) in [(0, 1), (1, 1), (HITS_MAX, HITS_MAX), (usize::MAX, HITS_MAX)] {
        let page = shelf.search(&Query { limit: asked, ..Query::default() });
        assert_eq!((page.hits.len(), page.total), (given, 250));
    }
}

#[test]
fn a_card_has_what_a_list_shows() {
    let mut entry = of("chad", 10, &[21], &["TD"], "service");
    let text = entry.texts.get_mut("en").expect("English");
    text.summary = "Returnees and their families. ".repeat(30);
    entry.texts.extend(practice("chad", "ar", "عودة", "").texts);
    entry.facts.signatures = 2;
    entry.facts.countries.push("TD".into());
    let results = Shelf::with(&[entry]).search(&Query { limit: 1, ..Query::default() });
    let hit = &results.hits[0];
    assert_eq!(hit.card.titles["en"], "Practice chad");
    assert_eq!(hit.card.titles["ar"], "عودة");
    assert!(hit.card.summaries["en"].chars().count() <= SUMMARY_CHARS);
    assert!(hit.card.summaries["en"].ends_with('…'));
    assert_eq!(hit.card.summaries.get("ar"), None);
    assert_eq!((hit.card.facts.signatures, hit.card.facts.edition), (2, 1));
    assert_eq!(hit.card.facts.countries, ["TD"], "each once");
}

#[test]
fn a_practice_that_is_put_again_replaces_what_was_there() {
    let shelf = library();
    shelf.put(&[practice("chad", "en", "Voluntary return", "loans")]);
    assert_eq!(shelf.find("loans "), ["chad"]);
    assert_eq!(shelf.search(&Query { limit: 9, ..Query::default() }).total, 5);
    let twice = [practice("nepal", "en", "First", ""), practice("nepal", "en", "Second", "")];
    shelf.put(&twice);
    assert_eq!((shelf.find("first "), shelf.find("second ")), (vec![], vec!["nepal".into()]));
}

#[test]
fn a_practice_that_is_deleted_is_found_and_counted_no_more() {
    let shelf = library();
    shelf.index.delete("brazil").expect("deleted");
    shelf.index.delete("unknown").expect("no error");
    shelf.index.commit().expect("committed");
    let results = shelf.search(&Query { text: "cooperation".into(), limit: 9, ..Query::default() });
    assert_eq!(results.total, 4);
    assert!(!results.facets.countries.iter().any(|(code, _)| code == "BR"));
    assert!(!shelf.index.states().expect("states").contains_key("brazil"));
}

#[test]
fn what_is_not_committed_is_not_seen() {
    let shelf = library();
    shelf.index.put(&of("late", 99, &[1], &[], "law")).expect("taken");
    assert_eq!(shelf.search(&Query { limit: 9, ..Query::default() }).total, 5);
    shelf.index.commit().expect("committed");
    assert_eq!(shelf.search(&Query { limit: 1, ..Query::default() }).hits[0].id, "late");
}

#[test]
fn what_is_withdrawn_or_for_members_is_found_by_whoever_may_and_asks() {
    let hidden = |id: &str, members_only, withdrawn| {
        let mut entry = practice(id, "en", "Mobile desks", "");
        (entry.facts.members_only, entry.facts.withdrawn) = (members_only, withdrawn);
        entry
    };
    let shelf = Shelf::with(&[
        hidden("open", false, false),
        hidden("inner", true, false),
        hidden("gone", false, true),
        hidden("both", true, true),
    ]);
    for text in ["", "mobile"] {
        let find = |guest, withdrawn| {
            let query = Query { text: text.into(), guest, withdrawn, limit: 9, ..Query::default() };
            let results = shelf.search(&query);
            let mut found = ids(&results);
            found.sort();
            assert_eq!(results.total, found.len() as u64);
            assert_eq!(results.facets.languages, [("en".to_owned(), results.total)]);
            found
        };
        assert_eq!(find(true, false), ["open"]);
        assert_eq!(find(false, false), ["inner", "open"]);
        assert_eq!(find(true, true), ["gone", "open"]);
        assert_eq!(find(false, true), ["both", "gone", "inner", "open"]);
    }
}

#[test]
fn lists_are_divided_and_ordered_by_when_somebody_last_stood_for_a_practice() {
    let now = 2_000_000_000;
    let renewed = |id: &str, days: i64, published: i64, origin: &str| {
        let mut entry = practice(id, "en", "Mobile desks", "");
        entry.facts.renewed = now - days * 86_400;
        (entry.facts.published, entry.facts.origin) = (published, origin.to_owned());
        entry
    };
    let shelf = Shelf::with(&[
        renewed("kept", 20, 1, "niger"),
        renewed("new", 40, 9, "nepal"),
        renewed("old", 366, 5, "niger"),
    ]);
    let asked = Query { now, limit: 9, ..Query::default() };
    let results = shelf.search(&asked);
    assert_eq!(
        (ids(&results), results.facets.freshness),
        (vec!["new".to_owned(), "old".to_owned(), "kept".to_owned()], [2, 1])
    );
    let by_freshness = Query { by_freshness: true, text: "desks".into(), ..asked.clone() };
    assert_eq!(ids(&shelf.search(&by_freshness)), ["kept", "new", "old"]);
    let first = shelf.search(&Query { limit: 1, ..by_freshness.clone() });
    let second = shelf.search(&Query { after: first.next, ..by_freshness });
    assert_eq!(ids(&second), ["new", "old"], "page by page too");
    let stale = Query { freshness: Some(Freshness::Stale), ..asked.clone() };
    let results = shelf.search(&stale);
    assert_eq!((ids(&results), results.facets.freshness), (vec!["old".to_owned()], [2, 1]));
    let ours = Query { origins: vec!["niger".into()], ..asked };
    assert_eq!(ids(&shelf.search(&ours)), ["old", "kept"]);
}
