//! Problem documents (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::failure::Said;

/// The problem document of a refusal, with the fields and the limits met.
pub fn document(status: StatusCode, said: &Said) -> Response {
    let code = match status.as_u16() {
        400 => "bad-request",
        401 | 403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        409 => "conflict",
        413 => "too-large",
        421 => "wrong-host",
        422 => "invalid",
        429 => "too-many",
        503 => "unavailable",
        other if other < 500 => "refused",
        _ => "failed",
    };
    let title = status.canonical_reason().unwrap_or("Refused");
    let errors: Vec<_> = said
        .fields
        .iter()
        .map(|field| {
            json!({ "field": field.field, "code": field.code, "message": field.message,
                "limit": field.limit })
        })
        .collect();
    let mut problem = json!({ "type": "about:blank", "title": title, "status": status.as_u16(),
        "code": code });
    if let Some(sentence) = &said.sentence {
        problem["detail"] = json!(sentence);
    }
    if !errors.is_empty() {
        problem["errors"] = json!(errors);
    }
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, problem.to_string()).into_response()
}
