//! What to say: one replica of the federation's library, and the rules by
//! which replicas agree.
//!
//! This room is pure, as `tern-crdt` is: time, chance and storage come in as
//! arguments, and nothing waits. The whole of it turns in one loop, the
//! shell's:
//!
//! 1. gather what happened as [`step::Input`]s;
//! 2. [`replica::Replica::step`]: one commit to the [`store`];
//! 3. carry out the [`step::Output`]s that came back. What they say is durable.
//!
//! Read in this order:
//!
//! 1. [`step`] and [`replica`]: the loop, and the dispatcher behind it.
//! 2. [`session`] and [`meeting`]: one link with one peer, and how two nodes
//!    get into step; [`message`] is what they say, [`packing`] how pieces
//!    travel, [`limits`] how much, [`recent`] what need not be asked about.
//!    [`bundle`] is a meeting in a file, for where no link is; [`blobs`] are
//!    files, which travel beside meetings.
//! 3. [`gate`] and [`library`]: what may be held, and what is; [`reviews`]: what
//!    of it is about the review of an edition, [`discussions`]: what was said.
//! 4. [`membership`], [`peers`] and [`reach`]: who knocks, whom to dial, and
//!    which addresses to tell; [`tariff`]: what links cost, and when to use those
//!    that cost money;
//!    [`catching_up`]: what a node waits for that was put back; [`runs`]: how
//!    it finds out, and that it runs twice.
//! 5. [`matching`] and [`routing`]: which experts fit a request, how parcels
//!    reach their readers over nodes that cannot read them, and the desk that
//!    files what was opened; [`letters`]: how parts of drafts do; [`board`]: what
//!    everybody reads when no expert was found.
//! 6. [`ledger`] and [`store`]: typed records over three operations on bytes;
//!    [`mending`]: what to drop of a store that was damaged.
//!
//! `SPEC.md` beside this crate has the bytes and the rules in full.

pub mod annotations;
pub mod blobs;
pub mod board;
pub mod bundle;
pub mod catching_up;
pub mod discussions;
pub mod drafts;
mod fallen;
pub mod gate;
pub mod judging;
pub mod ledger;
pub mod letters;
pub mod library;
pub mod limits;
pub mod listings;
pub mod matching;
pub mod meeting;
pub mod membership;
pub mod mending;
pub mod message;
pub mod packing;
pub mod peers;
pub mod reach;
mod receiving;
pub mod recent;
pub mod replica;
pub mod reviews;
pub mod routing;
pub mod runs;
pub mod session;
pub mod step;
pub mod store;
pub mod tariff;

#[cfg(test)]
mod story;
