//! What is said about a request beside who has it.

use super::Party;
use crate::service::Seconds;

/// What was said beside, oldest first in each list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Talk {
    /// What experts asked back, and the replies.
    pub questions: Vec<Question>,
    /// Who was named by those who know of it.
    pub named: Vec<Named>,
    /// What is missing of the answer that is shown.
    pub disputed: Option<Remark>,
    /// How far the asker looked for somebody.
    pub reach: Reach,
    /// The organisations whose desks read it because they may know somebody.
    pub desks: Vec<String>,
    /// Ids of what stands on the board for it.
    pub needs: Vec<String>,
    /// What was offered for that.
    pub helps: Vec<Help>,
    /// When the asker says what became of it, if that was promised and not done.
    pub follow_up: Option<Seconds>,
    /// What became of it.
    pub became: Option<Became>,
}

/// Something that somebody said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// Who.
    pub by: Party,
    /// What; may be empty.
    pub text: String,
    /// When, by their clock.
    pub at: Seconds,
}

/// What an expert asked back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// The question.
    pub asked: Remark,
    /// What the asker replied; nothing while it waits.
    pub replies: Vec<Remark>,
}

/// An expert whom somebody named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The expert's id.
    pub expert: String,
    /// Who it is.
    pub party: Party,
    /// Who named them.
    pub by: Party,
    /// Why.
    pub note: Option<String>,
    /// Whether they were asked.
    pub asked: bool,
}

/// An expert who offers help for what stands on the board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Help {
    /// The expert's id.
    pub expert: String,
    /// Who, and how they can help.
    pub said: Remark,
    /// Whether they were asked.
    pub asked: bool,
}

/// What became of a request after its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Became {
    /// Whether the answer was used.
    pub used: Used,
    /// Who said so, with a note that may be empty.
    pub said: Remark,
}

/// Whether an answer was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Used {
    /// It was.
    Used,
    /// Part of it.
    Partly,
    /// It was not.
    Not,
}

impl Used {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Used, Self::Partly, Self::Not];

    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Partly => "partly",
            Self::Not => "not",
        }
    }
}

/// How far the asker looked for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reach {
    /// Among those who fit, one after the other.
    #[default]
    Next,
    /// Also among those who share no language with it.
    Wider,
    /// At desks of other organisations, who may name somebody.
    Desks,
    /// On the board.
    Board,
}

impl Reach {
    /// All, the nearest first.
    pub const ALL: [Self; 4] = [Self::Next, Self::Wider, Self::Desks, Self::Board];

    /// Its word in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Wider => "wider",
            Self::Desks => "desks",
            Self::Board => "board",
        }
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        1 + Self::ALL.iter().position(|one| *one == self).unwrap_or(0)
    }
}
