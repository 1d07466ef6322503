//! A large form laid out for its template: every label, hint,
//! message and choice decided, so that the template only writes.

use super::file::ROWS_MAX;
use super::schema::{Book, Cell, Column, Field, Kind, List};
use super::{Errors, Typed};
use crate::diff::{self, Piece};
use crate::service::{Choice, Clash, Vocabularies};
use crate::words::Words;

/// Empty rows offered below the filled ones; saving brings a new one.
const SPARE_ROWS: usize = 1;
/// Longer lists of boxes are folded; shorter ones too, where they are optional.
const OPEN_BOXES_MAX: usize = 30;
const OPTIONAL_BOXES_MAX: usize = 12;

/// A part of the form.
pub struct Part {
    /// Its id.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// Its fields.
    pub controls: Vec<Control>,
    /// How many of its fields are wrong.
    pub wrong: usize,
}

/// One field.
pub struct Control {
    /// Its id and name.
    pub id: String,
    /// Its label.
    pub label: String,
    /// What to write, where that helps.
    pub hint: Option<String>,
    /// Whether it may stay empty even for a review.
    pub optional: bool,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What somebody else changed meanwhile.
    pub clash: Option<Meanwhile>,
    /// What is typed in.
    pub body: Body,
}

/// What somebody else changed meanwhile.
pub struct Meanwhile {
    /// Who, if the name is shown.
    pub by: Option<String>,
    /// From what this person sent to what stands there now.
    pub pieces: Vec<Piece>,
}

/// What is typed in.
pub enum Body {
    /// One line; `lang` where that is not the language of the page.
    Line { value: String, lang: Option<String> },
    /// Several lines.
    Prose { value: String, lang: Option<String> },
    /// A single box.
    Flag { on: bool },
    /// A list to choose one of.
    One { options: Vec<Opt> },
    /// Boxes.
    Many { options: Vec<Opt>, folded: bool },
    /// Boxes with something more each.
    Each { options: Vec<(Opt, Input)> },
    /// Rows of inputs.
    Rows { rows: Vec<Row> },
    /// One row.
    Inputs { inputs: Vec<Input> },
    /// Own or listed, with the source.
    Basis { listed: bool, inputs: Vec<Input> },
}

/// Something to choose.
pub struct Opt {
    /// What is sent.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// A row of inputs.
pub struct Row {
    /// What it is, for those who hear the page.
    pub title: String,
    /// Its inputs.
    pub inputs: Vec<Input>,
}

/// One input of a row.
pub struct Input {
    /// Its id and name.
    pub id: String,
    /// Its label.
    pub label: String,
    /// What is in it.
    pub value: String,
    /// `text`, `url`, or what kind of keyboard suits.
    pub kind: &'static str,
    /// Whether it is long.
    pub long: bool,
    /// Its language, where that is not the language of the page.
    pub lang: Option<String>,
    /// What to choose from, if it is a list.
    pub options: Vec<Opt>,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// What the form is made from.
pub struct Sheet<'a> {
    /// Which form.
    pub book: &'a Book,
    /// What is typed.
    pub typed: &'a Typed,
    /// The language of the form.
    pub lang: &'a str,
    /// What is wrong.
    pub errors: &'a Errors,
    /// What others changed meanwhile.
    pub clashes: &'a [Clash],
    /// What there is to choose.
    pub lists: &'a Vocabularies,
    /// Sentences.
    pub words: &'a Words,
    /// Files by field, named, as they are in the draft.
    pub files: &'a dyn Fn(&str) -> Vec<String>,
}

impl Sheet<'_> {
    /// The whole form.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        self.book
            .groups
            .iter()
            .map(|group| {
                let controls: Vec<_> =
                    group.fields.iter().map(|field| self.control(field)).collect();
                let wrong = self.errors.iter().filter(|wrong| {
                    let key = wrong.id.split('.').next().unwrap_or("");
                    group.fields.iter().any(|field| field.key == key)
                });
                Part {
                    id: group.key,
                    title: self.words.t(&format!("group-{}", group.key)),
                    wrong: wrong.count(),
                    controls,
                }
            })
            .collect()
    }

    /// The errors with the label of their field in front, for the summary.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, String)> {
        self.errors
            .iter()
            .map(|wrong| {
                let key = wrong.id.split('.').next().unwrap_or("");
                let label = self.label(key);
                let message = if self.words.has(&label) {
                    self.words.t2(
                        "form-wrong",
                        ("field", self.words.t(&label)),
                        ("message", &wrong.message),
                    )
                } else {
                    wrong.message.clone()
                };
                (self.anchor(&wrong.id), message)
            })
            .collect()
    }

    /// The id of the input that an error is about: the closest one there is.
    fn anchor(&self, id: &str) -> String {
        let key = id.split('.').next().unwrap_or(id);
        let known = self.book.fields().find(|field| field.key == key);
        match known.map(|field| &field.kind) {
            Some(Kind::Rows(_) | Kind::Files(_)) => {
                id.splitn(4, '.').take(3).collect::<Vec<_>>().join(".")
            }
            _ => key.to_owned(),
        }
    }

    /// The key of the label of a field.
    fn label(&self, key: &str) -> String {
        format!("{}-{key}", self.book.label)
    }

    fn control(&self, field: &Field) -> Control {
        let key = field.key;
        Control {
            id: key.to_owned(),
            label: self.words.t(&self.label(key)),
            hint: self.hint(key, &field.kind),
            optional: !field.starred,
            error: self.error_of(key),
            clash: self.clashes.iter().find(|clash| clash.field == key).map(|clash| Meanwhile {
                by: clash.by.clone(),
                pieces: diff::words(&clash.yours, &clash.joined),
            }),
            body: self.body(field),
        }
    }

    /// The language of the form, where it is not that of the page.
    fn foreign(&self) -> Option<String> {
        (self.lang != self.words.lang).then(|| self.lang.to_owned())
    }

    /// What is wrong with the field itself, or with its text in some language.
    fn error_of(&self, key: &str) -> Option<String> {
        let within = format!("{key}.");
        self.errors
            .iter()
            .find(|wrong| wrong.id == key || wrong.id.starts_with(&within))
            .map(|wrong| wrong.message.clone())
    }

    fn hint(&self, key: &str, kind: &Kind) -> Option<String> {
        let hint = format!("{}-hint", self.label(key));
        let hint = self.words.has(&hint).then(|| self.words.t(&hint));
        let limit = self
            .book
            .limit(self.lists, key)
            .filter(|_| matches!(kind, Kind::Line | Kind::Prose | Kind::Word | Kind::Passage));
        let limit = limit.map(|limit| self.words.t1("form-characters", "count", limit));
        match (hint, limit) {
            (Some(hint), Some(limit)) => Some(format!("{hint} {limit}")),
            (hint, limit) => hint.or(limit),
        }
    }

    fn body(&self, field: &Field) -> Body {
        let key = field.key;
        let value = || self.typed.get(key);
        let lang = || self.foreign();
        match &field.kind {
            Kind::Line => Body::Line { value: value(), lang: lang() },
            Kind::Prose => Body::Prose { value: value(), lang: lang() },
            Kind::Word | Kind::Numeral | Kind::Date => Body::Line { value: value(), lang: None },
            Kind::Passage | Kind::Lines => Body::Prose { value: value(), lang: None },
            Kind::Flag => Body::Flag { on: self.typed.has(key, "true") },
            Kind::One(list) => Body::One { options: self.options(key, *list) },
            Kind::Numbers(list) => {
                let mut options = self.options(key, *list);
                for option in &mut options {
                    option.label = format!("{} {}", option.code, option.label);
                }
                Body::Many { folded: folded(field, &options), options }
            }
            Kind::Many(list) => {
                let options = self.options(key, *list);
                Body::Many { folded: folded(field, &options), options }
            }
            Kind::Each(list, column) => Body::Each {
                options: self
                    .options(key, *list)
                    .into_iter()
                    .map(|option| {
                        let mut input = self.input(key, &format!("{key}.{}", option.code), column);
                        input.label = self.words.t2(
                            "form-of",
                            ("what", input.label),
                            ("whom", &option.label),
                        );
                        (option, input)
                    })
                    .collect(),
            },
            Kind::Rows(columns) => Body::Rows { rows: self.rows(key, columns) },
            Kind::Files(columns) => Body::Rows { rows: self.file_rows(key, columns) },
            Kind::Row(columns) => Body::Inputs { inputs: self.inputs(key, key, columns) },
            Kind::Basis(columns) => Body::Basis {
                listed: self.typed.has(key, "listed"),
                inputs: self.inputs(key, key, columns),
            },
        }
    }

    fn rows(&self, key: &str, columns: &[Column]) -> Vec<Row> {
        let prefix = format!("{key}.");
        let filled = self
            .typed
            .0
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(name, _)| name.strip_prefix(&prefix)?.split('.').next()?.parse().ok())
            .max()
            .map_or(0, |last: usize| last.saturating_add(1));
        let limit = self.book.limit(self.lists, key).map_or(ROWS_MAX, |limit| limit as usize);
        (0..(filled.min(ROWS_MAX) + SPARE_ROWS).min(limit.max(1)))
            .map(|at| Row {
                title: self.words.t2(
                    "form-row",
                    ("field", self.words.t(&self.label(key))),
                    ("number", at + 1),
                ),
                inputs: self.inputs(key, &format!("{key}.{at}"), columns),
            })
            .collect()
    }

    fn file_rows(&self, key: &str, columns: &[Column]) -> Vec<Row> {
        (self.files)(key)
            .into_iter()
            .enumerate()
            .map(|(at, name)| Row {
                title: name,
                inputs: self.inputs(key, &format!("{key}.{at}"), columns),
            })
            .collect()
    }

    fn inputs(&self, field: &str, name: &str, columns: &[Column]) -> Vec<Input> {
        columns.iter().map(|column| self.input(field, name, column)).collect()
    }

    fn input(&self, field: &str, name: &str, column: &Column) -> Input {
        let id = format!("{name}.{}", column.key);
        let (options, kind) = match column.cell {
            Cell::One(list) => (self.options(&id, list), "list"),
            Cell::Link => (Vec::new(), "url"),
            Cell::Flag => (Vec::new(), "flag"),
            _ => (Vec::new(), "text"),
        };
        Input {
            label: self.words.t(&format!("{}-{}", self.label(field), column.key)),
            value: self.typed.get(&id),
            long: matches!(column.cell, Cell::Text) && field != "indicators",
            lang: self.foreign().filter(|_| matches!(column.cell, Cell::Text)),
            error: self.errors.of(&id).map(str::to_owned),
            id,
            options,
            kind,
        }
    }

    /// The choices of a list; what is chosen and not on the list stays.
    fn options(&self, name: &str, list: List) -> Vec<Opt> {
        let known: &[Choice] = list(self.lists);
        let field = name.rsplit('.').next().unwrap_or(name);
        let on = |code: &str| self.typed.has(name, code);
        let mut options: Vec<_> = known
            .iter()
            .map(|c| Opt {
                on: on(&c.code),
                label: self.words.choice(field, &c.code, &c.label),
                code: c.code.clone(),
            })
            .collect();
        let strange = self.typed.all(name).filter(|code| !code.is_empty());
        for code in strange.filter(|code| known.iter().all(|choice| choice.code != **code)) {
            options.push(Opt { code: code.to_owned(), label: code.to_owned(), on: true });
        }
        options
    }
}

fn folded(field: &Field, options: &[Opt]) -> bool {
    options.len() > if field.starred { OPEN_BOXES_MAX } else { OPTIONAL_BOXES_MAX }
}
