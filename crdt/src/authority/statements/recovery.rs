//! What an organisation that lost its keys shows to a steward's node.

use super::super::*;
use crate::signed::{Kind, Statement};

/// The keys that an organisation asks the stewards for, signed by the new root
/// key alone. It proves that whoever signed has the keys that it names, and
/// nothing else; whether they are the organisation is a question to people.
/// It is in no set: a [`Rekey`] gives the keys.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Recovery {
    /// The organisation.
    #[n(0)]
    pub org: OrgId,
    /// Its new root key.
    #[n(1)]
    pub root: PublicKey,
    /// The commitment to the root key after that.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub next: [u8; 32],
    /// The new X25519 key of its desk.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub desk: [u8; 32],
    /// The key of the node that shows this.
    #[n(4)]
    pub node: PublicKey,
}

impl Statement for Recovery {
    const KIND: Kind = Kind::known("recovery");

    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }
}
