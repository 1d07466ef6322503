//! A link that counts bytes.

use tern_web_ui::service::*;

use super::{NOW, invalid};

/// What a node that was told of its satellite tells.
pub(super) fn satellite() -> Links {
    Links {
        class: LinkClass::Satellite,
        said: true,
        month: LinkMonth {
            bytes: 12_400_000,
            allowance: Some(50_000_000),
            bill: Some("105 USD".into()),
            used_up: false,
            ends: NOW + 600_000,
        },
        contacts: 7,
        spent: vec![
            LinkSpent { purpose: "requests", costly: 400_000, free: 0 },
            LinkSpent { purpose: "library", costly: 12_000_000, free: 9_000 },
        ],
        free_bytes: 9_000,
        last: Some(NOW - 7_200),
        next: Some(NOW + 7_200),
        in_contact: false,
        waits: LinkWaits { requests: 1, library: 3, authority: 0, bytes: Some(14_000) },
        typed: SayLinks {
            class: "satellite".into(),
            price: "8.50".into(),
            currency: "USD".into(),
            monthly_mb: "50".into(),
            every: "4h".into(),
            ..SayLinks::default()
        },
        may_contact: true,
        may_say: false,
    }
}

/// What is told after somebody said something else.
pub(super) fn say(links: &mut Links, said: &SayLinks) -> Result<(), Refusal> {
    if !said.price.is_empty() && said.currency.is_empty() {
        return Err(invalid("link_currency", "Say the currency of the price, such as USD."));
    }
    links.class = match said.class.as_str() {
        "broadband" => LinkClass::Free,
        "metered" => LinkClass::Metered,
        _ => LinkClass::Satellite,
    };
    (links.said, links.typed) = (true, said.clone());
    Ok(())
}
