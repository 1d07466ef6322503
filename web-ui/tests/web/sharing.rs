//! Who sees a draft: shown to others, and not any more.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::{Fake, PASSPHRASE};
use crate::pages::well_formed;

#[tokio::test]
async fn a_draft_is_shown_to_others_and_what_is_ticked_stays_when_the_passphrase_is_asked() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let new = [("title", "Desks"), ("original_language", "en")];
    let edit = amina.post("/practices/new", &new).await.location().expect("a draft");
    let page = amina.get(&edit).await;
    assert!(page.says("Only your organisation can see it."));
    let share = edit.replace("/edit", "/share");
    assert!(page.attributes("aside a", "href").contains(&share), "{share}");

    let page = amina.get(&share).await;
    well_formed("share", &page);
    assert!(page.says("keeps what it has and is told nothing of what follows"));
    assert!(page.says("Ministry of <Arrivals>"), "names are told as they are");
    assert_eq!(page.attributes("input[checked]", "value"), Vec::<String>::new());

    let page = amina.post(&share, &[("org", "tern1g2")]).await;
    well_formed("share, again", &page);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    assert_eq!(page.attributes("input[checked]", "value"), ["tern1g2"]);
    let page = amina.post(&share, &[("org", "tern1g2"), ("passphrase", PASSPHRASE)]).await;
    assert_eq!(page.location().as_deref(), Some(edit.as_str()));
    assert!(amina.get(&edit).await.says("is signed and goes to those who see this draft"));
    for page in [amina.get(&share).await, amina.get(&edit).await] {
        well_formed("reached through others", &page);
        assert!(page.says("through other members, who cannot read it"));
        assert!(page.says("has not arrived as far as is known here"));
    }
    let both = [("org", "tern1g1"), ("org", "tern1g2"), ("passphrase", PASSPHRASE)];
    amina.post(&share, &both).await;
    assert!(amina.get(&share).await.says("A link is open: what is sent arrives at once."));
}

#[tokio::test]
async fn a_guest_sends_what_it_wrote_and_chooses_nobody() {
    let mut amina = Desk::at(Fake::as_guest()).signed_in("amina").await;
    let new = [("title", "Desks"), ("original_language", "en")];
    let edit = amina.post("/practices/new", &new).await.location().expect("a draft");
    let share = edit.replace("/edit", "/share");
    let page = amina.get(&share).await;
    well_formed("share, as a guest", &page);
    assert_eq!(page.attributes("input[name=org]", "value"), Vec::<String>::new());
    assert!(page.says("Your organisation was taken out."));
    assert!(page.says("2 changes are not signed yet") && page.says("Sign and send what I wrote"));
}

#[tokio::test]
async fn nobody_sees_who_sees_a_draft_without_signing_in() {
    let mut nobody = Desk::at(Fake::new());
    let page = nobody.get("/drafts/tern1d0/share").await;
    assert!(page.location().is_some_and(|to| to.starts_with("/sign-in")));
}
