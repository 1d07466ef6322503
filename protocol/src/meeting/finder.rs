//! The side that finds what the two have apart in a set, from what the
//! [teller](super::teller) tells, and says it.
//!
//! At first it looks at the whole set. If so much is apart that this would take
//! more than [`SYMBOLS_MAX`] symbols, it goes on bucket by bucket, each of which
//! is pushed and held by itself: what a cut link leaves done need not be done
//! again. Of a bucket it asks for symbols, or for the names of all that is in
//! it where these are shorter.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::pushing::Pushing;
use super::recognising::{Recognised, recognise};
use super::set::{EMPTY, ObjectId, PartId, Range, SetId};
use super::sketch::{Decoder, Difference, Element, Key, SYMBOL_BYTES};
use super::view::View;
use super::{Broken, Violation, answer, elements};
use crate::limits::{ASKED_BYTES_MAX, BUCKET_SYMBOLS_MAX, NAMES_MAX, SYMBOL_ASKS_MAX, SYMBOLS_MAX};
use crate::message::Message;
use crate::store::{Store, StoreError};

/// Symbols that are asked for when nothing is known: enough for one practice
/// that has changed.
const FIRST_ASKED: usize = 10;
/// Symbols that are asked for after that, at least.
const NEXT_ASKED: usize = 24;
/// From so many symbols an estimate is worth trusting with many more.
const FIRM_SYMBOLS: usize = 128;
/// So many are asked for in vain on an estimate from fewer, and no more.
const ROUGH_SYMBOLS_MAX: usize = 512;

/// A range that the teller is asked about.
#[derive(Debug)]
struct Asked {
    decoder: Decoder,
    asks: u32,
    /// Bytes that were asked for and did not come yet.
    due: usize,
    /// The names heard so far, when it is asked by name.
    names: Option<Vec<Element>>,
}

/// What is to be said.
#[derive(Debug)]
enum Say {
    Ready(Message),
    Parts(ObjectId),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Finder {
    set: SetId,
    key: Key,
    /// By how much the teller's set is larger than ours.
    surplus: i64,
    asked: BTreeMap<Range, Asked>,
    /// Buckets that differ and were not asked about.
    buckets: VecDeque<u8>,
    /// Whether the teller was asked for its bucket hashes.
    dividing: bool,
    /// About how much is apart in each bucket.
    in_bucket: usize,
    /// What was said to be held here in a range and waits for the answer.
    waiting: BTreeMap<Range, Vec<ObjectId>>,
    /// Objects of which the teller names its parts next.
    expected: BTreeSet<ObjectId>,
    say: VecDeque<Say>,
    finished: bool,
    /// Objects that the teller holds and this side lacks, or holds otherwise.
    pub we_lack: u64,
}

impl Finder {
    /// Begins with the symbols that the greeting told, if any.
    pub fn new<S: Store>(
        library: &View<'_, S>,
        set: SetId,
        key: Key,
        count: u64,
        told: &[u8],
        pushing: &mut Pushing,
    ) -> Result<Self, StoreError> {
        let surplus = count.cast_signed().saturating_sub(library.set(set).count().cast_signed());
        let mut finder = Self {
            set,
            key,
            surplus,
            asked: BTreeMap::new(),
            buckets: VecDeque::new(),
            dividing: false,
            in_bucket: 0,
            waiting: BTreeMap::new(),
            expected: BTreeSet::new(),
            say: VecDeque::new(),
            finished: false,
            we_lack: 0,
        };
        let apart = usize::try_from(surplus.unsigned_abs()).unwrap_or(usize::MAX);
        if needed(apart) > SYMBOLS_MAX {
            finder.divide(apart);
        } else {
            let decoder = Decoder::new(elements(library.set(set), key, Range::Whole));
            let asked = Asked { decoder, asks: 0, due: told.len(), names: None };
            finder.asked.insert(Range::Whole, asked);
            finder.take(library, Range::Whole, told, pushing)?;
        }
        Ok(finder)
    }

    /// Whether everything was said and heard, but for what is pushed.
    pub fn is_over(&self) -> bool {
        self.finished && self.say.is_empty() && self.waiting.is_empty() && self.expected.is_empty()
    }

    fn divide(&mut self, apart: usize) {
        self.dividing = true;
        self.in_bucket = apart / 256 + 1;
        self.say.push_back(Say::Ready(Message::Divide { set: self.set as u8 }));
    }

    /// The teller tells symbols.
    pub fn symbols<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        symbols: &[u8],
        pushing: &mut Pushing,
    ) -> Result<(), Broken> {
        let expected = self.asked.get(&range).filter(|asked| asked.names.is_none());
        if expected.is_none_or(|asked| asked.due != symbols.len()) {
            return Err("symbols that nobody asked for".into());
        }
        Ok(self.take(library, range, symbols, pushing)?)
    }

    fn take<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        symbols: &[u8],
        pushing: &mut Pushing,
    ) -> Result<(), StoreError> {
        let Some(asked) = self.asked.get_mut(&range) else { return Ok(()) };
        asked.due = 0;
        asked.decoder.take(symbols);
        if let Some(found) = asked.decoder.decoded() {
            let found = found.clone();
            self.found(library, range, &found, pushing)?;
        } else {
            self.ask_on(library, range);
        }
        self.go_on(library);
        Ok(())
    }

    /// What was told of a range is not enough.
    fn ask_on<S: Store>(&mut self, library: &View<'_, S>, range: Range) {
        let Some(asked) = self.asked.get_mut(&range) else { return };
        let taken = asked.decoder.taken();
        match range {
            Range::Whole => {
                let apart = asked.decoder.estimate(self.surplus);
                let few = asked.asks + 1 < SYMBOL_ASKS_MAX;
                match in_all(taken, apart).filter(|_| few) {
                    Some(whole) => self.ask(range, whole - taken),
                    None => {
                        self.asked.clear();
                        self.divide(apart);
                    }
                }
            }
            Range::Bucket(bucket) => {
                let held = library.set(self.set).range(Range::Bucket(bucket)).count();
                let wanted = if taken == 0 { needed(self.in_bucket) } else { taken };
                let by_name = (held + self.in_bucket) * 8 <= wanted * SYMBOL_BYTES;
                let most = asked.asks + 2 >= SYMBOL_ASKS_MAX || taken + wanted > BUCKET_SYMBOLS_MAX;
                if by_name || most {
                    asked.names = Some(Vec::new());
                    self.ask(range, 0);
                } else {
                    self.ask(range, wanted);
                }
            }
        }
    }

    fn ask(&mut self, range: Range, symbols: usize) {
        let Some(asked) = self.asked.get_mut(&range) else { return };
        asked.asks += 1;
        asked.due = symbols * SYMBOL_BYTES;
        let (set, range) = (self.set as u8, range.number());
        let number = u32::try_from(symbols).unwrap_or(u32::MAX);
        self.say.push_back(Say::Ready(Message::More { set, range, symbols: number }));
    }

    /// The teller tells the hashes of its buckets.
    pub fn buckets<S: Store>(
        &mut self,
        library: &View<'_, S>,
        hashes: &[u8],
        pushing: &mut Pushing,
    ) -> Result<(), Broken> {
        if !std::mem::replace(&mut self.dividing, false) {
            return Err("hashes of buckets that nobody asked for".into());
        }
        let (hashes, _) = hashes.as_chunks::<16>();
        let set = library.set(self.set);
        for (bucket, theirs) in (0..=u8::MAX).zip(hashes) {
            let (ours, range) = (set.bucket_hash(bucket), Range::Bucket(bucket));
            if ours == *theirs {
                continue;
            }
            if *theirs == EMPTY {
                set.range(range).for_each(|(id, _)| pushing.add(*id, Vec::new()));
            } else if ours == EMPTY {
                let (set, range) = (self.set as u8, range.number());
                self.say.push_back(Say::Ready(Message::Everything { set, range }));
            } else {
                self.buckets.push_back(bucket);
            }
        }
        self.go_on(library);
        Ok(())
    }

    /// The teller names what it holds of a bucket, ascending.
    pub fn names<S: Store>(
        &mut self,
        library: &View<'_, S>,
        bucket: u8,
        names: &[u8],
        last: bool,
        pushing: &mut Pushing,
    ) -> Result<(), Broken> {
        let range = Range::Bucket(bucket);
        let heard = self.asked.get_mut(&range).and_then(|asked| asked.names.as_mut());
        let Some(heard) = heard else { return Err("names that nobody asked for".into()) };
        let (names, _) = names.as_chunks::<8>();
        heard.extend(names.iter().map(|name| Element::from_be_bytes(*name)));
        if heard.len() > NAMES_MAX || !heard.is_sorted() {
            return Err("names out of order, or too many".into());
        }
        if last {
            let heard = std::mem::take(heard);
            let mut ours = elements(library.set(self.set), self.key, range);
            ours.sort_unstable();
            let without = |one: &[Element], other: &[Element]| {
                let alone = one.iter().filter(|name| other.binary_search(name).is_err());
                alone.copied().collect()
            };
            let found = Difference { ours: without(&ours, &heard), theirs: without(&heard, &ours) };
            self.found(library, range, &found, pushing)?;
            self.go_on(library);
        }
        Ok(())
    }

    /// Asks about further buckets, or says that all is told.
    fn go_on<S: Store>(&mut self, library: &View<'_, S>) {
        while !self.buckets.is_empty() && self.outstanding(library) < ASKED_BYTES_MAX {
            let Some(bucket) = self.buckets.pop_front() else { break };
            let range = Range::Bucket(bucket);
            let set = library.set(self.set);
            // It may have become empty meanwhile.
            if set.range(range).next().is_none() {
                let (set, range) = (self.set as u8, range.number());
                self.say.push_back(Say::Ready(Message::Everything { set, range }));
                continue;
            }
            let decoder = Decoder::new(elements(set, self.key, range));
            self.asked.insert(range, Asked { decoder, asks: 0, due: 0, names: None });
            self.ask_on(library, range);
        }
        let idle = self.asked.is_empty() && self.buckets.is_empty() && !self.dividing;
        if idle && !std::mem::replace(&mut self.finished, true) {
            self.say.push_back(Say::Ready(Message::Told { set: self.set as u8 }));
        }
    }

    /// Bytes that were asked for and did not come yet.
    fn outstanding<S: Store>(&self, library: &View<'_, S>) -> usize {
        let due = |(range, asked): (&Range, &Asked)| match asked.names {
            Some(_) => library.set(self.set).range(*range).count() * 8,
            None => asked.due,
        };
        self.asked.iter().map(due).sum()
    }

    /// A range is done: what is apart is known.
    fn found<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        found: &Difference,
        pushing: &mut Pushing,
    ) -> Result<(), StoreError> {
        self.asked.remove(&range);
        let mut ours = found.ours.clone();
        ours.sort_unstable();
        let mut theirs: BTreeSet<Element> = found.theirs.iter().copied().collect();
        let held = library.set(self.set).range(range);
        let alone: Vec<(ObjectId, Element)> = held
            .map(|(id, state)| (*id, self.key.element(id, state)))
            .filter(|(_, element)| ours.binary_search(element).is_ok())
            .collect();
        let mut unknown = Vec::new();
        for (id, element) in alone {
            let known = |element| theirs.contains(&element);
            match recognise(library, self.set, &id, self.key, known)? {
                Some(Recognised::Earlier(earlier, has)) => {
                    theirs.remove(&earlier);
                    pushing.add(id, has);
                }
                Some(Recognised::Later) => {}
                None => unknown.push((id, element)),
            }
        }
        self.we_lack += theirs.len() as u64;
        // If the teller has nothing that is unknown here, it lacks these.
        if theirs.is_empty() {
            unknown.drain(..).for_each(|(id, _)| pushing.add(id, Vec::new()));
        }
        let lacks = theirs.iter().flat_map(|element| first4(&element.to_be_bytes()));
        let has = unknown
            .iter()
            .flat_map(|(id, element)| first4(id).into_iter().chain(first4(&element.to_be_bytes())));
        self.say.push_back(Say::Ready(Message::Difference {
            set: self.set as u8,
            range: range.number(),
            lacks: lacks.collect::<Vec<u8>>().into(),
            has: has.collect::<Vec<u8>>().into(),
        }));
        if !unknown.is_empty() {
            self.waiting.insert(range, unknown.into_iter().map(|(id, _)| id).collect());
        }
        Ok(())
    }

    /// The teller answers what it was told to be held here.
    pub fn answers(
        &mut self,
        range: Range,
        answers: &[u8],
        pushing: &mut Pushing,
    ) -> Result<(), Violation> {
        let waiting = self.waiting.remove(&range).unwrap_or_default();
        if waiting.is_empty() || waiting.len() != answers.len() {
            return Err("answers that nobody waits for".into());
        }
        for (id, given) in waiting.into_iter().zip(answers) {
            match *given {
                answer::NOTHING => {}
                answer::ALL => pushing.add(id, Vec::new()),
                answer::PARTS if matches!(self.set, SetId::Public | SetId::Drafts) => {
                    self.expected.insert(id);
                }
                _ => return Err("an answer that means nothing".into()),
            }
        }
        Ok(())
    }

    /// The teller names its parts of an object; ours are named in turn.
    pub fn parts(
        &mut self,
        object: ObjectId,
        has: Vec<PartId>,
        pushing: &mut Pushing,
    ) -> Result<(), Violation> {
        if !self.expected.remove(&object) {
            return Err("parts of an object that nobody expects".into());
        }
        pushing.add(object, has);
        self.say.push_back(Say::Parts(object));
        Ok(())
    }

    /// The next message, if one is due.
    pub fn next<S: Store>(&mut self, library: &View<'_, S>) -> Result<Option<Message>, StoreError> {
        Ok(match self.say.pop_front() {
            None => None,
            Some(Say::Ready(message)) => Some(message),
            Some(Say::Parts(object)) => Some(library.parts(self.set, &object)?),
        })
    }
}

/// How many symbols of a whole set to have in all, where those taken were not
/// enough; `None` if that is too many. While few were taken, `apart` may be
/// half of what is, or twice as much.
fn in_all(taken: usize, apart: usize) -> Option<usize> {
    if taken == 0 {
        return Some(needed(apart).max(FIRST_ASKED));
    }
    let whole = needed(apart).max(taken + taken / 4).max(taken + NEXT_ASKED);
    let doubtful = ROUGH_SYMBOLS_MAX..4 * SYMBOLS_MAX;
    if taken < FIRM_SYMBOLS && doubtful.contains(&whole) {
        return Some(taken + FIRM_SYMBOLS);
    }
    (whole <= SYMBOLS_MAX).then_some(whole)
}

/// How many symbols are enough for so many differences, nineteen times of
/// twenty (measured; the mean is 1.35 to 1.72 for each).
pub(super) const fn needed(apart: usize) -> usize {
    apart.saturating_add(apart / 5 * 2).saturating_add(2 * apart.isqrt()).saturating_add(8)
}

fn first4(bytes: &[u8]) -> [u8; 4] {
    let mut first = [0; 4];
    first.copy_from_slice(&bytes[..4]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sketch::symbols;

    /// How many symbols were told and how often they were asked for, until so
    /// many changed objects were found, or the set was divided.
    fn told(changed: u64, chance: u64) -> (usize, u32, bool) {
        let element = |number: u64| {
            let mut z = (number + chance * 100_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let ours: Vec<Element> = (0..3_000).map(element).collect();
        let theirs: Vec<Element> = (changed..3_000 + changed).map(element).collect();
        let mut decoder = Decoder::new(ours);
        let mut asks = 0;
        while decoder.decoded().is_none() {
            let (taken, apart) = (decoder.taken(), decoder.estimate(0));
            let Some(whole) = in_all(taken, if taken == 0 { 0 } else { apart }) else {
                return (taken, asks, true);
            };
            asks += 1;
            decoder.take(&symbols(&theirs, taken, whole));
        }
        (decoder.taken(), asks, false)
    }

    /// The mean of symbols told, and how often a set was divided.
    fn of_forty(changed: u64) -> (usize, usize) {
        let all: Vec<_> = (1..=40).map(|chance| told(changed, chance)).collect();
        assert!(all.iter().all(|(_, asks, _)| *asks <= 6), "for {changed} changed: {all:?}");
        let symbols: usize = all.iter().map(|told| told.0).sum();
        (symbols / 40, all.iter().filter(|told| told.2).count())
    }

    #[test]
    fn as_much_is_told_as_is_apart_and_little_before_a_set_is_divided() {
        for (changed, most) in [(1, 10), (3, 20), (10, 50), (100, 360), (300, 1_000)] {
            let (mean, divided) = of_forty(changed);
            assert!(mean <= most && divided == 0, "{changed} changed: {mean} symbols, {divided}");
        }
        let (mean, divided) = of_forty(1_000);
        assert!(mean <= 250 && divided == 40, "{mean} symbols before {divided} divided");
    }
}
