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

use std::collections::BTreeSet;

use bytes::Bytes;
use minicbor::bytes::ByteVec;
use tern_crdt::authority::{Genesis, Grant, Role, Standing};
use tern_crdt::identity::{
    FederationId, OrgId, PublicKey, RecordId, SecretKey, digest, text_of_bytes, text_to_bytes,
};
use tern_crdt::signed::{Record, Verified};
use tern_crdt::timestamp::Timestamp;
use thiserror::Error;

use crate::ledger::Private;
use crate::library::Library;
use crate::limits::{
    ADDRESS_BYTES_MAX, ADDRESSES_MAX, INVITATION_TEXT_BYTES_MAX, JOIN_BYTES_MAX, JOIN_RECORDS_MAX,
    KNOCKS_MAX,
};
use crate::message::{Join, Joined, VERSIONS};
use crate::store::{Store, StoreError};

/// The letter of an invitation's text, as for ids.
const LETTER: char = 'j';
const VERSION: u8 = 1;

/// What a steward's node gives to a newcomer, as text.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Invitation {
    /// The federation.
    #[n(0)]
    pub federation: FederationId,
    /// Its name, for the eyes of the newcomer.
    #[n(1)]
    pub name: String,
    /// The node that wrote it, and that has to answer.
    #[n(2)]
    pub inviter: PublicKey,
    /// Where it listens; at most eight, 240 bytes each.
    #[n(3)]
    pub addresses: Vec<String>,
    /// The one-time secret: whoever holds it may knock.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub secret: [u8; 32],
    /// When it ends, by the inviter's clock.
    #[n(5)]
    pub expires: Timestamp,
}

/// Why a text is not an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvitationRefused {
    /// A character is missing or mistyped.
    #[error("this is not an invitation: a character is missing or mistyped, copy it again whole")]
    Malformed,
    /// Beyond the bounds.
    #[error("this invitation is longer than invitations are")]
    TooLong,
}

impl Invitation {
    /// The text that people copy: `tern1j…`, with a checksum.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![VERSION];
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        text_of_bytes(LETTER, &bytes)
    }

    /// Reads the text, without regard to white space around it.
    pub fn from_text(text: &str) -> Result<Self, InvitationRefused> {
        let text = text.trim();
        if text.len() > INVITATION_TEXT_BYTES_MAX {
            return Err(InvitationRefused::TooLong);
        }
        let bytes = text_to_bytes(LETTER, text).ok_or(InvitationRefused::Malformed)?;
        let [VERSION, body @ ..] = bytes.as_slice() else {
            return Err(InvitationRefused::Malformed);
        };
        let read: Self = minicbor::decode(body).map_err(|_| InvitationRefused::Malformed)?;
        let bounded = read.addresses.len() <= ADDRESSES_MAX
            && read.addresses.iter().all(|address| address.len() <= ADDRESS_BYTES_MAX);
        if bounded { Ok(read) } else { Err(InvitationRefused::TooLong) }
    }

    fn key(&self) -> SecretKey {
        SecretKey::from_seed(&self.secret)
    }

    /// The public half of the secret: what the inviter remembers.
    pub fn public(&self) -> PublicKey {
        self.key().public()
    }
}

/// What a newcomer shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Knock {
    /// The invitation, with its secret.
    pub invitation: Invitation,
    /// The newcomer.
    pub org: OrgId,
    /// Its genesis and the entries of its log, among them the certificate of
    /// the knocking node.
    pub records: Vec<Record>,
}

fn proof_covers(federation: FederationId, node: PublicKey, org: OrgId) -> [u8; 32] {
    digest("tern/join/v1", &[federation.as_bytes(), node.as_bytes(), org.as_bytes()])
}

impl Knock {
    /// The message by which `node` knocks.
    pub(crate) fn message(&self, node: PublicKey) -> Join {
        let federation = self.invitation.federation;
        let proof = self.invitation.key().sign(&proof_covers(federation, node, self.org));
        Join {
            versions: VERSIONS,
            federation,
            invitation: self.invitation.public(),
            proof,
            records: self.records.iter().map(|record| record.to_bytes().into()).collect(),
        }
    }
}

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
    [b"invited/", &invitation.as_bytes()[..]].concat()
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

    /// Answers a newcomer; notes it down when it is new. Says which
    /// organisation it is, unless it is refused.
    pub(crate) fn knocked(
        &mut self,
        join: &Join,
        peer: PublicKey,
        now: Timestamp,
    ) -> Result<(Joined, Option<OrgId>), StoreError> {
        let refused = |reason: &str| Ok((Joined::Refused(reason.into()), None));
        if join.federation != self.authority().federation() {
            return refused("the invitation is for another federation than this node's");
        }
        let Some(invited) = self.invited(&join.invitation)? else {
            return refused("this node did not write that invitation: ask for a new one");
        };
        let newcomer = match Newcomer::read(join, peer) {
            Ok(newcomer) => newcomer,
            Err(reason) => return refused(reason),
        };
        let (org, genesis) = (newcomer.org, newcomer.genesis.clone());
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
        let records = match newcomer.verify(join.federation) {
            Ok(records) => records,
            Err(reason) => return refused(reason),
        };
        if self.authority().standing(&org) == Some(Standing::Member) {
            // One more node of a member: its log says so, whoever brings it.
            self.add_all_authority(records)?;
            return match self.authority().node(&peer) {
                Some(_) => Ok((Joined::Member, Some(org))),
                None => refused("the log of its organisation has a gap before its certificate"),
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
        Ok((Joined::Waiting("the stewards have to approve".into()), Some(org)))
    }

    /// What the node with this key shows to a member that has not heard of it;
    /// `None` if it is no node of a member, or its log is too long to show.
    pub(crate) fn credentials(&self, node: &PublicKey) -> Option<Vec<ByteVec>> {
        let authority = self.authority();
        let org = authority.node(node)?;
        let (certificate, _) = authority
            .certificates_of(node)
            .find(|(_, granted)| granted.org == org && granted.certificate.roles.has(Role::Node))?;
        let mut ids: BTreeSet<RecordId> = authority.admissions(&org).map(Verified::id).collect();
        let mut path = vec![certificate.cast(), org.cast()];
        while let Some(id) = path.pop() {
            if ids.insert(id) && ids.len() <= JOIN_RECORDS_MAX {
                let grant = authority.record(&id).and_then(|r| r.record().peek::<Grant>().ok());
                path.extend(grant.map(|grant| grant.prev).unwrap_or_default());
            }
        }
        let records: Vec<ByteVec> = authority
            .in_order(ids.iter())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            federation: FederationId::new([1; 32]),
            name: "Sahel Hub".into(),
            inviter: SecretKey::from_seed(&[2; 32]).public(),
            addresses: vec!["/ip4/127.0.0.1/udp/4480/quic-v1".into()],
            secret: [3; 32],
            expires: Timestamp(1_000),
        }
    }

    #[test]
    fn an_invitation_survives_being_copied_with_spaces_around_it() {
        let text = format!("  {}\n", invitation().to_text());
        assert!(text.trim().starts_with("tern1j"), "{text}");
        assert_eq!(Invitation::from_text(&text), Ok(invitation()));
    }

    /// The vectors of section 13 of the specification.
    #[test]
    fn an_invitation_and_the_proof_of_it_are_what_the_specification_names() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            invitation().to_text(),
            "tern1jqxnqqkpqqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsz62nv95x2mpqfp6kyqjcyzqnjacw4p73wh6k5d2xds6v0mxvhrv2jx6wudazthmq7ku0exeegqup0q0j76tsxshnzv3h9cczuvpwxyhh2ers9u6rgwps9ach26tr94mrzpzcyqpsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsxpgeq05q4qg546"
        );
        assert_eq!(
            hex(invitation().public().as_bytes()),
            "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1"
        );
        let node = SecretKey::from_seed(&[4; 32]).public();
        let covers = proof_covers(invitation().federation, node, OrgId::new([5; 32]));
        assert_eq!(
            hex(&covers),
            "9efbd32f775c090d6392dc673804004f47fe9696957b37277fb8f3156d1fb5f0"
        );
    }

    #[test]
    fn an_invitation_with_a_letter_missing_is_named_as_such() {
        let mut text = invitation().to_text();
        text.pop();
        assert_eq!(Invitation::from_text(&text), Err(InvitationRefused::Malformed));
        let long = "q".repeat(INVITATION_TEXT_BYTES_MAX + 1);
        assert_eq!(Invitation::from_text(&long), Err(InvitationRefused::TooLong));
    }
}
