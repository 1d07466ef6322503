//! Requests: what is said beside who has it.

use serde_json::{Map, Value, json};
use tern_crdt::identity::RecordId;
use tern_crdt::request::{Outcome, Step, Use};
use tern_crdt::schema::Date;

use super::requests::named;
use super::{Acting, invalid, moment};
use crate::ops::OpError;
use crate::requests::{Act, Later, Seen};

/// How a request ends, as it was typed.
pub(super) struct Closing {
    pub outcome: Option<String>,
    pub rating: Option<u8>,
    pub note: Option<String>,
    pub follow_up: Option<String>,
}

fn unknown(field: &str, code: &str, codes: &[&str]) -> OpError {
    let what = format!("`{code}` is none of those that there are: {}", codes.join(", "));
    invalid(field, what)
}

impl Acting<'_> {
    pub(super) async fn request_close(self, id: String, how: Closing) -> Result<Value, OpError> {
        let outcome = match how.outcome {
            None => Outcome::Met,
            Some(code) => Outcome::from_code(&code).ok_or_else(|| {
                let codes: Vec<&str> = Outcome::ALL.iter().map(|one| one.code()).collect();
                unknown("outcome", &code, &codes)
            })?,
        };
        let note = how.note.unwrap_or_default();
        let follow_up = Later::read(how.follow_up.as_deref())?;
        self.request_act(id, Act::Close { outcome, rating: how.rating, note, follow_up }).await
    }

    pub(super) async fn request_follow_up(
        self,
        id: String,
        outcome: String,
        note: Option<String>,
    ) -> Result<Value, OpError> {
        let outcome = Use::from_code(&outcome).ok_or_else(|| {
            let codes: Vec<&str> = Use::ALL.iter().map(|one| one.code()).collect();
            unknown("outcome", &outcome, &codes)
        })?;
        let note = note.unwrap_or_default();
        self.request_act(id, Act::FollowUp { outcome, note }).await
    }

    pub(super) async fn request_escalate(
        self,
        id: String,
        step: Option<String>,
        desks: Vec<String>,
    ) -> Result<Value, OpError> {
        let step = match step {
            None => None,
            Some(code) => Some(
                Step::from_code(&code)
                    .ok_or_else(|| unknown("step", &code, &["wider", "desks"]))?,
            ),
        };
        self.request_act(id, Act::Escalate { step, desks }).await
    }
}

/// The day on which those who asked say what became of it, if they have not.
pub(super) fn follow_up(seen: &Seen) -> Option<String> {
    seen.follow_up().map(|day| Date::of(day).to_string())
}

/// What was said beside, as members of what `request show` answers.
pub(super) fn beside(seen: &Seen) -> Map<String, Value> {
    let talk = &seen.case.talk;
    let said = |id: &RecordId| {
        let event = seen.said(id)?;
        Some(json!({
            "id": id.to_string(), "by": named(&event.actor), "org": event.actor.org.name,
            "text": event.deed.note(), "at": moment(event.claimed),
        }))
    };
    let all = |ids: &[RecordId]| ids.iter().filter_map(said).collect::<Vec<Value>>();
    let questions = talk.questions.iter().filter_map(|question| {
        let mut shown = said(&question.id)?;
        shown["replies"] = json!(all(&question.replies));
        Some(shown)
    });
    let referred = seen.named.iter().map(|one| {
        json!({
            "expert": one.expert.certificate.to_string(), "name": named(&one.expert),
            "org": one.expert.org.name, "by": named(&one.by), "by_org": one.by.org.name,
            "note": one.note, "asked": one.asked,
        })
    });
    let became = talk.followed_up.as_ref().and_then(said).map(|mut became| {
        let event = talk.followed_up.as_ref().and_then(|id| seen.said(id));
        if let Some(tern_crdt::request::Deed::FollowUp { outcome, .. }) =
            event.map(|event| &event.deed)
        {
            became["outcome"] = json!(outcome.code());
        }
        became
    });
    let helps = seen.helps.iter().map(|help| {
        json!({
            "expert": help.expert.certificate.to_string(), "name": named(&help.expert),
            "org": help.expert.org.name, "text": help.text, "at": moment(help.claimed),
            "asked": help.asked,
        })
    });
    let needs: Vec<String> = talk.needs.iter().map(ToString::to_string).collect();
    let desks: Vec<&str> = seen.desks.iter().map(|org| org.name.as_str()).collect();
    let members = [
        ("questions", json!(questions.collect::<Vec<_>>())),
        ("progress", json!(all(&talk.progress))),
        ("named", json!(referred.collect::<Vec<_>>())),
        ("disputed", json!(talk.disputed.as_ref().and_then(said))),
        ("step", json!(talk.step.code())),
        ("desks", json!(desks)),
        ("follow_up", json!(follow_up(seen))),
        ("needs", json!(needs)),
        ("helps", json!(helps.collect::<Vec<_>>())),
        ("became", json!(became)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
