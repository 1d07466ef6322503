//! Members, certificates, and who has an account.

use serde_json::{Value, json};
use tern_crdt::authority::{Role, Standing};
use tern_crdt::identity::OrgId;

use super::practices::not_found;
use super::{Acting, invalid, moment};
use crate::accounts::Account;
use crate::keystore::{AccountName, Purpose};
use crate::members::candidates;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, org_name};
use crate::running::draw;
use tern_protocol::step::Command;

impl Acting<'_> {
    pub(super) async fn invite(self, org: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let invitation = self.node.invite(&account).await?;
        Ok(json!({
            "invitation": invitation.to_text(), "expires": moment(invitation.expires), "org": org,
        }))
    }

    pub(super) async fn approve(self, proposal: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        if let Some(text) = &proposal {
            let passphrase = self.caller.passphrase.clone();
            if let Some(id) = self.node.approve_rekey(&account, text, passphrase).await? {
                return Ok(json!({ "approved": [id.to_string()] }));
            }
        }
        let waiting = self.node.handle().read(candidates).await?;
        let org: Option<OrgId> = match &proposal {
            None => None,
            Some(text) => {
                let fits = |org: &OrgId| {
                    let id = org.to_string();
                    id == *text || (text.len() >= PREFIX_MIN && id.starts_with(text.as_str()))
                };
                let found = waiting.iter().find(|c| fits(&c.org) || c.name == *text);
                let found = found.ok_or_else(|| {
                    not_found(format!("nobody called `{text}` waits for approval here"))
                })?;
                Some(found.org)
            }
        };
        let approved = self.node.approve(&account, org, self.caller.passphrase.clone()).await?;
        Ok(json!({ "approved": approved.iter().map(OrgId::to_string).collect::<Vec<_>>() }))
    }

    pub(super) async fn members(self) -> Result<Value, OpError> {
        let (mut items, waiting) =
            self.node.handle().read(|replica| (members(replica), candidates(replica))).await?;
        items.extend(waiting.into_iter().map(|candidate| {
            json!({
                "id": candidate.org.to_string(), "name": candidate.name,
                "country": candidate.country, "state": "waiting", "steward": false, "nodes": [],
                "approvals": candidate.approvals, "needed": candidate.needed,
                "fingerprint": crate::hex::encode(&candidate.root.as_bytes()[..8]),
            })
        }));
        Ok(json!({ "items": items }))
    }

    pub(super) async fn grant(
        self,
        account: String,
        roles: Vec<String>,
        scope: Option<String>,
    ) -> Result<Value, OpError> {
        if scope.is_some() {
            let what = "narrowing a role to a scope is not possible yet: leave --scope out";
            return Err(OpError::new(ErrorCode::Unsupported, what).in_field("scope"));
        }
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
        let id = self.node.grant(account.sign, encryption, &roles, passphrase).await?;
        Ok(json!({ "id": id.cast::<tern_crdt::identity::Certificate>().to_string() }))
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

    pub(super) async fn certificates(self, all: bool) -> Result<Value, OpError> {
        let own = self.node.identity().org;
        let items = self
            .node
            .handle()
            .read(move |replica| {
                let library = replica.library();
                let authority = library.authority();
                authority
                    .certificates()
                    .filter(|(_, granted)| all || granted.org == own)
                    .map(|(id, granted)| {
                        let member = authority.standing(&granted.org) == Some(Standing::Member);
                        json!({
                            "id": id.to_string(),
                            "person": library.name(&id),
                            "org": org_name(authority, granted.org).name,
                            "roles": granted.certificate.roles.iter().map(Role::code)
                                .collect::<Vec<_>>(),
                            "state": if member { "live" } else { "waiting" },
                        })
                    })
                    .collect::<Vec<_>>()
            })
            .await?;
        Ok(json!({ "items": items }))
    }

    pub(super) async fn add_account(
        self,
        name: String,
        person: Option<String>,
        lang: Option<String>,
        roles: Vec<String>,
    ) -> Result<Value, OpError> {
        let roles = read_roles(&roles)?;
        self.may_manage_people().await?;
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
            let id = self.node.grant(account.sign, encryption, &roles, passphrase).await?;
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
                    (account, person, roles)
                });
                Ok::<_, OpError>(shown.collect::<Vec<_>>())
            })
            .await??;
        let keys = self.node.keys().await?;
        let wrapped = |account: &Account| {
            keys.iter().any(|entry| entry.public == account.sign && entry.wrapped)
        };
        let items: Vec<Value> = accounts
            .iter()
            .map(|(account, person, roles)| {
                json!({
                    "name": account.name, "person": person, "lang": account.lang,
                    "roles": roles.iter().map(|role| role.code()).collect::<Vec<_>>(),
                    "wrapped": wrapped(account),
                })
            })
            .collect();
        Ok(json!({ "items": items }))
    }
}

fn members(replica: &crate::handle::NodeReplica) -> Vec<Value> {
    let authority = replica.library().authority();
    let stewards: Vec<OrgId> = authority.stewards().collect();
    authority
        .organisations()
        .filter(|(_, _, standing)| *standing == Standing::Member)
        .map(|(id, organisation, _)| {
            let nodes: Vec<String> = authority
                .certificates()
                .filter(|(_, g)| g.org == id && g.certificate.roles.has(Role::Node))
                .map(|(_, g)| g.certificate.key.node().to_string())
                .collect();
            json!({
                "id": id.to_string(), "name": organisation.genesis.profile.name(&[]),
                "country": organisation.genesis.profile.country, "state": "member",
                "steward": stewards.contains(&id), "nodes": nodes,
            })
        })
        .collect()
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
