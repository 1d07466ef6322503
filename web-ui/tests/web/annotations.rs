//! What organisations say about a practice: shown beside it, and said on one page each.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::reviews::SEALED;
use crate::fake::{Fake, INSTITUTE, PASSPHRASE};
use crate::pages::well_formed;

fn practice() -> String {
    format!("/practices/{SEALED}")
}

#[tokio::test]
async fn what_others_say_stands_beside_the_practice_and_only_publishers_are_offered_to_say_more() {
    let mut guest = Desk::at(Fake::new());
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    for (desk, may) in [(&mut guest, false), (&mut amina, true)] {
        let page = desk.get(&practice()).await;
        well_formed("a practice", &page);
        assert!(page.says("Used by one more") && page.says("It did not work"));
        assert!(page.says("Upland <Labour> Office") && page.says("On <foot>"));
        assert!(page.says("Also published as") && page.says("10.1000/<182>"));
        assert!(page.says("Not confirmed since"));
        let links = page.attributes("main a", "href");
        for kind in ["withdraw", "confirm", "adapt", "same"] {
            let link = format!("{}/say/{kind}", practice());
            assert_eq!(links.contains(&link), may, "{kind}");
        }
        let french = desk.get(&format!("{}?in=fr", practice())).await;
        well_formed("a translation", &french);
        assert_eq!(french.texts("h1"), ["Un <seul> guichet"]);
        assert!(french.says("By a machine.") && french.says("out of date"));
        assert!(french.says("The edition now says something else in: Title"));
    }
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    let page = bikash.get(&format!("{}/say/withdraw", practice())).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "a contributor may not");
    assert!(bikash.get("/").await.texts("#due").is_empty());
    let home = amina.get("/").await;
    well_formed("/", &home);
    assert!(home.says("Practices of ours to confirm") && home.says("7 practices"));
    let organisation = amina.get(&format!("/network/members/{INSTITUTE}")).await;
    assert!(organisation.says("What it uses of others"));
}

#[tokio::test]
async fn a_practice_is_withdrawn_with_a_reason_and_its_text_stays_behind_a_link() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let form = format!("{}/say/withdraw", practice());
    well_formed(&form, &amina.get(&form).await);
    let (reason, open) = (("reason", "unsafe"), ("passphrase", PASSPHRASE));
    for (typed, wrong) in [(vec![], "#reason"), (vec![reason], "#passphrase")] {
        let page = amina.post(&form, &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        well_formed("withdraw, refused", &page);
        assert_eq!(page.attributes(".errors a", "href"), [wrong]);
    }
    let page = amina.post(&form, &[reason, ("text", "People <fell>"), open]).await;
    assert_eq!(page.location(), Some(practice()));
    let page = amina.get(&practice()).await;
    assert_eq!(page.status, StatusCode::GONE);
    well_formed("withdrawn", &page);
    assert!(page.says("To do as it says may do harm.") && page.says("People <fell>"));
    assert!(page.texts("article").is_empty(), "its text is not there");
    let anyway = format!("{}?withdrawn=show", practice());
    assert!(page.attributes("main a", "href").contains(&anyway));
    let page = amina.get(&anyway).await;
    assert_eq!(page.status, StatusCode::OK);
    well_formed("withdrawn, shown anyway", &page);
    assert!(page.says("People <fell>") && !page.texts("article").is_empty());
    let api = amina.get(&format!("/api/v1{}", practice())).await;
    assert_eq!(api.status, StatusCode::GONE);
    assert!(api.text.contains("\"reason\":\"unsafe\""), "{}", api.text);

    let back = format!("{}/say/take-back?of=tern1rwithdrawn", practice());
    let page = amina.get(&back).await;
    well_formed("take back", &page);
    assert!(page.says("The withdrawal"));
    let back = format!("{}/say/take-back", practice());
    let page = amina.post(&back, &[("of", "tern1rwithdrawn"), open]).await;
    assert_eq!(page.location(), Some(practice()));
    assert_eq!(amina.get(&practice()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_typed() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let open = ("passphrase", PASSPHRASE);
    let confirm = format!("{}/say/confirm", practice());
    let page = amina.post(&confirm, &[open]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#looked"]);
    let page = amina.post(&confirm, &[("looked", "yes"), open]).await;
    assert_eq!(page.location(), Some(practice()));
    assert!(amina.get(&practice()).await.says("Confirmed still valid on"));

    let adapt = format!("{}/say/adapt", practice());
    well_formed(&adapt, &amina.get(&adapt).await);
    let typed = [("countries", "NP"), ("since", "yesterday"), ("changed", "On <foot>"), open];
    let page = amina.post(&adapt, &typed).await;
    well_formed("adapt, refused", &page);
    assert_eq!(page.attributes(".errors a", "href"), ["#since"]);
    assert_eq!(page.attributes("#since", "value"), ["yesterday"]);
    assert_eq!(page.texts("#changed"), ["On <foot>"]);

    let same = format!("{}/say/same", practice());
    let page = amina.get(&same).await;
    well_formed(&same, &page);
    assert!(page.says("Why it is shown") || page.says("This one"), "likely ones are offered");
    let page = amina.post(&same, &[("scheme", "doi"), open]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#practice"]);
    let page = amina.post(&same, &[("practice", "tern1pother"), open]).await;
    assert_eq!(page.location(), Some(practice()));
}

#[tokio::test]
async fn each_text_stands_beside_its_translation() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let path = format!("/translate/{SEALED}");
    let page = amina.get(&format!("{path}?into=fr")).await;
    let french = format!("{path}/fr");
    assert_eq!(page.location(), Some(french.clone()));
    let page = amina.get(&french).await;
    well_formed(&french, &page);
    assert_eq!(page.attributes("#title", "value"), ["Un <seul> guichet"], "what was before");
    assert!(page.says("Changed since it was translated"));
    let open = ("passphrase", PASSPHRASE);
    let page = amina.post(&french, &[("edition", "1"), ("summary", "Un <résumé>"), open]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("translate, refused", &page);
    assert_eq!(page.texts("#summary"), ["Un <résumé>"]);
    let typed = [("edition", "1"), ("title", "Guichet <unique>"), ("by", "reviewed"), open];
    let page = amina.post(&french, &typed).await;
    assert_eq!(page.location(), Some(format!("{}?in=fr", practice())));
    let page = amina.get(&format!("{}?in=fr", practice())).await;
    assert_eq!(page.texts("h1"), ["Guichet <unique>"]);
    assert_eq!(amina.get(&format!("{path}/zz")).await.status, StatusCode::NOT_FOUND);
}
