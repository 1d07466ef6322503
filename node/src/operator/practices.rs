//! Reading practices: list, show, history, differences, verification, search.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tern_crdt::identity::{DocumentId, EditionId};
use tern_crdt::taxonomy::Vocabulary;
use tern_crdt::timestamp::Timestamp;

use super::{Acting, invalid, moment};
use crate::annotations::{said_json, withdrawal_json};
use crate::levels;
use crate::ops::{ErrorCode, Fields, OpError};
use crate::reading::{Content, EditionRead, PracticeRead, Verdict};
use crate::search::Query;

/// Items of a list when nobody says how many.
const LIMIT: usize = 50;
/// Items of a list at the most.
const LIMIT_MAX: usize = 200;

/// Ids of one page.
const IDS_MAX: usize = 1_000;

/// How long an answer waits for what is not searchable yet.
const INDEX_PATIENCE: Duration = Duration::from_secs(1);

/// How many items a list gets.
pub(super) fn page_size(limit: Option<usize>) -> usize {
    limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX)
}

impl Acting<'_> {
    pub(super) async fn list(
        self,
        limit: Option<usize>,
        after: Option<String>,
    ) -> Result<Value, OpError> {
        let limit = page_size(limit);
        self.found(Query { limit, after, ..Query::default() }).await
    }

    pub(super) async fn ids(self, after: Option<String>) -> Result<Value, OpError> {
        let refused = |_| invalid("after", "`after` is what `next` said on the page before");
        let after: Option<DocumentId> =
            after.map(|text| text.parse().map_err(refused)).transpose()?;
        let ids: Vec<DocumentId> = self
            .node
            .handle()
            .read(move |replica| {
                let ids = replica.library().practice_ids();
                ids.filter(|id| after.is_none_or(|after| *id > after)).take(IDS_MAX).collect()
            })
            .await?;
        let next = ids.last().filter(|_| ids.len() == IDS_MAX).map(ToString::to_string);
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        Ok(json!({ "ids": ids, "next": next }))
    }

    pub(super) async fn search(self, query: Query) -> Result<Value, OpError> {
        known(&query)?;
        self.found(query).await
    }

    pub(super) async fn found(self, query: Query) -> Result<Value, OpError> {
        // Whoever published a moment ago looks for it now.
        let _ = tokio::time::timeout(INDEX_PATIENCE, self.node.indexer().built()).await;
        let results = self.node.indexer().search(query).await?;
        let items: Vec<Value> = results
            .hits
            .iter()
            .map(|hit| {
                let facts = &hit.card.facts;
                let (lang, title) = best(&hit.card.titles, facts.original_language.as_deref());
                json!({
                    "id": hit.id, "title": title, "lang": lang, "org": facts.organisation,
                    "kind": facts.kind, "countries": facts.countries,
                    "objectives": facts.objectives, "edition": facts.edition,
                    "withdrawn": facts.withdrawn, "adaptations": facts.adaptations,
                    "renewed_at": moment(Timestamp(facts.renewed * 1_000)),
                    "found_by": hit.by.iter().map(|(_, code)| code).collect::<Vec<_>>(),
                })
            })
            .collect();
        let counts = |list: &[(String, u64)]| -> Vec<Value> {
            list.iter().map(|(code, count)| json!({ "code": code, "count": count })).collect()
        };
        let facets = &results.facets;
        let [fresh, stale] = facets.freshness;
        let valid = [("fresh".to_owned(), fresh), ("stale".to_owned(), stale)];
        let objectives =
            facets.objectives.iter().map(|(number, count)| (number.to_string(), *count));
        Ok(json!({
            "total": results.total, "items": items, "next": results.next,
            "indexing": self.node.indexer().progress().building,
            "similar": results.similar, "meant": results.meant, "partly": results.partly,
            "facets": {
                "objectives": counts(&objectives.collect::<Vec<_>>()),
                "countries": counts(&facets.countries), "kinds": counts(&facets.kinds),
                "languages": counts(&facets.languages), "topics": counts(&facets.topics),
                "places": counts(&facets.places),
                "valid": counts(&valid),
            },
        }))
    }

    pub(super) async fn show(self, id: String, edition: Option<u32>) -> Result<Value, OpError> {
        if let Some(draft) = self.node.find_draft(&id).await? {
            return self.show_draft(draft).await;
        }
        let practice = self.node.reading().practice(&id).await?;
        let at = match edition {
            None => practice.latest(),
            Some(number) => practice.find(&number.to_string())?,
        };
        let content = self.node.reading().content(&practice, at).await?;
        let mut told = practice_json(&practice, at, &content);
        levels::tell(&self.node.levels().await?, &mut told["signers"]);
        told["seals"] = self.seals_json(practice.id, practice.editions[at].id).await?;
        told["clearance"] = self.cleared_json(&practice.editions[at]).await?;
        let said = self.node.said(&practice, at, &content.practice).await?;
        beside(&mut told, said_json(&said));
        Ok(told)
    }

    pub(super) async fn erase(self, id: String, reason: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let reason = crate::erasing::reason(&reason)?;
        let practice = self.node.reading().practice(&id).await?;
        let passphrase = self.caller.passphrase.clone();
        let erased = self.node.erase_practice(&account, &practice, reason, passphrase).await?;
        Ok(json!({ "id": practice.id.to_string(), "erased": erased.to_string() }))
    }

    pub(super) async fn erase_name(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let erased = self.node.erase_names(&account, self.caller.passphrase.clone()).await?;
        Ok(json!({ "erased": erased }))
    }

    pub(super) async fn adopt(
        self,
        id: String,
        edition: Option<String>,
        change: Option<String>,
        reason: Option<String>,
    ) -> Result<Value, OpError> {
        if edition.is_none()
            && let Some(draft) = self.node.find_draft(&id).await?
        {
            return self.adopt_in_draft(draft, change, reason).await;
        }
        let account = self.account().await?;
        let practice = self.node.reading().practice(&id).await?;
        let (reason, passphrase) = (reason.unwrap_or_default(), self.caller.passphrase.clone());
        let adopted = self.node.adopt(&account, &practice, edition.as_deref(), &reason, passphrase);
        let (number, adopted) = adopted.await?;
        let adopted: Vec<String> = adopted.iter().map(ToString::to_string).collect();
        Ok(json!({ "id": practice.id.to_string(), "edition": number, "adopted": adopted }))
    }

    pub(super) async fn history(self, id: String) -> Result<Value, OpError> {
        let practice = self.node.reading().practice(&id).await?;
        let mut items = Vec::new();
        for at in (0..practice.editions.len()).rev() {
            let content = self.node.reading().content(&practice, at).await?;
            let edition = &practice.editions[at];
            let statement = edition.statement();
            items.push(json!({
                "id": edition.id.to_string(), "edition": statement.number,
                "signers": [signer_json(edition, content.verdict)], "note": statement.note,
                "claimed_at": moment(statement.claimed_at), "verdict": content.verdict.code(),
                "reason": content.reason,
                "previous": statement.previous.iter().map(EditionId::to_string).collect::<Vec<_>>(),
            }));
        }
        let levels = self.node.levels().await?;
        items.iter_mut().for_each(|item| levels::tell(&levels, &mut item["signers"]));
        Ok(json!({ "id": practice.id.to_string(), "items": items }))
    }

    pub(super) async fn diff(self, id: String, a: String, b: String) -> Result<Value, OpError> {
        let practice = self.node.reading().practice(&id).await?;
        let (from, to) = (practice.find(&a)?, practice.find(&b)?);
        let before = self.node.reading().content(&practice, from).await?;
        let after = self.node.reading().content(&practice, to).await?;
        let items = differences(&before.practice.to_json(), &after.practice.to_json());
        Ok(json!({
            "id": practice.id.to_string(),
            "a": practice.editions[from].statement().number,
            "b": practice.editions[to].statement().number,
            "items": items,
        }))
    }

    pub(super) async fn verify(
        self,
        id: String,
        document: Option<Fields>,
    ) -> Result<Value, OpError> {
        let practice = self.node.reading().practice(&id).await?;
        let claimed = document.as_ref();
        let number = claimed.and_then(|d| d.get("edition")).and_then(Value::as_u64);
        let edition = claimed.and_then(|d| d.get("edition_id")).and_then(Value::as_str);
        let at = match (edition, number) {
            (Some(edition), _) => practice.find(edition)?,
            (None, Some(number)) => practice.find(&number.to_string())?,
            (None, None) => practice.latest(),
        };
        let content = self.node.reading().content(&practice, at).await?;
        let signed = practice_json(&practice, at, &content);
        let other = claimed.and_then(|claimed| contradiction(claimed, &signed));
        let (verdict, reason) = match &other {
            Some(field) => (
                Verdict::Quarantined,
                Some(format!("the file says something else than what was signed, in `{field}`")),
            ),
            None => (content.verdict, content.reason.clone()),
        };
        let edition = &practice.editions[at];
        // A print does not know that it was withdrawn since.
        let said = self.node.said(&practice, at, &content.practice).await?;
        let mut signers = json!([signer_json(edition, verdict)]);
        levels::tell(&self.node.levels().await?, &mut signers);
        // What the file says is not what was sealed if it is not what was signed.
        let seals = match &other {
            Some(_) => json!([]),
            None => self.seals_json(practice.id, edition.id).await?,
        };
        let clearance = match other {
            Some(_) => Value::Null,
            None => self.cleared_json(edition).await?,
        };
        Ok(json!({
            "id": practice.id.to_string(), "edition": edition.statement().number,
            "verdict": verdict.code(), "signers": signers, "seals": seals,
            "clearance": clearance,
            "content_hash": crate::hex::encode(&edition.statement().content),
            "reason": reason,
            "withdrawn": said.withdrawal.is_some(),
            "withdrawal": said.withdrawal.as_ref().map(withdrawal_json),
        }))
    }
}

/// Refuses filters that nothing can fit.
pub(super) fn known(query: &Query) -> Result<(), OpError> {
    if let Some(other) = query.objectives.iter().find(|n| !(1..=23).contains(*n)) {
        let what = format!("there is no objective {other}: they are 1 to 23");
        return Err(invalid("objective", what));
    }
    let is_no_topic = |code: &&String| Vocabulary::Topics.term(code).is_none();
    if let Some(other) = query.topics.iter().find(is_no_topic) {
        let near = Vocabulary::Topics.nearest(other);
        let near = near.map(|code| format!("; did you mean `{code}`?")).unwrap_or_default();
        return Err(invalid("topic", format!("there is no topic `{other}`{near}")));
    }
    let places = [Vocabulary::Regions, Vocabulary::Subregions];
    let is_no_place = |code: &&String| places.iter().all(|list| list.term(code).is_none());
    if let Some(other) = query.places.iter().find(is_no_place) {
        let what = format!(
            "there is no region `{other}`: give the three digits of M49, as 002 for Africa or \
             011 for Western Africa"
        );
        return Err(invalid("place", what));
    }
    Ok(())
}

/// The first member in which a document contradicts what was signed. What the
/// document does not mention is not compared; only what is signed is.
fn contradiction(claimed: &Map<String, Value>, signed: &Value) -> Option<String> {
    const SIGNED: [&str; 6] = ["id", "edition", "heads", "content_hash", "title", "fields"];
    SIGNED
        .into_iter()
        .find(|key| claimed.get(*key).is_some_and(|value| signed.get(*key) != Some(value)))
        .map(str::to_owned)
}

/// A practice as `practice show` answers it.
pub(crate) fn practice_json(practice: &PracticeRead, at: usize, content: &Arc<Content>) -> Value {
    let edition = &practice.editions[at];
    let statement = edition.statement();
    let latest = practice.latest();
    let fields = content.practice.to_json();
    json!({
        "id": practice.id.to_string(),
        "title": title(&fields),
        "edition": statement.number,
        "edition_id": edition.id.to_string(),
        "latest": practice.editions[latest].statement().number,
        "concurrent": practice.tips().into_iter().filter(|tip| *tip != latest)
            .map(|tip| practice.editions[tip].id.to_string()).collect::<Vec<_>>(),
        "heads": [crate::hex::encode(&statement.change)],
        "content_hash": crate::hex::encode(&statement.content),
        "origin": { "org": practice.origin.id.to_string(), "name": practice.origin.name },
        "fields": fields,
        "signers": [signer_json(edition, content.verdict)],
        "verdict": content.verdict.code(),
        "reason": content.reason,
        "note": statement.note,
        "claimed_at": moment(statement.claimed_at),
        "seals": [],
        "withdrawn": false,
        "attachments": fields.get("attachments").cloned().unwrap_or_else(|| json!([])),
        "missing": content.practice.missing_for_review(),
    })
}

/// Puts what is said about a practice beside what an edition of it says.
pub(crate) fn beside(told: &mut Value, said: Value) {
    if let (Some(told), Value::Object(said)) = (told.as_object_mut(), said) {
        told.extend(said);
    }
}

fn signer_json(edition: &EditionRead, verdict: Verdict) -> Value {
    let signer = &edition.signer;
    let person = signer.name.clone().unwrap_or_else(|| format!("a person of {}", signer.org.name));
    json!({
        "person": person,
        "org": signer.org.name,
        "org_id": signer.org.id.to_string(),
        "certificate": signer.certificate.to_string(),
        "role": "publisher",
        "verdict": verdict.code(),
    })
}

/// The text to show of those by language, with its tag: in the wanted
/// language, else in English, else any.
pub fn best<'a>(
    texts: &'a BTreeMap<String, String>,
    wanted: Option<&str>,
) -> (Option<&'a str>, Option<&'a str>) {
    let found = wanted.and_then(|tag| texts.get_key_value(tag));
    let found = found.or_else(|| texts.get_key_value("en")).or_else(|| texts.iter().next());
    (found.map(|(tag, _)| tag.as_str()), found.map(|(_, text)| text.as_str()))
}

/// A title to show: in the original language, else English, else any.
pub(crate) fn title(fields: &Value) -> Option<String> {
    let titles = fields.get("title")?;
    let original = fields.get("original_language").and_then(Value::as_str).unwrap_or("en");
    let any = || titles.as_object()?.values().next();
    let title = titles.get(original).or_else(|| titles.get("en")).or_else(any)?;
    title.as_str().map(str::to_owned)
}

/// What two contents say differently, field by field and, where a field is
/// text by language, language by language.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Value> {
    let empty = Map::new();
    let (before, after) =
        (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut items = Vec::new();
    for key in keys {
        match (before.get(key), after.get(key)) {
            (a, b) if a == b => {}
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let langs: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for lang in langs.into_iter().filter(|lang| a.get(*lang) != b.get(*lang)) {
                    items.push(json!({
                        "field": key, "lang": lang, "before": a.get(lang), "after": b.get(lang),
                    }));
                }
            }
            (a, b) => items.push(json!({ "field": key, "before": a, "after": b })),
        }
    }
    items
}

/// What a peer or a person asked for is not here.
pub(super) fn not_found(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::NotFound, what)
}
