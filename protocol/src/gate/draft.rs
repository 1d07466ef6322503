//! What may come into a shared draft: who sees it, and signed changes.
//!
//! Whether a piece may be held is a question about the piece, what it builds on
//! and who may say so. What a signature counts for is the verdict's; a change
//! that nobody signed is not held.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::audience::Audience;
use tern_crdt::authority::{Forbidden, Role};
use tern_crdt::chunk::{self, ChangeMeta, ChunkRefused, Past};
use tern_crdt::identity::{DraftId, OrgId, RecordId};
use tern_crdt::segment::{Admitted, NotWhole, Segment, admit};
use tern_crdt::signed::Verified;
use tern_crdt::verdict::Signature;

use super::GateRefused;
use crate::library::Library;
use crate::limits::SEGMENTS_MAX;
use crate::step::Change;
use crate::store::{Store, StoreError};

impl<S: Store> Library<S> {
    pub(super) fn admit_audience(
        &mut self,
        audience: &Verified<Audience>,
    ) -> Result<Change, GateRefused> {
        let body = audience.body();
        let draft = body.draft;
        if !body.is_of_founder(self.authority().federation()) {
            return Err(GateRefused::Draft("it names a draft that its founder did not begin"));
        }
        let key = audience
            .only_signer()
            .ok_or(GateRefused::Draft("an audience has more than one signature"))?;
        let id = audience.id();
        let author = self.may_say_who_sees(body.by, key, &id, &draft)?;
        let founder = self.authority().certificate(&body.founder);
        let owner = founder.map(|granted| granted.org).ok_or(GateRefused::NotYet("its founder"))?;
        if owner != author {
            return Err(GateRefused::Draft("only its owner says who sees a draft"));
        }
        if let Some(home) = self.drafts.home {
            let names = |orgs: &[OrgId]| orgs.binary_search(&home).is_ok();
            // Of two said at once, one may name this organisation and the other
            // not.
            let known = self.drafts.shared.get(&draft).is_some_and(|held| held.knows_of(&home));
            if home != owner && !known && !names(&body.orgs) && !names(&body.left) {
                return Err(GateRefused::NotYet("word that this organisation sees the draft"));
            }
        }
        let held = self.drafts.shared.get(&draft);
        if held.is_some_and(|held| held.audiences.contains_key(&id)) {
            return Ok(Change::Known);
        }
        Ok(match self.put_audience(owner, audience) {
            true => Change::Draft(draft),
            false => Change::Known,
        })
    }

    /// Lets in segments of one draft with changes that they cover.
    pub(super) fn admit_draft(
        &mut self,
        segments: &[Verified<Segment>],
        changes: &[Vec<u8>],
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let Some(first) = segments.first() else {
            return Ok(Err(GateRefused::Draft("it has no signature")));
        };
        let draft: DraftId = first.body().document.cast();
        if !self.drafts.shared.contains_key(&draft) {
            return Ok(Err(GateRefused::NotYet("word of who sees its draft")));
        }
        let mut admission = Admission::to(self.draft_past(&draft)?);
        for segment in segments {
            if let Err(refused) = self.may_sign(&draft, segment) {
                return Ok(Err(refused));
            }
        }
        if let Err(refused) = admission.hold(changes) {
            return Ok(Err(refused));
        }
        self.admit_signed(&draft, segments, &admission)
    }

    /// Lets in segments, signed by those who may, over changes that can be held.
    pub(super) fn admit_signed(
        &mut self,
        draft: &DraftId,
        segments: &[Verified<Segment>],
        admission: &Admission,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let mut covered = BTreeSet::new();
        for segment in segments {
            match segment.body().whole(self.authority().federation(), &admission.past) {
                Ok(changes) => covered.extend(changes.iter().map(|change| change.hash)),
                Err(NotWhole::Missing { .. }) => {
                    return Ok(Err(GateRefused::NotYet("a change of its segment")));
                }
                Err(_) => return Ok(Err(GateRefused::Draft("its signature is not over this"))),
            }
        }
        if !admission.new.iter().all(|(change, _)| covered.contains(&change.hash)) {
            return Ok(Err(GateRefused::Draft("a change that nobody signed")));
        }
        self.take_in(draft, segments, admission)
    }

    /// Whether somebody who sees a draft signed this and may write there. One
    /// whose certificate ended may have: the verdict sees to that.
    pub(super) fn may_sign(
        &self,
        draft: &DraftId,
        segment: &Verified<Segment>,
    ) -> Result<(), GateRefused> {
        let body = segment.body();
        if body.document.cast() != *draft {
            return Err(GateRefused::Draft("its segments are of several drafts"));
        }
        let key = segment
            .only_signer()
            .ok_or(GateRefused::Draft("a segment has more than one signature"))?;
        let role = Some(Role::Contributor);
        let (id, about) = (segment.id(), Some(draft.as_bytes()));
        let counted = self.authority().counts_about(body.by, key, role, id.as_bytes(), about);
        let granted = match counted {
            Err(Forbidden::Revoked { certificate, by }) => self
                .authority()
                .certificate(&certificate)
                .ok_or(Forbidden::Revoked { certificate, by })?,
            counted => counted?,
        };
        let sees = self.drafts.shared.get(draft).is_some_and(|held| held.knows_of(&granted.org));
        if !sees {
            return Err(GateRefused::NotYet("word that its writer sees the draft"));
        }
        Ok(())
    }

    fn take_in(
        &mut self,
        draft: &DraftId,
        segments: &[Verified<Segment>],
        admission: &Admission,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let mut held: BTreeMap<RecordId, Verified<Segment>> = BTreeMap::new();
        let mut instead = BTreeSet::new();
        for segment in segments {
            let signature = Signature::of_segment(self.authority(), segment.id(), segment.body());
            let of_actor = self.segments_of(draft, &signature.actor)?;
            let mut beside: Vec<Verified<Segment>> =
                of_actor.into_iter().filter(|old| !instead.contains(&old.id())).collect();
            beside.extend(
                held.values()
                    .filter(|new| {
                        new.body().actor(self.authority().federation()) == signature.actor
                    })
                    .cloned(),
            );
            if let Admitted::Held { instead: places } = admit(segment, &beside, &admission.past) {
                for place in places {
                    let old = beside[place].id();
                    held.remove(&old);
                    instead.insert(old);
                }
                held.insert(segment.id(), segment.clone());
            }
        }
        if held.is_empty() {
            return Ok(Ok(Change::Known));
        }
        let before = self.drafts.shared.get(draft).map_or(0, |shared| shared.segments.len());
        if before + held.len() > SEGMENTS_MAX + instead.len() {
            return Ok(Err(GateRefused::Crowded));
        }
        let new: Vec<(Verified<Segment>, Signature)> = held
            .into_values()
            .map(|segment| {
                let signature =
                    Signature::of_segment(self.authority(), segment.id(), segment.body());
                (segment, signature)
            })
            .collect();
        let instead: Vec<RecordId> = instead.into_iter().collect();
        self.put_segments(draft, &new, &instead, &admission.new)?;
        Ok(Ok(Change::Draft(*draft)))
    }
}

/// Changes on their way into a draft.
pub(super) struct Admission {
    /// What is held, and what of these is.
    pub(super) past: Past,
    /// Those that are new.
    pub(super) new: Vec<(ChangeMeta, Vec<u8>)>,
}

impl Admission {
    /// None yet, into a draft with this past.
    pub(super) const fn to(past: Past) -> Self {
        Self { past, new: Vec::new() }
    }

    /// Takes changes, each after those that it follows.
    pub(super) fn hold(&mut self, changes: &[Vec<u8>]) -> Result<(), GateRefused> {
        for bytes in changes {
            let chunk = chunk::read(bytes)?;
            if self.past.get(&chunk.hash()).is_some() {
                continue;
            }
            let meta = match chunk::hold(&chunk, &self.past, None) {
                Err(ChunkRefused::Missing { .. }) => {
                    return Err(GateRefused::NotYet("a change that it follows"));
                }
                Err(
                    ChunkRefused::DocumentChanges { .. }
                    | ChunkRefused::DocumentOperations { .. }
                    | ChunkRefused::DocumentBytes { .. },
                ) => return Err(GateRefused::Crowded),
                held => held?,
            };
            self.past.push(meta.clone());
            self.new.push((meta, bytes.clone()));
        }
        Ok(())
    }
}
