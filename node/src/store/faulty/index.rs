//! An index that forgets: it stands in for sled where the power is cut.
//!
//! What was not sealed is, after [`ForgetfulShelf::restart`], any part of what
//! should be. On request it breaks, finds no room, or tells a lie that a
//! flipped bit could tell.

use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::store::index::{Entries, Fresh, Index, IndexFault, Seal, Shelf};
use crate::store::memory_index::MemoryIndex;

/// A shelf in memory. Clones are the same shelf.
#[derive(Clone)]
pub struct ForgetfulShelf(Arc<Mutex<Shelved>>);

struct Shelved {
    chance: ChaCha8Rng,
    index: MemoryIndex,
    sealed: bool,
    set_aside: u32,
    fails_after: Option<u32>,
}

impl ForgetfulShelf {
    /// An empty shelf.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Shelved {
            chance: ChaCha8Rng::seed_from_u64(seed),
            index: MemoryIndex::default(),
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
            let Shelved { chance, index, .. } = shelved;
            index.0.retain(|_, _| !chance.next_u32().is_multiple_of(3));
        }
    }

    /// An index opened from now on fails, or lies, after that many calls.
    pub fn fail_after(&self, calls: u32) {
        self.shelved().fails_after = Some(calls);
    }

    /// The index leaves out one entry from now on, and does not know.
    pub fn forget_one(&self) {
        let Shelved { chance, index, .. } = &mut *self.shelved();
        let skip = chance.next_u32() as usize % index.0.len().max(1);
        if let Some(key) = index.0.keys().nth(skip).cloned() {
            index.0.remove(&key);
        }
    }

    /// How often an index was set aside.
    pub fn set_aside(&self) -> u32 {
        self.shelved().set_aside
    }

    fn open(&self, sealable: bool) -> ForgetfulIndex {
        let mut shelved = self.shelved();
        shelved.sealed = false;
        let left = Cell::new(shelved.fails_after.take());
        ForgetfulIndex { shelf: self.clone(), sealable, left }
    }
}

fn digest(index: &MemoryIndex) -> Seal {
    let mut hasher = blake3::Hasher::new();
    for bytes in index.0.iter().flat_map(|(key, entry)| [key, entry]) {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    *hasher.finalize().as_bytes()
}

impl Shelf for ForgetfulShelf {
    type Index = ForgetfulIndex;

    fn fresh(&mut self, how: Fresh) -> Result<ForgetfulIndex, IndexFault> {
        let mut shelved = self.shelved();
        shelved.index.0.clear();
        shelved.set_aside += u32::from(how == Fresh::SettingAside);
        drop(shelved);
        Ok(self.open(how != Fresh::InMemory))
    }

    fn sealed(&mut self, seal: &Seal) -> Result<ForgetfulIndex, IndexFault> {
        let shelved = self.shelved();
        if !shelved.sealed || digest(&shelved.index) != *seal {
            return Err(IndexFault::Broken("not what was sealed".into()));
        }
        drop(shelved);
        Ok(self.open(true))
    }

    fn seal(&mut self, index: ForgetfulIndex) -> Result<Option<Seal>, IndexFault> {
        let mut shelved = self.shelved();
        shelved.sealed = index.sealable;
        Ok(index.sealable.then(|| digest(&shelved.index)))
    }
}

/// An index on a [`ForgetfulShelf`].
pub struct ForgetfulIndex {
    shelf: ForgetfulShelf,
    sealable: bool,
    /// Calls left until it fails.
    left: Cell<Option<u32>>,
}

impl ForgetfulIndex {
    /// The shelf, if this call goes well, and whether it is to tell a lie.
    fn call(&self) -> Result<(MutexGuard<'_, Shelved>, bool), IndexFault> {
        let left = self.left.get();
        self.left.set(left.map(|left| left.saturating_sub(1)));
        let mut shelved = self.shelf.shelved();
        if left != Some(0) {
            return Ok((shelved, false));
        }
        match shelved.chance.next_u32() % 3 {
            0 => Err(IndexFault::Broken("it broke".into())),
            1 => Err(IndexFault::Full),
            _ => Ok((shelved, true)),
        }
    }
}

/// One flipped bit.
fn lie(chance: &mut ChaCha8Rng, entry: &mut [u8]) {
    let bit = chance.next_u32() as usize % (entry.len() * 8);
    entry[bit / 8] ^= 1 << (bit % 8);
}

impl Index for ForgetfulIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        let (mut shelved, lies) = self.call()?;
        let mut entry = shelved.index.get(key)?;
        if let Some(entry) = entry.as_mut().filter(|_| lies) {
            lie(&mut shelved.chance, entry);
        }
        Ok(entry)
    }

    fn page(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, IndexFault> {
        let (mut shelved, lies) = self.call()?;
        let mut found = shelved.index.page(prefix, after, limit)?;
        if let Some((_, entry)) = found.last_mut().filter(|_| lies) {
            lie(&mut shelved.chance, entry);
        }
        Ok(found)
    }

    fn put(&mut self, key: &[u8], entry: Vec<u8>) -> Result<Option<Vec<u8>>, IndexFault> {
        self.call()?.0.index.put(key, entry)
    }

    fn delete(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        self.call()?.0.index.delete(key)
    }
}
