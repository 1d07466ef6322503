//! Practices being written.

use super::{AdoptedWork, DraftComment, Fields, HeldWork, Seconds};

/// A draft as one entry of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftEntry {
    /// The draft's id.
    pub id: String,
    /// Its title, empty while it has none.
    pub title: super::Phrase,
    /// The practice it would be the next edition of, if any.
    pub practice: Option<String>,
    /// When it was last changed.
    pub changed: Seconds,
    /// Who changed it last, if the name is shown.
    pub by: Option<String>,
    /// Who sees it, its owner first; none if only this organisation does.
    pub audience: Vec<String>,
    /// Another organisation began it, and published it or took it back.
    pub over: bool,
    /// It was put away.
    pub away: bool,
}

/// A draft, whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// The draft's id.
    pub id: String,
    /// The practice it would be the next edition of, if any.
    pub practice: Option<String>,
    /// The heads this content stands at (hex); sent back when saving.
    pub heads: Vec<String>,
    /// The content.
    pub fields: Fields,
    /// When it was last changed.
    pub changed: Seconds,
    /// Who sees it, its owner first; none if only this organisation does.
    pub audience: Vec<String>,
    /// How the others who see it are reached.
    pub reached: Vec<CoWriter>,
    /// Work that is held and not shown.
    pub held: Vec<HeldWork>,
    /// Work that is shown because somebody adopted it.
    pub adopted: Vec<AdoptedWork>,
    /// What those who write it say to each other, by time; never published.
    pub comments: Vec<DraftComment>,
    /// Keys of fields that a review would ask for and that are empty.
    pub missing: Vec<String>,
}

impl Draft {
    /// How many comments are open that answer none.
    #[must_use]
    pub fn open_comments(&self) -> usize {
        self.comments.iter().filter(|one| !one.resolved && one.answers.is_none()).count()
    }

    /// Whether something is held back that was not put away.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        self.held.iter().any(|work| !work.away)
    }
}

/// What a person saves.
#[derive(Clone, PartialEq, Debug)]
pub struct Save {
    /// The heads this person saw when the form was opened.
    pub heads: Vec<String>,
    /// The whole content as this person leaves it: what is not here is
    /// cleared.
    pub fields: Fields,
}

/// What became of a save.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    /// The heads after it.
    pub heads: Vec<String>,
    /// Whether somebody else's changes were merged in.
    pub merged: bool,
    /// Passages that two people changed; each wants a look.
    pub clashes: Vec<Clash>,
}

/// One passage that two people changed at the same time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clash {
    /// The field's key.
    pub field: String,
    /// Who else changed it, if the name is shown.
    pub by: Option<String>,
    /// What this person sent.
    pub yours: String,
    /// What the field holds now.
    pub joined: String,
}

/// How an organisation is reached that sees a draft too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoWriter {
    /// Its name.
    pub name: String,
    /// Whether a link of its is open.
    pub linked: bool,
    /// When it was last heard of through others.
    pub heard: Option<Seconds>,
    /// When something was sent through others that it has not taken in.
    pub sent: Option<Seconds>,
}

/// Who sees a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sharing {
    /// The draft's title, empty while it has none.
    pub title: super::Phrase,
    /// The organisation that began it.
    pub owner: String,
    /// Whether this reader's organisation began it, and says who sees it.
    pub own: bool,
    /// The other members, by name.
    pub members: Vec<Seer>,
    /// Whether it was ever shown to others.
    pub shared: bool,
    /// Whether this reader's organisation was taken out.
    pub out: bool,
    /// Changes that nobody signed yet, so that they stay on this node.
    pub unsigned: usize,
    /// How the others who see it are reached.
    pub reached: Vec<CoWriter>,
}

/// An organisation that sees a draft, or could.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it sees the draft.
    pub sees: bool,
}

/// Who is to see a draft.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// The ids of all organisations that see it from now on, beside its owner.
    pub orgs: Vec<String>,
    /// Opens the person's key, where it is locked.
    pub passphrase: Option<String>,
}

/// What stands between a draft and its publication.
#[derive(Clone, PartialEq, Debug)]
pub struct Readiness {
    /// The draft as it would be signed.
    pub draft: Draft,
    /// The number the edition would get.
    pub number: u32,
    /// Keys of fields without which nothing can be published.
    pub required: Vec<String>,
    /// Whether this person's key is locked with a passphrase.
    pub passphrase: bool,
    /// Why this person cannot publish it, as a sentence; `None` if they can.
    pub refused: Option<String>,
    /// Whether the organisation asks for clearance, and what the draft says is not cleared for
    /// this person to publish.
    pub uncleared: bool,
}

/// A signature asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Publish {
    /// The heads this person read before signing.
    pub heads: Vec<String>,
    /// What changed, for readers; 1 to 500 characters.
    pub note: String,
    /// Opens the person's key, where it is locked.
    pub passphrase: Option<String>,
}

/// A published edition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// The practice's id.
    pub practice: String,
    /// The edition's id.
    pub edition: String,
    /// Its number.
    pub number: u32,
}
