//! What keys from before a recovery granted: it acts on until it is revoked.
//!
//! When the stewards give an organisation new keys, what its log granted before
//! goes on to count, the certificates of a machine that burnt or was stolen
//! too. Whoever comes back revokes all of them at once, but not before the node
//! holds what they signed: what is not held is not in the cut, and falls.

use std::collections::BTreeSet;

use tern_crdt::authority::{Authority, Rekey, Rotate, commitment};
use tern_crdt::identity::{CertificateId, OrgId, PublicKey};
use tern_crdt::signed::Verified;

use super::{cut, refused};
use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};

/// The keys that sign the log of an organisation since the stewards gave it
/// those that are in force, or led to them; `None` where they never did.
fn keys_since(authority: &Authority, org: &OrgId) -> Option<BTreeSet<PublicKey>> {
    let root = authority.organisation(org)?.root?;
    let log: Vec<&Verified> = authority.log(org).collect();
    let rekeys = log.iter().filter_map(|entry| entry.record().peek::<Rekey>().ok());
    let since = |rekey: Rekey| {
        let mut keys: BTreeSet<PublicKey> = rekey.spares.into_iter().flatten().collect();
        keys.insert(rekey.root);
        let mut nexts: BTreeSet<[u8; 32]> = rekey.next.into_iter().collect();
        loop {
            let before = keys.len();
            for entry in &log {
                let Ok(rotate) = entry.record().peek::<Rotate>() else { continue };
                let by_them = entry.record().signatures().iter().any(|(key, _)| keys.contains(key));
                if by_them || nexts.contains(&commitment(&rotate.root)) {
                    keys.insert(rotate.root);
                    keys.extend(rotate.spares.into_iter().flatten());
                    nexts.extend(rotate.next);
                }
            }
            if keys.len() == before {
                return keys;
            }
        }
    };
    rekeys.map(since).find(|keys| keys.contains(&root))
}

/// Whether this organisation's keys in force are of the stewards' giving.
pub(crate) fn has_recovered(replica: &NodeReplica) -> bool {
    keys_since(replica.library().authority(), &replica.org()).is_some()
}

/// Certificates of this organisation that keys from before its last recovery
/// granted, and that nothing ended yet; not those of this node and of the
/// people here, which whoever recovers needs.
///
/// # Errors
/// It never recovered; there are none; this node holds nothing of what they
/// signed and has met nobody who might.
pub(crate) fn certificates_before(replica: &NodeReplica) -> Result<Vec<CertificateId>, OpError> {
    let (library, own) = (replica.library(), replica.org());
    let authority = library.authority();
    let keys = keys_since(authority, &own).ok_or_else(|| {
        let what = "the stewards gave this organisation no new keys: there is no recovery to go back before. One certificate is revoked with `tern cert revoke ID`";
        refused(ErrorCode::Conflict, what)
    })?;
    let mut here: BTreeSet<PublicKey> = BTreeSet::from([replica.node()]);
    for account in Account::all(library)? {
        here.insert(account.sign);
        here.extend(account.devices);
    }
    let by_old = |id: &CertificateId| {
        let grant = authority.record(&id.cast());
        grant.is_some_and(|g| !g.record().signatures().iter().any(|(key, _)| keys.contains(key)))
    };
    let found: Vec<CertificateId> = authority
        .certificates()
        .filter(|(id, granted)| {
            granted.org == own
                && authority.ended(id).is_none()
                && !here.contains(&granted.certificate.key)
                && by_old(id)
        })
        .map(|(id, _)| id)
        .collect();
    if found.is_empty() {
        let what = "no certificate from before the recovery acts any more";
        return Err(refused(ErrorCode::NotFound, what));
    }
    // Not who answered only, but with whom it came into step.
    let met = replica.peers().iter().any(|peer| peer.org.is_some() && peer.last_met.is_some());
    let signed = cut::Standing::of(replica, &found.iter().copied().collect())?;
    if !met && signed.count() == 0 {
        let what = "this node has met no other member yet and holds nothing that the old keys signed: revoked now, all of it would fall. Let it meet another first (`tern meet`), or read a bundle";
        return Err(refused(ErrorCode::Conflict, what));
    }
    Ok(found)
}
