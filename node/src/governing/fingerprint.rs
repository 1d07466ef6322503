//! Fingerprints: what two people compare over a telephone.
//!
//! Sixteen hexadecimal digits, the first eight bytes. Of an organisation it is
//! that of its root key, so whoever knows the organisation can tell it from
//! one that took its name; of a federation that of its id, which is the hash
//! of its founding charter, so a newcomer can tell it from another of that
//! name. To find other bytes with the same 64 bits takes 2⁶⁴ tries, each of
//! them a key to be derived.

use tern_crdt::authority::Genesis;
use tern_crdt::identity::{FederationId, PublicKey};

use crate::members::load_knock;
use crate::ops::OpError;
use crate::running::Node;

/// Bytes that are compared.
const BYTES: usize = 8;

/// The fingerprint of a root key.
pub fn of_key(key: &PublicKey) -> String {
    crate::hex::encode(&key.as_bytes()[..BYTES])
}

/// The fingerprint of a federation.
pub fn of_federation(federation: &FederationId) -> String {
    crate::hex::encode(&federation.as_bytes()[..BYTES])
}

/// The same in groups of four, to be read out.
pub fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

impl Node {
    /// The fingerprint of this organisation's root key; of a newcomer that of
    /// the key with which it knocks. `None` while its log is frozen.
    ///
    /// # Errors
    /// The node is stopping, or the file of the knock is damaged.
    pub(crate) async fn own_fingerprint(&self) -> Result<Option<String>, OpError> {
        let own = self.identity().org;
        let root = self.handle().read(move |replica| {
            let authority = replica.library().authority();
            authority.organisation(&own).map(|organisation| organisation.root)
        });
        if let Some(root) = root.await? {
            return Ok(root.as_ref().map(of_key));
        }
        let Some((knock, _)) = load_knock(self.folder().paths())? else { return Ok(None) };
        let genesis = knock.records.iter().find_map(|record| record.peek::<Genesis>().ok());
        Ok(genesis.map(|genesis| of_key(&genesis.root)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_out_in_groups() {
        let federation = FederationId::new([0xa1; 32]);
        assert_eq!(of_federation(&federation), "a1a1a1a1a1a1a1a1");
        assert_eq!(grouped(&of_federation(&federation)), "a1a1 a1a1 a1a1 a1a1");
        assert_eq!(grouped(""), "");
    }
}
