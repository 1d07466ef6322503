//! Taking in what was read from a bundle.

use serde_json::{Value, json};
use tern_crdt::authority::Genesis;
use tern_crdt::identity::{FederationId, RecordId};
use tern_crdt::signed::Record;
use tern_protocol::bundle::{Header, Part};
use tern_protocol::gate::{Examined, GateRefused, examine};
use tern_protocol::message::{Join, Joined, Piece};
use tern_protocol::step::{Change, Command, Done};

use super::{COUNTER, counter, digits, keep};
use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::operator::{Acting, invalid};
use crate::ops::{BUNDLE_PARTS_MAX, ErrorCode, OpError};

/// Under this stands the counter of the last bundle of a node of which
/// everything is here.
fn seen_name(header: &Header) -> Vec<u8> {
    [b"bundle/seen/", &header.node.as_bytes()[..]].concat()
}

impl Acting<'_> {
    /// Whether a bundle is one of this federation, and needs to be read. One of
    /// this node that it does not remember writing is from a later state of it:
    /// the node was put back, or somebody runs a copy.
    pub(in crate::operator) async fn bundle_open(self, header: String) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        let seen =
            self.node.handle().read(move |replica| counter(replica, &seen_name(&header))).await??;
        let own = header.node == self.node.identity().node;
        let _one_at_a_time = self.node.bundling().lock().await;
        let wrote = self.node.handle().read(|replica| counter(replica, COUNTER)).await??;
        let later = own && header.counter > wrote;
        if later {
            self.node.handle().command(Command::FoundLater).await?;
        }
        Ok(json!({ "own": own, "later": later, "older": header.counter < seen }))
    }

    /// Takes in what stands in frames of a bundle, each by itself. Durable
    /// when it answers.
    pub(in crate::operator) async fn bundle_take(
        self,
        header: String,
        parts: Vec<String>,
    ) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        if parts.len() > BUNDLE_PARTS_MAX {
            let what = format!("an operation takes at most {BUNDLE_PARTS_MAX} parts");
            return Err(invalid("parts", what).over(BUNDLE_PARTS_MAX as u64));
        }
        let parts =
            parts.iter().map(|part| digits("parts", part)).collect::<Result<Vec<_>, _>>()?;
        let federation = header.federation;
        let read = move || -> Vec<Examining> {
            parts.iter().map(|part| Examining::read(part, federation)).collect()
        };
        let examined = self.node.acceptor().run(read).await?;
        let (mut told, mut knocks) = (Told::default(), Vec::new());
        let (mut pieces, mut places) = (Vec::new(), Vec::new());
        for (at, examining) in examined.into_iter().enumerate() {
            match examining {
                Examining::Good(id, piece) => {
                    pieces.push(*piece);
                    places.push((at, id));
                }
                Examining::Bad(id, refused) => told.refuse(at, &id, &refused),
                Examining::Knock(join) => knocks.push(join),
                Examining::Other => {}
            }
        }
        let command = Command::TakeIn { pieces, writer: header.node };
        let taken = match self.node.handle().command(command).await? {
            Done::TakenIn(taken) => taken,
            other => return Err(unexpected(&other)),
        };
        for ((at, id), taken) in places.iter().zip(taken) {
            match taken {
                Ok(Change::Known) => told.known += 1,
                Ok(_) => told.new += 1,
                Err(refused) => told.refuse(*at, id, &refused),
            }
        }
        let mut answered = Vec::new();
        for join in knocks {
            answered.push(self.knock(join, &header).await?);
        }
        Ok(json!({
            "new": told.new, "known": told.known, "refused": told.refused, "knocks": answered,
        }))
    }

    /// A newcomer knocks in a bundle.
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

    /// Bundles were read. Of those in `whole` everything is here: older ones of
    /// their writers need not be read. What follows from what came is done.
    pub(in crate::operator) async fn bundle_done(
        self,
        whole: Vec<String>,
    ) -> Result<Value, OpError> {
        {
            let _one_at_a_time = self.node.bundling().lock().await;
            for header in whole {
                let header = self.header(&header)?;
                let look = move |replica: &NodeReplica| counter(replica, &seen_name(&header));
                if header.counter > self.node.handle().read(look).await?? {
                    self.node.handle().command(keep(&seen_name(&header), header.counter)).await?;
                }
                // What it wrote and had forgotten is here again.
                let wrote = self.node.handle().read(|replica| counter(replica, COUNTER)).await??;
                if header.node == self.node.identity().node && header.counter > wrote {
                    self.node.handle().command(keep(COUNTER, header.counter)).await?;
                }
            }
        }
        self.node.attend_to_what_waits().await?;
        let waits = self.node.handle().read(NodeReplica::is_joining).await?;
        Ok(json!({ "state": if waits { "waiting" } else { "member" } }))
    }
}

fn unexpected(done: &Done) -> OpError {
    OpError::new(ErrorCode::Failed, format!("a bundle was answered {done:?}"))
}

/// A frame, as far as its bytes tell.
enum Examining {
    Good(String, Box<Examined>),
    Bad(String, GateRefused),
    Knock(Box<Join>),
    Other,
}

impl Examining {
    fn read(part: &[u8], federation: FederationId) -> Self {
        match Part::from_bytes(part) {
            Ok(Some(Part::Piece { piece, .. })) => {
                let id = id_of(&piece);
                match examine(&piece, federation) {
                    Ok(examined) => Self::Good(id, Box::new(examined)),
                    Err(refused) => Self::Bad(id, refused),
                }
            }
            Ok(Some(Part::Knock(join))) => Self::Knock(Box::new(join)),
            _ => Self::Other,
        }
    }
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
