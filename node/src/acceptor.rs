//! Threads on which foreign documents are accepted.
//!
//! Automerge may recurse on what a peer sent, and may panic; so this work runs
//! on threads with the stack that [`STACK_BYTES`] asks for, as many as there
//! are cores, and never on the replica's.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tern_crdt::document::STACK_BYTES;
use tokio::sync::oneshot;

use crate::handle::Stopped;

type Work = Box<dyn FnOnce() + Send>;

/// See the module. Cheap to clone; the threads end with the last clone.
#[derive(Clone, Debug)]
pub struct Acceptor(Sender<Work>);

impl Acceptor {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..thread::available_parallelism().map_or(1, usize::from) {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("accept-{number}"))
                .stack_size(STACK_BYTES)
                .spawn(move || work(&receiver))?;
        }
        Ok(Self(sender))
    }

    /// Runs `job` there and waits for its result.
    ///
    /// # Errors
    /// [`Stopped`], also when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            // Whoever asked may have gone.
            let _ = answer.send(job());
        });
        self.0.send(work).map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        if ended.is_err() {
            tracing::error!("a document could not be shown: accepting it panicked");
        }
    }
}
