//! Who the parties of a submission are: its authors, its board, and on which
//! side somebody reviews.

use std::collections::BTreeSet;

use super::fold::Records;
use super::refused::{ReviewRefused, SubmissionRefused};
use super::{Call, CriteriaPolicy, Policy};
use crate::authority::{Authority, Forbidden, Role};
use crate::identity::{CertificateId, OrgId, PublicKey};
use crate::signed::{Statement, Verified};

/// On which side somebody reviews.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Side {
    /// Of an organisation that the policy calls internal.
    Internal,
    /// Of any other.
    External,
}

impl Side {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
        }
    }
}

/// The parties of a submission that can be reviewed.
#[derive(Clone, PartialEq, Debug)]
pub struct Parties {
    /// The organisation that submitted.
    pub home: OrgId,
    /// The organisations of those who wrote the edition: nobody of them
    /// reviews, invites or decides.
    pub authors: BTreeSet<OrgId>,
    /// The keys of those who wrote it, whatever other certificates they hold.
    keys: BTreeSet<PublicKey>,
    /// By what it is judged.
    pub policy: Policy,
}

/// The roles in which somebody speaks for an organisation of a board.
pub const DESK: [Role; 2] = [Role::Publisher, Role::FocalPoint];

/// The organisation of a record's signer, if it counts in one of these roles for what
/// the record is about.
///
/// # Errors
/// Why it does not in the last of them.
pub fn speaks<T: Statement>(
    authority: &Authority,
    by: CertificateId,
    roles: &[Role],
    record: &Verified<T>,
) -> Result<OrgId, Forbidden> {
    speaks_about(authority, by, roles, record, record.body().about())
}

/// As [`speaks`], of a record that was not read yet.
///
/// # Errors
/// As [`speaks`].
pub fn speaks_about<T>(
    authority: &Authority,
    by: CertificateId,
    roles: &[Role],
    record: &Verified<T>,
    about: Option<[u8; 32]>,
) -> Result<OrgId, Forbidden> {
    let key = record.only_signer().unwrap_or(PublicKey::new([0; 32]));
    let id = record.id();
    let mut refused = Forbidden::UnknownCertificate(by);
    for role in roles {
        match authority.counts_about(by, key, Some(*role), id.as_bytes(), about.as_ref()) {
            Ok(granted) => return Ok(granted.org),
            Err(forbidden) => refused = forbidden,
        }
    }
    Err(refused)
}

fn one_signature<T>(record: &Verified<T>) -> bool {
    record.only_signer().is_some()
}

/// What a policy says, if somebody of its board signed it.
///
/// # Errors
/// `Signatures`, `Forbidden` or `NotTheBoard`.
pub fn stands(
    authority: &Authority,
    record: &Verified<CriteriaPolicy>,
) -> Result<Policy, SubmissionRefused> {
    if !one_signature(record) {
        return Err(SubmissionRefused::Signatures);
    }
    let policy = Policy::from_tree(&record.body().policy);
    let org = speaks(authority, record.body().by, &DESK, record)?;
    if policy.board.contains(&org) { Ok(policy) } else { Err(SubmissionRefused::NotTheBoard) }
}

/// Whether a call is by the board of the policy under which it is.
pub fn calls(authority: &Authority, call: &Verified<Call>, policy: &Policy) -> bool {
    one_signature(call)
        && speaks(authority, call.body().by, &DESK, call)
            .is_ok_and(|org| policy.board.contains(&org))
}

/// The organisations that the charter in force lets seal; `None` if it names
/// none: then the board of every policy seals. They are named in the policy
/// `seals`, by their ids, anywhere in its words.
///
/// The charter in force is asked, not that of the day: who lost the right could
/// otherwise go on sealing with an earlier date.
pub fn sealers(authority: &Authority) -> Option<BTreeSet<OrgId>> {
    let words = authority.charter()?.policies.as_ref()?.get("seals")?;
    let ids =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.parse().ok());
    let named: BTreeSet<OrgId> = ids.collect();
    (!named.is_empty()).then_some(named)
}

impl Parties {
    /// The parties of a submission, or why it cannot be reviewed.
    pub(super) fn of(
        authority: &Authority,
        records: &Records<'_>,
    ) -> Result<Self, SubmissionRefused> {
        let submission = records.submission.body();
        let not_yet = SubmissionRefused::NotYet;
        if !one_signature(records.submission) {
            return Err(SubmissionRefused::Signatures);
        }
        let home = speaks(authority, submission.by, &[Role::Publisher], records.submission)?;
        let policy = records.policy.filter(|policy| policy.id() == submission.policy);
        let policy = stands(authority, policy.ok_or(not_yet("a policy"))?)?;
        if let Some(id) = submission.call {
            let call = records.call.filter(|call| call.id() == id).ok_or(not_yet("a call"))?;
            if call.body().policy != submission.policy || !calls(authority, call, &policy) {
                return Err(SubmissionRefused::OtherCall);
            }
        }
        let edition = records.edition.filter(|held| held.id() == submission.edition.cast());
        let edition = edition.ok_or(not_yet("an edition"))?;
        let said = edition.body();
        if said.practice != submission.practice {
            return Err(SubmissionRefused::OtherPractice);
        }
        if speaks(authority, said.by, &[Role::Publisher], edition)? != home {
            return Err(SubmissionRefused::NotPublisher);
        }
        if records.listed.ok_or(not_yet("what the edition says"))? {
            return Err(SubmissionRefused::Listed);
        }
        let wrote = || said.contributors.iter().chain([&said.by, &submission.by]);
        let granted = || wrote().filter_map(|by| authority.certificate(by));
        Ok(Self {
            home,
            authors: granted().map(|granted| granted.org).chain([home]).collect(),
            keys: granted().map(|granted| granted.certificate.key).collect(),
            policy,
        })
    }

    /// Whether somebody is one of the authors, or of their organisations.
    pub fn is_author(&self, authority: &Authority, who: &CertificateId) -> bool {
        authority.certificate(who).is_some_and(|granted| {
            self.authors.contains(&granted.org) || self.keys.contains(&granted.certificate.key)
        })
    }

    /// Whether somebody may be invited.
    ///
    /// # Errors
    /// `Authors` or `NotAReviewer`.
    pub fn may_review(
        &self,
        authority: &Authority,
        who: &CertificateId,
    ) -> Result<(), ReviewRefused> {
        let granted = authority.certificate(who).ok_or(ReviewRefused::NotAReviewer)?;
        if self.is_author(authority, who) {
            return Err(ReviewRefused::Authors);
        }
        let reviews = granted.certificate.roles.has(Role::Reviewer);
        if reviews { Ok(()) } else { Err(ReviewRefused::NotAReviewer) }
    }

    /// Whether a record is by somebody who speaks for the board; for which of
    /// its organisations.
    pub(super) fn of_the_board<T: Statement>(
        &self,
        authority: &Authority,
        by: CertificateId,
        record: &Verified<T>,
    ) -> Result<OrgId, ReviewRefused> {
        if self.is_author(authority, &by) {
            return Err(ReviewRefused::Authors);
        }
        let org = speaks(authority, by, &DESK, record)?;
        if self.policy.board.contains(&org) { Ok(org) } else { Err(ReviewRefused::NotTheBoard) }
    }

    /// Whether a record is by a publisher of the organisation that submitted.
    pub(super) fn of_the_authors<T: Statement>(
        &self,
        authority: &Authority,
        by: CertificateId,
        record: &Verified<T>,
    ) -> Result<(), ReviewRefused> {
        match speaks(authority, by, &[Role::Publisher], record) {
            Ok(org) if org == self.home => Ok(()),
            Ok(_) => Err(ReviewRefused::NotAuthors),
            Err(forbidden) => Err(forbidden.into()),
        }
    }

    /// Whether a record is by somebody who may review.
    pub(super) fn of_a_reviewer<T: Statement>(
        &self,
        authority: &Authority,
        by: CertificateId,
        record: &Verified<T>,
    ) -> Result<(), ReviewRefused> {
        if self.is_author(authority, &by) {
            return Err(ReviewRefused::Authors);
        }
        speaks(authority, by, &[Role::Reviewer], record)?;
        Ok(())
    }

    /// The side on which somebody reviews.
    pub fn side(&self, authority: &Authority, who: &CertificateId) -> Side {
        let org = authority.certificate(who).map(|granted| granted.org);
        match org {
            Some(org) if self.policy.internal.contains(&org) => Side::Internal,
            _ => Side::External,
        }
    }
}
