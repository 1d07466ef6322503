//! One round: what is done about each set, and what is said next.
//!
//! What becomes of a set follows from the two greetings, so both sides choose
//! alike:
//!
//! - roots are equal: nothing;
//! - one side holds nothing: the other pushes everything;
//! - one side said in its greeting that it had the other's root before, and knows
//!   what it has taken in since: that is pushed;
//! - else one side tells and the other finds. The one that was told more
//!   symbols finds; of equals, the one with the larger key.
//!
//! Who sees from the other's greeting that it had that root before has nothing to
//! ask or to tell: it says so first, and pushes. What the other asked meanwhile
//! is passed over.

use super::finder::Finder;
use super::greeting::{Said, first8, offered};
use super::pushing::Pushing;
use super::recognising::parts_of;
use super::set::{ObjectId, PartId, Range, SetId};
use super::sketch::Key;
use super::teller::Teller;
use super::view::View;
use super::{Broken, Tally, Violation};
use crate::message::{Hello, Message, Offered};
use crate::packing::Packed;
use crate::recent::News;
use crate::store::{Store, StoreError};

#[derive(Debug)]
enum Part {
    /// This side pushes what it knows to be lacking.
    Push,
    /// The other does.
    Receive,
    /// This side holds what the other does, and more, and pushes that; the other
    /// has to hear of it.
    Ahead {
        said: bool,
    },
    Tell(Box<Teller>),
    Find(Box<Finder>),
}

/// A set whose roots differ.
#[derive(Debug)]
struct Comparison {
    set: SetId,
    part: Part,
    pushing: Pushing,
    /// What the peer holds more, as far as its greeting tells.
    more: u64,
}

impl Comparison {
    fn knows_all(&self) -> bool {
        match &self.part {
            Part::Push | Part::Receive => true,
            Part::Ahead { said } => *said,
            Part::Tell(teller) => teller.is_over(),
            Part::Find(finder) => finder.is_over(),
        }
    }

    fn is_over(&self) -> bool {
        self.knows_all() && self.pushing.is_empty()
    }
}

/// What the peer says that is about one set.
#[derive(Debug)]
pub(super) enum About {
    Symbols(Range, Vec<u8>),
    Buckets(Vec<u8>),
    Names(u8, Vec<u8>, bool),
    Answers(Range, Vec<u8>),
    More(Range, usize),
    Divide,
    Difference(Range, Vec<u8>, Vec<u8>),
    Everything(Range),
    Told,
    Parts(ObjectId, Vec<PartId>),
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Round {
    comparisons: Vec<Comparison>,
    /// The sets that both offered.
    pub common: Vec<SetId>,
    /// Whether this side has said that it pushes no more.
    pub ended: bool,
    /// How many pieces the peer pushed, once it pushes no more.
    pub heard_end: Option<u64>,
}

impl Round {
    /// Begins once both have greeted. `first` is the side with the smaller key;
    /// `recognises` is whether a root may be recognised that this side had before.
    pub fn begin<S: Store>(
        library: &View<'_, S>,
        key: Key,
        ours: Vec<Said>,
        theirs: &Hello,
        first: bool,
        recognises: bool,
    ) -> Result<Self, StoreError> {
        let mut round = Self::default();
        for said in ours {
            let Some(set) = SetId::from_number(said.offered.set) else { continue };
            let Some(offered) = &offered(set, theirs) else { continue };
            round.common.push(set);
            if offered.root != said.offered.root {
                let mut pushing = Pushing::new(set);
                let key = (key, Key(theirs.key));
                let sides = Sides { first, recognises };
                let part = part(library, set, key, said, offered, sides, &mut pushing)?;
                let more = offered.count.saturating_sub(library.set(set).count());
                round.comparisons.push(Comparison { set, part, pushing, more });
            }
        }
        Ok(round)
    }

    /// Whether no set differs.
    pub fn is_settled(&self) -> bool {
        self.comparisons.is_empty()
    }

    /// Whether pieces of this set are due.
    pub fn expects_pieces(&self, set: SetId) -> bool {
        self.heard_end.is_none() && self.comparisons.iter().any(|c| c.set == set)
    }

    /// Pieces that this side pushed.
    pub fn pushed(&self) -> u64 {
        self.comparisons.iter().map(|c| c.pushing.pushed).sum()
    }

    /// Objects that the peer is known to lack, and that we are known to lack.
    pub fn behind(&self) -> (u64, u64) {
        let lacking = self.comparisons.iter().map(|c| match &c.part {
            Part::Push | Part::Ahead { .. } => (c.pushing.len() as u64, 0),
            Part::Receive => (0, c.more),
            Part::Tell(teller) => (c.pushing.len() as u64, teller.we_lack.max(c.more)),
            Part::Find(finder) => (c.pushing.len() as u64, finder.we_lack.max(c.more)),
        });
        lacking.fold((0, 0), |(theirs, ours), (t, o)| (theirs + t, ours + o))
    }

    /// What could not be read to be pushed, since this was last asked.
    pub fn take_damaged(&mut self) -> Vec<String> {
        self.comparisons.iter_mut().flat_map(|c| std::mem::take(&mut c.pushing.damaged)).collect()
    }

    /// Takes what the peer says about a set.
    pub fn about<S: Store>(
        &mut self,
        library: &View<'_, S>,
        set: u8,
        about: About,
    ) -> Result<(), Broken> {
        let turn = || Violation(format!("a message about set {set} out of turn"));
        let comparison = self.comparisons.iter_mut().find(|c| c.set as u8 == set);
        let Some(Comparison { part, pushing, .. }) =
            comparison.filter(|_| self.heard_end.is_none())
        else {
            return Err(turn().into());
        };
        match (part, about) {
            (Part::Find(finder), About::Symbols(range, symbols)) => {
                finder.symbols(library, range, &symbols, pushing)
            }
            (Part::Find(finder), About::Buckets(hashes)) => {
                finder.buckets(library, &hashes, pushing)
            }
            (Part::Find(finder), About::Names(bucket, names, last)) => {
                finder.names(library, bucket, &names, last, pushing)
            }
            (Part::Find(finder), About::Answers(range, answers)) => {
                Ok(finder.answers(range, &answers, pushing)?)
            }
            (Part::Find(finder), About::Parts(object, has)) => {
                Ok(finder.parts(object, has, pushing)?)
            }
            (Part::Tell(teller), About::Parts(object, has)) => {
                Ok(teller.parts(object, has, pushing)?)
            }
            (Part::Tell(teller), About::More(range, number)) => {
                Ok(teller.more(library, range, number)?)
            }
            (Part::Tell(teller), About::Divide) => Ok(teller.divide()?),
            (Part::Tell(teller), About::Difference(range, lacks, has)) => {
                let ((lacks, _), (has, _)) = (lacks.as_chunks::<4>(), has.as_chunks::<8>());
                teller.difference(library, range, lacks, has, pushing)
            }
            (Part::Tell(teller), About::Everything(range)) => {
                Ok(teller.everything(library, range, pushing)?)
            }
            (Part::Tell(teller), About::Told) => Ok(teller.finish()?),
            // It is ahead of this side: there is nothing to find.
            (part @ Part::Find(_), About::Told) => {
                *part = Part::Receive;
                Ok(())
            }
            // Said before it heard that this side is ahead.
            (
                Part::Ahead { .. },
                About::More(..) | About::Divide | About::Difference(..) | About::Told,
            ) => Ok(()),
            _ => Err(turn().into()),
        }
    }

    /// The next message, if one is due: what finds out what is lacking goes
    /// before what is lacking, the authority set before all else, and at last
    /// the word that nothing more is pushed.
    pub fn next<S: Store>(
        &mut self,
        library: &View<'_, S>,
        tally: &mut Tally,
    ) -> Result<Option<Message>, StoreError> {
        for comparison in &mut self.comparisons {
            let message = match &mut comparison.part {
                Part::Push | Part::Receive => None,
                Part::Ahead { said } => {
                    let told = !std::mem::replace(said, true);
                    told.then_some(Message::Told { set: comparison.set as u8 })
                }
                Part::Tell(teller) => teller.next(library)?,
                Part::Find(finder) => finder.next(library)?,
            };
            if message.is_some() {
                return Ok(message);
            }
        }
        for comparison in &mut self.comparisons {
            // Records stand in their order only when all are known.
            let authority = comparison.set == SetId::Authority;
            if authority && !comparison.knows_all() {
                return Ok(None);
            }
            let pieces = comparison.pushing.next(library, tally)?;
            if !pieces.is_empty() {
                let pieces = Packed::of(&pieces);
                tally.packed_bytes += pieces.len() as u64;
                return Ok(Some(Message::Pieces { set: comparison.set as u8, pieces }));
            }
        }
        if self.ended || !self.comparisons.iter().all(Comparison::is_over) {
            return Ok(None);
        }
        self.ended = true;
        Ok(Some(Message::End { pushed: self.pushed() }))
    }
}

/// What decides between two sides that would do the same.
#[derive(Clone, Copy)]
struct Sides {
    /// Ours has the smaller key.
    first: bool,
    /// A root may be recognised that this side had before.
    recognises: bool,
}

/// What this side does about a set, see the module.
fn part<S: Store>(
    library: &View<'_, S>,
    set: SetId,
    (our_key, their_key): (Key, Key),
    ours: Said,
    theirs: &Offered,
    Sides { first, recognises }: Sides,
    pushing: &mut Pushing,
) -> Result<Part, StoreError> {
    if theirs.count == 0 {
        library.set(set).iter().for_each(|(id, _)| pushing.add(*id, Vec::new()));
        return Ok(Part::Push);
    }
    if ours.offered.count == 0 {
        return Ok(Part::Receive);
    }
    let follows = |one: &Offered, other: &Offered| {
        one.since.is_some_and(|since| since == first8(&other.root))
    };
    let (we_know, they_know) = (follows(&ours.offered, theirs), follows(theirs, &ours.offered));
    if we_know && (first || !they_know) {
        push_news(library, set, ours.news.unwrap_or_default(), pushing)?;
        return Ok(Part::Push);
    }
    if they_know {
        return Ok(Part::Receive);
    }
    let told = theirs.number_of_symbols() > 0;
    let grown = |news: &News| !told || library.has_grown(set, news);
    if recognises && let Some(news) = library.news_after(set, &theirs.root).filter(grown) {
        push_news(library, set, news, pushing)?;
        return Ok(Part::Ahead { said: false });
    }
    let (we_told, they_told) = (ours.offered.number_of_symbols(), theirs.number_of_symbols());
    Ok(if we_told > they_told || (we_told == they_told && first) {
        Part::Tell(Box::new(Teller::new(set, our_key, ours.told)))
    } else {
        let symbols = theirs.symbols.as_ref().map_or(&[][..], |symbols| symbols);
        let finder = Finder::new(library, set, their_key, theirs.count, symbols, pushing)?;
        Part::Find(Box::new(finder))
    })
}

/// Pushes what was taken in since both held the same.
fn push_news<S: Store>(
    library: &View<'_, S>,
    set: SetId,
    news: News,
    pushing: &mut Pushing,
) -> Result<(), StoreError> {
    for (id, before) in news {
        let has = match before {
            Some(state) => parts_of(library, set, &id, &state)?,
            None => Vec::new(),
        };
        pushing.add(id, has);
    }
    Ok(())
}
