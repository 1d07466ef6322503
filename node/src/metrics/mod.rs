//! Figures for a watcher: what `GET /metrics` tells, in the text format of
//! Prometheus (exposition format 0.0.4).
//!
//! [`known`] names every metric once, with its kind, its one label if it has
//! one, and its sentence; [`gather`] asks the node for the values when somebody
//! asks; `traffic`, `visits` and `timings` count in between. Nothing is
//! sent anywhere by itself.
//!
//! Invariants: no name, title, id or address is a value of a label, and every
//! label has few values that are known beforehand; units are bytes and seconds;
//! what is not known is absent, never zero; asking is a handful of short looks
//! at the replica, so that nobody else waits for it.

mod gather;
pub mod known;
mod machine;
mod route;
mod text;
mod timings;
mod traffic;
mod visits;

pub use gather::gather;
pub use known::{KNOWN, Kind, Metric};
pub(crate) use route::counted;
pub use route::{METRICS_PATH, routes};
pub use text::Exposition;
pub use timings::{BOUNDS, Timed, Timings};
pub use traffic::{Meetings, Outcomes, Traffic};
pub use visits::Visits;
