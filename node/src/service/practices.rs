//! Practices as the pages show them.

use std::sync::Arc;

use tern_crdt::authority::Role;
use tern_web_ui::service::{
    Adoption, Chain, EditionEntry, Erasure, Fields, HeldBack, Phrase, Practice, Provenance, Reader,
    Signer, SignerRole, Verdict,
};

use super::seconds;
use crate::accounts::Account;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{self, Content, EditionRead, PracticeRead};
use crate::running::Node;

/// The content in the shape of the pages.
///
/// # Errors
/// Never for content that this node accepted.
pub fn fields(content: &tern_crdt::practice::Practice) -> Result<Fields, OpError> {
    serde_json::from_value(content.to_json()).map_err(|error| {
        OpError::new(ErrorCode::Failed, format!("a practice cannot be shown: {error}"))
    })
}

fn verdict(verdict: reading::Verdict) -> Verdict {
    match verdict {
        reading::Verdict::Accepted => Verdict::Accepted,
        reading::Verdict::Adopted => Verdict::Adopted,
        reading::Verdict::Quarantined => Verdict::Quarantined,
    }
}

/// A title in the reader's language, else the original one, else any.
pub fn title(content: &tern_crdt::practice::Practice, lang: &str) -> Phrase {
    let wanted: Option<tern_crdt::practice::Tag> = lang.parse().ok();
    let best = content.title.best(wanted.as_slice(), content.original_language.as_ref());
    best.map(|(tag, text)| Phrase { text: text.to_owned(), lang: tag.as_str().to_owned() })
        .unwrap_or_default()
}

pub(super) fn signer(edition: &EditionRead, content: &Content) -> Signer {
    Signer {
        person: edition.signer.name.clone(),
        organisation: edition.signer.org.name.clone(),
        role: SignerRole::Publisher,
        signed: seconds(edition.statement().claimed_at),
        verdict: verdict(content.verdict),
        reason: content.reason.clone(),
    }
}

/// A practice that this reader may look at, by its id or prefix.
///
/// # Errors
/// Not held here. Whether its text may be read, [`shown`] says.
pub(super) async fn readable(
    node: &Node,
    reader: &Reader,
    id: &str,
) -> Result<PracticeRead, OpError> {
    let read = node.reading().practice(id).await?;
    shown(node, reader, &read, read.latest()).await?;
    Ok(read)
}

/// What an edition says, for a reader.
///
/// # Errors
/// It is for members alone, and the reader is a guest.
pub(super) async fn shown(
    node: &Node,
    reader: &Reader,
    read: &PracticeRead,
    at: usize,
) -> Result<Arc<Content>, OpError> {
    let content = node.reading().content(read, at).await?;
    if reader.account.is_none() && content.practice.is_for_members() {
        let what = "this practice is for members of the federation: sign in to read it";
        return Err(OpError::new(ErrorCode::NotAllowed, what));
    }
    Ok(content)
}

/// One edition of a practice.
///
/// # Errors
/// Not held here.
pub async fn practice(
    node: &Node,
    reader: &Reader,
    id: &str,
    edition: Option<&str>,
) -> Result<Practice, OpError> {
    let read = readable(node, reader, id).await?;
    let latest = read.latest();
    let at = edition.map_or(Ok(latest), |which| read.find(which))?;
    let content = shown(node, reader, &read, at).await?;
    let shown = &read.editions[at];
    let statement = shown.statement();
    let tips = read.tips();
    Ok(Practice {
        id: read.id.to_string(),
        edition: shown.id.to_string(),
        number: statement.number,
        latest: read.editions[latest].statement().number,
        concurrent: tips
            .iter()
            .filter(|tip| tips.contains(&at) && **tip != at)
            .map(|tip| read.editions[*tip].id.to_string())
            .collect(),
        heads: vec![crate::hex::encode(&statement.change)],
        content_hash: crate::hex::encode(&statement.content),
        origin: read.origin.id.to_string(),
        origin_name: read.origin.name.clone(),
        fields: fields(&content.practice)?,
        signers: vec![signer(shown, &content)],
        verdict: verdict(content.verdict),
        note: statement.note.clone(),
        published: seconds(statement.claimed_at),
        missing: content.practice.missing_for_review().iter().map(|key| (*key).into()).collect(),
        may_edit: may_edit(node, reader, &read).await?,
        may_adopt: may_adopt(node, reader, &read).await?,
        may_erase: may_erase(node, reader, &read).await?,
        cleared: super::clearance::of_edition(node, shown).await?,
        held_back: read.held_back().into_iter().map(|at| held_back(&read, at)).collect(),
    })
}

fn held_back(read: &PracticeRead, at: usize) -> HeldBack {
    let edition = &read.editions[at];
    HeldBack {
        edition: edition.id.to_string(),
        number: edition.statement().number,
        person: edition.signer.name.clone(),
        organisation: edition.signer.org.name.clone(),
        builds: edition.standing.builds,
    }
}

/// Stands for an edition that is held back.
///
/// # Errors
/// As of [`Node::adopt`].
pub async fn adopt(
    node: &Node,
    account: &Account,
    id: &str,
    adoption: &Adoption,
) -> Result<(), OpError> {
    let read = node.reading().practice(id).await?;
    let Adoption { edition, reason, passphrase } = adoption;
    let passphrase = super::experts::typed(passphrase.as_deref())?;
    node.adopt(account, &read, Some(edition), reason, passphrase).await.map(drop)
}

/// Erases a practice on every node that learns of it.
///
/// # Errors
/// As of [`Node::erase_practice`].
pub async fn erase(
    node: &Node,
    account: &Account,
    id: &str,
    erasure: &Erasure,
) -> Result<(), OpError> {
    let reason = crate::erasing::reason(&erasure.reason)?;
    let read = node.reading().practice(id).await?;
    let passphrase = super::experts::typed(erasure.passphrase.as_deref())?;
    node.erase_practice(account, &read, reason, passphrase).await.map(drop)
}

async fn may_erase(node: &Node, reader: &Reader, read: &PracticeRead) -> Result<bool, OpError> {
    let ours = read.origin.id == node.identity().org;
    let Some(session) = reader.account.clone().filter(|_| ours) else { return Ok(false) };
    let look = move |replica: &crate::handle::NodeReplica| {
        let library = replica.library();
        let account = Account::of_session(library, &session.0)?;
        Ok::<_, OpError>(
            account.is_some_and(|account| crate::erasing::eraser(library, &account).is_ok()),
        )
    };
    node.handle().read(look).await?
}

async fn may_adopt(node: &Node, reader: &Reader, read: &PracticeRead) -> Result<bool, OpError> {
    let Some(account) = reader.account.clone().filter(|_| !read.held_back().is_empty()) else {
        return Ok(false);
    };
    let origin = read.origin.id;
    let may = node.handle().read(move |replica| {
        let library = replica.library();
        let account = Account::of_session(library, &account.0).ok()??;
        let role = if replica.org() == origin { Role::Publisher } else { Role::Steward };
        account.certificate_for(library.authority(), role).ok()
    });
    Ok(may.await?.is_some())
}

async fn may_edit(node: &Node, reader: &Reader, read: &PracticeRead) -> Result<bool, OpError> {
    let Some(account) = reader.account.clone() else { return Ok(false) };
    if read.origin.id != node.identity().org {
        return Ok(false);
    }
    Ok(node
        .handle()
        .read(move |replica| {
            let library = replica.library();
            let account = Account::of_session(library, &account.0).ok()??;
            crate::drafts::drafter(&account, library.authority(), None).ok()
        })
        .await?
        .is_some())
}

/// All editions of a practice, newest first.
///
/// # Errors
/// Not held here.
pub async fn history(node: &Node, reader: &Reader, id: &str) -> Result<Vec<EditionEntry>, OpError> {
    let read = readable(node, reader, id).await?;
    let mut entries = Vec::new();
    for at in (0..read.editions.len()).rev() {
        let content = node.reading().content(&read, at).await?;
        let edition = &read.editions[at];
        let statement = edition.statement();
        entries.push(EditionEntry {
            id: edition.id.to_string(),
            number: statement.number,
            note: statement.note.clone(),
            person: edition.signer.name.clone(),
            organisation: edition.signer.org.name.clone(),
            published: seconds(statement.claimed_at),
            received: seconds(edition.received),
            verdict: verdict(content.verdict),
        });
    }
    Ok(entries)
}

/// How the latest edition is vouched for.
///
/// # Errors
/// Not held here.
pub async fn provenance(node: &Node, reader: &Reader, id: &str) -> Result<Provenance, OpError> {
    let read = readable(node, reader, id).await?;
    let at = read.latest();
    let content = node.reading().content(&read, at).await?;
    let name = node
        .handle()
        .read(|r| r.library().authority().charter().map(|charter| charter.name.clone()))
        .await?;
    let edition = &read.editions[at];
    let statement = edition.statement();
    // How keys are kept is nothing for guests.
    let level = match &reader.account {
        Some(_) => node.levels().await?.get(&edition.signer.certificate).copied(),
        None => None,
    };
    Ok(Provenance {
        id: read.id.to_string(),
        title: title(&content.practice, ""),
        edition: edition.id.to_string(),
        number: statement.number,
        content_hash: crate::hex::encode(&statement.content),
        heads: vec![crate::hex::encode(&statement.change)],
        federation: node.identity().federation.to_string(),
        federation_name: name.unwrap_or_default(),
        verdict: verdict(content.verdict),
        reason: content.reason.clone(),
        cleared: super::clearance::of_edition(node, edition).await?,
        chains: vec![Chain {
            signer: signer(edition, &content),
            organisation: edition.signer.org.id.to_string(),
            certificate: edition.signer.certificate.to_string(),
            roles: edition.signer.roles.iter().map(|role| role.code().to_owned()).collect(),
            key: crate::hex::encode(edition.signer.key.as_bytes()),
            level: level.map(|level| level.code().to_owned()),
            granted: None,
            revoked: None,
        }],
    })
}
