//! The lock on the data folder, between real processes.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use tern_node::folder::{DataFolder, FolderError};

/// Names the folder that the second process is to hold.
const HELD: &str = "TERN_TEST_HELD_FOLDER";
const HOLDING: &str = "the folder is held";

/// The second process: not a test by itself, but the body of one that the
/// tests below start.
#[test]
#[ignore = "runs as the second process of the other tests"]
fn holder() {
    let Some(folder) = std::env::var_os(HELD) else { return };
    let folder = DataFolder::at(folder);
    let _open = folder.open_exclusive().expect("free");
    println!("{HOLDING}");
    // Until the first process closes the pipe or ends this one.
    let _ = std::io::stdin().read(&mut [0]);
}

/// The second process, and its output, which it must be able to write to its
/// end.
fn start_holder(folder: &DataFolder) -> (Child, impl Iterator) {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--ignored", "--exact", "--nocapture", "folder::holder"])
        .env(HELD, folder.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let held = lines.any(|line| line.is_ok_and(|line| line.ends_with(HOLDING)));
    assert!(held, "it holds the folder");
    (child, lines)
}

#[test]
fn a_folder_that_another_process_holds_is_not_opened() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::at(dir.path());
    let (mut holder, output) = start_holder(&folder);
    assert!(folder.is_running().expect("readable"));
    assert!(matches!(folder.open_exclusive(), Err(FolderError::InUse(_))));
    drop(holder.stdin.take());
    output.for_each(drop);
    assert!(holder.wait().expect("ended").success());
    folder.open_exclusive().expect("free again");
}

#[test]
fn a_crash_frees_the_folder() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::at(dir.path());
    let (mut holder, _output) = start_holder(&folder);
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    assert!(!folder.is_running().expect("readable"));
    folder.open_exclusive().expect("free again");
}
