//! Mail that tells people that something waits.

use super::facts::{Facts, Inside};
use super::holdings::unseen;
use super::{Item, count};

pub(super) const MAIL: &str = "mail";

pub(super) fn mail(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(MAIL) };
    let mail = &opened.mail;
    let Some(server) = &mail.server else {
        return Item::ok(
            MAIL,
            "No mail is sent: `mail.server` names no mail server, and what waits for people stands on the pages.",
        );
    };
    if let Some(trouble) = &mail.trouble {
        return Item::attention(
            MAIL,
            format!("No mail goes through {server}: {trouble}."),
            "Mend it in `[mail]` of tern.toml and restart the node; what was to be told is kept and goes then. deploy/notifying.md explains each setting.",
        );
    }
    if mail.refused > 0 {
        let refused = count(mail.refused, "person's address", "people's addresses");
        return Item::attention(
            MAIL,
            format!("The mail server refuses {refused} for good; no mail goes there."),
            "Their page \"How you are told\" says so with the server's code: they enter another address. If it is yours to mend, see what the server says of `mail.from`.",
        );
    }
    if let Some(home) = &mail.nowhere {
        return Item::attention(
            MAIL,
            format!("Mail tells people to open {home}, which leads to this machine alone."),
            "Name the address at which they reach these pages: `hosts` and `https`, or `public` together with its name in `hosts`.",
        );
    }
    let people = count(mail.people, "person wants", "people want");
    let waits = match (mail.held, mail.queued) {
        (Some(why), _) => format!(" Mail waits: {why}."),
        (None, 0) => String::new(),
        (None, queued) => format!(" {} to be sent.", count(queued, "mail waits", "mails wait")),
    };
    Item::ok(MAIL, format!("{people} mail, through {server}.{waits}"))
}
