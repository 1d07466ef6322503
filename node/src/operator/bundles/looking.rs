//! What of a bundle would be new here, before it is read. Nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tern_crdt::audience::Audience;
use tern_crdt::authority::Authority;
use tern_crdt::document::accept;
use tern_crdt::identity::{DocumentId, DraftId};
use tern_crdt::practice::Practice;
use tern_protocol::gate::{Examined, examine};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;
use tern_protocol::routing::HeldParcel;

use super::digits;
use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::operator::{Acting, invalid};
use crate::ops::{BUNDLE_PIECES_MAX, OpError};

/// Titles that one answer tells at most.
const TITLES_MAX: usize = 10;

/// What is new of some pieces.
#[derive(Default)]
struct New {
    authority: u64,
    records: u64,
    editions: u64,
    parcels: Vec<HeldParcel>,
    /// In which something is new, and how many changes.
    drafts: BTreeSet<DraftId>,
    changes: u64,
    refused: u64,
    /// Of the first practices that are new or have a new edition, their changes.
    practices: BTreeMap<DocumentId, Vec<Vec<u8>>>,
}

impl New {
    fn of(replica: &NodeReplica, examined: Vec<Option<Examined>>) -> Result<Self, OpError> {
        let library = replica.library();
        let mut new = Self::default();
        for piece in examined {
            match piece {
                None => new.refused += 1,
                Some(Examined::Record(record)) => {
                    let id = record.id();
                    if let Ok(Audience { draft, .. }) = record.record().peek() {
                        new.drafts.extend((!library.has_audience(&draft, &id)).then_some(draft));
                        continue;
                    }
                    let id = id.as_bytes();
                    let held = [SetId::Authority, SetId::Public].map(|set| library.holds(set, id));
                    if !held.contains(&true) {
                        let rules = Authority::is_statement(record.record());
                        *(if rules { &mut new.authority } else { &mut new.records }) += 1;
                    }
                }
                Some(Examined::Draft { segments, changes }) => {
                    let Some(first) = segments.first() else { continue };
                    let draft: DraftId = first.body().document.cast();
                    let changes = library.new_in_draft(&draft, &changes).map_err(failed)?;
                    new.drafts.extend((changes > 0).then_some(draft));
                    new.changes += changes;
                }
                Some(Examined::Brief(brief)) => {
                    let found = library.new_in_brief(&brief).map_err(failed)?;
                    let Some((draft, changes)) = found.filter(|(_, changes)| *changes > 0) else {
                        continue;
                    };
                    new.drafts.insert(draft);
                    new.changes += changes;
                }
                Some(Examined::Edition { statement, change }) => {
                    let practice = statement.body().practice;
                    let entry = library.ledger().practice(&practice).map_err(failed)?;
                    if entry.is_some_and(|e| e.edition(&statement.id().cast()).is_some()) {
                        continue;
                    }
                    new.editions += 1;
                    if new.practices.len() < TITLES_MAX || new.practices.contains_key(&practice) {
                        new.practices.entry(practice).or_default().push(change);
                    }
                }
                Some(Examined::Parcel(parcel)) => {
                    if !library.holds(SetId::Parcels, parcel.id().as_bytes()) {
                        new.parcels.push(*parcel);
                    }
                }
            }
        }
        for (practice, changes) in &mut new.practices {
            let held = library.practice(practice).map_err(failed)?;
            changes.extend(held.into_iter().flat_map(|(_, e)| e).map(|e| e.change.to_vec()));
        }
        Ok(new)
    }
}

/// The title that changes make together, as far as they are sound.
fn title_of(changes: &[Vec<u8>]) -> Option<String> {
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let content = accept(&changes).ok()?.content();
    let practice = Practice::from_value(&content);
    let best = practice.title.best(&[], practice.original_language.as_ref());
    best.map(|(_, text)| text.to_owned())
}

impl Acting<'_> {
    /// The key of the frames of a bundle, if they are encrypted to this node.
    pub(in crate::operator) async fn bundle_look(self, header: String) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        Ok(json!({ "frames": self.frames_of(&header).await? }))
    }

    /// What of these pieces is not held here.
    pub(in crate::operator) async fn bundle_preview(
        self,
        pieces: Vec<String>,
    ) -> Result<Value, OpError> {
        if pieces.len() > BUNDLE_PIECES_MAX {
            let what = format!("an operation takes at most {BUNDLE_PIECES_MAX} pieces");
            return Err(invalid("pieces", what).over(BUNDLE_PIECES_MAX as u64));
        }
        let read = |piece: &String| {
            Piece::from_bytes(&digits("pieces", piece)?)
                .ok_or_else(|| invalid("pieces", "one of them is no piece"))
        };
        let pieces = pieces.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let federation = self.node.identity().federation;
        let examined = self.node.acceptor().run(move || -> Vec<Option<Examined>> {
            pieces.iter().map(|piece| examine(piece, federation).ok()).collect()
        });
        let examined = examined.await?;
        let look = move |replica: &NodeReplica| New::of(replica, examined);
        let new = self.node.handle().read(look).await??;
        let practices: Vec<Vec<Vec<u8>>> = new.practices.into_values().collect();
        let titles = self.node.acceptor().run(move || -> Vec<String> {
            practices.iter().filter_map(|changes| title_of(changes)).collect()
        });
        let titles = titles.await?;
        let parcels = new.parcels.len();
        let drafts: Vec<String> = new.drafts.iter().map(ToString::to_string).collect();
        let for_this = self.node.count_for_here(new.parcels).await?;
        Ok(json!({
            "authority": new.authority, "records": new.records, "editions": new.editions,
            "parcels": parcels, "requests": for_this, "changes": new.changes,
            "refused": new.refused, "titles": titles, "drafts": drafts,
        }))
    }
}
