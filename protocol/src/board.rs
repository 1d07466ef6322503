//! The board of needs that nobody met yet, and what is offered for them.
//!
//! The needs are public records: this is an index of those that are held. Offers of help
//! come in [letters](crate::routing::desk), to those who posted the need alone:
//!
//! | local name | value |
//! |---|---|
//! | `help/` ‖ thread ‖ record | `[received, parcel, record]` |

use std::collections::BTreeMap;

use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, OrgId, RecordId};
use tern_crdt::need::{Help, Need, standing};
use tern_crdt::review::fold::speaks;
use tern_crdt::signed::Verified;
use tern_crdt::timestamp::Timestamp;

use crate::library::Library;
use crate::store::{Store, StoreError};

/// What is held of needs, by thread.
#[derive(Debug, Default)]
pub struct Board {
    threads: BTreeMap<RecordId, BTreeMap<RecordId, Need>>,
    /// In which of them each need is.
    of: BTreeMap<RecordId, RecordId>,
}

impl Board {
    /// Takes a record in, if it is a need.
    pub(crate) fn add(&mut self, record: &Verified) {
        if let Ok(need) = record.record().peek::<Need>() {
            let thread = need.thread(record.id());
            self.threads.entry(thread).or_default().insert(record.id(), need);
            self.of.insert(record.id(), thread);
        }
    }

    /// Forgets a record that is held no longer.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        let Some(thread) = self.of.remove(id) else { return };
        if let Some(needs) = self.threads.get_mut(&thread) {
            needs.remove(id);
            if needs.is_empty() {
                self.threads.remove(&thread);
            }
        }
    }
}

/// A need that stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// Its thread: the id by which people call it.
    pub thread: RecordId,
    /// The organisation whose need it is.
    pub org: OrgId,
    /// The certificate that began the thread, which reads offers of help.
    pub first_by: CertificateId,
    /// What stands.
    pub need: Need,
}

/// An offer of help, with when it came.
#[derive(Clone, PartialEq, Debug)]
pub struct HeldHelp {
    /// The offer.
    pub help: Verified<Help>,
    /// When it came, or was made here, by this node's clock.
    pub received: Timestamp,
}

impl<S: Store> Library<S> {
    /// The need that stands in a thread, shown or not.
    pub fn need(&self, thread: &RecordId) -> Option<Standing> {
        let held = self.board.threads.get(thread)?;
        let (_, need) = standing(self.authority(), thread, held)?;
        let first_by = held.get(thread)?.by;
        let org = self.authority().certificate(&first_by)?.org;
        Some(Standing { thread: *thread, org, first_by, need: need.clone() })
    }

    /// The needs that are shown at `now`, ascending by thread.
    pub fn needs(&self, now: Timestamp) -> impl Iterator<Item = Standing> + '_ {
        let all = self.board.threads.keys().filter_map(|thread| self.need(thread));
        all.filter(move |standing| standing.need.is_shown(now))
    }

    /// What was offered for a need and came here, or was made here, as it came: by
    /// experts whose word counts.
    ///
    /// # Errors
    /// The store's.
    pub fn helps(&self, thread: &RecordId) -> Result<Vec<HeldHelp>, StoreError> {
        let mut helps = self.held_helps(thread)?;
        helps.retain(|held| {
            speaks(self.authority(), held.help.body().by, &[Role::Expert], &held.help).is_ok()
        });
        helps.sort_by_key(|held| (held.received, held.help.id()));
        Ok(helps)
    }
}
