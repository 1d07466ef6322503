//! Text for people, by language.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

use super::refused::{At, FieldRefused};
use super::shape::{Shape, is_blank};
use crate::value::{Value, composed};

/// A language tag has at most this many bytes.
pub const TAG_BYTES_MAX: usize = 35;
/// A text stands in at most this many languages.
pub const LANGUAGES_MAX: usize = 32;

/// A language tag of the shape of BCP 47 (RFC 5646), in its usual case:
/// `en`, `pt-BR`, `zh-Hant`. Whether such a language exists is not asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(String);

impl Tag {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language tag such as `en` or `zh-Hant`")]
pub struct NotATag(String);

impl FromStr for Tag {
    type Err = NotATag;

    fn from_str(text: &str) -> Result<Self, NotATag> {
        let mut tag = String::with_capacity(text.len());
        let legal = text.len() <= TAG_BYTES_MAX
            && text.split('-').enumerate().all(|(index, part)| {
                if index > 0 {
                    tag.push('-');
                }
                tag.push_str(&in_usual_case(index, part));
                match index {
                    0 => {
                        (2..=8).contains(&part.len())
                            && part.bytes().all(|byte| byte.is_ascii_alphabetic())
                    }
                    _ => {
                        (1..=8).contains(&part.len())
                            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    }
                }
            });
        if legal { Ok(Self(tag)) } else { Err(NotATag(text.chars().take(40).collect())) }
    }
}

/// RFC 5646, section 2.1.1: scripts in title case, regions in capitals.
fn in_usual_case(index: usize, part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    let letters = lower.bytes().all(|byte| byte.is_ascii_alphabetic());
    match (index, lower.len(), letters) {
        (1.., 2, true) => lower.to_ascii_uppercase(),
        (1.., 4, true) => lower[..1].to_ascii_uppercase() + &lower[1..],
        _ => lower,
    }
}

/// One text in several languages, each non-empty and tidy.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts(BTreeMap<Tag, String>);

impl Texts {
    /// The text in one language.
    pub fn get(&self, tag: &Tag) -> Option<&str> {
        self.0.get(tag).map(String::as_str)
    }

    /// Sets the text in one language; an empty one removes it.
    pub fn set(&mut self, tag: Tag, text: &str) {
        let text = tidy(text);
        if text.is_empty() {
            self.0.remove(&tag);
        } else {
            self.0.insert(tag, text);
        }
    }

    /// The text to show to somebody who reads `wanted`: in one of those
    /// languages, the first first, else in `original`, else in any; with the
    /// language that it is in.
    pub fn best<'a>(
        &'a self,
        wanted: &[Tag],
        original: Option<&Tag>,
    ) -> Option<(&'a Tag, &'a str)> {
        let asked = wanted.iter().chain(original).find_map(|tag| self.0.get_key_value(tag));
        asked.or_else(|| self.0.iter().next()).map(|(tag, text)| (tag, text.as_str()))
    }

    /// Language and text, ascending by tag.
    pub fn iter(&self) -> impl Iterator<Item = (&Tag, &str)> {
        self.0.iter().map(|(tag, text)| (tag, text.as_str()))
    }

    /// Whether there is no text in any language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn put(&mut self, tag: Tag, json: &Json, at: At<'_>) -> Result<(), FieldRefused> {
        let text = match json {
            Json::String(text) => text.as_str(),
            Json::Null => "",
            _ => return Err(at.refuse("is not text")),
        };
        self.set(tag.clone(), text);
        let length = self.get(&tag).map_or(0, |text| text.chars().count());
        if length as u64 > at.limit {
            let message = format!("has {length} characters, and at most {} fit", at.limit);
            return Err(at.beyond(message));
        }
        if self.0.len() > LANGUAGES_MAX {
            return Err(at.refuse(format!("stands in more than {LANGUAGES_MAX} languages")));
        }
        Ok(())
    }
}

impl Shape for Texts {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let mut texts = Self::default();
        texts.amend(json, at)?;
        Ok(texts)
    }

    /// Text in one language leaves the other languages as they are.
    fn amend(&mut self, json: &Json, at: At<'_>) -> Result<(), FieldRefused> {
        match json {
            Json::Object(texts) => {
                for (tag, text) in texts {
                    let here = at.key(tag, at.limit);
                    let tag = tag.parse().map_err(|error: NotATag| at.refuse(error.to_string()))?;
                    self.put(tag, text, here)?;
                }
                Ok(())
            }
            Json::String(_) => {
                let tag = at.language.parse();
                self.put(tag.map_err(|error: NotATag| at.refuse(error.to_string()))?, json, at)
            }
            blank if is_blank(blank) => {
                self.0.clear();
                Ok(())
            }
            _ => Err(at.refuse("is neither text nor {language: text}")),
        }
    }

    fn write_json(&self) -> Option<Json> {
        (!self.is_empty())
            .then(|| self.iter().map(|(tag, text)| (tag.to_string(), Json::from(text))).collect())
    }

    fn read_value(value: &Value) -> Option<Self> {
        let Value::Map(map) = value else { return None };
        let texts = map.iter().map(|(tag, text)| {
            let Value::Text(text) = text else { return None };
            // Kept as it is: what was signed is shown, tidy or not.
            Some((tag.parse().ok()?, text.clone()))
        });
        texts.collect::<Option<_>>().map(Self)
    }

    fn write_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| {
            let texts = self.iter();
            Value::Map(
                texts.map(|(tag, text)| (tag.to_string(), Value::Text(text.into()))).collect(),
            )
        })
    }
}

/// Text as it is kept: [`composed`], with nothing blank at either end.
pub fn tidy(text: &str) -> String {
    composed(text).trim().to_owned()
}
