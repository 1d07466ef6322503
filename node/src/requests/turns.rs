//! Whose turn it is: what each side can do to a request now, and for whom it waits.

use tern_crdt::identity::CertificateId;
use tern_crdt::request::Step;
use tern_crdt::request::fold::{Case, State, Word};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::routing::next::ASKED_MAX;

use super::viewing::Seen;
use crate::driver::now;
use crate::ops::{ErrorCode, OpError};

/// What can be done to a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Doing {
    /// Take it.
    Accept,
    /// Not take it.
    Decline,
    /// Ask more experts.
    Offer,
    /// Choose who answers.
    Award,
    /// Answer.
    Answer,
    /// Take the answer as one.
    Confirm,
    /// End it.
    Close,
    /// Take it back.
    Withdraw,
    /// Ask back.
    Question,
    /// Reply to what an expert asked back.
    Reply,
    /// Say how far it is.
    Progress,
    /// Name somebody who could help.
    Refer,
    /// Say what is missing of an answer.
    Dispute,
    /// Say what became of it after the end.
    FollowUp,
    /// Look further for somebody.
    Escalate,
}

impl Doing {
    /// Its word on the command line and in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Offer => "offer",
            Self::Award => "award",
            Self::Answer => "answer",
            Self::Confirm => "confirm",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
            Self::Question => "question",
            Self::Reply => "reply",
            Self::Progress => "progress",
            Self::Refer => "refer",
            Self::Dispute => "dispute",
            Self::FollowUp => "follow-up",
            Self::Escalate => "escalate",
        }
    }

    /// Whether it is for those who are asked to do.
    const fn is_of_experts(self) -> bool {
        matches!(
            self,
            Self::Accept
                | Self::Decline
                | Self::Answer
                | Self::Question
                | Self::Progress
                | Self::Refer
        )
    }
}

/// As whom an account meets a request: the certificate for each.
pub(super) struct Turns {
    /// On the asker's side.
    pub decider: Option<CertificateId>,
    /// As one of those who are asked.
    pub expert: Option<CertificateId>,
    /// At a desk before which it was brought.
    pub desk: Option<CertificateId>,
}

/// Whether nobody has it, and nobody answered.
fn is_open(case: &Case) -> bool {
    case.holder.is_none() && case.answers.is_empty()
}

impl Turns {
    /// What can be done now, what furthers the request first.
    pub(super) fn may(&self, case: &Case) -> Vec<(Doing, CertificateId)> {
        let mut may: Vec<(Doing, CertificateId)> = Vec::new();
        if case.state.is_over() {
            let closed = case.talk.closed.is_some() && case.talk.followed_up.is_none();
            may.extend(self.decider.filter(|_| closed).map(|own| (Doing::FollowUp, own)));
            return may;
        }
        if let Some(expert) = self.expert {
            may.extend(expert_may(case, &expert).into_iter().map(|doing| (doing, expert)));
        } else if let Some(desk) = self.desk.filter(|_| is_open(case)) {
            may.push((Doing::Refer, desk));
        }
        if let Some(decider) = self.decider {
            may.extend(decider_may(case).into_iter().map(|doing| (doing, decider)));
        }
        may
    }
}

fn expert_may(case: &Case, expert: &CertificateId) -> Vec<Doing> {
    let Some(asked) = case.asked(expert) else { return Vec::new() };
    let chosen = case.holder == Some(*expert);
    let open = case.holder.is_none() || chosen;
    let declined = matches!(asked.word, Word::Declined(_));
    let delivered = chosen && !case.answers.is_empty();
    let at_work = chosen && (!delivered || case.state == State::Disputed);
    let all = [
        (Doing::Accept, case.holder.is_none() && !matches!(asked.word, Word::Accepted(_))),
        (Doing::Answer, chosen),
        (Doing::Progress, at_work),
        (Doing::Question, open && !declined && (!delivered || at_work)),
        (Doing::Refer, open && !delivered),
        (Doing::Decline, open && !delivered && !declined),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(doing, _)| doing).collect()
}

fn decider_may(case: &Case) -> Vec<Doing> {
    let others = case
        .asked
        .iter()
        .any(|asked| matches!(asked.word, Word::Accepted(_)) && case.holder != Some(asked.expert));
    let disputed = case.state == State::Disputed;
    let all = [
        (Doing::Award, others && (case.answers.is_empty() || disputed)),
        (Doing::Reply, case.talk.open_questions().next().is_some()),
        (Doing::Confirm, disputed || case.state == State::Delivered),
        (Doing::Dispute, case.state == State::Delivered),
        (Doing::Offer, is_open(case) && case.asked.len() < ASKED_MAX),
        (Doing::Escalate, is_open(case) && case.talk.step < Step::Board && !others),
        (Doing::Close, true),
        (Doing::Withdraw, case.answers.is_empty()),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(doing, _)| doing).collect()
}

impl Seen {
    /// The certificate under which the account does something.
    ///
    /// # Errors
    /// It is not theirs to do, or not now: says which.
    pub(crate) fn may(&self, doing: Doing) -> Result<CertificateId, OpError> {
        if let Some((_, certificate)) = self.may.iter().find(|(may, _)| *may == doing) {
            return Ok(*certificate);
        }
        let conflict = |what: &str| Err(OpError::new(ErrorCode::Conflict, what));
        let forbidden = |what: &str| Err(OpError::new(ErrorCode::NotAllowed, what));
        let expert = doing.is_of_experts();
        let desk = doing == Doing::Refer && self.desk.is_some();
        if expert && self.expert.is_none() && !desk {
            return forbidden("only an expert who was asked can do that");
        }
        if !expert && !self.asks {
            return forbidden("only those who asked can do that");
        }
        if expert && self.of_former_key {
            return forbidden(
                "this was asked of a key that was replaced: nobody else can answer, so tell those who asked to ask again",
            );
        }
        if !expert && !self.decides {
            return forbidden(
                "this was asked with a key that was replaced: a focal point of the organisation can do that",
            );
        }
        match (self.case.state, doing) {
            (State::Closed(_), Doing::FollowUp) => {
                conflict("it was said already what became of it")
            }
            (_, Doing::FollowUp) => conflict("close the request first"),
            (State::Withdrawn, _) => conflict("the request was withdrawn: nothing more is asked"),
            (State::Closed(_), _) => conflict("the request is closed: nothing more is asked"),
            (_, Doing::Answer | Doing::Question | Doing::Refer)
                if self.case.holder.is_some() && self.case.holder != self.expert =>
            {
                conflict("another expert was chosen: nothing more is asked of you, thank you")
            }
            (_, Doing::Answer) => conflict("answer once the asker has chosen you: accept first"),
            (_, Doing::Accept) => conflict("you accepted already, or another expert was chosen"),
            (_, Doing::Decline) => conflict("you declined already"),
            (_, Doing::Question) => {
                conflict("you declined, or answered already: accept first, or wait for their word")
            }
            (_, Doing::Refer) => conflict("it was answered already: nobody else is looked for"),
            (_, Doing::Progress) => {
                conflict("only the expert who was chosen says how far it is, before the answer")
            }
            (_, Doing::Reply) => conflict("there is no question that waits for a reply"),
            (_, Doing::Offer) => conflict(
                "it is in somebody's hands, or as many were asked as can be: nobody else is asked now",
            ),
            (_, Doing::Escalate) => conflict(
                "somebody accepted or answered, or it stands on the board already: there is no further step",
            ),
            (_, Doing::Award) => conflict("nobody else has accepted, as far as is known here"),
            (_, Doing::Confirm) => conflict("there is no answer that waits for this"),
            (_, Doing::Dispute) => conflict("there is no answer that waits for your word"),
            (_, Doing::Close | Doing::Withdraw) => conflict("that is not possible any more"),
        }
    }

    /// Whether the account is the one for whom the request waits. While a question of
    /// theirs is open it does not wait for those who asked it back, but for the asker.
    pub fn waits(&self) -> bool {
        self.waits_at(now())
    }

    pub(super) fn waits_at(&self, at: Timestamp) -> bool {
        self.turn_at(at).is_some()
    }

    /// For what it waits, if it is this account's turn.
    pub(crate) fn turn(&self) -> Option<Turn> {
        self.turn_at(now())
    }

    fn turn_at(&self, at: Timestamp) -> Option<Turn> {
        let (case, state) = (&self.case, self.case.state);
        let own = |step, count| Some(Turn { asks: true, step, count });
        let other = |step, count| Some(Turn { asks: false, step, count });
        if state.is_over() {
            let due = self.follow_up().is_some_and(|day| at.since(day) >= 0);
            return own("follow-up", 0).filter(|_| self.decides && due);
        }
        let mut questions = case.talk.open_questions();
        if let Some(expert) = self.expert
            && let Some(asked) = case.asked(&expert)
            && !self.of_former_key
            && !case.talk.open_questions().any(|question| question.by == expert)
        {
            let unheard = matches!(asked.word, Word::None | Word::Received);
            if unheard && case.holder.is_none() {
                return other("asked", 0);
            }
            let at_work = case.answers.is_empty() || state == State::Disputed;
            if case.holder == Some(expert) && at_work {
                return other("chosen", case.answers.len());
            }
        }
        let named = |desk| case.talk.referrals.iter().any(|referral| referral.by == desk);
        if self.desk.is_some_and(|desk| is_open(case) && !named(desk)) {
            return other("desk", 0);
        }
        if !self.decides {
            return None;
        }
        match state {
            State::Accepted => {
                let accepted = |word: &Word| matches!(word, Word::Accepted(_));
                own("accepted", case.asked.iter().filter(|asked| accepted(&asked.word)).count())
            }
            State::Delivered => own("delivered", case.answers.len()),
            State::Unmet => own("unmet", case.asked.len()),
            _ if is_open(case) && self.helps.iter().any(|help| !help.asked) => {
                own("offered", self.helps.len())
            }
            _ => questions.next().and_then(|_| own("question", case.talk.questions.len())),
        }
    }
}

/// For what a request waits, on the side of the account that looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Turn {
    /// Whether that side is the asker's.
    pub(crate) asks: bool,
    /// For what, in a code.
    pub(crate) step: &'static str,
    /// How often that came about: with more of it, it waits anew.
    pub(crate) count: usize,
}
