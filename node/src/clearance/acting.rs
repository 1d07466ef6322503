//! What people do about the clearance of a draft.

use std::collections::BTreeSet;

use tern_crdt::authority::Role;
use tern_crdt::clearance::fold::Step;
use tern_crdt::clearance::{Clearance, Deed, WORDS_BYTES_MAX, with};
use tern_crdt::identity::{CertificateId, DraftId, RecordId};
use tern_crdt::signed::Statement;

use super::{Looked, look};
use crate::accounts::Account;
use crate::drafts::Opened;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// What somebody does about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Asks for clearance of what the draft says now.
    Ask {
        /// For whoever clears; may be empty.
        note: String,
    },
    /// Says that it lies with them.
    Take,
    /// Gives it back.
    Return {
        /// Why.
        reason: String,
    },
    /// Approves what was asked for.
    Approve,
    /// Notes the scan of a signed sheet, which its organisation keeps.
    Attach {
        /// The hash of the file.
        sheet: [u8; 32],
        /// How many bytes it has.
        bytes: u64,
    },
    /// Says that the scan is the signed sheet of what was asked for.
    Confirm {
        /// The hash of the file that was looked at, where one was given.
        sheet: Option<[u8; 32]>,
    },
}

fn not_now(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Conflict, what)
}

impl Node {
    /// Does something about the clearance of a draft: signs it, keeps it in the draft, and
    /// sends that to the nodes that see the draft. Answers the draft as it is then, and the
    /// record.
    ///
    /// # Errors
    /// The account may not, or asked for it itself; there is nothing to answer; the draft lacks
    /// what publishing asks for, or is another organisation's; the key is locked.
    pub async fn clear(
        &self,
        account: &Account,
        draft: DraftId,
        act: Act,
        passphrase: Option<Passphrase>,
    ) -> Result<(Opened, RecordId), OpError> {
        let opened = self.draft(draft).await?;
        if matches!(act, Act::Ask { .. }) {
            crate::publishing::complete(&opened.content)?;
        }
        let (own, federation) = (account.clone(), self.identity().federation);
        let prepare = {
            let opened = opened.clone();
            move |replica: &NodeReplica| {
                let authority = replica.library().authority();
                let org = replica.org();
                let owner = opened.stored.shared.as_ref().map_or(org, |shared| shared.owner);
                if owner != org {
                    let what = "the organisation that began this draft publishes it, and clears it";
                    return Err(OpError::new(ErrorCode::NotAllowed, what));
                }
                let about = Some(draft.as_bytes());
                // Whoever answers writes in the draft too.
                let writes = own.certificate_about(authority, Role::Contributor, about)?;
                let by = match act {
                    Act::Ask { .. } | Act::Attach { .. } => writes,
                    _ => own.certificate_about(authority, Role::Publisher, about)?,
                };
                let looked = look(replica, federation, &opened);
                let asker = looked.case.ask().and_then(|ask| authority.key_of(&ask.by));
                let (content, deed) = deed(&looked, &opened, act, asker == Some(own.sign))?;
                Ok(Clearance { by, draft, content, deed, claimed_at: now() })
            }
        };
        let said = self.handle().read(prepare).await??;
        said.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("text"))?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase.clone()).await?;
        let record = said.prepare().sign(federation, &key);
        let id = record.id();
        let now =
            self.write_comments(account, draft, move |content| Ok(with(content, &record))).await?;
        // What lies on this node alone nobody else can clear.
        let nobody = BTreeSet::new();
        self.share_draft(account, draft, &nobody, &nobody, passphrase).await?;
        self.notices().changed();
        Ok((now, id))
    }
}

/// What is said, about which content.
fn deed(
    looked: &Looked,
    opened: &Opened,
    act: Act,
    asked_themself: bool,
) -> Result<([u8; 32], Deed), OpError> {
    let words = |text: &str, field: &str| {
        let text = text.trim().to_owned();
        match text.len() {
            bytes if bytes > WORDS_BYTES_MAX => {
                let what =
                    format!("it has {bytes} bytes, and at most {WORDS_BYTES_MAX} fit: shorten it");
                Err(OpError::new(ErrorCode::TooLarge, what)
                    .in_field(field)
                    .over(WORDS_BYTES_MAX as u64))
            }
            _ => Ok(text),
        }
    };
    if let Act::Ask { note } = &act {
        let heads = opened.heads.iter().map(|head| (*head).into()).collect();
        return Ok((looked.content, Deed::Ask { heads, note: words(note, "note")? }));
    }
    let Some(ask) = looked.case.ask() else {
        return Err(not_now("nobody asked for clearance of this draft: `tern clearance ask` does"));
    };
    let (id, asker): (RecordId, CertificateId) = (ask.id, ask.by);
    if asked_themself && !matches!(act, Act::Attach { .. }) {
        let what = "you asked for this clearance: another publisher gives it or returns it";
        return Err(OpError::new(ErrorCode::NotAllowed, what));
    }
    let deed = match act {
        Act::Ask { .. } | Act::Take => Deed::Take { ask: id },
        Act::Return { reason } => {
            let reason = words(&reason, "reason")?;
            if reason.is_empty() {
                let what = "say what is to be changed: the author reads it";
                return Err(OpError::new(ErrorCode::Invalid, what).in_field("reason"));
            }
            Deed::Return { ask: id, reason }
        }
        Act::Approve => Deed::Approve { ask: id, asker },
        Act::Attach { sheet, bytes } => Deed::Attach { ask: id, sheet, bytes },
        Act::Confirm { sheet: looked_at } => {
            let sheet = attached(&looked.case.steps, id).ok_or_else(|| {
                not_now("no scan of a signed sheet is attached: `tern clearance attach` does that")
            })?;
            if looked_at.is_some_and(|file| file != sheet) {
                let what = "this is another file than the scan that was attached: ask its author which of both is the signed sheet";
                return Err(OpError::new(ErrorCode::Conflict, what).in_field("sheet"));
            }
            Deed::Confirm { ask: id, asker, sheet }
        }
    };
    Ok((ask.content, deed))
}

/// The last scan that was attached for an ask.
pub(super) fn attached(steps: &[Step], of: RecordId) -> Option<[u8; 32]> {
    steps.iter().rev().find_map(|step| match &step.deed {
        Deed::Attach { ask, sheet, .. } if *ask == of => Some(*sheet),
        _ => None,
    })
}
