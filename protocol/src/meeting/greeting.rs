//! What a greeting says of each set: beside its root, what spares a question.

use super::set::{Range, Root, Set, SetId};
use super::sketch::{Element, Key, symbols};
use super::view::View;
use super::{Agreed, elements, finder};
use crate::limits::GREETING_SYMBOLS_MAX;
use crate::message::{Hello, Offered};
use crate::recent::News;
use crate::store::Store;

/// Symbols where no more are likely to be needed: enough for two or three
/// practices that have changed.
const GREETING_SYMBOLS: usize = 12;

/// What our greeting said of a set, and what stands behind it.
#[derive(Debug)]
pub(super) struct Said {
    pub offered: Offered,
    /// What was taken in since `offered.since`.
    pub news: Option<News>,
    /// The elements whose symbols were said, and how many symbols.
    pub told: Option<(Vec<Element>, usize)>,
}

/// With what a side greets.
#[derive(Debug)]
pub(super) struct Greeting<'a, S> {
    pub library: &'a View<'a, S>,
    pub key: Key,
    pub agreed: &'a Agreed,
    /// Whether the two were equal on this link.
    pub lively: bool,
    /// Whether this round follows one that left them apart.
    pub follows: bool,
    /// The greeting that this one answers.
    pub theirs: Option<&'a Hello>,
}

impl<S: Store> Greeting<'_, S> {
    /// What it says of a set.
    pub fn offer(&self, set: SetId) -> Said {
        let (count, root) = (self.library.set(set).count(), self.library.set(set).root());
        let offered = Offered { set: set as u8, root, count, since: None, symbols: None };
        if count == 0 {
            return self.say(offered, None, None);
        }
        if let Some(theirs) = self.theirs {
            return self.answer(set, offered, self::offered(set, theirs));
        }
        let (news, since, number) = self.changed(set, self.follows);
        let changed = self.agreed.of(set).is_some_and(|(before, _)| before != root);
        let useful = (changed && !self.lively) || self.follows;
        self.say(Offered { since, ..offered }, news, useful.then_some(number))
    }

    /// What it says of a set of which the other's greeting said this.
    fn answer(&self, set: SetId, ours: Offered, theirs: Option<Offered>) -> Said {
        let differs = |theirs: &Offered| {
            theirs.root != ours.root && theirs.count > 0 && theirs.since != Some(first8(&ours.root))
        };
        let Some(theirs) = theirs.filter(differs) else { return self.say(ours, None, None) };
        // Symbols are told again where it led to nothing that one was recognised.
        let told = theirs.number_of_symbols() > 0;
        let grown = |news: &News| !told || self.library.has_grown(set, news);
        if let Some(news) = self.library.news_after(set, &theirs.root).filter(grown) {
            let since = Some(first8(&theirs.root));
            return self.say(Offered { since, ..ours }, Some(news), None);
        }
        let (news, since, number) = self.changed(set, told);
        // Who tells more is the one that does not find.
        let more = number > theirs.number_of_symbols();
        self.say(Offered { since, ..ours }, news, more.then_some(number))
    }

    /// What changed in a set since both were last equal, if that is known; how it
    /// is said; and how many symbols are likely to be needed. With `grown` it is
    /// not known of a set that lost something since.
    fn changed(&self, set: SetId, grown: bool) -> (Option<News>, Option<[u8; 8]>, usize) {
        let root = self.library.set(set).root();
        let changed = self.agreed.of(set).filter(|(before, _)| *before != root);
        let news = changed.and_then(|(_, revision)| self.library.news_since(set, revision));
        let apart = news.as_ref().map_or(0, |news| 2 * news.len());
        let news = news.filter(|news| !grown || self.library.has_grown(set, news));
        let since = changed.filter(|_| news.is_some()).map(|(before, _)| first8(&before));
        let number = if apart <= 6 { GREETING_SYMBOLS } else { finder::needed(apart) };
        (news, since, number.min(GREETING_SYMBOLS_MAX))
    }

    /// Says this, with so many symbols if any.
    fn say(&self, mut offered: Offered, news: Option<News>, number: Option<usize>) -> Said {
        let set = SetId::from_number(offered.set);
        let told = number
            .zip(set)
            .map(|(number, set)| (elements(self.library.set(set), self.key, Range::Whole), number));
        offered.symbols = told.as_ref().map(|(all, number)| symbols(all, 0, *number).into());
        Said { offered, news, told }
    }
}

/// What a greeting says of a set. Who is met about practices and says nothing of
/// drafts has none in common with this side.
pub(super) fn offered(set: SetId, hello: &Hello) -> Option<Offered> {
    let said = |set: SetId| hello.sets.iter().find(|offered| offered.set == set as u8);
    let none = || {
        (set == SetId::Drafts && said(SetId::Public).is_some()).then(|| Offered {
            set: set as u8,
            root: Set::default().root(),
            count: 0,
            since: None,
            symbols: None,
        })
    };
    said(set).cloned().or_else(none)
}

/// What stands for a root where it is only compared with one that is known.
pub(super) fn first8(root: &Root) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&root[..8]);
    first
}
