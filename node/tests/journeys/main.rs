//! What people and programs do with Tern, told with real processes on this
//! machine: the program itself in a folder of its own, sockets on loopback,
//! `kill -9`, a browser.
//!
//! Nobody waits for a time to pass: [`patience`] looks until something is so,
//! and tells what was not.
#![cfg(unix)]

mod annotations;
mod backup;
mod blobs;
mod bundles;
mod clearance;
mod clocks;
mod collections;
mod commenting;
mod copied;
mod costs;
mod couriers;
mod damage;
mod discussions;
mod drafts;
mod erased;
mod exchange;
mod federation;
mod governing;
mod guides;
mod held;
mod hostile_networks;
mod http;
mod keys;
mod kills;
mod links;
mod moving;
mod notifying;
mod pages;
mod patience;
mod people;
mod practices;
mod refusals;
mod relays;
mod request_life;
mod requests;
mod reviews;
mod seven;
mod tern;
mod upgrade;
mod uploads;
mod watching;
