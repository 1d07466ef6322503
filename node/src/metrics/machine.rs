//! What this process takes of the machine, as Linux tells it under `/proc`.
//! Elsewhere nothing is known.

use std::fs;

/// Ticks of a second in `/proc/self/stat` (`USER_HZ`, 100 on every Linux).
const TICKS: f64 = 100.0;

/// What a process takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Usage {
    /// Memory that is in RAM.
    pub(crate) resident_bytes: u64,
    /// Time that its threads have computed.
    pub(crate) processor_seconds: f64,
}

impl Usage {
    /// Of this process; `None` where the system does not tell.
    pub(crate) fn read() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        Self::from_proc(&status, &stat)
    }

    fn from_proc(status: &str, stat: &str) -> Option<Self> {
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = resident.split_whitespace().next()?.parse().ok()?;
        // The name of the program stands in brackets and may hold spaces.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        let (user, system) = (ticks(11)?, ticks(12)?);
        Some(Self { resident_bytes: kilobytes * 1024, processor_seconds: (user + system) / TICKS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_are_read_as_linux_writes_them() {
        let status = "Name:\ttern\nVmRSS:\t   40960 kB\nThreads:\t9\n";
        let stat = "4711 (tern (test)) S 1 1 1 0 -1 4194560 9 0 0 0 150 25 0 0 20 0 9 0 77 1 1";
        let usage = Usage::from_proc(status, stat).expect("complete");
        assert_eq!(usage.resident_bytes, 40 * 1024 * 1024);
        assert!((usage.processor_seconds - 1.75).abs() < 1e-9);
        assert_eq!(Usage::from_proc("Name:\ttern\n", stat), None);
    }
}
