//! Imports: rows of practice files, each taken in at most once.
//!
//! A row is known by the hash of its content. The mark that it was taken in
//! is committed together with what it became, so an import that was killed is
//! simply repeated. Imports go one after the other, and of equal rows in one
//! operation the first is taken, so a row never becomes two practices.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::{Value, json};
use tern_protocol::ledger::Private;

use super::drafts::read_fields;
use super::{Acting, invalid};
use crate::accounts::{Account, failed};
use crate::ops::{IMPORT_ROWS_MAX, ImportRow, OpError};
use crate::publishing::{Manuscript, Pen};
use crate::stored;

/// What a row became.
enum Row {
    New(String),
    Skipped(String),
}

/// The reason for which a row that is here already is skipped.
const KNOWN: &str = "known";

fn read_key(row: &ImportRow) -> Result<[u8; 32], OpError> {
    crate::hex::decode(&row.key)
        .ok_or_else(|| invalid("key", "the key of a row is 64 hexadecimal digits"))
}

fn mark_name(key: &[u8; 32]) -> Vec<u8> {
    [b"import/", &key[..]].concat()
}

impl Acting<'_> {
    pub(super) async fn import(
        self,
        rows: Vec<ImportRow>,
        publish: bool,
        note: Option<String>,
    ) -> Result<Value, OpError> {
        if rows.len() > IMPORT_ROWS_MAX {
            let what = format!("an operation imports at most {IMPORT_ROWS_MAX} rows");
            return Err(invalid("rows", what).over(IMPORT_ROWS_MAX as u64));
        }
        let account = self.account().await?;
        let pen = match publish {
            true => Some(self.node.pen(&account, None, self.caller.passphrase.clone()).await?),
            false => None,
        };
        let note = note.unwrap_or_default();
        let keys: Vec<[u8; 32]> = rows.iter().map(read_key).collect::<Result<_, _>>()?;
        let mut first: BTreeMap<[u8; 32], &ImportRow> = BTreeMap::new();
        for (key, row) in keys.iter().zip(&rows) {
            first.entry(*key).or_insert(row);
        }
        let _one_at_a_time = self.node.importing().lock().await;
        let taken =
            first.iter().map(|(key, row)| self.take_in(key, row, &account, pen.as_ref(), &note));
        let mut became = BTreeMap::new();
        for (key, row) in first.keys().zip(join_all(taken).await) {
            became.insert(*key, row?);
        }
        let (mut ids, mut skipped) = (Vec::new(), Vec::new());
        for (key, row) in keys.iter().zip(&rows) {
            match &became[key] {
                Row::New(id) => {
                    ids.push(id.clone());
                    // Further rows of the same content find it known.
                    became.insert(*key, Row::Skipped(KNOWN.into()));
                }
                Row::Skipped(reason) => {
                    skipped.push(json!({ "row": row.row, "reason": reason }));
                }
            }
        }
        Ok(json!({ "imported": ids.len(), "ids": ids, "skipped": skipped }))
    }

    async fn take_in(
        &self,
        key: &[u8; 32],
        row: &ImportRow,
        account: &Account,
        pen: Option<&Pen>,
        note: &str,
    ) -> Result<Row, OpError> {
        let name = mark_name(key);
        let look = name.clone();
        let known = self
            .node
            .handle()
            .read(move |replica| replica.library().local(&look))
            .await?
            .map_err(failed)?;
        if known.is_some() {
            return Ok(Row::Skipped(KNOWN.into()));
        }
        let content = match read_fields(row.practice.clone(), account) {
            Ok(content) => content,
            Err(refused) => return Ok(Row::Skipped(refused.message)),
        };
        let mark = |id: &str| Private::local(name.clone(), Some(stored::write(&id)));
        let Some(pen) = pen else {
            let opened = self.node.new_draft_with(account, content, |id| vec![mark(id)]).await?;
            return Ok(Row::New(opened.stored.id.to_string()));
        };
        if let Some(missing) = content.missing_to_publish().first() {
            return Ok(Row::Skipped(format!("`{missing}` is missing, and publishing asks for it")));
        }
        let note = note.to_owned();
        let manuscript = Manuscript {
            content,
            practice: None,
            follows: Vec::new(),
            note,
            contributors: Vec::new(),
            cleared: None,
        };
        let published = self
            .node
            .publish(pen, manuscript, |published| vec![mark(&published.practice.to_string())])
            .await?;
        Ok(Row::New(published.practice.to_string()))
    }
}
