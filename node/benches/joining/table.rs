//! What was measured, as a table for people.

use std::fmt;
use std::time::Duration;

/// Rows of a name and a figure.
#[derive(Default)]
pub struct Table(Vec<(String, String)>);

impl Table {
    /// Adds a row, and tells it at once.
    pub fn row(&mut self, name: impl Into<String>, figure: impl Into<String>) {
        let (name, figure) = (name.into(), figure.into());
        eprintln!("  {name}: {figure}");
        self.0.push((name, figure));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        writeln!(f, "| {:width$} | figure |", "what")?;
        writeln!(f, "|{:-<1$}|---|", "", width + 2)?;
        self.0.iter().try_for_each(|(name, figure)| writeln!(f, "| {name:width$} | {figure} |"))
    }
}

/// How many a second.
pub fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(1e-9)
}

/// Bytes as megabytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Seconds with their fraction.
pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// How busy the machine is with everything.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split(' ').next().filter(|load| !load.is_empty());
    minute.map_or_else(|| "load unknown".into(), |load| format!("load {load} at the start"))
}
