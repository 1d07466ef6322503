//! A federation that governs itself, as the pages ask for it.
//!
//! What is signed here is signed with the organisation's root key. A page
//! shows what would be signed before it asks for the passphrase; the node
//! checks everything again.

use super::{Answer, Member, MemberState, Reader, Role, Seconds};

/// What the pages of a charter, of members and of approvals need.
pub trait Governing: Send + Sync {
    /// How many proposals wait for this reader's approval. Asked for on every
    /// page of a steward, so it must be cheap.
    fn awaiting<'a>(&'a self, reader: &'a Reader) -> Answer<'a, u32>;

    /// The charter in force with its history. `NotFound` while none is held.
    fn charter<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterBook>;

    /// What a form of the next charter begins with. Needs a steward's role.
    fn charter_form<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterForm>;

    /// What the next charter would change; signs nothing. `Invalid` names
    /// `name`, `steward` or `policy`.
    fn check_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
    ) -> Answer<'a, CharterCheck>;

    /// Signs and proposes the next charter; whether it is in force at once.
    fn propose_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool>;

    /// What waits for approvals. Needs a signed-in member.
    fn proposals<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Proposals>;

    /// Approves one by its id. `Conflict` where it would contradict what this
    /// organisation approved before; `Invalid` with field `passphrase` when
    /// that was wrong. Needs a steward's role.
    fn approve<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// One organisation with its people's certificates, by its id.
    fn organisation<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, OrganisationBook>;

    /// Does something to a member, or to the reader's own organisation;
    /// whether it counts at once. `Invalid` with field `reason` where one is
    /// asked for. Needs a steward's role; to leave, an operator's.
    fn act_on_member<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: MemberAct,
        reason: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool>;

    /// Revokes a certificate of the reader's organisation; how many things
    /// signed under it stand. `reason` is a code of
    /// [`REVOKE_REASONS`]. Needs an operator's role.
    fn revoke<'a>(
        &'a self,
        reader: &'a Reader,
        certificate: &'a str,
        reason: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, u64>;

    /// What the charter says of personal data, if anything.
    fn data_policy<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Option<String>>;
}

/// Codes of the reasons for which a certificate is revoked.
pub const REVOKE_REASONS: [&str; 5] = ["left", "replaced", "lost", "stolen", "misused"];

/// An organisation by id and name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrgLink {
    /// The id.
    pub id: String,
    /// The name; empty where nothing is known of it.
    pub name: String,
}

/// A policy of a charter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Its code.
    pub code: String,
    /// What was agreed on.
    pub text: String,
}

/// A charter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CharterVersion {
    /// Its id.
    pub id: String,
    /// Its number, from 0.
    pub number: u32,
    /// What the federation is called.
    pub name: String,
    /// Its stewards.
    pub stewards: Vec<OrgLink>,
    /// How many of them decide.
    pub majority: u32,
    /// How many members can replace them; below 2 nobody can.
    pub recall: u32,
    /// What was agreed on.
    pub policies: Vec<Policy>,
    /// Who signed it.
    pub signed: Vec<OrgLink>,
    /// In what it differs from the one before.
    pub changes: Vec<CharterChange>,
}

/// One thing in which a charter differs from the one before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CharterChange {
    /// The name.
    Name {
        /// Before.
        from: String,
        /// From then on.
        to: String,
    },
    /// A steward more.
    Appoints(OrgLink),
    /// A steward less.
    Drops(OrgLink),
    /// A policy.
    Policy {
        /// Its code.
        code: String,
        /// Before, if there was one.
        from: Option<String>,
        /// From then on, if there is one.
        to: Option<String>,
    },
    /// How many members can replace the stewards.
    Recall {
        /// Before.
        from: u32,
        /// From then on.
        to: u32,
    },
}

/// The charter page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CharterBook {
    /// The federation's fingerprint, in groups.
    pub fingerprint: String,
    /// Every charter, the one in force first; never empty.
    pub versions: Vec<CharterVersion>,
    /// Proposals for the next one.
    pub proposed: u32,
    /// Members of the federation.
    pub members: u32,
    /// Whether this reader may propose one.
    pub may_propose: bool,
}

/// A form of the next charter, as it begins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CharterForm {
    /// The number it would have.
    pub number: u32,
    /// What is in force.
    pub now: CharterVersion,
    /// Members, of which it can name stewards.
    pub members: Vec<OrgLink>,
    /// Codes that everybody knows.
    pub codes: Vec<String>,
    /// Whether the root key needs its passphrase.
    pub passphrase: bool,
}

/// The next charter as it was typed: all of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Amended {
    /// The name.
    pub name: String,
    /// Ids of the stewards.
    pub stewards: Vec<String>,
    /// The policies; one without text is taken out.
    pub policies: Vec<Policy>,
}

/// What the next charter would change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CharterCheck {
    /// Its number.
    pub number: u32,
    /// In what it differs.
    pub changes: Vec<CharterChange>,
    /// Whether the root key needs its passphrase.
    pub passphrase: bool,
}

/// The page of what waits for approvals.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proposals {
    /// What waits, for this organisation first.
    pub items: Vec<Waiting>,
    /// The federation's fingerprint, in groups, to be read out to newcomers.
    pub fingerprint: String,
    /// Whether this reader may approve for a steward.
    pub may_approve: bool,
    /// Whether the root key needs its passphrase.
    pub passphrase: bool,
}

/// Something that waits for approvals.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// By what it is approved.
    pub id: String,
    /// `charter`, `admit`, `suspend`, `lift`, `remove` or `rekey`.
    pub kind: String,
    /// About whom; of a charter nobody.
    pub about: OrgLink,
    /// Of a charter its number.
    pub number: u32,
    /// The country's label, as it gives it.
    pub country: Option<String>,
    /// Fingerprint of its root key, in groups.
    pub fingerprint: Option<String>,
    /// Why, in the words of whoever proposed it.
    pub reason: Option<String>,
    /// In what a charter differs from the one in force.
    pub changes: Vec<CharterChange>,
    /// Stewards that approved.
    pub approved: Vec<OrgLink>,
    /// Stewards that have not.
    pub missing: Vec<OrgLink>,
    /// How many approvals make it count.
    pub needed: u32,
    /// New stewards that have not agreed.
    pub to_agree: Vec<OrgLink>,
    /// Members that approved a charter, and how many are a recall.
    pub recall: Option<(u32, u32)>,
    /// Whether this organisation approved.
    pub approved_here: bool,
    /// Why this organisation cannot approve it, if it cannot.
    pub blocked: Option<String>,
    /// Since when it waits here, if that is known.
    pub since: Option<Seconds>,
    /// Whether it showed an invitation of this node.
    pub invited_here: bool,
    /// Whether it was a member before, and left or was removed.
    pub returns: bool,
    /// Organisations that it could be taken for.
    pub alike: Vec<LookAlike>,
    /// Others of the same country.
    pub neighbours: Vec<OrgLink>,
}

impl Waiting {
    /// Whether it waits for the reader's organisation.
    #[must_use]
    pub const fn is_for_us(&self) -> bool {
        !self.approved_here && self.blocked.is_none()
    }
}

/// An organisation that a newcomer could be taken for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LookAlike {
    /// Which.
    pub org: OrgLink,
    /// `name`, `spelling`, `words` or `initials`.
    pub like: String,
    /// Whether both give the same country.
    pub same_country: bool,
}

/// An organisation's page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganisationBook {
    /// What the list of members shows.
    pub member: Member,
    /// Why it was halted or put out, in the stewards' words.
    pub reason: Option<String>,
    /// Fingerprint of its root key, in groups; `None` where two rotations of
    /// its keys conflict.
    pub fingerprint: Option<String>,
    /// Its certificates, in the order in which they were granted.
    pub certificates: Vec<CertificateLine>,
    /// What this reader may do about it.
    pub acts: Vec<MemberAct>,
    /// The number of the federation's present beacon; 0 before there is one.
    pub beacon: u32,
    /// Whether this reader may revoke its certificates.
    pub may_revoke: bool,
    /// Whether the reader's root key needs its passphrase.
    pub passphrase: bool,
}

/// One certificate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CertificateLine {
    /// Its id.
    pub id: String,
    /// The name on the name card, if there is one.
    pub person: Option<String>,
    /// What it allows a person.
    pub roles: Vec<Role>,
    /// Whether it is a node's.
    pub node: bool,
    /// Fingerprint of the key, in groups.
    pub fingerprint: String,
    /// Which entry of the organisation's log granted it, from 1.
    pub entry: u32,
    /// `live`, `waiting`, `suspended`, `over`, `left`, `removed` or `revoked`.
    pub state: String,
    /// Why it was revoked: a code of [`REVOKE_REASONS`].
    pub ended: Option<String>,
    /// Which entry revoked it.
    pub ended_by: Option<u32>,
    /// What its roles are about, where not about everything: what each thing is
    /// (`draft`, `practice`, `submission`, `request` or `unknown`), and its id.
    pub only: Option<Vec<(&'static str, String)>>,
    /// How many things that its key signed go before those of others.
    pub quota: Option<u32>,
    /// With which beacon it ends, and in about how many weeks; 0 weeks: with
    /// the present one. `None` where it has no end, or that is over.
    pub ends: Option<(u32, u32)>,
    /// Whether it is the reader's own, or that of this node.
    pub own: bool,
}

impl CertificateLine {
    /// Whether it can still be revoked.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state.as_str(), "revoked" | "removed")
    }
}

/// What can be done to a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberAct {
    /// Halt it.
    Suspend,
    /// End that.
    Lift,
    /// Put it out.
    Remove,
    /// Let one in again that left or was put out.
    Admit,
    /// Of one's own organisation: leave.
    Leave,
}

impl MemberAct {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Suspend, Self::Lift, Self::Remove, Self::Admit, Self::Leave];

    /// The word in addresses and keys.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Lift => "lift",
            Self::Remove => "remove",
            Self::Admit => "admit",
            Self::Leave => "leave",
        }
    }

    /// Whether a reason has to be given.
    #[must_use]
    pub const fn asks_why(self) -> bool {
        matches!(self, Self::Suspend | Self::Remove)
    }
}

impl MemberState {
    /// The end of the key of its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Suspended => "suspended",
            Self::Left => "left",
            Self::Removed => "removed",
        }
    }
}
