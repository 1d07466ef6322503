//! Looking at a data folder from outside: nothing in it is opened for good.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::facts::{Facts, Inside, KeyFacts, Ports};
use super::{Backup, free_space};
use crate::driver::now;
use crate::folder::{DataFolder, is_open_to_others};
use crate::keystore::{Keystore, Purpose};
use crate::store::engine::INDEX_FOLDER;
use crate::store::journal;

/// The file that is written to see whether that is possible.
const PROBE: &str = "doctor.probe";
const PROBE_BYTES: usize = 4096;

impl Facts {
    /// What a folder tells to whoever may read it. Files that are open to
    /// others are looked for first: the keystore closes them when it reads.
    pub fn outside(folder: &DataFolder, warnings: Vec<String>) -> Self {
        let root = folder.root();
        let exposed = exposed(folder);
        Self {
            now: now(),
            free: free_space(root),
            written: write(root).map_err(|cause| cause.to_string()),
            exposed,
            ports: Ports::Unknown,
            warnings,
            layout: layout(&folder.store()),
            keys: keys(folder),
            backup: Backup::read(folder),
            aside: folder.store().join(INDEX_FOLDER).with_extension("aside").exists(),
            inside: Inside::Closed("nobody asked it".into()),
        }
    }
}

/// Writes a small file, makes it durable, and takes it away again.
pub(super) fn write(root: &Path) -> io::Result<Duration> {
    let path = root.join(PROBE);
    let begun = Instant::now();
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    let time = begun.elapsed();
    written.and_then(|()| remove(&path)).map(|()| time)
}

/// Takes a file away that somebody who tried at the same moment may have taken
/// away already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn exposed(folder: &DataFolder) -> Vec<String> {
    let root = folder.root();
    let mut paths = vec![root.to_owned(), folder.keys(), folder.join_file()];
    paths.push(root.join("api-token"));
    let listed = fs::read_dir(folder.keys()).into_iter().flatten().flatten();
    paths.extend(listed.map(|entry| entry.path()));
    let open = paths.into_iter().filter(|path| is_open_to_others(path));
    open.map(|path| match path.strip_prefix(root) {
        Ok(inner) if inner.as_os_str().is_empty() => "the data folder".to_owned(),
        // Names of keys are long and say nothing here.
        Ok(inner) if inner.parent().is_some_and(|parent| parent.ends_with("keys")) => {
            "a file in keys".to_owned()
        }
        Ok(inner) => inner.display().to_string(),
        Err(_) => path.display().to_string(),
    })
    .collect()
}

#[cfg(not(unix))]
fn exposed(_: &DataFolder) -> Vec<String> {
    Vec::new()
}

/// The layout of the newest journal.
fn layout(store: &Path) -> Option<u32> {
    let names = fs::read_dir(store).ok()?.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some((journal::generation_of(&name)?, entry.path()))
    });
    let (_, newest) = names.max_by_key(|(generation, _)| *generation)?;
    let mut head = [0; journal::LAYOUT_BYTES];
    io::Read::read_exact(&mut File::open(newest).ok()?, &mut head).ok()?;
    journal::layout_of(&head)
}

fn keys(folder: &DataFolder) -> Result<KeyFacts, String> {
    let listed = Keystore::open(folder.keys()).and_then(|keystore| keystore.list());
    let listed = listed.map_err(|refused| refused.to_string())?;
    let mut facts = KeyFacts { damaged: listed.damaged.len() as u64, ..KeyFacts::default() };
    // The node's own are never wrapped: it works while nobody is there.
    let own = |purpose| matches!(purpose, Purpose::Node | Purpose::NodeEncrypt);
    for entry in listed.entries.iter().filter(|entry| !own(entry.purpose)) {
        *(if entry.wrapped { &mut facts.wrapped } else { &mut facts.plain }) += 1;
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_written_to_is_told_and_one_that_can_is_left_as_it_was() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        write(dir.path()).expect("written");
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 0);
        write(&dir.path().join("gone")).expect_err("there is no such folder");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_may_read_is_named_and_no_key_by_its_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("niger"));
        folder.open_exclusive().expect("free").token().expect("made");
        assert!(Facts::outside(&folder, Vec::new()).exposed.is_empty());
        let open = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
        };
        fs::write(folder.keys().join("node-12.key"), "").expect("room");
        open(&folder.keys().join("node-12.key"), 0o644);
        open(folder.root(), 0o755);
        open(&folder.root().join("api-token"), 0o640);
        let exposed = Facts::outside(&folder, Vec::new()).exposed;
        assert_eq!(exposed, ["the data folder", "api-token", "a file in keys"]);
    }
}
