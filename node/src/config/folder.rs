//! Which data folder a command means.

use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;

/// There is no way to tell where data belongs on this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "cannot tell where your data belongs on this machine: choose a folder with --data or TERN_DATA"
)]
pub struct FolderUnknown;

/// `--data`, else `$TERN_DATA`, else the platform's data folder for this user.
/// `variable` reads one environment variable.
pub fn data_folder(
    flag: Option<PathBuf>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, FolderUnknown> {
    let path = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let platform = || {
        if cfg!(windows) {
            path("LOCALAPPDATA").map(|base| base.join("Tern"))
        } else if cfg!(target_os = "macos") {
            path("HOME").map(|home| home.join("Library/Application Support/Tern"))
        } else {
            // A relative XDG_DATA_HOME is to be ignored (XDG base directories).
            let base = path("XDG_DATA_HOME").filter(|base| base.is_absolute());
            base.or_else(|| path("HOME").map(|home| home.join(".local/share")))
                .map(|base| base.join("tern"))
        }
    };
    flag.or_else(|| path("TERN_DATA")).or_else(platform).ok_or(FolderUnknown)
}
