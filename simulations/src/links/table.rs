//! What was measured, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::case::{Case, Figures};
use super::plain::Said;
use super::{LinksError, Row, bars};
use crate::emulator::Direction::{Down, Up};

const HOUR_SECONDS: f64 = 3_600.0;

/// A table in Markdown, with what is needed to read it.
pub(super) fn markdown(documents: u64, rows: &[Row]) -> String {
    let mut text = format!(
        "{documents} practices (P1, seed 1). Up is from the node that dials. Wire: packets with \
         their IP and UDP or TCP headers.\n\n\
         | link | case | seconds | wire up B | wire down B | packets | turns | lost, full, repeated \
         | meetings up B | down B | of both content B | round trips | said B | traffic B | cuts | failures |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for row in rows {
        // A string takes everything.
        let _ =
            writeln!(text, "| {} {} | {} |{} |", row.profile, row.transport, row.case, cells(row));
    }
    text
}

/// One row, as it is told while others are measured.
pub(super) fn line(row: &Row) -> String {
    format!("{} {}, {}: {}", row.profile, row.transport, row.case, cells(row).replace(" |", ";"))
}

fn cells(row: &Row) -> String {
    let figures = match &row.figures {
        Ok(figures) => figures,
        Err(error) => return format!(" failed: {error}{}", " |".repeat(13)),
    };
    let (up, down) = (figures.counts[Up], figures.counts[Down]);
    let told = figures.told.map_or_else(
        || " – | – | – | – | – |".to_owned(),
        |told| {
            format!(
                " {} | {} | {} | {} | {} |",
                told.sent_bytes,
                told.received_bytes,
                told.packed_bytes,
                told.round_trips,
                told.said_bytes()
            )
        },
    );
    format!(
        " {:.2} | {} | {} | {} + {} | {} | {}, {}, {} |{told} {}{} | {} | {}{}",
        figures.time.as_secs_f64(),
        up.wire_bytes,
        down.wire_bytes,
        up.packets,
        down.packets,
        figures.counts.turns,
        up.lost + down.lost,
        up.full + down.full,
        up.repeated + down.repeated,
        figures.traffic,
        hourly(row.case, figures),
        figures.counts.cuts,
        figures.failures,
        beside(figures)
    )
}

/// What only some cases count.
fn beside(figures: &Figures) -> String {
    let broken = figures
        .broken
        .map(|broken| format!("{} kills, {} pieces again", broken.kills, broken.repeated));
    let stick = figures.stick.map(|stick| {
        format!(
            "{} B there, {} B back, {} B of it packed changes",
            stick.there, stick.back, stick.packed
        )
    });
    broken.or(stick).map_or_else(String::new, |told| format!("; {told}"))
}

/// What an hour of it takes on the wire.
fn hourly(case: Case, figures: &Figures) -> String {
    let Case::Idle(_) = case else { return String::new() };
    let bytes = figures.counts.wire_bytes() as f64 / figures.time.as_secs_f64() * HOUR_SECONDS;
    format!(" (wire {bytes:.0} an hour)")
}

/// The same for programs.
pub(super) fn document(documents: u64, rows: &[Row], beside: &[Said]) -> Value {
    let values: Vec<Value> = rows.iter().map(row).collect();
    let said = |said: &Said| {
        json!({
            "by": said.by, "documents": said.documents, "changed": said.changed, "messages": said.messages,
            "said_bytes": said.bytes, "content_bytes": said.content, "turns": said.turns,
        })
    };
    let beside: Vec<Value> = beside.iter().map(said).collect();
    json!({
        "documents": documents, "rows": values, "bars": bars::document(&bars::bars(rows)),
        "others": beside,
    })
}

fn row(row: &Row) -> Value {
    let mut value = json!({
        "profile": row.profile.name, "transport": row.transport.to_string(),
        "case": row.case.to_string(),
    });
    match &row.figures {
        Ok(figures) => value["figures"] = numbers(figures),
        Err(error) => value["failed"] = json!(LinksError::to_string(error)),
    }
    value
}

fn numbers(figures: &Figures) -> Value {
    let way = |direction| {
        let way = figures.counts[direction];
        json!({
            "packets": way.packets, "payload_bytes": way.payload_bytes,
            "wire_bytes": way.wire_bytes, "lost": way.lost, "full": way.full, "cut": way.cut,
            "repeated": way.repeated,
        })
    };
    let told = figures.told.map(|told| {
        json!({
            "sent_bytes": told.sent_bytes, "received_bytes": told.received_bytes,
            "content_bytes": told.content_bytes, "packed_bytes": told.packed_bytes,
            "said_bytes": told.said_bytes(), "round_trips": told.round_trips,
        })
    });
    json!({
        "seconds": figures.time.as_secs_f64(), "up": way(Up), "down": way(Down),
        "turns": figures.counts.turns, "cuts": figures.counts.cuts, "meetings": told,
        "traffic_bytes": figures.traffic, "failures": figures.failures,
        "file_bytes": figures.file,
        "broken": figures.broken.map(|broken| {
            json!({ "kills": broken.kills, "repeated_pieces": broken.repeated })
        }),
        "stick": figures.stick.map(|stick| {
            json!({
                "there_bytes": stick.there, "back_bytes": stick.back, "packed_bytes": stick.packed,
            })
        }),
    })
}
