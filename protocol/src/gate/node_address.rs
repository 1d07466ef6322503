//! Where nodes say that they are: one record of each.
//!
//! A record stands while the certificate that signed it is one of a node and
//! nothing ended it, and no later one of the same key is held. What is asked is
//! the authority set and what is held, never a clock: a member that is suspended
//! is not dialled, but its record stays.

use tern_crdt::address::NodeAddress;
use tern_crdt::authority::{Forbidden, Role};
use tern_crdt::identity::{CertificateId, PublicKey, RecordId};
use tern_crdt::signed::Verified;

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

impl<S: Store> Library<S> {
    /// Stages a record of an author whose key signed it, and drops the one whose
    /// place it takes. An earlier one changes nothing, and is nobody's fault.
    pub(super) fn admit_node_address(
        &mut self,
        record: Verified,
        author: CertificateId,
        key: PublicKey,
    ) -> Result<Change, GateRefused> {
        let address = record.read::<NodeAddress>()?;
        self.may_tell_address(author, key, &address.id())?;
        if let Some((id, held)) = self.node_address_record(&key).cloned() {
            let stands = self.may_tell_address(held.by, key, &id).is_ok();
            if stands && !address.body().replaces(address.id(), &held, id) {
                return Ok(Change::Known);
            }
            self.drop_record(&id, held.by);
        }
        self.put_public(&address.forget());
        Ok(Change::NodeAddress(key))
    }

    /// Whether a node tells this under a certificate that has not ended.
    pub(crate) fn may_tell_address(
        &self,
        author: CertificateId,
        key: PublicKey,
        id: &RecordId,
    ) -> Result<(), Forbidden> {
        self.authority().counts(author, key, Some(Role::Node), id.as_bytes())?;
        match self.authority().ended(&author) {
            Some(by) => Err(Forbidden::Revoked { certificate: author, by }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
