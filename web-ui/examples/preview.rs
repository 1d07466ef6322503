//! Pages over sample content, to look at: `cargo run -p tern-web-ui --example
//! preview`, then open the printed address. Set `TERN_PREVIEW` to `empty` or
//! `fresh` for a node just set up or before its set-up, and `TERN_PREVIEW_HTTP`
//! to another address.

#[path = "../tests/web/fake/mod.rs"]
mod fake;

use std::sync::Arc;

use fake::Fake;
use tern_web_ui::Settings;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let fake = match std::env::var("TERN_PREVIEW").as_deref() {
        Ok("empty") => Fake::empty(),
        Ok("fresh") => Fake::fresh(),
        _ => Fake::new(),
    };
    let settings = Settings { pseudo_locales: true, ..Settings::default() };
    let pages = tern_web_ui::router(Arc::new(fake), settings);
    let http = std::env::var("TERN_PREVIEW_HTTP").unwrap_or_else(|_| "127.0.0.1:8490".to_owned());
    let listener = tokio::net::TcpListener::bind(http).await?;
    println!("http://{}/  sign in as amina, bikash, gita or rosa", listener.local_addr()?);
    println!("password: {}   passphrase: {}", fake::PASSWORD, fake::PASSPHRASE);
    println!("set-up code: {}", fake::CODE);
    axum::serve(listener, pages).await
}
