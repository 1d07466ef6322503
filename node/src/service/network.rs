//! The node and its federation, as the pages show them.

use tern_crdt::authority::{Role, Standing as MemberStanding};
use tern_crdt::taxonomy::Vocabulary;
use tern_protocol::catching_up;
use tern_protocol::meeting::set::SetId;
use tern_protocol::replica::PeerView;
use tern_protocol::runs;
use tern_protocol::step::Command;
use tern_web_ui::service::{
    CaughtUp, ConditionLevel, ConditionLine, Copied, Membership, Network, Peer, Proposal, Reached,
    Reader, Restored, Standing, Status,
};

use super::vocabulary::choice;
use super::{governing, links, seconds};
use crate::accounts::Account;
use crate::doctor::{self, Level};
use crate::driver::now;
use crate::governing::{grouped, of_federation, of_key};
use crate::handle::NodeReplica;
use crate::links::Links;
use crate::members::candidates;
use crate::net::Reachable;
use crate::operator::{PeerName, name_of};
use crate::ops::{ErrorCode, OpError};
use crate::reading::org_name;
use crate::relaying::Reaching;
use crate::running::Node;

/// The frame of every page before set-up is done.
pub fn unfounded() -> Standing {
    Standing { lang: "en".into(), version: env!("CARGO_PKG_VERSION").into(), ..Standing::default() }
}

fn federation_name(replica: &NodeReplica) -> String {
    let charter = replica.library().authority().charter();
    charter.map(|charter| charter.name.clone()).unwrap_or_default()
}

fn own_name(replica: &NodeReplica) -> String {
    org_name(replica.library().authority(), replica.org()).name
}

/// The frame of every page.
///
/// # Errors
/// The node is stopping.
pub async fn standing(node: &Node) -> Result<Standing, OpError> {
    let set = node.settings().link_class.is_some();
    let standing = node.handle().read(move |replica| {
        let peers = replica.peers();
        Standing {
            set_up: true,
            federation: federation_name(replica),
            organisation: own_name(replica),
            lang: "en".into(),
            connected: peers.iter().filter(|peer| peer.connected).count() as u32,
            peers: peers.len() as u32,
            last_exchange: peers.iter().filter_map(|peer| peer.last_met).max().map(seconds),
            waiting: peers.iter().map(|peer| peer.they_lack).max().unwrap_or(0),
            restored_to: waits(replica)
                .filter(|restored| restored.found.is_none())
                .map(|restored| seconds(restored.to)),
            put_back_at: waits(replica)
                .filter(|restored| restored.found.is_some())
                .map(|restored| seconds(restored.at)),
            link: links::month_if_costly(&Links::at(replica, set, now())),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    });
    Ok(standing.await?)
}

fn peer(replica: &NodeReplica, view: &PeerView) -> Peer {
    Peer {
        node: view.node.node().to_string(),
        organisation: view.org.map(|org| org_name(replica.library().authority(), org).name),
        connected: view.connected,
        last_met: view.last_met.map(seconds),
        behind: view.connected.then_some(view.we_lack),
        waiting: view.they_lack,
        bytes_today: view.bytes_today,
        budget: None,
    }
}

/// How the node was put back, while it has met nobody since.
fn waits(replica: &NodeReplica) -> Option<&catching_up::Restored> {
    replica.restored().filter(|_| replica.is_catching_up())
}

/// What is told of two nodes that run with one key.
fn twice(replica: &NodeReplica, mark: &runs::Copied) -> Copied {
    Copied {
        at: seconds(mark.at),
        by: name_of(replica, &mark.by),
        cleared: mark.cleared.map(seconds),
    }
}

/// What is told of a node that was put back.
fn told(replica: &NodeReplica, restored: &catching_up::Restored) -> Restored {
    Restored {
        to: restored.found.is_none().then(|| seconds(restored.to)),
        at: seconds(restored.at),
        by: restored.found.and_then(|found| found.by).map(|by| name_of(replica, &by)),
        caught_up: restored.caught_up.map(|ended| CaughtUp {
            at: seconds(ended.at),
            with: ended.with.map(|node| name_of(replica, &node)),
            gained: ended.gained,
        }),
    }
}

/// Whether the reader operates this node.
pub(super) async fn operates(node: &Node, reader: &Reader) -> Result<bool, OpError> {
    let Some(account) = reader.account.clone() else { return Ok(false) };
    let may = node.handle().read(move |replica| doctor::may_operate(replica, &account.0));
    Ok(may.await?)
}

/// The operator says that a restored node goes on without a meeting.
///
/// # Errors
/// The reader is no operator, or the node is stopping.
pub async fn resume(node: &Node, reader: &Reader) -> Result<(), OpError> {
    if !operates(node, reader).await? {
        let what = "only the operator of this node can say that it goes on";
        return Err(OpError::new(ErrorCode::NotAllowed, what));
    }
    node.handle().command(Command::Resume).await?;
    Ok(())
}

/// The operator says that only this node runs with its key.
///
/// # Errors
/// The reader is no operator, or the node is stopping.
pub async fn clear_copied(node: &Node, reader: &Reader) -> Result<(), OpError> {
    if !operates(node, reader).await? {
        let what = "only the operator of this node can say that no copy of it runs";
        return Err(OpError::new(ErrorCode::NotAllowed, what));
    }
    node.handle().command(Command::ClearCopied).await?;
    Ok(())
}

/// Figures of this node.
///
/// # Errors
/// The node is stopping, or its folder cannot be measured.
pub async fn status(node: &Node) -> Result<Status, OpError> {
    let id = node.identity().node.node().to_string();
    let status = node.handle().read(move |replica| {
        let library = replica.library();
        let authority = library.authority();
        let members =
            authority.organisations().filter(|(_, _, s)| *s == MemberStanding::Member).count();
        let public = library.set(SetId::Public);
        Status {
            node: id,
            organisation: own_name(replica),
            federation: federation_name(replica),
            federation_id: authority.federation().to_string(),
            federation_fingerprint: grouped(&of_federation(&authority.federation())),
            fingerprint: None,
            beacon: Some(u64::from(authority.beacon())).filter(|no| *no > 0),
            members_as_of: authority.beacon_at().map(seconds),
            members: members as u64,
            documents: library.practices(),
            practices: library.practices(),
            records: public.count() - library.practices() + library.set(SetId::Authority).count(),
            parcels: library.carried() as u64,
            peers: replica.peers().iter().map(|view| peer(replica, view)).collect(),
            public_root: crate::hex::encode(&public.root()),
            public_count: public.count(),
            disk_bytes: 0,
            live_bytes: 0,
            restored: replica.restored().map(|restored| told(replica, restored)),
            copied: replica.copied().map(|mark| twice(replica, mark)),
        }
    });
    let (status, figures) = (status.await?, node.figures().await?);
    let fingerprint = node.own_fingerprint().await?.as_deref().map(grouped);
    let (disk_bytes, live_bytes) = (figures.disk_bytes, figures.live_bytes);
    Ok(Status { disk_bytes, live_bytes, fingerprint, ..status })
}

/// The network page.
///
/// # Errors
/// The node is stopping.
pub async fn network(node: &Node, reader: &Reader) -> Result<Network, OpError> {
    let known = node.glance_at_links().await?;
    let reaching = node.reaching().await?;
    Ok(Network {
        links: links::class(known.tariff.class),
        links_said: known.said,
        status: status(node).await?,
        listen: node.listening(),
        reached: reached(&reaching),
        relays_for: reaching.relaying.then_some(reaching.slots as u64),
        may_exchange: reader.account.is_some(),
        may_resume: operates(node, reader).await?,
        condition: condition(node, reader).await?,
    })
}

fn reached(by: &Reaching) -> Reached {
    match by {
        by if !by.relays.is_empty() => Reached::Over(by.relays.clone()),
        Reaching { direct: true, came: Reachable::Yes, .. } => Reached::Directly,
        Reaching { direct: true, came: Reachable::Unknown, .. } => Reached::Told,
        Reaching { direct: true, came: Reachable::No, .. } => Reached::Closed,
        _ => Reached::Nobody,
    }
}

/// How the node is, for those who operate it.
async fn condition(node: &Node, reader: &Reader) -> Result<Vec<ConditionLine>, OpError> {
    if !operates(node, reader).await? {
        return Ok(Vec::new());
    }
    let mut items = doctor::examine(node).await?;
    items.sort_by_key(|item| std::cmp::Reverse(item.level));
    let lines = items.into_iter().map(|item| ConditionLine {
        level: match item.level {
            Level::Ok => ConditionLevel::Ok,
            Level::Attention => ConditionLevel::Attention,
            Level::Red => ConditionLevel::Red,
        },
        message: item.message,
        advice: item.advice,
    });
    Ok(lines.collect())
}

/// Starts an exchange with one partner or all, without waiting for its end.
///
/// # Errors
/// No such partner.
pub async fn exchange(node: &Node, peer: Option<&str>) -> Result<u32, OpError> {
    let wanted = peer.map(str::to_owned);
    let keys = node
        .handle()
        .read(move |replica| match wanted {
            Some(text) => PeerName::resolve(replica, &text).map(|key| vec![key]),
            None => {
                let known = replica.peers().into_iter();
                Ok(known
                    .filter(|peer| doctor::is_known(replica, peer))
                    .map(|peer| peer.node)
                    .collect())
            }
        })
        .await??;
    let asked = keys.len() as u32;
    for key in keys {
        let handle = node.handle().clone();
        tokio::spawn(async move {
            if let Err(error) = handle.command(Command::Meet { peer: key }).await {
                tracing::info!(%error, "an exchange that was asked for did not happen");
            }
        });
    }
    Ok(asked)
}

/// The members page.
///
/// # Errors
/// The node is stopping.
pub async fn membership(node: &Node, reader: &Reader) -> Result<Membership, OpError> {
    let (account, lang) = (reader.account.clone(), reader.lang.clone());
    let membership = node.handle().read(move |replica| {
        let library = replica.library();
        let authority = library.authority();
        let account = account.and_then(|id| Account::of_session(library, &id.0).ok()?);
        let steward = account
            .is_some_and(|account| account.certificate_for(authority, Role::Steward).is_ok());
        let label = |vocabulary, code: &Option<String>| {
            code.as_ref().map(|code| choice(vocabulary, code, &lang).label)
        };
        let known: Vec<_> = authority.organisations().map(|(org, ..)| org).collect();
        let members =
            known.into_iter().filter_map(|org| governing::member(replica, org, &lang)).collect();
        let waiting = candidates(replica)
            .into_iter()
            .map(|candidate| Proposal {
                id: candidate.org.to_string(),
                name: candidate.name,
                country: label(Vocabulary::Countries, &candidate.country),
                fingerprint: grouped(&of_key(&candidate.root)),
                asked: candidate.since.map_or(0, seconds),
                approvals: candidate.approvals as u32,
                needed: candidate.needed as u32,
            })
            .collect();
        Membership { members, waiting, may_invite: steward, may_approve: steward }
    });
    Ok(membership.await?)
}
