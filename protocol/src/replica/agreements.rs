//! What this node and each peer held when they were last equal, over restarts.
//!
//! A hint, and no more: with it the first greeting after a start carries what is
//! likely to be needed, which spares a round trip. It is written when a link ends,
//! if something was agreed on that was not known before; what a power cut takes of
//! it costs that round trip.

use std::collections::BTreeMap;

use minicbor::bytes::ByteArray;
use tern_crdt::identity::PublicKey;

use super::Replica;
use crate::ledger::Private;
use crate::library::Library;
use crate::meeting::{Agreed, Roots};
use crate::store::{Store, StoreError};

/// The names of these values begin so; the key of the peer follows.
const NAME: &[u8] = b"agreed/";

fn name(peer: &PublicKey) -> Vec<u8> {
    [NAME, peer.as_bytes().as_slice()].concat()
}

fn stored(roots: &Roots) -> Vec<u8> {
    let roots: Vec<Option<ByteArray<16>>> =
        roots.iter().map(|root| root.map(ByteArray::from)).collect();
    // Writing into a Vec cannot fail.
    minicbor::to_vec(roots).unwrap_or_default()
}

fn read(value: &[u8]) -> Option<Roots> {
    let roots: Vec<Option<ByteArray<16>>> = minicbor::decode(value).ok()?;
    let roots: Vec<_> = roots.into_iter().map(|root| root.map(|root| *root)).collect();
    roots.try_into().ok()
}

/// What is known of each node of a member; what cannot be read is nothing, and what
/// is of others goes.
pub(super) fn load<S: Store>(
    library: &mut Library<S>,
) -> Result<BTreeMap<PublicKey, Agreed>, StoreError> {
    let mut agreed = BTreeMap::new();
    for (found, value) in library.ledger().locals(NAME)? {
        let peer = found.get(NAME.len()..).and_then(|key| key.try_into().ok());
        let peer = peer.map(PublicKey::new);
        match (peer.filter(|peer| library.authority().node(peer).is_some()), read(&value)) {
            (Some(peer), Some(roots)) => drop(agreed.insert(peer, Agreed::before(roots))),
            _ => library.write(Private::local(found, None)),
        }
    }
    Ok(agreed)
}

impl<S: Store> Replica<S> {
    /// A link with a peer ended: stages what both agreed on, if that is new.
    pub(super) fn keep_agreement(&mut self, peer: &PublicKey) {
        let Some(agreed) = self.agreed.get(peer) else { return };
        let (roots, kept) = (agreed.roots(), self.agreed_kept.get(peer));
        if roots == Roots::default() || kept == Some(&roots) {
            return;
        }
        self.library.write(Private::local(name(peer), Some(stored(&roots).into())));
        self.agreed_kept.insert(*peer, roots);
    }
}
