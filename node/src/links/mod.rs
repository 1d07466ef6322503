//! What links cost, as people are told of it and say it.
//!
//! [`Links`] is one look at what a node makes of its links: what its operator
//! said, what was spent this month, what waits, and when it is told. Command,
//! pages, doctor and figures show the same look. When links are used is decided
//! by the replica (`tern_protocol::tariff`), not here.

mod said;

use serde_json::{Value, json};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::meeting::set::SetId;
use tern_protocol::replica::Outlook;
use tern_protocol::step::Command;
use tern_protocol::tariff::{ByPurpose, LinkClass, Purpose, Spent, Tariff, month_begins};

use crate::driver::now;
use crate::handle::NodeReplica;
use crate::moment::rfc3339;
use crate::ops::OpError;
use crate::running::Node;

pub use said::Said;
pub(crate) use said::{CLASSES, class_named, every, hours, megabytes, price};

/// Objects of one set whose bytes are looked up; of more nobody tells them.
const WEIGHED_MAX: usize = 64;
/// A million bytes, of which people are told and by which they pay.
pub const MEGABYTE: u64 = 1_000_000;
/// At so much of the allowance, in percent, it is time to look.
pub const NEARLY: u64 = 80;

/// One look at a node's links.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Links {
    /// What holds for links beyond the local network.
    pub tariff: Tariff,
    /// Whether somebody said so, here or in the settings.
    pub said: bool,
    /// What was spent in this month.
    pub spent: Spent,
    /// What waits, and when it is told.
    pub outlook: Outlook,
    /// Bytes of what waits, of each set in the order of [`SetId::ALL`]: about
    /// as many, before they are packed. `None` if nobody looked, or there is
    /// too much.
    pub weighs: [Option<u64>; SetId::ALL.len()],
}

impl Links {
    /// A look that reads nothing from the disk. `set` says that the settings
    /// name a class.
    pub fn at(replica: &NodeReplica, set: bool, now: Timestamp) -> Self {
        let mut spent = replica.spent();
        spent.begin(now);
        let mut outlook = replica.outlook();
        outlook.next = outlook.next.map(|next| next.max(now));
        let weighs = outlook.waiting.map(|waiting| waiting.filter(|count| *count == 0));
        let said = set || replica.is_tariff_said();
        Self { tariff: replica.tariff().clone(), said, spent, outlook, weighs }
    }

    /// Whether bytes beyond the local network cost money.
    pub const fn is_costly(&self) -> bool {
        self.tariff.class.is_costly()
    }

    /// Bytes of this month that cost money.
    pub fn bytes(&self) -> u64 {
        self.spent.costly.sum()
    }

    /// What they cost, in hundredths, and of which currency; if a price was
    /// said.
    pub fn bill(&self) -> Option<(u64, &str)> {
        let currency = self.tariff.price.as_ref()?.currency.as_str();
        Some((self.tariff.bill(self.bytes())?, currency))
    }

    /// How much of the allowance is used, in percent.
    pub fn used(&self) -> Option<u64> {
        let allowance = self.tariff.allowance.filter(|_| self.is_costly())?;
        if allowance == 0 {
            return Some(100);
        }
        let percent = u128::from(self.bytes()) * 100 / u128::from(allowance);
        Some(u64::try_from(percent).unwrap_or(u64::MAX))
    }

    /// Whether requests and answers alone move.
    pub fn is_used_up(&self) -> bool {
        self.used().is_some_and(|percent| percent >= 100)
    }

    /// When the next month begins, and with it the allowance.
    pub fn month_ends(&self) -> Timestamp {
        month_begins(self.spent.month.saturating_add(1))
    }

    /// As `tern link show` and `tern status` tell it.
    pub fn to_json(&self) -> Value {
        let Self { tariff, outlook, spent, .. } = self;
        let waiting = SetId::ALL.into_iter().zip(outlook.waiting).zip(self.weighs);
        let waiting = waiting.filter_map(|((set, objects), bytes)| {
            Some(json!({ "set": set_name(set), "objects": objects?, "bytes": bytes }))
        });
        let mut costly = by_purpose(&spent.costly);
        costly["contacts"] = json!(spent.contacts);
        json!({
            "class": class_name(tariff.class), "said": self.said, "costly": self.is_costly(),
            "every_minutes": tariff.every / 60_000,
            "monthly_bytes": tariff.allowance,
            "hours": tariff.hours.map(|(from, to)| format!("{from:02}-{to:02}")),
            "price": tariff.price.as_ref().map(|price| json!({
                "per_mb": hundredths(price.per_megabyte.into()), "currency": price.currency,
            })),
            "month": rfc3339(month_begins(spent.month))[..7],
            "spent": { "costly": costly, "free": by_purpose(&spent.free) },
            "bill": self.bill().map(|(sum, currency)| json!({
                "amount": hundredths(sum), "currency": currency,
            })),
            "used_percent": self.used(), "used_up": self.is_used_up(),
            "month_ends": rfc3339(self.month_ends()),
            "last_contact": outlook.last.map(rfc3339), "next_contact": outlook.next.map(rfc3339),
            "in_contact": outlook.in_contact, "beyond": outlook.beyond,
            "waiting": waiting.collect::<Vec<_>>(),
        })
    }
}

/// Hundredths as people write them.
pub fn hundredths(sum: u64) -> String {
    format!("{}.{:02}", sum / 100, sum % 100)
}

/// The code of a class.
pub fn class_name(class: LinkClass) -> &'static str {
    CLASSES.iter().find(|(_, known)| *known == class).map_or("metered", |(name, _)| name)
}

/// The code of a purpose.
pub const fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Requests => "requests",
        Purpose::Library => "library",
        Purpose::Authority => "authority",
        Purpose::Finding => "finding",
        Purpose::Transport => "transport",
        Purpose::Files => "files",
    }
}

/// The code of a set.
const fn set_name(set: SetId) -> &'static str {
    match set {
        SetId::Authority => "authority",
        SetId::Parcels => "requests",
        SetId::Public => "library",
        SetId::Drafts => "drafts",
    }
}

fn by_purpose(spent: &ByPurpose) -> Value {
    let mut told = json!({ "bytes": spent.sum() });
    for purpose in Purpose::ALL {
        told[purpose_name(purpose)] = json!(spent.of(purpose));
    }
    told
}

impl Node {
    /// A look at the links, and how much waits.
    ///
    /// # Errors
    /// The node is stopping, or what waits cannot be read.
    pub async fn look_at_links(&self) -> Result<Links, OpError> {
        let set = self.settings().link_class.is_some();
        let looked = self.handle().read(move |replica| {
            let mut links = Links::at(replica, set, now());
            for (weighs, set) in links.weighs.iter_mut().zip(SetId::ALL) {
                *weighs = weigh(replica, set);
            }
            links
        });
        Ok(looked.await?)
    }

    /// The same without how much waits: cheap.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn glance_at_links(&self) -> Result<Links, OpError> {
        let set = self.settings().link_class.is_some();
        Ok(self.handle().read(move |replica| Links::at(replica, set, now())).await?)
    }

    /// Notes what somebody said of links; what was not said stays as it was.
    ///
    /// # Errors
    /// What cannot be, with the name of its field.
    pub async fn say_of_links(&self, said: Said) -> Result<(), OpError> {
        let before = self.handle().read(|replica| replica.tariff().clone()).await?;
        self.handle().command(Command::Tariff(said.over(before)?)).await?;
        self.keep_company().await?;
        Ok(())
    }
}

/// Bytes of what changed in a set since the last contact: of what is new all,
/// of what changed the last edition.
fn weigh(replica: &NodeReplica, set: SetId) -> Option<u64> {
    let news = replica.untold(set).filter(|news| news.len() <= WEIGHED_MAX)?;
    let mut sum = 0;
    for (id, before) in news {
        let pieces = replica.library().stored_pieces(set, &id).ok()?;
        let lacking = if before.is_some() { pieces.len().saturating_sub(1) } else { 0 };
        sum += pieces[lacking..].iter().map(|piece| piece.content_bytes() as u64).sum::<u64>();
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
