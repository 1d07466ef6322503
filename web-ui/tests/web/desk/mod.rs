//! A browser without a screen: requests to the pages of a fake node, with
//! cookies kept, and what came back ready to be looked into.

#![allow(dead_code)] // each test file uses a part of it

use std::io::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use futures::StreamExt;
use scraper::{Html, Selector};
use tern_web_ui::Settings;
use tower::ServiceExt;

use crate::fake::{Fake, PASSWORD};

/// The host that requests name.
pub const HOST: &str = "127.0.0.1:8490";

/// A reader at one node.
pub struct Desk {
    pages: Router,
    cookies: Vec<(String, String)>,
    /// The language asked for.
    pub lang: &'static str,
}

/// What came back.
pub struct Page {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Desk {
    /// A guest at this node.
    pub fn at(fake: Fake) -> Self {
        Self::at_shared(Arc::new(fake))
    }

    /// A guest at a node that the test looks into as well.
    pub fn at_shared(fake: Arc<Fake>) -> Self {
        let settings = Settings { pseudo_locales: true, ..Settings::default() };
        let pages = tern_web_ui::router(fake, settings);
        Self { pages, cookies: Vec::new(), lang: "en" }
    }

    /// Another reader at the same node.
    pub fn beside(&self) -> Self {
        Self { pages: self.pages.clone(), cookies: Vec::new(), lang: self.lang }
    }

    /// The same node with this person signed in.
    pub async fn signed_in(mut self, name: &str) -> Self {
        let page = self.post("/sign-in", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{name} signs in");
        self
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), String::new()).await
    }

    /// Opens a page and every redirect after it.
    pub async fn follow(&mut self, path: &str) -> Page {
        let mut page = self.get(path).await;
        for _ in 0..5 {
            let Some(next) = page.location() else { break };
            page = self.get(&next).await;
        }
        page
    }

    /// Sends a form as this node's own page would.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let own = format!("http://{HOST}");
        let request = Request::post(path).header(header::ORIGIN, own);
        self.send(request, encode(form)).await
    }

    /// Sends a form as a page of another site would.
    pub async fn post_from(&mut self, origin: &str, path: &str, form: &[(&str, &str)]) -> Page {
        let request = Request::post(path).header(header::ORIGIN, origin);
        self.send(request, encode(form)).await
    }

    /// Sends a form with a file, as this node's own page would.
    pub async fn post_file(
        &mut self,
        path: &str,
        form: &[(String, String)],
        file: Option<(&str, &[u8])>,
    ) -> Page {
        let body = with_file(form, file);
        let length = body.len();
        // As it comes from a network.
        let parts: Vec<_> = body.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
        let parts = futures::stream::iter(parts.into_iter().map(Ok::<_, std::io::Error>));
        self.post_body(path, Some(length), Body::from_stream(parts)).await
    }

    /// Sends the body of a form with a file, of a length that may be said.
    pub async fn post_body(&mut self, path: &str, length: Option<usize>, body: Body) -> Page {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let mut request = Request::post(path)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(header::CONTENT_TYPE, kind);
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        self.send_body(request, body).await
    }

    /// Sends any request.
    pub async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let kind = "application/x-www-form-urlencoded";
        self.send_body(request.header(header::CONTENT_TYPE, kind), Body::from(body)).await
    }

    async fn send_body(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let jar: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = request.header(header::ACCEPT_LANGUAGE, self.lang);
        if request.headers_ref().is_some_and(|headers| !headers.contains_key(header::HOST)) {
            request = request.header(header::HOST, HOST);
        }
        if !jar.is_empty() {
            request = request.header(header::COOKIE, jar.join("; "));
        }
        let request = request.body(body).expect("a request");
        let answer = self.pages.clone().oneshot(request).await.expect("pages do not fail");
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("ASCII"));
        }
        let body = to_bytes(body, 4 * 1024 * 1024).await.expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("pages are UTF-8");
        Page { status: parts.status, headers: parts.headers, text }
    }

    /// Listens to a stream of events, as a page that is open does.
    pub async fn listen(&mut self, path: &str, last: Option<&str>) -> Heard {
        let jar: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request =
            Request::get(path).header(header::HOST, HOST).header(header::COOKIE, jar.join("; "));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.pages.clone().oneshot(request).await.expect("pages do not fail");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        Heard { body: answer.into_body().into_data_stream() }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("name=value");
        self.cookies.retain(|(known, _)| known != name);
        if !rest.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The value of a cookie of this reader.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A stream of events.
pub struct Heard {
    body: BodyDataStream,
}

impl Heard {
    /// The next event as it was sent; nothing when the stream ended.
    pub async fn next(&mut self) -> Option<String> {
        let bytes = self.body.next().await?.expect("a stream that does not break");
        Some(String::from_utf8(bytes.to_vec()).expect("events are UTF-8"))
    }
}

impl Page {
    /// The document.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// Where the page sends the browser.
    pub fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION).map(|to| to.to_str().expect("ASCII").to_owned())
    }

    /// The texts of all elements that fit a selector, without isolating marks.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let html = self.html();
        let texts = html.select(&selector).map(|element| element.text().collect::<String>());
        texts.map(|text| plain(&text)).collect()
    }

    /// The values of an attribute of all elements that fit a selector.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let html = self.html();
        html.select(&selector).filter_map(|e| e.attr(name)).map(str::to_owned).collect()
    }

    /// Whether the page says this.
    pub fn says(&self, sentence: &str) -> bool {
        self.texts("body").concat().contains(sentence)
    }

    /// Bytes of the page compressed as for a browser.
    pub fn compressed(&self) -> usize {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        out.write_all(self.text.as_bytes()).expect("memory");
        out.finish().expect("memory").len()
    }

    /// Every named input of a form with what is in it, as a browser sends it.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let html = self.html();
        let form = Selector::parse(&format!("form[method=post][action=\"{action}\"]"))
            .expect("a selector");
        let form = html.select(&form).next().unwrap_or_else(|| panic!("a form to {action}"));
        let fields =
            Selector::parse("input[name], textarea[name], select[name]").expect("a selector");
        let chosen = Selector::parse("option[selected]").expect("a selector");
        let mut sent = Vec::new();
        for field in form.select(&fields) {
            let name = field.attr("name").expect("named").to_owned();
            match (field.value().name(), field.attr("type")) {
                ("textarea", _) => {
                    let text: String = field.text().collect();
                    sent.push((name, text.replace('\n', "\r\n")));
                }
                ("select", _) => {
                    let value =
                        field.select(&chosen).next().and_then(|option| option.attr("value"));
                    sent.push((name, value.unwrap_or("").to_owned()));
                }
                (_, Some("checkbox" | "radio")) if field.attr("checked").is_none() => {}
                _ => sent.push((name, field.attr("value").unwrap_or("").to_owned())),
            }
        }
        sent
    }
}

/// A text without the marks that isolate directions.
pub fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "").trim().to_owned()
}

/// Stands between the parts of a form with a file.
pub const BOUNDARY: &str = "----tern7MA4YWxkTrZu0gW";

/// A form with a file as browsers send it; without one they send an empty one.
pub fn with_file(form: &[(String, String)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in form.iter().filter(|(name, _)| name != "file") {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let (name, bytes) = file.unwrap_or(("", b""));
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(part.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A form as browsers send it.
pub fn encode(form: &[(&str, &str)]) -> String {
    let value = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    form.iter().map(|(k, v)| format!("{}={}", value(k), value(v))).collect::<Vec<_>>().join("&")
}
