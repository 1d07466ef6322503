//! The two mails there are: a code that confirms an address, and the word that
//! something waits. Neither says what: no title, no name of a person or of an
//! organisation, no picture that tells that it was opened.
//!
//! Plain text in the person's language. The word that something waits carries the
//! address at which it is stopped (RFC 2369), with one click where the node is
//! reached over HTTPS (RFC 8058, which asks for that).

use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use tern_web_ui::mails::{self, Leads, Mail};

use super::MailAddress;
use crate::ops::{ErrorCode, OpError};

/// Where everything in a mail leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Places {
    /// This node's pages, without a slash at the end.
    pub(super) home: String,
}

impl Places {
    fn settings(&self) -> String {
        format!("{}/account/notices", self.home)
    }

    fn stop(&self, token: &[u8; 32]) -> String {
        format!("{}/notices/stop/{}", self.home, crate::hex::encode(token))
    }
}

/// To whom, from whom, in which language.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) from: MailAddress,
    pub(super) to: MailAddress,
    pub(super) lang: String,
    /// Makes the message id.
    pub(super) id: [u8; 16],
}

macro_rules! headers {
    ($($kind:ident $name:literal $says:literal;)*) => {$(
        #[doc = $says]
        #[derive(Clone)]
        struct $kind(String);

        impl Header for $kind {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                // Made of our own letters and of an address that has its own grammar: not
                // folded, so that whoever stops mail finds it in one piece.
                HeaderValue::dangerous_new_pre_encoded(
                    Self::name(), self.0.clone(), self.0.clone(),
                )
            }
        }
    )*};
}

headers! {
    AutoSubmitted "Auto-Submitted" "That no person wrote it (RFC 3834), so that nobody answers from afar.";
    ListUnsubscribe "List-Unsubscribe" "Where it is stopped (RFC 2369).";
    ListUnsubscribePost "List-Unsubscribe-Post" "That one click stops it (RFC 8058).";
}

/// The code that confirms an address.
///
/// # Errors
/// An address that the mail library does not take.
pub(super) fn confirming(
    envelope: &Envelope,
    code: &str,
    places: &Places,
) -> Result<Message, OpError> {
    let (first, last) = code.split_at(code.len() / 2);
    let settings = places.settings();
    let leads = Leads { home: &places.home, settings: &settings };
    let mail = mails::code(&envelope.lang, &format!("{first} {last}"), leads);
    write(begun(envelope, &mail)?, mail)
}

/// The word that something waits.
///
/// # Errors
/// As [`confirming`].
pub(super) fn waiting(
    envelope: &Envelope,
    stop: &[u8; 32],
    places: &Places,
) -> Result<Message, OpError> {
    let (stop, settings) = (places.stop(stop), places.settings());
    let leads = Leads { home: &places.home, settings: &settings };
    let mail = mails::waits(&envelope.lang, leads, &stop);
    let mut begun = begun(envelope, &mail)?.header(ListUnsubscribe(format!("<{stop}>")));
    if stop.starts_with("https://") {
        begun = begun.header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    write(begun, mail)
}

fn begun(envelope: &Envelope, mail: &Mail) -> Result<MessageBuilder, OpError> {
    let mailbox = |address: &MailAddress| Some(Mailbox::new(None, address.envelope().ok()?));
    let both = mailbox(&envelope.from).zip(mailbox(&envelope.to));
    let (from, to) = both.ok_or_else(|| {
        OpError::new(ErrorCode::Invalid, "an e-mail address cannot be written into a mail")
    })?;
    let id = format!("<{}@{}>", crate::hex::encode(&envelope.id), envelope.from.domain());
    Ok(Message::builder()
        .from(from)
        .to(to)
        .subject(mail.subject.clone())
        .message_id(Some(id))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN))
}

fn write(begun: MessageBuilder, mail: Mail) -> Result<Message, OpError> {
    begun.body(mail.text).map_err(|error| {
        OpError::new(ErrorCode::Failed, format!("a mail cannot be written: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(lang: &str) -> Envelope {
        Envelope {
            from: "tern@example.org".parse().expect("an address"),
            to: "awa@example.net".parse().expect("an address"),
            lang: lang.into(),
            id: [1; 16],
        }
    }

    fn told(message: &Message) -> String {
        String::from_utf8(message.formatted()).expect("text")
    }

    #[test]
    fn the_word_that_something_waits_says_where_and_how_to_stop_it_and_nothing_else() {
        let places = Places { home: "https://tern.example.org".into() };
        let mail = told(&waiting(&envelope("en"), &[2; 32], &places).expect("a mail"));
        let stop = format!("https://tern.example.org/notices/stop/{}", "02".repeat(32));
        for said in [
            "Subject: Something waits for you\r\n",
            "From: tern@example.org\r\n",
            "To: awa@example.net\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            &format!("List-Unsubscribe: <{stop}>\r\n"),
            &format!("Message-ID: <{}@example.org>\r\n", "01".repeat(16)),
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(mail.contains(said), "{said}\n{mail}");
        }
        assert_eq!(mail.matches("Subject:").count(), 1, "{mail}");
        assert!(!mail.contains('\u{2068}') && !mail.to_lowercase().contains("html"), "{mail}");
    }

    #[test]
    fn one_click_is_promised_over_https_alone() {
        let places = Places { home: "http://127.0.0.1:8480".into() };
        let mail = told(&waiting(&envelope("en"), &[2; 32], &places).expect("a mail"));
        assert!(mail.contains("List-Unsubscribe: <http://127.0.0.1:8480/notices/stop/"), "{mail}");
        assert!(!mail.contains("List-Unsubscribe-Post"), "{mail}");
    }

    #[test]
    fn a_code_is_mailed_in_two_halves_with_where_to_type_it() {
        let places = Places { home: "https://tern.example.org".into() };
        let mail = told(&confirming(&envelope("xx"), "01234567", &places).expect("a mail"));
        assert!(mail.contains("0123 4567"), "{mail}");
        assert!(mail.contains("https://tern.example.org/account/notices"), "{mail}");
        assert!(!mail.contains("List-Unsubscribe"), "{mail}");
    }
}
