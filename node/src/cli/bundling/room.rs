//! Where there is no room for all: how much there is, and what may go last.

use std::collections::BTreeSet;
use std::path::Path;

use tern_protocol::bundle::{Frontier, Header, Part, Read, element};
use tern_protocol::limits::FRONTIER_PART_MAX;
use tern_protocol::meeting::set::SetId;

use super::wanted::Object;
use crate::bundle::{Source, open, stick};
use crate::cli::session::Session;
use crate::ops::{Op, OpError};

/// What the end of a bundle takes at most.
pub(super) const END_BYTES: u64 = 512;

impl Session {
    /// Those among `objects` that every other writer on the stick holds, as
    /// far as members' bundles tell.
    pub(super) async fn known_to_all(
        &mut self,
        path: &Path,
        own: &Header,
        objects: &[Object],
    ) -> Result<BTreeSet<usize>, OpError> {
        let members = self.ask(Op::Members {}).await?;
        let items = members["items"].as_array().into_iter().flatten();
        let nodes: BTreeSet<&str> = items
            .flat_map(|item| item["nodes"].as_array().into_iter().flatten())
            .filter_map(|node| node.as_str().or_else(|| node["id"].as_str()))
            .collect();
        let mut known: Option<BTreeSet<usize>> = None;
        // None is there yet, or writing will tell what is wrong.
        let files = stick::bundles(path).map_or_else(|_| Vec::new(), |(files, _)| files);
        for file in files {
            // What cannot be read is its reader's trouble.
            let Some((header, frontier)) = frontier_of(&file) else { continue };
            let writer = header.node.node().to_string();
            if header.node == own.node
                || header.federation != own.federation
                || !nodes.contains(writer.as_str())
            {
                continue;
            }
            let held = among(objects, &header, &frontier);
            known = Some(match known {
                Some(known) => known.intersection(&held).copied().collect(),
                None => held,
            });
        }
        Ok(known.unwrap_or_default())
    }
}

/// Those among `objects` that the writer of a bundle for all holds, as far as it
/// tells; none if the file is not there, not whole, or another's.
pub(super) fn held_by(file: &Path, own: &Header, objects: &[Object]) -> BTreeSet<usize> {
    let reader = own.reader.as_ref().map(|to| to.node);
    match frontier_of(file) {
        Some((header, frontier))
            if Some(header.node) == reader && header.federation == own.federation =>
        {
            among(objects, &header, &frontier)
        }
        _ => BTreeSet::new(),
    }
}

fn among(objects: &[Object], header: &Header, frontier: &Frontier) -> BTreeSet<usize> {
    let has = |object: &Object| {
        frontier.has(object.set, &element(&header.key, &object.id, &object.state))
    };
    (0..objects.len()).filter(|at| has(&objects[*at])).collect()
}

/// What another writer held, if its bundle is whole.
fn frontier_of(file: &Path) -> Option<(Header, Frontier)> {
    let mut source = Source::new(open(file).ok()?.0);
    let mut frontier = Frontier::default();
    loop {
        match source.read_on().ok()? {
            Read::Part(Part::Frontier { set, elements }) => frontier.take(set, &elements),
            Read::Whole(end) => {
                frontier.finish();
                return (frontier.counts() == end.counts.held)
                    .then_some((source.header()?.clone(), frontier));
            }
            _ => {}
        }
    }
}

/// How much room there is for what.
pub(super) struct Room {
    /// Where the pieces have to end.
    pub(super) pieces: u64,
    /// Whether the frontier is written.
    pub(super) frontier: bool,
}

impl Room {
    pub(super) fn of(most: u64, objects: usize) -> Self {
        let frames = objects / FRONTIER_PART_MAX + SetId::ALL.len();
        let frontier_bytes = (objects * 8 + frames * 64) as u64;
        // It helps those who write back, but not at the cost of what they read.
        let frontier = frontier_bytes <= most / 4;
        let taken = END_BYTES + if frontier { frontier_bytes } else { 0 };
        let pieces = most.saturating_sub(taken);
        Self { pieces, frontier }
    }
}
