//! Records of reviews: held if their authors have a role in which such a thing
//! is said. Whether it counts, and as what, is the
//! [fold](tern_crdt::review::fold)'s question.

use tern_crdt::authority::Role;
use tern_crdt::identity::CertificateId;
use tern_crdt::review::fold::{DESK, speaks_about};
use tern_crdt::review::{Call, CriteriaPolicy, Decision, Deed, ReviewEvent, Submission};
use tern_crdt::signed::{Record, RecordRefused, Statement, Verified};

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

/// In which of these roles something is said, and about which object.
pub(super) type Asks = (&'static [Role], Option<[u8; 32]>);

/// The roles of which the author of a record about reviews needs one, and what it is
/// about; `None` if it is about something else, or in a layout that is not known here.
pub(super) fn asks(record: &Record) -> Result<Option<Asks>, RecordRefused> {
    fn read<T: Statement>(
        record: &Record,
        roles: impl Fn(&T) -> &'static [Role],
    ) -> Result<Option<Asks>, RecordRefused> {
        let said = record.peek::<T>()?;
        Ok(Some((roles(&said), said.about())))
    }
    if record.is::<CriteriaPolicy>() {
        read::<CriteriaPolicy>(record, |_| &DESK)
    } else if record.is::<Call>() {
        read::<Call>(record, |_| &DESK)
    } else if record.is::<Decision>() {
        read::<Decision>(record, |_| &DESK)
    } else if record.is::<Submission>() {
        read::<Submission>(record, |_| &[Role::Publisher])
    } else if record.is::<ReviewEvent>() {
        read::<ReviewEvent>(record, |said| match said.deed {
            Deed::Invite { .. } | Deed::Release { .. } => &DESK,
            Deed::Accept { .. } | Deed::Decline { .. } | Deed::Review { .. } => &[Role::Reviewer],
            Deed::Reply { .. } | Deed::Appeal { .. } | Deed::Withdraw { .. } => &[Role::Publisher],
        })
    } else {
        Ok(None)
    }
}

impl<S: Store> Library<S> {
    /// Stages a record of an author who needs one of these roles for what it is about.
    pub(super) fn admit_review(
        &mut self,
        record: &Verified,
        author: CertificateId,
        (roles, about): Asks,
    ) -> Result<Change, GateRefused> {
        speaks_about(self.authority(), author, roles, record, about)?;
        self.put_public(record);
        let id = record.id();
        self.note_said(&id);
        Ok(self.reviews.of(&id).map_or(Change::Other(id), Change::Review))
    }
}
