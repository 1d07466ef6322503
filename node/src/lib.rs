//! The process around a replica: storage, network, search, accounts, pages
//! and the command line of a Tern node. The only room that acts.

pub mod acceptor;
pub mod accounts;
pub mod api;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod drafts;
pub mod driver;
pub mod experts;
pub mod folder;
pub mod handle;
pub mod health;
mod hex;
pub mod identity;
pub mod indexer;
pub mod interchange;
pub mod keystore;
pub mod log;
pub mod members;
pub mod metrics;
mod moment;
pub mod net;
pub mod node;
pub mod operator;
pub mod ops;
pub mod process;
pub mod publishing;
pub mod reading;
pub mod requests;
pub mod running;
pub mod search;
pub mod service;
pub mod sign_in;
pub mod store;
mod stored;
pub mod support;
