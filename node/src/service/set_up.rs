//! The first run: a folder without a node gets one, from the browser.
//!
//! Whoever started the process reads a code on its terminal; without it
//! nothing can be set up, wherever the page is opened from. The code is spent
//! when the node is founded.

use std::sync::Arc;

use tern_web_ui::service::{AccountId, Refusal, SetUp, SetUpDone, Start};
use tokio::sync::Mutex;

use super::people::new_password;
use super::{invalid, refusal};
use crate::config::Settings;
use crate::folder::OpenFolder;
use crate::identity::Newcomer;
use crate::keystore::{Keystore, Verifiers};
use crate::members::{found, knock};
use crate::ops::OpError;
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
        let mut start = self.start.lock().await;
        let Some((folder, settings)) = start.take() else {
            return Err(Refusal::Conflict("This node is set up already.".into()));
        };
        match begin(&folder, &newcomer, &setup.start, &password).await {
            Ok(()) => {}
            Err(error) => {
                *start = Some((folder, settings));
                return Err(refusal(error));
            }
        }
        let node = Node::open(folder, settings, Mode::Serving).await.map_err(refusal)?;
        node.serves_at(self.http.clone());
        announce(&node).map_err(refusal)?;
        let waiting = match setup.start {
            Start::Found { .. } => None,
            Start::Join { .. } => match wait_until_joined(&node).await.map_err(refusal)? {
                JoinState::Member => None,
                JoinState::Waiting(reason) => Some(super::sentence(&reason)),
            },
        };
        Ok((node, SetUpDone { account: AccountId(setup.account.clone()), waiting }))
    }
}

async fn begin(
    folder: &OpenFolder,
    newcomer: &Newcomer,
    start: &Start,
    password: &crate::keystore::Passphrase,
) -> Result<(), OpError> {
    let keystore = Keystore::open(folder.paths().keys())?;
    let beginning = match start {
        Start::Found { federation } => {
            let name = Some(federation.trim()).filter(|name| !name.is_empty());
            found(&keystore, newcomer, name)?
        }
        Start::Join { invitation } => knock(folder, &keystore, newcomer, invitation)?,
    };
    Verifiers::open(&keystore)?.set(&newcomer.account, password)?;
    Node::begin(folder, beginning).await
}
