//! What waits for approvals, told so that a person can decide.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{Authority, Charter, Profile, Proposal, Proposed, Rekey, RosterChange};
use tern_crdt::identity::{OrgId, PublicKey, RecordId};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::membership::Recovering;

use super::likeness::Face;
use super::proposing::may_approve;
use super::roster::change_code;
use super::{Alike, Change, changes};
use crate::handle::NodeReplica;
use crate::members::{Candidate, candidates};
use crate::ops::OpError;
use crate::reading::{OrgName, org_name};
use crate::recovery::rekey_waiting;
use crate::running::{Node, stopping};

/// What kind of thing waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The next charter.
    Charter,
    /// A change of the roster.
    Roster(RosterChange),
    /// New root keys for an organisation.
    Rekey,
}

impl Kind {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Charter => "charter",
            Self::Roster(change) => change_code(change),
            Self::Rekey => "rekey",
        }
    }
}

/// Something that waits.
#[derive(Clone, Debug)]
pub struct Pending {
    /// By what it is approved: of an admission the organisation's id, else the
    /// record's.
    pub id: String,
    /// The record, where one was signed yet.
    pub record: Option<RecordId>,
    /// What kind of thing.
    pub kind: Kind,
    /// About whom; of a charter nobody.
    pub about: Option<OrgName>,
    /// What that organisation says of itself.
    pub profile: Option<Profile>,
    /// Its root key, to be compared.
    pub root: Option<PublicKey>,
    /// Why, in the words of whoever proposed it.
    pub reason: Option<String>,
    /// Of a charter what it says, and in what it differs.
    pub charter: Option<(Charter, Vec<Change>)>,
    /// Stewards that approved.
    pub approved: Vec<OrgName>,
    /// Stewards that have not.
    pub missing: Vec<OrgName>,
    /// How many approvals of stewards make it count.
    pub needed: usize,
    /// Organisations that a charter makes stewards and that have not agreed.
    pub to_agree: Vec<OrgName>,
    /// Organisations that are or were members and approved a charter, and how
    /// many make a recall of it.
    pub recall: Option<(usize, usize)>,
    /// Whether this organisation approved.
    pub approved_here: bool,
    /// Why this organisation cannot approve it, if it cannot.
    pub blocked: Option<String>,
    /// Since when it waits here, by this node's clock, where that is known.
    pub since: Option<Timestamp>,
    /// Whether it showed an invitation that this node wrote.
    pub invited_here: bool,
    /// Whether it was a member before, and left or was removed.
    pub returns: bool,
    /// Organisations that it could be taken for.
    pub alike: Vec<Alike>,
    /// Others of the same country.
    pub neighbours: Vec<OrgName>,
}

impl Pending {
    /// Whether it waits for this organisation.
    pub const fn is_for_us(&self) -> bool {
        !self.approved_here && self.blocked.is_none()
    }
}

/// Everything that waits, without what other organisations are alike: charters
/// first, then admissions, then the rest.
pub fn pending(replica: &NodeReplica) -> Vec<Pending> {
    let authority = replica.library().authority();
    let candidates = candidates(replica);
    let is_candidate = |what: &Proposed| match what {
        Proposed::Roster { change: RosterChange::Admit, org, .. } => {
            candidates.iter().any(|candidate| candidate.org == *org)
        }
        _ => false,
    };
    let mut found: Vec<Pending> = authority
        .proposals()
        .iter()
        .filter(|proposal| !is_candidate(&proposal.what))
        .map(|proposal| of_proposal(replica, proposal))
        .collect();
    found.sort_by_key(|pending| (pending.kind != Kind::Charter, pending.id.clone()));
    let charters = found.iter().filter(|pending| pending.kind == Kind::Charter).count();
    let admissions: Vec<Pending> =
        candidates.into_iter().map(|candidate| of_candidate(replica, candidate)).collect();
    found.splice(charters..charters, admissions);
    // What cannot be read is left to `tern check`.
    let asked = replica.library().recovering().unwrap_or_default();
    let unheard = |asked: &Recovering| rekey_waiting(replica, &asked.asks).is_none();
    let asked = asked.into_iter().filter(unheard).map(|asked| of_recovering(replica, &asked));
    found.extend(asked);
    found
}

/// How many proposals wait for this organisation.
pub fn waiting_here(replica: &NodeReplica) -> usize {
    pending(replica).iter().filter(|pending| pending.is_for_us()).count()
}

fn names(authority: &Authority, orgs: impl IntoIterator<Item = OrgId>) -> Vec<OrgName> {
    orgs.into_iter().map(|org| org_name(authority, org)).collect()
}

fn of_proposal(replica: &NodeReplica, proposal: &Proposal) -> Pending {
    let authority = replica.library().authority();
    let own = replica.org();
    let (kind, about, reason, charter) = match &proposal.what {
        Proposed::Charter(charter) => (Kind::Charter, None, None, Some(charter)),
        Proposed::Roster { org, change, reason } => {
            (Kind::Roster(*change), Some(*org), reason.clone(), None)
        }
        Proposed::Rekey { org, reason } => (Kind::Rekey, Some(*org), Some(reason.clone()), None),
    };
    let head = authority.charter();
    let organisation = about.and_then(|org| authority.organisation(&org));
    let recall = head.filter(|head| charter.is_some() && head.recall >= 2).map(|head| {
        let members = authority.organisations().filter(|(_, org, _)| org.was_member);
        let approvals = members.filter(|(org, ..)| authority.approved(org, &proposal.id)).count();
        (approvals, head.recall as usize)
    });
    Pending {
        id: proposal.id.to_string(),
        record: Some(proposal.id),
        kind,
        about: about.map(|org| org_name(authority, org)),
        profile: organisation.map(|o| o.genesis.profile.clone()),
        root: match kind {
            // The new one is what is to be compared.
            Kind::Rekey => {
                let record = authority.record(&proposal.id);
                record.and_then(|r| r.record().peek::<Rekey>().ok()).map(|rekey| rekey.root)
            }
            _ => organisation.and_then(|o| o.root),
        },
        reason,
        charter: charter.zip(head).map(|(next, head)| ((**next).clone(), changes(head, next))),
        approved: names(authority, proposal.approved.iter().copied()),
        missing: names(authority, proposal.missing.iter().copied()),
        needed: proposal.needed,
        to_agree: names(authority, proposal.to_agree.iter().copied()),
        recall,
        approved_here: authority.approved(&own, &proposal.id),
        blocked: may_approve(authority, own, proposal).err().map(|refused| refused.message),
        since: None,
        invited_here: false,
        returns: false,
        alike: Vec::new(),
        neighbours: Vec::new(),
    }
}

fn of_candidate(replica: &NodeReplica, candidate: Candidate) -> Pending {
    let library = replica.library();
    let authority = library.authority();
    let own = replica.org();
    let approved: BTreeSet<OrgId> = authority
        .stewards()
        .filter(|steward| {
            let mut admissions = authority.admissions(&candidate.org);
            admissions.any(|admit| authority.approved(steward, &admit.id()))
        })
        .collect();
    let missing = authority.stewards().filter(|steward| !approved.contains(steward));
    let steward = authority.stewards().any(|steward| steward == own);
    let blocked = "this organisation is no steward, and the stewards decide who belongs";
    Pending {
        id: candidate.org.to_string(),
        record: authority.admissions(&candidate.org).map(|admit| admit.id()).next(),
        kind: Kind::Roster(RosterChange::Admit),
        about: Some(OrgName { id: candidate.org, name: candidate.name }),
        profile: Some(candidate.profile),
        root: Some(candidate.root),
        reason: None,
        charter: None,
        missing: names(authority, missing),
        approved: names(authority, approved),
        needed: candidate.needed,
        to_agree: Vec::new(),
        recall: None,
        approved_here: candidate.approved_here,
        blocked: (!steward).then(|| blocked.to_owned()),
        since: candidate.since,
        invited_here: candidate.invited_here,
        returns: candidate.returns,
        alike: Vec::new(),
        neighbours: Vec::new(),
    }
}

/// An organisation that asked here for new keys, which nobody proposed yet.
fn of_recovering(replica: &NodeReplica, asked: &Recovering) -> Pending {
    let authority = replica.library().authority();
    let own = replica.org();
    let steward = authority.stewards().any(|steward| steward == own);
    let blocked = "this organisation is no steward, and the stewards give new keys";
    let organisation = authority.organisation(&asked.asks.org);
    Pending {
        id: asked.id.to_string(),
        record: None,
        kind: Kind::Rekey,
        about: Some(org_name(authority, asked.asks.org)),
        profile: organisation.map(|o| o.genesis.profile.clone()),
        root: Some(asked.asks.root),
        reason: None,
        charter: None,
        approved: Vec::new(),
        missing: names(authority, authority.stewards()),
        needed: authority.majority(),
        to_agree: Vec::new(),
        recall: None,
        approved_here: false,
        blocked: (!steward).then(|| blocked.to_owned()),
        since: Some(asked.since),
        invited_here: true,
        returns: false,
        alike: Vec::new(),
        neighbours: Vec::new(),
    }
}

/// Names and faces of everybody, to be compared off the replica's thread.
fn directory(replica: &NodeReplica) -> Vec<(OrgName, Profile)> {
    let library = replica.library();
    let authority = library.authority();
    let mut known: BTreeMap<OrgId, (OrgName, Profile)> = authority
        .organisations()
        .map(|(id, org, _)| (id, (org_name(authority, id), org.genesis.profile.clone())))
        .collect();
    for (id, waiting) in library.waiting() {
        let profile = waiting.genesis.profile.clone();
        let name = OrgName { id, name: profile.name(&[]).to_owned() };
        known.entry(id).or_insert((name, profile));
    }
    known.into_values().collect()
}

/// Everything that waits; of admissions with the organisations that each could
/// be taken for.
///
/// # Errors
/// The node is stopping.
pub async fn with_likeness(node: &Node) -> Result<Vec<Pending>, OpError> {
    let look = |replica: &NodeReplica| (pending(replica), directory(replica));
    let (mut found, known) = node.handle().read(look).await?;
    if found.iter().all(|pending| pending.kind != Kind::Roster(RosterChange::Admit)) {
        return Ok(found);
    }
    let compared = tokio::task::spawn_blocking(move || {
        let faces: Vec<(OrgName, Face)> =
            known.into_iter().map(|(org, profile)| (org, Face::of(&profile))).collect();
        for pending in &mut found {
            if pending.kind == Kind::Roster(RosterChange::Admit) {
                compare(pending, &faces);
            }
        }
        found
    });
    compared.await.map_err(|_| stopping())
}

fn compare(pending: &mut Pending, known: &[(OrgName, Face)]) {
    let (Some(profile), Some(about)) = (&pending.profile, &pending.about) else { return };
    let own = Face::of(profile);
    let (mut alike, mut neighbours) = (Vec::new(), Vec::new());
    for (org, face) in known.iter().filter(|(org, _)| org.id != about.id) {
        let same_country = own.same_country(face);
        match own.like(face) {
            Some(likeness) => alike.push(Alike { org: org.clone(), likeness, same_country }),
            None if same_country => neighbours.push(org.clone()),
            None => {}
        }
    }
    alike.sort_by_key(|alike| (alike.likeness, !alike.same_country));
    (pending.alike, pending.neighbours) = (alike, neighbours);
}
