//! How much memory this process uses, of how much it may.
//!
//! What counts is what is its own (anonymous pages): pages of files that are mapped,
//! as the search index is, go when others need the room. Linux tells it; elsewhere
//! it is unknown, and nothing rests on it.

use std::fs;
use std::path::Path;

/// A node is not expected to do with less, whatever the machine has, in bytes.
const LEAST: u64 = 256 * 1024 * 1024;
/// Where Linux keeps the bounds of groups of processes.
const GROUPS: &str = "/sys/fs/cgroup";

/// What this process uses, in bytes.
pub(crate) fn used() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "RssAnon:")
}

/// What it may use, in bytes, before it lets nobody else in: what was set, in
/// millions, or with 0 half of what the machine, or the group of the process, has.
pub(crate) fn bound(megabytes: u64) -> Option<u64> {
    match megabytes {
        0 => there_is().map(|bytes| (bytes / 2).max(LEAST)),
        _ => Some(megabytes.saturating_mul(crate::links::MEGABYTE)),
    }
}

/// What the machine has, or the groups of this process are given.
fn there_is() -> Option<u64> {
    let machine = kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:");
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let given = group_paths(&groups).into_iter().filter_map(|path| {
        fs::read_to_string(Path::new(GROUPS).join(path).join("memory.max"))
            .ok()?
            .trim()
            .parse()
            .ok()
    });
    machine.into_iter().chain(given).min()
}

/// The group of a process and those around it, from `/proc/self/cgroup` (version 2).
fn group_paths(text: &str) -> Vec<String> {
    let own = text.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let up = |path: &String| path.rsplit_once('/').map(|(up, _)| up.to_owned());
    let mut paths: Vec<String> = std::iter::successors(Some(own.to_owned()), up).collect();
    paths.push(String::new());
    paths
}

/// A line of kilobytes, as Linux writes them.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        let status = "VmRSS:\t   40960 kB\nRssAnon:\t   1024 kB\nRssFile:\t 39936 kB\n";
        assert_eq!(kilobytes(status, "RssAnon:"), Some(1024 * 1024));
        assert_eq!(kilobytes("RssAnon:\tmuch\n", "RssAnon:"), None);
        assert_eq!(kilobytes("", "RssAnon:"), None);
        assert_eq!(
            group_paths("0::/system.slice/tern.service\n"),
            ["system.slice/tern.service", "system.slice", ""]
        );
        assert_eq!(group_paths("1:name=systemd:/init\n"), ["", ""]);
    }

    #[test]
    fn half_of_what_there_is_unless_it_was_said() {
        assert_eq!(bound(300), Some(300_000_000));
        if let Some(there_is) = there_is() {
            assert_eq!(bound(0), Some((there_is / 2).max(LEAST)));
            assert!(used().is_some_and(|used| used > 0), "where the one is told, the other is");
        }
    }
}
