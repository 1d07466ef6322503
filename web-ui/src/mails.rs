//! What mail says: the sentences of the two mails that a node sends, which stand
//! in the language files with those of the pages.
//!
//! Plain text, one thought a paragraph. Pages isolate what is put into a sentence;
//! here the marks would become part of an address that somebody clicks on, so they
//! are left out.

use std::sync::{Arc, OnceLock};

use crate::words::{Catalogue, Words, unmarked};

/// A mail, without whom it is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Its text, in lines that end as mail's do.
    pub text: String,
}

/// Where a mail leads.
#[derive(Clone, Copy, Debug)]
pub struct Leads<'a> {
    /// The first page.
    pub home: &'a str,
    /// Where somebody says how they are told.
    pub settings: &'a str,
}

/// The mail with the code that confirms an address.
#[must_use]
pub fn code(lang: &str, code: &str, leads: Leads<'_>) -> Mail {
    let words = words(lang);
    let text = [
        words.t1("mail-confirm-text", "place", leads.home),
        code.to_owned(),
        words.t1("mail-confirm-where", "place", leads.settings),
        words.t("mail-confirm-else"),
    ];
    mail(words.t("mail-confirm-subject"), &text)
}

/// The mail that says that something waits, and how to stop it.
#[must_use]
pub fn waits(lang: &str, leads: Leads<'_>, stop: &str) -> Mail {
    let words = words(lang);
    let text = [
        words.t("mail-waits-text"),
        leads.home.to_owned(),
        words.t("mail-waits-why"),
        words.t1("mail-change", "place", leads.settings),
        words.t1("mail-stop", "place", stop),
    ];
    mail(words.t("mail-waits-subject"), &text)
}

fn words(lang: &str) -> Arc<Words> {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::new(false)).choose([lang]).clone()
}

fn mail(subject: String, text: &[String]) -> Mail {
    Mail { subject: unmarked(&subject), text: unmarked(&text.join("\r\n\r\n")) + "\r\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADS: Leads<'_> = Leads {
        home: "https://tern.example.org",
        settings: "https://tern.example.org/account/notices",
    };

    #[test]
    fn a_mail_says_where_something_waits_and_how_to_stop_it() {
        let mail = waits("en", LEADS, "https://tern.example.org/notices/stop/00");
        assert_eq!(mail.subject, "Something waits for you");
        assert_eq!(
            mail.text,
            "Something waits for you. Sign in to see what it is:\r\n\r\n\
             https://tern.example.org\r\n\r\n\
             This message says no more, so that nobody else learns of it on the way.\r\n\r\n\
             Change how often you are told: https://tern.example.org/account/notices\r\n\r\n\
             Stop such mail: https://tern.example.org/notices/stop/00\r\n"
        );
    }

    #[test]
    fn a_language_that_is_not_there_is_english_and_no_mark_is_left_in_it() {
        let mail = code("xx", "0123 4567", LEADS);
        assert_eq!(mail.subject, "Your code");
        assert!(mail.text.contains("\r\n\r\n0123 4567\r\n\r\n"), "{}", mail.text);
        assert!(mail.text.is_ascii(), "{}", mail.text);
    }
}
