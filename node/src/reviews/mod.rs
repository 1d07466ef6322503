//! Reviews as this node knows them: what was submitted, who holds it, what was
//! decided, and the seals of an edition.
//!
//! What is true of a submission is the fold's ([`tern_crdt::review::fold`]). All
//! that it is made of is public, so everybody on this node may read it; what an
//! account may *do* follows from its roles. What is written here (`acting`) is
//! judged by the same fold before it is signed: what would count for nothing is
//! refused with the fold's reason.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, DocumentId, EditionId, OrgId, RecordId, SubmissionId};
use tern_crdt::practice::{Basis, Tag};
use tern_crdt::review::fold::{Case, Holder, Reviewer, State, Word, stands};
use tern_crdt::review::{CallForm, CriteriaPolicy, Outcome, Policy};
use tern_protocol::reviews::HeldReview;

use crate::accounts::{Account, failed};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PREFIX_MIN, PracticeRead, Verdict, org_name};
use crate::requests::Person;
use crate::running::Node;

pub(crate) mod acting;

pub use acting::{Act, Submitting};

/// A policy that is held.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyRead {
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub policy: Policy,
    /// Who signed it.
    pub by: Person,
    /// The organisations of its board.
    pub board: Vec<OrgName>,
    /// Those whose reviewers are internal.
    pub internal: Vec<OrgName>,
    /// Why nothing can be submitted under it, if so.
    pub flaw: Option<String>,
    /// Whether a later one, by somebody of its board, says that it replaces it.
    pub replaced: bool,
}

/// A call for practices.
#[derive(Clone, PartialEq, Debug)]
pub struct CallRead {
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub call: CallForm,
    /// Who signed it.
    pub by: Person,
    /// The policy under which it is.
    pub policy: RecordId,
}

/// A submission with what is known around it.
#[derive(Clone, Debug)]
pub struct ReviewRead {
    /// Its id.
    pub id: SubmissionId,
    /// All that is held of it.
    pub held: HeldReview,
    /// What became of it.
    pub case: Case,
    /// The practice's title with its language, if its edition can be read.
    pub title: Option<(Tag, String)>,
    /// Whether the practice is for members alone.
    pub members_only: bool,
    /// The number of the edition.
    pub number: Option<u32>,
    /// The organisation that submitted.
    pub org: OrgName,
    /// Everybody who is named, by certificate.
    pub people: BTreeMap<CertificateId, Person>,
    /// The names of the organisations of the board.
    pub board: Vec<OrgName>,
}

/// What an account can do for a submission now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct May {
    /// Invite and release, as the board.
    pub invite: bool,
    /// Seal or reject: enough is said.
    pub decide: bool,
    /// Give it back.
    pub give_back: bool,
    /// Say yes or no to an invitation.
    pub answer: bool,
    /// Review: the invitation was accepted.
    pub review: bool,
    /// Answer, as the authors.
    pub reply: bool,
    /// Appeal.
    pub appeal: bool,
    /// Take it back.
    pub withdraw: bool,
}

impl May {
    /// Whether somebody waits for this account.
    pub const fn waits(&self, state: State) -> bool {
        let board = self.invite && matches!(state, State::Submitted | State::Divided);
        self.answer || self.review || self.decide || board
    }
}

impl ReviewRead {
    /// Somebody who is named.
    pub fn person(&self, id: &CertificateId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Who has to act, in names; none when nobody has.
    pub fn holders(&self) -> Vec<String> {
        match &self.case.holder {
            Holder::Nobody => Vec::new(),
            Holder::Board => self.board.iter().map(|org| org.name.clone()).collect(),
            Holder::Authors => vec![self.org.name.clone()],
            Holder::Reviewers(who) => who
                .iter()
                .filter_map(|who| self.person(who))
                .map(|person| match &person.name {
                    Some(name) => format!("{name}, {}", person.org.name),
                    None => format!("a person of {}", person.org.name),
                })
                .collect(),
        }
    }

    /// What an account can do now.
    pub fn may(&self, standing: &Standing) -> May {
        let Some(parties) = &self.case.parties else { return May::default() };
        let (case, desk) = (&self.case, standing.desk);
        let open = !matches!(case.state, State::Decided(_) | State::Withdrawn | State::Refused);
        let board = desk && parties.policy.board.contains(&standing.org);
        let board = open && board && !parties.authors.contains(&standing.org);
        let home = standing.publisher && parties.home == standing.org;
        let asked = standing.reviewers.iter().find_map(|who| case.waits_for(who)).filter(|_| open);
        let accepted = |word| matches!(word, Word::Accepted(_));
        May {
            invite: board,
            decide: board && case.state == State::Ready,
            give_back: board,
            answer: asked.is_some_and(|one| !accepted(one.word)),
            review: asked.is_some_and(|one| accepted(one.word)),
            reply: home && case.state != State::Withdrawn,
            appeal: home && case.may_appeal(),
            withdraw: home && open,
        }
    }
}

/// As what an account can act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its organisation.
    pub org: OrgId,
    /// Whether it speaks for a board.
    pub desk: bool,
    /// Whether it publishes.
    pub publisher: bool,
    /// Its certificates as a reviewer, of those for one submission alone too.
    pub reviewers: Vec<CertificateId>,
}

/// A seal of an edition, or why a decision that seals is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealRead {
    /// The decision.
    pub id: RecordId,
    /// The submission.
    pub submission: SubmissionId,
    /// The edition to which it is bound.
    pub edition: EditionId,
    /// Under which policy, by name.
    pub policy: String,
    /// The organisation that decided.
    pub org: OrgName,
    /// How many reviews it counts.
    pub counted: usize,
    /// How many of them speak against it.
    pub dissent: usize,
    /// When it was decided, as is claimed.
    pub claimed: tern_crdt::timestamp::Timestamp,
}

/// Somebody by certificate, as this node knows them.
pub(crate) fn person(replica: &NodeReplica, id: &CertificateId) -> Person {
    let library = replica.library();
    let authority = library.authority();
    let org = authority.certificate(id).map_or_else(|| OrgId::new([0; 32]), |granted| granted.org);
    Person {
        certificate: *id,
        name: library.name(id).map(str::to_owned),
        org: org_name(authority, org),
    }
}

fn policies(replica: &NodeReplica) -> Result<Vec<PolicyRead>, OpError> {
    let library = replica.library();
    let authority = library.authority();
    let mut read: Vec<PolicyRead> = Vec::new();
    let mut replaced = Vec::new();
    for id in library.reviews().policies() {
        let Some(record) = library.statement::<CriteriaPolicy>(&id).map_err(failed)? else {
            continue;
        };
        let stands = stands(authority, &record);
        let by = person(replica, &record.body().by);
        if stands.is_ok() {
            replaced.extend(record.body().replaces.map(|of| (of, by.org.id)));
        }
        let policy = Policy::from_tree(&record.body().policy);
        let names = |orgs: &[OrgId]| orgs.iter().map(|org| org_name(authority, *org)).collect();
        read.push(PolicyRead {
            id,
            by,
            board: names(&policy.board),
            internal: names(&policy.internal),
            flaw: stands.err().map(|flaw| flaw.to_string()),
            policy,
            replaced: false,
        });
    }
    for policy in &mut read {
        policy.replaced = is_replaced(policy.id, &policy.policy.board, &replaced);
    }
    Ok(read)
}

/// Whether somebody of its board has put another in the place of a policy; of each
/// replacement what it replaces and whose it is. Nobody else does away with it.
fn is_replaced(policy: RecordId, board: &[OrgId], replaced: &[(RecordId, OrgId)]) -> bool {
    replaced.iter().any(|(of, by)| *of == policy && board.contains(by))
}

fn calls(replica: &NodeReplica) -> Result<Vec<CallRead>, OpError> {
    let library = replica.library();
    let policies = policies(replica)?;
    let mut read = Vec::new();
    for id in library.reviews().calls() {
        let record = library.statement::<tern_crdt::review::Call>(&id).map_err(failed)?;
        let Some(record) = record else { continue };
        let policy = policies.iter().find(|policy| policy.id == record.body().policy);
        // What nobody of the board called for is no call.
        let counts = policy.is_some_and(|policy| {
            let board = &policy.policy;
            policy.flaw.is_none()
                && tern_crdt::review::fold::calls(library.authority(), &record, board)
        });
        if counts {
            read.push(CallRead {
                id,
                call: CallForm::from_tree(&record.body().call),
                by: person(replica, &record.body().by),
                policy: record.body().policy,
            });
        }
    }
    Ok(read)
}

/// The one of these whose id is, or begins with, a text.
pub(crate) fn one_of<T>(
    items: Vec<T>,
    id: impl Fn(&T) -> String,
    text: &str,
    what: &str,
) -> Result<T, OpError> {
    let text = text.trim();
    let fits = |item: &T| {
        let id = id(item);
        id == text || (text.len() >= PREFIX_MIN && id.starts_with(text))
    };
    let mut found = items.into_iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            let why = format!("`{text}` fits more than one {what}: give more characters");
            Err(OpError::new(ErrorCode::Ambiguous, why).in_field("id"))
        }
        (None, _) => {
            let why = format!("no {what} `{text}` is held here");
            Err(OpError::new(ErrorCode::NotFound, why).in_field("id"))
        }
    }
}

impl Node {
    /// The policies that are held, ascending by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn review_policies(&self) -> Result<Vec<PolicyRead>, OpError> {
        self.handle().read(policies).await?
    }

    /// The calls that count, ascending by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn review_calls(&self) -> Result<Vec<CallRead>, OpError> {
        self.handle().read(calls).await?
    }

    /// A policy by id or unique prefix; without, the one there is that no later
    /// one replaces.
    ///
    /// # Errors
    /// None, or several.
    pub async fn review_policy(&self, text: Option<&str>) -> Result<PolicyRead, OpError> {
        let all = self.review_policies().await?;
        if let Some(text) = text {
            return one_of(all, |policy| policy.id.to_string(), text, "policy");
        }
        let mut usable = all.into_iter().filter(|one| one.flaw.is_none() && !one.replaced);
        match (usable.next(), usable.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => {
                let what = "no policy says how practices are reviewed: an organisation that decides signs one with `tern review policy FILE`";
                Err(OpError::new(ErrorCode::NotFound, what).in_field("policy"))
            }
            (Some(_), Some(_)) => {
                let what = "there is more than one policy: choose one with --policy, see `tern review policies`";
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("policy"))
            }
        }
    }

    /// As what an account can act in reviews.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn review_standing(&self, account: &Account) -> Result<Standing, OpError> {
        let (account, org) = (account.clone(), self.identity().org);
        let standing = self
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                let role = |role| account.certificate_for(authority, role).ok();
                let publisher = role(Role::Publisher).is_some();
                // Also who reviews one submission alone.
                let reviews = |id: &CertificateId| {
                    let acts = authority.acts(*id, account.sign);
                    acts.is_ok_and(|granted| granted.certificate.roles.has(Role::Reviewer))
                };
                Standing {
                    org,
                    desk: publisher || role(Role::FocalPoint).is_some(),
                    publisher,
                    reviewers: account
                        .certificates(authority)
                        .into_iter()
                        .filter(|id| reviews(id))
                        .collect(),
                }
            })
            .await?;
        Ok(standing)
    }

    /// Every submission, those that moved last first.
    ///
    /// # Errors
    /// The store's.
    pub async fn reviews(&self) -> Result<Vec<ReviewRead>, OpError> {
        let ids: Vec<SubmissionId> = self
            .handle()
            .read(|replica| replica.library().reviews().submissions().map(|(id, ..)| id).collect())
            .await?;
        let mut read = Vec::with_capacity(ids.len());
        for id in ids {
            read.extend(self.read_review(id).await?);
        }
        read.sort_by_key(|review| (std::cmp::Reverse(review.case.since), review.id));
        Ok(read)
    }

    /// The submissions of one practice.
    ///
    /// # Errors
    /// The store's.
    pub async fn reviews_of(&self, practice: DocumentId) -> Result<Vec<ReviewRead>, OpError> {
        let of = move |replica: &NodeReplica| {
            replica.library().reviews().of_practice(&practice).collect::<Vec<_>>()
        };
        let mut read = Vec::new();
        for id in self.handle().read(of).await? {
            read.extend(self.read_review(id).await?);
        }
        Ok(read)
    }

    /// A submission by id or unique prefix.
    ///
    /// # Errors
    /// None, or several.
    pub async fn find_review(&self, text: &str) -> Result<ReviewRead, OpError> {
        let ids: Vec<SubmissionId> = self
            .handle()
            .read(|replica| replica.library().reviews().submissions().map(|(id, ..)| id).collect())
            .await?;
        let id = one_of(ids, SubmissionId::to_string, text, "submission")?;
        self.read_review(id).await?.ok_or_else(|| {
            OpError::new(ErrorCode::NotFound, "it is not held here any more").in_field("id")
        })
    }

    /// A submission, whole.
    ///
    /// # Errors
    /// The store's.
    pub async fn read_review(&self, id: SubmissionId) -> Result<Option<ReviewRead>, OpError> {
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let Some(held) = library.review(&id).map_err(failed)? else { return Ok(None) };
            let practice = PracticeRead::look(library, &held.submission.body().practice);
            Ok(Some((held, practice.map_err(failed)?)))
        };
        let found: Result<_, OpError> = self.handle().read(look).await?;
        let Some((held, practice)) = found? else { return Ok(None) };
        let (mut listed, mut title, mut number) = (None, None, None);
        let mut members_only = false;
        let edition = held.submission.body().edition;
        let at = practice
            .as_ref()
            .and_then(|practice| practice.editions.iter().position(|one| one.id == edition));
        if let (Some(practice), Some(at)) = (practice, at) {
            number = Some(practice.editions[at].statement().number);
            let content = self.reading().content(&practice, at).await?;
            if content.verdict != Verdict::Quarantined {
                listed = Some(matches!(content.practice.basis, Basis::Listed(_)));
                members_only = content.practice.is_for_members();
                title = content.practice.own_title();
            }
        }
        let finish = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let case = held.case(authority, listed);
            let said = held.submission.body();
            let named = held.events.iter().map(|event| event.body().by);
            let named = named.chain(held.decisions.iter().map(|one| one.body().by));
            let invited = held.events.iter().filter_map(|event| match event.body().deed {
                tern_crdt::review::Deed::Invite { reviewer, .. } => Some(reviewer),
                _ => None,
            });
            let people = named.chain(invited).chain([said.by]);
            let people = people.map(|id| (id, person(replica, &id))).collect();
            let board = case.parties.as_ref().map(|parties| parties.policy.board.clone());
            let board = board.unwrap_or_default();
            ReviewRead {
                id,
                org: person(replica, &said.by).org,
                people,
                board: board.into_iter().map(|org| org_name(authority, org)).collect(),
                title,
                members_only,
                number,
                case,
                held,
            }
        };
        Ok(Some(self.handle().read(finish).await?))
    }

    /// The seals of one edition of a practice: each binds to it alone.
    ///
    /// # Errors
    /// The store's.
    pub async fn seals(
        &self,
        practice: DocumentId,
        edition: EditionId,
    ) -> Result<Vec<SealRead>, OpError> {
        let decided = move |replica: &NodeReplica| {
            let reviews = replica.library().reviews();
            let of = reviews.of_practice(&practice).filter(|id| reviews.is_decided(id));
            of.collect::<Vec<_>>()
        };
        let mut seals = Vec::new();
        for id in self.handle().read(decided).await? {
            let review = self.read_review(id).await?;
            seals.extend(review.and_then(|review| seal(&review, edition)));
        }
        Ok(seals)
    }

    /// The practices of a list whose shown editions are sealed, in one read: of each
    /// the number of the edition, and whether that is listed from a public source, as
    /// whoever makes the list knows.
    ///
    /// # Errors
    /// The store's.
    pub async fn sealed(
        &self,
        list: Vec<(DocumentId, u32, bool)>,
    ) -> Result<BTreeSet<DocumentId>, OpError> {
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let mut sealed = BTreeSet::new();
            for (practice, number, listed) in list {
                let reviews = library.reviews();
                for id in reviews.of_practice(&practice).filter(|id| reviews.is_decided(id)) {
                    let Some(held) = library.review(&id).map_err(failed)? else { continue };
                    let edition = held.edition.as_ref().map(|edition| edition.body().number);
                    if edition == Some(number)
                        && held.case(library.authority(), Some(listed)).seal().is_some()
                    {
                        sealed.insert(practice);
                        break;
                    }
                }
            }
            Ok(sealed)
        };
        self.handle().read(look).await?
    }
}

/// The seal of an edition in one review.
pub(crate) fn seal(review: &ReviewRead, edition: EditionId) -> Option<SealRead> {
    let id = review.case.seal()?;
    let decision = review.held.decision(&id)?.body();
    // Both say so, by the fold; said again here, where it is told to people.
    (decision.edition == edition && review.held.submission.body().edition == edition).then(|| {
        let policy = review.case.parties.as_ref().map(|parties| &parties.policy);
        let name = policy.and_then(|policy| policy.name.best(&[], None));
        SealRead {
            id,
            submission: review.id,
            edition,
            policy: name.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            org: review
                .person(&decision.by)
                .map(|by| by.org.clone())
                .unwrap_or_else(|| OrgName { id: OrgId::new([0; 32]), name: String::new() }),
            counted: decision.counted.len(),
            dissent: review.case.dissent.len(),
            claimed: decision.claimed_at,
        }
    })
}

/// What somebody who was invited has said, in a code.
pub const fn said(one: &Reviewer) -> &'static str {
    match (one.review, one.word) {
        (Some(_), _) => "reviewed",
        (None, Word::None) => "asked",
        (None, Word::Released) => "released",
        (None, Word::Accepted(_)) => "accepted",
        (None, Word::Declined(..)) => "declined",
    }
}

/// What became of a submission, in one of the codes of an outcome.
///
/// # Errors
/// There is none of that code.
pub fn outcome(code: &str) -> Result<Outcome, OpError> {
    let word = match code.trim() {
        "seal" | "accept" | "sealed" => "sealed",
        "return" | "returned" => "returned",
        "reject" | "rejected" => "rejected",
        other => other,
    };
    Outcome::from_code(word).ok_or_else(|| {
        let what = format!("`{code}` is no outcome: there are seal, return, reject");
        OpError::new(ErrorCode::Invalid, what).in_field("outcome")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_its_board_does_away_with_a_policy() {
        let (policy, other) = (RecordId::new([1; 32]), RecordId::new([2; 32]));
        let (board, stranger) = ([OrgId::new([3; 32])], OrgId::new([4; 32]));
        assert!(is_replaced(policy, &board, &[(other, stranger), (policy, board[0])]));
        assert!(!is_replaced(policy, &board, &[(policy, stranger), (other, board[0])]));
    }
}
