//! An organisation that lost everything comes back: new keys on a new machine,
//! given to it by the stewards.
//!
//! 1. On the new machine a folder begins with new keys and a [`Request`], a
//!    small file that names them, signed by the new root key (`beginning`).
//! 2. A steward who has the file, and who compared the key's fingerprint with
//!    somebody they know in that organisation, proposes a
//!    [`Rekey`](tern_crdt::authority::Rekey); the stewards' majority approves it
//!    (`rekeying`).
//!    With an invitation the new machine shows the same to the node that wrote
//!    it, whenever it reaches that, and no file has to be carried.
//! 3. The new machine learns that it counts, from an [`Answer`] that a steward
//!    sends back or from that node, certifies its own node and first person
//!    (`finishing`), and is a member's node again. What the organisation
//!    published comes with the next meeting.
//!
//! The request proves that whoever wrote it has the new keys, and nothing else:
//! whether they are the organisation is a question that people answer.

mod answer;
mod beginning;
mod finishing;
mod rekeying;
mod request;

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};
use tern_crdt::identity::PublicKey;
use tern_crdt::signed::Record;
use tern_protocol::membership::{Invitation, Knock};

use crate::folder::{DataFolder, OpenFolder, write_private};
use crate::hex;
use crate::ops::{ErrorCode, OpError};

pub use answer::{ANSWER_BYTES_MAX, Answer};
pub use beginning::{Recovering, begin};
pub use finishing::Progress;
pub(crate) use rekeying::waiting as rekey_waiting;
pub use rekeying::{RekeyLook, Rekeying};
pub use request::{REQUEST_BYTES_MAX, Request};

/// `{data}/recover.tern`: what a recovery still has to do. Holds no secret.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What was sent to the stewards.
    pub request: Request,
    /// The first person's name, as shown.
    pub person: Option<String>,
    /// The first account's name.
    pub account: String,
    /// What is shown to the node that wrote an invitation, if one was given.
    pub knock: Option<Knock>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u8,
    request: String,
    person: Option<String>,
    account: String,
    /// The invitation, and the signed request that is shown for it.
    #[serde(default)]
    knock: Option<(String, String)>,
}

impl Pending {
    /// Writes it down, durably.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn save(&self, folder: &OpenFolder) -> Result<(), OpError> {
        let stored = Stored {
            version: 1,
            request: self.request.to_text(),
            person: self.person.clone(),
            account: self.account.clone(),
            knock: self.knock.as_ref().and_then(|knock| {
                Some((knock.invitation.to_text(), hex::encode(&knock.records.first()?.to_bytes())))
            }),
        };
        let path = folder.paths().recover_file();
        let text = serde_json::to_vec_pretty(&stored).map_err(io::Error::from);
        text.and_then(|text| write_private(&path, &text)).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
        })
    }

    /// The recovery of a folder, while it is not done.
    ///
    /// # Errors
    /// The file is damaged, or the system's refusal.
    pub fn load(folder: &DataFolder) -> Result<Option<Self>, OpError> {
        let path = folder.recover_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => {
                let what = format!("cannot read {}: {cause}", path.display());
                return Err(OpError::new(ErrorCode::Failed, what));
            }
        };
        Self::read(&text).map(Some).ok_or_else(|| {
            let what =
                format!("{} is damaged: begin the recovery anew in another folder", path.display());
            OpError::new(ErrorCode::Damaged, what)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(text).ok()?;
        let request = Request::parse(&stored.request).ok()?;
        let knock = match &stored.knock {
            Some((invitation, record)) => Some(Knock {
                invitation: Invitation::from_text(invitation).ok()?,
                org: request.org,
                records: vec![Record::from_bytes(&hex::decode_all(record)?).ok()?],
            }),
            None => None,
        };
        (stored.version == 1).then_some(Self {
            request,
            person: stored.person,
            account: stored.account,
            knock,
        })
    }
}

/// A public key or an id as digits.
fn digits(key: &PublicKey) -> String {
    hex::encode(key.as_bytes())
}

#[cfg(test)]
mod tests;
