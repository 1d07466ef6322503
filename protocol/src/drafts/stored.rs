//! How parts of shared drafts are kept, and read back.

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::audience::Audience;
use tern_crdt::chunk::{self, ChangeMeta, Past};
use tern_crdt::identity::{DraftId, FederationId, RecordId};
use tern_crdt::signed::{Record, Verified};

use super::small::read_segment;
use crate::ledger::Ledger;
use crate::store::{Store, StoreError};

pub(super) const AUDIENCE: u8 = b'a';
/// An audience that does not count any more, of a draft of which none stands: it
/// says who began it.
pub(super) const BEGUN: u8 = b'b';
pub(super) const SEGMENT: u8 = b's';
pub(super) const CHANGE: u8 = b'x';

/// One change of a draft as it is stored.
#[derive(minicbor::Encode, minicbor::Decode)]
struct StoredChange {
    #[n(0)]
    meta: ChangeMeta,
    #[n(1)]
    bytes: ByteVec,
}

pub(super) fn name(kind: u8, draft: &DraftId, id: &[u8; 32]) -> Vec<u8> {
    [&[kind], draft.as_bytes().as_slice(), id].concat()
}

pub(super) fn split(name: &[u8]) -> Result<(DraftId, [u8; 32]), StoreError> {
    let damaged = || StoreError::Damaged("the name of a part of a draft".into());
    let (draft, id) =
        name.get(1..).and_then(|rest| rest.split_at_checked(32)).ok_or_else(damaged)?;
    let draft = DraftId::from_slice(draft).ok_or_else(damaged)?;
    Ok((draft, id.try_into().map_err(|_| damaged())?))
}

pub(super) fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("a part of a shared draft: {what}"))
}

/// Whether a value of class B is part of a shared draft.
pub(crate) fn is_part(name: &[u8]) -> bool {
    matches!(name.first(), Some(&(AUDIENCE | BEGUN | SEGMENT | CHANGE)))
}

/// The key of a value of class B.
pub(crate) fn key(name: &[u8]) -> Bytes {
    [b"B", name].concat().into()
}

/// The names of segments of which a change is not there, and what is missing.
pub(crate) fn torn_segments<S: Store>(
    ledger: &Ledger<S>,
    federation: FederationId,
) -> Result<Vec<(Bytes, String)>, StoreError> {
    let mut torn = Vec::new();
    // Names are ascending: one draft after the other.
    let mut of: Option<(DraftId, Past)> = None;
    for (name, value) in ledger.drafts(&[SEGMENT])? {
        let (draft, id) = split(&name)?;
        let segment = read_segment(&draft, &id, &value)?;
        let past = match of.take() {
            Some((same, past)) if same == draft => past,
            _ => {
                let metas = changes_in(ledger, &draft)?.into_iter().map(|(meta, _)| meta);
                Past::from_metas(metas.collect())
            }
        };
        if let Err(why) = segment.body.whole(federation, &past) {
            torn.push((name, why.to_string()));
        }
        of = Some((draft, past));
    }
    Ok(torn)
}

pub(super) fn changes_in<S: Store>(
    ledger: &Ledger<S>,
    draft: &DraftId,
) -> Result<Vec<(ChangeMeta, Bytes)>, StoreError> {
    let stored = ledger.drafts(&[&[CHANGE], draft.as_bytes().as_slice()].concat())?;
    stored.into_iter().map(|(_, value)| read_change(&value)).collect()
}

/// A change, and what is remembered of it.
pub(super) fn read_change(value: &Bytes) -> Result<(ChangeMeta, Bytes), StoreError> {
    let stored: StoredChange = minicbor::decode(value).map_err(damaged)?;
    Ok((stored.meta, Vec::from(stored.bytes).into()))
}

/// Whether such a part can be read.
pub(crate) fn is_part_readable(name: &[u8], value: &Bytes) -> Result<bool, StoreError> {
    let id = || split(name).map(|(_, id)| id);
    match name.first() {
        Some(&(AUDIENCE | BEGUN)) => {
            held(value, id()?)?.read::<Audience>().map(drop).map_err(damaged)?
        }
        Some(&SEGMENT) => {
            let (draft, id) = split(name)?;
            read_segment(&draft, &id, value).map(drop)?;
        }
        Some(&CHANGE) => {
            let stored: StoredChange = minicbor::decode(value).map_err(damaged)?;
            let whole = chunk::hash_of(&stored.bytes) == Some(stored.meta.hash)
                && id()? == stored.meta.hash;
            whole.then_some(()).ok_or_else(|| damaged("a change is not the one of its name"))?;
        }
        _ => {}
    }
    Ok(true)
}

pub(super) fn held(value: &Bytes, id: [u8; 32]) -> Result<Verified, StoreError> {
    Record::from_bytes(value).and_then(|record| record.held(RecordId::new(id))).map_err(damaged)
}

/// The value of a change.
pub(super) fn stored_change(meta: &ChangeMeta, bytes: &[u8]) -> Result<Bytes, StoreError> {
    let stored = StoredChange { meta: meta.clone(), bytes: bytes.to_vec().into() };
    minicbor::to_vec(stored).map(Into::into).map_err(damaged)
}
