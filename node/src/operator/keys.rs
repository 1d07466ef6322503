//! Keys: where they are, the recovery sheet, another root key, devices.

use serde_json::{Value, json};
use tern_crdt::authority::{Certificate, Roles, commitment};
use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{CertificateId, PublicKey};
use tern_crdt::signed::Statement as _;

use super::{Acting, invalid};
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::hex;
use crate::identity::grant;
use crate::keystore::{CarriedKey, Entry, Purpose, public_key};
use crate::ops::{ErrorCode, OpError};
use crate::rotation::{RootKeys, root_keys};
use crate::running::stopping;
use crate::sheet::{SheetState, sheet_state};
use crate::statement::StatementFile;

impl Acting<'_> {
    pub(super) async fn list_keys(self) -> Result<Value, OpError> {
        let looked = self.node.handle().read(|replica| {
            let accounts = Account::all(replica.library())?;
            Ok::<_, OpError>((root_keys(replica), accounts))
        });
        let (keys, accounts) = looked.await??;
        let held = self.node.keys().await?;
        let listed = Listed { keys: keys.as_ref(), held: &held };
        let mut items: Vec<Value> = held.iter().map(|entry| listed.held(entry)).collect();
        if let Some(keys) = &keys {
            items.extend(listed.elsewhere(keys, |root| {
                self.node.keystore().away(Purpose::Root, root).ok().flatten()
            }));
        }
        for account in &accounts {
            items.extend(
                account
                    .devices
                    .iter()
                    .map(|key| item("person-sign", &account.name, key, "in-force", "device", None)),
            );
        }
        Ok(json!({ "items": items, "recovery_sheet": sheet_state(keys.as_ref(), &held).code() }))
    }

    pub(super) async fn sheet(self) -> Result<Value, OpError> {
        self.may_let_people_in().await?;
        let sheet = self.node.sheet(self.caller.passphrase.clone()).await?;
        let words: Vec<&str> = sheet.words.iter().map(|word| word.as_str()).collect();
        Ok(json!({
            "organisation": sheet.organisation, "org": sheet.org, "federation": sheet.federation,
            "date": sheet.date, "public": hex::encode(sheet.public.as_bytes()), "words": words,
        }))
    }

    pub(super) async fn sheet_is_kept(self) -> Result<Value, OpError> {
        self.may_let_people_in().await?;
        let public = self.node.sheet_is_kept().await?;
        Ok(json!({ "public": hex::encode(public.as_bytes()) }))
    }

    pub(super) async fn rotate_root(self, spares: &[String]) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let spare = |text: &String| {
            let what = || format!("`{text}` is no public key: give its 64 digits");
            public_key(text).ok_or_else(|| invalid("spare", what()))
        };
        let spares = spares.iter().map(spare).collect::<Result<Vec<PublicKey>, _>>()?;
        let (passphrase, wrap) =
            (self.caller.passphrase.clone(), self.caller.new_passphrase.clone());
        let rotated = self.node.rotate(spares, passphrase, wrap).await?;
        Ok(json!({
            "id": rotated.id.to_string(), "root": hex::encode(rotated.root.as_bytes()),
            "stands_by": rotated.stands_by, "wrapped": rotated.wrapped,
        }))
    }

    pub(super) async fn export_root(self) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let root = self.node.root_key(self.caller.passphrase.clone()).await?;
        let wrap = self.caller.new_passphrase.clone().ok_or_else(|| {
            let what = "a key file is carried about, so it is wrapped: give its passphrase with --new-passphrase-file";
            OpError::new(ErrorCode::Invalid, what).in_field("new-passphrase-file")
        })?;
        let (owner, public) = (self.owner(Purpose::Root).await?, root.public());
        let sealed = tokio::task::spawn_blocking(move || {
            CarriedKey::seal(Purpose::Root, &owner, &root, Some(&wrap))
        });
        let file = sealed.await.map_err(|_| stopping())??;
        Ok(json!({ "public": hex::encode(public.as_bytes()), "file": *file }))
    }

    pub(super) async fn root_is_moved(self, file: &str, place: &str) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let root = self.in_force().await?;
        let other = |why: &str| {
            let what = format!("the key file is not the root key of this organisation: {why}");
            invalid("file", what)
        };
        let carried = CarriedKey::parse(file).map_err(other)?;
        if carried.public() != root {
            return Err(other("it is another key"));
        }
        if !carried.is_wrapped() {
            return Err(other("it has no passphrase"));
        }
        let phrase = self.caller.new_passphrase.clone();
        let opened = tokio::task::spawn_blocking(move || carried.open(phrase.as_ref()).map(drop));
        opened.await.map_err(|_| stopping())??;
        let keystore = self.node.keystore();
        keystore.note_away(Purpose::Root, root, place)?;
        keystore.discard(Purpose::Root, root)?;
        Ok(json!({ "public": hex::encode(root.as_bytes()) }))
    }

    pub(super) async fn return_root(self) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let root = self.in_force().await?;
        let key = crate::lent::key().filter(|key| key.public() == root).ok_or_else(|| {
            invalid("file", "this key file does not hold the root key that is in force")
        })?;
        let wrap = self.caller.new_passphrase.clone().or_else(|| self.caller.passphrase.clone());
        let (wrapped, owner) = (wrap.is_some(), self.owner(Purpose::Desk).await?);
        let keystore = self.node.keystore().clone();
        let kept = tokio::task::spawn_blocking(move || {
            keystore.keep(Purpose::Root, &owner, root, &key.seed(), wrap.as_ref())?;
            keystore.forget_away(Purpose::Root, root)
        });
        kept.await.map_err(|_| stopping())??;
        Ok(json!({ "public": hex::encode(root.as_bytes()), "wrapped": wrapped }))
    }

    pub(super) async fn add_device(self, name: String, key: &str) -> Result<Value, OpError> {
        self.may_manage_people().await?;
        let account = self.account_of(name).await?;
        let key = public_key(key)
            .ok_or_else(|| invalid("key", "this is no public key: give its 64 digits"))?;
        if key == account.sign || account.devices.contains(&key) {
            let what = "this key is certified for this person already";
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("key"));
        }
        let own = account.clone();
        let known = self.node.handle().read(move |replica| {
            let library = replica.library();
            let authority = library.authority();
            (
                own.grants(authority, &replica.org()),
                own.shown_name(library),
                authority.certificate_of(&key).is_some(),
            )
        });
        let (grants, shown, taken) = known.await?;
        if taken {
            let what = "this key has a certificate already, of another person or node: make one of its own with `tern key new FILE`";
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("key"));
        }
        if grants.is_empty() {
            let what = format!("account `{}` has no role that a device could have", account.name);
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let encryption = self.encryption_of(&account).await?;
        let root = self.node.root_key(self.caller.passphrase.clone()).await?;
        let (org, federation) = (self.node.identity().org, self.node.identity().federation);
        let tips = move |replica: &NodeReplica| replica.library().authority().log_tips(&org);
        let mut tips = self.node.handle().read(tips).await?;
        let (mut records, mut cards) = (Vec::new(), Vec::new());
        // Each role ends with the beacon with which it ends for the person.
        for granted in &grants {
            let granted = Certificate { key, encryption, ..granted.clone() };
            let record = grant(org, tips, granted).sign(federation, &root);
            tips = vec![record.id()];
            let (by, name) = (record.id().cast(), shown.clone());
            cards.push(NameCard { by, name, basis: Basis::Consent(now()) }.prepare());
            records.push(record);
        }
        let ids: Vec<CertificateId> = records.iter().map(|record| record.id().cast()).collect();
        let mut moved = account.clone();
        moved.devices.push(key);
        self.node.submit_with(records, vec![moved.keep()]).await?;
        let card = StatementFile::prepared(federation, cards);
        let roles = grants
            .iter()
            .fold(Roles::default(), |all, granted| granted.roles.iter().fold(all, Roles::with));
        Ok(json!({
            "id": ids[0].to_string(), "name": account.name, "card": card.to_text(),
            "roles": roles.iter().map(|role| role.code()).collect::<Vec<_>>(),
        }))
    }

    /// The root key in force.
    async fn in_force(&self) -> Result<PublicKey, OpError> {
        let keys = self.node.handle().read(root_keys).await?;
        keys.and_then(|keys| keys.root).ok_or_else(|| {
            let what = "this organisation has no root key in force: it is no member yet, or its log is frozen";
            OpError::new(ErrorCode::Conflict, what)
        })
    }

    /// The note to people in the file of a key for this purpose.
    pub(super) async fn owner(&self, purpose: Purpose) -> Result<String, OpError> {
        let held = self.node.keys().await?;
        let found = held.into_iter().find(|entry| entry.purpose == purpose);
        Ok(found.map_or_else(|| self.node.identity().org.to_string(), |entry| entry.owner))
    }
}

/// What `key list` tells.
struct Listed<'a> {
    keys: Option<&'a RootKeys>,
    held: &'a [Entry],
}

impl Listed<'_> {
    fn held(&self, entry: &Entry) -> Value {
        let level = if entry.wrapped { "wrapped" } else { "plain" };
        let state = match (entry.purpose, self.keys) {
            (Purpose::Root, Some(keys)) if keys.root != Some(entry.public) => "before",
            (Purpose::NextRoot, Some(keys)) if keys.next != Some(commitment(&entry.public)) => {
                "before"
            }
            (Purpose::NextRoot, _) => "next",
            // The one before goes on reading what was encrypted to it.
            (Purpose::Desk | Purpose::NodeEncrypt, _) => "reads",
            _ => "in-force",
        };
        item(entry.purpose.code(), &entry.owner, &entry.public, state, level, None)
    }

    /// Root keys that the log names and the keystore does not hold.
    fn elsewhere(
        &self,
        keys: &RootKeys,
        place: impl Fn(PublicKey) -> Option<String>,
    ) -> Vec<Value> {
        let has = |purpose, key: &PublicKey| {
            self.held.iter().any(|entry| entry.purpose == purpose && entry.public == *key)
        };
        let mut items = Vec::new();
        if let Some(root) = keys.root.filter(|root| !has(Purpose::Root, root)) {
            let place = place(root);
            let level = if place.is_some() { "away" } else { "lost" };
            items.push(item("root", &keys.name, &root, "in-force", level, place));
        }
        for spare in &keys.spares {
            items.push(item("root", &keys.name, spare, "spare", "away", None));
        }
        if sheet_state(self.keys, self.held) == SheetState::Kept {
            items.push(json!({
                "purpose": "next-root", "owner": keys.name, "state": "next", "level": "sheet",
            }));
        }
        items
    }
}

fn item(
    purpose: &str,
    owner: &str,
    public: &PublicKey,
    state: &str,
    level: &str,
    place: Option<String>,
) -> Value {
    json!({
        "purpose": purpose, "owner": owner, "public": hex::encode(public.as_bytes()),
        "state": state, "level": level, "place": place,
    })
}
