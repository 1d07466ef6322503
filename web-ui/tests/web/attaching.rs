//! Files of a draft, attached, described, replaced and removed in a browser.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::StreamExt;

use crate::desk::{BOUNDARY, Desk, Page, with_file};
use crate::fake::{Fake, files};
use crate::pages::well_formed;

/// A draft of Bikash's, and the page of its files.
async fn at_work() -> (Desk, String) {
    let mut bikash = Desk::at(Fake::new()).signed_in("bikash").await;
    let form = [("title", "Advice desks"), ("original_language", "en")];
    let edit = bikash.post("/practices/new", &form).await.location().expect("a draft");
    (bikash, edit.replace("/edit", "/files"))
}

async fn send(desk: &mut Desk, path: &str, at: &str, said: &[(&str, &str)], file: &[u8]) -> Page {
    let mut form = desk.get(at).await.form(path);
    for (name, value) in said {
        form.retain(|(known, _)| known != name);
        form.push(((*name).into(), (*value).into()));
    }
    desk.post_file(path, &form, Some(("report.pdf", file))).await
}

#[tokio::test]
async fn a_file_is_attached_described_replaced_removed_and_put_back() {
    let (mut bikash, list) = at_work().await;
    let said = [("alt", "The <counter>"), ("lang", "fr"), ("licence", "CC-BY-4.0")];
    let sent = send(&mut bikash, &list, &list, &said, b"%PDF-1.7 one").await;
    assert_eq!(sent.location(), Some(format!("{list}?in=en")), "{}", sent.text);
    for lang in ["ar-XB", "en-XA", "en"] {
        bikash.lang = lang;
        well_formed(&list, &bikash.get(&list).await);
    }
    let page = bikash.get(&list).await;
    for sentence in ["report.pdf", "application/pdf", "12 bytes", "Français", "The <counter>"] {
        assert!(page.says(sentence), "{sentence}: {}", page.text);
    }
    let edit = bikash.get(&list.replace("/files", "/edit")).await;
    assert!(edit.says("report.pdf · application/pdf · 12 bytes · Not on this node"));
    assert!(edit.attributes("aside a", "href").contains(&format!("{list}?in=en")));

    let one = page.attributes(".files a", "href")[0].split('?').next().expect("a path").to_owned();
    let texts = bikash.get(&one).await;
    well_formed(&one, &texts);
    let form = texts.form(&one);
    assert!(form.contains(&("licence".into(), "CC-BY-4.0".into())));
    let named = |name: &'static str| {
        let form = form.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        form.map(move |(key, value)| (key, if key == "name" { name } else { value }))
    };
    let refused = bikash.post(&one, &named("").collect::<Vec<_>>()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.attributes(".errors a", "href"), ["#name"]);
    let said = bikash.post(&one, &named("First year.pdf").collect::<Vec<_>>()).await;
    assert_eq!(said.location(), Some(format!("{list}?in=en")));
    assert!(bikash.get(&list).await.says("First year.pdf"));

    let replace = format!("{one}/replace");
    well_formed(&replace, &bikash.get(&replace).await);
    let sent = send(&mut bikash, &replace, &replace, &[], b"%PDF-1.7 another").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = bikash.get(&list).await;
    assert!(page.says("First year.pdf") && page.says("16 bytes") && page.says("Français"));

    let remove = page.attributes(".files form", "action")[0].clone();
    let form = page.form(&remove);
    let pairs: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let after = bikash.post(&remove, &pairs).await.location().expect("the list");
    let page = bikash.get(&after).await;
    well_formed(&after, &page);
    assert!(page.says("First year.pdf was removed") && page.texts(".files li").is_empty());
    let back = remove.replace("/remove", "/back");
    let form = page.form(&back);
    let pairs: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert!(bikash.post(&back, &pairs).await.location().is_some());
    let page = bikash.get(&after).await;
    assert!(page.says("It is back") && !page.says("was removed"));
    assert_eq!(page.texts(".files li").len(), 1);
}

#[tokio::test]
async fn a_refused_file_says_why_and_what_was_typed_is_still_there() {
    let (mut bikash, list) = at_work().await;
    let long = vec![b'x'; 3_000_000];
    for (bytes, sentence) in [
        (&long[..], "larger than 1.0 MB"),
        (b"HEIC", "Save it as JPEG or PNG"),
        (b"Full", "has no room for this file"),
        (b"Quota", "more than 5.0 MB"),
        (b"", "Choose a file"),
    ] {
        let page = send(&mut bikash, &list, &list, &[("alt", "A \"counter\"")], bytes).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        well_formed(&list, &page);
        assert_eq!(page.attributes(".errors a", "href"), ["#file"]);
        assert!(page.says(sentence), "{sentence}: {}", page.text);
        assert_eq!(page.texts("#alt"), ["A \"counter\""]);
    }
    // Without its length the file is refused on the way.
    let form = bikash.get(&list).await.form(&list);
    let body = with_file(&form, Some(("a.pdf", &long)));
    let parts: Vec<_> = body.chunks(9_999).map(Bytes::copy_from_slice).collect();
    let body = futures::stream::iter(parts).map(Ok::<_, std::io::Error>);
    let page = bikash.post_body(&list, None, Body::from_stream(body)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = bikash.post_file(&list, &form, None).await;
    assert!(page.says("Choose a file that is not empty"));

    let said = [("alt", &*"x".repeat(600))];
    let page = send(&mut bikash, &list, &list, &said, b"%PDF-1.7 one").await;
    assert_eq!(page.attributes(".errors a", "href"), ["#alt"]);
    assert!(bikash.get(&list).await.texts(".files li").is_empty(), "nothing was attached");

    for file in [&b"%PDF-1.7 one"[..], b"%PDF-1.7 second"] {
        send(&mut bikash, &list, &list, &[], file).await;
    }
    let page = bikash.get(&list).await;
    assert!(page.says("at most 2 files"));
    assert!(page.attributes("input[type=file]", "name").is_empty());
    let page = bikash.post_file(&list, &form, Some(("third.pdf", b"%PDF-1.7 third!"))).await;
    assert!(page.says("Remove one first"), "{}", page.text);
}

#[tokio::test]
async fn what_is_cut_off_or_is_no_form_leaves_nothing_behind() {
    let fake = std::sync::Arc::new(Fake::new());
    let mut bikash = Desk::at_shared(std::sync::Arc::clone(&fake)).signed_in("bikash").await;
    let form = [("title", "Advice desks"), ("original_language", "en")];
    let edit = bikash.post("/practices/new", &form).await.location().expect("a draft");
    let list = edit.replace("/edit", "/files");
    let form = bikash.get(&list).await.form(&list);
    let whole = with_file(&form, Some(("a.pdf", &[b'x'; 500_000])));
    for end in [0, 60, 700, 300_000, whole.len() - 20] {
        let body = Body::from(whole[..end].to_vec());
        let page = bikash.post_body(&list, Some(whole.len()), body).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{end}: {}", page.text);
        assert!(page.says("did not come whole"), "{end}");
        assert_eq!(fake.coming(), 0, "{end}");
    }
    // A part whose head never ends is not read for ever.
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"");
    let endless = futures::stream::repeat(Bytes::from(vec![b'a'; 64 * 1024]));
    let endless = futures::stream::once(async move { Bytes::from(head) }).chain(endless);
    let body = Body::from_stream(endless.map(Ok::<_, std::io::Error>));
    let page = bikash.post_body(&list, None, body).await;
    assert_eq!((page.status, fake.coming()), (StatusCode::BAD_REQUEST, 0));
    assert!(bikash.get(&list).await.texts(".files li").is_empty());
}

#[tokio::test]
async fn who_may_not_write_drafts_sends_no_files() {
    let (mut bikash, list) = at_work().await;
    let form = bikash.get(&list).await.form(&list);
    let file = Some(("a.pdf", &b"%PDF-1.7"[..]));
    let mut guest = bikash.beside();
    let page = guest.post_file(&list, &form, file).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let mut gita = bikash.beside().signed_in("gita").await;
    let page = gita.get(&list).await;
    assert!(page.says("not write in it") && page.attributes("main form", "action").is_empty());
    assert_eq!(gita.post_file(&list, &form, file).await.status, StatusCode::FORBIDDEN);
    let away = bikash.post_file("/drafts/tern1nothing/files", &form, file).await;
    assert_eq!(away.status, StatusCode::NOT_FOUND);
    let page = bikash.get(&format!("{list}/{}", files::HERE)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "the draft does not name it");
}
