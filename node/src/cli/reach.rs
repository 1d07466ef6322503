//! The two ways to a node: it runs, and is asked over its API; or it does not,
//! and is opened here for one command.
//!
//! The lock on the folder decides. While somebody else holds it and does not
//! answer (a node that is starting, another command at work) this waits.

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::client::Client;
use crate::config::Settings;
use crate::folder::{DataFolder, FolderError};
use crate::node::{OpenNode, Process};
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};

/// How long to wait for a node that is starting.
pub(super) const STARTING_MAX: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(50);

/// A node, reached.
pub(super) enum Reached {
    Running(Client),
    Opened(Box<dyn OpenNode>),
}

impl Reached {
    /// Ends the command's hold on the node.
    pub(super) async fn close(self) {
        if let Self::Opened(node) = self {
            node.close().await;
        }
    }
}

impl Operator for Reached {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        match self {
            Self::Running(client) => client.run(caller, op),
            Self::Opened(node) => node.run(caller, op),
        }
    }
}

/// Reaches the node in `folder`, waiting up to `patience` for its lock or its
/// answer.
pub(super) async fn reach(
    process: &dyn Process,
    folder: &DataFolder,
    settings: &Settings,
    patience: Duration,
) -> Result<Reached, OpError> {
    there_is_a_node(folder)?;
    let deadline = Instant::now() + patience;
    loop {
        match folder.open_exclusive() {
            Ok(open) => return process.open(open, settings.clone()).await.map(Reached::Opened),
            Err(FolderError::InUse(_)) => {}
            Err(other) => return Err(other.into()),
        }
        if let Some(client) = Client::find(folder).await? {
            return Ok(Reached::Running(client));
        }
        if Instant::now() >= deadline {
            return Err(busy(folder));
        }
        sleep(AGAIN).await;
    }
}

/// Refuses a folder without a node.
pub(super) fn there_is_a_node(folder: &DataFolder) -> Result<(), OpError> {
    if folder.holds_node() {
        return Ok(());
    }
    let message = format!(
        "there is no node in {}: make one with `tern init` or `tern join`, or name its folder with --data",
        folder.root().display()
    );
    Err(OpError::new(ErrorCode::NotFound, message))
}

fn busy(folder: &DataFolder) -> OpError {
    let message = format!(
        "the data folder {} is in use by another tern process that does not answer: wait until it is done, or stop it",
        folder.root().display()
    );
    OpError::new(ErrorCode::InUse, message)
}

impl From<FolderError> for OpError {
    fn from(error: FolderError) -> Self {
        let code = match error {
            FolderError::InUse(_) => ErrorCode::InUse,
            FolderError::System { .. } => ErrorCode::Failed,
            FolderError::Damaged { .. } => ErrorCode::Damaged,
        };
        Self::new(code, error.to_string())
    }
}
