//! What must hold of requests whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::identity::{CertificateId, OrgId, ParcelId, PublicKey, RecordId, RequestId};
use tern_crdt::request::RequestEvent;
use tern_crdt::request::fold::{Case, permits};
use tern_protocol::library::Library;
use tern_protocol::routing::desk::Dossier;
use tern_protocol::store::{Space, Store};

use super::rules::judge;
use super::{Journey, MARK, Part, Support};
use crate::disk::Disk;
use crate::node::Nature;
use crate::world::World;

/// Bytes of a text that names it: the mark and the chance after it.
const NAMED: usize = MARK.len() + 32;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Where the texts of requests stand in some bytes.
fn marks(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let first = MARK[0];
    let ends = bytes.len().saturating_sub(MARK.len() - 1);
    let starts = bytes[..ends].iter().enumerate().filter(move |(_, byte)| **byte == first);
    starts.map(|(at, _)| at).filter(|at| bytes[*at..].starts_with(MARK))
}

/// The same request over the same events, with what a node makes of it.
type Cases = BTreeMap<(RequestId, BTreeSet<RecordId>), (usize, Case)>;

impl World {
    /// A frame of an honest node holds nothing of what people wrote.
    pub fn check_sealed(&self, node: usize, frame: &[u8]) -> Result<(), String> {
        if self.support.is_some() && marks(frame).next().is_some() {
            return Err(format!("{} sends the text of a request in the open", self.name(node)));
        }
        Ok(())
    }

    /// What a node makes of a request is what the rules say, and nothing that
    /// was forged counts.
    pub(super) fn check_case(&self, node: usize, dossier: &Dossier) -> Result<Case, String> {
        let (Some(support), Some(replica)) = (&self.support, &self.nodes[node].replica) else {
            return Err("no support here".into());
        };
        let (name, id) = (self.name(node), dossier.id());
        let authority = replica.library().authority();
        let case = dossier.case(authority);
        let Some(truth) = support.requests.get(&id) else {
            let refused = permits(authority, &dossier.request).is_err();
            return match support.untrue.contains(&id) && refused {
                true => Ok(case),
                false => Err(format!("{name} holds request {id:?}, which nobody asked")),
            };
        };
        if permits(authority, &dossier.request).is_err() {
            return Err(format!("{name} holds a true request {id:?} and refuses it"));
        }
        let mut said: BTreeMap<RecordId, &RequestEvent> = BTreeMap::new();
        for (event, held) in &dossier.events {
            if let Some(why) = support.forged.get(event) {
                if !case.refused.contains_key(event) {
                    return Err(format!("{name} counts {why} in request {id:?}"));
                }
            } else if truth.events.contains_key(event) {
                said.insert(*event, held.event.body());
            } else {
                return Err(format!("{name} files {event:?}, which nobody said of {id:?}"));
            }
        }
        let org = |org: &OrgId| self.parties.iter().position(|party| party.org() == *org);
        let judged = judge(dossier.request.body(), &said, |who| support.party_of(who), org);
        let found = (case.state, case.award, case.holder, case.answers.last().copied());
        if found != (judged.state, judged.award, judged.holder, judged.shown) {
            return Err(format!("{name} makes {found:?} of request {id:?}, and not {judged:?}"));
        }
        let talk = &case.talk;
        let open: BTreeSet<RecordId> = talk.open_questions().map(|question| question.id).collect();
        let progress: BTreeSet<RecordId> = talk.progress.iter().copied().collect();
        let named: BTreeSet<_> = talk.referrals.iter().map(|one| (one.by, one.to)).collect();
        let beside = (&open, &progress, &named, talk.step, talk.followed_up.is_some());
        let told = (&judged.open, &judged.progress, &judged.named, judged.step, judged.followed_up);
        if beside != told {
            return Err(format!("{name} makes {beside:?} of request {id:?}, and not {judged:?}"));
        }
        if let Some(event) = judged.overtaken.iter().find(|id| !case.refused.contains_key(id)) {
            return Err(format!("{name} does not say that {event:?} was overtaken"));
        }
        Ok(case)
    }

    /// The end: everything about requests is looked at once more.
    pub fn judge_support(&self, members: &[usize]) -> Result<Option<Journey>, String> {
        if self.support.is_none() {
            return Ok(None);
        }
        let mut cases = Cases::new();
        for node in members {
            self.check_texts(*node)?;
            self.check_parcels(*node)?;
            self.check_custody(*node, members)?;
            self.check_dossiers(*node, &mut cases)?;
        }
        let mut journey = Journey::default();
        let Some(support) = &self.support else { return Ok(None) };
        for request in support.requests.keys() {
            self.check_award(request, members, &mut journey)?;
        }
        journey.requests = support.requests.len() as u64;
        journey.parcels = support.parcels.len() as u64;
        journey.ended = support.ended.len() as u64;
        journey.forged = support.parcels.values().filter(|sent| sent.lie.is_some()).count() as u64;
        for truth in support.requests.values() {
            truth.events.values().for_each(|(event, _)| journey.said(&event.body().deed));
        }
        for node in members {
            let Some(replica) = &self.nodes[*node].replica else { continue };
            for (parcel, _) in replica.library().parcels() {
                let words = replica.library().custodies(&parcel).map_err(text)?;
                journey.custodies += words.len() as u64;
            }
        }
        Ok(Some(journey))
    }

    /// No store holds a text that its organisation was not sent.
    fn check_texts(&self, node: usize) -> Result<(), String> {
        let Some(support) = &self.support else { return Ok(()) };
        let disk = &self.nodes[node].disk;
        for space in Space::ALL {
            let mut after: Option<bytes::Bytes> = None;
            loop {
                let page = disk.scan(space, b"", after.as_deref(), 1_000).map_err(text)?;
                for (key, value) in &page.entries {
                    for bytes in [key, value] {
                        for at in marks(bytes) {
                            let named = bytes.get(at..at + NAMED).unwrap_or_default();
                            let may = support.texts.get(named);
                            let party = self.nodes[node].party;
                            if !may.is_some_and(|may| party.is_some_and(|p| may.contains(&p))) {
                                let name = self.name(node);
                                return Err(format!("{name} holds a text that is not for it"));
                            }
                        }
                    }
                }
                after = page.entries.last().map(|(key, _)| key.clone());
                if !page.more {
                    break;
                }
            }
        }
        Ok(())
    }

    /// What is carried was filed by its readers; what ended was ended by one.
    fn check_parcels(&self, node: usize) -> Result<(), String> {
        let (Some(support), Some(replica)) = (&self.support, &self.nodes[node].replica) else {
            return Ok(());
        };
        let (library, name) = (replica.library(), self.name(node));
        let mut ended = Vec::new();
        let each = |parcel: tern_protocol::routing::HeldParcel| {
            if parcel.is_ended() {
                ended.push(parcel.id());
            }
        };
        library.ledger().each_parcel(each).map_err(text)?;
        if let Some(parcel) = ended.iter().find(|parcel| !support.ended.contains(parcel)) {
            return Err(format!("{name} holds {parcel:?} as ended, and nobody ended it"));
        }
        let mut reads: BTreeSet<_> =
            self.nodes[node].people.iter().map(|at| support.own_keys[*at].public).collect();
        reads.extend(self.nodes[node].party.map(|party| support.desks[party].public));
        for (id, _) in library.parcels() {
            let sent = support.parcels.get(&id).ok_or("a parcel that nobody sent")?;
            if sent.readers.is_disjoint(&reads) {
                continue;
            }
            if let Some(why) = sent.lie {
                let Some(dossier) = library.dossier(&sent.request).map_err(text)? else {
                    continue;
                };
                let case = dossier.case(library.authority());
                // Of one record in several letters the first is named.
                let same = |parcel: &ParcelId| {
                    let other = support.parcels.get(parcel);
                    other.is_some_and(|other| other.inside == sent.inside)
                };
                let as_letter = dossier.refused.iter().any(|refused| same(&refused.parcel));
                let as_record: BTreeSet<_> =
                    dossier.refused.iter().filter_map(|refused| refused.record).collect();
                let named = |id| case.refused.contains_key(id) || as_record.contains(id);
                if !as_letter && !sent.inside.iter().all(named) {
                    return Err(format!("{name} was sent {why} and does not say so"));
                }
                continue;
            }
            let Some(parcel) = library.parcel(&id).map_err(text)? else { continue };
            if !library.is_filed(&parcel.label).map_err(text)? {
                return Err(format!("{name} can read {id:?} and did not file it"));
            }
            let truth = support.requests.get(&sent.request).ok_or("a true request")?;
            let inside = truth.events.iter().filter(|(_, (_, parcel))| *parcel == id);
            let dossier = library.dossier(&sent.request).map_err(text)?;
            for (event, _) in inside {
                if dossier.as_ref().is_some_and(|d| !d.events.contains_key(event)) {
                    return Err(format!("{name} opened {id:?} and lost {event:?} of it"));
                }
            }
            if truth.parcel == id && dossier.is_none() {
                return Err(format!("{name} opened {id:?} and lost the request in it"));
            }
        }
        Ok(())
    }

    /// Words of custody that their givers do not hold yet.
    pub(super) fn untold(&self, node: usize, library: &Library<Disk>) -> Result<usize, String> {
        let told = |giver: &PublicKey| {
            let known = self.nodes.iter().find(|node| node.key.public() == *giver);
            known.is_none_or(|node| node.nature == Nature::Villain)
        };
        let mut untold = 0;
        if !self.nodes[node].is_honest() {
            return Ok(0);
        }
        for (name, value) in library.ledger().locals(b"custody/").map_err(text)? {
            let parcel = name.get(8..40).and_then(ParcelId::from_slice).ok_or("a custody")?;
            if value.first() == Some(&0)
                && library.giver(&parcel).map_err(text)?.is_some_and(|giver| !told(&giver))
            {
                untold += 1;
            }
        }
        Ok(untold)
    }

    /// Custody names only who holds or held, and comes back to the sender.
    fn check_custody(&self, node: usize, members: &[usize]) -> Result<(), String> {
        let (Some(support), Some(replica)) = (&self.support, &self.nodes[node].replica) else {
            return Ok(());
        };
        let (library, name) = (replica.library(), self.name(node));
        let key_of = |certificate: &CertificateId| {
            let mut nodes = support.nodes.iter();
            nodes.find(|(_, other)| *other == certificate).map(|(key, _)| *key)
        };
        let honest = |key: &PublicKey| {
            self.nodes.iter().any(|node| node.is_honest() && node.key.public() == *key)
        };
        for (id, _) in library.parcels() {
            let words = library.custodies(&id).map_err(text)?;
            for word in &words {
                let by = key_of(&word.by).ok_or("custody by a node of the stories")?;
                let from = key_of(&word.from).ok_or("custody from a node of the stories")?;
                let held = |key| support.held.contains(&(key, id));
                if honest(&by) && !(held(by) && held(from)) {
                    return Err(format!("{name} hears of a custody of {id:?} that never was"));
                }
            }
            let label = library.parcel(&id).map_err(text)?.ok_or("a parcel that is carried")?;
            let own = support.nodes.get(&self.nodes[node].key.public());
            let made_here = own == Some(&label.label.body().by);
            if library.giver(&id).map_err(text)?.is_none() && !made_here && !support.set_back {
                return Err(format!("{name} does not know who gave it {id:?}"));
            }
            if !support.custody || support.set_back || library.giver(&id).map_err(text)?.is_some() {
                continue;
            }
            // It was made here: everybody's word came back over honest nodes.
            for other in members {
                if *other != node
                    && self.came_from(*other, node, &id)?
                    && !words
                        .iter()
                        .any(|word| key_of(&word.by) == Some(self.nodes[*other].key.public()))
                {
                    let other = self.name(*other);
                    return Err(format!("{name} never heard that {other} holds {id:?}"));
                }
            }
        }
        Ok(())
    }

    /// Whether a parcel came from one node to another over honest ones.
    fn came_from(&self, mut node: usize, sender: usize, id: &ParcelId) -> Result<bool, String> {
        for _ in 0..self.nodes.len() {
            if node == sender {
                return Ok(true);
            }
            let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
            let Some(giver) = replica.library().giver(id).map_err(text)? else {
                return Ok(false);
            };
            let at = |node: &crate::node::Node| node.is_honest() && node.key.public() == giver;
            let Some(next) = self.nodes.iter().position(at) else { return Ok(false) };
            node = next;
        }
        Ok(false)
    }

    /// Equal events make equal cases, and nobody has anything left to do.
    fn check_dossiers(&self, node: usize, cases: &mut Cases) -> Result<(), String> {
        let (Some(support), Some(replica)) = (&self.support, &self.nodes[node].replica) else {
            return Ok(());
        };
        let library = replica.library();
        for request in library.requests().map_err(text)? {
            let Some(dossier) = library.dossier(&request).map_err(text)? else { continue };
            let case = self.check_case(node, &dossier)?;
            let here = |certificate: &CertificateId| {
                let mut people = self.nodes[node].people.iter();
                people.any(|person| support.people[*person].certificate == *certificate)
            };
            for duty in dossier.duties(library.authority(), &replica.org(), here) {
                use tern_protocol::routing::desk::Duty;
                let done = match &duty {
                    Duty::End(parcels) => parcels.iter().all(|(id, _)| {
                        let held = library.parcel(id).ok().flatten();
                        held.is_none_or(|held| held.is_ended())
                    }),
                    _ => false,
                };
                if !done {
                    return Err(format!("{} did not do {duty:?}", self.name(node)));
                }
            }
            let key = (request, dossier.events.keys().copied().collect());
            match cases.get(&key) {
                Some((other, known)) if *known != case => {
                    let (one, other) = (self.name(node), self.name(*other));
                    return Err(format!("{one} and {other} see {request:?} differently"));
                }
                Some(_) => {}
                None => {
                    cases.insert(key, (node, case));
                }
            }
        }
        Ok(())
    }

    /// While nothing of a request ended, everybody on the asker's side sees
    /// the same, and every expert who was shown the award agrees.
    fn check_award(
        &self,
        request: &RequestId,
        members: &[usize],
        journey: &mut Journey,
    ) -> Result<(), String> {
        let Some(support) = &self.support else { return Ok(()) };
        let Some(truth) = support.requests.get(request) else { return Ok(()) };
        let sees = |node: usize| -> Result<Option<(Dossier, Case)>, String> {
            let Some(replica) = &self.nodes[node].replica else { return Ok(None) };
            let dossier = replica.library().dossier(request).map_err(text)?;
            let authority = replica.library().authority();
            Ok(dossier.map(|dossier| {
                let case = dossier.case(authority);
                (dossier, case)
            }))
        };
        let ended = support
            .parcels
            .iter()
            .any(|(id, sent)| sent.request == *request && support.ended.contains(id));
        let asking = support.party_of(&truth.request.body().by);
        let mut first: Option<(usize, Dossier, Case)> = None;
        for node in members.iter().filter(|node| self.nodes[**node].party == asking) {
            let Some((dossier, case)) = sees(*node)? else { continue };
            if let Some((other, one, _)) = &first
                && !ended
                && !one.events.keys().eq(dossier.events.keys())
            {
                let names = (self.name(*other), self.name(*node));
                return Err(format!("{names:?} hold other events of {request:?}"));
            }
            first.get_or_insert((*node, dossier, case));
        }
        let Some((_, dossier, case)) = first.filter(|_| !ended) else { return Ok(()) };
        let awards = dossier.events.values().filter(|held| {
            matches!(held.event.body().deed, tern_crdt::request::Deed::Award { .. })
        });
        journey.superseded += (awards.count() as u64).saturating_sub(1);
        for node in members {
            for person in &self.nodes[*node].people {
                let person = &support.people[*person];
                if person.part != Part::Expert || case.asked(&person.certificate).is_none() {
                    continue;
                }
                let Some((_, theirs)) = sees(*node)? else {
                    return Err(format!("{} never heard of {request:?}", person.name));
                };
                if theirs.award == case.award {
                    continue;
                }
                if self.was_shown(support, *node, person.certificate, truth, case.award) {
                    return Err(format!(
                        "{} takes {:?} for the award of {request:?}, the asker {:?}",
                        person.name, theirs.award, case.award
                    ));
                }
                journey.unaware += 1;
            }
        }
        Ok(())
    }

    fn was_shown(
        &self,
        support: &Support,
        node: usize,
        expert: CertificateId,
        truth: &super::Truth,
        award: Option<RecordId>,
    ) -> bool {
        let Some((_, parcel)) = award.and_then(|award| truth.events.get(&award)) else {
            return true;
        };
        let sent = support.parcels.get(parcel);
        let mut keys = support.readers([&expert]);
        keys.extend(self.nodes[node].party.map(|party| support.desks[party].public));
        sent.is_some_and(|sent| !sent.readers.is_disjoint(&keys))
    }
}
