//! What this node says about a request as a few codes, and codes that others made.

use super::{Answer, Reader, Seconds};

/// What pages need to carry requests without a link.
pub trait Coding: Send + Sync {
    /// What this node said about a request, as texts that each fit a QR code, in
    /// order. `NotFound` as for the request itself; `Conflict` when it said nothing
    /// that is still under way; `Unavailable` when that does not fit codes.
    fn request_codes<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<String>>;

    /// Takes in what codes bring, which stand anywhere in a text. `Invalid` with
    /// field `codes` when some are missing or mistyped, or are of another federation.
    /// Only for an account.
    fn take_codes<'a>(&'a self, reader: &'a Reader, text: &'a str) -> Answer<'a, TakenCodes>;
}

/// What codes brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenCodes {
    /// Whose node wrote them.
    pub from: String,
    /// When, by its clock.
    pub written: Seconds,
    /// Things that are new here.
    pub new: u64,
    /// Things that were here already.
    pub known: u64,
    /// Why others were refused, in sentences.
    pub refused: Vec<String>,
}
