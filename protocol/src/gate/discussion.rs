//! Records of discussions: held if their authors have a role in which such a
//! thing is said. Whether it counts, and what it is about, is the
//! [fold](tern_crdt::discussion::fold)'s question: what a post answers may come
//! later.

use tern_crdt::authority::Role;
use tern_crdt::discussion::{self, Discussion, DiscussionEvent};
use tern_crdt::identity::CertificateId;
use tern_crdt::review::fold::{DESK, speaks};
use tern_crdt::signed::{Record, RecordRefused, Verified};

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

/// The roles of which the author of a record about discussions needs one; `None`
/// if it is about something else, or in a layout that is not known here.
pub(super) fn roles(record: &Record) -> Result<Option<&'static [Role]>, RecordRefused> {
    if record.is::<Discussion>() {
        record.peek::<Discussion>().map(|_| Some(&DESK[..]))
    } else if record.is::<DiscussionEvent>() {
        let event = record.peek::<DiscussionEvent>()?;
        Ok(Some(discussion::fold::roles(&event.deed)))
    } else {
        Ok(None)
    }
}

impl<S: Store> Library<S> {
    /// Stages a record of an author who needs one of these roles.
    pub(super) fn admit_discussion(
        &mut self,
        record: &Verified,
        author: CertificateId,
        roles: &[Role],
    ) -> Result<Change, GateRefused> {
        speaks(self.authority(), author, roles, record)?;
        self.put_public(record);
        let id = record.id();
        Ok(self.discussions.of(&id).map_or(Change::Other(id), Change::Discussion))
    }
}
