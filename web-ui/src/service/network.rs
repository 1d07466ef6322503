//! The federation as a node sees it.

use super::{LinkClass, Seconds};

/// Figures of this node, in the shape of `tern status`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// This node's id.
    pub node: String,
    /// The organisation's name.
    pub organisation: String,
    /// The federation's name.
    pub federation: String,
    /// The federation's id.
    pub federation_id: String,
    /// Fingerprint of the federation, in groups: the same at every member.
    pub federation_fingerprint: String,
    /// Fingerprint of this organisation's root key, in groups.
    pub fingerprint: Option<String>,
    /// When the stewards last said that they are there, by their clocks: how
    /// old the view of the members is.
    pub members_as_of: Option<Seconds>,
    /// Number of the newest beacon held, if any.
    pub beacon: Option<u64>,
    /// Members of the federation.
    pub members: u64,
    /// Documents held.
    pub documents: u64,
    /// Practices held.
    pub practices: u64,
    /// Signed records held.
    pub records: u64,
    /// Parcels held.
    pub parcels: u64,
    /// Partner nodes.
    pub peers: Vec<Peer>,
    /// Root of the public set as held (hex).
    pub public_root: String,
    /// Objects in the public set.
    pub public_count: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Bytes of it that hold live data.
    pub live_bytes: u64,
    /// The last time that this node was put back, if ever.
    pub restored: Option<Restored>,
    /// The last time that two nodes were seen to run with its key, if ever.
    pub copied: Option<Copied>,
}

/// Two nodes that run with one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// When this node was told.
    pub at: Seconds,
    /// Which organisation's node told it.
    pub by: String,
    /// When people said that only this one runs.
    pub cleared: Option<Seconds>,
}

/// A node that was put back to an earlier state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// When the backup was made, if it was restored from one; otherwise the
    /// node found out by itself.
    pub to: Option<Seconds>,
    /// When it was restored, or that was noticed.
    pub at: Seconds,
    /// Which organisation's node noticed it, if one did.
    pub by: Option<String>,
    /// How it came to be in step again; until then it signs nothing.
    pub caught_up: Option<CaughtUp>,
}

/// How a restored node came to be in step again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaughtUp {
    /// When.
    pub at: Seconds,
    /// With which organisation, as far as its name is known; `None` by the
    /// operator's word.
    pub with: Option<String>,
    /// Objects that came back in that exchange.
    pub gained: u64,
}

/// A partner node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Peer {
    /// Its id.
    pub node: String,
    /// Its organisation's name, if known.
    pub organisation: Option<String>,
    /// Whether there is a connection now.
    pub connected: bool,
    /// When the last exchange with it ended, if ever.
    pub last_met: Option<Seconds>,
    /// Objects it has that this node lacks, as far as known.
    pub behind: Option<u64>,
    /// Changes waiting here for it.
    pub waiting: u64,
    /// Bytes exchanged today.
    pub bytes_today: u64,
    /// Bytes allowed a day, where a budget is set.
    pub budget: Option<u64>,
}

/// How others reach this node from beyond its local network.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reached {
    /// They do not: it calls them.
    #[default]
    Nobody,
    /// It tells where it is; whether that is true is not known yet.
    Told,
    /// It tells where it is, but members that tried did not get through.
    Closed,
    /// Directly: somebody has.
    Directly,
    /// Over the relays of these members, by name.
    Over(Vec<String>),
}

/// The network page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Network {
    /// Figures and partners.
    pub status: Status,
    /// Where this node listens (multiaddresses).
    pub listen: Vec<String>,
    /// How others reach it.
    pub reached: Reached,
    /// How many members are reached through this node, if it relays.
    pub relays_for: Option<u64>,
    /// Whether this reader may start an exchange.
    pub may_exchange: bool,
    /// Whether this reader may say that a restored node goes on, and that only
    /// this one runs.
    pub may_resume: bool,
    /// What links beyond the local network are.
    pub links: LinkClass,
    /// Whether somebody said so.
    pub links_said: bool,
    /// How this node is, for those who operate it; empty for others.
    pub condition: Vec<ConditionLine>,
}

/// One check of whether a node can serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadyCheck {
    /// Its name, for programs.
    pub name: String,
    /// Whether nothing is wrong.
    pub ok: bool,
    /// What to do, where something is.
    pub hint: Option<String>,
}

/// One line of how a node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConditionLine {
    /// How it stands.
    pub level: ConditionLevel,
    /// What was found.
    pub message: String,
    /// What to do, where something is.
    pub advice: Option<String>,
}

/// How a line stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConditionLevel {
    /// Nothing to do.
    Ok,
    /// Worth a look, in time.
    Attention,
    /// Something is wrong, or will be lost.
    Red,
}

impl ConditionLevel {
    /// The key of its word.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ok => "condition-ok",
            Self::Attention => "condition-attention",
            Self::Red => "condition-red",
        }
    }
}

/// The members page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Membership {
    /// Everyone who is or was a member, in order of joining.
    pub members: Vec<Member>,
    /// Organisations that asked to join and are not admitted yet.
    pub waiting: Vec<Proposal>,
    /// Whether this reader may invite.
    pub may_invite: bool,
    /// Whether this reader may approve for a steward.
    pub may_approve: bool,
}

/// A member of the federation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The organisation's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its country's label, if it has one.
    pub country: Option<String>,
    /// Its kind's label.
    pub kind: Option<String>,
    /// Where it stands.
    pub state: MemberState,
    /// Whether it is a steward.
    pub steward: bool,
    /// Whether it is the organisation of this node.
    pub own: bool,
}

/// Where an organisation stands in a federation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberState {
    /// Takes part.
    Member,
    /// Halted by the stewards until they lift it.
    Suspended,
    /// Left by its own word.
    Left,
    /// Put out by the stewards.
    Removed,
}

/// An organisation that asks to join.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// Id to approve it by.
    pub id: String,
    /// The organisation's name as it gives it.
    pub name: String,
    /// Its country's label.
    pub country: Option<String>,
    /// Fingerprint of its key, to compare by telephone.
    pub fingerprint: String,
    /// When it asked.
    pub asked: Seconds,
    /// Approvals so far.
    pub approvals: u32,
    /// Approvals needed.
    pub needed: u32,
}

/// An invitation, to be passed on by any means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The text.
    pub text: String,
    /// When it stops working.
    pub expires: Seconds,
}
