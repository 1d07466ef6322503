//! The parts of a total, each with its weight and its reason.

use tern_crdt::ask::{Ask, Modality};
use tern_crdt::expert::{Card, Skill, Spoken};
use tern_crdt::schema::{Code, Country, Date, Objective, Support, Tag, Topic};
use tern_crdt::taxonomy::regions_of;
use tern_crdt::timestamp::Timestamp;

use super::Unfit;

/// What a total is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// How many of the objectives asked for they know.
    Objectives,
    /// How many of the kinds of support asked for they give.
    Support,
    /// What they can do in a language that is wanted.
    Languages,
    /// Whether they know the country, or one near it.
    Country,
    /// How many of the topics asked for they know.
    Topics,
    /// Whether they have time until the answer is needed.
    Availability,
    /// How many requests are in their hands already.
    Load,
}

impl Part {
    /// Every part, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Objectives,
        Self::Support,
        Self::Languages,
        Self::Country,
        Self::Topics,
        Self::Availability,
        Self::Load,
    ];

    /// Its name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objectives => "objectives",
            Self::Support => "support",
            Self::Languages => "languages",
            Self::Country => "country",
            Self::Topics => "topics",
            Self::Availability => "availability",
            Self::Load => "load",
        }
    }

    /// Its weight: the most points that it gives.
    pub const fn most(self) -> u8 {
        match self {
            Self::Objectives => 30,
            Self::Support => 20,
            Self::Languages => 15,
            Self::Country | Self::Topics | Self::Availability => 10,
            Self::Load => 5,
        }
    }
}

const _: () = {
    let mut sum = 0;
    let mut at = 0;
    while at < Part::ALL.len() {
        sum += Part::ALL[at].most();
        at += 1;
    }
    assert!(sum == 100, "the weights make 100");
};

/// The points of one part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Points {
    /// Which part.
    pub part: Part,
    /// 0 to [`Part::most`].
    pub points: u8,
    /// Why.
    pub reason: Reason,
}

/// Why a part has its points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The request leaves it open: it counts in full.
    NotAsked,
    /// They know these of so many objectives.
    Objectives {
        /// Which, in the order of the request.
        shared: Vec<Objective>,
        /// How many were asked for.
        asked: usize,
    },
    /// They give these of so many kinds of support.
    Support {
        /// Which, in the order of the request.
        shared: Vec<Code<Support>>,
        /// How many were asked for.
        asked: usize,
    },
    /// They know these of so many topics.
    Topics {
        /// Which, in the order of the request.
        shared: Vec<Code<Topic>>,
        /// How many were asked for.
        asked: usize,
    },
    /// They can answer in this language.
    Speaks {
        /// The language, as their card has it.
        tag: Tag,
        /// What they can do in it.
        can: Skill,
    },
    /// They know the country's system.
    KnowsCountry,
    /// Their organisation is in the country.
    InCountry,
    /// They know, or are in, a country of the same region.
    KnowsRegion {
        /// The country that they know.
        country: String,
        /// The smallest M49 region that both lie in.
        region: &'static str,
    },
    /// They know no country near.
    Elsewhere,
    /// They have time before the answer is needed.
    Free {
        /// Hours in a month, if they say.
        hours: Option<u64>,
        /// Whether they meet people in the way that is asked for.
        meets: bool,
    },
    /// They give no hours at present.
    NoHours,
    /// They cannot be asked before the answer is needed.
    Away {
        /// The first day on which they can be asked again, if there is one.
        until: Option<Date>,
    },
    /// So many requests are known to be in their hands.
    InHand {
        /// How many.
        requests: u32,
    },
}

impl Reason {
    /// Its code, by which pages find their sentence.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Objectives { .. } => "objectives",
            Self::Support { .. } => "support",
            Self::Topics { .. } => "topics",
            Self::Speaks { .. } => "speaks",
            Self::KnowsCountry => "knows-country",
            Self::InCountry => "in-country",
            Self::KnowsRegion { .. } => "knows-region",
            Self::Elsewhere => "elsewhere",
            Self::Free { .. } => "free",
            Self::NoHours => "no-hours",
            Self::Away { .. } => "away",
            Self::InHand { .. } => "in-hand",
        }
    }
}

/// What both lists hold, in the order of the first.
fn shared<T: PartialEq + Clone>(asked: &[T], given: &[T]) -> Vec<T> {
    asked.iter().filter(|one| given.contains(one)).cloned().collect()
}

/// The share of a weight that so many of so many make, rounded down.
fn share(part: Part, shared: usize, asked: usize) -> u8 {
    let points = (usize::from(part.most()) * shared).checked_div(asked);
    points.and_then(|points| u8::try_from(points).ok()).map_or(0, |points| points.min(part.most()))
}

const fn whole(part: Part) -> Points {
    Points { part, points: part.most(), reason: Reason::NotAsked }
}

pub(super) fn objectives(ask: &Ask, card: &Card) -> Result<Points, Unfit> {
    let part = Part::Objectives;
    if ask.objectives.is_empty() {
        return Ok(whole(part));
    }
    let (shared, asked) = (shared(&ask.objectives, &card.objectives), ask.objectives.len());
    if shared.is_empty() {
        return Err(Unfit::NoObjective);
    }
    let points = share(part, shared.len(), asked);
    Ok(Points { part, points, reason: Reason::Objectives { shared, asked } })
}

pub(super) fn support(ask: &Ask, card: &Card) -> Points {
    let part = Part::Support;
    if ask.support_types.is_empty() {
        return whole(part);
    }
    let shared = shared(&ask.support_types, &card.support_types);
    let asked = ask.support_types.len();
    let points = share(part, shared.len(), asked);
    Points { part, points, reason: Reason::Support { shared, asked } }
}

pub(super) fn topics(ask: &Ask, card: &Card) -> Points {
    let part = Part::Topics;
    if ask.topics.is_empty() {
        return whole(part);
    }
    let (shared, asked) = (shared(&ask.topics, &card.topics), ask.topics.len());
    let points = share(part, shared.len(), asked);
    Points { part, points, reason: Reason::Topics { shared, asked } }
}

/// Who writes in a language that is wanted has all points, who only works in
/// one has two thirds.
pub(super) fn languages(ask: &Ask, card: &Card) -> Result<Points, Unfit> {
    let part = Part::Languages;
    if !ask.languages_in.is_empty() && !card.languages.iter().any(|s| speaks(s, &ask.languages_in))
    {
        return Err(Unfit::CannotRead);
    }
    if ask.languages_out.is_empty() {
        return Ok(whole(part));
    }
    let wanted = card.languages.iter().filter(|spoken| speaks(spoken, &ask.languages_out));
    // Of equal ones the first of the card.
    let best = wanted.reduce(|best, other| if other.can > best.can { other } else { best });
    let Spoken { tag, can, .. } = best.ok_or(Unfit::CannotAnswer)?;
    let points = match can {
        Skill::Work => 10,
        Skill::Write | Skill::Train => part.most(),
    };
    Ok(Points { part, points, reason: Reason::Speaks { tag: tag.clone(), can: *can } })
}

/// A language is the same whatever its region and script.
fn speaks(spoken: &Spoken, asked: &[Tag]) -> bool {
    let language = |tag: &Tag| tag.as_str().split('-').next().unwrap_or("").to_owned();
    asked.iter().any(|tag| language(tag) == language(&spoken.tag))
}

/// The country itself has all points, its subregion 6, anything around it 3.
pub(super) fn country(ask: &Ask, card: &Card, home: Option<&str>) -> Points {
    let part = Part::Country;
    let Some(asked) = ask.country.as_ref().map(Code::as_str) else { return whole(part) };
    let knows = || card.country_experience.iter().map(Code::<Country>::as_str);
    if knows().any(|country| country == asked) {
        return Points { part, points: part.most(), reason: Reason::KnowsCountry };
    }
    if home == Some(asked) {
        return Points { part, points: part.most(), reason: Reason::InCountry };
    }
    let around = regions_of(asked);
    let near = |country: &str| {
        let theirs = regions_of(country);
        around.iter().position(|region| theirs.contains(region))
    };
    let nearest = knows().chain(home).filter_map(|country| Some((near(country)?, country)));
    // Of equally near ones the first of the alphabet.
    match nearest.min().and_then(|(at, country)| Some((at, country, *around.get(at)?))) {
        Some((at, country, region)) => {
            let points = if at == 0 { 6 } else { 3 };
            let reason = Reason::KnowsRegion { country: country.to_owned(), region };
            Points { part, points, reason }
        }
        None => Points { part, points: 0, reason: Reason::Elsewhere },
    }
}

/// Days in which an expert is wanted where the request names none.
const DAYS_OPEN: i64 = 30;
/// Hours in a month from which on somebody has time.
const HOURS_AMPLE: u64 = 8;

/// 10 for 8 hours in a month or more, 7 for fewer or if nothing is said; 4
/// less if they do not meet people in the way that is asked for.
pub(super) fn availability(ask: &Ask, card: &Card, now: Timestamp) -> Points {
    let part = Part::Availability;
    let today = Date::of(now).first_day();
    let last = ask.needed_by.map_or(today + DAYS_OPEN, Date::last_day).max(today);
    if card.hours == Some(0) {
        return Points { part, points: 0, reason: Reason::NoHours };
    }
    let windows = &card.availability;
    if !windows.is_empty() && !windows.iter().any(|window| window.meets(today, last)) {
        let later = windows.iter().filter_map(|window| window.from);
        let until = later.filter(|from| from.first_day() > last).min_by_key(|d| d.first_day());
        return Points { part, points: 0, reason: Reason::Away { until } };
    }
    let meets = match (ask.modality, card.modality) {
        (Some(Modality::Remote), Some(theirs)) => theirs != Modality::Visit,
        (Some(Modality::Visit), Some(theirs)) => theirs != Modality::Remote,
        _ => true,
    };
    let ample = card.hours.is_some_and(|hours| hours >= HOURS_AMPLE);
    let points = if ample { part.most() } else { 7 } - if meets { 0 } else { 4 };
    Points { part, points, reason: Reason::Free { hours: card.hours, meets } }
}

/// 5 for nobody's request in hand, 3 for one, 1 for two, 0 for more.
pub(super) fn load(requests: u32) -> Points {
    let points = match requests {
        0 => Part::Load.most(),
        1 => 3,
        2 => 1,
        _ => 0,
    };
    Points { part: Part::Load, points, reason: Reason::InHand { requests } }
}
