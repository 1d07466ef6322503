//! Writing a bundle.
//!
//! What is for all holds everything, whether others on the stick have it or not:
//! whoever comes next may have neither. What is for one node leaves out what that
//! node said that it holds. Only where there is no room for
//! all, what every other writer on the stick is known to hold goes last, so
//! that the rest has its turn, or what is left goes into further files.
//!
//! Drafts are listed by the node for one reader alone, and written into what is
//! encrypted to it.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};
use tern_protocol::bundle::{Frontier, element};
use tern_protocol::limits::BUNDLE_VOLUMES_MAX;
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::room::{Room, held_by};
use super::sparing::{clear_behind, may_be_replaced};
use super::telling;
use super::volume::Volume;
use super::wanted::{Begun, Object, Wanted, Writing};
use super::{LONG_OBJECTS, digits, read_part, strange, text};
use crate::bundle::stick;
use crate::cli::session::Session;
use crate::hex;
use crate::node::Audience;
use crate::ops::{BUNDLE_OBJECTS_MAX, BundleReader, EndCounts, ErrorCode, Op, OpError};

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
        console.answer_with(&outcome, || telling::written(&outcome));
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
        let for_node = begun.for_node();
        if reader.is_some() != for_node.is_some() {
            return Err(strange("org"));
        }
        let mut writing = Writing {
            on_stick,
            reader,
            for_node: for_node.clone(),
            volumes: Vec::new(),
            authority: Vec::new(),
            authority_bytes: 0,
            left_out: 0,
            unfit: 0,
            damaged: Vec::new(),
            own: header.clone(),
            wanted,
        };
        self.open_volume(&mut writing, &begun)?;
        if let Some(knock) = &begun.knock {
            writing.current()?.part(knock)?;
        }
        // First: what comes in from now on may be in the bundle, and is not told,
        // so that nothing is taken for held that was not written.
        let mut held = match reader {
            Some(_) => self.tell(&mut writing, &begun.signed).await?,
            None => Vec::new(),
        };
        let mut objects = self.list(for_node).await?;
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
        let all_of_it = objects.len() as u64;
        if let Some(collection) = writing.wanted.collection.clone() {
            self.only_of(collection, &mut objects).await?;
            writing.left_out += all_of_it - objects.len() as u64;
        }
        let mut frontier = Frontier::default();
        // What a collection leaves out is not told as held: its reader asks for no more.
        let mut is_told = writing.wanted.collection.is_none();
        if reader.is_none() {
            for object in &objects {
                frontier.add(object.set, element(&header.key, &object.id, &object.state));
            }
            frontier.finish();
            held.extend(frontier.counts());
            let room = writing.wanted.bytes_max.map(|most| Room::of(most, objects.len()));
            if let Some(room) = &room {
                writing.current()?.end_of_pieces = Some(room.pieces);
            }
            is_told &= room.is_none_or(|room| room.frontier);
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
        let for_all = objects.iter().filter(|object| object.set != SetId::Drafts).count();
        let known = all.saturating_sub(for_all as u64);
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
        let Writing { wanted, on_stick, volumes, left_out, unfit, damaged, own, .. } = writing;
        let too_large = unfit.saturating_sub(damaged.len() as u64);
        let many = if wanted.volumes { volumes.len() } else { 0 };
        let (mut files, mut bytes) = (Vec::new(), 0);
        let (mut objects, mut drafts, mut content, mut packed) = (0, 0, 0, 0);
        for mut volume in volumes {
            let counts = EndCounts {
                objects: volume.objects,
                left_out: left_out + unfit,
                held: held.clone(),
                known,
                volumes: u16::try_from(many).unwrap_or(u16::MAX),
            };
            let op = Op::BundleEnd { chain: hex::encode(&volume.chain()?), counts };
            let end = read_part(&self.ask(op).await?, "end")?;
            objects += volume.objects;
            drafts += volume.drafts;
            content += volume.content;
            packed += volume.packed;
            files.push(volume.place.clone());
            bytes += volume.finish(&end)?;
        }
        if wanted.volumes {
            clear_behind(&wanted.path, files.len(), &own)?;
        }
        Ok(json!({
            "files": files, "stick": on_stick, "bytes": bytes, "objects": objects, "drafts": drafts,
            "content_bytes": content, "packed_bytes": packed, "left_out": left_out, "known": known,
            "too_large": too_large, "damaged": damaged,
        }))
    }

    /// Everything that is held, in the order of a bundle; for one reader, what it
    /// did not say that it holds, and drafts too.
    async fn list(&mut self, reader: Option<BundleReader>) -> Result<Vec<Object>, OpError> {
        let (mut objects, mut after) = (Vec::new(), None);
        loop {
            let page = self.ask(Op::BundleList { after, reader: reader.clone() }).await?;
            let bytes = digits(&page, "objects")?;
            let (listed, _) = bytes.as_chunks::<65>();
            objects.extend(listed.iter().filter_map(Object::read));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                return Ok(objects);
            }
        }
    }

    /// Keeps of these objects what a collection needs: who may say what, its records, and
    /// its practices and resources.
    async fn only_of(&mut self, id: String, objects: &mut Vec<Object>) -> Result<(), OpError> {
        let answer = self.ask(Op::CollectionObjects { id }).await?;
        let ids = digits(&answer, "objects")?;
        let (ids, _) = ids.as_chunks::<32>();
        let ids: BTreeSet<[u8; 32]> = ids.iter().copied().collect();
        objects.retain(|object| match object.set {
            SetId::Authority => true,
            SetId::Public => ids.contains(&object.id),
            SetId::Parcels | SetId::Drafts => false,
        });
        Ok(())
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
            let reader = writing.for_node.clone();
            let op = Op::BundlePieces { objects: batch.iter().map(named).collect(), reader };
            let answer = self.ask(op).await?;
            let listed = answer["pieces"].as_array().ok_or_else(|| strange("pieces"))?;
            if listed.is_empty() {
                return Err(strange("pieces"));
            }
            writing.damaged.extend(answer["damaged"].as_array().into_iter().flatten().cloned());
            for (object, pieces) in batch.iter().zip(listed) {
                at += 1;
                let Some(pieces) = read_pieces(pieces)? else {
                    writing.unfit += 1;
                    continue;
                };
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
            && !writing.current()?.is_empty()
            && writing.volumes.len() < usize::from(BUNDLE_VOLUMES_MAX);
        if !has_room && may_go_on {
            let volume = u16::try_from(writing.volumes.len() + 1).ok();
            let op = Op::BundleBegin { reader: writing.wanted.reader.clone(), volume };
            let begun = Begun::read(&self.ask(op).await?)?;
            if begun.for_node() != writing.for_node {
                let what = "whose node it is for changed while it was written: write it again";
                return Err(OpError::new(ErrorCode::Conflict, what));
            }
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

/// The pieces of an object; `None` if it has to be left out.
fn read_pieces(pieces: &Value) -> Result<Option<Vec<Piece>>, OpError> {
    if pieces.is_null() {
        return Ok(None);
    }
    let pieces = pieces.as_array().ok_or_else(|| strange("pieces"))?;
    let piece = |piece: &Value| Piece::from_bytes(&hex::decode_all(piece.as_str()?)?);
    let pieces = pieces.iter().map(piece).collect::<Option<_>>();
    pieces.map(Some).ok_or_else(|| strange("pieces"))
}
