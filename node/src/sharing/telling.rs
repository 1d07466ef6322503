//! Who is behind held and adopted work of a draft, by name.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{Adopt, Remove, Revoke};
use tern_crdt::identity::{ActorId, CertificateId, FederationId, RecordId};

use super::held::{self, Held};
use super::mending::Way;
use crate::drafts::{Opened, Stored};
use crate::governing::reason_code;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::reading::org_name;
use crate::running::Node;

/// Somebody who signed something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Signatory {
    /// Their name, if they have one that they did not take back.
    pub person: Option<String>,
    /// Their organisation.
    pub org: String,
}

impl Signatory {
    pub(crate) fn of(replica: &NodeReplica, certificate: &CertificateId) -> Self {
        let library = replica.library();
        let org = library.authority().certificate(certificate).map(|granted| granted.org);
        Self {
            person: library.name(certificate).map(str::to_owned),
            org: org.map(|org| org_name(library.authority(), org).name).unwrap_or_default(),
        }
    }
}

/// A certificate that ended, so that work is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndedTold {
    /// Which.
    pub certificate: CertificateId,
    /// Whose it was.
    pub who: Signatory,
    /// Why: the code of a revocation, or `removed` with the organisation.
    pub reason: &'static str,
}

/// Held work, told.
#[derive(Clone, Debug)]
pub struct HeldTold {
    /// The work.
    pub work: Held,
    /// Who wrote it.
    pub writers: Vec<Signatory>,
    /// Which certificates ended.
    pub ended: Vec<EndedTold>,
    /// What may become of it on this node.
    pub way: Way,
}

/// Changes of somebody whose certificate ended, which are shown because somebody
/// adopted them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AdoptedTold {
    /// Who wrote them.
    pub who: Signatory,
    /// Who adopted them.
    pub by: Signatory,
    /// Why, for readers; may be empty.
    pub reason: String,
}

impl Node {
    /// The held work of a draft, with who is behind it.
    ///
    /// # Errors
    /// The draft cannot be read.
    pub async fn held_told(&self, opened: &Opened) -> Result<Vec<HeldTold>, OpError> {
        let all = self.held_of(opened).await?;
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let tell = move |replica: &NodeReplica| {
            let told = |work: Held| HeldTold {
                writers: work.writers.iter().map(|id| Signatory::of(replica, id)).collect(),
                ended: work.ended.iter().map(|(id, by)| ended(replica, id, by)).collect(),
                way: Way::of(&work),
                work,
            };
            all.into_iter().map(told).collect()
        };
        Ok(self.handle().read(tell).await?)
    }

    /// What of a draft is shown because somebody adopted it.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn adopted_told(&self, stored: &Stored) -> Result<Vec<AdoptedTold>, OpError> {
        let pairs = adopted(self.identity().federation, stored);
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let tell = move |replica: &NodeReplica| {
            let told = pairs.into_iter().filter_map(|(certificate, record)| {
                let record = replica.library().authority().record(&record)?;
                let adopt = record.record().peek::<Adopt>().ok()?;
                let who = Signatory::of(replica, &certificate);
                Some(AdoptedTold {
                    who,
                    by: Signatory::of(replica, &adopt.by),
                    reason: adopt.reason,
                })
            });
            told.collect::<BTreeSet<_>>().into_iter().collect()
        };
        Ok(self.handle().read(tell).await?)
    }
}

fn ended(replica: &NodeReplica, id: &CertificateId, by: &RecordId) -> EndedTold {
    let record = replica.library().authority().record(by).map(|record| record.record());
    let revoke = record.and_then(|record| record.peek::<Revoke>().ok());
    let removed = record.is_some_and(|record| record.is::<Remove>());
    EndedTold {
        certificate: *id,
        who: Signatory::of(replica, id),
        reason: match (revoke, removed) {
            (Some(revoke), _) => reason_code(revoke.reason),
            (None, true) => "removed",
            (None, false) => "",
        },
    }
}

/// Whose changes are shown by which adoption.
fn adopted(federation: FederationId, stored: &Stored) -> BTreeSet<(CertificateId, RecordId)> {
    let authors: BTreeMap<ActorId, CertificateId> = held::authors(federation, stored);
    let changes = stored.shared.iter().flat_map(|shared| &shared.changes);
    let pairs = changes.filter_map(|(meta, _)| {
        Some((*authors.get(&meta.actor)?, *stored.adopted.get(&meta.hash)?))
    });
    pairs.collect()
}
