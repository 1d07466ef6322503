//! What to say: one replica of the federation's library, and the rules by
//! which replicas agree.
pub mod gate;
pub mod ledger;
pub mod library;
pub mod limits;
pub mod meeting;
pub mod membership;
pub mod message;
pub mod peers;
pub mod replica;
pub mod session;
pub mod step;
pub mod store;

#[cfg(test)]
mod story;
