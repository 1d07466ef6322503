//! Taking in what was read from a bundle.

use serde_json::{Value, json};
use tern_crdt::authority::Genesis;
use tern_crdt::identity::RecordId;
use tern_crdt::signed::Record;
use tern_protocol::bundle::{Header, Part};
use tern_protocol::gate::{GateRefused, examine};
use tern_protocol::message::{Join, Joined, Piece};
use tern_protocol::step::{Change, Command, Done};

use super::{COUNTER, counter, digits, keep};
use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::operator::{Acting, invalid};
use crate::ops::{BUNDLE_PIECES_MAX, ErrorCode, OpError};

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
        let mut told = Told::default();
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
                Ok(_) => told.new += 1,
                Err(refused) => told.refuse(*at, id, &refused),
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

/// How people find a piece again: the id of its record, or a hash of bytes
/// that are none.
fn id_of(piece: &Piece) -> String {
    let bytes = match piece {
        Piece::Record(record) => record,
        Piece::Edition { statement, .. } => statement,
        Piece::Parcel { label, .. } | Piece::Ended { label, .. } => label,
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
