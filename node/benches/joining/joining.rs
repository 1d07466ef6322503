//! The newcomer joins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;

use crate::Failed;
use crate::library::Document;
use crate::process::{Folder, Running};
use crate::readers::Reader;
use crate::table::{Table, megabytes, rate, seconds};

/// Between two looks at the newcomer.
const LOOK: Duration = Duration::from_millis(25);
/// A newcomer that has not got on for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the newcomer has come to.
struct Moment {
    at: Instant,
    practices: usize,
    searchable: usize,
    linked: bool,
    bytes: u64,
    root: Value,
}

impl Moment {
    async fn of(newcomer: &Running) -> Result<Self, Failed> {
        let status = newcomer.status().await?;
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let peers = status["peers"].as_array().cloned().unwrap_or_default();
        Ok(Self {
            at: Instant::now(),
            practices: number(&status["practices"]) as usize,
            searchable: number(&status["searchable"]) as usize,
            linked: peers.iter().any(|peer| peer["connected"] == true),
            bytes: peers.iter().map(|peer| number(&peer["bytes_today"])).sum(),
            root: status["public_root"].clone(),
        })
    }
}

/// Looks until `done`, and fails if nothing gets on any more.
async fn until(
    newcomer: &Running,
    held: &AtomicU64,
    done: impl Fn(&Moment) -> bool,
) -> Result<Moment, Failed> {
    let mut last = (Instant::now(), 0);
    loop {
        let moment = Moment::of(newcomer).await?;
        held.store(moment.practices as u64, Ordering::Relaxed);
        if done(&moment) {
            return Ok(moment);
        }
        let come = moment.practices + moment.searchable;
        if come > last.1 {
            last = (moment.at, come);
        } else if last.0.elapsed() > PATIENCE {
            return Err(format!("the newcomer is stuck at {} practices", moment.practices).into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Measures from the newcomer's first link until it holds and finds the whole
/// library. Both nodes run on.
pub async fn measure(
    holder: Folder,
    newcomer: Folder,
    documents: &[Document],
    table: &mut Table,
) -> Result<(Running, Running), Failed> {
    if newcomer.path.exists() {
        std::fs::remove_dir_all(&newcomer.path)?;
    }
    let holder = holder.serve().await?;
    let invited = holder.folder().tern(&["invite"])?;
    let invitation = invited["invitation"].as_str().ok_or("no invitation")?;
    let joined = newcomer.tern(&["join", invitation, "--org", "Niger", "--country", "NE"])?;
    if joined["state"] != "member" {
        return Err(format!("the newcomer is no member: {joined}").into());
    }
    let before = holder.computed();
    let newcomer = newcomer.serve().await?;
    let held = Arc::new(AtomicU64::new(0));
    let first = until(&newcomer, &held, |moment| moment.linked).await?;
    let (stop, stopped) = watch::channel(false);
    let ids = documents.iter().map(|document| document.id.clone()).collect();
    let searching = Reader::searching(newcomer.http, stopped.clone());
    let opening = Reader::opening(newcomer.http, stopped, ids, Arc::clone(&held));
    let got = until(&newcomer, &held, |moment| moment.practices == documents.len()).await?;
    let computed = (holder.computed() - before, newcomer.computed());
    stop.send_replace(true);
    tell_speed(&newcomer, &first, &got, table);
    let figure = format!("{} and {}", seconds(computed.0), seconds(computed.1));
    table.row("- processor time of holder and newcomer", figure);
    tell_bytes(&got, documents, table);
    table.row("- search meanwhile (GET /practices?q=)", searching.waits().await?.figure());
    table.row("- a practice meanwhile (GET /practices/ID)", opening.waits().await?.figure());
    let all = documents.len();
    let found = until(&newcomer, &held, |moment| moment.searchable >= all).await?;
    table.row("- all searchable after", seconds(found.at - first.at));
    let root = holder.status().await?["public_root"].clone();
    let same = until(&newcomer, &held, |moment| moment.root == root).await?;
    table.row("- seen with the same public root after", seconds(same.at - first.at));
    tell_sizes(&holder, &newcomer, table).await?;
    Ok((holder, newcomer))
}

fn tell_speed(newcomer: &Running, first: &Moment, got: &Moment, table: &mut Table) {
    let (time, new) = (got.at - first.at, got.practices - first.practices);
    let figure = format!(
        "{:.0} documents/s: {new} of 3 editions in {}, after {} at the first look",
        rate(new, time),
        seconds(time),
        first.practices
    );
    table.row("**joining: verified and durable**", figure);
    let since = got.at - newcomer.started;
    let figure = format!("{:.0} documents/s: {}", rate(got.practices, since), seconds(since));
    table.row("- counted from starting the newcomer", figure);
}

fn tell_bytes(got: &Moment, documents: &[Document], table: &mut Table) {
    let bytes: usize = documents.iter().map(Document::bytes).sum();
    let figure = format!(
        "{}: {:.2} of the pieces, {:.0} B a document",
        megabytes(got.bytes),
        got.bytes as f64 / bytes as f64,
        got.bytes as f64 / documents.len() as f64
    );
    table.row("- bytes on the link, both ways", figure);
}

async fn tell_sizes(holder: &Running, newcomer: &Running, table: &mut Table) -> Result<(), Failed> {
    let figure = format!(
        "{} and {} (newcomer now {})",
        megabytes(holder.memory_peak()),
        megabytes(newcomer.memory_peak()),
        megabytes(newcomer.memory_now())
    );
    table.row("- peak memory of holder and newcomer", figure);
    for node in [holder, newcomer] {
        let status = node.status().await?;
        let bytes = |name: &str| megabytes(status[name].as_u64().unwrap_or(0));
        let figure = format!("{} for {} alive", bytes("disk_bytes"), bytes("live_bytes"));
        table.row(format!("- disk of the {}", node.folder().name), figure);
    }
    Ok(())
}
