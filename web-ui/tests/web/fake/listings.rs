//! One collection and one resource of the organisation of the accounts; what is said of
//! them is only looked at.

use serde_json::{Value, json};
use tern_web_ui::service::{
    Answer, CollectionKeeping, Exported, FieldError, ListedItem, Listing, ListingEntry,
    ListingPage, ListingSaying, ListingSort, Party, Phrase, RESOURCE_FORMATS, Reader, Refusal,
    ResourceFile, Role,
};

use super::{Fake, invalid, now};

/// The collection of the sample.
pub const COLLECTION: &str = "tern1lcollection0000";
/// The resource of the sample.
pub const RESOURCE: &str = "tern1lresource000000";
/// A practice in the collection.
pub const PRACTICE: &str = "tern1p14hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn1";
/// A practice in the collection that is not here.
pub const AWAY: &str = "tern1paway";

fn phrase(text: &str, lang: &str) -> Phrase {
    Phrase { text: text.into(), lang: lang.into() }
}

fn entry(sort: ListingSort, member: bool) -> ListingEntry {
    let entry = ListingEntry {
        organisation: "Harbour <Office>".into(),
        ours: member,
        claimed: 1_700_000_000,
        ..ListingEntry::default()
    };
    match sort {
        ListingSort::Collection => ListingEntry {
            id: COLLECTION.into(),
            title: phrase("Before <departure>", "en"),
            text: phrase("ما يُقرأ أولاً", "ar"),
            items: 3,
            ..entry
        },
        ListingSort::Resource => ListingEntry {
            id: RESOURCE.into(),
            title: phrase("Une <loi>", "fr"),
            text: phrase("On contracts.", "en"),
            kind: "law".into(),
            publisher: Some("Journal <officiel>".into()),
            date: Some("2024-05".into()),
            ..entry
        },
    }
}

fn page(sort: ListingSort, fake: &Fake, reader: &Reader) -> ListingPage {
    let account = fake.may(reader, |_| true).ok();
    let member = account.is_some();
    let page = ListingPage {
        entry: entry(sort, member),
        by: Party { person: Some("Amina <Issa>".into()), organisation: "Harbour <Office>".into() },
        record: "tern1rrecord".into(),
        may_say: account.as_ref().is_some_and(|one| one.is(Role::Publisher)),
        passphrase: account.as_ref().is_some_and(|one| one.passphrase),
        ..ListingPage::default()
    };
    match sort {
        ListingSort::Collection => {
            let item = |thing: &str, title: Phrase, held: bool| ListedItem {
                thing: thing.into(),
                organisation: held.then(|| "Harbour <Office>".into()),
                title,
                held,
                ..ListedItem::default()
            };
            let first = ListedItem {
                edition: Some(("1".into(), Some(1))),
                note: phrase("Begin <here>", "en"),
                ..item(PRACTICE, phrase("Health <teams>", "en"), true)
            };
            let law =
                ListedItem { resource: true, ..item(RESOURCE, phrase("Une <loi>", "fr"), true) };
            ListingPage {
                form: json!({
                    "title": { "en": "Before <departure>", "fr": "Avant" },
                    "text": { "ar": "ما يُقرأ أولاً" },
                    "items": [
                        { "practice": PRACTICE, "edition": "1", "note": { "en": "Begin <here>", "fr": "Ici" } },
                        { "practice": AWAY }, { "resource": RESOURCE },
                    ],
                }),
                items: vec![first, item(AWAY, Phrase::default(), false), law],
                keeping: member.then(|| CollectionKeeping {
                    files: 2,
                    here: 1,
                    bytes: 3_000_000,
                    travels: 1_080_000,
                    seconds: 90,
                    cost: Some("0.54 XOF".into()),
                    costly: true,
                    ..CollectionKeeping::default()
                }),
                beside: 1,
                ..page
            }
        }
        ListingSort::Resource => ListingPage {
            form: json!({
                "title": { "fr": "Une <loi>" }, "abstract": { "en": "On contracts." },
                "type": "law", "date": "2024-05", "url": "https://law.example/<1>",
                "objectives": [6], "countries": ["NE"], "languages": ["fr"],
            }),
            url: Some("https://law.example/<1>".into()),
            file: Some(ResourceFile {
                name: "law <1>.pdf".into(),
                media_type: "application/pdf".into(),
                bytes: Some(50_000),
                hash: "0".repeat(64),
                here: false,
            }),
            codes: [vec!["6".into()], vec!["NE".into()], vec!["fr".into()]],
            licence: Some("CC-BY-4.0".into()),
            ..page
        },
    }
}

const fn id_of(sort: ListingSort) -> &'static str {
    match sort {
        ListingSort::Collection => COLLECTION,
        ListingSort::Resource => RESOURCE,
    }
}

impl Listing for Fake {
    fn listings<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        query: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>> {
        let one = entry(sort, self.may(reader, |_| true).is_ok());
        now(Ok(if query.is_empty() || one.title.text.contains(query) { vec![one] } else { vec![] }))
    }

    fn collections_of<'a>(
        &'a self,
        reader: &'a Reader,
        thing: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>> {
        let member = self.may(reader, |_| true).is_ok();
        let held = [PRACTICE, RESOURCE].contains(&thing);
        now(Ok(if held { vec![entry(ListingSort::Collection, member)] } else { vec![] }))
    }

    fn listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, ListingPage> {
        now(if id == id_of(sort) { Ok(page(sort, self, reader)) } else { Err(Refusal::NotFound) })
    }

    fn listing_document<'a>(
        &'a self,
        _: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, Value> {
        let told = json!({ "id": id, "sort": sort.code() });
        now(if id == id_of(sort) { Ok(told) } else { Err(Refusal::NotFound) })
    }

    fn listings_document<'a>(
        &'a self,
        _: &'a Reader,
        sort: ListingSort,
        _: &'a str,
    ) -> Answer<'a, Value> {
        now(Ok(json!({ "total": 1, "items": [{ "id": id_of(sort) }] })))
    }

    fn say_listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        saying: &'a ListingSaying,
        _: Option<&'a str>,
    ) -> Answer<'a, String> {
        let account = self.may(reader, |one| one.is(Role::Publisher));
        now(match (account, saying) {
            (Err(refusal), _) => Err(refusal),
            (_, ListingSaying::Form { form, .. })
                if form["title"].as_object().is_none_or(serde_json::Map::is_empty) =>
            {
                Err(invalid("title", "A title is missing."))
            }
            _ => Ok(id_of(sort).into()),
        })
    }

    fn keep_collection<'a>(&'a self, reader: &'a Reader, _: &'a str, _: bool) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).map(drop))
    }

    fn export_collection<'a>(
        &'a self,
        _: &'a Reader,
        _: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        let (name, media_type) = (format!("tern-practices.{format}"), "text/plain".to_owned());
        now(Ok(Exported { name, media_type, bytes: b"all".to_vec() }))
    }

    fn export_resource<'a>(
        &'a self,
        _: &'a Reader,
        _: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        if !RESOURCE_FORMATS.contains(&format) {
            let wrong = FieldError {
                field: "format".into(),
                code: "invalid".into(),
                message: "There is no such format.".into(),
                limit: None,
            };
            return now(Err(Refusal::Invalid(vec![wrong])));
        }
        let (name, media_type) = (format!("tern-resource.{format}"), "text/plain".to_owned());
        now(Ok(Exported { name, media_type, bytes: b"one".to_vec() }))
    }
}
