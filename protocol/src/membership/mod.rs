//! Joining: from an invitation to being a member.
//!
//! A steward's node writes an [`Invitation`] with a one-time secret; of that
//! secret the node keeps only the public half. The newcomer proves the secret
//! and shows its genesis and the first entries of its log ([`Knock`]). The
//! inviter's node keeps them beside every set until the stewards have
//! admitted the organisation; then they enter the authority set, and both
//! nodes meet. Nothing here admits anybody: only a signed
//! [`Admit`](tern_crdt::authority::Admit) does.
//!
//! A member whom another has not heard of yet, or no longer, because that one
//! was restored from an older backup, shows its credentials: the records by
//! which anybody who knows the stewards can tell that it is a member.

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::authority::{Genesis, Grant, Role, Standing};
use tern_crdt::identity::{FederationId, OrgId, PublicKey};
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{JOIN_BYTES_MAX, JOIN_RECORDS_MAX, KNOCKS_MAX};
use crate::message::{Join, Joined};
use crate::store::{Store, StoreError};

mod invitation;
mod recovering;

use invitation::proof_covers;
pub use invitation::{Invitation, InvitationRefused, Knock};
pub use recovering::Recovering;
use recovering::Shown;

/// The version byte of what is stored here.
const VERSION: u8 = 1;
/// Under this stands what is remembered of invitations.
const INVITED: &[u8] = b"invited/";

/// What the inviter remembers of an invitation.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Invited {
    /// When it ends, by this node's clock.
    #[n(0)]
    pub expires: Timestamp,
    /// Who used it.
    #[n(1)]
    pub used_by: Option<OrgId>,
}

/// An organisation that showed an invitation and is not a member yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its genesis.
    pub genesis: Genesis,
    /// When it knocked first, by this node's clock.
    pub since: Timestamp,
    /// Its genesis and log, verified.
    pub records: Vec<Verified>,
}

#[derive(minicbor::Encode, minicbor::Decode)]
struct StoredKnock {
    #[n(0)]
    since: Timestamp,
    #[n(1)]
    records: Vec<ByteVec>,
}

fn stored<T: minicbor::Encode<()>>(value: &T) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

fn read_stored<T: for<'b> minicbor::Decode<'b, ()>>(value: &[u8]) -> Result<T, StoreError> {
    match value.split_first() {
        Some((&VERSION, body)) => minicbor::decode(body).ok(),
        _ => None,
    }
    .ok_or_else(|| StoreError::Damaged("what is kept of an invitation".into()))
}

fn invited_name(invitation: &PublicKey) -> Vec<u8> {
    [INVITED, &invitation.as_bytes()[..]].concat()
}

fn knock_name(org: &OrgId) -> Vec<u8> {
    [b"knock/", &org.as_bytes()[..]].concat()
}

/// The private change that remembers an invitation.
pub(crate) fn remember(invitation: &PublicKey, invited: &Invited) -> Private {
    Private::local(invited_name(invitation), Some(stored(invited)))
}

/// What a newcomer shows of itself: one genesis, entries of its own log, and
/// a certificate for the node that knocks. The signatures are looked at last,
/// after the proof that it may ask for that work.
struct Newcomer {
    org: OrgId,
    genesis: Genesis,
    records: Vec<Record>,
}

impl Newcomer {
    fn read(join: &Join, peer: PublicKey) -> Result<Self, &'static str> {
        let bytes: usize = join.records.iter().map(|record| record.len()).sum();
        if join.records.len() > JOIN_RECORDS_MAX || bytes > JOIN_BYTES_MAX {
            return Err("it brings too many records");
        }
        let read: Result<Vec<Record>, _> =
            join.records.iter().map(|bytes| Record::from_bytes(bytes)).collect();
        let records = read.map_err(|_| "one of its records cannot be read")?;
        let mut geneses = records.iter().filter(|record| record.is::<Genesis>());
        let (Some(genesis), None) = (geneses.next(), geneses.next()) else {
            return Err("it has to show one organisation");
        };
        let org: OrgId = genesis.id().cast();
        let genesis = genesis.peek::<Genesis>().map_err(|_| "its genesis cannot be read")?;
        let own =
            |record: &Record| matches!(record.signatures(), [(key, _)] if *key == genesis.root);
        if !records.iter().all(own) {
            return Err("its records are not all signed by its own root key");
        }
        let grants_node = |grant: Grant| {
            let certificate = &grant.certificate;
            grant.org == org && certificate.key == peer && certificate.roles.has(Role::Node)
        };
        if records.iter().filter_map(|record| record.peek::<Grant>().ok()).any(grants_node) {
            Ok(Self { org, genesis, records })
        } else {
            Err("the node that asks has no certificate")
        }
    }

    fn verify(self, federation: FederationId) -> Result<Vec<Verified>, &'static str> {
        let verified: Result<Vec<Verified>, _> =
            self.records.into_iter().map(|record| record.verify(federation)).collect();
        verified.map_err(|_| "one of its records does not verify")
    }
}

/// Who knocks.
enum Who {
    Newcomer(Newcomer),
    Recovering(Shown),
}

impl Who {
    const fn org(&self) -> OrgId {
        match self {
            Self::Newcomer(newcomer) => newcomer.org,
            Self::Recovering(shown) => shown.asks.org,
        }
    }
}

/// What comes of a knock.
pub(crate) struct Knocked {
    /// What the newcomer is told.
    pub answer: Joined,
    /// Which organisation it is, unless it is refused.
    pub org: Option<OrgId>,
    /// Whether it is to be looked at again once more of the authority set is held.
    pub gap: bool,
}

impl Knocked {
    const fn said(answer: Joined, org: Option<OrgId>) -> Self {
        Self { answer, org, gap: false }
    }
}

/// Said to one more node of a member whose certificate cannot be read yet.
const GAP: &str = "this node lacks part of the log of that organisation, and lets the new node in once it has met others that hold it";

impl<S: Store> Library<S> {
    /// Reads the organisations that wait, when the library opens.
    pub(crate) fn load_waiting(&mut self) -> Result<(), StoreError> {
        for (name, value) in self.ledger().locals(b"knock/")? {
            let org = name.get(6..).and_then(OrgId::from_slice);
            let knock: StoredKnock = read_stored(&value)?;
            let records: Vec<Verified> = knock
                .records
                .iter()
                .filter_map(|bytes| {
                    let record = Record::from_bytes(bytes).ok()?;
                    let id = record.id();
                    record.held(id).ok()
                })
                .collect();
            let genesis = records.iter().find_map(|r| r.record().peek::<Genesis>().ok());
            if let (Some(org), Some(genesis)) = (org, genesis) {
                self.waiting.insert(org, Waiting { genesis, since: knock.since, records });
            }
        }
        Ok(())
    }

    /// Organisations that showed an invitation written here and wait for
    /// approval, ascending by id.
    pub fn waiting(&self) -> impl Iterator<Item = (OrgId, &Waiting)> {
        self.waiting.iter().map(|(org, waiting)| (*org, waiting))
    }

    /// What is remembered of an invitation written here.
    pub fn invited(&self, invitation: &PublicKey) -> Result<Option<Invited>, StoreError> {
        self.local(&invited_name(invitation))?.map(|value| read_stored(&value)).transpose()
    }

    /// What is remembered of all invitations written here.
    pub fn invitations(&self) -> Result<Vec<Invited>, StoreError> {
        let remembered = self.ledger().locals(INVITED)?;
        remembered.iter().map(|(_, value)| read_stored(value)).collect()
    }

    /// Answers a newcomer; notes it down when it is new.
    pub(crate) fn knocked(
        &mut self,
        join: &Join,
        peer: PublicKey,
        now: Timestamp,
    ) -> Result<Knocked, StoreError> {
        let refused = |reason: &str| Ok(Knocked::said(Joined::Refused(reason.into()), None));
        if join.federation != self.authority().federation() {
            return refused("the invitation is for another federation than this node's");
        }
        let Some(invited) = self.invited(&join.invitation)? else {
            return refused("this node did not write that invitation: ask for a new one");
        };
        let who = match Shown::read(&join.records, peer) {
            Some(shown) => shown.map(Who::Recovering),
            None => Newcomer::read(join, peer).map(Who::Newcomer),
        };
        let who = match who {
            Ok(who) => who,
            Err(reason) => return refused(reason),
        };
        let org = who.org();
        let message = proof_covers(join.federation, peer, org);
        if !join.invitation.verifies(&message, &join.proof) {
            return refused("it does not prove that it holds the invitation");
        }
        if invited.used_by.is_some_and(|used_by| used_by != org) {
            return refused("the invitation was used already: ask for a new one");
        }
        if invited.used_by.is_none() && invited.expires < now {
            return refused("the invitation has expired: ask for a new one");
        }
        let newcomer = match who {
            Who::Newcomer(newcomer) => newcomer,
            Who::Recovering(shown) => {
                let answer = match self.recovery_knocked(shown, now)? {
                    Ok(answer) => answer,
                    Err(reason) => return refused(reason),
                };
                let invited = Invited { used_by: Some(org), ..invited };
                self.write(remember(&join.invitation, &invited));
                return Ok(Knocked::said(answer, Some(org)));
            }
        };
        let genesis = newcomer.genesis.clone();
        let records = match newcomer.verify(join.federation) {
            Ok(records) => records,
            Err(reason) => return refused(reason),
        };
        if self.authority().standing(&org) == Some(Standing::Member) {
            // One more node of a member: its log says so, whoever brings it.
            self.add_all_authority(records)?;
            return match self.authority().node(&peer) {
                Some(_) => Ok(Knocked::said(Joined::Member, Some(org))),
                // This node may be the one that lacks a part, and get it.
                None => {
                    let answer = Joined::Waiting(GAP.into());
                    Ok(Knocked { answer, org: Some(org), gap: true })
                }
            };
        }
        if self.waiting.len() >= KNOCKS_MAX && !self.waiting.contains_key(&org) {
            return refused("too many organisations wait for approval here: try again later");
        }
        if !self.waiting.contains_key(&org) {
            let invited = Invited { used_by: Some(org), ..invited };
            self.write(remember(&join.invitation, &invited));
            let knock = StoredKnock { since: now, records: join.records.clone() };
            self.write(Private::local(knock_name(&org), Some(stored(&knock))));
            self.waiting.insert(org, Waiting { genesis, since: now, records });
        }
        let answer = Joined::Waiting("the stewards have to approve".into());
        Ok(Knocked::said(answer, Some(org)))
    }

    /// What the node with this key shows to a member that has not heard of it;
    /// `None` if it is no node of a member, or its log is too long to show.
    pub(crate) fn credentials(&self, node: &PublicKey) -> Option<Vec<ByteVec>> {
        let authority = self.authority();
        let org = authority.node(node)?;
        let (certificate, _) = authority
            .certificates_of(node)
            .find(|(_, granted)| granted.org == org && granted.certificate.roles.has(Role::Node))?;
        let charters = authority.charters().map(|(id, _)| id);
        let admissions = authority.admissions(&org).map(Verified::id);
        let wanted = charters.chain(admissions).chain([certificate.cast()]);
        let records: Vec<ByteVec> = authority
            .with_grounds(wanted)
            .into_iter()
            .map(|record| record.record().to_bytes().into())
            .collect();
        let bytes: usize = records.iter().map(|record| record.len()).sum();
        (records.len() <= JOIN_RECORDS_MAX && bytes <= JOIN_BYTES_MAX).then_some(records)
    }

    /// Takes in what a stranger shows. It is verified record by record, and
    /// the first that is not accepted ends it, so that a stranger can ask for
    /// no more work than it did itself.
    pub(crate) fn shown(
        &mut self,
        records: &[ByteVec],
        peer: PublicKey,
    ) -> Result<Result<OrgId, &'static str>, StoreError> {
        let bytes: usize = records.iter().map(|record| record.len()).sum();
        if bytes > JOIN_BYTES_MAX {
            return Ok(Err("it shows too many records"));
        }
        for bytes in records {
            let record = Record::from_bytes(bytes);
            let verified = record.and_then(|record| record.verify(self.authority().federation()));
            let Ok(verified) = verified else {
                return Ok(Err("one of the records that it shows does not verify"));
            };
            if self.add_authority(&verified)?.is_err() {
                return Ok(Err("what it shows does not make it a node of a member"));
            }
        }
        let org = self.authority().node(&peer);
        Ok(org.ok_or("what it shows does not make it a node of a member"))
    }

    /// Moves into the authority set what now may be there of those who wait.
    /// Returns those who became members.
    pub(crate) fn promote_waiting(&mut self) -> Result<Vec<OrgId>, StoreError> {
        self.forget_recovered()?;
        let waiting: Vec<(OrgId, Vec<Verified>)> =
            self.waiting.iter().map(|(org, waiting)| (*org, waiting.records.clone())).collect();
        let mut members = Vec::new();
        for (org, records) in waiting {
            self.add_all_authority(records)?;
            if self.authority().standing(&org) == Some(Standing::Member) {
                self.waiting.remove(&org);
                self.write(Private::local(knock_name(&org), None));
                members.push(org);
            }
        }
        Ok(members)
    }
}
