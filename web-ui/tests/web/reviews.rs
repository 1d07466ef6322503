//! Reviews: what is public to read, what a person signs, one question a page.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::reviews::{OTHER, SEALED, SUBMISSION, TOO_LONG};
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;

fn one() -> String {
    format!("/reviews/{SUBMISSION}")
}

#[tokio::test]
async fn anybody_reads_reviews_and_only_members_are_offered_to_act() {
    let mut guest = Desk::at(Fake::new());
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let list = guest.get("/reviews").await;
    well_formed("/reviews", &list);
    assert!(list.says("Waits for you") && list.says("An edition that is not on this node"));
    let act = format!("{}/score", one());
    for (desk, may) in [(&mut guest, false), (&mut amina, true)] {
        let page = desk.get(&one()).await;
        well_formed("a review", &page);
        assert!(page.says("Everything on this page is public and signed."));
        assert!(page.says("Bina <Example>, Harbour Office will review"));
        assert!(page.says("its signer was <not> invited"), "what does not count says why");
        assert!(page.says("On the field “What changed”") && page.says("Since <when>?"));
        assert_eq!(page.attributes("main a", "href").contains(&act), may);
    }
    assert_eq!(amina.get("/reviews/tern1snobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_can_act_without_being_waited_for_is_not_told_that_there_is_nothing() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.get(&one()).await;
    assert!(page.says("It is your turn") && !page.says("What you can do"));
    let other = format!("/reviews/{OTHER}");
    let page = amina.get(&other).await;
    well_formed("a review of an edition that is not here", &page);
    assert!(page.says("What you can do") && page.says("this is open to you"));
    assert!(!page.says("Nothing waits for you now"));
    assert!(page.attributes("main a", "href").contains(&format!("{other}/reply")));
    assert!(page.texts("main .note.done").is_empty(), "a number that is not known is not told");
}

#[tokio::test]
async fn where_nobody_reviews_yet_everybody_is_told_what_to_do() {
    for mut desk in [
        Desk::at(Fake::unreviewed()),
        Desk::at(Fake::unreviewed()).signed_in("bikash").await,
        Desk::at(Fake::unreviewed()).signed_in("amina").await,
    ] {
        let page = desk.get("/reviews").await;
        well_formed("/reviews, empty", &page);
        assert!(page.says("tern review policy FILE") && page.says("ask one of yours"));
    }
}

#[tokio::test]
async fn a_sealed_edition_shows_its_seal_and_to_what_it_is_bound() {
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(&format!("/practices/{SEALED}")).await;
    well_formed("a sealed practice", &page);
    assert!(page.says("Office of <Crossings> sealed edition"));
    assert!(page.says("It rests on 4 reviews.") && page.says("1 of them speaks against it."));
    assert!(page.attributes("main a", "href").contains(&one()));
    assert!(!page.says("Not reviewed"), "it is");
}

#[tokio::test]
async fn each_question_has_its_page_and_says_that_the_answer_is_public() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    for part in ["invite", "accept", "decline", "score", "decide", "reply", "appeal", "withdraw"] {
        let path = format!("{}/{part}", one());
        let page = amina.get(&path).await;
        well_formed(&path, &page);
        assert!(page.says("What you sign here is public for good"), "{part}");
    }
    for (part, wrong) in [
        ("invite", &["#reviewer"][..]),
        ("accept", &["#none"]),
        ("decline", &["#reason"]),
        ("score", &["#mark-evidence", "#recommendation"]),
        ("decide", &["#outcome"]),
        ("reply", &["#note"]),
        ("appeal", &["#note"]),
    ] {
        let page = amina.post(&format!("{}/{part}", one()), &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{part}");
        assert_eq!(page.attributes(".errors a", "href"), wrong, "{part}");
        well_formed(part, &page);
    }
    let typed = [
        ("mark-evidence", "met"),
        ("recommendation", "minor"),
        ("field-1", "results"),
        ("text-1", "Since <when>?"),
        ("text-2", "And <where>?"),
    ];
    let page = amina.post(&format!("{}/score", one()), &typed).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#field-2"], "a comment has a field");
    assert!(page.says("And <where>?"), "what was typed comes back");
    let page = amina.post(&format!("{}/score", one()), &typed[..4]).await;
    assert_eq!(page.location().as_deref(), Some(one().as_str()));
    // What the node finds in the file that the form became stands beside the form's fields.
    let typed = [
        ("mark-evidence", "met"),
        ("mark-rights", "partly"),
        ("recommendation", "minor"),
        ("field-3", "results"),
        ("text-3", "Since <when>?"),
        ("note", TOO_LONG),
    ];
    let page = amina.post(&format!("{}/score", one()), &typed).await;
    well_formed("a review that is too long", &page);
    let links = page.attributes(".errors a", "href");
    assert_eq!(links, ["#note", "#mark-rights", "#field-3", "#part"]);
    // What would count for nothing is refused with the reason.
    let page = amina.post(&format!("{}/decide", one()), &[("outcome", "sealed")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.says("It rests on too <few> reviews."));
    let page = amina.post(&format!("{}/decide", one()), &[("outcome", "returned")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#note"], "reasons are needed");
}

#[tokio::test]
async fn a_publisher_sends_the_latest_edition_for_review() {
    let send = format!("/practices/{SEALED}/review");
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    let links = |page: &crate::desk::Page| page.attributes("main a", "href");
    let shown = bikash.get(&format!("/practices/{SEALED}")).await;
    assert!(!links(&shown).contains(&send), "a contributor may not");
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let shown = amina.get(&format!("/practices/{SEALED}")).await;
    assert!(!links(&shown).contains(&send), "it is sealed already");
    let page = amina.get(&send).await;
    well_formed(&send, &page);
    assert!(page.says("What you sign here is public for good"));
    assert!(page.attributes("input[name=policy]", "value").is_empty());
    assert!(page.says("A review asks for these."), "what is missing is told first");
    let whole = "/practices/tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1";
    let shown = amina.get(whole).await;
    assert!(links(&shown).contains(&format!("{whole}/review")), "not sealed, and hers");
    let page = amina.get(&format!("{whole}/review")).await;
    well_formed("a practice that has all", &page);
    assert_eq!(page.attributes("input[name=policy]", "value"), ["tern1rpolicy"]);
    let page = amina.post(&send, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [("policy", "tern1rpolicy"), ("passphrase", PASSPHRASE)];
    let page = amina.post(&send, &typed).await;
    assert_eq!(page.location().as_deref(), Some(one().as_str()));
}
