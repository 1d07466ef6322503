//! The new machine: a folder with new keys, and the request that names them.

use tern_crdt::authority::commitment;
use tern_crdt::identity::{FederationId, OrgId, SecretKey};
use tern_crdt::signed::Statement as _;
use tern_protocol::membership::{Invitation, Knock};
use tern_protocol::step::Command;

use super::request::Asked;
use super::{Pending, Request};
use crate::accounts::Account;
use crate::config::Settings;
use crate::folder::OpenFolder;
use crate::identity::Identity;
use crate::keystore::{AccountName, Keystore, Passphrase, Purpose};
use crate::members::Beginning;
use crate::ops::OpError;
use crate::process::beginning::{clear, make_way};
use crate::running::{Mode, Node};

/// An organisation that begins again.
#[derive(Clone, Debug)]
pub struct Recovering {
    /// Which.
    pub org: OrgId,
    /// In which federation.
    pub federation: FederationId,
    /// Whose invitation named the federation: its node is a saved peer from
    /// then on.
    pub invitation: Option<Invitation>,
    /// The name of the first account's person.
    pub person: Option<String>,
    /// The language of the first account.
    pub lang: String,
    /// The first account's name.
    pub account: AccountName,
    /// Wraps the new keys; the node's own stays plain.
    pub passphrase: Option<Passphrase>,
}

/// Makes the folder a node of the organisation that waits for the stewards,
/// durably, or leaves it as it was.
///
/// # Errors
/// The folder holds a node already, or the system's refusal.
pub async fn begin(
    folder: OpenFolder,
    settings: Settings,
    recovering: Recovering,
) -> Result<Request, OpError> {
    make_way(&folder)?;
    folder.mark_unfinished()?;
    let request = match attempt(&folder, &recovering).await {
        Ok(request) => request,
        Err(refused) => {
            clear(&folder)?;
            return Err(refused);
        }
    };
    folder.mark_finished()?;
    if let Some(invitation) = recovering.invitation {
        let node = Node::open(folder, settings, Mode::Command).await?;
        for address in invitation.addresses {
            let command = Command::SaveAddress { address, peer: Some(invitation.inviter) };
            node.handle().command(command).await?;
        }
        node.close().await;
    }
    Ok(request)
}

async fn attempt(folder: &OpenFolder, recovering: &Recovering) -> Result<Request, OpError> {
    let keystore = Keystore::open(folder.paths().keys())?;
    let Recovering { org, federation, .. } = *recovering;
    let (owner, account) = (org.to_string(), recovering.account.as_str());
    let wrap = recovering.passphrase.as_ref();
    let create = |purpose, owner: &str, wrap| -> Result<SecretKey, OpError> {
        Ok(keystore.create(purpose, owner, wrap)?)
    };
    let node = create(Purpose::Node, &owner, None)?;
    let root = create(Purpose::Root, &owner, wrap)?;
    let next = create(Purpose::NextRoot, &owner, wrap)?;
    let desk = create(Purpose::Desk, &owner, wrap)?;
    let sign = create(Purpose::PersonSign, account, wrap)?;
    let encrypt = create(Purpose::PersonEncrypt, account, wrap)?;
    let asked = Asked {
        federation,
        org,
        next: commitment(&next.public()),
        desk: desk.encryption_public(),
        node: node.public(),
    };
    let request = Request::sign(asked, &root);
    let knock = recovering.invitation.clone().map(|invitation| Knock {
        invitation,
        org,
        records: vec![request.asks().prepare().sign(federation, &root)],
    });
    let pending = Pending {
        request: request.clone(),
        person: recovering.person.clone(),
        account: account.to_owned(),
        knock,
    };
    pending.save(folder)?;
    let account = Account {
        name: account.to_owned(),
        sign: sign.public(),
        encrypt: encrypt.public(),
        lang: recovering.lang.clone(),
        number: 1,
        lang_chosen: false,
        former: Vec::new(),
        stamp: 0,
        devices: Vec::new(),
    };
    let identity = Identity { federation, org, node: node.public() };
    Node::begin(folder, Beginning { identity, records: Vec::new(), account }).await?;
    Ok(request)
}
