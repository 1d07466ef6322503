//! Needs on the board: what is asked for in public, when nobody was found.
//!
//! A [`Need`] is of class A: everybody reads it. It says little, and nothing of the
//! request behind it, which stays sealed: neither its id nor its text. The needs of one
//! [thread](Need::thread) take each other's place ([`standing`]); the last word may be
//! that there is none any more. A [`Help`] is the opposite: an expert's word to those who
//! posted a need, for them alone, in a [letter](crate::parcel).
//!
//! No clock decides anything here: a need that has ended is one that is not shown.

use std::collections::BTreeMap;

use crate::authority::{Authority, Role};
use crate::identity::{CertificateId, Nonce, RecordId};
use crate::signed::{Kind, Statement};
use crate::timestamp::Timestamp;
use crate::value::Tree;

mod form;

pub use form::{STUB_BYTES_MAX, Stub};

/// The needs of one thread are numbered up to this.
pub const NEED_NUMBER_MAX: u32 = 1_000;
/// A need ends at most this many milliseconds after it was signed: 366 days.
pub const NEED_LIFE_MAX: i64 = 366 * 86_400_000;
/// Who offers help says so in at least this many characters.
pub const HELP_CHARACTERS_MIN: usize = 10;
/// Who offers help says so in at most this many characters.
pub const HELP_CHARACTERS_MAX: usize = 2_000;
/// The roles of which whoever posts a need has one.
pub const ROLES: [Role; 3] = [Role::FocalPoint, Role::Publisher, Role::Contributor];

/// What somebody needs, for everybody to read.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Need {
    /// The certificate that signs.
    #[n(0)]
    pub by: CertificateId,
    /// Chance, so that two needs of the same words are two.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
    /// The first need of its thread; none in that one itself.
    #[n(2)]
    pub first: Option<RecordId>,
    /// 0 in the first of a thread, then one more each time, at most
    /// [`NEED_NUMBER_MAX`].
    #[n(3)]
    pub n: u32,
    /// What it says: a [`Stub`]; empty if nothing is needed any more.
    #[n(4)]
    pub stub: Tree,
    /// When it was signed, by the signer's clock.
    #[n(5)]
    pub claimed_at: Timestamp,
    /// When it ends: later than it was signed, and by at most [`NEED_LIFE_MAX`].
    #[n(6)]
    pub expires: Timestamp,
}

impl Statement for Need {
    const KIND: Kind = Kind::known("need");

    fn check(&self) -> Result<(), &'static str> {
        if self.n > NEED_NUMBER_MAX || (self.n == 0) != self.first.is_none() {
            return Err("the first need of a thread has the number 0, those after it up to 1,000");
        }
        if self.stub.check().is_err() || self.stub.to_bytes().len() > STUB_BYTES_MAX {
            return Err("a need is longer than 1,500 bytes, or nested too deep");
        }
        if self.n == 0 && self.stub.0.is_empty() {
            return Err("the first need of a thread says something");
        }
        if !(1..=NEED_LIFE_MAX).contains(&self.expires.since(self.claimed_at)) {
            return Err("a need ends within 12 months after it was signed");
        }
        Ok(())
    }
}

impl Need {
    /// The thread of a need with this id.
    pub fn thread(&self, id: RecordId) -> RecordId {
        self.first.unwrap_or(id)
    }

    /// What it says, as a form.
    pub fn form(&self) -> Stub {
        Stub::from_tree(&self.stub)
    }

    /// Whether it is shown at `now`: it says something and has not ended. A matter of
    /// the reader's clock.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        !self.stub.0.is_empty() && now < self.expires
    }
}

/// The need that stands in a thread, of those that are held: the first has to be; then
/// of those by the same certificate, or by a focal point of the same organisation, the one
/// with the highest number, of several that with the larger id. The same on every node
/// that holds the same, in whatever order they came.
pub fn standing<'a>(
    authority: &Authority,
    thread: &RecordId,
    held: &'a BTreeMap<RecordId, Need>,
) -> Option<(RecordId, &'a Need)> {
    let first = held.get(thread).filter(|need| need.first.is_none())?;
    let of = |by: &CertificateId| authority.certificate(by);
    let org = of(&first.by).map(|granted| granted.org);
    let may = |by: &CertificateId| {
        let focal = of(by).filter(|granted| granted.certificate.roles.has(Role::FocalPoint));
        *by == first.by || focal.is_some_and(|granted| Some(granted.org) == org)
    };
    let all = held.iter().filter(|(id, need)| *id == thread || may(&need.by));
    all.max_by_key(|(id, need)| (need.n, **id)).map(|(id, need)| (*id, need))
}

/// An expert's word that they can help, to those who posted a need; in letters alone.
#[derive(Clone, PartialEq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Help {
    /// The expert's certificate, which signs.
    #[n(0)]
    pub by: CertificateId,
    /// The first need of the thread.
    #[n(1)]
    pub need: RecordId,
    /// How they can help.
    #[n(2)]
    pub text: String,
    /// When, by the expert's clock.
    #[n(3)]
    pub claimed_at: Timestamp,
}

impl Statement for Help {
    const KIND: Kind = Kind::known("help");

    fn check(&self) -> Result<(), &'static str> {
        let characters = self.text.chars().count();
        if (HELP_CHARACTERS_MIN..=HELP_CHARACTERS_MAX).contains(&characters) {
            Ok(())
        } else {
            Err("who offers help says how in 10 to 2,000 characters")
        }
    }
}

#[cfg(test)]
mod tests;
