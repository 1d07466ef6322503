//! The first page: search, the world, the objectives, what is new.

use askama::Template;
use axum::extract::State;

use super::listing::{Asked, Filter, filters};
use crate::feeds::page_of;
use crate::page::{Chrome, Section, Shown, show};
use crate::picture::{self, Bar, Dot};
use crate::service::{Due, Found, Overview, Task};
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
    /// What waits for a word of the reader's organisation.
    due: Due,
    /// What waits for the reader, by kind.
    tasks: Vec<Task>,
}

impl Home {
    /// What waits, in a sentence; none for a kind that this build has no word for.
    fn says(&self, task: &Task) -> Option<String> {
        let key = format!("waits-{}", task.kind);
        self.c.words.has(&key).then(|| self.c.t1(&key, "count", task.count))
    }

    fn leads(&self, task: &Task) -> &'static str {
        page_of(&task.kind)
    }
}

/// `GET /`
pub async fn show_home(State(site): Shared, c: Chrome) -> Shown {
    let reader = c.reader();
    let asked = Asked::default();
    let overview = site.service.overview(&reader).await?;
    let found = site.service.search(&reader, &asked.query(HITS)).await?;
    let lists = site.service.vocabularies(&reader.lang).await?;
    let due = match &c.account {
        Some(_) => site.service.due(&reader).await?,
        None => Due::default(),
    };
    // The page is not worth less without it.
    let tasks = match &c.account {
        Some(_) => site.service.tasks(&reader).await.unwrap_or_default(),
        None => Vec::new(),
    };
    show(&Home {
        due,
        tasks,
        bars: picture::bars(&overview.by_objective),
        dots: picture::dots(&overview.by_country),
        filters: filters(&c, &asked, &found, &lists),
        overview,
        found,
        c: c.at(Section::Practices),
    })
}
