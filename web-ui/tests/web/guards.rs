//! What keeps strangers out: other sites, other hosts, guessed passwords.

use crate::desk::{Desk, HOST};
use crate::fake::{CODE, Fake, PASSWORD};
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn a_form_of_another_site_is_refused_with_a_page() {
    let mut desk = Desk::at(Fake::new()).signed_in("amina").await;
    for origin in ["https://attacker.example", "null", "http://127.0.0.1:9999"] {
        let page = desk.post_from(origin, "/practices/new", &[("title", "x")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(page.texts("h1"), ["This is not open to you"]);
    }
    let request = Request::post("/practices/new").header("sec-fetch-site", "cross-site");
    assert_eq!(desk.send(request, String::new()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.get("/drafts").await.texts(".list li"), Vec::<String>::new());
}

#[tokio::test]
async fn a_rebound_name_reaches_no_page() {
    let mut desk = Desk::at(Fake::new());
    for host in ["attacker.example", "attacker.example:8490", "192.0.2.7:8490"] {
        for path in ["/", "/api/v1/practices", "/setup"] {
            let request = Request::get(path).header(header::HOST, host);
            let page = desk.send(request, String::new()).await;
            assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
            assert!(!page.text.contains("Pre-departure"), "{host}{path}");
        }
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:8490"] {
        let request = Request::get("/").header(header::HOST, host);
        assert_eq!(desk.send(request, String::new()).await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn every_answer_allows_the_browser_next_to_nothing() {
    let mut desk = Desk::at(Fake::new());
    for path in ["/", "/nowhere", "/api/v1/practices", "/api/v1/practices/tern1nothere", "/healthz"]
    {
        let page = desk.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(page.headers[name], value, "{path}");
        }
        assert!(page.headers.contains_key("permissions-policy"), "{path}");
    }
}

#[tokio::test]
async fn the_sixth_wrong_password_waits_even_when_the_seventh_is_right() {
    let mut desk = Desk::at(Fake::new());
    for name in ["amina", "nobody-at-all"] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            let page = desk.post("/sign-in", &[("name", name), ("password", "wrong")]).await;
            answers.push((page.status, page.texts(".errors li")));
        }
        let wrong = "Name and password do not fit together. Try again".to_owned();
        assert!(
            answers
                .iter()
                .all(|answer| *answer == (StatusCode::UNPROCESSABLE_ENTITY, vec![wrong.clone()])),
            "{name}: {answers:?}"
        );
        let page = desk.post("/sign-in", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        let wait: u64 =
            page.headers["retry-after"].to_str().expect("ASCII").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(page.says("Try again in 1 minute"), "{name}");
    }
    let page = desk.beside().post("/sign-in", &[("name", "bikash"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "others are not held up");
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_signing_out_ends_it() {
    let desk = Desk::at(Fake::new()).signed_in("amina").await;
    let first = desk.cookie("tern-8490").expect("a session").to_owned();
    assert_eq!(first.len(), 64);
    let mut desk = desk.signed_in("amina").await;
    let second = desk.cookie("tern-8490").expect("a session").to_owned();
    assert_ne!(first, second);
    let old = Request::get("/account").header(header::COOKIE, format!("tern-8490={first}"));
    assert_eq!(desk.beside().send(old, String::new()).await.status, StatusCode::SEE_OTHER);

    let out = desk.post("/sign-out", &[]).await;
    assert_eq!(out.location().as_deref(), Some("/"));
    let cookie = out.headers["set-cookie"].to_str().expect("ASCII");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let stolen = Request::get("/account").header(header::COOKIE, format!("tern-8490={second}"));
    assert_eq!(desk.beside().send(stolen, String::new()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_guest_is_led_to_sign_in_and_back_but_never_to_another_site() {
    let mut desk = Desk::at(Fake::new());
    let page = desk.get("/drafts?x=1").await;
    assert_eq!(page.location().as_deref(), Some("/sign-in?next=%2Fdrafts%3Fx%3D1"));
    let form = [("name", "amina"), ("password", PASSWORD), ("next", "/drafts?x=1")];
    assert_eq!(desk.post("/sign-in", &form).await.location().as_deref(), Some("/drafts?x=1"));
    for away in ["//attacker.example", "https://attacker.example", "/\\attacker.example"] {
        let form = [("name", "amina"), ("password", PASSWORD), ("next", away)];
        assert_eq!(desk.post("/sign-in", &form).await.location().as_deref(), Some("/"), "{away}");
    }
    let page = Desk::at(Fake::new()).post("/drafts/tern1d0/edit", &[("title", "kept")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.says("Sign in in another tab"), "what was typed is not lost");
}

#[tokio::test]
async fn a_one_time_link_works_once_and_a_browser_looking_ahead_does_not_spend_it() {
    let mut desk = Desk::at(Fake::new());
    let ahead = Request::get("/sign-in/link/once").header("sec-purpose", "prefetch");
    assert_eq!(desk.send(ahead, String::new()).await.status, StatusCode::NO_CONTENT);
    let head = Request::head("/sign-in/link/once");
    assert_eq!(desk.send(head, String::new()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("/sign-in/link/once").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.get("/account").await.status, StatusCode::OK);
    let mut other = desk.beside();
    assert_eq!(other.get("/sign-in/link/once").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn set_up_needs_the_code_and_is_gone_afterwards() {
    let mut desk = Desk::at(Fake::fresh());
    let form = |code: &'static str| {
        vec![
            ("code", code),
            ("organisation", "Ministry of Labour"),
            ("person", "Hawa Mahamat"),
            ("account", "hawa"),
            ("password", PASSWORD),
            ("start", "found"),
        ]
    };
    for _ in 0..5 {
        let page = desk.post("/setup", &form("guess")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.attributes(".errors a", "href"), ["#code"]);
    }
    let page = desk.post("/setup", &form(CODE)).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "guessing has a price");

    let mut desk = Desk::at(Fake::fresh());
    let page = desk.post("/setup", &[("code", CODE)]).await;
    assert_eq!(page.texts(".errors li").len(), 4, "what is missing is named");
    let page = desk.post("/setup", &form(CODE)).await;
    assert_eq!(page.location().as_deref(), Some("/"));
    assert!(desk.get("/account").await.says("Hawa Mahamat"), "the first account is signed in");
    assert_eq!(desk.get("/setup").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post("/setup", &form(CODE)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_language_is_chosen_by_account_then_cookie_then_browser() {
    let mut desk = Desk::at(Fake::new());
    let lang = |page: crate::desk::Page| page.attributes("html", "lang").concat();
    desk.lang = "fr, ar-XB;q=0.8, en;q=0.5";
    assert_eq!(lang(desk.get("/").await), "ar-XB");
    let switched = desk.get("/practices?q=a&lang=en-XA&kind=tool").await;
    assert_eq!(switched.location().as_deref(), Some("/practices?q=a&kind=tool"));
    assert_eq!(lang(desk.get("/").await), "en-XA");
    let away = Request::get("//attacker.example/?lang=en").header(header::HOST, HOST);
    let page = desk.send(away, String::new()).await;
    assert_ne!(page.location().as_deref(), Some("//attacker.example/"));
    let mut desk = desk.signed_in("amina").await;
    desk.post("/account", &[("display", "Amina Saleh"), ("lang", "en")]).await;
    assert_eq!(lang(desk.get("/").await), "en");
}
