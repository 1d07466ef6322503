//! People who read at the newcomer while it is busy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Failed;
use crate::process::Client;

/// Between two pages of one reader.
const PAUSE: Duration = Duration::from_millis(20);
/// Words of the corpus, in its languages.
const QUERIES: [&str; 8] =
    ["workers", "harvest", "travailleurs", "frontera", "العمال", "рабочих", "map shelters", "工人"];

/// How long readers waited.
#[derive(Default)]
pub struct Waits {
    times: Vec<Duration>,
    refused: usize,
}

impl Waits {
    /// The median, the slow twentieth, the slowest, and how many.
    pub fn figure(&mut self) -> String {
        self.times.sort_unstable();
        let count = self.times.len();
        let at = |share: f64| {
            let place = (count as f64 * share) as usize;
            let time = self.times.get(place.min(count.saturating_sub(1)));
            time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        let (p50, p95, max) = (at(0.5), at(0.95), at(1.0));
        let refused =
            if self.refused > 0 { format!(", {} refused", self.refused) } else { String::new() };
        format!("p50 {p50:.1} ms, p95 {p95:.1} ms, max {max:.1} ms, {count} pages{refused}")
    }
}

/// A reader who asks for one page after another until told to stop.
pub struct Reader(JoinHandle<Result<Waits, Failed>>);

impl Reader {
    fn start(
        http: SocketAddr,
        stop: watch::Receiver<bool>,
        path: impl Fn(usize) -> Option<String> + Send + 'static,
    ) -> Self {
        Self(tokio::spawn(async move {
            let mut client = Client::to(http).await?;
            let mut waits = Waits::default();
            let mut turn = 0;
            while !*stop.borrow() {
                if let Some(path) = path(turn) {
                    let asked = Instant::now();
                    match client.get(&path).await?.is_success() {
                        true => waits.times.push(asked.elapsed()),
                        false => waits.refused += 1,
                    }
                }
                turn += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Ok(waits)
        }))
    }

    /// Somebody who searches.
    pub fn searching(http: SocketAddr, stop: watch::Receiver<bool>) -> Self {
        Self::start(http, stop, |turn| {
            let query = QUERIES[turn % QUERIES.len()];
            let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
            Some(format!("/practices?q={encoded}"))
        })
    }

    /// Somebody who opens practices that are held already: they come in the
    /// order of `ids`, and `held` counts them.
    pub fn opening(
        http: SocketAddr,
        stop: watch::Receiver<bool>,
        ids: Vec<String>,
        held: Arc<AtomicU64>,
    ) -> Self {
        Self::start(http, stop, move |turn| {
            let held = (held.load(Ordering::Relaxed) as usize).min(ids.len());
            // Steps of a large prime visit all of them.
            (held > 0).then(|| format!("/practices/{}", ids[turn * 7_919 % held]))
        })
    }

    /// What the reader waited.
    pub async fn waits(self) -> Result<Waits, Failed> {
        self.0.await?
    }
}
