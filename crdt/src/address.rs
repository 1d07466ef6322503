//! Where a node can be reached, in its own words.
//!
//! A [`NodeAddress`] is of class A: every member holds it, so that a node that
//! moved is found again by whoever meets somebody who has met it. It is signed
//! by the node's own key under its own certificate. A later one takes the place
//! of the earlier one, and one without addresses takes them back. Here it is
//! said what it is; which of several [stands] is asked of it, and whether its
//! certificate is that of a node is the [`authority`](crate::authority)'s
//! question. What an address means is the transport's.
//!
//! [stands]: NodeAddress::replaces

use crate::identity::{CertificateId, RecordId};
use crate::signed::{Kind, Statement};

/// A node tells at most so many addresses.
pub const NODE_ADDRESSES_MAX: usize = 8;
/// One address has at most this many bytes.
pub const NODE_ADDRESS_BYTES_MAX: usize = 240;

/// Where a node can be reached. Signed by the node's own key alone.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct NodeAddress {
    /// The certificate of the node, whose key signs.
    #[n(0)]
    pub by: CertificateId,
    /// 1, then more than in the one whose place it takes.
    #[n(1)]
    pub n: u64,
    /// Multiaddresses without the node's id, the best first; at most
    /// [`NODE_ADDRESSES_MAX`], each once. One that ends in
    /// `/p2p/RELAY/p2p-circuit` leads over another node.
    #[n(2)]
    pub addresses: Vec<String>,
}

impl NodeAddress {
    /// Whether this one, with its id, stands before another of the same key:
    /// the higher number, of several the larger id.
    pub fn replaces(&self, id: RecordId, other: &Self, other_id: RecordId) -> bool {
        (self.n, id) > (other.n, other_id)
    }
}

impl Statement for NodeAddress {
    const KIND: Kind = Kind::known("node-address");

    fn check(&self) -> Result<(), &'static str> {
        if self.n == 0 {
            return Err("the addresses of a node are numbered from 1");
        }
        if self.addresses.len() > NODE_ADDRESSES_MAX {
            return Err("a node tells more than 8 addresses");
        }
        let is_address = |text: &String| {
            let short = text.len() <= NODE_ADDRESS_BYTES_MAX;
            short && text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.addresses.iter().all(is_address) {
            return Err("an address of a node is no multiaddress of at most 240 bytes");
        }
        let twice = |(at, text): (usize, &String)| self.addresses[..at].contains(text);
        if self.addresses.iter().enumerate().any(twice) {
            return Err("a node tells one address twice");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::{FederationId, SecretKey};
    use crate::signed::Record;

    fn told(n: u64, addresses: &[&str]) -> NodeAddress {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        NodeAddress { by: CertificateId::new([1; 32]), n, addresses }
    }

    #[test]
    fn its_bytes_are_those_of_the_specification() {
        let address = told(7, &["/ip4/192.0.2.7/tcp/4480"]);
        let payload = minicbor::to_vec(&address).expect("a Vec holds it");
        let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        let golden =
            "a300[1]0107028177".to_owned() + "2f6970342f3139322e302e322e372f7463702f34343830";
        assert_eq!(hex.replace(&format!("5820{}", "01".repeat(32)), "[1]"), golden);
    }

    #[test]
    fn what_no_node_says_of_itself_is_refused() {
        let many: Vec<String> = (0..9).map(|at| format!("/ip4/192.0.2.{at}/tcp/1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = format!("/dns4/{}/tcp/1", "a".repeat(240));
        for (why, address) in [
            ("numbered", told(0, &[])),
            ("more than 8", told(1, &many)),
            ("no multiaddress", told(1, &[&long])),
            ("no multiaddress", told(1, &[""])),
            ("no multiaddress", told(1, &["192.0.2.7:4480"])),
            ("no multiaddress", told(1, &["/ip4/192.0.2.7/tcp/1\n"])),
            ("no multiaddress", told(1, &["/dns4/\u{202e}gro.elpmaxe/tcp/1"])),
            ("twice", told(1, &["/ip4/192.0.2.7/tcp/1", "/ip4/192.0.2.7/tcp/1"])),
        ] {
            let refused = address.check().expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(told(1, &[]).check(), Ok(()), "addresses are taken back");
        let relay = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq";
        let host = "a".repeat(60) + ".example.org";
        let over = format!("/dns4/{host}/udp/44800/quic-v1/p2p/{relay}/p2p-circuit");
        assert_eq!(told(1, &[&over]).check(), Ok(()), "over a relay with a long name");
        assert_eq!(told(u64::MAX, &many[..8]).check(), Ok(()));
    }

    #[test]
    fn of_two_the_later_stands_and_of_equals_the_one_that_all_agree_on() {
        let [low, high] = [RecordId::new([1; 32]), RecordId::new([2; 32])];
        let (first, second) = (told(1, &["/ip4/192.0.2.7/tcp/1"]), told(2, &[]));
        assert!(second.replaces(low, &first, high) && !first.replaces(high, &second, low));
        assert!(first.replaces(high, &first, low) && !first.replaces(low, &first, high));
        assert!(!first.replaces(low, &first, low));
    }

    proptest! {
        #[test]
        fn whatever_passes_is_read_back_as_it_was(
            n in 1..=u64::MAX,
            ports in prop::collection::btree_set(1_u16.., 0..=NODE_ADDRESSES_MAX),
        ) {
            let addresses = ports.iter().map(|port| format!("/ip6/2001:db8::1/tcp/{port}"));
            let address = NodeAddress { addresses: addresses.collect(), ..told(n, &[]) };
            let federation = FederationId::new([5; 32]);
            let record = address.prepare().sign(federation, &SecretKey::from_seed(&[1; 32]));
            let read = Record::from_bytes(&record.to_bytes()).expect("a record");
            let read = read.verify(federation).expect("signed").read::<NodeAddress>().expect("one");
            prop_assert_eq!(read.body(), &address);
        }

        #[test]
        fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(address) = minicbor::decode::<NodeAddress>(&bytes) {
                let _ = address.check();
            }
        }
    }
}
