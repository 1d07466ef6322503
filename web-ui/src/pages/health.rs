//! For machines that watch the node: is it alive, can it serve.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::service::{ReadyCheck, Refusal};
use crate::site::Shared;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the node behind it can serve, or 503 and what to do.
pub async fn ready(State(site): Shared) -> (StatusCode, Json<Value>) {
    let checks = site.service.ready().await.unwrap_or_else(|refusal| vec![closed(&refusal)]);
    let ready = checks.iter().all(|check| check.ok);
    let told: Vec<Value> = checks.iter().map(line).collect();
    let (status, word) = match ready {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    (status, Json(json!({ "status": word, "checks": told })))
}

/// The one line of a node that has nothing to check yet.
fn closed(refusal: &Refusal) -> ReadyCheck {
    let hint = match refusal {
        Refusal::Unavailable(sentence) => sentence.clone(),
        other => other.to_string(),
    };
    ReadyCheck { name: "node".to_owned(), ok: false, hint: Some(hint) }
}

fn line(check: &ReadyCheck) -> Value {
    let mut told = json!({ "name": check.name, "ok": check.ok });
    if let Some(hint) = &check.hint {
        told["hint"] = json!(hint);
    }
    told
}
