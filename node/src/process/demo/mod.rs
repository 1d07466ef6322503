//! A whole federation on this machine, for real: three invented organisations
//! found and join, publish real practices, replicate over libp2p, read each
//! other, and one asks another for help over the third.
//!
//! Nothing is staged: every step is what the commands do, over sockets on
//! loopback, with every node on its own folder.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{join_all, select_all};
use serde_json::{Value, json};

use super::beginning::{Start, begin};
use super::serve::{Pages, interrupted, listen};
use super::{JoinState, announce, facts, wait_until_joined};
use crate::config::Settings;
use crate::folder::DataFolder;
use crate::identity::Newcomer;
use crate::node::{Audience, Demo};
use crate::operator::{NodeOperator, status};
use crate::ops::{Caller, ErrorCode, Filters, IMPORT_ROWS_MAX, ImportRow, Op, OpError, Operator};
use crate::running::{Mode, Node};
use crate::service::Site;

mod request;

/// Plainly invented, so that nobody is spoken for.
const ORGANISATIONS: [(&str, &str); 7] = [
    ("Ministry of Arrivals of Arvenia", "Ada Example"),
    ("Norvale Institute for Mobility", "Bo Example"),
    ("Harbour Cities Forum", "Cleo Example"),
    ("Tamrit Labour Office", "Dalia Example"),
    ("Upland Returnees Union", "Emil Example"),
    ("Selmar School of Public Policy", "Farah Example"),
    ("Coalition of Island Registries", "Goran Example"),
];
/// How long any step of the story may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long to wait for an event before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One node of the story.
struct Actor {
    name: &'static str,
    http: String,
    node: Arc<Node>,
    pages: Pages,
}

fn failed(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Failed, what)
}

/// Tells the story, then stays up until interrupted, unless once.
///
/// # Errors
/// Whatever went wrong, in one sentence.
pub(super) async fn demo(demo: Demo, audience: Arc<dyn Audience>) -> Result<(), OpError> {
    let count = usize::from(demo.nodes);
    if !(1..=ORGANISATIONS.len()).contains(&count) {
        let what = format!("a demo has 1 to {} nodes", ORGANISATIONS.len());
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("nodes"));
    }
    let started = Instant::now();
    let (dir, temporary) = folder(demo.dir.clone())?;
    let told = story(&demo, count, &dir, &audience, started).await;
    let ended = match told {
        Err(error) => Err(error),
        Ok(actors) => {
            if !demo.once {
                audience.say("The nodes stay up. Stop them with Ctrl-C.");
                interrupted().await;
            }
            join_all(actors.into_iter().map(|actor| actor.pages.close())).await;
            Ok(())
        }
    };
    if temporary && std::fs::remove_dir_all(&dir).is_err() {
        tracing::warn!(dir = %dir.display(), "the folder of the demo stays behind");
    }
    ended
}

fn folder(dir: Option<PathBuf>) -> Result<(PathBuf, bool), OpError> {
    if let Some(dir) = dir {
        return Ok((dir, false));
    }
    let chance: [u8; 8] = crate::running::draw()?;
    let dir = std::env::temp_dir().join(format!("tern-demo-{}", crate::hex::encode(&chance)));
    Ok((dir, true))
}

async fn story(
    demo: &Demo,
    count: usize,
    dir: &Path,
    audience: &Arc<dyn Audience>,
    started: Instant,
) -> Result<Vec<Actor>, OpError> {
    let mut actors: Vec<Actor> = Vec::new();
    for at in 0..count {
        let actor = enter(demo, at, dir, actors.first()).await?;
        let how = match at {
            0 => "founds the federation and is its first steward",
            _ => "joins by invitation",
        };
        audience.say(&format!("{:>6} ms  {} {how}.", started.elapsed().as_millis(), actor.name));
        actors.push(actor);
    }
    let rows = facts::rows().map_err(|error| failed(error.to_string()))?;
    let total = rows.len() as u64;
    let published = publish(&actors, rows).await?;
    for (actor, number) in actors.iter().zip(&published) {
        audience.say(&format!(
            "{:>6} ms  {} signs and publishes {number} practices, listed with their sources.",
            started.elapsed().as_millis(),
            actor.name
        ));
    }
    in_step(&actors, total).await?;
    let states = join_all(actors.iter().map(|actor| status(&actor.node))).await;
    let states = states.into_iter().collect::<Result<Vec<Value>, _>>()?;
    audience.say(&format!(
        "{:>6} ms  All {count} nodes hold the same {} practices: public root {}.",
        started.elapsed().as_millis(),
        states[0]["practices"],
        states[0]["public_root"].as_str().unwrap_or_default()
    ));
    read_each_other(&actors, audience, started).await?;
    let request =
        if count > 1 { request::tell(&actors, audience, started).await? } else { Value::Null };
    let mut nodes = Vec::new();
    for (actor, state) in actors.iter().zip(&states) {
        let link = run(&actor.node, Op::AccountLink { name: None }).await?;
        let sign_in = link["link"].as_str().unwrap_or_default().to_owned();
        audience
            .say(&format!("{}\n    pages    {}\n    sign in  {sign_in}", actor.name, actor.http));
        nodes.push(json!({
            "org": actor.name, "http": actor.http, "sign_in": sign_in,
            "public_root": state["public_root"], "public_count": state["public_count"],
            "practices": state["practices"],
        }));
    }
    let seconds = started.elapsed().as_secs_f64();
    audience.answer(&json!({ "nodes": nodes, "request": request, "seconds": seconds }));
    Ok(actors)
}

/// A node comes up: the first founds, the others join by the first's word.
async fn enter(
    demo: &Demo,
    at: usize,
    dir: &Path,
    first: Option<&Actor>,
) -> Result<Actor, OpError> {
    let (name, person) = ORGANISATIONS[at];
    let http = match demo.http {
        0 => 0,
        base => base.checked_add(at as u16).ok_or_else(|| failed("the ports end at 65535"))?,
    };
    let settings = Settings {
        http: SocketAddr::from((Ipv4Addr::LOCALHOST, http)),
        listen: vec!["/ip4/127.0.0.1/udp/0/quic-v1".into(), "/ip4/127.0.0.1/tcp/0".into()],
        ..Settings::default()
    };
    let (listener, http) = listen(settings.http).await?;
    let folder = DataFolder::at(dir.join(format!("node-{}", at + 1))).open_exclusive()?;
    let newcomer = Newcomer {
        org: name.into(),
        country: None,
        kind: None,
        lang: "en".into(),
        person: Some(person.into()),
        account: super::FIRST_ACCOUNT.parse()?,
        passphrase: None,
    };
    match first {
        None => {
            let start = Start::Found(Some("Federation of the demo"));
            begin(&folder, &newcomer, start, None).await?;
        }
        Some(first) => {
            let invited = run(&first.node, Op::Invite { org: Some(name.into()) }).await?;
            let invitation = invited["invitation"].as_str().unwrap_or_default().to_owned();
            begin(&folder, &newcomer, Start::Join(&invitation), None).await?;
        }
    }
    let token = folder.token()?;
    let node = Node::open(folder, settings.clone(), Mode::Serving).await?;
    if let JoinState::Waiting(reason) = wait_until_joined(&node).await? {
        return Err(failed(format!("{name} could not join: {reason}")));
    }
    node.serves_at(http.clone());
    let pages = Pages::serve(Site::of(Arc::clone(&node)), &token, &settings, listener);
    announce(&node)?;
    Ok(Actor { name, http, node, pages })
}

async fn run(node: &Arc<Node>, op: Op) -> Result<Value, OpError> {
    NodeOperator(Arc::clone(node)).run(Caller::default(), op).await
}

/// Every organisation publishes its share of the facts, all at once.
async fn publish(actors: &[Actor], rows: Vec<ImportRow>) -> Result<Vec<u64>, OpError> {
    let mut shares: Vec<Vec<ImportRow>> = vec![Vec::new(); actors.len()];
    for (at, row) in rows.into_iter().enumerate() {
        shares[at % actors.len()].push(row);
    }
    let share = |(actor, rows): (&Actor, Vec<ImportRow>)| {
        let node = Arc::clone(&actor.node);
        async move {
            let mut number = 0;
            for rows in rows.chunks(IMPORT_ROWS_MAX) {
                let note = Some("Listed from a public source.".to_owned());
                let op = Op::PracticeImport { rows: rows.to_vec(), publish: true, note };
                let imported = run(&node, op).await?;
                if let Some(skipped) = imported["skipped"].get(0) {
                    return Err(failed(format!("a practice was not published: {skipped}")));
                }
                number += imported["imported"].as_u64().unwrap_or(0);
            }
            Ok(number)
        }
    };
    join_all(actors.iter().zip(shares).map(share)).await.into_iter().collect()
}

/// Waits until every node holds and finds everything and all roots are equal.
async fn in_step(actors: &[Actor], total: u64) -> Result<(), OpError> {
    let mut events: Vec<_> = actors.iter().map(|actor| actor.node.handle().events()).collect();
    let equal = async {
        loop {
            let states = join_all(actors.iter().map(|actor| status(&actor.node))).await;
            let states = states.into_iter().collect::<Result<Vec<Value>, OpError>>()?;
            let whole = states.iter().all(|state| {
                state["practices"] == json!(total)
                    && state["searchable"] == json!(total)
                    && state["public_root"] == states[0]["public_root"]
            });
            if whole {
                return Ok(());
            }
            let next = select_all(events.iter_mut().map(|events| Box::pin(events.recv())));
            // Whatever happened, or did not for a while: look again.
            let _ = tokio::time::timeout(LOOK_AGAIN, next).await;
        }
    };
    tokio::time::timeout(PATIENCE, equal)
        .await
        .unwrap_or_else(|_| Err(failed("the nodes did not come into step within two minutes")))
}

/// The last node finds by search what another one published, and checks who
/// stands behind it.
async fn read_each_other(
    actors: &[Actor],
    audience: &Arc<dyn Audience>,
    started: Instant,
) -> Result<(), OpError> {
    let reader = &actors[actors.len() - 1];
    let op = Op::Search {
        query: "diaspora".into(),
        filters: Filters::default(),
        limit: Some(10),
        after: None,
    };
    let found = run(&reader.node, op).await?;
    let items = found["items"].as_array().cloned().unwrap_or_default();
    let other = items.iter().find(|item| item["org"] != json!(reader.name)).or(items.first());
    let item = other.ok_or_else(|| failed("a search for `diaspora` found nothing"))?;
    let id = item["id"].as_str().unwrap_or_default().to_owned();
    let verified = run(&reader.node, Op::PracticeVerify { id, document: None }).await?;
    if verified["verdict"] != json!("accepted") {
        return Err(failed(format!("a practice is not accepted: {verified}")));
    }
    let signer = &verified["signers"][0];
    audience.say(&format!(
        "{:>6} ms  {} searches for “diaspora”: {} found. “{}” was signed by {} of {}: accepted.",
        started.elapsed().as_millis(),
        reader.name,
        found["total"],
        item["title"].as_str().unwrap_or_default(),
        signer["person"].as_str().unwrap_or_default(),
        signer["org"].as_str().unwrap_or_default(),
    ));
    Ok(())
}
