//! What can happen to a request, and the bounds of what is said with it.

use super::{DESKS_MAX, NOTE_BYTES_MAX, TEXT_CHARACTERS_MAX, TEXT_CHARACTERS_MIN, experts};
use crate::identity::{CertificateId, OrgId, RecordId};
use crate::numbered::numbered;
use crate::timestamp::Timestamp;
use crate::value::Tree;

/// What became of a request is said at most this many milliseconds (two years)
/// after it was closed.
pub const FOLLOW_UP_MAX: i64 = 731 * 86_400_000;

/// What can happen to a request.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// A node of an expert's organisation, or the expert, opened it.
    #[n(0)]
    Received,
    /// The asker asks more experts.
    #[n(1)]
    Offer {
        /// Whom.
        #[n(0)]
        to: Vec<CertificateId>,
    },
    /// An expert is ready to answer.
    #[n(2)]
    Accept {
        /// In the expert's words; may be empty.
        #[n(0)]
        note: String,
    },
    /// An expert will not answer.
    #[n(3)]
    Decline {
        /// Why.
        #[n(0)]
        reason: DeclineReason,
        /// In the expert's words; may be empty.
        #[n(1)]
        note: String,
    },
    /// The asker gives it to one expert, who starts on this.
    #[n(4)]
    Award {
        /// 1, then one more each time it is given to another.
        #[n(0)]
        round: u32,
        /// The expert's [`Accept`](Self::Accept).
        #[n(1)]
        accept: RecordId,
        /// The expert.
        #[n(2)]
        expert: CertificateId,
        /// The award that this one replaces; none in round 1.
        #[n(3)]
        previous: Option<RecordId>,
    },
    /// The expert answers.
    #[n(5)]
    Answer {
        /// The award under which.
        #[n(0)]
        award: RecordId,
        /// The form.
        #[n(1)]
        reply: Tree,
    },
    /// The asker takes the answer as one.
    #[n(6)]
    Confirm {
        /// Which [`Answer`](Self::Answer).
        #[n(0)]
        answer: RecordId,
    },
    /// The asker ends it.
    #[n(7)]
    Close {
        /// What came of it.
        #[n(0)]
        outcome: Outcome,
        /// From 1 (no use) to 4 (very useful).
        #[n(1)]
        rating: Option<u8>,
        /// In the asker's words; may be empty.
        #[n(2)]
        note: String,
        /// When the asker will say what became of it; later than the event, by at
        /// most [`FOLLOW_UP_MAX`].
        #[n(3)]
        follow_up: Option<Timestamp>,
    },
    /// The asker needs nothing any more.
    #[n(8)]
    Withdraw {
        /// In the asker's words; may be empty.
        #[n(0)]
        reason: String,
    },
    /// An expert has to know something first.
    #[n(9)]
    Ask {
        /// What.
        #[n(0)]
        text: String,
    },
    /// The asker says it.
    #[n(10)]
    Reply {
        /// Which [`Ask`](Self::Ask).
        #[n(0)]
        ask: RecordId,
        /// In the asker's words.
        #[n(1)]
        text: String,
    },
    /// The expert says how far it is.
    #[n(11)]
    Progress {
        /// The award under which.
        #[n(0)]
        award: RecordId,
        /// In the expert's words.
        #[n(1)]
        text: String,
    },
    /// Somebody who knows of it names an expert who could help; the asker decides.
    #[n(12)]
    Refer {
        /// Whom.
        #[n(0)]
        to: CertificateId,
        /// Why; may be empty.
        #[n(1)]
        note: String,
    },
    /// The asker cannot work with an answer.
    #[n(13)]
    Dispute {
        /// Which [`Answer`](Self::Answer).
        #[n(0)]
        answer: RecordId,
        /// What is missing.
        #[n(1)]
        reasons: String,
    },
    /// The asker says what became of it after it was closed.
    #[n(14)]
    FollowUp {
        /// Which [`Close`](Self::Close).
        #[n(0)]
        close: RecordId,
        /// Whether the answer was used.
        #[n(1)]
        outcome: Use,
        /// In the asker's words; may be empty.
        #[n(2)]
        note: String,
    },
    /// The asker looks further, because nobody is left who was not asked.
    #[n(15)]
    Escalate {
        /// How far.
        #[n(0)]
        step: Step,
        /// The organisations whose desks read it now: 1 to
        /// [`DESKS_MAX`](super::DESKS_MAX) at [`Step::Desks`], else none.
        #[n(1)]
        desks: Vec<OrgId>,
        /// The need that stands on the board: at [`Step::Board`] alone.
        #[n(2)]
        need: Option<RecordId>,
    },
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Offer { .. } => "offer",
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Award { .. } => "award",
            Self::Answer { .. } => "answer",
            Self::Confirm { .. } => "confirm",
            Self::Close { .. } => "close",
            Self::Withdraw { .. } => "withdraw",
            Self::Ask { .. } => "ask",
            Self::Reply { .. } => "reply",
            Self::Progress { .. } => "progress",
            Self::Refer { .. } => "refer",
            Self::Dispute { .. } => "dispute",
            Self::FollowUp { .. } => "follow-up",
            Self::Escalate { .. } => "escalate",
        }
    }

    /// The words that go with it; empty if there are none.
    pub fn note(&self) -> &str {
        match self {
            Self::Accept { note }
            | Self::Decline { note, .. }
            | Self::Close { note, .. }
            | Self::Refer { note, .. }
            | Self::FollowUp { note, .. } => note,
            Self::Withdraw { reason } => reason,
            Self::Ask { text } | Self::Reply { text, .. } | Self::Progress { text, .. } => text,
            Self::Dispute { reasons, .. } => reasons,
            Self::Received
            | Self::Offer { .. }
            | Self::Award { .. }
            | Self::Answer { .. }
            | Self::Confirm { .. }
            | Self::Escalate { .. } => "",
        }
    }

    /// What is wrong with it, said by somebody at a time, if anything is.
    pub(super) fn check(&self, by: CertificateId, at: Timestamp) -> Result<(), &'static str> {
        let characters = self.note().chars().count();
        let long = match self {
            Self::Ask { .. } | Self::Dispute { .. } => {
                if characters < TEXT_CHARACTERS_MIN {
                    return Err("a question, or what is missing, has at least 10 characters");
                }
                characters > TEXT_CHARACTERS_MAX
            }
            Self::Reply { .. } | Self::Progress { .. } => {
                if self.note().trim().is_empty() {
                    return Err("a reply, and word of progress, says something");
                }
                characters > TEXT_CHARACTERS_MAX
            }
            _ if self.note().len() > NOTE_BYTES_MAX => {
                return Err("a note is longer than 2,000 bytes");
            }
            _ => false,
        };
        if long {
            return Err("a text is longer than 2,000 characters");
        }
        match self {
            Self::Offer { to } => experts(to),
            Self::Award { round, previous, .. }
                if *round == 0 || (*round == 1) != previous.is_none() =>
            {
                Err("the first award replaces none, every other replaces one")
            }
            Self::Close { rating: Some(rating), .. } if !(1..=4).contains(rating) => {
                Err("a rating is a number from 1 to 4")
            }
            Self::Close { follow_up: Some(day), .. }
                if !(1..=FOLLOW_UP_MAX).contains(&day.since(at)) =>
            {
                Err("what became of it is said within two years after it was closed")
            }
            Self::Refer { to, .. } if *to == by => Err("somebody else is named, not oneself"),
            Self::Escalate { step: Step::Next, .. } => {
                Err("the best who fit are asked to begin with")
            }
            Self::Escalate { step, desks, need } => {
                let ordered = desks.is_sorted_by(|a, b| a < b) && desks.len() <= DESKS_MAX;
                if !ordered || desks.is_empty() == (*step == Step::Desks) {
                    return Err("1 to 8 desks are named, ascending, where desks are asked");
                }
                if need.is_some() == (*step == Step::Board) {
                    Ok(())
                } else {
                    Err("a need is named where it stands on the board")
                }
            }
            _ => Ok(()),
        }
    }
}

numbered! {
    /// Why an expert will not answer. The number is signed.
    DeclineReason {
        /// No time.
        NoTime 0 "no-time";
        /// Another's subject.
        NotMyField 1 "not-my-field";
        /// A conflict of interest.
        Conflict 2 "conflict";
        /// Something else: see the note.
        Other 3 "other";
    }
}

numbered! {
    /// What came of a request. The number is signed.
    Outcome {
        /// What was needed.
        Met 0 "met";
        /// Part of it.
        Partly 1 "partly";
        /// Nothing that helped.
        Unmet 2 "unmet";
        /// It was dealt with elsewhere.
        Moved 3 "moved";
    }
}

numbered! {
    /// Whether an answer was used. The number is signed.
    Use {
        /// It was.
        Used 0 "used";
        /// Part of it.
        Partly 1 "partly";
        /// It was not.
        Not 2 "not";
    }
}

numbered! {
    /// How far a request went to find somebody. The number is signed.
    Step {
        /// To the best who fit, one after the other.
        Next 0 "next";
        /// Also to those who share no language with it.
        Wider 1 "wider";
        /// To desks of other organisations, who may name somebody.
        Desks 2 "desks";
        /// To everybody, without its text: a need stands on the board.
        Board 3 "board";
    }
}
