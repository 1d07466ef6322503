//! Sketches: what two sets have apart, for about as many bytes as that is.
//!
//! Rateless invertible Bloom lookup tables (Yang, Gilad and Alizadeh,
//! "Practical Rateless Set Reconciliation", SIGCOMM 2024). The elements of a
//! set are mapped to an endless row of coded symbols, the i-th of which sums up
//! each element with probability 1 / (1 + i/2). Whoever holds another set
//! subtracts its own symbols; what both hold falls out, and from 1.35 to 1.72
//! symbols for each difference the rest can be peeled off, however large the
//! sets are.
//!
//! An element is a keyed hash of an object and its state. The key is drawn anew
//! for each round: under a key known ahead somebody could make objects that
//! look alike.
//!
//! What this is not: proof. A false sketch leads to something being sent in
//! vain or not at all, which the roots show; it never leads to anything being
//! held.

use std::collections::VecDeque;
use std::hash::Hasher;

use siphasher::sip::SipHasher24;

use super::set::{ObjectId, State};

/// An object with its state, under the key of a round.
pub type Element = u64;

/// Bytes of a coded symbol.
pub const SYMBOL_BYTES: usize = 13;

/// The key of a round, see [`Key::element`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(pub u64);

/// The second half of the hash's key, which is no secret: "tern/skt".
const KEY_HALF: u64 = u64::from_be_bytes(*b"tern/skt");

impl Key {
    /// SipHash-2-4 of id ‖ state.
    pub fn element(self, id: &ObjectId, state: &State) -> Element {
        let mut hasher = SipHasher24::new_with_keys(self.0, KEY_HALF);
        hasher.write(id);
        hasher.write(state);
        hasher.finish()
    }
}

/// The check of an element: no XOR of other elements' checks but by chance
/// (the finaliser of SplitMix64, upper half).
const fn check(element: Element) -> u32 {
    let mut z = element;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 32) as u32
}

/// The symbols that sum up an element: section 4.2 of the paper.
struct Places {
    chance: u64,
    at: u64,
}

impl Places {
    const fn of(element: Element) -> Self {
        Self { chance: element, at: 0 }
    }

    /// To the next place. The numbers are those of IEEE 754 binary64, rounded
    /// to nearest.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounding is part of the definition, and beyond any sketch places saturate"
    )]
    fn advance(&mut self) {
        self.chance = self.chance.wrapping_mul(0xda94_2042_e4dd_58b5);
        let jump = 4_294_967_296.0 / (self.chance as f64 + 1.0).sqrt() - 1.0;
        let step = ((self.at as f64 + 1.5) * jump).ceil().max(1.0);
        self.at = self.at.saturating_add(step as u64);
    }
}

/// A coded symbol: sums over the elements that are mapped to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Symbol {
    sum: Element,
    check: u32,
    /// How many, modulo 256. Subtracted, -1 or 1 shows whose the one is.
    count: u8,
}

impl Symbol {
    fn add(&mut self, element: Element, count: u8) {
        self.sum ^= element;
        self.check ^= check(element);
        self.count = self.count.wrapping_add(count);
    }

    fn subtract(&mut self, other: Self) {
        self.sum ^= other.sum;
        self.check ^= other.check;
        self.count = self.count.wrapping_sub(other.count);
    }

    /// Appends sum, check and count, little-endian.
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.sum.to_le_bytes());
        bytes.extend_from_slice(&self.check.to_le_bytes());
        bytes.push(self.count);
    }

    fn read(bytes: &[u8; SYMBOL_BYTES]) -> Self {
        let (mut sum, mut check) = ([0; 8], [0; 4]);
        sum.copy_from_slice(&bytes[..8]);
        check.copy_from_slice(&bytes[8..12]);
        Self {
            sum: Element::from_le_bytes(sum),
            check: u32::from_le_bytes(check),
            count: bytes[12],
        }
    }
}

/// Symbols `from` up to but not including `to` of a set.
fn coded(elements: &[Element], from: usize, to: usize) -> Vec<Symbol> {
    let mut symbols = vec![Symbol::default(); to.saturating_sub(from)];
    for element in elements {
        let mut places = Places::of(*element);
        while places.at < to as u64 {
            if let Some(symbol) =
                (places.at as usize).checked_sub(from).and_then(|place| symbols.get_mut(place))
            {
                symbol.add(*element, 1);
            }
            places.advance();
        }
    }
    symbols
}

/// Symbols `from` up to but not including `to` of a set, as they are sent.
/// Takes some 100 ns for each element.
pub fn symbols(elements: &[Element], from: usize, to: usize) -> Vec<u8> {
    let symbols = coded(elements, from, to);
    let mut bytes = Vec::with_capacity(symbols.len() * SYMBOL_BYTES);
    symbols.into_iter().for_each(|symbol| symbol.write(&mut bytes));
    bytes
}

/// What was peeled off.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Difference {
    /// Elements of this side alone.
    pub ours: Vec<Element>,
    /// Elements of the other side alone.
    pub theirs: Vec<Element>,
}

/// Symbols of the other side with ours subtracted, and what was peeled off.
#[derive(Clone, Debug)]
pub struct Decoder {
    own: Vec<Element>,
    symbols: Vec<Symbol>,
    found: Difference,
}

impl Decoder {
    /// Over a snapshot of our own set.
    pub const fn new(own: Vec<Element>) -> Self {
        Self {
            own,
            symbols: Vec::new(),
            found: Difference { ours: Vec::new(), theirs: Vec::new() },
        }
    }

    /// How many symbols were taken.
    pub const fn taken(&self) -> usize {
        self.symbols.len()
    }

    /// Takes the symbols that follow those taken before, and peels.
    pub fn take(&mut self, theirs: &[u8]) {
        let (theirs, _) = theirs.as_chunks::<SYMBOL_BYTES>();
        let (from, to) = (self.symbols.len(), self.symbols.len() + theirs.len());
        let mut own = coded(&self.own, from, to);
        // What was peeled off before is taken out of these too.
        for (elements, count) in [(&self.found.ours, u8::MAX), (&self.found.theirs, 1)] {
            for (symbol, part) in own.iter_mut().zip(coded(elements, from, to)) {
                symbol.sum ^= part.sum;
                symbol.check ^= part.check;
                symbol.count = symbol.count.wrapping_add(part.count.wrapping_mul(count));
            }
        }
        self.symbols.extend(theirs.iter().zip(own).map(|(theirs, own)| {
            let mut symbol = Symbol::read(theirs);
            symbol.subtract(own);
            symbol
        }));
        self.peel(from);
    }

    fn peel(&mut self, from: usize) {
        let mut pure: VecDeque<usize> = (from..self.symbols.len()).collect();
        while let Some(place) = pure.pop_front() {
            let symbol = self.symbols[place];
            if check(symbol.sum) != symbol.check {
                continue;
            }
            let found = match symbol.count {
                1 => &mut self.found.theirs,
                u8::MAX => &mut self.found.ours,
                _ => continue,
            };
            found.push(symbol.sum);
            // No more can be true; a false sketch could go on for ever.
            if self.found.ours.len() + self.found.theirs.len() > self.symbols.len() {
                return;
            }
            let mut places = Places::of(symbol.sum);
            while let Some(at) =
                usize::try_from(places.at).ok().filter(|at| *at < self.symbols.len())
            {
                self.symbols[at].add(symbol.sum, symbol.count.wrapping_neg());
                pure.push_back(at);
                places.advance();
            }
        }
    }

    /// The whole difference, if all of it was peeled off: every element is in
    /// the first symbol.
    pub fn decoded(&self) -> Option<&Difference> {
        self.symbols.first().is_some_and(|first| *first == Symbol::default()).then_some(&self.found)
    }

    /// About how many elements differ, by how far the counts are apart: those
    /// of the i-th symbol have a variance of that number / (1 + i/2), around
    /// the same part of `surplus`, by which their set is larger than ours.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and bounded by the symbols' counts"
    )]
    pub fn estimate(&self, surplus: i64) -> usize {
        // The first counts are likely to have wrapped.
        let skipped = self.symbols.len().min(64) / 8;
        let left = surplus as f64 - self.found.theirs.len() as f64 + self.found.ours.len() as f64;
        let (sum, number) = self.symbols.iter().enumerate().skip(skipped).fold(
            (0.0, 0.0),
            |(sum, number), (i, s)| {
                let part = 1.0 / (1.0 + i as f64 / 2.0);
                let apart = f64::from(s.count.cast_signed()) - left * part;
                (sum + apart * apart / part, number + 1.0)
            },
        );
        let left = if number > 0.0 { (sum / number).max(left.abs()) } else { left.abs() };
        left as usize + self.found.ours.len() + self.found.theirs.len()
    }
}

#[cfg(test)]
mod tests;
