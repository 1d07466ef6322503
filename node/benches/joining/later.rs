//! What comes after: stopping, starting, crashing, importing.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tern_simulations::corpus::Corpus;

use crate::process::Running;
use crate::table::{Table, rate, seconds};
use crate::{Failed, Options, SEED};

/// Measures both, and stops them.
pub async fn measure(
    holder: Running,
    newcomer: Running,
    options: &Options,
    dir: &Path,
    table: &mut Table,
) -> Result<(), Failed> {
    let (folder, stopping) = newcomer.stop()?;
    table.row("stopping cleanly", seconds(stopping));
    let newcomer = folder.serve().await?;
    started("start after a clean stop", &newcomer, options, table).await?;
    let newcomer = newcomer.kill()?.serve().await?;
    started("start after kill -9", &newcomer, options, table).await?;
    newcomer.stop()?;
    import(&holder, options, dir, table).await?;
    holder.stop()?;
    Ok(())
}

/// The time until pages answer and until everything is found again.
async fn started(
    what: &str,
    node: &Running,
    options: &Options,
    table: &mut Table,
) -> Result<(), Failed> {
    let status = loop {
        let status = node.status().await?;
        if status["searchable"].as_u64() >= Some(options.documents) {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let found = node.started.elapsed();
    if status["practices"].as_u64() != Some(options.documents) {
        return Err(format!("{what}: {} practices are held", status["practices"]).into());
    }
    let figure = format!("{} until pages answer, {}", seconds(node.answered), seconds(found));
    table.row(what, format!("{figure} until all are searchable"));
    Ok(())
}

async fn import(
    node: &Running,
    options: &Options,
    dir: &Path,
    table: &mut Table,
) -> Result<(), Failed> {
    let path = dir.join("rows.jsonl");
    let mut file = BufWriter::new(File::create(&path)?);
    for number in 0..options.rows {
        for practice in Corpus::p1(SEED + 1).editions(number) {
            writeln!(file, "{}", practice.to_json())?;
        }
    }
    file.flush()?;
    let path = path.to_str().ok_or("the folder has a name that is no text")?;
    let before = node.computed();
    let asked = Instant::now();
    let arguments = ["practice", "import", path, "--publish", "--note", "from the archive"];
    let answer = node.folder().tern(&arguments)?;
    let time = asked.elapsed();
    if answer["imported"].as_u64() != Some(options.rows) {
        return Err(format!("the import answered {answer}").into());
    }
    let figure = format!(
        "{:.0} rows/s: {} signed and durable in {} ({} of the processor at the node)",
        rate(options.rows as usize, time),
        options.rows,
        seconds(time),
        seconds(node.computed() - before)
    );
    table.row("import --publish of P1 rows by the command line", figure);
    Ok(())
}
