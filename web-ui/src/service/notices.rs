//! What waits for a person, and how they are told of it.

use super::{Answer, Reader, Seconds};

/// So many things of one kind wait for the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Of what kind: `asked`, `own`, `review`, `clearance`, `approval`, `report`, `practice`,
    /// `card`.
    pub kind: String,
    /// How many.
    pub count: u32,
}

/// How a person is told of what waits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notices {
    /// Whether this node sends mail.
    pub mails: bool,
    /// Where mail goes: confirmed.
    pub address: Option<String>,
    /// An address that is to be confirmed, and whether its code was mailed.
    pub pending: Option<(String, bool)>,
    /// How often: `hour`, `day` or `never`.
    pub often: String,
    /// When the last mail went.
    pub mailed: Option<Seconds>,
    /// When the mail server refused the address for good, with its code.
    pub refused: Option<(Seconds, String)>,
    /// Whether there is a feed.
    pub feed: bool,
}

/// What a person changes about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoticeChange {
    /// Where mail goes, once it is confirmed, if another address is named; and how
    /// often.
    Mail {
        /// The address; `None` leaves it as it is.
        address: Option<String>,
        /// `hour`, `day` or `never`.
        often: String,
    },
    /// The code that was mailed.
    Confirm(String),
    /// Forget every address.
    Forget,
    /// Make a feed, in the place of one before.
    MakeFeed,
    /// Take the feed back.
    EndFeed,
}

/// A personal feed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PersonalFeed {
    /// The person's language.
    pub lang: String,
    /// What waits, the latest first: an id that this feed alone has, the kind, and
    /// since when.
    pub entries: Vec<(String, String, Seconds)>,
}

/// What the pages need to tell people of what waits.
pub trait Noticing: Send + Sync {
    /// What waits for the reader, by kind. Asked for by the first page, so it must be
    /// cheap.
    fn tasks<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<Task>>;

    /// How the reader is told.
    fn notices<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Notices>;

    /// Changes how the reader is told; answers the path of a feed that was made, which
    /// is told once. `Invalid` with field `address`, `often` or `code`.
    fn change_notices<'a>(
        &'a self,
        reader: &'a Reader,
        change: &'a NoticeChange,
    ) -> Answer<'a, Option<String>>;

    /// The feed of a secret; `NotFound` if none has it.
    fn personal_feed<'a>(&'a self, token: &'a str) -> Answer<'a, PersonalFeed>;

    /// Stops mail by the secret of a mail, or only looks whether there is such a
    /// secret; `NotFound` if none is.
    fn stop_mail<'a>(&'a self, token: &'a str, really: bool) -> Answer<'a, ()>;
}
