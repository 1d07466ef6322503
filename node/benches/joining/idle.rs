//! A node that nobody asks anything: its start, its memory, its processor, and
//! what its disk holds after many edits.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Client, Folder, Running};
use crate::table::{Table, megabytes, rate, seconds};
use crate::{Failed, Options, library};

/// Drafts among which the edits go round.
const DRAFTS: u64 = 100;

/// Measures a node over a library of its own.
pub async fn measure(options: &Options, dir: &Path, table: &mut Table) -> Result<(), Failed> {
    let folder = Folder::new(dir.join("idle"), "idle");
    library::copy_folder(&dir.join("library"), &folder.path)?;
    let node = started("first start", folder, options, table).await?;
    let (folder, _) = node.stop()?;
    let node = started("start after a clean stop", folder, options, table).await?;
    idle("", &node, options, table).await?;
    edit(&node, options, table).await?;
    idle(" after the edits", &node, options, table).await?;
    node.stop()?;
    Ok(())
}

/// Starts, and asks for the first page at once.
async fn started(
    what: &str,
    folder: Folder,
    options: &Options,
    table: &mut Table,
) -> Result<Running, Failed> {
    let node = folder.serve().await?;
    Client::to(node.http).await?.get("/").await?;
    let page = node.started.elapsed();
    loop {
        let status = node.status().await?;
        if status["searchable"].as_u64() >= Some(options.documents) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let figure = format!(
        "{} until the first page, {} until all are searchable",
        seconds(page),
        seconds(node.started.elapsed())
    );
    table.row(what, figure);
    Ok(node)
}

async fn idle(
    when: &str,
    node: &Running,
    options: &Options,
    table: &mut Table,
) -> Result<(), Failed> {
    // What starting and searching took is given back within some seconds.
    tokio::time::sleep(options.quiet / 6).await;
    let before = node.computed();
    tokio::time::sleep(options.quiet).await;
    let computed = node.computed() - before;
    table.row(format!("memory{when}"), megabytes(node.memory_now()));
    let figure = format!("{} in {}", seconds(computed), seconds(options.quiet));
    table.row(format!("processor while idle{when}"), figure);
    Ok(())
}

async fn edit(node: &Running, options: &Options, table: &mut Table) -> Result<(), Failed> {
    let before = disk(node).await?;
    let mut client = Client::to(node.http).await?;
    let mut drafts = Vec::new();
    for number in 0..DRAFTS.min(options.edits) {
        let fields = json!({ "title": format!("Draft {number}"), "original_language": "en" });
        let op = json!({ "op": "practice-draft", "fields": fields });
        drafts.push(client.operate(node, op).await?["id"].clone());
    }
    let asked = Instant::now();
    for number in 0..options.edits {
        let draft = &drafts[(number % drafts.len() as u64) as usize];
        let summary = format!("Edit {number}: mobile teams register births in border towns.");
        let set = json!({ "summary": { "en": summary } });
        client.operate(node, json!({ "op": "practice-edit", "id": draft, "set": set })).await?;
    }
    let time = asked.elapsed();
    let figure = format!(
        "{} in {} drafts, {:.0}/s",
        options.edits,
        drafts.len(),
        rate(options.edits as usize, time)
    );
    table.row("edits", figure);
    let after = disk(node).await?;
    table.row("disk before the edits", before);
    table.row("disk after the edits", after);
    Ok(())
}

/// What the store, and the whole folder, take up beside what is alive.
async fn disk(node: &Running) -> Result<String, Failed> {
    let status = node.status().await?;
    let bytes = |value: &Value| value.as_u64().unwrap_or(0);
    let live = bytes(&status["live_bytes"]);
    let kinds = status["disk"].as_object().into_iter().flatten();
    let kinds = kinds.filter(|(kind, _)| *kind != "free" && *kind != "live");
    let folder: u64 = kinds.map(|(_, taken)| bytes(taken)).sum();
    let times = |taken: u64| taken as f64 / (live.max(1)) as f64;
    let store = bytes(&status["disk_bytes"]);
    Ok(format!(
        "{} alive; store {} ({:.2} x), folder {} ({:.2} x)",
        megabytes(live),
        megabytes(store),
        times(store),
        megabytes(folder),
        times(folder)
    ))
}
