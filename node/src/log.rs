//! The log, on standard error.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::config::{Loaded, LogFormat, Source};

/// What other people's crates have to say is told from this level on, unless
/// the filter names them.
const FOREIGN: [&str; 8] =
    ["libp2p", "quinn", "yamux", "multistream_select", "netlink", "hyper", "sled", "tantivy"];

/// Starts the log as the settings ask. A command that comes and goes says only
/// what is wrong, unless somebody chose a level. Does nothing where a log has
/// been started before.
pub fn start(loaded: &Loaded, lasting: bool) {
    let chosen = loaded.source("log.level") != Source::Default;
    let filter = match (lasting || chosen, loaded.settings.log_level.parse::<Targets>()) {
        (true, Ok(filter)) => filter,
        _ => Targets::new().with_default(LevelFilter::WARN),
    };
    let mut lines = fmt::layer().with_writer(std::io::stderr);
    // A journal or a file shows colours as rubbish.
    if !std::io::stderr().is_terminal() {
        lines.set_ansi(false);
    }
    let layer = match loaded.settings.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Refused only where one is running, as in tests.
    let _ = registry().with(layer.with_filter(quiet(filter))).try_init();
}

/// `filter`, with foreign crates at warnings where it does not name them.
fn quiet(filter: Targets) -> Targets {
    let named: Vec<String> = filter.iter().map(|(target, _)| target.to_owned()).collect();
    let unnamed = FOREIGN
        .into_iter()
        .filter(|foreign| !named.iter().any(|target| target.starts_with(foreign)));
    let level =
        filter.default_level().map_or(LevelFilter::WARN, |level| level.min(LevelFilter::WARN));
    let unnamed: Vec<_> = unnamed.map(|foreign| (foreign, level)).collect();
    filter.with_targets(unnamed)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn foreign_crates_speak_up_only_when_something_is_wrong_or_when_named() {
        let filter = quiet("info,yamux=debug".parse().expect("a filter"));
        assert!(filter.would_enable("tern_node::driver", &Level::INFO));
        assert!(!filter.would_enable("libp2p_swarm", &Level::INFO));
        assert!(filter.would_enable("libp2p_swarm", &Level::WARN));
        assert!(filter.would_enable("yamux::connection", &Level::DEBUG));
        let silent = quiet("off".parse().expect("a filter"));
        assert!(!silent.would_enable("libp2p_swarm", &Level::ERROR));
    }
}
