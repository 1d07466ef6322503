//! What the node holds: its store, its index, its keys, and the copy of them.

use super::facts::{Facts, Inside, Opened};
use super::{Item, count};
use crate::store::journal;

pub(super) const FORMAT: &str = "format";
pub(super) const NODE: &str = "node";
pub(super) const STORE: &str = "store";
pub(super) const INDEX: &str = "index";
pub(super) const KEYS: &str = "keys";
pub(super) const BACKUP: &str = "backup";

/// A backup older than this is no backup of today's work: 30 days.
const BACKUP_AGE_MAX: i64 = 30 * super::others::DAY;

/// The line of a check that an open node alone can answer, while it is closed.
pub(super) fn unseen(check: &'static str) -> Item {
    Item::attention(
        check,
        "Not looked at: the node does not open.",
        "See the line of the node first.",
    )
}

fn opened(facts: &Facts) -> Option<&Opened> {
    match &facts.inside {
        Inside::Open(opened) => Some(opened),
        Inside::Closed(_) => None,
    }
}

pub(super) fn format(facts: &Facts) -> Item {
    let version = env!("CARGO_PKG_VERSION");
    match facts.layout {
        Some(layout) if layout > journal::LAYOUT => Item::red(
            FORMAT,
            format!(
                "The store has layout {layout}; this version ({version}) reads {}.",
                journal::LAYOUT
            ),
            "A newer version wrote it: install that one again. Nothing is lost.",
        ),
        Some(layout) => {
            Item::ok(FORMAT, format!("Version {version}; the store has layout {layout}."))
        }
        None => Item::red(
            FORMAT,
            format!("Version {version}; no journal that can be read is in the store."),
            "Keep the folder as it is, and restore a backup into an empty one.",
        ),
    }
}

pub(super) fn node(facts: &Facts) -> Item {
    match &facts.inside {
        Inside::Open(opened) if opened.serving => Item::ok(NODE, "The node runs and answers."),
        Inside::Open(_) => {
            Item::ok(NODE, "The node is stopped, and was opened without a fault to be looked at.")
        }
        Inside::Closed(why) => Item::red(
            NODE,
            format!("The node does not open or does not answer: {why}."),
            "If it runs, see its log and start it again; if not, do what the sentence says. Keep the folder as it is, and restore a backup into an empty one if nothing helps.",
        ),
    }
}

pub(super) fn store(facts: &Facts) -> Item {
    let Some(opened) = opened(facts) else { return unseen(STORE) };
    if !opened.usable {
        return Item::red(
            STORE,
            "The store takes no commits: an earlier write failed.",
            "Look at the disk and at the log; the node opens the store anew by itself, or start it again.",
        );
    }
    if opened.damaged > 0 {
        let what = count(opened.damaged, "stored thing", "stored things");
        return Item::red(
            STORE,
            format!("{what} could not be read any more since the start."),
            "Run `tern check` to see which, and look at the disk's health.",
        );
    }
    if facts.aside {
        return Item::attention(
            STORE,
            "The store's index failed once and was made anew; the old one was set aside. Nothing was lost.",
            "Look at the disk's health. Then delete `store/index.aside` in the data folder.",
        );
    }
    Item::ok(STORE, "The store takes commits, and nothing in it was found damaged.")
}

pub(super) fn index(facts: &Facts) -> Item {
    let Some(opened) = opened(facts) else { return unseen(INDEX) };
    let progress = opened.progress;
    if !opened.index_open {
        return Item::red(
            INDEX,
            "The search index is not kept: searches miss what is new.",
            "See the log and start the node again; the folder `index` can be deleted while it is stopped, and is made anew.",
        );
    }
    let found = count(progress.indexed, "practice is found", "practices are found");
    let hidden = match progress.quarantined {
        0 => String::new(),
        held => format!(
            " {} held and do not count, so that nobody finds them.",
            count(held, "more is", "more are")
        ),
    };
    if opened.index_rebuilt {
        return Item::attention(
            INDEX,
            format!(
                "The search index could not be read at the start and is made anew; {found} so far."
            ),
            "Nothing has to be done. If it happens again, look at the disk's health.",
        );
    }
    if opened.serving && progress.building {
        let waiting = count(progress.waiting, "practice waits", "practices wait");
        return Item::ok(INDEX, format!("Searches work: {found}, {waiting} to be put in."));
    }
    Item::ok(INDEX, format!("Searches work: {found}.{hidden}"))
}

pub(super) fn keys(facts: &Facts) -> Item {
    let keys = match &facts.keys {
        Err(why) => {
            return Item::red(
                KEYS,
                format!("The keys cannot be listed: {why}."),
                "See that the folder `keys` is there and can be read, or put it back from a backup.",
            );
        }
        Ok(keys) => keys,
    };
    if keys.damaged > 0 {
        let what = count(keys.damaged, "file of a key is", "files of keys are");
        return Item::red(KEYS, format!("{what} damaged."), "Put them back from a backup.");
    }
    let locked = opened(facts).filter(|opened| opened.serving).map_or(0, |opened| opened.locked);
    if locked > 0 {
        let what = count(locked, "key that reads requests waits", "keys that read requests wait");
        return Item::attention(
            KEYS,
            format!("{what} for a passphrase: requests may lie here unread."),
            "Run `tern request open`, or open the requests in a browser, after every start.",
        );
    }
    let (wrapped, plain) = (keys.wrapped, keys.plain);
    if plain > 0 {
        let what = count(plain, "key has", "keys have");
        return Item::attention(
            KEYS,
            format!(
                "{what} no passphrase, {wrapped} have one: whoever can read the data folder can sign with those that have none."
            ),
            "Keep the data folder on an encrypted disk. A passphrase is given when a key is made: `--passphrase-file` of `tern init`, `join` and `account add`.",
        );
    }
    Item::ok(KEYS, format!("All {wrapped} keys of people and the organisation have a passphrase."))
}

pub(super) fn backup(facts: &Facts) -> Item {
    let own = opened(facts).map(|opened| opened.own_practice);
    let make = "Make one now with `tern backup FILE`, keep it on another disk, and let it be made every night.";
    let backup = match &facts.backup {
        Err(why) => {
            let what = format!("What is noted of the last backup cannot be read: {why}.");
            return Item::attention(BACKUP, what, make);
        }
        Ok(backup) => backup,
    };
    match backup {
        None if own == Some(true) => Item::red(
            BACKUP,
            "No backup was ever made, and practices of this organisation are here.",
            make,
        ),
        None => Item::attention(
            BACKUP,
            "No backup was ever made: keys and accounts are on this disk alone.",
            make,
        ),
        Some(backup) => {
            let age = facts.now.since(backup.at);
            let made = super::others::ago(facts.now, backup.at);
            if age > BACKUP_AGE_MAX {
                return Item::red(BACKUP, format!("The last backup was made {made}."), make);
            }
            Item::ok(BACKUP, format!("The last backup was made {made}."))
        }
    }
}
