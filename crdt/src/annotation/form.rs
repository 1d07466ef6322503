//! The forms of annotations: a remark, how a practice is used elsewhere, and
//! under which other names it is known.

use serde_json::Value as Json;

use super::FORM_BYTES_MAX;
use crate::practice::NAME_MAX;
use crate::schema::{
    At, Code, Country, Date, FieldRefused, Shape, Texts, bounded, choices, form, record,
};

/// Words of an annotation have at most this many characters in one language.
pub const WORDS_MAX: u64 = 3_000;
/// An annotation names at most this many aliases.
pub const ALIASES_MAX: u64 = 16;

record! {
    /// What somebody adds in words.
    Remark {
        /// The words.
        text: Texts, WORDS_MAX;
    }
}

choices! {
    /// What came of using a practice elsewhere. That it did not work is as
    /// worth knowing.
    Worked {
        /// It did.
        Yes "worked";
        /// In part.
        Partly "partly";
        /// It did not.
        No "did-not";
    }

    /// Where an alias is from.
    Scheme {
        /// An earlier Migration Network Hub.
        Hub "hub";
        /// The Global Forum on Migration and Development.
        Gfmd "gfmd";
        /// The Global Compact on Refugees.
        Gcr "gcr";
        /// The International Aid Transparency Initiative.
        Iati "iati";
        /// A digital object identifier.
        Doi "doi";
        /// An address on the web.
        Url "url";
    }
}

record! {
    /// How an organisation uses a practice of others.
    Adaptation {
        /// Where.
        countries: Vec<Code<Country>>, 249;
        /// Where in them.
        place: Option<String>, NAME_MAX;
        /// Since when.
        since: Option<Date>, 0;
        /// What it does differently.
        changed: Texts, WORDS_MAX;
        /// With what outcome; nothing while it is too early to say.
        outcome: Option<Worked>, 0;
        /// More about the outcome.
        text: Texts, WORDS_MAX;
    }
}

record! {
    /// A name of the same work elsewhere.
    Alias {
        /// Of which scheme.
        scheme: Scheme, 0;
        /// The name in it.
        value: String, NAME_MAX;
    }
}

record! {
    /// Names of the same work elsewhere.
    Aliases {
        /// All of them.
        aliases: Vec<Alias>, ALIASES_MAX;
    }
}

form!(Remark);
form!(Adaptation);
form!(Aliases);

macro_rules! read {
    ($($name:ident $what:literal;)*) => {$(
        impl $name {
            /// Reads what somebody wrote. Plain text where text by language is
            /// meant is taken to be in `language`.
            ///
            /// # Errors
            /// The field that is unknown, malformed or beyond its bound, or the
            /// whole when it is longer than [`FORM_BYTES_MAX`].
            pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
                let read = Self::read_json(json, At::whole(language))?;
                bounded(&read.to_tree(), $what, FORM_BYTES_MAX)?;
                Ok(read)
            }

            /// Whether its fields keep to their bounds.
            pub(crate) fn is_legal(&self) -> bool {
                Self::read_json(&self.to_json(), At::whole("en")).is_ok()
            }
        }
    )*};
}

read! {
    Remark "note";
    Adaptation "adaptation";
    Aliases "list of names";
}
