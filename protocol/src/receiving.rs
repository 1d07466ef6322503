//! What somebody else brings, on a link or in a bundle: it goes through one
//! gate, and who gave a parcel that is about a request is remembered.

use tern_crdt::identity::PublicKey;
use tern_crdt::parcel::Urgency;

use crate::gate::{Examined, GateRefused};
use crate::library::Library;
use crate::step::Change;
use crate::store::{Store, StoreError};

impl<S: Store> Library<S> {
    /// Lets in a piece that `giver` brought, if it may be held.
    pub(crate) fn receive(
        &mut self,
        piece: Examined,
        giver: &PublicKey,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let admitted = self.admit(piece)?;
        if let Ok(Change::Parcel(parcel)) = admitted
            && self.urgency.get(&parcel).is_some_and(|urgency| *urgency != Urgency::Unhurried)
        {
            self.note_giver(&parcel, giver);
        }
        Ok(admitted)
    }
}
