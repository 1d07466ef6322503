//! `bundle write`, `bundle read` and `bundle show`: the library, carried by
//! hand.
//!
//! The files are read and written here, frame by frame; what goes into one,
//! and what becomes of what is read, is asked of the node, running or not, in
//! operations of bounded size. What was answered is durable, so a command that
//! was cut off is simply repeated.

mod preview;
mod reading;
mod room;
mod showing;
mod sparing;
mod tally;
mod telling;
mod volume;
mod wanted;
mod writing;

use serde_json::Value;
use tern_protocol::bundle::Part;

pub(super) use wanted::Wanted;

use super::console::Console;
use crate::cli::answers::bytes;
use crate::ops::{ErrorCode, OpError};

/// What is sent to the node at once: with one more frame, and as digits, it
/// stays far below what an operation may be.
const BATCH_BYTES: usize = 512 * 1024;
/// Work below this many bytes, which unpack to some times as many, needs no
/// progress.
const LONG_BYTES: u64 = 2 * 1024 * 1024;
/// Writing fewer objects than this needs no progress.
const LONG_OBJECTS: u64 = 2_000;

/// A member of an answer that is a text.
fn text<'a>(answer: &'a Value, member: &str) -> Result<&'a str, OpError> {
    answer[member].as_str().ok_or_else(|| strange(member))
}

/// A member of an answer that is bytes in digits.
fn digits(answer: &Value, member: &str) -> Result<Vec<u8>, OpError> {
    crate::hex::decode_all(text(answer, member)?).ok_or_else(|| strange(member))
}

/// A member of an answer that is the body of a frame.
fn read_part(answer: &Value, member: &str) -> Result<Part, OpError> {
    let part = Part::from_bytes(&digits(answer, member)?);
    part.ok().flatten().ok_or_else(|| strange(member))
}

/// A node of another version, perhaps.
fn strange(member: &str) -> OpError {
    let what = format!(
        "the node answered without `{member}`: it and this command are of different versions; restart it"
    );
    OpError::new(ErrorCode::Failed, what)
}

/// Tells how far long work is, at each tenth.
struct Progress<'a> {
    console: &'a Console,
    what: &'static str,
    all: u64,
    tenth: u64,
}

impl<'a> Progress<'a> {
    const fn new(console: &'a Console, what: &'static str, all: u64) -> Self {
        Self { console, what, all, tenth: 0 }
    }

    fn at(&mut self, done: u64) {
        let tenth = done.saturating_mul(10) / self.all.max(1);
        if self.all >= LONG_BYTES && tenth > self.tenth {
            self.tenth = tenth;
            let (shown, of) = (bytes(&done.into()), bytes(&self.all.into()));
            self.console.progress(&format!("{} {shown} of {of}", self.what), done >= self.all);
        }
    }
}
