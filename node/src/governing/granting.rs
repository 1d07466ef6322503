//! A certificate as it is going to be granted: for how long, for what, and how much of
//! what its key signs goes first.

use tern_crdt::authority::{Authority, Certificate, Role, Roles, SCOPE_OBJECTS_MAX, scope_of};
use tern_crdt::identity::{DocumentId, DraftId, PublicKey, RecordId, RequestId, SubmissionId};

use super::{last_beacon, refused};
use crate::drafts;
use crate::handle::NodeReplica;
use crate::identity::certificate;
use crate::ops::{ErrorCode, Granting, OpError};

/// Roles that are of the whole organisation, and about no object.
const WHOLE: [Role; 3] = [Role::Operator, Role::Steward, Role::Moderator];

/// What is granted to a key.
///
/// # Errors
/// Too many weeks; an id that is none of a draft, a practice, a submission or a request,
/// or too many of them; a role that is about none.
pub(crate) fn certificate_with(
    authority: &Authority,
    key: PublicKey,
    encryption: Option<[u8; 32]>,
    roles: &[Role],
    granting: &Granting,
) -> Result<Certificate, OpError> {
    let weeks = granting.until.map(|weeks| last_beacon(authority, weeks));
    let (last_beacon, scope) = (weeks.transpose()?, scope(&granting.only, roles)?);
    let quota = granting.quota;
    Ok(Certificate { scope, quota, last_beacon, ..certificate(key, encryption, Roles::of(roles)) })
}

fn scope(only: &[String], roles: &[Role]) -> Result<Option<String>, OpError> {
    if only.is_empty() {
        return Ok(None);
    }
    let ids = only.iter().map(|text| object(text)).collect::<Result<Vec<_>, _>>()?;
    if let Some(role) = roles.iter().find(|role| WHOLE.contains(role)) {
        let what = format!(
            "the role {role} is for the whole organisation: grant it without --only, and the others with it"
        );
        return Err(refused(ErrorCode::Invalid, what).in_field("only"));
    }
    let what = || format!("a certificate is for at most {SCOPE_OBJECTS_MAX} things: grant another");
    let scope = scope_of(&ids).ok_or_else(|| {
        refused(ErrorCode::TooLarge, what()).in_field("only").over(SCOPE_OBJECTS_MAX as u64)
    })?;
    Ok(Some(scope))
}

/// The object that a whole id names.
fn object(text: &str) -> Result<[u8; 32], OpError> {
    let text = text.trim();
    let id = text.parse::<DraftId>().map(|id| *id.as_bytes());
    let id = id.or_else(|_| text.parse::<DocumentId>().map(|id| *id.as_bytes()));
    let id = id.or_else(|_| text.parse::<SubmissionId>().map(|id| *id.as_bytes()));
    let id = id.or_else(|_| text.parse::<RequestId>().map(|id| *id.as_bytes()));
    id.map_err(|_| {
        let text: String = text.chars().take(80).collect();
        let what = format!(
            "`{text}` is no whole id of a draft, a practice, a submission or a request: copy it from its page, or from the list with --json"
        );
        refused(ErrorCode::Invalid, what).in_field("only")
    })
}

/// What an object is that a scope names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ObjectKind {
    /// A draft.
    Draft,
    /// A practice.
    Practice,
    /// A submission for review.
    Submission,
    /// A request.
    Request,
    /// Nothing that is here.
    Unknown,
}

impl ObjectKind {
    /// The code of JSON and of pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Practice => "practice",
            Self::Submission => "submission",
            Self::Request => "request",
            Self::Unknown => "unknown",
        }
    }
}

/// An object that a scope names.
pub(crate) struct Object {
    /// What it is, as far as is known here.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
}

/// What a certificate's roles are about; `None` where they are about everything.
pub(crate) fn objects(replica: &NodeReplica, certificate: &Certificate) -> Option<Vec<Object>> {
    let library = replica.library();
    let kind_of = |id: [u8; 32]| {
        let held = |id: &DocumentId| library.ledger().practice(id).is_ok_and(|it| it.is_some());
        if drafts::is_here(replica, &DraftId::new(id)) {
            (ObjectKind::Draft, DraftId::new(id).to_string())
        } else if held(&DocumentId::new(id)) {
            (ObjectKind::Practice, DocumentId::new(id).to_string())
        } else if library.reviews().of(&RecordId::new(id)).is_some() {
            (ObjectKind::Submission, SubmissionId::new(id).to_string())
        } else if library.dossier(&RequestId::new(id)).is_ok_and(|it| it.is_some()) {
            (ObjectKind::Request, RequestId::new(id).to_string())
        } else {
            (ObjectKind::Unknown, RecordId::new(id).to_string())
        }
    };
    let object = |id| {
        let (kind, id) = kind_of(id);
        Object { kind, id }
    };
    Some(certificate.objects()?.into_iter().map(object).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_made_of_whole_ids_and_of_roles_that_are_about_something() {
        let (draft, review) = (DraftId::new([1; 32]), SubmissionId::new([2; 32]));
        let only = [draft.to_string(), review.to_string()];
        let roles = [Role::Contributor, Role::Reviewer];
        assert_eq!(scope(&only, &roles), Ok(scope_of(&[[1; 32], [2; 32]])));
        assert_eq!(scope(&[], &[Role::Steward]), Ok(None));
        let cases = [
            (vec!["tern1d".to_owned()], Role::Contributor, ErrorCode::Invalid),
            (only[..1].to_vec(), Role::Operator, ErrorCode::Invalid),
            (vec![only[0].clone(); 7], Role::Contributor, ErrorCode::TooLarge),
        ];
        for (only, role, code) in cases {
            let refused = scope(&only, &[role]).expect_err("not so");
            assert_eq!((refused.code, refused.field.as_deref()), (code, Some("only")));
        }
    }
}
