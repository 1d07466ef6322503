//! Scopes: what a certificate's roles are about.
//!
//! Without a scope the roles reach everything that they allow anywhere. With one they
//! reach what is about the objects that it names, and nothing else: a draft, a practice,
//! a submission, a request. So somebody from outside can write in one draft, or review
//! one edition, and the organisation's other work is out of their reach.
//!
//! What a record is about stands in the record itself, so that nothing here depends on
//! what else is held. A scope that cannot be read here names nothing, so that what a
//! later version means by it is never taken for more than that.

use super::{Certificate, Role};

/// A scope names at most this many objects: so many fit into its 400 bytes.
pub const SCOPE_OBJECTS_MAX: usize = 6;

/// The scope that names these objects, as it stands in a certificate: their ids in
/// lower-case hex, with a blank between two. None for no objects, and for more than
/// [`SCOPE_OBJECTS_MAX`].
pub fn scope_of(objects: &[[u8; 32]]) -> Option<String> {
    let hex = |id: &[u8; 32]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let few = (1..=SCOPE_OBJECTS_MAX).contains(&objects.len());
    few.then(|| objects.iter().map(hex).collect::<Vec<_>>().join(" "))
}

/// An id of 64 lower-case hex digits.
fn object(word: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = word.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|_| rest.is_empty())?.try_into().ok()
}

impl Certificate {
    /// The objects that its roles are about; `None` where they are about all. A scope
    /// in which a word is no id is about nothing.
    pub fn objects(&self) -> Option<Vec<[u8; 32]>> {
        let scope = self.scope.as_deref()?;
        Some(scope.split(' ').map(object).collect::<Option<_>>().unwrap_or_default())
    }

    /// Whether it allows what needs `role` and is about this object, or about none.
    /// That a key is a node's is not about anything, and no scope narrows it.
    pub fn allows(&self, role: Role, about: Option<&[u8; 32]>) -> bool {
        let reaches = || match (self.objects(), about) {
            (None, _) => true,
            (Some(objects), Some(about)) => objects.contains(about),
            (Some(_), None) => false,
        };
        self.roles.has(role) && (role == Role::Node || reaches())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Roles;
    use super::*;
    use crate::identity::PublicKey;

    fn guest(scope: Option<String>) -> Certificate {
        Certificate {
            key: PublicKey::new([1; 32]),
            encryption: None,
            roles: Roles::of(&[Role::Contributor, Role::Node]),
            scope,
            quota: None,
            last_beacon: None,
        }
    }

    #[test]
    fn a_guest_writes_in_the_draft_that_the_certificate_names_and_nowhere_else() {
        let (births, seasons) = ([7; 32], [8; 32]);
        let one = guest(scope_of(&[births, [9; 32]]));
        assert!(one.allows(Role::Contributor, Some(&births)));
        assert!(!one.allows(Role::Contributor, Some(&seasons)));
        assert!(!one.allows(Role::Contributor, None), "a new draft is none of those");
        assert!(!one.allows(Role::Publisher, Some(&births)), "a scope adds no role");
        assert!(one.allows(Role::Node, None));
        assert!(guest(None).allows(Role::Contributor, Some(&seasons)));
        assert!(guest(None).allows(Role::Contributor, None));
    }

    #[test]
    fn a_scope_that_is_not_understood_reaches_nothing() {
        let known = scope_of(&[[0xab; 32]]).expect("one object");
        for scope in ["", "country:NE", &format!("{known}  {known}"), &known[1..], "\u{e9}"] {
            let one = guest(Some(scope.to_owned()));
            assert!(!one.allows(Role::Contributor, Some(&[0xab; 32])), "{scope}");
        }
        assert_eq!(
            guest(Some(known.to_uppercase())).objects(),
            Some(vec![]),
            "one way to write it"
        );
        assert_eq!(scope_of(&[]), None);
        assert_eq!(scope_of(&[[1; 32]; SCOPE_OBJECTS_MAX]).map(|scope| scope.len()), Some(389));
        assert_eq!(scope_of(&[[1; 32]; SCOPE_OBJECTS_MAX + 1]), None);
    }
}
