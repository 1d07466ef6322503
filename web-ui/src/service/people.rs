//! Accounts of this node.

use super::Seconds;

/// A local account, by its stable id.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AccountId(pub String);

/// Whom a session stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The name typed to sign in.
    pub name: String,
    /// The name others see.
    pub display: String,
    /// The organisation this person acts for.
    pub organisation: String,
    /// What this person may do.
    pub roles: Vec<Role>,
    /// The language chosen (BCP 47), if any.
    pub lang: Option<String>,
    /// Whether a password is set.
    pub password: bool,
    /// Whether the signing key is locked with a passphrase.
    pub passphrase: bool,
    /// Whether what this person signs shows that name: it can be taken back.
    pub named: bool,
}

impl Account {
    /// Whether this person holds `role`.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether this person may write drafts.
    #[must_use]
    pub fn may_draft(&self) -> bool {
        [Role::Contributor, Role::Publisher, Role::FocalPoint].iter().any(|role| self.is(*role))
    }
}

/// What an organisation trusts a person with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Writes drafts.
    Contributor,
    /// Publishes for the organisation.
    Publisher,
    /// Reviews.
    Reviewer,
    /// Speaks for the organisation.
    FocalPoint,
    /// Answers requests.
    Expert,
    /// Hides and advises.
    Moderator,
    /// Runs the node.
    Operator,
    /// Decides with other stewards who belongs.
    Steward,
}

/// A change a person makes to their own account; `None` leaves a part alone.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    /// The name others see, 2 to 80 characters.
    pub display: Option<String>,
    /// The language (BCP 47); empty for the browser's.
    pub lang: Option<String>,
    /// A new password, 12 to 128 characters.
    pub password: Option<NewPassword>,
}

/// A new password with the proof that its owner asks for it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword {
    /// The present one; empty where none is set.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// An account as whoever runs the node sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountEntry {
    /// The name typed to sign in.
    pub name: String,
    /// The name others see.
    pub display: String,
    /// What this person may do.
    pub roles: Vec<Role>,
    /// Whether a password is set.
    pub password: bool,
    /// Whether it is the reader's own.
    pub own: bool,
}

/// A link that works once, below this node's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OneTimeLink {
    /// Whose.
    pub name: String,
    /// Where it leads, from the first slash on.
    pub path: String,
    /// Until when it works.
    pub expires: Seconds,
}

/// How an account is to be removed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Removal<'a> {
    /// Who goes on with what was begun.
    pub to: Option<&'a str>,
    /// Whether the certificates stay valid: the person only moves to another
    /// node of the organisation.
    pub keep_certificate: bool,
    /// The passphrase of the root key.
    pub passphrase: Option<&'a str>,
}

/// What became of what a person had who left.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Departed {
    /// The account that is gone.
    pub name: String,
    /// Who goes on, if there was anything to go on with.
    pub to: Option<String>,
    /// Drafts that are the successor's now.
    pub drafts: u32,
    /// Open requests that the successor decides about now.
    pub requests: u32,
    /// Requests that were declined in the person's name.
    pub declined: u32,
    /// Certificates that were revoked.
    pub revoked: u32,
    /// How many things signed under them are held here, and stand.
    pub stands: u64,
    /// What stays as it is.
    pub kept: Vec<Kept>,
}

/// Something that stays, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// `request`, `certificate`, `expert-card` or `key`.
    pub what: String,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// In words.
    pub reason: String,
}
