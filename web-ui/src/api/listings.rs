//! Collections and resources for programs, in the shapes of `tern collection` and
//! `tern resource`.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::page::Chrome;
use crate::service::ListingSort;
use crate::site::Shared;

/// What narrows a list.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    q: String,
}

/// What a handler answers.
type Told = Result<Json<Value>, Failure>;

/// `GET /api/v1/collections`
pub async fn collections(State(site): Shared, c: Chrome, Query(asked): Query<Asked>) -> Told {
    let sort = ListingSort::Collection;
    Ok(Json(site.service.listings_document(&c.reader(), sort, &asked.q).await?))
}

/// `GET /api/v1/collections/{id}`
pub async fn collection(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Told {
    let sort = ListingSort::Collection;
    Ok(Json(site.service.listing_document(&c.reader(), sort, &id).await?))
}

/// `GET /api/v1/resources`
pub async fn resources(State(site): Shared, c: Chrome, Query(asked): Query<Asked>) -> Told {
    let sort = ListingSort::Resource;
    Ok(Json(site.service.listings_document(&c.reader(), sort, &asked.q).await?))
}

/// `GET /api/v1/resources/{id}`
pub async fn resource(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Told {
    let sort = ListingSort::Resource;
    Ok(Json(site.service.listing_document(&c.reader(), sort, &id).await?))
}
