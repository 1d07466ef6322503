//! Choices among a few words that no vocabulary lists, because they are ways
//! of working of this program and not terms of the field.

/// Closed choices: `Name { Variant "word" … }`. `default` is the one that is
/// meant where nothing is said; `later` are words that are legal in a later
/// version and refused by name until then.
macro_rules! choices {
    ($(
        $(#[$doc:meta])*
        $name:ident $(default $default:ident)? $(later $($later:literal)+)? {
            $($(#[$variant_doc:meta])* $variant:ident $word:literal;)+
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every choice, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in forms.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The choice of a word.
            pub fn known(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::schema::Shape for $name {
            fn absent() -> Option<Self> {
                $crate::schema::choice::default!($($default)?)
            }

            fn read_json(
                json: &serde_json::Value,
                at: $crate::schema::At<'_>,
            ) -> Result<Self, $crate::schema::FieldRefused> {
                let words: &[&str] = &[$($word),+];
                let later: &[&str] = &[$($($later),+)?];
                let typed = json.as_str().ok_or_else(|| at.refuse("is not one of the choices"))?;
                Self::known(typed.trim())
                    .ok_or_else(|| $crate::schema::choice::unknown(typed, words, later, at))
            }

            fn write_json(&self) -> Option<serde_json::Value> {
                Some(self.as_str().into())
            }

            fn read_value(value: &$crate::value::Value) -> Option<Self> {
                let $crate::value::Value::Word(word) = value else { return None };
                Self::known(word)
            }

            fn write_value(&self) -> Option<$crate::value::Value> {
                Some($crate::value::Value::Word(self.as_str().to_owned()))
            }
        }
    )*};
}

macro_rules! default {
    () => {
        None
    };
    ($default:ident) => {
        Some(Self::$default)
    };
}

pub(crate) use {choices, default};

use super::refused::{At, FieldRefused};

/// The refusal of a word that is none of the choices.
pub(crate) fn unknown(typed: &str, words: &[&str], later: &[&str], at: At<'_>) -> FieldRefused {
    let shown: String = typed.trim().chars().take(60).collect();
    let choices = words.join(", ");
    at.refuse(if later.contains(&shown.as_str()) {
        format!("`{shown}` is not there yet: choose one of {choices}")
    } else {
        format!("`{shown}` is not one of {choices}")
    })
}
