//! What links cost, as the pages show and say it.

use tern_protocol::meeting::set::SetId;
use tern_protocol::step::Command;
use tern_protocol::tariff::{LinkClass as Class, Purpose, Tariff, is_near};
use tern_web_ui::service::{
    FieldError, LinkClass, LinkMonth, LinkSpent, LinkWaits, Links as Shown, Reader, Refusal,
    SayLinks,
};

use super::network::operates;
use super::{refusal, seconds, sentence};
use crate::links::{
    Links, MEGABYTE, Said, class_name, class_named, every, hours, hundredths, megabytes, price,
    purpose_name,
};
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// Sums from here on, in hundredths, are told without them.
const WHOLE: u64 = 10_000;

/// The line of every page: of a node whose links cost money, once somebody
/// said so or something was spent.
pub(super) fn month_if_costly(links: &Links) -> Option<LinkMonth> {
    let counts = links.is_costly() && (links.said || links.bytes() > 0);
    counts.then(|| month(links))
}

fn month(links: &Links) -> LinkMonth {
    LinkMonth {
        bytes: links.bytes(),
        allowance: links.tariff.allowance.filter(|_| links.is_costly()),
        bill: links.bill().map(|(sum, currency)| format!("{} {currency}", money(sum))),
        used_up: links.is_used_up(),
        ends: seconds(links.month_ends()),
    }
}

/// A sum, rounded where hundredths say nothing.
fn money(sum: u64) -> String {
    if sum < WHOLE { hundredths(sum) } else { (sum.saturating_add(50) / 100).to_string() }
}

/// A class as people are asked for it.
pub(super) const fn class(class: Class) -> LinkClass {
    match class {
        Class::Lan | Class::Broadband => LinkClass::Free,
        Class::Metered => LinkClass::Metered,
        Class::Satellite => LinkClass::Satellite,
    }
}

/// The page.
///
/// # Errors
/// The node is stopping.
pub(super) async fn links(node: &Node, reader: &Reader) -> Result<Shown, OpError> {
    let links = node.look_at_links().await?;
    let may_say = operates(node, reader).await?;
    let may_contact = reader.account.is_some() && links.outlook.beyond;
    Ok(shown(&links, may_contact, may_say))
}

fn shown(links: &Links, may_contact: bool, may_say: bool) -> Shown {
    let Links { tariff, said, spent, outlook, weighs } = links;
    let waiting = |set: SetId| {
        let at = SetId::ALL.into_iter().position(|known| known == set);
        at.and_then(|at| outlook.waiting[at]).unwrap_or(0)
    };
    Shown {
        class: class(tariff.class),
        said: *said,
        month: month(links),
        contacts: spent.contacts,
        spent: Purpose::ALL
            .map(|purpose| LinkSpent {
                purpose: purpose_name(purpose),
                costly: spent.costly.of(purpose),
                free: spent.free.of(purpose),
            })
            .into(),
        free_bytes: spent.free.sum(),
        last: outlook.last.map(seconds),
        next: outlook.next.map(seconds),
        in_contact: outlook.in_contact,
        waits: LinkWaits {
            requests: waiting(SetId::Parcels),
            library: waiting(SetId::Public),
            authority: waiting(SetId::Authority),
            bytes: weighs.iter().copied().sum(),
        },
        typed: if *said { typed(links) } else { SayLinks::default() },
        may_contact,
        may_say,
    }
}

/// What was said, as it would be typed.
fn typed(links: &Links) -> SayLinks {
    let tariff = &links.tariff;
    let (from, to) = match tariff.hours {
        Some((from, to)) => (from.to_string(), to.to_string()),
        None => <(String, String)>::default(),
    };
    let class = match class(tariff.class) {
        LinkClass::Free => "broadband",
        _ => class_name(tariff.class),
    };
    let price = tariff.price.as_ref();
    let minutes = tariff.every / 60_000;
    SayLinks {
        class: class.into(),
        price: price.map(|price| hundredths(price.per_megabyte.into())).unwrap_or_default(),
        currency: price.map(|price| price.currency.clone()).unwrap_or_default(),
        monthly_mb: tariff.allowance.map(|all| (all / MEGABYTE).to_string()).unwrap_or_default(),
        every: match minutes % 60 {
            0 => format!("{}h", minutes / 60),
            _ => format!("{minutes}m"),
        },
        from,
        to,
    }
}

/// What was typed, read; every field that cannot be is named.
///
/// # Errors
/// Fields that are not right.
pub(super) fn read(said: &SayLinks) -> Result<Said, Refusal> {
    let mut wrong = Vec::new();
    let class = field("class", &said.class, class_named, &mut wrong);
    let allowance = field("monthly_mb", &said.monthly_mb, megabytes, &mut wrong);
    let price = field("price", &said.price, price, &mut wrong).flatten();
    let between = field("every", &said.every, every, &mut wrong).unwrap_or(DEFAULT_EVERY);
    let hours = match (said.from.as_str(), said.to.as_str()) {
        ("", "") => None,
        (from, "") => {
            wrong.push(error("to", "invalid", "Say the last hour too, or leave both empty."));
            field("from", &format!("{from}-0"), hours, &mut wrong).flatten()
        }
        (from, to) => field("from", &format!("{from}-{to}"), hours, &mut wrong).flatten(),
    };
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong));
    }
    Ok(Said {
        class,
        every: Some(between),
        allowance: Some(allowance),
        hours: Some(hours),
        price: Some(price),
        currency: Some(said.currency.clone()),
    })
}

/// Minutes between two contacts where nothing was typed.
const DEFAULT_EVERY: i64 = tern_protocol::tariff::EVERY / 60_000;

fn field<T>(
    name: &str,
    text: &str,
    read: fn(&str) -> Result<T, String>,
    wrong: &mut Vec<FieldError>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    read(text).map_err(|why| wrong.push(error(name, "invalid", &sentence(&why)))).ok()
}

fn error(name: &str, code: &str, message: &str) -> FieldError {
    let field = format!("link_{name}");
    FieldError { field, code: code.into(), message: message.into(), limit: None }
}

/// Notes what somebody who operates the node typed.
///
/// # Errors
/// The reader is no operator; fields that are not right.
pub(super) async fn say(node: &Node, reader: &Reader, said: &SayLinks) -> Result<(), Refusal> {
    if !operates(node, reader).await? {
        let what = "only the operator of this node can say what links cost";
        return Err(refusal(OpError::new(ErrorCode::NotAllowed, what)));
    }
    note(node, read(said)?).await
}

/// Notes what was read.
///
/// # Errors
/// A field that does not go with another.
pub(super) async fn note(node: &Node, said: Said) -> Result<(), Refusal> {
    node.say_of_links(said).await.map_err(named)
}

/// Whether what was read can be said of a new node, before there is one.
///
/// # Errors
/// A field that does not go with another.
pub(super) fn fits(said: &Said) -> Result<(), Refusal> {
    said.clone().over(Tariff::unsaid()).map(drop).map_err(named)
}

/// A refusal with the name that its field has in the form.
fn named(refused: OpError) -> Refusal {
    let field = refused.field.as_ref().map(|name| format!("link_{name}"));
    refusal(OpError { field, ..refused })
}

/// Makes contact with whoever answered last beyond the local network, without
/// waiting for its end; whether anybody is known there.
///
/// # Errors
/// The node is stopping.
pub(super) async fn contact(node: &Node) -> Result<bool, OpError> {
    let peer = node.handle().read(|replica| {
        let own = replica.node();
        let saved = replica.addresses().iter().filter(|(address, _)| !is_near(address));
        let known =
            saved.filter_map(|(_, saved)| Some((saved.met_at, saved.saved_at, saved.peer?)));
        known.filter(|(.., peer)| *peer != own).max().map(|(.., peer)| peer)
    });
    let Some(peer) = peer.await? else { return Ok(false) };
    let handle = node.handle().clone();
    tokio::spawn(async move {
        if let Err(error) = handle.command(Command::Meet { peer }).await {
            tracing::info!(%error, "a contact that was asked for did not happen");
        }
    });
    Ok(true)
}

#[cfg(test)]
mod tests {
    use tern_protocol::replica::Outlook;
    use tern_protocol::tariff::{Price, Spent};

    use super::*;

    fn satellite() -> SayLinks {
        SayLinks {
            class: "satellite".into(),
            price: "8.50".into(),
            currency: "USD".into(),
            monthly_mb: "50".into(),
            every: "90m".into(),
            from: "22".into(),
            to: "5".into(),
        }
    }

    fn links(tariff: Tariff) -> Links {
        let (spent, outlook) = (Spent::default(), Outlook::default());
        Links { tariff, said: true, spent, outlook, weighs: [Some(0); 3] }
    }

    #[test]
    fn a_form_comes_back_as_it_was_typed() {
        let Ok(said) = read(&satellite()) else { panic!("read") };
        assert_eq!(said.hours, Some(Some((22, 5))));
        let price = Some(Price { per_megabyte: 850, currency: "USD".into() });
        let tariff = Tariff {
            every: 90 * 60_000,
            allowance: Some(50 * MEGABYTE),
            hours: Some((22, 5)),
            price,
            ..Tariff::of(Class::Satellite)
        };
        assert_eq!(typed(&links(tariff)), satellite());
        assert_eq!(typed(&links(Tariff::of(Class::Lan))).class, "broadband");
    }

    #[test]
    fn every_field_that_cannot_be_is_named_at_once() {
        let wrong = SayLinks {
            price: "cheap".into(),
            monthly_mb: "-1".into(),
            every: "often".into(),
            from: "25".into(),
            to: String::new(),
            ..satellite()
        };
        let Err(Refusal::Invalid(found)) = read(&wrong) else { panic!("refused") };
        let fields: Vec<&str> = found.iter().map(|wrong| wrong.field.as_str()).collect();
        let expected = ["link_monthly_mb", "link_price", "link_every", "link_to", "link_from"];
        assert_eq!(fields, expected);
        assert!(found.iter().all(|wrong| wrong.message.ends_with('.')));
    }

    #[test]
    fn what_is_left_empty_is_taken_back() {
        let Ok(said) = read(&SayLinks { class: "metered".into(), ..SayLinks::default() }) else {
            panic!("read")
        };
        assert_eq!((said.allowance, said.hours, said.price), (Some(None), Some(None), Some(None)));
        assert_eq!(said.every, Some(240));
    }

    #[test]
    fn large_sums_are_told_without_hundredths() {
        assert_eq!(
            (money(9_999), money(10_540), money(10_550)),
            ("99.99".into(), "105".into(), "106".into())
        );
    }
}
