//! Links that cost money.

use super::facts::{Facts, Inside};
use super::holdings::unseen;
use super::{Item, count};
use crate::links::{Links, MEGABYTE, NEARLY, class_name, hundredths};
use crate::moment::rfc3339;

pub(super) const LINKS: &str = "links";

pub(super) fn links(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(LINKS) };
    let links = &opened.links;
    if !links.is_costly() {
        return Item::ok(LINKS, "Links cost nothing: they stay open.");
    }
    if links.is_used_up() {
        let ends = rfc3339(links.month_ends());
        let what = format!(
            "The month's allowance is used up ({}): requests and answers still move, everything else waits until {}.",
            spent(links),
            &ends[..10]
        );
        return Item::attention(
            LINKS,
            what,
            "`tern link show` tells where the bytes went. Allow more with `tern link set --monthly-mb N`, or carry the rest on a stick: `tern bundle write`.",
        );
    }
    if !links.said && links.outlook.beyond {
        let minutes = links.tariff.every / 60_000;
        let hours = count(u64::try_from(minutes / 60).unwrap_or(0), "hour", "hours");
        let what = format!(
            "Nobody has said what links beyond the local network cost: they are taken to be metered, with contact every {hours}."
        );
        return Item::attention(
            LINKS,
            what,
            "Say what it costs: `tern link set --class broadband` if it costs nothing, so that links stay open; else `tern link set --class metered --price SUM --currency NAME --monthly-mb N`.",
        );
    }
    if let Some(used) = links.used().filter(|used| *used > NEARLY) {
        return Item::attention(
            LINKS,
            format!("{used} % of the month's allowance is used ({}).", spent(links)),
            "`tern link show` tells where the bytes went. Contact less often with `tern link set --every 12h`, or allow more with `--monthly-mb N`.",
        );
    }
    if !links.said {
        return Item::ok(LINKS, "No other node beyond the local network is known here.");
    }
    let class = class_name(links.tariff.class);
    Item::ok(LINKS, format!("Links beyond the local network are {class}: {}.", spent(links)))
}

/// What was spent this month, of how much, and for how much money.
fn spent(links: &Links) -> String {
    let megabytes = |bytes: u64| hundredths(bytes / (MEGABYTE / 100));
    let of = match links.tariff.allowance {
        Some(allowance) => format!(" of {}", allowance / MEGABYTE),
        None => String::new(),
    };
    let bill = match links.bill() {
        Some((sum, currency)) => format!(", about {} {currency}", hundredths(sum)),
        None => String::new(),
    };
    format!("{}{of} MB this month{bill}", megabytes(links.bytes()))
}
