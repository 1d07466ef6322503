//! What two nodes hold alike, as far as they know of each other.

use tern_crdt::identity::digest;

use super::greeting::offered;
use super::set::{Root, SetId};
use super::view::View;
use crate::message::Hello;
use crate::store::Store;

/// What both held when they were last equal: the roots of the sets that they
/// compared, in the order of [`SetId::MET`], and this side's revision then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Agreed([Option<(Root, u64)>; SetId::MET.len()]);

impl Agreed {
    /// What these sets are now.
    pub(super) fn now<S: Store>(library: &View<'_, S>, sets: &[SetId]) -> Self {
        let held = |set: SetId| (library.set(set).root(), library.revision());
        Self(SetId::MET.map(|set| sets.contains(&set).then(|| held(set))))
    }

    /// What a greeting says of these sets.
    pub(super) fn of_greeting(hello: &Hello, sets: &[SetId]) -> Self {
        let said = |set| offered(set, hello).map(|offered| (offered.root, 0));
        Self(SetId::MET.map(|set| said(set).filter(|_| sets.contains(&set))))
    }

    /// The same of these sets alone.
    pub(super) fn only(&self, sets: &[SetId]) -> Self {
        Self(SetId::MET.map(|set| self.of(set).filter(|_| sets.contains(&set))))
    }

    /// What one set was.
    pub(crate) fn of(&self, set: SetId) -> Option<(Root, u64)> {
        let place = SetId::MET.iter().position(|one| *one == set)?;
        self.0[place]
    }

    /// What stands for the roots at the end of a round.
    pub(super) fn root(&self) -> Root {
        let roots: Vec<Root> = self.0.iter().flatten().map(|(root, _)| *root).collect();
        let whole = digest("tern/roots/v1", &[&roots.concat()]);
        let mut root = [0; 16];
        root.copy_from_slice(&whole[..16]);
        root
    }

    /// Takes over what is agreed on later.
    pub(super) fn follow(&mut self, later: &Self) {
        for (before, now) in self.0.iter_mut().zip(later.0) {
            *before = now.or(*before);
        }
    }

    /// Whether all sets were compared.
    pub(super) fn is_whole(&self) -> bool {
        self.0.iter().all(Option::is_some)
    }

    /// When the last of it was agreed on.
    pub(super) fn revision(&self) -> Option<u64> {
        self.0.iter().flatten().map(|(_, revision)| *revision).max()
    }
}
