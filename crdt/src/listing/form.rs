//! The forms of listings: a collection with its items, and a resource.

use serde_json::Value as Json;

use super::FORM_BYTES_MAX;
use crate::identity::{DocumentId, EditionId, ListingId};
use crate::practice::{Attachment, NAME_MAX, NOTE_MAX};
use crate::schema::{
    At, Code, Country, Date, FieldRefused, Licence, Link, Objective, ResourceType, Shape, Tag,
    Texts, bounded, form, record,
};

/// A title has at most this many characters in one language.
pub const TITLE_MAX: u64 = 150;
/// The text of a collection, and the abstract of a resource, have at most this many
/// characters in one language.
pub const TEXT_MAX: u64 = 3_000;
/// A collection has at most this many items.
pub const ITEMS_MAX: u64 = 200;

record! {
    /// One of the things that a collection holds: a practice or a resource.
    Item {
        /// A practice.
        practice: Option<DocumentId>, 0;
        /// The edition of it that is meant; the one that is shown if none.
        edition: Option<EditionId>, 0;
        /// Or a resource.
        resource: Option<ListingId>, 0;
        /// Why it is here.
        note: Texts, NOTE_MAX;
    }
}

record! {
    /// Practices and resources that belong together, in the order in which they are
    /// to be read.
    Collection {
        /// What it is called.
        title: Texts, TITLE_MAX;
        /// What it is for.
        text: Texts, TEXT_MAX;
        /// What is in it.
        items: Vec<Item>, ITEMS_MAX;
    }
}

record! {
    /// A brief, a tool, a training, a data set, a law or the like.
    Resource {
        /// What it is called.
        title: Texts, TITLE_MAX;
        /// What it says.
        summary = "abstract": Texts, TEXT_MAX;
        /// What it is.
        kind = "type": Option<Code<ResourceType>>, 0;
        /// Who published it, if not the organisation that lists it.
        publisher: Option<String>, NAME_MAX;
        /// When it was published.
        date: Option<Date>, 0;
        /// Which objectives of the Compact it serves.
        objectives: Vec<Objective>, 23;
        /// Which countries it is about.
        countries: Vec<Code<Country>>, 249;
        /// In which languages it is.
        languages: Vec<Tag>, 40;
        /// Where it is on the web.
        url: Option<Link>, 0;
        /// Or the file, whose bytes travel apart.
        file: Option<Attachment>, 0;
        /// Under which licence.
        licence: Option<Code<Licence>>, 0;
    }
}

form!(Collection);
form!(Resource);

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Thing {
    /// A practice.
    Practice(DocumentId),
    /// A resource.
    Resource(ListingId),
}

impl Item {
    /// That of a practice, of one edition or of the one that is shown, without a note.
    pub fn of_practice(practice: DocumentId, edition: Option<EditionId>) -> Self {
        let note = Texts::default();
        Self { practice: Some(practice), edition, resource: None, note, other: Default::default() }
    }

    /// That of a resource, without a note.
    pub fn of_resource(resource: ListingId) -> Self {
        Self {
            practice: None,
            edition: None,
            resource: Some(resource),
            note: Texts::default(),
            other: Default::default(),
        }
    }

    /// What it is; `None` if it names nothing, or two things.
    pub const fn thing(&self) -> Option<Thing> {
        match (self.practice, self.resource) {
            (Some(practice), None) => Some(Thing::Practice(practice)),
            (None, Some(resource)) if self.edition.is_none() => Some(Thing::Resource(resource)),
            _ => None,
        }
    }
}

fn refuse(field: &str, message: &str) -> Result<(), FieldRefused> {
    Err(FieldRefused { field: field.to_owned(), message: message.to_owned(), limit: None })
}

impl Collection {
    /// The place of a thing among its items.
    pub fn place(&self, thing: Thing) -> Option<usize> {
        self.items.iter().position(|item| item.thing() == Some(thing))
    }

    /// The practices in it, in order.
    pub fn practices(&self) -> impl Iterator<Item = DocumentId> + '_ {
        self.items.iter().filter_map(|item| item.practice)
    }

    fn whole(&self) -> Result<(), FieldRefused> {
        if self.title.is_empty() {
            return refuse("title", "is missing: a collection needs a title");
        }
        for (at, item) in self.items.iter().enumerate() {
            let field = format!("items[{at}]");
            let Some(thing) = item.thing() else {
                return refuse(
                    &field,
                    "names either a practice, perhaps in one edition, or a resource",
                );
            };
            if self.place(thing) != Some(at) {
                return refuse(&field, "is in the collection already");
            }
        }
        Ok(())
    }
}

impl Resource {
    fn whole(&self) -> Result<(), FieldRefused> {
        if self.title.is_empty() {
            return refuse("title", "is missing: a resource needs a title");
        }
        if self.url.is_none() && self.file.is_none() {
            return refuse("url", "is missing: a resource needs an address on the web, or a file");
        }
        Ok(())
    }
}

macro_rules! read {
    ($($name:ident $what:literal;)*) => {$(
        impl $name {
            /// Reads what somebody wrote. Plain text where text by language is
            /// meant is taken to be in `language`.
            ///
            /// # Errors
            /// The field that is unknown, malformed, missing or beyond its bound, or
            /// the whole when it is longer than [`FORM_BYTES_MAX`].
            pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
                let read = Self::read_json(json, At::whole(language))?;
                read.whole()?;
                bounded(&read.to_tree(), $what, FORM_BYTES_MAX)?;
                Ok(read)
            }

            /// Whether its fields keep to their bounds, and none that it needs is
            /// missing.
            pub(super) fn is_legal(&self) -> bool {
                Self::from_json(&self.to_json(), "en").is_ok()
            }
        }
    )*};
}

read! {
    Collection "collection";
    Resource "resource";
}
