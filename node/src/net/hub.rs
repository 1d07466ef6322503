//! The task that owns the swarm.
use super::{Net, NetError, NetEvent, NetSettings};
use tern_crdt::identity::PublicKey;
use tokio::sync::{mpsc, oneshot};

/// What handles ask of the hub.
#[derive(Debug)]
pub(super) enum Command {
    Dial { peer: Option<PublicKey>, addresses: Vec<String> },
    Shutdown(oneshot::Sender<()>),
}

pub(super) async fn start(
    _settings: NetSettings,
) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
    Err(NetError::Setup { reason: "the hub is being built".to_owned() })
}
