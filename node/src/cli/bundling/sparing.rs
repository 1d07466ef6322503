//! What stands where a bundle is to be written, and is not to be lost.

use std::path::Path;

use tern_protocol::bundle::{Header, Read};
use tern_protocol::limits::BUNDLE_VOLUMES_MAX;

use crate::bundle::{Ended, Source, open, stick};
use crate::cli::session::Session;
use crate::hex;
use crate::ops::{ErrorCode, Op, OpError};

impl Session {
    /// Refuses to write over a bundle of this node that is from a later state of
    /// it than this: what is in it may be nowhere else.
    pub(super) async fn spares_what_is_later(
        &mut self,
        path: &Path,
        on_stick: bool,
    ) -> Result<(), OpError> {
        let files = if on_stick {
            // None is there yet, or writing will tell what is wrong.
            stick::bundles(path).map_or_else(|_| Vec::new(), |(files, _)| files)
        } else {
            vec![path.to_owned()]
        };
        for file in files {
            // What cannot be read is no bundle of this node, or a damaged one.
            let Ok((opened, _)) = open(&file) else { continue };
            let mut source = Source::new(opened);
            if source.begin().is_err() {
                continue;
            }
            let op = Op::BundleOpen { header: hex::encode(source.signed()) };
            if self.ask(op).await.is_ok_and(|opened| opened["later"] == true) {
                let what = format!(
                    "{} is of a later state of this node, which was put back since, or of a copy of it: read it with `tern bundle read` first, or remove it if it cannot be read",
                    file.display()
                );
                return Err(OpError::new(ErrorCode::Conflict, what));
            }
        }
        Ok(())
    }
}

/// Removes volumes of an earlier bundle of this node that stand behind the last
/// one: they would be taken for missing ones of this.
pub(super) fn clear_behind(path: &Path, last: usize, own: &Header) -> Result<(), OpError> {
    for number in last + 1..=usize::from(BUNDLE_VOLUMES_MAX) {
        let place = path.with_added_extension(number.to_string());
        if !place.is_file() || may_be_replaced(&place, own).is_err() {
            break;
        }
        std::fs::remove_file(&place).map_err(|cause| {
            let what = format!("cannot remove {}: {cause}", place.display());
            OpError::new(ErrorCode::Failed, what)
        })?;
    }
    Ok(())
}

/// Refuses to write over what is not this node's own bundle.
pub(super) fn may_be_replaced(path: &Path, own: &Header) -> Result<(), OpError> {
    let conflict = |what: &str| {
        let what = format!("{} {what}: it is left as it is; name another file", path.display());
        Err(OpError::new(ErrorCode::Conflict, what))
    };
    if !path.exists() {
        return Ok(());
    }
    let (file, length) = open(path)?;
    if length == 0 {
        return Ok(());
    }
    let mut source = Source::new(file);
    loop {
        match source.read_on() {
            Ok(Read::Header(header)) if header.node == own.node => return Ok(()),
            Ok(Read::Header(_)) => return conflict("is the bundle of another node"),
            Ok(Read::Begun) => {}
            Ok(_) | Err(Ended::Broken(_) | Ended::Cut) => {
                return conflict("is no bundle of this node");
            }
            Err(Ended::System(cause)) => {
                let what = format!("cannot read {}: {cause}", path.display());
                return Err(OpError::new(ErrorCode::Failed, what));
            }
        }
    }
}
