//! When mail may go where links cost money: within the hours and the month's
//! allowance that were said of them, unless the operator says otherwise. A mail
//! server on this machine costs nothing.

use tern_crdt::timestamp::Timestamp;

use crate::config::{MailLinks, MailSettings};
use crate::links::Links;

/// Why no mail goes at this moment, where links cost money.
pub(super) fn held(mail: &MailSettings, links: &Links, at: Timestamp) -> Option<&'static str> {
    let here = mail.server.as_ref().is_some_and(|server| server.is_here());
    if here || !links.is_costly() {
        return None;
    }
    match mail.links {
        MailLinks::Always => None,
        MailLinks::Free => Some("links cost money, and `mail.links` is \"free\""),
        MailLinks::Allowance if links.is_used_up() => {
            Some("the month's allowance for links is used up")
        }
        MailLinks::Allowance if !links.tariff.is_open(at) => {
            Some("it waits for the hours in which links are used")
        }
        MailLinks::Allowance => None,
    }
}

#[cfg(test)]
mod tests {
    use tern_protocol::tariff::{LinkClass, Spent, Tariff};

    use super::*;
    use crate::config::MailServer;

    fn links(class: LinkClass, allowance: Option<u64>, hours: Option<(u8, u8)>) -> Links {
        Links {
            tariff: Tariff { allowance, hours, ..Tariff::of(class) },
            said: true,
            spent: Spent::default(),
            outlook: Default::default(),
            weighs: [None; tern_protocol::meeting::set::SetId::ALL.len()],
        }
    }

    fn mail(host: &str, links: MailLinks) -> MailSettings {
        let server = Some(MailServer { host: host.into(), port: 587 });
        MailSettings { server, links, ..MailSettings::default() }
    }

    #[test]
    fn mail_spends_no_more_on_links_than_was_allowed() {
        let noon = Timestamp(12 * 3_600_000);
        let is_held = |mail: &MailSettings, links| held(mail, &links, noon).is_some();
        let by_default = mail("mail.example.org", MailLinks::default());
        assert!(!is_held(&by_default, links(LinkClass::Broadband, Some(0), Some((22, 5)))));
        assert!(!is_held(&by_default, links(LinkClass::Metered, None, None)));
        assert!(is_held(&by_default, links(LinkClass::Metered, Some(0), None)), "used up");
        assert!(is_held(&by_default, links(LinkClass::Satellite, None, Some((22, 5)))), "later");
        let always = mail("mail.example.org", MailLinks::Always);
        assert!(!is_held(&always, links(LinkClass::Satellite, Some(0), Some((22, 5)))));
        let free = mail("mail.example.org", MailLinks::Free);
        assert!(is_held(&free, links(LinkClass::Metered, None, None)));
        assert!(!is_held(&free, links(LinkClass::Lan, None, None)));
        let here = mail("127.0.0.1", MailLinks::Free);
        assert!(!is_held(&here, links(LinkClass::Satellite, Some(0), None)), "on this machine");
    }
}
