//! What the first page and the library have in common: a query as an address,
//! the filters above a list, the list.

use serde::Deserialize;

use crate::address::with_query;
use crate::page::Chrome;
use crate::service::{Choice, Count, Found, Query, Vocabularies};

/// Codes of how fresh a practice's word is, in addresses.
const FRESHNESS: [&str; 2] = ["fresh", "stale"];

/// Practices on one page of a list.
pub const HITS_ON_A_PAGE: usize = 20;

/// A query as it stands in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Words.
    pub q: String,
    /// Objective.
    pub objective: String,
    /// Country.
    pub country: String,
    /// Kind of practice.
    pub kind: String,
    /// Language of the text. (`lang` is the language of the page.)
    pub language: String,
    /// Topic.
    pub topic: String,
    /// M49 region, grouping or subregion.
    pub place: String,
    /// Only what arrived later, in seconds since 1970.
    pub since: String,
    /// Only practices of this organisation.
    pub origin: String,
    /// Only practices whose word is `fresh` or `stale`.
    pub valid: String,
    /// `yes` for those too that were withdrawn.
    pub withdrawn: String,
    /// `valid` for those first that were confirmed or published last.
    pub sort: String,
    /// Where the page begins.
    pub after: String,
}

impl Asked {
    /// As the node is asked.
    #[must_use]
    pub fn query(&self, limit: usize) -> Query {
        let some = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Query {
            text: self.q.trim().chars().take(400).collect(),
            objective: some(&self.objective),
            country: some(&self.country),
            kind: some(&self.kind),
            lang: some(&self.language),
            topic: some(&self.topic),
            place: some(&self.place),
            since: self.since.trim().parse().ok(),
            origin: some(&self.origin),
            freshness: some(&self.valid).filter(|word| FRESHNESS.contains(&word.as_str())),
            withdrawn: self.withdrawn.trim() == "yes",
            by_freshness: self.sort.trim() == "valid",
            after: some(&self.after),
            limit,
        }
    }

    /// The address of the list with one thing changed.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut pairs: Vec<(&str, Option<&str>)> = self
            .parts()
            .into_iter()
            .filter(|(key, _)| *key != name)
            .map(|(key, value)| (key, Some(value.trim()).filter(|value| !value.is_empty())))
            .collect();
        pairs.push((name, value));
        with_query("/practices", &pairs)
    }

    /// What is asked for, by its name in addresses.
    fn parts(&self) -> [(&'static str, &String); 12] {
        [
            ("q", &self.q),
            ("objective", &self.objective),
            ("country", &self.country),
            ("kind", &self.kind),
            ("language", &self.language),
            ("topic", &self.topic),
            ("place", &self.place),
            ("since", &self.since),
            ("origin", &self.origin),
            ("valid", &self.valid),
            ("withdrawn", &self.withdrawn),
            ("sort", &self.sort),
        ]
    }

    /// What a form carries on besides the words.
    #[must_use]
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let parts = self.parts().into_iter().skip(1);
        let said = parts.filter(|(_, value)| !value.trim().is_empty());
        said.map(|(name, value)| (name, value.trim().to_owned())).collect()
    }

    /// The address of all that is asked for as one file.
    #[must_use]
    pub fn export(&self, format: &str) -> String {
        self.at("/api/v1/practices/export", "lang", Some(format))
    }

    /// The address of the feed of all that is asked for.
    #[must_use]
    pub fn feed(&self) -> String {
        self.at("/feed.atom", "language", None)
    }

    /// All that is asked for at another address.
    fn at(&self, path: &str, language: &str, format: Option<&str>) -> String {
        let said = self.parts().into_iter().map(|(name, value)| {
            let name = if name == "language" { language } else { name };
            (name, Some(value.trim()).filter(|value| !value.is_empty()))
        });
        let pairs: Vec<_> = said.chain([("format", format)]).collect();
        with_query(path, &pairs)
    }

    /// Whether nothing at all is asked for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.parts().iter().all(|(_, part)| part.trim().is_empty())
    }

    /// What a kept search asks for.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Self {
            q: query.text.clone(),
            objective: text(&query.objective),
            country: text(&query.country),
            kind: text(&query.kind),
            language: text(&query.lang),
            topic: text(&query.topic),
            place: text(&query.place),
            since: query.since.map(|since| since.to_string()).unwrap_or_default(),
            origin: text(&query.origin),
            valid: text(&query.freshness),
            withdrawn: if query.withdrawn { "yes".into() } else { String::new() },
            sort: if query.by_freshness { "valid".into() } else { String::new() },
            after: String::new(),
        }
    }

    /// The address of the list.
    #[must_use]
    pub fn address(&self) -> String {
        self.with("after", None)
    }
}

/// One filter above a list.
pub struct Filter {
    /// Its label.
    pub label: String,
    /// What is chosen, if anything.
    pub chosen: Option<String>,
    /// The address without it.
    pub without: String,
    /// What can be chosen.
    pub options: Vec<Choosable>,
}

/// One thing to choose in a filter.
pub struct Choosable {
    /// What people read.
    pub label: String,
    /// How many practices it leaves.
    pub count: u64,
    /// The address with it.
    pub link: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// The filters above a list.
#[must_use]
pub fn filters(c: &Chrome, asked: &Asked, found: &Found, lists: &Vocabularies) -> Vec<Filter> {
    let (facets, of) = (&found.facets, Making { asked });
    vec![
        of.filter(
            ("objective", c.t("filter-objective")),
            &asked.objective,
            &facets.objectives,
            &lists.objectives,
        ),
        of.filter(("topic", c.t("filter-topic")), &asked.topic, &facets.topics, &lists.topics),
        of.filter(("place", c.t("filter-place")), &asked.place, &facets.places, &lists.places),
        of.filter(
            ("country", c.t("filter-country")),
            &asked.country,
            &facets.countries,
            &lists.countries,
        ),
        of.filter(("kind", c.t("filter-kind")), &asked.kind, &facets.kinds, &lists.kinds),
        of.filter(
            ("language", c.t("filter-language")),
            &asked.language,
            &facets.languages,
            &lists.languages,
        ),
        of.filter(("valid", c.t("filter-valid")), &asked.valid, &freshness(c, found), &choices(c)),
    ]
}

/// How fresh a practice's word can be.
fn choices(c: &Chrome) -> Vec<Choice> {
    let choice = |code: &str| Choice { code: code.to_owned(), label: c.word("valid", code) };
    FRESHNESS.map(choice).to_vec()
}

/// How many were confirmed or published lately, and how many not.
fn freshness(c: &Chrome, found: &Found) -> Vec<Count> {
    let (fresh, stale) = found.facets.freshness;
    let counts = choices(c).into_iter().zip([fresh, stale]);
    let counts = counts.map(|(choice, count)| Count { choice, count });
    counts.filter(|one| one.count > 0).collect()
}

struct Making<'a> {
    asked: &'a Asked,
}

impl Making<'_> {
    /// One filter; what is chosen keeps its label when nothing fits it.
    fn filter(
        &self,
        (name, label): (&str, String),
        chosen: &str,
        counts: &[Count],
        list: &[Choice],
    ) -> Filter {
        let told = |code: &str, label: &str| match name {
            "objective" => format!("{code} {label}"),
            _ => label.to_owned(),
        };
        let known = counts.iter().find(|count| count.choice.code == chosen);
        let label_of_chosen = match known {
            Some(count) => count.choice.label.as_str(),
            None => Vocabularies::label(list, chosen),
        };
        let chosen_label = told(chosen, label_of_chosen);
        let options = counts.iter().map(|count| Choosable {
            label: told(&count.choice.code, &count.choice.label),
            count: count.count,
            link: self.asked.with(name, Some(&count.choice.code)),
            on: count.choice.code == chosen,
        });
        Filter {
            label,
            chosen: (!chosen.is_empty()).then_some(chosen_label),
            without: self.asked.with(name, None),
            options: options.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_one_filter_keeps_the_others_and_begins_anew() {
        let asked = Asked {
            q: "birth papers".into(),
            country: "NE".into(),
            after: "20".into(),
            ..Asked::default()
        };
        assert_eq!(asked.with("country", None), "/practices?q=birth%20papers");
        assert_eq!(
            asked.with("objective", Some("4")),
            "/practices?q=birth%20papers&country=NE&objective=4"
        );
        assert!(!asked.is_everything() && Asked::default().is_everything());
        assert_eq!(asked.kept(), [("country", "NE".to_owned())]);
        assert_eq!(Asked::of(&asked.query(20)).address(), "/practices?q=birth%20papers&country=NE");
    }
}
