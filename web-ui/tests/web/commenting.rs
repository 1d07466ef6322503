//! Comments on the fields of a draft: beside the field, answered, done with, and not
//! published.

use axum::http::StatusCode;

use crate::desk::{Desk, Page};
use crate::fake::Fake;
use crate::pages::well_formed;

async fn written(desk: &mut Desk, form: &[(&str, &str)], draft: &str) -> Page {
    desk.post(&format!("/drafts/{draft}/comments"), form).await
}

#[tokio::test]
async fn a_comment_stands_beside_its_field_is_answered_and_done_with() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let form = [("title", "Night school"), ("original_language", "en")];
    let edit = amina.post("/practices/new", &form).await.location().expect("the form");
    let path = edit.split('?').next().expect("a path").to_owned();
    let draft = path.split('/').nth(2).expect("an id").to_owned();
    let comments = format!("/drafts/{draft}/comments");
    let page = amina.get(&comments).await;
    well_formed("comments", &page);
    assert!(page.says("Nobody has commented yet.") && page.says("They are not published"));

    let nothing = written(&mut amina, &[("field", ""), ("text", "Since <when>?")], &draft).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(nothing.attributes(".errors a", "href"), ["#field"]);
    assert!(nothing.says("Since <when>?"), "what was typed comes back");
    let form = [("field", "results"), ("lang", "en"), ("quote", "<gone>"), ("text", "<When>?")];
    let done = written(&mut amina, &form, &draft).await;
    let place = done.location().expect("the list");
    let id = place.split("#comment-").nth(1).expect("the comment").to_owned();
    let answer = [("comment", id.as_str()), ("answer", "In <2024>")];
    let answered = written(&mut amina, &answer, &draft).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    let empty = written(&mut amina, &[("comment", &id), ("answer", "")], &draft).await;
    let wrong = format!("#answer-{id}");
    assert_eq!(empty.attributes(".errors a", "href"), [wrong.as_str()]);
    well_formed("an answer that says nothing", &empty);

    // Beside its field, with its answer, in the form and on its page.
    for path in [&path, &comments] {
        let page = amina.get(path).await;
        well_formed(path, &page);
        assert!(page.says("<When>?") && page.says("In <2024>"), "{path}");
        assert!(page.says("These words were changed since."), "{path}");
        assert!(page.says("Registry <of> Towns"), "{path}");
    }
    let sign = amina.get(&path.replace("/edit", "/sign")).await;
    assert!(sign.says("Comments are not published. 1 of them is still open."));
    let resolve = format!("{comments}/{id}/resolve");
    assert_eq!(amina.post(&resolve, &[]).await.location(), Some(comments.clone()));
    assert!(amina.get(&comments).await.says("Open it again"));
    assert!(!amina.get(&path).await.says("<When>?"), "what is done with leaves the form");
    let sign = amina.get(&path.replace("/edit", "/sign")).await;
    assert!(!sign.says("Comments are not published."));
    amina.post(&resolve, &[("again", "yes")]).await;
    assert!(amina.get(&path).await.says("<When>?"));
}
