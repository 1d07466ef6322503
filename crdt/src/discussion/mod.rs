//! Discussions: what people of the member organisations say to each other in
//! the open.
//!
//! A *discussion* has a title, a purpose, languages and questions
//! ([`Discussion`]); its *moderators* are people with that role in the
//! organisations that it names. Besides, every practice has one without
//! anybody opening it, in which readers ask its authors: its id is that of the
//! practice, and the organisation that the practice comes from moderates it.
//! What is said there is a set of signed [`DiscussionEvent`]s: posts, later
//! wordings of them, translations, advisories, and a closing summary. All of it
//! is public: discussions are few, long and formal, and no chat.
//!
//! Nothing of it is ever changed: an edit is one more record that follows the
//! wording before it, and that stays. An author takes a post back by an
//! [erase](crate::authority::Erase), which removes its bytes. Moderators remove
//! nothing: an [advisory](Deed::Advise) says in their organisation's name that
//! a post is better hidden, corrected or read with care, and each node shows
//! what it advises or does not.
//!
//! [`fold`](fold::fold) makes what is shown of the *set* of its records. What
//! breaks a rule counts for nothing, and the [reason](DiscussionRefused) is
//! told. No clock decides anything: dates and times are claims of those who
//! signed.

use crate::causality::{self, ascending};
use crate::identity::{CertificateId, DiscussionId, DocumentId, Nonce, OrgId, RecordId};
use crate::numbered::numbered;
use crate::schema::Tag;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

pub mod fold;
mod form;
mod refused;

pub use form::{DiscussionForm, FORM_BYTES_MAX, QUESTIONS_MAX, Question};
pub use refused::{DiscussionRefused, OpeningRefused};

/// A post, a wording, a translation or a summary has at most this many bytes
/// (16 KiB).
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// The words of an advisory have at most this many bytes.
pub const ADVICE_BYTES_MAX: usize = 4_000;
/// A discussion names at most this many organisations that moderate it.
pub const MODERATORS_MAX: usize = 16;
/// An event follows at most this many others.
pub const AFTER_MAX: usize = causality::AFTER_MAX;

/// A discussion is opened; signed by a publisher or a focal point.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Discussion {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance, so that two discussions of the same words are two.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// What it says: a [`DiscussionForm`].
    #[n(2)]
    pub form: Tree,
    /// The practice that it is about, if it is about one.
    #[n(3)]
    pub practice: Option<DocumentId>,
    /// The organisations whose moderators moderate it, ascending; that of the
    /// signer if it names none.
    #[n(4)]
    pub moderators: Vec<OrgId>,
    /// When, by the signer's clock.
    #[n(5)]
    pub claimed_at: Timestamp,
}

impl Statement for Discussion {
    const KIND: Kind = Kind::known("discussion");

    fn check(&self) -> Result<(), &'static str> {
        if self.form.check().is_err() || self.form.to_bytes().len() > FORM_BYTES_MAX {
            return Err("the form of a discussion is longer than 32 KiB, or nested too deep");
        }
        if self.moderators.len() > MODERATORS_MAX || !self.moderators.is_sorted_by(|a, b| a < b) {
            return Err("a discussion names at most 16 moderators, in ascending order");
        }
        match DiscussionForm::from_tree(&self.form).flaw() {
            None => Ok(()),
            Some(_) => Err("a discussion without a title, or that closes before it opens"),
        }
    }
}

/// Something that is said in a discussion, or about what was said there.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct DiscussionEvent {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// The discussion: an opened one, or that of a practice.
    #[n(1)]
    pub discussion: DiscussionId,
    /// The events that the signer knew and that no other of them follows,
    /// ascending.
    #[n(2)]
    pub after: Vec<RecordId>,
    /// What is said.
    #[n(3)]
    pub deed: Deed,
    /// When, by the signer's clock.
    #[n(4)]
    pub claimed_at: Timestamp,
}

/// What a post answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Answers {
    /// The discussion as a whole.
    #[n(0)]
    Discussion,
    /// One of its questions, the first being 0.
    #[n(1)]
    Question(#[n(0)] u8),
    /// Another post.
    #[n(2)]
    Post(#[n(0)] RecordId),
}

/// What can be said.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// A post, in Markdown.
    #[n(0)]
    Post {
        /// What it answers.
        #[n(0)]
        answers: Answers,
        /// The language in which it is written, a [`Tag`].
        #[n(1)]
        lang: String,
        /// The text.
        #[n(2)]
        text: String,
    },
    /// Another wording, by the author of what it is of.
    #[n(1)]
    Edit {
        /// The post, or the summary.
        #[n(0)]
        of: RecordId,
        /// The wording that it follows: `of`, or an edit of it.
        #[n(1)]
        follows: RecordId,
        /// The whole text, in the same language.
        #[n(2)]
        text: String,
    },
    /// A translation, by anybody.
    #[n(2)]
    Translate {
        /// The post, or the summary.
        #[n(0)]
        of: RecordId,
        /// The wording that was translated: `of`, or an edit of it.
        #[n(1)]
        wording: RecordId,
        /// Into which language, a [`Tag`].
        #[n(2)]
        lang: String,
        /// How it was made.
        #[n(3)]
        made: Made,
        /// The text.
        #[n(4)]
        text: String,
    },
    /// A moderator's advice, which nodes may follow. Of one organisation the
    /// last about the same thing stands.
    #[n(3)]
    Advise {
        /// A post, a summary, or the discussion itself.
        #[n(0)]
        about: RecordId,
        /// What is advised.
        #[n(1)]
        advice: Advice,
        /// Why.
        #[n(2)]
        reason: Reason,
        /// The language of the words, a [`Tag`].
        #[n(3)]
        lang: String,
        /// In words: needed where it corrects.
        #[n(4)]
        text: String,
    },
    /// A moderator ends the discussion with a summary, in Markdown. Nobody
    /// posts who knows of it.
    #[n(4)]
    Close {
        /// The language in which it is written, a [`Tag`].
        #[n(0)]
        lang: String,
        /// The summary.
        #[n(1)]
        text: String,
    },
}

numbered! {
    /// How a translation was made. The number is signed.
    Made {
        /// By a person.
        Human 0 "human";
        /// By a machine, and read by nobody.
        Machine 1 "machine";
        /// By a machine, and read by a person.
        Reviewed 2 "reviewed";
    }
}

numbered! {
    /// What moderators advise. The number is signed.
    Advice {
        /// Do not show it at first.
        Hide 0 "hide";
        /// Something in it is wrong: the words say what is right.
        Correct 1 "correct";
        /// Show it with a warning.
        Warn 2 "warn";
        /// What this organisation advised before holds no longer.
        Clear 3 "clear";
    }
}

numbered! {
    /// Why moderators advise something, or somebody reports a post. The number
    /// is signed.
    Reason {
        /// It does not belong to the subject.
        OffTopic 0 "off-topic";
        /// It is not true, or misleads.
        Wrong 1 "wrong";
        /// It says who somebody is who did not agree to that.
        PersonalData 2 "personal-data";
        /// It insults, threatens or discriminates.
        Harmful 3 "harmful";
        /// It endangers somebody.
        Safety 4 "safety";
        /// It advertises, or is there many times.
        Spam 5 "spam";
        /// Something else, which the words say.
        Other 6 "other";
    }
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Post { .. } => "post",
            Self::Edit { .. } => "edit",
            Self::Translate { .. } => "translate",
            Self::Advise { .. } => "advise",
            Self::Close { .. } => "close",
        }
    }

    /// Its words.
    pub fn text(&self) -> &str {
        match self {
            Self::Post { text, .. }
            | Self::Edit { text, .. }
            | Self::Translate { text, .. }
            | Self::Advise { text, .. }
            | Self::Close { text, .. } => text,
        }
    }

    /// The language that it names; an edit is in that of the post.
    pub fn lang(&self) -> Option<&str> {
        match self {
            Self::Post { lang, .. }
            | Self::Translate { lang, .. }
            | Self::Advise { lang, .. }
            | Self::Close { lang, .. } => Some(lang),
            Self::Edit { .. } => None,
        }
    }

    /// What it names and so follows, whatever its author lists.
    fn names(&self) -> [Option<RecordId>; 2] {
        match self {
            Self::Post { answers: Answers::Post(post), .. } => [Some(*post), None],
            Self::Edit { of, follows, .. } => [Some(*of), Some(*follows)],
            Self::Translate { of, wording, .. } => [Some(*of), Some(*wording)],
            Self::Advise { about, .. } => [Some(*about), None],
            Self::Post { .. } | Self::Close { .. } => [None, None],
        }
    }
}

impl Statement for DiscussionEvent {
    const KIND: Kind = Kind::known("discussion-event");

    fn about(&self) -> Option<[u8; 32]> {
        Some(*self.discussion.as_bytes())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.after.len() > AFTER_MAX || !ascending(&self.after) {
            return Err("an event follows at most 16 others, listed in ascending order");
        }
        let in_usual_case = |lang: &str| lang.parse::<Tag>().is_ok_and(|tag| tag.as_str() == lang);
        if self.deed.lang().is_some_and(|lang| !in_usual_case(lang)) {
            return Err("its language is no language tag in its usual case");
        }
        let text = self.deed.text();
        match &self.deed {
            Deed::Advise { .. } if text.len() > ADVICE_BYTES_MAX => {
                Err("the words of an advisory are longer than 4,000 bytes")
            }
            Deed::Advise { advice: Advice::Correct, .. } if text.trim().is_empty() => {
                Err("a correction does not say what is right")
            }
            Deed::Advise { .. } => Ok(()),
            _ if text.trim().is_empty() => Err("it says nothing"),
            _ if text.len() > TEXT_BYTES_MAX => Err("its text is longer than 16 KiB"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
