//! An organisation leaves, by its own word.

use tern_crdt::authority::{Leave, Role, Standing};
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Statement;

use super::{called, refused};
use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// What whoever leaves has to know, before and after.
pub(crate) const LEAVING: &str = "an organisation that left connects to nobody and signs nothing that others take; what it published stays with them. Only the stewards can let it in again";

impl Node {
    /// This organisation leaves the federation. Answers the record.
    ///
    /// # Errors
    /// The account operates no node of it, it is no member, nobody would be
    /// left to decide, or the root key is locked.
    pub(crate) async fn leave(
        &self,
        account: &Account,
        passphrase: Option<Passphrase>,
    ) -> Result<(RecordId, bool), OpError> {
        let account = account.clone();
        let own = self.identity().org;
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let standing = authority.standing(&own);
            if !matches!(standing, Some(Standing::Member | Standing::Suspended)) {
                let what =
                    "this organisation is no member of the federation, so it cannot leave it";
                return Err(refused(ErrorCode::Conflict, what));
            }
            if standing == Some(Standing::Member) {
                account.certificate_for(authority, Role::Operator)?;
            }
            let steward = authority.stewards().any(|steward| steward == own);
            if steward && authority.stewards().count() == 1 {
                let what = format!(
                    "{} is the only steward, and without one nobody could ever decide anything again: appoint others first, with `tern charter propose --steward …`",
                    called(authority, own)
                );
                return Err(refused(ErrorCode::Conflict, what));
            }
            let after = authority.organisation(&own).map(|o| o.latest.clone()).unwrap_or_default();
            Ok((after, steward))
        };
        let (after, steward) = self.handle().read(look).await??;
        let root = self.root_key(passphrase).await?;
        let leave = Leave { org: own, after }.prepare().sign(self.identity().federation, &root);
        let id = leave.id();
        self.submit(vec![leave]).await?;
        Ok((id, steward))
    }
}
