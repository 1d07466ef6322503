//! A stick goes there and back between two nodes that never connect.
//!
//! It was there before: each knows from its last file what the other has. Then the
//! holder publishes, writes for the reader what that lacks, and the reader's file brings
//! back what it has now. Counted are these two files.

use std::path::Path;
use std::time::Instant;

use super::LinksError;
use super::case::Figures;
use super::library::Library;
use super::process::{Folder, Serving};

/// What was carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stick {
    /// Bytes of the file with what the reader lacks.
    pub there: u64,
    /// Bytes of the file that says what it has.
    pub back: u64,
    /// Of both: what changed, packed.
    pub packed: u64,
}

impl Stick {
    /// What was carried beside what changed, in bytes.
    pub const fn beside(&self) -> u64 {
        (self.there + self.back).saturating_sub(self.packed)
    }
}

/// Carries a stick after so many practices changed; the time is that of the four
/// commands.
pub(super) async fn measure(
    holder: Folder,
    reader: Folder,
    library: &Library,
    changed: u64,
    dir: &Path,
) -> Result<Figures, LinksError> {
    let (holder, reader) = (holder.serve(false).await?, reader.serve(false).await?);
    let file = dir.join("first.bundle");
    for (from, to) in [(&reader, &holder), (&holder, &reader), (&reader, &holder)] {
        carry(from, to, &file).await?;
    }
    library.publish_again(&holder, changed).await?;
    let begun = Instant::now();
    let there = carry(&holder, &reader, &dir.join("there.bundle")).await?;
    let back = carry(&reader, &holder, &dir.join("back.bundle")).await?;
    let time = begun.elapsed();
    if reader.holds_as(&holder).await?.is_none() {
        let (asked, said) = ("bundle read".into(), "the two hold other things".into());
        return Err(LinksError::Refused { asked, said });
    }
    let stick = Stick { there: there.0, back: back.0, packed: there.1 + back.1 };
    Ok(Figures { time, stick: Some(stick), ..Figures::default() })
}

/// One writes for the other, who reads: bytes of the file, and of what changed in it.
async fn carry(from: &Serving, to: &Serving, file: &Path) -> Result<(u64, u64), LinksError> {
    let file = file.to_string_lossy();
    let reader = to.node();
    let wrote = from.folder.ask(&["bundle", "write", &file, "--for", &reader]).await?;
    to.folder.ask(&["bundle", "read", &file]).await?;
    let number = |name: &str| wrote[name].as_u64().unwrap_or_default();
    Ok((number("bytes"), number("packed_bytes")))
}
