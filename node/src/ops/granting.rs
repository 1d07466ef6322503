//! What a certificate is granted with, beside its roles.

use serde::{Deserialize, Serialize};

/// Its members stand among those of the operation.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Granting {
    /// For so many weeks, counted by the federation's beacons.
    pub until: Option<u32>,
    /// For what is about these drafts, practices, submissions and requests alone, by
    /// their whole ids; none is for everything.
    pub only: Vec<String>,
    /// How many objects that the key signed go before those of others in one meeting.
    pub quota: Option<u32>,
}
