//! A statement file: something prepared on a node, signed on another device
//! with a key that never comes to the node, and brought back.
//!
//! ```text
//! tern statement 1
//! federation <64 digits>
//! prepared <digits>          a statement that nobody signed yet
//! signed <digits>            a record with at least one signature
//! about <digits>             a record that proves a name (a founding statement)
//! check <64 digits>
//! ```
//! At most [`ITEMS_MAX`] statements and as many records about them, all as
//! hexadecimal digits. What a statement says is read out of the statement itself
//! (`says`), never out of words that travel beside it; a name is shown where
//! a record in the file proves it by its hash, and else the id. A kind that
//! this program does not know is not signed and not submitted.
//!
//! Not here: whether a statement counts. That is the gate's.

mod says;

use std::path::Path;

use tern_crdt::authority::{Charter, Genesis};
use tern_crdt::identity::{FederationId, RecordId, SecretKey};
use tern_crdt::signed::{Record, Unsigned};

use crate::hex;
use crate::keystore::checked;
use crate::ops::{ErrorCode, OpError};

/// Statements in one file, and records about them.
pub const ITEMS_MAX: usize = 64;
/// A statement file is at most this long, in bytes.
pub const STATEMENT_BYTES_MAX: usize = 1024 * 1024;

const FIRST_LINE: &str = "tern statement 1";

/// One statement on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// Nobody signed it yet.
    Prepared(Unsigned),
    /// Somebody did.
    Signed(Record),
}

impl Item {
    fn unsigned(&self) -> Unsigned {
        match self {
            Self::Prepared(unsigned) => unsigned.clone(),
            Self::Signed(record) => record.unsigned(),
        }
    }

    /// The id of the record, signed or not.
    pub fn id(&self) -> RecordId {
        self.unsigned().id()
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementFile {
    /// For which federation a signature is made.
    pub federation: FederationId,
    /// What is to be signed.
    pub items: Vec<Item>,
    /// Records that prove names.
    pub about: Vec<Record>,
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, why).in_field("statement")
}

impl StatementFile {
    /// A file with statements that nobody signed.
    pub fn prepared(federation: FederationId, statements: Vec<Unsigned>) -> Self {
        let items = statements.into_iter().map(Item::Prepared).collect();
        Self { federation, items, about: Vec::new() }
    }

    /// The same, with those of `records` that prove a name in it.
    pub fn about(mut self, records: impl IntoIterator<Item = Record>) -> Self {
        let proves = |record: &Record| record.is::<Genesis>() || record.is::<Charter>();
        self.about.extend(records.into_iter().filter(proves).take(ITEMS_MAX));
        self
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let digits = |bytes: &[u8]| hex::encode(bytes);
        let mut body = format!("{FIRST_LINE}\nfederation {}\n", digits(self.federation.as_bytes()));
        for item in &self.items {
            body += &match item {
                Item::Prepared(unsigned) => format!("prepared {}\n", digits(&unsigned.to_bytes())),
                Item::Signed(record) => format!("signed {}\n", digits(&record.to_bytes())),
            };
        }
        for record in &self.about {
            body += &format!("about {}\n", digits(&record.to_bytes()));
        }
        checked::seal(&body)
    }

    /// Reads a file that somebody carried here.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, OpError> {
        if text.len() > STATEMENT_BYTES_MAX {
            let what = format!("a statement file has at most {STATEMENT_BYTES_MAX} bytes");
            return Err(OpError::new(ErrorCode::TooLarge, what).over(STATEMENT_BYTES_MAX as u64));
        }
        let damaged = |why| invalid(format!("this is no statement file that can be read: {why}"));
        let lines = checked::open(text, FIRST_LINE).map_err(damaged)?;
        let mut lines = lines.into_iter();
        let federation = lines.next().and_then(|line| line.strip_prefix("federation "));
        let federation = federation.and_then(hex::decode).map(FederationId::new);
        let federation = federation.ok_or_else(|| damaged("it names no federation"))?;
        let mut file = Self { federation, items: Vec::new(), about: Vec::new() };
        for line in lines {
            let (what, digits) = line.split_once(' ').unwrap_or_default();
            let bytes = hex::decode_all(digits).ok_or_else(|| damaged("a line has no digits"))?;
            let refused = |why: tern_crdt::signed::RecordRefused| invalid(why.to_string());
            match what {
                "prepared" => {
                    let unsigned = Unsigned::from_bytes(&bytes).map_err(refused)?;
                    file.items.push(Item::Prepared(unsigned));
                }
                "signed" => {
                    let record = Record::from_bytes(&bytes).map_err(refused)?;
                    file.items.push(Item::Signed(record));
                }
                "about" => file.about.push(Record::from_bytes(&bytes).map_err(refused)?),
                _ => return Err(damaged("a line is of no kind that is known")),
            }
            if file.items.len() > ITEMS_MAX || file.about.len() > ITEMS_MAX {
                let what = format!("a statement file holds at most {ITEMS_MAX} statements");
                return Err(OpError::new(ErrorCode::TooLarge, what).over(ITEMS_MAX as u64));
            }
        }
        if file.items.is_empty() {
            return Err(damaged("it holds no statement"));
        }
        Ok(file)
    }

    /// The file at `path`, bounded.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), or the system's refusal.
    pub fn read(path: &Path) -> Result<Self, OpError> {
        Self::parse(&read_bounded(path, STATEMENT_BYTES_MAX)?)
    }

    /// What each statement says, in words.
    ///
    /// # Errors
    /// One is of a kind that this program does not know.
    pub fn says(&self) -> Result<Vec<String>, OpError> {
        let names = says::Names::of(self);
        let say = |item: &Item| {
            let unsigned = item.unsigned();
            says::say(&unsigned, &names).ok_or_else(|| {
                let kind = unsigned.kind();
                invalid(format!("a statement of kind {kind:?} is none that this program can explain: it is neither signed nor submitted"))
            })
        };
        self.items.iter().map(say).collect()
    }

    /// Adds a signature to each statement.
    pub fn sign(&mut self, key: &SecretKey) {
        let federation = self.federation;
        for item in &mut self.items {
            let unsigned = item.unsigned();
            let signature = (key.public(), key.sign(&unsigned.to_sign(federation)));
            let mut signatures = match item {
                Item::Prepared(_) => Vec::new(),
                Item::Signed(record) => record.signatures().to_vec(),
            };
            signatures.retain(|(signer, _)| *signer != key.public());
            signatures.push(signature);
            *item = Item::Signed(unsigned.signed(signatures));
        }
    }

    /// The records, once each statement is signed.
    ///
    /// # Errors
    /// One is not.
    pub fn records(&self) -> Result<Vec<Record>, OpError> {
        let signed = |item: &Item| match item {
            Item::Signed(record) => Ok(record.clone()),
            Item::Prepared(_) => Err(invalid(
                "a statement in this file is not signed yet: `tern sign FILE --key-file KEYFILE`",
            )),
        };
        self.items.iter().map(signed).collect()
    }
}

/// A text file that a person names, with at most `bytes_max` bytes.
///
/// # Errors
/// Longer, no text, or the system's refusal.
pub fn read_bounded(path: &Path, bytes_max: usize) -> Result<String, OpError> {
    use std::io::Read;
    let shown = path.display();
    let failed = |cause: std::io::Error| {
        OpError::new(ErrorCode::Failed, format!("cannot read {shown}: {cause}"))
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > bytes_max {
        let what = format!("{shown} is longer than {bytes_max} bytes");
        return Err(OpError::new(ErrorCode::TooLarge, what).over(bytes_max as u64));
    }
    String::from_utf8(bytes).map_err(|_| {
        OpError::new(ErrorCode::Invalid, format!("{shown} is not text, so it is another file"))
    })
}

#[cfg(test)]
mod tests;
