//! How a draft travels: the segments that the peer lacks, with those of their
//! changes that it lacks.
//!
//! Two people who answer each other change by change have segments that build
//! on each other, so that neither can be held before the other: such segments
//! travel as one piece. Segments of which one ends before the other begins
//! travel one after another.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use tern_crdt::chunk::brief::Convoy;
use tern_crdt::chunk::{ChangeMeta, Past};
use tern_crdt::identity::{ActorId, DraftId, FederationId, OrgId, RecordId};
use tern_crdt::segment::brief::{Brief, prefix, tries};
use tern_crdt::segment::{Segment, previous};
use tern_crdt::signed::Verified;
use tern_crdt::verdict::{Hash, Signature};

use super::{AUDIENCE, name};
use crate::library::{Library, PieceId};
use crate::limits::{BRIEF_BYTES_MAX, BRIEF_TRIES_MAX, DRAFT_PIECE_BYTES_MAX};
use crate::meeting::set::PartId;
use crate::message::Piece;
use crate::store::{Store, StoreError};

/// Segments that go together, and the number of the first change of each that
/// goes with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Together(pub Vec<(RecordId, u64)>);

/// Segments of one draft as they travel, with changes of their actors, each after
/// those that it follows. `None` if one is somebody else's, or no change.
pub fn piece(
    segments: &[Verified<Segment>],
    changes: &[&[u8]],
    federation: FederationId,
) -> Option<Piece> {
    let actors: Vec<ActorId> =
        segments.iter().map(|segment| segment.body().actor(federation)).collect();
    let mut convoy = Convoy::default();
    let brief = changes.iter().map(|change| convoy.shorten(change, &actors).map(Into::into));
    let changes: Vec<ByteVec> = brief.collect::<Option<_>>()?;
    let statements = segments.iter().map(|segment| segment.record().to_bytes().into()).collect();
    Some(Piece::Draft { statements, changes })
}

/// The same in brief: for a peer that holds, of each segment, the changes up to
/// the one named beside it. `None` if it is too long for that, or has no brief
/// form.
pub fn brief(
    segments: &[Verified<Segment>],
    heads: &[Option<Hash>],
    changes: &[&[u8]],
    federation: FederationId,
) -> Option<Piece> {
    let actors: Vec<ActorId> =
        segments.iter().map(|segment| segment.body().actor(federation)).collect();
    let mut convoy = Convoy::behind(heads.iter().flatten().copied().collect());
    let short = changes.iter().map(|change| convoy.shorten(change, &actors).map(Into::into));
    let changes: Vec<ByteVec> = short.collect::<Option<_>>()?;
    let of = segments.iter().zip(heads).map(|(segment, head)| match head {
        Some(head) => Brief::after(segment, head),
        None => Brief::whole(segment),
    });
    let begins = heads.iter().any(Option::is_none);
    let draft = segments.first().map(|segment| segment.body().document.cast());
    let segments: Vec<Brief> = of.collect::<Option<_>>()?;
    let bytes: usize = changes.iter().map(|change| change.len()).sum();
    let piece = Piece::Brief { draft: draft.filter(|_| begins), segments, changes };
    (bytes <= BRIEF_BYTES_MAX).then_some(piece)
}

/// The changes over which a signature runs, the last first, as far as they are
/// held.
pub(super) fn run<'p>(
    past: &'p Past,
    signature: &Signature,
) -> impl Iterator<Item = &'p ChangeMeta> + use<'p> {
    let (actor, first) = (signature.actor, signature.first);
    let before = move |change: &&'p ChangeMeta| previous(change, past);
    let head = past.get(&signature.head).filter(|head| head.actor == actor);
    std::iter::successors(head, before).take_while(move |change| change.seq >= first)
}

impl<S: Store> Library<S> {
    /// What of a draft a peer lacks that named these; everything, if it named
    /// what is held here and yet holds something else. To an `org` that does not
    /// see the draft any more, that alone.
    pub(crate) fn draft_pieces_for(
        &self,
        org: &OrgId,
        draft: &DraftId,
        named: &BTreeSet<PartId>,
    ) -> Result<Vec<PieceId>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(Vec::new()) };
        let ours: BTreeSet<PartId> = shared.parts().into_iter().collect();
        let none = BTreeSet::new();
        let named = if *named == ours { &none } else { named };
        let audiences = shared.audiences.keys().filter(|id| !named.contains(id.as_bytes()));
        let mut pieces: Vec<PieceId> = audiences.map(|id| PieceId::Audience(*draft, *id)).collect();
        if shared.sees(org) {
            let past = self.draft_past(draft)?;
            let members = shared.segments.iter().filter(|(id, _)| shared.members.contains(*id));
            let lacks = members.filter(|(_, signature)| !named.contains(&signature.head));
            let lacks: Vec<_> = lacks.map(|(id, signature)| (*id, *signature)).collect();
            let groups = together(&past, &lacks, named);
            pieces.extend(groups.into_iter().map(|group| PieceId::Draft(*draft, group)));
        }
        Ok(pieces)
    }

    /// The pieces of a draft that the node of an organisation lacks, of which it
    /// `holds` some parts; `None` if one of them is too large to travel.
    pub(crate) fn draft_pieces_behind(
        &self,
        org: &OrgId,
        draft: &DraftId,
        holds: impl Fn(&PartId) -> bool,
    ) -> Result<Option<Vec<Piece>>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(Some(Vec::new())) };
        if self.drafts_with(org).get(draft.as_bytes()).is_none() {
            return Ok(Some(Vec::new()));
        }
        // A segment that it holds may have grown here since: so its changes too.
        let past = self.draft_past(draft)?;
        let changes = past.metas().iter().map(|change| change.hash);
        let parts = shared.audiences.keys().map(|id| *id.as_bytes()).chain(changes);
        let mut named: BTreeSet<PartId> = parts.filter(|part| holds(part)).collect();
        let parts = shared.parts();
        // All of it, and yet another state: its segments are cut otherwise, or it
        // has more.
        if parts.iter().all(|part| named.contains(part)) {
            named = parts.into_iter().collect();
        }
        let pieces = self.draft_pieces_for(org, draft, &named)?;
        // It may hold more by the time it reads this, and cannot ask: so each
        // segment says by itself whose it is.
        let whole = |piece: &PieceId| match piece {
            PieceId::Draft(draft, group) => self.draft_piece(draft, group, false),
            piece => self.piece(piece),
        };
        pieces.iter().map(whole).collect()
    }

    /// The last change of each segment that goes in a piece.
    pub(crate) fn heads_of(&self, draft: &DraftId, group: &Together) -> Vec<PartId> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Vec::new() };
        let segments = group.0.iter().filter_map(|(id, _)| shared.segments.get(id));
        segments.map(|signature| signature.head).collect()
    }

    pub(crate) fn audience_piece(
        &self,
        draft: &DraftId,
        id: &RecordId,
    ) -> Result<Option<Piece>, StoreError> {
        let record = self.ledger().draft(&name(AUDIENCE, draft, id.as_bytes()))?;
        Ok(record.map(|record| Piece::Record(record.to_vec().into())))
    }

    /// Whether the beginning of its certificate's id is enough for whoever reads
    /// a segment.
    fn is_told_apart(&self, segment: &Verified<Segment>) -> bool {
        let by = segment.body().by;
        self.certificate_of(&prefix(by.as_bytes())) == Some(by)
    }

    /// Segments with the changes that go with them; `told` to a peer that holds
    /// what they follow now.
    pub(crate) fn draft_piece(
        &self,
        draft: &DraftId,
        group: &Together,
        told: bool,
    ) -> Result<Option<Piece>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(None) };
        let held = self.draft_changes(draft)?;
        let past = Past::from_metas(held.iter().map(|(meta, _)| meta.clone()).collect());
        let (mut segments, mut wanted) = (Vec::new(), BTreeSet::new());
        let mut heads = Vec::new();
        for (id, from) in &group.0 {
            // It may have been replaced by a longer one meanwhile: the next
            // round brings that.
            let Some(signature) = shared.segments.get(id) else { return Ok(None) };
            segments.push(self.segment(draft, id)?);
            let (new, old): (Vec<_>, Vec<_>) =
                run(&past, signature).partition(|change| change.seq >= *from);
            wanted.extend(new.into_iter().map(|change| (change.depth, change.hash)));
            heads.push(old.first().filter(|_| told).map(|change| change.hash));
        }
        let bytes: BTreeMap<Hash, _> = held.iter().map(|(meta, raw)| (meta.hash, raw)).collect();
        let changes = wanted.iter().filter_map(|(_, hash)| bytes.get(hash));
        let changes: Vec<&[u8]> = changes.map(|raw| &raw[..]).collect();
        let federation = self.authority().federation();
        let brief = brief(&segments, &heads, &changes, federation);
        let ends: Vec<(ActorId, u64)> = segments
            .iter()
            .map(|segment| (segment.body().actor(federation), segment.body().last))
            .collect();
        let is_short = tries(&ends, &past) <= BRIEF_TRIES_MAX
            && segments.iter().all(|segment| self.is_told_apart(segment));
        let brief = brief.filter(|_| is_short);
        let piece = brief.or_else(|| piece(&segments, &changes, federation));
        Ok(piece.filter(|piece| piece.content_bytes() <= DRAFT_PIECE_BYTES_MAX))
    }
}

/// Groups segments so that each builds only on those of groups before it, on
/// itself, and on what the peer named. In the order in which changes are applied
/// those overlap that build on each other.
fn together(
    past: &Past,
    segments: &[(RecordId, Signature)],
    named: &BTreeSet<PartId>,
) -> Vec<Together> {
    let mut stretches = Vec::new();
    for (id, signature) in segments {
        let lacking: Vec<&ChangeMeta> =
            run(past, signature).take_while(|change| !named.contains(&change.hash)).collect();
        let place = |change: &ChangeMeta| (change.depth, change.hash);
        if let (Some(last), Some(first)) = (lacking.first(), lacking.last()) {
            stretches.push((place(first), place(last), *id, first.seq));
        }
    }
    stretches.sort_unstable();
    let mut groups: Vec<Together> = Vec::new();
    let mut end = (0, [0; 32]);
    for (first, last, id, from) in stretches {
        match groups.last_mut().filter(|_| first < end) {
            Some(group) => group.0.push((id, from)),
            None => groups.push(Together(vec![(id, from)])),
        }
        end = end.max(last);
    }
    groups
}
