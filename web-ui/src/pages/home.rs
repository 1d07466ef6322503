//! The first page: search, the world, the objectives, what is new.

use askama::Template;
use axum::extract::State;

use super::listing::{Asked, Filter, filters};
use crate::page::{Chrome, Section, Shown, show};
use crate::picture::{self, Bar, Dot};
use crate::service::{Found, Overview};
use crate::site::Shared;

/// Practices on the first page.
const HITS: usize = 8;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    c: Chrome,
    overview: Overview,
    bars: Vec<Bar>,
    dots: Vec<Dot>,
    found: Found,
    filters: Vec<Filter>,
}

/// `GET /`
pub async fn show_home(State(site): Shared, c: Chrome) -> Shown {
    let reader = c.reader();
    let asked = Asked::default();
    let overview = site.service.overview(&reader).await?;
    let found = site.service.search(&reader, &asked.query(HITS)).await?;
    let lists = site.service.vocabularies(&reader.lang).await?;
    show(&Home {
        bars: picture::bars(&overview.by_objective),
        dots: picture::dots(&overview.by_country),
        filters: filters(&c, &asked, &found, &lists),
        overview,
        found,
        c: c.at(Section::Practices),
    })
}
