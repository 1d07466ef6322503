//! Making a collection or listing a resource, saying it anew, adding to a collection,
//! withdrawing.
//!
//! The items of a collection are put in order on the form, which signs nothing before it
//! is saved; what somebody else said meanwhile is not said anew unseen.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::encode;
use crate::failure::Failure;
use crate::form::{Errors, Typed};
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::pages::refused_at;
use crate::service::{
    Choice, LISTING_REASONS, ListingEntry, ListingPage, ListingSaying, ListingSort, Phrase, Refusal,
};
use crate::site::{Shared, Site};

/// What the reader of a form types, in the order of a form.
type Typing = Form<Vec<(String, String)>>;

/// The keys of a resource that hold one line or code each.
const LINES: [&str; 5] = ["type", "publisher", "date", "url", "licence"];

/// An item as it stands on the form.
struct Place {
    at: usize,
    thing: String,
    edition: String,
    note: String,
    title: Phrase,
    number: Option<u32>,
}

#[derive(Template)]
#[template(path = "listing_form.html")]
struct Writing {
    c: Chrome,
    sort: ListingSort,
    /// What it is now, if it is said anew.
    page: Option<ListingPage>,
    typed: Typed,
    places: Vec<Place>,
    languages: Vec<Choice>,
    objectives: Vec<Choice>,
    types: Vec<Choice>,
    licences: Vec<Choice>,
    passphrase: bool,
    errors: Errors,
}

impl Writing {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    /// A sentence of this sort.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("{}-{what}", self.sort.code()))
    }

    fn heading(&self) -> String {
        self.say(if self.page.is_some() { "edit-title" } else { "new-title" })
    }

    fn id(&self) -> &str {
        self.page.as_ref().map_or("", |page| page.entry.id.as_str())
    }

    /// Where the form goes, and where cancelling leads.
    fn action(&self) -> String {
        match self.id() {
            "" => format!("{}/new", self.sort.path()),
            id => format!("{}/{}/edit", self.sort.path(), encode(id)),
        }
    }

    fn back(&self) -> String {
        match self.id() {
            "" => self.sort.path().to_owned(),
            id => format!("{}/{}", self.sort.path(), encode(id)),
        }
    }
}

/// What a new collection begins with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Begins {
    thing: String,
    edition: String,
}

/// `GET /collections/new`
pub async fn new_collection(
    State(site): Shared,
    member: Member,
    Query(begins): Query<Begins>,
) -> Shown {
    let mut typed = Typed::default();
    typed.put("lang", member.chrome.words.lang);
    if !begins.thing.is_empty() {
        typed.put("thing-0", begins.thing);
        typed.put("edition-0", begins.edition);
    }
    let sort = ListingSort::Collection;
    show(&writing(&site, member.chrome, sort, None, typed, Errors::default()).await?)
}

/// `GET /resources/new`
pub async fn new_resource(State(site): Shared, member: Member) -> Shown {
    let mut typed = Typed::default();
    typed.put("lang", member.chrome.words.lang);
    let sort = ListingSort::Resource;
    show(&writing(&site, member.chrome, sort, None, typed, Errors::default()).await?)
}

/// `GET /collections/{id}/edit`
pub async fn edit_collection(site: Shared, member: Member, id: Path<String>) -> Shown {
    edit(site, member, id, ListingSort::Collection).await
}

/// `GET /resources/{id}/edit`
pub async fn edit_resource(site: Shared, member: Member, id: Path<String>) -> Shown {
    edit(site, member, id, ListingSort::Resource).await
}

async fn edit(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    sort: ListingSort,
) -> Shown {
    let c = member.chrome;
    let page = site.service.listing(&c.reader(), sort, &id).await?;
    if !page.may_say {
        return Ok(Redirect::to(&format!("{}/{}", sort.path(), encode(&id))).into_response());
    }
    let typed = spread(sort, &page, c.words.lang);
    show(&writing(&site, c, sort, Some(page), typed, Errors::default()).await?)
}

/// The fields of a form that hold what is said now. Texts are shown in the language of
/// the reader, or in the first that there is.
fn spread(sort: ListingSort, page: &ListingPage, lang: &str) -> Typed {
    let mut typed = Typed::default();
    let form = &page.form;
    let titles = form["title"].as_object();
    let first = titles.and_then(|titles| titles.keys().next());
    let lang = match (titles.is_some_and(|titles| titles.contains_key(lang)), first) {
        (false, Some(first)) => first.as_str(),
        _ => lang,
    };
    let text = |value: &Value| value[lang].as_str().unwrap_or_default().to_owned();
    typed.put("lang", lang);
    typed.put("saw", page.record.as_str());
    typed.put("title", text(&form["title"]));
    match sort {
        ListingSort::Collection => {
            typed.put("text", text(&form["text"]));
            for (at, item) in form["items"].as_array().into_iter().flatten().enumerate() {
                let thing = item["practice"].as_str().or(item["resource"].as_str());
                typed.put(format!("thing-{at}"), thing.unwrap_or_default());
                typed.put(format!("edition-{at}"), item["edition"].as_str().unwrap_or_default());
                typed.put(format!("note-{at}"), text(&item["note"]));
            }
        }
        ListingSort::Resource => {
            typed.put("text", text(&form["abstract"]));
            for key in LINES {
                typed.put(key, form[key].as_str().unwrap_or_default());
            }
            let list = |key: &str| form[key].as_array().cloned().unwrap_or_default();
            for number in list("objectives") {
                typed.put("objectives", number.to_string());
            }
            for tag in list("languages") {
                typed.put("languages", tag.as_str().unwrap_or_default());
            }
            let countries = list("countries");
            let countries: Vec<&str> = countries.iter().filter_map(Value::as_str).collect();
            typed.put("countries", countries.join(", "));
        }
    }
    typed
}

/// Numbers of the items on a form, in their order.
fn numbers(typed: &Typed) -> Vec<usize> {
    let named = typed.0.iter().filter_map(|(name, _)| name.strip_prefix("thing-")?.parse().ok());
    named.collect()
}

async fn writing(
    site: &Site,
    c: Chrome,
    sort: ListingSort,
    page: Option<ListingPage>,
    typed: Typed,
    errors: Errors,
) -> Result<Writing, Failure> {
    let lists = site.service.vocabularies(c.words.lang).await?;
    let mut places = Vec::new();
    for at in numbers(&typed) {
        let thing = typed.get(&format!("thing-{at}"));
        let known = page.iter().flat_map(|page| &page.items).find(|item| item.thing == thing);
        let title = match known {
            Some(item) => item.title.clone(),
            None => match site.service.practice(&c.reader(), &thing, None).await {
                Ok(practice) => practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default(),
                Err(_) => Phrase::default(),
            },
        };
        places.push(Place {
            at,
            edition: typed.get(&format!("edition-{at}")),
            note: typed.get(&format!("note-{at}")),
            number: known.and_then(|item| item.edition.as_ref()?.1),
            title,
            thing,
        });
    }
    Ok(Writing {
        languages: lists.languages.clone(),
        objectives: lists.objectives.clone(),
        types: lists.resource_types.clone(),
        licences: lists.licences.clone(),
        passphrase: c.account.as_ref().is_some_and(|account| account.passphrase),
        c: c.at(Section::Practices),
        sort,
        page,
        typed,
        places,
        errors,
    })
}

/// `POST /collections/new`
pub async fn make_collection(site: Shared, member: Member, typed: Typing) -> Shown {
    save(site, member, None, typed, ListingSort::Collection).await
}

/// `POST /resources/new`
pub async fn make_resource(site: Shared, member: Member, typed: Typing) -> Shown {
    save(site, member, None, typed, ListingSort::Resource).await
}

/// `POST /collections/{id}/edit`
pub async fn save_collection(
    site: Shared,
    member: Member,
    Path(id): Path<String>,
    typed: Typing,
) -> Shown {
    save(site, member, Some(id), typed, ListingSort::Collection).await
}

/// `POST /resources/{id}/edit`
pub async fn save_resource(
    site: Shared,
    member: Member,
    Path(id): Path<String>,
    typed: Typing,
) -> Shown {
    save(site, member, Some(id), typed, ListingSort::Resource).await
}

async fn save(
    State(site): Shared,
    member: Member,
    id: Option<String>,
    Form(typed): Typing,
    sort: ListingSort,
) -> Shown {
    let (c, mut typed) = (member.chrome, Typed(typed));
    let reader = c.reader();
    let page = match &id {
        Some(id) => Some(site.service.listing(&reader, sort, id).await?),
        None => None,
    };
    if let Some(changed) = arranged(&typed) {
        typed = changed;
        return show(&writing(&site, c, sort, page, typed, Errors::default()).await?);
    }
    let (status, errors) = match &page {
        Some(page) if page.record != typed.get("saw") => {
            let mut errors = Errors::default();
            errors.add("part", c.t("listing-meanwhile"));
            // What is saved next follows what is shown now.
            typed.0.retain(|(name, _)| name != "saw");
            typed.put("saw", page.record.as_str());
            (StatusCode::CONFLICT, errors)
        }
        _ => {
            let form = gathered(sort, page.as_ref(), &typed);
            let saying = ListingSaying::Form { id, form };
            let passphrase = typed.passphrase();
            match site.service.say_listing(&reader, sort, &saying, passphrase.as_deref()).await {
                Ok(id) => return Ok(done(&site, &c, sort, &id, "listing-said")),
                Err(Refusal::Invalid(found)) => {
                    let mut errors = Errors::default();
                    for error in found {
                        errors.add(place(&error.field), error.message);
                    }
                    (StatusCode::UNPROCESSABLE_ENTITY, errors)
                }
                Err(refusal) => refused_at(refusal, "part")?,
            }
        }
    };
    let page = writing(&site, c, sort, page, typed, errors).await?;
    Ok((status, show(&page)?).into_response())
}

fn done(site: &Site, c: &Chrome, sort: ListingSort, id: &str, notice: &'static str) -> Response {
    c.leave_notice(site, notice);
    Redirect::to(&format!("{}/{}", sort.path(), encode(id))).into_response()
}

/// The form with an item moved or taken out, if a button for that was pressed.
fn arranged(typed: &Typed) -> Option<Typed> {
    let pressed = typed.some("do")?;
    let (what, at) = pressed.split_once(':')?;
    let at: usize = at.parse().ok()?;
    let mut order = numbers(typed);
    let place = order.iter().position(|number| *number == at)?;
    match what {
        "up" if place > 0 => order.swap(place, place - 1),
        "down" if place + 1 < order.len() => order.swap(place, place + 1),
        "remove" => drop(order.remove(place)),
        _ => {}
    }
    let is_of_item =
        |name: &str| ["thing-", "edition-", "note-"].iter().any(|prefix| name.starts_with(prefix));
    let kept = typed.0.iter().filter(|(name, _)| name != "do" && !is_of_item(name));
    let mut changed = Typed(kept.cloned().collect());
    for (now, before) in order.into_iter().enumerate() {
        for key in ["thing", "edition", "note"] {
            changed.put(format!("{key}-{now}"), typed.get(&format!("{key}-{before}")));
        }
    }
    Some(changed)
}

/// The form as typed, in the shape of its files; texts in other languages, and what the
/// page does not ask, stay as they are.
fn gathered(sort: ListingSort, page: Option<&ListingPage>, typed: &Typed) -> Value {
    let lang = typed.some("lang").unwrap_or_else(|| "en".to_owned());
    let mut form = page.map(|page| page.form.clone()).unwrap_or_else(|| json!({}));
    let put = |texts: &mut Value, text: String| {
        let mut all = texts.as_object().cloned().unwrap_or_default();
        match text.is_empty() {
            true => drop(all.remove(&lang)),
            false => drop(all.insert(lang.clone(), json!(text))),
        }
        *texts = Value::Object(all);
    };
    put(&mut form["title"], typed.get("title"));
    match sort {
        ListingSort::Collection => {
            put(&mut form["text"], typed.get("text"));
            let before = form["items"].as_array().cloned().unwrap_or_default();
            let items = numbers(typed).into_iter().map(|at| {
                let thing = typed.get(&format!("thing-{at}"));
                let is_it = |item: &&Value| {
                    item["practice"] == thing.as_str() || item["resource"] == thing.as_str()
                };
                let known = before.iter().find(is_it);
                let mut note = known.map(|item| item["note"].clone()).unwrap_or(Value::Null);
                put(&mut note, typed.get(&format!("note-{at}")));
                let key = if thing.starts_with("tern1l") { "resource" } else { "practice" };
                let mut item = json!({ key: thing, "note": note });
                if let Some(edition) = typed.some(&format!("edition-{at}")) {
                    item["edition"] = json!(edition);
                }
                item
            });
            form["items"] = items.collect();
        }
        ListingSort::Resource => {
            put(&mut form["abstract"], typed.get("text"));
            for key in LINES {
                form[key] = json!(typed.some(key));
            }
            let numbers = typed.all("objectives").filter_map(|one| one.parse::<u64>().ok());
            form["objectives"] = numbers.collect();
            let tags = typed.all("languages").filter(|tag| !tag.is_empty());
            form["languages"] = tags.collect();
            let countries = typed.get("countries").to_uppercase();
            let countries = countries.split([',', ' ', ';']).filter(|code| !code.is_empty());
            form["countries"] = countries.collect();
        }
    }
    form
}

/// The id of the field that a place of the file is about; what is of no one field is told
/// over the form.
fn place(field: &str) -> String {
    let first = field.split(['.', '[']).next().unwrap_or_default();
    let known = ["title", "text", "objectives", "languages", "countries", "passphrase"];
    match first {
        "abstract" => "text".to_owned(),
        one if known.contains(&one) || LINES.contains(&one) => one.to_owned(),
        _ => "part".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "listing_add.html")]
struct Adding {
    c: Chrome,
    thing: String,
    resource: bool,
    /// The edition that is shown now, with its number, if it is a practice.
    edition: Option<(String, u32)>,
    title: Phrase,
    own: Vec<ListingEntry>,
    typed: Typed,
    passphrase: bool,
    errors: Errors,
}

impl Adding {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn back(&self) -> String {
        let kind = if self.resource { "resources" } else { "practices" };
        format!("/{kind}/{}", encode(&self.thing))
    }
}

async fn adding(site: &Site, c: Chrome, typed: Typed, errors: Errors) -> Result<Adding, Failure> {
    let (thing, reader) = (typed.get("thing"), c.reader());
    let resource = thing.starts_with("tern1l");
    let (thing, title, edition) = if resource {
        let page = site.service.listing(&reader, ListingSort::Resource, &thing).await?;
        (page.entry.id, page.entry.title, None)
    } else {
        let practice = site.service.practice(&reader, &thing, None).await?;
        let title = practice.fields.title.phrase(&[c.words.lang]).unwrap_or_default();
        (practice.id, title, Some((practice.edition, practice.number)))
    };
    let mut own = site.service.listings(&reader, ListingSort::Collection, "").await?;
    own.retain(|one| one.ours);
    let passphrase = c.account.as_ref().is_some_and(|account| account.passphrase);
    let c = c.at(Section::Practices);
    Ok(Adding { c, thing, resource, edition, title, own, typed, passphrase, errors })
}

/// `GET /collections/add`
pub async fn add(State(site): Shared, member: Member, Query(begins): Query<Begins>) -> Shown {
    let mut typed = Typed::default();
    typed.put("thing", begins.thing);
    show(&adding(&site, member.chrome, typed, Errors::default()).await?)
}

/// `POST /collections/add`
pub async fn run_add(State(site): Shared, member: Member, Form(typed): Typing) -> Shown {
    let (c, typed) = (member.chrome, Typed(typed));
    let mut errors = Errors::default();
    let Some(id) = typed.some("collection") else {
        errors.add("collection", c.t("add-choose"));
        let page = adding(&site, c, typed, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
    };
    let (thing, edition) = (typed.get("thing"), typed.some("edition"));
    let saying = ListingSaying::Add { id, thing, edition, note: typed.get("note") };
    let (sort, passphrase) = (ListingSort::Collection, typed.passphrase());
    let reader = c.reader();
    match site.service.say_listing(&reader, sort, &saying, passphrase.as_deref()).await {
        Ok(id) => Ok(done(&site, &c, sort, &id, "add-done")),
        Err(refusal) => {
            let (status, errors) = refused_at(refusal, "part")?;
            let page = adding(&site, c, typed, errors).await?;
            Ok((status, show(&page)?).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "listing_withdraw.html")]
struct Withdrawing {
    c: Chrome,
    sort: ListingSort,
    p: ListingPage,
    reasons: [&'static str; 6],
    typed: Typed,
    errors: Errors,
}

impl Withdrawing {
    fn value(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.has(name, value)
    }

    fn say(&self, what: &str) -> String {
        self.c.t(&format!("{}-{what}", self.sort.code()))
    }

    fn back(&self) -> String {
        format!("{}/{}", self.sort.path(), encode(&self.p.entry.id))
    }
}

/// `GET /collections/{id}/withdraw`
pub async fn ask_collection(site: Shared, member: Member, id: Path<String>) -> Shown {
    withdrawing(site, member, id, None, ListingSort::Collection).await
}

/// `GET /resources/{id}/withdraw`
pub async fn ask_resource(site: Shared, member: Member, id: Path<String>) -> Shown {
    withdrawing(site, member, id, None, ListingSort::Resource).await
}

/// `POST /collections/{id}/withdraw`
pub async fn withdraw_collection(
    site: Shared,
    member: Member,
    id: Path<String>,
    Form(typed): Typing,
) -> Shown {
    withdrawing(site, member, id, Some(Typed(typed)), ListingSort::Collection).await
}

/// `POST /resources/{id}/withdraw`
pub async fn withdraw_resource(
    site: Shared,
    member: Member,
    id: Path<String>,
    Form(typed): Typing,
) -> Shown {
    withdrawing(site, member, id, Some(Typed(typed)), ListingSort::Resource).await
}

/// Asks for the reason, or withdraws for the one that was typed.
async fn withdrawing(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    sent: Option<Typed>,
    sort: ListingSort,
) -> Shown {
    let c = member.chrome.at(Section::Practices);
    let reader = c.reader();
    let p = site.service.listing(&reader, sort, &id).await?;
    if !p.may_say || p.withdrawn.is_some() {
        return Ok(Redirect::to(&format!("{}/{}", sort.path(), encode(&id))).into_response());
    }
    let (mut status, mut errors) = (StatusCode::OK, Errors::default());
    if let Some(typed) = &sent {
        let reason = typed.get("reason");
        if LISTING_REASONS.contains(&reason.as_str()) {
            let (id, text) = (p.entry.id.clone(), typed.get("text"));
            let saying = ListingSaying::Withdraw { id, reason, text };
            let passphrase = typed.passphrase();
            match site.service.say_listing(&reader, sort, &saying, passphrase.as_deref()).await {
                Ok(id) => return Ok(done(&site, &c, sort, &id, "listing-withdrawn")),
                Err(refusal) => (status, errors) = refused_at(refusal, "part")?,
            }
        } else {
            status = StatusCode::UNPROCESSABLE_ENTITY;
            errors.add("reason", c.t("listing-reason-missing"));
        }
    }
    let typed = sent.unwrap_or_default();
    let page = Withdrawing { c, sort, p, reasons: LISTING_REASONS, typed, errors };
    Ok((status, show(&page)?).into_response())
}
