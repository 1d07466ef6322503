//! What people say about a request beside who has it: each is one event, with the
//! bounds of the specification told by the field at fault.

use tern_crdt::identity::RecordId;
use tern_crdt::request::fold::{Case, State};
use tern_crdt::request::{Deed, FOLLOW_UP_MAX, Outcome, TEXT_CHARACTERS_MAX, TEXT_CHARACTERS_MIN};
use tern_crdt::schema::Date;
use tern_crdt::timestamp::Timestamp;

use super::acting::{Act, conflict, invalid};
use crate::driver::now;
use crate::ops::{ErrorCode, OpError};

const DAY: i64 = 86_400_000;
/// After this many days it is asked what became of an answer, if nobody said another
/// day: half a year.
const USUAL_DAYS: i64 = 182;

/// When those who asked say what became of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Later {
    /// Half a year after something of use came.
    Usual,
    /// They will not.
    Never,
    /// On this day.
    On(Date),
}

impl Later {
    /// Reads a day, or `never`; half a year if nothing is said.
    ///
    /// # Errors
    /// Neither.
    pub fn read(text: Option<&str>) -> Result<Self, OpError> {
        match text.map(str::trim) {
            None | Some("") => Ok(Self::Usual),
            Some("never") => Ok(Self::Never),
            Some(day) => match day.parse::<Date>() {
                Ok(day) if day.day().is_some() => Ok(Self::On(day)),
                _ => Err(invalid("follow_up", format!("`{day}` is no day: YYYY-MM-DD, or never"))),
            },
        }
    }

    fn moment(
        self,
        case: &Case,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, OpError> {
        let useful = matches!(outcome, Outcome::Met | Outcome::Partly) && !case.answers.is_empty();
        match self {
            Self::Usual => Ok(useful.then(|| at.plus(USUAL_DAYS * DAY))),
            Self::Never => Ok(None),
            Self::On(date) => {
                let day = Timestamp(date.first_day().saturating_mul(DAY));
                // With some hours to spare for when it is signed.
                if !(DAY / 2..FOLLOW_UP_MAX - DAY).contains(&day.since(at)) {
                    let what = format!("{date} is not within two years from tomorrow on");
                    return Err(invalid("follow_up", what));
                }
                Ok(Some(day))
            }
        }
    }
}

/// A text within its bounds.
fn text(field: &str, text: String, least: usize) -> Result<String, OpError> {
    let characters = text.trim().chars().count();
    if characters < least {
        let what = format!("write at least {least} characters, there are {characters}");
        return Err(invalid(field, what));
    }
    if text.chars().count() > TEXT_CHARACTERS_MAX {
        let what = format!("at most {TEXT_CHARACTERS_MAX} characters, there are {characters}");
        return Err(OpError::new(ErrorCode::TooLarge, what).in_field(field));
    }
    Ok(text)
}

/// The question that somebody means.
fn question(case: &Case, named: Option<&str>) -> Result<RecordId, OpError> {
    let open: Vec<RecordId> = case.talk.open_questions().map(|question| question.id).collect();
    let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else {
        return match open.as_slice() {
            [one] => Ok(*one),
            [] => Err(conflict("there is no question that waits for a reply")),
            [_, ..] => {
                let what = "more than one question waits: say which one, by its id";
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("question"))
            }
        };
    };
    let fits = |id: &RecordId| {
        let id = id.to_string();
        id == named || (named.len() >= crate::reading::PREFIX_MIN && id.starts_with(named))
    };
    let mut found = open.into_iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            let what = format!("`{named}` fits more than one question: give more characters");
            Err(OpError::new(ErrorCode::Ambiguous, what).in_field("question"))
        }
        (None, _) => {
            let what = format!("`{named}` is no question that waits for a reply");
            Err(invalid("question", what))
        }
    }
}

/// The event of what somebody says.
pub(super) fn deed(case: &Case, act: Act) -> Result<Deed, OpError> {
    Ok(match act {
        Act::Question(words) => Deed::Ask { text: text("text", words, TEXT_CHARACTERS_MIN)? },
        Act::Reply { question: named, text: words } => {
            let ask = question(case, named.as_deref())?;
            Deed::Reply { ask, text: text("text", words, 1)? }
        }
        Act::Progress(words) => {
            let award = case.award.ok_or_else(|| conflict("nobody was chosen yet"))?;
            Deed::Progress { award, text: text("text", words, 1)? }
        }
        Act::Dispute(words) => {
            let answer = case.answers.last().ok_or_else(|| conflict("there is no answer yet"))?;
            let reasons = text("reasons", words, TEXT_CHARACTERS_MIN)?;
            Deed::Dispute { answer: *answer, reasons }
        }
        Act::FollowUp { outcome, note } => {
            let close = case.talk.closed.ok_or_else(|| conflict("close the request first"))?;
            Deed::FollowUp { close, outcome, note }
        }
        Act::Close { outcome, rating, note, follow_up } => {
            if case.state == State::Disputed && outcome == Outcome::Met {
                let what = "you said what is missing of the answer: close it as partly met or unmet, or confirm the answer first";
                return Err(conflict(what).in_field("outcome"));
            }
            let follow_up = follow_up.moment(case, outcome, now())?;
            Deed::Close { outcome, rating, note, follow_up }
        }
        _ => return Err(conflict("that is not said beside")),
    })
}
