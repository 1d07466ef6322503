//! Adopting: a publisher, or a steward, stands for work that a revocation left
//! out of its cut, and for what honest people built on it; or for a single record that
//! this node keeps aside.

use tern_crdt::authority::{Adopt, Adopted, Role};
use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::signed::{Statement, Verified};

use crate::accounts::{Account, failed};
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, PracticeRead};
use crate::running::Node;

/// A record that is kept aside, with whose it was.
pub(crate) struct Aside {
    /// The record.
    pub record: Verified,
    /// Under which certificate it was signed.
    pub certificate: CertificateId,
    /// Whose certificate.
    pub org: OrgId,
}

/// The records that are kept aside, ascending by id.
///
/// # Errors
/// The store's.
pub(crate) fn aside(replica: &NodeReplica) -> Result<Vec<Aside>, OpError> {
    let library = replica.library();
    let kept = library.records_aside().map_err(failed)?;
    let whose = |record: Verified| {
        let certificate = record.record().author()?;
        let org = library.authority().certificate(&certificate)?.org;
        Some(Aside { record, certificate, org })
    };
    Ok(kept.into_iter().filter_map(whose).collect())
}

impl Node {
    /// Adopts a record that is kept aside, by its id or a unique prefix of one: returns
    /// its id and the adoption's.
    ///
    /// # Errors
    /// There is none so called, the account may not, or its key is locked.
    pub(crate) async fn adopt_record(
        &self,
        account: &Account,
        text: &str,
        reason: &str,
        passphrase: Option<Passphrase>,
    ) -> Result<(RecordId, RecordId), OpError> {
        let (own, wanted) = (account.clone(), text.to_owned());
        let find = move |replica: &NodeReplica| {
            let begins = |id: RecordId| {
                let id = id.to_string();
                id == wanted || wanted.len() >= PREFIX_MIN && id.starts_with(&wanted)
            };
            let found = aside(replica)?.into_iter().filter(|one| begins(one.record.id()));
            let found: Vec<Aside> = found.take(2).collect();
            let [one] = <[Aside; 1]>::try_from(found).map_err(|found| match found.is_empty() {
                true => {
                    let what = format!(
                        "nothing called `{wanted}` is kept aside here: `tern cert aside` lists what is"
                    );
                    OpError::new(ErrorCode::NotFound, what).in_field("record")
                }
                false => {
                    let what = format!("`{wanted}` fits more than one: give more characters");
                    OpError::new(ErrorCode::Ambiguous, what).in_field("record")
                }
            })?;
            let role = if replica.org() == one.org { Role::Publisher } else { Role::Steward };
            let by = own.certificate_for(replica.library().authority(), role)?;
            Ok::<_, OpError>((by, one.certificate, one.record.id()))
        };
        let (by, certificate, id) = self.handle().read(find).await??;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let what = Adopted::Record(*id.as_bytes());
        let adopt = Adopt { by, certificate, what, reason: reason.trim().to_owned() };
        adopt.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("reason"))?;
        let record = adopt.prepare().sign(self.identity().federation, &key);
        let adopted = record.id();
        self.submit(vec![record]).await?;
        Ok((id, adopted))
    }

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
