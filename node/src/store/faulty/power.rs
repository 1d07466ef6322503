//! The power going, and what is left when it comes back.

use std::io;

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

use super::{Inode, Model, Write, apply};

const SECTOR_BYTES: usize = 512;

/// Whether there is power.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Power {
    /// For ever.
    On,
    /// For that many operations.
    OffAfter(u32),
    /// No.
    Off,
}

/// The error of everything that is asked of a disk without power.
pub fn gone() -> io::Error {
    io::Error::other("the power is off")
}

/// How much of what was not synced survives.
#[derive(Clone, Copy)]
enum Survives {
    Nothing,
    All,
    /// The first writes, in order.
    First(usize),
    /// Each part by itself, with this chance in 256.
    Parts(u32),
}

impl Survives {
    fn draw(chance: &mut ChaCha8Rng, writes: usize) -> Self {
        match chance.next_u32() % 6 {
            0 => Self::Nothing,
            1 => Self::All,
            2 => Self::First(chance.next_u32() as usize % (writes + 1)),
            _ => Self::Parts(chance.next_u32() % 256),
        }
    }

    fn part(self, number: usize, chance: &mut ChaCha8Rng) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::First(count) => number < count,
            Self::Parts(of_256) => chance.next_u32() % 256 < of_256,
        }
    }
}

impl Model {
    /// Counts an operation, and tells whether the power goes in its midst.
    pub fn power_goes(&mut self) -> bool {
        match &mut self.power {
            Power::On => false,
            Power::Off => true,
            Power::OffAfter(0) => {
                self.power = Power::Off;
                true
            }
            Power::OffAfter(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// Decides what has survived, and brings the power back.
    pub fn restart(&mut self) {
        let Self { chance, inodes, renamings, durable_names, .. } = self;
        let names = Survives::draw(chance, renamings.len());
        for (number, renaming) in renamings.drain(..).enumerate() {
            if names.part(number, chance) {
                renaming.apply(durable_names);
            }
        }
        for inode in &mut *inodes {
            inode.survive(chance);
        }
        self.names = self.durable_names.clone();
        self.process += 1;
        self.power = Power::On;
    }
}

impl Inode {
    fn survive(&mut self, chance: &mut ChaCha8Rng) {
        let survives = Survives::draw(chance, self.writes.len());
        for (number, write) in std::mem::take(&mut self.writes).into_iter().enumerate() {
            match (&write, survives) {
                (Write::Append { at, bytes }, Survives::Parts(_)) => {
                    self.tear(*at, bytes, survives, chance);
                }
                _ if survives.part(number, chance) => apply(&mut self.durable, &write),
                _ => {}
            }
        }
        self.seen = self.durable.clone();
    }

    /// An append of which each sector survives by itself, and the length too.
    fn tear(&mut self, at: usize, bytes: &[u8], survives: Survives, chance: &mut ChaCha8Rng) {
        if chance.next_u32().is_multiple_of(2) {
            self.lengthen(at + bytes.len(), chance);
        }
        let mut from = 0;
        while from < bytes.len() {
            let to = bytes.len().min((at + from) / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES - at);
            if survives.part(0, chance) {
                self.lengthen(at + to, chance);
                self.durable[at + from..at + to].copy_from_slice(&bytes[from..to]);
            }
            from = to;
        }
    }

    /// Makes the file longer by what was never written: zeros, or noise.
    fn lengthen(&mut self, length: usize, chance: &mut ChaCha8Rng) {
        let before = self.durable.len();
        if before < length {
            self.durable.resize(length, 0);
            if chance.next_u32().is_multiple_of(4) {
                chance.fill_bytes(&mut self.durable[before..]);
            }
        }
    }
}
