//! The recovering node: once its new keys count it certifies itself.
//!
//! It looks whenever it opens, whenever the authority set grows, and when
//! somebody asks. Everything is signed and written in one commit, and the note
//! that a recovery is under way goes last, so a node that is killed meanwhile
//! finishes at its next start.

use std::fs;

use tern_crdt::authority::{Role, Roles};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{PublicKey, RecordId};
use tern_crdt::signed::{Record, Statement};

use super::Pending;
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::identity::{Identity, certificate, grant};
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, stopping};

/// How far a recovery is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// There is none, or it is done.
    Done,
    /// The stewards have not given the new keys yet, as far as is known here.
    Waiting,
}

/// What the recovering node knows of itself.
struct Known {
    /// Whether its root key is the one in force.
    counts: bool,
    /// Whether its node has a certificate.
    certified: bool,
    steward: bool,
    tips: Vec<RecordId>,
    account: Result<Account, OpError>,
}

fn known(replica: &NodeReplica, root: PublicKey, node: PublicKey, account: &str) -> Known {
    let library = replica.library();
    let authority = library.authority();
    let own = replica.org();
    Known {
        counts: authority.organisation(&own).is_some_and(|org| org.root == Some(root)),
        certified: authority.certificate_of(&node).is_some(),
        steward: authority.stewards().any(|org| org == own),
        tips: authority.log_tips(&own),
        account: Account::find(library, Some(account)),
    }
}

impl Node {
    /// Goes on with a recovery where it can.
    ///
    /// # Errors
    /// The new root key is locked, or the gate's refusal.
    pub async fn finish_recovery(
        &self,
        passphrase: Option<Passphrase>,
    ) -> Result<Progress, OpError> {
        // Most nodes have nothing to recover, and do not wait to find out.
        if Pending::load(self.folder().paths())?.is_none() {
            return Ok(Progress::Done);
        }
        let _one_at_a_time = self.rotating().lock().await;
        let Some(pending) = Pending::load(self.folder().paths())? else {
            return Ok(Progress::Done);
        };
        let (root, node) = (pending.request.root, self.identity().node);
        let name = pending.account.clone();
        let known = self.handle().read(move |replica| known(replica, root, node, &name)).await?;
        if !known.counts {
            return Ok(Progress::Waiting);
        }
        if !known.certified {
            let account = known.account?;
            let root = self.unlock(Purpose::Root, root, passphrase.clone()).await?;
            let person = self.unlock(Purpose::PersonSign, account.sign, passphrase.clone()).await?;
            let encrypt = self.unlock(Purpose::PersonEncrypt, account.encrypt, passphrase).await?;
            let Identity { org, federation, node } = *self.identity();
            let (keystore, owner) = (self.keystore().clone(), org.to_string());
            let drawn = tokio::task::spawn_blocking(move || {
                keystore.create(Purpose::NodeEncrypt, &owner, None)
            });
            let reads = Some(drawn.await.map_err(|_| stopping())??.encryption_public());
            let own = certificate(node, reads, Roles::of(&[Role::Node]));
            let own = grant(org, known.tips, own).sign(federation, &root);
            let roles = Roles::of_founder();
            let roles = if known.steward { roles.with(Role::Steward) } else { roles };
            let granted = certificate(account.sign, Some(encrypt.encryption_public()), roles);
            let granted = grant(org, vec![own.id()], granted).sign(federation, &root);
            let card = NameCard {
                by: granted.id().cast(),
                name: pending.person.clone().unwrap_or_else(|| "Administrator".into()),
                basis: pending.person.as_ref().map_or(Basis::RoleName, |_| Basis::Consent(now())),
            };
            let card: Record = card.prepare().sign(federation, &person);
            self.submit(vec![own, granted, card]).await?;
        }
        let path = self.folder().paths().recover_file();
        fs::remove_file(&path).map_err(|cause| {
            let what = format!("cannot remove {}: {cause}", path.display());
            OpError::new(ErrorCode::Failed, what)
        })?;
        tracing::info!("recovered: this node is certified by the organisation's new keys");
        Ok(Progress::Done)
    }

    /// The same, by itself: what is locked waits for somebody, and a node that
    /// cannot recover yet is a node all the same.
    pub(crate) async fn recover_by_itself(&self) {
        match self.finish_recovery(None).await {
            Ok(_) => {}
            Err(shut) if shut.code == ErrorCode::Locked => {
                tracing::info!("the recovery waits for a passphrase: `tern recover`");
            }
            Err(error) => tracing::error!(error = error.for_log(), "could not recover yet"),
        }
    }

    /// The recovery under way, if one is.
    ///
    /// # Errors
    /// Its file is damaged.
    pub fn recovery_pending(&self) -> Result<Option<Pending>, OpError> {
        Pending::load(self.folder().paths())
    }
}
