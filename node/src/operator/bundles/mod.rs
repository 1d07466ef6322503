//! Bundles: what a command that writes or reads one asks of the node. The
//! files are the command's; signing and listing are done here, judging what was
//! read in `taking`.

use serde_json::{Value, json};
use tern_crdt::identity::RecordId;
use tern_protocol::bundle::{End, Header, Part, Place};
use tern_protocol::ledger::Private;
use tern_protocol::limits::BUNDLE_SETS_MAX;
use tern_protocol::meeting::set::{ObjectId, SetId};
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use super::{Acting, invalid};
use crate::accounts::failed;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::hex;
use crate::ops::{BUNDLE_OBJECTS_MAX, ErrorCode, OpError};
use crate::running::draw;
use crate::stored;

mod taking;

/// The counter of the last bundle that this node wrote.
const COUNTER: &[u8] = b"bundle/counter";
/// An answer with pieces is closed when it has grown past this.
const PIECES_BYTES: usize = 1024 * 1024;
/// A set and an id, in digits.
const OBJECT_DIGITS: usize = 2 * 33;

fn counter(replica: &NodeReplica, name: &[u8]) -> Result<u64, OpError> {
    let value = replica.library().local(name).map_err(failed)?;
    value.map_or(Ok(0), |value| stored::read(&value, "the counter of a bundle"))
}

fn keep(name: &[u8], counter: u64) -> Command {
    let private = vec![Private::local(name.to_vec(), Some(stored::write(&counter)))];
    Command::Write { pieces: Vec::new(), private }
}

fn digits(field: &str, text: &str) -> Result<Vec<u8>, OpError> {
    hex::decode_all(text).ok_or_else(|| invalid(field, "it is not made of hexadecimal digits"))
}

/// A list's place as text, and back.
fn cursor(place: &Place) -> String {
    let after = place.after.map(|id| hex::encode(&id)).unwrap_or_default();
    format!("{}:{after}", place.part)
}

fn read_cursor(text: &str) -> Option<Place> {
    let (part, after) = text.split_once(':')?;
    let after = match after {
        "" => None,
        digits => Some(hex::decode::<32>(digits)?),
    };
    Some(Place { part: part.parse().ok()?, after })
}

impl Acting<'_> {
    /// Begins a bundle: its header, signed, and what a newcomer's holds.
    pub(super) async fn bundle_begin(self) -> Result<Value, OpError> {
        let key = draw()?;
        let _one_at_a_time = self.node.bundling().lock().await;
        let (last, knock) = self
            .node
            .handle()
            .read(|replica| Ok::<_, OpError>((counter(replica, COUNTER)?, replica.knock())))
            .await??;
        let written_at = now();
        // The clock lets it grow where the last one was forgotten.
        let clock = u64::try_from(written_at.0).unwrap_or(0);
        let counter = last.saturating_add(1).max(clock);
        self.node.handle().command(keep(COUNTER, counter)).await?;
        let identity = self.node.identity();
        let (federation, node) = (identity.federation, identity.node);
        let header = Header { federation, node, counter, key, written_at };
        let knock = knock.map(|knock| hex::encode(&Part::Knock(knock).to_bytes()));
        Ok(json!({ "header": hex::encode(&header.sign(self.node.key())), "knock": knock }))
    }

    /// Lists what belongs into a bundle.
    pub(super) async fn bundle_list(self, after: Option<String>) -> Result<Value, OpError> {
        let place = match after {
            None => Place::default(),
            Some(text) => read_cursor(&text)
                .ok_or_else(|| invalid("after", "this is no place in the list of a bundle"))?,
        };
        let listing =
            self.node.handle().read(move |r| r.library().bundled(place)).await?.map_err(failed)?;
        let objects: String = listing
            .objects
            .iter()
            .map(|o| hex::encode(&[o.set as u8]) + &hex::encode(&o.id) + &hex::encode(&o.state))
            .collect();
        Ok(json!({ "objects": objects, "next": listing.next.as_ref().map(cursor) }))
    }

    /// The pieces of the first of these objects.
    pub(super) async fn bundle_pieces(self, objects: String) -> Result<Value, OpError> {
        let objects: Vec<(SetId, ObjectId)> = digits("objects", &objects)?
            .chunks(OBJECT_DIGITS / 2)
            .map(|object| {
                let (set, id) = object.split_first()?;
                Some((SetId::from_number(*set)?, id.try_into().ok()?))
            })
            .collect::<Option<_>>()
            .filter(|objects: &Vec<_>| objects.len() <= BUNDLE_OBJECTS_MAX)
            .ok_or_else(|| invalid("objects", "these are no objects, or too many at once"))?;
        let read = move |replica: &NodeReplica| {
            let (mut listed, mut damaged, mut bytes) = (Vec::new(), Vec::new(), 0);
            for (set, id) in objects {
                if bytes > PIECES_BYTES {
                    break;
                }
                match replica.library().stored_pieces(set, &id) {
                    Ok(pieces) => {
                        bytes += pieces.iter().map(Piece::content_bytes).sum::<usize>();
                        listed.push(pieces);
                    }
                    // The others have it from somebody else.
                    Err(error) => {
                        damaged.push((RecordId::new(id).to_string(), error.to_string()));
                        listed.push(Vec::new());
                    }
                }
            }
            (listed, damaged)
        };
        let (listed, damaged) = self.node.handle().read(read).await?;
        let digits = |pieces: &Vec<Piece>| {
            pieces.iter().map(|piece| hex::encode(&piece.to_bytes())).collect::<Vec<String>>()
        };
        let damaged: Vec<Value> =
            damaged.iter().map(|(id, reason)| json!({ "id": id, "reason": reason })).collect();
        Ok(json!({ "pieces": listed.iter().map(digits).collect::<Vec<_>>(), "damaged": damaged }))
    }

    /// Signs the end of a bundle that was written here.
    pub(super) async fn bundle_end(
        self,
        chain: String,
        objects: u64,
        left_out: u64,
        held: Vec<(u8, u64)>,
    ) -> Result<Value, OpError> {
        let chain: [u8; 32] =
            hex::decode(&chain).ok_or_else(|| invalid("chain", "a hash has 64 digits"))?;
        if held.len() > BUNDLE_SETS_MAX {
            return Err(invalid("held", "these are more sets than there are"));
        }
        let end = End::sign(objects, left_out, held, &chain, self.node.key());
        Ok(json!({ "end": hex::encode(&Part::End(end).to_bytes()) }))
    }

    /// The header of a bundle of this federation.
    fn header(&self, digits_of_it: &str) -> Result<Header, OpError> {
        let header = Header::read(&digits("header", digits_of_it)?)
            .map_err(|refused| invalid("header", refused.to_string()))?;
        let own = self.node.identity().federation;
        if header.federation != own {
            let what = format!(
                "it belongs to another federation ({}) than this node ({own}): nothing of it was taken in",
                header.federation
            );
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        Ok(header)
    }
}
