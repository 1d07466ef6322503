//! The pages that people read and write, over the [`service::Service`] that a
//! node implements.

pub mod service;
