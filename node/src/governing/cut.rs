//! The cut of a certificate that ends: everything under it that is held here.
//!
//! Nobody can tell a thief's back-dated statement from an honest one. What
//! this node holds when somebody decides was there before the decision, so it
//! stands; what turns up later does not, unless somebody adopts it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use tern_crdt::authority::{Cut, CutPart, Prefix, prefix};
use tern_crdt::identity::{CertificateId, FederationId, SecretKey};
use tern_crdt::signed::{Record, Statement};
use tern_protocol::library::Library;
use tern_protocol::store::{Space, Store, StoreError};

/// Prefixes of the ids of everything that these certificates signed and that
/// is held.
pub(super) fn held<S: Store>(
    library: &Library<S>,
    certificates: &BTreeSet<CertificateId>,
) -> Result<Vec<Prefix>, StoreError> {
    let of = |record: &Record| record.author().is_some_and(|by| certificates.contains(&by));
    let mut found: Vec<Prefix> = library
        .ledger()
        .records(Space::Record)?
        .iter()
        .chain(library.authority().records())
        .filter(|held| of(held.record()))
        .map(|held| prefix(held.id().as_bytes()))
        .collect();
    for id in library.practice_ids().collect::<Vec<_>>() {
        let Some((_, editions)) = library.practice(&id)? else { continue };
        let own = editions.iter().filter(|edition| certificates.contains(&edition.statement.body().by));
        found.extend(own.map(|edition| prefix(edition.statement.id().as_bytes())));
    }
    library.ledger().each_parcel(|parcel| {
        if of(parcel.label.record()) {
            found.push(prefix(parcel.label.id().as_bytes()));
        }
    })?;
    Ok(found)
}

/// The cut that lists these, with the parts that have to be held before it.
pub(super) fn of(
    listed: Vec<Prefix>,
    federation: FederationId,
    root: &SecretKey,
) -> (Cut, Vec<Record>) {
    let parts = RefCell::new(Vec::new());
    let cut = Cut::of(listed, Vec::new(), |part: CutPart| {
        let record = part.prepare().sign(federation, root);
        let id = record.id();
        parts.borrow_mut().push(record);
        id
    });
    (cut, parts.into_inner())
}
