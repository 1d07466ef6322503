//! Who answers for which data, how long it is kept, what can be taken back.

use askama::Template;
use axum::extract::State;

use crate::page::{Chrome, Section, Shown, show};
use crate::site::Shared;

/// Kinds of data, in the order of the table: each has the sentences
/// `data-KIND`, `data-KIND-who`, `data-KIND-where` and `data-KIND-long`.
const KINDS: [&str; 13] = [
    "practices",
    "names",
    "cards",
    "certificates",
    "requests",
    "discussions",
    "reports",
    "needs",
    "drafts",
    "accounts",
    "mail",
    "logs",
    "backups",
];

#[derive(Template)]
#[template(path = "data_protection.html")]
struct DataProtection {
    c: Chrome,
    kinds: [&'static str; 13],
    policy: Option<String>,
}

impl DataProtection {
    fn cell(&self, kind: &str, part: &str) -> String {
        self.c.t(&format!("data-{kind}-{part}"))
    }
}

/// `GET /data-protection`
pub(super) async fn page(State(site): Shared, chrome: Chrome) -> Shown {
    let policy = site.service.data_policy(&chrome.reader()).await.unwrap_or_default();
    show(&DataProtection { kinds: KINDS, policy, c: chrome.at(Section::Help) })
}
