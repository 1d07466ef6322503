//! A practice as exports tell of it: what `practice show` answered, with the
//! words that its page has for where it stands and how it is cited.
//!
//! Nothing is decided here: verdict, signers and hash are what the node
//! answered. What is missing (a draft has no edition and no signers) is told
//! as missing.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tern_web_ui::words::{Catalogue, Words};

/// The words of pages in a language, English where there are none.
pub fn words(lang: &str) -> Arc<Words> {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    Arc::clone(CATALOGUE.get_or_init(|| Catalogue::new(false)).choose([lang]))
}

/// A sentence without the marks that keep names apart on pages, for formats
/// that know no directions.
pub(super) fn unmarked(sentence: &str) -> String {
    sentence.replace(['\u{2068}', '\u{2069}'], "")
}

/// Text in one line.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Entry<'v> {
    shown: &'v Value,
    words: &'v Words,
}

impl<'v> Entry<'v> {
    pub(super) const fn new(shown: &'v Value, words: &'v Words) -> Self {
        Self { shown, words }
    }

    /// What the node answered.
    pub(super) const fn shown(self) -> &'v Value {
        self.shown
    }

    fn word(self, key: &str) -> &'v str {
        self.shown[key].as_str().unwrap_or_default()
    }

    /// The practice's id.
    pub(super) fn id(self) -> &'v str {
        self.word("id")
    }

    /// The number of the edition; none of a draft.
    pub(super) fn number(self) -> Option<u64> {
        self.shown["edition"].as_u64()
    }

    /// The edition's id.
    pub(super) fn edition(self) -> &'v str {
        self.word("edition_id")
    }

    /// The hash of what was signed, in hexadecimal digits.
    pub(super) fn hash(self) -> &'v str {
        self.word("content_hash")
    }

    /// The organisation that it comes from.
    pub(super) fn org(self) -> &'v str {
        self.shown["origin"]["name"].as_str().unwrap_or_default()
    }

    /// Its id.
    pub(super) fn org_id(self) -> &'v str {
        self.shown["origin"]["org"].as_str().unwrap_or_default()
    }

    /// The day on which it was published, by its signer's clock: YYYY-MM-DD.
    pub(super) fn day(self) -> &'v str {
        self.word("claimed_at").get(..10).unwrap_or_default()
    }

    /// The year of that.
    pub(super) fn year(self) -> &'v str {
        self.day().get(..4).unwrap_or_default()
    }

    /// A field, as practice files write it; null where it is empty.
    pub(super) fn field(self, key: &str) -> &'v Value {
        &self.shown["fields"][key]
    }

    /// The code of a field that is one.
    pub(super) fn code(self, key: &str) -> &'v str {
        self.field(key).as_str().unwrap_or_default()
    }

    /// The codes of a field that holds some, numbers in decimal.
    pub(super) fn codes(self, key: &str) -> Vec<String> {
        let code = |value: &Value| match value {
            Value::String(code) => Some(code.clone()),
            Value::Number(number) => Some(number.to_string()),
            other => other["code"].as_str().map(str::to_owned),
        };
        self.field(key).as_array().into_iter().flatten().filter_map(code).collect()
    }

    /// The texts of a field with their languages, the original first.
    pub(super) fn texts(self, key: &str) -> Vec<(&'v str, &'v str)> {
        let by_language = self.field(key).as_object().into_iter().flatten();
        let mut texts: Vec<(&str, &str)> = by_language
            .filter_map(|(tag, text)| Some((tag.as_str(), text.as_str()?)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        texts.sort_by_key(|(tag, _)| *tag != self.code("original_language"));
        texts
    }

    /// The title with its language, as it is cited.
    pub(super) fn title(self) -> (&'v str, &'v str) {
        self.texts("title").first().copied().unwrap_or(("", self.word("title")))
    }

    /// Every language in which there is text, the original first.
    pub(super) fn languages(self) -> Vec<&'v str> {
        let fields = self.shown["fields"].as_object().into_iter().flatten();
        let tags: BTreeSet<&str> =
            fields.flat_map(|(key, _)| self.texts(key)).map(|(tag, _)| tag).collect();
        // An object of other parts has members that are no tags.
        let tags = tags.into_iter().filter(|tag| tag.parse::<tern_crdt::practice::Tag>().is_ok());
        let mut tags: Vec<&str> = tags.collect();
        tags.sort_by_key(|tag| *tag != self.code("original_language"));
        tags
    }

    /// The public source of a listed entry.
    pub(super) fn listed(self) -> Option<&'v Value> {
        self.field("basis").get("listed")
    }

    /// Who signed: a person, and the organisation behind them.
    pub(super) fn signers(self) -> impl Iterator<Item = (&'v str, &'v str)> {
        let signers = self.shown["signers"].as_array().into_iter().flatten();
        signers.map(|signer| {
            (
                signer["person"].as_str().unwrap_or_default(),
                signer["org"].as_str().unwrap_or_default(),
            )
        })
    }

    /// Who sealed the edition, a sentence each.
    fn sealed(self) -> Vec<String> {
        let seals = self.shown["seals"].as_array().into_iter().flatten();
        let number = self.number().unwrap_or_default();
        let sentence = |seal: &Value| {
            let org = ("org", seal["org"].as_str().unwrap_or_default());
            unmarked(&self.words.t2("seal-text", org, ("number", number)))
        };
        seals.map(sentence).collect()
    }

    /// What is said about it of some kind, beside what it says itself.
    pub(super) fn beside(self, kind: &str) -> &'v [Value] {
        self.shown[kind].as_array().map_or(&[], Vec::as_slice)
    }

    /// Where it stands, as its page says: that it is withdrawn, that it does not count, that it was
    /// listed from a public source, who sealed it, or that nobody reviewed it.
    pub(super) fn status(self) -> String {
        if self.shown["draft"].as_bool() == Some(true) {
            return self.words.t("take-draft");
        }
        if let Some(org) = self.shown["withdrawal"]["org"].as_str() {
            return unmarked(&self.words.t1("withdrawn-by", "org", org));
        }
        if self.word("verdict") == "quarantined" {
            return self.words.t("verdict-quarantined");
        }
        if self.listed().is_some() {
            return unmarked(&self.words.t1("listed-sentence", "org", self.org()));
        }
        match self.sealed() {
            none if none.is_empty() => self.words.t("hit-not-reviewed"),
            sealed => sealed.join(" "),
        }
    }

    /// How to name it: organisation, year, title, edition, id, licence.
    pub(super) fn attribution(self) -> String {
        let mut said = self.org().to_owned();
        if !self.year().is_empty() {
            said.push_str(&format!(" ({})", self.year()));
        }
        said.push_str(&format!(". {}", line(self.title().1)));
        if let Some(number) = self.number() {
            let edition = self.words.t1("cite-edition", "number", number);
            said.push_str(&format!(", {}", unmarked(&edition)));
        }
        said.push_str(&format!(". {}. {}.", self.id(), self.code("licence")));
        said
    }

    /// The words of pages.
    pub(super) const fn words(self) -> &'v Words {
        self.words
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// An edition of a practice in two languages, with text that is hostile to
    /// every format.
    pub fn counselling() -> Value {
        json!({
            "id": "tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5",
            "title": "Counselling & \"papers\" <b>before</b> departure",
            "edition": 2, "edition_id": "tern1e9q79dvt2mxakp3e7rs5w8ylj4c6h0fzn5aa",
            "content_hash": "ab".repeat(32),
            "origin": { "org": "tern1g79dvt2mxakp3e7rs5w8ylj4c6h0fzn5aaaa", "name": "Upland Labour Office" },
            "signers": [{ "person": "Bina Example", "org": "Upland Labour Office", "role": "publisher", "verdict": "accepted" }],
            "verdict": "accepted", "claimed_at": "2026-03-09T10:00:00Z",
            "fields": {
                "title": {
                    "en": "Counselling & \"papers\" <b>before</b> departure",
                    "ar": "المشورة قبل المغادرة",
                },
                "acronyms": [{ "short": "MRC", "long": "Migrant Resource Centre" }],
                "summary": { "en": "=HYPERLINK(\"http://evil.example\")\nDesks <script>alert(1)</script> {inform} 100% of $ & _all_.", "fr": "Des guichets." },
                "kind": "service",
                "primary_objectives": [3, 6],
                "principles": [{ "code": "human-rights", "how": { "en": "Nobody is turned away." } }],
                "topics": ["labour"],
                "countries": ["NP", "QA"],
                "start": "2019-04", "ongoing": true,
                "main_implementer": "Ministry of Labour",
                "partners": [{ "org": "@Radio; FM" }],
                "target_groups": [{ "code": "women", "number": 17000 }, { "code": "community" }],
                "challenges": [{ "text": { "en": "Distance." }, "overcome": { "en": "Radio." } }],
                "resources": [{ "title": "Handbook", "url": "https://example.org/a?b=1&c=2" }],
                "contact": "desk@example.org",
                "original_language": "en",
                "visibility": "public",
                "basis": "own",
                "licence": "CC-BY-4.0",
            },
        })
    }

    #[test]
    fn an_entry_says_what_its_page_says() {
        let (mut shown, words) = (counselling(), words("en"));
        let entry = Entry::new(&shown, &words);
        assert_eq!(entry.status(), "Not reviewed");
        assert_eq!(entry.languages(), ["en", "ar", "fr"], "the original first");
        assert_eq!(
            entry.attribution(),
            "Upland Labour Office (2026). Counselling & \"papers\" <b>before</b> departure, edition 2. tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5. CC-BY-4.0."
        );
        shown["seals"] = json!([{ "org": "Office of Crossings" }]);
        let sealed = Entry::new(&shown, &words).status();
        assert_eq!(sealed, "Office of Crossings sealed edition 2.");
        shown["fields"]["basis"] = json!({ "listed": { "url": "https://example.org" } });
        assert_eq!(
            Entry::new(&shown, &words).status(),
            "Listed by Upland Labour Office from a public source; not written by those who did the work."
        );
        shown["verdict"] = json!("quarantined");
        assert_eq!(Entry::new(&shown, &words).status(), "Does not count");
    }
}
