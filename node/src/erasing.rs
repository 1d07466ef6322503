//! Erasing: a practice with all its editions, or a name, is gone from every
//! node that learns of it, for ever.

use tern_crdt::authority::{Erase, EraseReason, Role};
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::signed::{Record, Statement};
use tern_protocol::library::Library;
use tern_protocol::store::Store;

use crate::accounts::Account;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::PracticeRead;
use crate::running::Node;

/// The reason of a code.
///
/// # Errors
/// There is none of that code; says which there are.
pub fn reason(code: &str) -> Result<EraseReason, OpError> {
    match code {
        "taken-back" => Ok(EraseReason::TakenBack),
        "personal-data" => Ok(EraseReason::PersonalData),
        "unlawful" => Ok(EraseReason::Unlawful),
        "safety" => Ok(EraseReason::Safety),
        _ => {
            let what = format!(
                "`{code}` is no reason to erase: there are taken-back, personal-data, unlawful, safety"
            );
            Err(OpError::new(ErrorCode::Invalid, what).in_field("reason"))
        }
    }
}

/// The certificate under which an account erases practices of its
/// organisation.
///
/// # Errors
/// It has none of the roles for that.
pub(crate) fn eraser<S: Store>(
    library: &Library<S>,
    account: &Account,
) -> Result<CertificateId, OpError> {
    let role = |role| account.certificate_for(library.authority(), role);
    role(Role::Publisher)
        .or_else(|why| role(Role::Moderator).or_else(|_| role(Role::FocalPoint)).map_err(|_| why))
}

impl Node {
    /// Erases a practice of this organisation, with all its editions, here and
    /// on every node that learns of it.
    ///
    /// # Errors
    /// It is another organisation's, the account may not, or its key is locked.
    pub(crate) async fn erase_practice(
        &self,
        account: &Account,
        practice: &PracticeRead,
        reason: EraseReason,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        if practice.origin.id != self.identity().org {
            let what = format!(
                "a practice is erased by the organisation that it comes from, and this one is {}'s: tell them",
                practice.origin.name
            );
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
        let (own, object) = (account.clone(), practice.id);
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let author = library.ledger().practice_with_aside(&object);
            let author = author.map_err(crate::accounts::failed)?.map(|entry| entry.founder);
            Ok::<_, OpError>((eraser(library, &own)?, author))
        };
        let (by, author) = self.handle().read(look).await??;
        let gone = || OpError::new(ErrorCode::NotFound, "it is not held here any more");
        let author = author.ok_or_else(gone)?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let erase = Erase { by, object: *object.as_bytes(), author, reason };
        let record = erase.prepare().sign(self.identity().federation, &key);
        let id = record.id();
        self.submit(vec![record]).await?;
        Ok(id)
    }

    /// Takes back the names that an account shows: what it signed stays, as of
    /// a person of its organisation. Returns how many.
    ///
    /// # Errors
    /// The key is locked.
    pub(crate) async fn erase_names(
        &self,
        account: &Account,
        passphrase: Option<Passphrase>,
    ) -> Result<usize, OpError> {
        let own = account.clone();
        let cards: Vec<(CertificateId, RecordId)> = self
            .handle()
            .read(move |replica| {
                let library = replica.library();
                let certificates = own.certificates(library.authority());
                let acts = |id: &CertificateId| library.authority().acts(*id, own.sign).is_ok();
                certificates
                    .into_iter()
                    .filter(acts)
                    .flat_map(|by| library.name_cards(by).map(move |card| (by, card)))
                    .collect()
            })
            .await?;
        if cards.is_empty() {
            return Ok(0);
        }
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let federation = self.identity().federation;
        let erases = cards.iter().map(|(by, card)| {
            let (by, object) = (*by, *card.as_bytes());
            let erase = Erase { by, object, author: by, reason: EraseReason::TakenBack };
            erase.prepare().sign(federation, &key)
        });
        let erases: Vec<Record> = erases.collect();
        self.submit(erases).await?;
        Ok(cards.len())
    }
}
