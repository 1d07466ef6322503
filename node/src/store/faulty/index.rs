//! An index that forgets: it stands in for sled where the power is cut.
//!
//! What was not sealed is, after [`ForgetfulShelf::restart`], any mixture of
//! what was and what should be. On request it breaks, or tells a lie that a
//! flipped bit could tell.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::store::index::{Index, IndexFault, Old, Seal, Shelf};

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A shelf in memory. Clones are the same shelf.
#[derive(Clone)]
pub struct ForgetfulShelf(Arc<Mutex<Shelved>>);

struct Shelved {
    chance: ChaCha8Rng,
    entries: Entries,
    sealed: bool,
    set_aside: u32,
    fails_after: Option<u32>,
}

impl ForgetfulShelf {
    /// An empty shelf.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Shelved {
            chance: ChaCha8Rng::seed_from_u64(seed),
            entries: Entries::new(),
            sealed: false,
            set_aside: 0,
            fails_after: None,
        })))
    }

    fn shelved(&self) -> MutexGuard<'_, Shelved> {
        self.0.lock().expect("no thread panics while it holds the shelf")
    }

    /// The process ended: what was not sealed may be there or not.
    pub fn restart(&self) {
        let shelved = &mut *self.shelved();
        shelved.fails_after = None;
        if !shelved.sealed {
            let Shelved { chance, entries, .. } = shelved;
            entries.retain(|_, _| !chance.next_u32().is_multiple_of(3));
        }
    }

    /// An index opened from now on breaks, or lies, after that many calls.
    pub fn fail_after(&self, calls: u32) {
        self.shelved().fails_after = Some(calls);
    }

    /// How often an index was set aside.
    pub fn set_aside(&self) -> u32 {
        self.shelved().set_aside
    }
}

fn digest(entries: &Entries) -> Seal {
    let mut hasher = blake3::Hasher::new();
    for bytes in entries.iter().flat_map(|(key, entry)| [key, entry]) {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    *hasher.finalize().as_bytes()
}

impl Shelf for ForgetfulShelf {
    type Index = ForgetfulIndex;

    fn fresh(&mut self, old: Old) -> Result<ForgetfulIndex, IndexFault> {
        let shelved = &mut *self.shelved();
        shelved.entries.clear();
        shelved.sealed = false;
        shelved.set_aside += u32::from(old == Old::SetAside);
        let left = Cell::new(shelved.fails_after.take());
        Ok(ForgetfulIndex { shelf: self.clone(), left })
    }

    fn sealed(&mut self, seal: &Seal) -> Result<ForgetfulIndex, IndexFault> {
        let shelved = &mut *self.shelved();
        if !shelved.sealed || digest(&shelved.entries) != *seal {
            return Err(IndexFault::Broken("not what was sealed".into()));
        }
        shelved.sealed = false;
        let left = Cell::new(shelved.fails_after.take());
        Ok(ForgetfulIndex { shelf: self.clone(), left })
    }

    fn seal(&mut self, _: ForgetfulIndex) -> Result<Seal, IndexFault> {
        let shelved = &mut *self.shelved();
        shelved.sealed = true;
        Ok(digest(&shelved.entries))
    }
}

/// An index on a [`ForgetfulShelf`].
pub struct ForgetfulIndex {
    shelf: ForgetfulShelf,
    /// Calls left until it fails.
    left: Cell<Option<u32>>,
}

impl ForgetfulIndex {
    /// Whether this call is to go wrong.
    fn goes_wrong(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.map(|left| left.saturating_sub(1)));
        left == Some(0)
    }

    /// An entry as the index tells it.
    fn tell(&self, entry: &[u8]) -> Result<Vec<u8>, IndexFault> {
        let mut told = entry.to_vec();
        if self.goes_wrong() {
            let chance = self.shelf.shelved().chance.next_u32() as usize;
            if chance.is_multiple_of(2) {
                return Err(IndexFault::Broken("it broke".into()));
            }
            told[chance / 16 % entry.len()] ^= 1 << (chance / 2 % 8);
        }
        Ok(told)
    }

    fn shelved(&self) -> Result<MutexGuard<'_, Shelved>, IndexFault> {
        if self.goes_wrong() {
            return Err(IndexFault::Broken("it broke".into()));
        }
        Ok(self.shelf.shelved())
    }
}

impl Index for ForgetfulIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        let entry = self.shelf.shelved().entries.get(key).cloned();
        entry.map(|entry| self.tell(&entry)).transpose()
    }

    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, IndexFault> {
        let from = after.filter(|after| *after >= prefix);
        let from = from.map_or(Bound::Included(prefix), Bound::Excluded);
        let found: Vec<_> = {
            let shelved = self.shelf.shelved();
            let found = shelved.entries.range::<[u8], _>((from, Bound::Unbounded));
            let found = found.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
            found.map(|(key, entry)| (key.clone(), entry.clone())).collect()
        };
        found.into_iter().map(|(key, entry)| Ok((key, self.tell(&entry)?))).collect()
    }

    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault> {
        Ok(self.shelved()?.entries.insert(key.to_vec(), entry))
    }

    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        Ok(self.shelved()?.entries.remove(key))
    }
}
