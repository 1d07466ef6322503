//! `tern review …`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Review {
    /// Sign a policy: by which criteria, by how many, and who decides.
    Policy {
        /// The policy, as JSON.
        file: PathBuf,
        /// The policy that it replaces for what is submitted later.
        #[arg(long, value_name = "POLICY")]
        replaces: Option<String>,
    },
    /// List policies.
    Policies,
    /// Call for practices under a policy.
    Call {
        /// The call, as JSON.
        file: PathBuf,
        /// Under which [default: the one there is].
        #[arg(long, value_name = "POLICY")]
        policy: Option<String>,
    },
    /// List calls for practices.
    Calls,
    /// Submit an edition of a practice. All that is said about it is public.
    Submit {
        /// The practice.
        id: String,
        /// Which edition [default: the latest].
        #[arg(long, value_name = "N")]
        edition: Option<String>,
        /// Under which policy [default: the call's, or the one there is].
        #[arg(long, value_name = "POLICY")]
        policy: Option<String>,
        /// To which call.
        #[arg(long, value_name = "CALL")]
        call: Option<String>,
        /// To the board.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List what was submitted, and what waits for you.
    List,
    /// Show what became of a submission.
    Show {
        /// Which.
        id: String,
    },
    /// For the board: ask somebody to review.
    Invite {
        /// Which submission.
        id: String,
        /// Whom: a certificate or a name.
        reviewer: String,
    },
    /// For the board: wait for somebody no longer.
    Release {
        /// Which submission.
        id: String,
        /// For whom.
        reviewer: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Say that you will review, and that you have no conflict of interest.
    Accept {
        /// Which submission.
        id: String,
        /// Interests that others may want to know of.
        #[arg(long, value_name = "TEXT")]
        interests: Option<String>,
    },
    /// Say that you will not review, or declare a conflict of interest.
    Decline {
        /// Which submission.
        id: String,
        /// `conflict`, `time`, `language` or `topic`.
        #[arg(long)]
        reason: String,
        /// More about it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Review: how far each criterion is met, and what you recommend.
    Score {
        /// Which submission.
        id: String,
        /// The review, as JSON.
        file: PathBuf,
    },
    /// For the authors: answer what was said.
    Reply {
        /// Which submission.
        id: String,
        /// The answer.
        text: String,
    },
    /// For the board: seal it, return it or reject it.
    Decide {
        /// Which submission.
        id: String,
        /// `seal`, `return` or `reject`.
        outcome: String,
        /// Why; needed unless it is sealed.
        #[arg(long, value_name = "TEXT")]
        reasons: Option<String>,
    },
    /// For the authors: ask once for another round, with other reviewers.
    Appeal {
        /// Which submission.
        id: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reasons: String,
    },
    /// For the authors: take the submission back.
    Withdraw {
        /// Which submission.
        id: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Tell whether an edition is sealed, and by what.
    Verify {
        /// The practice.
        id: String,
        /// Which edition [default: the latest].
        #[arg(long, value_name = "N")]
        edition: Option<String>,
    },
}
