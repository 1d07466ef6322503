//! The async handle to the replica: what everything in this process that is
//! not the [driver](crate::driver) holds.

use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{broadcast, mpsc, oneshot};

use tern_protocol::gate::GateRefused;
use tern_protocol::replica::Replica;
use tern_protocol::step::{Command, CommandRefused, Done, Event};
use tern_protocol::store::{Store, StoreError};

use crate::metrics::Traffic;
use crate::ops::{ErrorCode, OpError};
use crate::store::{Figures, JournalStore, Weighed};

/// What a node asks of its storage engine beside being a store.
pub trait NodeEngine: Store + Send {
    /// What `status` tells.
    ///
    /// # Errors
    /// The folder cannot be measured.
    fn figures(&self) -> Result<Figures, StoreError>;

    /// What a few thousand entries behind `after` weigh, by kind.
    ///
    /// # Errors
    /// The index cannot be read.
    fn weigh(&self, after: Option<&[u8]>) -> Result<Weighed, StoreError>;

    /// Rids the disk of what was deleted or overwritten: the store is written
    /// anew. Takes as long as reading and writing all that is alive.
    ///
    /// # Errors
    /// The disk is full or fails; then all is as it was.
    fn shred(&mut self) -> Result<(), StoreError>;

    /// A clean stop: the next opening is quick. Nothing is lost without.
    ///
    /// # Errors
    /// The marks of a clean stop cannot be written.
    fn close(self: Box<Self>) -> Result<(), StoreError>;
}

impl NodeEngine for JournalStore {
    fn figures(&self) -> Result<Figures, StoreError> {
        self.figures()
    }

    fn weigh(&self, after: Option<&[u8]>) -> Result<Weighed, StoreError> {
        self.weigh(after)
    }

    fn shred(&mut self) -> Result<(), StoreError> {
        self.rotate()
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        (*self).close()
    }
}

/// The store of a node, whichever engine it is.
pub type NodeStore = Box<dyn NodeEngine>;
/// The replica of a node.
pub type NodeReplica = Replica<NodeStore>;

/// What the driver is asked.
pub(crate) enum Ask {
    /// To carry out a command.
    Command(Command, oneshot::Sender<Result<Done, CommandFailed>>),
    /// To let somebody look.
    Read(Box<dyn FnOnce(&NodeReplica) + Send>),
}

/// Why a command came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandFailed {
    /// The replica refused it.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The store failed; whether anything was kept is not known.
    #[error("nothing was confirmed, because storage failed: {0}")]
    Store(String),
    /// The node is stopping.
    #[error("the node is stopping")]
    Stopped,
}

/// The node is stopping or its store cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the node is stopping, or its storage cannot be opened: see its log")]
pub struct Stopped;

impl From<Stopped> for OpError {
    fn from(stopped: Stopped) -> Self {
        Self::new(ErrorCode::Failed, stopped.to_string())
    }
}

impl From<CommandFailed> for OpError {
    fn from(failed: CommandFailed) -> Self {
        let code = match &failed {
            CommandFailed::Refused(CommandRefused::Gate(gate)) => match gate {
                GateRefused::Forbidden(_) => ErrorCode::NotAllowed,
                GateRefused::Erased | GateRefused::NotYet(_) => ErrorCode::Conflict,
                _ => ErrorCode::Invalid,
            },
            CommandFailed::Refused(CommandRefused::TooLong { .. }) => ErrorCode::TooLarge,
            CommandFailed::Refused(CommandRefused::CatchingUp) => ErrorCode::Conflict,
            CommandFailed::Refused(_) => ErrorCode::Unreachable,
            CommandFailed::Store(_) | CommandFailed::Stopped => ErrorCode::Failed,
        };
        Self::new(code, failed.to_string())
    }
}

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    asks: mpsc::Sender<Ask>,
    events: broadcast::Sender<Event>,
    traffic: Arc<Traffic>,
}

impl Handle {
    pub(crate) const fn new(
        asks: mpsc::Sender<Ask>,
        events: broadcast::Sender<Event>,
        traffic: Arc<Traffic>,
    ) -> Self {
        Self { asks, events, traffic }
    }

    /// What meetings came to since the start.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Carries out a command; returns once its result is durable.
    ///
    /// # Errors
    /// The refusal, or that nothing can be confirmed.
    pub async fn command(&self, command: Command) -> Result<Done, CommandFailed> {
        let (answer, answered) = oneshot::channel();
        let sent = self.asks.send(Ask::Command(command, answer)).await;
        sent.map_err(|_| CommandFailed::Stopped)?;
        answered.await.map_err(|_| CommandFailed::Stopped)?
    }

    /// Looks at the replica, between two steps. `look` runs on the driver's
    /// thread: it copies out what is needed and leaves slow work for later.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&NodeReplica) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let read = Ask::Read(Box::new(move |replica| {
            // Whoever asked may have gone.
            let _ = answer.send(look(replica));
        }));
        self.asks.send(read).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Facts from now on. A reader that falls far behind is told how many it
    /// missed and looks at the replica instead.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}
