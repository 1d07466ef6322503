//! A disk that can fail as disks do.
//!
//! What was committed survives everything but being replaced by an older
//! backup. A commit that is cut short happens wholly or not at all: the
//! engines are held to that below their own files, where writes are torn; here
//! the replica is held to living with either.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use tern_protocol::store::memory::MemoryStore;
use tern_protocol::store::{Batch, Page, Space, Store, StoreError};

/// What the next commit meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The power fails before it is durable.
    Lost,
    /// The power fails when it is durable and nobody knows yet.
    Kept,
    /// No space; until there is.
    Full,
}

#[derive(Debug, Default)]
struct State {
    kept: MemoryStore,
    fault: Option<Fault>,
}

/// A handle to one disk: clones see the same disk, as a process that starts
/// anew does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Rc<RefCell<State>>);

impl Disk {
    /// Sets what commits meet from now on.
    pub fn fault(&self, fault: Option<Fault>) {
        self.0.borrow_mut().fault = fault;
    }

    /// What commits meet.
    pub fn has(&self) -> Option<Fault> {
        self.0.borrow().fault
    }

    /// A copy of everything on it.
    pub fn backup(&self) -> MemoryStore {
        self.0.borrow().kept.clone()
    }

    /// Replaces everything on it.
    pub fn restore(&self, backup: MemoryStore) {
        self.0.borrow_mut().kept = backup;
    }
}

impl Store for Disk {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.0.borrow().kept.get(space, key)
    }

    fn scan(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.0.borrow().kept.scan(space, prefix, after, limit)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut state = self.0.borrow_mut();
        match state.fault {
            None => state.kept.commit(batch),
            Some(Fault::Full) => {
                batch.check()?;
                Err(StoreError::Full)
            }
            Some(Fault::Lost) => Err(StoreError::Failed("the power failed".into())),
            Some(Fault::Kept) => {
                state.kept.commit(batch)?;
                Err(StoreError::Failed("the power failed".into()))
            }
        }
    }
}
