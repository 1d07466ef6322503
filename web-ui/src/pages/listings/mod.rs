//! Collections and resources: the lists, one of them, taking it away, keeping it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::address::{encode, with_query};
use crate::form::Typed;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{
    Choice, CollectionKeeping, EXPORT_FORMATS, ListedItem, ListingEntry, ListingPage, ListingSort,
    RESOURCE_FORMATS, Role, Vocabularies,
};
use crate::site::Shared;

pub mod saying;

/// What is looked for, as it stands in an address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "listings.html")]
struct List {
    c: Chrome,
    sort: ListingSort,
    q: String,
    list: Vec<ListingEntry>,
    types: Vec<Choice>,
}

impl List {
    fn may_list(&self) -> bool {
        may_list(&self.c)
    }

    /// A sentence of this sort.
    fn say(&self, what: &str) -> String {
        self.c.t(&format!("{}-{what}", self.sort.code()))
    }

    fn count(&self) -> String {
        self.c.t1(&format!("{}-count", self.sort.code()), "count", self.list.len())
    }

    fn kind(&self, code: &str) -> String {
        Vocabularies::label(&self.types, code).to_owned()
    }
}

fn may_list(c: &Chrome) -> bool {
    c.account.as_ref().is_some_and(|one| one.is(Role::Publisher))
}

/// `GET /collections`
pub async fn collections(site: Shared, c: Chrome, asked: Query<Asked>) -> Shown {
    list(site, c, asked, ListingSort::Collection).await
}

/// `GET /resources`
pub async fn resources(site: Shared, c: Chrome, asked: Query<Asked>) -> Shown {
    list(site, c, asked, ListingSort::Resource).await
}

async fn list(
    State(site): Shared,
    c: Chrome,
    Query(asked): Query<Asked>,
    sort: ListingSort,
) -> Shown {
    let q = asked.q.trim().to_owned();
    let list = site.service.listings(&c.reader(), sort, &q).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let types = lists.resource_types.clone();
    show(&List { c: c.at(Section::Practices), sort, q, list, types })
}

#[derive(Template)]
#[template(path = "collection.html")]
struct Collection {
    c: Chrome,
    p: ListingPage,
}

impl Collection {
    fn missing(&self) -> usize {
        self.p.items.iter().filter(|item| !item.held).count()
    }

    /// Practices that are here, and so in a file that is taken away.
    fn practices(&self) -> usize {
        self.p.items.iter().filter(|item| item.held && !item.resource).count()
    }

    fn link(&self, item: &ListedItem) -> String {
        let thing = encode(&item.thing);
        match &item.edition {
            _ if item.resource => format!("/resources/{thing}"),
            Some((edition, _)) => format!("/practices/{thing}/editions/{}", encode(edition)),
            None => format!("/practices/{thing}"),
        }
    }

    fn taken_as(&self, format: &str) -> String {
        let path = format!("/api/v1/collections/{}/export", encode(&self.p.entry.id));
        with_query(&path, &[("format", Some(format))])
    }

    fn cost(&self, keeping: &CollectionKeeping) -> String {
        let minutes = keeping.seconds.div_ceil(60).max(1);
        let takes =
            self.c.t2("keep-takes", "bytes", self.c.bytes(&keeping.travels), "minutes", minutes);
        match &keeping.cost {
            Some(cost) => format!("{takes} {}", self.c.t1("keep-costs", "cost", cost)),
            None if keeping.costly => format!("{takes} {}", self.c.t("keep-costly")),
            None => takes,
        }
    }
}

#[derive(Template)]
#[template(path = "resource.html")]
struct Resource {
    c: Chrome,
    p: ListingPage,
    kind: String,
    objectives: Vec<Choice>,
    countries: Vec<String>,
    languages: Vec<Choice>,
    licence: String,
    collections: Vec<ListingEntry>,
}

impl Resource {
    /// The host of the address: whom the link leads to.
    fn host(&self, url: &str) -> String {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
    }

    fn taken_as(&self, format: &str) -> String {
        let path = format!("/api/v1/resources/{}/export", encode(&self.p.entry.id));
        with_query(&path, &[("format", Some(format))])
    }
}

/// `GET /collections/{id}`
pub async fn collection(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let c = c.at(Section::Practices);
    let p = site.service.listing(&c.reader(), ListingSort::Collection, &id).await?;
    show(&Collection { c, p })
}

/// `GET /resources/{id}`
pub async fn resource(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let c = c.at(Section::Practices);
    let reader = c.reader();
    let p = site.service.listing(&reader, ListingSort::Resource, &id).await?;
    let collections = site.service.collections_of(&reader, &p.entry.id).await?;
    let lists = site.service.vocabularies(c.words.lang).await?;
    let chosen = |all: &[Choice], codes: &[String]| -> Vec<Choice> {
        all.iter().filter(|one| codes.contains(&one.code)).cloned().collect()
    };
    let countries = chosen(&lists.countries, &p.codes[1]);
    let licence = p.licence.as_deref().map(|code| Vocabularies::label(&lists.licences, code));
    show(&Resource {
        kind: Vocabularies::label(&lists.resource_types, &p.entry.kind).to_owned(),
        objectives: chosen(&lists.objectives, &p.codes[0]),
        countries: countries.into_iter().map(|one| one.label).collect(),
        languages: chosen(&lists.languages, &p.codes[2]),
        licence: licence.unwrap_or_default().to_owned(),
        collections,
        c,
        p,
    })
}

/// `POST /collections/{id}/keep`
pub async fn keep(
    State(site): Shared,
    member: Member,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Shown {
    let c = member.chrome;
    let keep = Typed(typed).has("keep", "yes");
    site.service.keep_collection(&c.reader(), &id, keep).await?;
    c.leave_notice(&site, if keep { "keep-done" } else { "keep-undone" });
    Ok(Redirect::to(&format!("/collections/{}", encode(&id))).into_response())
}
