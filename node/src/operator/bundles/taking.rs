//! Taking in what was read from a bundle.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tern_crdt::authority::Genesis;
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Record;
use tern_protocol::bundle::{self, Header, Hearing, Part, TOLD_ELEMENTS_MAX};
use tern_protocol::gate::{GateRefused, examine};
use tern_protocol::ledger::Private;
use tern_protocol::limits::BUNDLE_VOLUMES_MAX;
use tern_protocol::message::{Join, Joined, Piece};
use tern_protocol::step::{Change, Command, Done};

use super::{COUNTER, counter, digits};
use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::operator::{Acting, invalid};
use crate::ops::{BUNDLE_PIECES_MAX, ErrorCode, OpError};
use crate::reading::org_name;
use crate::stored;

/// Under this stands the counter of the last bundle of a node of which
/// everything is here. One for this node alone says nothing about those for all
/// that came before it but what both hold, so it has a counter of its own.
fn seen_name(header: &Header) -> Vec<u8> {
    let kind: &[u8] = if header.reader.is_some() { b"/for" } else { b"" };
    [b"bundle/seen/", &header.node.as_bytes()[..], kind].concat()
}

/// Under this stand the volumes that were read of a bundle that is not complete.
fn volumes_name(header: &Header) -> Vec<u8> {
    let kind: &[u8] = if header.reader.is_some() { b"/for" } else { b"" };
    [b"bundle/volumes/", &header.node.as_bytes()[..], kind].concat()
}

/// The volumes that were read of the bundle with this counter.
#[derive(Default, minicbor::Encode, minicbor::Decode)]
struct Volumes {
    #[n(0)]
    counter: u64,
    #[n(1)]
    read: BTreeSet<u16>,
}

impl Acting<'_> {
    /// Whether a bundle is one of this federation, and needs to be read. One of
    /// this node that it does not remember writing is from a later state of it:
    /// the node was put back, or somebody runs a copy.
    pub(in crate::operator) async fn bundle_open(self, header: String) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        let look = {
            let header = header.clone();
            move |replica: &NodeReplica| {
                let to = header.reader.as_ref().map(|to| {
                    let authority = replica.library().authority();
                    let org = authority.node(&to.node).map(|org| org_name(authority, org).name);
                    org.unwrap_or_else(|| to.node.node().to_string())
                });
                Ok::<_, OpError>((counter(replica, &seen_name(&header))?, to))
            }
        };
        let (seen, to) = self.node.handle().read(look).await??;
        let me = self.node.identity().node;
        let own = header.node == me;
        let frames = self.frames_of(&header).await?;
        let _one_at_a_time = self.node.bundling().lock().await;
        let wrote = self.node.handle().read(|replica| counter(replica, COUNTER)).await??;
        let later = own && header.counter > wrote;
        if later {
            self.node.handle().command(Command::FoundLater).await?;
        }
        let for_me = header.reader.as_ref().is_none_or(|to| to.node == me);
        let locked = for_me && header.reader.is_some() && frames.is_none();
        Ok(json!({
            "own": own, "later": later, "older": header.counter < seen, "frames": frames,
            "locked": locked, "elsewhere": to.filter(|_| !for_me && frames.is_none()),
        }))
    }

    /// Remembers what the writer of a bundle for this node told that it holds.
    pub(in crate::operator) async fn bundle_heard(
        self,
        header: String,
        told: String,
        part: u16,
        last: bool,
    ) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        let told = match Part::from_bytes(&digits("told", &told)?) {
            Ok(Some(Part::Told(told))) => told,
            _ => return Err(invalid("told", "this tells nothing")),
        };
        let me = self.node.identity().node;
        if header.reader.as_ref().is_none_or(|to| to.node != me) {
            return Err(invalid("header", "this bundle is not for this node"));
        }
        let elements = told.elements.as_chunks::<8>().0.to_vec();
        if elements.len() > TOLD_ELEMENTS_MAX {
            return Err(invalid("told", "this is too much at once").over(TOLD_ELEMENTS_MAX as u64));
        }
        let look = move |replica: &NodeReplica| {
            let (counter, key) = (header.counter, header.key);
            let bundle::Told { since, have, all, .. } = told;
            let hearing = Hearing { counter, key, since, have, all, part, elements, last };
            // Of who is no member nothing is believed.
            if replica.library().authority().node(&header.node).is_none() {
                return Ok(Vec::new());
            }
            replica.library().hear(&header.node, &hearing).map_err(failed)
        };
        let private = self.node.handle().read(look).await??;
        if !private.is_empty() {
            self.node.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        }
        Ok(json!({}))
    }

    /// Takes in pieces of a bundle, each by itself. Durable when it answers.
    pub(in crate::operator) async fn bundle_take(
        self,
        header: String,
        pieces: Vec<String>,
    ) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        if pieces.len() > BUNDLE_PIECES_MAX {
            let what = format!("an operation takes at most {BUNDLE_PIECES_MAX} pieces");
            return Err(invalid("pieces", what).over(BUNDLE_PIECES_MAX as u64));
        }
        let pieces = pieces
            .iter()
            .map(|piece| {
                Piece::from_bytes(&digits("pieces", piece)?)
                    .ok_or_else(|| invalid("pieces", "one of them is no piece"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let federation = header.federation;
        let read = move || -> Vec<_> {
            pieces.iter().map(|piece| (id_of(piece), examine(piece, federation))).collect()
        };
        let examined = self.node.acceptor().run(read).await?;
        let (mut told, mut drafts) = (Told::default(), BTreeSet::new());
        let (mut good, mut places) = (Vec::new(), Vec::new());
        for (at, (id, examined)) in examined.into_iter().enumerate() {
            match examined {
                Ok(piece) => {
                    good.push(piece);
                    places.push((at, id));
                }
                Err(refused) => told.refuse(at, &id, &refused),
            }
        }
        let command = Command::TakeIn { pieces: good, writer: header.node };
        let taken = match self.node.handle().command(command).await? {
            Done::TakenIn(taken) => taken,
            other => return Err(unexpected(&other)),
        };
        for ((at, id), taken) in places.iter().zip(taken) {
            match taken {
                Ok(Change::Known) => told.known += 1,
                Ok(change) => {
                    told.new += 1;
                    drafts.extend(if let Change::Draft(id) = change { Some(id) } else { None });
                }
                Err(refused) => told.refuse(*at, id, &refused),
            }
        }
        // A command may end before anybody hears of it.
        for draft in drafts {
            if let Err(error) = self.node.note_shared(draft).await {
                tracing::warn!(error = error.for_log(), %draft, "could not note a shared draft");
            }
        }
        Ok(json!({ "new": told.new, "known": told.known, "refused": told.refused }))
    }

    /// A newcomer knocks in a bundle.
    pub(in crate::operator) async fn bundle_knock(
        self,
        header: String,
        knock: String,
    ) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        match Part::from_bytes(&digits("knock", &knock)?) {
            Ok(Some(Part::Knock(join))) => self.knock(Box::new(join), &header).await,
            _ => Err(invalid("knock", "this is no knock")),
        }
    }

    async fn knock(&self, join: Box<Join>, header: &Header) -> Result<Value, OpError> {
        let name = join.records.iter().find_map(|bytes| {
            let record = Record::from_bytes(bytes).ok()?;
            let genesis = record.peek::<Genesis>().ok()?;
            Some(genesis.profile.name(&[]).to_owned())
        });
        let invitation = join.invitation;
        let look = move |replica: &NodeReplica| replica.library().invited(&invitation);
        if self.node.handle().read(look).await?.map_err(failed)?.is_none() {
            // Whoever invited it decides; here the stick only comes by.
            return Ok(json!({ "name": name, "state": "elsewhere" }));
        }
        let command = Command::Knock { join, peer: header.node };
        let (joined, org) = match self.node.handle().command(command).await? {
            Done::Knocked(joined, org) => (joined, org),
            other => return Err(unexpected(&other)),
        };
        let (state, reason) = match joined {
            Joined::Member => ("member", None),
            Joined::Waiting(why) => ("waiting", Some(why)),
            Joined::Refused(why) => ("refused", Some(why)),
            Joined::Unknown => ("refused", None),
        };
        let org = org.map(|org| org.to_string());
        Ok(json!({ "org": org, "name": name, "state": state, "reason": reason }))
    }

    /// Bundles were read. Of those in `whole`, each with the number of its volumes,
    /// everything is here: older ones of their writers need not be read. What
    /// follows from what came is done.
    pub(in crate::operator) async fn bundle_done(
        self,
        whole: Vec<(String, u16)>,
    ) -> Result<Value, OpError> {
        let mut missing = Vec::new();
        {
            let _one_at_a_time = self.node.bundling().lock().await;
            for (header, volumes) in whole {
                let header = self.header(&header)?;
                let (lacking, private) = self.read_whole(&header, volumes).await?;
                if !private.is_empty() {
                    let command = Command::Write { pieces: Vec::new(), private };
                    self.node.handle().command(command).await?;
                }
                let (counter, writer) = (header.counter, header.node.node().to_string());
                missing.retain(|m: &Value| m["counter"] != counter || m["writer"] != writer);
                if !lacking.is_empty() {
                    missing.push(json!({
                        "writer": writer, "counter": counter, "missing": lacking, "of": volumes,
                    }));
                }
            }
        }
        self.node.attend_to_what_waits().await?;
        let waits = self.node.handle().read(NodeReplica::is_joining).await?;
        Ok(json!({ "state": if waits { "waiting" } else { "member" }, "volumes": missing }))
    }

    /// Which volumes are missing of a bundle of which this one is here, and what
    /// has to be remembered.
    async fn read_whole(
        &self,
        header: &Header,
        volumes: u16,
    ) -> Result<(Vec<u16>, Vec<Private>), OpError> {
        let (header, me) = (header.clone(), self.node.identity().node);
        let look = move |replica: &NodeReplica| {
            let mut private = Vec::new();
            if let Some(volume) = header.volume {
                // Of one that is none of so many nothing is remembered.
                if volume == 0 || volume > volumes.min(BUNDLE_VOLUMES_MAX) {
                    return Ok((Vec::new(), private));
                }
                let name = volumes_name(&header);
                let value = replica.library().local(&name).map_err(failed)?;
                let known: Option<Volumes> =
                    value.map(|v| stored::read(&v, "the volumes of a bundle")).transpose()?;
                let known = known.filter(|known| known.counter >= header.counter);
                let mut known =
                    known.unwrap_or(Volumes { counter: header.counter, read: BTreeSet::new() });
                if known.counter > header.counter {
                    return Ok((Vec::new(), private));
                }
                known.read.insert(volume);
                let all = 1..=volumes.min(BUNDLE_VOLUMES_MAX);
                let missing: Vec<u16> = all.filter(|v| !known.read.contains(v)).collect();
                private.push(Private::local(name, Some(stored::write(&known))));
                if !missing.is_empty() {
                    return Ok((missing, private));
                }
            }
            let grown = |name: Vec<u8>, to: u64| -> Result<Option<Private>, OpError> {
                let grows = to > counter(replica, &name)?;
                Ok(grows.then(|| Private::local(name, Some(stored::write(&to)))))
            };
            private.extend(grown(seen_name(&header), header.counter)?);
            if header.reader.as_ref().is_some_and(|to| to.node == me) {
                let all = replica.library().heard_all(&header.node, header.counter);
                private.extend(all.map_err(failed)?);
            }
            // What it wrote and had forgotten is here again.
            if header.node == me {
                private.extend(grown(COUNTER.to_vec(), header.counter)?);
            }
            Ok::<_, OpError>((Vec::new(), private))
        };
        self.node.handle().read(look).await?
    }
}

fn unexpected(done: &Done) -> OpError {
    OpError::new(ErrorCode::Failed, format!("a bundle was answered {done:?}"))
}

/// How people find a piece again: the id of its record, or a hash of bytes
/// that are none.
fn id_of(piece: &Piece) -> String {
    let bytes = match piece {
        Piece::Record(record) => record,
        Piece::Edition { statement, .. } => statement,
        Piece::Parcel { label, .. } | Piece::Ended { label, .. } => label,
        Piece::Draft { statements, .. } => match statements.first() {
            Some(statement) => statement,
            None => return String::new(),
        },
        Piece::Brief { draft, .. } => {
            return draft.map(|draft| draft.to_string()).unwrap_or_default();
        }
    };
    match Record::from_bytes(bytes) {
        Ok(record) => record.id().to_string(),
        Err(_) => RecordId::new(*blake3::hash(bytes).as_bytes()).to_string(),
    }
}

/// What became of the pieces of one operation.
#[derive(Default)]
struct Told {
    new: u64,
    known: u64,
    refused: Vec<Value>,
}

impl Told {
    fn refuse(&mut self, at: usize, id: &str, refused: &GateRefused) {
        self.refused.push(json!({
            "at": at, "id": id, "reason": refused.to_string(), "later": refused.is_innocent(),
        }));
    }
}
