//! Addresses as they stand in the store: those that were saved by their text,
//! those that were learned by whose they are too.

use std::collections::BTreeMap;

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::{Failing, Place, Saved};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{ADDRESS_BYTES_MAX, PRIVATE_NAME_BYTES_MAX};
use crate::store::{Store, StoreError};

const VERSION: u8 = 1;
const SAVED: &[u8] = b"address/";
/// A digest follows: key and address together may be longer than a name.
const LEARNED: &[u8] = b"learned/";

const _: () = assert!(ADDRESS_BYTES_MAX + SAVED.len() <= PRIVATE_NAME_BYTES_MAX);
const _: () = assert!(LEARNED.len() + 32 <= PRIVATE_NAME_BYTES_MAX);

#[derive(minicbor::Encode, minicbor::Decode)]
struct Stored {
    #[n(0)]
    peer: Option<PublicKey>,
    #[n(1)]
    saved_at: Timestamp,
    #[n(2)]
    met_at: Option<Timestamp>,
    #[n(3)]
    failing: Option<Failing>,
    /// Of one that was learned.
    #[n(4)]
    address: Option<String>,
}

fn name((address, learned_of): &Place) -> Vec<u8> {
    match learned_of {
        None => [SAVED, address.as_bytes()].concat(),
        Some(peer) => {
            let parts = [peer.as_bytes().as_slice(), address.as_bytes()];
            [LEARNED, &tern_crdt::identity::digest("tern/learned-address/v1", &parts)].concat()
        }
    }
}

/// What is written of an address that is remembered, or is not any more.
pub(super) fn kept(place: &Place, saved: Option<&Saved>) -> Private {
    let value = saved.map(|saved| {
        let stored = Stored {
            peer: saved.peer,
            saved_at: saved.saved_at,
            met_at: saved.met_at,
            failing: saved.failing.filter(|_| saved.kept),
            address: place.1.map(|_| place.0.clone()),
        };
        let mut bytes = vec![VERSION];
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(stored, &mut bytes);
        bytes.into()
    });
    Private::local(name(place), value)
}

/// Everything that was written.
pub(super) fn load<S: Store>(library: &Library<S>) -> Result<BTreeMap<Place, Saved>, StoreError> {
    let mut addresses = BTreeMap::new();
    let damaged = || StoreError::Damaged("a saved address".into());
    for prefix in [SAVED, LEARNED] {
        for (name, value) in library.ledger().locals(prefix)? {
            let stored: Stored = match value.split_first() {
                Some((&VERSION, body)) => minicbor::decode(body).map_err(|_| damaged())?,
                _ => return Err(damaged()),
            };
            let place: Place = if prefix == SAVED {
                let text = name.get(SAVED.len()..).and_then(|text| std::str::from_utf8(text).ok());
                (text.ok_or_else(damaged)?.to_owned(), None)
            } else {
                (stored.address.ok_or_else(damaged)?, Some(stored.peer.ok_or_else(damaged)?))
            };
            let saved = Saved {
                met_at: stored.met_at,
                failing: stored.failing,
                kept: stored.failing.is_some(),
                put_off: stored.failing.map(|failing| (failing.last, failing.pause())),
                ..Saved::new(stored.peer, stored.saved_at, place.1.is_some())
            };
            addresses.insert(place, saved);
        }
    }
    Ok(addresses)
}
