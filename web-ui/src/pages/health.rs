//! For machines that watch the node: is it alive, can it serve.

use axum::extract::State;
use axum::http::StatusCode;

use crate::service::Refusal;
use crate::site::Shared;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the node behind it can serve, or 503 and why not.
pub async fn ready(State(site): Shared) -> (StatusCode, String) {
    match site.service.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(Refusal::Unavailable(sentence)) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("{sentence}\n"))
        }
        Err(refusal) => (StatusCode::SERVICE_UNAVAILABLE, format!("{refusal}\n")),
    }
}
