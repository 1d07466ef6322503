//! Other nodes, and what ends by itself.

use tern_crdt::timestamp::Timestamp;

use super::facts::{Facts, Inside, PeerFacts};
use super::holdings::unseen;
use super::{Item, count};
use crate::net::Reachable;
use crate::relaying::Reaching;
use crate::router::RouterPort;

pub(super) const PEERS: &str = "peers";
pub(super) const REACH: &str = "reach";
pub(super) const ENDINGS: &str = "endings";
pub(super) const RESTORED: &str = "restored";
pub(super) const COPIED: &str = "copied";

/// A day in milliseconds.
pub(super) const DAY: i64 = 24 * 3_600 * 1_000;
/// A node that was not met for so long is worth a call.
const UNSEEN_ATTENTION: i64 = 7 * DAY;
/// Without any meeting for so long the node is on its own.
const UNSEEN_RED: i64 = 30 * DAY;
/// So many are named.
const NAMED_MAX: usize = 10;
/// Invitations that end within so long are told.
const INVITATION_SOON: i64 = 3 * DAY;

pub(super) fn peers(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(PEERS) };
    let peers = &opened.peers;
    if peers.is_empty() {
        return Item::ok(PEERS, "No other node is known here; everything works without.");
    }
    let since = |peer: &PeerFacts| peer.last.map_or(i64::MAX, |last| facts.now.since(last));
    let mut long: Vec<&PeerFacts> =
        peers.iter().filter(|peer| since(peer) > UNSEEN_ATTENTION).collect();
    if long.is_empty() {
        let all = count(peers.len() as u64, "other node", "other nodes");
        return Item::ok(PEERS, format!("{all} known here, each met within the last 7 days."));
    }
    long.sort_by_key(|peer| std::cmp::Reverse(since(peer)));
    let told: Vec<String> = long
        .iter()
        .take(NAMED_MAX)
        .map(|peer| match peer.last {
            Some(last) => format!("{}, {}", peer.name, ago(facts.now, last)),
            None => format!("{}, never", peer.name),
        })
        .collect();
    let more = match long.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let what = format!("Last met more than 7 days ago: {}{more}.", told.join("; "));
    let look = "Try `tern meet`, and call the other side; `tern peers list` shows the addresses. Forget those that are gone with `tern peers remove`.";
    if peers.iter().all(|peer| since(peer) > UNSEEN_RED) {
        let what = format!("{what} No other node was met for 30 days.");
        let look = format!(
            "See that this machine has a network and that `net.dial` allows dialling. {look}"
        );
        return Item::red(PEERS, what, look);
    }
    Item::attention(PEERS, what, look)
}

pub(super) fn reach(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(REACH) };
    let Reaching { direct, came, router, relays, relaying, slots, .. } = &opened.reaching;
    let helps = match relaying {
        true if *slots > 0 => {
            format!(" Through it {} reached.", count(*slots as u64, "member is", "members are"))
        }
        _ => String::new(),
    };
    let over = relays.join(", ");
    let told = match (over.is_empty(), direct, came) {
        (_, true, Reachable::No) => {
            let relayed = if over.is_empty() {
                String::new()
            } else {
                format!(" It is reached through {over}.")
            };
            return Item::attention(
                REACH,
                format!(
                    "This node tells where it is, but members that it asked to call it there did not get through.{relayed}"
                ),
                "See that the router passes port 4480 on and that no firewall keeps it closed, and that `net.announce` names the address of today; or leave it so: this node calls the others.",
            );
        }
        (false, ..) => {
            format!("Others reach this node through {over}, who cannot read what passes.")
        }
        (true, true, Reachable::Yes) => "Others reach this node directly.".to_owned(),
        (true, true, Reachable::Unknown) => {
            "This node tells where it is; whether others get through is not known yet.".to_owned()
        }
        (true, false, _) => {
            "Nobody reaches this node from beyond the local network; it calls the others."
                .to_owned()
        }
    };
    Item::ok(REACH, told + &of_router(router) + &helps)
}

/// What a router does for a node, where it was asked.
fn of_router(router: &RouterPort) -> String {
    match router {
        RouterPort::Off | RouterPort::Unneeded | RouterPort::Costly => String::new(),
        RouterPort::Looking => " A router that opens a port for it is being looked for.".to_owned(),
        RouterPort::Nobody => " No router opens a port for it when asked.".to_owned(),
        RouterPort::Inside => {
            " The router opens ports, but has no address of the world itself.".to_owned()
        }
        RouterPort::Refused(why) => format!(" The router was asked for a port, but {why}."),
        RouterPort::Open(_) => " The router passes its port on, as it was asked to.".to_owned(),
    }
}

pub(super) fn endings(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(ENDINGS) };
    let endings = &opened.endings;
    let soon = |end: &&Timestamp| {
        let left = end.since(facts.now);
        (0..INVITATION_SOON).contains(&left)
    };
    let invitations = endings.invitations.iter().filter(soon).count() as u64;
    let scope = "Looked at: certificates and expert cards of people here, and open invitations; sign-in links end after 15 minutes and are not looked at.";
    if endings.certificates > 0 {
        let what = count(endings.certificates, "certificate here ends", "certificates here end");
        return Item::attention(
            ENDINGS,
            format!(
                "{what} within about 4 weeks, counted by the federation's beacons; what it signed stays valid. {scope}"
            ),
            "`tern cert list` shows which. Who goes on is granted the roles again: `tern cert grant NAME --role ROLE --until WEEKS`, or without an end.",
        );
    }
    if endings.cards_due > 0 {
        let what = count(endings.cards_due, "expert card ends", "expert cards end");
        return Item::attention(
            ENDINGS,
            format!("{what} soon or has ended, so that nobody is matched with it. {scope}"),
            "The person signs it again: `tern expert resume`, or on the page of their card.",
        );
    }
    if invitations > 0 {
        let what = count(invitations, "open invitation ends", "open invitations end");
        return Item::attention(
            ENDINGS,
            format!("{what} within 3 days. {scope}"),
            "If the organisation still wants to join, send it a new one: `tern invite`.",
        );
    }
    Item::ok(ENDINGS, format!("Nothing ends soon. {scope}"))
}

pub(super) fn restored(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(RESTORED) };
    let Some(at) = opened.catching_up else {
        return Item::ok(RESTORED, "It waits for no first meeting after a restored backup.");
    };
    let how = if opened.found_later {
        "It was put back to an earlier state, as was noticed"
    } else {
        "It was restored from a backup,"
    };
    let what = format!(
        "{how} {}, and has met no other member since: it signs nothing.",
        ago(facts.now, at)
    );
    Item::attention(
        RESTORED,
        what,
        "Let it connect, or run `tern meet`. Only if there is nobody to meet: `tern resume`.",
    )
}

pub(super) fn copied(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(COPIED) };
    let Some((at, by)) = &opened.copied else {
        return Item::ok(COPIED, "Nobody has noticed a second node with this node's key.");
    };
    let what = format!(
        "Two nodes run with this node's key: {by} noticed it {}. Both go on working; nothing is lost.",
        ago(facts.now, *at)
    );
    Item::attention(
        COPIED,
        what,
        "Stop one of the two for good, and say so on the other: `tern copied --cleared`. If both are needed, stop one and give it a key of its own: `tern copied --new-key`.",
    )
}

/// How long ago, in days.
pub(super) fn ago(now: Timestamp, at: Timestamp) -> String {
    match now.since(at).div_euclid(DAY) {
        ..0 => "at a time that lies ahead".to_owned(),
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}
