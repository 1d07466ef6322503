//! Records of discussions: held if their authors have a role in which such a
//! thing is said. Whether it counts, and what it is about, is the
//! [fold](tern_crdt::discussion::fold)'s question: what a post answers may come
//! later.

use tern_crdt::discussion::{self, Discussion, DiscussionEvent};
use tern_crdt::identity::CertificateId;
use tern_crdt::review::fold::{DESK, speaks_about};
use tern_crdt::signed::{Record, RecordRefused, Statement, Verified};

use super::GateRefused;
use super::review::Asks;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

/// The roles of which the author of a record about discussions needs one, and what it
/// is about; `None` if it is about something else, or in a layout that is not known here.
pub(super) fn asks(record: &Record) -> Result<Option<Asks>, RecordRefused> {
    if record.is::<Discussion>() {
        record.peek::<Discussion>().map(|said| Some((&DESK[..], said.about())))
    } else if record.is::<DiscussionEvent>() {
        let event = record.peek::<DiscussionEvent>()?;
        Ok(Some((discussion::fold::roles(&event.deed), event.about())))
    } else {
        Ok(None)
    }
}

impl<S: Store> Library<S> {
    /// Stages a record of an author who needs one of these roles for what it is about.
    pub(super) fn admit_discussion(
        &mut self,
        record: &Verified,
        author: CertificateId,
        (roles, about): Asks,
    ) -> Result<Change, GateRefused> {
        speaks_about(self.authority(), author, roles, record, about)?;
        self.put_public(record);
        let id = record.id();
        Ok(self.discussions.of(&id).map_or(Change::Other(id), Change::Discussion))
    }
}
