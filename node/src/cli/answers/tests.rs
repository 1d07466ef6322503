//! Answers as people see them.

use serde_json::json;

use super::*;

#[test]
fn a_list_names_title_organisation_and_an_id_that_can_be_typed() {
    let id = "tern1pqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";
    let listed = json!({ "total": 71, "items": [{
        "id": id, "title": { "fr": "Naissances", "en": "Births" },
        "origin": { "name": "Civil registry of Chad" }, "countries": ["TD", "NE"],
    }]});
    let text = practices(&listed);
    assert!(text.starts_with("TITLE   ORGANISATION            COUNTRIES  ID\nBirths  "), "{text}");
    assert!(text.contains("TD, NE") && text.contains(&id[..18]) && !text.contains(id), "{text}");
    assert!(text.ends_with("\n1 of 71 shown\n"), "{text}");
    assert_eq!(practices(&json!({ "total": 0, "items": [] })), "Nothing found.");
}

#[test]
fn a_practice_shows_who_stands_behind_it() {
    let shown = json!({
        "id": "tern1p", "title": "Births", "edition": 2, "verdict": "accepted",
        "origin": { "org": "tern1g", "name": "Civil registry of Chad" },
        "signers": [{ "person": "Amina Issa", "org": "Civil registry of Chad" }, { "person": "a person of UNHCR", "org": "UNHCR" }],
        "withdrawn": false, "stale_since": null,
        "fields": { "title": { "en": "Births" }, "summary": { "en": "One.\nTwo." }, "countries": ["TD"] },
    });
    let text = practice(&shown);
    assert!(
        text.contains("Signed by     Amina Issa of Civil registry of Chad; a person of UNHCR\n"),
        "{text}"
    );
    assert!(text.contains("\nsummary\n  en: One.\n  Two.\n"), "{text}");
    assert!(text.contains("\ncountries\n  TD\n"), "{text}");
    assert!(!text.contains("Withdrawn") && !text.contains("Stale"), "{text}");
}

#[test]
fn a_draft_shows_what_it_is_for_and_what_is_missing() {
    let shown = json!({
        "id": "tern1d", "title": "Births", "draft": true, "saved": "2026-03-01T08:00:00Z",
        "missing_to_publish": ["summary"], "fields": { "title": { "en": "Births" } },
    });
    let head = "Births\n\nId       tern1d\nDraft    of a new practice\n\
                Saved    2026-03-01T08:00:00Z\nMissing  summary\n";
    assert_eq!(practice(&shown), head);
    let mut next = shown;
    next["practice"] = json!("tern1p");
    assert!(practice(&next).contains("Draft    of the next edition of tern1p\n"));
}

#[test]
fn only_accepted_and_adopted_are_good() {
    for (verdict, good) in [("accepted", true), ("adopted", true), ("quarantined", false)] {
        assert_eq!(is_good(&json!({ "verdict": verdict })), good, "{verdict}");
    }
    assert!(!is_good(&json!({})));
}

#[test]
fn an_import_tells_what_came_in_and_what_did_not() {
    let outcome = json!({ "imported": 1, "skipped": [
        { "row": 3, "reason": "known" }, { "row": 4, "reason": "`titel` is no field" },
    ]});
    assert_eq!(imported(&outcome), "1 practice imported, 1 known already, 1 row refused");
    assert_eq!(skipped(&outcome["skipped"][1]), "row 4: `titel` is no field");
}

#[test]
fn a_diff_shows_each_field_before_and_after() {
    let outcome = json!({ "items": [
        { "field": "title", "lang": "en", "before": "Births", "after": "Birth papers" },
        { "field": "countries", "before": null, "after": ["TD", "NE"] },
    ]});
    assert_eq!(diff(&outcome), "title.en\n- Births\n+ Birth papers\n\ncountries\n+ TD\n+ NE\n\n");
}

#[test]
fn bytes_are_told_in_the_unit_that_fits() {
    for (number, told) in [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_900, "1.0 MB"),
        (27_400_000, "27.4 MB"),
    ] {
        assert_eq!(bytes(&json!(number)), told);
    }
}

#[test]
fn a_meeting_that_failed_tells_its_reason_and_no_figures() {
    let outcome = json!({ "items": [
        { "peer": "Chad", "settled": true, "sent_bytes": 13, "received_bytes": 2_000,
          "objects_sent": 0, "objects_received": 1, "content_bytes": 5_300, "packed_bytes": 1_900, "round_trips": 2 },
        { "peer": "Nepal", "settled": false, "reason": "nobody answers" },
    ]});
    let text = met(&outcome);
    assert!(text.contains("Received          2.0 kB, 1 object\n"), "{text}");
    assert!(
        text.ends_with("\nPeer    Nepal\nState   not yet in step\nReason  nobody answers\n"),
        "{text}"
    );
}

#[test]
fn what_links_cost_is_told_with_the_bill_and_what_waits() {
    let link = json!({
        "class": "satellite", "said": true, "costly": true, "every_minutes": 240,
        "monthly_bytes": 50_000_000, "hours": "22-05", "used_percent": 24, "used_up": false,
        "price": { "per_mb": "8.50", "currency": "USD" }, "month": "2026-11",
        "month_ends": "2026-12-01T00:00:00Z",
        "spent": {
            "costly": { "bytes": 12_400_000, "library": 12_000_000, "contacts": 7 },
            "free": { "bytes": 0 },
        },
        "bill": { "amount": "105.40", "currency": "USD" },
        "next_contact": "2026-11-30T16:40:00Z", "in_contact": false,
        "waiting": [
            { "set": "authority", "objects": 0, "bytes": 0 },
            { "set": "requests", "objects": 1, "bytes": 2_000 },
            { "set": "library", "objects": 3, "bytes": 12_000 },
        ],
    });
    let told = super::links(&link);
    for line in [
        "every 4 hours when nothing presses, within the hours 22-05 UTC",
        "50.0 MB a month, 24 % used",
        "12.4 MB that cost money in 2026-11, in 7 contacts",
        "about 105.40 USD",
        "2026-11-30T16:40:00Z",
        "1 parcel of requests, about 2.0 kB; 3 practices and records, about 12.0 kB",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let mut free = link;
    (free["class"], free["costly"]) = (json!("lan"), json!(false));
    let told = super::links(&free);
    assert!(told.contains("lan: costs nothing") && !told.contains("every 4 hours"), "{told}");
    free["said"] = json!(false);
    assert!(super::links(&free).contains("until you say: tern link set"));
}
