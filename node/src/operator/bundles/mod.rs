//! Bundles: what a command that writes or reads one asks of the node. The
//! files are the command's; signing and listing are done here, judging what was
//! read in `taking`, telling beforehand what would be new in `looking`; for whom a
//! bundle may be is found in `readers`.
//!
//! Drafts stand in a bundle for one node alone, those that its organisation may
//! see: the one whose key the frames are encrypted to, which is said with each
//! question, so that no change of who is a member comes between.

use serde_json::{Value, json};
use tern_crdt::identity::{OrgId, PublicKey, RecordId};
use tern_protocol::bundle::{
    Counts, End, Header, Known, Listed, Part, Place, TOLD_ELEMENTS_MAX, Telling, Told,
};
use tern_protocol::ledger::Private;
use tern_protocol::limits::BUNDLE_SETS_MAX;
use tern_protocol::meeting::set::{ObjectId, SetId, State};
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use super::{Acting, invalid};
use crate::accounts::failed;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::hex;
use crate::ops::{BUNDLE_OBJECTS_MAX, BundleReader, EndCounts, ErrorCode, OpError};
use crate::running::draw;
use crate::stored;

mod codes;
mod looking;
mod readers;
mod taking;

/// The counter of the last bundle that this node wrote.
const COUNTER: &[u8] = b"bundle/counter";
/// An answer with pieces is closed when it has grown past this.
const PIECES_BYTES: usize = 1024 * 1024;
/// A page of a list goes on until it has so many objects.
const LISTED_MIN: usize = 512;
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

/// For whom a bundle is.
struct Reading {
    node: PublicKey,
    /// To whose key its frames are encrypted.
    org: OrgId,
}

impl Reading {
    fn read(reader: &BundleReader) -> Result<Self, OpError> {
        let org = reader.org.parse().map_err(|_| invalid("org", "this is no organisation's id"))?;
        Ok(Self { node: readers::key_of(&reader.node)?, org })
    }
}

/// The organisation of a reader, if its node is still that one's, and what the
/// node is known to hold.
fn known_of(
    replica: &NodeReplica,
    reader: Option<&Reading>,
) -> Result<(Option<OrgId>, Option<Known>), OpError> {
    let Some(reader) = reader else { return Ok((None, None)) };
    let org = replica.library().authority().node(&reader.node).filter(|org| *org == reader.org);
    Ok((org, replica.library().known_to(&reader.node).map_err(failed)?))
}

impl Acting<'_> {
    /// Begins a bundle, for all or for one node, or another volume of the one that
    /// was begun last: its header, signed, and what a newcomer's holds.
    pub(super) async fn bundle_begin(
        self,
        reader: Option<String>,
        volume: Option<u16>,
    ) -> Result<Value, OpError> {
        let key = draw()?;
        let identity = self.node.identity();
        let (federation, node) = (identity.federation, identity.node);
        let to = match reader {
            None => None,
            Some(text) => {
                let find = move |replica: &NodeReplica| readers::find(replica, node, &text);
                Some(self.node.handle().read(find).await??)
            }
        };
        let _one_at_a_time = self.node.bundling().lock().await;
        let (last, knock) = self
            .node
            .handle()
            .read(|replica| Ok::<_, OpError>((counter(replica, COUNTER)?, replica.knock())))
            .await??;
        let written_at = now();
        let counter = if volume.is_some_and(|volume| volume > 1) {
            last
        } else {
            // The clock lets it grow where the last one was forgotten.
            let clock = u64::try_from(written_at.0).unwrap_or(0);
            let counter = last.saturating_add(1).max(clock);
            self.node.handle().command(keep(COUNTER, counter)).await?;
            counter
        };
        let mut header =
            Header { federation, node, counter, key, written_at, reader: None, volume };
        let mut frames = None;
        if let Some(to) = &to {
            let key: [u8; 32] = draw()?;
            header.address(to.node, &to.keys, &key, &draw()?).map_err(|refused| {
                let what = format!("nothing can be encrypted to {}: {refused}", to.name);
                OpError::new(ErrorCode::Failed, what)
            })?;
            frames = Some(hex::encode(&key));
        }
        let knock = knock.map(|knock| hex::encode(&Part::Knock(knock).to_bytes()));
        Ok(json!({
            "header": hex::encode(&header.sign(self.node.key())), "knock": knock,
            "frames": frames, "org": to.as_ref().map(|to| to.org.to_string()),
            "reader": to.map(|to| to.name),
        }))
    }

    /// Lists what belongs into a bundle; into one for a node, what it did not say
    /// that it holds.
    pub(super) async fn bundle_list(
        self,
        after: Option<String>,
        reader: Option<BundleReader>,
    ) -> Result<Value, OpError> {
        let place = match after {
            None => Place::default(),
            Some(text) => read_cursor(&text)
                .ok_or_else(|| invalid("after", "this is no place in the list of a bundle"))?,
        };
        let reader = reader.as_ref().map(Reading::read).transpose()?;
        let read = move |replica: &NodeReplica| {
            let (org, known) = known_of(replica, reader.as_ref())?;
            let (mut place, mut listed) = (Some(place), Vec::new());
            while let Some(at) = place
                && listed.len() < LISTED_MIN
            {
                let listing = replica.library().bundled(at, org.as_ref()).map_err(failed)?;
                let lacks = |o: &Listed| !known.as_ref().is_some_and(|k| k.has(&o.id, &o.state));
                listed.extend(listing.objects.into_iter().filter(lacks));
                place = listing.next;
            }
            Ok::<_, OpError>((listed, place))
        };
        let (listed, next) = self.node.handle().read(read).await??;
        let objects: String = listed
            .iter()
            .map(|o| hex::encode(&[o.set as u8]) + &hex::encode(&o.id) + &hex::encode(&o.state))
            .collect();
        Ok(json!({ "objects": objects, "next": next.as_ref().map(cursor) }))
    }

    /// What a bundle of this node tells its reader of what is held here; before
    /// the first part of it is answered it is remembered.
    pub(super) async fn bundle_tell(self, header: String, part: u16) -> Result<Value, OpError> {
        let header = self.header(&header)?;
        let own = self.node.identity().node;
        let reader = header.reader.as_ref().filter(|_| header.node == own).map(|to| to.node);
        let reader = reader.ok_or_else(|| invalid("header", "this is no bundle for one node"))?;
        let (counter, key) = (header.counter, header.key);
        let read = move |replica: &NodeReplica| {
            let held: Vec<(u8, u64)> = SetId::ALL
                .into_iter()
                .map(|set| (set as u8, replica.library().set(set).count()))
                .filter(|(_, count)| *count > 0)
                .collect();
            let telling = replica.library().tell(&reader, counter, key).map_err(failed)?;
            Ok::<_, OpError>((telling, held))
        };
        let (telling, held) = self.node.handle().read(read).await??;
        if part == 0 {
            let private = telling.private;
            self.node.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        }
        let mut parts = telling.elements.chunks(TOLD_ELEMENTS_MAX).skip(part.into());
        let elements = parts.next().map(<[_]>::concat).unwrap_or_default().into();
        let more = parts.next().is_some();
        let Telling { since, have, all, .. } = telling;
        let told = Told { since, have, elements, all };
        let told = hex::encode(&Part::Told(told).to_bytes());
        Ok(json!({ "told": told, "more": more, "held": held }))
    }

    /// The pieces of the first of these objects; of one that has to be left out,
    /// none.
    pub(super) async fn bundle_pieces(
        self,
        objects: String,
        reader: Option<BundleReader>,
    ) -> Result<Value, OpError> {
        let reader = reader.as_ref().map(Reading::read).transpose()?;
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
            let (org, known) = known_of(replica, reader.as_ref())?;
            let (mut listed, mut damaged, mut bytes) = (Vec::new(), Vec::new(), 0);
            for (set, id) in objects {
                if bytes > PIECES_BYTES {
                    break;
                }
                let has = |state: &State| known.as_ref().is_some_and(|k| k.has(&id, state));
                match replica.library().pieces_behind(set, &id, org.as_ref(), has) {
                    Ok(pieces) => {
                        let all = pieces.iter().flatten();
                        bytes += all.map(Piece::content_bytes).sum::<usize>();
                        listed.push(pieces);
                    }
                    // The others have it from somebody else.
                    Err(error) => {
                        damaged.push((RecordId::new(id).to_string(), error.to_string()));
                        listed.push(None);
                    }
                }
            }
            Ok::<_, OpError>((listed, damaged))
        };
        let (listed, damaged) = self.node.handle().read(read).await??;
        let digits = |pieces: &Option<Vec<Piece>>| {
            let digits = |piece: &Piece| hex::encode(&piece.to_bytes());
            pieces.as_ref().map(|pieces| pieces.iter().map(digits).collect::<Vec<String>>())
        };
        let damaged: Vec<Value> =
            damaged.iter().map(|(id, reason)| json!({ "id": id, "reason": reason })).collect();
        Ok(json!({ "pieces": listed.iter().map(digits).collect::<Vec<_>>(), "damaged": damaged }))
    }

    /// Signs the end of a bundle that was written here.
    pub(super) async fn bundle_end(
        self,
        chain: String,
        counts: EndCounts,
    ) -> Result<Value, OpError> {
        let chain: [u8; 32] =
            hex::decode(&chain).ok_or_else(|| invalid("chain", "a hash has 64 digits"))?;
        if counts.held.len() > BUNDLE_SETS_MAX {
            return Err(invalid("held", "these are more sets than there are"));
        }
        let EndCounts { objects, left_out, held, known, volumes } = counts;
        let counts = Counts { objects, left_out, held, known, volumes };
        let end = End::sign(counts, &chain, self.node.key());
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
