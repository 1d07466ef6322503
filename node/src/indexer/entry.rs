//! A practice as the index takes it.

use std::collections::BTreeMap;

use tern_crdt::practice::{Basis, Code, Practice, Tag, Texts};
use tern_crdt::timestamp::Timestamp;

use crate::annotations::{adapted, translations};
use crate::reading::PracticeRead;
use crate::search::{Entry, EntryText, Facts};

/// The entry of a practice whose edition at place `at` says `content`, as of `now`; it
/// is found by its translations too.
pub fn entry(read: &PracticeRead, at: usize, content: &Practice, now: Timestamp) -> Entry {
    let mut content = content.clone();
    for (_, translation) in translations(&read.said) {
        translation.put(&mut content);
    }
    let content = &content;
    Entry {
        id: read.id.to_string(),
        state: read.state,
        texts: texts(content),
        facts: facts(read, at, content, now),
    }
}

fn facts(read: &PracticeRead, at: usize, content: &Practice, now: Timestamp) -> Facts {
    let edition = &read.editions[at];
    // A clock that is ahead does not put an edition before all others.
    let published = edition.statement().claimed_at.min(edition.received);
    Facts {
        objectives: content.primary_objectives.iter().map(|o| o.number()).collect(),
        related_objectives: content.related_objectives.iter().map(|o| o.number()).collect(),
        countries: content.countries.iter().map(Code::to_string).collect(),
        kind: content.kind.as_ref().map(Code::to_string),
        languages: languages(content).map(Tag::to_string).collect(),
        original_language: content.original_language.as_ref().map(Tag::to_string),
        origin: read.origin.id.to_string(),
        organisation: read.origin.name.clone(),
        edition: edition.statement().number,
        published: published.0.div_euclid(1_000),
        listed: matches!(content.basis, Basis::Listed(_)),
        start: content.start.map(|date| i32::from(date.year())),
        end: content.end.map(|date| i32::from(date.year())),
        ongoing: content.ongoing,
        signatures: u32::try_from(edition.held.statement.signers().count()).unwrap_or(u32::MAX),
        topics: content.topics.iter().map(Code::to_string).collect(),
        groups: content.target_groups.iter().map(|group| group.code.to_string()).collect(),
        subregions: content.subregions.iter().map(Code::to_string).collect(),
        arrived: edition.received.0.div_euclid(1_000),
        members_only: content.is_for_members(),
        withdrawn: read.withdrawal(at).is_some(),
        renewed: read.renewed(at, now).0.div_euclid(1_000),
        adaptations: adapted(&read.said),
    }
}

/// The languages in which somebody can read what it is about.
fn languages(content: &Practice) -> impl Iterator<Item = &Tag> {
    let titles = content.title.iter().map(|(tag, _)| tag);
    let summaries = content.summary.iter().map(|(tag, _)| tag);
    let untitled = summaries.filter(|tag| content.title.get(tag).is_none());
    titles.chain(untitled)
}

/// All that it says, by language. What is in no language (names, short forms)
/// is searched in the one that it was written in; codes are searched by their
/// names, see [`crate::search`].
fn texts(content: &Practice) -> BTreeMap<String, EntryText> {
    let mut texts = Collected::default();
    for (tag, text) in content.title.iter() {
        texts.of(tag.as_str()).title.push_str(text);
    }
    for (tag, text) in content.summary.iter() {
        texts.of(tag.as_str()).summary.push_str(text);
    }
    passages(content).for_each(|passage| texts.add_all(passage));
    let first = content.title.best(&[], content.original_language.as_ref());
    let own = first.map_or("en", |(tag, _)| tag.as_str()).to_owned();
    names(content).for_each(|name| texts.add(&own, name));
    for resource in &content.resources {
        let tag = resource.lang.as_ref().map_or(own.as_str(), Tag::as_str);
        resource.title.iter().for_each(|title| texts.add(tag, title));
    }
    texts.0
}

/// Every text for people, but for title and summary.
fn passages(content: &Practice) -> impl Iterator<Item = &Texts> {
    let whole = [
        &content.context,
        &content.aims,
        &content.activities,
        &content.results,
        &content.lessons,
        &content.recommendations,
        &content.conditions,
        &content.innovation,
        &content.sustainability,
        &content.rights,
        &content.participation,
        &content.risks,
    ];
    let challenges = content.challenges.iter().flat_map(|c| [&c.text, &c.overcome]);
    let principles = content.principles.iter().map(|principle| &principle.how);
    let indicators = content.indicators.iter().map(|indicator| &indicator.name);
    let images = content.images.iter().map(|image| &image.alt);
    whole.into_iter().chain(challenges).chain(principles).chain(indicators).chain(images)
}

/// What has the same name in every language.
fn names(content: &Practice) -> impl Iterator<Item = &str> {
    let acronyms = content.acronyms.iter().flat_map(|a| [Some(&a.short), a.long.as_ref()]);
    let people = [
        content.main_implementer.as_ref(),
        content.on_behalf_of.as_ref().map(|other| &other.org),
        content.call.as_ref(),
    ];
    let partners = content.partners.iter().map(|partner| Some(&partner.org));
    let donors = content.donors.iter().map(|donor| Some(&donor.name));
    let places = content.places.iter().map(|place| Some(&place.name));
    let files = content.attachments.iter().map(|file| Some(&file.name));
    let others = partners.chain(donors).chain(places).chain(files);
    acronyms.chain(people).chain(others).flatten().map(String::as_str)
}

#[derive(Default)]
struct Collected(BTreeMap<String, EntryText>);

impl Collected {
    fn of(&mut self, tag: &str) -> &mut EntryText {
        self.0.entry(tag.to_owned()).or_default()
    }

    fn add(&mut self, tag: &str, text: &str) {
        let body = &mut self.of(tag).body;
        body.push_str(text);
        body.push('\n');
    }

    fn add_all(&mut self, texts: &Texts) {
        texts.iter().for_each(|(tag, text)| self.add(tag.as_str(), text));
    }
}
