//! Drafts that several organisations write, as one node holds them.
//!
//! A draft is shared once its owner has said with whom
//! ([`Audience`]); then the [`segments`](tern_crdt::segment) over its changes
//! travel between the nodes of those organisations, and to nobody else. What two
//! nodes compare is the [set](Library::drafts_with) of the drafts that both may
//! see, which is another one for each organisation. One that does not see a
//! draft any more is told so, and of what is written since nothing.
//!
//! Here drafts are held and counted. Whether a piece may come in is the
//! [gate](crate::gate)'s; whether what a draft says is shown, the verdict's.
//!
//! | name in class B | value |
//! |---|---|
//! | `a` ‖ draft ‖ record id | an audience |
//! | `b` ‖ draft ‖ record id | one that counts no more, where none stands: who began the draft |
//! | `s` ‖ draft ‖ record id | a segment |
//! | `x` ‖ draft ‖ hash | a change, and what is remembered of it |

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use tern_crdt::audience::{AUDIENCES_MAX, Audience, Circle};
use tern_crdt::authority::Role;
use tern_crdt::chunk::{self, ChangeMeta, Past};
use tern_crdt::identity::{ActorId, CertificateId, DraftId, OrgId, PublicKey, RecordId};
use tern_crdt::segment::Segment;
use tern_crdt::segment::brief::Prefix;
use tern_crdt::signed::Verified;
use tern_crdt::verdict::{self, Hash, Held, Signature, Verdict};

use crate::ledger::Private;
use crate::library::Library;
use crate::meeting::set::{ObjectId, PartId, Set};
use crate::store::{Store, StoreError};

mod pieces;
mod shared;
mod small;
mod standing;
mod stored;

pub(crate) use pieces::Together;
pub use pieces::{brief, piece};
pub(crate) use shared::Shared;
use small::{read_segment, stored_segment};
use stored::{
    AUDIENCE, BEGUN, CHANGE, SEGMENT, changes_in, damaged, held, name, read_change, split,
    stored_change,
};
pub(crate) use stored::{is_part, is_part_readable, key, torn_segments};

/// The drafts of a node, and the sets that it compares with others.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    /// The organisation of this node, once it is known.
    pub home: Option<OrgId>,
    pub shared: BTreeMap<DraftId, Shared>,
    sets: BTreeMap<OrgId, Set>,
    /// The library's revision when each of these sets changed last.
    revisions: BTreeMap<OrgId, u64>,
    /// What no organisation has in common with this one.
    pub none: Set,
}

/// A shared draft with what it consists of.
#[derive(Debug, Clone)]
pub struct SharedDraft {
    /// The certificate that began it.
    pub founder: CertificateId,
    /// The organisation that says who sees it.
    pub owner: OrgId,
    /// Who sees it beside its owner, and who did.
    pub circle: Circle,
    /// The signatures over its changes, of those that count.
    pub signatures: Vec<Signature>,
    /// Signatures that do not count, with nothing built on them that does: they
    /// are told to nobody.
    pub aside: Vec<Signature>,
    /// Its changes, each after those that it follows.
    pub changes: Vec<(ChangeMeta, Bytes)>,
}

impl<S: Store> Library<S> {
    /// Says which organisation this node is of: only with what it may see are
    /// there sets of drafts.
    pub(crate) fn set_home(&mut self, home: OrgId) {
        self.drafts.home = Some(home);
        let drafts: Vec<DraftId> = self.drafts.shared.keys().copied().collect();
        drafts.iter().for_each(|draft| self.show_draft(draft));
    }

    /// The set of drafts that this node has in common with an organisation.
    pub fn drafts_with(&self, org: &OrgId) -> &Set {
        self.drafts.sets.get(org).unwrap_or(&self.drafts.none)
    }

    /// The drafts of that set, each with what it consists of.
    pub(crate) fn draft_parts_with<'l>(
        &'l self,
        org: &'l OrgId,
    ) -> impl Iterator<Item = (ObjectId, PartId)> + 'l {
        let drafts = self.drafts_with(org).iter().filter_map(|(id, _)| {
            let shared = self.drafts.shared.get(&DraftId::new(*id))?;
            Some((id, shared.parts_between(&self.drafts.home?, org)))
        });
        drafts.flat_map(|(id, parts)| parts.into_iter().map(|part| (*id, part)))
    }

    /// Grows whenever something changes that an organisation may see.
    pub(crate) fn revision_with(&self, org: &OrgId) -> u64 {
        let drafts = self.drafts.revisions.get(org).copied().unwrap_or(0);
        self.common_revision().max(drafts)
    }

    /// The same for the organisation of a peer.
    pub(crate) fn revision_for(&self, peer: &PublicKey) -> u64 {
        match self.authority().node(peer) {
            Some(org) => self.revision_with(&org),
            None => self.common_revision(),
        }
    }

    /// Every shared draft, ascending by id.
    pub fn shared_drafts(&self) -> impl Iterator<Item = DraftId> + '_ {
        self.drafts.shared.keys().copied()
    }

    /// Whose a shared draft is, and who sees it beside.
    pub fn draft_circle(&self, draft: &DraftId) -> Option<(OrgId, &Circle)> {
        self.drafts.shared.get(draft).map(|shared| (shared.owner, &shared.circle))
    }

    /// Whether an audience of a draft is held, and stands.
    pub fn has_audience(&self, draft: &DraftId, id: &RecordId) -> bool {
        self.drafts.shared.get(draft).is_some_and(|shared| shared.audiences.contains_key(id))
    }

    /// How many of these changes of a draft are not held.
    ///
    /// # Errors
    /// The store's.
    pub fn new_in_draft(&self, draft: &DraftId, changes: &[Vec<u8>]) -> Result<u64, StoreError> {
        let mut new = 0;
        for hash in changes.iter().filter_map(|change| chunk::hash_of(change)) {
            new += u64::from(self.ledger().draft(&name(CHANGE, draft, &hash))?.is_none());
        }
        Ok(new)
    }

    /// A shared draft with all that is held of it.
    pub fn shared_draft(&self, draft: &DraftId) -> Result<Option<SharedDraft>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(None) };
        let (inside, aside): (Vec<_>, Vec<_>) =
            shared.segments.iter().partition(|(id, _)| shared.members.contains(*id));
        let signatures = |of: Vec<(&RecordId, &Signature)>| {
            of.into_iter().map(|(_, signature)| *signature).collect()
        };
        let mut changes = self.draft_changes(draft)?;
        changes.sort_unstable_by(|(a, _), (b, _)| (a.depth, &a.hash).cmp(&(b.depth, &b.hash)));
        Ok(Some(SharedDraft {
            founder: shared.founder,
            owner: shared.owner,
            circle: shared.circle.clone(),
            signatures: signatures(inside),
            aside: signatures(aside),
            changes,
        }))
    }

    /// The verdict on each change of a shared draft, before anybody looked at
    /// what they say.
    pub fn draft_verdicts(&self, draft: &DraftId) -> Result<BTreeMap<Hash, Verdict>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(BTreeMap::new()) };
        Ok(self.judge_draft(draft, shared, &self.draft_past(draft)?))
    }

    /// The segments of one actor that are held.
    pub(crate) fn segments_of(
        &self,
        draft: &DraftId,
        actor: &ActorId,
    ) -> Result<Vec<Verified<Segment>>, StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(Vec::new()) };
        let ids = shared.segments.iter().filter(|(_, signature)| signature.actor == *actor);
        ids.map(|(id, _)| self.segment(draft, id)).collect()
    }

    pub(crate) fn segment(
        &self,
        draft: &DraftId,
        id: &RecordId,
    ) -> Result<Verified<Segment>, StoreError> {
        let record = self.ledger().draft(&name(SEGMENT, draft, id.as_bytes()))?;
        let record = record.ok_or_else(|| damaged("a segment is missing"))?;
        let segment = read_segment(draft, id.as_bytes(), &record)?;
        let key = self.authority().key_of(&segment.body.by);
        segment.verified(key.ok_or_else(|| damaged("nobody knows who signed a segment"))?)
    }

    pub(crate) fn draft_changes(
        &self,
        draft: &DraftId,
    ) -> Result<Vec<(ChangeMeta, Bytes)>, StoreError> {
        changes_in(self.ledger(), draft)
    }

    /// The first change of a draft whose hash begins so.
    pub(crate) fn draft_change_from(
        &self,
        draft: &DraftId,
        from: &Prefix,
    ) -> Result<Option<ChangeMeta>, StoreError> {
        let name = [&[CHANGE], draft.as_bytes().as_slice(), from].concat();
        let found = self.ledger().drafts(&name)?.into_iter().next();
        found.map(|(_, value)| read_change(&value).map(|(meta, _)| meta)).transpose()
    }

    pub(crate) fn draft_past(&self, draft: &DraftId) -> Result<Past, StoreError> {
        let changes = self.draft_changes(draft)?;
        Ok(Past::from_metas(changes.into_iter().map(|(meta, _)| meta).collect()))
    }

    fn judge_draft(
        &self,
        draft: &DraftId,
        shared: &Shared,
        past: &Past,
    ) -> BTreeMap<Hash, Verdict> {
        let home: Vec<OrgId> = shared.everybody().into_iter().collect();
        let signatures: Vec<Signature> = shared.segments.values().copied().collect();
        let held = Held {
            document: draft.as_bytes(),
            home: &home,
            role: Role::Contributor,
            past,
            signatures: &signatures,
            unsound: &BTreeSet::new(),
        };
        verdict::judge(self.authority(), &held)
    }

    /// Reads what the store holds.
    pub(crate) fn load_drafts(&mut self) -> Result<(), StoreError> {
        let mut said = self.ledger().drafts(&[AUDIENCE])?;
        said.extend(self.ledger().drafts(&[BEGUN])?);
        for (name, value) in said {
            let (draft, id) = split(&name)?;
            let record = held(&value, id)?.read::<Audience>().map_err(damaged)?;
            // A store that was mended may have lost who began it: whoever meets
            // this node next tells it again.
            let owner = self.authority().certificate(&record.body().founder);
            let Some(owner) = owner.map(|granted| granted.org) else { continue };
            match name.first() {
                Some(&AUDIENCE) => drop(self.note_audience(draft, owner, &record)),
                _ => _ = self.begun(draft, owner, record.body().founder),
            }
        }
        for (name, value) in self.ledger().drafts(&[SEGMENT])? {
            let (draft, id) = split(&name)?;
            let segment = read_segment(&draft, &id, &value)?;
            // The same of who signed: the piece comes again, and is taken in then.
            if self.authority().key_of(&segment.body.by).is_none() {
                continue;
            }
            let id = RecordId::new(id);
            let signature = Signature::of_segment(self.authority(), id, &segment.body);
            if let Some(shared) = self.drafts.shared.get_mut(&draft) {
                shared.segments.insert(id, signature);
            }
        }
        let drafts: Vec<DraftId> = self.drafts.shared.keys().copied().collect();
        for draft in drafts {
            self.recount_draft(&draft)?;
        }
        Ok(())
    }

    /// The draft that this certificate began: nothing of it yet, if it is new here.
    fn begun(&mut self, draft: DraftId, owner: OrgId, founder: CertificateId) -> &mut Shared {
        self.drafts.shared.entry(draft).or_insert_with(|| Shared {
            founder,
            owner,
            audiences: BTreeMap::new(),
            circle: Circle::default(),
            segments: BTreeMap::new(),
            members: BTreeSet::new(),
            earlier: VecDeque::new(),
        })
    }

    /// Takes in an audience of a draft whose owner is known. Returns those that
    /// do not stand any more.
    fn note_audience(
        &mut self,
        draft: DraftId,
        owner: OrgId,
        audience: &Verified<Audience>,
    ) -> Vec<RecordId> {
        let shared = self.begun(draft, owner, audience.body().founder);
        shared.remember();
        shared.audiences.insert(audience.id(), audience.body().clone());
        let n = shared.audiences.values().map(|audience| audience.n).max().unwrap_or(0);
        let stands = |id: &&RecordId| shared.audiences[*id].n == n;
        let standing: BTreeSet<RecordId> =
            shared.audiences.keys().filter(stands).take(AUDIENCES_MAX).copied().collect();
        let fallen = shared.audiences.keys().filter(|id| !standing.contains(*id)).copied();
        let fallen: Vec<RecordId> = fallen.collect();
        fallen.iter().for_each(|id| {
            shared.audiences.remove(id);
        });
        shared.circle = Circle::of(shared.audiences.values()).unwrap_or_default();
        fallen
    }

    /// Stages an audience, which stands or does not.
    pub(crate) fn put_audience(&mut self, owner: OrgId, audience: &Verified<Audience>) -> bool {
        let draft = audience.body().draft;
        let before = self.drafts.shared.get(&draft).map(Shared::everybody);
        let fallen = self.note_audience(draft, owner, audience);
        if fallen.contains(&audience.id()) {
            return false;
        }
        let bytes: Bytes = audience.record().to_bytes().into();
        self.write_draft(AUDIENCE, &draft, audience.id().as_bytes(), Some(bytes));
        for id in fallen {
            self.write_draft(AUDIENCE, &draft, id.as_bytes(), None);
        }
        // Nobody is forgotten by a later audience; by one of another branch
        // perhaps.
        self.show_draft_to(&draft, before.unwrap_or_default());
        self.show_draft(&draft);
        true
    }

    /// Stages whole segments with their changes, instead of others.
    pub(crate) fn put_segments(
        &mut self,
        draft: &DraftId,
        segments: &[(Verified<Segment>, Signature)],
        instead: &[RecordId],
        changes: &[(ChangeMeta, Vec<u8>)],
    ) -> Result<(), StoreError> {
        if let Some(shared) = self.drafts.shared.get_mut(draft) {
            shared.remember();
        }
        for (meta, bytes) in changes {
            let value = stored_change(meta, bytes)?;
            self.write_draft(CHANGE, draft, &meta.hash, Some(value));
        }
        for (segment, signature) in segments {
            let key = self.authority().key_of(&segment.body().by);
            let bytes = stored_segment(segment, key);
            self.write_draft(SEGMENT, draft, segment.id().as_bytes(), Some(bytes));
            if let Some(shared) = self.drafts.shared.get_mut(draft) {
                shared.segments.insert(segment.id(), *signature);
            }
        }
        for id in instead {
            self.write_draft(SEGMENT, draft, id.as_bytes(), None);
            if let Some(shared) = self.drafts.shared.get_mut(draft) {
                shared.segments.remove(id);
            }
        }
        self.recount_draft(draft)
    }

    fn write_draft(&mut self, kind: u8, draft: &DraftId, id: &[u8; 32], value: Option<Bytes>) {
        self.write(Private::draft(name(kind, draft, id), value));
    }

    /// Finds out anew which segments count.
    fn recount_draft(&mut self, draft: &DraftId) -> Result<(), StoreError> {
        let Some(shared) = self.drafts.shared.get(draft) else { return Ok(()) };
        let plain = |signature: &Signature| {
            self.authority().ended(&signature.by).is_none()
                && self.authority().certificate(&signature.by).is_some()
        };
        let members: BTreeSet<RecordId> = if shared.segments.values().all(plain) {
            shared.segments.keys().copied().collect()
        } else {
            let past = self.draft_past(draft)?;
            let verdicts = self.judge_draft(draft, shared, &past);
            let counts = |signature: &Signature| {
                pieces::run(&past, signature)
                    .any(|change| verdicts.get(&change.hash).is_some_and(Verdict::is_member))
            };
            let members = shared.segments.iter().filter(|(_, signature)| counts(signature));
            members.map(|(id, _)| *id).collect()
        };
        if let Some(shared) = self.drafts.shared.get_mut(draft) {
            shared.members = members;
        }
        self.show_draft(draft);
        Ok(())
    }

    /// Looks again at the drafts in which one of these certificates signed.
    pub(crate) fn rejudge_drafts(
        &mut self,
        changed: &BTreeSet<CertificateId>,
    ) -> Result<(), StoreError> {
        let concerned = |shared: &Shared| {
            shared.segments.values().any(|signature| changed.contains(&signature.by))
                || shared.audiences.values().any(|audience| changed.contains(&audience.by))
        };
        let drafts = self.drafts.shared.iter().filter(|(_, shared)| concerned(shared));
        let drafts: Vec<DraftId> = drafts.map(|(draft, _)| *draft).collect();
        for draft in &drafts {
            self.rejudge_audiences(draft, changed)?;
            self.recount_draft(draft)?;
        }
        // Also where no segment moved, what is shown may be another text.
        self.redrafted.extend(drafts);
        Ok(())
    }

    /// Enters a draft into the sets of all who see it or saw it.
    fn show_draft(&mut self, draft: &DraftId) {
        let everybody = self.drafts.shared.get(draft).map(Shared::everybody);
        self.show_draft_to(draft, everybody.unwrap_or_default());
    }

    fn show_draft_to(&mut self, draft: &DraftId, orgs: BTreeSet<OrgId>) {
        let (Some(home), Some(shared)) = (self.drafts.home, self.drafts.shared.get(draft)) else {
            return;
        };
        let states = shared.states_with(&home, orgs);
        for (org, state) in states {
            let set = self.drafts.sets.entry(org).or_default();
            let id = draft.as_bytes();
            let before = match state {
                Some(state) => set.insert(*id, state),
                None => set.remove(id),
            };
            if before != state {
                let revision = self.note_draft(org, *id, before);
                self.drafts.revisions.insert(org, revision);
            }
        }
    }
}
