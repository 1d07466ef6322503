//! The request: which organisation, and which keys it is to have.
//!
//! ```text
//! tern recovery 1
//! federation <64 digits>
//! organisation <64 digits>
//! root <64 digits>           the new root key, Ed25519
//! next <64 digits>           the commitment to the one after it
//! desk <64 digits>           the new key of the desk, X25519
//! node <64 digits>           the new node's key, as information
//! signature <128 digits>     by the root key, over all lines above
//! check <64 digits>
//! ```

use tern_crdt::authority::Recovery;
use tern_crdt::identity::{FederationId, OrgId, PublicKey, SecretKey, Signature};

use super::digits;
use crate::hex;
use crate::keystore::checked;
use crate::ops::{ErrorCode, OpError};
use crate::sheet::fingerprint;

/// A request is at most this long, in bytes.
pub const REQUEST_BYTES_MAX: usize = 4 * 1024;

const FIRST_LINE: &str = "tern recovery 1";

/// See the module. Its signature holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The federation.
    pub federation: FederationId,
    /// The organisation that lost its keys.
    pub org: OrgId,
    /// Its new root key.
    pub root: PublicKey,
    /// The commitment to the root key after that.
    pub next: [u8; 32],
    /// The new key of its desk.
    pub desk: [u8; 32],
    /// The node that asks.
    pub node: PublicKey,
    signature: Signature,
}

/// What a request asks for, before it is signed.
pub(super) struct Asked {
    pub(super) federation: FederationId,
    pub(super) org: OrgId,
    pub(super) next: [u8; 32],
    pub(super) desk: [u8; 32],
    pub(super) node: PublicKey,
}

impl Request {
    /// Signs a request with the new root key.
    pub(super) fn sign(asked: Asked, root: &SecretKey) -> Self {
        let Asked { federation, org, next, desk, node } = asked;
        let signature = Signature([0; 64]);
        let mut request =
            Self { federation, org, root: root.public(), next, desk, node, signature };
        request.signature = root.sign(request.body().as_bytes());
        request
    }

    /// Begins with a word that no signed record begins with.
    fn body(&self) -> String {
        let org = hex::encode(self.org.as_bytes());
        format!(
            "{FIRST_LINE}\nfederation {}\norganisation {org}\nroot {}\nnext {}\ndesk {}\nnode {}\n",
            hex::encode(self.federation.as_bytes()),
            digits(&self.root),
            hex::encode(&self.next),
            hex::encode(&self.desk),
            digits(&self.node),
        )
    }

    /// What is asked of the stewards.
    pub fn asks(&self) -> Recovery {
        let Self { org, root, next, desk, node, .. } = *self;
        Recovery { org, root, next, desk, node }
    }

    /// What people compare.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.root)
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let signature = hex::encode(&self.signature.0);
        checked::seal(&format!("{}signature {signature}\n", self.body()))
    }

    /// Reads a request, and checks that the key it names signed it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, OpError> {
        let refused = |why: &str| {
            let what = format!("this is no request for recovery that can be used: {why}");
            OpError::new(ErrorCode::Invalid, what).in_field("file")
        };
        if text.len() > REQUEST_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        let lines = checked::open(text, FIRST_LINE).map_err(refused)?;
        let [federation, org, root, next, desk, node, signature] = lines[..] else {
            return Err(refused("it has too few or too many lines"));
        };
        let value = |line: &str, name: &str| -> Result<[u8; 32], OpError> {
            let digits = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
            digits.and_then(hex::decode).ok_or_else(|| refused(&format!("its {name} is wrong")))
        };
        let signature = signature.strip_prefix("signature ").and_then(hex::decode);
        let signature = signature.ok_or_else(|| refused("its signature is none"))?;
        let request = Self {
            federation: FederationId::new(value(federation, "federation")?),
            org: OrgId::new(value(org, "organisation")?),
            root: PublicKey::new(value(root, "root")?),
            next: value(next, "next")?,
            desk: value(desk, "desk")?,
            node: PublicKey::new(value(node, "node")?),
            signature: Signature(signature),
        };
        match request.root.verifies(request.body().as_bytes(), &request.signature) {
            true => Ok(request),
            false => Err(refused("the key that it names did not sign it")),
        }
    }
}
