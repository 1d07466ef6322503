//! Letters: parts of shared drafts, encrypted, through nodes that cannot read them.
//!
//! Two nodes that write drafts together and were not in step by a link of their own
//! for a while write each other letters: what the other is not known to hold, in one
//! parcel in a [lane](tern_crdt::parcel::Lane), which everybody carries. Of each lane
//! one parcel stands. Its reader takes it in and ends it, which tells the writer that
//! it is held; so the next one says only what came since.
//!
//! What a reader is known to hold is a hint that costs bytes when it is too little.
//! It may be too much, when the reader was put back: then the reader says in a letter
//! of its own which one it could not take in (`again`), and what it holds.
//!
//! Nothing here opens or seals in the replica: a shell asks what there is to do
//! ([`Library::tend_letters`]), opens ([`open`]) and seals ([`DraftLetter::seal`])
//! where the keys are, has each piece judged by the gate as from any peer, and writes
//! what is to be remembered. A wait is an argument and no part of any verdict.
//!
//! - `correspondence`: what is remembered of one other node;
//! - `writing` and `reading`: what goes in, what came out.

use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;
use tern_crdt::authority::{Authority, Role};
use tern_crdt::identity::{DraftId, OrgId, PublicKey};
use tern_crdt::sealed::EncryptionKey;
use tern_crdt::timestamp::Timestamp;

use crate::gate::Examined;
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::LETTER_DRAFT_MARKS_MAX;
use crate::meeting::set::{PartId, Root};
use crate::packing::Packed;
use crate::routing::{HeldParcel, Rest};
use crate::store::{Store, StoreError};

mod correspondence;
mod reading;
mod writing;

use correspondence::{Correspondence, Took};
pub(crate) use correspondence::{forget_letters, mark_lost};
pub use reading::{Opened, open};
pub use writing::DraftLetter;

pub use crate::limits::LETTER_WAIT;

/// While two meet and hold what they did, this is written down at most so often, in
/// milliseconds.
const NOTED_EVERY: i64 = 3_600 * 1_000;

/// The beginning of an audience's id or of a change's hash: what stands for it where
/// one says what it holds.
type Mark = [u8; 16];

fn mark(part: &PartId) -> Mark {
    let mut mark = [0; 16];
    mark.copy_from_slice(&part[..16]);
    mark
}

fn marks_of(bytes: &[u8]) -> BTreeSet<Mark> {
    bytes.as_chunks::<16>().0.iter().copied().collect()
}

fn bytes_of(marks: &BTreeSet<Mark>) -> ByteVec {
    marks.iter().flatten().copied().collect::<Vec<u8>>().into()
}

/// What is inside a letter beside the secret that ends it.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
struct Body {
    /// The number of the reader's last letter that was opened here; 0 if none was.
    #[n(0)]
    have: u64,
    /// The number of a letter of the reader's that builds on what is not here, or
    /// that was taken in before this node was put back; 0 if there is none.
    #[n(1)]
    again: u64,
    /// What the writer holds of the drafts that both see, at most
    /// [`LETTER_MARKS_MAX`](crate::limits::LETTER_MARKS_MAX) marks.
    #[n(2)]
    marks: ByteVec,
    /// Audiences and segments.
    #[n(3)]
    pieces: Packed,
}

/// A letter that came for this node.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The node that wrote it.
    pub writer: PublicKey,
    /// In which parcel, not ended.
    pub parcel: HeldParcel,
    n: u64,
}

/// What there is to do about letters.
#[derive(Debug, Default)]
pub struct Tending {
    /// To be remembered, with the endings in one commit.
    pub private: Vec<Private>,
    /// Letters of this node that nobody needs any more, to be ended.
    pub endings: Vec<Examined>,
    /// To be opened and taken in.
    pub arrived: Vec<Arrived>,
    /// To be sealed and written; only once nothing is to be remembered.
    pub due: Vec<DraftLetter>,
}

/// The key to which what is for a node of `org` is encrypted, by a certificate
/// that acts. Another organisation may have granted that node's key a certificate
/// with a reading key of its own: that one reads nothing.
pub fn reading_key(authority: &Authority, org: OrgId, node: &PublicKey) -> Option<EncryptionKey> {
    let acts = |id| authority.permits(id, *node, Role::Node).is_ok();
    authority
        .certificates_of(node)
        .filter(|(id, granted)| granted.org == org && acts(*id))
        .find_map(|(_, granted)| granted.certificate.encryption)
}

impl<S: Store> Library<S> {
    /// Nodes of organisations that see a draft with this one, or to which it is to be
    /// said that something was lost here, whatever it was; ascending by key, each with
    /// the organisation to which it belongs. Of one organisation, if that is asked.
    fn correspondents(
        &self,
        node: &PublicKey,
        only: Option<&OrgId>,
    ) -> Result<Vec<(PublicKey, OrgId)>, StoreError> {
        let nodes = self.authority().certificates();
        let nodes = nodes.filter(|(_, granted)| granted.certificate.roles.has(Role::Node));
        let keys: BTreeSet<PublicKey> = nodes.map(|(_, granted)| granted.certificate.key).collect();
        let (mut found, life) = (Vec::new(), self.life()?);
        for key in keys.into_iter().filter(|key| key != node) {
            let Some(org) = self.authority().node(&key) else { continue };
            if only.is_some_and(|only| *only != org) {
                continue;
            }
            let asks = || {
                let known = self.correspondence(&key)?;
                Ok(known.map_or(life != 0, |known| known.again != 0 || known.life != life))
            };
            if self.drafts_with(&org).count() > 0 || asks()? {
                found.push((key, org));
            }
        }
        Ok(found)
    }

    /// The drafts in common with an organisation, each with its parts, as many as
    /// can be remembered.
    fn drafts_in_letters(&self, org: &OrgId) -> Vec<(DraftId, Vec<PartId>)> {
        let mut drafts: Vec<(DraftId, Vec<PartId>)> = Vec::new();
        for (id, part) in self.draft_parts_with(org) {
            let id = DraftId::new(id);
            match drafts.last_mut().filter(|(last, _)| *last == id) {
                Some((_, parts)) => parts.push(part),
                None => drafts.push((id, vec![part])),
            }
        }
        let mut marks = 0;
        drafts.retain(|(_, parts)| {
            let fits = marks + parts.len() <= LETTER_DRAFT_MARKS_MAX;
            marks += if fits { parts.len() } else { 0 };
            fits
        });
        drafts
    }

    fn marks_with(&self, org: &OrgId) -> BTreeSet<Mark> {
        let drafts = self.drafts_in_letters(org);
        drafts.iter().flat_map(|(_, parts)| parts).map(mark).collect()
    }

    /// Two nodes were found to hold the same, of the drafts in common this root: what
    /// is remembered of it, for when they do not meet any more.
    pub(crate) fn note_in_step(
        &mut self,
        peer: &PublicKey,
        drafts: Option<Root>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(org) = self.authority().node(peer) else { return Ok(()) };
        let set = self.drafts_with(&org);
        let (before, life) = (self.correspondence(peer)?, self.life()?);
        let nothing = set.count() == 0 && before.is_none() && life == 0;
        if nothing || drafts != Some(set.root()) {
            return Ok(());
        }
        let all = self.marks_with(&org);
        let lately = |before: &Correspondence| {
            (0..NOTED_EVERY).contains(&now.since(before.since)) && before.again == 0
        };
        let same = before.as_ref().is_some_and(|before| {
            before.life == life && lately(before) && before.open().is_none() && before.held() == all
        });
        if same {
            return Ok(());
        }
        let mut after = before.unwrap_or_else(|| Correspondence::new(now, life));
        after.hold(all, &BTreeSet::new());
        (after.since, after.again, after.asked, after.life) = (now, 0, 0, life);
        self.write(after.keep(peer));
        Ok(())
    }

    /// What this node has to do about letters. `wait` is [`LETTER_WAIT`] but in tests
    /// and simulations; `writes` says whether new ones are to be written.
    ///
    /// # Errors
    /// The store's.
    pub fn tend_letters(
        &self,
        node: &PublicKey,
        now: Timestamp,
        wait: i64,
        writes: bool,
    ) -> Result<Tending, StoreError> {
        let (mut tending, life) = (Tending::default(), self.life()?);
        for ((writer, to), (n, id)) in &self.lanes {
            let known = if to == node { self.correspondence(writer)? } else { continue };
            let took = known.as_ref().and_then(|known| known.took);
            if took.is_some_and(|took| took.parcel == *id && took.done) {
                continue;
            }
            let Some(parcel) = self.parcel(id)? else { continue };
            if !parcel.is_ended() {
                tending.arrived.push(Arrived { writer: *writer, parcel, n: *n });
                continue;
            }
            // It was ended here, and that was forgotten; or by its writer, in a
            // meeting: then to say so costs a letter and harms nobody.
            let mut known = known.unwrap_or_else(|| Correspondence::new(now, life));
            known.again = *n;
            known.took = Some(Took { n: *n, parcel: *id, done: true });
            tending.private.push(known.keep(writer));
        }
        if !tending.private.is_empty() {
            return Ok(tending);
        }
        let mut open = Vec::new();
        for (reader, org) in self.correspondents(node, None)? {
            let Some(mut known) = self.correspondence(&reader)? else {
                let mut known = Correspondence::new(now, life);
                if life != 0 {
                    known.lost(life);
                }
                tending.private.push(known.keep(&reader));
                continue;
            };
            if known.life != life {
                known.lost(life);
                tending.private.push(known.keep(&reader));
                continue;
            }
            if let Some(ended) = self.follow_up(node, &reader, &mut known, now)? {
                tending.endings.extend(ended);
                tending.private.push(known.keep(&reader));
            } else if writes {
                open.push(((reader, org), known));
            }
        }
        // To gather what goes into a letter reads whole drafts.
        if tending.private.is_empty() {
            for (reader, known) in open {
                tending.due.extend(self.letter_for(node, reader, known, now, wait)?);
            }
        }
        Ok(tending)
    }

    /// What became of the last letter to a reader, if that is new; and the letter,
    /// ended, if both met since.
    fn follow_up(
        &self,
        node: &PublicKey,
        reader: &PublicKey,
        known: &mut Correspondence,
        now: Timestamp,
    ) -> Result<Option<Vec<Examined>>, StoreError> {
        let Some(sent) = known.open().cloned() else { return Ok(None) };
        let standing = self.lanes.get(&(*node, *reader)).filter(|(_, id)| *id == sent.parcel);
        let held = match standing {
            Some((_, id)) => self.parcel(id)?,
            None => None,
        };
        let Some(held) = held else {
            // Its time is over, or another stands.
            known.close();
            return Ok(Some(vec![]));
        };
        if held.is_ended() {
            known.hold(known.held(), &marks_of(&sent.marks));
            known.again = if known.again == sent.again { 0 } else { known.again };
            known.heard = Some(now);
            known.close();
            return Ok(Some(vec![]));
        }
        if known.since > sent.at && known.again == 0 {
            known.close();
            let ended = HeldParcel { rest: Rest::Ended(*sent.secret), ..held };
            return Ok(Some(vec![Examined::Parcel(Box::new(ended))]));
        }
        Ok(None)
    }
}

/// How another node that sees a draft is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reached {
    /// When both were last in step by a link or since when there is something to
    /// tell, by this node's clock.
    pub since: Timestamp,
    /// When it was last heard of by letter: it took one in, or one of its own came.
    pub heard: Option<Timestamp>,
    /// When the letter was written that is on its way to it.
    pub sent: Option<Timestamp>,
    /// Whether it is known to hold all that is here of these drafts.
    pub holds_all: bool,
}

impl<S: Store> Library<S> {
    /// How the nodes of an organisation are reached that sees drafts with this one,
    /// as far as that was remembered.
    ///
    /// # Errors
    /// The store's.
    pub fn reached(
        &self,
        node: &PublicKey,
        org: &OrgId,
    ) -> Result<Vec<(PublicKey, Reached)>, StoreError> {
        let mut found = Vec::new();
        let all = self.marks_with(org);
        for (reader, _) in self.correspondents(node, Some(org))? {
            let Some(known) = self.correspondence(&reader)? else { continue };
            let reached = Reached {
                since: known.since,
                heard: known.heard,
                sent: known.open().map(|sent| sent.at),
                holds_all: all.is_subset(&known.held()),
            };
            found.push((reader, reached));
        }
        Ok(found)
    }
}
