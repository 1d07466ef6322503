//! Requests: asking, following, acting on them.

use serde_json::{Map, Value, json};
use tern_crdt::ask::Reply;
use tern_crdt::request::fold::{State, Word};
use tern_crdt::request::{DeclineReason, Deed};

use super::experts::parts_json;
use super::talk::{beside, follow_up};
use super::{Acting, moment};
use crate::ops::{Fields, OpError};
use crate::requests::{Act, Asking, EventView, Person, Receipt, Seen, TranslateRead};

impl Acting<'_> {
    pub(super) async fn request_ask(
        self,
        ask: Fields,
        once: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let ask = self.node.read_ask_file(&account, ask).await?;
        let comparable = self.comparable(&ask).await?;
        let asking = Asking { ask, chosen: Vec::new(), once };
        let id = self.node.ask(&account, asking, self.caller.passphrase.clone()).await?;
        let seen = self.node.see(&account, id).await?;
        let to: Vec<Value> = seen
            .asked
            .iter()
            .map(|person| json!({ "expert": person.certificate.to_string(), "name": person.name, "org": person.org.name }))
            .collect();
        Ok(json!({
            "id": id.to_string(), "state": seen.case.state.code(), "to": to,
            "comparable": comparable,
        }))
    }

    pub(super) async fn requests(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let seen = self.node.seen_by(&account).await?;
        let items: Vec<Value> = seen
            .iter()
            .map(|seen| {
                json!({
                    "id": seen.id().to_string(), "state": seen.case.state.code(),
                    "title": seen.ask.title, "org": seen.asker.org.name,
                    "side": if seen.asks { "asker" } else { "asked" },
                    "due": seen.ask.needed_by.map(|day| day.to_string()),
                    "waits": seen.waits(), "follow_up": follow_up(seen),
                })
            })
            .collect();
        let locked = self.node.reading_is_locked().await?;
        Ok(json!({ "total": items.len(), "items": items, "locked": locked }))
    }

    pub(super) async fn request_show(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let seen = self.node.find_request(&account, &id).await?;
        let scores = if seen.asks {
            let matched = self.node.matching(seen.ask.clone(), None).await?;
            matched.found.into_iter().map(|(found, _)| (found.certificate, found)).collect()
        } else {
            std::collections::BTreeMap::new()
        };
        let candidates: Vec<Value> = seen
            .case
            .asked
            .iter()
            .zip(&seen.asked)
            .map(|(asked, person)| {
                let score = scores.get(&asked.expert);
                json!({
                    "expert": asked.expert.to_string(), "name": person.name,
                    "org": person.org.name, "said": said(asked.word, seen.case.holder == Some(asked.expert)),
                    "score": score.map(|score| score.total),
                    "parts": score.map(parts_json),
                })
            })
            .collect();
        let holder = seen.case.holder.and_then(|holder| {
            let at = seen.case.asked.iter().position(|asked| asked.expert == holder)?;
            let person = &seen.asked[at];
            Some(format!("{}, {}", named(person), person.org.name))
        });
        let receipts = seen.ways.first().map(|way| way.steps.iter().map(receipt_json).collect());
        let receipts: Vec<Value> = receipts.unwrap_or_default();
        let ways: Vec<Value> = seen
            .ways
            .iter()
            .map(|way| {
                let steps: Vec<Value> = way.steps.iter().map(receipt_json).collect();
                json!({ "event": way.event.map(|id| id.to_string()), "receipts": steps })
            })
            .collect();
        let answer = seen.case.answers.last().and_then(|id| answer_json(&seen, id));
        let refused: Vec<Value> = seen
            .refused
            .iter()
            .map(|refused| {
                json!({
                    "type": refused.kind, "actor": refused.actor.as_ref().map(named),
                    "org": refused.actor.as_ref().map(|actor| actor.org.name.clone()),
                    "received_at": moment(refused.received), "reason": refused.reason,
                })
            })
            .collect();
        let mut events = vec![json!({
            "type": "submit", "actor": named(&seen.asker), "org": seen.asker.org.name,
            "claimed_at": moment(seen.dossier.request.body().claimed_at),
            "received_at": moment(seen.dossier.received), "note": "",
        })];
        events.extend(seen.events.iter().map(event_json));
        let outcome = match seen.case.state {
            State::Closed(outcome) => Some(outcome.code()),
            _ => None,
        };
        let translate = self.node.to_translate(&seen.ask).await?;
        let mut shown = json!({
            "id": seen.id().to_string(), "state": seen.case.state.code(), "holder": holder,
            "translate": translate.as_ref().map(translate_json),
            "due": seen.ask.needed_by.map(|day| day.to_string()), "title": seen.ask.title,
            "asker": named(&seen.asker), "org": seen.asker.org.name,
            "request": seen.ask.to_json(), "events": events, "candidates": candidates,
            "receipts": receipts, "ways": ways, "answer": answer, "refused": refused,
            "outcome": outcome, "superseded": seen.is_superseded(),
            "may": seen.doings().map(|doing| doing.code()).collect::<Vec<_>>(),
        });
        if let Some(members) = shown.as_object_mut() {
            members.extend(beside(&seen));
        }
        Ok(shown)
    }

    pub(super) async fn request_act(self, id: String, act: Act) -> Result<Value, OpError> {
        let account = self.account().await?;
        let id = self.node.act(&account, &id, act, self.caller.passphrase.clone()).await?;
        let seen = self.node.see(&account, id).await?;
        Ok(json!({ "id": id.to_string(), "state": seen.case.state.code() }))
    }

    pub(super) async fn request_answer(self, id: String, answer: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let reply = Reply::from_json(&Value::Object(answer), &account.lang)?;
        self.request_act(id, Act::Answer(reply)).await
    }

    pub(super) async fn request_decline(
        self,
        id: String,
        reason: String,
        note: Option<String>,
    ) -> Result<Value, OpError> {
        // A reason in words is legal on the command line.
        let (reason, words) = match DeclineReason::from_code(&reason) {
            Some(reason) => (reason, String::new()),
            None => (DeclineReason::Other, reason),
        };
        let note = note.unwrap_or(words);
        self.request_act(id, Act::Decline { reason, note }).await
    }
}

pub(super) fn named(person: &Person) -> String {
    person.name.clone().unwrap_or_else(|| format!("a person of {}", person.org.name))
}

/// What is to be translated, and what came of it.
fn translate_json(told: &TranslateRead) -> Value {
    json!({
        "practice": told.practice.to_string(), "edition": told.edition.to_string(),
        "number": told.number, "title": told.title.as_ref().map(|(_, text)| text),
        "language": told.language.as_str(),
        "translated": told.came.as_ref().map(|came| json!({
            "org": came.by.org.name, "person": came.by.name, "number": came.number,
            "at": moment(came.claimed),
        })),
    })
}

fn said(word: Word, holds: bool) -> &'static str {
    match word {
        _ if holds => "awarded",
        Word::None => "nothing",
        Word::Received => "received",
        Word::Accepted(_) => "accepted",
        Word::Declined(_) => "declined",
    }
}

fn receipt_json(receipt: &Receipt) -> Value {
    json!({
        "stage": receipt.stage.code(), "node": receipt.node.map(|node| node.to_string()),
        "org": receipt.org.name, "at": moment(receipt.at),
    })
}

fn event_json(event: &EventView) -> Value {
    let mut json = json!({
        "id": event.id.to_string(), "type": event.deed.code(), "actor": named(&event.actor),
        "org": event.actor.org.name, "claimed_at": moment(event.claimed),
        "received_at": moment(event.received), "note": event.deed.note(),
    });
    let more: Map<String, Value> = match &event.deed {
        Deed::Decline { reason, .. } => {
            [("reason".to_owned(), json!(reason.code()))].into_iter().collect()
        }
        Deed::Award { round, expert, .. } => {
            [("round".to_owned(), json!(round)), ("expert".to_owned(), json!(expert.to_string()))]
                .into_iter()
                .collect()
        }
        Deed::Close { outcome, rating, .. } => {
            [("outcome".to_owned(), json!(outcome.code())), ("rating".to_owned(), json!(rating))]
                .into_iter()
                .collect()
        }
        Deed::FollowUp { outcome, .. } => {
            [("outcome".to_owned(), json!(outcome.code()))].into_iter().collect()
        }
        Deed::Refer { to, .. } => {
            [("expert".to_owned(), json!(to.to_string()))].into_iter().collect()
        }
        Deed::Escalate { step, .. } => {
            [("step".to_owned(), json!(step.code()))].into_iter().collect()
        }
        _ => Map::new(),
    };
    if let Some(members) = json.as_object_mut() {
        members.extend(more);
    }
    json
}

fn answer_json(seen: &Seen, id: &tern_crdt::identity::RecordId) -> Option<Value> {
    let event = seen.events.iter().find(|event| event.id == *id)?;
    let Deed::Answer { reply, .. } = &event.deed else { return None };
    let mut answer = Reply::from_tree(reply).to_json();
    answer["by"] = json!(named(&event.actor));
    answer["org"] = json!(event.actor.org.name);
    answer["at"] = json!(moment(event.claimed));
    Some(answer)
}
