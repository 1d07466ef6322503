//! The search index: which practices have these words, and how they divide.
//!
//! A folder of inverted indexes that can be deleted at any time and is built
//! anew from what the node holds. It knows neither the replica nor the
//! network: an [`Entry`] comes in, a [`Hit`] goes out, and what a list of
//! practices shows is stored with it. It keeps no words that people search
//! for.
//!
//! - One writer; a search never waits for it, and sees what was committed.
//! - Text is stemmed by its language tag (Arabic, English, Spanish, French,
//!   Russian); scripts without spaces are cut into pairs of characters. What
//!   people type is read in all these ways at once, and as the names of codes
//!   in six languages, so that a word finds practices in languages that it is
//!   not of.
//! - What fits loosely is found only where nothing fits better, and the answer
//!   says so: [similar](Results::similar) words, then [most](Results::partly)
//!   of the words.
//! - Texts leave as they came, in pieces; nothing here makes HTML.
//! - No text that somebody types is an error.
//! - An index that is damaged, or that another version wrote, is replaced by
//!   an empty one, and [`Opened::started_anew`] says why.

mod analysis;
mod directory;
mod entry;
mod error;
mod facets;
mod finding;
mod folder;
mod index;
mod likeness;
mod marking;
mod matching;
mod names;
mod paging;
mod query;
mod schema;
mod shown;
mod sought;
mod spelling;
#[cfg(test)]
mod tests;

pub(crate) use analysis::{plain, tidy};
pub use entry::{Card, Entry, EntryText, Facts, SUMMARY_CHARS};
pub use error::SearchError;
pub use index::{Index, Opened};
pub use likeness::{Alike, Likeness, Part, Profile};
pub use query::{
    FRESH_FOR, Facets, Freshness, HITS_MAX, Hit, Marked, Piece, QUERY_CHARS_MAX, Query, Results,
};
pub use schema::CODE_BYTES_MAX;
