//! Discussions for programs, in the shapes of `tern discuss`.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::page::Chrome;
use crate::service::{DiscussionsAsked, FieldError, Refusal};
use crate::site::Shared;

/// What narrows the list.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    lang: Option<String>,
    objective: Option<String>,
    open: Option<String>,
}

/// `GET /api/v1/discussions`
pub async fn list(
    State(site): Shared,
    c: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let objective = match asked.objective.as_deref().map(str::parse) {
        None => None,
        Some(Ok(number @ 1..=23)) => Some(number),
        Some(_) => {
            return Err(Refusal::Invalid(vec![FieldError {
                field: "objective".to_owned(),
                code: "out-of-range".to_owned(),
                message: "is a number from 1 to 23".to_owned(),
                limit: Some("23".to_owned()),
            }])
            .into());
        }
    };
    let open = asked.open.as_deref() == Some("true");
    let asked = DiscussionsAsked { lang: asked.lang, objective, open };
    Ok(Json(site.service.discussions_document(&c.reader(), &asked).await?))
}

/// `GET /api/v1/discussions/{id}`
pub async fn one(
    State(site): Shared,
    c: Chrome,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    Ok(Json(site.service.discussion_document(&c.reader(), &id).await?))
}
