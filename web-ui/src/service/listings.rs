//! Collections and resources: what organisations list beside practices.
//!
//! All of it is public: guests may read. Of a practice for members alone that a
//! collection holds a guest learns no title.

use serde_json::Value;

use super::{Answer, Exported, Party, Phrase, Reader, Seconds};

/// Of which sort a listing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ListingSort {
    /// Practices and resources that somebody chose.
    #[default]
    Collection,
    /// A file or an address on the web.
    Resource,
}

impl ListingSort {
    /// The word in operations and in the names of sentences.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Resource => "resource",
        }
    }

    /// Where its pages are.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Collection => "/collections",
            Self::Resource => "/resources",
        }
    }
}

/// What pages need to show collections and resources, and to change them.
pub trait Listing: Send + Sync {
    /// Those that are offered and have all words of `query`, the last to be said first;
    /// at most [`LIST_ITEMS_MAX`](super::LIST_ITEMS_MAX).
    fn listings<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        query: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>>;

    /// Collections that hold a practice or resource of this whole id; none if it is no
    /// such id.
    fn collections_of<'a>(
        &'a self,
        reader: &'a Reader,
        thing: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>>;

    /// One of them, by id or an unambiguous prefix of at least eight characters.
    fn listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, ListingPage>;

    /// The same as a document, in the shape of `tern collection show`.
    fn listing_document<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, Value>;

    /// The list as a document, in the shape of `tern collection list`.
    fn listings_document<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        query: &'a str,
    ) -> Answer<'a, Value>;

    /// Says something; answers the id. Needs the role `publisher`, and of one that is
    /// there already that it is the reader's organisation's. `Invalid` names a field of
    /// the form, `reason`, `thing` or `passphrase`.
    fn say_listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        saying: &'a ListingSaying,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, String>;

    /// Keeps the files of a collection on this node, or no more. For members.
    fn keep_collection<'a>(&'a self, reader: &'a Reader, id: &'a str, keep: bool)
    -> Answer<'a, ()>;

    /// All practices of a collection that are here as one file. `Invalid` with field
    /// `format` for one that there is not.
    fn export_collection<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported>;

    /// A resource as a file, in one of [`RESOURCE_FORMATS`].
    fn export_resource<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported>;
}

/// The formats in which a resource is taken away.
pub const RESOURCE_FORMATS: [&str; 4] = ["ris", "bibtex", "jsonld", "json"];
/// Codes of why a collection or a resource is withdrawn.
pub const LISTING_REASONS: [&str; 6] =
    ["outdated", "wrong", "superseded", "unsafe", "rights", "other"];

/// What is said of a listing.
#[derive(Clone, PartialEq, Debug)]
pub enum ListingSaying {
    /// What it is, in the shape of collection or resource files; anew, if an id is
    /// given.
    Form {
        /// Which.
        id: Option<String>,
        /// The form.
        form: Value,
    },
    /// A practice or resource is added to a collection.
    Add {
        /// To which.
        id: String,
        /// Which.
        thing: String,
        /// In this edition.
        edition: Option<String>,
        /// Why it is here; may be empty.
        note: String,
    },
    /// It is not offered any more.
    Withdraw {
        /// Which.
        id: String,
        /// A code of [`LISTING_REASONS`].
        reason: String,
        /// In words; may be empty.
        text: String,
    },
}

/// A collection or a resource, as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListingEntry {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Phrase,
    /// Its text, or its abstract.
    pub text: Phrase,
    /// The organisation whose it is.
    pub organisation: String,
    /// Whether that is the reader's.
    pub ours: bool,
    /// Of a collection: how many items it has.
    pub items: usize,
    /// Of a resource: the code of its type, or nothing.
    pub kind: String,
    /// Of a resource: who published it, if that is somebody else.
    pub publisher: Option<String>,
    /// Of a resource: when it was published.
    pub date: Option<String>,
    /// When it was said, as is claimed.
    pub claimed: Seconds,
}

/// A collection or a resource, whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListingPage {
    /// What a list shows of it.
    pub entry: ListingEntry,
    /// Who said last what it is.
    pub by: Party,
    /// The record that says so.
    pub record: String,
    /// How many wordings stand beside it, each said without knowing of the others.
    pub beside: usize,
    /// Code and words of why it is withdrawn, if it is.
    pub withdrawn: Option<(String, Phrase)>,
    /// Whether the reader may say what it is.
    pub may_say: bool,
    /// Whether the reader's key needs its passphrase.
    pub passphrase: bool,
    /// What it says, in the shape of collection or resource files.
    pub form: Value,
    /// Of a collection: what is in it.
    pub items: Vec<ListedItem>,
    /// Of a collection: how its files are kept here, for members.
    pub keeping: Option<CollectionKeeping>,
    /// Of a resource: where it is on the web.
    pub url: Option<String>,
    /// Of a resource: its file.
    pub file: Option<ResourceFile>,
    /// Of a resource: codes of objectives, countries and languages.
    pub codes: [Vec<String>; 3],
    /// Of a resource: the code of its licence.
    pub licence: Option<String>,
}

/// A practice or a resource in a collection.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListedItem {
    /// The id of what it names.
    pub thing: String,
    /// Whether that is a resource.
    pub resource: bool,
    /// Its title; empty if it cannot be read here.
    pub title: Phrase,
    /// The organisation that it comes from, if it is held here.
    pub organisation: Option<String>,
    /// The edition that is named, with its number if that is held.
    pub edition: Option<(String, Option<u32>)>,
    /// Whether it is on this node.
    pub held: bool,
    /// Whether its organisation withdrew it.
    pub withdrawn: bool,
    /// Why it is here.
    pub note: Phrase,
}

/// How the files of a collection are kept on this node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CollectionKeeping {
    /// Whether they are.
    pub kept: bool,
    /// How many there are, and how many of them are whole here.
    pub files: usize,
    /// How many are whole here.
    pub here: usize,
    /// Bytes of all.
    pub bytes: u64,
    /// Bytes that fetching the others takes over the link.
    pub travels: u64,
    /// About how many seconds that takes.
    pub seconds: u64,
    /// What it costs, if links cost money and somebody said how much.
    pub cost: Option<String>,
    /// Whether links cost money.
    pub costly: bool,
}

/// The file of a resource.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResourceFile {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash.
    pub hash: String,
    /// Whether it is whole on this node.
    pub here: bool,
}
