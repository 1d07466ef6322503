//! Annotations: what organisations say about a published practice.
//!
//! An edition is never changed. What is to be known of it later is said beside
//! it, in signed public records: that it is *withdrawn*, or *confirmed* as still
//! valid; that somebody *uses it too*; how it reads in another language; that
//! another entry tells of the *same* work. All are one kind of record, an
//! [`Annotation`] with a [`Deed`], so that a new thing to say is one more deed and
//! no new way of holding, judging or showing.
//!
//! An annotation names the practice by what its id is made of, the certificate that
//! founded it and the nonce of edition 1. So whether that practice was erased is a
//! question about the annotation and the authority set alone, and a node that never
//! held the practice answers it as every other does: what was said about an erased
//! practice, a translation above all, goes with it.
//!
//! [`fold`](fold::fold) makes what stands from the *set* of annotations, whatever
//! the order in which they came. What an organisation said it takes back, or says
//! anew, by a later annotation that *follows* it; nobody does that for another.
//! What is by the wrong person counts for nothing, and the
//! [reason](AnnotationRefused) is told. No clock decides anything here.

use crate::identity::document_id;
use crate::identity::{CertificateId, DocumentId, EditionId, FederationId, Nonce, RecordId};
use crate::numbered::numbered;
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

pub mod fold;
mod form;
mod refused;
mod translation;

pub use form::{ALIASES_MAX, Adaptation, Alias, Aliases, Remark, Scheme, WORDS_MAX, Worked};
pub use refused::AnnotationRefused;
pub use translation::{TRANSLATION_BYTES_MAX, TranslatedChallenge, Translation};

/// An annotation names at most this many editions.
pub const NAMED_MAX: usize = 16;
/// An annotation follows at most this many others.
pub const FOLLOWS_MAX: usize = 16;
/// The canonical form of what an annotation says has at most this many bytes
/// (16 KiB); a translation has [`TRANSLATION_BYTES_MAX`].
pub const FORM_BYTES_MAX: usize = 16 * 1024;

/// Something that an organisation says about a practice; signed by one of its
/// publishers.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Annotation {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance, so that two annotations of the same words are two.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The certificate that founded the practice.
    #[n(2)]
    pub founder: CertificateId,
    /// The nonce of its edition 1.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub founding: Nonce,
    /// The editions that it is about, ascending.
    #[n(4)]
    pub editions: Vec<EditionId>,
    /// What is said.
    #[n(5)]
    pub deed: Deed,
    /// Annotations of the same organisation that it takes back or says anew,
    /// ascending.
    #[n(6)]
    pub follows: Vec<RecordId>,
    /// When, by the signer's clock.
    #[n(7)]
    pub claimed_at: Timestamp,
}

/// What can be said.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
pub enum Deed {
    /// The organisation that the practice comes from does not stand for these
    /// editions any more.
    #[n(0)]
    Withdraw {
        /// Why.
        #[n(0)]
        reason: Reason,
        /// Whether what they follow is withdrawn with them.
        #[n(1)]
        past: bool,
        /// What to read instead.
        #[n(2)]
        replaced_by: Option<DocumentId>,
        /// In words: a [`Remark`].
        #[n(3)]
        why: Tree,
    },
    /// The organisation that the practice comes from looked at these editions and
    /// says that they are still valid.
    #[n(1)]
    Confirm {
        /// In words: a [`Remark`].
        #[n(0)]
        note: Tree,
    },
    /// The signer's organisation uses the practice too.
    #[n(2)]
    Adapt {
        /// Where, since when, what it changed, with what outcome: an
        /// [`Adaptation`].
        #[n(0)]
        adaptation: Tree,
    },
    /// How the edition reads in another language.
    #[n(3)]
    Translate {
        /// A [`Translation`].
        #[n(0)]
        translation: Tree,
    },
    /// The same work is told of elsewhere.
    #[n(4)]
    SameAs {
        /// In this practice.
        #[n(0)]
        practice: Option<DocumentId>,
        /// Under these names: [`Aliases`].
        #[n(1)]
        aliases: Tree,
    },
    /// What it follows is taken back.
    #[n(5)]
    TakeBack {
        /// Why: a [`Remark`].
        #[n(0)]
        why: Tree,
    },
}

numbered! {
    /// Why editions are withdrawn. The number is signed.
    Reason {
        /// What they tell of is over, or done differently now.
        Outdated 0 "outdated";
        /// They say what is not so.
        Wrong 1 "wrong";
        /// Something else takes their place.
        Superseded 2 "superseded";
        /// Who does as they say may do harm.
        Unsafe 3 "unsafe";
        /// Somebody else has rights in them.
        Rights 4 "rights";
        /// Another reason, told in words.
        Other 5 "other";
    }
}

impl Deed {
    /// The code of JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Withdraw { .. } => "withdraw",
            Self::Confirm { .. } => "confirm",
            Self::Adapt { .. } => "adapt",
            Self::Translate { .. } => "translate",
            Self::SameAs { .. } => "same-as",
            Self::TakeBack { .. } => "take-back",
        }
    }

    /// Whether only the organisation says it that the practice comes from.
    pub const fn is_of_the_origin(&self) -> bool {
        matches!(self, Self::Withdraw { .. } | Self::Confirm { .. })
    }

    /// Whether this is said in the place of an earlier one of the same
    /// organisation that it follows.
    pub fn says_anew(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Withdraw { .. }, Self::Withdraw { .. })
            | (Self::Confirm { .. }, Self::Confirm { .. })
            | (Self::Adapt { .. }, Self::Adapt { .. }) => true,
            (Self::Translate { translation: ours }, Self::Translate { translation: theirs }) => {
                Translation::from_tree(ours).language == Translation::from_tree(theirs).language
            }
            (Self::SameAs { practice: ours, .. }, Self::SameAs { practice: theirs, .. }) => {
                ours == theirs
            }
            _ => false,
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Withdraw { why: remark, .. }
            | Self::Confirm { note: remark }
            | Self::TakeBack { why: remark } => {
                fits(remark, FORM_BYTES_MAX)?;
                said_within(Remark::from_tree(remark).is_legal())
            }
            Self::Adapt { adaptation } => {
                fits(adaptation, FORM_BYTES_MAX)?;
                said_within(Adaptation::from_tree(adaptation).is_legal())
            }
            Self::Translate { translation } => {
                fits(translation, TRANSLATION_BYTES_MAX)?;
                let translation = Translation::from_tree(translation);
                said_within(translation.is_legal())?;
                if translation.language.is_none() || translation.is_empty() {
                    return Err("a translation names no language, or translates nothing");
                }
                Ok(())
            }
            Self::SameAs { practice, aliases } => {
                fits(aliases, FORM_BYTES_MAX)?;
                let aliases = Aliases::from_tree(aliases);
                said_within(aliases.is_legal())?;
                if practice.is_none() && aliases.aliases.is_empty() {
                    return Err("it does not say what the practice is the same as");
                }
                Ok(())
            }
        }
    }
}

fn fits(tree: &Tree, bytes_max: usize) -> Result<(), &'static str> {
    if tree.check().is_err() || tree.to_bytes().len() > bytes_max {
        return Err("what an annotation says is too long, or nested too deep");
    }
    Ok(())
}

const fn said_within(legal: bool) -> Result<(), &'static str> {
    if legal { Ok(()) } else { Err("a field of what an annotation says is beyond its bound") }
}

impl Annotation {
    /// The practice that it is about.
    pub fn practice(&self, federation: FederationId) -> DocumentId {
        document_id(federation, self.founder, &self.founding)
    }
}

impl Statement for Annotation {
    const KIND: Kind = Kind::known("annotation");

    fn check(&self) -> Result<(), &'static str> {
        if self.editions.len() > NAMED_MAX || !self.editions.is_sorted_by(|a, b| a < b) {
            return Err("an annotation names at most 16 editions, listed in ascending order");
        }
        if self.follows.len() > FOLLOWS_MAX || !self.follows.is_sorted_by(|a, b| a < b) {
            return Err("an annotation follows at most 16 others, listed in ascending order");
        }
        match &self.deed {
            Deed::Withdraw { .. } | Deed::Confirm { .. } if self.editions.is_empty() => {
                return Err("a withdrawal or a confirmation names no edition");
            }
            Deed::Translate { .. } if self.editions.len() != 1 => {
                return Err("a translation is of one edition");
            }
            Deed::TakeBack { .. } if self.follows.is_empty() => {
                return Err("it takes nothing back");
            }
            _ => {}
        }
        self.deed.check()
    }
}

#[cfg(test)]
mod tests;
