//! Reviews: policies and calls, submitting, acting, deciding, verifying seals.

use serde_json::{Value, json};
use tern_crdt::identity::{CertificateId, EditionId, RecordId};
use tern_crdt::review::fold::{Reviewer, Word};
use tern_crdt::review::{Assessment, Deed, NoReview};

use super::{Acting, invalid, moment};
use crate::ops::{Fields, OpError};
use crate::requests::Person;
use crate::reviews::{Act, May, PolicyRead, ReviewRead, SealRead, Submitting, outcome, said, seal};

impl Acting<'_> {
    pub(super) async fn review_policy_sign(
        self,
        policy: Fields,
        replaces: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (policy, passphrase) = (Value::Object(policy), self.caller.passphrase.clone());
        let id = self.node.sign_policy(&account, &policy, replaces.as_deref(), passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn review_policies(self) -> Result<Value, OpError> {
        let policies = self.node.review_policies().await?;
        let items: Vec<Value> = policies.iter().map(policy_json).collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn review_call_sign(
        self,
        call: Fields,
        policy: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let (call, passphrase) = (Value::Object(call), self.caller.passphrase.clone());
        let id = self.node.sign_call(&account, &call, policy.as_deref(), passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn review_calls(self) -> Result<Value, OpError> {
        let calls = self.node.review_calls().await?;
        let items: Vec<Value> = calls
            .iter()
            .map(|call| {
                json!({
                    "id": call.id.to_string(), "org": call.by.org.name,
                    "policy": call.policy.to_string(), "call": call.call.to_json(),
                })
            })
            .collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn review_submit(self, what: Submitting) -> Result<Value, OpError> {
        let account = self.account().await?;
        let id = self.node.submit_edition(&account, what, self.caller.passphrase.clone()).await?;
        let review = self.node.find_review(&id.to_string()).await?;
        Ok(json!({
            "id": id.to_string(), "state": review.case.state.code(), "holder": review.holders(),
        }))
    }

    pub(super) async fn reviews(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let standing = self.node.review_standing(&account).await?;
        let reviews = self.node.reviews().await?;
        let items: Vec<Value> = reviews
            .iter()
            .map(|review| {
                let mut item = head_json(review);
                item["waits"] = json!(review.may(&standing).waits(review.case.state));
                item
            })
            .collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn review_show(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let standing = self.node.review_standing(&account).await?;
        let review = self.node.find_review(&id).await?;
        let may = review.may(&standing);
        let mut told = whole_json(&review);
        told["may"] = json!(may_json(&may));
        if may.invite {
            let candidates = self.node.review_candidates(&review).await?;
            let candidates: Vec<Value> = candidates.iter().map(person_json).collect();
            told["candidates"] = json!(candidates);
        }
        Ok(told)
    }

    pub(super) async fn review_act(self, id: String, act: Act) -> Result<Value, OpError> {
        let account = self.account().await?;
        let passphrase = self.caller.passphrase.clone();
        let review = self.node.act_in_review(&account, &id, act, passphrase).await?;
        Ok(head_json(&review))
    }

    pub(super) async fn review_decline(
        self,
        id: String,
        reason: String,
        note: Option<String>,
    ) -> Result<Value, OpError> {
        let Some(reason) = NoReview::from_code(reason.trim()) else {
            let codes: Vec<&str> = NoReview::ALL.iter().map(|one| one.code()).collect();
            let what = format!("`{reason}` is no reason: there are {}", codes.join(", "));
            return Err(invalid("reason", what));
        };
        let act = Act::Decline { reason, note: note.unwrap_or_default() };
        self.review_act(id, act).await
    }

    pub(super) async fn review_decide(
        self,
        id: String,
        word: String,
        reasons: Option<String>,
    ) -> Result<Value, OpError> {
        let act = Act::Decide { outcome: outcome(&word)?, reasons: reasons.unwrap_or_default() };
        self.review_act(id, act).await
    }

    /// Whether an edition has a seal, and what of its reviews is none.
    pub(super) async fn review_verify(
        self,
        id: String,
        edition: Option<String>,
    ) -> Result<Value, OpError> {
        let practice = self.node.reading().practice(&id).await?;
        let at = match &edition {
            Some(which) => practice.find(which)?,
            None => practice.latest(),
        };
        let edition = &practice.editions[at];
        let reviews = self.node.reviews_of(practice.id).await?;
        let seals: Vec<SealRead> =
            reviews.iter().filter_map(|review| seal(review, edition.id)).collect();
        let others: Vec<Value> = reviews
            .iter()
            .filter(|review| review.held.submission.body().edition != edition.id)
            .filter_map(|review| {
                let seal = review.case.seal()?;
                Some(json!({
                    "id": seal.to_string(), "edition": review.number,
                    "edition_id": review.held.submission.body().edition.to_string(),
                }))
            })
            .collect();
        let reason = match (seals.is_empty(), others.is_empty()) {
            (false, _) => None,
            (true, true) => Some("no seal of this edition is held here"),
            (true, false) => {
                Some("another edition of this practice is sealed, and a seal does not move")
            }
        };
        Ok(json!({
            "id": practice.id.to_string(), "edition": edition.statement().number,
            "edition_id": edition.id.to_string(), "sealed": !seals.is_empty(),
            "seals": seals.iter().map(seal_json).collect::<Vec<_>>(),
            "other_editions": others, "reason": reason,
        }))
    }

    /// The seals of an edition, as `practice show` and `verify` tell them.
    pub(super) async fn seals_json(
        &self,
        practice: tern_crdt::identity::DocumentId,
        edition: EditionId,
    ) -> Result<Value, OpError> {
        let seals = self.node.seals(practice, edition).await?;
        Ok(seals.iter().map(seal_json).collect())
    }
}

fn person_json(person: &Person) -> Value {
    json!({
        "certificate": person.certificate.to_string(), "name": person.name,
        "org": person.org.name, "org_id": person.org.id.to_string(),
    })
}

fn policy_json(policy: &PolicyRead) -> Value {
    let names = |orgs: &[crate::reading::OrgName]| {
        orgs.iter().map(|org| org.name.clone()).collect::<Vec<_>>()
    };
    json!({
        "id": policy.id.to_string(), "policy": policy.policy.to_json(),
        "board": names(&policy.board), "internal": names(&policy.internal),
        "by": policy.by.org.name, "flaw": policy.flaw, "replaced": policy.replaced,
    })
}

pub(crate) fn seal_json(seal: &SealRead) -> Value {
    json!({
        "id": seal.id.to_string(), "submission": seal.submission.to_string(),
        "edition_id": seal.edition.to_string(), "policy": seal.policy,
        "org": seal.org.name, "org_id": seal.org.id.to_string(),
        "reviews": seal.counted, "dissent": seal.dissent, "claimed_at": moment(seal.claimed),
    })
}

fn head_json(review: &ReviewRead) -> Value {
    let submission = review.held.submission.body();
    json!({
        "id": review.id.to_string(), "practice": submission.practice.to_string(),
        "edition": review.number, "edition_id": submission.edition.to_string(),
        "title": review.title.as_ref().map(|(_, title)| title), "org": review.org.name, "state": review.case.state.code(),
        "round": review.case.round, "holder": review.holders(),
        "since": moment(review.case.since),
        "flaw": review.case.flaw.as_ref().map(ToString::to_string),
    })
}

fn may_json(may: &May) -> Vec<&'static str> {
    let all = [
        ("invite", may.invite),
        ("decide", may.decide),
        ("return", may.give_back),
        ("accept", may.answer),
        ("decline", may.answer || may.review),
        ("score", may.review),
        ("reply", may.reply),
        ("appeal", may.appeal),
        ("withdraw", may.withdraw),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(what, _)| what).collect()
}

fn reviewer_json(review: &ReviewRead, one: &Reviewer) -> Value {
    let mut told = review.person(&one.who).map(person_json).unwrap_or_default();
    told["side"] = json!(one.side.code());
    told["round"] = json!(one.round);
    told["said"] = json!(said(one));
    if let Word::Declined(_, reason) = one.word {
        told["reason"] = json!(reason.code());
    }
    if let Some(id) = one.review {
        told["review"] = review_json(review, &id).unwrap_or_default();
    }
    told
}

fn review_json(review: &ReviewRead, id: &RecordId) -> Option<Value> {
    let event = review.held.event(id)?;
    let Deed::Review { assessment, .. } = &event.body().deed else { return None };
    let mut told = Assessment::from_tree(assessment).to_json();
    told["id"] = json!(id.to_string());
    told["claimed_at"] = json!(moment(event.body().claimed_at));
    told["counted"] = json!(review.case.decision.and_then(|decision| {
        Some(review.held.decision(&decision)?.body().counted.contains(id))
    }));
    Some(told)
}

fn actor(review: &ReviewRead, by: &CertificateId) -> (Option<String>, String) {
    review.person(by).map_or((None, String::new()), |one| (one.name.clone(), one.org.name.clone()))
}

fn event_json(review: &ReviewRead, id: &RecordId) -> Option<Value> {
    if let Some(event) = review.held.event(id) {
        let body = event.body();
        let (name, org) = actor(review, &body.by);
        let mut told = json!({
            "id": id.to_string(), "type": body.deed.code(), "actor": name, "org": org,
            "claimed_at": moment(body.claimed_at), "note": body.deed.note(),
        });
        match &body.deed {
            Deed::Invite { reviewer, round } => {
                told["whom"] = review.person(reviewer).map(person_json).unwrap_or_default();
                told["round"] = json!(round);
            }
            Deed::Decline { reason, .. } => told["reason"] = json!(reason.code()),
            _ => {}
        }
        return Some(told);
    }
    let body = review.held.decision(id)?.body();
    let (name, org) = actor(review, &body.by);
    Some(json!({
        "id": id.to_string(), "type": "decision", "actor": name, "org": org,
        "claimed_at": moment(body.claimed_at), "note": body.reasons,
        "outcome": body.outcome.code(), "round": body.round,
    }))
}

fn whole_json(review: &ReviewRead) -> Value {
    let case = &review.case;
    let submission = review.held.submission.body();
    let (name, org) = actor(review, &submission.by);
    let mut events = vec![json!({
        "id": review.id.to_string(), "type": "submit", "actor": name, "org": org,
        "claimed_at": moment(submission.claimed_at), "note": submission.note,
    })];
    events.extend(case.line.iter().filter_map(|id| event_json(review, id)));
    let refused: Vec<Value> = case
        .refused
        .iter()
        .filter_map(|(id, why)| {
            let mut told = event_json(review, id)?;
            told["refused"] = json!(why.to_string());
            Some(told)
        })
        .collect();
    let reviewers: Vec<Value> =
        case.reviewers.iter().map(|one| reviewer_json(review, one)).collect();
    let tally = &case.tally;
    let decision = case.decision.and_then(|id| event_json(review, &id));
    let ids = |ids: &[RecordId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let policy = case.parties.as_ref().map(|parties| parties.policy.to_json());
    let mut told = head_json(review);
    told["policy"] = json!({ "id": submission.policy.to_string(), "policy": policy });
    told["call"] = json!(submission.call.map(|id| id.to_string()));
    told["events"] = json!(events);
    told["refused"] = json!(refused);
    told["reviewers"] = json!(reviewers);
    told["quorum"] = json!({
        "internal": tally.internal, "internal_least": tally.internal_least,
        "external": tally.external, "external_least": tally.external_least,
        "divided": tally.is_divided(), "divided_least": tally.divided_least,
        "met": tally.is_met(),
    });
    told["decision"] = json!(decision);
    told["dissent"] = json!(ids(&case.dissent));
    told["uncounted"] = json!(ids(&case.uncounted));
    told["appealed"] = json!(case.appealed.map(|id| id.to_string()));
    told["seal"] = json!(case.seal().map(|id| id.to_string()));
    told
}
