//! What people write: a request, an answer, each in the shape of its file.

use serde::{Deserialize, Serialize};

/// A request as it is written, in the shape of request files. Texts are in
/// one language. Which codes exist, what is required and how long a text may
/// be is the node's to judge.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// How it is sent: `routed` or `directed` (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The language it is written in (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What is asked for, in a line; 10 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The asking organisation, where it is not the asker's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The country it is for (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Kinds of support, one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub support_types: Vec<String>,
    /// Objectives of the Global Compact, 1 to 23, one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<u8>,
    /// Cross-cutting topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// What is needed, and why; 300 to 3,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// What one has to know beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// What should be there in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_result: Option<String>,
    /// Ids of practices that were tried already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
    /// Languages the asker reads and speaks (BCP 47).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages_in: Vec<String>,
    /// Languages the answer can be in (BCP 47), one or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages_out: Vec<String>,
    /// The day by which an answer is needed, YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<String>,
    /// How urgent it is (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// How long the support would last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// At a distance, on a visit, or both (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Whether there is money for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Whether the state has to agree, and who did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endorsement: Option<Endorsement>,
    /// Whether experts were taken as matched or chosen by hand (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidentiality: Option<String>,
    /// Keys of fields that everybody may see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stub: Vec<String>,
    /// Whether the answer may be used again, without names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reuse_consent: bool,
    /// Whether the first acceptance is awarded by itself: `auto` or `manual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
    /// The experts of a request that is sent to some by hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experts: Vec<String>,
    /// What is to be translated, where that is what is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translate: Option<Wanted>,
}

/// An edition that is to be translated.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// The practice's id.
    pub practice: String,
    /// The edition's id.
    pub edition: String,
    /// Into which language (BCP 47).
    pub language: String,
}

/// Whether there is money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Whether there is (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<String>,
    /// How much, from whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The word of a state for a request.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Endorsement {
    /// Whether it is required.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Who gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// An answer, in the shape of answer files.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// The answer; 1 to 8,000 characters, in one language.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Ids of the practices it cites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub practices: Vec<String>,
    /// The language of its text (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}
