//! What people call organisations, certificates and proposals.

use tern_crdt::identity::{CertificateId, Id, IdKind, OrgId};
use tern_protocol::library::Library;
use tern_protocol::store::Store;

use super::{called, refused};
use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, org_name};

/// Whether a text is an id, or a beginning of it that says something.
pub(super) fn fits<K: IdKind>(id: &Id<K>, text: &str) -> bool {
    let whole = id.to_string();
    whole == text || text.len() >= PREFIX_MIN && whole.starts_with(text)
}

/// The organisation that has this id, begins so, or alone has this name.
///
/// # Errors
/// Nobody, or more than one: two of one name are told apart by their ids.
pub fn org_called(replica: &NodeReplica, text: &str) -> Result<OrgId, OpError> {
    let authority = replica.library().authority();
    let text = text.trim();
    let fits = |org: &OrgId| {
        let names = authority.organisation(org).map(|o| &o.genesis.profile.names);
        fits(org, text) || names.is_some_and(|names| names.values().any(|name| name == text))
    };
    let found: Vec<OrgId> =
        authority.organisations().map(|(org, ..)| org).filter(|org| fits(org)).collect();
    match found.as_slice() {
        [org] => Ok(*org),
        [] => {
            let what = format!(
                "no organisation `{text}` is known here: `tern members` shows those that are"
            );
            Err(refused(ErrorCode::NotFound, what).in_field("org"))
        }
        several => {
            let ids: Vec<String> = several.iter().take(4).map(OrgId::to_string).collect();
            let what = format!(
                "`{text}` is more than one organisation: give the id, {}",
                ids.join(" or ")
            );
            Err(refused(ErrorCode::Ambiguous, what).in_field("org"))
        }
    }
}

/// The certificates that a text names: one by its id, or those of an account
/// that have not ended.
///
/// # Errors
/// None, one of another organisation, or one that has ended.
pub fn certificate_called<S: Store>(
    library: &Library<S>,
    own: OrgId,
    text: &str,
) -> Result<Vec<CertificateId>, OpError> {
    let authority = library.authority();
    let text = text.trim();
    let accounts = Account::all(library)?;
    if let Some(account) = accounts.iter().find(|account| account.name == text) {
        let mut all = account.certificates(authority);
        all.extend(account.former_certificates(authority));
        all.retain(|id| {
            authority.ended(id).is_none() && authority.certificate(id).is_some_and(|g| g.org == own)
        });
        if all.is_empty() {
            let what =
                format!("account `{text}` has no certificate of this organisation that acts");
            return Err(refused(ErrorCode::NotFound, what).in_field("certificate"));
        }
        return Ok(all);
    }
    let found: Vec<(CertificateId, OrgId)> = authority
        .certificates()
        .filter(|(id, _)| fits(id, text))
        .map(|(id, granted)| (id, granted.org))
        .collect();
    match found.as_slice() {
        [(id, org)] if *org == own => match authority.ended(id) {
            None => Ok(vec![*id]),
            Some(by) => {
                let what = format!("{id} has ended already, by {by}");
                Err(refused(ErrorCode::Conflict, what).in_field("certificate"))
            }
        },
        [(_, org)] => {
            let what = format!(
                "that certificate is of {}, and only {} can revoke it; the stewards can suspend the organisation",
                called(authority, *org),
                org_name(authority, *org).name
            );
            Err(refused(ErrorCode::NotAllowed, what).in_field("certificate"))
        }
        [] => {
            let what = format!(
                "no certificate and no account here is called `{text}`: `tern cert list` shows the certificates, `tern account list` the accounts"
            );
            Err(refused(ErrorCode::NotFound, what).in_field("certificate"))
        }
        _ => {
            let what = format!("`{text}` begins more than one certificate: give more of the id");
            Err(refused(ErrorCode::Ambiguous, what).in_field("certificate"))
        }
    }
}
