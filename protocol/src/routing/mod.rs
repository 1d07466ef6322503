//! Routing: how parcels reach their readers over nodes that cannot read them.
//!
//! Parcels are a set like any other, and every node carries every parcel: so
//! delay is the best possible and there is no route to lose. A parcel lives
//! until somebody shows the secret that was inside it; what is left is its
//! label with that secret, so that no copy comes back from a node that was
//! away. Both halves are judged by the label alone, so all nodes hold the same.
//!
//! [`custody`] is the trail that people see: each holder's signed word goes to
//! the node that gave it the parcel, and so from hand to hand back to the
//! sender. Nothing depends on it, and it is in no set.
//!
//! Of the parcels in one [lane](tern_crdt::parcel::Lane) that with the highest
//! number stands, of several the one with the larger id: it takes the place of the
//! one before, ended or not, so there is never more than one from a node to another.
//! They carry parts of [drafts](crate::letters).
//!
//! What is not here: opening parcels. Only the shell has keys.

use tern_crdt::authority::Role;
use tern_crdt::identity::{ParcelId, PublicKey, digest};
use tern_crdt::parcel::{Custody, Parcel, Urgency};
use tern_crdt::signed::Verified;

use crate::gate::GateRefused;
use crate::library::Library;
use crate::meeting::set::{SetId, State};
use crate::step::Change;
use crate::store::{Store, StoreError};

pub mod custody;
pub mod desk;
pub mod next;

/// A parcel as it is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldParcel {
    /// Its signed label.
    pub label: Verified<Parcel>,
    /// The sealed bytes, or the secret that ended it.
    pub rest: Rest,
}

/// What a node has of a parcel beside its label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rest {
    /// It is carried: the sealed bytes.
    Sealed(Vec<u8>),
    /// It ended: the secret that was inside.
    Ended([u8; 32]),
}

impl HeldParcel {
    /// Its id.
    pub const fn id(&self) -> ParcelId {
        self.label.id().cast()
    }

    /// Whether somebody showed its secret.
    pub const fn is_ended(&self) -> bool {
        matches!(self.rest, Rest::Ended(_))
    }

    /// What the label says of the rest.
    fn check(&self) -> Result<(), GateRefused> {
        match &self.rest {
            Rest::Sealed(sealed) if !self.label.body().holds(sealed) => {
                Err(GateRefused::Parcel("its sealed bytes are not those that its label names"))
            }
            Rest::Ended(secret) if !self.label.body().is_ended_by(secret) => {
                Err(GateRefused::Parcel("the secret that would end it is not the one inside it"))
            }
            _ => Ok(()),
        }
    }

    /// The half of the gate that needs nothing but the bytes.
    pub(crate) fn examine(label: Verified, rest: Rest) -> Result<Self, GateRefused> {
        let held = Self { label: label.read()?, rest };
        held.check()?;
        Ok(held)
    }

    /// The state of the parcel as an element of its set.
    pub fn state(&self) -> State {
        state(self.is_ended())
    }
}

/// The state of a parcel: one of two, as its id commits to all the rest.
pub fn state(ended: bool) -> State {
    digest("tern/parcel-state/v1", &[if ended { b"ended" } else { b"sealed" }])
}

impl<S: Store> Library<S> {
    /// The half of the gate that needs what is held.
    pub(crate) fn admit_parcel(
        &mut self,
        parcel: HeldParcel,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let label = parcel.label.body();
        let Some(key) = parcel.label.only_signer() else {
            return Ok(Err(GateRefused::Parcel("its label has more than one signature")));
        };
        let (id, role) = (parcel.id(), Some(Role::Node));
        if let Err(forbidden) = self.authority().counts(label.by, key, role, id.as_bytes()) {
            return Ok(Err(forbidden.into()));
        }
        if label.expires < self.authority().beacon() {
            return Ok(Err(GateRefused::Over));
        }
        if let Some(lane) = label.lane {
            if !self.is_known_node(&lane.to) {
                return Ok(Err(GateRefused::NotYet("word of the node that it is for")));
            }
            match self.lanes.get(&(key, lane.to)).copied() {
                // An earlier one is nobody's fault.
                Some(held) if held > (lane.n, id) => return Ok(Ok(Change::Known)),
                Some((_, held)) if held != id => self.drop_parcel(&held),
                _ => {}
            }
        }
        match self.set(SetId::Parcels).get(id.as_bytes()) {
            // What ended stays so; nothing is sealed twice.
            Some(held) if *held == state(true) || *held == parcel.state() => {
                return Ok(Ok(Change::Known));
            }
            _ => {}
        }
        if parcel.is_ended() {
            self.forget_custody(&id)?;
        }
        self.put_parcel(&parcel);
        Ok(Ok(Change::Parcel(id)))
    }

    /// Lets in a node's word that it holds a parcel that is held here too.
    pub(crate) fn admit_custody(
        &mut self,
        record: Verified,
    ) -> Result<Result<Change, GateRefused>, StoreError> {
        let custody = match record.read::<Custody>() {
            Ok(custody) => custody,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let Some(key) = custody.only_signer() else {
            return Ok(Err(GateRefused::Parcel("a custody has more than one signature")));
        };
        let body = custody.body();
        let (id, role) = (custody.id(), Some(Role::Node));
        if let Err(forbidden) = self.authority().counts(body.by, key, role, id.as_bytes()) {
            return Ok(Err(forbidden.into()));
        }
        match self.set(SetId::Parcels).get(body.parcel.as_bytes()) {
            None => return Ok(Err(GateRefused::NotYet("the parcel that it is about"))),
            // Nobody looks for what ended.
            Some(held) if *held == state(true) => return Ok(Ok(Change::Known)),
            Some(_) => {}
        }
        self.put_custody(&custody)
    }

    /// Carried parcels, the urgent ones first, then ascending by id.
    pub fn parcels(&self) -> impl Iterator<Item = (ParcelId, Urgency)> + '_ {
        let mut parcels: Vec<_> =
            self.urgency.iter().map(|(id, urgency)| (*urgency, *id)).collect();
        parcels.sort_unstable();
        parcels.into_iter().map(|(urgency, id)| (id, urgency))
    }

    /// Whether some certificate makes this key that of a node, ended or not: so it
    /// stays once it is heard of.
    fn is_known_node(&self, key: &PublicKey) -> bool {
        let mut granted = self.authority().certificates_of(key);
        granted.any(|(_, granted)| granted.certificate.roles.has(Role::Node))
    }

    /// Whether a parcel goes in a lane: it is about no request.
    pub fn is_in_lane(&self, id: &ParcelId) -> bool {
        self.laned.contains_key(id)
    }

    /// How many parcels are carried.
    pub fn carried(&self) -> usize {
        self.urgency.len()
    }

    /// A parcel, carried or ended.
    pub fn parcel(&self, id: &ParcelId) -> Result<Option<HeldParcel>, StoreError> {
        self.ledger().parcel(id)
    }
}
