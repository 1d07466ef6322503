//! Invitations, roles, and who has an account.

use serde_json::{Value, json};
use tern_crdt::authority::{Authority, Certificate, Role};
use tern_crdt::identity::{CertificateId, PublicKey};

use super::{Acting, invalid, moment};
use crate::accounts::Account;
use crate::governing::{certificate_with, left, of_federation as fingerprint};
use crate::keystore::{AccountName, Purpose};
use crate::notices::Record;
use crate::ops::{ErrorCode, Granting, OpError};
use crate::running::draw;
use tern_protocol::step::Command;

impl Acting<'_> {
    pub(super) async fn invite(self, org: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let invitation = self.node.invite(&account).await?;
        Ok(json!({
            "invitation": invitation.to_text(), "expires": moment(invitation.expires), "org": org,
            "federation_fingerprint": fingerprint(&invitation.federation),
        }))
    }

    pub(super) async fn grant(
        self,
        account: String,
        roles: Vec<String>,
        with: Granting,
    ) -> Result<Value, OpError> {
        let roles = read_roles(&roles)?;
        self.may_manage_people().await?;
        let account = self
            .node
            .handle()
            .read(move |replica| Account::find(replica.library(), Some(&account)))
            .await??;
        // The X25519 half of the encryption key: of one that is certified already
        // its secret need not be opened.
        let encryption = self.encryption_of(&account).await?;
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.grant(account.sign, encryption, &roles, with, passphrase).await?;
        let id: CertificateId = id.cast();
        let ends = move |replica: &crate::handle::NodeReplica| {
            let authority = replica.library().authority();
            ends_json(authority, &authority.certificate(&id)?.certificate)
        };
        let ends = self.node.handle().read(ends).await?;
        Ok(json!({ "id": id.to_string(), "ends": ends }))
    }

    pub(super) async fn encryption_of(
        &self,
        account: &Account,
    ) -> Result<Option<[u8; 32]>, OpError> {
        let own = account.clone();
        let certified = self
            .node
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                let own = own.certificates(authority);
                own.iter().find_map(|id| authority.certificate(id)?.certificate.encryption)
            })
            .await?;
        if certified.is_some() {
            return Ok(certified);
        }
        // Of an account that was made without a role.
        for phrase in [&self.caller.passphrase, &self.caller.new_passphrase] {
            let key = self.node.unlock(Purpose::PersonEncrypt, account.encrypt, phrase.clone());
            if let Ok(key) = key.await {
                return Ok(Some(key.encryption_public()));
            }
        }
        Ok(None)
    }

    pub(super) async fn add_account(
        self,
        name: String,
        person: Option<String>,
        lang: Option<String>,
        roles: Vec<String>,
        with: Granting,
    ) -> Result<Value, OpError> {
        let roles = read_roles(&roles)?;
        self.may_manage_people().await?;
        let (asked, wished) = (roles.clone(), with.clone());
        let look = move |replica: &crate::handle::NodeReplica| {
            let (authority, key) = (replica.library().authority(), PublicKey::new([0; 32]));
            certificate_with(authority, key, None, &asked, &wished).map(drop)
        };
        self.node.handle().read(look).await??;
        let name: AccountName = name.parse()?;
        let accounts = self.node.handle().read(|replica| Account::all(replica.library())).await??;
        if accounts.iter().any(|account| account.name == name.as_str()) {
            let what = format!("there is an account `{name}` already: choose another name");
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("name"));
        }
        let passphrase = self.caller.passphrase.clone();
        let wrap = self.caller.new_passphrase.clone().or_else(|| passphrase.clone());
        if !roles.is_empty() {
            // A key that cannot be opened for the grant leaves no account.
            self.node.root_key(passphrase.clone()).await?;
        }
        let keystore = self.node.keystore();
        let sign = keystore.create(Purpose::PersonSign, name.as_str(), wrap.as_ref())?;
        let encrypt = keystore.create(Purpose::PersonEncrypt, name.as_str(), wrap.as_ref())?;
        let number = accounts.iter().map(|account| account.number).max().unwrap_or(0) + 1;
        let account = Account {
            name: name.as_str().to_owned(),
            sign: sign.public(),
            encrypt: encrypt.public(),
            lang: lang.clone().unwrap_or_else(|| "en".into()),
            number,
            lang_chosen: lang.is_some(),
            former: Vec::new(),
            stamp: u64::from_le_bytes(draw()?),
            devices: Vec::new(),
        };
        let keep = Command::Write { pieces: Vec::new(), private: vec![account.keep()] };
        self.node.handle().command(keep).await?;
        let mut answer = json!({ "name": account.name, "person": person });
        if !roles.is_empty() {
            let encryption = Some(encrypt.encryption_public());
            let id = self.node.grant(account.sign, encryption, &roles, with, passphrase).await?;
            answer["id"] = json!(id.cast::<tern_crdt::identity::Certificate>().to_string());
            if let Some(person) = &person {
                self.node.give_name(&account, person, wrap).await?;
            }
        }
        Ok(answer)
    }

    pub(super) async fn accounts(self) -> Result<Value, OpError> {
        let accounts = self
            .node
            .handle()
            .read(|replica| {
                let library = replica.library();
                let accounts = Account::all(library)?;
                let shown = accounts.into_iter().map(|account| {
                    let roles = account.roles(library.authority());
                    let person = account.shown_name(library);
                    let told = Record::of(library, &account.name)?;
                    Ok((account, person, roles, told))
                });
                shown.collect::<Result<Vec<_>, OpError>>()
            })
            .await??;
        let keys = self.node.keys().await?;
        let wrapped = |account: &Account| {
            keys.iter().any(|entry| entry.public == account.sign && entry.wrapped)
        };
        let items: Vec<Value> = accounts
            .iter()
            .map(|(account, person, roles, told)| {
                json!({
                    "mail": told.address,
                    "mail_often": told.address.as_ref().map(|_| told.often.code()),
                    "name": account.name, "person": person, "lang": account.lang,
                    "roles": roles.iter().map(|role| role.code()).collect::<Vec<_>>(),
                    "wrapped": wrapped(account),
                })
            })
            .collect();
        Ok(json!({ "items": items }))
    }
}

/// With which beacon a certificate ends; `None` where it does not.
pub(super) fn ends_json(authority: &Authority, certificate: &Certificate) -> Option<Value> {
    let beacon = certificate.last_beacon?;
    Some(json!({ "beacon": beacon, "weeks": left(authority, certificate) }))
}

pub(super) fn read_roles(codes: &[String]) -> Result<Vec<Role>, OpError> {
    let read = |code: &String| {
        Role::ALL.into_iter().filter(|role| *role != Role::Node).find(|role| role.code() == code)
    };
    codes
        .iter()
        .map(|code| {
            read(code).ok_or_else(|| {
                let known: Vec<&str> =
                    Role::ALL.iter().map(|role| role.code()).filter(|c| *c != "node").collect();
                invalid("roles", format!("`{code}` is no role: there are {}", known.join(", ")))
            })
        })
        .collect()
}
