//! What is said about a request beside who has it: questions and replies, word of
//! progress, whom somebody names, what is missing of an answer, how far the asker
//! looked, and what became of it after it was closed.
//!
//! Nothing of this gives a request to anybody or takes it away. What is about
//! something that does not count does not count either.

use std::collections::{BTreeMap, BTreeSet};

use super::{Deed, Event, EventRefused, Fold, Step};
use crate::identity::{CertificateId, OrgId, RecordId};

/// What was said beside who has a request. Each list is in the order of what
/// follows what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Talk {
    /// What experts asked back.
    pub questions: Vec<Question>,
    /// How far it is, as the expert who was chosen says.
    pub progress: Vec<RecordId>,
    /// Who was named by those who know of it.
    pub referrals: Vec<Referral>,
    /// What is missing of the answer that is shown: of several the last.
    pub disputed: Option<RecordId>,
    /// The end that stands: of several that with the smallest id.
    pub closed: Option<RecordId>,
    /// What became of it afterwards: of several the last.
    pub followed_up: Option<RecordId>,
    /// How far the asker looked.
    pub step: Step,
    /// Organisations whose desks read it because they may know somebody.
    pub desks: BTreeSet<OrgId>,
    /// The needs that were put on the board for it.
    pub needs: BTreeSet<RecordId>,
}

impl Talk {
    /// What somebody asked back, and nobody answered yet.
    pub fn open_questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| question.replies.is_empty())
    }
}

/// What an expert asked back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The question.
    pub id: RecordId,
    /// Who asked.
    pub by: CertificateId,
    /// What the asker said to it, each after those it follows.
    pub replies: Vec<RecordId>,
}

/// An expert whom somebody named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Referral {
    /// The event.
    pub id: RecordId,
    /// Who named them.
    pub by: CertificateId,
    /// Whom.
    pub to: CertificateId,
}

impl<'a> Fold<'a> {
    /// The events that count, each after those it follows, then by their ids.
    fn in_order(&self) -> Vec<(RecordId, &'a Event)> {
        let mut all: Vec<_> =
            self.standing.iter().map(|(id, event)| (self.past(event).len(), *id, *event)).collect();
        all.sort_unstable_by_key(|(past, id, _)| (*past, *id));
        all.into_iter().map(|(_, id, event)| (id, event)).collect()
    }

    /// Whether an event is held, may be said, and is of a kind.
    fn is(
        &self,
        id: &RecordId,
        what: &'static str,
        kind: fn(&Deed) -> bool,
    ) -> Result<(), EventRefused> {
        match self.standing.get(id) {
            Some(event) if kind(&event.body().deed) => Ok(()),
            Some(_) => Err(EventRefused::OtherMatter),
            None if self.refused.contains_key(id) => Err(EventRefused::OtherMatter),
            None => Err(EventRefused::NotYet(what)),
        }
    }

    pub(super) fn talk(
        &mut self,
        award: Option<(RecordId, CertificateId)>,
        answers: &[RecordId],
    ) -> Talk {
        let mut talk = Talk {
            questions: Vec::new(),
            progress: Vec::new(),
            referrals: Vec::new(),
            disputed: None,
            closed: None,
            followed_up: None,
            step: Step::Next,
            desks: self.desks.clone(),
            needs: BTreeSet::new(),
        };
        let mut replies: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        let mut refused = Vec::new();
        for (id, event) in self.in_order() {
            let by = event.body().by;
            let counts = match &event.body().deed {
                Deed::Ask { .. } => {
                    talk.questions.push(Question { id, by, replies: Vec::new() });
                    Ok(())
                }
                Deed::Reply { ask, .. } => {
                    let is = self.is(ask, "the question that it answers", |deed| {
                        matches!(deed, Deed::Ask { .. })
                    });
                    is.map(|()| replies.entry(*ask).or_default().push(id))
                }
                Deed::Progress { award: under, .. } => {
                    self.under(award, event, under).map(|()| talk.progress.push(id))
                }
                Deed::Refer { to, .. } => {
                    talk.referrals.push(Referral { id, by, to: *to });
                    Ok(())
                }
                Deed::Dispute { answer, .. } if answers.contains(answer) => {
                    if answers.last() == Some(answer) {
                        talk.disputed = Some(id);
                    }
                    Ok(())
                }
                Deed::Dispute { answer, .. } if self.refused.contains_key(answer) => {
                    Err(EventRefused::Late)
                }
                Deed::Dispute { .. } => {
                    Err(EventRefused::NotYet("the answer of which it says what is missing"))
                }
                Deed::Close { .. } => {
                    talk.closed = Some(talk.closed.map_or(id, |other| other.min(id)));
                    Ok(())
                }
                Deed::FollowUp { close, .. } => {
                    let is = self.is(close, "the end after which it was said", |deed| {
                        matches!(deed, Deed::Close { .. })
                    });
                    is.map(|()| talk.followed_up = Some(id))
                }
                Deed::Escalate { step, need, .. } => {
                    talk.step = talk.step.max(*step);
                    talk.needs.extend(need);
                    Ok(())
                }
                _ => Ok(()),
            };
            if let Err(reason) = counts {
                refused.push((id, reason));
            }
        }
        self.refused.extend(refused);
        for question in &mut talk.questions {
            question.replies = replies.remove(&question.id).unwrap_or_default();
        }
        talk
    }
}
