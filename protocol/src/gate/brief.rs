//! Pieces of drafts in brief: whose they are, found among what is held.
//!
//! What a signature is over, and by which key, is known only where the draft is
//! held. So these pieces are put together and verified here, in the step that
//! takes them in, and are small. Once it is whole, a piece is judged as any
//! other.

use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;
use tern_crdt::chunk::brief::Convoy;
use tern_crdt::identity::{ActorId, CertificateId, DraftId, actor_id};
use tern_crdt::segment::Segment;
use tern_crdt::segment::brief::{Author, Brief, Prefix, prefix, tries};
use tern_crdt::signed::Verified;

use super::draft::Admission;
use super::{GateRefused, restored};
use crate::library::Library;
use crate::limits::{BRIEF_BYTES_MAX, BRIEF_DRAFTS_MAX, BRIEF_TRIES_MAX, SEGMENTS_MAX};
use crate::step::Change;
use crate::store::{Store, StoreError};

/// A piece of a draft in brief, as it came.
#[derive(Clone, Debug)]
pub struct InBrief {
    draft: Option<DraftId>,
    segments: Vec<Brief>,
    changes: Vec<ByteVec>,
}

impl InBrief {
    /// Bounds it; more can be said of it only beside its draft.
    pub(super) fn examine(
        draft: Option<DraftId>,
        segments: &[Brief],
        changes: &[ByteVec],
    ) -> Result<Self, GateRefused> {
        let bytes: usize = changes.iter().map(|change| change.len()).sum();
        if segments.len() > SEGMENTS_MAX || bytes > BRIEF_BYTES_MAX {
            return Err(GateRefused::Draft("it is in brief and too long for that"));
        }
        Ok(Self { draft, segments: segments.to_vec(), changes: changes.to_vec() })
    }

    /// The heads that it follows.
    fn heads(&self) -> impl Iterator<Item = Prefix> + '_ {
        self.segments.iter().filter_map(|segment| match segment {
            Brief::After { head, .. } => Some(*head),
            Brief::Whole { .. } => None,
        })
    }
}

/// A piece in full.
struct Complete {
    segments: Vec<Verified<Segment>>,
    admission: Admission,
}

impl<S: Store> Library<S> {
    /// The one certificate that begins so.
    pub(crate) fn certificate_of(&self, by: &Prefix) -> Option<CertificateId> {
        let mut least = [0; 32];
        least[..by.len()].copy_from_slice(by);
        let begins = |id: &CertificateId| prefix(id.as_bytes()) == *by;
        let least = CertificateId::new(least);
        let from = self.authority().certificates_from(&least).map(|(id, _)| id);
        let mut found = from.take_while(begins);
        let one = found.next()?;
        found.next().is_none().then_some(one)
    }

    /// Lets in a piece of whichever draft it fits.
    pub(super) fn admit_brief(
        &mut self,
        brief: &InBrief,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let mut refused = GateRefused::NotYet("what its signatures follow");
        for draft in self.drafts_of(brief) {
            match self.complete(&draft, brief)? {
                Ok(Complete { segments, admission }) => {
                    return self.admit_signed(&draft, &segments, &admission);
                }
                Err(why) => refused = why,
            }
        }
        Ok(Err(refused))
    }

    /// Of which draft a piece is, and how many of its changes are not held: all of
    /// them, where what it follows is not here yet. `None` where its draft cannot be
    /// told.
    ///
    /// # Errors
    /// The store's.
    pub fn new_in_brief(&self, brief: &InBrief) -> Result<Option<(DraftId, u64)>, StoreError> {
        for draft in self.drafts_of(brief) {
            if let Ok(Complete { admission, .. }) = self.complete(&draft, brief)? {
                return Ok(Some((draft, admission.new.len() as u64)));
            }
        }
        Ok(brief.draft.map(|draft| (draft, brief.changes.len() as u64)))
    }

    /// Drafts of which a piece may be, some of them if they are many.
    fn drafts_of(&self, brief: &InBrief) -> Vec<DraftId> {
        if let Some(draft) = brief.draft {
            return vec![draft];
        }
        let heads: BTreeSet<Prefix> = brief.heads().collect();
        if heads.is_empty() {
            return Vec::new();
        }
        let known = self.drafts.shared.iter();
        let fit = known.filter(|(_, shared)| heads.iter().all(|head| shared.ended_in(head)));
        fit.map(|(draft, _)| *draft).take(BRIEF_DRAFTS_MAX).collect()
    }

    /// The piece in full, as one of this draft.
    fn complete(
        &self,
        draft: &DraftId,
        brief: &InBrief,
    ) -> Result<Result<Complete, GateRefused>, StoreError> {
        if !self.drafts.shared.contains_key(draft) {
            return Ok(Err(GateRefused::NotYet("word of who sees its draft")));
        }
        let (mut authors, mut held) = (Vec::new(), Vec::new());
        for segment in &brief.segments {
            let author = match segment {
                Brief::Whole { by, nonce, .. } => {
                    let Some(by) = self.certificate_of(by) else {
                        return Ok(Err(GateRefused::NotYet("a certificate")));
                    };
                    let granted = self.authority().certificate(&by);
                    granted.map(|granted| Author {
                        by,
                        key: granted.certificate.key,
                        document: draft.cast(),
                        nonce: *nonce,
                    })
                }
                Brief::After { head, .. } => match self.author_of(draft, head)? {
                    Some((author, head)) => {
                        held.push(head);
                        Some(author)
                    }
                    None => None,
                },
            };
            let Some(author) = author else {
                return Ok(Err(GateRefused::NotYet("what its signatures follow")));
            };
            authors.push(author);
        }
        let past = self.draft_past(draft)?;
        Ok(self.assemble(draft, brief, &authors, held, Admission::to(past)))
    }

    fn assemble(
        &self,
        draft: &DraftId,
        brief: &InBrief,
        authors: &[Author],
        held: Vec<[u8; 32]>,
        mut admission: Admission,
    ) -> Result<Complete, GateRefused> {
        let federation = self.authority().federation();
        let actor = |of: &Author| actor_id(federation, of.document, of.by, &of.nonce);
        let actors: Vec<ActorId> = authors.iter().map(actor).collect();
        admission.hold(&restored(Convoy::behind(held), &brief.changes, &actors)?)?;
        let ends: Vec<(ActorId, u64)> =
            actors.iter().copied().zip(brief.segments.iter().map(Brief::last)).collect();
        if tries(&ends, &admission.past) > BRIEF_TRIES_MAX {
            return Err(GateRefused::NotYet("its segments as records: they have many branches"));
        }
        let mut segments = Vec::with_capacity(authors.len());
        for (segment, author) in brief.segments.iter().zip(authors) {
            let segment = segment.read(author, federation, &admission.past);
            let segment = segment.ok_or(GateRefused::Draft("its signature is not over this"))?;
            self.may_sign(draft, &segment)?;
            segments.push(segment);
        }
        Ok(Complete { segments, admission })
    }

    /// Whose change begins so, and that change: mostly the last of a segment, unless
    /// that was replaced by a longer one meanwhile.
    fn author_of(
        &self,
        draft: &DraftId,
        head: &Prefix,
    ) -> Result<Option<(Author, [u8; 32])>, StoreError> {
        let Some(change) = self.draft_change_from(draft, head)? else { return Ok(None) };
        let shared = self.drafts.shared.get(draft);
        let mut signed = shared.into_iter().flat_map(|shared| &shared.segments);
        let Some((id, _)) = signed.find(|(_, signature)| signature.actor == change.actor) else {
            return Ok(None);
        };
        let segment = self.segment(draft, id)?;
        let Segment { by, document, nonce, .. } = *segment.body();
        let author = segment.only_signer().map(|key| Author { by, key, document, nonce });
        Ok(author.map(|author| (author, change.hash)))
    }
}
