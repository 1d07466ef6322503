//! The operations: what a command, or the local API, asks of a node.
//!
//! One [`Op`] is one thing a person can ask for. The command line builds it
//! from its arguments, `POST /api/v1/operations` reads it from JSON, and one
//! [`Operator`] answers both, so that a command behaves alike on a running and
//! on a stopped node. The answers are JSON values of the shapes that the
//! project promises to scripts; a refusal is an [`OpError`].
//!
//! Not here: how an operation is carried out (the node's), how its answer is
//! printed (the command line's), and files: what a command names on its
//! command line is read and written by the command itself, so an operation
//! holds contents and never paths.
//!
//! Invariants: every variant is a value that survives JSON unchanged; unknown
//! operations and unknown fields are refused; an operation as JSON is at most
//! [`OPERATION_BYTES_MAX`] long.

mod error;
mod granting;
mod op;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tern_crdt::identity::SecretKey;

use crate::keystore::Passphrase;

pub use error::{ErrorCode, OpError};
pub use granting::Granting;
pub use op::{BundleReader, EndCounts, Fields, Filters, ImportRow, Op};

/// An operation, with its caller, is at most this long as JSON.
pub const OPERATION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// An import carries at most this many rows in one operation.
pub const IMPORT_ROWS_MAX: usize = 100;
/// Objects of which one operation asks for the pieces.
pub const BUNDLE_OBJECTS_MAX: usize = 512;
/// Pieces of a bundle that one operation brings.
pub const BUNDLE_PIECES_MAX: usize = 1024;
/// Bytes of a file that one operation brings or answers, before they are
/// written as digits.
pub const BLOB_PIECE_BYTES_MAX: usize = 1024 * 1024;

/// On whose behalf an operation runs. Whoever can name a caller at all holds
/// the folder or its token, and so the operator's rights; the account adds its
/// own.
#[derive(Clone, Default, Debug)]
pub struct Caller {
    /// The local account, by name; `None` is the node's first.
    pub account: Option<String>,
    /// Opens that account's keys, where they are wrapped. An operation that
    /// signs without it answers [`ErrorCode::Locked`].
    pub passphrase: Option<Passphrase>,
    /// Wraps the keys that the operation makes for somebody else.
    pub new_passphrase: Option<Passphrase>,
    /// A root key of the organisation, or its next one, from a key file or a
    /// recovery sheet: for this operation alone, and kept nowhere unless
    /// keeping it is the operation.
    pub root: Option<SecretKey>,
}

/// Who carries operations out: a node, running or opened for one command.
pub trait Operator: Send + Sync {
    /// Carries out one operation and answers once what it wrote is durable
    /// here. Never waits for another node, save where waiting is the
    /// operation ([`Op::Meet`]).
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>>;
}

/// An operation as it travels to a running node.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope {
    /// See [`Caller::account`].
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// See [`Caller::passphrase`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passphrase: Option<String>,
    /// See [`Caller::new_passphrase`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) new_passphrase: Option<String>,
    /// See [`Caller::root`]: 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) root: Option<String>,
    /// What is asked.
    pub(crate) operation: Op,
}
