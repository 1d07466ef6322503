//! What a listing is now: a function of the authority set and of the set of its
//! records, whatever the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use super::{Deed, Listing, ListingRefused};
use crate::authority::{Authority, Role};
use crate::identity::{CertificateId, ListingId, OrgId, RecordId};
use crate::review::fold::speaks_about;
use crate::signed::Verified;

/// Of the records of one signer on one listing the first so many, by their ids, are
/// heard.
pub const HEARD_MAX: usize = 512;

/// What stands of a listing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stood {
    /// The organisation whose it is, if anything counts.
    pub org: Option<OrgId>,
    /// What stands, each with its id, the one that is told first: what says something
    /// before what withdraws, then the last as is claimed, then the largest id. Of
    /// several that stand none knew of another, and whoever says it anew follows all.
    pub stands: Vec<(RecordId, Listing)>,
    /// What does not stand, with the reason.
    pub refused: BTreeMap<RecordId, ListingRefused>,
}

impl Stood {
    /// What is told: what the listing is, or that it is withdrawn; `None` if nothing
    /// counts.
    pub fn told(&self) -> Option<&(RecordId, Listing)> {
        self.stands.first()
    }

    /// Whether its organisation does not offer it any more: all that stands withdraws
    /// it. What is said beside a withdrawal, without knowing of it, is shown.
    pub fn is_withdrawn(&self) -> bool {
        let told = self.told();
        told.is_some_and(|(_, listing)| matches!(listing.deed, Deed::Withdraw { .. }))
    }

    /// What says the listing anew follows: all that stands, ascending, as far as one
    /// record can.
    pub fn follows(&self) -> Vec<RecordId> {
        let stands = self.stands.iter().take(super::FOLLOWS_MAX).map(|(id, _)| *id);
        stands.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// What stands. Equal sets of records give equal answers.
pub fn fold(authority: &Authority, id: ListingId, records: &[Verified<Listing>]) -> Stood {
    let mut stood = Stood::default();
    let ordered: BTreeMap<RecordId, &Verified<Listing>> =
        records.iter().map(|record| (record.id(), record)).collect();
    let mut heard: BTreeMap<CertificateId, usize> = BTreeMap::new();
    let mut counted: BTreeMap<RecordId, &Listing> = BTreeMap::new();
    for (record_id, record) in ordered {
        let number = heard.entry(record.body().by).or_default();
        *number += 1;
        let judged = match *number > HEARD_MAX {
            true => Err(ListingRefused::TooMany),
            false => judge(authority, id, record),
        };
        match judged {
            Ok(org) => {
                stood.org = Some(org);
                counted.insert(record_id, record.body());
            }
            Err(refused) => drop(stood.refused.insert(record_id, refused)),
        }
    }
    for (later, listing) in &counted {
        for earlier in listing.follows.iter().filter(|earlier| counted.contains_key(*earlier)) {
            let refused = stood.refused.entry(*earlier);
            refused.or_insert(ListingRefused::Followed(*later));
        }
    }
    let stands = counted.into_iter().filter(|(id, _)| !stood.refused.contains_key(id));
    stood.stands = stands.map(|(id, listing)| (id, listing.clone())).collect();
    let says = |listing: &Listing| matches!(listing.deed, Deed::Say { .. });
    stood.stands.sort_by_key(|(id, one)| std::cmp::Reverse((says(one), one.claimed_at, *id)));
    stood
}

fn judge(
    authority: &Authority,
    id: ListingId,
    record: &Verified<Listing>,
) -> Result<OrgId, ListingRefused> {
    let body = record.body();
    if record.only_signer().is_none() {
        return Err(ListingRefused::Signatures);
    }
    if body.listing(authority.federation()) != id {
        return Err(ListingRefused::OtherListing);
    }
    let about = Some(*id.as_bytes());
    let org = speaks_about(authority, body.by, &[Role::Publisher], record, about)?;
    let owner = authority.certificate(&body.founder).map(|granted| granted.org);
    if owner == Some(org) { Ok(org) } else { Err(ListingRefused::NotOwner) }
}
