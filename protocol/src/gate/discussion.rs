//! Records of discussions, and of needs on the board: held if their authors have a role in which such a
//! thing is said. Whether it counts, and what it is about, is the
//! [fold](tern_crdt::discussion::fold)'s question: what a post answers may come
//! later.

use tern_crdt::discussion::{self, Discussion, DiscussionEvent};
use tern_crdt::need::{self, Need};
use tern_crdt::review::fold::DESK;
use tern_crdt::signed::{Record, RecordRefused, Statement};

use super::Asks;

/// The roles of which the author of a discussion, of what is said in one, or of a need
/// needs one, and what it
/// is about; `None` if it is about something else, or in a layout that is not known here.
pub(super) fn asks(record: &Record) -> Result<Option<Asks>, RecordRefused> {
    if record.is::<Discussion>() {
        record.peek::<Discussion>().map(|said| Some((&DESK[..], said.about())))
    } else if record.is::<DiscussionEvent>() {
        let event = record.peek::<DiscussionEvent>()?;
        Ok(Some((discussion::fold::roles(&event.deed), event.about())))
    } else if record.is::<Need>() {
        record.peek::<Need>().map(|said| Some((&need::ROLES[..], said.about())))
    } else {
        Ok(None)
    }
}
