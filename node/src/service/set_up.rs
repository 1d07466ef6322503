//! The first run: a folder without a node gets one, from the browser.
//!
//! Whoever started the process reads a code on its terminal; without it
//! nothing can be set up, wherever the page is opened from. The code is spent
//! when the node is founded.

use std::sync::Arc;

use tern_web_ui::service::{AccountId, Refusal, SetUp, SetUpDone, Start as SetUpStart};
use tokio::sync::Mutex;

use super::people::new_password;
use super::{invalid, links, refusal};
use crate::config::Settings;
use crate::folder::OpenFolder;
use crate::identity::Newcomer;
use crate::ops::{ErrorCode, OpError};
use crate::process::beginning::{Start, begin, undo};
use crate::process::{JoinState, announce, wait_until_joined};
use crate::running::{Mode, Node, draw};

/// A folder without a node, and the code that opens its set-up.
pub struct Unfounded {
    code: String,
    http: String,
    start: Mutex<Option<(OpenFolder, Settings)>>,
}

impl Unfounded {
    /// Waits for whoever knows the code. `http` is where the pages answer.
    ///
    /// # Errors
    /// The system gives no chance to draw the code.
    pub fn new(folder: OpenFolder, settings: Settings, http: String) -> Result<Self, OpError> {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let chance: [u8; 12] = draw()?;
        let code = chance.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        Ok(Self { code, http, start: Mutex::new(Some((folder, settings))) })
    }

    /// Nothing is left to set up.
    pub fn done() -> Self {
        Self { code: String::new(), http: String::new(), start: Mutex::new(None) }
    }

    /// The code to type.
    pub fn code(&self) -> &str {
        &self.code
    }

    fn fits(&self, typed: &str) -> bool {
        // Equality of hashes takes the same time wherever the texts differ.
        let hash = |text: &str| blake3::hash(text.trim().to_lowercase().as_bytes());
        !self.code.is_empty() && hash(typed) == hash(&self.code)
    }

    /// Founds the node, or knocks at a federation's door.
    pub async fn found(&self, setup: &SetUp) -> Result<(Arc<Node>, SetUpDone), Refusal> {
        if !self.fits(&setup.code) {
            let message = "This is not the code that the node printed where it was started.";
            return Err(Refusal::Forbidden(message.into()));
        }
        let password = new_password(&setup.password, &setup.account)?;
        let account = setup.account.parse().map_err(|error: crate::keystore::KeystoreError| {
            invalid("account", "invalid", &super::sentence(&error.to_string()), None)
        })?;
        let newcomer = Newcomer {
            org: setup.organisation.clone(),
            country: setup.country.clone(),
            kind: setup.kind.clone(),
            lang: setup.lang.clone(),
            person: Some(setup.person.clone()),
            account,
            passphrase: None,
        };
        let link = setup.link.as_ref().map(links::read).transpose()?;
        if let Some(link) = &link {
            links::fits(link)?;
        }
        let mut start = self.start.lock().await;
        let Some((folder, settings)) = start.take() else {
            return Err(Refusal::Conflict("This node is set up already.".into()));
        };
        let how = match &setup.start {
            SetUpStart::Found { federation } => {
                Start::Found(Some(federation.trim()).filter(|name| !name.is_empty()))
            }
            SetUpStart::Join { invitation } => Start::Join(invitation),
        };
        if let Err(error) = begin(&folder, &newcomer, how, Some(&password)).await {
            *start = Some((folder, settings));
            return Err(refusal(error));
        }
        let node = Node::open(folder, settings.clone(), Mode::Serving).await.map_err(stranded)?;
        if let Some(link) = link {
            links::note(&node, link).await?;
        }
        let waiting = match wait_until_joined(&node).await {
            Ok(JoinState::Member) => None,
            Ok(JoinState::Waiting(reason)) => Some(super::sentence(&reason)),
            Err(error) => {
                let folder = take_back(node, &error).await.map_err(stranded)?;
                *start = Some((folder, settings));
                let sentence = super::sentence(&error.message);
                return Err(invalid("invitation", error.code.as_str(), &sentence, None));
            }
        };
        node.serves_at(self.http.clone());
        announce(&node)?;
        Ok((node, SetUpDone { account: AccountId(setup.account.clone()), waiting }))
    }
}

/// Gives the folder back, as empty as it was, of a node that the inviter
/// refuses.
async fn take_back(node: Arc<Node>, refused: &OpError) -> Result<OpenFolder, OpError> {
    let paths = node.folder().paths().clone();
    node.close().await;
    if refused.code == ErrorCode::NotAllowed {
        undo(node.folder())?;
    }
    drop(node);
    Ok(paths.take().await?)
}

/// What was set up stays, and the process has to be started again.
fn stranded(error: OpError) -> Refusal {
    let message = super::sentence(&error.message);
    Refusal::Unavailable(format!("{message} Start the node again once that is mended."))
}
