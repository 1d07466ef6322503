//! One code with its labels.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A code, with what it is called in some languages.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    code: String,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    rtl: bool,
}

/// What to show for a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label<'a> {
    /// The words.
    pub text: &'a str,
    /// The language that they are in.
    pub language: &'a str,
    /// Whether they stand in for a label that the asked language lacks.
    pub stands_in: bool,
}

impl Term {
    /// The code, as it stands in documents.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The label in a language, else in the language without its region and
    /// script, else in English.
    pub fn label(&self, language: &str) -> Label<'_> {
        let primary = language.split('-').next().unwrap_or(language);
        let found = self.labels.get_key_value(language);
        match found.or_else(|| self.labels.get_key_value(primary)) {
            Some((language, text)) => Label { text, language, stands_in: false },
            None => Label {
                text: self.labels.get("en").map_or(&self.code, |text| text),
                language: "en",
                stands_in: true,
            },
        }
    }

    /// Whether it is called so in some language.
    pub(super) fn is_called(&self, typed: &str) -> bool {
        let typed = typed.to_lowercase();
        self.labels.values().chain(&self.name).any(|label| label.to_lowercase() == typed)
    }

    /// The full official title in English, where there is one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The name that a language has for itself.
    pub fn own_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What it belongs to: of a country the subregion, of a subregion the
    /// region, of a kind of stakeholder the side.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// Whether a language is written from right to left.
    pub const fn is_right_to_left(&self) -> bool {
        self.rtl
    }
}
