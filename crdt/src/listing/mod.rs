//! Listings: what an organisation lists beside practices. A *collection* is practices
//! and resources that it chose, in an order, with a note why each is there; a
//! *resource* is a brief, a tool, a training, a data set or a law, as a file or an
//! address on the web.
//!
//! Both are one kind of record, a [`Listing`]: what it says now is said anew by the
//! same organisation in a later record that *follows* the earlier, or withdrawn. A
//! listing has an id made of who founded it, with which chance and of which
//! [sort](Sort) it is, and every record of it names these; so whether a listing was
//! erased is a question about any record of it and the authority set alone, and no
//! record turns a collection into a resource.
//!
//! [`fold`](fold::fold) makes what stands of the *set* of records, whatever the order
//! in which they came. It is no document that several organisations write: what
//! another organisation says of it counts for nothing, and the
//! [reason](ListingRefused) is told. No clock decides what stands; of two wordings that
//! know nothing of each other the one claimed last is shown, and the other is told.

use crate::annotation::{Reason, Remark};
use crate::identity::{CertificateId, FederationId, ListingId, Nonce, RecordId, digest};
use crate::numbered::numbered;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

pub mod fold;
mod form;
mod refused;

pub use form::{Collection, ITEMS_MAX, Item, Resource, TEXT_MAX, TITLE_MAX, Thing};
pub use refused::ListingRefused;

/// The canonical form of what a listing says has at most this many bytes (56 KiB): it
/// travels in one record.
pub const FORM_BYTES_MAX: usize = 56 * 1024;
/// The canonical form of why a listing is withdrawn has at most this many bytes.
pub const REMARK_BYTES_MAX: usize = crate::annotation::FORM_BYTES_MAX;
/// A record follows at most this many others.
pub const FOLLOWS_MAX: usize = 16;

numbered! {
    /// What is listed. The number is signed, and part of the id.
    Sort {
        /// Practices and resources that somebody chose: a [`Collection`].
        Collection 0 "collection";
        /// A file or an address on the web: a [`Resource`].
        Resource 1 "resource";
    }
}

/// What an organisation says of a listing of its own; signed by one of its publishers.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Listing {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The certificate that founded the listing.
    #[n(1)]
    pub founder: CertificateId,
    /// The chance that it was founded with.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// What is listed.
    #[n(3)]
    pub sort: Sort,
    /// What is said of it.
    #[n(4)]
    pub deed: Deed,
    /// Records of the same listing in whose place this one is said, ascending.
    #[n(5)]
    pub follows: Vec<RecordId>,
    /// When, by the signer's clock.
    #[n(6)]
    pub claimed_at: Timestamp,
}

/// What can be said of a listing.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// This is what it is, as a whole.
    #[n(0)]
    Say {
        /// A [`Collection`] or a [`Resource`].
        #[n(0)]
        form: Tree,
    },
    /// The organisation does not offer it any more.
    #[n(1)]
    Withdraw {
        /// Why.
        #[n(0)]
        reason: Reason,
        /// In words: a [`Remark`].
        #[n(1)]
        why: Tree,
    },
}

/// The id of a listing.
pub fn listing_id(
    federation: FederationId,
    founder: CertificateId,
    nonce: &Nonce,
    sort: Sort,
) -> ListingId {
    let parts: [&[u8]; 4] =
        [federation.as_bytes(), founder.as_bytes(), nonce, sort.code().as_bytes()];
    ListingId::new(digest("tern/listing/v1", &parts))
}

impl Listing {
    /// The listing that it is of.
    pub fn listing(&self, federation: FederationId) -> ListingId {
        listing_id(federation, self.founder, &self.nonce, self.sort)
    }

    /// What it says it is, if it is a collection.
    pub fn collection(&self) -> Option<Collection> {
        match &self.deed {
            Deed::Say { form } if self.sort == Sort::Collection => {
                Some(Collection::from_tree(form))
            }
            _ => None,
        }
    }

    /// What it says it is, if it is a resource.
    pub fn resource(&self) -> Option<Resource> {
        match &self.deed {
            Deed::Say { form } if self.sort == Sort::Resource => Some(Resource::from_tree(form)),
            _ => None,
        }
    }
}

impl Statement for Listing {
    const KIND: Kind = Kind::known("listing");

    fn check(&self) -> Result<(), &'static str> {
        if self.follows.len() > FOLLOWS_MAX || !self.follows.is_sorted_by(|a, b| a < b) {
            return Err("a record of a listing follows at most 16 others, in ascending order");
        }
        let (tree, bytes_max) = match &self.deed {
            Deed::Say { form } => (form, FORM_BYTES_MAX),
            Deed::Withdraw { why, .. } => (why, REMARK_BYTES_MAX),
        };
        if tree.check().is_err() || tree.to_bytes().len() > bytes_max {
            return Err("what a listing says is too long, or nested too deep");
        }
        let legal = match (&self.deed, self.sort) {
            (Deed::Withdraw { .. }, _) if self.follows.is_empty() => {
                return Err("it withdraws nothing");
            }
            (Deed::Withdraw { why, .. }, _) => Remark::from_tree(why).is_legal(),
            (Deed::Say { form }, Sort::Collection) => Collection::from_tree(form).is_legal(),
            (Deed::Say { form }, Sort::Resource) => Resource::from_tree(form).is_legal(),
        };
        if legal { Ok(()) } else { Err("a field of a listing is beyond its bound, or missing") }
    }
}

#[cfg(test)]
mod tests;
