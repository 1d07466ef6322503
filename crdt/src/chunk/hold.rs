//! Whether a change is held.

use super::{
    ChangeMeta, Chunk, ChunkRefused, DOCUMENT_BYTES_MAX, DOCUMENT_CHANGES_MAX,
    DOCUMENT_OPERATIONS_MAX, Past, ids, rows,
};
use crate::identity::ActorId;

/// Decides whether a change is held on top of `past` (rules 12 to 20), and
/// what is then to be remembered of it; `expected_actor` is the actor that its
/// signature covers. A change that is held already passes again.
pub fn hold(
    chunk: &Chunk<'_>,
    past: &Past,
    expected_actor: Option<&ActorId>,
) -> Result<ChangeMeta, ChunkRefused> {
    if expected_actor.is_some_and(|expected| *expected != chunk.actor()) {
        return Err(ChunkRefused::Actor);
    }
    if let Some(held) = past.get(&chunk.hash()) {
        return Ok(held.clone());
    }
    check_document(chunk, past)?;
    let ancestry = past.ancestry(chunk.deps())?;
    if let Some(seq) = ancestry.equivocation() {
        return Err(ChunkRefused::Equivocation { seq });
    }
    let author = ancestry.chain(&chunk.actor());
    check_sequence(chunk, author.last())?;
    let wanted = ancestry.next_op();
    if chunk.start_op() != wanted {
        return Err(ChunkRefused::StartOp { found: chunk.start_op(), wanted });
    }
    rows::check(&chunk.columns, chunk.ops())?;
    ids::check(chunk, &ancestry, author)?;
    Ok(ChangeMeta {
        hash: chunk.hash(),
        actor: chunk.actor(),
        seq: chunk.seq(),
        start_op: chunk.start_op(),
        ops: chunk.ops(),
        deps: chunk.deps().to_vec(),
        bytes: chunk.bytes().len() as u32,
        depth: ancestry.depth(),
    })
}

fn check_document(chunk: &Chunk<'_>, past: &Past) -> Result<(), ChunkRefused> {
    if past.metas().len() >= DOCUMENT_CHANGES_MAX {
        return Err(ChunkRefused::DocumentChanges { max: DOCUMENT_CHANGES_MAX });
    }
    if past.ops().saturating_add(chunk.ops()) > DOCUMENT_OPERATIONS_MAX {
        return Err(ChunkRefused::DocumentOperations { max: DOCUMENT_OPERATIONS_MAX });
    }
    if past.bytes().saturating_add(chunk.bytes().len() as u64) > DOCUMENT_BYTES_MAX {
        return Err(ChunkRefused::DocumentBytes { max: DOCUMENT_BYTES_MAX });
    }
    Ok(())
}

/// An actor numbers its changes without a gap, and each lists the one before
/// among its deps.
fn check_sequence(chunk: &Chunk<'_>, previous: Option<&ChangeMeta>) -> Result<(), ChunkRefused> {
    let wanted = previous.map_or(1, |previous| previous.seq.saturating_add(1));
    if chunk.seq() != wanted {
        return Err(ChunkRefused::Sequence { found: chunk.seq(), wanted });
    }
    match previous {
        Some(previous) if chunk.deps().binary_search(&previous.hash).is_err() => {
            Err(ChunkRefused::Previous)
        }
        _ => Ok(()),
    }
}
