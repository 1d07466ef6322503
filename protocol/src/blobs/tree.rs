//! The hashes inside a blob, by which each group of it is verified alone.
//!
//! BLAKE3 hashes chunks of 1 KiB and joins them in a binary tree whose left
//! side is always full. So every run of 16 chunks that begins at a multiple of
//! 16 is a subtree, and so is every run of 512 of these: a *group* and a
//! *section*. Of the tree two levels are told, each as a plain list of
//! chaining values of 32 bytes:
//!
//! ```text
//! hash ── list of sections (a blob above 8 MiB) ── list of groups, for each
//!         section (a section above 16 KiB) ── the bytes of each group
//! ```
//!
//! A list is verified by joining it to the value above it, the bytes of a
//! group by hashing them at their place. No part is longer than 16 KiB, and
//! the lists together are a five-hundredth of the bytes.
//!
//! The BLAKE3 paper, section 2; `blake3::hazmat` says which runs are subtrees.

use std::ops::Range;

use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use tern_crdt::practice::BlobHash;

use super::Groups;
use crate::limits::BLOB_BYTES_MAX;

/// A group of bytes that is verified by itself.
pub const GROUP_BYTES: usize = 16 * 1024;
/// The groups of a full section.
pub const SECTION_GROUPS: u32 = 512;
/// The longest part: a group, or a full list.
pub const PART_BYTES_MAX: usize = GROUP_BYTES;
/// A chaining value in a list.
pub const VALUE_BYTES: usize = 32;

const _: () = assert!(SECTION_GROUPS as usize * VALUE_BYTES == PART_BYTES_MAX);
// The list of sections is one part as well.
const _: () = assert!(
    BLOB_BYTES_MAX <= (GROUP_BYTES as u64) * (SECTION_GROUPS as u64) * (SECTION_GROUPS as u64)
);

type Value = [u8; VALUE_BYTES];

/// What can be asked for and is verified by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The list of sections.
    Sections,
    /// The list of groups of a section.
    Groups(u32),
    /// The bytes of a group.
    Bytes(u32),
}

/// The size of a blob, and what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape(u64);

impl Shape {
    /// Of a blob of so many bytes, up to [`BLOB_BYTES_MAX`].
    pub fn of(bytes: u64) -> Option<Self> {
        (bytes <= BLOB_BYTES_MAX).then_some(Self(bytes))
    }

    /// How many bytes it has.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// How many groups; no bytes are one empty group.
    pub fn groups(self) -> u32 {
        let groups = self.0.div_ceil(GROUP_BYTES as u64).max(1);
        u32::try_from(groups).expect("a shape is bounded")
    }

    /// How many sections.
    pub fn sections(self) -> u32 {
        self.groups().div_ceil(SECTION_GROUPS)
    }

    /// The groups of a section.
    pub fn section(self, section: u32) -> Range<u32> {
        let first = section.saturating_mul(SECTION_GROUPS).min(self.groups());
        first..first.saturating_add(SECTION_GROUPS).min(self.groups())
    }

    /// Where a group begins.
    pub fn begins(self, group: u32) -> u64 {
        u64::from(group) * GROUP_BYTES as u64
    }

    /// How many bytes a part has; `None` if the blob has no such part.
    pub fn length(self, part: Part) -> Option<usize> {
        match part {
            Part::Sections => {
                (self.sections() > 1).then_some(self.sections() as usize * VALUE_BYTES)
            }
            Part::Groups(section) => {
                let groups = self.section(section).len();
                (groups > 1).then_some(groups * VALUE_BYTES)
            }
            Part::Bytes(group) if group < self.groups() => {
                let rest = self.0 - self.begins(group);
                Some(usize::try_from(rest).map_or(GROUP_BYTES, |rest| rest.min(GROUP_BYTES)))
            }
            Part::Bytes(_) => None,
        }
    }

    /// Where a list stands when all lists stand one behind the other, as they
    /// are kept: the sections, if there are several, then their groups.
    pub fn list_begins(self, part: Part) -> Option<u64> {
        self.length(part)?;
        let sections = self.length(Part::Sections).unwrap_or(0) as u64;
        match part {
            Part::Sections => Some(0),
            Part::Groups(section) => {
                let before = u64::from(section) * u64::from(SECTION_GROUPS) * VALUE_BYTES as u64;
                Some(sections + before)
            }
            Part::Bytes(_) => None,
        }
    }

    /// The bytes of all lists together. A last section of one group has a place,
    /// but no list.
    pub fn lists_length(self) -> u64 {
        let sections = self.length(Part::Sections).unwrap_or(0) as u64;
        let groups = if self.groups() > 1 { u64::from(self.groups()) } else { 0 };
        sections + groups * VALUE_BYTES as u64
    }
}

/// What is known of the inside of a blob. Everything in it was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tree {
    hash: BlobHash,
    shape: Shape,
    sections: Option<Vec<Value>>,
    groups: Vec<Option<Box<[Value]>>>,
}

impl Tree {
    /// Nothing but hash and size.
    pub fn unknown(hash: BlobHash, shape: Shape) -> Self {
        Self { hash, shape, sections: None, groups: vec![None; shape.sections() as usize] }
    }

    /// What fits of lists that were kept.
    pub fn read(hash: BlobHash, shape: Shape, lists: &[u8]) -> Self {
        let mut tree = Self::unknown(hash, shape);
        let parts = [Part::Sections].into_iter().chain((0..shape.sections()).map(Part::Groups));
        for part in parts {
            let Some(begins) = shape.list_begins(part).and_then(|at| usize::try_from(at).ok())
            else {
                continue;
            };
            let length = shape.length(part).unwrap_or(0);
            if let Some(list) = lists.get(begins..begins.saturating_add(length)) {
                tree.take(part, list);
            }
        }
        tree
    }

    /// The blob's hash.
    pub const fn hash(&self) -> BlobHash {
        self.hash
    }

    /// The blob's size.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The list that has to be known before bytes of a section can be verified.
    pub fn lacks(&self, section: u32) -> Option<Part> {
        if self.shape.sections() > 1 && self.sections.is_none() {
            return Some(Part::Sections);
        }
        let list = Part::Groups(section);
        let known = self.groups.get(section as usize).is_some_and(Option::is_some);
        (self.shape.length(list).is_some() && !known).then_some(list)
    }

    /// Keeps a list if it is what the hash says; returns whether it is. What it
    /// hangs on has to be [known](Self::lacks).
    pub fn take(&mut self, part: Part, list: &[u8]) -> bool {
        if self.shape.length(part) != Some(list.len()) {
            return false;
        }
        let values: Vec<Value> = list.as_chunks().0.to_vec();
        match part {
            Part::Sections => {
                let fits = root(&values) == self.hash.0;
                if fits {
                    self.sections = Some(values);
                }
                fits
            }
            Part::Groups(section) => {
                let fits = if self.shape.sections() == 1 {
                    root(&values) == self.hash.0
                } else {
                    self.section(section) == Some(join(&values))
                };
                if fits {
                    self.groups[section as usize] = Some(values.into());
                }
                fits
            }
            Part::Bytes(_) => false,
        }
    }

    /// Whether these are the bytes of a group; `false` also if what they hang
    /// on is not known.
    pub fn fits(&self, group: u32, bytes: &[u8]) -> bool {
        if self.shape.length(Part::Bytes(group)) != Some(bytes.len()) {
            return false;
        }
        if self.shape.groups() == 1 {
            return *blake3::hash(bytes).as_bytes() == self.hash.0;
        }
        let (section, within) = (group / SECTION_GROUPS, (group % SECTION_GROUPS) as usize);
        let value = if self.shape.section(section).len() == 1 {
            self.section(section)
        } else {
            let list = self.groups.get(section as usize).and_then(Option::as_ref);
            list.and_then(|list| list.get(within).copied())
        };
        value == Some(value_of(group, bytes))
    }

    /// A list that is known.
    pub fn list(&self, part: Part) -> Option<Vec<u8>> {
        match part {
            Part::Sections => Some(self.sections.as_ref()?.concat()),
            Part::Groups(section) => Some(self.groups.get(section as usize)?.as_ref()?.concat()),
            Part::Bytes(_) => None,
        }
    }

    fn section(&self, section: u32) -> Option<Value> {
        self.sections.as_ref()?.get(section as usize).copied()
    }

    /// The groups whose bytes can be verified now.
    pub fn verifiable(&self) -> Groups {
        let mut groups = Groups::none(self.shape);
        let sections = (0..self.shape.sections()).filter(|section| self.lacks(*section).is_none());
        sections.flat_map(|section| self.shape.section(section)).for_each(|g| groups.insert(g));
        groups
    }
}

/// Hashes a blob that comes piece by piece.
#[derive(Debug, Default)]
pub struct Hashing {
    values: Vec<Value>,
    group: Vec<u8>,
    bytes: u64,
}

impl Hashing {
    /// The next bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            if self.group.len() == GROUP_BYTES {
                self.close();
            }
            let (now, later) = bytes.split_at(bytes.len().min(GROUP_BYTES - self.group.len()));
            self.group.extend_from_slice(now);
            bytes = later;
        }
    }

    fn close(&mut self) {
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value_of(number, &self.group));
        self.group.clear();
    }

    /// All of it was there: the hash, and its lists as they are
    /// [kept](Shape::list_begins). `None` if it is longer than a blob may be.
    pub fn finish(mut self) -> Option<(BlobHash, Shape, Vec<u8>)> {
        let shape = Shape::of(self.bytes)?;
        if self.values.is_empty() {
            return Some((BlobHash(*blake3::hash(&self.group).as_bytes()), shape, Vec::new()));
        }
        self.close();
        if shape.sections() == 1 {
            return Some((BlobHash(root(&self.values)), shape, self.values.concat()));
        }
        let sections: Vec<Value> = self.values.chunks(SECTION_GROUPS as usize).map(join).collect();
        let hash = BlobHash(root(&sections));
        Some((hash, shape, [sections.concat(), self.values.concat()].concat()))
    }
}

/// The chaining value of a group that is not the whole blob.
fn value_of(group: u32, bytes: &[u8]) -> Value {
    let begins = u64::from(group) * GROUP_BYTES as u64;
    blake3::Hasher::new().set_input_offset(begins).update(bytes).finalize_non_root()
}

/// How many of `count` leaves, which are at least two, are to the left.
const fn left(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// The chaining value over neighbours; there is at least one.
fn join(values: &[Value]) -> Value {
    if let [value] = values {
        return *value;
    }
    let (left, right) = values.split_at(left(values.len()));
    merge_subtrees_non_root(&join(left), &join(right), Mode::Hash)
}

/// The hash over neighbours that are all; there are at least two.
fn root(values: &[Value]) -> Value {
    let (left, right) = values.split_at(left(values.len()));
    *merge_subtrees_root(&join(left), &join(right), Mode::Hash).as_bytes()
}
