//! The first run of a node, in the browser.

use super::{AccountId, SayLinks};

/// Everything set-up asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUp {
    /// The code that the node printed where it was started.
    pub code: String,
    /// The organisation's name, 2 to 120 characters.
    pub organisation: String,
    /// Its country (ISO 3166-1 alpha-2), where it has one.
    pub country: Option<String>,
    /// Its kind (code).
    pub kind: Option<String>,
    /// The node's default language (BCP 47).
    pub lang: String,
    /// The first person's name as others see it, 2 to 80 characters.
    pub person: String,
    /// The name this person signs in with, 3 to 32 of `a-z 0-9 . _ -`.
    pub account: String,
    /// The password, 12 to 128 characters.
    pub password: String,
    /// What links cost, if that was said.
    pub link: Option<SayLinks>,
    /// Start or join.
    pub start: Start,
}

/// How a node gets its federation.
#[derive(Clone, PartialEq, Eq)]
pub enum Start {
    /// Founds a federation of one, with this name.
    Found {
        /// The federation's name; empty to take the organisation's.
        federation: String,
    },
    /// Joins the federation that an invitation is for.
    Join {
        /// The invitation's text.
        invitation: String,
    },
}

/// Set-up is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetUpDone {
    /// The first account, which is signed in at once.
    pub account: AccountId,
    /// `None` when the organisation is a member now; else why it waits.
    pub waiting: Option<String>,
}
