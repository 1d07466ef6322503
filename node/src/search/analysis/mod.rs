//! Text into the terms that are indexed and searched for.
//!
//! Three steps, the same for what is indexed and what is typed: [`tidy`]
//! makes one form of what reads the same, [`cut`] finds the words, and a
//! [`Tongue`] reduces each to its terms. Cutting needs no dictionary: a script
//! that is written without spaces is cut into overlapping pairs of
//! characters, so that every passage of it can be found.

mod cut;
mod tidy;
mod tokens;
mod tongue;

pub(super) use cut::{Script, Word, cut};
pub(crate) use tidy::{plain, tidy};
pub(super) use tokens::{Analyser, Form};
pub(super) use tongue::{Tongue, is_function_word};
