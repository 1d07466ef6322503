//! What fetching a file would take: bytes, time and money, told before it is
//! begun.

use tern_protocol::tariff::LinkClass;

use crate::links::Links;

/// Of a hundred bytes of a file so many travel: its lists, the heads of
/// messages and packets, and what acknowledges them. Measured, of QUIC.
const TRAVEL: u64 = 108;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// Bytes over the link, both ways.
    pub bytes: u64,
    /// About how long it takes.
    pub seconds: u64,
    /// What it costs, in hundredths, and of which currency; `None` if links
    /// cost nothing or nobody said how much.
    pub cost: Option<(u64, String)>,
    /// Whether bytes cost money at all.
    pub costly: bool,
}

/// Bytes a second that links of a class are taken to carry until one was seen
/// to.
const fn taken_for(class: LinkClass) -> u64 {
    match class {
        LinkClass::Lan => 5_000_000,
        LinkClass::Broadband => 1_000_000,
        LinkClass::Metered => 30_000,
        LinkClass::Satellite => 60_000,
    }
}

impl Estimate {
    /// Of so many bytes that lack; `seen` is the rate of the last file, if one
    /// came.
    pub fn of(lacks: u64, links: &Links, seen: Option<u64>) -> Self {
        let bytes = lacks.saturating_mul(TRAVEL) / 100;
        let rate = seen.unwrap_or_else(|| taken_for(links.tariff.class)).max(1);
        let costly = links.is_costly();
        let currency = links.tariff.price.as_ref().filter(|_| costly);
        let cost =
            currency.and_then(|price| Some((links.tariff.bill(bytes)?, price.currency.clone())));
        Self { bytes, seconds: lacks.div_ceil(rate), cost, costly }
    }
}
