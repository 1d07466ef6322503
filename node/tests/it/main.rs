//! The command line and the local API together, over a small real library
//! instead of a node.

mod api;
mod commands;
mod folder;
mod imports;
mod library;
mod usage;
