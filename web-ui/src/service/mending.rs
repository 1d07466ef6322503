//! Work in a shared draft that is held and not shown, and what people decide over
//! it.

use super::{Answer, Clash, Fields, Reader};

/// What pages need to decide over held work.
pub trait Mending: Send + Sync {
    /// Does something to held work of a draft. Answers what two branches both
    /// changed, where one is taken over. `Invalid` with field `passphrase` when
    /// that was wrong or is needed, with field `reason` for one that is too long;
    /// `Conflict` when it cannot be done (any more). Adopting needs the role
    /// `contributor`.
    fn mend<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        change: &'a str,
        mend: &'a Mend,
    ) -> Answer<'a, Vec<Clash>>;

    /// Takes a draft that another organisation published or took back off the
    /// list, or puts it there again. `Conflict` for one that is still shared.
    fn put_draft_away<'a>(&'a self, reader: &'a Reader, id: &'a str, away: bool) -> Answer<'a, ()>;
}

/// What to do with held work.
#[derive(Clone, PartialEq, Eq)]
pub enum Mend {
    /// Stand for it.
    Adopt {
        /// Why, for readers; may be empty.
        reason: String,
        /// Opens the key.
        passphrase: Option<String>,
    },
    /// Write what this organisation wrote of it into the draft as it is shown.
    TakeOver,
    /// Offer it no more here.
    PutAway,
    /// Offer it again.
    BringBack,
}

/// Somebody who signed work in a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Writer {
    /// Their name; `None` when there is none or it was taken back.
    pub person: Option<String>,
    /// Their organisation.
    pub organisation: String,
}

/// A certificate that ended, so that work is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndedWork {
    /// Whose it was.
    pub who: Writer,
    /// The code of the reason: of a revocation, or `removed`.
    pub reason: String,
}

/// What may become of held work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeldWay {
    /// Whoever may write in the draft adopts it.
    Adopt,
    /// Whoever writes for this organisation, whose work it is, takes it over.
    TakeOver,
    /// It can only be read.
    Read,
}

/// Work in a draft that is held and not shown.
#[derive(Clone, PartialEq, Debug)]
pub struct HeldWork {
    /// Its last change, hexadecimal: names it.
    pub change: String,
    /// Who wrote it.
    pub by: Vec<Writer>,
    /// Certificates that ended and whose work it is, or builds on.
    pub ended: Vec<EndedWork>,
    /// Whether it lost against another branch.
    pub lost: bool,
    /// How many changes it has.
    pub changes: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What the draft would say with it; `None` if that cannot be put together.
    pub fields: Option<Fields>,
    /// What may become of it.
    pub way: HeldWay,
    /// Whether this organisation can take over what it wrote of it.
    pub ours: bool,
    /// It was taken over or put away here.
    pub away: bool,
}

/// Work of somebody whose certificate ended, shown because somebody adopted it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdoptedWork {
    /// Who wrote it.
    pub who: Writer,
    /// Who adopted it.
    pub by: Writer,
    /// Why; may be empty.
    pub reason: String,
}
