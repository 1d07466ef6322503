//! The room that doubts: whole federations in virtual time from one seed.
//!
//! A replica is a function of what happens to it, so a federation of them
//! runs in one process, with a network, disks, clocks and people that are as
//! bad as the seed says. The loop of one world:
//!
//! 1. trouble: people found, invite, approve, publish and erase while links
//!    are cut, nodes crash in the middle of commits, disks fill, backups come
//!    back, clocks jump, and members lie;
//! 2. everything heals but the liars;
//! 3. progress is demanded: all members hold the same in bounded time, nothing
//!    that was acknowledged is lost, nothing that the rules refuse is held,
//!    and no stranger was told anything.
//!
//! Beside these worlds there are small ones in which people ask each other for
//! support ([`run_requests`]): who asks, accepts, decides and answers, over
//! nodes between that can read nothing of it, with the same trouble. There
//! each letter is opened in earnest by the first of its readers, and in one
//! seed of twenty every node tries every key.
//!
//! And there are small ones in which people of several organisations write
//! drafts together ([`run_drafts`]); in half of them some offices never reach each
//! other, and a stick with bundles goes between them.
//!
//! [`routing`] measures, with replicas of hundreds of offices, how soon requests
//! come over links that are there now and then, beside whoever knew all contacts.
//!
//! Equal seeds live through equal worlds, so every failure is a number.
//! [`corpus`] makes the documents that every figure of Tern names.
//!
//! Two modules live in real time and with the real program: [`emulator`] is a
//! thin, far or broken link on loopback, and [`links`] measures what two nodes
//! of `tern` cost on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use thiserror::Error;

mod agenda;
pub mod author;
pub mod chance;
pub mod corpus;
pub mod dictionary;
mod disk;
pub mod emulator;
mod invariants;
pub mod links;
mod model;
mod network;
mod node;
pub mod packing;
pub mod people;
pub mod routing;
mod scenario;
pub mod verdicts;
mod villain;
mod world;

pub use world::{Journey, Report, Tell, Writing};

/// A seed whose world broke a promise.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("seed {seed}: {what}")]
pub struct Failure {
    /// The seed: the same world again, whenever it is asked for.
    pub seed: u64,
    /// What was broken.
    pub what: String,
}

/// Lives through the world of a seed. `tell` hears of everything that happens.
/// A panic of anything in it is a failure too.
pub fn run(seed: u64, tell: Option<Tell>) -> Result<Report, Failure> {
    catch(seed, || world::World::run(seed, tell))
}

/// Lives through the requests of a seed: a small world in which people ask
/// each other for support, over nodes between. Otherwise as [`run`].
pub fn run_requests(seed: u64, tell: Option<Tell>) -> Result<Report, Failure> {
    catch(seed, || world::World::run_requests(seed, tell))
}

/// Lives through the drafts of a seed: a small world in which people of several
/// organisations write together. Otherwise as [`run`].
pub fn run_drafts(seed: u64, tell: Option<Tell>) -> Result<Report, Failure> {
    catch(seed, || world::World::run_drafts(seed, tell))
}

fn catch(seed: u64, live: impl FnOnce() -> Result<Report, String>) -> Result<Report, Failure> {
    let world = catch_unwind(AssertUnwindSafe(live));
    let result = world.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", words.unwrap_or("without words")))
    });
    result.map_err(|what| Failure { seed, what })
}

#[cfg(test)]
mod tests;
