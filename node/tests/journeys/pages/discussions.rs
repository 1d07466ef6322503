//! Questions to the authors of a practice, a discussion that is opened, answered,
//! moderated and closed, and a comment on a draft, in a browser.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign_in};
use crate::practices::practice;
use crate::tern::{Desk, text};

async fn from_question_to_summary(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let desk = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = serve(&desk);
    let home = served.http();
    let id = desk.publish(&practice("One desk for those who return"));
    desk.ask(&["account", "add", "bina", "--person", "Bina Example", "--role", "contributor"]);
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &desk).await;
    browser.open(&format!("{home}/discussions")).await;
    browser.look("discussions-none").await;

    // Every practice has its own, which nobody opens.
    browser.open(&format!("{home}/practices/{id}")).await;
    let own = text(&desk.ask(&["discuss", "show", &id])["id"]);
    browser.follow(&format!("aside a[href='/discussions/{own}']")).await;
    browser.look("discussion-of-a-practice").await;
    browser.follow(&format!("a[href='/discussions/{own}/post']")).await;
    browser.follow("main form button.main").await;
    browser.text(".errors").await;
    browser.look("discussion-post-refused").await;
    browser.fill("#text", "Who keeps the *list* of desks?").await;
    browser.choose("#lang", "en").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    browser.text("article .prose em").await;

    // One is opened, with questions.
    browser.open(&format!("{home}/discussions")).await;
    browser.follow("main a[href='/discussions/new']").await;
    browser.look("discussion-open").await;
    browser.choose("#lang", "en").await;
    browser.fill("#title", "One desk, or many?").await;
    browser.fill("#question-1", "What did families ask first?").await;
    browser.fill("#question-2", "Who paid for it?").await;
    browser.press("input[name=objectives][value='21']").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    let path = browser.path().await;
    let discussion = path.trim_start_matches("/discussions/").to_owned();
    let fund =
        ["--as", "bina", "discuss", "post", &discussion, "The national fund.", "--question", "2"];
    let fund = text(&desk.ask(&fund)["post"]);
    let spam = ["--as", "bina", "discuss", "post", &discussion, "Cheap visas, today only"];
    let spam = text(&desk.ask(&spam)["post"]);
    browser.open(&format!("{home}{path}")).await;
    browser.follow(&format!("a[href='{path}/reply?post={fund}']")).await;
    browser.fill("#text", "Since when?").await;
    browser.choose("#lang", "en").await;
    browser.look("discussion-reply").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    browser.follow(&format!("a[href='{path}/translate?post={fund}']")).await;
    browser.choose("#lang", "ar").await;
    browser.press("input[name=made][value=human]").await;
    browser.fill("#text", "الصندوق الوطني").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;

    // Moderated: hidden, and open when asked for.
    browser.follow(&format!("a[href='{path}/advise?post={spam}']")).await;
    browser.press("input[name=advice][value=hide]").await;
    browser.press("input[name=reason][value=spam]").await;
    browser.look("discussion-moderate").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    browser.look("discussion").await;
    browser.press(&format!("article[id='{spam}'] details summary")).await;
    browser.look("discussion-shown-anyway").await;
    browser.follow(&format!("a[href='{path}/close']")).await;
    browser.fill("#text", "A fund pays everywhere; the desks differ.").await;
    browser.choose("#lang", "en").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    browser.look("discussion-closed").await;
    let told = desk.ask(&["discuss", "show", &discussion]);
    assert_eq!(
        (&told["state"], &told["items"].as_array().map(Vec::len)),
        (&"closed".into(), &Some(3))
    );

    // A report stays on this node, for its moderators.
    desk.ask(&["--as", "bina", "discuss", "report", &discussion, &spam, "--reason", "spam"]);
    browser.open(&format!("{home}/discussions/reports")).await;
    browser.look("reports").await;
    browser.follow("main li form button").await;
    browser.text(".note.done").await;

    // Comments on a draft: beside the field, and on a page of their own.
    let draft = desk.draft(&practice("Desks in the provinces"));
    browser.open(&format!("{home}/drafts/{draft}/comments?field=title&in=en")).await;
    browser.fill("#quote", "provinces").await;
    browser.fill("#text", "Or in the regions?").await;
    browser.follow("main form button.main").await;
    browser.text(".note.done").await;
    browser.look("comments").await;
    browser.open(&format!("{home}/drafts/{draft}/edit?in=en")).await;
    browser.text("form.form .note").await;
    browser.look("edit-with-a-comment").await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_question_to_a_summary() {
    from_question_to_summary(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_question_to_a_summary_from_right_to_left() {
    from_question_to_summary(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_question_to_a_summary_in_longer_words_without_scripts() {
    from_question_to_summary(LONGER).await;
}
