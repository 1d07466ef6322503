//! Practices, one by one and as a list.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::annotations::{self, Anyway, Told};
use super::experts::moment;
use super::{List, bounded};
use crate::failure::Failure;
use crate::page::Chrome;
use crate::service::{self, Fields, Hit, Seal, Signer, SignerRole, Verdict};
use crate::site::Shared;

/// What a program looks for.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    q: Option<String>,
    objective: Option<String>,
    country: Option<String>,
    kind: Option<String>,
    lang: Option<String>,
    topic: Option<String>,
    place: Option<String>,
    origin: Option<String>,
    /// `fresh` or `stale`.
    valid: Option<String>,
    /// `yes` for what was withdrawn too.
    withdrawn: Option<String>,
    /// `valid`: confirmed or published last first.
    sort: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    title: String,
    summary: Option<String>,
    origin: String,
    kind: Option<String>,
    countries: Vec<String>,
    objectives: Vec<String>,
    languages: Vec<String>,
    edition: u32,
    listed: bool,
    withdrawn: bool,
    /// When it was published or confirmed last, and whether that was twelve months ago.
    renewed_at: String,
    stale: bool,
    /// How many organisations say that they use it too.
    adaptations: u32,
    /// Codes by whose names it was found.
    found_by: Vec<String>,
}

/// What stands beside a list of practices.
#[derive(Serialize)]
struct Divided {
    similar: bool,
    partly: bool,
    meant: Option<String>,
    facets: FacetCounts,
}

#[derive(Serialize)]
struct FacetCounts {
    objectives: Vec<Coded>,
    topics: Vec<Coded>,
    places: Vec<Coded>,
    countries: Vec<Coded>,
    kinds: Vec<Coded>,
    languages: Vec<Coded>,
    /// Fresh and stale.
    valid: [u64; 2],
}

#[derive(Serialize)]
struct Coded {
    code: String,
    label: String,
    count: u64,
}

impl From<&service::Facets> for FacetCounts {
    fn from(facets: &service::Facets) -> Self {
        let coded = |counts: &[service::Count]| {
            let one = |count: &service::Count| Coded {
                code: count.choice.code.clone(),
                label: count.choice.label.clone(),
                count: count.count,
            };
            counts.iter().map(one).collect()
        };
        Self {
            objectives: coded(&facets.objectives),
            topics: coded(&facets.topics),
            places: coded(&facets.places),
            countries: coded(&facets.countries),
            kinds: coded(&facets.kinds),
            languages: coded(&facets.languages),
            valid: [facets.freshness.0, facets.freshness.1],
        }
    }
}

impl From<Hit> for Item {
    fn from(hit: Hit) -> Self {
        let codes = |list: Vec<service::Choice>| list.into_iter().map(|c| c.code).collect();
        Self {
            id: hit.id,
            title: hit.title.text,
            summary: hit.summary.map(|summary| summary.text),
            origin: hit.organisation,
            kind: hit.kind.map(|kind| kind.code),
            countries: codes(hit.countries),
            objectives: codes(hit.objectives),
            languages: codes(hit.languages),
            edition: hit.edition,
            listed: hit.listed,
            withdrawn: hit.withdrawn,
            renewed_at: moment(hit.renewed),
            stale: hit.stale,
            adaptations: hit.adapted,
            found_by: codes(hit.marks.by),
        }
    }
}

/// `GET /api/v1/practices`
pub async fn list(
    State(site): Shared,
    c: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let limit = bounded(asked.limit)?;
    let query = service::Query {
        text: asked.q.clone().unwrap_or_default().chars().take(400).collect(),
        objective: asked.objective.clone(),
        country: asked.country.clone(),
        kind: asked.kind.clone(),
        lang: asked.lang.clone(),
        topic: asked.topic.clone(),
        place: asked.place.clone(),
        since: None,
        origin: asked.origin.clone(),
        freshness: asked.valid.clone().filter(|word| matches!(word.as_str(), "fresh" | "stale")),
        withdrawn: asked.withdrawn.as_deref() == Some("yes"),
        by_freshness: asked.sort.as_deref() == Some("valid"),
        after: asked.after.clone(),
        limit,
    };
    let found = site.service.search(&c.reader(), &query).await?;
    let divided = Divided {
        similar: found.similar,
        partly: found.partly,
        meant: found.meant.clone(),
        facets: FacetCounts::from(&found.facets),
    };
    let items = found.hits.into_iter().map(Item::from).collect();
    let list = List { total: found.total, items, next: found.next, more: divided };
    let asked = [
        ("q", asked.q.as_deref()),
        ("objective", asked.objective.as_deref()),
        ("country", asked.country.as_deref()),
        ("kind", asked.kind.as_deref()),
        ("lang", asked.lang.as_deref()),
        ("topic", asked.topic.as_deref()),
        ("place", asked.place.as_deref()),
        ("origin", asked.origin.as_deref()),
        ("valid", asked.valid.as_deref()),
        ("withdrawn", asked.withdrawn.as_deref()),
        ("sort", asked.sort.as_deref()),
    ];
    Ok(list.answer("/api/v1/practices", &asked, limit))
}

/// A practice in the shape of `tern practice show`.
#[derive(Serialize)]
struct One {
    id: String,
    title: String,
    edition: u32,
    edition_id: String,
    heads: Vec<String>,
    content_hash: String,
    origin: Origin,
    fields: Fields,
    signers: Vec<SignedBy>,
    verdict: &'static str,
    seals: Vec<Sealed>,
    withdrawn: bool,
    attachments: Vec<service::Attachment>,
    #[serde(flatten)]
    said: Told,
}

#[derive(Serialize)]
struct Origin {
    org: String,
    name: String,
}

/// A seal of this edition, and of no other.
#[derive(Serialize)]
struct Sealed {
    id: String,
    submission: String,
    edition_id: String,
    policy: String,
    org: String,
    reviews: u64,
    dissent: u64,
    claimed_at: String,
}

impl Sealed {
    fn of(seal: Seal) -> Self {
        let Seal { id, submission, edition, policy, organisation, reviews, dissent, claimed } =
            seal;
        let claimed_at = moment(claimed);
        Self {
            id,
            submission,
            edition_id: edition,
            policy,
            org: organisation,
            reviews,
            dissent,
            claimed_at,
        }
    }
}

#[derive(Serialize)]
struct SignedBy {
    person: Option<String>,
    org: String,
    role: &'static str,
    verdict: &'static str,
}

impl From<Signer> for SignedBy {
    fn from(signer: Signer) -> Self {
        let role = match signer.role {
            SignerRole::Author => "author",
            SignerRole::Contributor => "contributor",
            SignerRole::Publisher => "publisher",
            SignerRole::Endorser => "endorser",
        };
        let verdict = word(signer.verdict);
        Self { person: signer.person, org: signer.organisation, role, verdict }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Adopted => "adopted",
        Verdict::Quarantined => "quarantined",
    }
}

/// A practice may be kept and is asked for anew.
const KEPT: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

/// `GET /api/v1/practices/{id}`; `If-None-Match` is answered by 304.
pub async fn one(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
    Query(anyway): Query<Anyway>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let reader = c.reader();
    let practice = site.service.practice(&reader, &id, None).await?;
    let (seals, said) = futures::try_join!(
        site.service.seals(&practice.id, &practice.edition),
        site.service.said(&reader, &practice.id, None),
    )?;
    let withdrawn = said.withdrawal.is_some();
    if let Some(withdrawal) = said.withdrawal.as_ref().filter(|_| !anyway.asked()) {
        return Ok(annotations::gone(withdrawal));
    }
    // What is said comes later than the edition, and can be taken back.
    let said = Told::of(&said);
    let sealed: String = seals.iter().map(|seal| format!("+{}", seal.id)).collect();
    let tag = format!("\"{}{sealed}{}\"", practice.edition, said.tag());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)], [KEPT]).into_response());
    }
    let title = practice.fields.title.best(&[c.words.lang]).map_or("", |(_, text)| text);
    let body = One {
        title: title.to_owned(),
        edition: practice.number,
        edition_id: practice.edition,
        heads: practice.heads,
        content_hash: practice.content_hash,
        origin: Origin { org: practice.origin, name: practice.origin_name },
        signers: practice.signers.into_iter().map(SignedBy::from).collect(),
        verdict: word(practice.verdict),
        seals: seals.into_iter().map(Sealed::of).collect(),
        withdrawn,
        attachments: practice.fields.attachments.clone(),
        said,
        fields: practice.fields,
        id: practice.id,
    };
    Ok(([(header::ETAG, tag)], [KEPT], Json(body)).into_response())
}
