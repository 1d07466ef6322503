//! Threads for work that takes its time: foreign documents are accepted here, and what
//! arrives is verified.
//!
//! Automerge may recurse on what a peer sent, and may panic; so this work runs
//! on threads with the stack that [`STACK_BYTES`] asks for and never on the replica's.
//!
//! There are as many as cores for what a person waits for, and as many for what nobody
//! looks at yet, a library that arrives. The latter are *patient*: where the system
//! lets a thread stand back (Linux) it computes with what others leave, so that
//! somebody who reads meanwhile does not wait for a processor.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tern_crdt::document::STACK_BYTES;
use tokio::sync::oneshot;

use crate::handle::Stopped;

type Work = Box<dyn FnOnce() + Send>;

/// By how much patient threads stand back, as `nice` counts.
#[cfg(target_os = "linux")]
const PATIENCE: i32 = 5;

/// See the module. Cheap to clone; the threads end with the last clone.
#[derive(Clone, Debug)]
pub struct Acceptor {
    soon: Sender<Work>,
    patient: Sender<Work>,
}

impl Acceptor {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let patient = threads("patient", stand_back)?;
        Ok(Self { soon: threads("accept", || {})?, patient })
    }

    /// Runs `job` there and waits for its result.
    ///
    /// # Errors
    /// [`Stopped`], also when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        on(&self.soon, job).await
    }

    /// The same for what nobody waits for: in the order in which it is asked, after
    /// whatever else this machine has to do.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub async fn run_patiently<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        on(&self.patient, job).await
    }
}

async fn on<T: Send + 'static>(
    threads: &Sender<Work>,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    let (answer, answered) = oneshot::channel();
    let work = Box::new(move || {
        // Whoever asked may have gone.
        let _ = answer.send(job());
    });
    threads.send(work).map_err(|_| Stopped)?;
    answered.await.map_err(|_| Stopped)
}

fn threads(name: &str, begin: fn()) -> std::io::Result<Sender<Work>> {
    let (sender, receiver) = channel();
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..thread::available_parallelism().map_or(1, usize::from) {
        let receiver = Arc::clone(&receiver);
        let work = move || {
            begin();
            work(&receiver);
        };
        let thread = thread::Builder::new().name(format!("{name}-{number}"));
        thread.stack_size(STACK_BYTES).spawn(work)?;
    }
    Ok(sender)
}

/// The calling thread stands back from now on; where it cannot, it does not.
fn stand_back() {
    // What Linux calls the priority of a process, without one named, is that of the thread.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, PATIENCE) {
        tracing::debug!(%error, "a patient thread computes like any other");
    }
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        if ended.is_err() {
            tracing::error!(
                "what was accepted or verified panicked; it is not shown, or its link ends"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_panics_is_told_and_its_thread_goes_on() {
        let acceptor = Acceptor::start().expect("threads");
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..=cores {
            let ended = acceptor.run_patiently(|| panic!("a document of a villain")).await;
            assert_eq!(ended.map(|()| 0), Err(Stopped));
        }
        assert_eq!(acceptor.run_patiently(|| 1).await, Ok(1));
        assert_eq!(acceptor.run(|| 2).await, Ok(2));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_patient_threads_stand_back() {
        let niceness = || rustix::process::getpriority_process(None).expect("a number");
        let acceptor = Acceptor::start().expect("threads");
        let here = niceness();
        assert_eq!(acceptor.run(niceness).await, Ok(here));
        assert_eq!(acceptor.run_patiently(niceness).await, Ok((here + PATIENCE).min(19)));
    }
}
