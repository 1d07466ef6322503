//! The side that tells what it holds of a set, in symbols or by name, and is
//! told by the [finder](super::finder) what the two have apart.
//!
//! What is told is a snapshot, so that symbols said later fit those said
//! before. What changed meanwhile is not found again when the difference comes,
//! and is left to the next round.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::pushing::Pushing;
use super::recognising::{Recognised, recognise};
use super::set::{ObjectId, PartId, Range, SetId};
use super::sketch::{Element, Key, symbols};
use super::view::View;
use super::{Broken, Violation, answer, elements};
use crate::limits::{BUCKET_SYMBOLS_MAX, NAMES_MAX, NAMES_SAID, SYMBOL_ASKS_MAX, SYMBOLS_MAX};
use crate::message::Message;
use crate::store::{Store, StoreError};
use minicbor::bytes::ByteVec;

/// What was told of a range so far.
#[derive(Debug)]
struct Told {
    elements: Vec<Element>,
    symbols: usize,
    asks: u32,
}

/// What is to be said.
#[derive(Debug)]
enum Say {
    Symbols {
        range: Range,
        from: usize,
        to: usize,
    },
    Buckets,
    /// The names of a bucket from this place on.
    Names {
        bucket: u8,
        from: usize,
    },
    Ready(Message),
    Parts(ObjectId),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Teller {
    set: SetId,
    key: Key,
    told: BTreeMap<Range, Told>,
    /// Ranges whose difference was told.
    over: BTreeSet<Range>,
    divided: bool,
    /// Objects whose parts the finder was told, and answers with its own.
    asked: BTreeSet<ObjectId>,
    say: VecDeque<Say>,
    /// Objects of ours that the finder holds and this side lacks, or holds
    /// otherwise.
    pub we_lack: u64,
    /// The finder has told all.
    finished: bool,
}

impl Teller {
    /// Begins with what the greeting told of the whole set, if anything.
    pub fn new(set: SetId, key: Key, told: Option<(Vec<Element>, usize)>) -> Self {
        let told =
            told.map(|(elements, symbols)| (Range::Whole, Told { elements, symbols, asks: 0 }));
        Self {
            set,
            key,
            told: told.into_iter().collect(),
            over: BTreeSet::new(),
            divided: false,
            asked: BTreeSet::new(),
            say: VecDeque::new(),
            we_lack: 0,
            finished: false,
        }
    }

    /// Whether everything was said and heard, but for what is pushed.
    pub fn is_over(&self) -> bool {
        self.finished && self.asked.is_empty() && self.say.is_empty()
    }

    /// The finder asks for so many symbols more of a range, or with none for
    /// the names of a bucket.
    pub fn more<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        number: usize,
    ) -> Result<(), Violation> {
        let most = match range {
            Range::Whole => SYMBOLS_MAX,
            Range::Bucket(_) => BUCKET_SYMBOLS_MAX,
        };
        if self.over.contains(&range) || (range == Range::Whole) == self.divided {
            return Err("it asks for symbols out of turn".into());
        }
        let (set, key) = (library.set(self.set), self.key);
        let told = self.told.entry(range).or_insert_with(|| Told {
            elements: elements(set, key, range),
            symbols: 0,
            asks: 0,
        });
        told.asks += 1;
        if told.asks > SYMBOL_ASKS_MAX || told.symbols + number > most {
            return Err("it asks for too many symbols".into());
        }
        if number > 0 {
            let from = told.symbols;
            told.symbols += number;
            self.say.push_back(Say::Symbols { range, from, to: told.symbols });
        } else if let Range::Bucket(bucket) = range {
            told.elements.sort_unstable();
            told.elements.truncate(NAMES_MAX);
            self.say.push_back(Say::Names { bucket, from: 0 });
        } else {
            return Err("it asks for the names of a whole set".into());
        }
        Ok(())
    }

    /// The finder goes on bucket by bucket.
    pub fn divide(&mut self) -> Result<(), Violation> {
        if self.divided || self.over.contains(&Range::Whole) {
            return Err("it divides a set twice".into());
        }
        self.divided = true;
        self.told.clear();
        self.say.push_back(Say::Buckets);
        Ok(())
    }

    /// The finder tells what the two have apart in a range: the beginnings of
    /// the elements that it lacks, and of the objects and elements that this
    /// side may lack.
    pub fn difference<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        lacks: &[[u8; 4]],
        has: &[[u8; 8]],
        pushing: &mut Pushing,
    ) -> Result<(), Broken> {
        self.end(range)?;
        let mut lacks = lacks.to_vec();
        lacks.sort_unstable();
        let set = library.set(self.set);
        let lacked = set.range(range).filter(|(id, state)| {
            let [a, b, c, d, ..] = self.key.element(id, state).to_be_bytes();
            lacks.binary_search(&[a, b, c, d]).is_ok()
        });
        let mut lacked: BTreeMap<ObjectId, Vec<PartId>> =
            lacked.map(|(id, _)| (*id, Vec::new())).collect();
        let mut answers = Vec::with_capacity(has.len());
        for [a, b, c, d, shown @ ..] in has {
            let id = set.beginning([*a, *b, *c, *d]).copied();
            let answer = self.pair(library, id, *shown, &mut lacked)?;
            self.we_lack += u64::from(answer != answer::NOTHING);
            answers.push(answer);
        }
        lacked.into_iter().for_each(|(id, has)| pushing.add(id, has));
        if !answers.is_empty() {
            let (set, range) = (self.set as u8, range.number());
            let message = Message::Answer { set, range, answers: answers.into() };
            // Before the parts that it speaks of.
            let first_parts = self.say.len()
                - self.say.iter().rev().take_while(|say| matches!(say, Say::Parts(_))).count();
            self.say.insert(first_parts, Say::Ready(message));
        }
        Ok(())
    }

    /// Pairs what the finder shows of an object with ours: what is answered.
    fn pair<S: Store>(
        &mut self,
        library: &View<'_, S>,
        id: Option<ObjectId>,
        shown: [u8; 4],
        lacked: &mut BTreeMap<ObjectId, Vec<PartId>>,
    ) -> Result<u8, Broken> {
        let Some(id) = id else { return Ok(answer::ALL) };
        let begins = |element: Element| element.to_be_bytes().starts_with(&shown);
        match recognise(library, self.set, &id, self.key, begins)? {
            Some(Recognised::Earlier(_, has)) => {
                lacked.insert(id, has);
                Ok(answer::NOTHING)
            }
            Some(Recognised::Later) => {
                lacked.remove(&id);
                Ok(answer::ALL)
            }
            None => {
                if !library.has_parts(self.set, &id)? {
                    return Ok(answer::ALL);
                }
                lacked.remove(&id);
                self.asked.insert(id);
                self.say.push_back(Say::Parts(id));
                Ok(answer::PARTS)
            }
        }
    }

    /// The finder has nothing of a range.
    pub fn everything<S: Store>(
        &mut self,
        library: &View<'_, S>,
        range: Range,
        pushing: &mut Pushing,
    ) -> Result<(), Violation> {
        self.end(range)?;
        library.set(self.set).range(range).for_each(|(id, _)| pushing.add(*id, Vec::new()));
        Ok(())
    }

    fn end(&mut self, range: Range) -> Result<(), Violation> {
        if !self.over.insert(range) || self.finished {
            return Err("it tells a difference twice".into());
        }
        self.told.remove(&range);
        Ok(())
    }

    /// The finder has told all.
    pub fn finish(&mut self) -> Result<(), Violation> {
        if std::mem::replace(&mut self.finished, true) {
            return Err("it tells twice that it has told all".into());
        }
        Ok(())
    }

    /// The finder names its parts of an object of which it was told ours.
    pub fn parts(
        &mut self,
        object: ObjectId,
        has: Vec<PartId>,
        pushing: &mut Pushing,
    ) -> Result<(), Violation> {
        if !self.asked.remove(&object) {
            return Err("parts of an object that nobody asked about".into());
        }
        pushing.add(object, has);
        Ok(())
    }

    /// The next message, if one is due.
    pub fn next<S: Store>(&mut self, library: &View<'_, S>) -> Result<Option<Message>, StoreError> {
        let set = self.set as u8;
        while let Some(say) = self.say.pop_front() {
            return Ok(Some(match say {
                Say::Ready(message) => message,
                Say::Parts(object) => library.parts(self.set, &object)?,
                Say::Buckets => {
                    let hashes = library.set(self.set).bucket_hashes().concat().into();
                    Message::Buckets { set, hashes }
                }
                Say::Symbols { range, from, to } => {
                    let Some(told) = self.told.get(&range) else { continue };
                    let symbols = symbols(&told.elements, from, to).into();
                    Message::Symbols { set, range: range.number(), symbols }
                }
                Say::Names { bucket, from } => {
                    let Some(told) = self.told.get(&Range::Bucket(bucket)) else { continue };
                    let to = told.elements.len().min(from + NAMES_SAID);
                    let last = to == told.elements.len();
                    if !last {
                        self.say.push_front(Say::Names { bucket, from: to });
                    }
                    let names = told.elements[from..to].iter().flat_map(|name| name.to_be_bytes());
                    let names: ByteVec = names.collect::<Vec<u8>>().into();
                    Message::Names { set, bucket, names, last }
                }
            }));
        }
        Ok(None)
    }
}
