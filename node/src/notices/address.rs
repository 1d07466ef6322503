//! An e-mail address, as it can be written into an envelope and a header.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use thiserror::Error;

/// Bytes of an address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const ADDRESS_BYTES_MAX: usize = 254;

/// The text is no address to which mail is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("this is no e-mail address that mail can be sent to; write it like awa@example.org")]
pub struct NoAddress;

/// An address that fits into one line: letters, digits and the signs that mail
/// servers pass on everywhere; no quotes, no comments, no name before it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress(String);

impl MailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the at sign.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// As the mail library has it.
    ///
    /// # Errors
    /// Never for an address that was read here.
    pub(super) fn envelope(&self) -> Result<Address, NoAddress> {
        self.0.parse().map_err(|_| NoAddress)
    }
}

impl FromStr for MailAddress {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        // Blanks around it come from copying; a line break does not.
        let text = text.trim_matches(' ');
        let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
        if text.len() > ADDRESS_BYTES_MAX || !text.chars().all(plain) {
            return Err(NoAddress);
        }
        let (_, domain) = text.rsplit_once('@').ok_or(NoAddress)?;
        text.parse::<Address>().map_err(|_| NoAddress)?;
        let local = text.len() - domain.len();
        Ok(Self(format!("{}{}", &text[..local], domain.to_ascii_lowercase())))
    }
}

/// An address is somebody's: it does not get into a log by accident.
impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_read_is_one_line_and_read_again_the_same(text in ".{0,60}@.{0,30}") {
            if let Ok(address) = text.parse::<MailAddress>() {
                let told = address.as_str();
                prop_assert!(told.len() <= ADDRESS_BYTES_MAX && told.is_ascii());
                prop_assert!(!told.contains(['\r', '\n', ' ', '<', '>', ',', ';', '"']));
                prop_assert_eq!(told.parse::<MailAddress>(), Ok(address.clone()));
                prop_assert!(address.envelope().is_ok());
            }
        }
    }

    #[test]
    fn an_address_is_one_line_and_nothing_can_be_added_to_a_header_by_it() {
        let read = |text: &str| text.parse::<MailAddress>();
        let awa = read(" Awa.Example+tern@Mail.Example.org ").expect("an address");
        assert_eq!(awa.as_str(), "Awa.Example+tern@mail.example.org");
        assert_eq!(awa.domain(), "mail.example.org");
        assert!(awa.envelope().is_ok());
        assert_eq!(format!("{awa:?}"), "MailAddress(…)");
        for wrong in [
            "",
            "awa",
            "awa@",
            "@example.org",
            "awa@example.org\r\nBcc: all@example.org",
            "awa@example.org\n",
            "awa\n@example.org",
            "awa@example.org,issa@example.org",
            "awa@example.org issa@example.org",
            "Awa <awa@example.org>",
            "\"awa b\"@example.org",
            "awa@exa mple.org",
            "awa@@example.org",
            "awá@example.org",
            "awa@example..org",
            "awa(comment)@example.org",
            &format!("{}@example.org", "a".repeat(250)),
        ] {
            assert_eq!(read(wrong), Err(NoAddress), "{wrong:?}");
        }
    }
}
