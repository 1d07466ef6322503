//! For tests of what people sign: a federation of some organisations, and people
//! with certificates of theirs.

use std::collections::BTreeMap;

use crate::authority::{Admit, Authority, Certificate, Charter, Genesis, Grant, Profile};
use crate::authority::{Role, Roles};
use crate::identity::{CertificateId, FederationId, OrgId, SecretKey};
use crate::signed::{Record, Statement};

/// So many of the organisations are stewards.
const STEWARDS: usize = 3;

#[derive(Clone)]
pub(crate) struct Person {
    pub key: SecretKey,
    pub certificate: CertificateId,
}

/// One of the keys of an organisation; its root is 0.
pub(crate) fn key(org: usize, number: u8) -> SecretKey {
    SecretKey::from_seed(&[org as u8 + 1, number].repeat(16).try_into().expect("32 bytes"))
}

/// The first three organisations are stewards, and two of them admit the others.
pub(crate) struct Founding<const N: usize> {
    pub federation: FederationId,
    pub orgs: [OrgId; N],
    records: Vec<Record>,
}

impl<const N: usize> Founding<N> {
    pub fn of(
        names: [&str; N],
        policies: impl FnOnce(&[OrgId; N]) -> Option<BTreeMap<String, String>>,
    ) -> Self {
        let genesis = |org: usize| {
            let profile = Profile {
                names: [("en".to_owned(), names[org].to_owned())].into(),
                ..Profile::default()
            };
            let root = key(org, 0).public();
            Genesis { root, desk: [0; 32], next: None, profile, spares: None }.prepare()
        };
        let orgs: [OrgId; N] = std::array::from_fn(|org| genesis(org).id().cast());
        let charter = Charter {
            n: 0,
            prev: None,
            name: "Hub".into(),
            stewards: orgs[..STEWARDS].to_vec(),
            recall: 0,
            roster: vec![],
            supersedes: vec![],
            rules: 1,
            nonce: [1; 16],
            policies: policies(&orgs),
        }
        .prepare();
        let federation: FederationId = charter.id().cast();
        let mut records = vec![charter.sign(federation, &key(0, 0))];
        records.extend((0..N).map(|org| genesis(org).sign(federation, &key(org, 0))));
        for org in &orgs[STEWARDS..] {
            let admit = Admit { org: *org, after: vec![] }.prepare();
            let by = [0, 1].map(|steward| key(steward, 0));
            let by = by.map(|root| (root.public(), root.sign(&admit.to_sign(federation))));
            records.push(admit.signed(by.to_vec()));
        }
        Self { federation, orgs, records }
    }

    /// Grants somebody a certificate.
    pub fn person(&mut self, org: usize, number: u8, roles: &[Role]) -> Person {
        let (key, root, org) = (key(org, number), key(org, 0), self.orgs[org]);
        let certificate = Certificate {
            key: key.public(),
            encryption: Some(key.encryption_public()),
            roles: Roles::of(roles),
            scope: None,
            quota: None,
            last_beacon: None,
        };
        let grant = Grant { org, prev: vec![org.cast()], certificate }.prepare();
        let certificate = grant.id().cast();
        self.records.push(grant.sign(self.federation, &root));
        Person { key, certificate }
    }

    pub fn authority(self) -> Authority {
        let mut authority = Authority::new(self.federation);
        let verified =
            self.records.into_iter().map(|r| r.verify(self.federation).expect("signed above"));
        let (_, refused) = authority.add_all(verified.collect());
        assert_eq!(refused, vec![]);
        authority
    }
}
