//! What an organisation stands by when its keys change.
//!
//! A [`Rotate`](super::Rotate) and a [`Rekey`](super::Rekey) end the keys
//! before them, and with them every approval by those keys that the change does
//! not list in `seen`. A listed record covers what it builds on, so that a few
//! ids stand for years of approvals.

use super::Authority;
use super::fold::is_below;
use super::holding::Body;
use super::statements::RECORDS_LISTED_MAX;
use crate::identity::{OrgId, RecordId};

impl Authority {
    /// The charters and roster records that count and that an organisation
    /// approved, without those that another of them builds on: what the next
    /// change of its keys lists, so that nothing it decided falls with them.
    /// Ascending by id, at most [`RECORDS_LISTED_MAX`].
    pub fn stands_by(&self, org: &OrgId) -> Vec<RecordId> {
        let fold = self.fold();
        let counts = |id: &&RecordId| fold.chain.contains(id) || fold.decided.contains(*id);
        let judged = |id: &&RecordId| {
            let held = self.holding.records.get(id).map(|held| &held.body);
            matches!(held, Some(Body::Charter(_) | Body::Roster(_)))
        };
        let approved: Vec<RecordId> = self
            .holding
            .records
            .keys()
            .filter(judged)
            .filter(counts)
            .filter(|id| self.approved(org, id))
            .copied()
            .collect();
        let covered = |id: &RecordId| {
            approved.iter().any(|other| other != id && is_below(&self.holding, id, &[*other]))
        };
        approved.iter().filter(|id| !covered(id)).copied().take(RECORDS_LISTED_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use crate::identity::{FederationId, SecretKey};
    use crate::signed::{Record, Statement};

    fn genesis(name: &str, root: &SecretKey, next: Option<&SecretKey>) -> Genesis {
        let names = [("en".to_owned(), name.to_owned())].into();
        Genesis {
            root: root.public(),
            desk: [1; 32],
            next: next.map(|key| commitment(&key.public())),
            profile: Profile { names, ..Profile::default() },
            spares: None,
        }
    }

    #[test]
    fn chad_changes_its_keys_and_nepal_which_it_admitted_stays_a_member() {
        let [chad, next, nepal] = [1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32]));
        let founder = genesis("Chad", &chad, Some(&next)).prepare();
        let newcomer = genesis("Nepal", &nepal, None).prepare();
        let (org, other): (OrgId, OrgId) = (founder.id().cast(), newcomer.id().cast());
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: vec![org],
            recall: 0,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: [1; 16],
            policies: None,
        }
        .prepare();
        let f: FederationId = charter.id().cast();
        let admit = Admit { org: other, after: vec![] }.prepare();
        let lift = Lift { org: other, after: vec![admit.id()] }.prepare();
        let (founded, last) = (charter.id(), lift.id());
        let mut authority = Authority::new(f);
        let add = |authority: &mut Authority, record: Record| {
            authority.add(record.verify(f).expect("signed here")).expect("within the rules");
        };
        add(&mut authority, charter.sign(f, &chad));
        add(&mut authority, founder.sign(f, &chad));
        add(&mut authority, admit.sign(f, &chad));
        add(&mut authority, newcomer.sign(f, &nepal));
        add(&mut authority, lift.sign(f, &chad));
        let mut expected = vec![founded, last];
        expected.sort_unstable();
        assert_eq!(authority.stands_by(&org), expected, "the admission lies below the lift");
        assert_eq!(authority.stands_by(&other), []);

        let rotate = |seen| Rotate {
            org,
            prev: vec![org.cast()],
            root: next.public(),
            spares: None,
            desk: [2; 32],
            next: None,
            seen,
        };
        let mut forgetful = authority.clone();
        add(&mut forgetful, rotate(vec![]).prepare().sign(f, &next));
        assert_ne!(forgetful.standing(&other), Some(Standing::Member));
        let seen = authority.stands_by(&org);
        add(&mut authority, rotate(seen).prepare().sign(f, &next));
        assert_eq!(authority.standing(&other), Some(Standing::Member));
        assert_eq!(authority.stands_by(&org), expected, "and again at the next change");
    }
}
