//! What changes while somebody looks.

use std::pin::Pin;

use futures::Stream;

/// Something a page may show has changed. A notice, not the news: the page is
/// asked for again, and with it who may read what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Grows by every change while the node runs.
    pub number: u64,
    /// What kind of thing.
    pub topic: Topic,
    /// Its id; empty where the topic says it all.
    pub id: String,
}

/// What kind of thing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// One request that the reader can open; also the lists it stands in.
    Request,
    /// A card of the directory.
    Expert,
    /// Something else may wait for the reader than before.
    Task,
    /// Some changes were missed: whatever is shown may be old.
    Anything,
}

impl Topic {
    /// Its word on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Expert => "expert",
            Self::Task => "task",
            Self::Anything => "anything",
        }
    }
}

/// Changes as they happen. A listener who is too slow gets
/// [`Topic::Anything`] instead of what was missed; the stream ends when the
/// node stops.
pub type Changes = Pin<Box<dyn Stream<Item = Change> + Send>>;
