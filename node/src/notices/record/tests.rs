//! Told once, never lost, never before an address is confirmed.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn key(no: u16) -> Key {
    let mut key = [0; 16];
    key[..2].copy_from_slice(&no.to_le_bytes());
    key
}

fn entered() -> Record {
    let mut record = Record { often: Often::Hour, ..Record::default() };
    record.enter(&"awa@example.org".parse().expect("an address"), "01234567".into(), NOW);
    record
}

fn confirmed() -> Record {
    let mut record = entered();
    record.confirm("0123 4567", [7; 32], &[key(1)], NOW).expect("confirmed");
    record
}

#[test]
fn nothing_is_sent_to_an_address_before_its_code_came_back() {
    let mut record = entered();
    assert_eq!(record.often(), Often::Never);
    let refused = record.confirm("76543210", [7; 32], &[], NOW).expect_err("another code");
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::Invalid, Some("code")));
    record.confirm(" 0123-4567 ", [7; 32], &[key(1)], NOW).expect("confirmed");
    assert_eq!(record.often(), Often::Hour);
    assert_eq!(record.address.as_deref(), Some("awa@example.org"));
    assert!(record.pending.is_none() && record.stops(&[7; 32]) && !record.stops(&[8; 32]));
    assert_eq!(record.fresh(&[key(1), key(2)]), [key(2)], "what waits is known already");
}

#[test]
fn a_code_ends_after_a_day_or_five_wrong_ones() {
    for late in [CODE_TIME + 1, -CODE_TIME - 1] {
        let refused = entered().confirm("01234567", [7; 32], &[], NOW.plus(late));
        assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::Expired));
    }
    let mut record = entered();
    for _ in 0..TRIES_MAX {
        assert!(record.confirm("1", [7; 32], &[], NOW).is_err());
    }
    let refused = record.confirm("01234567", [7; 32], &[], NOW);
    assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::Expired));
    assert_eq!(code_of([255; 8]).len(), 8);
    assert_eq!(code_of([1, 0, 0, 0, 0, 0, 0, 0]), "00000001");
}

#[test]
fn what_was_told_is_not_told_again_and_what_waits_anew_is() {
    let mut record = confirmed();
    let fresh = record.fresh(&[key(1), key(2)]);
    record.queue([3; 16], &fresh);
    // Killed here, the same is read again.
    let kept = record.keep("awa").value.expect("a value");
    let mut record: Record = stored::read(&kept, "it").expect("read");
    assert!(!record.is_moot(&[key(1), key(2)]));
    assert!(record.is_moot(&[key(1)]), "somebody has dealt with it");
    record.mailed(&[key(1), key(2), key(5)], NOW);
    assert!(record.queued.is_none() && record.fresh(&[key(2), key(5)]).is_empty());
    assert_eq!(record.fresh(&[]), Vec::<Key>::new());
    assert!(record.fresh(&[key(2)]).is_empty(), "it is remembered while it does not wait");
    assert_eq!(record.fresh(&[key(2), key(4)]), [key(4)]);
}

proptest! {
    #[test]
    fn whatever_waits_in_whatever_order_is_told_once_for_as_long_as_it_waits(
        looks in vec(vec(0_u16..1_200, 0..80), 1..60),
    ) {
        let mut record = confirmed();
        for look in looks {
            let waits: Vec<Key> = look.into_iter().map(key).collect();
            let fresh = record.fresh(&waits);
            prop_assert!(fresh.iter().all(|key| waits.contains(key)));
            if fresh.is_empty() {
                continue;
            }
            record.queue([1; 16], &fresh);
            prop_assert!(!record.is_moot(&waits));
            let kept = record.keep("awa").value.expect("a value");
            let mut read: Record = stored::read(&kept, "it").expect("read");
            prop_assert!(read == record);
            read.mailed(&waits, NOW);
            prop_assert!(read.fresh(&waits).is_empty(), "nothing is told twice");
            prop_assert!(read.told.len() <= TOLD_MAX);
            record = read;
        }
    }

    #[test]
    fn no_text_of_a_code_panics_or_confirms_but_the_right_one(typed in "\\PC{0,40}") {
        let mut record = entered();
        let right = digits(&typed) == "01234567";
        let told = record.confirm(&typed, [7; 32], &[], NOW);
        prop_assert_eq!(told.is_ok(), right);
        prop_assert_eq!(record.address.is_some(), right);
    }
}

#[test]
fn no_more_is_remembered_than_fits_and_the_latest_stays() {
    let mut record = confirmed();
    for no in 0..u16::try_from(TOLD_MAX).expect("small") + 50 {
        record.mailed(&[key(no)], NOW);
    }
    assert_eq!(record.told.len(), TOLD_MAX);
    assert_eq!(record.fresh(&[key(0), key(1_049)]), [key(0)]);
}

#[test]
fn an_address_that_is_refused_gets_nothing_until_it_is_entered_again() {
    let mut record = confirmed();
    record.refused("550".into(), NOW);
    assert_eq!(record.often(), Often::Never);
    record.enter(&"awa@example.net".parse().expect("an address"), "11111111".into(), NOW);
    assert_eq!(record.often(), Often::Hour, "the first one is asked again");
    record.forget_addresses();
    assert_eq!(record, Record::default());
    assert_eq!(record.keep("awa").value, None, "nothing is left of it");
}

#[test]
fn a_feed_is_read_by_its_secret_and_two_feeds_name_nothing_alike() {
    let record = Record { feed: Some(hash(&[9; 32]).into()), ..Record::default() };
    assert!(record.feeds(&[9; 32]) && !record.feeds(&[8; 32]));
    assert!(!Record::default().feeds(&[0; 32]) && !Record::default().stops(&[0; 32]));
    assert_ne!(in_feed(&key(1), &[1; 32]), in_feed(&key(1), &[2; 32]));
}
