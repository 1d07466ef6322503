//! Asking for support, and following what becomes of it.
//!
//! A request can be read by its asker, by the experts it was sent to and by
//! the desks of both organisations; every other node carries it unread. What
//! is told here of a request is what the reader's own keys on this node open.
//!
//! Its state is worked out, on each node alike, from the signed events held
//! there. Times are two: the one a signer claims, and the one at which this
//! node received it. Nothing here says that somebody was silent where the
//! truth is that nobody heard from them: see [`Request::unreachable`].

mod act;
mod ask;
mod event;
mod list;
mod matching;
mod talk;
mod trail;
mod whole;

pub use act::*;
pub use ask::*;
pub use event::*;
pub use list::*;
pub use matching::*;
pub use talk::*;
pub use trail::*;
pub use whole::*;
