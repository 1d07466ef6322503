//! What this organisation asks for before one of its practices is published.

use tern_crdt::authority::{ClearanceNeed, ClearancePolicy, Role, prefix};
use tern_crdt::clearance::{Cleared, of_edition};
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Statement;

use super::cut;
use crate::accounts::{Account, failed};
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::OpError;
use crate::reading::PracticeRead;
use crate::running::Node;

impl Node {
    /// Says what is needed before a practice is published, in the organisation's log. Of what
    /// it has published so far and is held here nothing further is asked, but of what was
    /// published without what was needed. Answers the entry; none if it was so before.
    ///
    /// # Errors
    /// The account operates no node of it, or the root key is locked or elsewhere.
    pub(crate) async fn set_clearance(
        &self,
        account: &Account,
        need: ClearanceNeed,
        passphrase: Option<Passphrase>,
    ) -> Result<Option<RecordId>, OpError> {
        let (account, own) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            account.certificate_for(authority, Role::Operator)?;
            if authority.clearance_need(&own) == need {
                return Ok(None);
            }
            let mut listed = Vec::new();
            for id in library.practice_ids() {
                let read = PracticeRead::look(library, &id).map_err(failed)?;
                let Some(read) = read.filter(|read| read.origin.id == own) else { continue };
                let kept = read.editions.iter().filter(|edition| {
                    let cleared = of_edition(authority, &edition.held.statement);
                    !matches!(cleared, Cleared::Without(_))
                });
                listed.extend(kept.map(|edition| prefix(edition.id.as_bytes())));
            }
            Ok::<_, OpError>(Some((authority.log_tips(&own), listed)))
        };
        let Some((prev, listed)) = self.handle().read(look).await?? else { return Ok(None) };
        let (root, federation) = (self.root_key(passphrase).await?, self.identity().federation);
        let (cut, mut records) = cut::of(cut::Standing::listing(listed), federation, &root);
        let policy = ClearancePolicy { org: own, prev, need, cut };
        let record = policy.prepare().sign(federation, &root);
        let id = record.id();
        records.push(record);
        self.submit(records).await?;
        Ok(Some(id))
    }
}
