//! `tern discuss …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tern_crdt::discussion::TEXT_BYTES_MAX;

use crate::ops::{ErrorCode, OpError};

/// Words in the line, or in a file.
#[derive(Args, Debug)]
pub(in crate::cli) struct Words {
    /// The text, in Markdown.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(in crate::cli) text: Option<String>,
    /// A file that holds the text.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
}

impl Words {
    /// The words.
    pub(in crate::cli) fn read(self) -> Result<String, OpError> {
        let Some(file) = self.file else { return Ok(self.text.unwrap_or_default()) };
        let failed = |why: String| {
            OpError::new(ErrorCode::Failed, format!("cannot read {}: {why}", file.display()))
        };
        let bytes = std::fs::metadata(&file).map_err(|why| failed(why.to_string()))?.len();
        // What only spaces and line ends make longer may yet fit.
        if bytes > 2 * TEXT_BYTES_MAX as u64 {
            let what = format!(
                "{} has {bytes} bytes, and a post has at most {TEXT_BYTES_MAX}",
                file.display()
            );
            return Err(OpError::new(ErrorCode::TooLarge, what).over(TEXT_BYTES_MAX as u64));
        }
        std::fs::read_to_string(&file).map_err(|why| failed(why.to_string()))
    }
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Discuss {
    /// Open a discussion. Everything that is said in it is public.
    Open {
        /// The discussion, as JSON.
        file: PathBuf,
        /// The practice that it is about.
        #[arg(long, value_name = "PRACTICE")]
        practice: Option<String>,
        /// An organisation that moderates it [default: yours]; may be given several times.
        #[arg(long = "moderator", value_name = "ORG")]
        moderators: Vec<String>,
    },
    /// List discussions.
    List {
        /// In this language; may be given several times.
        #[arg(long = "lang", value_name = "TAG")]
        languages: Vec<String>,
        /// Of this objective, 1 to 23; may be given several times.
        #[arg(long = "objective", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=23))]
        objectives: Vec<u8>,
        /// Only those that are open.
        #[arg(long)]
        open: bool,
    },
    /// Show a discussion, or that of a practice.
    Show {
        /// Which.
        id: String,
    },
    /// Post in a discussion, or ask the authors of a practice.
    Post {
        /// Which discussion, or which practice.
        id: String,
        #[command(flatten)]
        words: Words,
        /// The question that it answers, from 1.
        #[arg(long, value_name = "N")]
        question: Option<usize>,
        /// The language of the text [default: yours].
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
    },
    /// Answer a post.
    Reply {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        #[command(flatten)]
        words: Words,
        /// The language of the text [default: yours].
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
    },
    /// Give a post of yours another wording; what it said before stays.
    Edit {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        #[command(flatten)]
        words: Words,
    },
    /// Translate a post.
    Translate {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        #[command(flatten)]
        words: Words,
        /// Into which language.
        #[arg(long, value_name = "TAG")]
        lang: String,
        /// `human`, `machine`, or `reviewed` if a person read what a machine made.
        #[arg(long, value_name = "HOW")]
        made: Option<String>,
    },
    /// For moderators: advise to hide, to correct or to warn.
    Advise {
        /// In which discussion.
        id: String,
        /// About which post [default: the discussion].
        post: Option<String>,
        /// `hide`, `correct`, `warn`, or `clear` to end what was advised.
        #[arg(long, value_name = "WHAT")]
        advice: String,
        /// `off-topic`, `wrong`, `personal-data`, `harmful`, `safety`, `spam` or `other`.
        #[arg(long)]
        reason: String,
        /// More about it.
        #[arg(long)]
        text: Option<String>,
        /// The language of the words [default: yours].
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
    },
    /// For moderators: close a discussion with a summary.
    Close {
        /// Which discussion.
        id: String,
        #[command(flatten)]
        words: Words,
        /// The language of the summary [default: yours].
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
    },
    /// Take a post of yours back: it is gone from every node that learns of it.
    TakeBack {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// `taken-back`, `personal-data`, `unlawful` or `safety` [default: taken-back].
        #[arg(long)]
        reason: Option<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Tell the moderators on this node of a post.
    Report {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// A reason, as for advisories.
        #[arg(long)]
        reason: String,
        /// More about it.
        #[arg(long)]
        text: Option<String>,
    },
    /// For moderators: list what was reported on this node.
    Reports,
    /// For moderators: what was reported about a post is settled.
    Settle {
        /// The post, by its whole id.
        post: String,
    },
}
