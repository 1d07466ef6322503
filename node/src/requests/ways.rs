//! The way of a parcel, as those who held it signed: made, carried, arrived,
//! opened.
//!
//! Nothing depends on it. A holder's word goes back from hand to hand to the
//! sender; whoever is at the other end knows its own holder's and who gave it.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{CertificateId, NodeId, OrgId, ParcelId, RecordId};
use tern_crdt::request::Deed;
use tern_crdt::request::fold::Case;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::library::Library;
use tern_protocol::routing::desk::Dossier;
use tern_protocol::store::{Store, StoreError};

use crate::reading::{OrgName, org_name};

/// What is known of a parcel's way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Made and encrypted.
    Made,
    /// Held where it cannot be read.
    Carried,
    /// Held by a node of an organisation that it is for.
    Arrived,
    /// Opened there.
    Opened,
}

impl Stage {
    /// Its word in receipts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Carried => "carried",
            Self::Arrived => "arrived",
            Self::Opened => "opened",
        }
    }
}

/// One step of a parcel's way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// What happened.
    pub stage: Stage,
    /// At which node, where that is known.
    pub node: Option<NodeId>,
    /// Of which organisation.
    pub org: OrgName,
    /// When, by that node's clock.
    pub at: Timestamp,
}

/// The way of one parcel, oldest step first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The event that it carried; `None` for the request itself.
    pub event: Option<RecordId>,
    /// Its steps.
    pub steps: Vec<Receipt>,
}

/// The ways of the parcels that were made here, or came here.
pub(super) fn ways<S: Store>(
    library: &Library<S>,
    dossier: &Dossier,
    case: &Case,
) -> Result<Vec<Way>, StoreError> {
    let authority = library.authority();
    let mut parcels: Vec<(Option<RecordId>, ParcelId, Timestamp)> =
        vec![(None, dossier.parcel, dossier.request.body().claimed_at)];
    let mut events: Vec<_> = dossier
        .events
        .iter()
        .filter(|(id, held)| {
            let deed = &held.event.body().deed;
            !case.refused.contains_key(*id) && !matches!(deed, Deed::Received)
        })
        .collect();
    events.sort_by_key(|(id, held)| (held.received, **id));
    parcels.extend(
        events.iter().map(|(id, held)| (Some(**id), held.parcel, held.event.body().claimed_at)),
    );
    let org = |certificate: &CertificateId| {
        authority.certificate(certificate).map_or_else(|| OrgId::new([0; 32]), |g| g.org)
    };
    let readers: BTreeSet<OrgId> = case
        .asked
        .iter()
        .map(|asked| &asked.expert)
        .chain([&dossier.request.body().by])
        .map(org)
        .collect();
    let mut ways = Vec::new();
    for (event, parcel, claimed) in parcels {
        let Some(held) = library.parcel(&parcel)? else { continue };
        let maker = held.label.body().by;
        let node = |certificate: &CertificateId| {
            authority.certificate(certificate).map(|g| g.certificate.key.node())
        };
        let made = Receipt {
            stage: Stage::Made,
            node: node(&maker),
            org: org_name(authority, org(&maker)),
            at: claimed,
        };
        let mut steps = vec![made];
        let mut custodies = library.custodies(&parcel)?;
        custodies.sort_by_key(|custody| custody.at);
        // Where the words of those before did not come: who gave it, as the
        // holder says.
        let known: BTreeSet<CertificateId> = custodies.iter().map(|custody| custody.by).collect();
        let givers = custodies.iter().map(|custody| (custody.from, custody.at));
        let unheard = givers.filter(|(from, _)| *from != maker && !known.contains(from));
        let unheard: BTreeMap<CertificateId, Timestamp> = unheard.collect();
        steps.extend(unheard.iter().map(|(by, at)| Receipt {
            stage: if readers.contains(&org(by)) { Stage::Arrived } else { Stage::Carried },
            node: node(by),
            org: org_name(authority, org(by)),
            at: *at,
        }));
        steps.extend(custodies.iter().map(|custody| {
            let holder = org(&custody.by);
            Receipt {
                stage: if readers.contains(&holder) { Stage::Arrived } else { Stage::Carried },
                node: node(&custody.by),
                org: org_name(authority, holder),
                at: custody.at,
            }
        }));
        if event.is_none() {
            steps.extend(opened(dossier, case).map(|(by, at)| Receipt {
                stage: Stage::Opened,
                node: node(by),
                org: org_name(authority, org(by)),
                at,
            }));
        }
        ways.push(Way { event, steps });
    }
    Ok(ways)
}

/// Who said that the request was opened there, and when.
fn opened<'a>(
    dossier: &'a Dossier,
    case: &'a Case,
) -> impl Iterator<Item = (&'a CertificateId, Timestamp)> {
    dossier.events.iter().filter_map(|(id, held)| {
        let body = held.event.body();
        let counts = matches!(body.deed, Deed::Received) && !case.refused.contains_key(id);
        counts.then_some((&body.by, body.claimed_at))
    })
}
