//! What an organisation asks for before one of its practices is published.

use super::{Cut, check_tips};
use crate::identity::{OrgId, RecordId};
use crate::numbered::numbered;
use crate::signed::{Kind, Statement};

numbered! {
    /// What has to be there before a practice is published. The number is signed.
    ClearanceNeed {
        /// Nothing.
        Nothing 0 "none";
        /// The approval of a second publisher.
        Publisher 1 "publisher";
        /// A printed sheet, signed by hand.
        Sheet 2 "sheet";
        /// One of both.
        Either 3 "either";
    }
}

impl ClearanceNeed {
    /// Of two that were decided without knowing of each other the larger stands.
    pub(in crate::authority) const fn strictness(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Either => 1,
            Self::Publisher => 2,
            Self::Sheet => 3,
        }
    }
}

/// An entry of an organisation's log that says what is needed before one of its
/// practices is published, from here on.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct ClearancePolicy {
    /// The organisation whose log this is.
    #[n(0)]
    pub org: OrgId,
    /// The tips of the log that this entry follows.
    #[n(1)]
    pub prev: Vec<RecordId>,
    /// What is needed.
    #[n(2)]
    pub need: ClearanceNeed,
    /// Editions that were published before, of which nothing is asked.
    #[n(3)]
    pub cut: Cut,
}

impl Statement for ClearancePolicy {
    const KIND: Kind = Kind::known("clearance-policy");

    fn check(&self) -> Result<(), &'static str> {
        check_tips(&self.prev)?;
        self.cut.check()
    }
}
