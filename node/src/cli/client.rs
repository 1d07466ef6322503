//! Asking a running node: HTTP/1.1 to its own address, with the token of its
//! data folder.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::api::OPERATIONS_PATH;
use crate::folder::{DataFolder, FolderError, NodeFile};
use crate::keystore::Passphrase;
use crate::ops::{Caller, Envelope, ErrorCode, OPERATION_BYTES_MAX, Op, OpError, Operator};

/// An answer is at most this long.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A running node that has answered once.
pub(super) struct Client {
    address: SocketAddr,
    token: String,
}

impl Client {
    /// The node that `folder` tells of; `None` if none listens there (yet).
    pub(super) async fn find(folder: &DataFolder) -> Result<Option<Self>, FolderError> {
        let (node, token) = (folder.read_node_file()?, folder.read_token()?);
        let (Some(address), Some(token)) = (node.as_ref().and_then(address), token) else {
            return Ok(None);
        };
        let listens = TcpStream::connect(address).await.is_ok();
        Ok(listens.then_some(Self { address, token }))
    }

    async fn ask(&self, caller: Caller, operation: Op) -> Result<Value, OpError> {
        let body = envelope(caller, operation)?;
        let response = self.post(body).await.map_err(|why| self.lost(&why.to_string()))?;
        let succeeded = response.status().is_success();
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|why| self.lost(&why.to_string()))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).map_err(|_| {
            self.lost(&format!("it answered {status} with something that is no JSON"))
        })?;
        if succeeded {
            return Ok(answer);
        }
        Err(OpError::from_problem(&answer)
            .unwrap_or_else(|| self.lost(&format!("it answered {status}"))))
    }

    async fn post(&self, body: Vec<u8>) -> Result<Response<Incoming>, Box<dyn std::error::Error>> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the connection; what went wrong there, the sender tells.
        tokio::spawn(connection);
        let request = Request::post(OPERATIONS_PATH)
            .header(HOST, self.address.to_string())
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        Ok(sender.send_request(request).await?)
    }

    fn lost(&self, why: &str) -> OpError {
        let message = format!(
            "the node at {} did not answer ({why}): see whether it is still running, then try again",
            self.address
        );
        OpError::new(ErrorCode::Unreachable, message)
    }
}

impl Operator for Client {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(self.ask(caller, op))
    }
}

fn envelope(caller: Caller, operation: Op) -> Result<Vec<u8>, OpError> {
    let Caller { account, passphrase, new_passphrase, root } = caller;
    let told = |phrase: Option<Passphrase>| phrase.map(|phrase| phrase.expose().to_owned());
    let (passphrase, new_passphrase) = (told(passphrase), told(new_passphrase));
    let root = root.map(|key| crate::hex::encode(&*key.seed()));
    let body =
        serde_json::to_vec(&Envelope { account, passphrase, new_passphrase, root, operation })
            .map_err(|why| OpError::new(ErrorCode::Failed, why.to_string()))?;
    if body.len() > OPERATION_BYTES_MAX {
        let message = format!(
            "this is too much for one command: {} bytes, and the limit is {OPERATION_BYTES_MAX}",
            body.len()
        );
        return Err(OpError::new(ErrorCode::TooLarge, message).over(OPERATION_BYTES_MAX as u64));
    }
    Ok(body)
}

/// Where to reach what listens on the address of `node.json`.
fn address(node: &NodeFile) -> Option<SocketAddr> {
    let text = node.http.strip_prefix("http://").unwrap_or(&node.http);
    let mut address: SocketAddr = text.trim_end_matches('/').parse().ok()?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    Some(address)
}
