//! Who sees a draft while it is written.
//!
//! A draft belongs to the organisation whose certificate began it: its *owner*.
//! An [`Audience`] is the owner's word of which other organisations see it, as
//! a whole, with its history. A later one takes the place of an earlier one; it
//! names those who saw the draft before and do not any more, since what they
//! hold cannot be recalled, and they have to learn of it. It is a statement
//! beside the draft, not in it, so that nobody who may write a draft can show it
//! to others.
//!
//! Here it is said what it is, and [which of several stands](Circle::of). Whether
//! its author is one of the owner's is the [`authority`](crate::authority)'s
//! question.

use std::collections::BTreeSet;

use crate::identity::{CertificateId, DraftId, FederationId, Nonce, OrgId, document_id};
use crate::signed::{Kind, Statement};

/// A draft has at most so many organisations beside its owner that see it, and
/// as many that saw it.
pub const AUDIENCE_ORGS_MAX: usize = 64;
/// Of so many audiences with the same number the circle is computed.
pub const AUDIENCES_MAX: usize = 16;

/// The owner's word of who sees a draft.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Audience {
    /// The certificate that signs; of the owner.
    #[n(0)]
    pub by: CertificateId,
    /// The draft.
    #[n(1)]
    pub draft: DraftId,
    /// The certificate that began the draft. With the nonce it makes its id, so
    /// that it shows the owner.
    #[n(2)]
    pub founder: CertificateId,
    /// The nonce of the draft's id.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// 1, then more than in the one whose place it takes.
    #[n(4)]
    pub n: u64,
    /// Who sees the draft beside its owner, ascending.
    #[n(5)]
    pub orgs: Vec<OrgId>,
    /// Who saw it before and does not any more, ascending.
    #[n(6)]
    pub left: Vec<OrgId>,
}

impl Audience {
    /// Whether it names the draft that its founder began.
    pub fn is_of_founder(&self, federation: FederationId) -> bool {
        document_id(federation, self.founder, &self.nonce).cast() == self.draft
    }
}

impl Statement for Audience {
    const KIND: Kind = Kind::known("audience");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.draft.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.n == 0 {
            return Err("the audiences of a draft are numbered from 1");
        }
        if self.orgs.len() > AUDIENCE_ORGS_MAX || self.left.len() > AUDIENCE_ORGS_MAX {
            return Err("a draft is seen by more than 64 organisations");
        }
        let ascend = |orgs: &[OrgId]| orgs.windows(2).all(|two| two[0] < two[1]);
        if !ascend(&self.orgs) || !ascend(&self.left) {
            return Err("the organisations of an audience are not in their order");
        }
        if self.orgs.iter().any(|org| self.left.binary_search(org).is_ok()) {
            return Err("an organisation sees a draft and does not");
        }
        Ok(())
    }
}

/// Who sees a draft, and who did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Circle {
    /// The number of the audiences that stand.
    pub n: u64,
    /// Who sees it beside its owner.
    pub orgs: BTreeSet<OrgId>,
    /// Who saw it and does not any more.
    pub left: BTreeSet<OrgId>,
}

impl Circle {
    /// What follows from the audiences of one draft: those with the highest
    /// number stand, and of several of these what all say. *Two people who took
    /// out one organisation each, without knowing of each other, have taken out
    /// both.*
    pub fn of<'a>(audiences: impl Iterator<Item = &'a Audience> + Clone) -> Option<Self> {
        let n = audiences.clone().map(|audience| audience.n).max()?;
        let standing = audiences.filter(|audience| audience.n == n);
        let (mut orgs, mut named): (Option<BTreeSet<OrgId>>, BTreeSet<OrgId>) = Default::default();
        for audience in standing {
            named.extend(audience.orgs.iter().chain(&audience.left));
            let these = audience.orgs.iter().copied();
            orgs = Some(match orgs {
                None => these.collect(),
                Some(all) => these.filter(|org| all.contains(org)).collect(),
            });
        }
        let orgs = orgs.unwrap_or_default();
        let left = named.difference(&orgs).copied().collect();
        Some(Self { n, orgs, left })
    }

    /// Whether an organisation other than the owner sees the draft.
    pub fn sees(&self, org: &OrgId) -> bool {
        self.orgs.contains(org)
    }

    /// Whether an organisation other than the owner sees it, or saw it once.
    pub fn knows_of(&self, org: &OrgId) -> bool {
        self.sees(org) || self.left.contains(org)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::SecretKey;
    use crate::signed::Record;

    fn org(seed: u8) -> OrgId {
        OrgId::new([seed; 32])
    }

    fn said(n: u64, orgs: &[u8], left: &[u8]) -> Audience {
        let federation = FederationId::new([5; 32]);
        let (founder, nonce) = (CertificateId::new([1; 32]), [2; 16]);
        Audience {
            by: founder,
            draft: document_id(federation, founder, &nonce).cast(),
            founder,
            nonce,
            n,
            orgs: orgs.iter().map(|seed| org(*seed)).collect(),
            left: left.iter().map(|seed| org(*seed)).collect(),
        }
    }

    #[test]
    fn its_bytes_are_those_of_the_specification() {
        let audience = Audience { draft: DraftId::new([3; 32]), ..said(1, &[4], &[]) };
        let payload = minicbor::to_vec(&audience).expect("a Vec holds it");
        let mut hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        for seed in ["01", "03", "04"] {
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{seed}]"));
        }
        let nonce = format!("50{}", "02".repeat(16));
        assert_eq!(hex, format!("a700[01]01[03]02[01]03{nonce}04010581[04]0680"));
    }

    #[test]
    fn who_began_a_draft_is_seen_from_its_id() {
        let federation = FederationId::new([5; 32]);
        assert!(said(1, &[], &[]).is_of_founder(federation));
        let other = Audience { founder: CertificateId::new([9; 32]), ..said(1, &[], &[]) };
        assert!(!other.is_of_founder(federation));
        assert!(!said(1, &[], &[]).is_of_founder(FederationId::new([6; 32])));
    }

    #[test]
    fn what_no_owner_says_is_refused() {
        let many: Vec<u8> = (0..=64).collect();
        for (why, audience) in [
            ("numbered", said(0, &[], &[])),
            ("more than 64", said(1, &many, &[])),
            ("order", said(1, &[2, 1], &[])),
            ("order", said(1, &[], &[1, 1])),
            ("and does not", said(1, &[1, 2], &[2])),
        ] {
            let refused = audience.check().expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(said(1, &[1, 2], &[3]).check(), Ok(()));
    }

    #[test]
    fn two_who_each_took_out_one_have_taken_out_both() {
        let before = said(1, &[1, 2, 3], &[]);
        let (one, other) = (said(2, &[2, 3], &[1]), said(2, &[1, 3], &[2]));
        let circle = Circle::of([&before, &one, &other].into_iter()).expect("some");
        assert_eq!(circle.n, 2);
        assert!(circle.sees(&org(3)) && !circle.sees(&org(1)) && !circle.sees(&org(2)));
        assert!(circle.knows_of(&org(1)) && circle.knows_of(&org(2)) && !circle.knows_of(&org(9)));
        assert_eq!(Circle::of(std::iter::empty()), None);
    }

    proptest! {
        #[test]
        fn the_circle_does_not_ask_what_came_first(
            sets in prop::collection::vec((1..4_u64, prop::collection::btree_set(0..6_u8, 0..6)), 1..6)
        ) {
            let audiences: Vec<Audience> = sets
                .iter()
                .map(|(n, orgs)| said(*n, &orgs.iter().copied().collect::<Vec<u8>>(), &[]))
                .collect();
            let circle = Circle::of(audiences.iter());
            prop_assert_eq!(circle, Circle::of(audiences.iter().rev()));
        }

        #[test]
        fn whatever_passes_is_read_back_as_it_was(
            n in 1..=u64::MAX,
            orgs in prop::collection::btree_set(0..=99_u8, 0..20),
        ) {
            let orgs: Vec<u8> = orgs.into_iter().collect();
            let (sees, left) = orgs.split_at(orgs.len() / 2);
            let audience = said(n, sees, left);
            let federation = FederationId::new([5; 32]);
            let record = audience.prepare().sign(federation, &SecretKey::from_seed(&[1; 32]));
            let read = Record::from_bytes(&record.to_bytes()).expect("a record");
            let read = read.verify(federation).expect("signed").read::<Audience>().expect("one");
            prop_assert_eq!(read.body(), &audience);
        }

        #[test]
        fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(audience) = minicbor::decode::<Audience>(&bytes) {
                let _ = audience.check();
            }
        }
    }
}
