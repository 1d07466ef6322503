//! The corpora that every figure of Tern names.
//!
//! - **P1**: practices of about 5 kB with one edition.
//! - **P3**: the same with three editions, each a small change in two or three
//!   fields.
//! - **D30**: a draft of about 5 kB, written in 30 changes by three people at
//!   once.
//!
//! A document is a function of a seed and its number, so a corpus has no end
//! and is stored nowhere. A practice is measured by its canonical form. Texts
//! are made of phrases in six languages; what is said in them is invented.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tern_crdt::document::{DocumentError, NewChange, next_change, read_at};
use tern_crdt::identity::{ActorId, FederationId};
use tern_crdt::practice::{Code, Completed, Objective, Partner, Practice, Tag, Texts};
use tern_crdt::taxonomy::{Vocabulary, regions_of};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::{Value, canonical};

use crate::author::{Content, Written, write};
use crate::chance::Chance;
use crate::people::Person;

mod tongue;

use tongue::{TONGUES, Tongue};

/// The size of a practice, by its canonical form; every edition of every
/// practice is within 15 % of it.
pub const PRACTICE_BYTES: usize = 5_000;
/// The first edition of a practice is closed beyond this size.
const FIRST_BYTES: usize = 4_750;
/// A later edition adds a sentence only below this size.
const GROWN_BYTES: usize = 5_250;
/// The changes of a draft.
pub const DRAFT_CHANGES: usize = 30;
/// So many letters of each text stand in the first change of a draft.
const BEGUN_LETTERS: usize = 20;
/// The people who write a draft.
pub const DRAFT_AUTHORS: usize = 3;
/// The first edition of practice 0 was published then.
const BEGINNING: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;
const QUARTER: i64 = 90 * 24 * 60 * MINUTE;

/// A corpus of practices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Corpus {
    seed: u64,
    editions: usize,
}

impl Corpus {
    /// Practices with one edition.
    pub const fn p1(seed: u64) -> Self {
        Self { seed, editions: 1 }
    }

    /// Practices with three editions.
    pub const fn p3(seed: u64) -> Self {
        Self { seed, editions: 3 }
    }

    /// What each edition of practice `number` says.
    pub fn editions(&self, number: u64) -> Vec<Practice> {
        let mut writer = Writer::new(self.seed, number);
        let mut editions = vec![writer.first()];
        while editions.len() < self.editions {
            let next = editions.last().map(|latest| writer.next(latest));
            editions.extend(next);
        }
        editions
    }

    /// The same, signed by a publisher.
    ///
    /// # Errors
    /// None: a practice of this size fits its change.
    pub fn written(
        &self,
        number: u64,
        federation: FederationId,
        by: &Person,
    ) -> Result<Vec<Written>, DocumentError> {
        let mut chance = chance(self.seed, number, "nonces");
        let mut earlier = Vec::new();
        let mut written = Vec::new();
        for (at, edition) in (0..).zip(self.editions(number)) {
            let now = Timestamp(BEGINNING + number as i64 * MINUTE + at * QUARTER);
            let content = edition.to_value();
            let next = write(federation, by, &earlier, &content, chance.bytes(), now)?;
            earlier.push(next.earlier());
            written.push(next);
        }
        Ok(written)
    }
}

fn chance(seed: u64, number: u64, purpose: &str) -> Chance {
    let parts = [&seed.to_le_bytes()[..], &number.to_le_bytes(), purpose.as_bytes()];
    let digest = tern_crdt::identity::digest("tern/corpus/v1", &parts);
    let first = digest.first_chunk().expect("a digest has 32 bytes");
    Chance::new(u64::from_le_bytes(*first))
}

/// The texts of a practice that grow, most important first.
fn prose(practice: &mut Practice) -> [&mut Texts; 9] {
    [
        &mut practice.summary,
        &mut practice.activities,
        &mut practice.results,
        &mut practice.aims,
        &mut practice.lessons,
        &mut practice.recommendations,
        &mut practice.context,
        &mut practice.sustainability,
        &mut practice.participation,
    ]
}

fn size(practice: &Practice) -> usize {
    canonical(&practice.to_value()).len()
}

/// Whoever writes one practice.
struct Writer {
    chance: Chance,
    tongue: &'static Tongue,
    tag: Tag,
}

impl Writer {
    fn new(seed: u64, number: u64) -> Self {
        let mut chance = chance(seed, number, "practice");
        // English in two of five, each of the others in a share of the rest.
        let which = chance.below(10).saturating_sub(4) as usize;
        let tongue = &TONGUES[which];
        let tag = tongue.tag.parse().expect("a language tag");
        Self { chance, tongue, tag }
    }

    fn say(&mut self, list: &str) -> String {
        self.tongue.say(list, &mut self.chance)
    }

    fn first(&mut self) -> Practice {
        let mut practice = self.facts();
        // Everybody adds a title and a word in English.
        if self.tongue.tag != "en" {
            let english = &TONGUES[0];
            let tag: Tag = "en".parse().expect("a language tag");
            practice.title.set(tag.clone(), &english.say("title", &mut self.chance));
            practice.summary.set(tag, &english.say("sentence", &mut self.chance));
        }
        // What a review asks for is there; the rest comes as it comes.
        for at in 1..6 {
            self.add(prose(&mut practice)[at]);
        }
        while practice.missing_for_review().contains(&"summary") {
            self.add(&mut practice.summary);
        }
        while size(&practice) < FIRST_BYTES {
            let at = self.chance.below(9).min(self.chance.below(9)) as usize;
            self.add(prose(&mut practice)[at]);
        }
        practice
    }

    /// Everything but the long texts.
    fn facts(&mut self) -> Practice {
        let start = self.chance.between(2009, 2021);
        let ongoing = self.chance.percent(60);
        let end = (!ongoing).then(|| (start + self.chance.between(0, 4)).to_string());
        let countries = self.codes(Vocabulary::Countries, 3);
        let region: Vec<&str> = regions_of(countries[0]).into_iter().take(1).collect();
        let principle =
            |code: &&str, how: String| json!({ "code": code, "how": { self.tongue.tag: how } });
        let principles = self.codes(Vocabulary::Principles, 3);
        let how = self.tongue.say("sentence", &mut self.chance);
        let principles: Vec<Json> = principles
            .iter()
            .enumerate()
            .map(|(at, code)| if at == 0 { principle(code, how.clone()) } else { json!(code) })
            .collect();
        let json = json!({
            "title": self.say("title"),
            "kind": self.codes(Vocabulary::PracticeKinds, 1)[0],
            "primary_objectives": self.codes(Vocabulary::Objectives, 3),
            "related_objectives": self.codes(Vocabulary::Objectives, 4),
            "principles": principles,
            "topics": self.codes(Vocabulary::Topics, 3),
            "sdg_targets": self.codes(Vocabulary::SdgTargets, 2),
            "stages": self.codes(Vocabulary::Stages, 2),
            "geographic_level": self.codes(Vocabulary::GeographicLevels, 1)[0],
            "countries": countries,
            "subregions": region,
            "start": format!("{start}-{:02}", self.chance.between(1, 12)),
            "end": end,
            "ongoing": ongoing,
            "completion": self.codes(Vocabulary::Completion, 1)[0],
            "main_implementer": self.say("org"),
            "implementer_kind": self.codes(Vocabulary::StakeholderKinds, 1)[0],
            "partners": [self.say("org"), { "org": self.say("org"), "role": self.say("what") }],
            "donors": [self.say("org")],
            "target_groups": [{
                "code": self.codes(Vocabulary::TargetGroups, 1)[0],
                "number": self.chance.between(20, 90_000),
            }],
            "indicators": [{
                "name": self.say("what"), "baseline": self.chance.below(100),
                "value": self.chance.below(5_000), "date": (start + 2).to_string(),
            }],
            "evidence": self.codes(Vocabulary::Evidence, 1)[0],
            "challenges": [{ "text": self.say("sentence"), "overcome": self.say("sentence") }],
            "resources": [{
                "title": self.say("what"),
                "url": format!("https://example.org/practice/{:08x}", self.chance.any() as u32),
                "lang": self.tongue.tag,
            }],
            "contact": "through the Hub",
            "original_language": self.tongue.tag,
        });
        Practice::from_json(&json, self.tongue.tag).expect("facts within their bounds")
    }

    /// One to `most` different codes.
    fn codes(&mut self, vocabulary: Vocabulary, most: i64) -> Vec<&'static str> {
        let mut codes: Vec<&str> = Vec::new();
        for _ in 0..self.chance.between(1, most) {
            let code = self.chance.pick(vocabulary.terms()).expect("a vocabulary has terms").code();
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    fn add(&mut self, texts: &mut Texts) {
        let sentence = self.say("sentence");
        let text = texts.get(&self.tag).map_or_else(
            || sentence.clone(),
            |t| {
                // Chinese is written without spaces.
                let space = if self.tongue.tag == "zh" { "" } else { " " };
                [t, space, &sentence].concat()
            },
        );
        texts.set(self.tag.clone(), &text);
    }

    /// Takes the last sentence out.
    fn cut(&self, texts: &mut Texts) {
        let text = texts.get(&self.tag).unwrap_or_default();
        let mut sentences: Vec<&str> = text.split_inclusive(['.', '。']).collect();
        sentences.pop();
        let text = sentences.concat();
        texts.set(self.tag.clone(), &text);
    }

    /// The next edition: one or two texts and one fact are other.
    fn next(&mut self, latest: &Practice) -> Practice {
        let mut practice = latest.clone();
        let first = self.chance.below(6) as usize;
        let second = (first + 1 + self.chance.below(5) as usize) % 6;
        let texts = if self.chance.percent(50) { vec![first, second] } else { vec![first] };
        for at in texts {
            let grown = size(&practice) > GROWN_BYTES || self.chance.percent(50);
            let prose = prose(&mut practice);
            if grown {
                self.cut(prose[at]);
            }
            self.add(prose[at]);
        }
        self.amend(&mut practice);
        practice
    }

    fn amend(&mut self, practice: &mut Practice) {
        match self.chance.below(4) {
            0 => {
                let (org, role) = (self.say("org"), Some(self.say("what")));
                practice.partners.push(Partner { org, role, other: Content::new() });
            }
            1 => {
                let group = practice.target_groups.first_mut().expect("facts name a group");
                group.number = group.number.map(|number| number + self.chance.below(500) + 1);
            }
            2 => {
                let next = match practice.completion.as_ref().map(Code::as_str) {
                    Some("planned") => "mostly",
                    Some("mostly") => "full",
                    _ => "planned",
                };
                practice.completion = Code::<Completed>::known(next);
            }
            _ => {
                let objectives = &mut practice.related_objectives;
                let more = (1..=23).filter_map(Objective::new).find(|o| !objectives.contains(o));
                objectives.extend(more);
            }
        }
    }
}

/// A draft as its nodes hold it.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// The changes, each after those that it builds on.
    pub changes: Vec<NewChange>,
    /// Its heads.
    pub heads: Vec<[u8; 32]>,
    /// What it says.
    pub content: Content,
}

/// D30: one person writes the facts and begins every text; then three write on
/// at once, thirty changes in all, and see each other's after each.
///
/// # Errors
/// None: a draft of this size fits its changes.
pub fn draft(seed: u64, number: u64) -> Result<Draft, DocumentError> {
    let mut chance = chance(seed, number, "draft");
    draft_by(seed, number, &std::array::from_fn(|_| chance.bytes()))
}

/// The same by these.
///
/// # Errors
/// As [`draft`].
pub fn draft_by(
    seed: u64,
    number: u64,
    authors: &[ActorId; DRAFT_AUTHORS],
) -> Result<Draft, DocumentError> {
    let (content, mut parts) = in_parts(&Writer::new(seed, number).first());
    let time = BEGINNING / 1_000;
    let first = next_change(&[], &[], &content, &authors[0], time)?;
    let mut draft = Draft { heads: vec![first.hash], changes: vec![first], content };
    while !parts.is_empty() {
        let past: Vec<&[u8]> = draft.changes.iter().map(|change| &change.bytes[..]).collect();
        let mut round = Vec::new();
        for (author, part) in authors.iter().zip(parts.drain(..parts.len().min(DRAFT_AUTHORS))) {
            let mut content = draft.content.clone();
            part.into_iter().for_each(|(field, words)| write_on(&mut content, &field, &words));
            let minute = (draft.changes.len() + round.len()) as i64 * MINUTE / 1_000;
            round.push(next_change(&past, &draft.heads, &content, author, time + minute)?);
        }
        draft.heads = round.iter().map(|change| change.hash).collect();
        draft.heads.sort_unstable();
        draft.changes.extend(round);
        let changes: Vec<&[u8]> = draft.changes.iter().map(|change| &change.bytes[..]).collect();
        draft.content = read_at(&changes, &draft.heads)?;
    }
    Ok(draft)
}

/// What one change adds: words by field.
type Part = BTreeMap<String, String>;

/// The text of a field in the language that has most of it.
fn long_text<'a>(content: &'a mut Content, field: &str) -> Option<&'a mut String> {
    let Value::Map(texts) = content.get_mut(field)? else { return None };
    let texts = texts.values_mut().filter_map(|text| match text {
        Value::Text(text) => Some(text),
        _ => None,
    });
    texts.max_by_key(|text| text.len())
}

fn write_on(content: &mut Content, field: &str, words: &str) {
    if let Some(text) = long_text(content, field) {
        text.push_str(words);
    }
}

/// A practice with the beginning of each long text, and what is left of them
/// in as many parts as there are further changes.
fn in_parts(practice: &Practice) -> (Content, Vec<Part>) {
    let mut content = practice.to_value();
    let fields: Vec<String> = content.keys().filter(|key| *key != "title").cloned().collect();
    let mut left: Vec<(String, char)> = Vec::new();
    for field in fields {
        let Some(text) = long_text(&mut content, &field) else { continue };
        let rest = text.char_indices().nth(BEGUN_LETTERS).map_or(text.len(), |(at, _)| at);
        left.extend(text.split_off(rest).chars().map(|letter| (field.clone(), letter)));
    }
    let letters = left.len().div_ceil(DRAFT_CHANGES - 1).max(1);
    let parts = left.chunks(letters).map(|stretch| {
        let mut part = Part::new();
        stretch.iter().for_each(|(field, letter)| {
            part.entry(field.clone()).or_default().push(*letter);
        });
        part
    });
    let parts = parts.collect();
    (content, parts)
}

#[cfg(test)]
mod tests;
