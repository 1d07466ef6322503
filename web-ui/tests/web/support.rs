//! Experts and requests, as those who ask and those who are asked meet them.

use crate::desk::{Desk, Page};
use crate::fake::board::{OTHERS, OURS};
use crate::fake::reviews::SEALED;
use crate::fake::{Fake, PASSPHRASE, ROSA};
use crate::pages::well_formed;
use axum::http::StatusCode;

const CENTRE: &str = "/requests/tern1rcentre9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const PAPERS: &str = "/requests/tern1rpapers9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const LEAFLET: &str = "/requests/tern1rleaflet9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const CONTRACT: &str = "/requests/tern1rcontract9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const HERDERS: &str = "/requests/tern1rherders9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const HOTLINE: &str = "/requests/tern1rhotline9dvt2mxakp3e7rs5w8ylj4c6h0fzn";

/// What opens the key of whoever has locked it.
const SIGNED: (&str, &str) = ("passphrase", PASSPHRASE);

async fn at(person: &str) -> Desk {
    Desk::at(Fake::new()).signed_in(person).await
}

/// A form as it stands, with some fields typed anew.
fn retyped(page: &Page, action: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = page.form(action);
    for (name, _) in typed {
        form.retain(|(known, _)| known != name);
    }
    form.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    form
}

async fn send(desk: &mut Desk, path: &str, form: &[(String, String)]) -> Page {
    let pairs: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let page = desk.post(path, &pairs).await;
    if page.status != StatusCode::SEE_OTHER {
        well_formed(path, &page);
    }
    page
}

fn need() -> String {
    "Four agencies will share a desk, and none of us has run one before. ".repeat(6)
}

#[tokio::test]
async fn a_guest_is_led_to_sign_in_and_a_program_is_told() {
    let mut guest = Desk::at(Fake::new());
    for path in [
        "/experts",
        "/experts/card",
        "/experts/tern1ca1",
        "/requests",
        "/inbox",
        "/requests/new",
        "/requests/board",
        CENTRE,
    ] {
        let page = guest.get(path).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(page.location().is_some_and(|to| to.starts_with("/sign-in?next=")), "{path}");
    }
    for path in ["/api/v1/experts", "/api/v1/requests", "/events"] {
        assert_eq!(guest.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(!guest.get("/").await.attributes("nav a", "href").contains(&"/requests".to_owned()));
}

#[tokio::test]
async fn every_page_of_a_request_is_whole_for_those_who_may_see_it() {
    for lang in ["en", "en-XA", "ar-XB"] {
        let mut amina = at("amina").await;
        amina.lang = lang;
        for path in [
            CENTRE.to_owned(),
            format!("{CENTRE}/award"),
            format!("{CENTRE}/offer"),
            format!("{CENTRE}/withdraw"),
            format!("{CENTRE}/reply"),
            format!("{CENTRE}/receipt"),
            HERDERS.to_owned(),
            format!("{HERDERS}/escalate"),
            format!("{HERDERS}/offer"),
            format!("{HERDERS}/board"),
            "/requests/board".to_owned(),
            format!("/requests/board/{OURS}"),
            format!("{PAPERS}/dispute"),
            PAPERS.to_owned(),
            format!("{PAPERS}/confirm"),
            format!("{PAPERS}/close"),
        ] {
            let page = amina.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            well_formed(&path, &page);
        }
        let mut rosa = at("rosa").await;
        rosa.lang = lang;
        for path in [
            LEAFLET.to_owned(),
            format!("{LEAFLET}/accept"),
            format!("{LEAFLET}/decline"),
            format!("{LEAFLET}/question"),
            format!("/requests/board/{OTHERS}"),
            format!("{LEAFLET}/refer"),
            format!("{CONTRACT}/progress"),
            format!("{CONTRACT}/answer"),
            HOTLINE.to_owned(),
            "/experts/card/pause".to_owned(),
            "/experts/card/remove".to_owned(),
            format!("/experts/{ROSA}"),
        ] {
            let page = rosa.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            well_formed(&path, &page);
        }
    }
    let mut gita = at("gita").await;
    assert_eq!(gita.get(CENTRE).await.status, StatusCode::NOT_FOUND, "a stranger learns nothing");
    assert_eq!(gita.get(&format!("{CENTRE}/frobnicate")).await.status, StatusCode::NOT_FOUND);
    assert!(gita.get("/requests").await.says("may not ask for support"));
    assert!(gita.get("/inbox").await.says("Fill one in to be found"));
}

#[tokio::test]
async fn the_institute_asks_in_three_steps_and_nothing_typed_is_lost() {
    let mut amina = at("amina").await;
    let page = amina.get("/requests/new").await;
    let hostile = "<script>alert(1)</script> \"quoted\" & more";
    let typed = [
        ("title", hostile),
        ("need", "Too short."),
        ("duration", "three half days"),
        ("budget.note", "a small fund"),
        ("step", "choose"),
    ];
    let page = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &typed)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#need", "#objectives"]);
    assert_eq!(page.attributes("#title", "value"), [hostile], "what was typed is still there");
    assert_eq!(page.attributes("#duration", "value"), ["three half days"]);
    assert!(!page.text.contains("<script>alert"), "and is text, not markup");

    let need = need();
    let typed = [("need", need.as_str()), ("objectives", "21"), ("step", "choose")];
    let page = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &typed)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Practical skills assessment for returning care workers"), "read first");
    assert_eq!(page.attributes("input[name=chosen][checked]", "value").len(), 3);
    assert!(page.says("answers in English") && page.says("15 of 15"), "a score is explained");
    assert!(page.says("cannot answer in a language you chose"));
    assert!(page.says("The first who accepts gets it by itself"));

    let nobody: Vec<_> = retyped(&page, "/requests/new", &[("step", "check")])
        .into_iter()
        .filter(|(name, _)| name != "chosen")
        .collect();
    let again = send(&mut amina, "/requests/new", &nobody).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.attributes(".errors a", "href"), ["#chosen"]);

    let form = retyped(&page, "/requests/new", &[("step", "check"), ("award", "manual")]);
    let page = send(&mut amina, "/requests/new", &form).await;
    assert!(page.says("You choose among those who accept."));
    assert!(page.says("Every other node that carries it cannot read a word of it"));
    assert!(page.says("your own desk") && page.says("three half days"));

    let back =
        send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &[("step", "form")]))
            .await;
    assert_eq!(back.attributes("#title", "value"), [hostile], "every step can be gone back from");

    let form =
        retyped(&page, "/requests/new", &[("step", "send"), ("passphrase", "not-it-at-all")]);
    let page = send(&mut amina, "/requests/new", &form).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#promise-ask"]);
    let promised = [("step", "send"), ("promise-ask", "yes"), ("passphrase", "not-it-at-all")];
    let page = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &promised)).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#passphrase"]);
    assert!(!page.text.contains("not-it-at-all"), "a passphrase is not sent back");
    let right = [("step", "send"), ("promise-ask", "yes"), ("passphrase", PASSPHRASE)];
    let form = retyped(&page, "/requests/new", &right);
    let first = send(&mut amina, "/requests/new", &form).await.location().expect("sent");
    let second = send(&mut amina, "/requests/new", &form).await.location().expect("sent");
    assert_eq!(first, second, "a form sent twice is one request");
    let page = amina.get(&first).await;
    assert_eq!(page.texts("h1"), [hostile]);
    assert!(!page.text.contains("<script>alert"));
    assert!(page.says("Sent. It leaves this node with the next exchange"));
    assert!(page.says("Nothing waits for you now"));
    assert!(page.texts("main .btn.main").is_empty(), "nothing asks to be pressed");
    assert!(!amina.get("/requests").await.text.contains("<script>alert"));
}

#[tokio::test]
async fn a_translation_is_asked_for_from_the_practice_and_the_form_is_filled_in() {
    let mut amina = at("amina").await;
    let page = amina.get(&format!("/practices/{SEALED}")).await;
    let form = "form[action='/requests/new']";
    assert_eq!(page.attributes(&format!("{form} input[name=translate]"), "value"), [SEALED]);
    let offered = page.attributes(&format!("{form} option"), "value");
    assert!(offered.contains(&"fr".to_owned()), "what is out of date is asked for anew");
    assert!(!offered.contains(&"en".to_owned()), "not what it is written in");
    let begin = format!("/requests/new?translate={SEALED}&into=es");
    let page = amina.get(&begin).await;
    well_formed(&begin, &page);
    assert_eq!(page.texts("#translate-title"), ["To be translated"]);
    let filled = page.form("/requests/new");
    let value =
        |name: &str| filled.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert!(value("title").is_some_and(|title| title.starts_with("Translate into ")));
    assert!(value("need").is_some_and(|need| (300..3_000).contains(&need.chars().count())));
    let marked = |(_, value): &(String, String)| value.contains(['\u{2068}', '\u{2069}']);
    assert!(!filled.iter().any(marked), "what will be signed has no marks of the page");
    assert_eq!(value("languages_out").as_deref(), Some("es"));
    assert_eq!(value("translate.language").as_deref(), Some("es"));
    assert_eq!(value("translate.practice").as_deref(), Some(SEALED));
    assert_eq!(
        amina.get("/requests/new?translate=nothing&into=es").await.status,
        StatusCode::NOT_FOUND
    );
    let unknown = format!("/requests/new?translate={SEALED}&into=zz-none");
    assert_eq!(amina.get(&unknown).await.status, StatusCode::NOT_FOUND);

    // It stays through every step, and what is sent names it.
    let typed = [("step", "choose"), ("objectives", "21")];
    let page = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &typed)).await;
    assert_eq!(page.status, StatusCode::OK);
    let checked = retyped(&page, "/requests/new", &[("step", "check")]);
    let page = send(&mut amina, "/requests/new", &checked).await;
    assert_eq!(page.texts("#translate-title").len(), 1, "it is checked before it is sent");
    let right = [("step", "send"), ("promise-ask", "yes"), SIGNED];
    let sent = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &right)).await;
    let page = amina.get(&sent.location().expect("sent")).await;
    well_formed("a request for a translation", &page);
    assert_eq!(page.texts("#translate-title"), ["To be translated"]);
    let edition = value("translate.edition").expect("an edition");
    let link = format!("/practices/{SEALED}/editions/{edition}");
    assert!(page.attributes("#translate a", "href").contains(&link));
}

#[tokio::test]
async fn the_page_of_a_request_says_who_holds_it_since_when_and_by_which_path() {
    let mut amina = at("amina").await;
    assert_eq!(amina.get("/").await.texts("#nav-count .count"), ["3"]);
    let page = amina.get(CENTRE).await;
    for sentence in [
        "Carried by Riverside Hotline",
        "Opened at Civil Registry Service",
        "Skills Recognition Centre is not reachable since",
        "An acceptance, said to be from Riverside Hotline",
        "Its key was revoked before this was signed",
        "Aïchatou Moussa, Civil Registry Service accepted",
        "No time",
        "Practical skills assessment for returning care workers",
    ] {
        assert!(page.says(sentence), "{sentence}");
    }
    assert!(!page.text.to_lowercase().contains("ignored"));
    let page = amina.get(PAPERS).await;
    let links = page.attributes("#answer ~ ul a, section[aria-labelledby=answer] a", "href");
    assert_eq!(links, ["/practices/tern1p24hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn2"]);
    assert!(page.says("Not on this node yet"));
}

#[tokio::test]
async fn more_experts_are_asked_and_those_who_were_are_not_offered_again() {
    let mut amina = at("amina").await;
    let offer = format!("{CENTRE}/offer");
    let asked = amina.get(CENTRE).await;
    let page = amina.get(&offer).await;
    let others = page.attributes("input[name=experts]", "value");
    assert!(!others.is_empty());
    let page = send(&mut amina, &offer, &retyped(&page, &offer, &[])).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#experts"]);
    let typed = [("experts", others[0].as_str()), ("passphrase", PASSPHRASE)];
    let form = retyped(&page, &offer, &typed);
    assert_eq!(send(&mut amina, &offer, &form).await.location().as_deref(), Some(CENTRE));
    let page = amina.get(CENTRE).await;
    assert!(page.says("Sent to") && !asked.says("Sent to"));
    let left = amina.get(&offer).await.attributes("input[name=experts]", "value");
    assert_eq!(left, others[1..]);
}

#[tokio::test]
async fn the_institute_chooses_confirms_and_closes() {
    let mut amina = at("amina").await;
    let award = format!("{CENTRE}/award");
    let page = amina.get(CENTRE).await;
    assert!(page.says("It is your turn"));
    assert_eq!(page.attributes("main .btn.main", "href"), [award.as_str()]);
    let page = amina.get(&award).await;
    let form = retyped(&page, &award, &[("passphrase", PASSPHRASE)]);
    assert_eq!(send(&mut amina, &award, &form).await.location().as_deref(), Some(CENTRE));
    assert!(amina.get(CENTRE).await.says("Amina Saleh, Example Labour Institute chose"));
    let late = send(&mut amina, &award, &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "what was done is not done again");
    assert_eq!(amina.get(&award).await.location().as_deref(), Some(CENTRE));

    let confirm = format!("{PAPERS}/confirm");
    let form = retyped(&amina.get(&confirm).await, &confirm, &[("passphrase", PASSPHRASE)]);
    assert!(send(&mut amina, &confirm, &form).await.location().is_some());
    let close = format!("{PAPERS}/close");
    let page = amina.get(&close).await;
    let page = send(&mut amina, &close, &retyped(&page, &close, &[("comment", "Thank you")])).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#outcome"]);
    assert_eq!(page.texts("#comment"), ["Thank you"]);
    let typed = [("outcome", "partly"), ("rating", "3"), ("passphrase", PASSPHRASE)];
    let form = retyped(&page, &close, &typed);
    assert!(send(&mut amina, &close, &form).await.location().is_some());
    let page = amina.get(PAPERS).await;
    assert!(page.says("Partly met") && page.says("Useful") && page.says("Thank you"));
}

#[tokio::test]
async fn rosa_accepts_declines_answers_and_is_thanked() {
    let mut rosa = at("rosa").await;
    let page = rosa.get("/inbox").await;
    assert_eq!(page.texts(".list h3").len(), 3);
    assert!(page.says("Waits for you"));
    let page = rosa.get(HOTLINE).await;
    assert!(page.says(
        "Civil Registry Service chose another expert; thank you – nothing more is asked of you."
    ));

    let decline = format!("{LEAFLET}/decline");
    let page = rosa.get(&decline).await;
    let page =
        send(&mut rosa, &decline, &retyped(&page, &decline, &[("note", "Away in May")])).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    assert_eq!(page.texts("#note"), ["Away in May"]);
    let accept = format!("{LEAFLET}/accept");
    let form = retyped(&rosa.get(&accept).await, &accept, &[("note", "Gladly")]);
    assert!(send(&mut rosa, &accept, &form).await.location().is_some());
    assert!(rosa.get(LEAFLET).await.says("Gladly"));

    let answer = format!("{CONTRACT}/answer");
    let page = rosa.get(&answer).await;
    let typed = [("text", "Read it aloud."), ("find", "teams"), ("then", "search")];
    let page = send(&mut rosa, &answer, &retyped(&page, &answer, &typed)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.texts("#text"), ["Read it aloud."], "searching loses nothing");
    let found = page.attributes("input[name=practices]", "value");
    assert_eq!(found, ["tern1p24hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn2"]);
    let typed = [("practices", found[0].as_str()), ("more", "nonsense")];
    let page = send(&mut rosa, &answer, &retyped(&page, &answer, &typed)).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#practices"]);
    assert_eq!(page.attributes("input[name=practices][checked]", "value"), found);
    let form = retyped(&page, &answer, &[("more", "")]);
    assert!(send(&mut rosa, &answer, &form).await.location().is_some());
    let page = rosa.get(CONTRACT).await;
    assert!(page.says("Read it aloud.") && page.says("Mobile teams that register births"));
}

#[tokio::test]
async fn a_card_is_checked_signed_paused_listed_and_removed() {
    let mut rosa = at("rosa").await;
    let page = rosa.get("/experts/card").await;
    let mut form = retyped(&page, "/experts/card", &[("name", "<b>Rosa</b>"), ("step", "check")]);
    form.retain(|(name, _)| name != "objectives");
    let page = send(&mut rosa, "/experts/card", &form).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#objectives"]);
    assert_eq!(page.attributes("#name", "value"), ["<b>Rosa</b>"]);
    let typed = [("objectives", "23"), ("hours", "seven"), ("step", "check")];
    let page = send(&mut rosa, "/experts/card", &retyped(&page, "/experts/card", &typed)).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#hours"], "a number is a number");
    let form = retyped(&page, "/experts/card", &[("hours", "7"), ("step", "check")]);
    let page = send(&mut rosa, "/experts/card", &form).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("<b>Rosa</b>") && page.says("23"));
    let form = retyped(&page, "/experts/card", &[("step", "sign")]);
    assert!(send(&mut rosa, "/experts/card", &form).await.location().is_some());
    assert!(rosa.get("/experts?objective=23").await.says("Rosa Quispe"));
    for (act, then) in [("pause", "No experts"), ("list", "1 expert"), ("remove", "No experts")] {
        let path = format!("/experts/card/{act}");
        assert!(send(&mut rosa, &path, &[]).await.location().is_some(), "{act}");
        assert!(rosa.get("/experts?objective=23").await.says(then), "{act}");
    }
    let mut gita = at("gita").await;
    let page = gita.post("/experts/card/pause", &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(gita.get("/experts/card").await.says("Only people with the role expert"));
}

#[tokio::test]
async fn a_lone_node_says_how_experts_and_requests_begin() {
    let mut amina = Desk::at(Fake::empty()).signed_in("amina").await;
    assert!(amina.get("/experts").await.says("No expert card has reached this node yet"));
    assert!(amina.get("/requests").await.says("Nothing asked yet"));
    assert!(amina.get("/inbox").await.says("Nothing is asked of you"));
    let page = amina.get("/requests/new").await;
    let need = need();
    let typed = [
        ("title", "A shared desk for returning workers"),
        ("need", need.as_str()),
        ("objectives", "21"),
        ("step", "choose"),
    ];
    let page = send(&mut amina, "/requests/new", &retyped(&page, "/requests/new", &typed)).await;
    assert!(page.says("No expert on this node’s list fits."));
}

#[tokio::test]
async fn a_page_that_is_open_hears_of_a_change_and_of_nothing_after_sign_out() {
    let mut rosa = at("rosa").await;
    let mut heard = rosa.listen("/events", None).await;
    let accept = format!("{LEAFLET}/accept");
    rosa.post(&accept, &[]).await;
    let told = heard.next().await.expect("an event");
    assert!(told.contains("event: change\n") && told.contains("id: 1\n"), "{told}");
    let id = LEAFLET.trim_start_matches("/requests/");
    let data = told.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("a document");
    assert_eq!(data, serde_json::json!({ "topic": "request", "id": id }));

    let mut back = rosa.listen("/events", Some("1")).await;
    let told = back.next().await.expect("an event");
    assert!(told.contains("\"topic\":\"anything\""), "who was away is told to load once: {told}");

    let mut other = rosa.beside().signed_in("rosa").await;
    rosa.post("/sign-out", &[]).await;
    other.post("/experts/card/pause", &[]).await;
    assert_eq!(back.next().await, None, "a stream ends with its session");
}

#[tokio::test]
async fn the_script_is_small_kept_for_ever_and_only_where_something_is_live() {
    let mut amina = at("amina").await;
    let page = amina.get(CENTRE).await;
    assert_eq!(
        page.attributes("main [data-live]", "data-live"),
        [CENTRE.replace("/requests/", "request:")]
    );
    let script = page.attributes("script", "src");
    let script = amina.get(&script[0]).await;
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert!(script.compressed() <= 6 * 1024);
    for path in ["/requests/new", "/experts/card", "/help"] {
        let page = amina.get(path).await;
        assert!(page.attributes("script", "src").is_empty(), "{path}: a form is never replaced");
        assert!(page.attributes("[data-live]", "data-live").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn programs_read_experts_and_requests_in_the_shape_of_the_command_line() {
    let mut amina = at("amina").await;
    let read = |page: &Page| serde_json::from_str::<serde_json::Value>(&page.text).expect("JSON");
    let list = read(&amina.get("/api/v1/experts?limit=2").await);
    assert_eq!(
        (list["total"].as_u64(), list["items"].as_array().map(Vec::len)),
        (Some(5), Some(2))
    );
    let one = read(&amina.get(&format!("/api/v1/experts/{ROSA}")).await);
    assert_eq!(one["card"]["objectives"], serde_json::json!([3, 6]));
    let list = read(&amina.get("/api/v1/requests").await);
    assert_eq!(list["total"], 3);
    let one = read(&amina.get(&format!("/api/v1{CENTRE}")).await);
    assert_eq!(one["questions"][0]["text"], "How many people will work at the centre?");
    assert_eq!((&one["named"][0]["asked"], &one["step"]), (&false.into(), &"next".into()));
    for key in
        ["id", "state", "holder", "due", "title", "events", "candidates", "receipts", "answer"]
    {
        assert!(one.get(key).is_some(), "{key}");
    }
    assert_eq!(one["state"], "accepted");
    assert_eq!(one["receipts"][1]["stage"], "carried");
    assert_eq!(one["candidates"][0]["parts"]["languages"]["points"], 15);
    for path in ["/api/v1/requests?side=both", "/api/v1/experts?limit=0"] {
        let page = amina.get(path).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(page.headers["content-type"], "application/problem+json");
    }
    let mut gita = at("gita").await;
    assert_eq!(gita.get(&format!("/api/v1{CENTRE}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_has_a_locked_key_is_told_and_opens_what_waits() {
    let mut amina = at("amina").await;
    let inbox = amina.get("/inbox").await;
    assert!(inbox.attributes("main a", "href").contains(&"/requests/open".to_owned()));
    let wrong = amina.post("/requests/open", &[("passphrase", "not it")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("/requests/open", &wrong);
    let opened = amina.post("/requests/open", &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(opened.location().as_deref(), Some("/inbox"));
    let inbox = amina.get("/inbox").await;
    assert!(!inbox.attributes("main a", "href").contains(&"/requests/open".to_owned()));
    let mut rosa = at("rosa").await;
    let inbox = rosa.get("/inbox").await;
    assert!(!inbox.attributes("main a", "href").contains(&"/requests/open".to_owned()));
}

#[tokio::test]
async fn a_request_is_shown_as_codes_and_codes_are_pasted() {
    let mut amina = at("amina").await;
    let page = amina.get(CENTRE).await;
    assert!(page.attributes("form", "action").contains(&format!("{CENTRE}/codes")));
    let page = amina.post(&format!("{CENTRE}/codes"), &[]).await;
    well_formed("codes of a request", &page);
    assert!(page.says("It takes 2 codes") && page.says("Code 2 of 2"));
    assert_eq!(page.attributes(".qr svg", "version").len(), 2, "one picture for each");
    let missing = amina.post("/requests/tern1rnobody/codes", &[]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    let page = amina.get("/requests/codes").await;
    well_formed("codes to take in", &page);
    let page = amina.post("/requests/codes", &[("codes", "tern1tone")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    well_formed("codes of which one is missing", &page);
    assert!(page.says(crate::fake::MISSING));
    assert_eq!(page.attributes(".errors a", "href"), ["#codes"]);
    let page = amina.post("/requests/codes", &[("codes", "tern1tone tern1ttwo")]).await;
    well_formed("codes taken in", &page);
    assert!(page.says("From Upland <Labour> Office"), "names are told as they are");
    assert!(page.says("1 thing is new here. 2 were here already."));
    assert!(page.says("It names <nobody>."));
}

#[tokio::test]
async fn a_question_is_replied_to_and_whoever_was_named_is_asked() {
    let mut amina = at("amina").await;
    let page = amina.get(CENTRE).await;
    assert!(page.says("How many people will work at the centre?"));
    let link = page.attributes("a[href*='/reply?question=']", "href");
    let form = amina.get(&link[0]).await;
    assert!(form.says("How many people will work at the centre?"), "read where it is answered");
    let action = format!("{CENTRE}/reply");
    let empty = send(&mut amina, &action, &form.form(&action)).await;
    assert_eq!(empty.attributes(".errors a", "href"), ["#text"]);
    send(&mut amina, &action, &retyped(&empty, &action, &[("text", "Twelve at first."), SIGNED]))
        .await;
    let page = amina.get(CENTRE).await;
    assert!(page.says("Twelve at first."));
    assert!(page.attributes("a[href*='/reply?question=']", "href").is_empty());
    // The one who was named, from the page of the request itself.
    let offer = format!("{CENTRE}/offer");
    let link = page.attributes("a[href*='/offer?expert=']", "href");
    let form = amina.get(&link[0]).await;
    assert!(form.says("named by Rocío Vargas"));
    assert_eq!(form.attributes("input[name=experts][checked]", "value").len(), 1);
    send(&mut amina, &offer, &retyped(&form, &offer, &[SIGNED])).await;
    let page = amina.get(CENTRE).await;
    assert!(page.says("Sent to") && page.says("Was asked"));
}

#[tokio::test]
async fn an_answer_that_lacks_something_is_disputed_closed_and_followed_up() {
    let mut amina = at("amina").await;
    let dispute = format!("{PAPERS}/dispute");
    let form = amina.get(&dispute).await;
    assert!(form.says("Two people with a solar kit"), "the answer is read again");
    let empty = send(&mut amina, &dispute, &form.form(&dispute)).await;
    assert_eq!(empty.attributes(".errors a", "href"), ["#text"]);
    let typed = [("text", "It says nothing of what a kit costs."), SIGNED];
    send(&mut amina, &dispute, &retyped(&empty, &dispute, &typed)).await;
    let page = amina.get(PAPERS).await;
    assert!(page.says("Disputed") && page.says("what a kit costs"));
    let close = format!("{PAPERS}/close");
    let form = amina.get(&close).await;
    let typed = [("outcome", "partly"), ("later", "day")];
    let empty = send(&mut amina, &close, &retyped(&form, &close, &typed)).await;
    assert_eq!(empty.attributes(".errors a", "href"), ["#day"]);
    let typed = [("outcome", "partly"), ("later", "usual"), SIGNED];
    send(&mut amina, &close, &retyped(&form, &close, &typed)).await;
    let page = amina.get(PAPERS).await;
    assert!(page.says("What became of it is said on"));
    let follow_up = format!("{PAPERS}/follow-up");
    let form = amina.get(&follow_up).await;
    let typed = [("used", "partly"), ("note", "One route works with it."), SIGNED];
    send(&mut amina, &follow_up, &retyped(&form, &follow_up, &typed)).await;
    let page = amina.get(PAPERS).await;
    assert!(page.says("Part of it was used") && page.says("One route works with it."));
    let receipt = amina.get(&format!("{PAPERS}/receipt")).await;
    assert!(receipt.says("tern1rpapers9dvt2mxakp3e7rs5w8ylj4c6h0fzn"), "its number");
    assert!(receipt.says("Partly met") && !receipt.says(&need()), "and not what is sealed");
}

#[tokio::test]
async fn whoever_is_asked_asks_back_names_somebody_and_says_how_far_it_is() {
    let mut rosa = at("rosa").await;
    let question = format!("{LEAFLET}/question");
    let form = rosa.get(&question).await;
    let typed = [("text", "In which languages is it printed?")];
    send(&mut rosa, &question, &retyped(&form, &question, &typed)).await;
    let page = rosa.get(LEAFLET).await;
    assert!(page.says("In which languages is it printed?") && page.says("Waits for a reply"));
    let refer = format!("{LEAFLET}/refer");
    let form = rosa.get(&refer).await;
    let empty = send(&mut rosa, &refer, &form.form(&refer)).await;
    assert_eq!(empty.attributes(".errors a", "href"), ["#expert"]);
    let typed = [("other", "tern1ca1chatou9dvt2mxakp3e7rs5w8ylj4c6h")];
    send(&mut rosa, &refer, &retyped(&form, &refer, &typed)).await;
    let page = rosa.get(LEAFLET).await;
    assert!(page.says("Who was named") && page.says("Aïchatou Moussa"));
    assert!(page.attributes("input[name=experts]", "value").is_empty(), "the asker decides");
    let progress = format!("{CONTRACT}/progress");
    let form = rosa.get(&progress).await;
    send(&mut rosa, &progress, &retyped(&form, &progress, &[("text", "Half of it.")])).await;
    assert!(rosa.get(CONTRACT).await.says("reported progress"));
}

#[tokio::test]
async fn a_need_is_put_on_the_board_with_as_much_as_was_chosen() {
    let mut amina = at("amina").await;
    let page = amina.get(HERDERS).await;
    assert!(page.says("We gave such papers to two thousand families."));
    let post = format!("{HERDERS}/board");
    assert!(page.attributes("a", "href").contains(&post));
    let form = amina.get(&post).await;
    assert!(form.says("whoever examines the signed record can see which organisation posted it"));
    assert_eq!(form.attributes("#title", "value"), ["Papers for herders who cross borders"]);
    let short = send(&mut amina, &post, &retyped(&form, &post, &[("title", "Papers")])).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(short.attributes(".errors a", "href"), ["#title"]);
    let typed = [("title", "Papers for herders"), ("naming", "nothing"), SIGNED];
    let sent = send(&mut amina, &post, &retyped(&short, &post, &typed)).await;
    assert_eq!(sent.location().as_deref(), Some(HERDERS));
    let page = amina.get(HERDERS).await;
    assert!(page.attributes("a", "href").contains(&format!("/requests/board/{OURS}")));
    assert!(page.texts("[aria-current=step]").iter().any(|step| step.contains("On the board")));
    let down = format!("/requests/board/{OURS}");
    let form = amina.get(&down).await;
    let action = format!("{down}/down");
    let sent = send(&mut amina, &action, &retyped(&form, &action, &[SIGNED])).await;
    assert_eq!(sent.location().as_deref(), Some("/requests/board"));
}

#[tokio::test]
async fn whoever_can_help_finds_a_need_and_says_so() {
    let mut rosa = at("rosa").await;
    let page = rosa.get("/requests/board").await;
    assert!(page.says("2 needs") && page.says("A <shared> desk at a border town"));
    assert!(rosa.get("/requests/board?objective=4").await.says("1 need"));
    assert!(
        rosa.get("/requests/board?objective=9").await.says("Nothing is on the board that fits")
    );
    assert!(rosa.get("/requests/board?region=002").await.says("1 need"));
    let need = format!("/requests/board/{OTHERS}");
    let help = format!("{need}/help");
    let form = rosa.get(&need).await;
    let short = send(&mut rosa, &help, &retyped(&form, &help, &[("text", "Yes")])).await;
    assert_eq!(short.attributes(".errors a", "href"), ["#text"]);
    assert_eq!(short.texts("#text"), ["Yes"], "what was typed is still there");
    let typed = [("text", "We have run such a desk since 2019.")];
    let sent = send(&mut rosa, &help, &retyped(&short, &help, &typed)).await;
    assert_eq!(sent.location().as_deref(), Some("/requests/board"));
    let mut gita = at("gita").await;
    assert!(gita.get(&need).await.says("Fill yours in first"));
    assert_eq!(gita.get("/requests/board/tern1xnothing").await.status, StatusCode::NOT_FOUND);
}
