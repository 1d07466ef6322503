//! Deciding over held work of a draft: a contributor stands for what a
//! revocation left out of its cut; whoever lost a branch writes it anew on the one
//! that stands, under their own signature; and either is put away, which only
//! keeps it from being offered again here. Who wrote on top of work that fell may
//! write their own words anew too, without those.

use std::collections::BTreeSet;

use tern_crdt::authority::{Adopt, Adopted, Role};
use tern_crdt::identity::{CertificateId, DraftId, RecordId};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::verdict::Hash;
use tern_protocol::step::Command;

use super::held::{self, Anew, Held};
use crate::accounts::Account;
use crate::drafts::{self, Opened, Saved, Seen};
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::PREFIX_MIN;
use crate::running::Node;

/// So many decisions over held work of one draft are remembered, the latest.
const SETTLED_MAX: usize = 256;

/// What may become of held work, on this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Somebody adopts it.
    Adopt,
    /// Somebody of the organisation whose work it is takes it over.
    TakeOver,
    /// It can only be read.
    Read,
}

impl Way {
    /// The code of JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Adopt => "adopt",
            Self::TakeOver => "take-over",
            Self::Read => "read",
        }
    }

    /// What may become of some work.
    pub fn of(work: &Held) -> Self {
        if work.is_adoptable() {
            Self::Adopt
        } else if work.anew.is_some() {
            Self::TakeOver
        } else {
            Self::Read
        }
    }
}

fn conflict(what: &str) -> OpError {
    OpError::new(ErrorCode::Conflict, what)
}

/// Which of several is meant: the one of this name, or the only one that fits.
fn chosen<'h>(
    work: &'h [Held],
    named: Option<&str>,
    fits: impl Fn(&Held) -> bool,
    none: &str,
) -> Result<&'h Held, OpError> {
    let name = |held: &Held| crate::hex::encode(&held.change);
    let mut found = work.iter().filter(|held| match named {
        Some(named) => named.len() >= PREFIX_MIN && name(held).starts_with(named),
        None => fits(held) && !held.settled,
    });
    match (found.next(), found.next()) {
        (None, _) => match named {
            Some(named) => {
                let what = format!(
                    "no held work of this draft is called `{named}`: `tern practice show` names them"
                );
                Err(OpError::new(ErrorCode::NotFound, what).in_field("change"))
            }
            None => Err(conflict(none)),
        },
        (Some(one), None) if fits(one) => Ok(one),
        (Some(_), None) => Err(conflict(none)),
        (Some(_), Some(_)) => {
            let what = "more than one thing is held back here: say which with `--change`, as `tern practice show` names them";
            Err(OpError::new(ErrorCode::Ambiguous, what).in_field("change"))
        }
    }
}

impl Node {
    /// The held work of a draft.
    ///
    /// # Errors
    /// The draft cannot be read.
    pub async fn held_of(&self, opened: &Opened) -> Result<Vec<Held>, OpError> {
        let stored = &opened.stored;
        if stored.shared.is_none() || stored.held.is_empty() && stored.changes.is_empty() {
            return Ok(Vec::new());
        }
        let (federation, stored) = (self.identity().federation, stored.clone());
        let own = |replica: &NodeReplica| {
            let certificates = replica.library().authority().certificates();
            let own = certificates.filter(|(_, granted)| granted.org == replica.org());
            own.map(|(id, _)| id).collect::<BTreeSet<CertificateId>>()
        };
        let own = self.handle().read(own).await?;
        self.acceptor().run(move || held::all(federation, &stored, &own)).await?
    }

    /// Adopts held work of a draft, with all on which it builds. Returns the
    /// change up to which, and the adoptions.
    ///
    /// # Errors
    /// Nothing of it can be adopted, the account may not, or its key is locked.
    pub async fn adopt_in_draft(
        &self,
        account: &Account,
        draft: DraftId,
        change: Option<&str>,
        reason: &str,
        passphrase: Option<Passphrase>,
    ) -> Result<(Hash, Vec<RecordId>), OpError> {
        let opened = self.draft(draft).await?;
        let work = self.held_of(&opened).await?;
        let none = "nothing of this draft is held back because a key was revoked: there is nothing to adopt";
        let work = chosen(&work, change, Held::is_adoptable, none)?;
        let own = account.clone();
        let may = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            own.certificate_about(authority, Role::Contributor, Some(draft.as_bytes()))
        };
        let by = self.handle().read(may).await??;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let federation = self.identity().federation;
        let mut records: Vec<Record> = Vec::new();
        for head in &work.heads {
            for certificate in work.ended.keys() {
                let what = Adopted::Change { document: *draft.as_bytes(), change: *head };
                let certificate = *certificate;
                let adopt = Adopt { by, certificate, what, reason: reason.trim().to_owned() };
                let broken = |rule| OpError::new(ErrorCode::Invalid, rule).in_field("reason");
                adopt.check().map_err(broken)?;
                records.push(adopt.prepare().sign(federation, &key));
            }
        }
        let ids = records.iter().map(Record::id).collect();
        self.submit(records).await?;
        Ok((work.change, ids))
    }

    /// Writes what a branch of this organisation said that lost, or what it wrote on
    /// top of work that fell, into the draft as it is shown: one change of the
    /// account. What others wrote meanwhile stays.
    ///
    /// # Errors
    /// There is no such work, or as of
    /// [`save_draft`](Self::save_draft).
    pub async fn take_over(
        &self,
        account: &Account,
        draft: DraftId,
        change: Option<&str>,
    ) -> Result<(Hash, Saved), OpError> {
        let opened = self.draft(draft).await?;
        let all = self.held_of(&opened).await?;
        let none = "nothing that this organisation wrote in this draft can be taken over";
        let work = chosen(&all, change, |work| work.anew.is_some(), none)?;
        let Anew { seen, says } = work.anew.clone().ok_or_else(|| conflict(none))?;
        let saved = self.save_seen(account, draft, Seen::Held(Box::new(seen)), says).await?;
        self.settle(draft, work.change, true).await?;
        Ok((work.change, saved))
    }

    /// Offers held work no more on this node, or again.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn put_held_away(
        &self,
        draft: DraftId,
        change: &str,
        away: bool,
    ) -> Result<Hash, OpError> {
        let opened = self.draft(draft).await?;
        let work = self.held_of(&opened).await?;
        let last = chosen(&work, Some(change), |_| true, "nothing is held back here")?.change;
        self.settle(draft, last, away).await?;
        Ok(last)
    }

    /// Takes a draft of another organisation off the lists of this node, which is
    /// told nothing more of it, or puts it back there.
    ///
    /// # Errors
    /// There is no such draft, it is this organisation's own, or this
    /// organisation still sees it.
    pub async fn put_draft_away(&self, draft: DraftId, away: bool) -> Result<(), OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let read = move |replica: &NodeReplica| {
            Ok::<_, OpError>((drafts::load(replica, draft)?, replica.org()))
        };
        let (mut stored, org) = self.handle().read(read).await??;
        let Some(shared) = stored.shared.as_ref().filter(|shared| shared.owner != org) else {
            let what = "this draft is this organisation's own: only one that another organisation shared can be put away";
            return Err(conflict(what));
        };
        if away && shared.circle.sees(&org) {
            let what = "this draft is still shared with this organisation: it can be put away once it was published or taken back";
            return Err(conflict(what));
        }
        stored.meta.over = away.then_some(true);
        let private = vec![stored.meta.keep(&draft)];
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        Ok(())
    }

    async fn settle(&self, draft: DraftId, last: Hash, away: bool) -> Result<(), OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let mut stored = self.handle().read(move |replica| drafts::load(replica, draft)).await??;
        let mut settled = stored.meta.settled.take().unwrap_or_default();
        settled.retain(|hash| **hash != last);
        if away {
            settled.push(last.into());
        }
        let spare = settled.len().saturating_sub(SETTLED_MAX);
        settled.drain(..spare);
        stored.meta.settled = (!settled.is_empty()).then_some(settled);
        let private = vec![stored.meta.keep(&draft)];
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        Ok(())
    }
}
