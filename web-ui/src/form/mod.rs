//! What people type, and what is wrong with it.
//!
//! A form is a list of named strings ([`Typed`]), as browsers send them. It is
//! shown from that list, so that a refused form comes back exactly as typed.
//! The large forms, of a practice, a request and a card, are described by
//! tables ([`schema`]), filled from and read into their files ([`file`]), and
//! laid out for their template ([`layout`]).

use crate::service::FieldError;

pub mod file;
pub mod layout;
pub mod schema;
pub mod sent;
pub mod support;
pub mod told;

/// The heads that a form carries.
#[must_use]
pub fn heads(text: &str) -> Vec<String> {
    text.split(',').filter(|head| !head.is_empty()).map(str::to_owned).collect()
}

/// Named strings in the order in which a browser sent them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Typed(pub Vec<(String, String)>);

impl Typed {
    /// What was typed under a name, trimmed, with plain line ends; empty when
    /// nothing was.
    #[must_use]
    pub fn get(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.replace("\r\n", "\n").trim().to_owned())
            .unwrap_or_default()
    }

    /// As [`get`](Self::get), untouched: passwords may begin with a space.
    #[must_use]
    pub fn exactly(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone()).unwrap_or_default()
    }

    /// What was typed under a name, unless that is nothing.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Everything chosen under one name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether `value` was chosen under `name`.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|chosen| chosen == value)
    }

    /// What was typed to open a key, untouched; nothing when empty.
    #[must_use]
    pub fn passphrase(&self) -> Option<String> {
        Some(self.exactly("passphrase")).filter(|phrase| !phrase.is_empty())
    }

    /// Whatever belongs to a form and is not empty, to be carried on.
    #[must_use]
    pub fn of_book(&self, book: &schema::Book) -> Vec<(String, String)> {
        let within = |name: &str| {
            let key = name.split('.').next().unwrap_or(name);
            book.fields().any(|field| field.key == key)
        };
        self.0.iter().filter(|(name, value)| !value.is_empty() && within(name)).cloned().collect()
    }

    /// Adds a string.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// What is wrong with a form, in the order in which it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Errors(Vec<Wrong>);

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The id of the field.
    pub id: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Errors {
    /// Adds one.
    pub fn add(&mut self, id: impl Into<String>, message: impl Into<String>) {
        self.0.push(Wrong { id: id.into(), message: message.into() });
    }

    /// What the node found wrong. Its places (`partners[0].org`) become ids
    /// (`partners.0.org`).
    #[must_use]
    pub fn from_node(found: Vec<FieldError>) -> Self {
        let id = |field: &str| field.replace('[', ".").replace(']', "");
        Self(found.into_iter().map(|e| Wrong { id: id(&e.field), message: e.message }).collect())
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All with the id of their field, for the summary of a small form.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, String)> {
        self.iter().map(|wrong| (wrong.id.clone(), wrong.message.clone())).collect()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Wrong> {
        self.0.iter()
    }

    /// What is wrong with the field of this id.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|wrong| wrong.id == id).map(|wrong| wrong.message.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_named_by_the_node_is_the_id_of_a_field() {
        let errors = Errors::from_node(vec![FieldError {
            field: "challenges[0].text.fr".into(),
            code: "too-long".into(),
            message: "has 6000 characters, and at most 5000 fit".into(),
            limit: Some("5000".into()),
        }]);
        assert!(errors.of("challenges.0.text.fr").is_some());
        assert!(errors.of("challenges").is_none());
    }

    #[test]
    fn browsers_line_ends_are_not_changes() {
        let typed = Typed(vec![("a".into(), " one\r\ntwo \r\n".into())]);
        assert_eq!(typed.get("a"), "one\ntwo");
        assert_eq!(typed.exactly("a"), " one\r\ntwo \r\n");
        assert_eq!(typed.some("b"), None);
    }
}
