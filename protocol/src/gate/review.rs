//! Records of reviews: held if their authors have a role in which such a thing
//! is said. Whether it counts, and as what, is the
//! [fold](tern_crdt::review::fold)'s question.

use tern_crdt::authority::{Forbidden, Role};
use tern_crdt::identity::{CertificateId, PublicKey};
use tern_crdt::review::{Call, CriteriaPolicy, Decision, Deed, ReviewEvent, Submission};
use tern_crdt::signed::{Record, RecordRefused, Verified};

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

/// Whoever speaks for an organisation of a board.
const DESK: &[Role] = &[Role::Publisher, Role::FocalPoint];

/// Whether a record is about reviews, in a layout that is known here.
pub(super) fn is_one(record: &Record) -> bool {
    record.is::<CriteriaPolicy>()
        || record.is::<Call>()
        || record.is::<Submission>()
        || record.is::<ReviewEvent>()
        || record.is::<Decision>()
}

/// The roles of which its author needs one.
fn roles(record: &Record) -> Result<&'static [Role], RecordRefused> {
    if record.is::<CriteriaPolicy>() {
        return record.peek::<CriteriaPolicy>().map(|_| DESK);
    }
    if record.is::<Call>() {
        return record.peek::<Call>().map(|_| DESK);
    }
    if record.is::<Decision>() {
        return record.peek::<Decision>().map(|_| DESK);
    }
    if record.is::<Submission>() {
        return record.peek::<Submission>().map(|_| &[Role::Publisher][..]);
    }
    Ok(match record.peek::<ReviewEvent>()?.deed {
        Deed::Invite { .. } | Deed::Release { .. } => DESK,
        Deed::Accept { .. } | Deed::Decline { .. } | Deed::Review { .. } => &[Role::Reviewer],
        Deed::Reply { .. } | Deed::Appeal { .. } | Deed::Withdraw { .. } => &[Role::Publisher],
    })
}

impl<S: Store> Library<S> {
    /// Stages a record of an author whose key signed it.
    pub(super) fn admit_review(
        &mut self,
        record: &Verified,
        author: CertificateId,
        key: PublicKey,
    ) -> Result<Change, GateRefused> {
        let roles = roles(record.record())?;
        let id = record.id();
        let mut refused = Forbidden::UnknownCertificate(author);
        let may = roles.iter().any(|role| {
            match self.authority().counts(author, key, Some(*role), id.as_bytes()) {
                Ok(_) => true,
                Err(forbidden) => {
                    refused = forbidden;
                    false
                }
            }
        });
        if !may {
            return Err(refused.into());
        }
        self.put_public(record);
        Ok(self.reviews.of(&id).map_or(Change::Other(id), Change::Review))
    }
}
