//! The federation of the offices, with their keys.

use tern_crdt::authority::Admit;
use tern_crdt::identity::{CertificateId, FederationId, SecretKey};
use tern_crdt::signed::Statement;
use tern_protocol::gate::Examined;
use tern_protocol::library::Library;
use tern_protocol::store::memory::MemoryStore;

use crate::chance::Chance;
use crate::people::{Party, found};

/// How many of the offices' organisations are stewards.
const STEWARDS: usize = 3;

/// One office: an organisation with one node.
pub(crate) struct Keys {
    pub party: Party,
    pub node: SecretKey,
    pub certificate: CertificateId,
}

/// The federation as every office knows it.
pub(crate) struct Offices {
    pub federation: FederationId,
    pub all: Vec<Keys>,
    /// A disk that holds who is a member.
    pub disk: MemoryStore,
}

impl Offices {
    pub fn found(count: usize, seed: u64) -> Result<Self, String> {
        let mut chance = Chance::new(seed ^ 0x0ff);
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            let node = SecretKey::from_seed(&chance.bytes());
            let party = Party::new("Office", node.public(), &mut chance);
            let last = party.log.last().ok_or("an organisation has a node")?;
            let certificate = last.prepare().id().cast();
            all.push(Keys { party, node, certificate });
        }
        let stewards: Vec<&Party> = all.iter().take(STEWARDS).map(|keys| &keys.party).collect();
        let (federation, mut records) = found("Hub", &stewards, chance.bytes());
        for (number, Keys { party, .. }) in all.iter().enumerate() {
            if number >= STEWARDS {
                let admit = Admit { org: party.org(), after: vec![] }.prepare();
                let approve = |steward: &&Party| {
                    let key = &steward.root;
                    (key.public(), key.sign(&admit.to_sign(federation)))
                };
                let approvals = stewards.iter().take(2).map(approve).collect();
                records.push(admit.signed(approvals));
            }
            records.extend(party.records(federation));
        }
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let mut library =
            Library::open(MemoryStore::new(), federation).map_err(|error| text(&error))?;
        for record in records {
            let verified = record.verify(federation).map_err(|error| text(&error))?;
            let admitted = library.admit(Examined::Record(verified));
            admitted.map_err(|error| text(&error))?.map_err(|refused| text(&refused))?;
        }
        library.commit().map_err(|error| text(&error))?;
        Ok(Self { federation, all, disk: library.into_store() })
    }
}
