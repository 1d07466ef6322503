//! The same differences by samod 0.16, the Rust implementation of automerge-repo: two
//! repositories in memory that hold the same documents, have met, lost each other, and
//! meet again after one of them changed some.
//!
//! Counted are the messages that a transport is given, the greeting among them,
//! without any frame, link or encryption. Both keep all documents loaded, as a
//! repository synchronises only those; it is as much as one process holds, so of a
//! larger library [`DOCUMENTS_MAX`] are measured.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ::samod::{AcceptorHandle, BackoffConfig, DialError, Dialer, DocHandle, Repo, Transport};
use automerge::{Automerge, Change};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, channel::mpsc};
use tokio::time::{sleep, timeout};
use url::Url;

use super::LinksError;
use super::plain::{Said, edited, first_change, refused};
use crate::corpus::Corpus;

/// Of a larger library so many documents are measured.
const DOCUMENTS_MAX: u64 = 1_000;
/// Nothing was said for so long: all is said.
const QUIET: Duration = Duration::from_millis(2_000);
/// It does not take longer.
const PATIENCE: Duration = Duration::from_secs(600);

/// What passed between two.
#[derive(Default)]
struct Counter {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Counter {
    fn note(&self, message: &[u8]) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(message.len() as u64, Ordering::Relaxed);
    }

    fn take(&self) -> (u64, u64) {
        (self.messages.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }

    /// Waits until nothing is said any more, on a machine that is not starved.
    async fn quiet(&self) -> Result<(), LinksError> {
        let (begun, mut before) = (Instant::now(), None);
        loop {
            let now = self.messages.load(Ordering::Relaxed);
            if before == Some(now) {
                return Ok(());
            }
            before = Some(now);
            if begun.elapsed() > PATIENCE {
                let what = "two repositories have nothing to say to each other".into();
                return Err(LinksError::TooLate { what, seconds: PATIENCE.as_secs() });
            }
            sleep(QUIET).await;
        }
    }
}

/// Leads to a repository in the same process.
struct Inside {
    url: Url,
    to: AcceptorHandle,
    counter: Arc<Counter>,
}

impl Dialer for Inside {
    type Error = Infallible;

    fn url(&self) -> Url {
        self.url.clone()
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Infallible>>> {
        let ((there, from_here), (here, from_there)) = (mpsc::unbounded(), mpsc::unbounded());
        let counted = |from: mpsc::UnboundedReceiver<Vec<u8>>, counter: Arc<Counter>| {
            from.map(move |message| {
                counter.note(&message);
                Ok::<_, Infallible>(message)
            })
        };
        let come = Transport::new(counted(from_here, self.counter.clone()), here);
        let call = Transport::new(counted(from_there, self.counter.clone()), there);
        let accepted = self.to.accept(come).map(drop).map_err(DialError::transient);
        async move { accepted.map(|()| call) }.boxed()
    }
}

/// The library of practices (P1) of which the first so many have one more change at one
/// side.
///
/// # Errors
/// Somebody refuses, or is not done in time.
pub(super) async fn measure(documents: u64, changed: u64) -> Result<Said, LinksError> {
    let documents = documents.min(DOCUMENTS_MAX);
    let changed = changed.min(documents);
    let mut said = Said { by: "samod 0.16", documents, changed, ..Said::default() };
    let (holder, reader) = (Repo::build_tokio().load().await, Repo::build_tokio().load().await);
    let url = Url::parse("tcp://reader").map_err(refused)?;
    let to = reader.make_acceptor(url.clone()).map_err(refused)?;
    let counter = Arc::new(Counter::default());
    let way = Arc::new(Inside { url, to, counter: counter.clone() });
    let corpus = Corpus::p1(super::library::SEED);
    let (mut held, mut seconds) = (Vec::new(), Vec::new());
    for number in 0..documents {
        let (first, content) = first_change(&corpus, number)?;
        if number < changed {
            seconds.push(edited(&first, content)?);
        }
        let mut document = Automerge::new();
        let change = Change::from_bytes(first.bytes).map_err(refused)?;
        document.apply_changes([change]).map_err(refused)?;
        held.push(holder.create(document).await.map_err(refused)?);
    }
    let met = holder.dial(BackoffConfig::default(), way.clone()).map_err(refused)?;
    met.established().await.map_err(refused)?;
    let mut read = Vec::new();
    for document in &held {
        let found = timeout(PATIENCE, reader.find(document.document_id().clone())).await;
        let found = found.map_err(refused)?.map_err(refused)?;
        read.push(found.ok_or_else(|| refused("a document did not arrive"))?);
    }
    counter.quiet().await?;
    met.close();
    sleep(QUIET).await;
    for (document, second) in held.iter().zip(seconds) {
        said.content += second.len() as u64;
        let change = Change::from_bytes(second).map_err(refused)?;
        document.with_document(|document| document.apply_changes([change])).map_err(refused)?;
    }
    counter.take();
    let met = holder.dial(BackoffConfig::default(), way).map_err(refused)?;
    met.established().await.map_err(refused)?;
    let same = |(one, other): (&DocHandle, &DocHandle)| heads(one) == heads(other);
    let begun = Instant::now();
    while !held.iter().zip(&read).all(same) {
        if begun.elapsed() > PATIENCE {
            let what = "two repositories hold the same".into();
            return Err(LinksError::TooLate { what, seconds: PATIENCE.as_secs() });
        }
        sleep(QUIET).await;
    }
    counter.quiet().await?;
    (said.messages, said.bytes) = counter.take();
    holder.stop().await;
    reader.stop().await;
    Ok(said)
}

fn heads(document: &DocHandle) -> Vec<automerge::ChangeHash> {
    document.with_document(|document| document.get_heads())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_repositories_come_into_step_and_are_counted() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("threads");
        let [same, one] = [0, 1].map(|n| runtime.block_on(measure(10, n)).expect("documents"));
        assert!(same.messages >= 10 && same.content == 0, "{same:?}");
        assert!(one.bytes > same.bytes && one.content > 100, "{one:?} {same:?}");
    }
}
