//! x
mod client;
mod reach;
