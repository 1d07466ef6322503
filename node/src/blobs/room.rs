//! Whether there is room for a file: in the quota, and on the disk.

use std::path::Path;

use crate::blob_store::BlobStore;
use crate::doctor::free_space;
use crate::ops::{ErrorCode, OpError};

/// So much of the disk is left to everything else.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;

/// How many more bytes of files fit here, which is not less than `bytes`.
///
/// # Errors
/// So many do not fit, or the folder cannot be read.
pub(super) fn room(store: &BlobStore, root: &Path, bytes: u64, quota: u64) -> Result<u64, OpError> {
    let used: u64 = store.list()?.values().map(|entry| entry.bytes()).sum();
    let left = if quota > 0 { quota.saturating_sub(used) } else { u64::MAX };
    if bytes > left {
        return Err(over_quota(used, quota));
    }
    let free = free_space(root).map_or(u64::MAX, |free| free.saturating_sub(SPARE_BYTES));
    if bytes > free { Err(disk(bytes, free)) } else { Ok(left.min(free)) }
}

/// So many bytes came, and no more than `room` fit.
pub(super) fn lacking(bytes: u64, room: u64, quota: u64) -> OpError {
    if quota > 0 && room < quota { over_quota(quota - room, quota) } else { disk(bytes, room) }
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
