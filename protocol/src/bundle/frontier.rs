//! The frontier: what the writer of a bundle held, in 8 bytes an object.
//!
//! Elements are made under the bundle's own key, so that nobody can make two
//! objects ahead of time that look alike in it. It is a hint: whoever believes
//! a false one sends something later than it could, and loses nothing.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use tern_crdt::identity::digest;

use super::part::Part;
use crate::limits::{FRONTIER_ELEMENTS_MAX, FRONTIER_PART_MAX};
use crate::meeting::set::{ObjectId, SetId, State};

/// An object with its state, as a frontier names it.
pub type Element = [u8; 8];

/// The element of an object in the bundle with this key.
pub fn element(key: &[u8; 32], id: &ObjectId, state: &State) -> Element {
    let whole = digest("tern/bundle-element/v1", &[key, id, state]);
    let mut element = [0; 8];
    element.copy_from_slice(&whole[..8]);
    element
}

/// How two nodes that write for each other tell their frontiers: each names only
/// what is new since the last one that the other has, so that little is told
/// where little changed.
///
/// The bundle that names all begins a row: the elements of every bundle of the
/// row are made under its key, and what is told adds up.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Told {
    /// The counter of the writer's bundle behind which the elements of this one
    /// are new; `None` if they are all.
    #[n(0)]
    pub since: Option<u64>,
    /// The counter of the last bundle of the reader of which the writer has the
    /// frontier.
    #[n(1)]
    pub have: Option<u64>,
    /// Elements of what the writer holds, 8 bytes each, joined, at most
    /// [`FRONTIER_PART_MAX`](crate::limits::FRONTIER_PART_MAX) of them.
    #[n(2)]
    pub elements: ByteVec,
    /// Whether the writer holds all that the reader told up to `have`: then that
    /// is not told back.
    #[n(3)]
    pub all: bool,
}

/// What a writer held. See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    sets: BTreeMap<u8, Vec<Element>>,
    count: usize,
    /// Whether everything may be asked about.
    sorted: bool,
}

impl Frontier {
    /// Adds an object that is held.
    pub fn add(&mut self, set: SetId, element: Element) {
        self.sets.entry(set as u8).or_default().push(element);
        self.count += 1;
        self.sorted = false;
    }

    /// Takes in a part of somebody's frontier. Beyond
    /// [`FRONTIER_ELEMENTS_MAX`] nothing is remembered.
    pub fn take(&mut self, set: u8, elements: &[u8]) {
        let (elements, _) = elements.as_chunks::<8>();
        let room = FRONTIER_ELEMENTS_MAX.saturating_sub(self.count);
        let taken = &elements[..elements.len().min(room)];
        if !taken.is_empty() {
            self.sets.entry(set).or_default().extend_from_slice(taken);
            self.count += taken.len();
            self.sorted = false;
        }
    }

    /// Everything was added: it can be asked, and written.
    pub fn finish(&mut self) {
        self.sets.values_mut().for_each(|elements| elements.sort_unstable());
        self.sorted = true;
    }

    /// Whether an object is among what was held. Before
    /// [`finish`](Self::finish) nothing is.
    pub fn has(&self, set: SetId, element: &Element) -> bool {
        let of_set = self.sets.get(&(set as u8)).filter(|_| self.sorted);
        of_set.is_some_and(|elements| elements.binary_search(element).is_ok())
    }

    /// How many objects of each set.
    pub fn counts(&self) -> Vec<(u8, u64)> {
        self.sets.iter().map(|(set, elements)| (*set, elements.len() as u64)).collect()
    }

    /// The parts in which it is written.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        self.sets.iter().flat_map(|(set, elements)| {
            elements
                .chunks(FRONTIER_PART_MAX)
                .map(|part| Part::Frontier { set: *set, elements: part.concat().into() })
        })
    }
}
