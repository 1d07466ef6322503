//! Which changes are covered: by a signature that counts, or by an adoption.

use std::collections::{BTreeMap, BTreeSet};

use super::{Held, Order, Quarantine, Signature};
use crate::authority::{Authority, CutRun};
use crate::identity::{CertificateId, RecordId};

/// What covers each change.
pub(super) struct Covering {
    /// Certificates whose signatures run over the change in full.
    signed: Vec<Vec<CertificateId>>,
    /// Certificates that signed it and ended without listing it.
    ended: Vec<Vec<CertificateId>>,
    adopted: Vec<Option<RecordId>>,
    /// The first ending of each certificate in `ended`.
    endings: BTreeMap<CertificateId, RecordId>,
    /// Adoptions that may be, with who adopted up to which change.
    pub(super) adoptions: Vec<(CertificateId, usize)>,
}

impl Covering {
    pub(super) fn of(authority: &Authority, held: &Held<'_>, order: &Order<'_>) -> Self {
        let count = order.changes.len();
        let mut covering = Self {
            signed: vec![Vec::new(); count],
            ended: vec![Vec::new(); count],
            adopted: vec![None; count],
            endings: BTreeMap::new(),
            adoptions: Vec::new(),
        };
        for signature in held.signatures {
            covering.sign(authority, held, order, signature);
        }
        covering.adopt(authority, held, order);
        covering
    }

    fn sign(
        &mut self,
        authority: &Authority,
        held: &Held<'_>,
        order: &Order<'_>,
        signature: &Signature,
    ) {
        let Signature { id, by, actor, first, last, head } = signature;
        let granted = authority.once_valid(by);
        let about = Some(held.document);
        if !granted.is_some_and(|granted| granted.certificate.allows(held.role, about)) {
            return;
        }
        // Each ending either lists the signature, or says how far runs stand.
        let within: Vec<BTreeSet<usize>> = authority
            .standing_of_run(by, id.as_bytes(), actor)
            .into_iter()
            .flatten()
            .map(|runs| {
                let chain = |run: &&CutRun| order.chain(actor, 1, run.last, &run.head);
                runs.iter().flat_map(chain).collect()
            })
            .collect();
        for place in order.chain(actor, *first, *last, head) {
            if within.iter().all(|stands| stands.contains(&place)) {
                self.signed[place].push(*by);
            } else {
                self.ended[place].push(*by);
                if let Some(ending) = authority.ended(by) {
                    self.endings.insert(*by, ending);
                }
            }
        }
    }

    /// Adoptions of what ended certificates signed and cuts leave out.
    fn adopt(&mut self, authority: &Authority, held: &Held<'_>, order: &Order<'_>) {
        for certificate in self.endings.keys() {
            let adopted =
                authority.adopted_changes(certificate, held.document, held.home, held.role);
            let mut adopted: Vec<_> = adopted.collect();
            adopted.sort_unstable();
            for (record, by, change) in adopted {
                let Some(&head) = order.places.get(&change) else { continue };
                self.adoptions.push((by, head));
                let past = order.with_pasts(|place| place == head);
                for place in (0..order.changes.len()).filter(|place| past[*place]) {
                    if self.ended[place].contains(certificate) {
                        self.adopted[place].get_or_insert(record);
                    }
                }
            }
        }
    }

    /// Whether the change is covered.
    pub(super) fn counts(&self, place: usize) -> bool {
        !self.signed[place].is_empty() || self.adopted[place].is_some()
    }

    /// Whose signatures run over it in full.
    pub(super) fn signers(&self, place: usize) -> &[CertificateId] {
        &self.signed[place]
    }

    /// Whose work it is, standing or not.
    pub(super) fn authors(&self, place: usize) -> impl Iterator<Item = &CertificateId> {
        self.signed[place].iter().chain(&self.ended[place])
    }

    /// The adoption by which alone it is covered.
    pub(super) fn adopted(&self, place: usize) -> Option<RecordId> {
        self.adopted[place].filter(|_| self.signed[place].is_empty())
    }

    /// Why it is not covered.
    pub(super) fn why_not(&self, place: usize) -> Option<Quarantine> {
        if self.counts(place) {
            return None;
        }
        let ended = self.ended[place].iter().min();
        Some(match ended.and_then(|id| Some((*id, *self.endings.get(id)?))) {
            Some((certificate, by)) => Quarantine::Revoked { certificate, by },
            None => Quarantine::Unsigned,
        })
    }
}
