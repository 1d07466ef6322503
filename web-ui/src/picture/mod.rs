//! Pictures made here, as numbers for a template to write as SVG. Each has its
//! figures as a table or as text beside it.

mod coverage;
mod map;

pub use coverage::{Bar, bars};
pub use map::{Dot, LAND, dots};
