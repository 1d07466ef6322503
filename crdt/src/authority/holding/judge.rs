//! The rules by which one record is held beside what is held already.

use super::{Body, Entry, Held, Holding, KeyChange, LOG_DEPTH_MAX, Roster, RosterChange, Said};
use crate::authority::statements::{Beacon, Charter, Cut, Erase, commitment};
use crate::authority::{AuthorityRefused, Role};
use crate::identity::{CertificateId, OrgId, PublicKey, RecordId};
use crate::signed::Verified;

/// One record before what is held.
pub(super) struct Judge<'a> {
    pub(super) holding: &'a Holding,
    pub(super) record: &'a Verified,
}

impl Judge<'_> {
    fn rule(&self, rule: &'static str) -> AuthorityRefused {
        AuthorityRefused::Rule { record: self.record.id(), rule }
    }

    fn missing(&self, missing: &'static str) -> AuthorityRefused {
        AuthorityRefused::NotYet { record: self.record.id(), missing }
    }

    fn is_root_of(&self, key: &PublicKey, org: &OrgId) -> bool {
        self.holding.roots.get(key).is_some_and(|orgs| orgs.contains(org))
    }

    /// Whether a charter names each signer's organisation as a steward.
    fn all_stewards(&self) -> Result<(), AuthorityRefused> {
        let is_steward =
            |key| self.holding.orgs_of_root(&key).any(|org| self.holding.stewards.contains(&org));
        match self.record.signers().all(is_steward) {
            true => Ok(()),
            false => Err(self.missing("word that each of its signers is a steward")),
        }
    }

    pub(super) fn all_roots(&self) -> Result<(), AuthorityRefused> {
        if self.record.signers().all(|key| self.holding.roots.contains_key(&key)) {
            return Ok(());
        }
        Err(self.missing("word that each of its signers is an organisation here"))
    }

    pub(super) fn charter(&self, charter: &Charter) -> Result<(), AuthorityRefused> {
        let Some(prev) = charter.prev else {
            return match self.record.id().cast() == self.holding.federation {
                true => Ok(()),
                false => Err(self.rule("a founding charter of another federation")),
            };
        };
        let prev = self.holding.charter(&prev).ok_or_else(|| self.missing("the charter before"))?;
        if charter.n != prev.n + 1 {
            return Err(self.rule("a charter has one number more than that which it amends"));
        }
        self.all_roots()
    }

    pub(super) fn roster(&self, roster: &Roster) -> Result<(), AuthorityRefused> {
        if roster.change == RosterChange::Leave {
            let own =
                self.record.only_signer().is_some_and(|key| self.is_root_of(&key, &roster.org));
            return match own {
                true => Ok(()),
                false => {
                    Err(self.missing("word that the organisation itself signed that it leaves"))
                }
            };
        }
        self.all_stewards()?;
        if roster.change != RosterChange::Admit && !self.holding.logs.contains_key(&roster.org) {
            return Err(self.missing("the organisation that it is about"));
        }
        self.cut(roster.cut.as_ref())
    }

    /// The depth of an entry that may be held.
    pub(super) fn entry(&self, entry: &Entry) -> Result<u32, AuthorityRefused> {
        if let Said::Genesis(genesis) = &entry.said {
            if self.record.only_signer() != Some(genesis.root) {
                return Err(self.rule("a genesis is signed by the root key that it names, alone"));
            }
            let founding = self.holding.charter(&self.holding.federation.cast());
            let founder = founding.is_some_and(|charter| charter.stewards.contains(&entry.org));
            return match founder || self.holding.named.contains(&entry.org) {
                true => Ok(0),
                false => Err(self.missing("an admission by the stewards")),
            };
        }
        let mut depth = 0;
        for prev in &entry.prev {
            let before = self
                .holding
                .entry(prev)
                .ok_or_else(|| self.missing("an earlier entry of its organisation's log"))?;
            if before.org != entry.org {
                return Err(self.rule("an entry of a log follows an entry of another's log"));
            }
            depth = depth.max(before.depth + 1);
        }
        if depth > LOG_DEPTH_MAX {
            return Err(self.rule("a log has more than 4,096 entries one after another"));
        }
        match (&entry.said, &entry.keys) {
            (Said::Rotate, Some(keys)) => self.rotate(&entry.org, keys)?,
            (Said::Rekey(_), _) => self.all_stewards()?,
            _ => self.own_entry(entry)?,
        }
        Ok(depth)
    }

    fn own_entry(&self, entry: &Entry) -> Result<(), AuthorityRefused> {
        let Some(key) = self.record.only_signer() else {
            return Err(self.rule("an entry of a log is signed by one root key, alone"));
        };
        if !self.is_root_of(&key, &entry.org) {
            return Err(self.missing("word that its signer is a root key of the organisation"));
        }
        if let Said::Revoke(revoke) = &entry.said {
            let (org, _) = self
                .holding
                .granted(&revoke.certificate)
                .ok_or_else(|| self.missing("the certificate that it revokes"))?;
            if *org != entry.org {
                return Err(self.rule("an organisation revokes certificates of its own alone"));
            }
            self.cut(Some(&revoke.cut))?;
        }
        if let Said::Clearance(policy) = &entry.said {
            self.cut(Some(&policy.cut))?;
        }
        Ok(())
    }

    fn rotate(&self, org: &OrgId, keys: &KeyChange) -> Result<(), AuthorityRefused> {
        if !self.record.signers().any(|key| key == keys.root) {
            return Err(self.rule("a rotation is signed by the new root key"));
        }
        let others = |key: PublicKey| key == keys.root || self.is_root_of(&key, org);
        let committed = self.holding.commitments.contains(&(*org, commitment(&keys.root)));
        let old = self.record.signers().any(|key| key != keys.root && self.is_root_of(&key, org));
        match self.record.signers().all(others) && (committed || old) {
            true => Ok(()),
            false => Err(self.missing("word that the organisation meant this key to follow")),
        }
    }

    fn cut(&self, cut: Option<&Cut>) -> Result<(), AuthorityRefused> {
        let part = |id: &RecordId| match self.holding.records.get(id) {
            None => Err(self.missing("a part of its cut")),
            Some(Held { body: Body::CutPart(_), .. }) => Ok(()),
            Some(_) => Err(self.rule("a part of its cut is no part of a cut")),
        };
        cut.iter().flat_map(|cut| &cut.parts).try_for_each(part)
    }

    pub(super) fn erase(&self, erase: &Erase) -> Result<(), AuthorityRefused> {
        self.by(erase.by, erase.author)?;
        let of = |id: &CertificateId| self.holding.granted(id).map(|(org, _)| org);
        let roles = [Role::Publisher, Role::Moderator, Role::FocalPoint];
        let may = self.holding.granted(&erase.by).is_some_and(|(_, certificate)| {
            roles.iter().any(|role| certificate.allows(*role, Some(&erase.object)))
        });
        if erase.by == erase.author || may && of(&erase.by) == of(&erase.author) {
            return Ok(());
        }
        Err(self.rule(
            "an object is erased by its author, or by a publisher, moderator or focal point of the author's organisation",
        ))
    }

    /// The steward whose node signed a beacon.
    pub(super) fn beacon(&self, beacon: &Beacon) -> Result<OrgId, AuthorityRefused> {
        self.by(beacon.by, beacon.by)?;
        let granted = self.holding.granted(&beacon.by);
        let node = granted.filter(|(_, certificate)| certificate.roles.has(Role::Node));
        let (org, _) = node.ok_or_else(|| self.rule("a beacon is signed by a node"))?;
        match self.holding.stewards.contains(org) {
            true => Ok(*org),
            false => Err(self.missing("word that its organisation is a steward")),
        }
    }

    /// A statement by one certificate about another.
    pub(super) fn by(
        &self,
        by: CertificateId,
        about: CertificateId,
    ) -> Result<(), AuthorityRefused> {
        let (_, signing) = self
            .holding
            .granted(&by)
            .ok_or_else(|| self.missing("the certificate that signed it"))?;
        if self.holding.granted(&about).is_none() {
            return Err(self.missing("the certificate whose work it is about"));
        }
        match self.record.only_signer() == Some(signing.key) {
            true => Ok(()),
            false => Err(self.rule("it is signed by the certificate that it names, alone")),
        }
    }
}
