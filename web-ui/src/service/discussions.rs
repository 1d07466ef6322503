//! Discussions: what was said, what moderators advise, and taking part.
//!
//! All of it is public: guests may read. Reports to the moderators of this node
//! are not.

use serde_json::Value;

use super::{Answer, Party, Phrase, Reader, Seconds};

/// What pages need to show discussions and to take part in them.
pub trait Discussing: Send + Sync {
    /// Discussions, those in which something was said last first; at most
    /// [`LIST_ITEMS_MAX`](super::LIST_ITEMS_MAX).
    fn discussions<'a>(
        &'a self,
        reader: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Vec<DiscussionEntry>>;

    /// Those about a practice: its own first, then those that were opened about
    /// it; none if the practice is not held.
    fn discussions_about<'a>(
        &'a self,
        reader: &'a Reader,
        practice: &'a str,
    ) -> Answer<'a, Vec<DiscussionEntry>>;

    /// One discussion, by its id or that of a practice, or an unambiguous prefix
    /// of at least eight characters.
    fn discussion<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Discussion>;

    /// The same as a document, in the shape of `tern discuss show`.
    fn discussion_document<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Value>;

    /// The list as a document, in the shape of `tern discuss list`.
    fn discussions_document<'a>(
        &'a self,
        reader: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Value>;

    /// Opens a discussion by a form in the shape of discussion files, about a
    /// practice or none; answers its id. `Invalid` names a field of the form,
    /// `practice`, `moderators` or `passphrase`. Needs the role `publisher` or
    /// `focal-point`.
    fn open_discussion<'a>(
        &'a self,
        reader: &'a Reader,
        open: &'a OpenDiscussion,
    ) -> Answer<'a, String>;

    /// Says something. `Forbidden` when it would count for nothing, `Invalid`
    /// names a field of the form or `passphrase`.
    fn speak<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        say: &'a Speech,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// What was reported on this node: `Forbidden` to those who do not moderate.
    fn reports<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReportEntry>>;

    /// The reports about a post are settled.
    fn settle_reports<'a>(&'a self, reader: &'a Reader, post: &'a str) -> Answer<'a, ()>;
}

/// Codes of what moderators advise.
pub const ADVICE: [&str; 4] = ["hide", "correct", "warn", "clear"];
/// Codes of why.
pub const ADVICE_REASONS: [&str; 7] =
    ["off-topic", "wrong", "personal-data", "harmful", "safety", "spam", "other"];
/// Codes of how a translation was made.
pub const TRANSLATED: [&str; 3] = ["human", "reviewed", "machine"];
/// Codes of why somebody takes a post back.
pub const TAKE_BACK: [&str; 4] = ["taken-back", "personal-data", "unlawful", "safety"];
/// A post has at most this many bytes.
pub const POST_BYTES_MAX: usize = 16 * 1024;

/// What narrows the list of discussions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiscussionsAsked {
    /// In this language.
    pub lang: Option<String>,
    /// Of this objective.
    pub objective: Option<u8>,
    /// Only those that are open.
    pub open: bool,
}

/// What can be said, as it stands in addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpeechKind {
    /// Post, or answer a question.
    Post,
    /// Answer a post.
    Reply,
    /// Another wording.
    Edit,
    /// A translation.
    Translate,
    /// Advise something, for moderators.
    Advise,
    /// Close it, for its moderators.
    Close,
    /// Tell the moderators of this node.
    Report,
    /// Take one's own post back.
    TakeBack,
}

impl SpeechKind {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Post,
        Self::Reply,
        Self::Edit,
        Self::Translate,
        Self::Advise,
        Self::Close,
        Self::Report,
        Self::TakeBack,
    ];

    /// The word in addresses and in the names of sentences.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Reply => "reply",
            Self::Edit => "edit",
            Self::Translate => "translate",
            Self::Advise => "advise",
            Self::Close => "close",
            Self::Report => "report",
            Self::TakeBack => "take-back",
        }
    }

    /// The one of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == word)
    }

    /// Whether it is about a post that is named.
    #[must_use]
    pub const fn names_a_post(self) -> bool {
        matches!(self, Self::Reply | Self::Edit | Self::Translate | Self::Report | Self::TakeBack)
    }
}

/// Something that is said. Languages are tags; posts are ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Speech {
    /// Post; to the question of this number, from 1, or to none.
    Post {
        /// The question.
        question: Option<usize>,
        /// The language of the text.
        lang: String,
        /// The text, in Markdown.
        text: String,
    },
    /// Answer a post.
    Reply {
        /// Which.
        post: String,
        /// The language of the text.
        lang: String,
        /// The text.
        text: String,
    },
    /// Another wording.
    Edit {
        /// Of which post.
        post: String,
        /// The wording that the form began from.
        saw: String,
        /// The whole text.
        text: String,
    },
    /// A translation.
    Translate {
        /// Of which post.
        post: String,
        /// Into which language.
        lang: String,
        /// A code of [`TRANSLATED`].
        made: String,
        /// The text.
        text: String,
    },
    /// An advisory; about the discussion where no post is named.
    Advise {
        /// About which post.
        post: Option<String>,
        /// A code of [`ADVICE`].
        advice: String,
        /// A code of [`ADVICE_REASONS`].
        reason: String,
        /// In words; may be empty unless it corrects.
        text: String,
    },
    /// The closing summary.
    Close {
        /// Its language.
        lang: String,
        /// The summary.
        text: String,
    },
    /// A report to the moderators of this node.
    Report {
        /// About which post.
        post: String,
        /// A code of [`ADVICE_REASONS`].
        reason: String,
        /// In words; may be empty.
        text: String,
    },
    /// Take a post back.
    TakeBack {
        /// Which.
        post: String,
        /// A code of [`TAKE_BACK`].
        reason: String,
    },
}

/// Opening a discussion.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OpenDiscussion {
    /// In the shape of discussion files.
    pub form: Value,
    /// About which practice.
    pub practice: Option<String>,
    /// Opens the key.
    pub passphrase: Option<String>,
}

/// A discussion, as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiscussionEntry {
    /// Its id.
    pub id: String,
    /// What it is called: its title, or that of the practice; empty if that cannot
    /// be read here.
    pub title: Phrase,
    /// Whether it is that of a practice, which nobody opened.
    pub of_practice: bool,
    /// The practice that it is about, with its title.
    pub practice: Option<(String, Phrase)>,
    /// The organisation that opened it, or that the practice comes from.
    pub organisation: String,
    /// The organisations that moderate it.
    pub moderators: Vec<String>,
    /// A code: `ahead`, `open`, `past`, `closed`.
    pub state: String,
    /// From when posts are awaited (a date), and until when.
    pub dates: (Option<String>, Option<String>),
    /// Languages, as tags.
    pub languages: Vec<String>,
    /// Objectives.
    pub objectives: Vec<u8>,
    /// How many posts stand.
    pub posts: usize,
    /// When somebody said something last, as is claimed.
    pub last: Seconds,
    /// Whether advice that this node follows would hide all of it.
    pub hidden: bool,
}

/// One wording of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostWording {
    /// The record.
    pub id: String,
    /// The text, in Markdown.
    pub text: String,
    /// When, as is claimed.
    pub claimed: Seconds,
}

/// A translation of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostTranslation {
    /// Into which language.
    pub lang: String,
    /// The text, in Markdown.
    pub text: String,
    /// The code of how it was made.
    pub made: String,
    /// Who translated.
    pub by: Party,
    /// Whether it is of the wording that stands.
    pub current: bool,
}

/// What an organisation advises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostAdvice {
    /// Which organisation.
    pub organisation: String,
    /// The code of what.
    pub advice: String,
    /// The code of why.
    pub reason: String,
    /// In words; may be empty.
    pub text: Phrase,
    /// Whether this node follows it.
    pub followed: bool,
}

/// A post or a summary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    /// The record.
    pub id: String,
    /// Who wrote it.
    pub by: Party,
    /// In which language.
    pub lang: String,
    /// The question under which it is shown, from 1; 0 is none.
    pub question: usize,
    /// How many posts it stands below.
    pub depth: usize,
    /// The one that it answers, with its author if it is here.
    pub answers: Option<(String, Option<Party>)>,
    /// Its wordings, the last of which stands; at least one.
    pub wordings: Vec<PostWording>,
    /// By language.
    pub translations: Vec<PostTranslation>,
    /// What organisations advise.
    pub advice: Vec<PostAdvice>,
    /// Whether advice that this node follows would hide it.
    pub hidden: bool,
    /// Whether the reader wrote it.
    pub own: bool,
    /// Whether the reader's organisation can take it back for them.
    pub retractable: bool,
}

impl Post {
    /// The wording that stands.
    #[must_use]
    pub fn now(&self) -> &str {
        self.wordings.last().map_or("", |wording| wording.text.as_str())
    }
}

/// A discussion, whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Discussion {
    /// What a list shows of it.
    pub entry: DiscussionEntry,
    /// Why it does not count, if so.
    pub flaw: Option<String>,
    /// Why it is held.
    pub purpose: Phrase,
    /// What is asked.
    pub questions: Vec<Phrase>,
    /// Posts in the order in which they are read: by question, each followed by
    /// the answers to it.
    pub posts: Vec<Post>,
    /// What closes it.
    pub summaries: Vec<Post>,
    /// What organisations advise about the whole.
    pub advice: Vec<PostAdvice>,
    /// What was said and does not count: the kind, whose, and why.
    pub refused: Vec<(String, String, String)>,
    /// Whether the reader may post.
    pub may_post: bool,
    /// Whether the reader may reword, translate and report.
    pub may_write: bool,
    /// Whether the reader moderates for their organisation.
    pub may_advise: bool,
    /// Whether the reader may close it.
    pub may_close: bool,
    /// Whether the reader's key needs its passphrase.
    pub passphrase: bool,
}

impl Discussion {
    /// A post or a summary.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Post> {
        self.posts.iter().chain(&self.summaries).find(|post| post.id == id)
    }
}

/// A report on this node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportEntry {
    /// In which discussion.
    pub discussion: String,
    /// About which post.
    pub post: String,
    /// Who reported it, by the name of the account.
    pub account: String,
    /// The code of why.
    pub reason: String,
    /// In words; may be empty.
    pub text: Phrase,
    /// When.
    pub at: Seconds,
}
