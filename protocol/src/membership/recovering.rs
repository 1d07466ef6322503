//! An organisation that lost its keys knocks with an invitation, as a newcomer
//! does, and shows which keys it asks for.
//!
//! What it shows is kept beside every set until the stewards have given it
//! those keys. Nothing here gives them: only a
//! [`Rekey`](tern_crdt::authority::Rekey) does, and to whom the key belongs is
//! asked of people. Once the root key that signed is in force, its word that
//! the peer is a node of the organisation is as good as a certificate, and the
//! two meet.

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::authority::{Recovery, Standing};
use tern_crdt::identity::{FederationId, OrgId, PublicKey, RecordId};
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;

use super::{read_stored, stored};
use crate::ledger::Private;
use crate::library::Library;
use crate::limits::KNOCKS_MAX;
use crate::message::Joined;
use crate::store::{Store, StoreError};

const RECOVERING: &[u8] = b"recovering/";

/// What an organisation that lost its keys showed here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovering {
    /// The id of what it showed.
    pub id: RecordId,
    /// The keys that it asks for; their signature holds.
    pub asks: Recovery,
    /// When it showed them, by this node's clock.
    pub since: Timestamp,
}

#[derive(minicbor::Encode, minicbor::Decode)]
struct Kept {
    #[n(0)]
    since: Timestamp,
    #[n(1)]
    record: ByteVec,
}

fn name(org: &OrgId) -> Vec<u8> {
    [RECOVERING, &org.as_bytes()[..]].concat()
}

/// What a peer shows instead of a genesis and a log.
pub(super) struct Shown {
    record: Record,
    pub(super) asks: Recovery,
}

impl Shown {
    /// Reads it, if it is that: one record of this kind, about the peer's own
    /// node. Its signature is looked at last, with [`verify`](Self::verify).
    pub(super) fn read(records: &[ByteVec], peer: PublicKey) -> Option<Result<Self, &'static str>> {
        let [record] = records else { return None };
        let record = Record::from_bytes(record).ok().filter(Record::is::<Recovery>)?;
        let Ok(asks) = record.peek::<Recovery>() else {
            return Some(Err("the keys that it asks for cannot be read"));
        };
        if asks.node != peer {
            return Some(Err("the keys that it asks for are for another node"));
        }
        Some(Ok(Self { record, asks }))
    }

    /// Whether the key that it names signed it, and nobody else.
    pub(super) fn verify(self, federation: FederationId) -> Result<Verified, &'static str> {
        let root = self.asks.root;
        let verified = self.record.verify(federation).map_err(|_| "its signature does not hold")?;
        match verified.only_signer() {
            Some(signer) if signer == root => Ok(verified),
            _ => Err("the root key that it names did not sign it"),
        }
    }
}

impl<S: Store> Library<S> {
    /// Organisations that showed here which keys they ask for, and do not have
    /// them yet, ascending by id.
    ///
    /// # Errors
    /// The store's, or a damaged value.
    pub fn recovering(&self) -> Result<Vec<Recovering>, StoreError> {
        let kept = self.kept_recovering()?.into_iter().map(|(_, kept)| kept);
        Ok(kept.filter(|kept| !self.has_keys(&kept.asks)).collect())
    }

    /// Whether the keys that an organisation asks for are those in force.
    fn has_keys(&self, asks: &Recovery) -> bool {
        let org = self.authority().organisation(&asks.org);
        org.is_some_and(|org| org.root == Some(asks.root))
    }

    /// Whether this is a node of an organisation that was given the keys with
    /// which it showed that here.
    ///
    /// # Errors
    /// The store's, or a damaged value.
    pub(crate) fn recovered(&self, peer: &PublicKey) -> Result<bool, StoreError> {
        let kept = self.kept_recovering()?;
        Ok(kept.iter().any(|(_, kept)| kept.asks.node == *peer && self.vouches(&kept.asks)))
    }

    /// Whether the root key that signed it is in force in a member's log.
    fn vouches(&self, asks: &Recovery) -> bool {
        self.has_keys(asks) && self.authority().standing(&asks.org) == Some(Standing::Member)
    }

    fn kept_recovering(&self) -> Result<Vec<(Bytes, Recovering)>, StoreError> {
        let read = |(name, value): (Bytes, Bytes)| {
            let Kept { since, record } = read_stored(&value)?;
            let read = |record: Record| Ok((record.id(), record.peek::<Recovery>()?));
            let (id, asks) = Record::from_bytes(&record)
                .and_then(read)
                .map_err(|refused| StoreError::Damaged(refused.to_string()))?;
            Ok((name, Recovering { id, asks, since }))
        };
        self.ledger().locals(RECOVERING)?.into_iter().map(read).collect()
    }

    /// Forgets what was asked for by nodes that have a certificate meanwhile.
    pub(super) fn forget_recovered(&mut self) -> Result<(), StoreError> {
        for (name, kept) in self.kept_recovering()? {
            if self.has_keys(&kept.asks) && self.authority().node(&kept.asks.node).is_some() {
                self.write(Private::local(name.to_vec(), None));
            }
        }
        Ok(())
    }

    /// Answers an organisation whose proof holds; notes down what it asks for.
    pub(super) fn recovery_knocked(
        &mut self,
        shown: Shown,
        now: Timestamp,
    ) -> Result<Result<Joined, &'static str>, StoreError> {
        let (asks, federation) = (shown.asks.clone(), self.authority().federation());
        let was_member = self.authority().organisation(&asks.org).is_some_and(|org| org.was_member);
        if !was_member {
            return Ok(Err(
                "no organisation of this id was ever a member: join with the invitation",
            ));
        }
        let verified = match shown.verify(federation) {
            Ok(verified) => verified,
            Err(reason) => return Ok(Err(reason)),
        };
        let known = self.ledger().locals(RECOVERING)?;
        let name = name(&asks.org);
        if known.len() >= KNOCKS_MAX && !known.iter().any(|(known, _)| *known == name) {
            return Ok(Err("too many organisations wait for new keys here: try again later"));
        }
        let record: ByteVec = verified.record().to_bytes().into();
        let same = known.iter().any(|(known, value)| {
            *known == name && read_stored::<Kept>(value).is_ok_and(|kept| kept.record == record)
        });
        if !same {
            self.write(Private::local(name, Some(stored(&Kept { since: now, record }))));
        }
        if self.vouches(&asks) {
            return Ok(Ok(Joined::Member));
        }
        Ok(Ok(Joined::Waiting("the stewards have to give it the new keys".into())))
    }
}
