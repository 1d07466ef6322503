//! What organisations say about a practice: withdrawn, confirmed, used elsewhere,
//! translated, told of elsewhere too.

use std::collections::BTreeMap;

use super::{Alike, Answer, Choice, Fields, Party, Phrase, Reader, Seconds};

/// Codes of the reasons to withdraw.
pub const WITHDRAW_REASONS: [&str; 6] =
    ["outdated", "wrong", "superseded", "unsafe", "rights", "other"];
/// Codes of what came of using a practice elsewhere.
pub const OUTCOMES: [&str; 3] = ["worked", "partly", "did-not"];
/// Codes of how something was translated.
pub const TRANSLATED_BY: [&str; 3] = ["human", "machine", "reviewed"];

/// Who said something, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// The annotation's id.
    pub id: String,
    /// Who.
    pub by: Party,
    /// When, as is claimed.
    pub claimed: Seconds,
    /// Whether this reader can take it back.
    pub ours: bool,
}

/// Another practice that is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherPractice {
    /// Its id.
    pub id: String,
    /// Its title, if it is held here and the reader may read it.
    pub title: Option<Phrase>,
    /// The organisation that it comes from, in the same case.
    pub organisation: Option<String>,
}

/// Editions that are withdrawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Who withdrew them.
    pub word: Word,
    /// One of [`WITHDRAW_REASONS`], or that of a newer node.
    pub reason: String,
    /// In words.
    pub text: Option<Phrase>,
    /// What to read instead.
    pub replaced_by: Option<OtherPractice>,
    /// The numbers of the editions, ascending.
    pub editions: Vec<u32>,
}

/// "We use this too."
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adapted {
    /// Who does.
    pub word: Word,
    /// The practice, where it is told beside those of others.
    pub practice: Option<OtherPractice>,
    /// In which countries.
    pub countries: Vec<Choice>,
    /// Where in them.
    pub place: Option<String>,
    /// Since when: a date of a practice.
    pub since: Option<String>,
    /// One of [`OUTCOMES`], if it is known.
    pub outcome: Option<String>,
    /// What was changed.
    pub changed: Option<Phrase>,
    /// More about the outcome.
    pub text: Option<Phrase>,
}

/// A translation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Translated {
    /// Who translated.
    pub word: Word,
    /// Into which language.
    pub lang: String,
    /// How: one of [`TRANSLATED_BY`], if they say.
    pub by: Option<String>,
    /// The edition's number, if that is held.
    pub number: Option<u32>,
    /// Keys of texts that the edition shown has differently.
    pub outdated: Vec<String>,
    /// Keys of texts that are left out.
    pub missing: Vec<String>,
    /// The texts by key; of challenges `challenges.N.text` and
    /// `challenges.N.overcome`, N from 0.
    pub texts: BTreeMap<String, String>,
}

/// That the same is told of elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Same {
    /// Who says so.
    pub word: Word,
    /// In which practice.
    pub practice: Option<OtherPractice>,
    /// Under which names: scheme and name.
    pub aliases: Vec<(String, String)>,
}

/// What stands of what is said about a practice, for one of its editions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Annotations {
    /// The withdrawal of the edition.
    pub withdrawal: Option<Withdrawal>,
    /// A withdrawal of other editions, where this one stands.
    pub beside: Option<Withdrawal>,
    /// The last confirmation of the edition.
    pub confirmed: Option<Word>,
    /// When it was published or confirmed last.
    pub renewed: Seconds,
    /// Whether that was twelve months ago or more.
    pub stale: bool,
    /// Who uses it too, the last to say so first.
    pub adapted: Vec<Adapted>,
    /// Translations by language, the one that is shown first.
    pub translations: Vec<Translated>,
    /// Where else the same is told of.
    pub same: Vec<Same>,
    /// What the edition says, with its translations put beside its own words.
    pub fields: Fields,
    /// What this reader can say.
    pub may: Vec<SayKind>,
    /// Whether the reader's key needs its passphrase.
    pub passphrase: bool,
}

impl Annotations {
    /// The translation that is shown in a language.
    #[must_use]
    pub fn translation(&self, lang: &str) -> Option<&Translated> {
        self.translations.iter().find(|one| one.lang == lang)
    }
}

/// A kind of thing to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SayKind {
    /// Withdraw it.
    Withdraw,
    /// Confirm it.
    Confirm,
    /// "We use this too."
    Adapt,
    /// "This is the same as".
    Same,
    /// Take something back.
    TakeBack,
}

impl SayKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Withdraw, Self::Confirm, Self::Adapt, Self::Same, Self::TakeBack];

    /// Its word in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Confirm => "confirm",
            Self::Adapt => "adapt",
            Self::Same => "same",
            Self::TakeBack => "take-back",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == word)
    }
}

/// What somebody says about a practice.
#[derive(Clone, PartialEq, Debug)]
pub enum Say {
    /// It is withdrawn.
    Withdraw {
        /// One edition by number; all that there are if `None`.
        edition: Option<String>,
        /// One of [`WITHDRAW_REASONS`].
        reason: String,
        /// In words; may be empty.
        text: String,
        /// What to read instead, by its id.
        replaced_by: Option<String>,
    },
    /// It is still valid.
    Confirm {
        /// In words; may be empty.
        text: String,
    },
    /// The reader's organisation uses it too, by the keys of adaptation files.
    Adapt(serde_json::Value),
    /// The same is told of elsewhere.
    Same {
        /// In this practice, by its id.
        practice: Option<String>,
        /// Under these names, each `SCHEME:VALUE`.
        aliases: Vec<String>,
    },
    /// A translation, by the keys of translation files.
    Translate {
        /// Into which language.
        lang: String,
        /// Of which edition: the number that the writer saw.
        edition: String,
        /// The texts.
        translation: serde_json::Value,
    },
    /// What the reader's organisation said is taken back.
    TakeBack {
        /// The annotation.
        id: String,
        /// In words; may be empty.
        text: String,
    },
}

/// Practices of the reader's organisation that are to be confirmed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Due {
    /// How many there are.
    pub total: u64,
    /// The first of them: id, title, and when they were renewed last.
    pub practices: Vec<(String, Phrase, Seconds)>,
    /// The organisation's id, for the list of all of them.
    pub organisation: String,
}

/// What organisations say about practices.
pub trait Annotating: Send + Sync {
    /// What is said about a practice, for one of its editions, both named as in
    /// [`practice`](super::Service::practice).
    fn said<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, Annotations>;

    /// Signs something that the reader's organisation says about a practice; answers
    /// the annotation's id. `Invalid` names the field of the [`Say`], of an adaptation
    /// or translation that of its file, or `passphrase`. Needs the role `publisher`; to
    /// withdraw and to confirm, in the organisation that the practice comes from.
    fn say<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        say: &'a Say,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, String>;

    /// Practices that may tell of the same as this one, likeliest first.
    fn likely_same<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<Alike>>;

    /// What an organisation says that it uses too, the last first.
    fn adapted_by<'a>(
        &'a self,
        reader: &'a Reader,
        organisation: &'a str,
    ) -> Answer<'a, Vec<Adapted>>;

    /// Practices of the reader's organisation whose confirmation is due; none where the
    /// reader publishes nothing.
    fn due<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Due>;
}
