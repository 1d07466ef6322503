//! What links cost, and what was spent on them.
//!
//! A link within the local network costs nothing. What one beyond it costs the
//! operator says, once for this node: its [`LinkClass`], how often it may be
//! used when nothing presses, at which hours, and how many bytes a month. Until
//! somebody has said so, it is taken to be metered: a node that was set up in a
//! hurry behind a satellite should not have used up its month by evening.
//!
//! What this is not: a limit that others could rely on, or an exact bill. Bytes
//! of the transport are estimated from what was measured; the provider's own
//! count decides.

use bytes::Bytes;
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::CURRENCY_BYTES_MAX;
use crate::meeting::set::SetId;
use crate::message::Message;
use crate::reach::is_relayed;
use crate::store::{Store, StoreError};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const TARIFF: &[u8] = b"tariff";
const SPENT: &[u8] = b"spent";
const VERSION: u8 = 1;
/// Contacts over a metered link when nothing presses.
pub const EVERY: i64 = 4 * HOUR;
/// What opening a link takes of the transport, both ways: measured, of QUIC.
pub const OPENING_BYTES: u64 = 6_000;
/// What a frame takes beside its bytes: heads of packets and their
/// acknowledgement.
pub const FRAME_BYTES: u64 = 100;

/// What a link is like.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum LinkClass {
    /// Within the local network.
    #[n(0)]
    Lan,
    /// Bytes cost nothing: a link stays open.
    #[n(1)]
    Broadband,
    /// Bytes cost money: a link is opened now and then, and closed.
    #[n(2)]
    Metered,
    /// The same, and far: over half a second each way and back.
    #[n(3)]
    Satellite,
}

impl LinkClass {
    /// Whether bytes cost money.
    pub const fn is_costly(self) -> bool {
        matches!(self, Self::Metered | Self::Satellite)
    }
}

/// What a megabyte costs, for people to see.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Price {
    /// In hundredths of the currency for a million bytes.
    #[n(0)]
    pub per_megabyte: u32,
    /// What people call it: `USD`, `FCFA`.
    #[n(1)]
    pub currency: String,
}

/// What the operator has said of links beyond the local network.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Tariff {
    /// Their class.
    #[n(0)]
    pub class: LinkClass,
    /// The time between two contacts when nothing presses, in milliseconds;
    /// of costly classes only.
    #[n(1)]
    pub every: i64,
    /// Bytes in a calendar month, both ways. Beyond it requests and receipts
    /// alone move.
    #[n(2)]
    pub allowance: Option<u64>,
    /// The hours of the day at which to make contact when nothing presses,
    /// first and last, in UTC: 22 and 5 is the night.
    #[n(3)]
    pub hours: Option<(u8, u8)>,
    /// What it costs.
    #[n(4)]
    pub price: Option<Price>,
}

impl Tariff {
    /// Links of a class, with nothing else said.
    pub const fn of(class: LinkClass) -> Self {
        Self { class, every: EVERY, allowance: None, hours: None, price: None }
    }

    /// What is taken for true until somebody has said what is.
    pub const fn unsaid() -> Self {
        Self::of(LinkClass::Metered)
    }

    /// Why this cannot be, in words.
    ///
    /// # Errors
    /// An hour that there is not, contacts more often than each minute or
    /// less than once a month, or a currency that is longer than its bound.
    pub fn check(&self) -> Result<(), &'static str> {
        let hour = |hour: u8| hour < 24;
        if self.hours.is_some_and(|(from, to)| !(hour(from) && hour(to))) {
            return Err("an hour of the day is a number from 0 to 23");
        }
        if !(60_000..=31 * DAY).contains(&self.every) {
            return Err("contacts are made at most each minute, and at least each month");
        }
        let long = |price: &Price| price.currency.len() > CURRENCY_BYTES_MAX;
        if self.price.as_ref().is_some_and(long) {
            return Err("the name of the currency is longer than 16 bytes");
        }
        Ok(())
    }

    /// Whether contacts are made at this time.
    pub const fn is_open(&self, now: Timestamp) -> bool {
        let Some((from, to)) = self.hours else { return true };
        let hour = now.0.rem_euclid(DAY) / HOUR;
        let (from, to) = (from as i64, to as i64);
        if from <= to { from <= hour && hour <= to } else { hour >= from || hour <= to }
    }

    /// The first moment from `at` on at which contacts are made.
    pub fn opens(&self, at: Timestamp) -> Timestamp {
        if self.is_open(at) {
            return at;
        }
        let hour = Timestamp(at.0.saturating_sub(at.0.rem_euclid(HOUR)));
        let hours = (1..=24).map(|number| hour.plus(number * HOUR));
        hours.into_iter().find(|hour| self.is_open(*hour)).unwrap_or(at)
    }

    /// What so many bytes cost, in hundredths of the currency, if a price was
    /// said.
    pub fn bill(&self, bytes: u64) -> Option<u64> {
        let price = self.price.as_ref()?;
        let hundredths = u128::from(bytes) * u128::from(price.per_megabyte) / 1_000_000;
        Some(u64::try_from(hundredths).unwrap_or(u64::MAX))
    }

    /// As a value to be stored.
    pub fn keep(&self) -> Private {
        Private::local(TARIFF, Some(written(self)))
    }
}

/// What bytes were for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Purpose {
    /// Finding out what is lacking.
    Finding = 0,
    /// Who may say what.
    Authority = 1,
    /// Requests, answers, and word of where they are.
    Requests = 2,
    /// Practices and other public records.
    Library = 3,
    /// What the transport needs, estimated.
    Transport = 4,
    /// Files beside practices.
    Files = 5,
}

impl Purpose {
    /// In the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Requests,
        Self::Library,
        Self::Files,
        Self::Authority,
        Self::Finding,
        Self::Transport,
    ];

    /// What a message is for.
    pub const fn of(message: &Message) -> Self {
        match message {
            Message::Pieces { set, .. } if *set == SetId::Authority as u8 => Self::Authority,
            Message::Pieces { set, .. } if *set == SetId::Parcels as u8 => Self::Requests,
            Message::Pieces { .. } => Self::Library,
            Message::Custody { .. } | Message::CustodyTaken => Self::Requests,
            Message::Join(_) | Message::Joined(_) | Message::Credentials { .. } => Self::Authority,
            _ => Self::Finding,
        }
    }
}

/// Bytes both ways by what they were for, in the order of [`Purpose`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
pub struct ByPurpose(#[cbor(n(0), decode_with = "some_purposes")] pub [u64; 6]);

/// What was written when there were fewer purposes has fewer sums.
fn some_purposes<C>(
    d: &mut minicbor::Decoder<'_>,
    _: &mut C,
) -> Result<[u64; 6], minicbor::decode::Error> {
    let mut sums = [0; 6];
    for (at, sum) in d.array_iter::<u64>()?.enumerate() {
        *sums.get_mut(at).ok_or_else(|| minicbor::decode::Error::message("too many"))? = sum?;
    }
    Ok(sums)
}

impl ByPurpose {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Those of one purpose.
    pub const fn of(&self, purpose: Purpose) -> u64 {
        self.0[purpose as usize]
    }
}

/// What was spent in one calendar month, by this node's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
pub struct Spent {
    /// Months since January 1970.
    #[n(0)]
    pub month: i32,
    /// On links whose bytes cost money.
    #[n(1)]
    pub costly: ByPurpose,
    /// On others.
    #[n(2)]
    pub free: ByPurpose,
    /// Links that were opened and whose bytes cost money.
    #[n(3)]
    pub contacts: u32,
}

impl Spent {
    /// Bytes went either way. A new month begins with the first of them.
    pub fn note(&mut self, now: Timestamp, costly: bool, purpose: Purpose, bytes: u64) {
        self.begin(now);
        let of = if costly { &mut self.costly } else { &mut self.free };
        let sum = &mut of.0[purpose as usize];
        *sum = sum.saturating_add(bytes);
    }

    /// A month that is over is forgotten.
    pub fn begin(&mut self, now: Timestamp) {
        let month = month(now);
        if self.month != month {
            *self = Self { month, ..Self::default() };
        }
    }

    /// As a value to be stored.
    pub fn keep(&self) -> Private {
        Private::local(SPENT, Some(written(self)))
    }
}

/// Months since January 1970 (Howard Hinnant, "chrono-compatible low-level
/// date algorithms", `civil_from_days`).
pub fn month(now: Timestamp) -> i32 {
    let days = now.0.div_euclid(DAY) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let months = (era * 400 + year - 1_970) * 12 + from_march + 2;
    i32::try_from(months).unwrap_or(if months < 0 { i32::MIN } else { i32::MAX })
}

/// When a month begins; see [`month`]. Howard Hinnant, `days_from_civil`.
pub fn month_begins(month: i32) -> Timestamp {
    let (year, of_year) =
        (1_970 + i64::from(month.div_euclid(12)), i64::from(month.rem_euclid(12)));
    // Years begin in March, so that a leap day is the last.
    let (year, from_march) =
        if of_year < 2 { (year - 1, of_year + 10) } else { (year, of_year - 2) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day = of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5;
    Timestamp((era * 146_097 + day - 719_468).saturating_mul(DAY))
}

fn written(value: &impl minicbor::Encode<()>) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

fn read<T: for<'b> minicbor::Decode<'b, ()>>(
    value: Option<Bytes>,
    what: &str,
) -> Result<Option<T>, StoreError> {
    let Some(value) = value else { return Ok(None) };
    let damaged = || StoreError::Damaged(what.into());
    match value.split_first() {
        Some((&VERSION, body)) => minicbor::decode(body).map(Some).map_err(|_| damaged()),
        _ => Err(damaged()),
    }
}

impl<S: Store> Library<S> {
    /// What the operator has said of links, if anything.
    pub(crate) fn load_tariff(&self) -> Result<Option<Tariff>, StoreError> {
        read(self.local(TARIFF)?, "what links cost")
    }

    /// What was spent on links.
    pub(crate) fn load_spent(&self) -> Result<Spent, StoreError> {
        Ok(read(self.local(SPENT)?, "what was spent on links")?.unwrap_or_default())
    }
}

/// Whether an address (a multiaddr) is within the local network, or this very
/// machine. A name is not, as nobody knows where it leads; nor is whatever goes
/// over a relay.
pub fn is_near(address: &str) -> bool {
    let mut parts = address.split('/').skip(1);
    let (kind, host) = (parts.next(), parts.next());
    if is_relayed(address) {
        return false;
    }
    match (kind, host) {
        (Some("ip4"), Some(host)) => host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|host| host.is_private() || host.is_loopback() || host.is_link_local()),
        (Some("ip6"), Some(host)) => host.parse::<std::net::Ipv6Addr>().is_ok_and(|host| {
            host.is_loopback() || host.is_unique_local() || host.is_unicast_link_local()
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_costs_nothing() {
        let near = [
            "/ip4/127.0.0.1/udp/4480/quic-v1",
            "/ip4/192.168.1.7/tcp/4480",
            "/ip4/10.0.0.3/udp/4480/quic-v1/p2p/12D3",
            "/ip6/fe80::1/tcp/1",
            "/ip6/fd00::5/tcp/1",
        ];
        assert!(near.iter().all(|address| is_near(address)));
        let far = [
            "/ip4/8.8.8.8/tcp/4480",
            "/dns4/hub.example/tcp/4480",
            "/ip6/2001:db8::1/tcp/1",
            "/ip4/10.0.0.3/udp/1/quic-v1/p2p/12D3/p2p-circuit",
            "nonsense",
            "",
        ];
        assert!(!far.iter().any(|address| is_near(address)));
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let days = |days: i64| month(Timestamp(days * DAY));
        assert_eq!((days(0), days(30), days(31), days(58), days(59)), (0, 0, 1, 1, 2));
        assert_eq!(days(-1), -1);
        // 29 February and 1 March 2024.
        assert_eq!((days(19_782), days(19_783)), (54 * 12 + 1, 54 * 12 + 2));
        month(Timestamp(i64::MAX));
        month(Timestamp(i64::MIN));
        for number in -2_400..6_000 {
            let begins = month_begins(number);
            assert_eq!((month(begins), month(begins.plus(-1))), (number, number - 1));
        }
        month_begins(i32::MAX);
        month_begins(i32::MIN);
    }

    #[test]
    fn a_bill_is_what_the_bytes_cost_and_nobody_guesses_a_price() {
        let price = Price { per_megabyte: 850, currency: "USD".into() };
        let tariff = Tariff { price: Some(price), ..Tariff::unsaid() };
        assert_eq!(tariff.bill(12_400_000), Some(10_540));
        assert_eq!(tariff.bill(u64::MAX), Some(15_679_732_462_653_118));
        assert_eq!(Tariff::unsaid().bill(1), None);
    }

    #[test]
    fn what_was_spent_before_files_were_counted_is_still_known() {
        let mut old = Vec::new();
        minicbor::encode([[1_u64, 2, 3, 4, 5]], &mut old).expect("a Vec takes it");
        let sums: ByPurpose = minicbor::decode(&old).expect("it was written by us");
        assert_eq!(sums, ByPurpose([1, 2, 3, 4, 5, 0]));
        let mut new = Vec::new();
        minicbor::encode(ByPurpose([1, 2, 3, 4, 5, 6]), &mut new).expect("a Vec takes it");
        let again: ByPurpose = minicbor::decode(&new).expect("it was written by us");
        assert_eq!(again, ByPurpose([1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn a_night_goes_over_midnight() {
        let night = Tariff { hours: Some((22, 5)), ..Tariff::unsaid() };
        let at = |hour: i64| Timestamp(hour * HOUR);
        assert!(night.is_open(at(23)) && night.is_open(at(5)) && !night.is_open(at(6)));
        assert_eq!(night.opens(at(12).plus(5)), at(22));
        assert_eq!(night.opens(at(3)), at(3));
    }

    #[test]
    fn a_new_month_begins_at_nothing() {
        let mut spent = Spent::default();
        spent.note(Timestamp(0), true, Purpose::Requests, 5);
        spent.note(Timestamp(DAY), false, Purpose::Library, 7);
        assert_eq!((spent.costly.sum(), spent.free.of(Purpose::Library)), (5, 7));
        spent.note(Timestamp(40 * DAY), true, Purpose::Finding, 1);
        assert_eq!((spent.month, spent.costly.sum(), spent.free.sum()), (1, 1, 0));
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        let tariff = Tariff::unsaid();
        assert!(tariff.check().is_ok());
        assert!(Tariff { hours: Some((24, 1)), ..tariff.clone() }.check().is_err());
        assert!(Tariff { every: 10, ..tariff.clone() }.check().is_err());
        let price = Price { per_megabyte: 1, currency: "x".repeat(17) };
        assert!(Tariff { price: Some(price), ..tariff }.check().is_err());
    }
}
