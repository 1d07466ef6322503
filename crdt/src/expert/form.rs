//! The form of an expert card.

use serde_json::Value as Json;

use crate::ask::Modality;
use crate::schema::{
    At, Code, Country, Date, FieldRefused, Objective, Shape, Support, Tag, Topic, bounded, choices,
    form, record,
};
use crate::value::Value;

/// The canonical form of a card has at most this many bytes.
pub const CARD_BYTES_MAX: usize = 1_500;
/// An expert gives at most this many hours a month.
pub const HOURS_MAX: u64 = 200;

choices! {
    /// What an expert can do in a language. Each includes those before it.
    Skill default Work {
        /// Read, listen and talk.
        Work "work";
        /// Write an answer that can be used as it is.
        Write "write";
        /// Lead a training.
        Train "train";
    }

    /// What an expert's help costs.
    Cost {
        /// Nothing.
        Free "free";
        /// What the travel costs.
        Expenses "expenses";
        /// A fee.
        Fee "fee";
    }
}

record! {
    /// A language, with what the expert can do in it.
    Spoken bare tag {
        /// The language.
        tag: Tag, 0;
        /// What they can do in it.
        can: Skill, 0;
    }
}

record! {
    /// A time in which the expert can be asked.
    Window bare from {
        /// Its first day; since ever if not given.
        from: Option<Date>, 0;
        /// Its last day; without an end if not given.
        until: Option<Date>, 0;
    }
}

impl Window {
    /// Whether it has a day from `first` to `last`, both in days since
    /// 1970-01-01 and both included.
    pub fn meets(&self, first: i64, last: i64) -> bool {
        self.from.is_none_or(|from| from.first_day() <= last)
            && self.until.is_none_or(|until| until.last_day() >= first)
    }
}

/// How long an expert has worked in the field, in bands: more would help to
/// guess who it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Years {
    /// Less than 5.
    UnderFive,
    /// 5 to 9.
    FiveToNine,
    /// 10 to 19.
    TenToNineteen,
    /// 20 and more.
    TwentyOrMore,
}

impl Years {
    /// Every band, shortest first.
    pub const ALL: [Self; 4] =
        [Self::UnderFive, Self::FiveToNine, Self::TenToNineteen, Self::TwentyOrMore];

    /// The band as it stands in cards.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderFive => "0-4",
            Self::FiveToNine => "5-9",
            Self::TenToNineteen => "10-19",
            Self::TwentyOrMore => "20+",
        }
    }

    /// The band of a number of years.
    pub const fn of(years: u64) -> Self {
        match years {
            0..5 => Self::UnderFive,
            5..10 => Self::FiveToNine,
            10..20 => Self::TenToNineteen,
            20.. => Self::TwentyOrMore,
        }
    }
}

/// Read from the band or from a number of years, of which the band is kept.
impl Shape for Years {
    fn read_json(json: &Json, at: At<'_>) -> Result<Self, FieldRefused> {
        let banded = |word: &str| Self::ALL.into_iter().find(|band| band.as_str() == word);
        let years = match json {
            Json::String(word) => {
                let word = word.trim();
                banded(word).or_else(|| word.parse().ok().map(Self::of))
            }
            number => number.as_u64().map(Self::of),
        };
        years.ok_or_else(|| {
            at.refuse("is neither a number of years nor one of 0-4, 5-9, 10-19, 20+")
        })
    }

    fn write_json(&self) -> Option<Json> {
        Some(self.as_str().into())
    }

    fn read_value(value: &Value) -> Option<Self> {
        let Value::Word(word) = value else { return None };
        Self::ALL.into_iter().find(|band| band.as_str() == word)
    }

    fn write_value(&self) -> Option<Value> {
        Some(Value::Word(self.as_str().to_owned()))
    }
}

record! {
    /// What an expert says of what they can help with.
    Card {
        /// A name or an alias, as the expert chooses.
        name: Option<String>, 120;
        /// The objectives that they know.
        objectives: Vec<Objective>, 23;
        /// The topics that they know.
        topics: Vec<Code<Topic>>, 20;
        /// The languages that they work in.
        languages: Vec<Spoken>, 12;
        /// Countries whose systems they know.
        country_experience: Vec<Code<Country>>, 40;
        /// What they can give.
        support_types: Vec<Code<Support>>, 11;
        /// How long they have worked in the field.
        years: Option<Years>, 0;
        /// How they can meet people; nothing said means either way.
        modality: Option<Modality>, 0;
        /// Hours in a month that they can give.
        hours: Option<u64>, HOURS_MAX;
        /// When they can be asked; nothing said means at any time.
        availability: Vec<Window>, 6;
        /// What their help costs.
        cost: Option<Cost>, 0;
    }
}

form!(Card);

impl Card {
    /// Reads a card file. `language` is not used by any field of this version
    /// and stands here because texts of a later one may need it.
    ///
    /// # Errors
    /// The field that is unknown, malformed or beyond its bound, or the whole
    /// when it is longer than [`CARD_BYTES_MAX`].
    pub fn from_json(json: &Json, language: &str) -> Result<Self, FieldRefused> {
        let at = At::whole(language);
        let card = Self::read_json(json, at)?;
        for (index, window) in card.availability.iter().enumerate() {
            if let (Some(from), Some(until)) = (window.from, window.until)
                && until.is_before(from)
            {
                let list = at.key("availability", 0);
                let message = format!("is {until}, which is before its first day, {from}");
                return Err(list.index(index).key("until", 0).refuse(message));
            }
        }
        bounded(&card.to_tree(), "card", CARD_BYTES_MAX)?;
        Ok(card)
    }

    /// The keys of the fields without which a card cannot be listed, because
    /// no request would find it.
    pub fn missing(&self) -> Vec<&'static str> {
        let fields = [
            ("name", self.name.is_some()),
            ("objectives", !self.objectives.is_empty()),
            ("languages", !self.languages.is_empty()),
            ("support_types", !self.support_types.is_empty()),
        ];
        fields.into_iter().filter(|(_, given)| !given).map(|(key, _)| key).collect()
    }
}
