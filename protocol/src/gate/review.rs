//! Records of reviews: held if their authors have a role in which such a thing
//! is said. Whether it counts, and as what, is the
//! [fold](tern_crdt::review::fold)'s question.

use tern_crdt::authority::Role;
use tern_crdt::review::fold::DESK;
use tern_crdt::review::{Call, CriteriaPolicy, Decision, Deed, ReviewEvent, Submission};
use tern_crdt::signed::{Record, RecordRefused, Statement};

use super::Asks;

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
