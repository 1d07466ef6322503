//! A copy becomes a node of its own: it gets a key that no other node has.
//!
//! The organisation certifies the new key; then `identity.json` names it, by a
//! rename, so a node that is killed on the way is either of the two. The key
//! from before stays in the keystore and belongs to the node that keeps it.
//! Whoever meets the new node first sees its certificate, as that of any node
//! of which it has not heard.

use serde_json::{Value, json};
use tern_crdt::authority::{Role, Roles};
use tern_protocol::step::Command;

use super::Acting;
use crate::handle::NodeReplica;
use crate::identity::{Identity, certificate, grant};
use crate::keystore::Purpose;
use crate::ops::{ErrorCode, OpError};
use crate::running::stopping;

impl Acting<'_> {
    /// Gives this node a new key and the organisation's certificate for it.
    pub(super) async fn new_node_key(self) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let conflict = |what: &str| Err(OpError::new(ErrorCode::Conflict, what));
        if self.node.http().is_some() {
            return conflict(
                "this node runs under its key: stop it, then run `tern copied --new-key` again",
            );
        }
        if self.node.handle().read(NodeReplica::is_joining).await? {
            return conflict(
                "this node waits to be admitted under its key: wait until it is a member",
            );
        }
        let Identity { federation, org, node: before } = *self.node.identity();
        let root = self.node.root_key(self.caller.passphrase.clone()).await?;
        let owner = self.owner(Purpose::Node).await?;
        let keystore = self.node.keystore().clone();
        let drawn = tokio::task::spawn_blocking(move || {
            let key = keystore.create(Purpose::Node, &owner, None)?;
            Ok::<_, OpError>((key, keystore.create(Purpose::NodeEncrypt, &owner, None)?))
        });
        let (key, reads) = drawn.await.map_err(|_| stopping())??;
        let tips = move |replica: &NodeReplica| replica.library().authority().log_tips(&org);
        let tips = self.node.handle().read(tips).await?;
        let reads = Some(reads.encryption_public());
        let granted = certificate(key.public(), reads, Roles::of(&[Role::Node]));
        let record = grant(org, tips, granted).sign(federation, &root);
        self.node.submit_with(vec![record], Vec::new()).await?;
        self.node.handle().command(Command::ClearCopied).await?;
        let identity = Identity { federation, org, node: key.public() };
        identity.save(self.node.folder())?;
        Ok(json!({
            "node": identity.node.node().to_string(), "before": before.node().to_string(),
        }))
    }
}
