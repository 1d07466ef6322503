//! Small bundles as codes: what this node says about one request, to be held before a
//! telephone or typed, and what others say in that way.
//!
//! A code bundle is one for all: what is in it is encrypted to its readers, so whoever
//! sees the codes may carry them on.

use serde_json::{Value, json};
use tern_crdt::identity::{CertificateId, RequestId};
use tern_protocol::bundle::{
    CodesRefused, Counts, End, Framer, Header, Packer, Part, Read, codes, read_codes,
};
use tern_protocol::limits::CODES_MAX;
use tern_protocol::meeting::set::SetId;
use tern_protocol::message::Piece;

use super::digits;
use crate::accounts::failed;
use crate::bundle::Source;
use crate::handle::NodeReplica;
use crate::hex;
use crate::moment::rfc3339;
use crate::operator::{Acting, invalid, name_of};
use crate::ops::{Caller, ErrorCode, OpError};

/// What a command or a page hands in at once.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// What this node says about a request.
struct Spoken {
    pieces: Vec<Piece>,
    /// Everything else that is held.
    others: u64,
}

impl Spoken {
    fn of(replica: &NodeReplica, request: RequestId) -> Result<Self, OpError> {
        let library = replica.library();
        let (authority, own) = (library.authority(), replica.node());
        let is_own = |by: &CertificateId| {
            authority.certificate(by).is_some_and(|g| g.certificate.key == own)
        };
        let (mut pieces, mut parcels) = (Vec::new(), 0);
        for (id, _) in library.parcels() {
            let Some(parcel) = library.parcel(&id).map_err(failed)? else { continue };
            let label = parcel.label.body();
            if label.request == request && label.lane.is_none() && is_own(&label.by) {
                let stored = library.stored_pieces(SetId::Parcels, id.as_bytes());
                pieces.extend(stored.map_err(failed)?);
                parcels += 1;
            }
        }
        let held = [SetId::Authority, SetId::Public, SetId::Parcels];
        let held: u64 = held.into_iter().map(|set| library.set(set).count()).sum();
        Ok(Self { pieces, others: held.saturating_sub(parcels) })
    }
}

impl Acting<'_> {
    /// What this node says about a request, as codes.
    pub(in crate::operator) async fn request_codes(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let request = self.node.find_request(&account, &id).await?.id();
        let spoken = move |replica: &NodeReplica| Spoken::of(replica, request);
        let Spoken { pieces, others } = self.node.handle().read(spoken).await??;
        if pieces.is_empty() {
            let what = "this node has said nothing about this request that is still under way";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let parcels = pieces.len();
        let begun = self.another().bundle_begin(None, None).await?;
        let signed = digits("header", begun["header"].as_str().unwrap_or_default())?;
        let header = Header::read(&signed)
            .map_err(|refused| OpError::new(ErrorCode::Failed, refused.to_string()))?;
        let (mut framer, mut bytes) = Framer::begin(&header, &signed);
        let mut packer = Packer::default();
        for piece in pieces {
            let full = packer.add(SetId::Parcels, piece);
            bytes.extend(full.map(|part| framer.part(&part)).unwrap_or_default());
        }
        bytes.extend(packer.close().map(|part| framer.part(&part)).unwrap_or_default());
        let counts = Counts { objects: parcels as u64, left_out: others, ..Counts::default() };
        let end = End::sign(counts, &framer.chain(), self.node.key());
        bytes.extend(framer.part(&Part::End(end)));
        let codes = codes(&bytes).map_err(|refused| {
            let what = format!(
                "what this node said about this request does not fit {CODES_MAX} codes: {refused}; take it on a stick, `tern bundle write`"
            );
            OpError::new(ErrorCode::TooLarge, what)
        })?;
        Ok(json!({
            "id": request.to_string(), "codes": codes, "bytes": bytes.len(), "parcels": parcels,
        }))
    }

    /// Takes in what codes bring, as from a stick.
    pub(in crate::operator) async fn bundle_codes(self, text: String) -> Result<Value, OpError> {
        if text.len() > TEXT_BYTES_MAX {
            let what = format!("codes are at most {TEXT_BYTES_MAX} bytes of text at once");
            return Err(invalid("codes", what).over(TEXT_BYTES_MAX as u64));
        }
        let bytes = read_codes(&text).map_err(|refused: CodesRefused| {
            let kind = match refused {
                CodesRefused::Missing { .. } => ErrorCode::Conflict,
                _ => ErrorCode::Invalid,
            };
            OpError::new(kind, refused.to_string()).in_field("codes")
        })?;
        let mut source = Source::new(bytes.as_slice());
        let header = source.begin().map_err(|ended| unreadable(&ended.to_string()))?;
        let signed = hex::encode(source.signed());
        let opened = self.another().bundle_open(signed.clone()).await?;
        if let Some(to) = opened["elsewhere"].as_str() {
            let what = format!("these codes are for {to} alone");
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("codes"));
        }
        if let Some(frames) = opened["frames"].as_str().and_then(hex::decode::<32>) {
            source.unlock(&frames);
        }
        let (mut pieces, mut knocks) = (Vec::new(), Vec::new());
        let trouble = loop {
            match source.read_on() {
                Ok(Read::Whole(_)) => break None,
                Ok(Read::Pieces(_, packed)) => {
                    pieces.extend(packed.iter().map(|piece| hex::encode(&piece.to_bytes())));
                }
                Ok(Read::Part(part @ Part::Knock(_))) => {
                    let knock = hex::encode(&part.to_bytes());
                    knocks.push(self.another().bundle_knock(signed.clone(), knock).await?);
                }
                Ok(_) => {}
                Err(ended) => break Some(ended.to_string()),
            }
        };
        let (mut new, mut known, mut refused) = (0, 0, Vec::new());
        for batch in pieces.chunks(PIECES_AT_ONCE) {
            let took = self.another().bundle_take(signed.clone(), batch.to_vec()).await?;
            new += took["new"].as_u64().unwrap_or(0);
            known += took["known"].as_u64().unwrap_or(0);
            refused.extend(took["refused"].as_array().cloned().unwrap_or_default());
        }
        // Codes never say that their writer holds no more.
        let done = self.another().bundle_done(Vec::new()).await?;
        let node = header.node;
        let writer = move |replica: &NodeReplica| name_of(replica, &node);
        let from = self.node.handle().read(writer).await?;
        if let Some(why) = trouble.filter(|_| new + known == 0) {
            return Err(unreadable(&why));
        }
        Ok(json!({
            "new": new, "known": known, "refused": refused, "knocks": knocks,
            "from": from, "writer": header.node.node().to_string(),
            "written_at": rfc3339(header.written_at), "written": header.written_at.0,
            "state": done["state"],
        }))
    }

    /// The same node, for nobody.
    fn another(&self) -> Acting<'_> {
        Acting { node: self.node, caller: Caller::default() }
    }
}

/// Pieces of codes are small and few.
const PIECES_AT_ONCE: usize = 32;

fn unreadable(why: &str) -> OpError {
    OpError::new(ErrorCode::Invalid, format!("these codes cannot be read: {why}")).in_field("codes")
}
