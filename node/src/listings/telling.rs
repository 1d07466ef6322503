//! Collections and resources in the JSON of commands and programs.

use serde_json::{Value, json};
use tern_crdt::listing::Thing;

use super::{ItemRead, ListingRead, Told};
use crate::moment::rfc3339;

fn texts(texts: &tern_crdt::practice::Texts) -> Value {
    texts.iter().map(|(tag, text)| (tag.to_string(), Value::from(text))).collect()
}

fn one_json(read: &ListingRead) -> Value {
    let mut told = match &read.told {
        Told::Collection(collection) => collection.to_json(),
        Told::Resource(resource) => resource.to_json(),
        Told::Withdrawn { title, reason, text } => json!({
            "title": texts(title), "withdrawn": { "reason": reason.code(), "text": texts(text) },
        }),
    };
    told["id"] = json!(read.id.to_string());
    told["sort"] = json!(read.sort.code());
    told["org"] = json!(read.org.name);
    told["org_id"] = json!(read.org.id.to_string());
    told["person"] = json!(read.by.name);
    told["record"] = json!(read.record.to_string());
    told["claimed_at"] = json!(rfc3339(read.claimed));
    told["beside"] = json!(read.beside());
    told
}

/// The list.
pub fn list_json(all: &[ListingRead]) -> Value {
    let item = |read: &ListingRead| {
        let mut told = one_json(read);
        if let Some(items) = read.collection().map(|collection| collection.items.len()) {
            told["items"] = json!(items);
        }
        told
    };
    json!({ "total": all.len(), "items": all.iter().map(item).collect::<Vec<_>>() })
}

/// One, with what its items name; of what is for members alone a guest learns the id.
pub fn whole_json(read: &ListingRead, items: &[ItemRead], member: bool) -> Value {
    let mut told = one_json(read);
    if read.collection().is_some() {
        told["items"] = items.iter().map(|item| item_json(item, member)).collect();
        told["missing"] = json!(items.iter().filter(|item| !item.held).count());
    }
    told
}

fn item_json(read: &ItemRead, member: bool) -> Value {
    let shown = member || !read.members_only;
    let title = read.title.as_ref().filter(|_| shown).map(|(_, title)| title.clone());
    let mut told = json!({
        "title": title, "org": read.org.as_ref().filter(|_| shown), "held": read.held,
        "edition": read.item.edition.map(|id| id.to_string()), "number": read.edition,
        "withdrawn": read.withdrawn, "note": texts(&read.item.note),
    });
    match read.thing {
        Thing::Practice(id) => told["practice"] = json!(id.to_string()),
        Thing::Resource(id) => told["resource"] = json!(id.to_string()),
    }
    told
}
