//! How a node begins: from an empty folder to one that holds a node, or back.
//!
//! `identity.json` is written last: with it the folder holds a node. Until then
//! `{data}/unfinished` stands, so that a beginning that was killed or refused
//! is told from a node whose `identity.json` was lost: the first is thrown away
//! by the next beginning, the second is never touched.

use crate::folder::OpenFolder;
use crate::identity::{Identity, Newcomer};
use crate::keystore::{Keystore, Passphrase, Verifiers};
use crate::members::{found, knock};
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// In which way a node begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'a> {
    /// It founds a federation, named after its organisation unless said.
    Found(Option<&'a str>),
    /// It knocks at a federation's door with this invitation.
    Join(&'a str),
}

/// Makes the folder a new node's, durably, or leaves it as it was. `password`
/// is the first account's for the pages.
///
/// # Errors
/// The folder holds a node already or the rest of one; what the newcomer said
/// of itself; the invitation; the system's refusal.
pub(crate) async fn begin(
    folder: &OpenFolder,
    newcomer: &Newcomer,
    start: Start<'_>,
    password: Option<&Passphrase>,
) -> Result<Identity, OpError> {
    make_way(folder)?;
    folder.mark_unfinished()?;
    match attempt(folder, newcomer, start, password).await {
        Ok(identity) => {
            folder.mark_finished()?;
            Ok(identity)
        }
        Err(refused) => {
            clear(folder)?;
            Err(refused)
        }
    }
}

async fn attempt(
    folder: &OpenFolder,
    newcomer: &Newcomer,
    start: Start<'_>,
    password: Option<&Passphrase>,
) -> Result<Identity, OpError> {
    let keystore = Keystore::open(folder.paths().keys())?;
    let beginning = match start {
        Start::Found(federation) => found(&keystore, newcomer, federation)?,
        Start::Join(invitation) => knock(folder, &keystore, newcomer, invitation)?,
    };
    if let Some(password) = password {
        Verifiers::open(&keystore)?.set(&newcomer.account, password)?;
    }
    let identity = beginning.identity;
    Node::begin(folder, beginning).await?;
    Ok(identity)
}

/// Takes a beginning back: the inviter refuses, and nothing was ever said in
/// this node's name.
///
/// # Errors
/// The system's refusal.
pub(crate) fn undo(folder: &OpenFolder) -> Result<(), OpError> {
    folder.mark_unfinished()?;
    folder.remove_file(&folder.paths().identity_file())?;
    clear(folder)
}

/// Throws away what an unfinished beginning left, so that another can begin.
///
/// # Errors
/// The folder holds a node, or the rest of one that lost its `identity.json`.
pub(crate) fn make_way(folder: &OpenFolder) -> Result<(), OpError> {
    refuse_if_founded(folder)?;
    refuse_remains(folder)?;
    clear(folder)
}

fn refuse_if_founded(folder: &OpenFolder) -> Result<(), OpError> {
    match Identity::load(folder.paths())? {
        None => Ok(()),
        Some(_) => {
            let what = format!(
                "{} holds a node already: choose another folder with --data",
                folder.paths().root().display()
            );
            Err(OpError::new(ErrorCode::Conflict, what))
        }
    }
}

/// Refuses a folder that lost its `identity.json`.
///
/// # Errors
/// That it did.
pub(crate) fn refuse_remains(folder: &OpenFolder) -> Result<(), OpError> {
    let paths = folder.paths();
    let lost = !paths.holds_node()
        && !paths.unfinished_file().exists()
        && (paths.store().exists() || paths.keys().exists());
    if !lost {
        return Ok(());
    }
    let what = format!(
        "{} is missing beside the keys and the store of a node: put it back from a backup, or choose another folder with --data",
        paths.identity_file().display()
    );
    Err(OpError::new(ErrorCode::Damaged, what))
}

/// Throws away what an unfinished beginning left, the mark of it last.
///
/// # Errors
/// The system's refusal.
pub(crate) fn clear(folder: &OpenFolder) -> Result<(), OpError> {
    let paths = folder.paths();
    if !paths.unfinished_file().exists() {
        return Ok(());
    }
    folder.remove_file(&paths.join_file())?;
    folder.remove_file(&paths.recover_file())?;
    folder.remove_folder(&paths.store())?;
    folder.remove_folder(&paths.keys())?;
    folder.remove_folder(&paths.blobs())?;
    Ok(folder.mark_finished()?)
}
