//! Practices as catalogues gather them: in the order of their ids, each with
//! the moment at which it changed here.

use std::collections::BTreeMap;
use std::sync::Arc;

use tern_crdt::identity::DocumentId;
use tern_crdt::timestamp::Timestamp;
use tern_web_ui::service::{Gathered, HARVEST_ITEMS_MAX, Harvest, Harvested, Record};

use super::practices::{fields, signer};
use super::seconds;
use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PracticeRead, Verdict};
use crate::running::Node;

/// Practices that are looked at in one go.
const LOOKED_AT: usize = 100;

/// A practice that is held, or the id of one that was.
type Found = (DocumentId, Option<PracticeRead>);

/// When something changed that is no arrival.
type Noted = BTreeMap<DocumentId, Timestamp>;

/// Some ids, and what is known of each at a moment.
struct Looked {
    found: Vec<Found>,
    /// Whether more stand behind them.
    more: bool,
}

fn look(
    replica: &NodeReplica,
    noted: &Noted,
    after: Option<DocumentId>,
) -> Result<Looked, OpError> {
    let library = replica.library();
    let behind = |id: &DocumentId| after.is_none_or(|after| *id > after);
    let mut ids: Vec<DocumentId> =
        library.practice_ids().filter(behind).take(LOOKED_AT + 1).collect();
    let full = ids.len() > LOOKED_AT;
    let last = ids.last().copied();
    // What is gone stands between what is held.
    let gone = noted.keys().copied().filter(behind);
    ids.extend(gone.filter(|id| !full || last.is_some_and(|last| *id <= last)));
    ids.sort_unstable();
    ids.dedup();
    let more = ids.len() > LOOKED_AT;
    ids.truncate(LOOKED_AT);
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push((id, PracticeRead::look(library, &id).map_err(failed)?));
    }
    Ok(Looked { found, more })
}

/// A page of all that everybody may read, and of all that is gone.
///
/// # Errors
/// `after` is no id, or the store's.
pub async fn harvest(node: &Node, harvest: &Harvest) -> Result<Harvested, OpError> {
    let no_id = |_| OpError::new(ErrorCode::Invalid, "that is no id").in_field("after");
    let mut after = harvest.after.as_deref().map(str::parse).transpose().map_err(no_id)?;
    let limit = harvest.limit.clamp(1, HARVEST_ITEMS_MAX);
    let mut items: Vec<Gathered> = Vec::new();
    // Once for all: what changes meanwhile is told to the next harvest.
    let noted = node.handle().read(|replica| replica.library().changes_noted().map_err(failed));
    let noted: Arc<Noted> = Arc::new(noted.await??);
    loop {
        let known = Arc::clone(&noted);
        let looked = node.handle().read(move |replica| look(replica, &known, after)).await??;
        for (id, read) in looked.found {
            after = Some(id);
            let noted = noted.get(&id).copied();
            let Some(item) = gathered(node, id, read, noted, harvest).await? else { continue };
            if items.len() == limit {
                // This one is the first of the next page, which so is not empty.
                let next = items.last().map(|item| item.id.clone());
                return Ok(Harvested { items, next });
            }
            items.push(item);
        }
        if !looked.more {
            return Ok(Harvested { items, next: None });
        }
    }
}

/// One practice by its whole id.
///
/// # Errors
/// It was never here.
pub async fn one(node: &Node, id: &str) -> Result<Gathered, OpError> {
    let never = || OpError::new(ErrorCode::NotFound, "it was never here");
    let id: DocumentId = id.parse().map_err(|_| never())?;
    let looked = node.handle().read(move |replica| {
        let library = replica.library();
        let noted = library.changes_noted().map_err(failed)?.get(&id).copied();
        Ok::<_, OpError>((PracticeRead::look(library, &id).map_err(failed)?, noted))
    });
    let (read, noted) = looked.await??;
    if read.is_none() && noted.is_none() {
        return Err(never());
    }
    gathered(node, id, read, noted, &Harvest::default()).await?.ok_or_else(never)
}

/// A practice as it is gathered, if it fits.
async fn gathered(
    node: &Node,
    id: DocumentId,
    read: Option<PracticeRead>,
    noted: Option<Timestamp>,
    wanted: &Harvest,
) -> Result<Option<Gathered>, OpError> {
    let arrived = read.iter().flat_map(|read| &read.editions).map(|edition| edition.received);
    let Some(changed) = arrived.chain(noted).max().map(seconds) else { return Ok(None) };
    if wanted.from.is_some_and(|from| changed < from)
        || wanted.until.is_some_and(|until| changed > until)
    {
        return Ok(None);
    }
    let gone = Gathered { id: id.to_string(), changed, record: None };
    let Some(read) = read else { return Ok(Some(gone)) };
    let at = read.latest();
    let content = node.reading().content(&read, at).await?;
    let said = fields(&content.practice)?;
    let withdrawn = read.withdrawal(at).is_some();
    if content.verdict == Verdict::Quarantined || !said.is_for_everybody() || withdrawn {
        return Ok(Some(gone));
    }
    if wanted.objective.is_some_and(|number| !said.primary_objectives.contains(&number)) {
        return Ok(None);
    }
    let edition = &read.editions[at];
    let record = Record {
        edition: edition.id.to_string(),
        number: edition.statement().number,
        content_hash: crate::hex::encode(&edition.statement().content),
        organisation: read.origin.name.clone(),
        signers: vec![signer(edition, &content)],
        published: seconds(edition.statement().claimed_at),
        fields: said,
    };
    Ok(Some(Gathered { record: Some(Box::new(record)), ..gone }))
}
