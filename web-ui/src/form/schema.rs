//! Forms as tables: every field of a practice file, of a request, of an
//! expert card, in the groups and the order in which people are asked.
//!
//! A field that a review asks for is `starred`; those stand first in their
//! group, the others say that they are optional. Labels and hints are the
//! sentences `LABEL-KEY` and `LABEL-KEY-hint`, with the label of the book.

use crate::service::{Choice, Vocabularies};

/// A list of choices of the vocabularies.
pub type List = fn(&Vocabularies) -> &[Choice];

/// One form.
pub struct Book {
    /// How the keys of its sentences begin.
    pub label: &'static str,
    /// Its parts.
    pub groups: &'static [Group],
}

impl Book {
    /// All fields, in the order of the form.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.groups.iter().flat_map(|group| group.fields)
    }

    /// The bound of a field, if it has one that a form can tell.
    #[must_use]
    pub fn limit(&self, lists: &Vocabularies, key: &str) -> Option<u64> {
        match self.label {
            "field" => lists.limits.get(key).copied(),
            label => lists.limits.get(&format!("{label}.{key}")).copied(),
        }
    }
}

/// The form of a practice.
pub const PRACTICE: Book = Book { label: "field", groups: GROUPS };
/// The form of a request.
pub const ASK: Book = Book { label: "ask", groups: super::support::ASK_GROUPS };
/// The form of an expert card.
pub const CARD: Book = Book { label: "card", groups: super::support::CARD_GROUPS };

/// A part of the form.
pub struct Group {
    /// Id, and end of the key of its heading (`group-KEY`).
    pub key: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// One field.
pub struct Field {
    /// Its key in practice files.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a review asks for it.
    pub starred: bool,
}

/// What a field holds.
pub enum Kind {
    /// A line in the language of the form.
    Line,
    /// Long text in the language of the form.
    Prose,
    /// A line that is the same in every language.
    Word,
    /// Long text that is the same in every language.
    Passage,
    /// A whole number.
    Numeral,
    /// Words, one a line.
    Lines,
    /// A date: YYYY, YYYY-MM or YYYY-MM-DD.
    Date,
    /// Yes or no.
    Flag,
    /// One code.
    One(List),
    /// Any number of codes.
    Many(List),
    /// Any number of codes that are numbers.
    Numbers(List),
    /// Any number of codes, each with one thing more.
    Each(List, Column),
    /// Any number of rows.
    Rows(&'static [Column]),
    /// Files that are there already; only what is said about them changes.
    Files(&'static [Column]),
    /// One row, or nothing.
    Row(&'static [Column]),
    /// Own, or listed from a source with these columns.
    Basis(&'static [Column]),
}

/// A part of a row. Its label is the sentence `field-KEY-COLUMN`.
pub struct Column {
    /// Its key.
    pub key: &'static str,
    /// What it holds.
    pub cell: Cell,
}

/// What a part of a row holds.
#[derive(Clone, Copy)]
pub enum Cell {
    /// Text in the language of the form.
    Text,
    /// A line that is the same in every language.
    Word,
    /// An address on the web.
    Link,
    /// A number or words.
    Figure,
    /// A whole number.
    Count,
    /// Degrees.
    Degrees,
    /// A date.
    Date,
    /// Yes or no.
    Flag,
    /// One code.
    One(List),
}

pub(super) const fn asked(key: &'static str, kind: Kind) -> Field {
    Field { key, kind, starred: true }
}

pub(super) const fn free(key: &'static str, kind: Kind) -> Field {
    Field { key, kind, starred: false }
}

pub(super) const fn col(key: &'static str, cell: Cell) -> Column {
    Column { key, cell }
}

/// The whole form of a practice.
const GROUPS: &[Group] = &[
    Group {
        key: "about",
        fields: &[
            asked("title", Kind::Line),
            asked("original_language", Kind::One(|v| &v.languages)),
            asked("summary", Kind::Prose),
            asked("kind", Kind::One(|v| &v.kinds)),
            asked("primary_objectives", Kind::Numbers(|v| &v.objectives)),
            free("related_objectives", Kind::Numbers(|v| &v.objectives)),
        ],
    },
    Group {
        key: "place",
        fields: &[
            asked("geographic_level", Kind::One(|v| &v.levels)),
            asked("countries", Kind::Many(|v| &v.countries)),
            asked("start", Kind::Date),
            free("end", Kind::Date),
            free("ongoing", Kind::Flag),
            free("completion", Kind::One(|v| &v.completions)),
            free("subregions", Kind::Many(|v| &v.subregions)),
            free(
                "places",
                Kind::Rows(&[
                    col("name", Cell::Word),
                    col("lat", Cell::Degrees),
                    col("lon", Cell::Degrees),
                ]),
            ),
        ],
    },
    Group {
        key: "who",
        fields: &[
            asked("main_implementer", Kind::Word),
            asked("implementer_kind", Kind::One(|v| &v.organisation_kinds)),
            free("partners", Kind::Rows(&[col("org", Cell::Word), col("role", Cell::Word)])),
            free(
                "donors",
                Kind::Rows(&[
                    col("name", Cell::Word),
                    col("amount", Cell::Figure),
                    col("currency", Cell::Word),
                    col("iati", Cell::Word),
                ]),
            ),
            free(
                "target_groups",
                Kind::Rows(&[
                    col("code", Cell::One(|v| &v.target_groups)),
                    col("number", Cell::Count),
                ]),
            ),
        ],
    },
    Group { key: "situation", fields: &[asked("aims", Kind::Prose), free("context", Kind::Prose)] },
    Group {
        key: "done",
        fields: &[
            asked("activities", Kind::Prose),
            free("participation", Kind::Prose),
            free("innovation", Kind::Prose),
            free("challenges", Kind::Rows(&[col("text", Cell::Text), col("overcome", Cell::Text)])),
        ],
    },
    Group {
        key: "changed",
        fields: &[
            asked("results", Kind::Prose),
            free("evidence", Kind::One(|v| &v.evidence)),
            free(
                "indicators",
                Kind::Rows(&[
                    col("name", Cell::Text),
                    col("baseline", Cell::Figure),
                    col("value", Cell::Figure),
                    col("unit", Cell::Word),
                    col("date", Cell::Date),
                    col("source", Cell::Word),
                ]),
            ),
        ],
    },
    Group {
        key: "advice",
        fields: &[
            asked("lessons", Kind::Prose),
            asked("recommendations", Kind::Prose),
            free("conditions", Kind::Prose),
            free("sustainability", Kind::Prose),
        ],
    },
    Group {
        key: "care",
        fields: &[
            asked("principles", Kind::Each(|v| &v.principles, col("how", Cell::Text))),
            free("rights", Kind::Prose),
            free("risks", Kind::Prose),
        ],
    },
    Group {
        key: "links",
        fields: &[
            free("topics", Kind::Many(|v| &v.topics)),
            free("stages", Kind::Many(|v| &v.stages)),
            free("sdg_targets", Kind::Many(|v| &v.sdg_targets)),
            free(
                "resources",
                Kind::Rows(&[
                    col("title", Cell::Word),
                    col("url", Cell::Link),
                    col("lang", Cell::One(|v| &v.languages)),
                    col("type", Cell::One(|v| &v.resource_types)),
                    col("licence", Cell::One(|v| &v.licences)),
                ]),
            ),
            free("acronyms", Kind::Rows(&[col("short", Cell::Word), col("long", Cell::Word)])),
            free(
                "attachments",
                Kind::Files(&[
                    col("lang", Cell::One(|v| &v.languages)),
                    col("alt", Cell::Text),
                    col("licence", Cell::One(|v| &v.licences)),
                ]),
            ),
            free(
                "images",
                Kind::Files(&[
                    col("alt", Cell::Text),
                    col("consent", Cell::Word),
                    col("licence", Cell::One(|v| &v.licences)),
                ]),
            ),
        ],
    },
    Group {
        key: "terms",
        fields: &[
            free(
                "basis",
                Kind::Basis(&[
                    col("url", Cell::Link),
                    col("seen_on", Cell::Date),
                    col("note", Cell::Word),
                ]),
            ),
            free("contact", Kind::Word),
            free("on_behalf_of", Kind::Row(&[col("org", Cell::Word), col("consent", Cell::Word)])),
            free("call", Kind::Word),
            free(
                "translation_of",
                Kind::Row(&[col("edition", Cell::Word), col("by", Cell::One(|v| &v.translations))]),
            ),
            free("disclaimer", Kind::Prose),
            free("visibility", Kind::One(|v| &v.visibilities)),
            free("licence", Kind::One(|v| &v.licences)),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_of_a_practice_file_is_asked_for_once() {
        let contract = "title acronyms summary kind primary_objectives related_objectives \
            principles topics sdg_targets stages geographic_level countries subregions places \
            start end ongoing completion main_implementer implementer_kind partners donors \
            target_groups context aims activities results indicators evidence challenges lessons \
            recommendations conditions innovation sustainability rights participation risks \
            resources attachments images contact on_behalf_of call original_language \
            translation_of disclaimer visibility basis licence";
        let contract: BTreeSet<_> = contract.split(' ').collect();
        let asked: Vec<_> = PRACTICE.fields().map(|field| field.key).collect();
        assert_eq!(asked.iter().copied().collect::<BTreeSet<_>>(), contract);
        assert_eq!(asked.len(), contract.len());
    }

    #[test]
    fn what_a_review_asks_for_stands_first_in_its_group() {
        for group in [&PRACTICE, &ASK, &CARD].into_iter().flat_map(|book| book.groups) {
            let starred: Vec<_> = group.fields.iter().map(|field| field.starred).collect();
            assert!(starred.is_sorted_by(|a, b| a >= b), "{}", group.key);
        }
    }
}
