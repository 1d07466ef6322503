//! Clearance: whether what a draft says may be published.
//!
//! An organisation can [ask](crate::authority::ClearancePolicy) that somebody clears a
//! practice before it is published: a second publisher, who neither asked nor publishes, or
//! whoever signs a printed sheet by hand, of which a publisher who did not ask says that it
//! is the sheet of this content. Everything said about it is one kind of record, a
//! [`Clearance`] with a [`Deed`], about exactly one content of one draft: where the text
//! changes, nothing said before covers it.
//!
//! The records stand in the draft's document, beside its [comments](crate::comment) and in
//! their entry: so they travel where the draft travels and nowhere else, and a version that
//! knows nothing of them publishes them as little as a comment. Each is signed by itself: a
//! change in a draft is signed by whoever made it, and what is [published](of_edition) with
//! an edition is that one record, which any node checks without the draft.
//!
//! [`fold`](fold::fold) makes where it lies from the *set* of records, whatever the order in
//! which they came.
//!
//! Not here: what an organisation asks for, which is the authority's, and who refuses to
//! publish, which is the node's. A node that publishes all the same makes an edition that is
//! valid and [without clearance](Cleared::Without), on every node.

use std::collections::BTreeMap;

use minicbor::bytes::ByteArray;

use crate::authority::{Authority, ClearanceNeed, Role};
use crate::comment::COMMENTS;
use crate::edition::Edition;
use crate::identity::{CertificateId, DraftId, FederationId, OrgId, PublicKey, RecordId};
use crate::signed::{Kind, Record, Statement, Verified};
use crate::timestamp::Timestamp;
use crate::value::Value;

pub mod fold;

/// A record of clearance has at most this many bytes: as hexadecimal digits it is one word
/// of the document.
pub const CLEARANCE_BYTES_MAX: usize = 2_000;
/// A note or reason has at most this many bytes.
pub const WORDS_BYTES_MAX: usize = 1_000;
/// An ask names at most this many heads.
pub const HEADS_MAX: usize = 16;
/// Under this key a record stands in an entry of the comments.
const KEY: &str = "clearance";

/// Something said about one content of one draft.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Clearance {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The draft.
    #[n(1)]
    pub draft: DraftId,
    /// The [content hash](crate::value::content_hash) of what would be published.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub content: [u8; 32],
    /// What is said.
    #[n(3)]
    pub deed: Deed,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

/// What can be said.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// Somebody who writes the draft asks for clearance.
    #[n(0)]
    Ask {
        /// The heads at which the draft says this.
        #[n(0)]
        heads: Vec<ByteArray<32>>,
        /// For whoever clears; may be empty.
        #[n(1)]
        note: String,
    },
    /// A publisher looks at it: it lies with them.
    #[n(1)]
    Take {
        /// The record that asks.
        #[n(0)]
        ask: RecordId,
    },
    /// A publisher gives it back.
    #[n(2)]
    Return {
        /// The record that asks.
        #[n(0)]
        ask: RecordId,
        /// Why; not blank.
        #[n(1)]
        reason: String,
    },
    /// A publisher approves. It has no words: it is published with the edition.
    #[n(3)]
    Approve {
        /// The record that asks.
        #[n(0)]
        ask: RecordId,
        /// The certificate that asked.
        #[n(1)]
        asker: CertificateId,
    },
    /// Somebody who writes the draft notes the scan of a signed sheet; the file itself travels
    /// with nothing.
    #[n(4)]
    Attach {
        /// The record that asks.
        #[n(0)]
        ask: RecordId,
        /// The BLAKE3 hash of the file.
        #[cbor(n(1), with = "minicbor::bytes")]
        sheet: [u8; 32],
        /// How many bytes the file has.
        #[n(2)]
        bytes: u64,
    },
    /// A publisher looked at the scan: it is the signed sheet of this content. It has no
    /// words: it is published with the edition.
    #[n(5)]
    Confirm {
        /// The record that asks.
        #[n(0)]
        ask: RecordId,
        /// The certificate that asked.
        #[n(1)]
        asker: CertificateId,
        /// The BLAKE3 hash of the file.
        #[cbor(n(2), with = "minicbor::bytes")]
        sheet: [u8; 32],
    },
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "asked",
            Self::Take { .. } => "taken",
            Self::Return { .. } => "returned",
            Self::Approve { .. } => "approved",
            Self::Attach { .. } => "sheet",
            Self::Confirm { .. } => "confirmed",
        }
    }

    /// The record that asks, of an answer.
    pub const fn ask(&self) -> Option<RecordId> {
        match self {
            Self::Ask { .. } => None,
            Self::Take { ask }
            | Self::Return { ask, .. }
            | Self::Approve { ask, .. }
            | Self::Attach { ask, .. }
            | Self::Confirm { ask, .. } => Some(*ask),
        }
    }

    /// What is said in words.
    pub fn words(&self) -> &str {
        match self {
            Self::Ask { note: words, .. } | Self::Return { reason: words, .. } => words,
            _ => "",
        }
    }

    /// In which way it clears, and who had asked.
    const fn clears(&self) -> Option<(Way, CertificateId)> {
        match self {
            Self::Approve { asker, .. } => Some((Way::Publisher, *asker)),
            Self::Confirm { asker, sheet, .. } => Some((Way::Sheet(*sheet), *asker)),
            _ => None,
        }
    }
}

impl Statement for Clearance {
    const KIND: Kind = Kind::known("clearance");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.draft.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.deed.words().len() > WORDS_BYTES_MAX {
            return Err("a note or reason of a clearance is longer than 1,000 bytes");
        }
        match &self.deed {
            Deed::Ask { heads, .. } if heads.is_empty() || heads.len() > HEADS_MAX => {
                Err("an ask for clearance names 1 to 16 heads")
            }
            Deed::Return { reason, .. } if reason.trim().is_empty() => {
                Err("who returns a draft says why")
            }
            _ => Ok(()),
        }
    }
}

/// How a content was cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// A second publisher approved it.
    Publisher,
    /// A sheet was signed by hand; the hash of its scan.
    Sheet([u8; 32]),
}

impl Way {
    /// The code of JSON, as in [`ClearanceNeed`].
    pub const fn code(self) -> &'static str {
        match self {
            Self::Publisher => ClearanceNeed::Publisher.code(),
            Self::Sheet(_) => ClearanceNeed::Sheet.code(),
        }
    }

    /// Whether it is what is needed.
    pub const fn suits(self, need: ClearanceNeed) -> bool {
        match need {
            ClearanceNeed::Nothing | ClearanceNeed::Either => true,
            ClearanceNeed::Publisher => matches!(self, Self::Publisher),
            ClearanceNeed::Sheet => matches!(self, Self::Sheet(_)),
        }
    }

    /// Whether whoever said it may publish the content too. *Who approved is the second
    /// pair of eyes; who confirmed a sheet told whose hand signed it.*
    const fn leaves_publishing(self) -> bool {
        matches!(self, Self::Sheet(_))
    }
}

/// Who cleared what was published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The certificate that signed it.
    pub by: CertificateId,
    /// How.
    pub way: Way,
    /// When, by its clock.
    pub claimed_at: Timestamp,
}

/// What is to be said of the clearance of an edition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cleared {
    /// Its organisation asks for none.
    NotAsked,
    /// It was published before its organisation asked for it.
    Before,
    /// It was cleared, as its organisation asks if it asks.
    By(Proof),
    /// It was published without the clearance that its organisation asks for.
    Without(ClearanceNeed),
}

impl Cleared {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Before => "before",
            Self::By(_) => "cleared",
            Self::Without(_) => "without",
        }
    }
}

/// The clearance of an edition: a function of it and the authority set.
pub fn of_edition(authority: &Authority, edition: &Verified<Edition>) -> Cleared {
    let body = edition.body();
    let Some(org) = authority.certificate(&body.by).map(|granted| granted.org) else {
        return Cleared::NotAsked;
    };
    let need = authority.clearance_need(&org);
    let proof = edition.only_signer().and_then(|publisher| {
        let record = body.cleared.as_ref()?;
        let record = read(authority.federation(), record)?;
        proven(authority, &record, org, &body.content, &publisher)
    });
    match proof {
        Some(proof) if proof.way.suits(need) => Cleared::By(proof),
        _ if need == ClearanceNeed::Nothing => Cleared::NotAsked,
        _ if authority.is_before_clearance(&org, &edition.id().cast()) => Cleared::Before,
        _ => Cleared::Without(need),
    }
}

/// Whether a record clears this content, of this organisation, for whoever publishes it.
pub fn proven(
    authority: &Authority,
    record: &Verified<Clearance>,
    org: OrgId,
    content: &[u8; 32],
    publisher: &PublicKey,
) -> Option<Proof> {
    let (by, body) = (record.body().by, record.body());
    let (way, asker) = body.deed.clears()?;
    let key = record.only_signer()?;
    let counts = counts(authority, record, Role::Publisher, org);
    let asked = authority.certificate(&asker).filter(|granted| granted.org == org)?;
    let another = asked.certificate.key != key && (way.leaves_publishing() || key != *publisher);
    let holds = counts && another && body.content == *content;
    holds.then_some(Proof { by, way, claimed_at: body.claimed_at })
}

/// Whether the key of a record's certificate, of this organisation, alone signed it in a
/// role that it had.
fn counts(authority: &Authority, record: &Verified<Clearance>, role: Role, org: OrgId) -> bool {
    let (body, id) = (record.body(), record.id());
    let Some(key) = record.only_signer() else { return false };
    let about = Some(body.draft.as_bytes());
    let counts = authority.counts_about(body.by, key, Some(role), id.as_bytes(), about);
    counts.is_ok_and(|granted| granted.org == org)
}

/// Reads and verifies a record of clearance; `None` for what is none.
pub fn read(federation: FederationId, bytes: &[u8]) -> Option<Verified<Clearance>> {
    if bytes.len() > CLEARANCE_BYTES_MAX {
        return None;
    }
    Record::from_bytes(bytes).ok()?.verify(federation).ok()?.read().ok()
}

/// The records of clearance in a draft's content, by time and id. What is none, or is about
/// another draft, is left out. They are bounded by the bytes of a draft alone: of the first
/// so many, somebody who was shown it could keep out what others say.
pub fn records(
    federation: FederationId,
    draft: &DraftId,
    content: &BTreeMap<String, Value>,
) -> Vec<Verified<Clearance>> {
    let Some(Value::Map(entries)) = content.get(COMMENTS) else { return Vec::new() };
    let record = |value: &Value| {
        let Value::Map(entry) = value else { return None };
        let Some(Value::Word(digits)) = entry.get(KEY) else { return None };
        read(federation, &from_digits(digits)?).filter(|record| record.body().draft == *draft)
    };
    let mut all: Vec<Verified<Clearance>> = entries.values().filter_map(record).collect();
    all.sort_by_key(|record| (record.body().claimed_at, record.id()));
    all.dedup_by_key(|record| record.id());
    all
}

/// Whether a draft's content has what looks like a record of clearance.
pub fn is_said(content: &BTreeMap<String, Value>) -> bool {
    let Some(Value::Map(entries)) = content.get(COMMENTS) else { return false };
    entries.values().any(|value| matches!(value, Value::Map(entry) if entry.contains_key(KEY)))
}

/// The content with one record of clearance in it.
pub fn with(mut content: BTreeMap<String, Value>, record: &Record) -> BTreeMap<String, Value> {
    let all = content.entry(COMMENTS.to_owned()).or_insert_with(|| Value::Map(BTreeMap::new()));
    if let Value::Map(entries) = all {
        let word = Value::Word(digits(&record.to_bytes()));
        let name = digits(&record.id().as_bytes()[..16]);
        entries.insert(name, Value::Map([(KEY.to_owned(), word)].into()));
    }
    content
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_digits(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8; 2]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

#[cfg(test)]
mod tests;
