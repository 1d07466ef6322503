//! Listings: held if a publisher signed them, and not of one that was erased. Whether a
//! record stands is the [fold](tern_crdt::listing::fold)'s question.

use tern_crdt::authority::Role;
use tern_crdt::listing::Listing;
use tern_crdt::review::fold::speaks_about;
use tern_crdt::signed::Verified;

use super::GateRefused;
use crate::library::Library;
use crate::step::Change;
use crate::store::Store;

impl<S: Store> Library<S> {
    pub(super) fn admit_listing(&mut self, record: &Verified) -> Result<Change, GateRefused> {
        let said = record.record().peek::<Listing>()?;
        let listing = said.listing(self.authority().federation());
        let (roles, about) = ([Role::Publisher], Some(*listing.as_bytes()));
        speaks_about(self.authority(), said.by, &roles, record, about)?;
        if self.authority().is_erased(listing.as_bytes(), said.founder) {
            return Err(GateRefused::Erased);
        }
        self.put_public(record);
        Ok(Change::Listing(listing))
    }
}
