//! Comments on the fields of drafts: for those who write them, and never published.

use super::{Answer, Party, Reader, Seconds};

/// What pages need to comment on a draft. What was said comes with the
/// [`Draft`](super::Draft).
pub trait Commenting: Send + Sync {
    /// Does something about the comments of a draft; answers the id of the comment.
    /// `Invalid` names `field`, `lang`, `quote`, `text` or `comment`. Needs a role
    /// that drafts.
    fn comment<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a CommentAct,
    ) -> Answer<'a, String>;
}

/// What is done about comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommentAct {
    /// Comment on a field.
    Add {
        /// Its key.
        field: String,
        /// The language of the text that is meant; empty for all.
        lang: String,
        /// The words that it is about; empty for all.
        quote: String,
        /// What it says.
        text: String,
    },
    /// Answer a comment.
    Answer {
        /// Which.
        comment: String,
        /// What it says.
        text: String,
    },
    /// A comment is done with, or not.
    Resolve {
        /// Which.
        comment: String,
        /// Whether it is.
        done: bool,
    },
}

/// A comment on a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftComment {
    /// Its id.
    pub id: String,
    /// The key of the field.
    pub field: String,
    /// The language of the text that is meant; empty for all.
    pub lang: String,
    /// The words that it is about; empty for all.
    pub quote: String,
    /// Whether those words stand in the field.
    pub stands: bool,
    /// What it says.
    pub text: String,
    /// The comment that it answers.
    pub answers: Option<String>,
    /// Whether somebody said that it is done with.
    pub resolved: bool,
    /// Who wrote it, as the signature of the change says; unknown where that is not
    /// here.
    pub by: Option<Party>,
    /// When, as is claimed.
    pub at: Seconds,
}
