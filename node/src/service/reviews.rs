//! Reviews, as the pages show them and take part in them.

use serde_json::Value;
use tern_crdt::identity::{CertificateId, EditionId, RecordId};
use tern_crdt::practice::{Tag, Texts};
use tern_crdt::review::fold::{Reviewer, Word};
use tern_crdt::review::{Assessment, Deed, NoReview};
use tern_web_ui::service::{
    Answer, Assessed, Criterion, LIST_ITEMS_MAX, Part, PartKind, Party, Phrase, Reader, Review,
    ReviewEntry, ReviewPolicy, ReviewStep, ReviewerLine, Reviewing, Scored, Seal, Submit,
};

use super::experts::typed;
use super::{Site, acting, refusal, seconds};
use crate::ops::{ErrorCode, OpError};
use crate::reviews::{Act, May, ReviewRead, Standing, Submitting, outcome, said};
use crate::running::Node;

fn phrase(texts: &Texts, lang: &str) -> Phrase {
    let wanted: Option<Tag> = lang.parse().ok();
    let best = texts.best(wanted.as_slice(), None);
    best.map(|(tag, text)| Phrase { text: text.to_owned(), lang: tag.as_str().to_owned() })
        .unwrap_or_default()
}

fn party(review: &ReviewRead, who: &CertificateId) -> Party {
    let known = review.person(who);
    Party {
        person: known.and_then(|one| one.name.clone()),
        organisation: known.map(|one| one.org.name.clone()).unwrap_or_default(),
    }
}

fn entry(reader: &Reader, review: &ReviewRead, may: &May) -> ReviewEntry {
    let submission = review.held.submission.body();
    // Of what is for members alone a guest learns no title.
    let title = review.title.as_ref();
    let title = title.filter(|_| reader.account.is_some() || !review.members_only);
    ReviewEntry {
        id: review.id.to_string(),
        practice: submission.practice.to_string(),
        title: title.map_or_else(Phrase::default, |(tag, text)| Phrase {
            text: text.clone(),
            lang: tag.as_str().to_owned(),
        }),
        edition: submission.edition.to_string(),
        number: review.number,
        organisation: review.org.name.clone(),
        state: review.case.state.code().to_owned(),
        round: review.case.round,
        holders: review.holders(),
        since: seconds(review.case.since),
        waits: may.waits(review.case.state),
    }
}

fn step(review: &ReviewRead, id: &RecordId) -> Option<ReviewStep> {
    let plain = |kind: &str, by: &CertificateId, note: &str, claimed| ReviewStep {
        kind: kind.to_owned(),
        actor: party(review, by),
        whom: None,
        detail: None,
        note: note.to_owned(),
        claimed: seconds(claimed),
        refused: review.case.refused.get(id).map(ToString::to_string),
    };
    if let Some(event) = review.held.event(id) {
        let body = event.body();
        let mut step = plain(body.deed.code(), &body.by, body.deed.note(), body.claimed_at);
        match &body.deed {
            Deed::Invite { reviewer, .. } => step.whom = Some(party(review, reviewer)),
            Deed::Decline { reason, .. } => step.detail = Some(reason.code().to_owned()),
            _ => {}
        }
        return Some(step);
    }
    let body = review.held.decision(id)?.body();
    let mut step = plain("decision", &body.by, &body.reasons, body.claimed_at);
    step.detail = Some(body.outcome.code().to_owned());
    Some(step)
}

fn assessed(review: &ReviewRead, id: &RecordId, lang: &str) -> Option<Assessed> {
    let Deed::Review { assessment, .. } = &review.held.event(id)?.body().deed else {
        return None;
    };
    let said = Assessment::from_tree(assessment);
    let criteria = review.case.parties.as_ref().map(|parties| parties.policy.criteria.as_slice());
    let question = |code: &str| {
        let found = criteria.unwrap_or_default().iter().find(|one| one.code == code);
        let asked = found.map(|one| phrase(&one.question, lang)).filter(|p| !p.text.is_empty());
        asked.unwrap_or_else(|| Phrase { text: code.to_owned(), lang: String::new() })
    };
    let counted = review.case.decision.and_then(|decision| review.held.decision(&decision));
    Some(Assessed {
        scores: said
            .scores
            .iter()
            .map(|score| Scored {
                question: question(&score.criterion),
                mark: score.mark.as_str().to_owned(),
                comment: score.comment.to_string(),
            })
            .collect(),
        comments: said
            .comments
            .iter()
            .map(|comment| (comment.field.clone(), comment.text.to_string()))
            .collect(),
        recommendation: said.recommendation.map(|word| word.as_str()).unwrap_or("").to_owned(),
        to_authors: said.to_authors.to_string(),
        lang: said.language.map(|tag| tag.as_str().to_owned()).unwrap_or_default(),
        counted: counted
            .filter(|decision| Some(decision.body().round) == round_of(review, id))
            .map(|decision| decision.body().counted.contains(id)),
    })
}

fn round_of(review: &ReviewRead, id: &RecordId) -> Option<u8> {
    review.case.reviewers.iter().find(|one| one.review == Some(*id)).map(|one| one.round)
}

fn line(review: &ReviewRead, one: &Reviewer, lang: &str) -> ReviewerLine {
    let reason = match (one.review, one.word) {
        (None, Word::Declined(_, reason)) => Some(reason.code().to_owned()),
        _ => None,
    };
    ReviewerLine {
        party: party(review, &one.who),
        side: one.side.code().to_owned(),
        round: one.round,
        said: said(one).to_owned(),
        reason,
        assessed: one.review.and_then(|id| assessed(review, &id, lang)),
    }
}

fn parts(may: &May) -> Vec<PartKind> {
    let all = PartKind::ALL.into_iter();
    all.filter(|kind| match kind {
        PartKind::Invite => may.invite,
        PartKind::Accept => may.answer,
        PartKind::Decline => may.answer || may.review,
        PartKind::Score => may.review,
        PartKind::Decide => may.give_back,
        PartKind::Reply => may.reply,
        PartKind::Appeal => may.appeal,
        PartKind::Withdraw => may.withdraw,
    })
    .collect()
}

/// As what the reader can act; a guest as nobody.
async fn standing(node: &Node, reader: &Reader) -> Result<(Standing, bool), OpError> {
    let nobody =
        Standing { org: node.identity().org, desk: false, publisher: false, reviewers: Vec::new() };
    let Ok(account) = acting(node, reader).await else { return Ok((nobody, false)) };
    Ok((node.review_standing(&account).await?, node.is_wrapped(account.sign).await?))
}

async fn whole(node: &Node, reader: &Reader, id: &str) -> Result<Review, OpError> {
    let review = node.find_review(id).await?;
    let (standing, passphrase) = standing(node, reader).await?;
    let may = review.may(&standing);
    let lang = reader.lang.as_str();
    let candidates = if may.invite { node.review_candidates(&review).await? } else { Vec::new() };
    let case = &review.case;
    let submission = review.held.submission.body();
    let mut steps = vec![ReviewStep {
        kind: "submit".to_owned(),
        actor: party(&review, &submission.by),
        whom: None,
        detail: None,
        note: submission.note.clone(),
        claimed: seconds(submission.claimed_at),
        refused: None,
    }];
    steps.extend(case.line.iter().filter_map(|id| step(&review, id)));
    let policy = case.parties.as_ref().map(|parties| &parties.policy);
    Ok(Review {
        entry: entry(reader, &review, &may),
        flaw: case.flaw.as_ref().map(|flaw| super::sentence(&flaw.to_string())),
        policy: policy.map(|policy| phrase(&policy.name, lang)).unwrap_or_default(),
        criteria: policy
            .into_iter()
            .flat_map(|policy| &policy.criteria)
            .map(|one| Criterion {
                code: one.code.clone(),
                question: phrase(&one.question, lang),
                required: one.required,
            })
            .collect(),
        internal: (case.tally.internal, case.tally.internal_least),
        external: (case.tally.external, case.tally.external_least),
        reviewers: case.reviewers.iter().map(|one| line(&review, one, lang)).collect(),
        steps,
        refused: case.refused.keys().filter_map(|id| step(&review, id)).collect(),
        parts: parts(&may),
        ready: may.decide,
        candidates: candidates
            .into_iter()
            .map(|one| {
                let party = Party { person: one.name, organisation: one.org.name };
                (one.certificate.to_string(), party)
            })
            .collect(),
        sealed: case.seal().is_some(),
        passphrase,
    })
}

fn act(part: &Part) -> Result<Act, OpError> {
    Ok(match part {
        Part::Invite(who) => Act::Invite(who.clone()),
        Part::Accept(interests) => Act::Accept { interests: interests.clone() },
        Part::Decline(code, note) => {
            let reason = NoReview::from_code(code).ok_or_else(|| {
                OpError::new(ErrorCode::Invalid, "choose a reason").in_field("reason")
            })?;
            Act::Decline { reason, note: note.clone() }
        }
        Part::Score(form) => Act::Review(Value::clone(form)),
        Part::Decide(word, reasons) => {
            Act::Decide { outcome: outcome(word)?, reasons: reasons.clone() }
        }
        Part::Reply(text) => Act::Reply(text.clone()),
        Part::Appeal(reasons) => Act::Appeal(reasons.clone()),
        Part::Withdraw(note) => Act::Withdraw(note.clone()),
    })
}

impl Reviewing for Site {
    fn reviews<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReviewEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let (standing, _) = standing(node, reader).await?;
            let reviews = node.reviews().await?;
            let entries =
                reviews.iter().map(|review| entry(reader, review, &review.may(&standing)));
            let mut entries: Vec<ReviewEntry> = entries.collect();
            // What waits for the reader is not cut off.
            entries.sort_by_key(|entry| !entry.waits);
            entries.truncate(LIST_ITEMS_MAX);
            Ok(entries)
        })
    }

    fn review<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Review> {
        Box::pin(async move { whole(self.open()?, reader, id).await.map_err(refusal) })
    }

    fn policies<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReviewPolicy>> {
        Box::pin(async move {
            let policies = self.open()?.review_policies().await?;
            let usable = policies.into_iter().filter(|one| one.flaw.is_none() && !one.replaced);
            let told = usable.map(|one| {
                let reviewers = one.policy.reviewers();
                ReviewPolicy {
                    id: one.id.to_string(),
                    name: phrase(&one.policy.name, &reader.lang),
                    board: one.board.into_iter().map(|org| org.name).collect(),
                    reviewers: (reviewers.internal, reviewers.external),
                }
            });
            Ok(told.take(LIST_ITEMS_MAX).collect())
        })
    }

    fn submit<'a>(
        &'a self,
        reader: &'a Reader,
        practice: &'a str,
        submit: &'a Submit,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let what = Submitting {
                practice: practice.to_owned(),
                policy: Some(submit.policy.clone()),
                note: submit.note.clone(),
                ..Submitting::default()
            };
            let passphrase = typed(submit.passphrase.as_deref())?;
            let id = node.submit_edition(&account, what, passphrase).await?;
            Ok(id.to_string())
        })
    }

    fn take_part<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        part: &'a Part,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(passphrase)?;
            let act = act(part)?;
            node.act_in_review(&account, id, act, passphrase).await?;
            Ok(())
        })
    }

    fn seals<'a>(&'a self, practice: &'a str, edition: &'a str) -> Answer<'a, Vec<Seal>> {
        Box::pin(async move {
            let node = self.open()?;
            let (Ok(practice), Ok(edition)) = (practice.parse(), edition.parse::<EditionId>())
            else {
                return Ok(Vec::new());
            };
            let seals = node.seals(practice, edition).await?;
            let told = seals.into_iter().map(|seal| Seal {
                id: seal.id.to_string(),
                submission: seal.submission.to_string(),
                edition: seal.edition.to_string(),
                policy: seal.policy,
                organisation: seal.org.name,
                reviews: seal.counted as u64,
                dissent: seal.dissent as u64,
                claimed: seconds(seal.claimed),
            });
            Ok(told.collect())
        })
    }
}
