//! Adopting: a publisher, or a steward, stands for work that a revocation left
//! out of its cut, and for what honest people built on it.

use tern_crdt::authority::{Adopt, Adopted, Role};
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Statement;

use crate::accounts::Account;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::PracticeRead;
use crate::running::Node;

impl Node {
    /// Adopts an edition that is held back, with all on which it builds; the
    /// one with the largest number if none is named. Returns the number of the
    /// edition and the adoptions, one for each certificate that was revoked.
    ///
    /// # Errors
    /// Nothing is held back, the account may not, or its key is locked.
    pub async fn adopt(
        &self,
        account: &Account,
        practice: &PracticeRead,
        edition: Option<&str>,
        reason: &str,
        passphrase: Option<Passphrase>,
    ) -> Result<(u32, Vec<RecordId>), OpError> {
        let at = match edition {
            Some(which) => practice.find(which)?,
            None => {
                let number = |at: &usize| practice.editions[*at].statement().number;
                practice.held_back().into_iter().max_by_key(number).ok_or_else(|| {
                    let what = "no edition of this practice is held back because a key was revoked";
                    OpError::new(ErrorCode::Conflict, what)
                })?
            }
        };
        let certificates = practice.to_adopt(at);
        let chosen = practice.editions[at].statement();
        if certificates.is_empty() {
            let what = format!(
                "edition {} is not held back because a key was revoked, so there is nothing to adopt",
                chosen.number
            );
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let (own, origin) = (account.clone(), practice.origin.id);
        let by = self
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                if replica.org() == origin {
                    own.certificate_for(authority, Role::Publisher)
                } else {
                    own.certificate_for(authority, Role::Steward)
                }
            })
            .await??;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let what = Adopted::Change { document: *practice.id.as_bytes(), change: chosen.change };
        let federation = self.identity().federation;
        let mut records = Vec::new();
        for certificate in certificates {
            let adopt = Adopt { by, certificate, what, reason: reason.trim().to_owned() };
            adopt
                .check()
                .map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("reason"))?;
            records.push(adopt.prepare().sign(federation, &key));
        }
        let ids = records.iter().map(tern_crdt::signed::Record::id).collect();
        self.submit(records).await?;
        Ok((chosen.number, ids))
    }
}
