//! What is promised of some cases, beside what they were.
//!
//! - *changed*: what is said beside the content, both ways, and how often the
//!   dialler waits: of 10,000 changes at most three times what it takes to name
//!   them with 64 bits each.
//! - *changed*, none: a node on a link that costs money makes contact every four
//!   hours; a day of that, as packets.
//! - *edition*: three round trips, and the time that its packets take on the line.
//! - *broken*: how many pieces came again, for each time that a link was lost or a
//!   node killed.
//! - *stick*: what was carried both ways, beside what changed.
//! - *filecut*: what arrived of a file beyond its size.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Row;
use super::broken::{self, Broken};
use super::case::{Case, Figures};

/// What it takes to name a difference, in bytes.
const DIFFERENCE_BYTES: u64 = 8;
/// Contacts of a node on a metered link in a day.
const CONTACTS_OF_A_DAY: u64 = 6;

/// One promise.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Bar {
    /// Of which case, on which link.
    pub(super) of: String,
    /// What is measured, with its unit.
    pub(super) what: &'static str,
    pub(super) most: f64,
    pub(super) was: f64,
}

impl Bar {
    pub(super) fn is_kept(&self) -> bool {
        self.was <= self.most
    }
}

/// The promises about what was measured, in order.
pub(super) fn bars(rows: &[Row]) -> Vec<Bar> {
    rows.iter().flat_map(of_row).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people, far below 2^52")]
fn of_row(row: &Row) -> Vec<Bar> {
    let Ok(figures) = &row.figures else { return Vec::new() };
    let bar = |what, most, was| Bar {
        of: format!("{}, {} {}", row.case, row.profile, row.transport),
        what,
        most,
        was,
    };
    match row.case {
        Case::Changed(count) => {
            let told = figures.told.unwrap_or_default();
            let most = match count {
                0 => 300,
                1 => 500,
                2..=100 => 6_000,
                _ => 3 * DIFFERENCE_BYTES * count,
            };
            let mut bars = vec![
                bar("B said beside the content", most as f64, told.said_bytes() as f64),
                bar("round trips", 1.0, told.round_trips as f64),
            ];
            if count == 0 {
                let day = CONTACTS_OF_A_DAY * figures.counts.wire_bytes();
                bars.push(bar("B on the wire in a day of contacts", 100_000.0, day as f64));
            }
            bars
        }
        Case::Edition => {
            let most = 3.0 * row.profile.round_trip().as_secs_f64() + sending(row, figures);
            vec![bar("s until it is read", most, figures.time.as_secs_f64())]
        }
        Case::File(size, Some(_)) => {
            let arrived = figures.file.unwrap_or(u64::MAX);
            let waste = 100.0 * (arrived as f64 / size as f64 - 1.0);
            vec![bar("% beyond its size", 5.0, waste)]
        }
        Case::Broken => {
            let broken = figures.broken.unwrap_or(Broken { kills: 0, repeated: u64::MAX });
            let losses = (figures.counts.cuts + broken.kills).max(1);
            let each = broken.repeated as f64 / losses as f64;
            vec![
                bar("pieces again for each loss", 1.0, each),
                bar(
                    "times lacking of 50 cuts",
                    0.0,
                    broken::CUTS.saturating_sub(figures.counts.cuts) as f64,
                ),
            ]
        }
        Case::Stick(_) => {
            let share = figures.stick.map_or(f64::INFINITY, |stick| {
                100.0 * stick.beside() as f64 / stick.packed.max(1) as f64
            });
            vec![bar("% beside the changes", 5.0, share)]
        }
        _ => Vec::new(),
    }
}

/// How long the line takes for the packets of a case, in seconds.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn sending(row: &Row, figures: &Figures) -> f64 {
    let rate = row.profile.conditions.rate;
    rate.map_or(0.0, |rate| 8.0 * figures.counts.wire_bytes() as f64 / rate as f64)
}

/// A table in Markdown, under that of what was measured.
pub(super) fn markdown(bars: &[Bar]) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\nWhat is promised of that:\n\n\
         | case | at most | was | kept |\n|---|--:|--:|---|\n",
    );
    for bar in bars {
        let kept = if bar.is_kept() { "yes" } else { "NO" };
        let (most, was) = (number(bar.most), number(bar.was));
        // A string takes everything.
        let _ = writeln!(text, "| {} | {most} {} | {was} | {kept} |", bar.of, bar.what);
    }
    text
}

/// The same for programs.
pub(super) fn document(bars: &[Bar]) -> Vec<Value> {
    let one = |bar: &Bar| {
        json!({
            "of": bar.of, "what": bar.what, "most": bar.most, "was": bar.was, "kept": bar.is_kept(),
        })
    };
    bars.iter().map(one).collect()
}

fn number(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.2}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::emulator::{Counts, Profile};
    use crate::links::{Told, Transport};

    fn row(case: Case, told: Told, file: Option<u64>) -> Row {
        let (time, counts) = (Duration::from_secs(1), Counts::default());
        let told = Some(told);
        let figures = Ok(Figures { time, counts, told, file, ..Figures::default() });
        let profile = Profile::named("vsat").expect("known");
        Row { profile, transport: Transport::Tcp, case, figures }
    }

    #[test]
    fn what_is_over_its_bar_is_said_to_be() {
        let told = |said, round_trips| Told { sent_bytes: said, round_trips, ..Told::default() };
        let rows = [
            row(Case::Changed(0), told(300, 1), None),
            row(Case::Changed(1), told(501, 2), None),
            row(Case::Changed(10_000), told(240_000, 1), None),
            row(Case::Edition, Told::default(), None),
            row(Case::File(1_000, Some(9)), Told::default(), Some(1_060)),
            row(Case::Both(1), told(9_000, 3), None),
        ];
        let bars = bars(&rows);
        let kept: Vec<bool> = bars.iter().map(Bar::is_kept).collect();
        assert_eq!(kept, [true, true, true, false, false, true, true, true, false]);
        let text = markdown(&bars);
        assert_eq!(text.matches("| NO |").count(), 3, "{text}");
        assert!(text.contains("| 5 % beyond its size | 6.00 | NO |"), "{text}");
        assert_eq!(document(&bars).len(), bars.len());
    }
}
