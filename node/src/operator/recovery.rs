//! Recovery: of an organisation that lost its keys, and of this node's own.

use serde_json::{Value, json};
use tern_crdt::authority::Recovery;
use tern_crdt::signed::{Record, Verified};

use super::{Acting, invalid};
use crate::accounts::failed;
use crate::governing::{has_recovered, org_called};
use crate::handle::NodeReplica;
use crate::hex;
use crate::ops::{ErrorCode, OpError};
use crate::reading::PREFIX_MIN;
use crate::recovery::{Progress, Request};
use crate::sheet::fingerprint;

/// Records of the authority set in one page: this many bytes, and one more.
const PAGE_BYTES: usize = 512 * 1024;

impl Acting<'_> {
    pub(super) async fn rekey_organisation(
        self,
        request: &str,
        reason: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let request = if request.contains('\n') {
            let request = Request::parse(request)?;
            if request.federation != self.node.identity().federation {
                let what = "this request is for another federation than this node's";
                return Err(invalid("file", what));
            }
            request.asks()
        } else {
            self.shown_by(request.to_owned()).await?
        };
        let (org, fingerprint) = (request.org.to_string(), fingerprint(&request.root));
        let passphrase = self.caller.passphrase.clone();
        let done = self.node.propose_rekey(&account, request, reason, passphrase).await?;
        Ok(json!({
            "id": done.id.map(|id| id.to_string()), "org": org, "name": done.name,
            "fingerprint": fingerprint, "counts": done.counts,
            "approvals": done.approvals, "needed": done.needed,
        }))
    }

    /// What an organisation showed here, by its id, its name or that of what it
    /// showed.
    async fn shown_by(&self, text: String) -> Result<Recovery, OpError> {
        let find = move |replica: &NodeReplica| {
            let shown = replica.library().recovering().map_err(failed)?;
            let fits = |id: &str| id == text || text.len() >= PREFIX_MIN && id.starts_with(&text);
            if let Some(shown) = shown.iter().find(|shown| fits(&shown.id.to_string())) {
                return Ok(shown.asks.clone());
            }
            let org = org_called(replica, &text).map_err(|error| error.in_field("file"))?;
            let shown = shown.into_iter().find(|shown| shown.asks.org == org);
            shown.map(|shown| shown.asks).ok_or_else(|| {
                let what = format!(
                    "{text} has not asked for new keys at this node: name the file that it sent, or invite it and have it run `tern recover` with the invitation"
                );
                OpError::new(ErrorCode::NotFound, what).in_field("file")
            })
        };
        self.node.handle().read(find).await?
    }

    pub(super) async fn authority_records(self, after: Option<u64>) -> Result<Value, OpError> {
        let begin = usize::try_from(after.unwrap_or(0)).unwrap_or(usize::MAX);
        let page = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let ids: Vec<_> = authority.records().map(Verified::id).collect();
            let ordered = authority.in_order(ids.iter());
            let (mut records, mut bytes) = (Vec::new(), 0);
            for held in ordered.iter().skip(begin) {
                if bytes >= PAGE_BYTES {
                    break;
                }
                let record = held.record().to_bytes();
                bytes += record.len();
                records.push(hex::encode(&record));
            }
            let next = begin.saturating_add(records.len());
            (records, (next < ordered.len()).then_some(next))
        };
        let (records, next) = self.node.handle().read(page).await?;
        Ok(json!({
            "federation": hex::encode(self.node.identity().federation.as_bytes()),
            "records": records, "next": next,
        }))
    }

    pub(super) async fn take_authority(self, records: Vec<String>) -> Result<Value, OpError> {
        if self.node.recovery_pending()?.is_none() {
            // It may have heard of its keys by a meeting before the file came.
            if self.node.handle().read(has_recovered).await? {
                return Ok(json!({ "taken": 0, "refused": 0 }));
            }
            let what = "this node does not recover: what others decided comes with meetings";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let read = |digits: &String| {
            let bytes = hex::decode_all(digits);
            bytes.and_then(|bytes| Record::from_bytes(&bytes).ok())
        };
        let records: Option<Vec<Record>> = records.iter().map(read).collect();
        let records =
            records.ok_or_else(|| invalid("answer", "it holds something that is no record"))?;
        let count = records.len();
        if self.node.submit(records.clone()).await.is_ok() {
            return Ok(json!({ "taken": count, "refused": 0 }));
        }
        // One bad record does not spoil the rest.
        let mut refused = 0;
        for record in records {
            if let Err(error) = self.node.submit(vec![record]).await {
                tracing::warn!(error = error.for_log(), "a record of an answer was refused");
                refused += 1;
            }
        }
        Ok(json!({ "taken": count - refused, "refused": refused }))
    }

    pub(super) async fn recovery(self) -> Result<Value, OpError> {
        let pending = self.node.recovery_pending()?;
        let progress = self.node.finish_recovery(self.caller.passphrase.clone()).await?;
        let state = match progress {
            Progress::Done => "done",
            Progress::Waiting => "waiting",
        };
        Ok(json!({
            "state": state,
            "org": self.node.identity().org.to_string(),
            "fingerprint": pending.map(|pending| pending.request.fingerprint()),
        }))
    }
}
