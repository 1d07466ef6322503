//! Reports: somebody on this node tells its moderators of a post.
//!
//! A report is class D: it stays on this node, and only people with the role of
//! a moderator here see it. It does not travel, so it reaches no moderator of
//! another organisation; whoever writes one is told so. Of one account about one
//! post the last is kept.
//!
//! | name in class D | value |
//! |---|---|
//! | `report/` ‖ post id (32 bytes) ‖ account | [`Report`] |

use tern_crdt::discussion::Reason;
use tern_crdt::identity::{DiscussionId, RecordId};
use tern_crdt::practice::tidy;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::ledger::Private;
use tern_protocol::step::Command;

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;
use crate::stored;

/// Characters of a report.
pub const REPORT_CHARS_MAX: usize = 2_000;

const PREFIX: &[u8] = b"report/";

/// A report as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Report {
    /// In which discussion.
    #[n(0)]
    pub discussion: DiscussionId,
    /// The post.
    #[n(1)]
    pub post: RecordId,
    /// Who reported it.
    #[n(2)]
    pub account: String,
    /// Why.
    #[n(3)]
    pub reason: Reason,
    /// The language of the words.
    #[n(4)]
    pub lang: String,
    /// In words; may be empty.
    #[n(5)]
    pub text: String,
    /// When.
    #[n(6)]
    pub at: Timestamp,
}

fn name(post: &RecordId, account: &str) -> Vec<u8> {
    [PREFIX, post.as_bytes(), account.as_bytes()].concat()
}

/// The reason of a code.
///
/// # Errors
/// There is none of that code; says which there are.
pub(crate) fn reason(code: &str) -> Result<Reason, OpError> {
    Reason::from_code(code.trim()).ok_or_else(|| {
        let codes: Vec<&str> = Reason::ALL.iter().map(|one| one.code()).collect();
        let what = format!("`{code}` is no reason: there are {}", codes.join(", "));
        OpError::new(ErrorCode::Invalid, what).in_field("reason")
    })
}

/// What forgets the reports of an account.
///
/// # Errors
/// The store's.
pub(crate) fn forgotten(replica: &NodeReplica, account: &str) -> Result<Vec<Private>, OpError> {
    let all = replica.library().ledger().locals(PREFIX).map_err(failed)?;
    let of = |name: &[u8]| name.get(PREFIX.len() + 32..) == Some(account.as_bytes());
    let names = all.into_iter().map(|(name, _)| name.to_vec()).filter(|name| of(name));
    Ok(names.map(|name| Private::local(name, None)).collect())
}

impl Node {
    /// Tells the moderators on this node of a post.
    ///
    /// # Errors
    /// There is no such post, or the words are too long.
    pub async fn report_post(
        &self,
        account: &Account,
        text: &str,
        post: &str,
        reason: Reason,
        words: &str,
    ) -> Result<(), OpError> {
        let discussion = self.find_discussion(text).await?;
        let post = discussion.find(post)?.id;
        let words = tidy(words);
        let length = words.chars().count();
        if length > REPORT_CHARS_MAX {
            let what = format!(
                "the report has {length} characters, and {REPORT_CHARS_MAX} are the most: shorten it"
            );
            return Err(OpError::new(ErrorCode::Invalid, what).in_field("text"));
        }
        let report = Report {
            discussion: discussion.id,
            post,
            account: account.name.clone(),
            reason,
            lang: account.lang.clone(),
            text: words,
            at: now(),
        };
        self.write_report(&post, &account.name, Some(&report)).await
    }

    /// The reports that wait, the oldest first: for moderators.
    ///
    /// # Errors
    /// The account does not moderate.
    pub async fn reports(&self, account: &Account) -> Result<Vec<Report>, OpError> {
        self.moderating(account).await?;
        let look = |replica: &NodeReplica| {
            let all = replica.library().ledger().locals(PREFIX).map_err(failed)?;
            let read = |(_, value): (_, bytes::Bytes)| stored::read::<Report>(&value, "a report");
            all.into_iter().map(read).collect::<Result<Vec<_>, OpError>>()
        };
        let mut reports = self.handle().read(look).await??;
        reports.sort_by_key(|report| report.at);
        Ok(reports)
    }

    /// Forgets the reports about a post, once it was decided what to do. Answers
    /// how many.
    ///
    /// # Errors
    /// The account does not moderate, or there are none.
    pub async fn settle_reports(&self, account: &Account, post: &str) -> Result<usize, OpError> {
        let reports = self.reports(account).await?;
        let of = |report: &Report| report.post.to_string() == post.trim();
        let settled: Vec<Report> = reports.into_iter().filter(of).collect();
        if settled.is_empty() {
            let what = format!("nobody reported `{post}`, or it was settled already");
            return Err(OpError::new(ErrorCode::NotFound, what).in_field("post"));
        }
        for report in &settled {
            self.write_report(&report.post, &report.account, None).await?;
        }
        Ok(settled.len())
    }

    async fn moderating(&self, account: &Account) -> Result<(), OpError> {
        if self.discussion_standing(account).await?.moderator {
            return Ok(());
        }
        let what =
            "reports are for moderators: an operator grants that role with `tern cert grant`";
        Err(OpError::new(ErrorCode::NotAllowed, what))
    }

    async fn write_report(
        &self,
        post: &RecordId,
        account: &str,
        report: Option<&Report>,
    ) -> Result<(), OpError> {
        let private = vec![Private::local(name(post, account), report.map(stored::write))];
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        self.notices().changed();
        Ok(())
    }
}
