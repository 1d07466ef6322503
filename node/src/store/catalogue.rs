//! The index together with the means to make it anew.
//!
//! Every read comes through here: what the index says is checked against the
//! value itself, and an index that fails, panics or says what cannot be is set
//! aside and made anew from the journal, once for each read, without the
//! reader noticing more than the delay. The journal is read through before the
//! old index is given up, so that damage there costs no working index.

use bytes::Bytes;
use tern_protocol::store::{Page, SCAN_BYTES, StoreError};
use tracing::{info, warn};

use super::change::{Change, Changes};
use super::files::LogFile;
use super::index::{Entry, Fresh, Index, IndexFault, Kept, Seal, Shelf, entry};
use super::journal::{Ending, Journal};
use super::live::Live;

/// Why a step on the index or the journal failed.
enum Fault {
    Index(IndexFault),
    Store(StoreError),
}

impl From<IndexFault> for Fault {
    fn from(fault: IndexFault) -> Self {
        Self::Index(fault)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// What the store answers when making the index anew failed as well.
    fn last_word(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Index(IndexFault::Full) => StoreError::Full,
            Self::Index(IndexFault::Broken(why)) => {
                StoreError::Failed(format!("the index could not be rebuilt: {why}"))
            }
        }
    }
}

/// See the module.
pub struct Catalogue<S: Shelf> {
    shelf: S,
    /// None while it could not be made anew.
    index: Option<S::Index>,
    live: Live,
}

impl<S: Shelf> Catalogue<S> {
    /// The index as the last run sealed it, or the shelf back if it is not.
    pub fn sealed(mut shelf: S, seal: &Seal, live: Live) -> Result<Self, (S, IndexFault)> {
        match shelf.sealed(seal) {
            Ok(index) => Ok(Self { shelf, index: Some(index), live }),
            Err(fault) => Err((shelf, fault)),
        }
    }

    /// The index made from the journal, and how the journal ends.
    pub fn rebuilt<F: LogFile>(
        shelf: S,
        how: Fresh,
        journal: &Journal<F>,
    ) -> Result<(Self, Ending), StoreError> {
        let mut catalogue = Self { shelf, index: None, live: Live::default() };
        let ending = catalogue.rebuild(how, journal)?;
        Ok((catalogue, ending))
    }

    /// The index made from what can be read of a damaged journal, and how many
    /// of its bytes are lost.
    pub fn salvaged<F: LogFile>(
        mut shelf: S,
        journal: &Journal<F>,
    ) -> Result<(Self, u64), StoreError> {
        let mut make = || {
            let (mut index, mut live) = (shelf.fresh(Fresh::Replacing)?, Live::default());
            let lost = journal
                .salvage(|payload, at| apply(&mut index, &mut live, journal, payload, at))?;
            Ok((index, live, lost))
        };
        let (index, live, lost) = make().map_err(Fault::last_word)?;
        Ok((Self { shelf, index: Some(index), live }, lost))
    }

    /// How much is alive.
    pub const fn live(&self) -> Live {
        self.live
    }

    /// Makes the index anew: once more if the new one breaks, and in memory if
    /// it finds no room.
    pub fn rebuild<F: LogFile>(
        &mut self,
        mut how: Fresh,
        journal: &Journal<F>,
    ) -> Result<Ending, StoreError> {
        for _ in 0..2 {
            match self.rebuild_once(how, journal) {
                Err(Fault::Index(fault)) => how = after(&fault),
                ending => return ending.map_err(Fault::last_word),
            }
        }
        self.rebuild_once(how, journal).map_err(Fault::last_word)
    }

    fn rebuild_once<F: LogFile>(
        &mut self,
        how: Fresh,
        journal: &Journal<F>,
    ) -> Result<Ending, Fault> {
        self.index = None;
        let mut index = self.shelf.fresh(how)?;
        let mut live = Live::default();
        let ending =
            journal.walk(|payload, at| apply(&mut index, &mut live, journal, payload, at))?;
        self.index = Some(index);
        self.live = live;
        Ok(ending)
    }

    /// Makes an index anew that failed, or was found wanting, if the journal is
    /// in order; if that is not, the fault was the journal's.
    pub fn heal<F: LogFile>(
        &mut self,
        fault: &IndexFault,
        journal: &Journal<F>,
    ) -> Result<(), StoreError> {
        let ending = journal.walk(|_, _| Ok::<_, StoreError>(()))?;
        if ending.end < journal.end() {
            return Err(journal.damaged(ending.end, "a confirmed frame does not match its check"));
        }
        self.rebuild(after(fault), journal)?;
        info!(entries = self.live.entries, "the index was rebuilt from the journal");
        Ok(())
    }

    /// Makes sure that there is an index.
    pub fn ready<F: LogFile>(&mut self, journal: &Journal<F>) -> Result<(), StoreError> {
        if self.index.is_some() {
            return Ok(());
        }
        self.heal(&IndexFault::Broken("it was out of service".into()), journal)
    }

    /// Takes in a batch that the journal holds at `at`. The batch is durable
    /// whatever happens here: an index that cannot follow is made anew now, or
    /// at the next call.
    pub fn apply<F: LogFile>(&mut self, journal: &Journal<F>, payload: &[u8], at: u64) {
        let Some(index) = &mut self.index else {
            return;
        };
        let Err(fault) = apply(index, &mut self.live, journal, payload, at) else {
            return;
        };
        if let Err(error) = self.heal_after(fault, journal) {
            self.index = None;
            warn!(%error, "the index is out of service until it can be rebuilt");
        }
    }

    fn heal_after<F: LogFile>(
        &mut self,
        fault: Fault,
        journal: &Journal<F>,
    ) -> Result<(), StoreError> {
        match fault {
            Fault::Store(error) => Err(error),
            Fault::Index(fault) => self.heal(&fault, journal),
        }
    }

    fn read<F: LogFile, T>(
        &mut self,
        journal: &Journal<F>,
        read: impl Fn(&S::Index) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.ready(journal)?;
        let mut healed = false;
        loop {
            let Some(index) = &self.index else {
                return Err(StoreError::Failed("the index is out of service".into()));
            };
            match read(index) {
                Ok(found) => return Ok(found),
                Err(fault) if healed => return Err(fault.last_word()),
                Err(fault) => self.heal_after(fault, journal)?,
            }
            healed = true;
        }
    }

    /// The value of a key of the index.
    pub fn get<F: LogFile>(
        &mut self,
        journal: &Journal<F>,
        key: &[u8],
    ) -> Result<Option<Bytes>, StoreError> {
        self.read(journal, |index| {
            index.get(key)?.map(|entry| value(journal, key, &entry)).transpose()
        })
    }

    /// Entries by keys of the index, as [`Store::scan`](tern_protocol::store::Store::scan).
    pub fn scan<F: LogFile>(
        &mut self,
        journal: &Journal<F>,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.read(journal, |index| {
            let mut found = index.page(prefix, after, limit.saturating_add(1))?;
            let mut more = found.len() > limit;
            found.truncate(limit);
            let mut page = Page::default();
            let mut bytes = 0;
            for (key, entry) in found {
                if bytes > SCAN_BYTES {
                    more = true;
                    break;
                }
                let value = value(journal, &key, &entry)?;
                bytes += key.len() + value.len();
                page.entries.push((key.into(), value));
            }
            page.more = more;
            Ok(page)
        })
    }

    /// Up to `limit` keys of the index behind `after`, each with the length of
    /// its value, without reading the values.
    pub fn lengths<F: LogFile>(
        &mut self,
        journal: &Journal<F>,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>, StoreError> {
        self.read(journal, |index| {
            let found = index.page(b"", after, limit)?;
            let sized = found.into_iter().map(|(key, entry)| {
                let length = length_of(&key, &entry)?;
                Ok((key, length))
            });
            sized.collect()
        })
    }

    /// Puts the index away for the next run; `None` if there is none to put.
    pub fn seal(mut self) -> Result<Option<(Seal, Live)>, IndexFault> {
        let Some(index) = self.index.take() else {
            return Ok(None);
        };
        Ok(self.shelf.seal(index)?.map(|seal| (seal, self.live)))
    }
}

/// How the next index begins, said to the operator.
pub fn after(fault: &IndexFault) -> Fresh {
    match fault {
        IndexFault::Full => {
            warn!("the disk has no room for the index: it moves to memory");
            Fresh::InMemory
        }
        IndexFault::Broken(why) => {
            warn!(why, "the index failed: it is set aside and rebuilt from the journal");
            Fresh::SettingAside
        }
    }
}

fn apply<F: LogFile>(
    index: &mut impl Index,
    live: &mut Live,
    journal: &Journal<F>,
    payload: &[u8],
    at: u64,
) -> Result<(), Fault> {
    let mut changes = Changes::new(payload);
    for change in changes.by_ref() {
        let (key, old, new) = match change {
            Change::Put { key, value, at: within } => {
                let old = index.put(key, entry(key, value, at + within as u64))?;
                (key, old, Some(value.len() as u64))
            }
            Change::Delete { key } => (key, index.delete(key)?, None),
        };
        let old = old.map(|old| length_of(key, &old)).transpose()?;
        live.changed(key, old, new)?;
    }
    if changes.malformed {
        return Err(journal.damaged(at, "a frame that matches its check holds no changes").into());
    }
    Ok(())
}

fn length_of(key: &[u8], entry: &[u8]) -> Result<u64, IndexFault> {
    let read = Entry::read(entry).ok_or_else(|| broken(key, "is no entry"))?;
    Ok(read.length.into())
}

fn value<F: LogFile>(journal: &Journal<F>, key: &[u8], bytes: &[u8]) -> Result<Bytes, Fault> {
    let entry = Entry::read(bytes).ok_or_else(|| broken(key, "is no entry"))?;
    let value = match entry.kept {
        Kept::Inline(value) => value.to_vec(),
        Kept::At(at) if at.saturating_add(entry.length.into()) > journal.end() => {
            return Err(broken(key, "points behind the end of the journal").into());
        }
        Kept::At(at) => journal.read(at, entry.length as usize)?,
    };
    if entry.holds(key, &value) {
        Ok(value.into())
    } else {
        Err(broken(key, "does not match its value").into())
    }
}

fn broken(key: &[u8], what: &str) -> IndexFault {
    let key: String = key.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    IndexFault::Broken(format!("the entry of key {key}… {what}"))
}
