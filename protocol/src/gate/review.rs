//! Records of reviews: held if their authors have a role in which such a thing
//! is said. Whether it counts, and as what, is the
//! [fold](tern_crdt::review::fold)'s question.

use tern_crdt::authority::Role;
use tern_crdt::identity::CertificateId;
use tern_crdt::review::fold::{DESK, speaks};
use tern_crdt::review::{Call, CriteriaPolicy, Decision, Deed, ReviewEvent, Submission};
use tern_crdt::signed::{Record, RecordRefused, Verified};

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

/// The roles of which the author of a record about reviews needs one; `None` if it
/// is about something else, or in a layout that is not known here.
pub(super) fn roles(record: &Record) -> Result<Option<&'static [Role]>, RecordRefused> {
    let roles: &[Role] = if record.is::<CriteriaPolicy>() {
        record.peek::<CriteriaPolicy>().map(|_| &DESK)?
    } else if record.is::<Call>() {
        record.peek::<Call>().map(|_| &DESK)?
    } else if record.is::<Decision>() {
        record.peek::<Decision>().map(|_| &DESK)?
    } else if record.is::<Submission>() {
        record.peek::<Submission>().map(|_| &[Role::Publisher])?
    } else if record.is::<ReviewEvent>() {
        match record.peek::<ReviewEvent>()?.deed {
            Deed::Invite { .. } | Deed::Release { .. } => &DESK,
            Deed::Accept { .. } | Deed::Decline { .. } | Deed::Review { .. } => &[Role::Reviewer],
            Deed::Reply { .. } | Deed::Appeal { .. } | Deed::Withdraw { .. } => &[Role::Publisher],
        }
    } else {
        return Ok(None);
    };
    Ok(Some(roles))
}

impl<S: Store> Library<S> {
    /// Stages a record of an author who needs one of these roles.
    pub(super) fn admit_review(
        &mut self,
        record: &Verified,
        author: CertificateId,
        roles: &[Role],
    ) -> Result<Change, GateRefused> {
        speaks(self.authority(), author, roles, record)?;
        self.put_public(record);
        let id = record.id();
        self.note_said(&id);
        Ok(self.reviews.of(&id).map_or(Change::Other(id), Change::Review))
    }
}
