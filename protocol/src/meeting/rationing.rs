//! Whose turn it is when more is pushed than goes at once.
//!
//! A certificate may have a *quota*: so many objects that its key signed go among the
//! first in one push, and the rest after those of everybody else. That is an order and
//! nothing more: all is pushed in the end, and both sets are equal then as without it.
//! Where a link ends early or its budget is spent, what waits is what one member sent
//! in masses, and not what others wrote meanwhile.
//!
//! *What counts is what this push is about, and not a day: a node meets nodes, not
//! authors, and what it is given may be the work of a year.*

use std::collections::BTreeMap;

use tern_crdt::authority::Authority;
use tern_crdt::identity::CertificateId;
use tern_crdt::signed::Record;

use super::view::View;
use crate::library::PieceId;
use crate::message::Piece;
use crate::store::{Store, StoreError};

/// What of each certificate's share was used in one push.
#[derive(Debug)]
pub(super) struct Rations {
    /// Whether anybody has a quota: without one nothing is read to find out whose
    /// something is.
    any: bool,
    /// What those have who were granted none.
    common: Option<u32>,
    used: BTreeMap<CertificateId, u32>,
}

impl Rations {
    /// None used yet.
    pub fn of(authority: &Authority) -> Self {
        let common = authority.common_quota();
        let own = || authority.certificates().any(|(_, g)| g.certificate.quota.is_some());
        Self { any: common.is_some() || own(), common, used: BTreeMap::new() }
    }

    /// Takes one object from the share of who signed the first of its pieces; whether
    /// that was used up before. Of what cannot be read it was not: that is told where
    /// it is pushed.
    pub fn is_used_up<S: Store>(
        &mut self,
        library: &View<'_, S>,
        pieces: &[PieceId],
    ) -> Result<bool, StoreError> {
        let Some(first) = pieces.first().filter(|_| self.any) else { return Ok(false) };
        let author = match whose(library, first) {
            Ok(author) => author,
            Err(StoreError::Damaged(_)) => None,
            Err(error) => return Err(error),
        };
        let Some(author) = author else { return Ok(false) };
        let granted = library.authority().certificate(&author);
        let own = granted.and_then(|granted| granted.certificate.quota);
        let Some(quota) = own.or(self.common) else { return Ok(false) };
        let used = self.used.entry(author).or_default();
        *used = used.saturating_add(1);
        Ok(*used > quota)
    }
}

/// Who signed a piece. Edition 1 is its founder's: it is not read for that, as a node
/// that joins lacks it of every practice.
fn whose<S: Store>(
    library: &View<'_, S>,
    piece: &PieceId,
) -> Result<Option<CertificateId>, StoreError> {
    if let PieceId::Edition(practice, id) = piece
        && let Some(entry) = library.ledger().practice(practice)?
        && entry.editions.iter().any(|one| one.id == *id && one.number == 1)
    {
        return Ok(Some(entry.founder));
    }
    Ok(library.piece(piece)?.as_ref().and_then(author))
}

/// Whose a piece is: the certificate that its record names.
fn author(piece: &Piece) -> Option<CertificateId> {
    let record = match piece {
        Piece::Record(record) => record,
        Piece::Edition { statement, .. } => statement,
        Piece::Parcel { label, .. } | Piece::Ended { label, .. } => label,
        Piece::Draft { .. } | Piece::Brief { .. } => return None,
    };
    Record::from_bytes(record).ok()?.author()
}
