//! Mending: finding what does not fit together in a store that was damaged,
//! and dropping it, so that the node opens and fetches it again.
//!
//! Every object is read and hashed again. What does not read, is not what its
//! key says, or builds on something that is gone, is dropped whole: a practice
//! with all its editions, a record of the authority set with all that follows
//! from it. Nothing is guessed and nothing is made up; the next meeting brings
//! what others hold. What only this node held is lost.

use bytes::Bytes;
use tern_crdt::authority::Authority;
use tern_crdt::identity::{DocumentId, FederationId, RecordId};

use crate::bundle;
use crate::drafts;
use crate::fallen;
use crate::ledger::{Ledger, Private};
use crate::letters;
use crate::recent;
use crate::store::{Space, Store, StoreError};

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mended {
    /// Objects that are in order.
    pub objects: u64,
    /// Objects that were dropped, and why.
    pub dropped: Vec<(RecordId, String)>,
}

/// Mends a store. What is dropped is dropped in one commit, and `mark` is left
/// with it: the node is one that lost something it said.
///
/// # Errors
/// The store's own: it does not read at all.
pub fn mend<S: Store>(
    store: S,
    federation: FederationId,
    mark: Private,
) -> Result<(S, Mended), StoreError> {
    let mut ledger = Ledger::new(store);
    ledger.check_layout()?;
    let mut mended = Mended::default();
    mend_authority(&mut ledger, federation, &mut mended)?;
    for key in keys(&ledger, Space::Record)? {
        let id = key.get(1..).and_then(RecordId::from_slice);
        let read = match (key.first(), id) {
            (Some(b'A'), Some(id)) => ledger.record(Space::Record, &id).map(|held| held.is_some()),
            (Some(b'C'), Some(id)) => ledger.parcel(&id.cast()).map(|held| held.is_some()),
            // A class of another version: not ours to judge.
            _ => continue,
        };
        keep_or_drop(&mut ledger, Space::Record, &key, read, &mut mended)?;
    }
    mend_practices(&mut ledger, &mut mended)?;
    mend_drafts(&mut ledger, federation, &mut mended)?;
    for (id, gone) in fallen::forget_damaged(&ledger)? {
        ledger.write(gone);
        mended.dropped.push((id, "a record that is kept aside".into()));
    }
    if !mended.dropped.is_empty() {
        // What is gone, the node said to hold.
        let rows = bundle::forget_rows(&ledger)?;
        let letters = letters::forget_letters(&ledger)?;
        let roots = recent::forget(&ledger)?;
        for forgotten in rows.into_iter().chain(letters).chain(roots) {
            ledger.write(forgotten);
        }
        ledger.write(mark);
    }
    ledger.commit()?;
    Ok((ledger.into_store(), mended))
}

fn keys<S: Store>(ledger: &Ledger<S>, space: Space) -> Result<Vec<Bytes>, StoreError> {
    let mut keys = Vec::new();
    ledger.each(space, b"", |key, _| {
        keys.push(key.clone());
        Ok(())
    })?;
    Ok(keys)
}

/// Counts what reads, and drops what is damaged.
fn keep_or_drop<S: Store>(
    ledger: &mut Ledger<S>,
    space: Space,
    key: &Bytes,
    read: Result<bool, StoreError>,
    mended: &mut Mended,
) -> Result<(), StoreError> {
    match read {
        Ok(_) => mended.objects += 1,
        Err(StoreError::Damaged(why)) => {
            ledger.delete(space, key.clone());
            let id = key.last_chunk().map_or(RecordId::new([0; 32]), |id| RecordId::new(*id));
            mended.dropped.push((id, why));
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

fn mend_authority<S: Store>(
    ledger: &mut Ledger<S>,
    federation: FederationId,
    mended: &mut Mended,
) -> Result<(), StoreError> {
    let mut records = Vec::new();
    for key in keys(ledger, Space::Authority)? {
        let Some(id) = key.get(1..).and_then(RecordId::from_slice) else { continue };
        match ledger.record(Space::Authority, &id) {
            Ok(record) => records.extend(record.map(|record| (key, record))),
            damaged => keep_or_drop(
                ledger,
                Space::Authority,
                &key,
                damaged.map(|held| held.is_some()),
                mended,
            )?,
        }
    }
    let mut authority = Authority::new(federation);
    authority.add_all(records.iter().map(|(_, record)| record.clone()).collect());
    for (key, record) in records {
        let id = record.id();
        let follows = match authority.record(&id) {
            Some(_) => Ok(true),
            None => Err(StoreError::Damaged("what it builds on is gone".into())),
        };
        keep_or_drop(ledger, Space::Authority, &key, follows, mended)?;
    }
    Ok(())
}

/// Drops what cannot be read of shared drafts, and segments that have lost a
/// change: they come again from those who see the draft.
fn mend_drafts<S: Store>(
    ledger: &mut Ledger<S>,
    federation: FederationId,
    mended: &mut Mended,
) -> Result<(), StoreError> {
    for (name, value) in ledger.drafts(b"")? {
        if drafts::is_part(&name) {
            let read = drafts::is_part_readable(&name, &value);
            keep_or_drop(ledger, Space::Draft, &drafts::key(&name), read, mended)?;
        }
    }
    for (name, why) in drafts::torn_segments(ledger, federation)? {
        let torn = Err(StoreError::Damaged(why));
        keep_or_drop(ledger, Space::Draft, &drafts::key(&name), torn, mended)?;
    }
    Ok(())
}

fn mend_practices<S: Store>(ledger: &mut Ledger<S>, mended: &mut Mended) -> Result<(), StoreError> {
    let editions = keys(ledger, Space::Edition)?;
    for key in keys(ledger, Space::Document)? {
        let Some(id) = key.get(1..).and_then(DocumentId::from_slice) else { continue };
        let read = whole(ledger, &id);
        let dropped = read.is_err();
        keep_or_drop(ledger, Space::Document, &key, read, mended)?;
        let of_it = |edition: &&Bytes| dropped && edition.get(1..33) == key.get(1..33);
        editions.iter().filter(of_it).for_each(|edition| {
            ledger.delete(Space::Edition, edition.clone());
        });
    }
    // Editions of a practice of which nothing else is left.
    for key in editions {
        let practice = key.get(1..33).and_then(DocumentId::from_slice);
        if let Some(practice) = practice
            && ledger.practice_with_aside(&practice).is_ok_and(|entry| entry.is_none())
        {
            ledger.delete(Space::Edition, key);
        }
    }
    Ok(())
}

/// Whether a practice has all that its entry names.
fn whole<S: Store>(ledger: &Ledger<S>, id: &DocumentId) -> Result<bool, StoreError> {
    let Some(entry) = ledger.practice_with_aside(id)? else { return Ok(false) };
    for edition in entry.all() {
        if ledger.edition(id, &edition.id)?.is_none() {
            return Err(StoreError::Damaged(format!("edition {} is missing", edition.number)));
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Library;
    use crate::store::Batch;
    use crate::store::memory::MemoryStore;
    use crate::story::Hub;

    /// Niger's store with two practices, and the ids of both.
    fn store() -> (Hub, MemoryStore, [DocumentId; 2]) {
        let hub = Hub::new();
        let mut library = hub.library();
        let births = hub.edition(&hub.niger.publisher, &[], "Births are registered");
        let desks = hub.edition(&hub.niger.publisher, &[], "Desks at the border");
        for written in [&births, &desks] {
            library.admit(written.examined()).expect("sound").expect("admitted");
        }
        library.commit().expect("room");
        (hub, library.into_store(), [births.practice(), desks.practice()])
    }

    fn note() -> Private {
        Private::local("mended", Some(Bytes::from_static(b"now")))
    }

    fn damage(store: &mut MemoryStore, space: Space, key: &[u8], value: Option<&[u8]>) {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.put(space, key.to_vec(), value.to_vec()),
            None => batch.delete(space, key.to_vec()),
        }
        store.commit(batch).expect("room");
    }

    fn all(store: &MemoryStore, space: Space) -> Vec<Bytes> {
        store.scan(space, b"", None, 100).expect("sound").entries.into_iter().map(|e| e.0).collect()
    }

    #[test]
    fn a_store_in_order_is_left_as_it_is() {
        let (hub, store, _) = store();
        let before = all(&store, Space::Authority).len();
        let local = all(&store, Space::Local);
        let (store, mended) = mend(store, hub.federation, note()).expect("it reads");
        assert_eq!(mended.dropped, []);
        assert_eq!(all(&store, Space::Local), local, "and no mark");
        assert_eq!(mended.objects, before as u64 + 2 + all(&store, Space::Record).len() as u64);
    }

    #[test]
    fn a_practice_that_lost_an_edition_is_dropped_and_the_other_stays() {
        let (hub, mut store, [births, desks]) = store();
        let edition = all(&store, Space::Edition)
            .into_iter()
            .find(|key| key[1..33] == births.as_bytes()[..])
            .expect("its edition");
        damage(&mut store, Space::Edition, &edition, None);
        Library::open(store.clone(), hub.federation).expect("it opens, and knows nothing of it");
        let (store, mended) = mend(store, hub.federation, note()).expect("it reads");
        assert_eq!(mended.dropped.len(), 1, "{mended:?}");
        assert!(mended.dropped[0].1.contains("edition 1 is missing"), "{mended:?}");
        let local = all(&store, Space::Local);
        assert_eq!(local.len(), 1, "what was held once is no guide any more: {local:?}");
        let library = Library::open(store, hub.federation).expect("in order");
        assert_eq!(library.practice_ids().collect::<Vec<_>>(), [desks]);
        assert!(library.local(b"mended").expect("sound").is_some(), "the mark is left");
    }

    #[test]
    fn an_edition_whose_practice_is_gone_and_bytes_that_are_none_are_dropped() {
        let (hub, mut store, [births, _]) = store();
        let document = [b"A".as_slice(), births.as_bytes()].concat();
        damage(&mut store, Space::Document, &document, None);
        let record = all(&store, Space::Authority).remove(0);
        let cut = store.get(Space::Authority, &record).expect("sound").expect("there");
        damage(&mut store, Space::Authority, &record, Some(&cut[..cut.len() - 2]));
        let (store, mended) = mend(store, hub.federation, note()).expect("it reads");
        assert!(!mended.dropped.is_empty(), "{mended:?}");
        let orphans = all(&store, Space::Edition);
        assert!(orphans.iter().all(|key| key[1..33] != births.as_bytes()[..]));
        Library::open(store, hub.federation).expect("what is left fits together");
    }
}
