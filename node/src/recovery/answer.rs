//! The answer: what the recovering node needs to see that its new keys count.
//!
//! ```text
//! tern authority 1
//! federation <64 digits>
//! record <digits>            each builds only on those before it
//! check <64 digits>
//! ```
//! It is the authority set as the steward's node holds it: public among
//! members, and nothing in it is taken on trust. The recovering node knows the
//! federation's id, and judges every record as if a peer had sent it.

use tern_crdt::identity::FederationId;

use crate::hex;
use crate::keystore::checked;
use crate::ops::{ErrorCode, OpError};

/// An answer is at most this long, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

const FIRST_LINE: &str = "tern authority 1";

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The federation.
    pub federation: FederationId,
    /// Records as hexadecimal digits, in order.
    pub records: Vec<String>,
}

impl Answer {
    /// The file.
    pub fn to_text(&self) -> String {
        let mut body =
            format!("{FIRST_LINE}\nfederation {}\n", hex::encode(self.federation.as_bytes()));
        for record in &self.records {
            body.push_str("record ");
            body.push_str(record);
            body.push('\n');
        }
        checked::seal(&body)
    }

    /// Reads an answer; its records are not looked at here.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, OpError> {
        let refused = |why: &str| {
            let what = format!("this is no answer to a request for recovery: {why}");
            OpError::new(ErrorCode::Invalid, what).in_field("answer")
        };
        if text.len() > ANSWER_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        let lines = checked::open(text, FIRST_LINE).map_err(refused)?;
        let mut lines = lines.into_iter();
        let federation = lines.next().and_then(|line| line.strip_prefix("federation "));
        let federation = federation.and_then(hex::decode).map(FederationId::new);
        let federation = federation.ok_or_else(|| refused("it names no federation"))?;
        let record = |line: &str| line.strip_prefix("record ").map(str::to_owned);
        let records: Option<Vec<String>> = lines.map(record).collect();
        let records = records.ok_or_else(|| refused("a line is no record"))?;
        Ok(Self { federation, records })
    }
}
