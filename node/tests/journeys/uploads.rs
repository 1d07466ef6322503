//! Files that are attached from a browser: forms with a file, sent by hand.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use super::blobs::report;
use super::patience::{PATIENCE, until};
use super::practices::practice;
use super::tern::{Desk, Served, text};

const BOUNDARY: &str = "tern-7MA4YWxkTrZu0gW";
const MEGABYTE: usize = 1_000_000;

/// A form with a file, in two parts: all before the last bytes, and the end.
fn form(fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = String::new();
    for (field, value) in fields {
        body += &format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        );
    }
    body += &format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: text/html\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    [body.as_bytes(), bytes, end.as_bytes()].concat()
}

/// Somebody who is signed in, at the files of a draft.
struct Writer<'a> {
    served: &'a Served,
    cookie: String,
    list: String,
}

impl Writer<'_> {
    fn at<'a>(served: &'a Served, desk: &Desk, draft: &str, words: &[&str]) -> Writer<'a> {
        let link = text(&desk.ask(&[words, &["account", "link"]].concat())["link"]);
        let path = link.strip_prefix(&served.http()).expect("a link to this node");
        let cookie = served.get(path).expect("a page").cookie.expect("signed in");
        Writer { served, cookie, list: format!("/drafts/{draft}/files") }
    }

    fn page(&self) -> String {
        let page = self.served.page(&self.list, &self.cookie).expect("a page");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }

    fn heads(&self) -> String {
        let page = self.page();
        let (_, heads) = page.split_once("name=\"heads\" value=\"").expect("a form");
        heads.split('"').next().expect("heads").to_owned()
    }

    /// The head of a request, and a line to the node on which it was sent.
    fn line(&self, path: &str, headers: &str) -> TcpStream {
        let home = self.served.http();
        let host = home.strip_prefix("http://").expect("an address");
        let mut line = TcpStream::connect(host).expect("a node that listens");
        line.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let cookie = &self.cookie;
        write!(
            line,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: {home}\r\ncookie: {cookie}\r\n\
             connection: close\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n\
             {headers}\r\n\r\n"
        )
        .expect("sent");
        line
    }

    /// Sends a form in pieces; the status and the page that was answered.
    fn send(&self, path: &str, body: &[u8]) -> (u16, String) {
        let mut line = self.line(path, &format!("content-length: {}", body.len()));
        for piece in body.chunks(100_003) {
            line.write_all(piece).expect("the node reads all of it");
        }
        answered(line)
    }

    fn add(&self, name: &str, bytes: &[u8]) -> (u16, String) {
        let fields = [("heads", &*self.heads()), ("in", "en"), ("alt", "A first look")];
        self.send(&self.list, &form(&fields, name, bytes))
    }
}

fn answered(mut line: TcpStream) -> (u16, String) {
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), answer)
}

/// Names of what lies in the folder of files.
fn kept(desk: &Desk) -> Vec<String> {
    let entries = fs::read_dir(desk.data().join("blobs")).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("text")).collect();
    names.retain(|name| !name.ends_with(".lists"));
    names.sort();
    names
}

fn attachments(desk: &Desk, draft: &str) -> Vec<serde_json::Value> {
    let shown = desk.ask(&["practice", "show", draft]);
    shown["fields"]["attachments"].as_array().cloned().unwrap_or_default()
}

#[test]
fn twenty_megabytes_are_attached_and_replaced_and_two_forms_at_once_both_count() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = niger.serve();
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let awa = Writer::at(&served, &niger, &draft, &[]);
    let bytes = report(20 * MEGABYTE);
    let (status, answer) = awa.add("rapport final.pdf", &bytes);
    assert_eq!(status, 303, "{answer}");
    let named = attachments(&niger, &draft);
    let hash = text(&named[0]["hash"]);
    assert_eq!(
        (named.len(), &named[0]["name"], &named[0]["media_type"], &named[0]["alt"]["en"]),
        (1, &"rapport final.pdf".into(), &"application/pdf".into(), &"A first look".into()),
        "its type is what its bytes say"
    );
    assert_eq!(fs::read(niger.data().join("blobs").join(&hash)).expect("kept"), bytes);
    assert_eq!(kept(&niger), std::slice::from_ref(&hash));

    // Two forms that were opened at the same heads: neither loses the other's file.
    let heads = awa.heads();
    let fields = [("heads", heads.as_str()), ("in", "en")];
    for (name, letter) in [("one.txt", b'1'), ("two.txt", b'2')] {
        let (status, answer) = awa.send(&awa.list, &form(&fields, name, &[letter; 100]));
        assert_eq!(status, 303, "{answer}");
    }
    assert_eq!(attachments(&niger, &draft).len(), 3);
    let replace = format!("{}/{hash}/replace", awa.list);
    let body = form(&[("heads", &awa.heads()), ("in", "en")], "v2.txt", b"Shorter now.");
    let (status, answer) = awa.send(&replace, &body);
    assert_eq!(status, 303, "{answer}");
    let named = attachments(&niger, &draft);
    assert_eq!(
        (&named[0]["name"], &named[0]["bytes"], &named[0]["alt"]["en"]),
        (&"rapport final.txt".into(), &12.into(), &"A first look".into())
    );
}

#[test]
fn what_is_cut_too_large_or_of_a_wrong_kind_leaves_nothing_behind() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = niger.serve();
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let awa = Writer::at(&served, &niger, &draft, &[]);
    let body = form(&[("heads", &awa.heads())], "a.pdf", &report(5 * MEGABYTE));
    let mut line = awa.line(&awa.list, &format!("content-length: {}", body.len()));
    line.write_all(&body[..3 * MEGABYTE]).expect("the node reads");
    until("some of it has come", PATIENCE, || (!kept(&niger).is_empty()).then_some(()));
    line.shutdown(Shutdown::Both).expect("cut");
    until("nothing of it is left", PATIENCE, || kept(&niger).is_empty().then_some(()));

    let long = report(26 * MEGABYTE);
    let (status, page) = awa.add("long.pdf", &long);
    assert_eq!(status, 422, "{page}");
    assert!(page.contains("is larger than") && page.contains("A first look"), "{page}");
    // The same without saying how long it is.
    let mut line = awa.line(&awa.list, "transfer-encoding: chunked");
    for piece in form(&[("heads", &awa.heads())], "long.pdf", &long).chunks(500_000) {
        write!(line, "{:x}\r\n", piece.len()).expect("sent");
        line.write_all(piece).and_then(|()| line.write_all(b"\r\n")).expect("sent");
    }
    line.write_all(b"0\r\n\r\n").expect("sent");
    let (status, page) = answered(line);
    assert!(status == 422 && page.contains("is larger than"), "{status} {page}");

    let (status, page) = awa.add("photo.heic", b"\0\0\0\x18ftypheic....");
    assert!(status == 422 && page.contains("Save it as JPEG or PNG"), "{page}");
    let (status, page) = awa.add("photo.jpg", b"\xff\xd8\xff\xe1\0\x1fExif and no more");
    assert!(status == 422 && page.contains("picture is damaged"), "{page}");
    assert_eq!((kept(&niger), attachments(&niger, &draft)), (vec![], vec![]));
}

#[test]
fn what_the_quota_does_not_leave_room_for_is_refused_before_and_while_it_comes() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    fs::write(niger.data().join("tern.toml"), "[blobs]\nquota_mb = 2\n").expect("settings");
    let served = niger.serve();
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let awa = Writer::at(&served, &niger, &draft, &[]);
    assert_eq!(awa.add("a.pdf", &report(MEGABYTE)).0, 303);
    let (status, page) = awa.add("b.pdf", &report(3 * MEGABYTE / 2));
    assert!(status == 422 && page.contains("all files on this node"), "{status} {page}");
    assert_eq!((kept(&niger).len(), attachments(&niger, &draft).len()), (1, 1));
}

#[test]
fn who_may_not_write_drafts_attaches_nothing() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = niger.serve();
    let draft = niger.draft(&practice("Checking contracts before departure"));
    niger.ask(&["account", "add", "issa", "--person", "Issa Example", "--role", "reviewer"]);
    let awa = Writer::at(&served, &niger, &draft, &[]);
    let issa = Writer::at(&served, &niger, &draft, &["--as", "issa"]);
    let guest = Writer { served: &served, cookie: String::new(), list: awa.list.clone() };
    assert!(issa.page().contains("not write in it"));
    let body = form(&[("heads", &awa.heads())], "a.pdf", &report(2 * MEGABYTE));
    for stranger in [&issa, &guest] {
        let (status, page) = stranger.send(&awa.list, &body);
        assert_eq!(status, 403, "{page}");
    }
    assert_eq!((kept(&niger), attachments(&niger, &draft)), (vec![], vec![]));
}
