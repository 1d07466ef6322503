//! What is said about a request beside who has it, as the pages show it.

use tern_crdt::identity::RecordId;
use tern_crdt::request::{Deed, Step, Use};
use tern_web_ui::service::{Act, Became, Help, Named, Question, Reach, Remark, Talk, Used};

use super::requests::party;
use super::seconds;
use crate::requests::{Act as NodeAct, Seen};

const fn reach(step: Step) -> Reach {
    match step {
        Step::Next => Reach::Next,
        Step::Wider => Reach::Wider,
        Step::Desks => Reach::Desks,
        Step::Board => Reach::Board,
    }
}

fn remark(seen: &Seen, id: &RecordId) -> Option<Remark> {
    let event = seen.said(id)?;
    let text = event.deed.note().to_owned();
    Some(Remark { by: party(&event.actor), text, at: seconds(event.claimed) })
}

pub(super) fn talk(seen: &Seen) -> Talk {
    let said = &seen.case.talk;
    let questions = said.questions.iter().filter_map(|question| {
        Some(Question {
            id: question.id.to_string(),
            asked: remark(seen, &question.id)?,
            replies: question.replies.iter().filter_map(|id| remark(seen, id)).collect(),
        })
    });
    let named = seen.named.iter().map(|one| Named {
        expert: one.expert.certificate.to_string(),
        party: party(&one.expert),
        by: party(&one.by),
        note: Some(one.note.clone()).filter(|note| !note.is_empty()),
        asked: one.asked,
    });
    let became = said.followed_up.as_ref().and_then(|id| {
        let Deed::FollowUp { outcome, .. } = &seen.said(id)?.deed else { return None };
        let used = match outcome {
            Use::Used => Used::Used,
            Use::Partly => Used::Partly,
            Use::Not => Used::Not,
        };
        Some(Became { used, said: remark(seen, id)? })
    });
    Talk {
        questions: questions.collect(),
        named: named.collect(),
        disputed: said.disputed.as_ref().and_then(|id| remark(seen, id)),
        reach: reach(said.step),
        desks: seen.desks.iter().map(|desk| desk.name.clone()).collect(),
        needs: said.needs.iter().map(ToString::to_string).collect(),
        helps: seen
            .helps
            .iter()
            .map(|help| Help {
                expert: help.expert.certificate.to_string(),
                said: Remark {
                    by: party(&help.expert),
                    text: help.text.clone(),
                    at: seconds(help.claimed),
                },
                asked: help.asked,
            })
            .collect(),
        follow_up: seen.follow_up().map(seconds),
        became,
    }
}

/// What somebody says beside, as the node does it; `None` where it is another act.
pub(super) fn act(act: &Act) -> Option<NodeAct> {
    let words = |note: &Option<String>| note.clone().unwrap_or_default();
    Some(match act {
        Act::Question { text } => NodeAct::Question(text.clone()),
        Act::Reply { question, text } => {
            NodeAct::Reply { question: Some(question.clone()), text: text.clone() }
        }
        Act::Progress { text } => NodeAct::Progress(text.clone()),
        Act::Refer { expert, note } => NodeAct::Refer { expert: expert.clone(), note: words(note) },
        Act::Dispute { text } => NodeAct::Dispute(text.clone()),
        Act::FollowUp { used, note } => NodeAct::FollowUp {
            outcome: match used {
                Used::Used => Use::Used,
                Used::Partly => Use::Partly,
                Used::Not => Use::Not,
            },
            note: words(note),
        },
        Act::Escalate { reach, desks } => NodeAct::Escalate {
            step: Some(match reach {
                Reach::Next => Step::Next,
                Reach::Wider => Step::Wider,
                Reach::Desks => Step::Desks,
                Reach::Board => Step::Board,
            }),
            desks: desks.clone(),
        },
        Act::Accept { .. }
        | Act::Decline { .. }
        | Act::Offer { .. }
        | Act::Award { .. }
        | Act::Answer(_)
        | Act::Confirm
        | Act::Close { .. }
        | Act::Withdraw { .. } => return None,
    })
}
