//! For whom a bundle may be, and what is encrypted to whom.

use tern_crdt::authority::Role;
use tern_crdt::identity::{NodeId, OrgId, PublicKey};
use tern_crdt::sealed::EncryptionKey;

use crate::handle::NodeReplica;
use crate::keystore::Purpose;
use crate::operator::{Acting, invalid};
use crate::ops::{ErrorCode, OpError};
use crate::reading::org_name;
use crate::running::stopping;
use tern_protocol::bundle::Header;
use tern_protocol::letters::reading_key;

/// Whom a bundle is for.
pub(super) struct To {
    pub(super) node: PublicKey,
    /// The organisation of that node: what it may see is in the bundle.
    pub(super) org: OrgId,
    /// To which its frames are encrypted: its own, and the writer's.
    pub(super) keys: Vec<EncryptionKey>,
    /// As people know it.
    pub(super) name: String,
}

/// The key of a node whose id is given in full.
pub(super) fn key_of(text: &str) -> Result<PublicKey, OpError> {
    let node: NodeId = text.parse().map_err(|_| invalid("reader", "this is no node id"))?;
    Ok(PublicKey::new(*node.as_bytes()))
}

/// Finds the node of a member by its id, or by the name of an organisation that
/// has one.
pub(super) fn find(replica: &NodeReplica, own: PublicKey, text: &str) -> Result<To, OpError> {
    let text = text.trim();
    let authority = replica.library().authority();
    let mut found: Vec<PublicKey> = authority
        .certificates()
        .filter(|(_, granted)| granted.certificate.roles.has(Role::Node))
        .map(|(_, granted)| granted.certificate.key)
        .filter(|key| {
            let org = authority.node(key).map(|org| org_name(authority, org).name);
            org.is_some_and(|org| org == text || key.node().to_string() == text)
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let node = match (found.pop(), found.is_empty()) {
        (Some(node), true) => node,
        (Some(_), false) => {
            let what = format!("`{text}` has more than one node: give its node id");
            return Err(OpError::new(ErrorCode::Ambiguous, what).in_field("for"));
        }
        (None, _) => {
            let what = format!(
                "`{text}` is no node of a member, nor the name of one: `tern members` shows them"
            );
            return Err(OpError::new(ErrorCode::NotFound, what).in_field("for"));
        }
    };
    if node == own {
        return Err(invalid("for", "this is the node itself: name another one"));
    }
    let org = authority.node(&node);
    let key = org.and_then(|org| Some((org, reading_key(authority, org, &node)?)));
    let (org, key) = key.ok_or_else(|| {
        let what = format!(
            "nothing can be encrypted to `{text}`: its node has no reading key in its certificate. Write the bundle for all, without --for, or have that node make new keys with `tern copied --new-key`"
        );
        OpError::new(ErrorCode::Conflict, what).in_field("for")
    })?;
    // A node that was put back reads what it wrote itself.
    let keys = [key].into_iter().chain(reading_key(authority, replica.org(), &own)).collect();
    Ok(To { node, org, keys, name: org_name(authority, org).name })
}

impl Acting<'_> {
    /// The key of the frames of a bundle that is for this node, or of its own.
    pub(super) async fn frames_of(&self, header: &Header) -> Result<Option<String>, OpError> {
        let (keystore, header) = (self.node.keystore().clone(), header.clone());
        let opened = tokio::task::spawn_blocking(move || {
            for entry in keystore.list()?.entries {
                if entry.purpose == Purpose::NodeEncrypt {
                    let secret = keystore.unlock(entry.purpose, entry.public, None)?;
                    if let Some(key) = header.open(&secret) {
                        return Ok::<_, OpError>(Some(crate::hex::encode(&key[..])));
                    }
                }
            }
            Ok(None)
        });
        opened.await.map_err(|_| stopping())?
    }
}

#[cfg(test)]
mod tests {
    use tern_crdt::authority::{Authority, Certificate, Charter, Genesis, Grant, Profile, Roles};
    use tern_crdt::identity::{FederationId, SecretKey};
    use tern_crdt::signed::{Record, Statement};

    use super::*;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    /// An organisation that grants the key of a node a certificate with this
    /// reading key: its id, and what it signs.
    fn org(
        seed: u8,
        federation: FederationId,
        node: PublicKey,
        reading: EncryptionKey,
    ) -> (OrgId, [Record; 2]) {
        let root = key(seed);
        let names = [("en".to_owned(), format!("Organisation {seed}"))].into();
        let profile = Profile { names, ..Profile::default() };
        let genesis =
            Genesis { root: root.public(), desk: [seed; 32], next: None, profile, spares: None };
        let genesis = genesis.prepare();
        let org: OrgId = genesis.id().cast();
        let certificate = Certificate {
            key: node,
            encryption: Some(reading),
            roles: Roles::of(&[Role::Node]),
            scope: None,
            quota: None,
            last_beacon: None,
        };
        let grant = Grant { org, prev: vec![org.cast()], certificate }.prepare();
        (org, [genesis.sign(federation, &root), grant.sign(federation, &root)])
    }

    /// Two members that both granted a certificate to the key of Niger's node.
    #[test]
    fn who_grants_anothers_node_a_reading_key_of_its_own_reads_nothing_that_is_for_that_one() {
        let node = key(1).public();
        let [honest, own] = [2, 3].map(|seed| key(seed).encryption_public());
        for seeds in [[10, 20], [20, 10], [11, 21], [21, 11]] {
            let any = FederationId::new([0; 32]);
            let ids = [org(seeds[0], any, node, honest).0, org(seeds[1], any, node, own).0];
            let mut stewards = ids.to_vec();
            stewards.sort_unstable();
            let mut stewards_of_three = stewards.clone();
            stewards_of_three.push(org(99, any, key(98).public(), [9; 32]).0);
            stewards_of_three.sort_unstable();
            let charter = Charter {
                n: 0,
                prev: None,
                name: "Hub".into(),
                stewards: stewards_of_three,
                recall: 0,
                roster: vec![],
                supersedes: vec![],
                rules: 1,
                nonce: [1; 16],
                policies: None,
            };
            let charter = charter.prepare();
            let federation: FederationId = charter.id().cast();
            let third = org(99, federation, key(98).public(), [9; 32]);
            let (niger, first) = org(seeds[0], federation, node, honest);
            let (other, second) = org(seeds[1], federation, node, own);
            let signed = charter.sign(federation, &key(seeds[0]));
            let mut authority = Authority::new(federation);
            let records = [vec![signed], first.to_vec(), second.to_vec(), third.1.to_vec()];
            for record in records.concat() {
                let verified = record.verify(federation).expect("signed");
                authority.add(verified).expect("it follows");
            }
            assert_eq!(reading_key(&authority, niger, &node), Some(honest));
            assert_eq!(reading_key(&authority, other, &node), Some(own));
            // Whichever is taken for its organisation, only that one's drafts are
            // encrypted, and to the key that it granted.
            let taken = authority.node(&node).expect("a member");
            let key = if taken == niger { honest } else { own };
            assert_eq!(reading_key(&authority, taken, &node), Some(key));
        }
    }
}
