//! What people say of links, and what they are told.

use tern_crdt::timestamp::Timestamp;
use tern_protocol::tariff::Price;

use super::*;

fn usd(per_megabyte: u32) -> Option<Price> {
    Some(Price { per_megabyte, currency: "USD".into() })
}

/// Chad's node in November 2026, on a satellite at 8.50 USD.
fn chad(bytes: u64, allowance: Option<u64>) -> Links {
    let tariff = Tariff { allowance, price: usd(850), ..Tariff::of(LinkClass::Satellite) };
    let mut spent = Spent { contacts: 7, ..Spent::default() };
    let now = Timestamp(1_796_000_000_000);
    spent.note(now, true, Purpose::Library, bytes);
    Links { tariff, said: true, spent, outlook: Outlook::default(), weighs: [None; 3] }
}

#[test]
fn what_people_write_is_read_or_refused_in_words() {
    assert_eq!((every("30m"), every("4h"), every(" 1d ")), (Ok(30), Ok(240), Ok(1_440)));
    for wrong in ["", "4", "0h", "32d", "-4h", "4 weeks", "99999999999999999999h"] {
        assert!(every(wrong).is_err_and(|told| told.contains("4h")), "{wrong}");
    }
    assert_eq!((hours("22-05"), hours("any")), (Ok(Some((22, 5))), Ok(None)));
    for wrong in ["", "22", "22-24", "-5", "22:00-05:00"] {
        assert!(hours(wrong).is_err_and(|told| told.contains("22-05")), "{wrong}");
    }
    let sums = [("8.50", 850), ("8,5", 850), ("0.07", 7), ("12", 1_200), ("5.", 500)];
    for (text, sum) in sums {
        assert_eq!(price(text), Ok(Some(sum)), "{text}");
    }
    assert_eq!(price("none"), Ok(None));
    for wrong in ["", "8.505", "-1", "+1", "8.5.0", "1e3", "99999999999", "eight"] {
        assert!(price(wrong).is_err_and(|told| told.contains("8.50")), "{wrong}");
    }
    assert_eq!(megabytes("50"), Ok(50_000_000));
    assert!(megabytes("50 MB").is_err() && megabytes("18446744073709551615").is_err());
    assert_eq!(class_named("satellite"), Ok(LinkClass::Satellite));
    assert!(class_named("dial-up").is_err_and(|told| told.contains("metered")));
}

#[test]
fn what_was_not_said_stays_as_it_was() {
    let said = Said {
        class: Some(LinkClass::Satellite),
        price: Some(Some(850)),
        currency: Some("USD".into()),
        allowance: Some(Some(50)),
        ..Said::default()
    };
    let first = said.over(Tariff::unsaid()).expect("said");
    assert_eq!((first.class, &first.price), (LinkClass::Satellite, &usd(850)));
    let dearer = Said { price: Some(Some(900)), ..Said::default() }.over(first).expect("said");
    assert_eq!((dearer.allowance, &dearer.price), (Some(50), &usd(900)));
    let free = Said { price: Some(None), allowance: Some(None), ..Said::default() };
    let free = free.over(dearer).expect("said");
    assert_eq!((free.class, free.allowance, free.price), (LinkClass::Satellite, None, None));
}

#[test]
fn half_a_price_and_nothing_at_all_are_refused_with_the_field() {
    let refused = |said: Said| said.over(Tariff::unsaid()).expect_err("refused").field;
    assert_eq!(refused(Said::default()).as_deref(), Some("class"));
    let price = Some(Some(850));
    let half = Said { price, ..Said::default() };
    assert_eq!(refused(half).as_deref(), Some("currency"));
    let currency = Some("USD".to_owned());
    assert_eq!(refused(Said { currency, ..Said::default() }).as_deref(), Some("price"));
    let currency = Some("x".repeat(17));
    assert_eq!(refused(Said { price, currency, ..Said::default() }).as_deref(), Some("currency"));
    let every = Said { every: Some(i64::MAX), ..Said::default() };
    assert_eq!(refused(every).as_deref(), Some("every"));
}

#[test]
fn a_bill_an_allowance_and_the_end_of_the_month_are_told() {
    let told = chad(12_400_000, Some(50 * MEGABYTE));
    assert_eq!(
        (told.bill(), told.used(), told.is_used_up()),
        (Some((10_540, "USD")), Some(24), false)
    );
    let json = told.to_json();
    assert_eq!(
        (&json["month"], &json["month_ends"]),
        (&json!("2026-11"), &json!("2026-12-01T00:00:00Z"))
    );
    assert_eq!(json["bill"], json!({ "amount": "105.40", "currency": "USD" }));
    assert_eq!(json["spent"]["costly"]["library"], 12_400_000);
    assert_eq!(json["price"]["per_mb"], "8.50");
    assert!(chad(50 * MEGABYTE, Some(50 * MEGABYTE)).is_used_up());
    assert!(chad(1, Some(0)).is_used_up());
    assert_eq!(chad(1, None).used(), None);
}
