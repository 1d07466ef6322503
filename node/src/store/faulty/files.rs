//! The folder of a model as one process sees it.

use std::io;

use rand_core::Rng;

use super::power;
use super::{FaultyDisk, Inode, Model, Renaming, Write};
use crate::store::files::{Files, LogFile};

/// The folder of a [`FaultyDisk`] as one process sees it.
pub struct FaultyFiles {
    pub(super) disk: FaultyDisk,
    pub(super) process: u32,
}

impl FaultyFiles {
    /// Does something to the names; if the power goes meanwhile, perhaps.
    fn change<T>(&self, change: impl FnOnce(&mut Model) -> io::Result<T>) -> io::Result<T> {
        let mut model = self.disk.model();
        model.write(self.process)?;
        if model.power_goes() {
            if model.chance.next_u32().is_multiple_of(2) {
                change(&mut model)?;
            }
            return Err(power::gone());
        }
        change(&mut model)
    }

    fn file(&self, inode: usize) -> FaultyFile {
        FaultyFile { disk: self.disk.clone(), process: self.process, inode }
    }
}

impl Files for FaultyFiles {
    type File = FaultyFile;

    fn list(&self) -> io::Result<Vec<String>> {
        let mut model = self.disk.model();
        model.read(self.process)?;
        Ok(model.names.keys().cloned().collect())
    }

    fn create(&mut self, name: &str) -> io::Result<FaultyFile> {
        self.change(|model| {
            model.inodes.push(Inode::default());
            let inode = model.inodes.len() - 1;
            model.rename(Renaming { inode, from: None, to: Some(name.to_owned()) });
            Ok(inode)
        })
        .map(|inode| self.file(inode))
    }

    fn open(&mut self, name: &str) -> io::Result<FaultyFile> {
        let mut model = self.disk.model();
        model.read(self.process)?;
        model.inode(name).map(|inode| self.file(inode))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.change(|model| {
            let inode = model.inode(from)?;
            model.rename(Renaming { inode, from: Some(from.to_owned()), to: Some(to.to_owned()) });
            Ok(())
        })
    }

    fn unlink(&mut self, name: &str) -> io::Result<()> {
        self.change(|model| {
            let inode = model.inode(name)?;
            model.rename(Renaming { inode, from: Some(name.to_owned()), to: None });
            Ok(())
        })
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let mut model = self.disk.model();
        model.write(self.process)?;
        if model.power_goes() {
            return Err(power::gone());
        }
        let Model { renamings, durable_names, .. } = &mut *model;
        for renaming in renamings.drain(..) {
            renaming.apply(durable_names);
        }
        Ok(())
    }

    fn used(&self) -> io::Result<u64> {
        Ok(self.disk.model().used())
    }
}

/// A file of a [`FaultyDisk`], open in one process.
pub struct FaultyFile {
    disk: FaultyDisk,
    process: u32,
    inode: usize,
}

impl LogFile for FaultyFile {
    fn length(&self) -> io::Result<u64> {
        let mut model = self.disk.model();
        model.read(self.process)?;
        Ok(model.inodes[self.inode].seen.len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut model = self.disk.model();
        model.write(self.process)?;
        if model.power_goes() {
            let written = model.chance.next_u32() as usize % (bytes.len() + 1);
            model.append(self.inode, &bytes[..written])?;
            return Err(power::gone());
        }
        model.append(self.inode, bytes)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut model = self.disk.model();
        model.read(self.process)?;
        let seen = &model.inodes[self.inode].seen;
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(seen.len());
        let length = into.len().min(seen.len() - from);
        into[..length].copy_from_slice(&seen[from..from + length]);
        Ok(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut model = self.disk.model();
        model.alive(self.process)?;
        if let Err(error) = model.spared() {
            // It was done all the same, or will be tried again, or never.
            match model.chance.next_u32() % 3 {
                0 => model.inodes[self.inode].sync(),
                1 => model.inodes[self.inode].writes.clear(),
                _ => {}
            }
            return Err(error);
        }
        if model.power_goes() {
            return Err(power::gone());
        }
        model.inodes[self.inode].sync();
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let mut model = self.disk.model();
        model.write(self.process)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let goes = model.power_goes();
        if !goes || model.chance.next_u32().is_multiple_of(2) {
            model.inodes[self.inode].write(Write::Truncate(length));
        }
        if goes { Err(power::gone()) } else { Ok(()) }
    }
}
