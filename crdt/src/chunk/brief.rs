//! Changes in few bytes, where several of one document travel together:
//! without what whoever reads them can compute.
//!
//! A change names those that it follows by hashes, which no packing makes
//! shorter, and begins with a checksum of itself. Here it names a change of the
//! same message by its place, its author by the author's place among those who
//! sign, and leaves out the frame. It is read back into the very bytes that were
//! written, whose hash the changes after it and the signatures name; nothing is
//! believed because it is brief.
//!
//! ```text
//! brief  = deps  author  rest
//! deps   = count, then of each: 0 and its hash, or 1 + how many changes before
//!          this one it stands, counted from the one just before as 0
//! author = its place among the actors that the reader knows
//! rest   = the bytes of the change from its sequence number on
//! ```
//!
//! Numbers are unsigned LEB128.

use sha2::{Digest, Sha256};

use super::raw::{CHANGE, MAGIC, framed};
use super::reader::Reader;
use super::{CHANGE_BYTES_MAX, ChunkRefused, DEPS_MAX};
use crate::identity::ActorId;

/// Changes of one document on their way, in their order.
#[derive(Debug, Default)]
pub struct Convoy {
    hashes: Vec<[u8; 32]>,
}

impl Convoy {
    /// A convoy whose changes may follow these, which the reader holds, as if
    /// they went ahead of it.
    pub const fn behind(held: Vec<[u8; 32]>) -> Self {
        Self { hashes: held }
    }

    /// The next change, which [`read`](super::read) accepts, in brief; `None`
    /// if its author is not among `actors`.
    pub fn shorten(&mut self, change: &[u8], actors: &[ActorId]) -> Option<Vec<u8>> {
        let chunk = super::read(change).ok()?;
        let author = actors.iter().position(|actor| *actor == chunk.actor())?;
        let mut brief = Vec::with_capacity(change.len());
        write_number(&mut brief, chunk.deps().len() as u64);
        for dep in chunk.deps() {
            match self.hashes.iter().rev().position(|hash| hash == dep) {
                Some(back) => write_number(&mut brief, back as u64 + 1),
                None => {
                    brief.push(0);
                    brief.extend(dep);
                }
            }
        }
        write_number(&mut brief, author as u64);
        let mut body = framed(change).ok()?;
        body.unsigned().ok()?;
        // The deps, and the author with its length.
        body.take(chunk.deps().len() as u64 * 32 + 17).ok()?;
        brief.extend(body.rest());
        self.hashes.push(chunk.hash());
        Some(brief)
    }

    /// The change that was shortened so. Whether it is one is for
    /// [`read`](super::read) to say.
    ///
    /// # Errors
    /// It names what is not there, or is longer than a change can be.
    pub fn restore(&mut self, brief: &[u8], actors: &[ActorId]) -> Result<Vec<u8>, ChunkRefused> {
        let mut reader = Reader::new(brief, "deps");
        let count = reader.unsigned()?;
        if count > DEPS_MAX as u64 {
            return Err(ChunkRefused::Deps { deps: count, max: DEPS_MAX });
        }
        let mut body = Vec::with_capacity(brief.len() + count as usize * 32);
        write_number(&mut body, count);
        for _ in 0..count {
            match reader.unsigned()? {
                0 => body.extend(reader.array::<32>()?),
                back => {
                    let place = usize::try_from(back).ok();
                    let place = place.and_then(|back| self.hashes.len().checked_sub(back));
                    let place = place.ok_or(ChunkRefused::Absent)?;
                    body.extend(self.hashes.get(place).ok_or(ChunkRefused::Absent)?);
                }
            }
        }
        let author = usize::try_from(reader.within("actor").unsigned()?).ok();
        let author = author.and_then(|author| actors.get(author));
        body.push(16);
        body.extend(author.ok_or(ChunkRefused::Absent)?);
        body.extend(reader.rest());
        let mut hashed = vec![CHANGE];
        write_number(&mut hashed, body.len() as u64);
        hashed.extend(body);
        if hashed.len() + 8 > CHANGE_BYTES_MAX {
            return Err(ChunkRefused::TooLong { bytes: hashed.len() + 8, max: CHANGE_BYTES_MAX });
        }
        let hash: [u8; 32] = Sha256::digest(&hashed).into();
        self.hashes.push(hash);
        Ok([&MAGIC[..], &hash[..4], &hashed].concat())
    }
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let seven = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return out.push(seven);
        }
        out.push(seven | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Draft;
    use crate::value::Value;

    /// Two people answer each other in one draft.
    fn written(turns: u8) -> (Vec<Vec<u8>>, Vec<ActorId>) {
        let mut draft = Draft::new();
        let actors = vec![[1; 16], [2; 16]];
        for turn in 0..turns {
            let mut content = draft.content().expect("sound");
            content.insert("title".into(), Value::Text(format!("Desks {turn}")));
            let heads = draft.heads();
            let actor = &actors[usize::from(turn) % 2];
            draft.save_at(&heads, &content, actor, 0).expect("small");
        }
        (draft.changes().map(<[u8]>::to_vec).collect(), actors)
    }

    fn shortened(changes: &[Vec<u8>], actors: &[ActorId]) -> Vec<Vec<u8>> {
        let mut convoy = Convoy::default();
        changes.iter().map(|change| convoy.shorten(change, actors).expect("signed")).collect()
    }

    #[test]
    fn what_was_shortened_is_restored_to_the_byte_and_is_much_shorter() {
        let (changes, actors) = written(20);
        let brief = shortened(&changes, &actors);
        let mut convoy = Convoy::default();
        for (change, brief) in changes.iter().zip(&brief) {
            assert_eq!(convoy.restore(brief, &actors).as_ref(), Ok(change));
        }
        let [long, short] = [&changes, &brief].map(|all| all.iter().map(Vec::len).sum::<usize>());
        assert!(short + 19 * (31 + 15 + 8) < long, "{short} of {long}");
    }

    #[test]
    fn a_change_that_follows_one_which_does_not_travel_names_it() {
        let (changes, actors) = written(6);
        let brief = shortened(&changes[3..], &actors);
        let mut convoy = Convoy::default();
        for (change, brief) in changes[3..].iter().zip(&brief) {
            assert_eq!(convoy.restore(brief, &actors).as_ref(), Ok(change));
        }
        assert_eq!(Convoy::default().shorten(&changes[0], &[[9; 16]]), None);
        assert_eq!(Convoy::default().shorten(b"no change", &actors), None);
    }

    #[test]
    fn what_names_nothing_or_is_too_long_is_refused() {
        let (_, actors) = written(1);
        let restore = |brief: &[u8]| Convoy::default().restore(brief, &actors);
        assert_eq!(restore(&[1, 1, 0]), Err(ChunkRefused::Absent), "a place before the first");
        assert_eq!(restore(&[0, 7]), Err(ChunkRefused::Absent), "nobody's author");
        assert!(matches!(restore(&[65]), Err(ChunkRefused::Deps { .. })));
        assert!(restore(&[]).is_err() && restore(&[1, 0, 5]).is_err());
        let long = [&[0, 0][..], &vec![0; CHANGE_BYTES_MAX]].concat();
        assert!(matches!(restore(&long), Err(ChunkRefused::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_what_is_restored_is_read_or_refused(
            all in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8)
        ) {
            let mut convoy = Convoy::default();
            for brief in &all {
                if let Ok(change) = convoy.restore(brief, &[[1; 16], [2; 16]]) {
                    let _ = super::super::read(&change);
                }
            }
        }

        #[test]
        fn a_flipped_byte_never_restores_the_same_change(at in any::<prop::sample::Index>(), bit in 0..8) {
            let (changes, actors) = written(3);
            let mut brief = shortened(&changes, &actors);
            let last = brief.last_mut().expect("three");
            let at = at.index(last.len());
            last[at] ^= 1_u8 << bit;
            let mut convoy = Convoy::default();
            let restored: Vec<_> =
                brief.iter().map(|brief| convoy.restore(brief, &actors)).collect();
            prop_assert!(restored[2].as_ref() != Ok(&changes[2]));
        }
    }
}
