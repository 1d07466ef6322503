//! Writing a bundle.
//!
//! Everything that is held is written, whether others on the stick have it or
//! not: whoever comes next may have neither. Only where there is no room for
//! all, what every other writer on the stick is known to hold goes last, so
//! that the rest has its turn.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tern_protocol::bundle::{Frontier, Header, Read, element};
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::room::Room;
use super::volume::Volume;
use super::{digits, strange, text};
use crate::bundle::{Ended, Source, open, stick};
use crate::cli::answers::{bytes, count};
use crate::cli::session::Session;
use crate::hex;
use crate::node::Audience;
use crate::ops::{BUNDLE_OBJECTS_MAX, ErrorCode, Op, OpError};

/// An object to be written.
pub(super) struct Object {
    pub(super) set: SetId,
    pub(super) id: [u8; 32],
    pub(super) state: [u8; 32],
}

impl Object {
    fn read(bytes: &[u8; 65]) -> Option<Self> {
        let (set, rest) = bytes.split_first()?;
        let (id, state) = rest.split_first_chunk::<32>()?;
        Some(Self { set: SetId::from_number(*set)?, id: *id, state: state.try_into().ok()? })
    }
}

/// What was written.
#[derive(Default)]
struct Written {
    left_out: u64,
    damaged: Vec<Value>,
}

impl Session {
    /// Writes everything that is held into a file, or into this node's file on
    /// a stick.
    pub(in crate::cli) async fn bundle_write(
        mut self,
        path: PathBuf,
        bytes_max: Option<u64>,
    ) -> Result<ExitCode, OpError> {
        let written = self.write_to(&path, bytes_max).await;
        let console = self.console.clone();
        self.close().await;
        let outcome = written?;
        for damaged in outcome["damaged"].as_array().into_iter().flatten() {
            let (id, why) = (text(damaged, "id")?, text(damaged, "reason")?);
            console.say(&format!(
                "Left out, for it cannot be read here: {id}: {why}. Run `tern check`."
            ));
        }
        console.answer_with(&outcome, || told(&outcome));
        Ok(ExitCode::SUCCESS)
    }

    async fn write_to(&mut self, path: &Path, bytes_max: Option<u64>) -> Result<Value, OpError> {
        let on_stick = path.is_dir();
        self.spares_what_is_later(path, on_stick).await?;
        let begun = self.ask(Op::BundleBegin {}).await?;
        let signed = digits(&begun, "header")?;
        let header = Header::read(&signed).map_err(|_| strange("header"))?;
        let place = if on_stick {
            stick::place(path, &header.node.node())?
        } else {
            may_be_replaced(path, &header)?;
            path.to_owned()
        };
        let objects = self.list().await?;
        let last = match bytes_max {
            Some(_) if on_stick => self.known_to_all(path, &header, &objects).await?,
            _ => BTreeSet::new(),
        };
        let mut volume = Volume::begin(&place, &header, &signed)?;
        let knock = begun["knock"].as_str().map(|_| digits(&begun, "knock")).transpose()?;
        if let Some(knock) = &knock {
            volume.frame(knock)?;
        }
        let mut frontier = Frontier::default();
        for object in &objects {
            frontier.add(object.set, element(&header.key, &object.id, &object.state));
        }
        frontier.finish();
        let room = bytes_max.map(|most| Room::of(most, objects.len())).transpose()?;
        let turns = (0..objects.len()).filter(|at| !last.contains(at)).chain(last.iter().copied());
        let turns: Vec<&Object> = turns.map(|at| &objects[at]).collect();
        volume.end_of_pieces = room.as_ref().map(|room| room.pieces);
        let written = self.write_pieces(&turns, &mut volume).await?;
        if room.is_none_or(|room| room.frontier) {
            for part in frontier.parts() {
                volume.frame(&part.to_bytes())?;
            }
        }
        let (objects, content) = (volume.objects, volume.content);
        let end = Op::BundleEnd {
            chain: hex::encode(&volume.chain()?),
            objects,
            left_out: written.left_out,
            held: frontier.counts(),
        };
        let end = digits(&self.ask(end).await?, "end")?;
        let bytes = volume.finish(&end)?;
        Ok(json!({
            "files": [place], "stick": on_stick, "bytes": bytes, "objects": objects,
            "content_bytes": content, "left_out": written.left_out,
            "knocks": knock.is_some(), "damaged": written.damaged,
            "node": header.node.node().to_string(), "counter": header.counter,
        }))
    }

    /// Refuses to write over a bundle of this node that is from a later state of
    /// it than this: what is in it may be nowhere else.
    async fn spares_what_is_later(&mut self, path: &Path, on_stick: bool) -> Result<(), OpError> {
        let files = if on_stick {
            // None is there yet, or writing will tell what is wrong.
            stick::bundles(path).map_or_else(|_| Vec::new(), |(files, _)| files)
        } else {
            vec![path.to_owned()]
        };
        for file in files {
            // What cannot be read is no bundle of this node, or a damaged one.
            let Ok((opened, _)) = open(&file) else { continue };
            let mut source = Source::new(opened);
            if source.begin().is_err() {
                continue;
            }
            let op = Op::BundleOpen { header: hex::encode(source.signed()) };
            if self.ask(op).await.is_ok_and(|opened| opened["later"] == true) {
                let what = format!(
                    "{} is of a later state of this node, which was put back since, or of a copy of it: read it with `tern bundle read` first, or remove it if it cannot be read",
                    file.display()
                );
                return Err(OpError::new(ErrorCode::Conflict, what));
            }
        }
        Ok(())
    }

    /// Everything that is held, in the order of a bundle.
    async fn list(&mut self) -> Result<Vec<Object>, OpError> {
        let (mut objects, mut after) = (Vec::new(), None);
        loop {
            let page = self.ask(Op::BundleList { after }).await?;
            let bytes = digits(&page, "objects")?;
            let (listed, _) = bytes.as_chunks::<65>();
            objects.extend(listed.iter().filter_map(Object::read));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                return Ok(objects);
            }
        }
    }

    /// Writes the pieces of objects, those for which there is room.
    async fn write_pieces(
        &mut self,
        objects: &[&Object],
        volume: &mut Volume,
    ) -> Result<Written, OpError> {
        let mut written = Written::default();
        let console = self.console.clone();
        let all = objects.len() as u64;
        let (mut at, mut full) = (0, false);
        while at < objects.len() && !full {
            let batch = &objects[at..objects.len().min(at + BUNDLE_OBJECTS_MAX)];
            let named = |o: &&Object| hex::encode(&[o.set as u8]) + &hex::encode(&o.id);
            let op = Op::BundlePieces { objects: batch.iter().map(named).collect() };
            let answer = self.ask(op).await?;
            let listed = answer["pieces"].as_array().ok_or_else(|| strange("pieces"))?;
            if listed.is_empty() {
                return Err(strange("pieces"));
            }
            written.damaged.extend(answer["damaged"].as_array().into_iter().flatten().cloned());
            for (object, pieces) in batch.iter().zip(listed) {
                at += 1;
                let pieces = read_pieces(pieces)?;
                if !pieces.is_empty() && (full || !volume.put(object.set, pieces)?) {
                    written.left_out += 1;
                    // What builds on it would be refused; the rest is smaller perhaps.
                    full |= object.set == SetId::Authority || volume.is_full();
                }
            }
            if all > 10_000 {
                console.progress(&format!("wrote {at} of {all} objects"), at as u64 == all);
            }
        }
        written.left_out += (objects.len() - at) as u64;
        Ok(written)
    }
}

fn read_pieces(pieces: &Value) -> Result<Vec<Piece>, OpError> {
    let pieces = pieces.as_array().ok_or_else(|| strange("pieces"))?;
    let piece = |piece: &Value| Piece::from_bytes(&hex::decode_all(piece.as_str()?)?);
    pieces.iter().map(piece).collect::<Option<_>>().ok_or_else(|| strange("pieces"))
}

/// Refuses to write over what is not this node's own bundle.
fn may_be_replaced(path: &Path, own: &Header) -> Result<(), OpError> {
    let conflict = |what: &str| {
        let what = format!("{} {what}: it is left as it is; name another file", path.display());
        Err(OpError::new(ErrorCode::Conflict, what))
    };
    if !path.exists() {
        return Ok(());
    }
    let (file, length) = open(path)?;
    if length == 0 {
        return Ok(());
    }
    let mut source = Source::new(file);
    loop {
        match source.read_on() {
            Ok(Read::Header(header)) if header.node == own.node => return Ok(()),
            Ok(Read::Header(_)) => return conflict("is the bundle of another node"),
            Ok(Read::Begun) => {}
            Ok(_) | Err(Ended::Broken(_) | Ended::Cut) => {
                return conflict("is no bundle of this node");
            }
            Err(Ended::System(cause)) => {
                let what = format!("cannot read {}: {cause}", path.display());
                return Err(OpError::new(ErrorCode::Failed, what));
            }
        }
    }
}

fn told(outcome: &Value) -> String {
    let number = |member: &str| outcome[member].as_u64().unwrap_or(0);
    let file = outcome["files"][0].as_str().unwrap_or_default();
    let mut told = format!(
        "Wrote {} to {} {file}: {} in all.\n",
        count(number("objects"), "object", "objects"),
        if outcome["stick"] == true {
            "this node's bundle on the stick,"
        } else {
            "the single file"
        },
        bytes(&outcome["bytes"]),
    );
    if number("left_out") > 0 {
        let left_out = count(number("left_out"), "object", "objects");
        told += &format!(
            "{left_out} had no room. Once others have written back to the same stick, the rest goes first.\n"
        );
    }
    if outcome["knocks"] == true {
        told += "This node is no member yet: its request to join is in the bundle. Take it to the organisation that invited you, and read what it writes back.\n";
    }
    told
}
