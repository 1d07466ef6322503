//! A model of a folder on a disk that fails, replayed from a seed.
//!
//! It knows what is durable and what only a running system sees. When the
//! power goes, of everything not yet synced any part may survive: each sector
//! of each append by itself, each truncation, each change of a name, in any
//! combination; what is missing within a file's length reads as zeros or as
//! noise. It runs out of room, fails single operations, and may forget for
//! ever what it failed to sync, as real systems do. Bits rot on request.
//!
//! It does not lose or change what was synced, unless asked to: no design
//! survives a disk that lies about that.

mod files;
mod index;
mod power;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

pub use files::{FaultyFile, FaultyFiles};
pub use index::{ForgetfulIndex, ForgetfulShelf};
use power::Power;

/// A disk with one folder. Clones are the same disk.
#[derive(Clone)]
pub struct FaultyDisk(Arc<Mutex<Model>>);

/// What goes wrong with an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The device fails.
    Device,
    /// There is no room left after all.
    Full,
}

struct Model {
    chance: ChaCha8Rng,
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    renamings: Vec<Renaming>,
    power: Power,
    /// Operations until one fails.
    fault: Option<(u32, Fault)>,
    room: Option<u64>,
    /// Counts the processes; a handle works in its own only.
    process: u32,
}

#[derive(Default)]
struct Inode {
    /// What the running system sees.
    seen: Vec<u8>,
    durable: Vec<u8>,
    writes: Vec<Write>,
}

enum Write {
    Append { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Clone)]
struct Renaming {
    inode: usize,
    from: Option<String>,
    to: Option<String>,
}

impl Renaming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        if let Some(from) = &self.from
            && names.get(from) == Some(&self.inode)
        {
            names.remove(from);
        }
        if let Some(to) = &self.to {
            names.insert(to.clone(), self.inode);
        }
    }
}

impl Inode {
    fn write(&mut self, write: Write) {
        apply(&mut self.seen, &write);
        self.writes.push(write);
    }

    fn sync(&mut self) {
        for write in self.writes.drain(..) {
            apply(&mut self.durable, &write);
        }
    }
}

fn apply(contents: &mut Vec<u8>, write: &Write) {
    match write {
        Write::Append { at, bytes } => {
            let end = at + bytes.len();
            contents.resize(contents.len().max(end), 0);
            contents[*at..end].copy_from_slice(bytes);
        }
        Write::Truncate(length) => contents.truncate(*length),
    }
}

impl FaultyDisk {
    /// An empty disk; the seed decides everything that is left to chance.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Model {
            chance: ChaCha8Rng::seed_from_u64(seed),
            inodes: vec![],
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            renamings: vec![],
            power: Power::On,
            fault: None,
            room: None,
            process: 0,
        })))
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.0.lock().expect("no thread panics while it holds the model")
    }

    /// The folder as a new process sees it. Handles of earlier ones are dead.
    pub fn files(&self) -> FaultyFiles {
        let mut model = self.model();
        model.process += 1;
        FaultyFiles { disk: self.clone(), process: model.process }
    }

    /// The power goes in the midst of the operation after that many: see
    /// [`restart`](Self::restart) and [`spare`](Self::spare).
    pub fn cut_power_after(&self, operations: u32) {
        self.model().power = Power::OffAfter(operations);
    }

    /// Whether the power has gone.
    pub fn is_off(&self) -> bool {
        self.model().power == Power::Off
    }

    /// What is left when the power comes back; it goes first if it is on.
    pub fn restart(&self) {
        self.model().restart();
    }

    /// As if only the process had been killed at the moment the power went:
    /// the system still sees all that was written, synced or not.
    pub fn spare(&self) {
        self.model().power = Power::On;
    }

    /// One operation fails after that many others.
    pub fn fail_after(&self, operations: u32, fault: Fault) {
        self.model().fault = Some((operations, fault));
    }

    /// There is room for that many bytes more, or without end.
    pub fn leave_room(&self, bytes: Option<u64>) {
        let mut model = self.model();
        model.room = bytes.map(|bytes| model.used() + bytes);
    }

    /// Nothing will fail any more.
    pub fn mend(&self) {
        let mut model = self.model();
        model.power = Power::On;
        model.fault = None;
        model.room = None;
    }

    /// Flips one bit of a file, on the disk and as it is seen.
    pub fn rot(&self, name: &str, bit: usize) {
        let mut model = self.model();
        if let Some(inode) = model.names.get(name).copied() {
            let inode = &mut model.inodes[inode];
            for contents in [&mut inode.seen, &mut inode.durable] {
                if let Some(byte) = contents.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }
        }
    }

    /// The length of a file as it is seen.
    pub fn length(&self, name: &str) -> Option<usize> {
        let model = self.model();
        model.names.get(name).map(|inode| model.inodes[*inode].seen.len())
    }
}

impl Model {
    fn used(&self) -> u64 {
        self.names.values().map(|inode| self.inodes[*inode].seen.len() as u64).sum()
    }

    fn inode(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&mut self, renaming: Renaming) {
        renaming.apply(&mut self.names);
        self.renamings.push(renaming);
    }

    /// Whether the process is alive and the power on.
    fn alive(&self, process: u32) -> io::Result<()> {
        if process != self.process {
            return Err(io::Error::other("the process has ended"));
        }
        if self.power == Power::Off { Err(power::gone()) } else { Ok(()) }
    }

    /// Whether this operation is spared.
    fn spared(&mut self) -> io::Result<()> {
        match &mut self.fault {
            Some((0, fault)) => {
                let error = match fault {
                    Fault::Device => io::Error::other("the device failed"),
                    Fault::Full => io::ErrorKind::StorageFull.into(),
                };
                self.fault = None;
                Err(error)
            }
            Some((left, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn read(&mut self, process: u32) -> io::Result<()> {
        self.alive(process)?;
        if self.fault.is_some_and(|(_, fault)| fault == Fault::Full) {
            Ok(())
        } else {
            self.spared()
        }
    }

    fn write(&mut self, process: u32) -> io::Result<()> {
        self.alive(process)?;
        self.spared()
    }

    fn append(&mut self, inode: usize, bytes: &[u8]) -> io::Result<()> {
        let left = self.room.map_or(u64::MAX, |room| room.saturating_sub(self.used()));
        let fits = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let at = self.inodes[inode].seen.len();
        self.inodes[inode].write(Write::Append { at, bytes: bytes[..fits].to_vec() });
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}
