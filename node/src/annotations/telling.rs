//! What is said about a practice in the JSON of commands and exports.

use serde_json::{Value, json};

use super::{OtherRead, SaidRead, TranslationRead, WithdrawalRead, Word};
use crate::moment::rfc3339;
use crate::search::Freshness;

fn word_json(word: &Word) -> Value {
    json!({
        "id": word.id.to_string(), "org": word.by.org.name, "org_id": word.by.org.id.to_string(),
        "person": word.by.name, "claimed_at": rfc3339(word.claimed),
    })
}

fn with(word: &Word, more: Value) -> Value {
    let mut told = word_json(word);
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    told
}

/// What is not for everybody is named by its id alone.
fn other_json(other: &OtherRead) -> Value {
    match other.members_only {
        true => json!({ "id": other.id.to_string() }),
        false => json!({
            "id": other.id.to_string(), "org": other.org,
            "title": other.title.as_ref().map(|(_, title)| title),
        }),
    }
}

/// A withdrawal.
pub fn withdrawal_json(one: &WithdrawalRead) -> Value {
    with(
        &one.word,
        json!({
            "reason": one.reason.code(), "text": texts(&one.text), "editions": one.editions,
            "replaced_by": one.replaced_by.as_ref().map(other_json),
        }),
    )
}

fn texts(texts: &tern_crdt::practice::Texts) -> Value {
    texts.iter().map(|(tag, text)| (tag.to_string(), Value::from(text))).collect()
}

fn translation_json(one: &TranslationRead) -> Value {
    let (id, number) = &one.edition;
    let mut fields = one.translation.to_json();
    let fields_of = fields.as_object_mut();
    let mut part = |key: &str| fields_of.as_ref().and_then(|all| all.get(key)).cloned();
    let [language, from, by] = ["language", "from", "by"].map(&mut part);
    if let Some(all) = fields.as_object_mut() {
        ["language", "from", "by"].iter().for_each(|key| drop(all.remove(*key)));
    }
    with(
        &one.word,
        json!({
            "language": language, "from": from, "by": by, "edition": number,
            "edition_id": id.to_string(), "outdated": one.outdated, "missing": one.missing,
            "fields": fields,
        }),
    )
}

/// Everything that is said about a practice, for one edition: to stand beside what the
/// edition itself says.
pub fn said_json(said: &SaidRead) -> Value {
    let confirmed =
        said.confirmed.as_ref().map(|(word, text)| with(word, json!({ "text": texts(text) })));
    let adaptations = said
        .adaptations
        .iter()
        .map(|one| with(&one.word, json!({ "adaptation": one.adaptation.to_json() })));
    let same = said.same.iter().map(|one| {
        let names = one.aliases.to_json();
        with(
            &one.word,
            json!({
                "practice": one.other.as_ref().map(other_json),
                "aliases": names.get("aliases"), "said_there": one.said_there,
            }),
        )
    });
    let stale = said.freshness == Freshness::Stale;
    json!({
        "withdrawn": said.withdrawal.is_some(),
        "withdrawal": said.withdrawal.as_ref().map(withdrawal_json),
        "others_withdrawn": said.beside.as_ref().map(withdrawal_json),
        "confirmed": confirmed,
        "renewed_at": rfc3339(said.renewed),
        "stale_since": stale.then(|| {
            rfc3339(said.renewed.plus(crate::search::FRESH_FOR * 1_000))
        }),
        "adaptations": adaptations.collect::<Vec<_>>(),
        "translations": said.translations.iter().map(translation_json).collect::<Vec<_>>(),
        "same_as": same.collect::<Vec<_>>(),
    })
}
