//! A history of a federation from one seed: organisations that found, admit,
//! amend, suspend, remove, rotate, lose and recover keys, grant, revoke with
//! cuts, adopt and erase, honestly and not; and a document that several of
//! their people wrote, with branches and backdated work.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{
    Admit, Adopt, Adopted, Certificate, Charter, Cut, CutPart, CutRun, Erase, EraseReason, Genesis,
    Grant, Leave, Lift, Prefix, Profile, Rekey, Remove, Revoke, RevokeReason, Role, Roles, Rotate,
    Suspend, commitment, prefix, scope_of,
};
use tern_crdt::chunk::ChangeMeta;
use tern_crdt::identity::{
    CertificateId, FederationId, OrgId, PublicKey, RecordId, SecretKey, digest,
};
use tern_crdt::signed::{Record, Statement, Unsigned, Verified};
use tern_crdt::verdict::Signature;

use crate::chance::Chance;

/// Statements after the beginning.
const STATEMENTS: i64 = 32;

/// One organisation of the history.
struct Org {
    id: OrgId,
    /// Root keys: the first, and those that follow, each committed to by the
    /// one before.
    roots: Vec<SecretKey>,
    /// Those that were used.
    used: usize,
    /// Entries of its log, the genesis first.
    entries: Vec<RecordId>,
    roster: Vec<RecordId>,
}

/// A person or a node with a certificate.
struct Holder {
    org: usize,
    key: SecretKey,
    certificate: CertificateId,
}

/// See the module.
pub struct History {
    pub federation: FederationId,
    /// Every record that was ever signed.
    pub records: Vec<Verified>,
    pub document: [u8; 32],
    pub home: Vec<OrgId>,
    pub changes: Vec<ChangeMeta>,
    pub signatures: Vec<Signature>,
    pub unsound: BTreeSet<[u8; 32]>,
}

struct Maker {
    chance: Chance,
    federation: FederationId,
    orgs: Vec<Org>,
    holders: Vec<Holder>,
    charters: Vec<(RecordId, Charter)>,
    decisions: Vec<RecordId>,
    revoked: Vec<CertificateId>,
    records: BTreeMap<RecordId, Record>,
    changes: Vec<ChangeMeta>,
    signatures: Vec<Signature>,
    document: [u8; 32],
}

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let mut maker = Maker::found(Chance::new(seed));
        maker.write();
        let statements = maker.chance.between(0, STATEMENTS);
        for _ in 0..statements {
            maker.state();
        }
        let verified = |record: Record| record.verify(maker.federation).expect("signed here");
        let unsound = maker.changes.iter().map(|change| change.hash).collect::<Vec<_>>();
        let unsound = unsound.into_iter().filter(|_| maker.chance.percent(4)).collect();
        Self {
            federation: maker.federation,
            records: maker.records.into_values().map(verified).collect(),
            document: maker.document,
            home: maker.orgs.iter().take(2).map(|org| org.id).collect(),
            changes: maker.changes,
            signatures: maker.signatures,
            unsound,
        }
    }
}

impl Maker {
    fn found(mut chance: Chance) -> Self {
        let count = chance.between(3, 7) as usize;
        let orgs: Vec<(Org, Genesis)> = (0..count)
            .map(|number| {
                let roots: Vec<SecretKey> =
                    (0..4).map(|_| SecretKey::from_seed(&chance.bytes())).collect();
                let genesis = Genesis {
                    root: roots[0].public(),
                    desk: [0; 32],
                    next: chance.percent(80).then(|| commitment(&roots[1].public())),
                    profile: Profile {
                        names: [("en".to_owned(), format!("Ministry {number}"))].into(),
                        ..Profile::default()
                    },
                    spares: None,
                };
                let id: OrgId = genesis.prepare().id().cast();
                let entries = vec![id.cast()];
                (Org { id, roots, used: 1, entries, roster: Vec::new() }, genesis)
            })
            .collect();
        let stewards = *chance.pick(&[1, 3]).unwrap_or(&1);
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: orgs.iter().take(stewards).map(|(org, _)| org.id).collect(),
            recall: chance.below(4) as u32,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: chance.bytes(),
            policies: None,
        };
        let federation: FederationId = charter.prepare().id().cast();
        let (orgs, geneses): (Vec<Org>, Vec<Genesis>) = orgs.into_iter().unzip();
        let mut maker = Self {
            document: chance.bytes(),
            chance,
            federation,
            orgs,
            holders: Vec::new(),
            charters: vec![(federation.cast(), charter.clone())],
            decisions: Vec::new(),
            revoked: Vec::new(),
            records: BTreeMap::new(),
            changes: Vec::new(),
            signatures: Vec::new(),
        };
        maker.sign(charter.prepare(), &[(0, 0)]);
        for (number, genesis) in geneses.into_iter().enumerate() {
            maker.sign(genesis.prepare(), &[(number, 0)]);
            if number >= stewards {
                let org = maker.orgs[number].id;
                let by: Vec<(usize, usize)> = (0..stewards).map(|steward| (steward, 0)).collect();
                let admit = maker.sign(Admit { org, after: vec![] }.prepare(), &by);
                maker.orgs[number].roster.push(admit);
                maker.decisions.push(admit);
            }
            for _ in 0..2 {
                let prev = maker.orgs[number].entries.last().copied().into_iter().collect();
                maker.grant(number, prev, 0);
            }
        }
        maker
    }

    /// Signs with the root keys of these organisations, each of a generation.
    fn sign(&mut self, unsigned: Unsigned, by: &[(usize, usize)]) -> RecordId {
        let covered = unsigned.to_sign(self.federation);
        let signatures = by.iter().map(|(org, generation)| {
            let key = &self.orgs[*org].roots[*generation];
            (key.public(), key.sign(&covered))
        });
        let record = unsigned.signed(signatures.collect());
        let id = record.id();
        self.records.entry(id).or_insert(record);
        id
    }

    fn sign_as(&mut self, unsigned: Unsigned, holder: usize) {
        let record = unsigned.sign(self.federation, &self.holders[holder].key);
        self.records.entry(record.id()).or_insert(record);
    }

    /// Some certificates are about the document alone, some about another one, and some
    /// have a scope that this version does not understand.
    fn scope(&self, key: &SecretKey) -> Option<String> {
        match key.public().as_bytes()[0] {
            0..24 => scope_of(&[[3; 32], self.document]),
            24..40 => scope_of(&[[3; 32]]),
            40..48 => Some("country:NE".to_owned()),
            _ => None,
        }
    }

    fn grant(&mut self, org: usize, prev: Vec<RecordId>, generation: usize) {
        let key = SecretKey::from_seed(&self.chance.bytes());
        let role = if self.chance.percent(75) { Role::Contributor } else { Role::Steward };
        let certificate = Certificate {
            key: key.public(),
            encryption: None,
            roles: Roles::of(&[role]),
            scope: self.scope(&key),
            quota: None,
            last_beacon: None,
        };
        let grant = Grant { org: self.orgs[org].id, prev, certificate };
        let id = self.sign(grant.prepare(), &[(org, generation)]);
        self.orgs[org].entries.push(id);
        self.holders.push(Holder { org, key, certificate: id.cast() });
    }

    /// Writes the document: most changes follow what is there, some follow an
    /// older state, some branch their author.
    fn write(&mut self) {
        let writers: Vec<usize> = (0..self.holders.len()).collect();
        let mut actors: Vec<(usize, [u8; 16])> = Vec::new();
        for _ in 0..self.chance.between(1, 14) {
            if actors.is_empty() || self.chance.percent(35) {
                let writer = *self.chance.pick(&writers).unwrap_or(&0);
                actors.push((writer, self.chance.bytes()));
            }
            let Some(&(_, actor)) = self.chance.pick(&actors) else { return };
            let mut own: Vec<usize> =
                (0..self.changes.len()).filter(|at| self.changes[*at].actor == actor).collect();
            if self.chance.percent(15) {
                own.pop();
            }
            let before = own.last().copied();
            let mut deps: BTreeSet<usize> = before.into_iter().collect();
            for _ in 0..self.chance.below(3) {
                deps.extend(self.chance.place(self.changes.len()));
            }
            let depth = deps.iter().map(|at| self.changes[*at].depth).max().unwrap_or(0) + 1;
            let seq = before.map_or(1, |at| self.changes[at].seq + 1);
            if !self.is_held(&deps, &actor, seq) {
                continue;
            }
            let mut deps: Vec<[u8; 32]> = deps.iter().map(|at| self.changes[*at].hash).collect();
            deps.sort_unstable();
            let hash = self.chance.bytes();
            self.changes.push(ChangeMeta {
                hash,
                actor,
                seq,
                start_op: 1,
                ops: 1,
                deps,
                bytes: 100,
                depth,
            });
        }
        for (writer, actor) in actors {
            self.sign_runs(writer, actor);
        }
    }

    /// Whether the hold stage lets a change through: no two of one actor and
    /// number lie in its past, nor one of its own with its number.
    fn is_held(&self, deps: &BTreeSet<usize>, actor: &[u8; 16], seq: u64) -> bool {
        let places: BTreeMap<[u8; 32], usize> =
            self.changes.iter().enumerate().map(|(at, change)| (change.hash, at)).collect();
        let mut seen = BTreeMap::new();
        let mut found = BTreeSet::new();
        let mut next: Vec<usize> = deps.iter().copied().collect();
        while let Some(at) = next.pop() {
            if !found.insert(at) {
                continue;
            }
            let change = &self.changes[at];
            let twins = seen.insert((change.actor, change.seq), at).is_some();
            if twins || change.actor == *actor && change.seq >= seq {
                return false;
            }
            next.extend(change.deps.iter().map(|dep| places[dep]));
        }
        true
    }

    /// Signs what an actor wrote, branch by branch, in one or two runs.
    fn sign_runs(&mut self, writer: usize, actor: [u8; 16]) {
        let own: Vec<ChangeMeta> =
            self.changes.iter().filter(|change| change.actor == actor).cloned().collect();
        let ends: Vec<ChangeMeta> = own
            .iter()
            .filter(|c| !own.iter().any(|o| o.seq == c.seq + 1 && o.deps.contains(&c.hash)))
            .cloned()
            .collect();
        for end in ends {
            if self.chance.percent(8) {
                continue;
            }
            let first = self.chance.between(1, end.seq as i64) as u64;
            self.sign_run(writer, actor, first, &end);
            if first > 1 {
                let mut at = end;
                while at.seq >= first {
                    let before =
                        own.iter().find(|c| c.seq + 1 == at.seq && at.deps.contains(&c.hash));
                    let Some(before) = before else { return };
                    at = before.clone();
                }
                self.sign_run(writer, actor, 1, &at);
            }
        }
    }

    fn sign_run(&mut self, writer: usize, actor: [u8; 16], first: u64, end: &ChangeMeta) {
        let by = self.holders[writer].certificate;
        let id = digest("signature", &[by.as_bytes(), &end.hash, &first.to_le_bytes()]);
        let signature =
            Signature { id: RecordId::new(id), by, actor, first, last: end.seq, head: end.hash };
        self.signatures.push(signature);
    }

    /// Some of these, each with this chance.
    fn some<T: Clone>(&mut self, of: &[T], percent: u64) -> Vec<T> {
        of.iter().filter(|_| self.chance.percent(percent)).cloned().collect()
    }

    /// Root keys of a random part of the organisations, mostly the latest.
    fn voters(&mut self, percent: u64) -> Vec<(usize, usize)> {
        let all: Vec<usize> = (0..self.orgs.len()).collect();
        let some = self.some(&all, percent);
        let mut voters = Vec::new();
        for org in some {
            voters.push((org, self.generation(org)));
        }
        if voters.is_empty() { vec![(0, 0)] } else { voters }
    }

    fn generation(&mut self, org: usize) -> usize {
        let used = self.orgs[org].used;
        if self.chance.percent(80) { used - 1 } else { self.chance.below(used as u64) as usize }
    }

    fn tips(&mut self, org: usize) -> Vec<RecordId> {
        let entries = self.orgs[org].entries.clone();
        let mut prev: BTreeSet<RecordId> = BTreeSet::new();
        if self.chance.percent(70) {
            prev.extend(entries.last());
        }
        if prev.is_empty() || self.chance.percent(25) {
            prev.extend(self.chance.pick(&entries));
        }
        prev.into_iter().collect()
    }

    /// The latest charter, mostly.
    fn some_charter(&mut self) -> (RecordId, Charter) {
        let at = self.charters.len() - 1;
        let at =
            if self.chance.percent(75) { at } else { self.chance.below(at as u64 + 1) as usize };
        self.charters[at].clone()
    }

    fn cut(&mut self) -> Cut {
        let content: Vec<Prefix> = self
            .signatures
            .iter()
            .map(|signature| prefix(signature.id.as_bytes()))
            .chain(self.records.keys().map(|id| prefix(id.as_bytes())))
            .collect();
        let percent = *self.chance.pick(&[0, 0, 30, 70, 100]).unwrap_or(&50);
        let listed = self.some(&content, percent);
        let changes = self.changes.clone();
        let runs = self.some(&changes, 15).into_iter().map(|change| CutRun {
            actor: change.actor,
            last: change.seq,
            head: change.hash,
        });
        let runs = runs.collect();
        if self.chance.percent(20) {
            let mut part = Cut::of(listed, Vec::new(), |_| RecordId::new([0; 32]));
            part.parts.clear();
            let voters = self.voters(20);
            let id = self.sign(CutPart { cut: part }.prepare(), &voters);
            return Cut { parts: vec![id], runs, ..Cut::default() };
        }
        Cut::of(listed, runs, |_| RecordId::new([0; 32]))
    }

    /// One more statement.
    fn state(&mut self) {
        let org = self.chance.below(self.orgs.len() as u64) as usize;
        match self.chance.below(100) {
            0..20 => self.propose(),
            20..45 => self.decide(org),
            45..52 => {
                let (prev, generation) = (self.tips(org), self.generation(org));
                self.grant(org, prev, generation);
            }
            52..66 => self.revoke(org),
            66..76 => self.rotate(org),
            76..81 => self.rekey(org),
            81..96 => self.adopt(),
            _ => self.erase(),
        }
    }

    fn propose(&mut self) {
        let (prev, before) = self.some_charter();
        let size = *self.chance.pick(&[1, 3, 5]).unwrap_or(&1);
        let mut stewards: Vec<OrgId> = before.stewards.clone();
        if self.chance.percent(60) {
            let mut orgs: Vec<OrgId> = self.orgs.iter().map(|org| org.id).collect();
            stewards.clear();
            while stewards.len() < size.min(orgs.len()) {
                let at = self.chance.below(orgs.len() as u64) as usize;
                stewards.push(orgs.swap_remove(at));
            }
            if !matches!(stewards.len(), 1 | 3 | 5) {
                stewards.truncate(1);
            }
        }
        let rivals: Vec<RecordId> =
            self.charters.iter().filter(|(_, c)| c.n == before.n + 1).map(|(id, _)| *id).collect();
        let charter = Charter {
            n: before.n + 1,
            prev: Some(prev),
            name: "Hub".into(),
            stewards,
            recall: self.chance.below(4) as u32,
            roster: {
                let decisions = self.decisions.clone();
                self.some(&decisions, 70)
            },
            supersedes: self.some(&rivals, 60),
            rules: 1,
            nonce: self.chance.bytes(),
            policies: None,
        };
        let voters = self.voters(65);
        let id = self.sign(charter.prepare(), &voters);
        self.charters.push((id, charter));
    }

    fn decide(&mut self, org: usize) {
        let id = self.orgs[org].id;
        let earlier = self.orgs[org].roster.clone();
        let after = self.some(&earlier, 70);
        let reason = String::new();
        let cut = self.cut();
        let unsigned = match self.chance.below(5) {
            0 => Admit { org: id, after }.prepare(),
            1 => Lift { org: id, after }.prepare(),
            2 => Suspend { org: id, after, reason }.prepare(),
            3 => {
                let by = [(org, self.generation(org))];
                let leave = self.sign(Leave { org: id, after }.prepare(), &by);
                return self.orgs[org].roster.push(leave);
            }
            _ => Remove { org: id, after, reason, cut }.prepare(),
        };
        let voters = self.voters(60);
        let decision = self.sign(unsigned, &voters);
        self.orgs[org].roster.push(decision);
        self.decisions.push(decision);
    }

    fn revoke(&mut self, mut org: usize) {
        let signers: Vec<CertificateId> = self.signatures.iter().map(|s| s.by).collect();
        // Mostly of somebody who wrote.
        let writer = self.chance.pick(&signers).copied().filter(|_| self.chance.percent(70));
        let holder = self.holders.iter().find(|h| Some(h.certificate) == writer);
        org = holder.map_or(org, |holder| holder.org);
        let own: Vec<CertificateId> =
            self.holders.iter().filter(|h| h.org == org).map(|h| h.certificate).collect();
        let some = self.chance.pick(&own).copied();
        let Some(certificate) = writer.or(some) else { return };
        let revoke = Revoke {
            org: self.orgs[org].id,
            prev: self.tips(org),
            certificate,
            reason: RevokeReason::Left,
            cut: self.cut(),
        };
        self.revoked.push(certificate);
        let by = [(org, self.generation(org))];
        let id = self.sign(revoke.prepare(), &by);
        self.orgs[org].entries.push(id);
    }

    /// What old keys approved and the organisation stands by.
    fn seen(&mut self) -> Vec<RecordId> {
        let all: Vec<RecordId> =
            self.charters.iter().map(|(id, _)| *id).chain(self.decisions.iter().copied()).collect();
        self.some(&all, 70)
    }

    fn new_keys(&mut self, org: usize) -> Option<(usize, PublicKey, Option<[u8; 32]>)> {
        let generation = self.orgs[org].used;
        let root = self.orgs[org].roots.get(generation)?.public();
        let next = self.orgs[org].roots.get(generation + 1).map(|key| commitment(&key.public()));
        Some((generation, root, next.filter(|_| self.chance.percent(80))))
    }

    fn rotate(&mut self, org: usize) {
        let Some((generation, root, next)) = self.new_keys(org) else { return };
        let (prev, seen) = (self.tips(org), self.seen());
        let prev_of_copy = prev.first().copied();
        let id = self.orgs[org].id;
        let rotate = Rotate { org: id, prev, root, spares: None, desk: [1; 32], next, seen };
        let mut by = vec![(org, generation)];
        if self.chance.percent(40) {
            by.push((org, generation - 1));
        }
        let entry = self.sign(rotate.prepare(), &by);
        self.orgs[org].entries.push(entry);
        // Now and then a copy of the machine rotates to the same key.
        if self.chance.percent(30) {
            let prev: Vec<RecordId> = prev_of_copy.into_iter().collect();
            let copy =
                Rotate { org: id, prev, root, spares: None, desk: [3; 32], next, seen: vec![] };
            let copy = self.sign(copy.prepare(), &by);
            self.orgs[org].entries.push(copy);
        }
        self.orgs[org].used += 1;
    }

    fn rekey(&mut self, org: usize) {
        let Some((_, root, next)) = self.new_keys(org) else { return };
        let (prev, seen) = (self.tips(org), self.seen());
        let (id, reason) = (self.orgs[org].id, String::new());
        let rekey = Rekey { org: id, prev, root, spares: None, desk: [2; 32], next, seen, reason };
        let voters = self.voters(70);
        let entry = self.sign(rekey.prepare(), &voters);
        self.orgs[org].entries.push(entry);
        self.orgs[org].used += 1;
        self.decisions.push(entry);
    }

    fn adopt(&mut self) {
        let (Some(mut by), Some(mut of)) =
            (self.chance.place(self.holders.len()), self.chance.place(self.holders.len()))
        else {
            return;
        };
        let Some(change) = self.chance.place(self.changes.len()) else { return };
        let mut change = self.changes[change].hash;
        // Mostly by somebody at home, of somebody who was revoked.
        if self.chance.percent(60) {
            let home = self.holders.iter().position(|holder| holder.org < 2);
            by = home.map_or(by, |first| first + self.chance.below(4) as usize);
            let revoked = self.revoked.clone();
            if let Some(revoked) = self.chance.pick(&revoked) {
                let holder = self.holders.iter().position(|h| h.certificate == *revoked);
                of = holder.unwrap_or(of);
                let runs: Vec<[u8; 32]> =
                    self.signatures.iter().filter(|s| s.by == *revoked).map(|s| s.head).collect();
                change = self.chance.pick(&runs).copied().unwrap_or(change);
            }
        }
        let what = match self.chance.percent(85) {
            true => Adopted::Change { document: self.document, change },
            false => Adopted::Record(self.chance.bytes()),
        };
        let adopt = Adopt {
            by: self.holders[by].certificate,
            certificate: self.holders[of].certificate,
            what,
            reason: String::new(),
        };
        self.sign_as(adopt.prepare(), by);
    }

    fn erase(&mut self) {
        let Some(by) = self.chance.place(self.holders.len()) else { return };
        let author = self.holders[by].certificate;
        let object = [self.chance.below(3) as u8; 32];
        let erase = Erase { by: author, object, author, reason: EraseReason::TakenBack };
        self.sign_as(erase.prepare(), by);
    }
}
