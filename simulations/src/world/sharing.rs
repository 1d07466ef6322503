//! Drafts that people of several organisations write together: they begin them,
//! show them to others and not any more, and save in them, knowing of each other
//! or not.
//!
//! What must hold: all who see a draft come to hold the same, with every word
//! that was acknowledged, and whoever was never to see one holds nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::audience::Audience;
use tern_crdt::chunk::ChangeMeta;
use tern_crdt::document::Draft;
use tern_crdt::identity::{DraftId, Nonce, OrgId, actor_id, digest, document_id};
use tern_crdt::segment::Segment;
use tern_crdt::signed::{Statement, Verified};
use tern_crdt::value::Value;
use tern_protocol::message::Piece;

use super::World;
use super::act::draft as text;
use crate::model::Item;
use crate::node::Asked;
use crate::people::Person;

/// A draft as the world knows it.
#[derive(Debug)]
struct Begun {
    founder: Person,
    nonce: Nonce,
    /// Its owner, by number.
    owner: usize,
    founder_org: OrgId,
    /// Everybody who was ever to see it.
    ever: BTreeSet<OrgId>,
}

/// All drafts of a world.
#[derive(Debug, Default)]
pub(crate) struct Sharing {
    drafts: BTreeMap<DraftId, Begun>,
    /// Changes that were written, and the organisation of who did.
    written: BTreeMap<[u8; 32], OrgId>,
}

/// What became of the drafts of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Drafts that somebody began.
    pub drafts: u64,
    /// Saves that were acknowledged.
    pub saves: u64,
    /// Organisations beside the owner that hold a draft at the end.
    pub guests: u64,
    /// Of these so many meet some other one by stick alone.
    pub by_stick: u64,
    /// And so many by letter alone.
    pub by_letter: u64,
    /// Letters that were written, and those that were taken in.
    pub letters: (u64, u64),
}

impl Writing {
    /// Adds those of another world.
    pub const fn add(&mut self, other: &Self) {
        self.drafts += other.drafts;
        self.saves += other.saves;
        self.guests += other.guests;
        self.by_stick += other.by_stick;
        self.by_letter += other.by_letter;
        self.letters.0 += other.letters.0;
        self.letters.1 += other.letters.1;
    }
}

impl Sharing {
    /// Whether an organisation was ever to see some draft.
    pub(crate) fn is_for_some(&self, org: &OrgId) -> bool {
        self.drafts.values().any(|begun| begun.founder_org == *org || begun.ever.contains(org))
    }
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl World {
    /// Somebody does something with a draft.
    pub fn write_together(&mut self) -> Result<(), String> {
        if self.chance.percent(25) && self.invite() {
            return Ok(());
        }
        let members: Vec<usize> = (0..self.nodes.len()).filter(|n| self.is_member(*n)).collect();
        let Some(node) = self.chance.pick(&members).copied() else { return Ok(()) };
        match self.chance.below(100) {
            0..20 => self.begin_draft(node),
            20..30 => self.show_draft(node)?,
            _ => self.save_draft(node)?,
        }
        Ok(())
    }

    /// Some of the others.
    fn some_orgs(&mut self, owner: usize) -> Vec<OrgId> {
        let others: Vec<OrgId> = (0..self.parties.len())
            .filter(|party| *party != owner)
            .map(|party| self.parties[party].org())
            .collect();
        let mut some: Vec<OrgId> = others.into_iter().filter(|_| self.chance.percent(50)).collect();
        some.sort_unstable();
        some
    }

    fn begin_draft(&mut self, node: usize) {
        let (Some(owner), nonce) = (self.nodes[node].party, self.chance.bytes::<16>()) else {
            return;
        };
        let founder = self.parties[owner].contributor.clone();
        let draft = document_id(self.federation, founder.certificate, &nonce).cast();
        let founder_org = self.parties[owner].org();
        let begun = Begun { founder, nonce, owner, founder_org, ever: BTreeSet::new() };
        if let Some(sharing) = &mut self.sharing {
            sharing.drafts.insert(draft, begun);
        }
        let orgs = self.some_orgs(owner);
        self.say_audience(node, draft, orgs, Vec::new());
    }

    fn say_audience(&mut self, node: usize, draft: DraftId, orgs: Vec<OrgId>, left: Vec<OrgId>) {
        let federation = self.federation;
        let held = self.nodes[node].replica.as_ref().and_then(|replica| {
            replica.library().shared_draft(&draft).ok().flatten().map(|held| held.circle.n)
        });
        let Some(begun) = self.sharing.as_mut().and_then(|all| all.drafts.get_mut(&draft)) else {
            return;
        };
        begun.ever.extend(&orgs);
        let n = held.unwrap_or(0) + 1;
        let Person { key, certificate: by } = begun.founder.clone();
        let (founder, nonce) = (begun.founder.certificate, begun.nonce);
        let record =
            Audience { by, draft, founder, nonce, n, orgs, left }.prepare().sign(federation, &key);
        self.tell(|world| format!("{} says who sees {draft:?}: {n}", world.name(node)));
        self.write(node, &[Piece::Record(record.to_bytes().into())], vec![]);
    }

    /// Drafts that a node holds and its organisation sees.
    fn seen(&self, node: usize) -> Vec<DraftId> {
        let Some(replica) = &self.nodes[node].replica else { return Vec::new() };
        let (library, org) = (replica.library(), replica.org());
        let sees = |draft: &DraftId| {
            let held = library.shared_draft(draft).ok().flatten();
            held.is_some_and(|held| held.owner == org || held.circle.sees(&org))
        };
        library.shared_drafts().filter(sees).collect()
    }

    /// The owner lets others see a draft, or fewer.
    fn show_draft(&mut self, node: usize) -> Result<(), String> {
        let Some(owner) = self.nodes[node].party else { return Ok(()) };
        let own: Vec<DraftId> = self
            .seen(node)
            .into_iter()
            .filter(|draft| {
                let begun = self.sharing.as_ref().and_then(|all| all.drafts.get(draft));
                begun.is_some_and(|begun| begun.owner == owner)
            })
            .collect();
        let Some(draft) = self.chance.pick(&own).copied() else { return Ok(()) };
        let orgs = self.some_orgs(owner);
        let replica = self.nodes[node].replica.as_ref();
        let held = replica.and_then(|replica| replica.library().shared_draft(&draft).ok()?);
        let Some(circle) = held.map(|held| held.circle) else { return Ok(()) };
        let known = circle.orgs.union(&circle.left).copied();
        let left = known.filter(|org| !orgs.contains(org)).collect();
        self.say_audience(node, draft, orgs, left);
        Ok(())
    }

    /// Somebody saves what they made of a draft on top of what they saw: its
    /// heads, or some that it had.
    fn save_draft(&mut self, node: usize) -> Result<(), String> {
        // One at a time, as an actor numbers its changes.
        let saves = |asked: &Asked| match asked {
            Asked::Write(items) => items.iter().any(|item| matches!(item, Item::Draft(..))),
            _ => false,
        };
        if self.nodes[node].commands.values().any(saves) {
            return Ok(());
        }
        let drafts = self.seen(node);
        let Some(draft) = self.chance.pick(&drafts).copied() else { return Ok(()) };
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let Some(held) = replica.library().shared_draft(&draft).map_err(text_of)? else {
            return Ok(());
        };
        let org = replica.org();
        let Some(party) = self.party_of(node) else { return Ok(()) };
        let Person { key, certificate: by } = party.contributor.clone();
        let life = [node.to_be_bytes(), (self.nodes[node].life as usize).to_be_bytes()].concat();
        let mut nonce: Nonce = [0; 16];
        nonce.copy_from_slice(&digest("run", &[&life])[..16]);
        let actor = actor_id(self.federation, draft.cast(), by, &nonce);
        let changes: Vec<&[u8]> = held.changes.iter().map(|(_, bytes)| &bytes[..]).collect();
        let mut document = Draft::load(&changes).map_err(text_of)?;
        let heads = match self.chance.pick(&held.changes) {
            Some((meta, _)) if self.chance.percent(20) => vec![meta.hash],
            _ => document.heads(),
        };
        let mut content: BTreeMap<String, Value> = document.content_at(&heads).map_err(text_of)?;
        for (field, value) in text(&mut self.chance) {
            if self.chance.percent(40) {
                content.insert(field, value);
            }
        }
        let now = self.nodes[node].time(self.agenda.now());
        let saved = document.save_at(&heads, &content, &actor, now.0 / 1_000).map_err(text_of)?;
        let Some(saved) = saved else { return Ok(()) };
        let chunk = tern_crdt::chunk::read(&saved.bytes).map_err(text_of)?;
        let metas = held.changes.iter().map(|(meta, _)| meta.clone()).collect();
        let past = tern_crdt::chunk::Past::from_metas(metas);
        let meta = tern_crdt::chunk::hold(&chunk, &past, Some(&actor)).map_err(text_of)?;
        let mut run: Vec<ChangeMeta> = past.metas().iter().cloned().chain([meta]).collect();
        run.retain(|change| change.actor == actor);
        run.sort_by_key(|change| change.seq);
        // Now and then somebody begins a new segment.
        let first = if self.chance.percent(10) { run.len() - 1 } else { 0 };
        let Some(segment) = Segment::covering(by, draft.cast(), nonce, &run[first..], now) else {
            return Ok(());
        };
        let record = segment.prepare().sign(self.federation, &key);
        let segment = record.verify(self.federation).and_then(Verified::read).map_err(text_of)?;
        let piece = tern_protocol::drafts::piece(&[segment], &[&saved.bytes], self.federation);
        let Some(piece) = piece else { return Err("a change of somebody else".into()) };
        self.tell(|world| format!("{} saves in {draft:?}", world.name(node)));
        if let Some(sharing) = &mut self.sharing {
            sharing.written.insert(saved.hash, org);
        }
        self.write(node, &[piece], vec![Item::Draft(draft, saved.hash)]);
        Ok(())
    }

    /// Whether all members hold the same of the drafts that they have in common.
    pub fn agrees_on_drafts(&self, members: &[usize]) -> bool {
        let libraries: Vec<_> = members
            .iter()
            .filter_map(|node| self.nodes[*node].replica.as_ref())
            .map(|replica| (replica.org(), replica.library()))
            .collect();
        libraries.iter().all(|(org, library)| {
            libraries.iter().all(|(other, theirs)| {
                library.drafts_with(other).root() == theirs.drafts_with(org).root()
            })
        })
    }

    /// The end: what each holds of each draft.
    pub fn judge_drafts(&self, members: &[usize]) -> Result<Option<Writing>, String> {
        let Some(sharing) = &self.sharing else { return Ok(None) };
        let (by_stick, by_letter) = (self.by_stick(), self.by_letter());
        let letters = self.post.as_ref().map_or((0, 0), |post| (post.written, post.taken));
        let drafts = sharing.drafts.len() as u64;
        let mut writing = Writing { drafts, letters, ..Writing::default() };
        for (draft, begun) in &sharing.drafts {
            let owner = self.parties[begun.owner].org();
            let mut all: Option<BTreeSet<[u8; 32]>> = None;
            for node in 0..self.nodes.len() {
                let Some(replica) = &self.nodes[node].replica else { continue };
                let (library, org) = (replica.library(), replica.org());
                let held = library.shared_draft(draft).map_err(text_of)?;
                let name = self.name(node);
                let stranger = org != owner && !begun.ever.contains(&org);
                if stranger && self.post.is_some() && self.keeps_name_of(node, draft)? {
                    return Err(format!("{name} keeps the name of {draft:?}, which is not for it"));
                }
                let Some(held) = held else { continue };
                if org != owner && !begun.ever.contains(&org) {
                    return Err(format!("{name} holds {draft:?}, which is not for it"));
                }
                if !members.contains(&node) || org != owner && !held.circle.sees(&org) {
                    continue;
                }
                writing.guests += u64::from(org != owner);
                writing.by_stick += u64::from(org != owner && by_stick.contains(&org));
                writing.by_letter += u64::from(org != owner && by_letter.contains(&org));
                let these: BTreeSet<[u8; 32]> =
                    held.changes.iter().map(|(meta, _)| meta.hash).collect();
                if all.as_ref().is_some_and(|all| *all != these) {
                    return Err(format!("{name} holds another {draft:?} than the others"));
                }
                let verdicts = library.draft_verdicts(draft).map_err(text_of)?;
                if let Some((change, verdict)) =
                    verdicts.iter().find(|(_, verdict)| !verdict.is_shown())
                {
                    return Err(format!("{name} does not show {change:02x?}: {verdict:?}"));
                }
                let changes: Vec<&[u8]> = held.changes.iter().map(|(_, raw)| &raw[..]).collect();
                Draft::load(&changes).and_then(|draft| draft.content()).map_err(text_of)?;
                let sees = |org: &OrgId| *org == owner || held.circle.sees(org);
                // What a copy wrote that is gone, who sees it no more may keep alone.
                let kept = |by: usize| {
                    let org = self.party_of(by).map(crate::people::Party::org);
                    org.is_some_and(|org| sees(&org))
                };
                let stays = |change: &[u8; 32]| sharing.written.get(change).is_some_and(sees);
                if let Some((lost, _)) = self
                    .model
                    .saved(*draft)
                    .find(|(change, by)| stays(change) && kept(*by) && !these.contains(change))
                {
                    return Err(format!("{name} lacks {lost:02x?} of {draft:?}"));
                }
                all = Some(these);
            }
            writing.saves += self.model.saved(*draft).count() as u64;
        }
        Ok(Some(writing))
    }
}
