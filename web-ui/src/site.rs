//! What every handler shares: the node behind the pages, its sessions, its
//! languages.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::backoff::Backoff;
use crate::service::{Seconds, Service};
use crate::session::Sessions;
use crate::settings::Settings;
use crate::words::Catalogue;

/// Shared by all requests; cheap to clone.
pub type Shared = axum::extract::State<Arc<Site>>;

/// The state of the pages of one node.
pub struct Site {
    /// The node.
    pub service: Arc<dyn Service>,
    /// What the operator chose.
    pub settings: Settings,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Who has to wait before trying again.
    pub backoff: Backoff,
    /// Every sentence in every language.
    pub catalogue: Catalogue,
    started: Instant,
}

impl Site {
    /// Pages over `service`.
    pub fn new(service: Arc<dyn Service>, settings: Settings) -> Self {
        Self {
            service,
            catalogue: Catalogue::new(settings.pseudo_locales),
            settings,
            sessions: Sessions::default(),
            backoff: Backoff::default(),
            started: Instant::now(),
        }
    }

    /// The calendar clock, for what people read.
    #[must_use]
    #[allow(clippy::cast_possible_wrap)] // until the year 292 billion
    pub fn now(&self) -> Seconds {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |gone| gone.as_secs() as i64)
    }

    /// Seconds since these pages began: a clock that nobody can set back, for
    /// sessions and waits.
    #[must_use]
    pub fn uptime(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}
