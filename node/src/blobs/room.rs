//! Whether there is room for a file: in the quota, and on the disk.

use std::path::Path;

use crate::blob_store::BlobStore;
use crate::doctor::free_space;
use crate::ops::{ErrorCode, OpError};

/// So much of the disk is left to everything else.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;

/// Room for more files, as it was when somebody looked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Bytes that files have here.
    used: u64,
    /// Bytes that they may have; 0 if that is not bounded.
    quota: u64,
    /// Bytes that the disk has left for them.
    free: u64,
}

impl Room {
    /// Looks.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn of(store: &BlobStore, root: &Path, quota: u64) -> Result<Self, OpError> {
        let used = store.list()?.values().map(|entry| entry.bytes()).sum();
        let free = free_space(root).map_or(u64::MAX, |free| free.saturating_sub(SPARE_BYTES));
        Ok(Self { used, quota, free })
    }

    /// Whether so many bytes more fit.
    ///
    /// # Errors
    /// They do not.
    pub(super) fn fits(&self, bytes: u64) -> Result<(), OpError> {
        if self.quota > 0 && bytes > self.quota.saturating_sub(self.used) {
            Err(over_quota(self.used, self.quota))
        } else if bytes > self.free {
            Err(disk(bytes, self.free))
        } else {
            Ok(())
        }
    }

    /// Whether so many bytes fit that are on the disk already, and among no files.
    ///
    /// # Errors
    /// They do not.
    pub(super) fn keeps(&self, bytes: u64) -> Result<(), OpError> {
        Self { free: u64::MAX, ..*self }.fits(bytes)
    }
}

fn over_quota(used: u64, quota: u64) -> OpError {
    let what = format!(
        "files have {used} bytes here, and with this one they would have more than the {quota} of blobs.quota_mb: drop some with `tern blob drop`"
    );
    OpError::new(ErrorCode::TooLarge, what).over(quota).in_field("quota")
}

fn disk(bytes: u64, free: u64) -> OpError {
    let what = format!(
        "the file needs {bytes} bytes, and on the disk {free} are free: free some space first"
    );
    OpError::new(ErrorCode::TooLarge, what).over(free).in_field("disk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_is_used_up_first_is_named() {
        let room = Room { used: 60, quota: 100, free: 30 };
        let field = |bytes| room.fits(bytes).err().and_then(|error| error.field);
        assert_eq!(field(30), None);
        assert_eq!(field(31).as_deref(), Some("disk"));
        assert_eq!(field(41).as_deref(), Some("quota"));
        assert!(room.keeps(40).is_ok() && room.keeps(41).is_err(), "on the disk it is already");
        assert!(Room { quota: 0, ..room }.fits(31).is_err_and(|error| error.limit == Some(30)));
        assert!(Room { used: 120, free: u64::MAX, ..room }.fits(1).is_err(), "it was lowered");
    }
}
