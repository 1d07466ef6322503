//! The pages that people read and write, over the Service that a node
//! implements.

pub mod service;
