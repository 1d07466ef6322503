//! Policies of a charter: what was agreed on, by code, in words.
//!
//! A policy is a promise between organisations. The program shows it and keeps
//! nobody to it, but for two: nobody seals but the organisations that `seals` names by
//! their ids (`tern_crdt::review::fold::sealers`), and the first number in `quotas` is
//! how much of what one key signed goes in its turn
//! (`tern_crdt::authority::Authority::common_quota`). What is enforced otherwise is in
//! the rules of the authority set.

use crate::ops::{ErrorCode, OpError};

/// A policy has at most this many bytes of text.
pub const POLICY_TEXT_BYTES_MAX: usize = 4_000;
/// A code of a policy has at most this many bytes.
const CODE_BYTES_MAX: usize = 40;

/// Codes that everybody who writes a charter can expect others to know.
const KNOWN: [(&str, &str); 8] = [
    ("admission", "How organisations are admitted"),
    ("conduct", "How members behave, and what is done where they do not"),
    ("data-protection", "How personal data is protected"),
    ("languages", "In which languages work is done"),
    ("quotas", "How much a member may publish"),
    ("reviews", "How practices are reviewed"),
    ("seals", "Who may seal a practice"),
    ("stewards", "How stewards are chosen, and for how long"),
];

/// What a policy is about; a code that is not known here is shown as it is.
pub fn policy_name(code: &str) -> &str {
    KNOWN.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

/// Codes that everybody knows.
pub fn known_policies() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(code, _)| *code)
}

/// A code and a text as they may stand in a charter.
pub(super) fn check(code: &str, text: &str) -> Result<(), OpError> {
    let legal = (1..=CODE_BYTES_MAX).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !legal {
        let what = format!(
            "`{}` is no code of a policy: write 1 to {CODE_BYTES_MAX} of a–z, 0–9 and -, like {}",
            code.chars().take(CODE_BYTES_MAX).collect::<String>(),
            KNOWN.map(|(code, _)| code).join(", ")
        );
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("policy"));
    }
    if text.trim().is_empty() {
        let what =
            format!("the policy `{code}` says nothing: take it out with `--no-policy {code}`");
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("policy"));
    }
    if text.len() > POLICY_TEXT_BYTES_MAX {
        let what = format!(
            "the policy `{code}` has {} bytes, and at most {POLICY_TEXT_BYTES_MAX} fit: put the long text into a practice and name it here",
            text.len()
        );
        let error = OpError::new(ErrorCode::TooLarge, what).in_field("policy");
        return Err(error.over(POLICY_TEXT_BYTES_MAX as u64));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_a_code_that_can_be_typed_and_something_to_say() {
        assert!(check("reviews", "Two reviewers of other countries.").is_ok());
        assert!(check("our-own-1", "x").is_ok());
        for (code, text) in [("", "x"), ("Reviews", "x"), ("a b", "x"), ("reviews", " ")] {
            assert_eq!(check(code, text).map_err(|e| e.code), Err(ErrorCode::Invalid), "{code}");
        }
        let long = "x".repeat(POLICY_TEXT_BYTES_MAX + 1);
        let refused = check("reviews", &long).expect_err("too long");
        assert_eq!((refused.code, refused.limit), (ErrorCode::TooLarge, Some(4_000)));
        assert_eq!(policy_name("seals"), "Who may seal a practice");
        assert_eq!(policy_name("of-tomorrow"), "of-tomorrow");
    }
}
