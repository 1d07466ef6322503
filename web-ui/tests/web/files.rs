//! Files beside a practice: what is here is given, what is not can be asked for.

use axum::http::{Request, StatusCode, header};

use crate::desk::Desk;
use crate::fake::{Fake, files};
use crate::pages::well_formed;

const PRACTICE: &str = "/practices/tern1p14hq7";
const LACKING: &str = "/files/00c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18";

#[tokio::test]
async fn a_practice_says_which_of_its_files_are_here_and_what_fetching_others_takes() {
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(PRACTICE).await;
    let here = [files::HERE, files::PICTURE].map(|hash| format!("/files/{hash}"));
    assert_eq!(page.attributes(".files a[download]", "href"), here);
    assert!(page.says("To fetch it takes about 6.7 MB and 4 minutes"), "{}", page.text);
    assert!(page.says("that costs about 56.95 USD"));
    assert!(page.attributes(".files form", "action").is_empty(), "a guest spends no money");
    let refused = guest.post(&format!("{LACKING}/fetch"), &[("practice", "tern1p14hq7")]).await;
    assert!(
        !refused.status.is_success()
            && refused.location().is_none_or(|to| to.starts_with("/sign-in"))
    );
    assert!(guest.get(PRACTICE).await.attributes(".files progress", "value").is_empty());

    let mut amina = guest.signed_in("amina").await;
    assert_eq!(
        amina.get(PRACTICE).await.attributes(".files form", "action"),
        [format!("{LACKING}/fetch")]
    );
    let asked = amina.post(&format!("{LACKING}/fetch"), &[("practice", "tern1p14hq7")]).await;
    assert_eq!(asked.location().as_deref(), Some("/practices/tern1p14hq7#files"));
    for lang in ["en", "en-XA", "ar-XB"] {
        amina.lang = lang;
        let page = amina.get(PRACTICE).await;
        well_formed(PRACTICE, &page);
        assert_eq!(page.attributes(".files progress", "value"), ["1200000"]);
        assert_eq!(page.attributes("[data-again]", "data-again"), ["3"]);
    }
    amina.lang = "en";
    assert!(amina.get(PRACTICE).await.says("1.2 MB of 6.2 MB are here"));
}

#[tokio::test]
async fn a_small_picture_is_shown_as_one_and_nothing_else_is() {
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(PRACTICE).await;
    let shown = format!("/files/{}/picture", files::PICTURE);
    assert_eq!(page.attributes(".files img", "src"), std::slice::from_ref(&shown));
    assert_eq!(page.attributes(".files img", "alt"), ["The counter <of> the desk"]);
    for (name, value) in [("loading", "lazy"), ("width", "640"), ("height", "480")] {
        assert_eq!(page.attributes(".files img", name), [value]);
    }
    let picture = guest.get(&shown).await;
    assert_eq!(picture.status, StatusCode::OK);
    let told = |name: &str| picture.headers.get(name).map(|told| told.to_str().expect("ASCII"));
    assert_eq!(told("content-type"), Some("image/png"));
    assert_eq!(told("x-content-type-options"), Some("nosniff"));
    assert!(told("content-security-policy").is_some_and(|policy| policy.starts_with("sandbox")));
    assert_eq!(told("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(told("content-disposition"), None);
    for other in [files::HERE, files::MARKUP] {
        let page = guest.get(&format!("/files/{other}/picture")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{other}");
        let page = guest.get(&format!("/files/{other}")).await;
        let disposition = page.headers[header::CONTENT_DISPOSITION].to_str().expect("ASCII");
        assert!(disposition.starts_with("attachment"), "{other}");
    }
}

#[tokio::test]
async fn a_download_is_an_attachment_without_rights_and_may_be_kept_for_ever() {
    let mut guest = Desk::at(Fake::new());
    let path = format!("/files/{}", files::HERE);
    let page = guest.get(&path).await;
    assert_eq!((page.status, page.text.as_bytes()), (StatusCode::OK, files::BYTES));
    let told = |name: header::HeaderName| page.headers[name].to_str().expect("ASCII").to_owned();
    assert_eq!(
        told(header::CONTENT_DISPOSITION),
        "attachment; filename*=UTF-8''%C3%A9tude%20%22finale%22%0D%0AX%3A%20y.pdf"
    );
    assert!(told(header::CONTENT_SECURITY_POLICY).starts_with("sandbox; default-src 'none'"));
    assert!(told(header::CACHE_CONTROL).contains("immutable"));
    assert_eq!(told(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(told(header::ETAG), format!("\"{}\"", files::HERE));
    assert_eq!(guest.get(LACKING).await.status, StatusCode::NOT_FOUND);
    assert_eq!(guest.get("/files/..%2f..%2fkeys").await.status, StatusCode::NOT_FOUND);

    let ask = |name: header::HeaderName, value: &str| Request::get(&path).header(name, value);
    let part = guest.send(ask(header::RANGE, "bytes=5-11"), String::new()).await;
    assert_eq!(
        (part.status, part.text.as_bytes()),
        (StatusCode::PARTIAL_CONTENT, &files::BYTES[5..12])
    );
    assert_eq!(part.headers[header::CONTENT_RANGE], "bytes 5-11/25");
    let beyond = guest.send(ask(header::RANGE, "bytes=25-"), String::new()).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    let tag = format!("\"{}\"", files::HERE);
    let known = guest.send(ask(header::IF_NONE_MATCH, &tag), String::new()).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}
