//! Annotations: held if a publisher signed them, and not about a practice that was
//! erased. Whether one stands is the [fold](tern_crdt::annotation::fold)'s question.

use tern_crdt::annotation::Annotation;
use tern_crdt::authority::Role;
use tern_crdt::review::fold::speaks_about;
use tern_crdt::signed::Verified;

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

impl<S: Store> Library<S> {
    pub(super) fn admit_annotation(&mut self, record: &Verified) -> Result<Change, GateRefused> {
        let said = record.record().peek::<Annotation>()?;
        let practice = said.practice(self.authority().federation());
        let (roles, about) = ([Role::Publisher], Some(*practice.as_bytes()));
        speaks_about(self.authority(), said.by, &roles, record, about)?;
        if self.authority().is_erased(practice.as_bytes(), said.founder) {
            return Err(GateRefused::Erased);
        }
        self.put_public(record);
        self.note_said(&record.id());
        Ok(Change::Annotation(practice))
    }
}
