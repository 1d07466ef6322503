//! Signing what happens in reviews.

use serde_json::Value;
use tern_crdt::authority::{Authority, Role};
use tern_crdt::identity::{CertificateId, RecordId, SecretKey, SubmissionId};
use tern_crdt::practice::{Basis, Practice};
use tern_crdt::review::fold::{Reviewer, State, Word};
use tern_crdt::review::{
    Assessment, Call, CallForm, CriteriaPolicy, Decision, Deed, NoReview, Outcome, Policy,
    ReviewEvent, Submission,
};
use tern_crdt::signed::{Record, Statement, Verified};

use super::{ReviewRead, person};
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, Verdict};
use crate::requests::Person;
use crate::running::{Node, draw};

/// What is submitted, as somebody says it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Submitting {
    /// The practice, by id or prefix.
    pub practice: String,
    /// Which edition, by number or id; the latest if not said.
    pub edition: Option<String>,
    /// Under which policy; the one there is if not said.
    pub policy: Option<String>,
    /// To which call.
    pub call: Option<String>,
    /// To the board.
    pub note: String,
}

/// What somebody does in a review.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// Asks somebody to review: a certificate, a prefix of it, or a name.
    Invite(String),
    /// Waits for an invited person no longer.
    Release {
        /// Whom, as above.
        reviewer: String,
        /// Why.
        note: String,
    },
    /// Will review; declares that there is no conflict of interest.
    Accept {
        /// Interests that others may want to know of.
        interests: String,
    },
    /// Will not.
    Decline {
        /// Why.
        reason: NoReview,
        /// In words.
        note: String,
    },
    /// Reviews, by the keys of assessment files.
    Review(Value),
    /// Answers, for the authors.
    Reply(String),
    /// Asks for another round.
    Appeal(String),
    /// Takes it back.
    Withdraw(String),
    /// Decides, for the board.
    Decide {
        /// What.
        outcome: Outcome,
        /// Why.
        reasons: String,
    },
}

impl Act {
    const fn roles(&self) -> &'static [Role] {
        match self {
            Self::Invite(_) | Self::Release { .. } | Self::Decide { .. } => {
                &[Role::FocalPoint, Role::Publisher]
            }
            Self::Accept { .. } | Self::Decline { .. } | Self::Review(_) => &[Role::Reviewer],
            Self::Reply(_) | Self::Appeal(_) | Self::Withdraw(_) => &[Role::Publisher],
        }
    }
}

fn certificate(
    authority: &Authority,
    account: &Account,
    roles: &[Role],
    about: Option<&[u8; 32]>,
) -> Result<CertificateId, OpError> {
    let mut refused = None;
    for role in roles {
        match account.certificate_about(authority, *role, about) {
            Ok(id) => return Ok(id),
            Err(why) => refused = Some(why),
        }
    }
    Err(refused.unwrap_or_else(|| OpError::new(ErrorCode::NotAllowed, "nobody does that")))
}

/// What a statement says beside its form is words, which alone can be too long.
pub(crate) fn checked<T: Statement>(statement: &T) -> Result<(), OpError> {
    let refused = |rule| OpError::new(ErrorCode::Invalid, rule).in_field("note");
    statement.check().map_err(refused)
}

fn not_now(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Conflict, what)
}

impl Node {
    /// The certificate under which an account acts in one of these roles, about this
    /// object if about any, with its key.
    ///
    /// # Errors
    /// No role, a locked key.
    pub(crate) async fn signer(
        &self,
        account: &Account,
        roles: &'static [Role],
        about: Option<[u8; 32]>,
        passphrase: Option<Passphrase>,
    ) -> Result<(CertificateId, SecretKey), OpError> {
        let own = account.clone();
        let by = self
            .handle()
            .read(move |replica| {
                certificate(replica.library().authority(), &own, roles, about.as_ref())
            })
            .await??;
        Ok((by, self.unlock(Purpose::PersonSign, account.sign, passphrase).await?))
    }

    /// Signs a policy; its board has to name the account's organisation.
    ///
    /// # Errors
    /// What is wrong with the policy, no role, a locked key.
    pub async fn sign_policy(
        &self,
        account: &Account,
        policy: &Value,
        replaces: Option<&str>,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let policy = Policy::from_json(policy, &account.lang).map_err(OpError::from)?;
        if !policy.board.contains(&self.identity().org) {
            let what = "the board does not name this organisation: a policy is signed by one of those that decide by it";
            return Err(OpError::new(ErrorCode::Invalid, what).in_field("board"));
        }
        let replaces = match replaces {
            Some(text) => Some(self.review_policy(Some(text)).await?),
            None => None,
        };
        let own = self.identity().org;
        if replaces.as_ref().is_some_and(|other| !other.policy.board.contains(&own)) {
            let what = "the board of the policy that it replaces does not name this organisation: only one of those that decide by a policy replaces it";
            return Err(OpError::new(ErrorCode::NotAllowed, what).in_field("replaces"));
        }
        let replaces = replaces.map(|other| other.id);
        let (by, key) =
            self.signer(account, &[Role::FocalPoint, Role::Publisher], None, passphrase).await?;
        let policy = policy.to_tree();
        let statement = CriteriaPolicy { by, nonce: draw()?, policy, replaces, claimed_at: now() };
        self.sign_and_submit(&statement, &key).await
    }

    /// Signs a call for practices under a policy of whose board the account's
    /// organisation is.
    ///
    /// # Errors
    /// What is wrong with the call, no role, a locked key.
    pub async fn sign_call(
        &self,
        account: &Account,
        call: &Value,
        policy: Option<&str>,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let call = CallForm::from_json(call, &account.lang).map_err(OpError::from)?;
        let policy = self.review_policy(policy).await?;
        if !policy.policy.board.contains(&self.identity().org) {
            let what = "this organisation is not of that policy's board, which calls for practices";
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
        let (by, key) =
            self.signer(account, &[Role::FocalPoint, Role::Publisher], None, passphrase).await?;
        let call = call.to_tree();
        let statement = Call { by, nonce: draw()?, policy: policy.id, call, claimed_at: now() };
        self.sign_and_submit(&statement, &key).await
    }

    /// Signs a statement and holds it.
    ///
    /// # Errors
    /// It is beyond its bounds, or the gate refuses it.
    pub(crate) async fn sign_and_submit<T: Statement>(
        &self,
        statement: &T,
        key: &SecretKey,
    ) -> Result<RecordId, OpError> {
        checked(statement)?;
        let record = statement.prepare().sign(self.identity().federation, key);
        let id = record.id();
        self.submit(vec![record]).await?;
        Ok(id)
    }

    /// Submits an edition of this organisation for review.
    ///
    /// # Errors
    /// Another organisation's practice, a listed one, what a review asks for and
    /// is missing, a submission that is open, no policy, no role.
    pub async fn submit_edition(
        &self,
        account: &Account,
        what: Submitting,
        passphrase: Option<Passphrase>,
    ) -> Result<SubmissionId, OpError> {
        let practice = self.reading().practice(&what.practice).await?;
        if practice.origin.id != self.identity().org {
            let why = format!(
                "a practice is submitted by the organisation that published it, and this one is {}'s",
                practice.origin.name
            );
            return Err(OpError::new(ErrorCode::NotAllowed, why));
        }
        let at = match &what.edition {
            Some(which) => practice.find(which)?,
            None => practice.latest(),
        };
        let content = self.reading().content(&practice, at).await?;
        if content.verdict == Verdict::Quarantined {
            let why = content.reason.clone().unwrap_or_default();
            return Err(not_now(format!("this edition does not count: {why}")));
        }
        reviewable(&content.practice)?;
        let call = match &what.call {
            Some(text) => {
                let calls = self.review_calls().await?;
                Some(super::one_of(calls, |call| call.id.to_string(), text, "call")?)
            }
            None => None,
        };
        let named = what.policy.clone().or_else(|| call.as_ref().map(|c| c.policy.to_string()));
        let policy = self.review_policy(named.as_deref()).await?;
        if let Some(flaw) = policy.flaw {
            return Err(not_now(format!("nothing can be submitted under this policy: {flaw}")));
        }
        if policy.policy.board.iter().all(|org| *org == self.identity().org) {
            let why = "the board of this policy is this organisation alone, which does not judge its own work";
            return Err(not_now(why));
        }
        let edition = practice.editions[at].id;
        for review in self.reviews_of(practice.id).await? {
            let said = review.held.submission.body();
            let over = matches!(review.case.state, State::Refused | State::Withdrawn);
            if said.edition == edition && said.policy == policy.id && !over {
                let why = format!(
                    "this edition was submitted under this policy already ({}): publish another edition to have that judged",
                    review.id
                );
                return Err(not_now(why));
            }
        }
        let (by, key) = self
            .signer(account, &[Role::Publisher], Some(*practice.id.as_bytes()), passphrase)
            .await?;
        let submission = Submission {
            by,
            nonce: draw()?,
            practice: practice.id,
            edition,
            policy: policy.id,
            call: call.map(|call| call.id),
            note: what.note,
            claimed_at: now(),
        };
        Ok(self.sign_and_submit(&submission, &key).await?.cast())
    }

    /// Those who may be invited to review a submission, ascending by
    /// organisation and name.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn review_candidates(&self, review: &ReviewRead) -> Result<Vec<Person>, OpError> {
        let Some(parties) = review.case.parties.clone() else { return Ok(Vec::new()) };
        let (round, about) = (review.case.round, *review.id.as_bytes());
        let invited: Vec<CertificateId> =
            review.case.reviewers.iter().filter(|r| r.round == round).map(|r| r.who).collect();
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let live = |id: &CertificateId, key| {
                authority.permits_about(*id, key, Role::Reviewer, Some(&about)).is_ok()
                    && parties.may_review(authority, id).is_ok()
                    && !invited.contains(id)
            };
            let mut people: Vec<Person> = authority
                .certificates()
                .filter(|(id, granted)| live(id, granted.certificate.key))
                .map(|(id, _)| person(replica, &id))
                .collect();
            people.sort_by_cached_key(|one| {
                (one.org.name.clone(), one.name.clone(), one.certificate)
            });
            people
        };
        Ok(self.handle().read(look).await?)
    }

    /// Does something in a review: signed only if it counts.
    ///
    /// # Errors
    /// Why it would count for nothing; no role, a locked key.
    pub async fn act_in_review(
        &self,
        account: &Account,
        text: &str,
        act: Act,
        passphrase: Option<Passphrase>,
    ) -> Result<ReviewRead, OpError> {
        let mut review = self.find_review(text).await?;
        let (by, key) =
            self.signer(account, act.roles(), Some(*review.id.as_bytes()), passphrase).await?;
        let federation = self.identity().federation;
        let record: Record;
        match act {
            Act::Decide { outcome, reasons } => {
                let round = review.case.round;
                let counting = review.case.reviewers.iter().filter(|one| one.round == round);
                let mut counted: Vec<RecordId> = counting.filter_map(|one| one.review).collect();
                counted.sort_unstable();
                let decision = Decision {
                    by,
                    submission: review.id,
                    edition: review.held.submission.body().edition,
                    round,
                    outcome,
                    counted,
                    reasons,
                    after: review.case.tips.clone(),
                    claimed_at: now(),
                };
                checked(&decision)?;
                record = decision.prepare().sign(federation, &key);
                review.held.decisions.push(read(&record, federation)?);
            }
            other => {
                let deed = self.deed(&review, by, account, other).await?;
                let event = ReviewEvent {
                    by,
                    submission: review.id,
                    after: review.case.tips.clone(),
                    deed,
                    claimed_at: now(),
                };
                checked(&event)?;
                record = event.prepare().sign(federation, &key);
                review.held.events.push(read(&record, federation)?);
            }
        }
        let id = record.id();
        // The same fold that judges what comes from elsewhere.
        let listed = review.case.parties.is_some().then_some(false);
        let held = review.held.clone();
        let case = self.handle().read(move |r| held.case(r.library().authority(), listed)).await?;
        if let Some(flaw) = &case.flaw {
            return Err(not_now(format!("this submission cannot be reviewed: {flaw}")));
        }
        match case.refused.get(&id) {
            None => {}
            // One of several decisions that have to be alike.
            Some(tern_crdt::review::ReviewRefused::NotStanding)
                if case.parties.as_ref().is_some_and(|p| p.policy.deciding() > 1) => {}
            Some(why) => return Err(OpError::new(ErrorCode::NotAllowed, why.to_string())),
        }
        self.submit(vec![record]).await?;
        self.find_review(&review.id.to_string()).await
    }

    async fn deed(
        &self,
        review: &ReviewRead,
        by: CertificateId,
        account: &Account,
        act: Act,
    ) -> Result<Deed, OpError> {
        let asked = || {
            review.case.waits_for(&by).ok_or_else(|| {
                let what =
                    "nothing in this review waits for you: you were not invited, or have answered";
                not_now(what)
            })
        };
        let over = matches!(review.case.state, State::Decided(_) | State::Withdrawn);
        let still = |open: bool| match open {
            true => Ok(()),
            false => Err(not_now("this review is over: it was decided, or taken back")),
        };
        Ok(match act {
            Act::Invite(text) => {
                still(!over)?;
                let candidates = self.review_candidates(review).await?;
                let reviewer = chosen(&candidates, &text)?;
                Deed::Invite { reviewer, round: review.case.round }
            }
            Act::Release { reviewer, note } => {
                still(!over)?;
                let waiting = |one: &&Reviewer| one.round == review.case.round && one.is_awaited();
                let open: Vec<&Reviewer> = review.case.reviewers.iter().filter(waiting).collect();
                let people: Vec<Person> =
                    open.iter().filter_map(|one| review.person(&one.who)).cloned().collect();
                let who = chosen(&people, &reviewer)?;
                let invite = open.iter().find(|one| one.who == who).map(|one| one.invite);
                let invite = invite.ok_or_else(|| not_now("they are not awaited any more"))?;
                Deed::Release { invite, note }
            }
            Act::Accept { interests } => {
                still(!over)?;
                Deed::Accept { invite: asked()?.invite, interests }
            }
            Act::Decline { reason, note } => {
                // Who has reviewed can still declare a conflict.
                let of = |one: &&Reviewer| one.who == by;
                let last = review.case.reviewers.iter().rev().find(of);
                let one = last.ok_or_else(|| not_now("you were not invited to this review"))?;
                if reason != NoReview::Conflict {
                    still(!over && one.is_awaited())?;
                }
                Deed::Decline { invite: one.invite, reason, note }
            }
            Act::Review(form) => {
                still(!over)?;
                let one = asked()?;
                if !matches!(one.word, Word::Accepted(_)) {
                    let what = "accept first, which declares that you have no conflict of interest: tern review accept ID";
                    return Err(not_now(what));
                }
                let assessment =
                    Assessment::from_json(&form, &account.lang).map_err(OpError::from)?;
                if let Some(unknown) = assessment
                    .comments
                    .iter()
                    .find(|comment| !Practice::FIELDS.iter().any(|(key, _)| *key == comment.field))
                {
                    let what = format!(
                        "`{}` is no field of a practice: comment on one that is",
                        unknown.field
                    );
                    return Err(OpError::new(ErrorCode::Invalid, what).in_field("comments"));
                }
                Deed::Review { invite: one.invite, assessment: assessment.to_tree() }
            }
            Act::Reply(text) => Deed::Reply { text },
            Act::Appeal(reasons) => {
                let decision = review.case.decision.filter(|_| review.case.may_appeal());
                let what = "there is nothing to appeal against: an appeal is one, against what was returned or rejected in the first round, where the policy allows it";
                Deed::Appeal { decision: decision.ok_or_else(|| not_now(what))?, reasons }
            }
            Act::Withdraw(note) => {
                still(!over)?;
                Deed::Withdraw { note }
            }
            Act::Decide { .. } => return Err(not_now("a decision is no event")),
        })
    }
}

/// Whether a practice can be reviewed at all, and has all that a review asks
/// for.
fn reviewable(practice: &Practice) -> Result<(), OpError> {
    if matches!(practice.basis, Basis::Listed(_)) {
        let why = "it is listed from a public source and not written by those who did the work: such an entry is not reviewed";
        return Err(not_now(why));
    }
    let missing = practice.missing_for_review();
    match missing.first() {
        None => Ok(()),
        Some(first) => {
            let why = format!(
                "before it is reviewed, fill in {}, and publish that as another edition",
                missing.join(", ")
            );
            Err(OpError::new(ErrorCode::Invalid, why).in_field(*first))
        }
    }
}

/// The person that a text names: a certificate, a prefix of it, or a name.
fn chosen(people: &[Person], text: &str) -> Result<CertificateId, OpError> {
    let text = text.trim();
    let by_id = |one: &&Person| {
        let id = one.certificate.to_string();
        id == text || (text.len() >= PREFIX_MIN && id.starts_with(text))
    };
    let by_name = |one: &&Person| {
        let name = one.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(text));
        name || one.org.name.eq_ignore_ascii_case(text)
    };
    let mut found: Vec<&Person> = people.iter().filter(by_id).collect();
    if found.is_empty() {
        found = people.iter().filter(by_name).collect();
    }
    match found.as_slice() {
        [one] => Ok(one.certificate),
        [] => {
            let what = format!(
                "`{text}` is nobody who can be chosen here: see `candidates` and `reviewers` in `tern review show`"
            );
            Err(OpError::new(ErrorCode::NotFound, what).in_field("reviewer"))
        }
        _ => {
            let what = format!("`{text}` fits more than one: give the certificate");
            Err(OpError::new(ErrorCode::Ambiguous, what).in_field("reviewer"))
        }
    }
}

pub(crate) fn read<T: Statement>(
    record: &Record,
    federation: tern_crdt::identity::FederationId,
) -> Result<Verified<T>, OpError> {
    record
        .clone()
        .verify(federation)
        .and_then(Verified::read)
        .map_err(|why| OpError::new(ErrorCode::Invalid, why.to_string()))
}
