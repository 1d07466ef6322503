//! What is said about a practice, beside what an edition of it says; and the answer for
//! one that was withdrawn.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::experts::moment;
use crate::service::{Adapted, Annotations, OtherPractice, Same, Translated, Withdrawal, Word};

/// What was withdrawn is answered to who asks for it with `withdrawn=yes`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Anyway {
    withdrawn: String,
}

impl Anyway {
    /// Whether it is asked for.
    pub fn asked(&self) -> bool {
        self.withdrawn == "yes"
    }
}

/// What is said, in the shape of `tern practice show`.
#[derive(Serialize)]
pub struct Told(Map<String, Value>);

impl Told {
    /// All that stands.
    pub fn of(said: &Annotations) -> Self {
        let mut told = Map::new();
        let mut put = |key: &str, value: Value| drop(told.insert(key.to_owned(), value));
        put("withdrawal", said.withdrawal.as_ref().map_or(Value::Null, withdrawal));
        put("others_withdrawn", said.beside.as_ref().map_or(Value::Null, withdrawal));
        put("confirmed", said.confirmed.as_ref().map_or(Value::Null, word));
        put("renewed_at", json!(moment(said.renewed)));
        let year = 365 * 24 * 3_600;
        put("stale_since", json!(said.stale.then(|| moment(said.renewed + year))));
        put("adaptations", said.adapted.iter().map(adapted).collect());
        put("translations", said.translations.iter().map(translated).collect());
        put("same_as", said.same.iter().map(same).collect());
        Self(told)
    }

    /// What tells apart whether anything was said or taken back since.
    pub fn tag(&self) -> String {
        let all = Value::Object(self.0.clone()).to_string();
        // FNV-1a (Fowler, Noll, Vo): it need not withstand anybody.
        let mixed = all.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("+{mixed:016x}")
    }
}

fn word(word: &Word) -> Value {
    json!({
        "id": word.id, "org": word.by.organisation, "person": word.by.person,
        "claimed_at": moment(word.claimed),
    })
}

fn with(said: &Word, more: Value) -> Value {
    let mut told = word(said);
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    told
}

fn named(other: &OtherPractice) -> Value {
    json!({
        "id": other.id, "title": other.title.as_ref().map(|title| &title.text),
        "org": other.organisation,
    })
}

fn withdrawal(one: &Withdrawal) -> Value {
    with(
        &one.word,
        json!({
            "reason": one.reason, "text": one.text.as_ref().map(|text| &text.text),
            "editions": one.editions, "replaced_by": one.replaced_by.as_ref().map(named),
        }),
    )
}

fn adapted(one: &Adapted) -> Value {
    let text =
        |phrase: &Option<crate::service::Phrase>| phrase.as_ref().map(|phrase| phrase.text.clone());
    let countries: Vec<&str> = one.countries.iter().map(|one| one.code.as_str()).collect();
    with(
        &one.word,
        json!({
            "countries": countries, "place": one.place, "since": one.since,
            "outcome": one.outcome, "changed": text(&one.changed), "text": text(&one.text),
        }),
    )
}

fn translated(one: &Translated) -> Value {
    with(
        &one.word,
        json!({
            "language": one.lang, "by": one.by, "edition": one.number,
            "outdated": one.outdated, "missing": one.missing, "texts": one.texts,
        }),
    )
}

fn same(one: &Same) -> Value {
    let aliases = one.aliases.iter();
    let aliases: Vec<Value> =
        aliases.map(|(scheme, value)| json!({ "scheme": scheme, "value": value })).collect();
    with(&one.word, json!({ "practice": one.practice.as_ref().map(named), "aliases": aliases }))
}

/// 410, with who withdrew it and why (RFC 9457).
pub fn gone(one: &Withdrawal) -> Response {
    let detail = "It was withdrawn by the organisation that it comes from. Its text is \
                  answered to `withdrawn=yes`.";
    let problem = json!({
        "type": "about:blank", "title": "Gone", "status": 410, "code": "withdrawn",
        "detail": detail, "withdrawal": withdrawal(one),
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::GONE, headers, problem.to_string()).into_response()
}
