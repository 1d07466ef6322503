//! Why an annotation does not stand: each says by which rule.

use thiserror::Error;

use crate::authority::Forbidden;
use crate::identity::RecordId;

/// Why an annotation changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AnnotationRefused {
    /// Its signer may not say it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More than one signature.
    #[error("it has more than one signature")]
    Signatures,
    /// It is about another practice.
    #[error("it is about another practice")]
    OtherPractice,
    /// Only the organisation that the practice comes from can say it.
    #[error("only the organisation that a practice comes from withdraws or confirms it")]
    NotOrigin,
    /// The same organisation took it back, or said it anew.
    #[error("its organisation took it back or said it anew, in {0}")]
    Followed(RecordId),
    /// One signer said more than is heard.
    #[error("its signer said more about this practice than is heard")]
    TooMany,
}
