//! Asking an open node, with a few short looks at its replica.

use std::time::Duration;

use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, DocumentId};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::meeting::set::SetId;
use tern_protocol::replica::PeerView;

use super::facts::{Facts, Inside, Opened, PeerFacts, Ports};
use super::{Item, RecoveryFacts, lines};
use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::governing::ending_soon;
use crate::handle::NodeReplica;
use crate::operator::name_of;
use crate::ops::OpError;
use crate::reading::org_name;
use crate::running::{Node, stopping};

/// The replica answers within this time, or something is wrong with it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Practices of one look.
const LOOK_MAX: usize = 256;
/// As much of a node's id as tells it apart.
const ID_SHOWN: usize = 18;

/// What ends by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Endings {
    /// Expert cards of people here that should be signed anew.
    pub cards_due: u64,
    /// Certificates of people here and of the node that end soon, by the
    /// federation's beacons, and that no longer one of the same key outlives.
    pub certificates: u64,
    /// Ends of invitations written here that nobody used yet.
    pub invitations: Vec<Timestamp>,
}

/// The lines of an open node.
///
/// # Errors
/// The node is stopping.
pub async fn examine(node: &Node) -> Result<Vec<Item>, OpError> {
    Ok(lines(&Facts::of(node, |name| name).await?))
}

impl Facts {
    /// Everything that can be found out about an open node. `shown` decides
    /// how other organisations are called.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn of(node: &Node, shown: fn(String) -> String) -> Result<Self, OpError> {
        let folder = node.folder().paths().clone();
        let outside = tokio::task::spawn_blocking(move || Self::outside(&folder, Vec::new()));
        let outside = outside.await.map_err(|_| stopping())?;
        let ports = node.http().map_or(Ports::Unknown, |http| Ports::Serving {
            http: http.to_owned(),
            listening: node.listening().len() as u64,
            asked: node.settings().listen.len() as u64,
        });
        let inside = match tokio::time::timeout(PATIENCE, inside(node, shown)).await {
            Ok(opened) => opened.map_or_else(
                |error| Inside::Closed(error.message),
                |opened| Inside::Open(Box::new(opened)),
            ),
            Err(_) => Inside::Closed(format!(
                "its storage does not answer within {} seconds",
                PATIENCE.as_secs()
            )),
        };
        Ok(Self { ports, inside, ..outside })
    }
}

async fn inside(node: &Node, shown: fn(String) -> String) -> Result<Opened, OpError> {
    let looked = node.handle().read(move |replica| look(replica, shown)).await?;
    let figures = node.figures().await?;
    let Looked { catching_up, found_later, copied, claimed, peers, endings } = looked;
    Ok(Opened {
        serving: node.http().is_some(),
        usable: figures.usable,
        damaged: node.handle().traffic().damaged(),
        progress: node.indexer().progress(),
        index_open: node.indexer().is_open(),
        index_rebuilt: node.indexer().was_rebuilt(),
        own_practice: has_own_practice(node).await?,
        locked: node.locked_reading_keys().await?,
        recovery: RecoveryFacts::of(node).await?,
        claimed,
        peers,
        endings,
        links: node.look_at_links().await?,
        mail: node.mail_standing().await?,
        reaching: node.reaching().await?.shown(shown),
        memory: (crate::memory::used(), crate::memory::bound(node.settings().memory_mb)),
        catching_up,
        found_later,
        copied,
    })
}

/// What one look at the replica tells.
struct Looked {
    catching_up: Option<Timestamp>,
    found_later: bool,
    copied: Option<(Timestamp, String)>,
    claimed: Option<Timestamp>,
    peers: Vec<PeerFacts>,
    endings: Endings,
}

fn look(replica: &NodeReplica, shown: fn(String) -> String) -> Looked {
    let library = replica.library();
    let authority = library.authority();
    let foreign =
        |by: &CertificateId| authority.certificate(by).is_some_and(|g| g.org != replica.org());
    let claimed =
        library.experts().filter(|(by, ..)| foreign(by)).map(|(_, _, card)| card.claimed_at).max();
    let peers = replica.peers();
    let peers = peers.iter().filter(|peer| is_known(replica, peer)).map(|peer| {
        let id: String = peer.node.node().to_string().chars().take(ID_SHOWN).collect();
        let name = peer.org.map(|org| org_name(authority, org).name);
        let name = name.filter(|name| !name.is_empty()).unwrap_or(id);
        PeerFacts { name: shown(name), last: last_met(replica, peer) }
    });
    let restored = replica.restored().filter(|_| replica.is_catching_up());
    let copied = replica.copied().filter(|_| replica.is_copied());
    Looked {
        catching_up: restored.map(|restored| restored.at),
        found_later: restored.is_some_and(|restored| restored.found.is_some()),
        copied: copied.map(|mark| (mark.at, shown(name_of(replica, &mark.by)))),
        claimed,
        peers: peers.collect(),
        endings: endings(replica, now()),
    }
}

/// Whether a peer is a member's node that was met, or one whose address was
/// saved here: not a stranger who knocks, nor one that only told where it is.
pub fn is_known(replica: &NodeReplica, peer: &PeerView) -> bool {
    let mut saved = replica.addresses().iter();
    let met = peer.connected || peer.last_met.is_some();
    peer.org.is_some() && met
        || saved.any(|(_, saved)| {
            let known = !saved.learned || saved.met_at.is_some();
            saved.peer == Some(peer.node) && known
        })
}

/// When a peer was last met, or answered at one of its addresses; now, while a
/// member's is connected.
pub fn last_met(replica: &NodeReplica, peer: &PeerView) -> Option<Timestamp> {
    if peer.connected && peer.org.is_some() {
        return Some(now());
    }
    let of_peer = replica.addresses().iter().filter(|(_, saved)| saved.peer == Some(peer.node));
    of_peer.filter_map(|(_, saved)| saved.met_at).chain(peer.last_met).max()
}

/// What ends by itself. What cannot be read of it is left to `tern check`.
pub fn endings(replica: &NodeReplica, now: Timestamp) -> Endings {
    let library = replica.library();
    let accounts = Account::all(library).unwrap_or_default();
    let keys = accounts.iter().flat_map(|account| account.devices.iter().chain([&account.sign]));
    let keys: Vec<_> = keys.copied().chain([replica.node()]).collect();
    let certificates =
        accounts.iter().flat_map(|account| account.certificates(library.authority()));
    let due = certificates
        .filter(|by| library.expert(by).is_some_and(|(_, card)| card.is_due(now)))
        .count();
    let invited = library.invitations().unwrap_or_default();
    let open = invited.into_iter().filter(|invited| invited.used_by.is_none());
    Endings {
        cards_due: due as u64,
        certificates: ending_soon(library.authority(), &keys) as u64,
        invitations: open.map(|invited| invited.expires).filter(|end| *end > now).collect(),
    }
}

/// Whether the organisation of this node founded a practice that is held here.
async fn has_own_practice(node: &Node) -> Result<bool, OpError> {
    let public = |replica: &NodeReplica| {
        let set = replica.library().set(SetId::Public);
        set.iter().map(|(id, _)| DocumentId::new(*id)).collect::<Vec<_>>()
    };
    let ids = node.handle().read(public).await?;
    for some in ids.chunks(LOOK_MAX) {
        let some = some.to_vec();
        let own = node.handle().read(move |replica| {
            let library = replica.library();
            let mut own = false;
            for id in &some {
                let founder = library.ledger().practice(id)?.map(|entry| entry.founder);
                let org = founder.and_then(|by| library.authority().certificate(&by));
                own |= org.is_some_and(|granted| granted.org == replica.org());
            }
            Ok(own)
        });
        if own.await?.map_err(failed)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an account may see how the node is.
pub fn may_operate(replica: &NodeReplica, account: &str) -> bool {
    let library = replica.library();
    Account::find(library, Some(account))
        .is_ok_and(|account| account.certificate_for(library.authority(), Role::Operator).is_ok())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::config::Settings;
    use crate::folder::DataFolder;
    use crate::identity::Newcomer;
    use crate::operator::NodeOperator;
    use crate::ops::{Caller, Op, Operator};
    use crate::process::beginning::{Start, begin};
    use crate::running::Mode;

    const DAY: i64 = 24 * 3_600 * 1_000;

    async fn niger(dir: &std::path::Path) -> Arc<Node> {
        let folder = DataFolder::at(dir.join("niger")).open_exclusive().expect("free");
        let newcomer = Newcomer::ministry();
        begin(&folder, &newcomer, Start::Found(None), None).await.expect("founded");
        let listen = vec!["/ip4/127.0.0.1/tcp/0".into()];
        let settings = Settings { listen, ..Settings::default() };
        Node::open(folder, settings, Mode::Command).await.expect("opened")
    }

    async fn run(node: &Arc<Node>, op: Op) {
        let done = NodeOperator(Arc::clone(node)).run(Caller::default(), op).await;
        done.unwrap_or_else(|refused| panic!("{refused}"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_card_that_ends_soon_and_an_invitation_that_nobody_used_are_found() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let node = niger(dir.path()).await;
        let card = json!({ "objectives": [4], "support_types": ["question"] });
        let card = card.as_object().cloned().expect("fields");
        run(&node, Op::ExpertCard { card }).await;
        run(&node, Op::Invite { org: None }).await;
        let after = |days: i64| {
            let read = node.handle().read(move |replica| endings(replica, now().plus(days * DAY)));
            async { read.await.expect("open") }
        };
        let today = after(0).await;
        assert_eq!((today.cards_due, today.invitations.len()), (0, 1));
        let later = after(360).await;
        assert_eq!((later.cards_due, later.invitations.len()), (1, 0));
        node.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_practice_of_its_own_makes_a_missing_backup_red() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let node = niger(dir.path()).await;
        assert!(!has_own_practice(&node).await.expect("open"));
        let fields = json!({ "title": "Registering every birth", "summary": "Mobile teams." });
        let practice = fields.as_object().cloned().expect("fields");
        let row = crate::ops::ImportRow { row: 1, key: "0".repeat(64), practice };
        run(&node, Op::PracticeImport { rows: vec![row], publish: true, note: None }).await;
        assert!(has_own_practice(&node).await.expect("open"));
        node.close().await;
    }
}
