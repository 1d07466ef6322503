//! How the key behind a signature is kept, where this node knows it.
//!
//! A signature looks the same whether its key lies open in a folder or on a
//! device in a pocket. Of the people of this node it is known, and told: to
//! judge one's own house, not others'. Nothing about it is signed or sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tern_crdt::authority::Authority;
use tern_crdt::identity::{CertificateId, PublicKey};

use crate::accounts::Account;
use crate::keystore::Entry;
use crate::ops::OpError;
use crate::running::Node;

/// How a key is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// In a file of this node: whoever reads the folder can sign.
    Plain,
    /// In a file of this node, under a passphrase.
    Wrapped,
    /// On a device of the person, and never here.
    Device,
}

impl Level {
    /// Its word in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Wrapped => "wrapped",
            Self::Device => "device",
        }
    }
}

impl Node {
    /// How the keys of the people here are kept, by certificate. One whose key
    /// is nowhere here any more is not told.
    ///
    /// # Errors
    /// The store's, or the keystore's.
    pub async fn levels(&self) -> Result<BTreeMap<CertificateId, Level>, OpError> {
        let look = |replica: &crate::handle::NodeReplica| {
            let library = replica.library();
            let accounts = Account::all(library)?;
            let keys: Vec<_> =
                accounts.iter().flat_map(|account| known(account, library.authority())).collect();
            Ok::<_, OpError>(keys)
        };
        let known = self.handle().read(look).await??;
        let keystore = self.keystore().clone();
        let listed = tokio::task::spawn_blocking(move || {
            let mut entries = keystore.list()?.entries;
            entries.extend(keystore.list_aside()?);
            Ok::<_, OpError>(entries)
        });
        let entries = listed.await.map_err(|_| crate::running::stopping())??;
        let level = |(id, key, device): (CertificateId, PublicKey, bool)| {
            Some((id, if device { Level::Device } else { of_file(&entries, &key)? }))
        };
        Ok(known.into_iter().filter_map(level).collect())
    }
}

/// Adds to each signer that is told, with their certificate, how their key is
/// kept.
pub(crate) fn tell(levels: &BTreeMap<CertificateId, Level>, signers: &mut Value) {
    for signer in signers.as_array_mut().into_iter().flatten() {
        let id = signer["certificate"].as_str().and_then(|text| text.parse().ok());
        if let Some(level) = id.and_then(|id: CertificateId| levels.get(&id)) {
            signer["key"] = json!(level.code());
        }
    }
}

/// The certificates of a person, with their keys, and whether each is a device's.
fn known(account: &Account, authority: &Authority) -> Vec<(CertificateId, PublicKey, bool)> {
    let own = |key: &PublicKey| *key == account.sign || account.former.contains(key);
    let certificates = authority.certificates().filter_map(|(id, granted)| {
        let key = granted.certificate.key;
        let device = account.devices.contains(&key);
        (device || own(&key)).then_some((id, key, device))
    });
    certificates.collect()
}

fn of_file(entries: &[Entry], key: &PublicKey) -> Option<Level> {
    let entry = entries.iter().find(|entry| entry.public == *key)?;
    Some(if entry.wrapped { Level::Wrapped } else { Level::Plain })
}
