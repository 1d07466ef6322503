//! Text into the terms that are indexed and searched for.
//!
//! Three steps, the same for what is indexed and what is typed: [`tidy`]
//! makes one form of what reads the same, [`cut`] finds the words, and a
//! [`Tongue`] reduces each to its terms. Cutting needs no dictionary: a script
//! that is written without spaces is cut into overlapping pairs of
//! characters, so that every passage of it can be found; what people type in it
//! is taken for [words](words_of).

mod clitics;
mod cut;
mod passage;
mod tidy;
mod tokens;
mod tongue;

pub(super) use cut::{Script, Word, cut, is_unspaced};
pub(super) use passage::{is_particle, words_of};
pub(crate) use tidy::{plain, tidy};
pub(super) use tokens::{Analyser, Form};
pub(super) use tongue::{Stems, Tongue, is_function_word};
