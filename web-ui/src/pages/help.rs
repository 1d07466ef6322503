//! How to use this node, in one page.

use askama::Template;

use crate::page::{Chrome, Section, Shown, show};

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    c: Chrome,
}

/// `GET /help`
pub async fn show_help(c: Chrome) -> Shown {
    show(&Help { c: c.at(Section::Help) })
}
