//! What the indexer promises, over a replica that publishes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tern_crdt::practice::Practice;
use tokio::time::timeout;

use super::Indexer;
use crate::ops::ErrorCode;
use crate::search::{Hit, Query};

mod office;

use office::Office;

/// Long enough for the slowest machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(60);
/// Long enough to see that something waits.
const A_WHILE: Duration = Duration::from_millis(50);

fn practice(json: &Value) -> Practice {
    Practice::from_json(json, "en").expect("a practice")
}

fn reintegration() -> Practice {
    practice(&json!({
        "title": { "fr": "Réinsertion des rapatriés", "en": "Reintegration of returnees" },
        "summary": { "fr": "Accueil et formation au retour du Niger." },
        "kind": "programme",
        "primary_objectives": [21],
        "related_objectives": [2],
        "countries": ["TD", "NE"],
        "start": "2019-03", "end": "2023",
        "main_implementer": "Office tchadien de la main d'œuvre",
        "activities": { "fr": "Des microcrédits pour les ménages." },
        "original_language": "fr",
    }))
}

fn counselling() -> Practice {
    practice(&json!({
        "title": "Counselling before departure",
        "summary": "Workers learn about contracts.",
        "countries": ["NP"], "ongoing": true, "original_language": "en",
        "basis": { "listed": { "url": "https://example.org/np" } },
    }))
}

impl Indexer {
    /// Waits until a text finds so many practices.
    async fn finds(&self, text: &str, number: usize) -> Vec<Hit> {
        let mut progress = self.progress.clone();
        let found = async {
            loop {
                progress.mark_unchanged();
                let query = Query { text: text.into(), limit: 100, ..Query::default() };
                let hits = self.search(query).await.expect("searched").hits;
                if hits.len() == number {
                    return hits;
                }
                progress.changed().await.expect("the indexer runs");
            }
        };
        timeout(PATIENCE, found).await.expect("found in time")
    }

    /// Waits until nothing is left to do.
    async fn done(&self) {
        let mut progress = self.progress.clone();
        let done = progress.wait_for(|progress| !progress.building);
        timeout(PATIENCE, done).await.expect("done in time").expect("the indexer runs");
    }
}

#[tokio::test]
async fn what_was_published_before_and_after_the_start_is_found() {
    let office = Office::open().await;
    let chad = office.publish(&reintegration()).await;
    let indexer = office.indexer();
    assert_eq!(indexer.finds("microcrédits ", 1).await[0].id, chad.to_string());
    let nepal = office.publish(&counselling()).await;
    assert_eq!(indexer.finds("contract ", 1).await[0].id, nepal.to_string());
    indexer.done().await;
    let progress = indexer.progress();
    assert_eq!((progress.held, progress.indexed), (2, 2));
    office.close(indexer).await;
}

#[tokio::test]
async fn a_hit_shows_what_the_edition_says_and_who_published_it() {
    let office = Office::open().await;
    office.publish(&reintegration()).await;
    office.publish(&counselling()).await;
    let indexer = office.indexer();
    let hits = indexer.finds("microcrédits ", 1).await;
    let card = &hits[0].card;
    assert_eq!(card.titles["en"], "Reintegration of returnees");
    assert_eq!(card.summaries["fr"], "Accueil et formation au retour du Niger.");
    let facts = &card.facts;
    assert_eq!(
        (facts.objectives.as_slice(), facts.related_objectives.as_slice()),
        (&[21][..], &[2][..])
    );
    assert_eq!(
        (facts.countries.as_slice(), facts.kind.as_deref()),
        (&["TD".into(), "NE".into()][..], Some("programme"))
    );
    assert_eq!(
        (facts.languages.as_slice(), facts.original_language.as_deref()),
        (&["en".into(), "fr".into()][..], Some("fr"))
    );
    assert_eq!(
        (facts.organisation.as_str(), facts.edition, facts.signatures),
        (office::NAME, 1, 1)
    );
    assert_eq!((facts.start, facts.end, facts.ongoing), (Some(2019), Some(2023), false));
    assert!(facts.published > 0 && !facts.listed);
    let other = &indexer.finds("departure ", 1).await[0].card.facts;
    assert!(other.listed && other.ongoing);
    office.close(indexer).await;
}

#[tokio::test]
async fn names_and_what_codes_are_called_are_found() {
    let office = Office::open().await;
    office.publish(&reintegration()).await;
    let indexer = office.indexer();
    for text in ["main d'œuvre ", "Chad ", "ministere Tchad "] {
        indexer.finds(text, 1).await;
    }
    office.close(indexer).await;
}

#[tokio::test]
async fn a_new_edition_is_found_by_what_it_says_and_no_more_by_what_the_last_one_said() {
    let office = Office::open().await;
    let id = office.publish(&reintegration()).await;
    let indexer = office.indexer();
    indexer.finds("microcrédits ", 1).await;
    let mut second = reintegration();
    second.set_field("activities", &json!({ "fr": "Des semences." }), "fr").expect("a field");
    office.publish_next(id, &second).await;
    assert_eq!(indexer.finds("semences ", 1).await[0].card.facts.edition, 2);
    assert_eq!(indexer.finds("microcrédits ", 0).await, []);
    office.close(indexer).await;
}

#[tokio::test]
async fn an_erased_practice_is_found_no_more() {
    let office = Office::open().await;
    let id = office.publish(&reintegration()).await;
    office.publish(&counselling()).await;
    let indexer = office.indexer();
    indexer.finds("", 2).await;
    office.erase(id).await;
    indexer.finds("", 1).await;
    indexer.done().await;
    assert_eq!(indexer.progress().held, 1);
    office.close(indexer).await;
}

#[tokio::test]
async fn what_changed_while_no_indexer_ran_is_made_up_for() {
    let office = Office::open().await;
    let erased = office.publish(&counselling()).await;
    let renewed = office.publish(&reintegration()).await;
    let indexer = office.indexer();
    indexer.finds("", 2).await;
    indexer.stop().await;
    office.erase(erased).await;
    let mut second = reintegration();
    second.set_field("title", &json!("Return to Chad"), "en").expect("a field");
    office.publish_next(renewed, &second).await;
    let new =
        practice(&json!({ "title": "Remittances", "original_language": "en", "summary": "Fees" }));
    office.publish(&new).await;
    let indexer = office.indexer();
    indexer.done().await;
    indexer.finds("", 2).await;
    indexer.finds("remittances ", 1).await;
    indexer.finds("return ", 1).await;
    indexer.finds("contract ", 0).await;
    office.close(indexer).await;
}

#[tokio::test]
async fn an_index_folder_that_was_deleted_is_filled_again() {
    let office = Office::open().await;
    office.publish(&reintegration()).await;
    let indexer = office.indexer();
    indexer.finds("", 1).await;
    indexer.stop().await;
    std::fs::remove_dir_all(office.index_folder()).expect("removed");
    let indexer = office.indexer();
    indexer.finds("microcrédits ", 1).await;
    office.close(indexer).await;
}

#[tokio::test]
async fn an_edition_whose_content_is_not_what_was_signed_is_absent_until_one_follows_that_is() {
    let office = Office::open().await;
    let id = office.publish(&reintegration()).await;
    let indexer = office.indexer();
    indexer.finds("microcrédits ", 1).await;
    office.publish_wrong(id, &counselling()).await;
    indexer.finds("", 0).await;
    indexer.done().await;
    let progress = indexer.progress();
    assert_eq!((progress.held, progress.indexed, progress.quarantined), (1, 0, 1));
    office.publish_next(id, &counselling()).await;
    assert_eq!(indexer.finds("contract ", 1).await[0].card.facts.edition, 3);
    office.close(indexer).await;
}

#[tokio::test]
async fn many_at_once_are_all_found() {
    let office = Office::open().await;
    let indexer = office.indexer();
    let numbered = |number: usize| {
        let title = format!("Practice {number}");
        practice(&json!({ "title": title, "original_language": "en", "summary": "Cooperation" }))
    };
    let pieces = (0..150).map(|number| office.edition(None, &numbered(number), None).1).collect();
    office.write(pieces).await;
    indexer.finds("cooperation ", 100).await;
    indexer.done().await;
    assert_eq!((indexer.progress().held, indexer.progress().indexed), (150, 150));
    office.close(indexer).await;
}

#[tokio::test]
async fn a_practice_that_nobody_could_look_at_yet_is_told_to_wait() {
    let office = Office::open().await;
    let indexer = office.indexer();
    indexer.done().await;
    // Every thread that accepts documents is busy until the gates are opened.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let gates: Vec<_> = (0..threads)
        .map(|_| {
            let (gate, closed) = std::sync::mpsc::channel::<()>();
            let acceptor = office.acceptor();
            tokio::spawn(async move { acceptor.run(move || closed.recv().is_err()).await });
            gate
        })
        .collect();
    tokio::task::yield_now().await;
    office.publish(&reintegration()).await;
    let mut progress = indexer.progress.clone();
    let waits = progress.wait_for(|progress| progress.waiting == 1);
    timeout(PATIENCE, waits).await.expect("told in time").expect("the indexer runs");
    drop(gates);
    indexer.finds("microcrédits ", 1).await;
    indexer.done().await;
    assert_eq!((indexer.progress().waiting, indexer.is_open()), (0, true));
    assert!(indexer.commits().count() > 0);
    office.close(indexer).await;
}

#[tokio::test]
async fn after_the_stop_a_search_is_refused_and_the_folder_is_free() {
    let office = Office::open().await;
    let first = office.indexer();
    first.stop().await;
    first.stop().await;
    let refused = first.search(Query::default()).await.expect_err("stopped");
    assert_eq!(refused.code, ErrorCode::Failed);
    assert!(!first.is_open());
    let second = office.indexer();
    let refused = Indexer::start(&office.index_folder(), office.handle(), office.acceptor());
    assert_eq!(refused.expect_err("in use").code, ErrorCode::InUse);
    office.close(second).await;
}

#[tokio::test]
async fn a_stopped_index_is_free_although_work_on_it_was_under_way() {
    let office = Office::open().await;
    let indexer = office.indexer();
    indexer.done().await;
    // Work on a thread that nobody waits for any more.
    let under_way = {
        let running = indexer.running.lock().expect("nobody panicked");
        Arc::clone(&running.as_ref().expect("it runs").index)
    };
    let mut stopped = pin!(indexer.stop());
    assert!(timeout(A_WHILE, &mut stopped).await.is_err(), "the folder is not free yet");
    drop(under_way);
    timeout(PATIENCE, stopped).await.expect("stopped in time");
    office.indexer().done().await;
}
