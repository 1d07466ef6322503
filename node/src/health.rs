//! Whether this node can serve, for machines that decide whether to send
//! people here: `GET /readyz`.
//!
//! A few quick looks, none of which waits for another node or for the disk to
//! be durable. Each one that fails says what to do next. That the process is
//! alive is another question, which `GET /healthz` answers by itself.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use tern_web_ui::service::ReadyCheck;

use crate::doctor::{FREE_RED, free_space, remove};
use crate::running::Node;

/// The replica answers within this time, or nobody should be sent here.
const PATIENCE: Duration = Duration::from_secs(2);
/// The file that is written to see whether that is possible.
const PROBE: &str = "ready.probe";

/// What was found.
#[derive(Clone, Debug)]
struct Found {
    /// Whether the replica answered in time, and whether its store takes
    /// commits.
    store: Option<bool>,
    /// Why the data folder cannot be written to.
    unwritable: Option<String>,
    /// Free space in bytes, if the system tells.
    free: Option<u64>,
    /// Whether the search index is kept and answers.
    index: bool,
}

/// One line for each check.
pub async fn readiness(node: &Node) -> Vec<ReadyCheck> {
    let figures = tokio::time::timeout(PATIENCE, node.figures()).await;
    let root = node.folder().paths().root().to_owned();
    let looked = tokio::task::spawn_blocking(move || (write(&root).err(), free_space(&root)));
    let (refused, free) = looked.await.unwrap_or_default();
    checks(&Found {
        store: figures.ok().and_then(Result::ok).map(|figures| figures.usable),
        unwritable: refused.map(|cause| cause.to_string()),
        free,
        index: node.indexer().is_open(),
    })
}

/// Writes a byte and takes it away again.
fn write(root: &Path) -> io::Result<()> {
    let path = root.join(PROBE);
    let written = File::create(&path).and_then(|mut file| file.write_all(&[0]));
    written.and_then(|()| remove(&path))
}

fn checks(found: &Found) -> Vec<ReadyCheck> {
    let line = |name: &str, ok: bool, hint: &str| ReadyCheck {
        name: name.to_owned(),
        ok,
        hint: (!ok).then(|| hint.to_owned()),
    };
    let unwritable = found.unwritable.as_deref().unwrap_or_default();
    let folder = format!(
        "The data folder cannot be written to ({unwritable}): see that its disk is mounted for writing and the folder belongs to the user who runs the node."
    );
    vec![
        line(
            "replica",
            found.store.is_some(),
            "The replica did not answer within 2 seconds: wait a moment; if it stays so, look at the log and the disk, then start the node again.",
        ),
        line(
            "store",
            found.store == Some(true),
            "The store takes no commits: look at the log and the disk; the node opens the store anew by itself, or start it again.",
        ),
        line("folder", found.unwritable.is_none(), &folder),
        line(
            "disk",
            found.free.is_none_or(|free| free >= FREE_RED),
            "Less than 100 MB are free: free some space; nothing that was confirmed is lost.",
        ),
        line(
            "index",
            found.index,
            "The search index is not kept: start the node again; the folder `index` can be deleted while it is stopped.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Found = Found { store: Some(true), unwritable: None, free: None, index: true };

    #[test]
    fn a_node_that_is_well_is_ready_and_gives_no_hint() {
        let lines = checks(&WELL);
        assert!(lines.iter().all(|line| line.ok && line.hint.is_none()), "{lines:?}");
    }

    #[test]
    fn each_cause_turns_its_own_line_red_with_a_hint() {
        let causes = [
            ("replica", Found { store: None, ..WELL }),
            ("store", Found { store: Some(false), ..WELL }),
            ("folder", Found { unwritable: Some("Read-only file system".into()), ..WELL }),
            ("disk", Found { free: Some(FREE_RED - 1), ..WELL }),
            ("index", Found { index: false, ..WELL }),
        ];
        let names: Vec<String> = checks(&WELL).into_iter().map(|line| line.name).collect();
        assert_eq!(causes.clone().map(|(name, _)| name).to_vec(), names, "each has its cause here");
        for (name, found) in causes {
            let red: Vec<ReadyCheck> = checks(&found).into_iter().filter(|line| !line.ok).collect();
            assert!(red.iter().any(|line| line.name == name), "{name}: {red:?}");
            assert!(red.iter().all(|line| line.hint.is_some()), "{name}: {red:?}");
            // A replica that does not answer tells nothing of its store.
            assert_eq!(red.len(), if name == "replica" { 2 } else { 1 }, "{name}: {red:?}");
        }
    }
}
