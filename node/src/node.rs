//! The seam between the command line and the node: what a command needs of a
//! node that is being founded, served, or opened for one operation.
//!
//! Signatures and plain values only. The command line decides *whether* a node
//! has to be opened, and holds the folder's lock before it asks; an
//! implementation of [`Process`] does the rest.

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use crate::config::Settings;
use crate::folder::OpenFolder;
use crate::keystore::Passphrase;
use crate::ops::{OpError, Operator};

/// A new organisation with its node and its first account.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The organisation's name, 2 to 120 characters.
    pub org: String,
    /// Its country, as two letters in upper case.
    pub country: String,
    /// The code of a stakeholder kind.
    pub kind: Option<String>,
    /// The language of the first account, as a tag; English if not said.
    pub lang: Option<String>,
    /// The name of the first account's person.
    pub person: Option<String>,
    /// Wraps every key that is made; without it they stay plain.
    pub passphrase: Option<Passphrase>,
}

/// How a federation is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Belongs {
    /// By an invitation to it, which names a node there too.
    Invited(String),
    /// By its id.
    Federation(String),
}

/// An organisation that lost its keys and begins again.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Its id.
    pub org: String,
    /// Where it belongs.
    pub belongs: Belongs,
    /// The language of the first account, as a tag; English if not said.
    pub lang: Option<String>,
    /// The name of the first account's person.
    pub person: Option<String>,
    /// Wraps every key that is made; without it they stay plain.
    pub passphrase: Option<Passphrase>,
}

/// A federation on one machine, to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demo {
    /// How many nodes.
    pub nodes: u16,
    /// Where their folders go; a temporary folder if not said.
    pub dir: Option<PathBuf>,
    /// Node i serves pages on this port + i; 0 takes free ones.
    pub http: u16,
    /// Whether to end after the story.
    pub once: bool,
}

/// Who watches a command that lasts.
pub trait Audience: Send + Sync {
    /// One sentence for people about what just happened.
    fn say(&self, sentence: &str);

    /// The answer of the command, for scripts; given once.
    fn answer(&self, outcome: &Value);
}

/// A node opened in this process for the operations of one command.
pub trait OpenNode: Operator {
    /// Ends it: everything durable, the folder's lock freed.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// What this program can do with a data folder.
pub trait Process: Send + Sync {
    /// Founds a federation of one → `{org, node, federation, account}`.
    fn init(
        &self,
        folder: OpenFolder,
        settings: Settings,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>>;

    /// Founds an organisation and asks to be admitted →
    /// `{state: member|waiting, reason?}`. Nobody answering is `waiting`.
    fn join(
        &self,
        folder: OpenFolder,
        settings: Settings,
        invitation: String,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>>;

    /// Begins the recovery of an organisation that lost its keys → `{org,
    /// fingerprint, request}`: the text of the request for the stewards.
    fn recover(
        &self,
        folder: OpenFolder,
        settings: Settings,
        recovery: Recovery,
    ) -> BoxFuture<'_, Result<Value, OpError>>;

    /// Runs the node until the process is interrupted. Answers the audience
    /// with what `node.json` tells, once the API answers. In an empty folder:
    /// the first-run set-up.
    fn serve(
        &self,
        folder: OpenFolder,
        settings: Settings,
        audience: Arc<dyn Audience>,
    ) -> BoxFuture<'_, Result<(), OpError>>;

    /// Shows a federation at work, telling the audience its story and
    /// answering with its figures.
    fn demo(&self, demo: Demo, audience: Arc<dyn Audience>) -> BoxFuture<'_, Result<(), OpError>>;

    /// Opens a node for the operations of one command: no pages, and the
    /// network only where an operation asks for it.
    fn open(
        &self,
        folder: OpenFolder,
        settings: Settings,
    ) -> BoxFuture<'_, Result<Box<dyn OpenNode>, OpError>>;
}
