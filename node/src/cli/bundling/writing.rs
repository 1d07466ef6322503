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
use tern_crdt::identity::NodeId;
use tern_protocol::bundle::{Frontier, Header, Part, Read, element};
use tern_protocol::limits::BUNDLE_VOLUMES_MAX;
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::room::{END_BYTES, Room, held_by};
use super::volume::Volume;
use super::{LONG_OBJECTS, digits, strange, text};
use crate::bundle::{Ended, Source, open, stick};
use crate::cli::answers::{bytes, count};
use crate::cli::session::Session;
use crate::hex;
use crate::node::Audience;
use crate::ops::{BUNDLE_OBJECTS_MAX, EndCounts, ErrorCode, Op, OpError};

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

/// What is to be written.
pub(in crate::cli) struct Wanted {
    /// Where to: a file, or a stick.
    pub(in crate::cli) path: PathBuf,
    /// For whom alone, as people call them.
    pub(in crate::cli) reader: Option<String>,
    pub(in crate::cli) bytes_max: Option<u64>,
    /// Whether what has no room in one file goes into further ones.
    pub(in crate::cli) volumes: bool,
}

/// A header, and what the node said with it.
struct Begun {
    header: Header,
    signed: Vec<u8>,
    frames: Option<[u8; 32]>,
    knock: Option<Part>,
    reader: Option<String>,
}

impl Begun {
    fn read(answer: &Value) -> Result<Self, OpError> {
        let signed = digits(answer, "header")?;
        let frames = answer["frames"].as_str().map(|_| digits(answer, "frames")).transpose()?;
        let knock = answer["knock"].as_str().map(|_| read_part(answer, "knock")).transpose()?;
        Ok(Self {
            header: Header::read(&signed).map_err(|_| strange("header"))?,
            signed,
            frames: frames.map(|key| key.try_into().map_err(|_| strange("frames"))).transpose()?,
            knock,
            reader: answer["reader"].as_str().map(str::to_owned),
        })
    }
}

/// What is written, volume by volume.
struct Writing {
    wanted: Wanted,
    on_stick: bool,
    /// Of the reader alone.
    reader: Option<NodeId>,
    /// Ended last.
    volumes: Vec<Volume>,
    /// Who may say what: it begins every volume, unless it takes too much of it.
    authority: Vec<Vec<Piece>>,
    authority_bytes: u64,
    left_out: u64,
    damaged: Vec<Value>,
    /// Of the first volume.
    own: Header,
}

impl Writing {
    fn place(&self, node: &NodeId) -> Result<PathBuf, OpError> {
        let path = &self.wanted.path;
        if self.on_stick {
            stick::place(path, node, self.reader.as_ref())
        } else if self.wanted.volumes {
            Ok(path.with_added_extension((self.volumes.len() + 1).to_string()))
        } else {
            Ok(path.clone())
        }
    }

    /// Where the pieces of a further volume have to end.
    fn end_of_pieces(&self) -> Option<u64> {
        self.wanted.bytes_max.map(|most| most.saturating_sub(END_BYTES))
    }

    fn current(&mut self) -> Result<&mut Volume, OpError> {
        self.volumes.last_mut().ok_or_else(|| strange("volume"))
    }
}

impl Session {
    /// Writes what is held into a file or files, or into this node's file on a
    /// stick.
    pub(in crate::cli) async fn bundle_write(
        mut self,
        wanted: Wanted,
    ) -> Result<ExitCode, OpError> {
        let written = self.write_to(wanted).await;
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

    async fn write_to(&mut self, wanted: Wanted) -> Result<Value, OpError> {
        let on_stick = wanted.path.is_dir();
        if on_stick && wanted.volumes {
            let what = "a stick has one file for each writer: name a file to write volumes";
            return Err(OpError::new(ErrorCode::Invalid, what).in_field("volumes"));
        }
        self.spares_what_is_later(&wanted.path, on_stick).await?;
        let volume = wanted.volumes.then_some(1);
        let op = Op::BundleBegin { reader: wanted.reader.clone(), volume };
        let begun = Begun::read(&self.ask(op).await?)?;
        let header = begun.header.clone();
        let reader = header.reader.as_ref().map(|to| to.node.node());
        let mut writing = Writing {
            on_stick,
            reader,
            volumes: Vec::new(),
            authority: Vec::new(),
            authority_bytes: 0,
            left_out: 0,
            damaged: Vec::new(),
            own: header.clone(),
            wanted,
        };
        let mut objects = self.list(reader).await?;
        if let Some(reader) = reader.filter(|_| on_stick) {
            let held = held_by(&stick::of(&writing.wanted.path, &reader), &header, &objects);
            let mut at = 0..;
            objects.retain(|_| at.next().is_some_and(|at| !held.contains(&at)));
        }
        let last = match writing.wanted.bytes_max {
            Some(_) if on_stick && reader.is_none() => {
                self.known_to_all(&writing.wanted.path, &header, &objects).await?
            }
            _ => BTreeSet::new(),
        };
        self.open_volume(&mut writing, &begun)?;
        if let Some(knock) = &begun.knock {
            writing.current()?.part(knock)?;
        }
        let mut frontier = Frontier::default();
        let mut held = Vec::new();
        let mut is_told = true;
        if reader.is_some() {
            held = self.tell(&mut writing, &begun.signed).await?;
        } else {
            for object in &objects {
                frontier.add(object.set, element(&header.key, &object.id, &object.state));
            }
            frontier.finish();
            held.extend(frontier.counts());
            let room = writing.wanted.bytes_max.map(|most| Room::of(most, objects.len()));
            if let Some(room) = &room {
                writing.current()?.end_of_pieces = Some(room.pieces);
            }
            is_told = room.is_none_or(|room| room.frontier);
        }
        let turns = (0..objects.len()).filter(|at| !last.contains(at)).chain(last.iter().copied());
        let turns: Vec<&Object> = turns.map(|at| &objects[at]).collect();
        self.write_pieces(&turns, &mut writing).await?;
        if is_told && let Some(first) = writing.volumes.first_mut() {
            for part in frontier.parts() {
                first.part(&part)?;
            }
        }
        let all: u64 = held.iter().map(|(_, count)| count).sum();
        let known = all.saturating_sub(objects.len() as u64);
        let mut outcome = self.finish(writing, held, known).await?;
        outcome["knocks"] = json!(begun.knock.is_some());
        outcome["node"] = json!(header.node.node().to_string());
        outcome["counter"] = json!(header.counter);
        if let Some(reader) = begun.reader {
            outcome["for"] = json!(reader);
        }
        Ok(outcome)
    }

    /// Begins a file behind those that are there.
    fn open_volume(&self, writing: &mut Writing, begun: &Begun) -> Result<(), OpError> {
        let place = writing.place(&begun.header.node.node())?;
        if !writing.on_stick {
            may_be_replaced(&place, &begun.header)?;
        }
        let Begun { header, signed, frames, .. } = begun;
        let mut volume = Volume::begin(place, header, signed, frames.as_ref())?;
        volume.end_of_pieces = writing.end_of_pieces();
        writing.volumes.push(volume);
        Ok(())
    }

    /// Writes what the reader is told of what is held here; how much that is.
    async fn tell(
        &mut self,
        writing: &mut Writing,
        signed: &[u8],
    ) -> Result<Vec<(u8, u64)>, OpError> {
        let (mut parts, mut size) = (Vec::new(), 0);
        loop {
            let part = u16::try_from(parts.len()).map_err(|_| strange("told"))?;
            let op = Op::BundleTell { header: hex::encode(signed), part };
            let answer = self.ask(op).await?;
            let told = read_part(&answer, "told")?;
            size += told.to_bytes().len() as u64;
            parts.push(told);
            if answer["more"] == true {
                continue;
            }
            // It helps this node next time, but not at the cost of what is read now.
            if writing.wanted.bytes_max.is_none_or(|most| size <= most / 4) {
                for part in &parts {
                    writing.current()?.part(part)?;
                }
            }
            return serde_json::from_value(answer["held"].clone()).map_err(|_| strange("held"));
        }
    }

    /// Ends all files and moves them to their places.
    async fn finish(
        &mut self,
        writing: Writing,
        held: Vec<(u8, u64)>,
        known: u64,
    ) -> Result<Value, OpError> {
        let Writing { wanted, on_stick, volumes, left_out, damaged, own, .. } = writing;
        let many = if wanted.volumes { volumes.len() } else { 0 };
        let (mut files, mut bytes) = (Vec::new(), 0);
        let (mut objects, mut content, mut packed) = (0, 0, 0);
        for mut volume in volumes {
            let counts = EndCounts {
                objects: volume.objects,
                left_out,
                held: held.clone(),
                known,
                volumes: u16::try_from(many).unwrap_or(u16::MAX),
            };
            let op = Op::BundleEnd { chain: hex::encode(&volume.chain()?), counts };
            let end = read_part(&self.ask(op).await?, "end")?;
            objects += volume.objects;
            content += volume.content;
            packed += volume.packed;
            files.push(volume.place.clone());
            bytes += volume.finish(&end)?;
        }
        if wanted.volumes {
            clear_behind(&wanted.path, files.len(), &own)?;
        }
        Ok(json!({
            "files": files, "stick": on_stick, "bytes": bytes, "objects": objects,
            "content_bytes": content, "packed_bytes": packed, "left_out": left_out, "known": known, "damaged": damaged,
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

    /// Everything that is held, in the order of a bundle; for one reader, what it
    /// did not say that it holds.
    async fn list(&mut self, reader: Option<NodeId>) -> Result<Vec<Object>, OpError> {
        let (mut objects, mut after) = (Vec::new(), None);
        loop {
            let reader = reader.map(|reader| reader.to_string());
            let page = self.ask(Op::BundleList { after, reader }).await?;
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
        writing: &mut Writing,
    ) -> Result<(), OpError> {
        let console = self.console.clone();
        let all = objects.len() as u64;
        let (mut at, mut full) = (0, false);
        while at < objects.len() && !full {
            let batch = &objects[at..objects.len().min(at + BUNDLE_OBJECTS_MAX)];
            let named = |o: &&Object| hex::encode(&[o.set as u8]) + &hex::encode(&o.id);
            let reader = writing.reader.map(|reader| reader.to_string());
            let op = Op::BundlePieces { objects: batch.iter().map(named).collect(), reader };
            let answer = self.ask(op).await?;
            let listed = answer["pieces"].as_array().ok_or_else(|| strange("pieces"))?;
            if listed.is_empty() {
                return Err(strange("pieces"));
            }
            writing.damaged.extend(answer["damaged"].as_array().into_iter().flatten().cloned());
            for (object, pieces) in batch.iter().zip(listed) {
                at += 1;
                let pieces = read_pieces(pieces)?;
                if !pieces.is_empty() && (full || !self.put(writing, object.set, pieces).await?) {
                    writing.left_out += 1;
                    // What builds on it would be refused; the rest is smaller perhaps.
                    full |= object.set == SetId::Authority
                        || (!writing.wanted.volumes && writing.current()?.is_full());
                }
            }
            if all > LONG_OBJECTS {
                console.progress(&format!("wrote {at} of {all} objects"), at as u64 == all);
            }
        }
        writing.left_out += (objects.len() - at) as u64;
        Ok(())
    }

    /// Writes an object into the volume that is open, or into a further one if it
    /// may be; whether there was room.
    async fn put(
        &mut self,
        writing: &mut Writing,
        set: SetId,
        pieces: Vec<Piece>,
    ) -> Result<bool, OpError> {
        let begins = writing.wanted.volumes && set == SetId::Authority;
        let again = begins.then(|| pieces.clone());
        let mut has_room = writing.current()?.put(set, pieces.clone())?;
        let may_go_on = writing.wanted.volumes
            && writing.current()?.objects > 0
            && writing.volumes.len() < usize::from(BUNDLE_VOLUMES_MAX);
        if !has_room && may_go_on {
            let volume = u16::try_from(writing.volumes.len() + 1).ok();
            let op = Op::BundleBegin { reader: writing.wanted.reader.clone(), volume };
            let begun = Begun::read(&self.ask(op).await?)?;
            self.open_volume(writing, &begun)?;
            // Each is to be read alone: what its pieces are judged by begins it.
            let room = writing.wanted.bytes_max.unwrap_or(u64::MAX);
            if set != SetId::Authority && writing.authority_bytes <= room / 4 {
                let authority = writing.authority.clone();
                for pieces in authority {
                    writing.current()?.repeat(SetId::Authority, pieces)?;
                }
            }
            has_room = writing.current()?.put(set, pieces)?;
        }
        if let Some(pieces) = again.filter(|_| has_room) {
            let bytes: usize = pieces.iter().map(Piece::content_bytes).sum();
            writing.authority_bytes += bytes as u64;
            writing.authority.push(pieces);
        }
        Ok(has_room)
    }
}

fn read_part(answer: &Value, member: &str) -> Result<Part, OpError> {
    let part = Part::from_bytes(&digits(answer, member)?);
    part.ok().flatten().ok_or_else(|| strange(member))
}

fn read_pieces(pieces: &Value) -> Result<Vec<Piece>, OpError> {
    let pieces = pieces.as_array().ok_or_else(|| strange("pieces"))?;
    let piece = |piece: &Value| Piece::from_bytes(&hex::decode_all(piece.as_str()?)?);
    pieces.iter().map(piece).collect::<Option<_>>().ok_or_else(|| strange("pieces"))
}

/// Removes volumes of an earlier bundle of this node that stand behind the last
/// one: they would be taken for missing ones of this.
fn clear_behind(path: &Path, last: usize, own: &Header) -> Result<(), OpError> {
    for number in last + 1..=usize::from(BUNDLE_VOLUMES_MAX) {
        let place = path.with_added_extension(number.to_string());
        if !place.is_file() || may_be_replaced(&place, own).is_err() {
            break;
        }
        std::fs::remove_file(&place).map_err(|cause| {
            let what = format!("cannot remove {}: {cause}", place.display());
            OpError::new(ErrorCode::Failed, what)
        })?;
    }
    Ok(())
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
    let files = outcome["files"].as_array().map_or(&[][..], Vec::as_slice);
    let name = |file: Option<&Value>| file.and_then(Value::as_str).unwrap_or_default().to_owned();
    let file = match files {
        [first, .., last] => {
            format!("{} files, {} to {},", files.len(), name(Some(first)), name(Some(last)))
        }
        _ if outcome["stick"] == true => {
            format!("this node's bundle on the stick, {}", name(files.first()))
        }
        _ => format!("the single file {}", name(files.first())),
    };
    let mut told = format!(
        "Wrote {} to {file}: {} in all.\n",
        count(number("objects"), "object", "objects"),
        bytes(&outcome["bytes"]),
    );
    if let Some(reader) = outcome["for"].as_str() {
        told += &format!("It is for {reader} alone: whoever carries it cannot read it.\n");
        if number("known") > 0 {
            let known = count(number("known"), "object", "objects");
            told += &format!("Left out {known} that {reader} said to hold.\n");
        }
    }
    if files.len() > 1 {
        told += "Each can be read by itself, in any order; with all of them everything is there.\n";
    }
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
