//! What of shared drafts stands when a certificate ends: all that is held here
//! of what it signed, for the [cut](tern_crdt::authority::Cut). An audience by its
//! id; changes as runs of their actors, because a segment that is still open is
//! replaced as it grows, and nodes may hold it at different lengths.
//!
//! An audience that does not count is dropped, as other records are: what one node
//! still held and another refused, no meeting of the two would ever settle.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::audience::Circle;
use tern_crdt::authority::{CutRun, Forbidden, Role};
use tern_crdt::identity::{ActorId, CertificateId, DraftId, OrgId, PublicKey, RecordId};
use tern_crdt::verdict::{Hash, Signature};

use super::pieces::run;
use super::{AUDIENCE, BEGUN, Shared, held, name};
use crate::library::Library;
use crate::store::{Store, StoreError};

impl<S: Store> Library<S> {
    /// Whether a key may say who sees this draft of its organisation: which that is.
    pub(crate) fn may_say_who_sees(
        &self,
        by: CertificateId,
        key: PublicKey,
        id: &RecordId,
        draft: &DraftId,
    ) -> Result<OrgId, Forbidden> {
        let (id, about) = (id.as_bytes(), Some(draft.as_bytes()));
        let counts = |role| self.authority().counts_about(by, key, role, id, about);
        let author = counts(None)?.org;
        let role = Role::Contributor;
        match counts(Some(role)) {
            Err(Forbidden::WithoutRole { .. } | Forbidden::OutOfScope { .. })
                if [Role::Publisher, Role::FocalPoint]
                    .map(|r| counts(Some(r)))
                    .iter()
                    .any(Result::is_ok) =>
            {
                Ok(author)
            }
            counted => counted.map(|_| author),
        }
    }

    /// Drops what these certificates said about who sees a draft, where it counts
    /// no more.
    pub(super) fn rejudge_audiences(
        &mut self,
        draft: &DraftId,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(()) };
        let by = shared.audiences.iter().filter(|(_, audience)| changed.contains(&audience.by));
        let mut gone = Vec::new();
        for (id, audience) in by {
            let record = self.ledger().draft(&name(AUDIENCE, draft, id.as_bytes()))?;
            let record = record.map(|record| held(&record, *id.as_bytes())).transpose()?;
            let key = record.and_then(|record| record.only_signer());
            let counts =
                key.is_some_and(|key| self.may_say_who_sees(audience.by, key, id, draft).is_ok());
            if !counts {
                gone.push(*id);
            }
        }
        let Some(first) = gone.first().copied() else { return Ok(()) };
        let one = self.ledger().draft(&name(AUDIENCE, draft, first.as_bytes()))?;
        let before = self.drafts.shared.get(draft).map(Shared::everybody).unwrap_or_default();
        for id in &gone {
            self.write_draft(AUDIENCE, draft, id.as_bytes(), None);
        }
        if let Some(shared) = self.drafts.shared.get_mut(draft) {
            shared.audiences.retain(|id, _| !gone.contains(id));
            shared.circle = Circle::of(shared.audiences.values()).unwrap_or_default();
        }
        // What is held of the draft is found again at the next start.
        if self.drafts.shared.get(draft).is_some_and(|shared| shared.audiences.is_empty()) {
            self.write_draft(BEGUN, draft, first.as_bytes(), one);
        }
        self.show_draft_to(draft, before);
        Ok(())
    }

    /// What these certificates said about who sees drafts, as far as it stands.
    pub(crate) fn audiences_by(&self, by: &BTreeSet<CertificateId>) -> Vec<RecordId> {
        let shared = self.drafts.shared.values();
        let said = shared.flat_map(|shared| &shared.audiences);
        said.filter(|(_, audience)| by.contains(&audience.by)).map(|(id, _)| *id).collect()
    }

    /// How far the changes had come that these certificates signed in drafts and
    /// this node holds and counts, ascending. An actor of whom two branches are
    /// held has a run for each.
    ///
    /// # Errors
    /// The store's.
    pub fn written_by(&self, by: &BTreeSet<CertificateId>) -> Result<Vec<CutRun>, StoreError> {
        let mut runs = BTreeMap::new();
        for (draft, shared) in &self.drafts.shared {
            let own = shared.segments.iter().filter(|(id, signature)| {
                by.contains(&signature.by) && shared.members.contains(*id)
            });
            let own: Vec<&Signature> = own.map(|(_, signature)| signature).collect();
            if own.is_empty() {
                continue;
            }
            let past = self.draft_past(draft)?;
            // What a longer run contains needs no run of its own.
            let inner = |signature: &&Signature| {
                let whole = Signature { first: 1, ..**signature };
                run(&past, &whole).skip(1).map(|change| change.hash).collect::<Vec<Hash>>()
            };
            let inner: BTreeSet<Hash> = own.iter().flat_map(inner).collect();
            let tips = own.into_iter().filter(|signature| !inner.contains(&signature.head));
            runs.extend(tips.map(|tip| ((tip.actor, tip.head), tip.last)));
        }
        let run = |((actor, head), last): ((ActorId, Hash), u64)| CutRun { actor, last, head };
        Ok(runs.into_iter().map(run).collect())
    }
}
