//! What this program does with a data folder: found, join, serve, open, show.
//!
//! The command line decides which; here the parts are put together. Every
//! function takes the folder locked and gives it back unlocked.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tern_protocol::step::Event;

use crate::config::Settings;
use crate::folder::{NodeFile, OpenFolder};
use crate::governing::of_federation;
use crate::identity::Newcomer;
use crate::net::peer_id_text;
use crate::node::{Audience, Belongs, Demo, Founding, OpenNode, Process, Recovery};
use crate::operator::NodeOperator;
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};
use crate::recovery::Recovering;
use crate::running::{Mode, Node};
use beginning::{Start, begin, undo};

pub(crate) mod beginning;
mod demo;
mod facts;
mod serve;

/// How long a newcomer waits for the inviter's answer.
const JOIN_PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits on, once the inviter said that somebody has to approve:
/// an inviter that alone decides approves at once.
const APPROVAL_PATIENCE: Duration = Duration::from_secs(5);
/// How long a command waits for the search index of a node that it opened: a
/// library of 10,000 takes less than one.
const INDEX_PATIENCE: Duration = Duration::from_secs(2 * 60);
/// The first account of a node founded from the command line.
const FIRST_ACCOUNT: &str = "admin";

/// How far a newcomer is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JoinState {
    /// It is a member.
    Member,
    /// It waits, and for what.
    Waiting(String),
}

/// Waits until this node's organisation is a member, the inviter said that
/// somebody has to approve, or nobody answered for twenty seconds.
///
/// # Errors
/// The inviter refuses.
pub async fn wait_until_joined(node: &Node) -> Result<JoinState, OpError> {
    let mut events = node.handle().events();
    let (joining, answered) = node
        .handle()
        .read(|replica| (replica.is_joining(), replica.join_answer().cloned()))
        .await?;
    if !joining {
        return Ok(JoinState::Member);
    }
    let mut reason = "nobody has answered at the addresses of the invitation yet".to_owned();
    let mut until = tokio::time::Instant::now() + JOIN_PATIENCE;
    // What was answered before anybody listened comes first.
    let mut answered = answered.map(Ok);
    loop {
        let event = match answered.take() {
            Some(answer) => answer,
            None => match tokio::time::timeout_at(until, events.recv()).await {
                Ok(event) => event,
                Err(_) => return Ok(JoinState::Waiting(reason)),
            },
        };
        match event {
            Ok(Event::Joined) => return Ok(JoinState::Member),
            Ok(Event::JoinWaits(why)) => {
                reason = why;
                until = until.min(tokio::time::Instant::now() + APPROVAL_PATIENCE);
            }
            Ok(Event::JoinRefused(why)) => {
                let what = format!("the inviter refuses: {why}");
                return Err(OpError::new(ErrorCode::NotAllowed, what));
            }
            Ok(_) => {}
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
            Err(closed) => {
                return Err(OpError::new(ErrorCode::Failed, closed.to_string()));
            }
        }
    }
}

/// Tells commands where the running node answers.
///
/// # Errors
/// The system refuses the file.
pub fn announce(node: &Node) -> Result<NodeFile, OpError> {
    let identity = node.identity();
    let file = NodeFile {
        pid: std::process::id(),
        http: node.http().unwrap_or_default().to_owned(),
        listen: node.listening(),
        peer_id: peer_id_text(identity.node),
        node: identity.node.node().to_string(),
        org: identity.org.to_string(),
    };
    node.folder().write_node_file(&file)?;
    Ok(file)
}

fn newcomer(founding: Founding) -> Result<Newcomer, OpError> {
    Ok(Newcomer {
        org: founding.org,
        country: Some(founding.country),
        kind: founding.kind,
        lang: founding.lang.unwrap_or_else(|| "en".into()),
        person: founding.person,
        account: FIRST_ACCOUNT.parse()?,
        passphrase: founding.passphrase,
    })
}

fn recovering(recovery: Recovery) -> Result<Recovering, OpError> {
    let refused =
        |field: &str, what: String| OpError::new(ErrorCode::Invalid, what).in_field(field);
    let (federation, invitation) = match recovery.belongs {
        Belongs::Invited(text) => {
            let invitation = crate::members::read_invitation(&text)?;
            (invitation.federation, Some(invitation))
        }
        Belongs::Federation(text) => {
            let id = text.trim().parse().map_err(|why| {
                refused("federation", format!("`{text}` is no id of a federation: {why}"))
            })?;
            (id, None)
        }
    };
    let org = recovery.org.trim().parse().map_err(|why| {
        let what = format!("`{}` is no id of an organisation: {why}", recovery.org);
        refused("org", what)
    })?;
    Ok(Recovering {
        org,
        federation,
        invitation,
        person: recovery.person,
        lang: recovery.lang.unwrap_or_else(|| "en".into()),
        account: FIRST_ACCOUNT.parse()?,
        passphrase: recovery.passphrase,
    })
}

/// This program.
#[derive(Clone, Copy, Debug)]
pub struct Tern;

impl Process for Tern {
    fn init(
        &self,
        folder: OpenFolder,
        _: Settings,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            let identity = begin(&folder, &newcomer(founding)?, Start::Found(None), None).await?;
            Ok(json!({
                "org": identity.org.to_string(), "node": identity.node.node().to_string(),
                "federation": identity.federation.to_string(), "account": FIRST_ACCOUNT,
            }))
        })
    }

    fn join(
        &self,
        folder: OpenFolder,
        settings: Settings,
        invitation: String,
        founding: Founding,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            let start = Start::Join(&invitation);
            let identity = begin(&folder, &newcomer(founding)?, start, None).await?;
            let node = Node::open(folder, settings, Mode::Command).await?;
            let state = wait_until_joined(&node).await;
            let own = node.own_fingerprint().await;
            node.close().await;
            if state.as_ref().is_err_and(|refused| refused.code == ErrorCode::NotAllowed) {
                undo(node.folder())?;
            }
            let (state, reason) = match state? {
                JoinState::Member => ("member", None),
                JoinState::Waiting(reason) => ("waiting", Some(reason)),
            };
            let mut answer = json!({
                "state": state, "org": identity.org.to_string(),
                "node": identity.node.node().to_string(), "account": FIRST_ACCOUNT,
            });
            answer["federation_fingerprint"] = json!(of_federation(&identity.federation));
            if let Some(own) = own? {
                answer["fingerprint"] = json!(own);
            }
            if let Some(reason) = reason {
                answer["reason"] = json!(reason);
            }
            Ok(answer)
        })
    }

    fn recover(
        &self,
        folder: OpenFolder,
        settings: Settings,
        recovery: Recovery,
    ) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            let recovering = recovering(recovery)?;
            let request = crate::recovery::begin(folder, settings, recovering).await?;
            Ok(json!({
                "org": request.org.to_string(), "federation": request.federation.to_string(),
                "fingerprint": request.fingerprint(), "node": request.node.node().to_string(),
                "account": FIRST_ACCOUNT, "request": request.to_text(),
            }))
        })
    }

    fn serve(
        &self,
        folder: OpenFolder,
        settings: Settings,
        audience: Arc<dyn Audience>,
    ) -> BoxFuture<'_, Result<(), OpError>> {
        Box::pin(serve::serve(folder, settings, audience))
    }

    fn demo(&self, demo: Demo, audience: Arc<dyn Audience>) -> BoxFuture<'_, Result<(), OpError>> {
        Box::pin(demo::demo(demo, audience))
    }

    fn open(
        &self,
        folder: OpenFolder,
        settings: Settings,
    ) -> BoxFuture<'_, Result<Box<dyn OpenNode>, OpError>> {
        Box::pin(async move {
            let node = Node::open(folder, settings, Mode::Command).await?;
            Ok(Box::new(OneCommand(node)) as Box<dyn OpenNode>)
        })
    }
}

/// A node opened for one command.
struct OneCommand(Arc<Node>);

impl Operator for OneCommand {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            // A node that runs answers with what it finds so far; here nobody
            // would ever find the rest.
            if matches!(op, Op::Search { .. } | Op::PracticeList { drafts: false, .. }) {
                let _ = tokio::time::timeout(INDEX_PATIENCE, self.0.indexer().built()).await;
            }
            NodeOperator(Arc::clone(&self.0)).run(caller, op).await
        })
    }
}

impl OpenNode for OneCommand {
    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { self.0.close().await })
    }
}
