//! Invitations: the text that a steward's node gives to a newcomer, and what
//! the newcomer shows for it.

use tern_crdt::identity::{
    FederationId, OrgId, PublicKey, SecretKey, digest, text_of_bytes, text_to_bytes,
};
use tern_crdt::signed::Record;
use tern_crdt::timestamp::Timestamp;
use thiserror::Error;

use crate::limits::{ADDRESS_BYTES_MAX, ADDRESSES_MAX, INVITATION_TEXT_BYTES_MAX};
use crate::message::{Join, VERSIONS};

/// The letter of an invitation's text, as for ids.
const LETTER: char = 'j';
/// The version byte of the text.
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
    /// Where it listens, or over whose relays it is reached; at most eight, 240 bytes
    /// each, and as many as [fit](Invitation::fitted).
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

    /// Without its last addresses, so that its text is no longer than it may be.
    pub fn fitted(mut self) -> Self {
        while self.addresses.len() > 1 && self.to_text().len() > INVITATION_TEXT_BYTES_MAX {
            self.addresses.pop();
        }
        self
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

/// What the secret of an invitation signs to prove it.
pub(super) fn proof_covers(federation: FederationId, node: PublicKey, org: OrgId) -> [u8; 32] {
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
    fn an_invitation_names_as_many_addresses_as_can_be_copied() {
        let relay = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
        let over = |port: u16| format!("/dns4/hub.example.org/tcp/{port}/p2p/{relay}/p2p-circuit");
        let near = "/ip4/10.9.0.2/udp/4480/quic-v1".to_owned();
        let addresses = std::iter::once(near.clone()).chain((1..8).map(over)).collect();
        let fitted = Invitation { addresses, ..invitation() }.fitted();
        assert_eq!(fitted.addresses, [near, over(1), over(2), over(3), over(4)]);
        assert_eq!(Invitation::from_text(&fitted.to_text()), Ok(fitted));
        assert_eq!(invitation().fitted(), invitation());
    }

    #[test]
    fn an_invitation_with_a_letter_missing_is_named_as_such() {
        let mut text = invitation().to_text();
        let capital = Invitation::from_text(&text.to_ascii_uppercase());
        assert_eq!(capital, Ok(invitation()), "as a QR code holds it");
        text.pop();
        assert_eq!(Invitation::from_text(&text), Err(InvitationRefused::Malformed));
        let long = "q".repeat(INVITATION_TEXT_BYTES_MAX + 1);
        assert_eq!(Invitation::from_text(&long), Err(InvitationRefused::TooLong));
    }
}
