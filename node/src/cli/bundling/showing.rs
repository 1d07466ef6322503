//! Showing a bundle: what it says of itself, for which no node is needed, and what
//! of it would be new to the node that is here.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tern_crdt::audience::Audience;
use tern_crdt::authority::{Genesis, Grant, Role};
use tern_crdt::identity::{DraftId, FederationId, OrgId, PublicKey};
use tern_crdt::segment::Segment;
use tern_crdt::signed::Record;
use tern_protocol::bundle::{Header, Part, Read};
use tern_protocol::limits::BUNDLE_VOLUMES_MAX;
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::Progress;
use super::preview::{self, Preview};
use crate::bundle::{Source, open};
use crate::cli::Run;
use crate::cli::answers::{bytes, count};
use crate::cli::table::facts;
use crate::identity::Identity;
use crate::moment::rfc3339;
use crate::node::Audience as _;
use crate::ops::{ErrorCode, OpError};

/// What stands in a bundle.
#[derive(Default)]
struct Found {
    authority: u64,
    records: u64,
    editions: u64,
    parcels: u64,
    /// Drafts of which something is in it, and how many changes.
    drafts: BTreeSet<DraftId>,
    changes: u64,
    /// Whose the node that wrote it is, by what is signed in it.
    org: Option<OrgId>,
    names: Vec<(OrgId, String)>,
    knocks: bool,
    /// Frames that are encrypted.
    sealed: u64,
}

impl Found {
    fn add(&mut self, set: u8, piece: &Piece, federation: FederationId, writer: PublicKey) {
        match piece {
            Piece::Record(bytes) if set == SetId::Authority as u8 => {
                self.authority += 1;
                self.read(bytes, federation, writer);
            }
            Piece::Record(bytes) if set == SetId::Drafts as u8 => {
                let audience =
                    Record::from_bytes(bytes).and_then(|record| record.peek::<Audience>());
                self.drafts.extend(audience.map(|audience| audience.draft));
            }
            Piece::Draft { statements, changes } => {
                let signed = statements.first().and_then(|bytes| Record::from_bytes(bytes).ok());
                let segment = signed.and_then(|record| record.peek::<Segment>().ok());
                self.drafts.extend(segment.map(|segment| segment.document.cast()));
                self.changes += changes.len() as u64;
            }
            Piece::Brief { draft, changes, .. } => {
                self.drafts.extend(*draft);
                self.changes += changes.len() as u64;
            }
            Piece::Record(_) => self.records += 1,
            Piece::Edition { .. } => self.editions += 1,
            Piece::Parcel { .. } | Piece::Ended { .. } => self.parcels += 1,
        }
    }

    /// Looks in a record for who the writer is.
    fn read(&mut self, bytes: &[u8], federation: FederationId, writer: PublicKey) {
        let verified = Record::from_bytes(bytes).and_then(|record| record.verify(federation));
        let Ok(verified) = verified else { return };
        let record = verified.record();
        if let Ok(genesis) = record.peek::<Genesis>() {
            self.names.push((record.id().cast(), genesis.profile.name(&[]).to_owned()));
        } else if let Ok(grant) = record.peek::<Grant>()
            && grant.certificate.key == writer
            && grant.certificate.roles.has(Role::Node)
        {
            self.org = Some(grant.org);
        }
    }

    fn name(&self) -> Option<&str> {
        let of_writer = self.names.iter().find(|(org, _)| Some(*org) == self.org);
        of_writer.map(|(_, name)| name.as_str())
    }
}

impl Run<'_> {
    /// Tells what a bundle is and holds, and what of it would be new here, if a
    /// node is here.
    pub(in crate::cli) async fn bundle_show(&self, path: &Path) -> Result<(), OpError> {
        let (file, length) = open(path)?;
        let mut source = Source::new(file);
        let header = source.begin().map_err(|ended| {
            OpError::new(ErrorCode::Invalid, format!("{} cannot be read: {ended}", path.display()))
        })?;
        let mut preview = self.preview(&header).await;
        if let Some(preview) = &mut preview
            && let Some(key) = preview.frames(source.signed()).await
        {
            source.unlock(&key);
        }
        let mut found = Found::default();
        let mut progress = Progress::new(&self.console, "read", length);
        let ended = loop {
            match source.read_on() {
                Ok(Read::Pieces(set, pieces)) => {
                    let federation = header.federation;
                    pieces.iter().for_each(|p| found.add(set, p, federation, header.node));
                    if let Some(preview) = &mut preview {
                        preview.add(&pieces).await;
                    }
                }
                Ok(Read::Part(Part::Knock(join))) => {
                    found.knocks = true;
                    let records = join.records.iter();
                    records.for_each(|r| found.read(r, header.federation, header.node));
                }
                Ok(Read::Whole(end)) => break Ok(end.counts),
                Ok(Read::Sealed) => found.sealed += 1,
                Ok(_) => {}
                Err(ended) => break Err(ended.to_string()),
            }
            progress.at(source.bytes());
        };
        let new = match preview {
            Some(preview) => preview.end().await.map_err(|trouble| self.untold(&trouble)).ok(),
            None => None,
        };
        let mut outcome = json!({
            "file": path, "writer": header.node.node().to_string(),
            "federation": header.federation.to_string(), "counter": header.counter,
            "written_at": rfc3339(header.written_at), "bytes": length,
            "authority": found.authority, "records": found.records,
            "editions": found.editions, "parcels": found.parcels,
            "drafts": found.drafts.len(), "changes": found.changes,
            "knocks": found.knocks, "whole": ended.is_ok(),
        });
        if let Some(new) = new.filter(|_| found.sealed == 0) {
            outcome["new"] = new;
        }
        if let Some(to) = &header.reader {
            outcome["for"] = json!(to.node.node().to_string());
            outcome["sealed"] = json!(found.sealed > 0);
        }
        if let Some(name) = found.name() {
            outcome["org"] = json!(name);
        }
        match ended {
            Ok(counts) => {
                outcome["objects"] = json!(counts.objects);
                outcome["left_out"] = json!(counts.left_out);
                if let Some(volume) = header.volume {
                    let beside = volumes_beside(path, &header, counts.volumes);
                    outcome["volume"] = json!(volume);
                    outcome["volumes"] = json!(counts.volumes);
                    outcome["missing"] = json!(beside);
                }
            }
            Err(why) => outcome["reason"] = json!(why),
        }
        self.console.answer_with(&outcome, || told(&outcome));
        Ok(())
    }

    /// Asks the node that is here, if it is of the same federation.
    async fn preview(&self, header: &Header) -> Option<Preview> {
        let identity = Identity::load(&self.folder().ok()?).ok()??;
        if identity.federation != header.federation {
            return None;
        }
        self.session().await.map(Preview::begin).map_err(|trouble| self.untold(&trouble)).ok()
    }

    fn untold(&self, trouble: &OpError) {
        self.console.say(&format!("What would be new here is not known: {}", trouble.message));
    }
}

/// The volumes that do not stand beside this one.
fn volumes_beside(path: &Path, header: &Header, volumes: u16) -> Vec<u16> {
    let is_there = |volume: u16| {
        let file = open(&path.with_extension(volume.to_string())).ok();
        let begun = file.and_then(|(file, _)| Source::new(file).begin().ok());
        begun.is_some_and(|other| {
            (other.node, other.counter, other.volume) == (header.node, header.counter, Some(volume))
        })
    };
    let others = (1..=volumes.min(BUNDLE_VOLUMES_MAX)).filter(|v| Some(*v) != header.volume);
    others.filter(|volume| !is_there(*volume)).collect()
}

fn told(outcome: &Value) -> String {
    let number = |member: &str| outcome[member].as_u64().unwrap_or(0);
    let word = |member: &str| outcome[member].as_str().unwrap_or_default().to_owned();
    let knocks = if outcome["knocks"] == true { ", and its request to join" } else { "" };
    let drafts = match number("drafts") {
        0 => String::new(),
        drafts => format!(
            "{} with {}, ",
            count(drafts, "draft", "drafts"),
            count(number("changes"), "change", "changes")
        ),
    };
    let holds = format!(
        "{drafts}{}, {}, {}, {} on who may do what{knocks}",
        count(number("editions"), "edition", "editions"),
        count(number("records"), "card", "cards"),
        count(number("parcels"), "parcel", "parcels"),
        count(number("authority"), "record", "records"),
    );
    let holds =
        if outcome["sealed"] == true { "what only its reader can read".into() } else { holds };
    let volume = match outcome["volume"].as_u64() {
        None => String::new(),
        Some(volume) => {
            let missing: Vec<String> =
                outcome["missing"].as_array().into_iter().flatten().map(Value::to_string).collect();
            let beside = match missing.as_slice() {
                [] => "all are here".to_owned(),
                some => format!("not here: {}", some.join(", ")),
            };
            format!("{volume} of {}; {beside}", number("volumes"))
        }
    };
    let whole = match (outcome["whole"] == true, number("left_out")) {
        (true, 0) => "yes, everything that its writer held".into(),
        (true, left_out) => {
            format!("yes, but for {} left out", count(left_out, "object", "objects"))
        }
        _ => format!("no: {}", word("reason")),
    };
    let facts = facts(&[
        ("Organisation", word("org")),
        ("Node", word("writer")),
        ("Federation", word("federation")),
        ("Written", word("written_at")),
        ("For", word("for")),
        ("Volume", volume),
        ("Size", bytes(&outcome["bytes"])),
        ("Holds", holds),
        ("Whole", whole),
        ("New here", preview::told(&outcome["new"])),
    ]);
    facts + &preview::titles(&outcome["new"])
}
