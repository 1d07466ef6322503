//! What people come to do, from the first click to the last.

use crate::desk::{Desk, Page};
use crate::fake::{Fake, PASSPHRASE, PASSWORD};
use axum::http::StatusCode;

/// A form as it stands, with some fields typed anew.
fn retyped(page: &Page, action: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = page.form(action);
    for (name, value) in typed {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_practice_is_begun_written_signed_and_found() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    let page = desk.post("/practices/new", &[("title", ""), ("original_language", "en")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#title"]);
    assert!(page.texts("title")[0].starts_with("Error:"));

    let form = [("title", "Night school for carers"), ("original_language", "en")];
    let edit = desk.post("/practices/new", &form).await.location().expect("the form");
    let page = desk.get(&edit).await;
    let typed = retyped(
        &page,
        &edit,
        &[
            ("summary", "Carers learn at night."),
            ("countries", "TD"),
            ("partners.0.org", "Ministry of Labour"),
            ("then", "sign"),
        ],
    );
    let sign = desk.post(&edit, &pairs(&typed)).await.location().expect("on to signing");
    let page = desk.get(&sign).await;
    assert!(page.says("Carers learn at night.") && page.says("Chad"), "what was written is shown");

    let typed = retyped(&page, &sign, &[("note", "First published.")]);
    let page = desk.post(&sign, &pairs(&typed)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts(".errors li").len(), 4, "four promises are asked for");

    let promises: Vec<_> = ["people", "pictures", "organisation", "risks"]
        .iter()
        .map(|promise| (format!("promise-{promise}"), "yes".to_owned()))
        .collect();
    let with = |passphrase: &str| {
        let mut form = typed.clone();
        form.extend(promises.clone());
        form.retain(|(name, _)| name != "passphrase");
        form.push(("passphrase".to_owned(), passphrase.to_owned()));
        form
    };
    let page = desk.post(&sign, &pairs(&with("not-it-at-all"))).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    assert!(!page.text.contains("not-it-at-all"), "a passphrase is not sent back");
    let published =
        desk.post(&sign, &pairs(&with(PASSPHRASE))).await.location().expect("published");
    let page = desk.get(&published).await;
    assert_eq!(page.texts("h1"), ["Night school for carers"]);
    assert_eq!(
        page.texts(".done[role=status]"),
        ["Published. Partners get it with the next exchange."]
    );
    assert!(desk.get(&published).await.texts(".done").is_empty(), "a notice is told once");
}

#[tokio::test]
async fn two_people_write_at_once_and_nothing_is_lost() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let mut bikash = amina.beside().signed_in("bikash").await;
    let practice = "/practices/tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1/edit";
    let edit = amina.post(practice, &[]).await.location().expect("a draft");
    let (seen_by_amina, seen_by_bikash) = (amina.get(&edit).await, bikash.get(&edit).await);

    let hers = retyped(&seen_by_amina, &edit, &[("lessons", "Begin in the evening.")]);
    let saved = amina.post(&edit, &pairs(&hers)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let his = retyped(&seen_by_bikash, &edit, &[("aims", "Every worker hears it.")]);
    let saved = bikash.post(&edit, &pairs(&his)).await;
    let page = bikash.get(&saved.location().expect("saved")).await;
    assert_eq!(page.texts("#lessons"), ["Begin in the evening."]);
    assert_eq!(page.texts("#aims"), ["Every worker hears it."]);
    assert!(page.texts(".done").concat().contains("taken in too"));

    let his = retyped(&seen_by_bikash, &edit, &[("lessons", "Begin at night.")]);
    let page = bikash.post(&edit, &pairs(&his)).await;
    assert_eq!(page.status, StatusCode::OK, "a clash is no error");
    let text = page.texts("#lessons").concat();
    assert!(text.contains("Begin at night.") && text.contains("Begin in the evening."), "{text}");
    assert!(page.texts(".clash").concat().contains("edited this part while you were writing"));
    assert_eq!(page.texts(".clash ins").len(), 1);
}

#[tokio::test]
async fn a_refused_form_comes_back_as_typed() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    let form = [("title", "Night school"), ("original_language", "en")];
    let edit = desk.post("/practices/new", &form).await.location().expect("the form");
    let page = desk.get(&edit).await;
    let long = "x".repeat(151);
    let typed = retyped(&page, &edit, &[("title", &long), ("risks", "  <b>Two</b>\r\nlines")]);
    let refused = desk.post(&edit, &pairs(&typed)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.attributes("#title", "value"), [long]);
    assert_eq!(refused.attributes("#title", "aria-invalid"), ["true"]);
    assert_eq!(refused.texts("#risks"), ["<b>Two</b>\nlines"]);
    assert_eq!(refused.attributes(".errors a", "href"), ["#title"]);
    assert_eq!(refused.texts(".toc b"), ["1 problem"]);

    let typed = retyped(&page, &edit, &[("places.0.lat", "north"), ("places.0.name", "N’Djamena")]);
    let refused = desk.post(&edit, &pairs(&typed)).await;
    assert_eq!(refused.attributes(".errors a", "href"), ["#places.0.lat"]);
    assert_eq!(refused.attributes("[id='places.0.lat']", "value"), ["north"]);
}

#[tokio::test]
async fn saving_an_untouched_form_changes_nothing() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    let practice = "/practices/tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1";
    let edit = desk.post(&format!("{practice}/edit"), &[]).await.location().expect("a draft");
    let sign = edit.replace("/edit", "/sign");
    let before = desk.get(&sign).await.texts(".told");
    for lang in ["en", "ne", "ar"] {
        let page = desk.get(&format!("{edit}?in={lang}")).await;
        let form = page.form(&edit);
        assert_eq!(desk.post(&edit, &pairs(&form)).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(desk.get(&sign).await.texts(".told"), before);
}

#[tokio::test]
async fn editions_are_read_compared_and_traced_to_who_vouches() {
    let mut desk = Desk::at(Fake::new());
    let practice = "/practices/tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1";
    let old = desk.get(&format!("{practice}/editions/1")).await;
    assert!(old.says("You are reading edition 1. The latest is edition 3."));
    let history = desk.get(&format!("{practice}/history")).await;
    assert_eq!(history.texts(".line > li").len(), 3);
    let compare = desk.get(&format!("{practice}/compare?from=1&to=2")).await;
    assert_eq!(compare.texts("section h2"), ["What changed (en)"]);
    assert!(compare.texts("ins").concat().contains("61"));
    assert!(compare.texts("del").concat().contains("58"));
    let provenance = desk.get(&format!("{practice}/provenance")).await;
    assert!(provenance.says("Sunita Maharjan") && provenance.says("tern practice verify tern1p1"));

    let listed = desk.get("/practices/tern1p64hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn6").await;
    let sentence = "Listed by Example Labour Institute from a public source; not written by those who did the work.";
    assert!(listed.says(sentence));
    let hidden = desk.get("/practices/tern1p74hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn7").await;
    assert_eq!(hidden.texts("main .cols > article"), Vec::<String>::new());
    assert!(hidden.texts("details article").concat().contains("key that had been revoked"));
    assert!(hidden.says("Does not count"));
    let arabic = desk.get("/practices/tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5").await;
    assert_eq!(arabic.attributes("header.head", "dir"), ["rtl"]);
}

#[tokio::test]
async fn a_steward_invites_and_approves_and_nobody_else_may() {
    let mut steward = Desk::at(Fake::new()).signed_in("amina").await;
    let mut member = steward.beside().signed_in("bikash").await;
    assert!(member.get("/network/members").await.texts("main form").is_empty());
    assert_eq!(member.post("/network/members/invite", &[]).await.status, StatusCode::FORBIDDEN);
    let made = steward.post("/network/members/invite", &[("organisation", "A city")]).await;
    assert!(made.texts("textarea").concat().starts_with("tern-invitation:"));
    assert_eq!(made.attributes("figure.qr", "role"), ["img"], "it can be photographed");
    let page = steward.get("/network/members").await;
    assert!(page.says("Ministry of Labour of Example") && page.says("compare the fingerprint"));
    let path = "/network/approvals/tern1q9dvt2mxakp3e";
    assert!(page.attributes("a", "href").contains(&path.to_owned()));
    let form = [("compared", "yes"), ("passphrase", PASSPHRASE)];
    assert_eq!(member.post(path, &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(steward.post(path, &form).await.status, StatusCode::SEE_OTHER);
    let page = steward.get("/network/members").await;
    assert!(page.says("Approved.") && !page.says("Ministry of Labour of Example"));
    let asked = steward.post("/network/exchange", &[]).await;
    assert_eq!(asked.location().as_deref(), Some("/network"));
}

#[tokio::test]
async fn a_restored_node_says_so_on_every_page_until_its_operator_lets_it_go_on() {
    let mut operator = Desk::at(Fake::restored()).signed_in("amina").await;
    let mut writer = operator.beside().signed_in("bikash").await;
    for path in ["/", "/drafts", "/requests"] {
        let page = writer.get(path).await;
        assert!(page.says("nothing can be signed until it has"), "{path}");
    }
    let page = writer.get("/network").await;
    assert!(page.says("has met another member") && page.texts("#main details").is_empty());
    assert_eq!(writer.post("/network/resume", &[]).await.status, StatusCode::FORBIDDEN);
    let page = operator.get("/network").await;
    assert!(page.says("Go on without meeting anyone"));
    let resumed = operator.post("/network/resume", &[]).await;
    assert_eq!(resumed.location().as_deref(), Some("/network"));
    let page = operator.get("/network").await;
    assert!(page.says("The node signs again.") && page.says("The operator let it go on"));
    assert!(!writer.get("/drafts").await.says("nothing can be signed"));
}

#[tokio::test]
async fn a_node_that_found_out_that_it_was_put_back_says_so_and_by_whom() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut operator = Desk::at(Fake::put_back()).signed_in("amina").await;
        operator.lang = lang;
        let page = operator.get("/network").await;
        assert_eq!(page.status, StatusCode::OK, "{lang}");
        assert_eq!(page.attributes("form[action='/network/resume']", "method"), ["post"], "{lang}");
        assert!(page.says("Civil Registry Service"), "{lang}: who noticed it");
        assert_eq!(page.attributes(".note.warn a", "href"), ["/network#restored"], "{lang}");
        if lang == "en" {
            assert!(page.says("who had met a later state of it"));
            assert!(!page.says("restored from a backup"), "nobody did that");
        }
    }
}

#[tokio::test]
async fn a_node_that_runs_twice_tells_who_noticed_it_and_what_to_do_until_it_is_over() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut operator = Desk::at(Fake::copied()).signed_in("amina").await;
        operator.lang = lang;
        let page = operator.get("/network").await;
        assert_eq!(page.status, StatusCode::OK, "{lang}");
        assert!(page.texts("#copied").len() == 1 && page.says("Civil Registry Service"), "{lang}");
        let typed = page.texts("#main code");
        assert!(typed.contains(&"tern copied --new-key".to_owned()), "{lang}: {typed:?}");
        assert_eq!(page.attributes("form[action='/network/only']", "method"), ["post"], "{lang}");
        if lang == "en" {
            assert!(page.says("Both go on working, and nothing is lost."));
            assert!(page.says("stop it for good, and say so here"));
        }
        let mut writer = operator.beside().signed_in("bikash").await;
        let page = writer.get("/network").await;
        assert!(page.attributes("form[action='/network/only']", "method").is_empty(), "{lang}");
        assert_eq!(writer.post("/network/only", &[]).await.status, StatusCode::FORBIDDEN);
        let said = operator.post("/network/only", &[]).await;
        assert_eq!(said.location().as_deref(), Some("/network"));
        let page = operator.get("/network").await;
        assert!(page.attributes("form[action='/network/only']", "method").is_empty(), "{lang}");
        assert_eq!(page.texts("#copied").len(), 1, "{lang}: it is told still");
    }
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_needs_the_present_one() {
    let mut here = Desk::at(Fake::new()).signed_in("gita").await;
    let mut there = here.beside().signed_in("gita").await;
    let form =
        [("display", "Gita Rai"), ("lang", ""), ("current", "guess"), ("new", "a much longer one")];
    let page = here.post("/account", &form).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#current"]);
    let form =
        [("display", "Gita R."), ("lang", ""), ("current", PASSWORD), ("new", "a much longer one")];
    assert_eq!(here.post("/account", &form).await.status, StatusCode::SEE_OTHER);
    assert!(here.get("/account").await.says("Gita R."));
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER, "signed out elsewhere");
}

#[tokio::test]
async fn how_the_node_is_stands_on_the_network_page_for_its_operator_alone() {
    let mut operator = Desk::at(Fake::new()).signed_in("amina").await;
    let page = operator.get("/network").await;
    assert!(page.says("How this node is") && page.says("No backup was ever made."));
    assert!(page.says("Your view of the members is") && page.says("days old."));
    assert!(page.says("Act now") && page.says("Make one now with tern backup FILE."));
    assert_eq!(page.texts("#main code"), ["tern backup FILE"], "what is typed stands out");
    assert!(page.says("1 check finds nothing to do"));
    let mut expert = Desk::at(Fake::new()).signed_in("rosa").await;
    assert!(!expert.get("/network").await.says("How this node is"));
}

#[tokio::test]
async fn a_publisher_adopts_what_a_revoked_key_left_behind() {
    let practice = "/practices/tern1p74hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn7";
    let mut reader = Desk::at(Fake::new());
    let page = reader.get(practice).await;
    assert!(page.says("This text does not count"), "a reader is told");
    assert!(page.texts("form button").iter().all(|text| text != "Adopt"), "and cannot adopt");

    let mut publisher = Desk::at(Fake::new()).signed_in("amina").await;
    let page = publisher.get(practice).await;
    assert!(page.says("Edition 1 is held back: the key that signed it was revoked"));
    let adopt = page.attributes("form[action$=adopt]", "action").remove(0);
    // The key asks for its passphrase: the same page says so, with a field.
    let page = publisher.post(&adopt, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    assert!(page.says("Adopt it if you know that it is honest work."));
    let typed = retyped(&page, &adopt, &[("passphrase", PASSPHRASE), ("reason", "I know it.")]);
    let back = publisher.post(&adopt, &pairs(&typed)).await.location().expect("the practice");
    let page = publisher.get(&back).await;
    assert!(page.says("Adopted. It counts again") && page.says("Adopted"));
}
