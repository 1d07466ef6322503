//! Taking cards back that are shown for somebody who has that key no more.
//!
//! A card is erased by who signed it, or by a publisher, moderator or focal
//! point of the same organisation: then it is dropped everywhere, and requests
//! are no longer matched with a key that cannot answer.

use tern_crdt::authority::{Authority, Erase, EraseReason, Role};
use tern_crdt::expert::Listing;
use tern_crdt::identity::{CertificateId, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};

use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::OpError;
use crate::running::Node;

/// The certificate under which an account may take the cards of `author` back.
fn eraser(
    account: &Account,
    authority: &Authority,
    author: CertificateId,
) -> Option<CertificateId> {
    if account.certificates(authority).contains(&author) && authority.ended(&author).is_none() {
        return Some(author);
    }
    let roles = [Role::Publisher, Role::Moderator, Role::FocalPoint];
    roles.iter().find_map(|role| account.certificate_for(authority, *role).ok())
}

impl Node {
    /// Has the cards under these certificates erased by the first of `signers`
    /// who may and whose key opens. Answers those that nobody could take back.
    ///
    /// # Errors
    /// The gate's refusal.
    pub(crate) async fn take_cards_back(
        &self,
        mut of: Vec<CertificateId>,
        signers: &[(&Account, Option<Passphrase>)],
    ) -> Result<Vec<CertificateId>, OpError> {
        let shown = move |replica: &NodeReplica| {
            let stands = |id: &CertificateId| {
                let card = replica.library().expert(id);
                card.is_some_and(|(_, card)| card.state != Listing::Removed)
            };
            of.retain(stands);
            of
        };
        let mut left = Vec::new();
        for author in self.handle().read(shown).await? {
            match self.card_signer(author, signers).await? {
                Some((by, key)) => {
                    self.submit(self.erases_of_cards(author, by, &key).await?).await?;
                }
                None => left.push(author),
            }
        }
        Ok(left)
    }

    async fn card_signer(
        &self,
        author: CertificateId,
        signers: &[(&Account, Option<Passphrase>)],
    ) -> Result<Option<(CertificateId, SecretKey)>, OpError> {
        for (account, passphrase) in signers {
            let own = (*account).clone();
            let may = move |r: &NodeReplica| eraser(&own, r.library().authority(), author);
            let Some(by) = self.handle().read(may).await? else { continue };
            let key = self.unlock(Purpose::PersonSign, account.sign, passphrase.clone()).await;
            if let Ok(key) = key {
                return Ok(Some((by, key)));
            }
        }
        Ok(None)
    }

    /// Erases of every card under a certificate, as somebody signs them who may.
    ///
    /// # Errors
    /// The node is stopping.
    pub(super) async fn erases_of_cards(
        &self,
        author: CertificateId,
        by: CertificateId,
        key: &SecretKey,
    ) -> Result<Vec<Record>, OpError> {
        let federation = self.identity().federation;
        let cards: Vec<RecordId> =
            self.handle().read(move |r| r.library().cards(&author).collect()).await?;
        let erase = |card: RecordId| {
            let reason = EraseReason::TakenBack;
            let erase = Erase { by, object: *card.as_bytes(), author, reason };
            erase.prepare().sign(federation, key)
        };
        Ok(cards.into_iter().map(erase).collect())
    }
}
