//! The log, on standard error.
//!
//! It tells what happens to the node, by ids where something has one. It tells
//! no name of a person, no title, no word that was searched or written, no
//! token and no passphrase, at any level.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::config::{Loaded, LogFormat, Source};

/// The crates of this program. What other people's crates have to say is told
/// from warnings on, unless the filter names them: they would tell whole
/// requests, and who asked from where.
const OURS: [&str; 4] = ["tern_crdt", "tern_protocol", "tern_node", "tern_web_ui"];

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
    let Some(level) = filter.default_level() else { return filter };
    let named: Vec<String> = filter.iter().map(|(target, _)| target.to_owned()).collect();
    let unnamed = OURS.into_iter().filter(|ours| !named.iter().any(|target| target == ours));
    let ours: Vec<_> = unnamed.map(|ours| (ours, level)).collect();
    filter.with_targets(ours).with_default(level.min(LevelFilter::WARN))
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
        assert!(!filter.would_enable("axum::serve", &Level::INFO));
        let all = quiet("trace".parse().expect("a filter"));
        assert!(all.would_enable("tern_web_ui::pages", &Level::TRACE));
        assert!(!all.would_enable("hyper::proto", &Level::INFO));
        assert!(!all.would_enable("axum::rejection", &Level::TRACE));
        let deep = quiet("info,tern_node::driver=debug".parse().expect("a filter"));
        assert!(deep.would_enable("tern_node::driver", &Level::DEBUG));
        assert!(!deep.would_enable("tern_node::net", &Level::DEBUG));
        let silent = quiet("off".parse().expect("a filter"));
        assert!(!silent.would_enable("libp2p_swarm", &Level::ERROR));
    }
}
