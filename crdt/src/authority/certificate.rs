//! Certificates: what a key may do for its organisation.

use std::fmt;

use crate::identity::PublicKey;

/// What a certificate allows. The number is signed: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Role {
    /// Drafts, co-edits and comments.
    Contributor = 0,
    /// Publishes, withdraws and confirms in the organisation's name.
    Publisher = 1,
    /// Reviews.
    Reviewer = 2,
    /// Asks for support, endorses, decides on requests.
    FocalPoint = 3,
    /// Receives and answers requests.
    Expert = 4,
    /// Hides posts here and issues advisories.
    Moderator = 5,
    /// Peers, budgets, bundles, backups and accounts of a node.
    Operator = 6,
    /// Acts for a steward organisation: members and the charter.
    Steward = 7,
    /// Is a node, not a person.
    Node = 8,
}

impl Role {
    /// All roles, ascending by number.
    pub const ALL: [Self; 9] = [
        Self::Contributor,
        Self::Publisher,
        Self::Reviewer,
        Self::FocalPoint,
        Self::Expert,
        Self::Moderator,
        Self::Operator,
        Self::Steward,
        Self::Node,
    ];

    /// The code used on the command line and in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Publisher => "publisher",
            Self::Reviewer => "reviewer",
            Self::FocalPoint => "focal-point",
            Self::Expert => "expert",
            Self::Moderator => "moderator",
            Self::Operator => "operator",
            Self::Steward => "steward",
            Self::Node => "node",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A set of roles, as bits by number. Bits that this version does not know
/// are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Roles(#[n(0)] u32);

impl Roles {
    /// These roles.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, role| bits | 1 << *role as u32))
    }

    /// Every role of a person in an organisation, without steward and node.
    pub fn of_founder() -> Self {
        Self::of(&[
            Role::Contributor,
            Role::Publisher,
            Role::Reviewer,
            Role::FocalPoint,
            Role::Expert,
            Role::Moderator,
            Role::Operator,
        ])
    }

    /// These roles and one more.
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u32)
    }

    /// Whether `role` is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u32) != 0
    }

    /// Whether one of `roles` is among them.
    pub fn any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// The known roles among them, ascending.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

/// What an organisation grants to one key. It names a key, never a person:
/// the name shown is a separate [name card](crate::card), which can be taken
/// back.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Certificate {
    /// The key that signs.
    #[n(0)]
    pub key: PublicKey,
    /// The X25519 key to which messages for its holder are encrypted.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub encryption: Option<[u8; 32]>,
    /// What it allows.
    #[n(2)]
    pub roles: Roles,
    /// The objects that its roles are about, as ids in hex: see
    /// [`objects`](Self::objects). `None` is everything.
    #[n(3)]
    pub scope: Option<String>,
    /// How many objects that its key signed go before those of others in one meeting;
    /// the rest goes last: a delay, never a refusal.
    #[n(4)]
    pub quota: Option<u32>,
    /// The beacon after which live acts end; never part of a verdict.
    #[n(5)]
    pub last_beacon: Option<u32>,
}
