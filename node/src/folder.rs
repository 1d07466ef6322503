//! The data folder: one node's whole life on disk, and who may open it.
//!
//! An exclusive lock of the operating system on `{data}/lock` decides whether
//! the folder is open; it is freed by a crash, so no stale file can keep a
//! node from starting. `node.json` only tells where the holder of the lock
//! listens, and is removed by whoever takes the lock next.
//!
//! Not here: what the folders below hold. The store, the keystore, the search
//! index and the blobs own theirs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `node.json` and `api-token` are at most this long.
const SMALL_FILE_BYTES_MAX: u64 = 64 * 1024;
/// How long to wait for another command to end.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
/// How often to look whether it has.
const LOCK_AGAIN: Duration = Duration::from_millis(50);

/// Where a node keeps everything. Names paths; opens nothing by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

/// A data folder that this process alone has open, until this is dropped.
#[derive(Debug)]
pub struct OpenFolder {
    folder: DataFolder,
    /// Holds the lock; closing it frees the lock.
    _lock: File,
}

/// What `node.json` tells of a running node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeFile {
    /// Its process.
    pub pid: u32,
    /// Its pages and its API, as `http://127.0.0.1:8480`.
    pub http: String,
    /// Multiaddresses on which it can be dialled.
    pub listen: Vec<String>,
    /// Its libp2p id.
    pub peer_id: String,
    /// Its id.
    pub node: String,
    /// The id of its organisation.
    pub org: String,
}

/// Why a data folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Another process has it open.
    #[error(
        "the data folder {} is in use by another tern process; stop that one, or choose another folder with --data",
        .0.display()
    )]
    InUse(PathBuf),
    /// The system refuses.
    #[error("cannot {what} {}: {cause}", .path.display())]
    System {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A small file of ours holds something else.
    #[error("{} is damaged: {why}; stop the node and start it again to have it rewritten", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// In what way.
        why: String,
    },
}

impl DataFolder {
    /// The folder at `root`, which need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Settings.
    pub fn settings_file(&self) -> PathBuf {
        self.root.join("tern.toml")
    }

    /// Who the folder's node is; written last when one begins.
    pub fn identity_file(&self) -> PathBuf {
        self.root.join("identity.json")
    }

    /// The keystore.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Files by their hash.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// The search index, which can be deleted and is rebuilt.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// What a newcomer carries to a steward when no address answers.
    pub fn join_file(&self) -> PathBuf {
        self.root.join("join.tern")
    }

    /// What a recovery still has to do.
    pub fn recover_file(&self) -> PathBuf {
        self.root.join("recover.tern")
    }

    /// Tells of the last backup.
    pub fn backup_file(&self) -> PathBuf {
        self.root.join("backup.json")
    }

    /// Stands while a node begins: what is there is not a node yet.
    pub fn unfinished_file(&self) -> PathBuf {
        self.root.join("unfinished")
    }

    fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    fn node_file(&self) -> PathBuf {
        self.root.join("node.json")
    }

    fn token_file(&self) -> PathBuf {
        self.root.join("api-token")
    }

    /// Whether a node was founded here, or knocked from here.
    pub fn holds_node(&self) -> bool {
        self.identity_file().exists()
    }

    /// Takes the folder for this process, making it (0700) where it is
    /// absent. Does not wait.
    pub fn open_exclusive(&self) -> Result<OpenFolder, FolderError> {
        make_private_folder(&self.root).map_err(|cause| self.system("make", &self.root, cause))?;
        let path = self.lock_file();
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|cause| self.system("open", &path, cause))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(self.root.clone())),
            Err(TryLockError::Error(cause)) => return Err(self.system("lock", &path, cause)),
        }
        let open = OpenFolder { folder: self.clone(), _lock: lock };
        open.forget_node_file()?;
        Ok(open)
    }

    /// As [`open_exclusive`](Self::open_exclusive), waiting a moment for a
    /// command that has the folder open to end.
    pub async fn take(&self) -> Result<OpenFolder, FolderError> {
        let deadline = tokio::time::Instant::now() + LOCK_PATIENCE;
        loop {
            match self.open_exclusive() {
                Err(FolderError::InUse(_)) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(LOCK_AGAIN).await;
                }
                taken => return taken,
            }
        }
    }

    /// Whether some process has the folder open at this moment.
    pub fn is_running(&self) -> Result<bool, FolderError> {
        let path = self.lock_file();
        let lock = match File::open(&path) {
            Ok(lock) => lock,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(cause) => return Err(self.system("open", &path, cause)),
        };
        match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(cause)) => Err(self.system("lock", &path, cause)),
        }
    }

    /// What the running node tells of itself; `None` until it has started.
    pub fn read_node_file(&self) -> Result<Option<NodeFile>, FolderError> {
        let path = self.node_file();
        let Some(text) = self.read_small(&path)? else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|why| FolderError::Damaged { path, why: why.to_string() })
    }

    /// The token that opens the running node's API; `None` if none was made.
    pub fn read_token(&self) -> Result<Option<String>, FolderError> {
        Ok(self.read_small(&self.token_file())?.map(|text| text.trim_end().to_owned()))
    }

    fn read_small(&self, path: &Path) -> Result<Option<String>, FolderError> {
        let length = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(self.system("read", path, cause)),
        };
        if length > SMALL_FILE_BYTES_MAX {
            let why = format!("it has {length} bytes, more than {SMALL_FILE_BYTES_MAX}");
            return Err(FolderError::Damaged { path: path.to_owned(), why });
        }
        fs::read_to_string(path).map(Some).map_err(|cause| self.system("read", path, cause))
    }

    fn system(&self, what: &'static str, path: &Path, cause: io::Error) -> FolderError {
        FolderError::System { what, path: path.to_owned(), cause }
    }
}

impl OpenFolder {
    /// Its paths.
    pub fn paths(&self) -> &DataFolder {
        &self.folder
    }

    /// Tells commands where this process listens. To be called once the API
    /// answers.
    pub fn write_node_file(&self, node: &NodeFile) -> Result<(), FolderError> {
        let path = self.folder.node_file();
        let text = serde_json::to_vec_pretty(node).map_err(io::Error::from);
        text.and_then(|text| write_private(&path, &text))
            .map_err(|cause| self.folder.system("write", &path, cause))
    }

    /// Takes `node.json` away, when the API stops answering.
    pub fn forget_node_file(&self) -> Result<(), FolderError> {
        self.remove_file(&self.folder.node_file())
    }

    /// A node begins here. Durable when it returns.
    pub fn mark_unfinished(&self) -> Result<(), FolderError> {
        let path = self.folder.unfinished_file();
        write_private(&path, b"This folder does not hold a node yet.\n")
            .map_err(|cause| self.folder.system("write", &path, cause))
    }

    /// The node began, or what had begun is gone.
    pub fn mark_finished(&self) -> Result<(), FolderError> {
        self.remove_file(&self.folder.unfinished_file())
    }

    /// Removes a file of this folder, if it is there.
    pub(crate) fn remove_file(&self, path: &Path) -> Result<(), FolderError> {
        self.removed(path, fs::remove_file(path))
    }

    /// Removes a folder in this folder, with all that is in it, if it is there.
    pub(crate) fn remove_folder(&self, path: &Path) -> Result<(), FolderError> {
        self.removed(path, fs::remove_dir_all(path))
    }

    fn removed(&self, path: &Path, removed: io::Result<()>) -> Result<(), FolderError> {
        match removed {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(self.folder.system("remove", path, cause))
            }
            _ => Ok(()),
        }
    }

    /// The token of the API, made of 32 bytes of chance where there is none.
    pub fn token(&self) -> Result<String, FolderError> {
        if let Some(token) = self.folder.read_token()?.filter(|token| !token.is_empty()) {
            return Ok(token);
        }
        let path = self.folder.token_file();
        let mut chance = [0; 32];
        let drawn = getrandom::fill(&mut chance).map_err(io::Error::from);
        let token = format!("tern_{}", crate::hex::encode(&chance));
        drawn
            .and_then(|()| write_private(&path, token.as_bytes()))
            .map_err(|cause| self.folder.system("write", &path, cause))?;
        Ok(token)
    }
}

/// Whether others than its owner may do something with a file or folder; what is not
/// there, nobody.
#[cfg(unix)]
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|facts| facts.permissions().mode() & 0o077 != 0)
}

/// Here nobody can tell.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &Path) -> bool {
    false
}

/// Makes a folder that only its owner can enter, with its parents.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Puts a whole file of mode 0600 in place, or leaves the old one: written
/// beside, made durable, renamed, and the folder made durable.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // What a crash left behind may have other permissions.
    match fs::remove_file(&beside) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    make_durable(path)
}

/// Makes the entry of `path` in its folder durable. Windows has no such call:
/// there the rename itself is journalled.
#[cfg(unix)]
pub(crate) fn make_durable(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn make_durable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn niger() -> (tempfile::TempDir, DataFolder) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("niger"));
        (dir, folder)
    }

    fn node_file() -> NodeFile {
        NodeFile {
            pid: 4711,
            http: "http://127.0.0.1:8480".into(),
            listen: vec!["/ip4/127.0.0.1/tcp/4480".into()],
            peer_id: "12D3KooW".into(),
            node: "tern1n".into(),
            org: "tern1g".into(),
        }
    }

    #[test]
    fn a_folder_is_open_in_one_place_at_a_time() {
        let (_dir, folder) = niger();
        assert!(!folder.is_running().expect("readable"));
        let open = folder.open_exclusive().expect("free");
        assert!(folder.is_running().expect("readable"));
        let refused = folder.open_exclusive().expect_err("held");
        assert!(refused.to_string().contains("is in use by another tern process"), "{refused}");
        drop(open);
        assert!(!folder.is_running().expect("readable"));
        folder.open_exclusive().expect("free again");
    }

    #[test]
    fn whoever_opens_the_folder_takes_away_what_a_crashed_node_told_of_itself() {
        let (_dir, folder) = niger();
        let open = folder.open_exclusive().expect("free");
        open.write_node_file(&node_file()).expect("written");
        drop(open);
        assert_eq!(folder.read_node_file().expect("readable"), Some(node_file()));
        let _open = folder.open_exclusive().expect("free again");
        assert_eq!(folder.read_node_file().expect("readable"), None);
    }

    #[test]
    fn the_token_is_made_once_and_read_by_commands() {
        let (_dir, folder) = niger();
        assert_eq!(folder.read_token().expect("readable"), None);
        let open = folder.open_exclusive().expect("free");
        let token = open.token().expect("made");
        assert_eq!(token.len(), "tern_".len() + 64);
        assert_eq!(open.token().expect("read"), token);
        assert_eq!(folder.read_token().expect("readable"), Some(token));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_enter_the_folder_or_read_the_token() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, folder) = niger();
        folder.open_exclusive().expect("free").token().expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(folder.root()), 0o700);
        assert_eq!(mode(&folder.token_file()), 0o600);
    }

    #[test]
    fn an_absent_folder_holds_no_node_and_looking_does_not_make_it() {
        let (_dir, folder) = niger();
        assert!(!folder.holds_node());
        assert!(!folder.is_running().expect("readable"));
        assert!(!folder.root().exists());
    }
}
