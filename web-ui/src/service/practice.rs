//! One practice: its text, who stands behind it, its editions, its proof.

use super::{Fields, Seconds};

/// One edition of a practice, whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Practice {
    /// The practice's id (`tern1…`).
    pub id: String,
    /// The id of the edition shown.
    pub edition: String,
    /// Its number.
    pub number: u32,
    /// The number of the latest edition.
    pub latest: u32,
    /// Ids of other editions with no later one, when two were published at
    /// the same time; the next edition settles them.
    pub concurrent: Vec<String>,
    /// Heads of the content (hex).
    pub heads: Vec<String>,
    /// Hash of the canonical content (hex).
    pub content_hash: String,
    /// The organisation the practice comes from: its id.
    pub origin: String,
    /// The organisation the practice comes from: its name.
    pub origin_name: String,
    /// The content.
    pub fields: Fields,
    /// Who signed this edition, author first.
    pub signers: Vec<Signer>,
    /// What the rules of the federation say of this edition.
    pub verdict: Verdict,
    /// The change note of this edition.
    pub note: String,
    /// When its author says it was published.
    pub published: Seconds,
    /// Keys of fields that a review would ask for and that are empty.
    pub missing: Vec<String>,
    /// Whether this reader may open a draft of it.
    pub may_edit: bool,
    /// Editions that do not count because a key was revoked, and that an
    /// adoption would let count.
    pub held_back: Vec<HeldBack>,
    /// Whether this reader may adopt them.
    pub may_adopt: bool,
    /// Whether this reader may erase the practice.
    pub may_erase: bool,
    /// By whom this edition was cleared before it was published.
    pub cleared: super::EditionClearance,
}

/// Codes of the reasons to erase a practice.
pub const ERASE_REASONS: [&str; 4] = ["taken-back", "personal-data", "unlawful", "safety"];

/// Erasing a practice.
#[derive(Clone, PartialEq, Eq)]
pub struct Erasure {
    /// One of [`ERASE_REASONS`].
    pub reason: String,
    /// Opens the key.
    pub passphrase: Option<String>,
}

/// An edition that is held back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldBack {
    /// Its id.
    pub edition: String,
    /// Its number.
    pub number: u32,
    /// Who signed it, if they have a name.
    pub person: Option<String>,
    /// Their organisation.
    pub organisation: String,
    /// Whether they signed it honestly on top of somebody else's that fell.
    pub builds: bool,
}

/// Standing for an edition that is held back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adoption {
    /// The edition.
    pub edition: String,
    /// Why, for readers; may be empty.
    pub reason: String,
    /// Opens the key.
    pub passphrase: Option<String>,
}

/// Somebody whose signature this edition carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    /// The name on the person's name card; `None` when there is none or it
    /// was taken back ("a person of ORG").
    pub person: Option<String>,
    /// The organisation that certified the key.
    pub organisation: String,
    /// What the signature stands for.
    pub role: SignerRole,
    /// When, by the signer's clock.
    pub signed: Seconds,
    /// Whether it counts.
    pub verdict: Verdict,
    /// Why, where it does not simply count.
    pub reason: Option<String>,
}

/// What a signature stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignerRole {
    /// Wrote it.
    Author,
    /// Wrote it with others.
    Contributor,
    /// Published it in the organisation's name.
    Publisher,
    /// Endorsed it for another organisation.
    Endorser,
}

/// What the rules of the federation say of a signed thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// It counts because somebody who may vouched for it afterwards.
    Adopted,
    /// It does not count, and is shown only with this said first.
    Quarantined,
}

/// One edition in the history of a practice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditionEntry {
    /// The edition's id.
    pub id: String,
    /// Its number; two concurrent editions share one.
    pub number: u32,
    /// The change note.
    pub note: String,
    /// Name of the person who published it, if it is shown.
    pub person: Option<String>,
    /// The organisation.
    pub organisation: String,
    /// When, by the author's clock.
    pub published: Seconds,
    /// When it arrived on this node.
    pub received: Seconds,
    /// Whether it counts.
    pub verdict: Verdict,
}

/// How an edition is vouched for, from the federation down to the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// The practice's id.
    pub id: String,
    /// Its title, for the heading.
    pub title: super::Phrase,
    /// The edition these facts are about.
    pub edition: String,
    /// Its number.
    pub number: u32,
    /// Hash of the canonical content (hex).
    pub content_hash: String,
    /// Heads of the content (hex).
    pub heads: Vec<String>,
    /// The federation's id.
    pub federation: String,
    /// The federation's name.
    pub federation_name: String,
    /// What the rules say, all in all.
    pub verdict: Verdict,
    /// Why, where it does not simply count.
    pub reason: Option<String>,
    /// One chain per signature.
    pub chains: Vec<Chain>,
    /// By whom this edition was cleared before it was published.
    pub cleared: super::EditionClearance,
}

/// Why one signature counts: organisation, certificate, key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// The signature this is about.
    pub signer: Signer,
    /// The organisation's id.
    pub organisation: String,
    /// The certificate's id.
    pub certificate: String,
    /// Roles on the certificate, as codes.
    pub roles: Vec<String>,
    /// The signing key (hex or `tern1…`).
    pub key: String,
    /// How that key is kept, where this node knows it and the reader may:
    /// `plain`, `wrapped` or `device`.
    pub level: Option<String>,
    /// When the organisation granted the certificate.
    pub granted: Option<Seconds>,
    /// When it was revoked, if it was.
    pub revoked: Option<Seconds>,
}
