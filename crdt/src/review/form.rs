//! The forms of reviews: the criteria and who judges by them, a call for
//! practices, and what one reviewer says.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::identity::OrgId;
use crate::schema::{
    At, Date, FieldRefused, Objective, Passage, Shape, Tag, Texts, bounded, choices, form, record,
};

/// The canonical form of a policy, a call or an assessment has at most this
/// many bytes (48 KiB).
pub const FORM_BYTES_MAX: usize = 48 * 1024;
/// A policy has at most this many criteria.
pub const CRITERIA_MAX: u64 = 40;
/// A policy asks for at most this many reviewers of either side.
pub const REVIEWERS_MAX: u64 = 8;
/// A policy names at most this many organisations for a board, or as internal.
pub const BOARD_MAX: u64 = 64;
/// An assessment has at most this many comments on fields.
pub const COMMENTS_MAX: u64 = 100;
/// A step lasts at most this many days.
pub const DAYS_MAX: u64 = 730;

choices! {
    /// How far a criterion is met.
    Mark {
        /// It is.
        Met "met";
        /// In part.
        Partly "partly";
        /// It is not.
        No "no";
        /// It does not apply to this practice.
        NotApplicable "n/a";
    }

    /// What a reviewer recommends. The first two speak for a seal.
    Recommendation {
        /// Seal it as it is.
        Accept "accept";
        /// Seal it; small things can be mended in a later edition.
        Minor "minor";
        /// Do not seal this edition: much has to change.
        Major "major";
        /// Do not seal it.
        Reject "reject";
    }
}

impl Recommendation {
    /// Whether it speaks for a seal.
    pub const fn is_for(self) -> bool {
        matches!(self, Self::Accept | Self::Minor)
    }
}

record! {
    /// One question by which a practice is judged.
    Criterion {
        /// What it is called in assessments: `a`–`z`, `0`–`9` and `-`.
        code: String, 40;
        /// The question.
        question: Texts, 500;
        /// Whether every assessment has to say how far it is met.
        required: bool, 0;
    }
}

record! {
    /// How many reviewers a round needs.
    Reviewers {
        /// Of organisations that the policy calls internal.
        internal: u64, REVIEWERS_MAX;
        /// Of all others.
        external: u64, REVIEWERS_MAX;
        /// How many more when those do not agree.
        tie_break: u64, REVIEWERS_MAX;
    }
}

impl Default for Reviewers {
    /// One internal, two external, one more if they do not agree.
    fn default() -> Self {
        Self { internal: 1, external: 2, tie_break: 1, other: Default::default() }
    }
}

record! {
    /// How many days each step should take: told to people, never enforced,
    /// since no verdict asks a clock.
    Days {
        /// To answer an invitation.
        invitation: Option<u64>, DAYS_MAX;
        /// To review, once accepted.
        review: Option<u64>, DAYS_MAX;
        /// To decide, once the reviews are there.
        decision: Option<u64>, DAYS_MAX;
        /// To appeal.
        appeal: Option<u64>, DAYS_MAX;
    }
}

record! {
    /// By which criteria practices are judged, by how many, and who decides.
    Policy {
        /// What it is called.
        name: Texts, 150;
        /// The questions.
        criteria: Vec<Criterion>, CRITERIA_MAX;
        /// How many reviewers; one internal, two external and one more on
        /// disagreement if it does not say.
        reviewers: Option<Reviewers>, 0;
        /// How long each step should take.
        days: Option<Days>, 0;
        /// The languages in which reviews are written.
        languages: Vec<Tag>, 12;
        /// Whether the authors may appeal, once.
        appeal: bool, 0;
        /// The organisations that invite and decide.
        board: Vec<OrgId>, BOARD_MAX;
        /// How many of them have to decide alike; one if it does not say.
        deciding: Option<u64>, BOARD_MAX;
        /// The organisations whose reviewers are internal.
        internal: Vec<OrgId>, BOARD_MAX;
    }
}

form!(Policy);

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound; what makes a
    /// policy unusable, see [`flaw`](Self::flaw).
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let policy = Self::read_json(json, at)?;
        if policy.name.is_empty() {
            return Err(at.key("name", 0).refuse("is missing: say what the policy is called"));
        }
        if let Some((field, flaw)) = policy.flaw() {
            return Err(at.key(field, 0).refuse(flaw));
        }
        bounded(&policy.to_tree(), "policy", FORM_BYTES_MAX)?;
        Ok(policy)
    }

    /// How many reviewers a round needs.
    pub fn reviewers(&self) -> Reviewers {
        self.reviewers.clone().unwrap_or_default()
    }

    /// How many organisations of the board have to decide alike.
    pub fn deciding(&self) -> u64 {
        self.deciding.unwrap_or(1)
    }

    /// What makes it unusable: the field, and what is wrong with it.
    pub fn flaw(&self) -> Option<(&'static str, &'static str)> {
        let codes: BTreeSet<&str> = self.criteria.iter().map(|one| one.code.as_str()).collect();
        let legal = |code: &&str| {
            let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=40).contains(&code.len()) && code.bytes().all(byte)
        };
        let distinct = |orgs: &[OrgId]| orgs.iter().collect::<BTreeSet<_>>().len() == orgs.len();
        let Reviewers { internal, external, tie_break, .. } = self.reviewers();
        let most = REVIEWERS_MAX;
        if self.criteria.is_empty() || self.criteria.len() as u64 > CRITERIA_MAX {
            Some(("criteria", "are not 1 to 40: a review answers at least one question"))
        } else if codes.len() != self.criteria.len() || !codes.iter().all(legal) {
            Some(("criteria", "have codes that are not distinct, or not of a–z, 0–9 and -"))
        } else if internal + external < 2 || internal > most || external > most {
            Some(("reviewers", "are fewer than 2, or more than 8 of a side"))
        } else if tie_break == 0 || tie_break > most {
            Some(("reviewers", "have no tie-break: 1 to 8 more are asked when they do not agree"))
        } else if self.board.is_empty() || self.board.len() as u64 > BOARD_MAX {
            Some(("board", "is not 1 to 64 organisations: name who invites and decides"))
        } else if !distinct(&self.board) || !distinct(&self.internal) {
            Some(("board", "or the internal organisations name one twice"))
        } else if self.internal.len() as u64 > BOARD_MAX {
            Some(("internal", "is more than 64 organisations"))
        } else if internal > 0 && self.internal.is_empty() {
            Some(("internal", "names no organisation, and internal reviewers are asked for"))
        } else if self.deciding() == 0 || self.deciding() > self.board.len() as u64 {
            Some(("deciding", "is none, or more than the board has organisations"))
        } else {
            None
        }
    }
}

record! {
    /// An invitation to everybody to publish practices and have them reviewed.
    CallForm {
        /// What it is called.
        title: Texts, 150;
        /// What is looked for.
        text: Texts, 8_000;
        /// The objectives that it is about.
        objectives: Vec<Objective>, 23;
        /// From when practices are taken.
        opens: Option<Date>, 0;
        /// Until when.
        deadline: Option<Date>, 0;
    }
}

form!(CallForm);

impl CallForm {
    /// Reads a file of a call.
    ///
    /// # Errors
    /// The field that is unknown, malformed, missing or beyond its bound.
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let call = Self::read_json(json, at)?;
        if call.title.is_empty() {
            return Err(at.key("title", 0).refuse("is missing: say what the call is about"));
        }
        if let (Some(opens), Some(deadline)) = (call.opens, call.deadline)
            && deadline.is_before(opens)
        {
            let message = format!("is {deadline}, which is before it opens, {opens}");
            return Err(at.key("deadline", 0).refuse(message));
        }
        bounded(&call.to_tree(), "call", FORM_BYTES_MAX)?;
        Ok(call)
    }
}

record! {
    /// How far one criterion is met.
    Score {
        /// The code of the criterion.
        criterion: String, 40;
        /// How far.
        mark: Mark, 0;
        /// Why.
        comment: Passage, 2_000;
    }
}

record! {
    /// A comment on one field of the practice.
    Comment {
        /// The key of the field.
        field: String, 64;
        /// The language of the text that is meant, if it is one.
        lang: Option<Tag>, 0;
        /// The comment.
        text: Passage, 2_000;
    }
}

record! {
    /// What one reviewer says of an edition.
    Assessment {
        /// How far each criterion is met.
        scores: Vec<Score>, CRITERIA_MAX;
        /// Comments on fields.
        comments: Vec<Comment>, COMMENTS_MAX;
        /// What should become of it.
        recommendation: Option<Recommendation>, 0;
        /// To the authors.
        to_authors: Passage, 4_000;
        /// The language in which it is written.
        language: Option<Tag>, 0;
    }
}

form!(Assessment);

impl Assessment {
    /// Reads a file of an assessment.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound; no
    /// recommendation; a criterion that is answered twice.
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let mut assessment = Self::read_json(json, at)?;
        assessment.language = assessment.language.or_else(|| language.parse().ok());
        if assessment.recommendation.is_none() {
            let words = "is missing: recommend accept, minor, major or reject";
            return Err(at.key("recommendation", 0).refuse(words));
        }
        if assessment.answers_twice() {
            return Err(at.key("scores", 0).refuse("answer one criterion twice"));
        }
        bounded(&assessment.to_tree(), "assessment", FORM_BYTES_MAX)?;
        Ok(assessment)
    }

    /// Whether it answers a criterion twice.
    pub fn answers_twice(&self) -> bool {
        let codes: BTreeSet<&str> = self.scores.iter().map(|one| one.criterion.as_str()).collect();
        codes.len() != self.scores.len()
    }

    /// What of a policy it does not keep: a required criterion without an
    /// answer, or one that the policy does not have.
    pub fn breaks(&self, policy: &Policy) -> Option<String> {
        let answered = |code: &str| self.scores.iter().any(|score| score.criterion == code);
        let left = policy.criteria.iter().find(|one| one.required && !answered(&one.code));
        let has = |code: &str| policy.criteria.iter().any(|one| one.code == code);
        let strange = || self.scores.iter().find(|score| !has(&score.criterion));
        left.map(|one| format!("it does not answer the criterion `{}`", one.code)).or_else(|| {
            strange().map(|one| format!("the policy has no criterion `{}`", one.criterion))
        })
    }
}
