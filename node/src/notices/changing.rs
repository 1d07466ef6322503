//! A person says how they want to be told, and whoever has a secret of theirs reads
//! the feed or stops mail.

use serde_json::{Value, json};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::step::Command;

use super::record::{code_of, in_feed};
use super::waiting::{Key, Kind};
use super::{MailAddress, Node, Often, Record, Waits, by_kind, hash, locked};
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::moment::rfc3339;
use crate::ops::{ErrorCode, OpError};
use crate::running::draw;

/// Codes that one account can have mailed in a day of running time: nobody uses a
/// node to write to strangers.
const CODES_MAX: usize = 5;
const CODES_TIME: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// What somebody changes; what is not said stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Mail is to go there, once it is confirmed.
    pub address: Option<MailAddress>,
    /// What was mailed to the address that is to be confirmed.
    pub code: Option<String>,
    /// How often.
    pub often: Option<Often>,
    /// Forget every address.
    pub forget: bool,
    /// Make a feed, in the place of one before; or take it back.
    pub feed: Option<bool>,
}

/// How a person is told.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// What is kept.
    pub record: Record,
    /// What waits.
    pub waits: Vec<Waits>,
    /// Whether this node sends mail.
    pub mails: bool,
    /// The secret of a feed that was just made: told once.
    pub feed: Option<[u8; 32]>,
}

impl Told {
    /// As `tern account notices` tells it; `home` is where the pages are.
    pub fn to_json(&self, home: Option<&str>) -> Value {
        let Self { record, waits, .. } = self;
        let waiting = by_kind(waits).into_iter().map(|(kind, count, since)| {
            json!({ "kind": kind.code(), "count": count, "since": rfc3339(since) })
        });
        let path = self.feed.map(|feed| feed_path(&feed));
        json!({
            "mails": self.mails, "address": record.address,
            "to_confirm": record.pending.as_ref().map(|pending| &pending.address),
            "code_mailed": record.pending.as_ref().map(|pending| pending.mailed),
            "often": record.often.code(), "mailed": record.mailed.map(rfc3339),
            "refused": record.failure.as_ref().map(|failure| json!({
                "at": rfc3339(failure.at), "code": failure.code,
            })),
            "feed": record.feed.is_some(),
            "feed_at": path.map(|path| format!("{}{path}", home.unwrap_or_default())),
            "waiting": waiting.collect::<Vec<_>>(),
        })
    }
}

/// Where a feed is, below the node's address.
pub fn feed_path(token: &[u8; 32]) -> String {
    format!("/waiting/{}/feed.atom", crate::hex::encode(token))
}

impl Node {
    /// How a person is told now.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn notices_of(&self, account: &Account) -> Result<Told, OpError> {
        let record = self.notice_record(&account.name).await?;
        let waits = self.waits_for(account).await?;
        let mails = self.settings().mail.server.is_some();
        Ok(Told { record, waits, mails, feed: None })
    }

    /// Changes how a person is told.
    ///
    /// # Errors
    /// This node sends no mail; too many codes; a code that does not fit. Each names
    /// its field.
    pub async fn change_notices(&self, account: &Account, change: Change) -> Result<Told, OpError> {
        let mut told = self.notices_of(account).await?;
        if change.address.is_some() {
            if !told.mails {
                let what = "this node sends no mail: its operator names a mail server first, with `mail.server`";
                return Err(OpError::new(ErrorCode::Conflict, what).in_field("address"));
            }
            self.count_code(&account.name)?;
        }
        let keys: Vec<Key> = told.waits.iter().map(|one| one.key).collect();
        let (code, stop, feed) = (code_of(draw()?), draw()?, draw()?);
        let mut refused = None;
        let record = self.change_record(&account.name, |record| {
            if change.forget {
                record.forget_addresses();
            }
            if let Some(often) = change.often {
                record.often = often;
            }
            if let Some(address) = &change.address {
                if record.often == Often::Never && change.often.is_none() {
                    record.often = Often::Hour;
                }
                record.enter(address, code, now());
            }
            if let Some(typed) = &change.code {
                refused = record.confirm(typed, stop, &keys, now()).err();
            }
            match change.feed {
                Some(true) => record.feed = Some(hash(&feed).into()),
                Some(false) => record.feed = None,
                None => {}
            }
        });
        told.record = record.await?;
        if change.address.is_some() || change.often.is_some() {
            let mut paces = locked(&self.notices().paces);
            paces.entry(account.name.clone()).or_default().renewed();
        }
        told.feed = (change.feed == Some(true)).then_some(feed);
        self.notices().nudged.notify_one();
        refused.map_or(Ok(told), Err)
    }

    /// Reads a record, changes it and writes it, with nobody in between.
    pub(super) async fn change_record(
        &self,
        account: &str,
        change: impl FnOnce(&mut Record),
    ) -> Result<Record, OpError> {
        let _one_at_a_time = self.notices().changing().await;
        let before = self.notice_record(account).await?;
        let mut record = before.clone();
        change(&mut record);
        if record != before {
            // Gone meanwhile, nothing is kept for it.
            let name = account.to_owned();
            let there = move |replica: &NodeReplica| Account::find(replica.library(), Some(&name));
            self.handle().read(there).await??;
            let private = vec![record.keep(account)];
            self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        }
        Ok(record)
    }

    fn count_code(&self, account: &str) -> Result<(), OpError> {
        let ran = self.started().elapsed();
        let mut codes = locked(&self.notices().codes);
        let asked = codes.entry(account.to_owned()).or_default();
        asked.retain(|at| ran.saturating_sub(*at) < CODES_TIME);
        if asked.len() >= CODES_MAX {
            let what = format!(
                "{CODES_MAX} codes were mailed for this account within a day, and no more are: try again tomorrow"
            );
            return Err(OpError::new(ErrorCode::TooLarge, what)
                .in_field("address")
                .over(CODES_MAX as u64));
        }
        asked.push(ran);
        Ok(())
    }

    /// Nobody reads a feed of the account any more.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub(crate) async fn end_feed(&self, account: &str) -> Result<(), OpError> {
        self.change_record(account, |record| record.feed = None).await.map(drop)
    }

    /// Stops mail by the secret of a mail, or only looks whether it would; whether
    /// there is such a secret.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn stop_mail(&self, token: &str, really: bool) -> Result<bool, OpError> {
        let Some(token) = crate::hex::decode::<32>(token) else { return Ok(false) };
        let find = move |replica: &NodeReplica| {
            let all = Record::all(replica.library())?;
            Ok::<_, OpError>(all.into_iter().find(|(_, record)| record.stops(&token)))
        };
        let Some((account, _)) = self.handle().read(find).await?? else { return Ok(false) };
        if really {
            self.change_record(&account, |record| {
                record.often = Often::Never;
                record.queued = None;
            })
            .await?;
        }
        Ok(true)
    }

    /// What waits for whoever has a feed of this secret: an id for the feed alone, the
    /// kind and since when; with the person's language.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn feed_of(
        &self,
        token: &str,
    ) -> Result<Option<(String, Vec<(String, Kind, Timestamp)>)>, OpError> {
        let Some(token) = crate::hex::decode::<32>(token) else { return Ok(None) };
        let find = move |replica: &NodeReplica| {
            let all = Record::all(replica.library())?;
            let of = all.into_iter().find(|(_, record)| record.feeds(&token));
            of.map(|(name, _)| Account::find(replica.library(), Some(&name))).transpose()
        };
        let Some(account) = self.handle().read(find).await?? else { return Ok(None) };
        let waits = self.waits_for(&account).await?;
        let entries = waits.iter().map(|one| (in_feed(&one.key, &token), one.kind, one.since));
        Ok(Some((account.lang, entries.collect())))
    }
}
