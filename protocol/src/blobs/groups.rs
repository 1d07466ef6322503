//! Which groups of a blob are there: a bit for each.

use super::{GROUP_BYTES, Part, Shape};

/// A set of groups of one blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Groups {
    words: Vec<u64>,
    count: u32,
    held: u32,
}

impl Groups {
    /// None of a blob.
    pub fn none(shape: Shape) -> Self {
        let count = shape.groups();
        Self { words: vec![0; count.div_ceil(64) as usize], count, held: 0 }
    }

    /// All of a blob.
    pub fn all(shape: Shape) -> Self {
        let mut groups = Self::none(shape);
        (0..groups.count).for_each(|group| groups.insert(group));
        groups
    }

    /// Reads the bits that [`to_bytes`](Self::to_bytes) wrote; `None` if they
    /// are of another size, or name groups that the blob does not have.
    pub fn read(shape: Shape, bytes: &[u8]) -> Option<Self> {
        let mut groups = Self::none(shape);
        if bytes.len() != groups.count.div_ceil(8) as usize {
            return None;
        }
        for (at, byte) in (0..).zip(bytes) {
            for group in (0..8).filter(|bit| byte >> bit & 1 == 1).map(|bit| at * 8 + bit) {
                if group >= groups.count {
                    return None;
                }
                groups.insert(group);
            }
        }
        Some(groups)
    }

    /// A bit for each group, the lowest first, in whole bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.count.div_ceil(8) as usize).collect()
    }

    /// Whether a group is there.
    pub fn contains(&self, group: u32) -> bool {
        self.words.get(group as usize / 64).is_some_and(|word| word >> (group % 64) & 1 == 1)
    }

    /// It is there. One that the blob does not have is left out.
    pub fn insert(&mut self, group: u32) {
        if group < self.count && !self.contains(group) {
            self.words[group as usize / 64] |= 1 << (group % 64);
            self.held += 1;
        }
    }

    /// It is not there.
    pub fn remove(&mut self, group: u32) {
        if self.contains(group) {
            self.words[group as usize / 64] &= !(1 << (group % 64));
            self.held -= 1;
        }
    }

    /// How many are there.
    pub const fn len(&self) -> u32 {
        self.held
    }

    /// Whether none is.
    pub const fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Whether all are.
    pub const fn is_whole(&self) -> bool {
        self.held == self.count
    }

    /// How many bytes of a blob they are.
    pub fn bytes(&self, shape: Shape) -> u64 {
        let last = shape.groups() - 1;
        let length = shape.length(Part::Bytes(last)).unwrap_or(0);
        let short = if self.contains(last) { GROUP_BYTES - length } else { 0 };
        u64::from(self.held) * GROUP_BYTES as u64 - short as u64
    }

    /// Those of `other` that are not here, from `first` on.
    pub fn lacking<'a>(&'a self, other: &'a Self, first: u32) -> impl Iterator<Item = u32> + 'a {
        let words = self.words.iter().zip(&other.words).map(|(mine, theirs)| theirs & !mine);
        let from = first as usize / 64;
        (0_u32..).zip(words).skip(from).flat_map(move |(at, word)| {
            let bits =
                (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit);
            bits.filter(move |group| *group >= first)
        })
    }

    /// The first that is not there.
    pub fn first_lacking(&self) -> Option<u32> {
        let full = self.words.iter().take_while(|word| **word == u64::MAX).count() as u32;
        (full * 64..self.count).find(|group| !self.contains(*group))
    }
}
