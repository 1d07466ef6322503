//! New keys for a person whose passphrase, or key file, is lost.
//!
//! The organisation's root key certifies a new key with the roles that the
//! person had, each up to the beacon that it had, and the account moves to it; the name card and the expert card
//! are shown for the new certificate. One commit does all of that, so a node
//! that is killed has done it or has not, and the command is repeated.
//!
//! The keys from before are set aside, wrapped as they were: what was encrypted
//! to them alone opens again if the passphrase is found. The certificate from
//! before stays valid until it is revoked: whoever lost a passphrase may find
//! it, and whoever lost a key says so.

use tern_crdt::authority::{Certificate, Role};
use tern_crdt::card::NameCard;
use tern_crdt::expert::{ExpertCard, Listing};
use tern_crdt::identity::{CertificateId, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};

use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::identity::{Identity, grant};
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::requests::Seen;
use crate::running::{Node, stopping};

/// What became of a person's keys.
#[derive(Clone, Debug)]
pub struct Rekeyed {
    /// The account with the keys that it has now.
    pub account: Account,
    /// Whether they are new: keys that open with the passphrase given are left.
    pub new: bool,
    /// The certificate of the present key, if the person has a role.
    pub certificate: Option<CertificateId>,
    /// Certificates of keys from before: valid still.
    pub before: Vec<CertificateId>,
    /// Whether the expert card is shown for the present certificate.
    pub card: bool,
    /// Cards from before that nobody could take back.
    pub cards_before: Vec<CertificateId>,
    /// Open requests under a certificate from before.
    pub requests: Vec<Seen>,
}

/// What a person has before they get new keys.
struct Before {
    grants: Vec<Certificate>,
    tips: Vec<RecordId>,
    name: Option<NameCard>,
    card: Option<ExpertCard>,
}

/// Whether a certificate is this organisation's and has not ended: what was
/// revoked is not given back by giving new keys.
fn is_ours(replica: &NodeReplica, id: &CertificateId) -> bool {
    let authority = replica.library().authority();
    authority.ended(id).is_none()
        && authority.certificate(id).is_some_and(|granted| granted.org == replica.org())
}

fn before(replica: &NodeReplica, account: &Account) -> Before {
    let library = replica.library();
    let authority = library.authority();
    // Another organisation may have certified the key, with roles of its own.
    let of_ours = |id: &CertificateId| is_ours(replica, id);
    let mut certificates = account.certificates(authority);
    certificates.retain(of_ours);
    let cards = certificates.iter().filter_map(|id| library.expert(id));
    let card = cards.map(|(_, card)| card).max_by_key(|card| card.claimed_at);
    Before {
        grants: account.grants(authority, &replica.org()),
        tips: authority.log_tips(&replica.org()),
        name: certificates.iter().find_map(|id| library.name_card(id)).cloned(),
        card: card.filter(|card| card.state != Listing::Removed && now() < card.expires).cloned(),
    }
}

/// A person's new keys, kept in the keystore.
struct Keys {
    sign: SecretKey,
    encrypt: SecretKey,
}

impl Node {
    /// Gives a person new keys under `new`, certified with `root_passphrase`.
    /// Keys that open with `new` already are left as they are.
    ///
    /// # Errors
    /// The root key is locked, or its passphrase is another.
    pub(crate) async fn rekey(
        &self,
        acting: &Account,
        account: &Account,
        root_passphrase: Option<Passphrase>,
        new: Option<Passphrase>,
    ) -> Result<Rekeyed, OpError> {
        let made = !self.opens(account, new.as_ref()).await?;
        let account = if made {
            self.replace_keys(account, root_passphrase.clone(), new.clone()).await?
        } else {
            account.clone()
        };
        // Of one that was killed right after its commit, too.
        for key in &account.former {
            self.keystore().set_aside(Purpose::PersonSign, *key)?;
            self.keystore().set_aside(Purpose::PersonEncrypt, *key)?;
        }
        self.open_reading_keys(new.clone()).await?;
        let own = account.clone();
        let before =
            self.handle().read(move |r| own.former_certificates(r.library().authority())).await?;
        let signers = [(&account, new), (acting, root_passphrase)];
        let left = self.take_cards_back(before, &signers).await?;
        Ok(Rekeyed { cards_before: left, ..self.rekeyed(account, made).await? })
    }

    /// Whether both keys of an account open.
    async fn opens(&self, account: &Account, with: Option<&Passphrase>) -> Result<bool, OpError> {
        for (purpose, key) in
            [(Purpose::PersonSign, account.sign), (Purpose::PersonEncrypt, account.encrypt)]
        {
            match self.unlock(purpose, key, with.cloned()).await {
                Ok(_) => {}
                Err(lost) if lost.code == ErrorCode::Failed => return Err(lost),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn replace_keys(
        &self,
        account: &Account,
        root_passphrase: Option<Passphrase>,
        new: Option<Passphrase>,
    ) -> Result<Account, OpError> {
        let root = self.root_key(root_passphrase).await.map_err(of_root)?;
        let own = account.clone();
        let before = self.handle().read(move |replica| before(replica, &own)).await?;
        let keys = self.new_keys(account, new).await?;
        let mut moved = account.clone();
        moved.former.extend([account.sign, account.encrypt]);
        (moved.sign, moved.encrypt) = (keys.sign.public(), keys.encrypt.public());
        let records = self.certify(before, &keys, &root);
        let submitted = self.submit_with(records, vec![moved.keep()]).await;
        if submitted.is_err() {
            // Nobody has seen them.
            self.keystore().discard(Purpose::PersonSign, moved.sign)?;
            self.keystore().discard(Purpose::PersonEncrypt, moved.encrypt)?;
        }
        submitted.map(|_| moved)
    }

    async fn new_keys(
        &self,
        account: &Account,
        passphrase: Option<Passphrase>,
    ) -> Result<Keys, OpError> {
        let (keystore, owner) = (self.keystore().clone(), account.name.clone());
        let made = tokio::task::spawn_blocking(move || {
            let wrap = passphrase.as_ref();
            let sign = keystore.create(Purpose::PersonSign, &owner, wrap)?;
            let encrypt = keystore.create(Purpose::PersonEncrypt, &owner, wrap)?;
            Ok::<_, OpError>(Keys { sign, encrypt })
        });
        made.await.map_err(|_| stopping())?
    }

    /// Everything that is signed for the new key.
    fn certify(&self, before: Before, keys: &Keys, root: &SecretKey) -> Vec<Record> {
        let Identity { org, federation, .. } = *self.identity();
        let encryption = Some(keys.encrypt.encryption_public());
        let (mut tips, mut records) = (before.tips, Vec::new());
        for granted in before.grants {
            let roles = granted.roles;
            let granted = Certificate { key: keys.sign.public(), encryption, ..granted };
            let granted = grant(org, tips, granted).sign(federation, root);
            let by: CertificateId = granted.id().cast();
            tips = vec![granted.id()];
            records.push(granted);
            if let Some(card) = before.name.clone() {
                records.push(NameCard { by, ..card }.prepare().sign(federation, &keys.sign));
            }
            if let Some(card) = before.card.clone().filter(|_| roles.has(Role::Expert)) {
                // The consent to show it ends on the day that it named.
                let card = ExpertCard { by, n: 1, claimed_at: now(), ..card };
                records.push(card.prepare().sign(federation, &keys.sign));
            }
        }
        records
    }

    async fn rekeyed(&self, account: Account, new: bool) -> Result<Rekeyed, OpError> {
        let own = account.clone();
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let authority = library.authority();
            let before = own.former_certificates(authority);
            let present = own.certificates(authority);
            let of_ours = |id: &&CertificateId| is_ours(replica, id);
            let certificate = present.iter().find(of_ours).copied();
            let card = certificate.and_then(|id| library.expert(&id));
            (certificate, card.is_some_and(|(_, card)| card.state != Listing::Removed), before)
        };
        let (certificate, card, before) = self.handle().read(look).await?;
        let mut requests = self.seen_by(&account).await?;
        requests.retain(|seen| seen.is_of(&before) && !seen.case.state.is_over());
        Ok(Rekeyed { account, new, certificate, before, card, cards_before: Vec::new(), requests })
    }
}

/// Why nobody can certify a new key.
fn of_root(error: OpError) -> OpError {
    let lost = matches!(
        error.code,
        ErrorCode::Locked | ErrorCode::WrongPassphrase | ErrorCode::NotFound | ErrorCode::Damaged
    );
    if !lost {
        return error;
    }
    let message = format!(
        "a new key is certified by the organisation's root key, and that did not open: {}; if its own passphrase is lost, replace it with the recovery sheet (`tern key rotate`), then repeat this",
        error.message
    );
    OpError { message, ..error }
}
