//! Waiting until something is so, and no longer than can be right: what never ends
//! is a failure with a name.

use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long a process of this machine may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a command may take from its start to its end.
const COMMAND_MAX: Duration = Duration::from_secs(300);
/// How often to look.
const AGAIN: Duration = Duration::from_millis(10);

/// Looks until there is an answer, and returns it with how long that took.
pub fn until<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> (T, Duration) {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return (found, begun.elapsed());
        }
        assert!(begun.elapsed() < patience, "within {patience:?} it was not so that {what}");
        thread::sleep(AGAIN);
    }
}

/// Waits for the end of a process that was asked to end.
pub fn ended(child: &mut Child) -> ExitStatus {
    let what = format!("process {} ended", child.id());
    until(&what, COMMAND_MAX, || child.try_wait().expect("a child")).0
}

/// Waits for the end of a command, and reads on until it has said all.
pub fn output_of(child: Child, what: &str) -> Output {
    let pid = child.id().to_string();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        // Nobody may be waiting any more.
        let _ = tell.send(child.wait_with_output());
    });
    let Ok(output) = told.recv_timeout(COMMAND_MAX) else {
        // It may have ended just now.
        let _ = Command::new("kill").args(["-KILL", &pid]).status();
        panic!("within {COMMAND_MAX:?} it did not end, or left its output open: {what}");
    };
    output.expect("a child")
}

/// Runs a command to its end.
pub fn output(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    output_of(child, &format!("{command:?}"))
}
