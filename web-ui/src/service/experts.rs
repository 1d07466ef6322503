//! Who can help with what: the cards that experts sign, and the directory of
//! them.
//!
//! A card is public: every node has every card, and a search runs here alone,
//! so that nobody learns what was looked for.

use serde::{Deserialize, Serialize};

use super::{Choice, FieldError, Seconds};

/// The content of an expert card, in the shape of card files. Which codes
/// exist, what is required and how long a text may be is the node's to judge.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// A name or an alias, as the expert likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Objectives of the Global Compact, 1 to 23.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<u8>,
    /// Cross-cutting topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Languages, each with what the expert can do in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Speaks>,
    /// Countries the expert knows (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country_experience: Vec<String>,
    /// Kinds of support offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub support_types: Vec<String>,
    /// How many years of experience (code of a band).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<String>,
    /// At a distance, on a visit, or both (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Hours a month that the expert has for requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<u64>,
    /// When the expert is there, and when away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub availability: Vec<Window>,
    /// What it costs (code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}

/// A language of an expert.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Speaks {
    /// The language (BCP 47).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tag: String,
    /// The most the expert can do in it: work, write or train (code).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub can: String,
}

/// A stretch of days; both ends belong to it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Window {
    /// The first day, YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Whether a card can be found and asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardState {
    /// It is in the directory.
    Listed,
    /// Its owner set it aside for a while: it is not matched.
    Paused,
    /// It is due for renewal: still matched, with a word to its owner.
    Due,
    /// Twelve months went by without renewal: it is not matched.
    Lapsed,
}

/// One card, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expert {
    /// The id of the expert: that of the certificate which signed the card.
    /// It stays the same when the card changes.
    pub id: String,
    /// The name on the card, or that of the name card; `None` where none is
    /// shown.
    pub name: Option<String>,
    /// The organisation's name.
    pub organisation: String,
    /// The organisation's country, if it has one.
    pub country: Option<Choice>,
    /// What the card says.
    pub card: Card,
    /// Whether it can be found.
    pub state: CardState,
    /// When it was signed, by its owner's clock.
    pub signed: Seconds,
    /// When it lapses.
    pub expires: Seconds,
    /// Requests known to be in this expert's hands now.
    pub load: u32,
}

/// Whom a person looks for. Empty is everybody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExpertQuery {
    /// Words in names, organisations and labels; at most 400 characters.
    pub text: String,
    /// Only experts on this objective (code).
    pub objective: Option<String>,
    /// Only experts who know this country.
    pub country: Option<String>,
    /// Only experts who work in this language.
    pub lang: Option<String>,
    /// Only experts who offer this kind of support (code).
    pub support: Option<String>,
    /// Continue after this place, as answered in [`Experts::next`].
    pub after: Option<String>,
    /// At most this many, 1 to [`super::LIST_ITEMS_MAX`].
    pub limit: usize,
}

/// One page of the directory: listed cards only, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Experts {
    /// All that fit, on all pages.
    pub total: u64,
    /// This page of them.
    pub items: Vec<Expert>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A person's own card, or the start of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnCard {
    /// The card as it is known to partners; `None` while there is none, or
    /// once it was removed.
    pub expert: Option<Expert>,
    /// What the form begins with: the card, or what the account tells.
    pub card: Card,
    /// The number of the present card, 0 for none; sent back when saving.
    pub seen: u64,
    /// Whether this person's key is locked with a passphrase.
    pub passphrase: bool,
    /// Why this person cannot sign a card, as a sentence; `None` if they can.
    pub refused: Option<String>,
}

/// A card to sign.
#[derive(Clone, PartialEq, Eq)]
pub struct SignCard {
    /// The number of the card this person saw when the form was opened.
    pub seen: u64,
    /// The whole content as this person leaves it.
    pub card: Card,
    /// Opens the person's key, where it is locked.
    pub passphrase: Option<String>,
}

/// What can be done with a card beside changing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardAct {
    /// Sets it aside: it stays known and is not matched.
    Pause,
    /// Lists it again, for another twelve months.
    List,
    /// Takes it back: partners drop its content.
    Remove,
}

/// What is wrong with a card before it is signed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CardCheck {
    /// Rules it breaks, field by field; with any of these it cannot be signed.
    pub problems: Vec<FieldError>,
    /// Keys of fields without which the card would hardly be found.
    pub missing: Vec<String>,
}
