//! The form of a need on the board.

use serde_json::Value as Json;

use crate::ask::{TITLE_CHARACTERS_MAX, TITLE_CHARACTERS_MIN};
use crate::schema::{
    At, Code, Country, Date, FieldRefused, Objective, Region, Shape, Support, Tag, bounded, form,
    record,
};

/// The canonical form of a need has at most this many bytes.
pub const STUB_BYTES_MAX: usize = 1_500;

record! {
    /// What everybody reads of a need.
    Stub {
        /// What is needed, on one line.
        title: Option<String>, TITLE_CHARACTERS_MAX;
        /// Who needs it, by name; nobody is named if it is not given.
        organisation: Option<String>, 300;
        /// For which country.
        country: Option<Code<Country>>, 0;
        /// In which region, where the country is not named.
        region: Option<Code<Region>>, 0;
        /// What kinds of support would help.
        support_types: Vec<Code<Support>>, 11;
        /// Which objectives it serves.
        objectives: Vec<Objective>, 23;
        /// The languages in which help is wanted: any of them will do.
        languages: Vec<Tag>, 8;
        /// By when.
        needed_by: Option<Date>, 0;
        /// The language of its title.
        language: Option<Tag>, 0;
    }
}

form!(Stub);

impl Stub {
    /// Reads what somebody wrote.
    ///
    /// # Errors
    /// The field that is unknown, malformed, missing or beyond its bound, or the whole
    /// when it is longer than [`STUB_BYTES_MAX`].
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let mut stub = Self::read_json(json, at)?;
        stub.language = stub.language.or_else(|| language.parse().ok());
        let characters = stub.title.as_ref().map_or(0, |title| title.chars().count() as u64);
        if characters < TITLE_CHARACTERS_MIN {
            let what = format!("has {characters} characters, and needs {TITLE_CHARACTERS_MIN}");
            return Err(at.key("title", TITLE_CHARACTERS_MIN).refuse(what));
        }
        if stub.objectives.is_empty() {
            return Err(at.key("objectives", 0).refuse("is needed, so that it is found"));
        }
        bounded(&stub.to_tree(), "need", STUB_BYTES_MAX)?;
        Ok(stub)
    }
}
