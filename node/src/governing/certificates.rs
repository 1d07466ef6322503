//! Certificates that end, and where each stands.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{
    Authority, Granted, LIVE_CERTIFICATES_MAX, Remove, Revoke, RevokeReason, Standing,
};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::signed::{Statement, Verified};

use super::{cut, is_over, refused};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// Where a certificate stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CertificateState {
    /// It acts.
    Live,
    /// Its organisation is not a member yet.
    Waiting,
    /// Its organisation is suspended.
    Suspended,
    /// It was granted up to a beacon that is over; what it signed stays.
    Over,
    /// Its organisation left; what it signed stays.
    Left,
    /// It was revoked, or its organisation removed; what the cut lists stays.
    Ended(Ended),
}

/// What ended a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// The statement that did.
    pub by: RecordId,
    /// Why it was revoked; `None` where its organisation was removed.
    pub reason: Option<RevokeReason>,
}

impl CertificateState {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Waiting => "waiting",
            Self::Suspended => "suspended",
            Self::Over => "over",
            Self::Left => "left",
            Self::Ended(Ended { reason: Some(_), .. }) => "revoked",
            Self::Ended(_) => "removed",
        }
    }
}

/// The code of a reason.
pub const fn reason_code(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Left => "left",
        RevokeReason::Replaced => "replaced",
        RevokeReason::Lost => "lost",
        RevokeReason::Stolen => "stolen",
        RevokeReason::Misused => "misused",
    }
}

/// The reason of a code.
///
/// # Errors
/// There is none of that code; says which there are.
pub fn revoke_reason(code: &str) -> Result<RevokeReason, OpError> {
    const ALL: [RevokeReason; 5] = [
        RevokeReason::Left,
        RevokeReason::Replaced,
        RevokeReason::Lost,
        RevokeReason::Stolen,
        RevokeReason::Misused,
    ];
    ALL.into_iter().find(|reason| reason_code(*reason) == code).ok_or_else(|| {
        let known = ALL.map(reason_code).join(", ");
        let what = format!("`{code}` is no reason to revoke a certificate: there are {known}");
        refused(ErrorCode::Invalid, what).in_field("reason")
    })
}

/// Where a certificate stands.
pub(crate) fn state(
    authority: &Authority,
    id: &CertificateId,
    granted: &Granted,
) -> CertificateState {
    if let Some(by) = authority.ended(id) {
        let record = authority.record(&by).map(Verified::record);
        let removed = record.is_some_and(|record| record.is::<Remove>());
        let revoke = record.and_then(|record| record.peek::<Revoke>().ok());
        let reason = revoke.map(|revoke| revoke.reason).filter(|_| !removed);
        return CertificateState::Ended(Ended { by, reason });
    }
    let over = is_over(authority, &granted.certificate);
    match authority.standing(&granted.org) {
        Some(Standing::Member) if over => CertificateState::Over,
        Some(Standing::Member) => CertificateState::Live,
        Some(Standing::Suspended) => CertificateState::Suspended,
        Some(Standing::Left | Standing::Removed) => CertificateState::Left,
        Some(Standing::Proposed { .. }) | None => CertificateState::Waiting,
    }
}

/// Which entry of its organisation's log each record is, counted from 1 in an
/// order in which every entry stands after those that it follows. That order
/// is the only one there is: a log has no clock.
pub(crate) fn entry_number(authority: &Authority, org: &OrgId) -> BTreeMap<RecordId, usize> {
    let ids: Vec<RecordId> = authority.log(org).map(Verified::id).collect();
    let entries = authority.in_order(ids.iter());
    entries.iter().enumerate().map(|(at, entry)| (entry.id(), at + 1)).collect()
}

/// Whether one more certificate of an organisation would count.
///
/// # Errors
/// As many count as can.
pub(crate) fn has_room(authority: &Authority, org: &OrgId) -> Result<(), OpError> {
    if authority.live_certificates(org) < LIVE_CERTIFICATES_MAX {
        return Ok(());
    }
    let what = format!(
        "this organisation has {LIVE_CERTIFICATES_MAX} certificates that nobody revoked, and no more count: revoke one that is not used any more"
    );
    Err(refused(ErrorCode::Conflict, what).over(LIVE_CERTIFICATES_MAX as u64))
}

/// What became of certificates that were revoked.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// Which.
    pub certificates: Vec<CertificateId>,
    /// The statements that did.
    pub by: Vec<RecordId>,
    /// How many things signed under them stand, because they are held here.
    pub stands: usize,
    /// Whether nobody of this organisation operates a node any more.
    pub last_operator: bool,
}

impl Node {
    /// Revokes certificates of this organisation with its root key. What was
    /// signed under them and is held here stands.
    ///
    /// # Errors
    /// The root key is locked, or the gate refuses.
    pub(crate) async fn revoke(
        &self,
        certificates: Vec<CertificateId>,
        reason: RevokeReason,
        passphrase: Option<Passphrase>,
    ) -> Result<Revoked, OpError> {
        let root = self.root_key(passphrase).await?;
        let (org, federation) = (self.identity().org, self.identity().federation);
        let look = {
            let certificates = certificates.clone();
            move |replica: &NodeReplica| {
                let held: Result<Vec<_>, OpError> = certificates
                    .iter()
                    .map(|id| cut::Standing::of(replica, &BTreeSet::from([*id])))
                    .collect();
                held.map(|held| (replica.library().authority().log_tips(&org), held))
            }
        };
        let (mut tips, held) = self.handle().read(look).await??;
        let (mut records, mut by, mut stands) = (Vec::new(), Vec::new(), 0);
        for (certificate, standing) in certificates.iter().zip(held) {
            stands += standing.count();
            let (cut, parts) = cut::of(standing, federation, &root);
            records.extend(parts);
            let revoke = Revoke { org, prev: tips, certificate: *certificate, reason, cut };
            let record = revoke.prepare().sign(federation, &root);
            by.push(record.id());
            tips = vec![record.id()];
            records.push(record);
        }
        self.submit(records).await?;
        let last_operator = self.handle().read(move |r| !has_operator(r, &org)).await?;
        Ok(Revoked { certificates, by, stands, last_operator })
    }
}

/// Whether anybody of an organisation can act as its operator.
pub(crate) fn has_operator(replica: &NodeReplica, org: &OrgId) -> bool {
    let authority = replica.library().authority();
    authority.certificates().any(|(id, granted)| {
        granted.org == *org
            && granted.certificate.roles.has(tern_crdt::authority::Role::Operator)
            && authority.ended(&id).is_none()
    })
}
