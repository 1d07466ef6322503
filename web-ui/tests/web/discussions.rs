//! Discussions: what is public to read, what moderators hide, one question a page.

use axum::http::StatusCode;
use tern_web_ui::service::SpeechKind;

use crate::desk::Desk;
use crate::fake::discussions::{DISCUSSION, HIDDEN, OTHER, OWN};
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;

fn one() -> String {
    format!("/discussions/{DISCUSSION}")
}

fn say(kind: &str, post: &str) -> String {
    format!("{}/{kind}?post={post}", one())
}

#[tokio::test]
async fn anybody_reads_a_discussion_and_only_members_are_offered_to_take_part() {
    for lang in ["en", "ar-XB"] {
        let mut guest = Desk::at(Fake::new());
        let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
        for (desk, member) in [(&mut guest, false), (&mut amina, true)] {
            desk.lang = lang;
            let list = desk.get("/discussions").await;
            well_formed("/discussions", &list);
            let page = desk.get(&one()).await;
            well_formed("a discussion", &page);
            let links = page.attributes("main a", "href");
            assert_eq!(links.contains(&format!("{}/post", one())), member);
            assert_eq!(links.contains(&say("edit", OWN)), member);
            assert!(!links.contains(&say("edit", OTHER)), "it is not hers");
            assert_eq!(links.contains(&say("translate", OTHER)), member);
        }
    }
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(&one()).await;
    assert!(page.says("Everything on this page is public and signed."));
    assert!(page.says("Answers Bina <Example>, Harbour <Office>"));
    assert!(page.says("Answers something that was taken back, or is not here yet"));
    assert!(page.says("Nobody has answered yet."), "the second question has no answer");
    assert!(page.says("Of an earlier wording") && page.says("what it said before"));
    assert!(page.says("It is closed."), "what does not count says why");
    assert_eq!(guest.get("/discussions/tern1tnobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn words_are_markdown_without_scripts_and_what_is_hidden_opens_when_asked() {
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(&one()).await;
    assert!(page.text.contains("Better <em>words</em>"), "Markdown is set");
    assert!(!page.text.contains("<script>x") && page.says("<script>x</script>"));
    assert!(page.says("Hidden by Registries <of> Towns: it advertises"));
    let folded = page.texts(&format!("#{HIDDEN} details"));
    assert!(folded[0].contains("Cheap <visas>") && folded[0].contains("Show anyway"));
    assert!(page.texts(&format!("#{HIDDEN} > .prose")).is_empty(), "it is not shown at first");
    assert!(page.says("This node does not follow that."), "advice of others is told as theirs");
    let arabic = page.attributes(&format!("#{OTHER} .prose[lang=ar]"), "dir");
    assert_eq!(arabic, ["rtl"]);
}

#[tokio::test]
async fn each_way_to_take_part_has_its_page_and_says_who_reads_it() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    for kind in SpeechKind::ALL {
        let post = match kind {
            SpeechKind::Post | SpeechKind::Close => "",
            SpeechKind::Edit | SpeechKind::TakeBack => OWN,
            _ => OTHER,
        };
        let path = match post {
            "" => format!("{}/{}", one(), kind.code()),
            post => say(kind.code(), post),
        };
        let page = amina.get(&path).await;
        if matches!(kind, SpeechKind::Advise | SpeechKind::Close) {
            assert_eq!(page.location(), Some(one()), "she moderates nothing");
            continue;
        }
        well_formed(&path, &page);
        let public = page.says("What you sign here is public for good");
        assert_eq!(public, kind != SpeechKind::Report, "{path}");
        let sent = amina.post(&format!("{}/{}", one(), kind.code()), &[("post", post)]).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: nothing was typed");
        well_formed(&path, &sent);
    }
    let edit = amina.get(&say("edit", OWN)).await;
    assert_eq!(edit.texts("textarea"), ["Mine"], "the wording that stands is there to change");
    assert_eq!(edit.attributes("input[name=saw]", "value"), ["tern1rwording"]);
    assert_eq!(amina.get(&say("edit", OTHER)).await.location(), Some(one()), "it is not hers");
    assert_eq!(amina.get(&say("reply", "tern1rgone")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_comes_back() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let reply = format!("{}/reply", one());
    let typed = [("post", OTHER), ("lang", "en"), ("text", "We <do>")];
    let page = amina.post(&reply, &typed).await;
    assert_eq!(page.location(), Some(format!("{}#{OTHER}", one())));
    let page = amina.post(&reply, &[("post", OTHER), ("lang", ""), ("text", "We <do>")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#lang"]);
    assert_eq!(page.texts("textarea"), ["We <do>"]);
    let long = "a".repeat(16 * 1024 + 1);
    let page = amina.post(&reply, &[("post", OTHER), ("lang", "en"), ("text", &long)]).await;
    assert!(page.says("This is longer than 16,384 bytes") || page.says("longer than 16384 bytes"));
    let translate = format!("{}/translate", one());
    let typed = [("post", OTHER), ("lang", "en"), ("made", "human"), ("text", "Words")];
    let page = amina.post(&translate, &typed).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#lang"], "what the node found");
    assert!(page.says("is the <language> of the text"));
    let late = [("lang", "en"), ("text", "late")];
    let page = amina.post(&format!("{}/post", one()), &late).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.says("The <discussion> is closed."));
}

#[tokio::test]
async fn a_publisher_opens_one_and_every_practice_has_its_own() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let page = amina.get("/discussions/new").await;
    well_formed("/discussions/new", &page);
    let page = amina.post("/discussions/new", &[("lang", "en"), ("title", "")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#title"]);
    let typed = [
        ("lang", "en"),
        ("title", "One desk"),
        ("question-2", "Who <paid>?"),
        ("languages", "en"),
        ("passphrase", PASSPHRASE),
    ];
    let page = amina.post("/discussions/new", &typed).await;
    assert_eq!(page.location(), Some(one()));
    let id = "tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1";
    let page = amina.get(&format!("/practices/{id}")).await;
    let links = page.attributes("main a", "href");
    assert!(links.contains(&format!("/discussions/{id}")));
    assert!(links.contains(&format!("/discussions/new?practice={id}")));
    let page = amina.get(&format!("/practices/{id}/discussion")).await;
    assert_eq!(page.location(), Some(format!("/discussions/{id}")));
    let page = amina.get(&format!("/discussions/{id}")).await;
    well_formed("questions to the authors", &page);
    assert!(page.says("Questions to the authors: Health <teams>"));
    assert!(page.says("Nobody has said anything yet."));
    let mut guest = Desk::at(Fake::unreviewed());
    let page = guest.get("/discussions").await;
    well_formed("/discussions, empty", &page);
    assert!(page.says("Questions to the authors of a practice need nobody to open them"));
    let page = guest.get("/discussions?lang=fr").await;
    assert!(page.says("No discussion fits what you chose."));
    let page = Desk::at(Fake::new()).get("/discussions").await;
    let folded = page.texts("main details");
    assert!(folded.iter().any(|text| text.contains("Cheap <visas> for all")), "{folded:?}");
    assert!(page.says("1 discussion that moderators hide") && page.says("1 discussion"));
}

#[tokio::test]
async fn reports_are_for_moderators_and_programs_read_discussions() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    assert_eq!(amina.get("/discussions/reports").await.status, StatusCode::FORBIDDEN);
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(&format!("/api/v1/discussions/{DISCUSSION}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let page = guest.get("/api/v1/discussions?open=true&objective=21").await;
    assert!(page.text.contains("\"objective\":21"), "{}", page.text);
    for bad in ["objective=24", "mood=calm"] {
        let page = guest.get(&format!("/api/v1/discussions?{bad}")).await;
        assert!(page.status.is_client_error(), "{bad}");
    }
}
