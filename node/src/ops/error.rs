//! Why an operation was refused or failed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

/// The kinds of refusal that scripts can tell apart. A code is never reused
/// for something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// What was given is not acceptable: a field, a value, a file, a setting.
    Invalid,
    /// Longer, larger or more than a limit.
    TooLarge,
    /// No such thing here.
    NotFound,
    /// A prefix or a name that fits more than one thing.
    Ambiguous,
    /// The account lacks the role, or the token is wrong.
    NotAllowed,
    /// Cannot be done in the present state: exists already, is withdrawn, is
    /// not a member yet.
    Conflict,
    /// An invitation or a link whose time is over.
    Expired,
    /// The keys are wrapped and no passphrase was given.
    Locked,
    /// The passphrase does not open the keys.
    WrongPassphrase,
    /// The organisation's root key is not on this node, and did not come with
    /// the operation.
    KeyAway,
    /// Something stored is damaged.
    Damaged,
    /// A folder, a port or a file that something else is using.
    InUse,
    /// A peer or a node that does not answer.
    Unreachable,
    /// This version does not do that.
    Unsupported,
    /// The disk, the system or the program failed.
    Failed,
}

impl ErrorCode {
    /// The code as scripts see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::TooLarge => "too-large",
            Self::NotFound => "not-found",
            Self::Ambiguous => "ambiguous",
            Self::NotAllowed => "not-allowed",
            Self::Conflict => "conflict",
            Self::Expired => "expired",
            Self::Locked => "locked",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::KeyAway => "key-away",
            Self::Damaged => "damaged",
            Self::InUse => "in-use",
            Self::Unreachable => "unreachable",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }

    /// The HTTP status that says the same (RFC 9110, section 15).
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid | Self::Unsupported => 422,
            Self::TooLarge => 413,
            Self::NotFound => 404,
            Self::NotAllowed | Self::Locked | Self::WrongPassphrase | Self::KeyAway => 403,
            Self::Ambiguous | Self::Conflict | Self::InUse => 409,
            Self::Expired => 410,
            Self::Unreachable => 503,
            Self::Damaged | Self::Failed => 500,
        }
    }
}

/// A refusal or a failure, in one clear sentence: what, which, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{message}")]
pub struct OpError {
    /// For scripts.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The field at fault, where one is.
    pub field: Option<String>,
    /// The limit that was met, where one was.
    pub limit: Option<u64>,
}

impl OpError {
    /// A refusal that concerns no single field.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, limit: None }
    }

    /// The same, naming the field at fault.
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, naming the limit that was met.
    pub fn over(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What the log may hold of it. The sentence, where it is about the machine
    /// or another node; the code alone, where it may repeat what somebody
    /// wrote, or the name of an account.
    pub fn for_log(&self) -> &str {
        match self.code {
            ErrorCode::Damaged
            | ErrorCode::InUse
            | ErrorCode::Unreachable
            | ErrorCode::Unsupported
            | ErrorCode::Failed => &self.message,
            code => code.as_str(),
        }
    }

    /// `{code, message, field?, limit?}`: what scripts find under `error`.
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code.as_str(), "message": self.message });
        if let Some(field) = &self.field {
            error["field"] = json!(field);
        }
        if let Some(limit) = self.limit {
            error["limit"] = json!(limit);
        }
        error
    }

    /// The problem document (RFC 9457) that the API answers with.
    pub fn to_problem(&self) -> Value {
        let mut problem = self.to_json();
        problem["type"] = json!("about:blank");
        problem["status"] = json!(self.code.status());
        problem["detail"] = problem["message"].take();
        if let Some(members) = problem.as_object_mut() {
            members.remove("message");
        }
        problem
    }

    /// Reads a problem document back; `None` if it is not one of ours.
    pub fn from_problem(problem: &Value) -> Option<Self> {
        Some(Self {
            code: ErrorCode::deserialize(problem.get("code")?).ok()?,
            message: problem.get("detail")?.as_str()?.to_owned(),
            field: problem.get("field").and_then(Value::as_str).map(str::to_owned),
            limit: problem.get("limit").and_then(Value::as_u64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_way_through_a_problem_document() {
        let refusal = OpError::new(ErrorCode::TooLarge, "a title has at most 150 characters")
            .in_field("title")
            .over(150);
        let problem = refusal.to_problem();
        assert_eq!(problem["status"], 413);
        assert_eq!(OpError::from_problem(&problem), Some(refusal));
        assert_eq!(OpError::from_problem(&json!({ "detail": "from somewhere else" })), None);
    }

    #[test]
    fn the_log_learns_of_a_refusal_without_what_somebody_wrote() {
        let locked = OpError::new(ErrorCode::Locked, "the desk key of amina is wrapped");
        assert_eq!(locked.for_log(), "locked");
        let full = OpError::new(ErrorCode::Failed, "the disk is full");
        assert_eq!(full.for_log(), "the disk is full");
    }

    #[test]
    fn a_code_has_one_name() {
        for code in [ErrorCode::Invalid, ErrorCode::WrongPassphrase, ErrorCode::InUse] {
            assert_eq!(json!(code), json!(code.as_str()));
        }
    }
}
