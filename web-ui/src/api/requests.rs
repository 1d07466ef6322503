//! Requests that the signed-in person can open, in the shape of
//! `tern request show`. Writing goes through the operations of the node.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::experts::moment;
use super::{List, Nothing, bounded};
use crate::failure::Failure;
use crate::page::Member;
use crate::service::{
    Invited, Party, Refusal, Remark, Request, RequestEntry, RequestEvent, RequestQuery, ScorePart,
    Side, Talk,
};
use crate::site::Shared;

/// Which requests a program wants.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// `asked` (ours) or `inbox` (asked of us); `asked` by itself.
    side: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

fn entry(entry: RequestEntry) -> Value {
    json!({
        "id": entry.id,
        "state": entry.state.code(),
        "title": entry.title,
        "org": entry.organisation,
        "country": entry.country.map(|country| country.code),
        "holder": entry.holder.map(party),
        "needed_by": entry.needed_by,
        "changed": moment(entry.changed),
        "waits": entry.waits,
        "superseded": entry.superseded,
    })
}

fn party(party: Party) -> Value {
    json!({ "person": party.person, "org": party.organisation })
}

/// `GET /api/v1/requests`
pub async fn list(
    State(site): Shared,
    member: Member,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let limit = bounded(asked.limit)?;
    let side = match asked.side.as_deref() {
        None | Some("asked") => Side::Asker,
        Some("inbox") => Side::Expert,
        Some(_) => {
            return Err(Refusal::Invalid(vec![crate::service::FieldError {
                field: "side".to_owned(),
                code: "unknown".to_owned(),
                message: "is either asked or inbox".to_owned(),
                limit: None,
            }])
            .into());
        }
    };
    let query = RequestQuery { side, after: asked.after.clone(), limit };
    let found = site.service.requests(&member.chrome.reader(), &query).await?;
    let items = found.items.into_iter().map(entry).collect();
    let list = List { total: found.total, items, next: found.next, more: Nothing {} };
    let asked = [("side", asked.side.as_deref())];
    Ok(list.answer("/api/v1/requests", &asked, limit))
}

fn event(event: RequestEvent) -> Value {
    json!({
        "type": event.kind.code(),
        "actor": event.actor.person,
        "org": event.actor.organisation,
        "claimed_at": moment(event.claimed),
        "received_at": moment(event.received),
        "note": event.note,
        "reason": event.reason.map(|reason| reason.code),
        "about": event.about.map(party),
    })
}

fn part((name, part): (String, &ScorePart)) -> (String, Value) {
    let codes: Vec<_> = part.data.iter().map(|choice| &choice.code).collect();
    let value = json!({ "points": part.points, "of": part.of, "detail": part.detail,
        "data": codes });
    (name, value)
}

fn candidate(invited: Invited) -> Value {
    let parts: serde_json::Map<_, _> =
        invited.parts.iter().map(|one| part((one.part.clone(), one))).collect();
    json!({
        "expert": invited.expert,
        "name": invited.party.person,
        "org": invited.party.organisation,
        "score": invited.score,
        "parts": parts,
        "said": invited.said.code(),
        "reason": invited.reason.map(|reason| reason.code),
        "note": invited.note,
    })
}

/// `GET /api/v1/requests/{id}`
pub async fn one(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let request = site.service.request(&member.chrome.reader(), &id).await?;
    Ok(Json(whole(request)).into_response())
}

fn whole(request: Request) -> Value {
    let receipts: Vec<_> = request
        .trails
        .iter()
        .flat_map(|trail| &trail.steps)
        .map(|step| {
            json!({ "stage": step.stage.code(), "node": step.node, "org": step.organisation,
                "at": moment(step.at) })
        })
        .collect();
    let refused: Vec<_> = request
        .refused
        .into_iter()
        .map(|one| {
            json!({ "type": one.kind, "actor": one.actor.person, "org": one.actor.organisation,
                "received_at": moment(one.received), "reason": one.reason })
        })
        .collect();
    let answer = request.answer.map(|answer| {
        let practices: Vec<_> = answer.practices.into_iter().map(|cited| cited.id).collect();
        json!({ "text": answer.text, "practices": practices, "files": [],
            "by": party(answer.by), "claimed_at": moment(answer.claimed),
            "received_at": moment(answer.received) })
    });
    let closure = request.closure.map(|closure| {
        json!({ "outcome": closure.outcome.code(), "rating": closure.rating,
            "comment": closure.comment, "at": moment(closure.at) })
    });
    let unreachable: Vec<_> = request
        .unreachable
        .into_iter()
        .map(|away| json!({ "org": away.organisation, "since": moment(away.since) }))
        .collect();
    let translate = request.translate.map(|wanted| {
        let came = wanted.came.map(|(by, number, at)| {
            json!({ "org": by.organisation, "person": by.person, "number": number,
                "at": moment(at) })
        });
        json!({ "practice": wanted.practice.id, "edition": wanted.edition,
            "number": wanted.number, "title": wanted.practice.title.map(|title| title.text),
            "language": wanted.language.code, "translated": came })
    });
    let talk = beside(request.talk);
    let mut shown = json!({
        "id": request.id,
        "state": request.state.code(),
        "title": request.ask.title,
        "org": request.asker.organisation,
        "holder": request.holder.map(party),
        "since": request.since.map(moment),
        "due": request.due.map(moment),
        "request": request.ask,
        "translate": translate,
        "events": request.events.into_iter().map(event).collect::<Vec<_>>(),
        "refused": refused,
        "candidates": request.candidates.into_iter().map(candidate).collect::<Vec<_>>(),
        "receipts": receipts,
        "answer": answer,
        "closure": closure,
        "unreachable": unreachable,
        "superseded_by": request.superseded_by.map(party),
        "acts": request.acts.iter().map(|act| act.code()).collect::<Vec<_>>(),
    });
    if let (Some(members), Value::Object(talk)) = (shown.as_object_mut(), talk) {
        members.extend(talk);
    }
    shown
}

fn remark(remark: Remark) -> Value {
    json!({ "by": party(remark.by), "text": remark.text, "at": moment(remark.at) })
}

/// What was said beside who has it.
fn beside(talk: Talk) -> Value {
    let questions = talk.questions.into_iter().map(|question| {
        let replies: Vec<Value> = question.replies.into_iter().map(remark).collect();
        let mut shown = remark(question.asked);
        shown["id"] = json!(question.id);
        shown["replies"] = json!(replies);
        shown
    });
    let named = talk.named.into_iter().map(|one| {
        json!({ "expert": one.expert, "who": party(one.party), "by": party(one.by),
            "note": one.note, "asked": one.asked })
    });
    let helps = talk.helps.into_iter().map(|one| {
        let mut shown = remark(one.said);
        shown["expert"] = json!(one.expert);
        shown["asked"] = json!(one.asked);
        shown
    });
    let became = talk.became.map(|became| {
        let mut shown = remark(became.said);
        shown["outcome"] = json!(became.used.code());
        shown
    });
    json!({
        "questions": questions.collect::<Vec<_>>(),
        "named": named.collect::<Vec<_>>(),
        "disputed": talk.disputed.map(remark),
        "step": talk.reach.code(),
        "desks": talk.desks,
        "needs": talk.needs,
        "helps": helps.collect::<Vec<_>>(),
        "follow_up": talk.follow_up.map(moment),
        "became": became,
    })
}
