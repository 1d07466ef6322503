//! The request of the story: from one node, over another that cannot read it,
//! to an expert on a third, and the answer back the same way.
//!
//! The first node of the story is the one between: the others joined by its
//! word and know no other address.

use std::sync::Arc;
use std::time::Instant;

use futures::future::select_all;
use serde_json::{Value, json};
use tern_crdt::timestamp::Timestamp;

use super::{Actor, LOOK_AGAIN, PATIENCE, failed, run};
use crate::driver::now;
use crate::node::Audience;
use crate::ops::{ErrorCode, Fields, Op, OpError};

/// What is asked: plainly invented, like those who ask.
const NEED: &str = "Many of our citizens live abroad and would like to invest at home, teach for a \
    term, or vote. We have no office that speaks with them, no list that they joined by their own \
    wish, and no law that names them. We want to know how a country of our size began: who led it, \
    what it cost in the first year, how people abroad were heard before anything was decided, and \
    what should not be tried again.";
const ANSWER: &str = "Begin with a small unit in one ministry and with the consulates, not with an \
    agency. Where I worked the first year cost two posts and a simple register that people joined \
    by themselves. The practice that I cite shows how the diaspora was heard before the law was \
    written. What I would not repeat: a large congress before there was anybody to answer letters.";
/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// Tells of the request; answers `{state, hops}` of it.
pub(super) async fn tell(
    actors: &[Actor],
    audience: &Arc<dyn Audience>,
    started: Instant,
) -> Result<Value, OpError> {
    let say = |what: String| {
        audience.say(&format!("{:>6} ms  {what}", started.elapsed().as_millis()));
    };
    let (between, asker) = (&actors[0], &actors[1]);
    let expert = actors.get(2).unwrap_or(between);
    let card = fields(json!({
        "objectives": [19, 23], "languages": [{ "tag": "en", "can": "write" }],
        "support_types": ["question"], "modality": "remote", "hours": 12,
    }));
    run(&expert.node, Op::ExpertCard { card }).await?;
    let known = |experts: &Value| experts["total"] == 1;
    until(actors, asker, || Op::ExpertList {}, known).await?;
    let needed_by = crate::moment::rfc3339(Timestamp(now().0 + 30 * DAY));
    let request = fields(json!({
        "title": "A first office for citizens abroad", "need": NEED,
        "support_types": ["question"], "objectives": [19], "languages_in": ["en"],
        "languages_out": ["en"], "country": "MD",
        "needed_by": needed_by.get(..10).unwrap_or_default(),
    }));
    let matched = run(&asker.node, Op::ExpertMatch { request: request.clone() }).await?;
    let best = &matched["items"][0];
    say(format!(
        "{} asks who can help: {} of {} fits with {} of 100 points; {} practices are like it.",
        asker.name,
        best["name"].as_str().unwrap_or("somebody"),
        best["org"].as_str().unwrap_or_default(),
        best["score"],
        matched["comparable"].as_array().map_or(0, Vec::len),
    ));
    let asked = run(&asker.node, Op::RequestAsk { request, once: None }).await?;
    let id = asked["id"].as_str().unwrap_or_default().to_owned();
    let show = || Op::RequestShow { id: id.clone() };
    until(actors, expert, show, |_| true).await?;
    say(format!("{} opens the request and accepts it.", expert.name));
    run(&expert.node, Op::RequestAccept { id: id.clone(), note: None }).await?;
    until(actors, expert, show, |request| request["state"] == "in_progress").await?;
    say(format!("{} chose the first who accepted; the expert starts.", asker.name));
    let cited: Vec<&Value> =
        matched["comparable"].as_array().into_iter().flatten().take(1).collect();
    let practices: Vec<&Value> = cited.iter().map(|practice| &practice["id"]).collect();
    let answer = fields(json!({ "text": ANSWER, "practices": practices }));
    run(&expert.node, Op::RequestAnswer { id: id.clone(), answer }).await?;
    until(actors, asker, show, |request| request["state"] == "delivered").await?;
    let confirmed = run(&asker.node, Op::RequestConfirm { id: id.clone() }).await?;
    // The trail may come back after the answer.
    let whole = |request: &Value| {
        let stages = request["receipts"].as_array().into_iter().flatten();
        stages.filter(|receipt| receipt["stage"] == "arrived").count() > 0
    };
    let request = until(actors, asker, show, whole).await?;
    let way: Vec<String> = request["receipts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| format!("{} {}", word(&step["stage"]), word(&step["org"])))
        .collect();
    say(format!("The request went: {}.", way.join(", ")));
    let hops = hops(&request);
    if expert.name != between.name {
        carried_unread(between, asker, &id).await?;
        say(format!(
            "{} carried it and cannot read it. {} and {} never connected.",
            between.name, asker.name, expert.name
        ));
    }
    say(format!(
        "{} of {} answered, citing {} practice; the answer is {}.",
        word(&request["answer"]["by"]),
        word(&request["answer"]["org"]),
        cited.len(),
        word(&confirmed["state"]),
    ));
    Ok(json!({ "state": confirmed["state"], "hops": hops }))
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Nodes that the request came to, one after the other, up to its reader.
fn hops(request: &Value) -> usize {
    let stages: Vec<&str> = request["receipts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| word(&step["stage"]))
        .collect();
    let arrived = stages.iter().position(|stage| *stage == "arrived").unwrap_or(stages.len());
    stages[..arrived].iter().filter(|stage| **stage == "carried").count() + 1
}

/// The node between holds the parcels, and shows nobody there the request;
/// and the asker knows no other node.
async fn carried_unread(between: &Actor, asker: &Actor, id: &str) -> Result<(), OpError> {
    let status = run(&between.node, Op::Status {}).await?;
    if status["parcels"].as_u64().unwrap_or(0) == 0 {
        return Err(failed("the node between carries nothing"));
    }
    match run(&between.node, Op::RequestShow { id: id.to_owned() }).await {
        Err(refused) if refused.code == ErrorCode::NotFound => {}
        other => return Err(failed(format!("the node between shows the request: {other:?}"))),
    }
    let peers = run(&asker.node, Op::Status {}).await?;
    let others = peers["peers"].as_array().into_iter().flatten();
    let stranger = others.filter(|peer| peer["connected"] == true && peer["org"] != between.name);
    match stranger.count() {
        0 => Ok(()),
        _ => Err(failed("the asker is connected with more than the node between")),
    }
}

/// Asks a node until the answer fits.
async fn until(
    actors: &[Actor],
    of: &Actor,
    op: impl Fn() -> Op,
    fits: impl Fn(&Value) -> bool,
) -> Result<Value, OpError> {
    let mut events: Vec<_> = actors.iter().map(|actor| actor.node.handle().events()).collect();
    let found = async {
        loop {
            match run(&of.node, op()).await {
                Ok(answer) if fits(&answer) => return Ok(answer),
                Err(refused) if refused.code != ErrorCode::NotFound => return Err(refused),
                _ => {}
            }
            let next = select_all(events.iter_mut().map(|events| Box::pin(events.recv())));
            // Whatever happened, or did not for a while: look again.
            let _ = tokio::time::timeout(LOOK_AGAIN, next).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| Err(failed("the request did not go on within two minutes")))
}
