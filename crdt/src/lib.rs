//! What is true: who somebody is, who may say what, and what a document says.
//!
//! This room is pure. Nothing here waits, reads a clock, draws chance, opens a
//! file or a socket, or knows that other nodes exist: what a function needs
//! comes in as an argument, what it decides goes out as a return value. The
//! same bytes therefore mean the same on every node, for ever.
//!
//! Read in this order:
//!
//! 1. [`identity`]: keys, and the 32-byte ids by which everything is named.
//! 2. [`signed`]: the one envelope of every statement, and [`signed::Verified`],
//!    the proof that its signatures were checked.
//! 3. [`authority`]: who may say what, as a fold of signed records; [`card`]
//!    is the name shown for a certificate, [`address`] where a node is.
//! 4. [`chunk`]: the bounded reader of raw changes (the *hold* stage), which
//!    never hands foreign bytes to Automerge.
//! 5. [`value`] and [`document`]: what a document says, its canonical form and
//!    content hash, and the *accept* stage.
//! 6. [`edition`] and [`segment`]: the signatures over a practice's one change
//!    and over a run of a draft's, which its [`audience`] sees.
//!    [`verdict`] says which of their changes count.
//!    [`comment`] is what writers of a draft say to each other beside the text, and
//!    [`clearance`] whether it may be published.
//! 7. [`practice`], [`ask`] and [`expert`]: what people read and write, as
//!    forms made with [`schema`] of the codes of [`taxonomy`].
//! 8. [`review`]: by which criteria an edition is judged, by whom, and the fold
//!    of what became of it, up to its seal.
//! 9. [`annotation`]: what organisations say about a published practice, and the
//!    fold of what stands of it.
//!    [`listing`] is what an organisation lists beside practices: collections of them, and
//!    resources.
//! 10. [`discussion`]: what people say to each other in the open, and the fold of
//!     what stands of it.
//! 11. [`sealed`] and [`parcel`]: what only some may read; [`request`]: what is
//!     asked of experts, and the fold of what became of it; [`need`]: what is asked of
//!     everybody, when nobody was found.

pub mod address;
pub mod annotation;
pub mod ask;
pub mod audience;
pub mod authority;
pub mod card;
mod causality;
pub mod chunk;
pub mod clearance;
pub mod comment;
pub mod discussion;
pub mod document;
pub mod edition;
pub mod expert;
#[cfg(test)]
mod founding;
pub mod identity;
pub mod listing;
pub mod need;
mod numbered;
pub mod parcel;
pub mod practice;
pub mod request;
pub mod review;
pub mod schema;
pub mod sealed;
pub mod segment;
pub mod signed;
pub mod taxonomy;
pub mod timestamp;
pub mod value;
pub mod verdict;
