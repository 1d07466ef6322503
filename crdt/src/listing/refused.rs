//! Why a record of a listing does not stand: each says by which rule.

use thiserror::Error;

use crate::authority::Forbidden;
use crate::identity::RecordId;

/// Why a record of a listing changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ListingRefused {
    /// Its signer may not say it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// It is of another listing.
    #[error("it is of another collection or resource")]
    OtherListing,
    /// Another organisation than the one that founded the listing said it.
    #[error("only the organisation whose collection or resource it is says what it is")]
    NotOwner,
    /// The same organisation said it anew.
    #[error("its organisation said it anew, in {0}")]
    Followed(RecordId),
    /// One signer said more than is heard.
    #[error("its signer said more about this collection or resource than is heard")]
    TooMany,
}
