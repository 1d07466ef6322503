//! The local API that commands speak: `POST /api/v1/operations`.
//!
//! A request is `{"as": NAME?, "passphrase": TEXT?, "operation": {"op": …}}`
//! under the token of the data folder, which only the folder's owner can read;
//! the answer is what the operation answers, and a refusal a problem document
//! (RFC 9457). Nothing of a request is read before its token was found right.
//!
//! Not here: pages and the public API, which are `web-ui`'s, and the check of
//! the `Host` header, which guards this route as it guards theirs.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use tern_crdt::identity::SecretKey;

use crate::keystore::Passphrase;
use crate::ops::{Caller, Envelope, ErrorCode, OPERATION_BYTES_MAX, OpError, Operator};

/// Where operations are posted.
pub const OPERATIONS_PATH: &str = "/api/v1/operations";

/// The token of a data folder: its hash, so that comparing takes the same time
/// wherever two tokens differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token(blake3::Hash);

impl Token {
    pub(crate) fn new(token: &str) -> Self {
        Self(blake3::hash(token.as_bytes()))
    }

    /// Whether a request brings the token as a Bearer.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        given
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|token| blake3::hash(token.as_bytes()) == self.0)
    }
}

#[derive(Clone)]
struct Api {
    operator: Arc<dyn Operator>,
    token: Token,
}

/// The route, over the node that carries operations out.
pub fn routes(operator: Arc<dyn Operator>, token: &str) -> Router {
    let token = Token::new(token);
    Router::new().route(OPERATIONS_PATH, post(operate)).with_state(Api { operator, token })
}

async fn operate(State(api): State<Api>, headers: HeaderMap, body: Body) -> Response {
    if !api.token.admits(&headers) {
        return unauthorised();
    }
    let answered = match read(body).await {
        Ok((caller, envelope)) => api.operator.run(caller, envelope.operation).await,
        Err(refused) => Err(refused),
    };
    let mut response = match answered {
        Ok(outcome) => axum::Json(outcome).into_response(),
        Err(refused) => problem(&refused),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn read(body: Body) -> Result<(Caller, Envelope), OpError> {
    let limit = OPERATION_BYTES_MAX;
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|_| {
        let message = format!("an operation has at most {limit} bytes, and has to arrive whole");
        OpError::new(ErrorCode::TooLarge, message).over(limit as u64)
    })?;
    let mut envelope: Envelope = serde_json::from_slice(&bytes)
        .map_err(|why| OpError::new(ErrorCode::Invalid, format!("this is no operation: {why}")))?;
    let passphrase = |text: Option<String>| {
        text.map(zeroize::Zeroizing::new).map(|text| Passphrase::new(&text)).transpose()
    };
    let caller = Caller {
        account: envelope.account.take(),
        passphrase: passphrase(envelope.passphrase.take())?,
        new_passphrase: passphrase(envelope.new_passphrase.take())?,
        root: envelope
            .root
            .take()
            .map(zeroize::Zeroizing::new)
            .map(|text| root(&text))
            .transpose()?,
    };
    Ok((caller, envelope))
}

/// The key that came with an operation.
fn root(digits: &str) -> Result<SecretKey, OpError> {
    let seed = crate::hex::decode(digits).map(zeroize::Zeroizing::new);
    let seed = seed.ok_or_else(|| OpError::new(ErrorCode::Invalid, "`root` is no key"))?;
    Ok(SecretKey::from_seed(&seed))
}

fn problem(refused: &OpError) -> Response {
    let status = StatusCode::from_u16(refused.code.status());
    let mut response = axum::Json(refused.to_problem()).into_response();
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn unauthorised() -> Response {
    let message = "the token is missing or wrong: use the one in the data folder's api-token";
    let mut response = problem(&OpError::new(ErrorCode::NotAllowed, message));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
