//! One edition of a practice: its text, and who stands behind it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::address::with_query;
use crate::form::told::{Told, told};
use crate::markdown;
use crate::page::{Chrome, Section, Shown, show};
use crate::service::{
    Alike, Annotations, Attachment, Basis, Challenge, Choice, DiscussionEntry, EXPORT_FORMATS,
    EditionEntry, Fields, FileCost, FileState, Indicator, Like, ListingEntry, OUTCOMES, Phrase,
    Practice, Role, SayKind, Seal, SignerRole, Source, Text, Translated, Verdict, Vocabularies,
    Withdrawal,
};
use crate::site::Shared;

/// Editions shown beside the text.
const EDITIONS_BESIDE: usize = 4;
/// Practices from places like ours below the text.
const ALIKE_BESIDE: usize = 3;
/// A summary up to this long is set large.
const LEAD_CHARS_MAX: usize = 500;

/// Long texts, in the order in which they are read; figures and challenges
/// stand between the two parts.
const STORY: [&str; 6] =
    ["context", "aims", "activities", "participation", "innovation", "results"];
const ADVICE: [&str; 6] =
    ["lessons", "recommendations", "conditions", "sustainability", "rights", "risks"];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    /// The language to read in.
    #[serde(rename = "in")]
    language: String,
    /// `show` for the text of what was withdrawn.
    withdrawn: String,
}

/// A passage of the text.
struct Passage {
    id: &'static str,
    heading: String,
    html: String,
    lang: String,
    dir: &'static str,
}

/// A language to read in.
struct Tab {
    tag: String,
    name: String,
    link: String,
    on: bool,
    original: bool,
    /// Whether it is somebody's translation, …
    translated: bool,
    /// … and the edition says something else meanwhile.
    outdated: bool,
}

/// A practice that was withdrawn: the reason before the text.
#[derive(Template)]
#[template(path = "withdrawn.html")]
struct Withdrawn {
    c: Chrome,
    id: String,
    title: Phrase,
    origin: String,
    withdrawal: Withdrawal,
    may_take_back: bool,
    /// Where the text is.
    anyway: String,
}

#[derive(Template)]
#[template(path = "practice.html")]
struct Reading {
    c: Chrome,
    p: Practice,
    title: Phrase,
    lead: Option<Passage>,
    short_lead: bool,
    description: String,
    objectives: Vec<Choice>,
    countries: Vec<Choice>,
    tabs: Vec<Tab>,
    story: Vec<Passage>,
    advice: Vec<Passage>,
    challenges: Vec<(Phrase, Phrase)>,
    indicators: Vec<(Phrase, Indicator)>,
    more: Vec<Told>,
    missing: Vec<String>,
    source: Option<Source>,
    authors: Vec<String>,
    history: Vec<EditionEntry>,
    editions: usize,
    files: Vec<(Attachment, FileState)>,
    /// Practices on the same, from places like ours.
    alike: Vec<Alike>,
    seals: Vec<Seal>,
    said: Annotations,
    /// The translation that is read.
    translation: Option<Translated>,
    /// Languages to translate into.
    languages: Vec<Choice>,
    /// Of these the ones in which it cannot be read yet.
    unread: Vec<Choice>,
    /// The practice's own, then those that were opened about it.
    discussions: Vec<DiscussionEntry>,
    /// In which collections it is.
    collections: Vec<ListingEntry>,
    lang: String,
    /// For the printed page: a code with the text that it holds, and the
    /// address to which it leads, if the operator named one.
    code: Option<String>,
    public: Option<String>,
}

/// `GET /practices/{id}`
pub(super) async fn latest(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Shown {
    read(&site, c, &id, None, &asked).await
}

/// `GET /practices/{id}/editions/{edition}`
pub(super) async fn edition(
    State(site): Shared,
    c: Chrome,
    Path((id, edition)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Shown {
    read(&site, c, &id, Some(&edition), &asked).await
}

async fn read(
    site: &crate::site::Site,
    c: Chrome,
    id: &str,
    edition: Option<&str>,
    asked: &Asked,
) -> Shown {
    let reader = c.reader();
    let mut practice = site.service.practice(&reader, id, edition).await?;
    let hashes: Vec<String> =
        practice.fields.attachments.iter().map(|file| file.hash.clone()).collect();
    let like = Like::Practice(practice.id.clone());
    // None of these waits for another.
    let (mut said, history, lists, states, alike, seals, discussions, collections) = futures::try_join!(
        site.service.said(&reader, &practice.id, edition),
        site.service.history(&reader, &practice.id),
        site.service.vocabularies(&reader.lang),
        site.service.files(&reader, &hashes),
        site.service.alike(&reader, &like, ALIKE_BESIDE),
        site.service.seals(&practice.id, &practice.edition),
        site.service.discussions_about(&reader, &practice.id),
        site.service.collections_of(&reader, &practice.id),
    )?;
    if let Some(withdrawal) = said.withdrawal.clone().filter(|_| asked.withdrawn != "show") {
        let path = match edition {
            Some(edition) => format!("/practices/{}/editions/{edition}", practice.id),
            None => format!("/practices/{}", practice.id),
        };
        let page = Withdrawn {
            anyway: with_query(&path, &[("withdrawn", Some("show"))]),
            title: practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default(),
            may_take_back: withdrawal.word.ours,
            id: practice.id,
            origin: practice.origin_name,
            withdrawal,
            c: c.at(Section::Practices),
        };
        return Ok((StatusCode::GONE, show(&page)?).into_response());
    }
    practice.fields = std::mem::take(&mut said.fields);
    let files = practice.fields.attachments.iter().cloned().zip(states).collect();
    let public = site.settings.public.clone();
    show(&Reading {
        files,
        alike,
        seals,
        discussions,
        collections,
        code: crate::qr::of_text(&printed(&practice, public.as_deref()), public.is_none()),
        public,
        ..Reading::new(c.at(Section::Practices), practice, said, history, &lists, asked)
    })
}

impl Reading {
    fn new(
        c: Chrome,
        p: Practice,
        said: Annotations,
        mut history: Vec<EditionEntry>,
        lists: &Vocabularies,
        asked: &Asked,
    ) -> Self {
        let fields = &p.fields;
        let original = fields.original_language.as_deref().unwrap_or("");
        let reads = c.reads.iter().map(String::as_str);
        let reads: Vec<&str> = reads.chain([c.words.lang, original]).collect();
        let languages = languages_for(&c, lists, original);
        let wishes = [&[asked.language.as_str()], &reads[..]].concat();
        let title = fields.title.phrase(&wishes).unwrap_or_default();
        let wishes = [&[asked.language.as_str(), title.lang.as_str()], &reads[..]].concat();
        let all = told(fields, lists, &c.words);
        let editions = history.len();
        history.truncate(EDITIONS_BESIDE);
        let lead = passage(&c, "summary", &fields.summary, &wishes);
        let summary = fields.summary.phrase(&wishes).map(|s| markdown::plain(&s.text));
        let objective = |number: &u8| {
            let code = number.to_string();
            Choice { label: Vocabularies::label(&lists.objectives, &code).to_owned(), code }
        };
        let country = |code: &String| Choice {
            code: code.clone(),
            label: Vocabularies::label(&lists.countries, code).to_owned(),
        };
        Self {
            short_lead: p.verdict != Verdict::Quarantined
                && summary.as_deref().is_some_and(|s| s.chars().count() <= LEAD_CHARS_MAX),
            description: summary
                .filter(|_| p.verdict != Verdict::Quarantined)
                .unwrap_or_default()
                .chars()
                .take(300)
                .collect(),
            lead,
            objectives: fields.primary_objectives.iter().map(objective).collect(),
            countries: fields.countries.iter().map(country).collect(),
            tabs: tabs(fields, lists, &p, &said, &title.lang),
            translation: translated(&said, &p, &title.lang).cloned(),
            unread: unread(&languages, fields, &said),
            languages,
            said,
            story: passages(&c, fields, &STORY, &wishes),
            advice: passages(&c, fields, &ADVICE, &wishes),
            challenges: fields.challenges.iter().map(|one| challenge(one, &wishes)).collect(),
            indicators: fields
                .indicators
                .iter()
                .map(|one| (one.name.phrase(&wishes).unwrap_or_default(), one.clone()))
                .collect(),
            more: all.into_iter().filter(is_more).collect(),
            missing: p.missing.iter().map(|key| c.t(&format!("field-{key}"))).collect(),
            source: match &fields.basis {
                Some(Basis::Listed(source)) => Some(source.clone()),
                _ => None,
            },
            authors: authors(&p),
            lang: title.lang.clone(),
            title,
            history,
            editions,
            files: Vec::new(),
            alike: Vec::new(),
            code: None,
            public: None,
            seals: Vec::new(),
            discussions: Vec::new(),
            collections: Vec::new(),
            p,
            c,
        }
    }

    /// The dates it was carried out, for the facts.
    fn carried_out(&self) -> String {
        let fields = &self.p.fields;
        let c = &self.c;
        let date = |date: &Option<String>| date.as_deref().map(|date| c.partial(date));
        match (date(&fields.start), date(&fields.end)) {
            (Some(start), _) if fields.ongoing => c.t1("read-since", "start", start),
            (Some(start), Some(end)) => c.t2("read-from-to", "start", start, "end", end),
            (Some(start), None) => c.t1("read-from", "start", start),
            (None, Some(end)) => c.t1("read-until", "end", end),
            (None, None) => String::new(),
        }
    }

    /// Whether a file is on its way.
    fn waits(&self) -> bool {
        self.files.iter().any(|(_, state)| matches!(state, FileState::Coming { .. }))
    }

    /// What a picture shows; its name where nobody said.
    fn shows(&self, file: &Attachment) -> Phrase {
        let wishes = [self.lang.as_str(), self.c.words.lang];
        file.alt.phrase(&wishes).unwrap_or_else(|| Phrase {
            text: self.c.t1("file-picture", "name", &file.name),
            lang: String::new(),
        })
    }

    /// What fetching a file takes, in words.
    fn cost(&self, cost: &FileCost) -> String {
        let c = &self.c;
        let bytes = c.bytes(&cost.bytes);
        let time = match cost.seconds {
            seconds @ 0..90 => c.t1("file-seconds", "count", seconds),
            seconds @ 90..5_400 => c.t1("file-minutes", "count", seconds.div_ceil(60)),
            seconds => c.t1("file-hours", "count", seconds.div_ceil(3_600)),
        };
        let takes = c.t2("file-takes", "bytes", bytes, "time", time);
        match &cost.cost {
            Some(sum) => format!("{takes} {}", c.t1("file-costs", "sum", sum)),
            None if cost.costly => format!("{takes} {}", c.t("file-costs-unknown")),
            None => takes,
        }
    }

    /// The address of this edition in a format.
    fn taken_as(&self, format: &str) -> String {
        let edition = (self.p.number != self.p.latest).then_some(self.p.edition.as_str());
        let path = format!("/api/v1/practices/{}/export", self.p.id);
        with_query(&path, &[("format", Some(format)), ("edition", edition)])
    }

    /// Whether the reader may open a discussion.
    fn may_open(&self) -> bool {
        let may = |role| self.c.account.as_ref().is_some_and(|one| one.is(role));
        may(Role::Publisher) || may(Role::FocalPoint)
    }

    /// Whether the reader may send this practice for review: a publisher of the
    /// organisation that it comes from, which did the work, while this edition
    /// has no seal.
    fn may_submit(&self) -> bool {
        let publisher = self.c.account.as_ref().is_some_and(|one| one.is(Role::Publisher));
        let open = self.seals.is_empty() && self.source.is_none();
        publisher && open && self.p.may_erase && self.p.number == self.p.latest
    }

    /// Whether the reader can say something about the practice.
    fn may_say(&self, kind: &str) -> bool {
        SayKind::of(kind).is_some_and(|kind| self.said.may.contains(&kind))
    }

    /// Whether the reader publishes for some organisation, and so can translate.
    fn may_translate(&self) -> bool {
        self.may_say("same") && self.p.verdict != Verdict::Quarantined
    }

    /// Whether the reader may ask somebody for a translation.
    fn may_ask(&self) -> bool {
        let may = |role| self.c.account.as_ref().is_some_and(|one| one.is(role));
        let roles = [Role::Contributor, Role::Publisher, Role::FocalPoint];
        roles.into_iter().any(may) && self.p.verdict != Verdict::Quarantined
    }

    /// The translations that fit what the edition says, each with its language.
    fn fitting(&self) -> Vec<(String, String)> {
        let fits = |tab: &&Tab| tab.translated && !tab.outdated;
        let tabs = self.tabs.iter().filter(fits);
        tabs.map(|tab| (tab.name.clone(), tab.link.clone())).collect()
    }

    /// A language by its name.
    fn language(&self, tag: &str) -> String {
        let tab = self.tabs.iter().find(|tab| tab.tag == tag);
        tab.map_or_else(|| tag.to_owned(), |tab| tab.name.clone())
    }

    /// Fields by their names.
    fn named(&self, keys: &[String]) -> String {
        let names = keys.iter().map(|key| self.c.t(&format!("field-{key}")));
        names.collect::<Vec<_>>().join(", ")
    }

    /// How the uses elsewhere went, counted.
    fn outcomes(&self) -> Vec<(String, usize)> {
        let of = |code: &str| {
            let with = |one: &&crate::service::Adapted| one.outcome.as_deref() == Some(code);
            self.said.adapted.iter().filter(with).count()
        };
        let counted = OUTCOMES.map(|code| (self.c.word("adapted", code), of(code)));
        counted.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The year of this edition, for citing.
    fn year(&self) -> String {
        crate::words::Civil::of(self.p.published).year.to_string()
    }

    fn role(&self, role: &SignerRole) -> String {
        self.c.t(match role {
            SignerRole::Author => "signer-author",
            SignerRole::Contributor => "signer-contributor",
            SignerRole::Publisher => "signer-publisher",
            SignerRole::Endorser => "signer-endorser",
        })
    }
}

/// What stands in the printed code of an edition, for `tern practice verify`:
/// its id and hash, in the address of its page where there is a public one.
fn printed(p: &Practice, public: Option<&str>) -> String {
    match public {
        Some(public) => {
            format!("{public}/practices/{}/editions/{}#{}", p.id, p.edition, p.content_hash)
        }
        None => format!("tern:{}/{}/{}", p.id, p.edition, p.content_hash),
    }
}

/// What the facts below the text repeat from elsewhere on the page is left
/// out there.
fn is_more(told: &Told) -> bool {
    const ELSEWHERE: [&str; 13] = [
        "title",
        "summary",
        "primary_objectives",
        "countries",
        "start",
        "end",
        "ongoing",
        "main_implementer",
        "challenges",
        "indicators",
        "basis",
        "resources",
        "attachments",
    ];
    !told.prose && !ELSEWHERE.contains(&told.key)
}

pub(super) fn text_of<'a>(fields: &'a Fields, key: &str) -> Option<&'a Text> {
    Some(match key {
        "context" => &fields.context,
        "aims" => &fields.aims,
        "activities" => &fields.activities,
        "participation" => &fields.participation,
        "innovation" => &fields.innovation,
        "results" => &fields.results,
        "lessons" => &fields.lessons,
        "recommendations" => &fields.recommendations,
        "conditions" => &fields.conditions,
        "sustainability" => &fields.sustainability,
        "rights" => &fields.rights,
        "risks" => &fields.risks,
        _ => return None,
    })
}

fn passages(c: &Chrome, fields: &Fields, keys: &[&'static str], wishes: &[&str]) -> Vec<Passage> {
    keys.iter().filter_map(|key| passage(c, key, text_of(fields, key)?, wishes)).collect()
}

fn passage(c: &Chrome, id: &'static str, text: &Text, wishes: &[&str]) -> Option<Passage> {
    let (lang, text) = text.best(wishes)?;
    Some(Passage {
        id,
        heading: c.t(&format!("read-{id}")),
        html: markdown::html_of(text),
        lang: lang.to_owned(),
        dir: c.dir(lang),
    })
}

fn challenge(one: &Challenge, wishes: &[&str]) -> (Phrase, Phrase) {
    (one.text.phrase(wishes).unwrap_or_default(), one.overcome.phrase(wishes).unwrap_or_default())
}

/// Languages in which neither the organisation wrote the edition nor anybody's
/// translation still fits it.
fn unread(all: &[Choice], fields: &Fields, said: &Annotations) -> Vec<Choice> {
    let unread = |choice: &&Choice| match said.translation(&choice.code) {
        Some(one) => !one.outdated.is_empty(),
        None => fields.title.get(&choice.code).is_empty(),
    };
    all.iter().filter(unread).cloned().collect()
}

/// Languages to translate into: what the reader reads first of all.
fn languages_for(c: &Chrome, lists: &Vocabularies, original: &str) -> Vec<Choice> {
    let all = lists.languages.iter().filter(|choice| choice.code != original);
    let mut all: Vec<Choice> = all.cloned().collect();
    let place = |code: &String| c.reads.iter().position(|tag| tag == code).unwrap_or(usize::MAX);
    all.sort_by_key(|choice| place(&choice.code));
    all
}

/// The translation whose title is read in a language; the organisation's own words stand
/// before anybody's.
fn translated<'a>(said: &'a Annotations, p: &Practice, lang: &str) -> Option<&'a Translated> {
    let read = p.fields.title.get(lang);
    let one = said.translation(lang)?;
    (one.texts.get("title").map(String::as_str) == Some(read)).then_some(one)
}

/// Languages that the title can be read in, the original first.
fn tabs(
    fields: &Fields,
    lists: &Vocabularies,
    p: &Practice,
    said: &Annotations,
    current: &str,
) -> Vec<Tab> {
    let original = fields.original_language.as_deref().unwrap_or("");
    let mut tabs: Vec<_> = fields
        .title
        .0
        .keys()
        .map(|tag| Tab {
            tag: tag.clone(),
            name: Vocabularies::label(&lists.languages, tag).to_owned(),
            link: if p.number == p.latest {
                format!("/practices/{}?in={}", p.id, crate::address::encode(tag))
            } else {
                let tag = crate::address::encode(tag);
                format!("/practices/{}/editions/{}?in={tag}", p.id, p.edition)
            },
            on: tag == current,
            original: tag == original,
            translated: translated(said, p, tag).is_some(),
            outdated: translated(said, p, tag).is_some_and(|one| !one.outdated.is_empty()),
        })
        .collect();
    tabs.sort_by_key(|tab| !tab.original);
    tabs
}

fn authors(p: &Practice) -> Vec<String> {
    let wrote = p
        .signers
        .iter()
        .filter(|signer| matches!(signer.role, SignerRole::Author | SignerRole::Contributor));
    wrote.filter_map(|signer| signer.person.clone()).collect()
}
