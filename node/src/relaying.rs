//! Who relays for whom: what the settings, the links' cost and the roster come to.
//!
//! A node that can be reached, and whose links cost nothing, relays for members;
//! one that cannot be reached lets itself be reached over two of them, and says so
//! where it says where it is. A node whose links cost money does neither unless it
//! is told to: it is a link that stays open. Relaying itself is the network's.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tern_crdt::identity::PublicKey;
use tern_protocol::limits::ADDRESS_BYTES_MAX;
use tern_protocol::reach::{self, Reach, is_relayed, reach};
use tern_protocol::step::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::config::{Reached, Settings};
use crate::handle::NodeReplica;
use crate::net::{Company, Net, Reachable, relayed_address};
use crate::operator::name_of;
use crate::ops::OpError;
use crate::router::RouterPort;
use crate::running::{Mode, Node};

/// How often it is looked whether anything changed that nobody tells.
const LOOKS: Duration = Duration::from_secs(60);
/// So long a relay is still told of after it was lost, so that its restart is no
/// news for everybody; and so long a node that was started looks for one.
const GRACE: Duration = Duration::from_secs(15 * 60);
const START: Duration = Duration::from_secs(2 * 60);
/// Of one relay so many addresses are told.
const OF_RELAY_MAX: usize = 2;

/// Relays over which this node was reached lately, and when that was.
#[derive(Default, Debug)]
pub(crate) struct Lately(BTreeMap<PublicKey, Instant>);

impl Lately {
    fn note(&mut self, held: &[PublicKey], now: Instant) -> Vec<PublicKey> {
        self.0.extend(held.iter().map(|relay| (*relay, now)));
        self.0.retain(|_, at| now.duration_since(*at) < GRACE);
        self.0.keys().copied().collect()
    }
}

/// Whether others reach a node, as far as its addresses tell: the operator says
/// so, or it listens on one of the world.
pub(crate) fn is_reachable(announced: &[String], listening: &[String]) -> bool {
    let world = |address: &String| reach(address) == Some(Reach::World);
    !announced.is_empty() || listening.iter().any(world)
}

/// What the network is told.
fn company(replica: &NodeReplica, settings: &Settings, mode: Mode, reachable: bool) -> Company {
    let authority = replica.library().authority();
    let keys = authority.certificates().map(|(_, granted)| granted.certificate.key);
    let others = keys.filter(|key| *key != replica.node() && authority.node(key).is_some());
    let told = |key| {
        let told = replica.library().node_address(&key);
        (key, told.map(|told| told.addresses.clone()).unwrap_or_default())
    };
    let members: BTreeMap<PublicKey, Vec<String>> = others.map(told).collect();
    let own = replica.library().node_address(&replica.node());
    // Elsewhere an address of a network is somebody else's machine.
    let world = |at: &String| reach(at) == Some(Reach::World) && !is_relayed(at);
    let tells = own.is_some_and(|own| own.addresses.iter().any(world));
    let serving = mode == Mode::Serving && !replica.is_joining();
    let costly = replica.tariff().class.is_costly();
    Company {
        members,
        relays: serving && settings.relay && reachable && !costly,
        seeks: serving
            && match settings.relayed {
                Reached::Auto => !reachable && !costly,
                Reached::Always => true,
                Reached::Never => false,
            },
        tells: serving && tells && !costly,
        calls: serving && !costly,
        punches: serving && !costly && settings.proxy.is_none(),
    }
}

impl Node {
    /// Tells the network whom to relay for, and whether to seek relays.
    ///
    /// # Errors
    /// The node is stopping.
    pub(crate) async fn keep_company(&self) -> Result<(), OpError> {
        let Some(net) = self.net() else { return Ok(()) };
        let (settings, mode, reachable) =
            (self.settings().clone(), self.mode(), self.is_reachable());
        let look = move |replica: &NodeReplica| company(replica, &settings, mode, reachable);
        net.keep_company(self.handle().read(look).await?);
        Ok(())
    }

    /// Whether others reach this node directly, as far as that is known: its
    /// addresses tell so, and no call that was asked for failed to come.
    pub(crate) fn is_reachable(&self) -> bool {
        let told = is_reachable(&self.announced(), &self.listening());
        told && self.net().map(Net::reachable) != Some(Reachable::No)
    }

    /// Where this node is, for a record that every member holds: its own
    /// addresses, and those over relays. `None` while it looks for one.
    ///
    /// # Errors
    /// The node is stopping.
    pub(crate) async fn addresses_to_tell(&self) -> Result<Option<Vec<String>>, OpError> {
        let relays = self.relays();
        let lately = self.lately().note(&relays, Instant::now());
        let early = relays.is_empty() && self.started().elapsed() < START;
        let looks = move |replica: &NodeReplica| {
            let told = replica.library().node_address(&replica.node());
            let over_relay = |address: &String| is_relayed(address);
            let relayed = told.is_some_and(|told| told.addresses.iter().any(over_relay));
            let places = lately.into_iter().flat_map(|relay| over(replica, relay));
            (relayed && early, places.collect::<Vec<_>>())
        };
        let (waits, over_relays) = self.handle().read(looks).await?;
        // A relay that was found before is likely to be found again.
        if waits && self.settings().relayed != Reached::Never && !self.is_reachable() {
            return Ok(None);
        }
        let direct = reach::for_record(&self.announced(), &self.listening());
        Ok(Some(reach::with_relayed(direct, over_relays)))
    }
}

impl Node {
    /// Where somebody who was invited finds this node: as [`reach::for_invitation`]
    /// says, and, where nobody may get through to that, over the relays that keep a
    /// slot for it now, one address of each before a second one of any.
    ///
    /// # Errors
    /// The node is stopping.
    pub(crate) async fn addresses_to_invite(&self) -> Result<Vec<String>, OpError> {
        let direct = reach::for_invitation(&self.announced(), &self.listening());
        let relays = self.relays();
        if relays.is_empty() || self.is_reachable() {
            return Ok(direct);
        }
        let places = move |replica: &NodeReplica| -> Vec<Vec<String>> {
            relays.iter().map(|relay| over(replica, *relay)).collect()
        };
        let places = self.handle().read(places).await?;
        let in_turn = (0..OF_RELAY_MAX)
            .flat_map(|turn| places.iter().filter_map(move |of_relay| of_relay.get(turn)));
        Ok(reach::with_relayed(direct, in_turn.cloned().collect()))
    }
}

/// How others reach a node, and how it helps them to reach each other.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reaching {
    /// Whether it has an address that others can use, as far as that tells.
    pub direct: bool,
    /// Whether somebody has come by it, or did not although asked to.
    pub came: Reachable,
    /// How it stands with a port of the router.
    pub router: RouterPort,
    /// Whether it seeks relays.
    pub seeks: bool,
    /// Over whose relays it is reached, by name.
    pub relays: Vec<String>,
    /// Whether it relays for members.
    pub relaying: bool,
    /// For how many it does.
    pub slots: usize,
    /// How many connections it relays.
    pub links: usize,
}

impl Reaching {
    /// With the names of others as `shown` has them.
    pub(crate) fn shown(self, shown: fn(String) -> String) -> Self {
        Self { relays: self.relays.into_iter().map(shown).collect(), ..self }
    }

    /// `{direct, came, router, seeks, relays[], relaying{for_members, slots, links}}`.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "direct": self.direct, "seeks": self.seeks,
            "came": match self.came {
                Reachable::Unknown => Value::Null,
                Reachable::Yes => json!(true),
                Reachable::No => json!(false),
            },
            "router": self.router.to_json(),
            "relays": self.relays,
            "relaying": {
                "for_members": self.relaying, "slots": self.slots, "links": self.links,
            },
        })
    }
}

impl Node {
    /// How others reach this node.
    ///
    /// # Errors
    /// The node is stopping.
    pub(crate) async fn reaching(&self) -> Result<Reaching, OpError> {
        let relays = self.relays();
        let names = move |replica: &NodeReplica| -> Vec<String> {
            relays.iter().map(|relay| name_of(replica, relay)).collect()
        };
        let relays = self.handle().read(names).await?;
        let (relaying, seeks) = self.net().map(Net::keeps).unwrap_or_default();
        let (slots, links) = self.net().map(Net::relayed).unwrap_or_default();
        let came = self.net().map(Net::reachable).unwrap_or_default();
        let direct = is_reachable(&self.announced(), &self.listening());
        let router = self.router().standing();
        Ok(Reaching { direct, came, router, seeks, relays, relaying, slots, links })
    }
}

/// The addresses of this node over a relay: by what the relay tells of itself.
fn over(replica: &NodeReplica, relay: PublicKey) -> Vec<String> {
    let told = replica.library().node_address(&relay);
    let own = told.into_iter().flat_map(|told| &told.addresses).filter(|at| !is_relayed(at));
    let over = own.map(|address| relayed_address(address, relay));
    over.filter(|address| address.len() <= ADDRESS_BYTES_MAX).take(OF_RELAY_MAX).collect()
}

/// Looks after it for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let mut events = open.handle().events();
    let mut listening = open.watch_listening();
    let mut router = open.router().watch();
    let mut reachable = open.net().map(Net::watch_reachable);
    drop(open);
    let mut ticks = tokio::time::interval(LOOKS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = listening.changed() => {}
            Ok(()) = router.changed() => {}
            Some(()) = changed(&mut reachable) => {}
            event = events.recv() => match event {
                Ok(Event::Members | Event::Joined) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
        }
        let Some(node) = node.upgrade() else { return };
        if node.keep_company().await.is_err() {
            return;
        }
    }
}

/// When it is known anew whether others get through; `None` if never again.
async fn changed(reachable: &mut Option<watch::Receiver<Reachable>>) -> Option<()> {
    reachable.as_mut()?.changed().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_restarts_is_told_of_all_the_while() {
        let (niger, nepal) = (PublicKey::new([1; 32]), PublicKey::new([2; 32]));
        let (mut lately, start) = (Lately::default(), Instant::now());
        assert_eq!(lately.note(&[niger], start), [niger]);
        let soon = start + Duration::from_secs(60);
        assert_eq!(lately.note(&[], soon), [niger], "it may be back in a minute");
        assert_eq!(lately.note(&[nepal], soon), [niger, nepal]);
        assert_eq!(lately.note(&[nepal], start + GRACE), [nepal], "it is gone");
    }

    #[test]
    fn a_node_is_reachable_where_somebody_says_so_or_the_address_does() {
        let list = |address: &str| vec![address.to_owned()];
        let hub = list("/dns4/hub.example.org/tcp/4480");
        assert!(!is_reachable(&[], &list("/ip4/10.0.0.2/tcp/4480")));
        assert!(!is_reachable(&[], &[]));
        assert!(is_reachable(&[], &list("/ip4/192.0.2.7/tcp/4480")));
        assert!(is_reachable(&hub, &[]));
    }
}
