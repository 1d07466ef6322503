//! The machine: its clock, its disk, its ports, and the settings.

use tern_crdt::timestamp::Timestamp;

use super::facts::{Facts, Inside, PortState, Ports};
use super::holdings::unseen;
use super::{Item, count};
use crate::links::MEGABYTE;

pub(super) const CLOCK: &str = "clock";
pub(super) const SPACE: &str = "disk";
pub(super) const WRITING: &str = "writing";
pub(super) const PERMISSIONS: &str = "permissions";
pub(super) const PORTS: &str = "ports";
pub(super) const MEMORY: &str = "memory";
pub(super) const SETTINGS: &str = "settings";

/// No clock that goes right shows a moment before this version was made:
/// 2026-11-01.
pub(super) const RELEASED: Timestamp = Timestamp(1_793_491_200_000);
/// A clock that shows a moment so long after that is fast, or this version is
/// much too old.
const OLD: i64 = 5 * 365 * 24 * 3_600 * 1_000;
/// Clocks of two organisations may differ by this much.
const DRIFT_MAX: i64 = 10 * 60 * 1_000;
/// With less free space than this nothing may be kept soon.
pub(crate) const FREE_RED: u64 = 100_000_000;
/// With less than this somebody should look.
pub(super) const FREE_ATTENTION: u64 = 1_000_000_000;
/// A disk that takes longer than this for 4 kB makes everybody wait.
const SYNC_SLOW: std::time::Duration = std::time::Duration::from_secs(1);

/// Memory of which so many hundredths are used is nearly all.
const MEMORY_NEARLY: u64 = 90;

/// Whether a clock that shows this may be right, as far as this version can
/// tell. What cannot be right decides nothing.
pub(crate) fn may_be_right(shown: Timestamp) -> bool {
    (0..OLD).contains(&shown.since(RELEASED))
}

pub(super) fn clock(facts: &Facts) -> Item {
    let shown = crate::moment::rfc3339(facts.now);
    let set = "Set the machine's clock, and let it follow a time server (NTP) or a radio clock; times that were signed meanwhile stay as they are.";
    if facts.now < RELEASED {
        let what = format!("The clock shows {shown}, which is before this version was made.");
        return Item::red(CLOCK, what, set);
    }
    if !may_be_right(facts.now) {
        let what = format!(
            "The clock shows {shown}, which is more than five years after this version was made."
        );
        let or = format!("{set} If it is right, take a newer version.");
        return Item::attention(CLOCK, what, or);
    }
    let claimed = match &facts.inside {
        Inside::Open(opened) => opened.claimed,
        Inside::Closed(_) => None,
    };
    match claimed {
        Some(claimed) if claimed.since(facts.now) > DRIFT_MAX => {
            let claimed = crate::moment::rfc3339(claimed);
            let what = format!(
                "The clock shows {shown}, and somebody of another organisation signed something at {claimed}: this clock is late, or that one is fast."
            );
            Item::attention(CLOCK, what, set)
        }
        Some(_) => {
            let what = format!("The clock shows {shown}; nothing that others signed is later.");
            Item::ok(CLOCK, what)
        }
        None => {
            let what = format!(
                "The clock shows {shown}, after this version was made. Whether others' clocks agree is not known."
            );
            Item::ok(CLOCK, what)
        }
    }
}

pub(super) fn space(facts: &Facts) -> Item {
    let free_up = "Free some space, or move the data folder to a larger disk: stop the node, copy the folder, start it with --data.";
    match facts.free {
        None => Item::attention(
            SPACE,
            "The system does not tell how much space is free.",
            "Look at the disk of the data folder by other means.",
        ),
        Some(free) if free < FREE_RED => {
            let what = format!(
                "Only {} are free: soon nothing more can be kept. What is confirmed is safe.",
                megabytes(free)
            );
            Item::red(SPACE, what, free_up)
        }
        Some(free) if free < FREE_ATTENTION => {
            Item::attention(SPACE, format!("{} are free.", megabytes(free)), free_up)
        }
        Some(free) => Item::ok(SPACE, format!("{} are free.", megabytes(free))),
    }
}

pub(super) fn writing(facts: &Facts) -> Item {
    match &facts.written {
        Err(why) => Item::red(
            WRITING,
            format!("The data folder cannot be written to: {why}."),
            "See that the disk is mounted for writing, has space, and that the folder belongs to the user who runs the node.",
        ),
        Ok(time) if *time > SYNC_SLOW => Item::attention(
            WRITING,
            format!("A small file took {:.1} seconds to be durable.", time.as_secs_f64()),
            "Look at the disk's health (for instance with smartctl); everybody who writes waits for it.",
        ),
        Ok(time) => {
            let what = format!("A small file is durable after {} ms.", time.as_millis());
            Item::ok(WRITING, what)
        }
    }
}

pub(super) fn permissions(facts: &Facts) -> Item {
    if facts.exposed.is_empty() {
        return Item::ok(PERMISSIONS, "Only the owner can enter the data folder.");
    }
    let what = format!("Others on this machine can enter or read: {}.", facts.exposed.join(", "));
    Item::red(
        PERMISSIONS,
        what,
        "Run `chmod -R go-rwx` on the data folder. If somebody may have read the keys, replace them.",
    )
}

pub(super) fn ports(facts: &Facts) -> Item {
    self::told_of(&facts.ports)
}

/// The line of ports alone: whoever tried them before the node was opened puts
/// it in place of the other.
pub(crate) fn told_of(ports: &Ports) -> Item {
    let tried = match ports {
        Ports::Unknown => {
            return Item::ok(PORTS, "Whether the ports are free was not tried.");
        }
        Ports::Serving { listening: 0, asked, .. } if *asked > 0 => {
            return Item::red(
                PORTS,
                "The node listens on no address: no other node can reach it.",
                "See its log and `net.listen` in the settings, then start it again.",
            );
        }
        Ports::Serving { http, listening, .. } => {
            let addresses = count(*listening, "address", "addresses");
            let what = format!("Pages answer at {http}; other nodes are awaited on {addresses}.");
            return Item::ok(PORTS, what);
        }
        Ports::Stopped(tried) => tried,
    };
    let not_free: Vec<String> = tried
        .iter()
        .filter_map(|(address, state)| match state {
            PortState::Free => None,
            PortState::Taken => Some(format!("{address} is in use by something else")),
            PortState::Refused(why) => Some(format!("{address} is refused: {why}")),
        })
        .collect();
    if not_free.is_empty() {
        return Item::ok(PORTS, "The node is stopped, and the ports of its settings are free.");
    }
    let what = format!("The node is stopped and could not start: {}.", not_free.join("; "));
    Item::red(
        PORTS,
        what,
        "Stop what uses the port (`ss -tulpn` shows it), or choose others: `http` and `net.listen` in tern.toml.",
    )
}

pub(super) fn memory(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(MEMORY) };
    let (Some(used), Some(max)) = opened.memory else {
        return Item::ok(MEMORY, "This system does not tell how much memory is used.");
    };
    let megabytes = |bytes: u64| bytes / MEGABYTE;
    let told = format!(
        "This program uses {} MB of memory, of {} MB above which no other node is let in",
        megabytes(used),
        megabytes(max)
    );
    let advice = "Restart the node when nobody needs it, and see whether that helps; give the machine more memory, or set `net.memory_mb` higher where there is more.";
    if used > max {
        let what = format!("{told}: none is now.");
        return Item::attention(MEMORY, what, advice);
    }
    if used / MEMORY_NEARLY >= max / 100 {
        return Item::attention(MEMORY, format!("{told}: that is nearly all."), advice);
    }
    Item::ok(MEMORY, told + ".")
}

pub(super) fn settings(facts: &Facts) -> Item {
    if facts.warnings.is_empty() {
        return Item::ok(SETTINGS, "Every setting is understood.");
    }
    let what: Vec<String> = facts.warnings.iter().map(|warning| sentence(warning)).collect();
    Item::attention(
        SETTINGS,
        what.join(" "),
        "`tern config check` shows what is in force; deploy/tern.toml lists every setting.",
    )
}

/// With a capital first and a full stop last.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[allow(clippy::cast_precision_loss)] // shown with one decimal
fn megabytes(bytes: u64) -> String {
    if bytes < 1_000_000_000 {
        format!("{} MB", bytes / 1_000_000)
    } else {
        format!("{:.1} GB", bytes as f64 / 1e9)
    }
}
