//! What stands of all that was said about a practice: a function of the authority
//! set, of the practice's editions and of the set of annotations, whatever the order
//! in which they came.

use std::collections::{BTreeMap, BTreeSet};

use super::{Annotation, AnnotationRefused, Deed};
use crate::authority::{Authority, Role};
use crate::identity::{CertificateId, DocumentId, EditionId, OrgId, RecordId};
use crate::review::fold::speaks_about;
use crate::signed::Verified;
use crate::timestamp::Timestamp;

/// Of the annotations of one signer on one practice the first so many, by their ids,
/// are heard.
pub const HEARD_MAX: usize = 256;

/// The practice that is spoken of.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its id.
    pub practice: DocumentId,
    /// The organisation that it comes from.
    pub origin: OrgId,
    /// Its editions with those that each follows, each after those.
    pub editions: &'a [(EditionId, &'a [EditionId])],
}

/// An annotation that stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Stands {
    /// Its id.
    pub id: RecordId,
    /// Whose word it is.
    pub org: OrgId,
    /// What was signed.
    pub body: Annotation,
}

/// What stands of what was said.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Said {
    /// What stands, ascending by id. What takes something back is not told
    /// among it.
    pub stands: Vec<Stands>,
    /// What does not stand, with the reason.
    pub refused: BTreeMap<RecordId, AnnotationRefused>,
    /// Editions that are withdrawn, each with the withdrawal that is told: of
    /// several the last as its signer claims, then the one with the largest id.
    pub withdrawn: BTreeMap<EditionId, RecordId>,
}

impl Said {
    /// One that stands.
    pub fn get(&self, id: &RecordId) -> Option<&Stands> {
        let at = self.stands.binary_search_by_key(id, |one| one.id).ok()?;
        self.stands.get(at)
    }

    /// The withdrawal of an edition.
    pub fn withdrawal(&self, edition: &EditionId) -> Option<&Stands> {
        self.get(self.withdrawn.get(edition)?)
    }

    /// The last confirmation of an edition, as is claimed.
    pub fn confirmation(&self, edition: &EditionId) -> Option<&Stands> {
        let of_it = |one: &&Stands| {
            matches!(one.body.deed, Deed::Confirm { .. }) && one.body.editions.contains(edition)
        };
        self.stands.iter().filter(of_it).max_by_key(|one| (one.body.claimed_at, one.id))
    }

    /// Since when the word of those it comes from is not renewed for an edition that
    /// was published at a time.
    pub fn renewed(&self, edition: &EditionId, published: Timestamp) -> Timestamp {
        let confirmed = self.confirmation(edition).map(|one| one.body.claimed_at);
        confirmed.map_or(published, |at| at.max(published))
    }
}

/// What stands. Equal sets of annotations give equal answers; what is in no set is not
/// asked for.
pub fn fold(
    authority: &Authority,
    subject: &Subject<'_>,
    annotations: &[Verified<Annotation>],
) -> Said {
    let mut said = Said::default();
    let mut order: Vec<&Verified<Annotation>> = annotations.iter().collect();
    order.sort_unstable_by_key(|one| one.id());
    order.dedup_by_key(|one| one.id());
    let mut heard: BTreeMap<CertificateId, usize> = BTreeMap::new();
    let mut counted: BTreeMap<RecordId, (OrgId, &Verified<Annotation>)> = BTreeMap::new();
    for annotation in order {
        let number = heard.entry(annotation.body().by).or_default();
        *number += 1;
        let judged = match *number > HEARD_MAX {
            true => Err(AnnotationRefused::TooMany),
            false => judge(authority, subject, annotation),
        };
        match judged {
            Ok(org) => drop(counted.insert(annotation.id(), (org, annotation))),
            Err(refused) => drop(said.refused.insert(annotation.id(), refused)),
        }
    }
    for (id, (org, later)) in &counted {
        for earlier in &later.body().follows {
            let Some((of, followed)) = counted.get(earlier) else { continue };
            let deed = &later.body().deed;
            let takes = matches!(deed, Deed::TakeBack { .. });
            if of == org && (takes || deed.says_anew(&followed.body().deed)) {
                let refused = said.refused.entry(*earlier);
                refused.or_insert(AnnotationRefused::Followed(*id));
            }
        }
    }
    for (id, (org, annotation)) in counted {
        let takes_back = matches!(annotation.body().deed, Deed::TakeBack { .. });
        if !takes_back && !said.refused.contains_key(&id) {
            said.stands.push(Stands { id, org, body: annotation.body().clone() });
        }
    }
    said.withdrawn = withdrawn(subject, &said.stands);
    said
}

fn judge(
    authority: &Authority,
    subject: &Subject<'_>,
    annotation: &Verified<Annotation>,
) -> Result<OrgId, AnnotationRefused> {
    let body = annotation.body();
    if annotation.only_signer().is_none() {
        return Err(AnnotationRefused::Signatures);
    }
    if body.practice(authority.federation()) != subject.practice {
        return Err(AnnotationRefused::OtherPractice);
    }
    let about = Some(*subject.practice.as_bytes());
    let org = speaks_about(authority, body.by, &[Role::Publisher], annotation, about)?;
    if body.deed.is_of_the_origin() && org != subject.origin {
        return Err(AnnotationRefused::NotOrigin);
    }
    Ok(org)
}

/// The editions that are withdrawn.
fn withdrawn(subject: &Subject<'_>, stands: &[Stands]) -> BTreeMap<EditionId, RecordId> {
    let mut withdrawals: Vec<(&Stands, bool)> = stands
        .iter()
        .filter_map(|one| match one.body.deed {
            Deed::Withdraw { past, .. } => Some((one, past)),
            _ => None,
        })
        .collect();
    withdrawals.sort_unstable_by_key(|(one, _)| (one.body.claimed_at, one.id));
    let mut withdrawn = BTreeMap::new();
    for (one, past) in withdrawals {
        let mut reached: BTreeSet<EditionId> = one.body.editions.iter().copied().collect();
        // Each edition stands after those that it follows.
        for (edition, follows) in subject.editions.iter().rev() {
            if reached.contains(edition) {
                withdrawn.insert(*edition, one.id);
                if past {
                    reached.extend(follows.iter().copied());
                }
            }
        }
    }
    withdrawn
}
