//! The rules of authority and verdicts once more, as plainly as they can be
//! said: every word by its definition, nothing remembered, nothing fast. The
//! real fold and the real verdict are held against this.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{
    Admit, Adopt, Adopted, Charter, Cut, CutPart, Erase, Genesis, Grant, Leave, Lift, Rekey,
    Remove, Revoke, Role, Rotate, Suspend, commitment, prefix,
};
use tern_crdt::chunk::ChangeMeta;
use tern_crdt::identity::{CertificateId, FederationId, OrgId, PublicKey, RecordId};
use tern_crdt::signed::Verified;
use tern_crdt::verdict::Signature;

type Ids = BTreeSet<RecordId>;
type Hash = [u8; 32];

/// What a record says, as far as it matters here.
enum Says {
    Charter(Charter),
    /// Organisation, what it follows, strictness (0 admit, 1 lift, 2 suspend,
    /// 3 leave, 4 remove), cut.
    Roster(OrgId, Vec<RecordId>, u8, Cut),
    Entry(OrgId, Vec<RecordId>, Entry),
    Part(Cut),
    Erase(Erase),
    Adopt(Adopt),
}

enum Entry {
    Grant(Grant),
    Revoke(CertificateId, Cut),
    /// Root keys, the commitment to the next, what the old ones stand by, and
    /// whether the stewards give them.
    Keys(Vec<PublicKey>, Option<[u8; 32]>, Vec<RecordId>, bool),
}

/// What becomes of a change, without the reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Shown,
    Adopted,
    Held,
    Out,
}

/// Everything held, decoded, and then what counts of it.
pub struct Reference {
    all: BTreeMap<RecordId, (Says, BTreeSet<PublicKey>)>,
    pub chain: Vec<RecordId>,
    rekeyed: Ids,
}

fn says(record: &Verified) -> Option<Says> {
    let r = record.record();
    let id = record.id();
    let keys = |root: PublicKey, spares: Option<Vec<PublicKey>>, next, seen, given| {
        Entry::Keys([vec![root], spares.unwrap_or_default()].concat(), next, seen, given)
    };
    if let Ok(c) = r.peek::<Charter>() {
        Some(Says::Charter(c))
    } else if let Ok(g) = r.peek::<Genesis>() {
        Some(Says::Entry(id.cast(), vec![], keys(g.root, g.spares, g.next, vec![], false)))
    } else if let Ok(g) = r.peek::<Grant>() {
        Some(Says::Entry(g.org, g.prev.clone(), Entry::Grant(g)))
    } else if let Ok(r) = r.peek::<Revoke>() {
        Some(Says::Entry(r.org, r.prev, Entry::Revoke(r.certificate, r.cut)))
    } else if let Ok(r) = r.peek::<Rotate>() {
        Some(Says::Entry(r.org, r.prev, keys(r.root, r.spares, r.next, r.seen, false)))
    } else if let Ok(r) = r.peek::<Rekey>() {
        Some(Says::Entry(r.org, r.prev, keys(r.root, r.spares, r.next, r.seen, true)))
    } else if let Ok(a) = r.peek::<Admit>() {
        Some(Says::Roster(a.org, a.after, 0, Cut::default()))
    } else if let Ok(l) = r.peek::<Lift>() {
        Some(Says::Roster(l.org, l.after, 1, Cut::default()))
    } else if let Ok(s) = r.peek::<Suspend>() {
        Some(Says::Roster(s.org, s.after, 2, Cut::default()))
    } else if let Ok(l) = r.peek::<Leave>() {
        Some(Says::Roster(l.org, l.after, 3, Cut::default()))
    } else if let Ok(r) = r.peek::<Remove>() {
        Some(Says::Roster(r.org, r.after, 4, r.cut))
    } else if let Ok(p) = r.peek::<CutPart>() {
        Some(Says::Part(p.cut))
    } else if let Ok(e) = r.peek::<Erase>() {
        Some(Says::Erase(e))
    } else {
        r.peek::<Adopt>().ok().map(Says::Adopt)
    }
}

impl Reference {
    pub fn of<'a>(federation: FederationId, held: impl Iterator<Item = &'a Verified>) -> Self {
        let all = held.filter_map(|r| Some((r.id(), (says(r)?, r.signers().collect())))).collect();
        let mut it = Self { all, chain: vec![federation.cast()], rekeyed: Ids::new() };
        loop {
            it.rekeyed.clear();
            while let Some(id) = it
                .entries(|e| matches!(e, Entry::Keys(.., true)))
                .into_iter()
                .find(|id| !it.rekeyed.contains(id) && it.decided(id))
            {
                it.rekeyed.insert(id);
            }
            match it.next_charter() {
                Some(next) => it.chain.push(next),
                None => return it,
            }
        }
    }

    fn entry(&self, id: &RecordId) -> Option<(OrgId, &[RecordId], &Entry)> {
        match self.all.get(id) {
            Some((Says::Entry(org, prev, entry), _)) => Some((*org, prev, entry)),
            _ => None,
        }
    }

    fn entries(&self, which: impl Fn(&Entry) -> bool) -> Ids {
        self.all
            .keys()
            .filter(|id| self.entry(id).is_some_and(|(.., e)| which(e)))
            .copied()
            .collect()
    }

    fn past(&self, id: &RecordId) -> Ids {
        let mut past = Ids::new();
        let mut next = self.entry(id).map(|(_, prev, _)| prev.to_vec()).unwrap_or_default();
        while let Some(id) = next.pop() {
            if past.insert(id) {
                next.extend(self.entry(&id).map(|(_, prev, _)| prev).unwrap_or_default());
            }
        }
        past
    }

    fn latest(&self, of: &Ids) -> Ids {
        of.iter().filter(|id| !of.iter().any(|o| self.past(o).contains(id))).copied().collect()
    }

    fn is_keys(&self, id: &RecordId) -> bool {
        matches!(self.entry(id), Some((.., Entry::Keys(..))))
    }

    /// The key changes in the past of an entry that no other there follows.
    fn under(&self, id: &RecordId) -> Ids {
        self.latest(&self.past(id).into_iter().filter(|id| self.is_keys(id)).collect())
    }

    fn signed_by_keys_of(&self, id: &RecordId, change: &RecordId) -> bool {
        let Some((.., Entry::Keys(keys, ..))) = self.entry(change) else { return false };
        self.all[id].1.iter().any(|signer| keys.contains(signer))
    }

    fn valid(&self, id: &RecordId) -> bool {
        let Some((_, prev, entry)) = self.entry(id) else { return false };
        if !prev.iter().all(|prev| self.valid(prev)) {
            return false;
        }
        let under = self.under(id);
        match entry {
            _ if prev.is_empty() => true,
            Entry::Keys(.., true) => self.rekeyed.contains(id),
            _ if under.len() != 1 => false,
            Entry::Keys(keys, ..) => match self.entry(under.first().unwrap_or(id)) {
                Some((.., Entry::Keys(_, Some(next), ..))) => commitment(&keys[0]) == *next,
                _ => under.iter().any(|change| self.signed_by_keys_of(id, change)),
            },
            _ => under.iter().any(|change| self.signed_by_keys_of(id, change)),
        }
    }

    /// The key changes at the end of a log, and those that led there.
    fn ends(&self, org: &OrgId) -> (Ids, Ids) {
        let of_org = |id: &RecordId| self.entry(id).is_some_and(|(of, ..)| of == *org);
        let keys: Ids =
            self.all.keys().filter(|id| of_org(id) && self.is_keys(id)).copied().collect();
        let keys: Ids = keys.into_iter().filter(|id| self.valid(id)).collect();
        let given: Ids = keys.intersection(&self.rekeyed).copied().collect();
        let base = self.latest(&given).first().copied();
        let stands =
            |id: &RecordId| base.is_none_or(|base| *id == base || self.past(id).contains(&base));
        let ends = self.latest(&keys.iter().copied().filter(stands).collect());
        let led = |id: &RecordId| ends.iter().any(|end| id == end || self.past(end).contains(id));
        let path = keys.iter().copied().filter(led).collect();
        (ends, path)
    }

    fn entry_counts(&self, id: &RecordId) -> bool {
        let Some((org, _, entry)) = self.entry(id) else { return false };
        let (ends, path) = self.ends(&org);
        if self.is_keys(id) {
            return path.contains(id);
        }
        let under = self.under(id);
        let before_the_end = path
            .iter()
            .any(|change| self.under(change).is_superset(&under) && self.past(change).contains(id));
        let revokes = matches!(entry, Entry::Revoke(..)) && under.is_subset(&ends);
        self.valid(id) && (under == ends || before_the_end || revokes)
    }

    fn below(&self, id: &RecordId, seen: &[RecordId]) -> bool {
        let (mut found, mut next) = (Ids::new(), seen.to_vec());
        while let Some(at) = next.pop() {
            if found.insert(at) {
                match self.all.get(&at) {
                    Some((Says::Charter(c), _)) => next.extend(c.prev.iter().chain(&c.roster)),
                    Some((Says::Roster(_, after, ..), _)) => next.extend(after),
                    _ => {}
                }
            }
        }
        found.contains(id)
    }

    pub fn approved(&self, org: &OrgId, id: &RecordId) -> bool {
        let (ends, path) = self.ends(org);
        let in_force = ends.len() == 1 && ends.iter().any(|end| self.signed_by_keys_of(id, end));
        let stands_by = |old: &RecordId| {
            path.iter().filter(|change| self.under(change).contains(old)).any(|change| {
                matches!(self.entry(change), Some((.., Entry::Keys(_, _, seen, _))) if self.below(id, seen))
            })
        };
        in_force || path.iter().any(|old| self.signed_by_keys_of(id, old) && stands_by(old))
    }

    fn charter(&self, id: &RecordId) -> Option<&Charter> {
        match self.all.get(id) {
            Some((Says::Charter(charter), _)) => Some(charter),
            _ => None,
        }
    }

    fn approvals(&self, orgs: &[OrgId], id: &RecordId) -> usize {
        orgs.iter().filter(|org| self.approved(org, id)).count()
    }

    fn decided(&self, id: &RecordId) -> bool {
        (0..self.chain.len()).any(|at| {
            let later = &self.chain[at + 1..];
            let named = |c: &RecordId| self.charter(c).is_some_and(|c| c.roster.contains(id));
            let Some(charter) = self.charter(&self.chain[at]) else { return false };
            (later.is_empty() || later.iter().any(named))
                && self.approvals(&charter.stewards, id) > charter.stewards.len() / 2
        })
    }

    /// The roster records about an organisation that count, and the last ones.
    fn roster(&self, org: &OrgId) -> (Ids, Ids) {
        let about = |id: &&RecordId| match &self.all[*id].0 {
            Says::Roster(of, _, 3, _) => of == org && self.approved(org, id),
            Says::Roster(of, ..) => of == org && self.decided(id),
            _ => false,
        };
        let counting: Ids = self.all.keys().filter(about).copied().collect();
        let (mut followed, mut next) = (Ids::new(), counting.iter().copied().collect::<Vec<_>>());
        while let Some(id) = next.pop() {
            if let (true, Some((Says::Roster(_, after, ..), _))) =
                (counting.contains(&id), self.all.get(&id))
            {
                next.extend(after.iter().filter(|id| followed.insert(**id)));
            }
        }
        let last = counting.difference(&followed).copied().collect();
        (counting, last)
    }

    fn strictness(&self, id: &RecordId) -> u8 {
        match self.all[id].0 {
            Says::Roster(_, _, strictness, _) => strictness,
            _ => 0,
        }
    }

    pub fn was_member(&self, org: &OrgId) -> bool {
        let founder = self.charter(&self.chain[0]).is_some_and(|c| c.stewards.contains(org));
        founder || self.roster(org).0.iter().any(|id| self.strictness(id) == 0)
    }

    pub fn is_member(&self, org: &OrgId) -> bool {
        let strictest = self.roster(org).1.iter().map(|id| self.strictness(id)).max();
        self.was_member(org) && strictest.is_none_or(|strictness| strictness < 2)
    }

    fn next_charter(&self) -> Option<RecordId> {
        let head = self.chain.last()?;
        let current = self.charter(head)?;
        let orgs: Vec<OrgId> = self
            .all
            .keys()
            .filter(|id| self.past(id).is_empty() && self.entry(id).is_some())
            .map(|id| id.cast())
            .collect();
        let members: Vec<OrgId> = orgs.into_iter().filter(|org| self.was_member(org)).collect();
        let amended = |id: &RecordId, c: &Charter| {
            let added = |org: &&OrgId| !current.stewards.contains(org);
            self.approvals(&current.stewards, id) > current.stewards.len() / 2
                && c.stewards.iter().filter(added).all(|org| self.approved(org, id))
        };
        let recalled = |id: &RecordId| {
            current.recall > 1 && self.approvals(&members, id) >= current.recall as usize
        };
        let valid = |id: &&RecordId| {
            self.charter(id).is_some_and(|c| {
                c.prev == Some(*head)
                    && c.stewards.iter().all(|org| members.contains(org))
                    && (amended(id, c) || recalled(id))
            })
        };
        let valid: Ids = self.all.keys().filter(valid).copied().collect();
        let undone = |id: &RecordId| {
            let Some(old) = self.charter(id) else { return false };
            valid.iter().any(|new| {
                self.charter(new).is_some_and(|c| c.supersedes.contains(id))
                    && self.approvals(&old.stewards, new) > old.stewards.len() / 2
            })
        };
        let best: Ids = valid.iter().copied().filter(|id| !undone(id)).collect();
        let best = if best.is_empty() { valid } else { best };
        let rank = |id: &RecordId| {
            let own = self.charter(id).map(|c| c.stewards.clone()).unwrap_or_default();
            let mut stewards = [own, current.stewards.clone()].concat();
            stewards.sort_unstable();
            stewards.dedup();
            let recall = self.charter(id).is_some_and(|c| !amended(id, c));
            (recall, self.approvals(&stewards, id), std::cmp::Reverse(*id))
        };
        best.iter().copied().max_by_key(rank)
    }

    /// What ended each certificate that counts.
    pub fn certificates(&self) -> BTreeMap<CertificateId, (OrgId, Role, Ids)> {
        let grants = self.entries(|entry| matches!(entry, Entry::Grant(_)));
        let mut found = BTreeMap::new();
        for id in grants.into_iter().filter(|id| self.entry_counts(id)) {
            let Some((org, _, Entry::Grant(grant))) = self.entry(&id) else { continue };
            if !self.was_member(&org) {
                continue;
            }
            let revokes = self.entries(|e| matches!(e, Entry::Revoke(c, _) if *c == id.cast()));
            let removes = self.roster(&org).1.into_iter().filter(|id| self.strictness(id) == 4);
            let endings = revokes.into_iter().filter(|id| self.entry_counts(id)).chain(removes);
            let role = grant.certificate.roles.iter().next().unwrap_or(Role::Node);
            found.insert(id.cast(), (org, role, endings.collect()));
        }
        found
    }

    /// Whether a certificate is about this document: it has no scope, or one that is
    /// made of ids and names it.
    fn reaches(&self, id: &CertificateId, document: &[u8; 32]) -> bool {
        let Some((_, _, Entry::Grant(grant))) = self.entry(&id.cast()) else { return false };
        let name: String = document.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_id = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
        grant.certificate.scope.as_ref().is_none_or(|scope| {
            scope.split(' ').all(is_id) && scope.split(' ').any(|word| word == name)
        })
    }

    fn cuts(&self, ending: &RecordId) -> Vec<&Cut> {
        let cut = match &self.all[ending].0 {
            Says::Roster(_, _, _, cut) | Says::Entry(_, _, Entry::Revoke(_, cut)) => cut,
            _ => return Vec::new(),
        };
        let parts = cut.parts.iter().filter_map(|id| match &self.all.get(id)?.0 {
            Says::Part(cut) => Some(cut),
            _ => None,
        });
        std::iter::once(cut).chain(parts).collect()
    }

    fn lists(&self, ending: &RecordId, id: &[u8; 32]) -> bool {
        self.cuts(ending).iter().any(|cut| cut.prefixes().any(|listed| listed == prefix(id)))
    }

    pub fn erased(&self) -> BTreeSet<([u8; 32], CertificateId)> {
        let certificates = self.certificates();
        let counts = |by: &CertificateId, id: &RecordId| {
            certificates
                .get(by)
                .is_some_and(|(.., e)| e.iter().all(|e| self.lists(e, id.as_bytes())))
        };
        let erases = self.all.iter().filter_map(|(id, (says, _))| match says {
            Says::Erase(erase) if counts(&erase.by, id) => Some((erase.object, erase.author)),
            _ => None,
        });
        erases.collect()
    }

    /// The fate of each change of a document: its changes deps first, its
    /// signatures, who may adopt at home, and what is not sound.
    pub fn fates(
        &self,
        document: &[u8; 32],
        home: &[OrgId],
        changes: &[ChangeMeta],
        signatures: &[Signature],
        unsound: &BTreeSet<Hash>,
    ) -> BTreeMap<Hash, Fate> {
        let mut certificates = self.certificates();
        certificates.retain(|id, _| self.reaches(id, document));
        let stewards = self.chain.last().and_then(|id| self.charter(id)).map(|c| &c.stewards);
        let by_hash: BTreeMap<Hash, &ChangeMeta> = changes.iter().map(|c| (c.hash, c)).collect();
        let past = |hash: &Hash| {
            let (mut past, mut next) = (BTreeSet::new(), vec![*hash]);
            while let Some(hash) = next.pop() {
                if past.insert(hash) {
                    next.extend(by_hash.get(&hash).map(|c| c.deps.clone()).unwrap_or_default());
                }
            }
            past
        };
        // The changes of an actor that end in one with this number.
        let run = |actor: &[u8; 16], last: u64, head: &Hash| -> BTreeSet<Hash> {
            let ends = by_hash.get(head).is_some_and(|c| c.actor == *actor && c.seq == last);
            let own = past(head).into_iter().filter(|h| by_hash[h].actor == *actor && ends);
            own.collect()
        };
        let signs = |s: &Signature, c: &ChangeMeta| {
            let able =
                certificates.get(&s.by).is_some_and(|(_, role, _)| *role == Role::Contributor);
            able && c.seq >= s.first && run(&s.actor, s.last, &s.head).contains(&c.hash)
        };
        let in_full = |s: &Signature, c: &ChangeMeta| {
            certificates[&s.by].2.iter().all(|ending| {
                let runs = self.cuts(ending).into_iter().flat_map(|cut| &cut.runs);
                self.lists(ending, s.id.as_bytes())
                    || runs.into_iter().any(|r| {
                        r.actor == s.actor && run(&r.actor, r.last, &r.head).contains(&c.hash)
                    })
            })
        };
        let signers = |c: &ChangeMeta| -> BTreeSet<CertificateId> {
            signatures.iter().filter(|s| signs(s, c) && in_full(s, c)).map(|s| s.by).collect()
        };
        let fallen = |c: &ChangeMeta| -> BTreeSet<CertificateId> {
            signatures.iter().filter(|s| signs(s, c) && !in_full(s, c)).map(|s| s.by).collect()
        };
        let adoptions: Vec<&Adopt> = self
            .all
            .iter()
            .filter_map(|(id, (says, _))| match says {
                Says::Adopt(adopt) => Some((id, adopt)),
                _ => None,
            })
            .filter(|(id, adopt)| {
                certificates.get(&adopt.by).is_some_and(|(org, role, endings)| {
                    let steward = stewards.is_some_and(|s| s.contains(org));
                    let at_home = home.contains(org) && *role == Role::Contributor;
                    (at_home || *role == Role::Steward && steward)
                        && endings.iter().all(|e| self.lists(e, id.as_bytes()))
                })
            })
            .map(|(_, adopt)| adopt)
            .collect();
        let adopted_up_to = |adopt: &Adopt| match adopt.what {
            Adopted::Change { document: of, change } if of == *document => Some(change),
            _ => None,
        };
        // An adoption matters here if its certificate left anything unlisted.
        let matters =
            |adopt: &Adopt| changes.iter().any(|c| fallen(c).contains(&adopt.certificate));
        let adopted = |c: &ChangeMeta| {
            adoptions.iter().any(|adopt| {
                let reaches = adopted_up_to(adopt).is_some_and(|to| past(&to).contains(&c.hash));
                reaches && fallen(c).contains(&adopt.certificate)
            })
        };
        let covered = |c: &ChangeMeta| !signers(c).is_empty() || adopted(c);
        let is_in: BTreeSet<Hash> =
            changes.iter().filter(|c| covered(c)).flat_map(|c| past(&c.hash)).collect();
        let members: Vec<&ChangeMeta> =
            changes.iter().filter(|c| is_in.contains(&c.hash)).collect();
        let twins = |c: &ChangeMeta| -> Vec<&ChangeMeta> {
            members.iter().filter(|o| (o.actor, o.seq) == (c.actor, c.seq)).copied().collect()
        };
        let authors = |c: &ChangeMeta| -> BTreeSet<CertificateId> { &signers(c) | &fallen(c) };
        let equivocators: BTreeSet<CertificateId> =
            members.iter().filter(|c| twins(c).len() > 1).flat_map(|c| authors(c)).collect();
        let support = |x: &ChangeMeta| {
            let own = authors(x);
            let own_orgs: BTreeSet<OrgId> = own.iter().map(|id| certificates[id].0).collect();
            let after = members.iter().filter(|c| past(&c.hash).contains(&x.hash));
            let mut who: BTreeSet<CertificateId> = after.flat_map(|c| signers(c)).collect();
            who.extend(adoptions.iter().filter(|a| matters(a)).filter_map(|adopt| {
                let to = adopted_up_to(adopt)?;
                (by_hash.contains_key(&to) && past(&to).contains(&x.hash)).then_some(adopt.by)
            }));
            who.retain(|id| !own.contains(id) && !equivocators.contains(id));
            let orgs: BTreeSet<OrgId> = who.iter().map(|id| certificates[id].0).collect();
            (orgs.difference(&own_orgs).count(), who.len())
        };
        let mut losing: BTreeSet<Hash> = BTreeSet::new();
        let mut done: BTreeSet<([u8; 16], u64)> = BTreeSet::new();
        let mut ordered = members.clone();
        ordered.sort_by_key(|c| (c.depth, c.hash));
        for c in &ordered {
            if !done.insert((c.actor, c.seq)) {
                continue;
            }
            let alive = |c: &&ChangeMeta| past(&c.hash).is_disjoint(&losing);
            let standing: Vec<&ChangeMeta> = twins(c).into_iter().filter(alive).collect();
            let best = standing.iter().max_by_key(|c| {
                let (orgs, persons) = support(c);
                (orgs, persons, std::cmp::Reverse(c.hash))
            });
            let best = best.map(|best| best.hash);
            losing.extend(standing.iter().map(|c| c.hash).filter(|hash| Some(*hash) != best));
        }
        let mut fates: BTreeMap<Hash, Fate> = BTreeMap::new();
        let mut ordered: Vec<&ChangeMeta> = changes.iter().collect();
        ordered.sort_by_key(|c| (c.depth, c.hash));
        for c in ordered {
            let shown = |dep: &Hash| matches!(fates.get(dep), Some(Fate::Shown | Fate::Adopted));
            let good = covered(c) && !unsound.contains(&c.hash) && !losing.contains(&c.hash);
            let fate = match (good && c.deps.iter().all(shown), is_in.contains(&c.hash)) {
                (true, _) if signers(c).is_empty() => Fate::Adopted,
                (true, _) => Fate::Shown,
                (false, true) => Fate::Held,
                (false, false) => Fate::Out,
            };
            fates.insert(c.hash, fate);
        }
        fates
    }
}
